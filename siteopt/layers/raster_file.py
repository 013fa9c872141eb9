"""Raster file read part by part, for grids that are larger than memory."""

from __future__ import annotations

import hashlib
import os
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final, Self

from rasterio.windows import Window

from siteopt.errors import LayerError, LayerFileError
from siteopt.lattice import CRS_EPSG, Lattice
from siteopt.layers._geotiff import form_of, open_geotiff
from siteopt.layers._raster_cells import cells_of, scaled
from siteopt.layers._raster_frame import frame_of
from siteopt.layers.rasters import Raster

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

__all__ = ["RasterFile", "is_same_file"]

_ENDS: Final = 1 << 20
"""Bytes at either end of a file by which it is told from another one of the same size."""


def is_same_file(path: Path, signature: str) -> bool:
    """Return whether a file is there and has a signature, by its size, beginning and end.

    Parameters
    ----------
    path : Path
        The file.
    signature : str
        Of :attr:`RasterFile.signature`.
    """
    return _signature(path) == signature


def _signature(path: Path) -> str:
    """Return size and hash of the ends of a file; empty where it cannot be read."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            content = hashlib.sha256()
            for begin in (0, max(size - _ENDS, 0)):
                file.seek(begin)
                content.update(file.read(_ENDS))
    except OSError:
        return ""
    return f"{size} {content.hexdigest()}"


def _reopened(path: Path, name: str, signature: str) -> RasterFile:
    """Open a file in another process, which may be on another machine."""
    if not is_same_file(path, signature):
        raise LayerFileError(
            f"{path}: is not on this worker, or is another file there; put it under the same path "
            "on every worker, or on none"
        )
    return RasterFile(path, name)


class RasterFile:
    """A GeoTIFF on a north-up grid of EPSG:5179, of which parts are read when they are needed.

    Parts are those of the raster that :func:`siteopt.layers.readers.read_raster` reads as a whole.
    They may be read from several threads; one reads at a time. Pickled, it is opened anew.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        Layer id, for messages.

    Raises
    ------
    LayerFileError, LayerError
        As :func:`siteopt.layers.readers.read_raster`, and where the file is not in EPSG:5179 with
        square cells: it would have to be resampled as a whole first.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self._path = path
        self._lock = threading.Lock()
        with ExitStack() as stack:
            self._source = stack.enter_context(open_geotiff(path))
            self._form = form_of(self._source, path)
            frame = frame_of(self._source, path.name)
            if not frame.as_it_is or frame.affine.a < 0 or frame.affine.e > 0:
                raise LayerError(
                    f"{path.name}: is not a north-up grid of square cells in EPSG:{CRS_EPSG}, so "
                    f"it cannot be read part by part; `gdalwarp -t_srs EPSG:{CRS_EPSG} -r near` "
                    "makes it one"
                )
            self._frame = frame
            self._open = stack.pop_all()

    @property
    def lattice(self) -> Lattice:
        """Where the cells lie, EPSG:5179."""
        return self._frame.lattice

    def part(self, rows: slice, cols: slice) -> Raster:
        """Read a part of the raster.

        Parameters
        ----------
        rows, cols : slice
            From and to; not empty.

        Raises
        ------
        LayerError
            If the part is damaged.
        """
        window = Window(
            self._frame.col + cols.start, self._frame.row + rows.start,
            cols.stop - cols.start, rows.stop - rows.start,
        )  # fmt: skip
        try:
            with self._lock:
                values = self._source.read(1, window=window)
                masks = self._source.read_masks(1, window=window) if self._form.masked else None
        except Exception as error:  # GDAL has many kinds
            raise LayerError(
                f"{self._path.name}: rows {rows.start} to {rows.stop}, columns {cols.start} to "
                f"{cols.stop} cannot be read ({type(error).__name__}); is the file whole?"
            ) from error
        cells = cells_of(values, self._source.nodata, None if masks is None else masks == 0)
        raster = Raster(cells.values, self.lattice.part(rows, cols), cells.nodata, self.name)
        return scaled(raster, self._form.scale, self._form.offset)

    @property
    def path(self) -> Path:
        """The file, with its whole path."""
        return self._path.absolute()

    @property
    def signature(self) -> str:
        """Size and hash of the ends of the file."""
        return _signature(self._path)

    def __reduce__(self) -> tuple[Any, ...]:
        return _reopened, (self.path, self.name, self.signature)

    def close(self) -> None:
        """Close the file."""
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()
