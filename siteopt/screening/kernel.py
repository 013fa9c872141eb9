"""Buffer kernel of screening: cells within a distance of a geometry, exactly.

A cell is judged by its centre, against the vector geometry itself and never against cells that
stand in for it. OpenCV's distance transform from the cells that the geometry passes through
brackets the distance of every cell; only the thin ring of cells that the bracket leaves open is
measured with shapely. The rest of siteopt knows :func:`within`, :func:`outside`,
:func:`near_cells` and :func:`zones` alone, so that another kernel (tiles, a cluster) can take
their place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
import shapely
from rasterio.features import rasterize
from scipy.ndimage import distance_transform_edt

from siteopt.lattice import Lattice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Geometries = Sequence[Any] | NDArray[np.object_]

__all__ = ["near_cells", "outside", "within", "zones"]

_HALF_DIAGONAL: Final = float(np.sqrt(0.5))
"""Largest distance of a point of a cell from its centre, in cells."""

_SEED_SPACING: Final = 0.5
"""Spacing in cells of the sample points along an edge that mark the cells it passes through."""

_EDGE_SLACK: Final = 2e-3
"""Cells by which the bracket is widened, for rounding at its ends ..."""

_FLOAT32_SLACK: Final = 4e-7
"""... and per cell of distance, for OpenCV's float32 (three units in the last place)."""

_FLOAT32_CELLS_SQUARED: Final = 1_000_000
"""Squared distances in cells up to here stay whole numbers apart in float32."""

_FIRST_COLLECTION: Final = 4
"""Shapely's type ids from here on are multi-part geometries and collections."""


@dataclass(frozen=True, slots=True)
class _Shapes:
    """Geometry taken apart: edges of lines and points, edges of rings, and polygons."""

    edges: NDArray[np.float64]  # n x 4: x, y of the start, x, y of the end
    rings: NDArray[np.float64]  # likewise
    polygons: NDArray[np.object_]

    @classmethod
    def of(cls, geometries: Geometries) -> _Shapes:
        parts = np.asarray(geometries, dtype=object).ravel()
        parts = parts[~(shapely.is_missing(parts) | shapely.is_empty(parts))]
        while (shapely.get_type_id(parts) >= _FIRST_COLLECTION).any():
            parts = shapely.get_parts(parts)
        dimension = shapely.get_dimensions(parts)
        points = shapely.get_coordinates(parts[dimension == 0])
        polygons = parts[dimension == 2]  # noqa: PLR2004 - the dimension of a polygon
        return cls(
            edges=np.vstack([_edges(parts[dimension == 1]), np.hstack([points, points])]),
            rings=_edges(shapely.get_rings(polygons)),
            polygons=polygons,
        )

    def near(self, bounds_m: tuple[float, float, float, float], reach_m: float) -> _Shapes:
        """Return what can lie within ``reach_m`` of a box."""
        x_min, y_min, x_max, y_max = bounds_m
        box = (x_min - reach_m, y_min - reach_m, x_max + reach_m, y_max + reach_m)
        extent = shapely.bounds(self.polygons)
        return _Shapes(
            edges=self.edges[_meets(_edge_bounds(self.edges), box)],
            rings=self.rings[_meets(_edge_bounds(self.rings), box)],
            polygons=self.polygons[_meets(extent, box)],
        )


def _edges(lines: NDArray[np.object_]) -> NDArray[np.float64]:
    xy, line = shapely.get_coordinates(lines, return_index=True)
    joined = line[1:] == line[:-1]
    return np.hstack([xy[:-1][joined], xy[1:][joined]])


def _edge_bounds(edges: NDArray[np.float64]) -> NDArray[np.float64]:
    start, end = edges[:, :2], edges[:, 2:]
    return np.hstack([np.minimum(start, end), np.maximum(start, end)])


def _meets(
    bounds: NDArray[np.float64], box: tuple[float, float, float, float]
) -> NDArray[np.bool_]:
    met: NDArray[np.bool_] = (
        (bounds[:, 2] >= box[0])
        & (bounds[:, 3] >= box[1])
        & (bounds[:, 0] <= box[2])
        & (bounds[:, 1] <= box[3])
    )
    return met


