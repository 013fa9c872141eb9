"""Tile grid: lattice cells laid out so that nothing is contiguous across tile borders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TileGrid"]


@dataclass(frozen=True, slots=True, eq=False)
class TileGrid:
    """The grid with an empty line between tiles, so that nothing touches across their borders."""

    row_at: NDArray[np.int64]
    col_at: NDArray[np.int64]

    @classmethod
    def of(cls, tile_north: NDArray[np.int64], tile_east: NDArray[np.int64]) -> TileGrid:
        return cls(row_at=_with_gaps(tile_north), col_at=_with_gaps(tile_east))

    def _image(self, rows: NDArray[np.int64], cols: NDArray[np.int64]) -> NDArray[np.uint8]:
        image = np.zeros((self.row_at[-1] + 2, self.col_at[-1] + 2), dtype=np.uint8)
        image[self.row_at[rows], self.col_at[cols]] = 1
        return image

    def contiguous(self, rows: NDArray[np.int64], cols: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return for each cell, by row and column, its piece's number in order of first cells.

        Parameters
        ----------
        rows : ndarray of int64
            Rows of the cells.
        cols : ndarray of int64
            Columns of the cells.
        """
        _, labels = cv2.connectedComponents(self._image(rows, cols), connectivity=4)
        label = labels[self.row_at[rows], self.col_at[cols]]
        first = np.full(int(label.max(initial=0)) + 1, len(label), dtype=np.int64)
        first[label[::-1]] = np.arange(len(label))[::-1]
        met = first < len(label)
        rank = np.zeros(len(first), dtype=np.int64)
        rank[np.flatnonzero(met)[np.argsort(first[met])]] = np.arange(np.count_nonzero(met))
        pieces: NDArray[np.int64] = rank[label]
        return pieces

    def depth_squared(self, rows: NDArray[np.int64], cols: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the squared distance in cells from each cell to the nearest one outside.

        Parameters
        ----------
        rows : ndarray of int64
            Rows of the cells.
        cols : ndarray of int64
            Columns of the cells.
        """
        image = self._image(rows, cols)
        away = np.asarray(cv2.distanceTransform(image, cv2.DIST_L2, cv2.DIST_MASK_PRECISE))
        at = away[self.row_at[rows], self.col_at[cols]].astype(np.float64)
        return np.rint(at * at).astype(np.int64)


def _with_gaps(tile: NDArray[np.int64]) -> NDArray[np.int64]:
    steps = np.concatenate([[False], tile[1:] != tile[:-1]])
    at: NDArray[np.int64] = np.arange(len(tile)) + np.cumsum(steps) + 1
    return at
