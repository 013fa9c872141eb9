"""Counts of pixels, such as people, summed to cells so that the total is kept.

Each pixel is cut into equal parts, and each part goes whole to the cell that holds its centre
(dasymetric binning): what the pixels hold together, the cells hold together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import rasterio
from pyproj import Transformer
from rasterio.errors import RasterioError
from rasterio.warp import transform_bounds
from rasterio.windows import Window, from_bounds

from siteopt.errors import FetchError
from siteopt.lattice import CRS_EPSG
from siteopt.sources.fetching.rasters import NETWORK, Tile, opened_tiles

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from siteopt.lattice import Lattice

__all__ = ["SummedCounts", "sum_counts"]

_CHUNK: Final = 128
"""Side in pixels of a chunk within which places are interpolated: off by 2 m at 100 m pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class SummedCounts:
    """Counts by cell.

    Attributes
    ----------
    count : ndarray of float64, shape ``lattice.shape``
        NaN where no pixel is known.
    outside : float
        Count of known pixels that were read and fall beyond the lattice.
    """

    count: NDArray[np.float64]
    outside: float


def sum_counts(tiles: Sequence[str], lattice: Lattice, fine_m: float) -> SummedCounts:
    """Return the sum of pixel counts in each cell of a lattice; the total is kept.

    Parameters
    ----------
    tiles : sequence of str
        Paths or addresses of GeoTIFFs that do not overlap, in any CRS.
    lattice : Lattice
        The cells.
    fine_m : float
        Largest side in metres of the parts that a pixel is cut into.

    Returns
    -------
    SummedCounts
        Of the pixels that reach the lattice.

    Raises
    ------
    FetchError
        If a tile cannot be read, tiles overlap, a count is below 0, or none is there.
    """
    count = np.zeros(lattice.shape)
    known = np.zeros(lattice.shape, dtype=np.bool_)
    beyond = 0.0
    with rasterio.Env(**NETWORK), opened_tiles(tiles, "error") as opened:
        _must_not_overlap(opened)
        for tile in opened:
            for values, transform in _chunks(tile, lattice):
                rows, cols, part = _parts(values, transform, tile, lattice, fine_m)
                inside = lattice.contains(rows, cols)
                beyond += float(part[~inside].sum())
                _add(count, known, rows[inside], cols[inside], part[inside])
    count[~known] = np.nan
    return SummedCounts(count, beyond)


def _add(
    count: NDArray[np.float64],
    known: NDArray[np.bool_],
    rows: NDArray[np.int64],
    cols: NDArray[np.int64],
    part: NDArray[np.float64],
) -> None:
    """Add the parts of a chunk to their cells, within the window that it reaches."""
    if not len(rows):
        return
    top, left = int(rows.min()), int(cols.min())
    height, width = int(rows.max()) + 1 - top, int(cols.max()) + 1 - left
    cell = (rows - top) * width + cols - left
    window = (slice(top, top + height), slice(left, left + width))
    size = height * width
    count[window] += np.bincount(cell, weights=part, minlength=size).reshape(height, width)
    known[window] |= np.bincount(cell, minlength=size).reshape(height, width) > 0


def _must_not_overlap(tiles: list[Tile]) -> None:
    """Raise FetchError where two tiles share more than an edge."""
    by_west = sorted(tiles, key=lambda tile: (tile.dataset.bounds.left, tile.name))
    for tile in tiles:
        if tile.dataset.crs != tiles[0].dataset.crs:
            raise FetchError(f"{tile.name}: is in another CRS than {tiles[0].name}; one is needed")
    pairs = ((a, b) for i, a in enumerate(by_west) for b in by_west[i + 1 :])
    for a, b in pairs:
        width = min(a.dataset.bounds.right, b.dataset.bounds.right) - b.dataset.bounds.left
        height = min(a.dataset.bounds.top, b.dataset.bounds.top) - max(
            a.dataset.bounds.bottom, b.dataset.bounds.bottom
        )
        pixel_x, pixel_y = a.dataset.res
        if width > 0.5 * pixel_x and height > 0.5 * pixel_y:
            raise FetchError(
                f"{b.name}: overlaps {a.name}; what both hold would be counted twice, so give the "
                "files of one year and version only"
            )


