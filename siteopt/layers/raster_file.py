"""Raster file read part by part in EPSG:5179, for layers that are larger than memory."""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager, suppress
from dataclasses import astuple
from typing import TYPE_CHECKING, Any, Final, Literal, Self

import numpy as np
from rasterio.windows import Window

from siteopt.errors import LayerError, SiteoptError
from siteopt.layers._file_errors import first_words
from siteopt.layers._geotiff import (
    alone,
    block_must_fit,
    cells_must_fit,
    form_of,
    opened,
)
from siteopt.layers._raster_cells import Cells, cells_of, scaled, scaled_number
from siteopt.layers._raster_extremes import Extremes, extremes_of, joined
from siteopt.layers._raster_frame import frame_of
from siteopt.layers._raster_resampling import NearestCells
from siteopt.layers.rasters import Raster

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import ArrayLike, NDArray
    from rasterio.io import DatasetReader

    from siteopt.lattice import Lattice

__all__ = ["RasterFile"]

_TILE: Final = 1024
"""Rows and columns that are resampled or judged at once; takes about 60 MB."""

_CELLS_AT_ONCE: Final = 1 << 24
"""Cells of the file that are averaged at once."""


class RasterFile:
    """A GeoTIFF of any CRS on a lattice of EPSG:5179, of which parts are read when they are needed.

    A cell has the same value whichever part is asked for. Where the file is in EPSG:5179 with
    square cells along its axes it is that of the file's cell, else that of the file's cell that
    holds the centre (nearest). Several threads may read, each through an opening of its own; a
    copy for another process opens the file again.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        Layer id, for messages.

    Attributes
    ----------
    lattice : Lattice
        Where the cells lie, EPSG:5179.
    frame : Frame
        Which cells of the file are read.
    form : Form
        How its values are written.

    Raises
    ------
    LayerFileError
        If the file cannot be opened.
    LayerError
        If it is no GeoTIFF, has no CRS or place, several bands or images, cells that cannot be
        right, is outside Korea, or is written in blocks that do not fit into memory.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.name, self.path = name, path
        self._openings = _Openings(path)
        self._extremes: Extremes | None = None
        self._sha256 = ""
        with self._openings.one() as source:
            self.form = form_of(source, path)
            self.frame = frame_of(source, path.name)
            block_must_fit(source, path)
            # What cells of this type become, without any.
            self._none = self._marked(source, np.zeros((0, 0), dtype=source.dtypes[0]))
        self.lattice = self.frame.lattice
        self._nearest = None if self.frame.as_it_is else NearestCells(self.frame)

    def __reduce__(self) -> tuple[type[RasterFile], tuple[Path, str]]:
        return RasterFile, (self.path, self.name)

    @property
    def nodata(self) -> float | None:
        """Value that means "not known"; NaN for float rasters."""
        return self._in_unit(
            self._filled((1, 1)), self.lattice.part(slice(0, 1), slice(0, 1))
        ).nodata

    @property
    def bytes_whole(self) -> int:
        """Bytes that all cells take in memory."""
        return self._filled((0, 0)).values.itemsize * self.lattice.n_rows * self.lattice.n_cols

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
        return self._in_unit(self._cells(rows, cols), self.lattice.part(rows, cols))

    def whole(self) -> Raster:
        """Read all cells.

        Raises
        ------
        LayerError
            If they do not fit into memory, or some are damaged.
        """
        with self._openings.one() as source:
            cells_must_fit(source, self.frame, self.path)
        n_rows, n_cols = self.lattice.shape
        cells = self._cells(slice(0, n_rows), slice(0, n_cols))
        if self._extremes is None:
            self._extremes = Extremes.of_none(0)
            for part in self.parts():
                some = extremes_of(cells.part(part))
                self._extremes = joined(self._extremes, some)
        return self._in_unit(cells, self.lattice)

    @property
    def values(self) -> NDArray[Any]:
        """All values, as :meth:`whole` reads them."""
        return self.whole().values

    @property
    def known(self) -> NDArray[np.bool_]:
        """Cells that have a value, as :meth:`whole` reads them."""
        return self.whole().known

    def as_float(self) -> NDArray[np.float32]:
        """Return all values as float32 with NaN where not known, as :meth:`whole` reads them."""
        return self.whole().as_float()

    def sample(self, x_m: ArrayLike, y_m: ArrayLike) -> NDArray[np.float64]:
        """Return the values of the cells that hold points, as :meth:`Raster.sample` does.

        Parameters
        ----------
        x_m, y_m : array_like
            EPSG:5179 metres, same shape.
        """
        x, y = np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64)
        found = np.full(x.size, np.nan)
        finite = np.flatnonzero(np.isfinite(x.ravel()) & np.isfinite(y.ravel()))
        rows, cols = self.lattice.cells_of(x.ravel()[finite], y.ravel()[finite])
        inside = self.lattice.contains(rows, cols)
        places, rows, cols = finite[inside], rows[inside], cols[inside]
        tile = rows // _TILE * (self.lattice.n_cols // _TILE + 1) + cols // _TILE
        order = np.argsort(tile, kind="stable")
        for some in np.split(order, np.flatnonzero(np.diff(tile[order])) + 1):
            if len(some):
                first_row, first_col = int(rows[some].min()), int(cols[some].min())
                part = self.part(
                    slice(first_row, int(rows[some].max()) + 1),
                    slice(first_col, int(cols[some].max()) + 1),
                )
                at = (rows[some] - first_row, cols[some] - first_col)
                values = part.values[at].astype(np.float64)
                values[~part.known[at]] = np.nan
                found[places[some]] = values
        return found.reshape(x.shape)

    def on(self, lattice: Lattice, how: Literal["nearest", "average"] = "nearest") -> Raster:
        """Return the raster on another lattice, as :meth:`Raster.on` does.

        Parameters
        ----------
        lattice : Lattice
            Target cells; those without a cell of the file are not known (NaN).
        how : {'nearest', 'average'}
            The value of the cell that holds the centre, or the area-weighted mean of the known
            cells.
        """
        out = np.full(lattice.shape, np.nan, dtype=np.float32)
        finer = max(lattice.cell_m / self.lattice.cell_m, 1.0)
        step = max(int(_CELLS_AT_ONCE / self.lattice.n_cols / finer), 1)
        for row in range(0, lattice.n_rows, step):
            rows = slice(row, min(row + step, lattice.n_rows))
            strip = lattice.part(rows, slice(0, lattice.n_cols))
            covering = _covering(self.lattice, strip)
            if covering is not None:
                out[rows] = self.part(*covering).on(strip, how).as_float()
        return Raster(values=out, lattice=lattice, nodata=float("nan"), name=self.name)

    def parts(self) -> Iterator[tuple[slice, slice]]:
        """Yield rows and columns of parts that cover the raster once."""
        everything = (slice(0, self.lattice.n_rows), slice(0, self.lattice.n_cols))
        return _tiles(*everything)

    def extremes(self) -> Extremes:
        """Return the extremes of all cells; the first call reads the whole file, part by part."""
        if self._extremes is None:
            found, digest = Extremes.of_none(0), hashlib.sha256()
            for rows, cols in self.parts():
                cells = self._cells(rows, cols)
                found = joined(found, extremes_of(cells))
                digest.update(np.ascontiguousarray(cells.values).data)
            self._extremes, self._sha256 = found, digest.hexdigest()
        return self._extremes

    def cells_sha256(self) -> str:
        """Return the hash of all cells; the first call reads the whole file, part by part."""
        if not self._sha256:
            self._extremes = None
            self.extremes()
        about = (astuple(self.lattice), self._none.nodata, self.form.scale, self.form.offset)
        return hashlib.sha256(f"{self._sha256} {about}".encode()).hexdigest()

    def value_range(self) -> tuple[float, float] | None:
        """Return the least and the largest known value in the unit of the layer; None without any.

        The first call reads the whole file, part by part.
        """
        found = self.extremes()
        if not found.known:
            return None
        kind, form = self._none.values.dtype, self.form
        ends = [
            scaled_number(end, kind, form.scale, form.offset) for end in (found.low, found.high)
        ]
        return min(ends), max(ends)

    def close(self) -> None:
        """Close the file; reading on opens it again."""
        self._openings.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    @property
    def stored(self) -> Cells:
        """Type and nodata value that the cells have before scale and offset, without any cell."""
        return self._none

    def _cells(self, rows: slice, cols: slice) -> Cells:
        """Return cells of the lattice as the file has them, before scale and offset."""
        if self._nearest is None:
            return self._turned(rows, cols)
        cells = self._filled((rows.stop - rows.start, cols.stop - cols.start))
        for some_rows, some_cols in _tiles(rows, cols):
            at = (
                slice(some_rows.start - rows.start, some_rows.stop - rows.start),
                slice(some_cols.start - cols.start, some_cols.stop - cols.start),
            )
            self._resample(self._nearest, some_rows, some_cols, cells.values[at])
        return cells

    def _turned(self, rows: slice, cols: slice) -> Cells:
        """Return cells of a file that is on the lattice, but for the order of rows and columns."""
        frame, down, right = self.frame, self.frame.affine.e < 0, self.frame.affine.a > 0
        found = self._read(
            rows if down else slice(frame.rows - rows.stop, frame.rows - rows.start),
            cols if right else slice(frame.cols - cols.stop, frame.cols - cols.start),
        )
        values = found.values[:: 1 if down else -1, :: 1 if right else -1]
        return Cells(np.ascontiguousarray(values), found.nodata, found.tag)

    def _resample(self, nearest: NearestCells, rows: slice, cols: slice, out: NDArray[Any]) -> None:
        """Put the cells of the file below the centres into an array."""
        row, col, held = nearest.below(rows, cols)
        if not held.any():
            return
        some_rows, some_cols = row[held], col[held]
        first_row, first_col = int(some_rows.min()), int(some_cols.min())
        found = self._read(
            slice(first_row, int(some_rows.max()) + 1), slice(first_col, int(some_cols.max()) + 1)
        )
        out[held] = found.values[some_rows - first_row, some_cols - first_col]

    def _read(self, rows: slice, cols: slice) -> Cells:
        """Return cells of the part of the file that is in Korea, in the order of the file."""
        window = Window(
            self.frame.col + cols.start, self.frame.row + rows.start,
            cols.stop - cols.start, rows.stop - rows.start,
        )  # fmt: skip
        try:
            with self._openings.one() as source:
                return self._marked(source, source.read(1, window=window), window)
        except SiteoptError as error:
            cause = error.__cause__
            if not isinstance(cause, Exception) or isinstance(cause, MemoryError):
                raise
            raise LayerError(
                f"{self.path.name}: cannot be read as a GeoTIFF ({first_words(cause)}: rows "
                f"{rows.start} to {rows.stop}, columns {cols.start} to {cols.stop}); is the file "
                "whole?"
            ) from error

    def _marked(
        self, source: DatasetReader, values: NDArray[Any], window: Window | None = None
    ) -> Cells:
        """Return values with what is not known marked in one way."""
        hidden = None
        if self.form.masked:
            hidden = np.zeros(values.shape, dtype=np.bool_)
            if window is not None:
                hidden = source.read_masks(1, window=window) == 0
        return cells_of(values, source.nodata, hidden)

    def _filled(self, shape: tuple[int, int]) -> Cells:
        """Return cells without a value, of the type that cells of the lattice have."""
        fill, kind = self._none.nodata, self._none.values.dtype
        if fill is None and self._nearest is not None:
            fill, kind = float("nan"), np.promote_types(kind, np.float32)
        return Cells(np.full(shape, 0 if fill is None else fill, dtype=kind), fill, self._none.tag)

    def _in_unit(self, cells: Cells, lattice: Lattice) -> Raster:
        raster = Raster(cells.values, lattice, cells.nodata, self.name)
        return scaled(raster, self.form.scale, self.form.offset)


class _Openings:
    """Openings of one file, each used by one thread at a time, and by no forked process."""

    def __init__(self, path: Path) -> None:
        self._path, self._process = path, os.getpid()
        self._idle: list[DatasetReader] = []

    @contextmanager
    def one(self) -> Iterator[DatasetReader]:
        """Give an opening that nobody else uses; what goes wrong is an error with the file's name."""
        if self._process != os.getpid():
            self._process, self._idle = os.getpid(), []
        try:
            source = self._idle.pop()
        except IndexError:
            source = opened(self._path)
        try:
            with alone(self._path):
                yield source
        finally:
            self._idle.append(source)

    def close(self) -> None:
        """Close all that are idle."""
        while self._idle:
            with suppress(IndexError):
                self._idle.pop().close()


def _tiles(rows: slice, cols: slice) -> Iterator[tuple[slice, slice]]:
    """Yield rows and columns of tiles that cover a part once."""
    for row in range(rows.start, rows.stop, _TILE):
        for col in range(cols.start, cols.stop, _TILE):
            yield (
                slice(row, min(row + _TILE, rows.stop)), slice(col, min(col + _TILE, cols.stop))
            )  # fmt: skip


def _covering(lattice: Lattice, other: Lattice) -> tuple[slice, slice] | None:
    """Return the cells of a lattice below another and one more on each side; None without any."""
    x_min, y_min, x_max, y_max = other.bounds_m
    rows, cols = lattice.cells_of(np.array([x_min, x_max]), np.array([y_max, y_min]))
    row, row_end = max(int(rows[0]) - 1, 0), min(int(rows[1]) + 2, lattice.n_rows)
    col, col_end = max(int(cols[0]) - 1, 0), min(int(cols[1]) + 2, lattice.n_cols)
    if row >= row_end or col >= col_end:
        return None
    return slice(row, row_end), slice(col, col_end)
