"""GeoTIFF files: identified by content, opened without side files, size limited.

A file is a GeoTIFF by its first bytes and by GDAL's driver of that name, whatever else GDAL could
take it for. Nothing but the file itself is read: no ``.aux.xml``, ``.tfw``, ``.ovr`` or ``.msk``
beside it, and nothing that its metadata point to. So what a run read is what ``run.json`` names.
"""

from __future__ import annotations

import logging
import os
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import rasterio
from rasterio.enums import MaskFlags
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import MemoryFile

from siteopt._memory import GIB, free_bytes, gigabytes
from siteopt.errors import LayerError, LayerFileError, SiteoptError
from siteopt.layers._file_errors import first_words, must_be_file
from siteopt.layers._tiff_head import must_be_tiff
from siteopt.layers.virtual_files import gdal_name, is_virtual

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rasterio.io import DatasetReader

    from siteopt.layers._raster_frame import Frame

__all__ = [
    "RASTER_SUFFIXES",
    "Form",
    "alone",
    "block_must_fit",
    "cells_must_fit",
    "form_of",
    "geotiff_of",
    "open_geotiff",
    "opened",
    "unread",
]

RASTER_SUFFIXES: Final = (".tif", ".tiff")

_ALONE: Final = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": "NO",
    "GTIFF_POINT_GEO_IGNORE": "NO",
    "GTIFF_IGNORE_READ_ERRORS": "NO",
    "PROJ_NETWORK": "OFF",
}
"""Settings of GDAL under which a file is read by itself, whatever the environment sets."""

_PATIENCE: Final = {
    "GDAL_HTTP_CONNECTTIMEOUT": "20", "GDAL_HTTP_TIMEOUT": "120", "GDAL_HTTP_MAX_RETRY": "3",
    "GDAL_HTTP_RETRY_DELAY": "1",
}  # fmt: skip
"""How long a server is waited for (seconds) and how often it is asked again, where the environment
does not set it."""

_BESIDE: Final = (".aux.xml", ".msk")
"""Files beside a GeoTIFF that could say which cells have a value, after its whole name."""

_MOST_BYTES: Final = 4 * GIB
"""Most that the cells of a layer may take. All of South Korea in cells of 30 m, the smallest that
screening has, takes 2.2 GB as float32."""

_COPIES: Final = 5
"""Most copies of the cells in memory while a layer is read and judged (measured: 4.4)."""

# GDAL's own warnings would reach the user as log lines; what matters is raised.
logging.getLogger("rasterio").setLevel(logging.CRITICAL)


def opened(path: Path) -> DatasetReader:
    """Open a GeoTIFF; what is read of it then is read within :func:`alone`.

    Raises
    ------
    LayerFileError
        If there is no such file or it cannot be opened.
    LayerError
        If it is no GeoTIFF, or is damaged.
    """
    if is_virtual(path):
        return _opened_virtual(path)
    must_be_file(path)
    must_be_tiff(path)
    with alone(path):
        return rasterio.open(path, driver="GTiff", GEOREF_SOURCES="INTERNAL")


def _opened_virtual(path: Path) -> DatasetReader:
    try:
        with _settings():
            return rasterio.open(gdal_name(path), driver="GTiff", GEOREF_SOURCES="INTERNAL")
    except RasterioError as error:
        raise LayerFileError(
            f"{path.name}: cannot be opened as a GeoTIFF ({first_words(error)}); check its name "
            f"(/{path.parts[1]}/...), and for object storage the environment variables of GDAL "
            "that hold the access"
        ) from error


@contextmanager
def open_geotiff(path: Path) -> Iterator[DatasetReader]:
    """Open a GeoTIFF, alone; whatever goes wrong while it is read is an error with its name.

    Raises
    ------
    LayerFileError
        If there is no such file or it cannot be opened.
    LayerError
        If it is no GeoTIFF, or is damaged, or does not fit into memory.
    """
    with opened(path) as source, alone(path):
        yield source


