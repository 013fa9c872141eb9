"""Windows of a grid: rectangles of cells that are judged one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.lattice import Lattice

__all__ = ["Window", "side_for_memory", "side_for_workers", "whole_window", "windows_of"]

_BYTES_A_CELL: Final = 40.0
"""Memory that a cell of a window and of its halo takes while rules judge it. Measured over windows
of 512 to 4,096 cells with a dozen rules (``python -m benchmarks screening``): 22 to 33 bytes."""

_BLOCK: Final = 256
"""Sides of windows are multiples of the blocks of a GeoTIFF, so that each is written once."""

_WINDOWS_A_WORKER: Final = 4
"""Windows that each worker of a cluster has at least, so that all end at about the same time."""

_LARGEST_SIDE: Final = 4096
"""Larger windows are no faster: their arrays leave the caches of a processor."""


class Window(NamedTuple):
    """A rectangle of cells; a halo may reach beyond the grid.

    Attributes
    ----------
    row, col : int
        First row and column, counted in the whole grid; negative north or west of it.
    n_rows, n_cols : int
        Shape in cells.
    """

    row: int
    col: int
    n_rows: int
    n_cols: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns, as numpy wants them."""
        return (self.n_rows, self.n_cols)

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns of an array of the whole grid."""
        return (
            slice(self.row, self.row + self.n_rows),
            slice(self.col, self.col + self.n_cols),
        )

    def grown(self, cells: int) -> Window:
        """Return the window with a halo.

        Parameters
        ----------
        cells : int
            Width of the halo on every side.
        """
        return Window(
            self.row - cells, self.col - cells, self.n_rows + 2 * cells, self.n_cols + 2 * cells
        )

    def bounds_m(self, lattice: Lattice) -> tuple[float, float, float, float]:
        """Return ``(x_min, y_min, x_max, y_max)`` in EPSG:5179 metres.

        Parameters
        ----------
        lattice : Lattice
            The whole grid.
        """
        return (
            lattice.x_min_m + self.col * lattice.cell_m,
            lattice.y_max_m - (self.row + self.n_rows) * lattice.cell_m,
            lattice.x_min_m + (self.col + self.n_cols) * lattice.cell_m,
            lattice.y_max_m - self.row * lattice.cell_m,
        )

    def centres_m(self, lattice: Lattice) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return x of every column and y of every row, EPSG:5179 metres.

        They are those of the whole grid to the last bit, whatever the window.

        Parameters
        ----------
        lattice : Lattice
            The whole grid.
        """
        return lattice.centres_m(
            np.arange(self.row, self.row + self.n_rows), np.arange(self.col, self.col + self.n_cols)
        )


def whole_window(lattice: Lattice) -> Window:
    """Return the window of all cells of a grid."""
    return Window(0, 0, lattice.n_rows, lattice.n_cols)


def windows_of(lattice: Lattice, side: int) -> list[Window]:
    """Return windows that cover a grid once, row by row.

    Parameters
    ----------
    lattice : Lattice
        The grid.
    side : int
        Rows and columns of a window; those at the south and east edge are smaller.
    """
    return [
        Window(row, col, min(side, lattice.n_rows - row), min(side, lattice.n_cols - col))
        for row in range(0, lattice.n_rows, side)
        for col in range(0, lattice.n_cols, side)
    ]


def side_for_memory(memory_bytes: float, halo: int, workers: int) -> int:
    """Return the side of the largest windows that fit into memory with their halos.

    Parameters
    ----------
    memory_bytes : float
        Memory for all windows that are judged at the same time.
    halo : int
        Width of the widest halo in cells.
    workers : int
        Windows judged at the same time.

    Returns
    -------
    int
        A multiple of 256 cells, 256 at least and 4,096 at most.
    """
    grown = np.sqrt(memory_bytes / (workers * _BYTES_A_CELL))
    blocks = int((grown - 2 * halo) // _BLOCK)
    return int(np.clip(blocks * _BLOCK, _BLOCK, _LARGEST_SIDE))


def side_for_workers(lattice: Lattice, most: int, workers: int) -> int:
    """Return the side of windows of which every worker has some.

    Parameters
    ----------
    lattice : Lattice
        The grid.
    most : int
        Largest side, a multiple of 256.
    workers : int
        Windows judged at the same time.

    Returns
    -------
    int
        A multiple of 256 cells, 256 at least.
    """
    cells = float(lattice.n_rows) * lattice.n_cols
    blocks = int(np.sqrt(cells / (_WINDOWS_A_WORKER * workers)) // _BLOCK)
    return int(np.clip(blocks * _BLOCK, _BLOCK, most))
