"""Cell codes: whole numbers by cell of a lattice, in memory or in a file read where needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import rasterio
    from numpy.typing import NDArray

    from siteopt.lattice import Lattice

__all__ = ["ArrayCells", "CodedCells", "band_cells"]


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


def band_cells(raster: rasterio.DatasetReader) -> ArrayCells:
    """Return the numbers of the first band of an open GeoTIFF, north up in EPSG:5179.

    Parameters
    ----------
    raster : DatasetReader
        With square cells.
    """
    from siteopt.lattice import Lattice  # noqa: PLC0415 - cells of a plain file need no arrays

    left, top = raster.transform * (0, 0)
    lattice = Lattice(left, top, raster.res[0], n_rows=raster.height, n_cols=raster.width)
    return ArrayCells(raster.read(1), lattice)
