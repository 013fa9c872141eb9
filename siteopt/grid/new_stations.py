"""Stations that may be built: 345 kV stations looped into lines that stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

if TYPE_CHECKING:
    import geopandas as gpd

    from siteopt.layers.protocols import LayersLike

__all__ = ["NEW_STATION_KV", "new_stations", "points_of_stations"]

NEW_STATION_KV: Final = 345.0
"""The one level of a new station: its 154 kV side draws on the same headroom."""


def new_stations(layers: LayersLike) -> gpd.GeoDataFrame:
    """Return the possible stations in order of id, EPSG:5179: ``station_id`` and its place."""
    return layers.vector("new_stations").sort_values("station_id", ignore_index=True)


def points_of_stations(layers: LayersLike) -> gpd.GeoDataFrame:
    """Return stations that stand and those that may be built, indexed by ``station_id``.

    Returns
    -------
    GeoDataFrame
        EPSG:5179: ``name_ko, name_en, province_code, district_code`` and the point.
    """
    columns = ["station_id", "name_ko", "name_en", "province_code", "district_code", "geometry"]
    standing = layers.vector("stations").reindex(columns=columns)
    possible = layers.vector("new_stations").reindex(columns=columns)
    both = pd.concat([standing, possible], ignore_index=True)
    both["station_id"] = both["station_id"].astype(str)
    return both.set_index("station_id")
