"""Stations that connect customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siteopt.layers.station_kinds import serves_customers

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["connectable"]


def connectable(stations: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the stations that can serve a customer, in their order.

    Parameters
    ----------
    stations : GeoDataFrame
        The layer ``stations``; :func:`siteopt.layers.station_kinds.serves_customers`
        defines which kinds count.
    """
    return stations[serves_customers(stations)]
