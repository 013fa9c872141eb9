"""Vector features for screening: which cells lie in them or within a distance, exactly.

A cell is judged by its centre, against the geometry itself and never against cells that stand in
for it, and the same whatever window it is judged in. Three steps:

1. Inside polygons: winding number along the rows of cell centres (Sunday 2001, *Inclusion of a
   Point in a Polygon*). Centres closer to an edge than rounding can resolve are decided by shapely.
2. Distance: cells near sample points of the edges (:mod:`siteopt.screening.distances`).
3. Cells so close to the limit that the spacing of the sample points leaves them open: shapely's
   ``dwithin`` of the edges that may be near enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from siteopt.screening.distances import PointDistances

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from siteopt.lattice import Lattice
    from siteopt.screening.windows import Window

    Geometries = Sequence[Any] | NDArray[np.object_]
    Box = tuple[float, float, float, float]

__all__ = ["Features"]

_LEAST_SPACING: Final = 0.5
"""Least spacing in cells of the sample points along an edge."""

_MOST_SPACING: Final = 8.0
"""Most spacing in cells: a block of 8 cells that an edge passes has a sample point close by."""

_SAGITTA: Final = 0.0125
"""Cells by which the nearest sample point may be farther away than its edge, about."""

_ROUNDING: Final = 1e-6
"""Cells up to which rounding may move a point; closer decisions are left to shapely."""

_RUN: Final = 64
"""Neighbouring edges that share one bounding box."""

_FIRST_COLLECTION: Final = 4
"""Shapely's type ids from here on are multi-part geometries and collections."""


