"""Tables of a finished run as GeoDataFrames in EPSG:5179, read from its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from siteopt._csv import read_csv
from siteopt._file_names import SITES
from siteopt._ownership import plain_bytes
from siteopt._temporary import temporary_folder
from siteopt.errors import LayerFileError
from siteopt.lattice import CRS_EPSG
from siteopt.layers.opening import reading

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

__all__ = ["fed_stations", "option_points", "route_lines", "site_points"]

_LINES: Final = "connections"
_TEXTS: Final = ("closed_by", "gate", "second_station_id", "site_rule", "works", "area_id", "basin")


def site_points(ranking: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the ranking with the point of each site, best first.

    Parameters
    ----------
    ranking : DataFrame
        ``ranking.csv``: ``x_m`` and ``y_m`` are in EPSG:5179.
    """
    return _at_their_points(ranking)


def option_points(content: bytes) -> gpd.GeoDataFrame:
    """Return the connection options with the point of their site.

    Parameters
    ----------
    content : bytes
        ``options.csv`` of a run.
    """
    names = content.decode("utf-8-sig").partition("\n")[0].strip().split(",")
    texts = {name: "string" for name in names if name.endswith(("_id", "_code")) or name in _TEXTS}
    return _at_their_points(read_csv(content, texts))


def _at_their_points(table: pd.DataFrame) -> gpd.GeoDataFrame:
    x_m, y_m = (table[name].to_numpy(dtype=np.float64) for name in ("x_m", "y_m"))
    known = np.isfinite(x_m) & np.isfinite(y_m)
    points = np.full(len(table), None, dtype=object)
    points[known] = shapely.points(x_m[known], y_m[known])
    return gpd.GeoDataFrame(table.copy(), geometry=points, crs=CRS_EPSG)


def route_lines(path: Path) -> gpd.GeoDataFrame:
    """Return the lines of the connections, from ``sites.gpkg``.

    A GIS program writes into a GeoPackage that it opens, so its bytes need not be the run's.

    Parameters
    ----------
    path : Path
        The GeoPackage.

    Raises
    ------
    LayerFileError
        If it is not there: a brief run has none.
    """
    try:
        content = plain_bytes(path)
    except OSError as error:
        raise LayerFileError(
            f"{path}: the run is brief or not whole ({SITES} is missing); run again without --brief"
        ) from error
    with reading(path, "gpkg"), temporary_folder() as folder:
        (folder / SITES).write_bytes(content)
        lines = pyogrio.read_dataframe(folder / SITES, layer=_LINES)
    return lines.to_crs(CRS_EPSG)


def fed_stations(
    ranking: pd.DataFrame,
    options: pd.DataFrame,
    routes: gpd.GeoDataFrame,
    limits: list[Mapping[str, Any]],
) -> gpd.GeoDataFrame:
    """Return the stations that serve some site, with their headroom and what the plan uses.

    A station stands where the line of a connection ends; it has no point where only options that
    no ranked site is costed with reach it.

    Parameters
    ----------
    ranking, options, routes
        Of the run.
    limits : list of mapping
        ``limits`` of ``portfolio.json``.

    Returns
    -------
    GeoDataFrame
        EPSG:5179, one row a station and voltage: ``station_id``, ``station_kv``, ``name_ko``,
        ``name_en``, ``headroom_mw``, ``area_id``, ``sites`` (that have an option there),
        ``used_mw``, ``available_mw`` (headroom with works), point.
    """
    keys = ["station_id", "station_kv"]
    there = options[options["station_id"].notna()]
    grouped = there.groupby(keys, sort=True)
    table = grouped.agg(
        headroom_mw=("headroom_mw", "first"),
        area_id=("area_id", "first"),
        sites=("site_id", "nunique"),
    ).reset_index()
    names: dict[str, tuple[str, str]] = {}
    for head in ("second_", ""):
        columns = [f"{head}station_id", f"{head}station_name_ko", f"{head}station_name_en"]
        if set(columns) <= set(ranking.columns):
            known = ranking[columns].dropna(subset=columns[:1])
            names |= {str(one[0]): (one[1], one[2]) for one in known.itertuples(index=False)}
    for place, column in enumerate(("name_ko", "name_en")):
        table[column] = [names.get(str(one), ("", ""))[place] for one in table["station_id"]]
    limit = {str(one["limit"]): one for one in limits if one["family"] == "stations"}
    met = [
        limit.get(f"{station} {kv:g} kV", {})
        for station, kv in zip(table["station_id"], table["station_kv"], strict=True)
    ]
    table["used_mw"] = [float(one.get("used") or 0.0) for one in met]
    table["available_mw"] = [
        float(np.nan if one.get("at_most") is None else one["at_most"]) for one in met
    ]
    ends = _ends(routes)
    points = [ends.get(str(one)) for one in table["station_id"]]
    order = [
        *keys,
        "name_ko",
        "name_en",
        "headroom_mw",
        "available_mw",
        "used_mw",
        "sites",
        "area_id",
    ]
    return gpd.GeoDataFrame(table[order], geometry=points, crs=CRS_EPSG)


def _ends(routes: gpd.GeoDataFrame) -> dict[str, shapely.Point]:
    """Return the point at which the last stretch to each station ends."""
    last = routes.sort_values(["site_id", "feed", "stretch"]).drop_duplicates(
        ["site_id", "feed"], keep="last"
    )
    return {
        str(station): shapely.Point(shapely.get_coordinates(line)[-1])
        for station, line in zip(last["station_id"], last.geometry, strict=True)
    }
