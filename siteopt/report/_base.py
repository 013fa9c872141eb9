"""Base map: borders, rivers, power lines and stations in a compact encoding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from siteopt.lattice import DEGREES_EPSG
from siteopt.layers.station_kinds import NO_STATIONS
from siteopt.report._column_codec import signs, zigzag
from siteopt.report._names import station_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd
    from numpy.typing import NDArray

    from siteopt.layers.protocols import LayersLike

__all__ = ["SCALE", "base_map", "encoded"]

SCALE: Final = 10_000
"""Coordinates have four decimals of a degree, about 10 m."""

_LABEL_DEGREES: Final = 0.01
"""A name may stand this far from the best place for it."""


def base_map(layers: LayersLike) -> dict[str, Any]:
    """Return the base of the map; a layer that the run does not have is left out.

    Parameters
    ----------
    layers : LayersLike
        Layers of the run.

    Returns
    -------
    dict
        ``provinces`` and ``districts`` (names, place of the label), ``land`` (rings of the
        provinces), ``coast``, ``province_borders``, ``borders`` (of districts), ``rivers``,
        ``expressways``, ``lines`` by voltage, ``stations``. Lines and rings are text, see :func:`encoded`.
    """
    there = set(layers.ids)
    base: dict[str, Any] = {}
    provinces = _degrees(layers, "provinces", "province_code") if "provinces" in there else None
    if provinces is not None:
        base["land"] = _rings(provinces.geometry)
        segments = _segments(provinces.geometry)
        base["coast"] = _joined(segments.drop_duplicates(keep=False))
        base["province_borders"] = _joined(segments[segments.duplicated()])
        base["provinces"] = _labels(provinces, "province_code")
    if "districts" in there:
        districts = _degrees(layers, "districts", "district_code")
        base["borders"] = _inner_borders(districts, provinces)
        base["districts"] = _labels(districts, "district_code")
    if "rivers" in there:
        base["rivers"] = _rivers(_degrees(layers, "rivers", "river_id"))
    if "expressways" in there:
        base["expressways"] = _parts(_degrees(layers, "expressways", "route_ko").geometry)
    if "lines" in there:
        base["lines"] = _lines(_degrees(layers, "lines", "line_id"))
    if "stations" in there:
        stations = _degrees(layers, "stations", "station_id")
        if "new_stations" in there:
            new = _degrees(layers, "new_stations", "station_id")
            new = new.assign(kind="new", name_confidence=new["confidence"])
            stations = pd.concat([stations, new], ignore_index=True)
        base["stations"] = _stations(stations)
    return base


def encoded(points: NDArray[np.float64]) -> str:
    """Return lon/lat points as text: steps on a grid of 1/:data:`SCALE` degree, five bits a sign.

    Google's polyline encoding, lon before lat, with points that fall together left out.

    Parameters
    ----------
    points : ndarray of float64, shape (n, 2)
        Longitude and latitude in degrees, one row a point.
    """
    whole = np.rint(points * SCALE).astype(np.int64)
    moved = np.ones(len(whole), dtype=np.bool_)
    moved[1:] = (np.diff(whole, axis=0) != 0).any(axis=1)
    steps = np.diff(whole[moved], axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    return signs(zigzag(steps.ravel()))


def _degrees(layers: LayersLike, layer_id: str, key: str) -> gpd.GeoDataFrame:
    frame = layers.vector(layer_id).to_crs(DEGREES_EPSG)
    return frame.sort_values(key, kind="stable").reset_index(drop=True)


def _parts(geometries: Iterable[Any]) -> list[str]:
    parts = shapely.get_parts(np.asarray(list(geometries), dtype=object))
    texts = (encoded(shapely.get_coordinates(part)) for part in parts)
    return [text for text in texts if text]


def _rings(polygons: gpd.GeoSeries) -> list[list[str]]:
    """Return polygons, each its outer ring and its holes."""
    parts = shapely.get_parts(polygons.to_numpy())
    return [_parts([part.exterior, *part.interiors]) for part in parts]


def _labels(frame: gpd.GeoDataFrame, key: str) -> dict[str, list[Any]]:
    largest = shapely.simplify(_largest(frame.geometry.to_numpy()), _LABEL_DEGREES)
    reach = shapely.maximum_inscribed_circle(largest, tolerance=_LABEL_DEGREES)
    points = shapely.get_point(reach, 0)
    return {
        "code": frame[key].astype(str).tolist(),
        "ko": _texts(frame, "name_ko"),
        "en": _texts(frame, "name_en"),
        "lon": np.round(shapely.get_x(points), 4).tolist(),
        "lat": np.round(shapely.get_y(points), 4).tolist(),
    }


def _largest(polygons: NDArray[Any]) -> NDArray[Any]:
    """Return the largest part of each polygon: a label belongs on the mainland."""
    parts, owner = shapely.get_parts(polygons, return_index=True)
    order = np.lexsort((-shapely.area(parts), owner))
    first = np.unique(owner[order], return_index=True)[1]
    found: NDArray[Any] = parts[order][first]
    return found


def _texts(frame: pd.DataFrame, column: str) -> list[str]:
    return frame[column].fillna("").astype(str).tolist()


def _inner_borders(districts: gpd.GeoDataFrame, provinces: gpd.GeoDataFrame | None) -> list[str]:
    """Return borders between districts that are no border of a province, each once."""
    inner = _segments(districts.geometry)
    inner = inner[inner.duplicated(keep="first")].drop_duplicates()
    if provinces is not None:
        outline = _segments(provinces.geometry).drop_duplicates()
        marked = inner.merge(outline, how="left", indicator=True)
        inner = marked.loc[marked["_merge"] == "left_only", inner.columns]
    return _joined(inner)


def _joined(segments: pd.DataFrame) -> list[str]:
    """Return segments joined to the longest lines there are."""
    if segments.empty:
        return []
    lines = shapely.linestrings(segments.to_numpy().reshape(-1, 2, 2))
    merged = shapely.line_merge(shapely.multilinestrings(np.asarray(lines)))
    return _parts([shapely.normalize(merged)])


def _segments(polygons: gpd.GeoSeries) -> pd.DataFrame:
    """Return the segments of all rings, each with its smaller end first."""
    rings = shapely.get_rings(shapely.get_parts(polygons.to_numpy()))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    points = np.round(points, 6)
    same = ring[1:] == ring[:-1]
    start, end = points[:-1][same], points[1:][same]
    swap = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    pairs = np.where(swap[:, None], np.hstack([end, start]), np.hstack([start, end]))
    return pd.DataFrame(pairs, columns=["x0", "y0", "x1", "y1"])


def _rivers(rivers: gpd.GeoDataFrame) -> dict[str, list[Any]]:
    return {
        "path": [_parts([line]) for line in rivers.geometry],
        "km2": rivers["upstream_km2"].round().astype(int).tolist(),
    }


def _lines(lines: gpd.GeoDataFrame) -> dict[str, list[str]]:
    """Return paths by voltage, the lowest first: the highest is drawn on top; direct current last."""
    direct = lines["dc"].astype(bool) if "dc" in lines else lines["voltage_kv"].lt(0)
    kinds = {
        f"{voltage:g}": ~direct & (lines["voltage_kv"] == voltage)
        for voltage in sorted(lines.loc[~direct, "voltage_kv"].unique())
    }
    kinds["dc"] = direct
    return {kind: _parts(lines.geometry[which]) for kind, which in kinds.items() if which.any()}


def _stations(stations: gpd.GeoDataFrame) -> dict[str, list[Any]]:
    """Return what the map shows as stations: neither taps nor ends of lines."""
    if "kind" in stations.columns:
        stations = stations[~stations["kind"].isin(NO_STATIONS)].reset_index(drop=True)
    points = stations.geometry.to_numpy()
    names = station_names(stations)
    ids = stations["station_id"].astype(str).tolist()
    return {
        "id": ids,
        "ko": [names[station][0] for station in ids],
        "en": [names[station][1] for station in ids],
        "named": _texts(stations, "name_confidence"),
        "kind": _texts(stations, "kind") if "kind" in stations else [""] * len(stations),
        "kv": [float(value) for value in stations["voltage_max_kv"]],
        "lon": np.round(shapely.get_x(points), 4).tolist(),
        "lat": np.round(shapely.get_y(points), 4).tolist(),
    }
