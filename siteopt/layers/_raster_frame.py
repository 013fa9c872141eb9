"""Raster extent: part of a GeoTIFF within Korea, and its lattice of EPSG:5179."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
import pyproj
from rasterio.transform import Affine
from rasterio.warp import transform

from siteopt.errors import LayerError
from siteopt.lattice import CRS_EPSG, DEGREES_EPSG, Lattice
from siteopt.layers.fields import KOREA

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from rasterio.crs import CRS
    from rasterio.io import DatasetReader

__all__ = ["Frame", "frame_of", "name_of_crs"]

_Number = TypeVar("_Number", float, "NDArray[np.float64]")

_TARGET: Final = f"EPSG:{CRS_EPSG}"
_DEGREES: Final = f"EPSG:{DEGREES_EPSG}"

_RIM_DEG: Final = 1.0
"""Degrees outside Korea up to which cells are kept: those near its border may matter."""

_EDGE_POINTS: Final = 41
"""Points of an edge that are transformed: straight edges are curved in another CRS."""

_SMALLEST_M: Final = 0.01
_LARGEST_M: Final = 150_000.0
"""Sides of cells that can be right: aerial pictures have some cm, global climate models a degree
(111 km); South Korea is 300 km wide."""

_OBLONG: Final = 1.5
"""Cells longer than wide by more are resampled to squares of their short side, so that no cell is
lost."""

_RADIUS_M: Final = 6_378_137.0
_FLATTENING: Final = 298.257
"""Half axis and (within 0.001) inverse flattening of GRS 80 and of WGS 84."""

_COARSEST_M: Final = 2000.0
"""Larger cells are divided where they are resampled, so that no edge moves farther than half of
this; no screening cell is larger."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of a file that is read, and the lattice that it comes to lie on.

    Attributes
    ----------
    row, col, rows, cols : int
        The part.
    affine : Affine
        From (column, row) of the part to the CRS of the file.
    crs : CRS
        Of the file.
    sides_m : tuple of float
        Sides of a cell in metres of EPSG:5179, along a row and along a column, about.
    lattice : Lattice
        Where its cells come to lie.
    as_it_is : bool
        Whether the cells are those of the lattice, but for the order of rows and columns.
    """

    row: int
    col: int
    rows: int
    cols: int
    affine: Affine
    crs: CRS
    sides_m: tuple[float, float]
    lattice: Lattice
    as_it_is: bool


def frame_of(source: DatasetReader, file: str) -> Frame:
    """Return which cells of a file lie in Korea, and where.

    Raises
    ------
    LayerError
        If the file has no CRS or no place, its cells cannot be right, or none is in Korea.
    """
    affine, crs = source.transform, _crs_of(source, file)
    numbers = np.array(affine[:6], dtype=np.float64)
    if affine.is_identity or affine.is_degenerate or not np.isfinite(numbers).all():
        raise LayerError(
            f"{file}: no place; write origin and cell size into the GeoTIFF itself (a .tfw or "
            ".aux.xml beside it is not read)"
        )
    row, col, rows, cols = _part_in_korea(affine, crs, source.shape, file)
    west, north = _placed(affine, float(col), float(row))
    part = Affine(affine.a, affine.b, west, affine.d, affine.e, north)
    sides = _sides_m(part, crs, rows, cols)
    if not (np.isfinite(sides).all() and sides.min() >= _SMALLEST_M and sides.max() <= _LARGEST_M):
        raise LayerError(
            f"{file}: its cells are {sides[0]:.3g} m by {sides[1]:.3g} m; {_SMALLEST_M:g} m to "
            f"{_LARGEST_M / 1000:g} km can be right, so is its CRS ({name_of_crs(crs)}) that of its "
            "numbers?"
        )
    as_it_is = (
        crs.to_epsg() == CRS_EPSG and affine.b == affine.d == 0 and abs(affine.a) == abs(affine.e)
    )
    if as_it_is:
        side = abs(part.a)
        west = part.c if part.a > 0 else part.c - cols * side
        north = part.f if part.e < 0 else part.f + rows * side
        lattice = Lattice(west, north, side, rows, cols)
    else:
        oblong = sides.max() > _OBLONG * sides.min()
        side = float(sides.min() if oblong else np.sqrt(sides[0] * sides[1]))
        side /= np.ceil(side / _COARSEST_M)
        lattice = Lattice.covering(_bounds_m(part, crs, rows, cols), float(side))
    sides_m = (float(sides[0]), float(sides[1]))
    return Frame(row, col, rows, cols, part, crs, sides_m, lattice, as_it_is)


def _crs_of(source: DatasetReader, file: str) -> CRS:
    """Return the CRS of a file, from which there must be a known way to EPSG:5179."""
    if source.crs is None:
        if source.gcps[0]:
            raise LayerError(
                f"{file}: placed by control points alone; `gdalwarp -t_srs {_TARGET}` gives its "
                "cells their places"
            )
        raise LayerError(
            f"{file}: no CRS; write {_TARGET} (or its own CRS) into the file (an .aux.xml or .prj "
            "beside it is not read)"
        )
    try:
        found = _has_way(pyproj.CRS.from_wkt(source.crs.to_wkt()))
    except pyproj.exceptions.ProjError:
        found = False
    if not found:
        raise LayerError(
            f"{file}: no way is known from its CRS ({name_of_crs(source.crs)}) to {_TARGET}; give the "
            "file the CRS that its numbers are in, datum and all"
        )
    return source.crs


def _has_way(crs: pyproj.CRS) -> bool:
    """Return whether the datum of a CRS is known, or on the ellipsoid of the world's datums.

    Those (ITRF, GRS 80 without a datum) agree to about a metre; on a Bessel ellipsoid PROJ would
    be several hundred metres off where it knows no shift.
    """
    flat = crs.sub_crs_list[0] if crs.is_compound else crs
    if not (flat.is_geographic or flat.is_projected):
        return False
    ways = pyproj.transformer.TransformerGroup(flat, CRS_EPSG, allow_ballpark=False)
    if ways.transformers:
        return True
    ellipsoid, meridian = flat.ellipsoid, flat.prime_meridian
    return (
        ellipsoid is not None
        and meridian is not None
        and meridian.longitude == 0
        and bool(np.isclose(ellipsoid.semi_major_metre, _RADIUS_M, rtol=0, atol=0.1))
        and bool(np.isclose(ellipsoid.inverse_flattening, _FLATTENING, rtol=0, atol=0.001))
    )


def name_of_crs(crs: CRS) -> str:
    """Return what a CRS is called, in few words."""
    try:
        code = crs.to_epsg()
        return f"EPSG:{code}" if code else pyproj.CRS.from_wkt(crs.to_wkt()).name
    except (pyproj.exceptions.ProjError, ValueError):
        return "unknown"


def _part_in_korea(
    affine: Affine, crs: CRS, shape: tuple[int, int], file: str
) -> tuple[int, int, int, int]:
    """Return first row, first column, rows and columns of the part of a file that is in Korea."""
    west, south, east, north = KOREA
    _, held = _cells_in_box(affine, crs, shape, KOREA)
    if not held:
        raise LayerError(
            f"{file}: {_location(affine, crs, shape)}outside Korea ({west:.0f} to {east:.0f}, "
            f"{south:.0f} to {north:.0f}); is its CRS ({name_of_crs(crs)}) right?"
        )
    wide = (west - _RIM_DEG, south - _RIM_DEG, east + _RIM_DEG, north + _RIM_DEG)
    return _cells_in_box(affine, crs, shape, wide)[0]


def _cells_in_box(
    affine: Affine, crs: CRS, shape: tuple[int, int], box: tuple[float, float, float, float]
) -> tuple[tuple[int, int, int, int], bool]:
    """Return the cells around a box of degrees, and whether there are any."""
    x, y = _transformed(_DEGREES, crs, *_outline(*box))
    if not len(x):
        return (0, 0, 0, 0), False
    col, row = _placed(~affine, x, y)
    if not (np.isfinite(col).all() and np.isfinite(row).all()):
        return (0, 0, 0, 0), False
    first = np.clip(np.floor([row.min(), col.min()]), 0, shape).astype(np.int64)
    last = np.clip(np.ceil([row.max(), col.max()]), 0, shape).astype(np.int64)
    rows, cols = (last - first).tolist()
    return (int(first[0]), int(first[1]), rows, cols), rows > 0 and cols > 0


def _location(affine: Affine, crs: CRS, shape: tuple[int, int]) -> str:
    """Return the location of a file, in degrees, where it is known."""
    lon, lat = _transformed(crs, _DEGREES, *_edges(affine, *shape))
    if not len(lon):
        return "lies "
    return (
        f"lies at lon {lon.min():.1f} to {lon.max():.1f}, lat {lat.min():.1f} to {lat.max():.1f}, "
    )


def _sides_m(affine: Affine, crs: CRS, rows: int, cols: int) -> NDArray[np.float64]:
    """Return the two sides of the cell in the middle of a part, in metres of EPSG:5179."""
    col = cols // 2 + np.array([0.0, 1.0, 0.0])
    row = rows // 2 + np.array([0.0, 0.0, 1.0])
    x_m, y_m = _transformed(crs, _TARGET, *_placed(affine, col, row))
    if len(x_m) < len(col):
        return np.full(2, np.inf)
    sides: NDArray[np.float64] = np.hypot(x_m[1:] - x_m[0], y_m[1:] - y_m[0])
    return sides


def _bounds_m(affine: Affine, crs: CRS, rows: int, cols: int) -> tuple[float, float, float, float]:
    x, y = _transformed(crs, _TARGET, *_edges(affine, rows, cols))
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def _outline(
    west: float, south: float, east: float, north: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return points on the edges of a box, and in it."""
    x, y = np.meshgrid(
        np.linspace(west, east, _EDGE_POINTS), np.linspace(south, north, _EDGE_POINTS)
    )
    return x.ravel(), y.ravel()


def _edges(affine: Affine, rows: int, cols: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return points of a part, its edges among them, in the CRS of the file."""
    return _placed(affine, *_outline(0.0, 0.0, float(cols), float(rows)))


def _placed(affine: Affine, col: _Number, row: _Number) -> tuple[_Number, _Number]:
    """Return what a transform makes of numbers or arrays."""
    with np.errstate(over="ignore", invalid="ignore"):
        return (
            affine.a * col + affine.b * row + affine.c,
            affine.d * col + affine.e * row + affine.f,
        )


def _transformed(
    before: CRS | str, after: CRS | str, x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return points in another CRS; those that it cannot hold are left out."""
    new_x, new_y = (np.asarray(part) for part in transform(before, after, x, y)[:2])
    held = np.isfinite(new_x) & np.isfinite(new_y)
    return new_x[held], new_y[held]