def within(geometries: Geometries, lattice: Lattice, distance_m: float = 0.0) -> NDArray[np.bool_]:
    """Return the cells whose centre is within a distance of any geometry.

    The same as ``shapely.dwithin(geometry, centre, distance_m)`` for every cell: Euclidean, the
    limit itself included, and 0 inside a polygon.

    Parameters
    ----------
    geometries : sequence of shapely geometries
        Points, lines, polygons or collections in EPSG:5179; missing and empty ones are passed
        over. They may lie outside the grid and still reach into it.
    lattice : Lattice
        The grid.
    distance_m : float
        Distance in metres; 0 selects centres on or inside a geometry.

    Returns
    -------
    ndarray of bool
        In the shape of the lattice.
    """
    result = np.zeros(lattice.shape, dtype=np.bool_)
    margin_m = distance_m + 2 * lattice.cell_m
    shapes = _Shapes.of(geometries).near(lattice.bounds_m, margin_m)
    seeds = np.vstack([_seeds(shapes.edges, lattice.cell_m), _seeds(shapes.rings, lattice.cell_m)])
    window = _window(shapes, lattice, margin_m)
    if window is None:
        return result
    frame = _sub(lattice, *window)
    away = _distance_to_seeds(seeds, frame, margin_m)
    limit = distance_m / lattice.cell_m
    slack = _EDGE_SLACK + _FLOAT32_SLACK * limit
    # A seed's cell centre is within half a diagonal of the geometry, and the geometry within
    # half a spacing and half a diagonal of a seed's cell centre: the two ends of the bracket.
    open_from = limit - _HALF_DIAGONAL - slack
    open_to = limit + _HALF_DIAGONAL + _SEED_SPACING / 2 + slack
    sure = away <= open_from
    if len(shapes.polygons):
        clear_of_rings = away > open_to - limit
        sure |= clear_of_rings & _filled(shapes.polygons, frame)
    rows, cols = np.nonzero(~sure & (away <= open_to))
    del away
    x, y = frame.centres_m(rows, cols)
    sure[rows, cols] = _points_within(shapes, x, y, distance_m)
    result[window[0] : window[1], window[2] : window[3]] = sure
    return result


def outside(polygons: Geometries, lattice: Lattice, strip_m: float = 0.0) -> NDArray[np.bool_]:
    """Return the cells whose centre is in no polygon, or in a strip along the outer edge.

    Parameters
    ----------
    polygons : sequence of shapely geometries
        Polygons in EPSG:5179; borders that they share are no edge. Lines and points hold no cell.
    lattice : Lattice
        The grid.
    strip_m : float
        Width in metres of the strip inside the polygons, its limit included; 0 for none.
    """
    parts = _Shapes.of(polygons).polygons
    cells = ~within(parts, lattice)
    if strip_m > 0 and len(parts):
        union = _Shapes.of([shapely.union_all(parts)]).polygons
        cells |= within(shapely.get_rings(union), lattice, strip_m)
    return cells


def zones(polygons: Geometries, lattice: Lattice) -> NDArray[np.int16]:
    """Return for every cell the place in the list of the polygon that holds its centre, or -1.

    On a shared border the first of the list holds it. Cells in no polygon are -1.

    Parameters
    ----------
    polygons : Geometries
        Polygons in EPSG:5179.
    lattice : Lattice
        Lattice of EPSG:5179.
    """
    shapes = [(shape, place) for place, shape in enumerate(polygons) if _has_area(shape)]
    if not shapes:
        return np.full(lattice.shape, -1, dtype=np.int16)
    painted: NDArray[np.int16] = rasterize(
        reversed(shapes), lattice.shape, fill=-1, transform=lattice.transform, dtype="int16"
    )
    return painted


def _has_area(shape: Any) -> bool:  # noqa: ANN401 - any shapely geometry or None
    return shape is not None and not shape.is_empty


def near_cells(cells: NDArray[np.bool_], cell_m: float, distance_m: float) -> NDArray[np.bool_]:
    """Return the cells whose centre is within a distance of the centre of a marked cell.

    Parameters
    ----------
    cells : ndarray of bool
        The marked cells of a grid.
    cell_m : float
        Side of a cell in metres.
    distance_m : float
        Euclidean distance between centres in metres, the limit itself included.
    """
    squared = _cells_squared(distance_m, cell_m)
    if squared == 0 or not cells.any():
        return cells.copy()
    # Squared distances are whole numbers: a limit half-way to the next one is safe to compare.
    limit = np.sqrt(squared + 0.5)
    near: NDArray[np.bool_]
    if squared <= _FLOAT32_CELLS_SQUARED:
        near = _distance(cells) < limit
    else:
        near = np.asarray(distance_transform_edt(~cells)) < limit
    return near


def _cells_squared(distance_m: float, cell_m: float) -> int:
    """Return the largest whole n with sqrt(n) cells within the distance."""
    squared = int((distance_m / cell_m) ** 2)
    while np.sqrt(squared + 1) * cell_m <= distance_m:
        squared += 1
    while squared > 0 and np.sqrt(squared) * cell_m > distance_m:
        squared -= 1
    return squared