@contextmanager
def geotiff_of(content: bytes, path: Path) -> Iterator[DatasetReader]:
    """Open the bytes of a GeoTIFF that a run wrote; errors as :func:`open_geotiff`.

    Parameters
    ----------
    content : bytes
        The whole file.
    path : Path
        Where it was read from, for messages.
    """
    with alone(path), MemoryFile(content) as memory, memory.open(driver="GTiff") as source:
        yield source


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Let GDAL read nothing but what it is given; an error of it names the file.

    Raises
    ------
    LayerError
        In place of whatever GDAL, PROJ or numpy raise.
    """
    try:
        with _settings():
            yield
    except SiteoptError:
        raise
    except MemoryError as error:
        raise LayerError(
            f"{path.name}: does not fit into memory; cut it to Korea, or use larger cells"
        ) from error
    except Exception as error:  # GDAL, PROJ and numpy have many kinds
        raise LayerError(
            f"{path.name}: cannot be read as a GeoTIFF ({first_words(error)}); is the file whole?"
        ) from error


@dataclass(frozen=True, slots=True)
class Form:
    """How the values of a file are written.

    Attributes
    ----------
    masked : bool
        Whether a mask or a transparent band hides some.
    scale, offset : float
        Of the file's numbers: value = number * scale + offset.
    """

    masked: bool
    scale: float
    offset: float


def form_of(source: DatasetReader, path: Path) -> Form:
    """Return how the values of a file are written.

    Parameters
    ----------
    source : DatasetReader
        The open file.
    path : Path
        Its name, for messages.

    Raises
    ------
    LayerError
        If they are not those of one layer.
    """
    if source.subdatasets:
        raise LayerError(
            f"{path.name}: {len(source.subdatasets)} images; a raster layer is one, so write the "
            "one that is meant into a file of its own"
        )
    flags = source.mask_flag_enums[0]
    is_transparent = MaskFlags.alpha in flags and source.count == 2  # noqa: PLR2004 - and alpha
    if source.count != 1 and not is_transparent:
        raise LayerError(f"{path.name}: {source.count} bands; a raster layer has one")
    if "complex" in source.dtypes[0]:
        raise LayerError(f"{path.name}: holds complex numbers; a raster layer holds real ones")
    scale, offset = float(source.scales[0]), float(source.offsets[0])
    if not (np.isfinite([scale, offset]).all() and scale):
        raise LayerError(
            f"{path.name}: its scale is {scale:g} and its offset {offset:g}; finite numbers are "
            "needed, and a scale that is not 0"
        )
    return Form(is_transparent or MaskFlags.per_dataset in flags, scale, offset)


@contextmanager
def _settings() -> Iterator[None]:
    given = {name: value for name, value in _PATIENCE.items() if name not in os.environ}
    with (
        warnings.catch_warnings(action="ignore", category=NotGeoreferencedWarning),
        rasterio.Env(**_ALONE, **given),
    ):
        yield


def block_must_fit(source: DatasetReader, path: Path) -> None:
    """Raise LayerError, before anything is read, if a block takes more memory than may be."""
    rows, cols = source.block_shapes[0]
    needed = rows * cols * source.count * _bytes_a_cell(source)
    most, rule = _most_bytes()
    if needed > most:
        raise LayerError(
            f"{path.name}: is written in blocks of {rows:,} x {cols:,} cells, which take "
            f"{gigabytes(needed)} of memory, but {rule}; `gdal_translate -co TILED=YES` writes it "
            "in small ones"
        )


def cells_must_fit(source: DatasetReader, frame: Frame, path: Path) -> None:
    """Raise LayerError, before anything is read, if all cells take more memory than may be."""
    counts = [frame.rows * frame.cols]
    if not frame.as_it_is:
        counts.append(frame.lattice.n_rows * frame.lattice.n_cols)
    needed = max(counts) * _bytes_a_cell(source)
    most, rule = _most_bytes()
    if needed > most:
        raise LayerError(
            f"{path.name}: {source.height:,} x {source.width:,} cells of {min(frame.sides_m):.4g} "
            f"m take {gigabytes(needed)} of memory, but {rule}; cut it to Korea, or use larger "
            "cells"
        )


def _bytes_a_cell(source: DatasetReader) -> int:
    kind = np.dtype(source.dtypes[0])
    return max(int(kind.itemsize), np.dtype(np.float32).itemsize)


def _most_bytes() -> tuple[int, str]:
    """Return the memory that the cells of a layer may take, and why."""
    free = free_bytes()
    if free is None or free // _COPIES >= _MOST_BYTES:
        return _MOST_BYTES, f"a layer may take {gigabytes(_MOST_BYTES)} here"
    most = free // _COPIES
    return most, (
        f"of the {gigabytes(free)} of memory that are free a layer may take {gigabytes(most)}"
    )


def unread(path: Path) -> Iterator[str]:
    """Yield a sentence on each file beside a file that could change its meaning but is not read."""
    for suffix in _BESIDE:
        other = path.with_name(path.name + suffix)
        if other.is_file():
            yield (
                f"{path.name}: {other.name} beside it is not read; `gdal_translate` writes what "
                "it says into the GeoTIFF itself"
            )
