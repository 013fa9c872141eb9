"""Windows of a grid: rectangles of cells that are judged one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.lattice import Lattice

__all__ = [
    "Window",
    "least_bytes",
    "side_for_memory",
    "side_for_workers",
    "whole_window",
    "windows_of",
]

_BYTES_A_CELL: Final = 40.0
"""Memory that a cell of a window and of its halo takes while rules judge it. Measured over windows
of 512 to 4,096 cells with a dozen rules (``python -m benchmarks screening``): 22 to 33 bytes."""

_BLOCK: Final = 256
"""Sides of windows are multiples of the blocks of a GeoTIFF, so that each is written once."""

_LARGEST_SIDE: Final = 2048
"""Larger windows leave the caches of a processor: with sides of 4,096 the raster exclusions of
``python -m benchmarks screening`` take an eighth more processor time, the twelve made ones the
same."""

_WINDOWS_A_WORKER: Final = 4
"""Windows that a worker judges at least: with fewer some wait for the last. Halos and the work
that each window has anew cost more with many (``python -m benchmarks screening``)."""


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

    def within(self, other: Window) -> tuple[slice, slice]:
        """Return rows and columns of an array of another window that holds this one.

        Parameters
        ----------
        other : Window
            The larger one.
        """
        row, col = self.row - other.row, self.col - other.col
        return slice(row, row + self.n_rows), slice(col, col + self.n_cols)

    def clipped(self, lattice: Lattice) -> Window:
        """Return the part of the window that lies on the grid; they meet.

        Parameters
        ----------
        lattice : Lattice
            The whole grid.
        """
        row, col = max(self.row, 0), max(self.col, 0)
        row_end = min(self.row + self.n_rows, lattice.n_rows)
        col_end = min(self.col + self.n_cols, lattice.n_cols)
        return Window(row, col, row_end - row, col_end - col)

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
        A multiple of 256 cells, 256 at least and 2,048 at most.
    """
    grown = np.sqrt(memory_bytes / (workers * _BYTES_A_CELL))
    blocks = int((grown - 2 * halo) // _BLOCK)
    return int(np.clip(blocks * _BLOCK, _BLOCK, _LARGEST_SIDE))


def least_bytes(halo: int) -> float:
    """Return the memory that the smallest window takes with its halo.

    Parameters
    ----------
    halo : int
        Width of the halo in cells.
    """
    return float(_BLOCK + 2 * halo) ** 2 * _BYTES_A_CELL


def side_for_workers(lattice: Lattice, largest: int, workers: int) -> int:
    """Return the side of windows that occupy all workers to the end.

    Parameters
    ----------
    lattice : Lattice
        The whole grid.
    largest : int
        Side of windows that fit into memory.
    workers : int
        Windows judged at the same time.

    Returns
    -------
    int
        A multiple of 256 cells, 256 at least; ``largest`` where the grid has many such windows.
    """
    if workers == 1:
        return largest
    cells = lattice.n_rows * lattice.n_cols / (workers * _WINDOWS_A_WORKER)
    blocks = round(np.sqrt(cells) / _BLOCK)
    return int(np.clip(blocks * _BLOCK, _BLOCK, largest))
