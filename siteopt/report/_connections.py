"""Connection routes of the sites, for the map and the files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from siteopt.lattice import DEGREES_EPSG
from siteopt.report._base import encoded

if TYPE_CHECKING:
    import geopandas as gpd

    from siteopt.report._protocols import RoutesLike
    from siteopt.report.run_tables import RunTables

__all__ = ["LETTERS", "connection_lines", "connection_records", "connection_texts"]

LETTERS: Final = {
    (1, "overhead"): "o", (1, "underground"): "u", (2, "overhead"): "p", (2, "underground"): "v",
}  # fmt: skip
"""Feeds and kinds of stretches, a letter each in the map's data."""

_DEGREE_DECIMALS: Final = 5
_KM_DECIMALS: Final = 3
_COLUMNS: Final = (
    "site_id", "rank", "chosen", "option_id", "feed", "station_id", "voltage_kv", "stretch", "kind",
    "length_km", "geometry",
)  # fmt: skip


def connection_lines(tables: RunTables, ranking: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the stretches of the connection that the ranking costs each site with.

    Parameters
    ----------
    tables : RunTables
        The finished run.
    ranking : DataFrame
        Its `ranking_table`, or the first rows of it.

    Returns
    -------
    GeoDataFrame
        EPSG:5179, in the order of the ranking and then from the site to the station, the first
        feed before the second: ``site_id``, ``rank``, ``chosen``, ``option_id``, ``feed`` (1, or
        2 for a second one), ``station_id`` of the feed, ``voltage_kv``, ``stretch``, ``kind``
        (overhead or underground), ``length_km`` of the route, and the line, generalised.
    """
    ranked = ranking.loc[ranking["option_id"].notna()].reset_index(drop=True)
    lines = _feed(tables, tables.routes, ranked, 1, "station_id")
    if tables.second_routes is None:
        return lines[list(_COLUMNS)]
    twice = ranked[ranked["second_station_id"].fillna("").astype(str) != ""]
    second = _feed(tables, tables.second_routes, twice, 2, "second_station_id")
    both = pd.concat([lines, second], ignore_index=True)
    place = {name: at for at, name in enumerate(ranked["site_id"])}
    order = np.lexsort((both["stretch"], both["feed"], both["site_id"].map(place)))
    return both.iloc[order].reset_index(drop=True)[list(_COLUMNS)]


def _feed(
    tables: RunTables, routes: RoutesLike, ranked: pd.DataFrame, feed: int, station: str
) -> gpd.GeoDataFrame:
    """Return the stretches of one feed of some sites."""
    options = pd.Index(tables.options["option_id"].astype(str))
    rows = options.get_indexer(pd.Index(ranked["option_id"].astype(str))).tolist()
    lines = routes.stretches(rows)
    of_site = ranked.iloc[pd.Index(rows).get_indexer(lines["row"])].reset_index(drop=True)
    for name in ("site_id", "rank", "chosen", "option_id", "voltage_kv"):
        lines[name] = of_site[name]
    return lines.assign(station_id=of_site[station], feed=feed)


def connection_texts(lines: gpd.GeoDataFrame, sites: pd.Series[Any]) -> list[list[Any] | None]:
    """Return for each site the kinds of its stretches and their paths, None without a route.

    ``["ou", ["...", "..."]]``: letters as of :data:`LETTERS`; a path is text as :func:`siteopt.report._base.encoded` writes it.

    Parameters
    ----------
    lines : GeoDataFrame
        Stretches of :func:`connection_lines`.
    sites : Series
        Site ids in the order of the result.
    """
    degrees = lines.geometry.to_crs(DEGREES_EPSG)
    drawn: dict[str, list[Any]] = {}
    for site_id, feed, kind, line in zip(
        lines["site_id"], lines["feed"], lines["kind"], degrees, strict=True
    ):
        kinds_paths = drawn.setdefault(str(site_id), ["", []])
        kinds_paths[0] += LETTERS[feed, kind]
        kinds_paths[1].append(encoded(shapely.get_coordinates(line)))
    return [drawn.get(str(site_id)) for site_id in sites]


def connection_records(lines: gpd.GeoDataFrame) -> dict[str, list[dict[str, Any]]]:
    """Return by site id the stretches as plain values: feed, kind, length and lon/lat points.

    Parameters
    ----------
    lines : GeoDataFrame
        Stretches of :func:`connection_lines`.
    """
    degrees = lines.geometry.to_crs(DEGREES_EPSG)
    found: dict[str, list[dict[str, Any]]] = {}
    for site_id, feed, kind, km, line in zip(
        lines["site_id"], lines["feed"], lines["kind"], lines["length_km"], degrees, strict=True
    ):
        points = np.round(shapely.get_coordinates(line), _DEGREE_DECIMALS).tolist()
        stretch = {
            "feed": int(feed),
            "kind": str(kind),
            "length_km": round(float(km), _KM_DECIMALS),
        }
        found.setdefault(str(site_id), []).append({**stretch, "lon_lat": points})
    return found
