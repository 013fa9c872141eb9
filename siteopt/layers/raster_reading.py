"""Reading of raster layers: whole in memory, or part by part where they are large."""

from __future__ import annotations

import hashlib
from dataclasses import astuple
from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.errors import LayerError
from siteopt.layers._geotiff import RASTER_SUFFIXES, unread
from siteopt.layers._raster_extremes import strange
from siteopt.layers.alignment import alignment_of
from siteopt.layers.raster_file import RasterFile
from siteopt.layers.virtual_files import is_virtual

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from siteopt.layers.protocols import RasterLike
    from siteopt.layers.rasters import Raster

__all__ = ["cells_hash", "open_raster", "read_raster"]

_WHOLE_BYTES: Final = 256 << 20
"""Cells that take more in memory are read part by part."""


def read_raster(path: Path, layer_id: str, tell: Callable[[str], None] | None = None) -> Raster:
    """Read all cells of a one-band GeoTIFF onto a lattice of EPSG:5179.

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
    with _opened(path, layer_id) as file:
        raster = file.whole()
        _tell(file, tell)
        return raster


def open_raster(
    path: Path, layer_id: str, tell: Callable[[str], None] | None = None
) -> Raster | RasterFile:
    """Return a one-band GeoTIFF on a lattice of EPSG:5179, in memory or, where large, in its file.

    Values and errors are those of :func:`read_raster`, but for a raster that does not fit into
    memory. Of a large file all cells are read once, part by part, to check them.

    Parameters
    ----------
    path, layer_id, tell
        As of :func:`read_raster`.
    """
    file = _opened(path, layer_id)
    try:
        raster = file.whole() if file.bytes_whole <= _WHOLE_BYTES else file
        _tell(file, tell)
    except BaseException:
        file.close()
        raise
    if raster is not file:
        file.close()
    return raster


def cells_hash(raster: RasterLike) -> str:
    """Return the hash of all cells of a raster, and of where they lie.

    Parameters
    ----------
    raster : RasterLike
        As :func:`open_raster` returns it; a file that it has read is not read again.
    """
    if isinstance(raster, RasterFile):
        return raster.cells_sha256()
    values = hashlib.sha256(np.ascontiguousarray(raster.values).data).hexdigest()
    about = (values, raster.values.dtype.str, astuple(raster.lattice), raster.nodata)
    return hashlib.sha256(repr(about).encode()).hexdigest()


def _opened(path: Path, layer_id: str) -> RasterFile:
    if path.suffix.lower() not in RASTER_SUFFIXES:
        raise LayerError(
            f"{path.name}: suffix {path.suffix or '(none)'} is no raster; {layer_id} is a .tif file"
        )
    return RasterFile(path, layer_id)


def _tell(file: RasterFile, tell: Callable[[str], None] | None) -> None:
    """Tell what looks strange, how cells are resampled, and what is not read."""
    kind, name = file.stored.values.dtype, file.path.name
    lines = list(strange(file.extremes(), kind, file.stored.tag, name, file.name))
    if not file.frame.as_it_is:
        lines.append(f"{name}: {alignment_of(file).sentence}")
    lines += [] if is_virtual(file.path) else unread(file.path)
    if tell is not None:
        for line in lines:
            tell(line)
