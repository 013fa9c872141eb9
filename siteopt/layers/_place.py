"""Geometry checks: missing or wrong CRS, swapped axes, empty or invalid shapes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from siteopt.errors import LayerError
from siteopt.lattice import CRS_EPSG
from siteopt.layers._crs import WGS84, moved
from siteopt.layers._rows import first_true
from siteopt.layers.schemas import KOREA

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    from numpy.typing import NDArray

    from siteopt.layers.fields import GeometryKind

__all__ = ["check_arrived", "check_crs", "check_geometry", "check_place"]

_GEOMETRY_TYPES: Final = {
    "point": ("Point",),
    "line": ("LineString", "MultiLineString"),
    "polygon": ("Polygon", "MultiPolygon"),
}
_DEGREES_MAX: Final = 360.0
"""No longitude is larger; no coordinate of Korea in metres is smaller."""


def check_crs(frame: gpd.GeoDataFrame, file: str) -> None:
    """Raise LayerError if a frame has no CRS."""
    if frame.crs is None:
        raise LayerError(
            f"{file}: no CRS; give the file its CRS (a .prj beside a Shapefile), EPSG:5179 or "
            "EPSG:4326 for example"
        )


def check_geometry(
    frame: gpd.GeoDataFrame,
    file: str,
    name: Callable[[int], str],
    kind: GeometryKind | None = None,
) -> None:
    """Raise LayerError if a geometry is missing, empty, not finite, not valid or no ``kind``.

    Parameters
    ----------
    frame : GeoDataFrame
        Any CRS.
    file : str
        File name for messages.
    name : callable
        From the place of a row to what it is called in messages.
    kind : {'point', 'line', 'polygon'}, optional
        What the geometries must be; anything by default.
    """
    shapes = np.asarray(frame.geometry.array, dtype=object)
    at = first_true(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    if at is not None:
        raise LayerError(f"{file}: {name(at)}: geometry is empty; draw it or remove the row")
    at = first_true(~np.isfinite(shapely.bounds(shapes)).all(axis=1))
    if at is None:
        at = _not_finite(shapes)
    if at is not None:
        raise LayerError(
            f"{file}: {name(at)}: geometry has NaN or infinite coordinates; finite ones are needed"
        )
    if kind is not None:
        kinds = _GEOMETRY_TYPES[kind]
        found = frame.geometry.geom_type.to_numpy()
        at = first_true(~np.isin(found, kinds))
        if at is not None:
            raise LayerError(
                f"{file}: {name(at)}: geometry is a {found[at]}; this layer needs "
                f"{' or '.join(kinds)}"
            )
    with np.errstate(all="ignore"):  # coordinates may be as large as numbers can be
        at = first_true(~shapely.is_valid(shapes))
    if at is not None:
        with np.errstate(all="ignore"):
            reason = shapely.is_valid_reason(shapes[at])
        raise LayerError(
            f"{file}: {name(at)}: geometry is not valid ({reason}); mend it, in QGIS with "
            "'Fix geometries'"
        )


def _not_finite(shapes: NDArray[np.object_]) -> int | None:
    """Return the first geometry with a coordinate that is not finite (bounds skip NaN)."""
    xy, index = shapely.get_coordinates(shapes, return_index=True)
    bad = ~np.isfinite(xy).all(axis=1)
    return int(index[bad][0]) if bad.any() else None


def check_place(
    frame: gpd.GeoDataFrame,
    file: str,
    name: Callable[[int], str],
    bounds: tuple[float, float, float, float] = KOREA,
) -> None:
    """Raise LayerError if a feature is outside ``bounds`` (degrees), with the likely cause.

    Parameters
    ----------
    frame : GeoDataFrame
        With a CRS, geometries finite.
    file : str
        File name for messages.
    name : callable
        From the place of a row to what it is called in messages.
    bounds : tuple of float
        ``(west, south, east, north)`` in degrees.
    """
    west, south, east, north = bounds
    raw = frame.geometry.bounds.to_numpy()
    if frame.crs.is_geographic:
        boxes = raw
        _check_degrees(raw, file, name, bounds)
    else:
        _check_metres(raw, file, name, _called(frame))
        corners = shapely.box(*raw.T)
        boxes = shapely.bounds(moved(corners, frame.crs, 4326))
    inside = (
        (boxes[:, 0] >= west) & (boxes[:, 1] >= south)
        & (boxes[:, 2] <= east) & (boxes[:, 3] <= north)
    )  # fmt: skip
    at = first_true(~inside)
    if at is not None:
        lon, lat = (boxes[at, 0] + boxes[at, 2]) / 2, (boxes[at, 1] + boxes[at, 3]) / 2
        cause = "" if frame.crs.is_geographic else f"; is the CRS ({_called(frame)}) right?"
        raise LayerError(
            f"{file}: {name(at)}: lies at lon {lon:.3f}, lat {lat:.3f}, outside lon {west:g} to "
            f"{east:g}, lat {south:g} to {north:g}{cause}"
        )


_MARGIN_M: Final = 20_000.0
"""The edges of a box in degrees are bent in metres; over that of Korea by less than this."""


def check_arrived(
    before: gpd.GeoDataFrame,
    frame: gpd.GeoDataFrame,
    file: str,
    name: Callable[[int], str],
    bounds: tuple[float, float, float, float] = KOREA,
) -> None:
    """Raise LayerError if a change of CRS lost a feature or brought it to no place of ``bounds``.

    Parameters
    ----------
    before, frame : GeoDataFrame
        The features as they were, and in EPSG:5179.
    file, name, bounds
        As of :func:`check_place`.
    """
    shapes = np.asarray(frame.geometry.array, dtype=object)
    boxes = shapely.bounds(shapes)
    west, south, east, north = _in_metres(bounds)
    with np.errstate(invalid="ignore"):
        inside = (
            (boxes[:, 0] >= west) & (boxes[:, 1] >= south)
            & (boxes[:, 2] <= east) & (boxes[:, 3] <= north)
        )  # fmt: skip
    at = first_true(~inside | shapely.is_empty(shapes))
    if at is None:
        at = _not_finite(shapes)
    if at is not None or len(frame) != len(before):
        raise LayerError(
            f"{file}: {name(at or 0)}: has no place in EPSG:{CRS_EPSG}, brought there from "
            f"{_called(before)}; is its CRS right, and every corner where it should be?"
        )


@lru_cache(maxsize=8)
def _in_metres(bounds: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    edge = shapely.segmentize(shapely.box(*bounds), 0.25)
    west, south, east, north = shapely.bounds(moved(np.array([edge]), WGS84, CRS_EPSG))[0]
    return west - _MARGIN_M, south - _MARGIN_M, east + _MARGIN_M, north + _MARGIN_M


def _called(frame: gpd.GeoDataFrame) -> str:
    """Return what a CRS is called in messages: its code, else its name."""
    code = frame.crs.to_epsg()
    return " ".join(str(frame.crs.name).split()) if code is None else f"EPSG:{code}"


def _check_degrees(
    raw: NDArray[np.float64],
    file: str,
    name: Callable[[int], str],
    bounds: tuple[float, float, float, float],
) -> None:
    west, south, east, north = bounds
    x_min, y_min, x_max, y_max = raw.T
    at = first_true((x_min >= south) & (x_max <= north) & (y_min >= west) & (y_max <= east))
    if at is not None:
        raise LayerError(
            f"{file}: {name(at)}: lon {x_min[at]:.3f} and lat {y_min[at]:.3f} look swapped; lon "
            f"is {west:g} to {east:g}, lat {south:g} to {north:g}"
        )
    beyond = (np.abs(raw) > [_DEGREES_MAX, 90, _DEGREES_MAX, 90]).any(axis=1)
    at = first_true(beyond)
    if at is not None:
        raise LayerError(
            f"{file}: {name(at)}: coordinates ({x_min[at]:.1f}, {y_min[at]:.1f}) are metres, but "
            "the CRS says degrees; set the CRS they are in (EPSG:5179, 5186, ...)"
        )


def _check_metres(
    raw: NDArray[np.float64], file: str, name: Callable[[int], str], crs: str
) -> None:
    at = first_true((np.abs(raw) <= _DEGREES_MAX).all(axis=1))
    if at is not None:
        raise LayerError(
            f"{file}: {name(at)}: coordinates ({raw[at, 0]:.3f}, {raw[at, 1]:.3f}) are degrees, "
            f"but the CRS is {crs}; set it to EPSG:4326"
        )