def _chunks(tile: Tile, lattice: Lattice) -> Iterator[tuple[NDArray[np.float64], rasterio.Affine]]:
    """Yield the pixels of a tile that reach a lattice, NaN where not known, chunk by chunk."""
    source = tile.dataset
    window = _window(tile, lattice)
    if window is None:
        return
    scale, offset = float(source.scales[0]), float(source.offsets[0])
    rows = [*range(window.row_off, window.row_off + window.height, _CHUNK)]
    for top, bottom in pairwise([*rows, window.row_off + window.height]):
        strip = Window(window.col_off, top, window.width, bottom - top)
        try:
            read = source.read(1, window=strip, masked=True)
        except RasterioError as error:
            raise FetchError(f"{tile.name}: is broken or was cut off ({error})") from error
        values = np.ma.filled(read.astype(np.float64), np.nan) * scale + offset
        if (values < 0).any():
            raise FetchError(
                f"{tile.name}: holds {np.nanmin(values):g}; a count is at least 0, and pixels that "
                "are not known have the file's nodata value"
            )
        for left in range(0, window.width, _CHUNK):
            part = values[:, left : left + _CHUNK]
            if np.isfinite(part).any():
                col, row = window.col_off + left, top
                yield part, source.transform * rasterio.Affine.translation(col, row)


def _window(tile: Tile, lattice: Lattice) -> Window | None:
    """Return the whole pixels of a tile that may reach a lattice; None where none does."""
    source = tile.dataset
    bounds = transform_bounds(CRS_EPSG, source.crs, *lattice.bounds_m, densify_pts=21)
    wanted = from_bounds(*bounds, transform=source.transform)
    first_col, first_row = (
        max(math.floor(wanted.col_off) - 1, 0),
        max(math.floor(wanted.row_off) - 1, 0),
    )
    last_col = min(math.ceil(wanted.col_off + wanted.width) + 1, source.width)
    last_row = min(math.ceil(wanted.row_off + wanted.height) + 1, source.height)
    if first_col >= last_col or first_row >= last_row:
        return None
    return Window(first_col, first_row, last_col - first_col, last_row - first_row)


def _parts(
    values: NDArray[np.float64],
    transform: rasterio.Affine,
    tile: Tile,
    lattice: Lattice,
    fine_m: float,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return row, column and count of the parts that the known pixels of a chunk are cut into."""
    height, width = values.shape
    corner_x, corner_y = _corners_m(transform, width, height, tile)
    side_m = max(
        np.hypot(corner_x[0, 1] - corner_x[0, 0], corner_y[0, 1] - corner_y[0, 0]) / width,
        np.hypot(corner_x[1, 0] - corner_x[0, 0], corner_y[1, 0] - corner_y[0, 0]) / height,
    )
    cuts = max(1, math.ceil(side_m / fine_m - 1e-6))
    u = (np.arange(width * cuts) + 0.5) / (width * cuts)
    v = (np.arange(height * cuts) + 0.5) / (height * cuts)
    rows, cols = lattice.cells_of(_bilinear(corner_x, u, v), _bilinear(corner_y, u, v))
    part = np.repeat(np.repeat(values, cuts, axis=0), cuts, axis=1) / cuts**2
    known = np.isfinite(part)
    return rows[known], cols[known], part[known]


def _corners_m(
    transform: rasterio.Affine, width: int, height: int, tile: Tile
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the corners of a chunk in EPSG:5179, rows from the top, each of shape (2, 2)."""
    to_metres = Transformer.from_crs(tile.dataset.crs, CRS_EPSG, always_xy=True)
    places = [transform * (col, row) for row in (0, height) for col in (0, width)]
    x, y = to_metres.transform(*np.array(places).T)
    return np.reshape(x, (2, 2)), np.reshape(y, (2, 2))


def _bilinear(
    corners: NDArray[np.float64], u: NDArray[np.float64], v: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return values between four corners, shape (len(v), len(u))."""
    top = corners[0, 0] + (corners[0, 1] - corners[0, 0]) * u
    bottom = corners[1, 0] + (corners[1, 1] - corners[1, 0]) * u
    return np.asarray(top + np.multiply.outer(v, bottom - top))
