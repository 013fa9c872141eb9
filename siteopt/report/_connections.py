"""The lines of the sites' connections, as the map and the files show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from siteopt.report._base import encoded

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from siteopt.report.tables import RunTables

__all__ = ["LETTERS", "connection_lines", "connection_records", "connection_texts"]

LETTERS: Final = {"overhead": "o", "underground": "u"}
"""Kinds of stretches, a letter each in the map's data."""

_DEGREES: Final = 4326
_DEGREE_DECIMALS: Final = 5
_KM_DECIMALS: Final = 3
_COLUMNS: Final = (
    "site_id", "rank", "chosen", "option_id", "station_id", "voltage_kv", "stretch", "kind",
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
        EPSG:5179, in the order of the ranking and then from the site to the station: ``site_id``,
        ``rank``, ``chosen``, ``option_id``, ``station_id``, ``voltage_kv``, ``stretch``, ``kind``
        (overhead or underground), ``length_km`` of the route, and the line, generalised.
    """
    ranked = ranking.loc[ranking["option_id"].notna()].reset_index(drop=True)
    place = {name: row for row, name in enumerate(tables.options["option_id"].astype(str))}
    rows = [place[name] for name in ranked["option_id"].astype(str)]
    lines = tables.routes.stretches(rows)
    owner = {row: at for at, row in enumerate(rows)}
    of_site = ranked.iloc[[owner[row] for row in lines["row"]]].reset_index(drop=True)
    for name in ("site_id", "rank", "chosen", "option_id", "station_id", "voltage_kv"):
        lines[name] = of_site[name]
    return lines[list(_COLUMNS)]


def connection_texts(lines: gpd.GeoDataFrame, sites: pd.Series[Any]) -> list[list[Any] | None]:
    """Return for each site the kinds of its stretches and their paths, None without a route.

    ``["ou", ["...", "..."]]``: a path is text as :func:`siteopt.report._base.encoded` writes it.
    """
    degrees = lines.geometry.to_crs(_DEGREES)
    drawn: dict[str, list[Any]] = {}
    for site_id, kind, line in zip(lines["site_id"], lines["kind"], degrees, strict=True):
        kinds_paths = drawn.setdefault(str(site_id), ["", []])
        kinds_paths[0] += LETTERS[kind]
        kinds_paths[1].append(encoded(shapely.get_coordinates(line)))
    return [drawn.get(str(site_id)) for site_id in sites]


def connection_records(lines: gpd.GeoDataFrame) -> dict[str, list[dict[str, Any]]]:
    """Return by site id the stretches as plain values: kind, length and lon/lat points."""
    degrees = lines.geometry.to_crs(_DEGREES)
    found: dict[str, list[dict[str, Any]]] = {}
    for site_id, kind, km, line in zip(
        lines["site_id"], lines["kind"], lines["length_km"], degrees, strict=True
    ):
        points = np.round(shapely.get_coordinates(line), _DEGREE_DECIMALS).tolist()
        stretch = {"kind": str(kind), "length_km": round(float(km), _KM_DECIMALS)}
        found.setdefault(str(site_id), []).append({**stretch, "lon_lat": points})
    return found