@dataclass(frozen=True, slots=True, eq=False)
class _Edges:
    """Straight edges, in runs of neighbours with a bounding box each."""

    ends_m: NDArray[np.float64]  # n x 4: x, y of the start, x, y of the end
    run_bounds_m: NDArray[np.float64]

    @classmethod
    def of(cls, ends_m: NDArray[np.float64]) -> _Edges:
        begins = np.arange(0, len(ends_m), _RUN)
        bounds = _bounds(ends_m)
        if not len(begins):
            return cls(ends_m, bounds)
        low = np.minimum.reduceat(bounds[:, :2], begins, axis=0)
        high = np.maximum.reduceat(bounds[:, 2:], begins, axis=0)
        return cls(ends_m, np.hstack([low, high]))

    def meeting(self, box: Box) -> NDArray[np.float64]:
        """Return the edges whose bounding boxes meet a box."""
        runs = np.flatnonzero(_meets(self.run_bounds_m, box))
        places = (runs[:, None] * _RUN + np.arange(_RUN)).ravel()
        ends = self.ends_m[places[places < len(self.ends_m)]]
        met: NDArray[np.float64] = ends[_meets(_bounds(ends), box)]
        return met


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Geometry taken apart: edges of lines and points, edges of rings, and polygons.

    Rings have the inside of their polygon on the left.
    """

    lines: _Edges
    rings: _Edges
    polygons: NDArray[np.object_]
    tree: shapely.STRtree

    @classmethod
    def of(cls, geometries: Geometries) -> Features:
        """Take geometries apart.

        Parameters
        ----------
        geometries : sequence of shapely geometries
            Points, lines, polygons or collections in EPSG:5179; missing and empty ones are
            passed over.
        """
        parts = _parts(geometries)
        polygons = parts[shapely.get_dimensions(parts) == 2]  # noqa: PLR2004 - of a polygon
        wrong = ~shapely.is_valid(polygons)
        if wrong.any():
            mended = _parts(shapely.make_valid(polygons[wrong]))
            parts = np.concatenate([parts[shapely.get_dimensions(parts) < 2], mended])  # noqa: PLR2004
            polygons = np.concatenate(
                [polygons[~wrong], mended[shapely.get_dimensions(mended) == 2]]  # noqa: PLR2004
            )
        polygons = shapely.orient_polygons(polygons)
        dimension = shapely.get_dimensions(parts)
        points = shapely.get_coordinates(parts[dimension == 0])
        return cls(
            lines=_Edges.of(
                np.vstack([_edges(parts[dimension == 1]), np.hstack([points, points])])
            ),
            rings=_Edges.of(_edges(shapely.get_rings(polygons))),
            polygons=polygons,
            tree=shapely.STRtree(polygons),
        )

    def within(
        self, lattice: Lattice, window: Window, distances_m: Sequence[float]
    ) -> list[NDArray[np.bool_]]:
        """Return the cells of a window whose centre is within each of some distances.

        The same as ``shapely.dwithin(geometry, centre, distance_m)`` of any geometry for every
        cell: Euclidean, the limit itself included, and 0 inside a polygon. All distances cost
        one distance transform.

        Parameters
        ----------
        lattice : Lattice
            The whole grid.
        window : Window
            Cells to judge.
        distances_m : sequence of float
            Distances in metres; 0 selects centres on or inside a geometry.

        Returns
        -------
        list of ndarray of bool
            In the order of the distances, each in the shape of the window.
        """
        inside = self.inside(lattice, window)
        found = {0.0: inside}
        if 0.0 in distances_m:
            _mark_on_lines(self.lines.meeting(window.bounds_m(lattice)), lattice, window, inside)
        beyond = sorted({float(distance) for distance in distances_m if distance > 0})
        if beyond:
            found |= self._around(lattice, window, beyond, inside)
        return [found[float(distance)] for distance in distances_m]

    def inside(self, lattice: Lattice, window: Window) -> NDArray[np.bool_]:
        """Return the cells of a window whose centre is in a polygon or on its edge.

        Parameters
        ----------
        lattice : Lattice
            The whole grid.
        window : Window
            Cells to judge.
        """
        west, south, east, north = window.bounds_m(lattice)
        # Edges west of the window count too: each row is followed from the far west.
        rings = self.rings.meeting((-np.inf, south, east, north))
        if not len(rings):
            return np.zeros(window.shape, dtype=np.bool_)
        cells = _wound(_in_cells(rings, lattice), window)
        near = rings[_bounds(rings)[:, 2] >= west]
        rows, cols, _ = _cells_on(_in_cells(near, lattice), window)
        if len(rows):
            x_m, y_m = lattice.centres_m(rows + window.row, cols + window.col)
            cells[rows, cols] = self._holds(x_m, y_m)
        return cells

    def _holds(self, x_m: NDArray[np.float64], y_m: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which points are in a polygon or on its edge, by shapely."""
        held = np.zeros(len(x_m), dtype=np.bool_)
        point, polygon = self.tree.query(shapely.points(x_m, y_m))
        met = self.polygons[np.unique(polygon)]
        shapely.prepare(met)
        hit = shapely.intersects_xy(self.polygons[polygon], x_m[point], y_m[point])
        held[point[hit]] = True
        return held

    def _around(
        self, lattice: Lattice, window: Window, distances_m: list[float],
        inside: NDArray[np.bool_],
    ) -> dict[float, NDArray[np.bool_]]:  # fmt: skip
        """Return by distance the cells within it, whose centres may be inside."""
        reach_m = distances_m[-1] + 2.0 * lattice.cell_m
        box = window.bounds_m(lattice)
        box = (box[0] - reach_m, box[1] - reach_m, box[2] + reach_m, box[3] + reach_m)
        ends_m = np.vstack([self.lines.meeting(box), self.rings.meeting(box)])
        samples = _Samples.of(ends_m, lattice, window, distances_m[0], reach_m)
        if not len(samples.at):
            return {distance: inside.copy() for distance in distances_m}
        near = PointDistances(samples.at, window)
        return {
            distance: samples.within(distance, near, inside, lattice, window)
            for distance in distances_m
        }


