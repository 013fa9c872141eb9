"""Windowed reads of cloud-optimised GeoTIFFs, aggregated to the cells of a run.

Only the blocks that a window needs are read, from a server by HTTP range requests (GDAL's
``/vsicurl``), one block of cells at a time, so that memory stays the same however fine the raster
is. Slope is Horn's (1981): weighted differences over three by three cells.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol

import numpy as np
import rasterio
import shapely
from rasterio.errors import RasterioError
from rasterio.transform import from_origin
from rasterio.vrt import WarpedVRT
from rasterio.warp import Resampling, transform_bounds

from siteopt.errors import FetchError
from siteopt.lattice import CRS_EPSG

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from siteopt.lattice import Lattice

__all__ = [
    "NETWORK", "Aggregation", "ClassShare", "Mean", "MeanSlope", "Tile", "aggregate", "opened_tiles",
]  # fmt: skip

_BLOCK_CELLS: Final = 40
"""Side of a block: 10 km at 250 m, a million fine cells at 10 m."""

NETWORK: Final = {
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".tif,.tiff",
    "CPL_VSIL_CURL_USE_HEAD": "NO",
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_HTTP_CONNECTTIMEOUT": "20",
    "GDAL_HTTP_LOW_SPEED_LIMIT": "1000",
    "GDAL_HTTP_LOW_SPEED_TIME": "30",
    "GDAL_HTTP_MAX_RETRY": "3",
    "GDAL_HTTP_RETRY_DELAY": "2",
    "GDAL_HTTP_TIMEOUT": "120",
    "GDAL_INGESTED_BYTES_AT_OPEN": "32768",
    "VSI_CACHE": "FALSE",
}
"""Bounds of GDAL's own requests: time, speed, attempts, and nothing but GeoTIFF files."""

_NO_SUCH_TILE: Final = ("response code: 404", "response_code=404", "does not exist")


class Aggregation(Protocol):
    """What becomes of the fine cells of a block."""

    @property
    def rim(self) -> int:
        """Fine cells that it needs beyond the edge of a block."""

    @property
    def resampling(self) -> Resampling:
        """How a raster of another grid is read."""

    def __call__(self, fine: NDArray[np.float32], cell: int, fine_m: float) -> NDArray[np.float32]:
        """Return a value a cell, NaN where no fine cell is known.

        Parameters
        ----------
        fine : ndarray of float32
            Fine cells with the rim around them; NaN where not known.
        cell : int
            Fine cells along the side of a cell.
        fine_m : float
            Side of a fine cell in metres.
        """


@dataclass(frozen=True, slots=True)
class Mean:
    """Mean of the known fine cells."""

    rim: int = 0
    resampling: Resampling = Resampling.bilinear

    def __call__(self, fine: NDArray[np.float32], cell: int, fine_m: float) -> NDArray[np.float32]:  # noqa: ARG002
        """Return the means; see `Aggregation`."""
        return _mean_of_known(fine, cell)


@dataclass(frozen=True, slots=True)
class MeanSlope:
    """Mean slope in degrees by Horn's method, of fine cells whose eight neighbours are known."""

    rim: int = 1
    resampling: Resampling = Resampling.bilinear

    def __call__(self, fine: NDArray[np.float32], cell: int, fine_m: float) -> NDArray[np.float32]:
        """Return the mean slopes; see `Aggregation`."""
        z = fine.astype(np.float64)
        north, south = z[:-2], z[2:]
        x = (north[:, 2:] + 2 * z[1:-1, 2:] + south[:, 2:]) - (
            north[:, :-2] + 2 * z[1:-1, :-2] + south[:, :-2]
        )
        y = (north[:, :-2] + 2 * north[:, 1:-1] + north[:, 2:]) - (
            south[:, :-2] + 2 * south[:, 1:-1] + south[:, 2:]
        )
        rise = np.hypot(x, y) / (8.0 * fine_m)
        return _mean_of_known(np.degrees(np.arctan(rise)).astype(np.float32), cell)


@dataclass(frozen=True, slots=True)
class ClassShare:
    """Share of the known fine cells that are of some classes, 0 to 1.

    Attributes
    ----------
    codes : tuple of int
        Classes of the raster.
    """

    codes: tuple[int, ...]
    rim: int = 0
    resampling: Resampling = Resampling.nearest

    def __call__(self, fine: NDArray[np.float32], cell: int, fine_m: float) -> NDArray[np.float32]:  # noqa: ARG002
        """Return the shares; see `Aggregation`."""
        member = np.isin(fine, np.asarray(self.codes, dtype=np.float32)).astype(np.float32)
        member[np.isnan(fine)] = np.nan
        return _mean_of_known(member, cell)


def _mean_of_known(fine: NDArray[np.float32], cell: int) -> NDArray[np.float32]:
    rows, cols = fine.shape[0] // cell, fine.shape[1] // cell
    cells = fine.reshape(rows, cell, cols, cell)
    known = np.isfinite(cells)
    count = known.sum(axis=(1, 3))
    total = np.where(known, cells, 0.0).sum(axis=(1, 3), dtype=np.float64)
    mean: NDArray[np.float64] = total / np.where(count, count, np.nan)
    return mean.astype(np.float32)


