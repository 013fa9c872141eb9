"""Nearest neighbours: the k nearest points and the nearest line or area of many places, in metres.

Points are found by a k-d tree, lines by an R-tree of their segments: a long line has a box that
holds half of the country, a segment has one that holds little more than itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import shapely
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NearestPoints", "nearest_features", "nearest_points"]

_SPARE: Final = 4
"""Points queried beyond those wanted, so that nearly all ties are seen at the first query."""

_TIE_DECIMALS: Final = 3
"""Of metres: distances that agree to a millimetre are equal."""

_LINE_TYPES: Final = (1, 2, 5)
"""GEOS types of which a part is a chain of segments: LineString, LinearRing, MultiLineString."""


class NearestPoints(NamedTuple):
    """Pairs of places and points, by place, then distance, then row of the point.

    Attributes
    ----------
    place, point : ndarray of int64, shape (m,)
        Rows of the places and of the points.
    metres : ndarray of float64, shape (m,)
        Euclidean distances.
    """

    place: NDArray[np.int64]
    point: NDArray[np.int64]
    metres: NDArray[np.float64]


def nearest_points(
    places: NDArray[np.float64],
    points: NDArray[np.float64],
    count: int,
    reach_m: float = np.inf,
) -> NearestPoints:
    """Nearest points of each place, equal distances (to 1 mm) by row.

    Parameters
    ----------
    places : ndarray of float64, shape (n, 2)
        x and y, EPSG:5179 metres.
    points : ndarray of float64, shape (p, 2)
        Likewise; sorted by id where ties are to be settled by id.
    count : int
        How many points a place gets, fewer where fewer are within reach.
    reach_m : float, optional
        Farthest distance, inclusive.
    """
    if not len(points) or not len(places) or count < 1:
        none = np.zeros(0, dtype=np.int64)
        return NearestPoints(none, none, np.zeros(0))
    tree = cKDTree(points)
    bound = np.nextafter(reach_m, np.inf)
    rows, found, spare = np.arange(len(places)), [], _SPARE
    while len(rows):
        wanted = min(count + spare, len(points))
        metres, point = (
            np.asarray(one) for one in tree.query(
                places[rows], k=np.arange(1, wanted + 1), distance_upper_bound=bound
            )
        )  # fmt: skip
        rounded = np.round(metres, _TIE_DECIMALS)
        # a tie that reaches the last point queried may go on beyond it
        open_tie = np.isfinite(metres[:, -1]) & (
            rounded[:, -1] <= rounded[:, min(count, wanted) - 1]
        )
        settled = ~open_tie if wanted < len(points) else np.ones(len(rows), dtype=np.bool_)
        found.append((rows[settled], point[settled], metres[settled]))
        rows, spare = rows[~settled], 4 * spare
    parts = [_first(*some, count) for some in found]
    place, point, metres = (np.concatenate(one) for one in zip(*parts, strict=True))
    order = np.argsort(place, kind="stable")
    return NearestPoints(place[order], point[order], metres[order])


def _first(
    rows: NDArray[np.int64], point: NDArray[np.int64], metres: NDArray[np.float64], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return the first points of each row of a query, in order of distance and row of the point."""
    order = np.lexsort((point, np.round(metres, _TIE_DECIMALS)), axis=1)[:, :count]
    point = np.take_along_axis(point, order, axis=1)
    metres = np.take_along_axis(metres, order, axis=1)
    kept = np.isfinite(metres)
    place = np.broadcast_to(rows[:, None], kept.shape)[kept]
    return place, point[kept].astype(np.int64), metres[kept]


def nearest_features(
    places: NDArray[np.float64], shapes: NDArray[np.object_]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Distance in metres to, and row of, the nearest line or area of each place; exact.

    The distance is that of the geometry, 0 inside an area; the first row of equal distances is
    taken.

    Parameters
    ----------
    places : ndarray of float64, shape (n, 2)
        x and y, EPSG:5179 metres.
    shapes : ndarray of geometries, shape (f,)
        Lines, areas or points; missing and empty ones are never the nearest.

    Returns
    -------
    ndarray of float64, shape (n,)
        NaN where there is no feature.
    ndarray of int64, shape (n,)
        -1 where there is no feature.
    """
    metres, row = np.full(len(places), np.nan), np.full(len(places), -1, dtype=np.int64)
    pieces, owner = _pieces(np.asarray(shapes, dtype=object))
    if not len(pieces) or not len(places):
        return metres, row
    (place, piece), found = shapely.STRtree(pieces).query_nearest(
        shapely.points(places), return_distance=True
    )
    order = np.lexsort((owner[piece], place))
    place, first = np.unique(place[order], return_index=True)
    metres[place], row[place] = found[order][first], owner[piece][order][first]
    return metres, row


def _pieces(shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Return the segments of lines and all other shapes as they are, with the row of each."""
    is_line = np.isin(shapely.get_type_id(shapes), _LINE_TYPES)
    whole = np.flatnonzero(~is_line & ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes))
    lines = np.flatnonzero(is_line & ~shapely.is_empty(shapes))
    parts, of_line = shapely.get_parts(shapes[lines], return_index=True)
    corners, of_part = shapely.get_coordinates(parts, return_index=True)
    joined = of_part[1:] == of_part[:-1]
    segments = shapely.linestrings(np.stack([corners[:-1], corners[1:]], axis=1)[joined])
    owner = lines[of_line[of_part[:-1][joined]]]
    return np.concatenate([segments, shapes[whole]]), np.concatenate([owner, whole])