@dataclass(frozen=True, slots=True, eq=False)
class _Samples:
    """Sample points of edges, in cells: the centre of a cell lies at its column and row."""

    ends_m: NDArray[np.float64]
    edge: NDArray[np.int64]
    at: NDArray[np.float64]  # n x 2: column, row
    spacing: float

    @classmethod
    def of(
        cls, ends_m: NDArray[np.float64], lattice: Lattice, window: Window,
        least_m: float, reach_m: float,
    ) -> _Samples:  # fmt: skip
        """Sample edges where they are within reach of a window.

        The nearest sample point is farther than its edge by spacing**2 / (8 distance) at most.
        """
        spacing = max(float(np.sqrt(8.0 * _SAGITTA * least_m / lattice.cell_m)), _LEAST_SPACING)
        spacing = min(spacing, _MOST_SPACING)
        uv = _in_cells(ends_m, lattice)
        step = uv[:, 2:] - uv[:, :2]
        pieces = np.ceil(np.hypot(step[:, 0], step[:, 1]) / spacing).astype(np.int64)
        edge, place = _spread(np.maximum(pieces, 1) + 1)
        at = uv[edge, :2] + (place / np.maximum(pieces, 1)[edge])[:, None] * step[edge]
        rim = reach_m / lattice.cell_m + spacing
        kept = (
            (at[:, 0] >= window.col - rim)
            & (at[:, 0] <= window.col + window.n_cols + rim)
            & (at[:, 1] >= window.row - rim)
            & (at[:, 1] <= window.row + window.n_rows + rim)
        )
        return cls(ends_m, edge[kept], at[kept], spacing)

    def within(
        self, distance_m: float, near: PointDistances, inside: NDArray[np.bool_],
        lattice: Lattice, window: Window,
    ) -> NDArray[np.bool_]:  # fmt: skip
        """Return the cells within a distance of the edges, or inside polygons."""
        limit = distance_m / lattice.cell_m
        # An edge at the limit has a sample point no farther than this.
        farthest = float(np.hypot(limit, self.spacing / 2.0)) + _ROUNDING
        found = near.within(limit - _ROUNDING, farthest, inside)
        rows, cols = found.open_rows, found.open_cols
        if len(rows):
            some: Any = near.tree.query_ball_point(
                np.column_stack([cols + window.col, rows + window.row]), farthest,
                return_sorted=False,
            )  # fmt: skip
            point = np.repeat(np.arange(len(rows)), [len(one) for one in some])
            edge = self.edge[np.concatenate(some).astype(np.int64)]
            x_m, y_m = lattice.centres_m(rows + window.row, cols + window.col)
            lines = shapely.linestrings(self.ends_m[edge].reshape(-1, 2, 2))
            hit = shapely.dwithin(shapely.points(x_m[point], y_m[point]), lines, distance_m)
            found.cells[rows[point[hit]], cols[point[hit]]] = True
        return found.cells


def _parts(geometries: Geometries) -> NDArray[np.object_]:
    """Return the points, lines and polygons that geometries are made of."""
    parts = np.asarray(geometries, dtype=object).ravel()
    parts = parts[~(shapely.is_missing(parts) | shapely.is_empty(parts))]
    while (shapely.get_type_id(parts) >= _FIRST_COLLECTION).any():
        parts = shapely.get_parts(parts)
    return parts


def _edges(lines: NDArray[np.object_]) -> NDArray[np.float64]:
    xy, line = shapely.get_coordinates(lines, return_index=True)
    joined = line[1:] == line[:-1]
    return np.hstack([xy[:-1][joined], xy[1:][joined]])


def _bounds(ends: NDArray[np.float64]) -> NDArray[np.float64]:
    start, end = ends[:, :2], ends[:, 2:]
    return np.hstack([np.minimum(start, end), np.maximum(start, end)])


def _meets(bounds: NDArray[np.float64], box: Box) -> NDArray[np.bool_]:
    met: NDArray[np.bool_] = (
        (bounds[:, 2] >= box[0])
        & (bounds[:, 3] >= box[1])
        & (bounds[:, 0] <= box[2])
        & (bounds[:, 1] <= box[3])
    )
    return met


def _in_cells(ends_m: NDArray[np.float64], lattice: Lattice) -> NDArray[np.float64]:
    """Return edges in columns and rows; the centre of a cell lies at whole numbers."""
    uv = np.empty_like(ends_m)
    uv[:, 0::2] = (ends_m[:, 0::2] - lattice.x_min_m) / lattice.cell_m - 0.5
    uv[:, 1::2] = (lattice.y_max_m - ends_m[:, 1::2]) / lattice.cell_m - 0.5
    return uv


