"""Cloud Optimized GeoTIFFs of the screening grid, written window by window."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import rasterio
import rasterio.shutil
from rasterio.windows import Window as RasterioWindow

from siteopt.lattice import CRS_EPSG

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import DTypeLike, NDArray
    from rasterio.io import DatasetReader, DatasetWriter

    from siteopt.lattice import Lattice
    from siteopt.screening.windows import Window

__all__ = ["BLOCK", "check_blocks", "to_cog", "write_window", "written_tiles"]

BLOCK: Final = 256
"""Side of the tiles of a file."""

_CACHE_MB: Final = 64
"""Memory of GDAL for blocks that are not on disk yet."""


@contextmanager
def written_tiles(
    path: Path, lattice: Lattice, dtype: DTypeLike, tags: Mapping[str, str],
    nodata: float | None = None,
) -> Iterator[DatasetWriter]:  # fmt: skip
    """Give a tiled GeoTIFF of one band to write windows into.

    Parameters
    ----------
    path : Path
        The file.
    lattice : Lattice
        Its cells.
    dtype : dtype
        Of its values.
    tags : mapping of str to str
        Metadata.
    nodata : float, optional
        Value of cells that have none.
    """
    profile: dict[str, Any] = {
        "driver": "GTiff", "height": lattice.n_rows, "width": lattice.n_cols, "count": 1,
        "dtype": dtype, "crs": f"EPSG:{CRS_EPSG}", "transform": lattice.transform,
        "tiled": True, "blockxsize": BLOCK, "blockysize": BLOCK, "compress": "DEFLATE",
        "zlevel": 1, "bigtiff": "IF_SAFER", "nodata": nodata,
    }  # fmt: skip
    with _gdal(), rasterio.open(path, "w", **profile) as file:
        file.update_tags(**tags)
        yield file


def write_window(file: DatasetWriter, window: Window, cells: NDArray[Any]) -> None:
    """Write the cells of a window of the grid."""
    at = RasterioWindow(window.col, window.row, window.n_cols, window.n_rows)
    file.write(cells, 1, window=at)


def to_cog(tiles: Path, path: Path, overviews: str, threads: int) -> None:
    """Copy a tiled GeoTIFF into a Cloud Optimized GeoTIFF with overviews, and read it back.

    The bytes depend on the cells and metadata alone.

    Parameters
    ----------
    tiles : Path
        A whole file.
    path : Path
        The copy, flushed to the disk.
    overviews : str
        How GDAL resamples: ``nearest`` or ``mode``.
    threads : int
        Threads that compress.

    Raises
    ------
    OSError
        If the copy is not whole.
    """
    try:
        with _gdal():
            rasterio.shutil.copy(
                tiles, path, driver="COG", compress="DEFLATE", level=1, blocksize=BLOCK,
                overview_resampling=overviews, bigtiff="IF_SAFER", num_threads=threads,
            )  # fmt: skip
    except Exception as error:  # GDAL has many kinds
        raise OSError(str(error)) from error
    check_blocks(path)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def check_blocks(path: Path) -> None:
    """Raise OSError if a tile of a GeoTIFF or of its overviews does not lie in the file.

    GDAL writes tiles when it needs their memory or closes the file, and what fails then is not
    always raised.

    Parameters
    ----------
    path : Path
        The file.
    """
    size = path.stat().st_size
    with rasterio.open(path, driver="GTiff") as file:
        levels = range(len(file.overviews(1)))
    for level in (None, *levels):
        options = {} if level is None else {"overview_level": level}
        with rasterio.open(path, driver="GTiff", **options) as file:
            _check_level(file, level, size)


def _check_level(file: DatasetReader, level: int | None, size: int) -> None:
    for row in range(-(-file.height // BLOCK)):
        for col in range(-(-file.width // BLOCK)):
            offset, length = (
                file.get_tag_item(f"BLOCK_{what}_{col}_{row}", "TIFF", bidx=1)
                for what in ("OFFSET", "SIZE")
            )
            if offset is None or int(offset) + int(length or 0) > size:
                where = "" if level is None else f" of overview {level}"
                raise OSError(f"the tile in row {row}, column {col}{where} is not there")


def _gdal() -> rasterio.Env:
    return rasterio.Env(GDAL_CACHEMAX=_CACHE_MB, GDAL_PAM_ENABLED="NO")
