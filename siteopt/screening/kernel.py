"""Operators of screening on whole grids and on windows of them.

The rest of siteopt knows :func:`within`, :func:`outside`, :func:`near_cells` and :func:`zones`
alone. Vector features are judged exactly by :class:`siteopt.screening.features.Features`; marked
cells of a raster by Euclidean distance between centres.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import shapely
from rasterio.features import rasterize

from siteopt.screening.distances import PointDistances
from siteopt.screening.features import Features
from siteopt.screening.windows import Window, whole_window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from siteopt.lattice import Lattice
    from siteopt.screening.features import Geometries

__all__ = [
    "coast_features",
    "halo_cells",
    "near_cells",
    "near_each",
    "outside",
    "rim",
    "within",
    "zones",
]


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
    return Features.of(geometries).within(lattice, whole_window(lattice), [distance_m])[0]


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
    window, features = whole_window(lattice), Features.of(polygons)
    cells = ~features.inside(lattice, window)
    if strip_m > 0:
        cells |= coast_features(features).within(lattice, window, [strip_m])[0]
    return cells


def coast_features(features: Features) -> Features:
    """Return the outer edge of polygons; borders that they share are no edge.

    Parameters
    ----------
    features : Features
        Polygons in EPSG:5179.
    """
    if not len(features.polygons):
        return Features.of([])
    union = Features.of([shapely.union_all(features.polygons)])
    return Features.of(shapely.get_rings(union.polygons))


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
    return near_each(cells, cell_m, [distance_m])[0]


def near_each(
    cells: NDArray[np.bool_], cell_m: float, distances_m: Sequence[float]
) -> list[NDArray[np.bool_]]:
    """Return the cells near marked ones for each of some distances, by one distance transform.

    Parameters
    ----------
    cells : ndarray of bool
        The marked cells of a grid; for a window with a halo of :func:`halo_cells` the answer is
        right inside the halo.
    cell_m : float
        Side of a cell in metres.
    distances_m : sequence of float
        Euclidean distances between centres in metres, the limit itself included.
    """
    squared = [_cells_squared(distance_m, cell_m) for distance_m in distances_m]
    if max(squared, default=0) == 0 or not cells.any() or cells.all():
        return [cells.copy() for _ in squared]
    window = Window(0, 0, *cells.shape)
    # OpenCV's columns and rows, several times faster than numpy's rows and columns.
    points = np.reshape(cv2.findNonZero(rim(cells).view(np.uint8)), (-1, 2))
    near = PointDistances(points.astype(np.float64), window, centred=True)
    # Squared distances are whole numbers: a limit half-way to the next one is safe to compare.
    limits = [float(np.sqrt(limit + 0.5)) for limit in squared]
    return [
        near.within(limit, limit, cells).cells if whole else cells.copy()
        for whole, limit in zip(squared, limits, strict=True)
    ]


def rim(cells: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the marked cells with an unmarked one beside them."""
    inner = cells.copy()
    inner[1:] &= cells[:-1]
    inner[:-1] &= cells[1:]
    inner[:, 1:] &= cells[:, :-1]
    inner[:, :-1] &= cells[:, 1:]
    return cells & ~inner


def halo_cells(distance_m: float, cell_m: float) -> int:
    """Return how many cells beyond a window can mark cells in it.

    Parameters
    ----------
    distance_m : float
        Euclidean distance between centres in metres.
    cell_m : float
        Side of a cell in metres.
    """
    return int(np.ceil(distance_m / cell_m))


def _cells_squared(distance_m: float, cell_m: float) -> int:
    """Return the largest whole n with sqrt(n) cells within the distance."""
    squared = int((distance_m / cell_m) ** 2)
    while np.sqrt(squared + 1) * cell_m <= distance_m:
        squared += 1
    while squared > 0 and np.sqrt(squared) * cell_m > distance_m:
        squared -= 1
    return squared