def _spread(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for each of so many items its owner and its place among the owner's."""
    owner = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(len(owner)) - (np.cumsum(counts) - counts)[owner]
    return owner, place


def _wound(rings: NDArray[np.float64], window: Window) -> NDArray[np.bool_]:
    """Return the cells around which oriented rings wind, right away from the rings."""
    low = np.minimum(rings[:, 1], rings[:, 3])
    high = np.maximum(rings[:, 1], rings[:, 3])
    first = np.maximum(np.ceil(low), window.row).astype(np.int64)
    last = np.minimum(np.ceil(high) - 1, window.row + window.n_rows - 1).astype(np.int64)
    edge, place = _spread(np.maximum(last - first + 1, 0))
    row = first[edge] + place
    u_1, v_1, u_2, v_2 = rings[edge].T
    crossing = u_1 + (row - v_1) * ((u_2 - u_1) / (v_2 - v_1))
    col = np.maximum(np.ceil(crossing) - window.col, 0).astype(np.int64)
    row -= window.row
    # Rows count southwards, and the inside is on the left of an edge: east of one that goes south.
    sign = np.where(v_2 > v_1, 1, -1)
    kept = col < window.n_cols
    row, col, sign = row[kept], col[kept], sign[kept]
    if not col.any():
        begun = np.bincount(row, weights=sign, minlength=window.n_rows) > 0
        return np.repeat(begun[:, None], window.n_cols, axis=1)
    many = np.bincount(row).max() > np.iinfo(np.int16).max
    turns = np.zeros(window.shape, dtype=np.int32 if many else np.int16)
    np.add.at(turns.ravel(), row * window.n_cols + col, sign.astype(turns.dtype))
    np.cumsum(turns, axis=1, out=turns)
    return turns > 0


def _cells_on(
    ends: NDArray[np.float64], window: Window
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return row, column and edge of the cells whose centre an edge meets but for rounding.

    Rows and columns count from the corner of the window.
    """
    low = np.minimum(ends[:, 1], ends[:, 3]) - _ROUNDING
    high = np.maximum(ends[:, 1], ends[:, 3]) + _ROUNDING
    first = np.maximum(np.ceil(low), window.row).astype(np.int64)
    last = np.minimum(np.floor(high), window.row + window.n_rows - 1).astype(np.int64)
    edge, place = _spread(np.maximum(last - first + 1, 0))
    row = first[edge] + place
    u_1, v_1, u_2, v_2 = ends[edge].T
    rise = np.abs(v_2 - v_1)
    steep = rise > _ROUNDING
    slope = np.divide(u_2 - u_1, v_2 - v_1, out=np.zeros(len(edge)), where=steep)
    at = u_1 + (row - v_1) * slope
    width = _ROUNDING * (2.0 + np.abs(slope))
    west = np.minimum(u_1, u_2) - _ROUNDING
    east = np.maximum(u_1, u_2) + _ROUNDING
    west = np.where(steep, np.maximum(west, at - width), west)
    east = np.where(steep, np.minimum(east, at + width), east)
    begin = np.maximum(np.ceil(west), window.col).astype(np.int64)
    end = np.minimum(np.floor(east), window.col + window.n_cols - 1).astype(np.int64)
    crossing, along = _spread(np.maximum(end - begin + 1, 0))
    col = begin[crossing] + along
    return row[crossing] - window.row, col - window.col, edge[crossing]


def _mark_on_lines(
    ends_m: NDArray[np.float64], lattice: Lattice, window: Window, cells: NDArray[np.bool_]
) -> None:
    """Mark the cells whose centre lies exactly on a line or point."""
    rows, cols, edge = _cells_on(_in_cells(ends_m, lattice), window)
    if not len(rows):
        return
    x_m, y_m = lattice.centres_m(rows + window.row, cols + window.col)
    lines = shapely.linestrings(ends_m[edge].reshape(-1, 2, 2))
    hit = shapely.dwithin(shapely.points(x_m, y_m), lines, 0.0)
    cells[rows[hit], cols[hit]] = True