def _distance(marked: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return the distance in cells from every cell's centre to that of the nearest marked one."""
    image = np.where(marked, np.uint8(0), np.uint8(1))
    away = cv2.distanceTransform(image, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(away, dtype=np.float32)


def _seeds(edges: NDArray[np.float64], cell_m: float) -> NDArray[np.float64]:
    """Return points along edges, ends included, no farther apart than the seed spacing."""
    step = edges[:, 2:] - edges[:, :2]
    pieces = np.ceil(np.hypot(step[:, 0], step[:, 1]) / (_SEED_SPACING * cell_m)).astype(np.int64)
    pieces = np.maximum(pieces, 1)
    edge = np.repeat(np.arange(len(edges)), pieces + 1)
    first = np.cumsum(pieces + 1) - (pieces + 1)
    share = (np.arange(len(edge)) - first[edge]) / pieces[edge]
    points: NDArray[np.float64] = edges[edge, :2] + share[:, None] * step[edge]
    return points


def _window(shapes: _Shapes, lattice: Lattice, margin_m: float) -> tuple[int, int, int, int] | None:
    """Return the rows and columns (from, to) that the shapes can reach, None for none."""
    bounds = np.vstack(
        [
            _edge_bounds(shapes.edges),
            _edge_bounds(shapes.rings),
            shapely.bounds(shapes.polygons),
        ]
    )
    if not len(bounds):
        return None
    x_min, y_min = bounds[:, :2].min(axis=0) - margin_m
    x_max, y_max = bounds[:, 2:].max(axis=0) + margin_m
    rows, cols = lattice.cells_of(np.array([x_min, x_max]), np.array([y_max, y_min]))
    past_last = np.array([0, 1])
    rows = np.clip(rows + past_last, 0, lattice.n_rows)
    cols = np.clip(cols + past_last, 0, lattice.n_cols)
    if rows[0] >= rows[1] or cols[0] >= cols[1]:
        return None
    return int(rows[0]), int(rows[1]), int(cols[0]), int(cols[1])


def _sub(lattice: Lattice, row_from: int, row_to: int, col_from: int, col_to: int) -> Lattice:
    return Lattice(
        x_min_m=lattice.x_min_m + col_from * lattice.cell_m,
        y_max_m=lattice.y_max_m - row_from * lattice.cell_m,
        cell_m=lattice.cell_m,
        n_rows=row_to - row_from,
        n_cols=col_to - col_from,
    )


def _distance_to_seeds(
    seeds: NDArray[np.float64], frame: Lattice, margin_m: float
) -> NDArray[np.float32]:
    """Return the distance in cells from every centre to the nearest centre of a seed's cell.

    Right wherever it is below the margin; infinite where there is no seed near the frame.
    """
    rows, cols = frame.cells_of(seeds[:, 0], seeds[:, 1])
    reach = int(np.ceil(margin_m / frame.cell_m)) + 1
    near = (
        (rows >= -reach)
        & (rows < frame.n_rows + reach)
        & (cols >= -reach)
        & (cols < frame.n_cols + reach)
    )
    rows, cols = rows[near], cols[near]
    if not len(rows):
        return np.full(frame.shape, np.inf, dtype=np.float32)
    top, left = min(0, int(rows.min())), min(0, int(cols.min()))
    bottom = max(frame.n_rows, int(rows.max()) + 1)
    right = max(frame.n_cols, int(cols.max()) + 1)
    marked = np.zeros((bottom - top, right - left), dtype=np.bool_)
    marked[rows - top, cols - left] = True
    away = _distance(marked)
    return away[-top : frame.n_rows - top, -left : frame.n_cols - left]


def _filled(polygons: NDArray[np.object_], frame: Lattice) -> NDArray[np.bool_]:
    """Return the cells whose centre GDAL finds in a polygon; certain only away from its edge."""
    painted: NDArray[np.uint8] = rasterize(
        polygons, frame.shape, fill=0, default_value=1, transform=frame.transform, dtype="uint8"
    )
    filled: NDArray[np.bool_] = painted.view(np.bool_)
    return filled


def _points_within(
    shapes: _Shapes, x_m: NDArray[np.float64], y_m: NDArray[np.float64], distance_m: float
) -> NDArray[np.bool_]:
    """Return which points lie within the distance of the shapes, by shapely."""
    hit = np.zeros(len(x_m), dtype=np.bool_)
    if len(shapes.polygons):
        shapely.prepare(shapes.polygons)
        point, polygon = shapely.STRtree(shapes.polygons).query(shapely.points(x_m, y_m))
        held = shapely.intersects_xy(shapes.polygons[polygon], x_m[point], y_m[point])
        hit[point[held]] = True
    # At distance 0 the ring of a polygon belongs to it and has been tested above.
    edges = shapes.edges if distance_m == 0 else np.vstack([shapes.edges, shapes.rings])
    if len(edges):
        left = np.flatnonzero(~hit)
        tree = shapely.STRtree(np.asarray(shapely.linestrings(edges.reshape(-1, 2, 2))))
        near, _ = tree.query(
            shapely.points(x_m[left], y_m[left]), predicate="dwithin", distance=distance_m
        )
        hit[left[near]] = True
    return hit
