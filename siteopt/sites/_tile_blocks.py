"""Blocks of whole tiles: parts of the screening grid in which pieces are looked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from siteopt.lattice import Lattice

__all__ = ["TileLines"]


@dataclass(frozen=True, slots=True, eq=False)
class TileLines:
    """Tiles of the rows and columns of a grid; a cell belongs to the tile of its centre.

    Attributes
    ----------
    north : ndarray of int, shape (n_rows,)
        Number of the tile of each row, counted northwards from the origin of EPSG:5179.
    east : ndarray of int, shape (n_cols,)
        Number of the tile of each column, counted eastwards from there.
    """

    north: NDArray[np.int64]
    east: NDArray[np.int64]

    @classmethod
    def of(cls, lattice: Lattice, tile_m: float) -> TileLines:
        """Return the tiles of a grid.

        Parameters
        ----------
        lattice : Lattice
            The grid.
        tile_m : float
            Side of a tile in metres.
        """
        x, _ = lattice.centres_m(np.zeros(1, np.int64), np.arange(lattice.n_cols))
        _, y = lattice.centres_m(np.arange(lattice.n_rows), np.zeros(1, np.int64))
        return cls(
            north=np.floor(y / tile_m).astype(np.int64), east=np.floor(x / tile_m).astype(np.int64)
        )

    def blocks(self, cells: float) -> Iterator[tuple[slice, slice]]:
        """Yield rows and columns of blocks that cover the grid once, from the north-west.

        A block holds whole tiles: at least one, and no more than fit into the cells given. As
        nothing is contiguous across the borders of tiles, what is found does not depend on it.

        Parameters
        ----------
        cells : float
            Most cells of a block, where a tile has no more.
        """
        tall = _length_of_longest(self.north)
        for cols in _groups(self.east, cells / tall):
            for rows in _groups(self.north, cells / (cols.stop - cols.start)):
                yield rows, cols


def _groups(tile: NDArray[np.int64], length: float) -> Iterator[slice]:
    """Yield slices of whole tiles, each as long as the length allows."""
    ends = [*(np.flatnonzero(tile[1:] != tile[:-1]) + 1).tolist(), len(tile)]
    begin = 0
    for end, following in zip(ends, [*ends[1:], None], strict=True):
        if following is None or following - begin > length:
            yield slice(begin, end)
            begin = end


def _length_of_longest(tile: NDArray[np.int64]) -> int:
    return int(np.unique(tile, return_counts=True)[1].max())
