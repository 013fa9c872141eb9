"""Cell codes: whole numbers by cell of a lattice, in memory or in a file read where needed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray
    from rasterio.io import DatasetReader

    from siteopt.lattice import Lattice

__all__ = ["ArrayCells", "CodedCells", "FileCells"]


class CodedCells(Protocol):
    """Whole numbers by cell: reasons of the screening, or places in a list of areas."""

    @property
    def lattice(self) -> Lattice:
        """Frame of the cells, EPSG:5179."""
        ...

    @property
    def values(self) -> NDArray[Any]:
        """Numbers of all cells, shape ``lattice.shape``."""
        ...

    def at(self, row: int, col: int) -> int:
        """Return the number of a cell inside the lattice."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class ArrayCells:
    """Whole numbers of cells that are in memory; see `CodedCells`."""

    values: NDArray[Any]
    lattice: Lattice

    def at(self, row: int, col: int) -> int:
        """Return the number of a cell inside the lattice."""
        return int(self.values[row, col])


class FileCells:
    """Whole numbers of the first band of a GeoTIFF, read where they are asked for.

    One cell costs the block that holds it, not the band.

    Parameters
    ----------
    opened : callable
        Opens the file, north up in square cells of EPSG:5179; errors of reading are its own.
    """

    def __init__(self, opened: Callable[[], AbstractContextManager[DatasetReader]]) -> None:
        self._opened = opened

    @cached_property
    def lattice(self) -> Lattice:
        """Frame of the cells, EPSG:5179."""
        from siteopt.lattice import Lattice  # noqa: PLC0415 - opening a run needs no arrays

        with self._opened() as raster:
            left, top = raster.transform * (0, 0)
            return Lattice(left, top, raster.res[0], n_rows=raster.height, n_cols=raster.width)

    @cached_property
    def values(self) -> NDArray[Any]:
        """Numbers of all cells, shape ``lattice.shape``."""
        with self._opened() as raster:
            found: NDArray[Any] = raster.read(1)
        return found

    def at(self, row: int, col: int) -> int:
        """Return the number of a cell inside the lattice."""
        if "values" in self.__dict__:  # all of them are read already
            return int(self.values[row, col])
        with self._opened() as raster:
            return int(raster.read(1, window=((row, row + 1), (col, col + 1)))[0, 0])