def aggregate(
    tiles: Sequence[str],
    lattice: Lattice,
    fine_m: float,
    how: Aggregation,
    *,
    missing: Literal["sea", "error"] = "error",
) -> NDArray[np.float32]:
    """Return a value for each cell of a lattice, from rasters of any CRS and resolution.

    Parameters
    ----------
    tiles : sequence of str
        Paths or addresses of GeoTIFFs; where several cover a place the first one that is known
        there counts.
    lattice : Lattice
        The cells.
    fine_m : float
        Side of the fine cells that a cell is cut into; it divides the side of a cell.
    how : Aggregation
        What becomes of them.
    missing : {'error', 'sea'}
        Whether a tile that is not there is an error, or open sea, which has none.

    Returns
    -------
    ndarray of float32, shape ``lattice.shape``
        NaN where no tile knows anything.

    Raises
    ------
    FetchError
        If a tile cannot be read, is no GeoTIFF, or none of them is there.
    """
    cell = round(lattice.cell_m / fine_m)
    if cell < 1 or abs(cell * fine_m - lattice.cell_m) > 1e-6 * lattice.cell_m:
        raise FetchError(f"cells of {lattice.cell_m:g} m cannot be cut into {fine_m:g} m")
    out = np.full(lattice.shape, np.nan, dtype=np.float32)
    with rasterio.Env(**NETWORK), opened_tiles(tiles, missing) as opened:
        for rows, cols in _blocks(lattice):
            fine = _fine(opened, lattice, rows, cols, cell, fine_m, how)
            if fine is not None:
                out[rows, cols] = how(fine, cell, fine_m)
    return out


@dataclass(frozen=True, slots=True)
class Tile:
    """Open raster of a source.

    Attributes
    ----------
    name : str
        Path or address.
    dataset : DatasetReader
        GDAL's dataset.
    bounds : tuple of float
        In EPSG:5179.
    """

    name: str
    dataset: rasterio.DatasetReader
    bounds: tuple[float, float, float, float]


@contextmanager
def opened_tiles(tiles: Sequence[str], missing: str) -> Iterator[list[Tile]]:
    """Open GeoTIFFs by path or address, and close them at the end of the block.

    Parameters
    ----------
    tiles : sequence of str
        Paths or addresses.
    missing : {'error', 'sea'}
        As of `aggregate`.

    Raises
    ------
    FetchError
        If one cannot be read, is no GeoTIFF or names no CRS, or none is there.
    """
    found = []
    with ExitStack() as stack:
        for name in tiles:
            address = f"/vsicurl/{name}" if name.startswith(("http://", "https://")) else name
            try:
                dataset = stack.enter_context(rasterio.open(address, driver="GTiff"))
                if dataset.crs is None:
                    raise FetchError(f"{name}: names no CRS")
                bounds = transform_bounds(dataset.crs, CRS_EPSG, *dataset.bounds, densify_pts=21)
            except RasterioError as error:
                told = str(error)
                if missing == "sea" and any(sign in told for sign in _NO_SUCH_TILE):
                    continue
                raise FetchError(f"{name}: cannot be read as a GeoTIFF ({told})") from error
            found.append(Tile(name, dataset, bounds))
        if not found:
            raise FetchError(f"{tiles[0] if tiles else 'no tile'}: no tile is there")
        yield found


def _blocks(lattice: Lattice) -> Iterator[tuple[slice, slice]]:
    for row in range(0, lattice.n_rows, _BLOCK_CELLS):
        for col in range(0, lattice.n_cols, _BLOCK_CELLS):
            yield (
                slice(row, min(row + _BLOCK_CELLS, lattice.n_rows)),
                slice(col, min(col + _BLOCK_CELLS, lattice.n_cols)),
            )


def _fine(  # noqa: PLR0913, PLR0917 - a block, and how it is cut
    opened: list[Tile],
    lattice: Lattice,
    rows: slice,
    cols: slice,
    cell: int,
    fine_m: float,
    how: Aggregation,
) -> NDArray[np.float32] | None:
    """Return the fine cells of a block with their rim; None where no tile reaches."""
    west = lattice.x_min_m + cols.start * lattice.cell_m - how.rim * fine_m
    north = lattice.y_max_m - rows.start * lattice.cell_m + how.rim * fine_m
    height = (rows.stop - rows.start) * cell + 2 * how.rim
    width = (cols.stop - cols.start) * cell + 2 * how.rim
    block = shapely.box(west, north - height * fine_m, west + width * fine_m, north)
    near = [tile for tile in opened if shapely.box(*tile.bounds).intersects(block)]
    if not near:
        return None
    fine = np.full((height, width), np.nan, dtype=np.float32)
    transform = from_origin(west, north, fine_m, fine_m)
    for tile in near:
        unknown = np.isnan(fine)
        if not unknown.any():
            break
        try:
            with WarpedVRT(
                tile.dataset, crs=CRS_EPSG, transform=transform, width=width, height=height,
                resampling=how.resampling, add_alpha=False,
            ) as warped:  # fmt: skip
                values = warped.read(1, masked=True)
        except RasterioError as error:
            raise FetchError(f"{tile.name}: is broken or was cut off ({error})") from error
        part = np.ma.filled(values.astype(np.float32), np.nan)
        part = part * np.float32(tile.dataset.scales[0]) + np.float32(tile.dataset.offsets[0])
        if tile.dataset.nodata is None:
            part[~_inside(tile, transform, part.shape)] = np.nan
        fine[unknown] = part[unknown]
    return fine


def _inside(tile: Tile, transform: rasterio.Affine, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return which fine cells lie in a raster without a value for "not known": GDAL gives them 0."""
    left, bottom, right, top = tile.bounds
    x = transform.c + (np.arange(shape[1]) + 0.5) * transform.a
    y = transform.f + (np.arange(shape[0]) + 0.5) * transform.e
    in_rows: NDArray[np.bool_] = (y > bottom) & (y < top)
    in_cols: NDArray[np.bool_] = (x > left) & (x < right)
    return np.logical_and.outer(in_rows, in_cols)
