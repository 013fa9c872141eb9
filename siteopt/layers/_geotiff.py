"""GeoTIFF files: identified by content, opened without side files, size limited.

A file is a GeoTIFF by its first bytes and by GDAL's driver of that name, whatever else GDAL could
take it for. Nothing but the file itself is read: no ``.aux.xml``, ``.tfw``, ``.ovr`` or ``.msk``
beside it, and nothing that its metadata point to. So what a run read is what ``run.json`` names.
"""

from __future__ import annotations

import logging
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import rasterio
from rasterio.enums import MaskFlags
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile
from rasterio.windows import Window

from siteopt._memory import GIB, free_bytes, gigabytes
from siteopt.errors import LayerError, SiteoptError
from siteopt.layers._features import first_words
from siteopt.layers._raster_cells import Cells, cells_of, scaled
from siteopt.layers._raster_frame import Frame, frame_of, on_lattice
from siteopt.layers._tiff_head import must_be_tiff
from siteopt.layers.opening import must_be_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rasterio.io import DatasetReader

    from siteopt.layers.rasters import Raster

__all__ = ["RASTER_SUFFIXES", "form_of", "geotiff_of", "open_geotiff", "read_raster"]

RASTER_SUFFIXES: Final = (".tif", ".tiff")

_ALONE: Final = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": "NO",
    "GTIFF_POINT_GEO_IGNORE": "NO",
    "GTIFF_IGNORE_READ_ERRORS": "NO",
    "PROJ_NETWORK": "OFF",
}
"""Settings of GDAL under which a file is read by itself, whatever the environment sets."""

_BESIDE: Final = (".aux.xml", ".msk")
"""Files beside a GeoTIFF that could say which cells have a value, after its whole name."""

_MOST_BYTES: Final = 4 * GIB
"""Most that the cells of a layer may take. All of South Korea in cells of 30 m, the smallest that
screening has, takes 2.2 GB as float32."""

_COPIES: Final = 5
"""Most copies of the cells in memory while a layer is read and judged (measured: 4.4)."""

# GDAL's own warnings would reach the user as log lines; what matters is raised.
logging.getLogger("rasterio").setLevel(logging.CRITICAL)


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
    must_be_file(path)
    must_be_tiff(path)
    with _alone(path), rasterio.open(path, driver="GTiff", GEOREF_SOURCES="INTERNAL") as source:
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
    with _alone(path), MemoryFile(content) as memory, memory.open(driver="GTiff") as source:
        yield source


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let GDAL read nothing but what it is given; an error of it names the file."""
    try:
        with (
            warnings.catch_warnings(action="ignore", category=NotGeoreferencedWarning),
            rasterio.Env(**_ALONE),
        ):
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


def read_raster(path: Path, layer_id: str, tell: Callable[[str], None] | None = None) -> Raster:
    """Read a one-band GeoTIFF onto a lattice of EPSG:5179.

    A file that is in EPSG:5179 already, with square cells along its axes, is taken cell for cell,
    whichever way its rows and columns run; any other is resampled (nearest) to square cells of
    about its own size. Cells more than a degree outside Korea are not read.

    Parameters
    ----------
    path : Path
        The file.
    layer_id : str
        Id of the layer, for messages.
    tell : callable, optional
        Called with what the reader of a run should know of the file, a sentence each.

    Raises
    ------
    LayerFileError
        If the file cannot be opened.
    LayerError
        If it is no GeoTIFF, has no CRS or place, several bands or images, cells that cannot be
        right, no known cell, a value that means "not known" and is not marked so, is
        outside Korea, or does not fit into memory.
    """
    if path.suffix.lower() not in RASTER_SUFFIXES:
        raise LayerError(
            f"{path.name}: suffix {path.suffix or '(none)'} is no raster; {layer_id} is a .tif file"
        )
    with open_geotiff(path) as source:
        form = form_of(source, path)
        frame = frame_of(source, path.name)
        _must_fit(source, frame, path)
        cells = _read(source, frame, form)
        for line in cells.strange(path.name, layer_id):
            _say(line, tell)
        raster = on_lattice(cells, frame, layer_id)
        raster = scaled(raster, form.scale, form.offset)
    for line in _unread(path):
        _say(line, tell)
    return raster


def _say(line: str, tell: Callable[[str], None] | None) -> None:
    if tell is not None:
        tell(line)


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


def _must_fit(source: DatasetReader, frame: Frame, path: Path) -> None:
    """Raise LayerError, before anything is read, if cells or blocks take more memory than may be."""
    item = np.dtype(source.dtypes[0]).itemsize
    rows, cols = source.block_shapes[0]
    counts = [frame.rows * frame.cols, rows * cols * source.count]
    if not frame.as_it_is:
        counts.append(frame.lattice.n_rows * frame.lattice.n_cols)
    largest = max(counts) * max(item, np.dtype(np.float32).itemsize)
    free = free_bytes()
    most = _MOST_BYTES if free is None else min(_MOST_BYTES, free // _COPIES)
    if largest <= most:
        return
    rule = (
        f"a layer may take {gigabytes(most)} here"
        if free is None or most == _MOST_BYTES
        else f"of the {gigabytes(free)} of memory that are free a layer may take {gigabytes(most)}"
    )
    raise LayerError(
        f"{path.name}: {source.height:,} x {source.width:,} cells of {frame.side_m:.4g} m take "
        f"{gigabytes(largest)} of memory, but {rule}; cut it to Korea, or use larger cells"
    )


def _read(source: DatasetReader, frame: Frame, form: Form) -> Cells:
    window = Window(frame.col, frame.row, frame.cols, frame.rows)
    values = source.read(1, window=window)
    hidden = source.read_masks(1, window=window) == 0 if form.masked else None
    return cells_of(values, source.nodata, hidden)


def _unread(path: Path) -> Iterator[str]:
    """Yield the files beside a file that could change its meaning, but are not read."""
    for suffix in _BESIDE:
        other = path.with_name(path.name + suffix)
        if other.is_file():
            yield (
                f"{path.name}: {other.name} beside it is not read; `gdal_translate` writes what "
                "it says into the GeoTIFF itself"
            )
