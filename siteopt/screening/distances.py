"""Cells within a distance of points, exactly, by refinement of blocks of cells.

The exact distance transform of OpenCV over blocks of cells brackets the distance of every cell.
Blocks that the bracket leaves open are judged by the nearest point to their centre (a k-d tree)
and divided in four where that does not decide, down to single cells. Work at single cells is so
spent along the edge of the answer alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from scipy.spatial import KDTree

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.screening.windows import Window

__all__ = ["BLOCK", "Nearness", "PointDistances"]

_HALF_DIAGONAL: Final = float(np.sqrt(0.5))
"""Largest distance of a point of a square from its centre, in sides."""

BLOCK: Final = 8
"""Side in cells of the largest blocks, a power of two."""

_OPEN_SHARE: Final = 0.16
"""Share of open blocks above which a distance transform over all cells is faster (measured: a
query of the tree takes as long as the transform of 50 to 80 cells)."""

_FLOAT32_CELLS: Final = 1000.0
"""Up to here square roots of whole numbers stay apart in float32, half-way limits between them."""

_SLACK: Final = 2e-3
"""Blocks by which a bracket is widened, for rounding at its ends ..."""

_FLOAT32_SLACK: Final = 4e-7
"""... and per block of distance, for OpenCV's float32 (three units in the last place)."""


@dataclass(frozen=True, slots=True, eq=False)
class Nearness:
    """Cells near points, and those that are too close to the limit to be sure.

    Attributes
    ----------
    cells : ndarray of bool
        Within the distance, in the shape of the window.
    open_rows, open_cols : ndarray of int
        Cells, counted from the corner of the window, whose distance lies between the two limits.
    """

    cells: NDArray[np.bool_]
    open_rows: NDArray[np.int64]
    open_cols: NDArray[np.int64]


class PointDistances:
    """Points around a window, and which of its cells are near them.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
        Column and row in cells of the whole grid; the centre of a cell lies at whole numbers.
    window : Window
        The cells.
    centred : bool
        Whether all points are centres of cells; a distance transform over all cells is exact then.
    """

    def __init__(
        self, points: NDArray[np.float64], window: Window, *, centred: bool = False
    ) -> None:
        self._exact_to = _FLOAT32_CELLS if centred else -1.0
        self.points = points
        self._window = window
        self._transforms: dict[int, NDArray[np.float32]] = {}

    @cached_property
    def tree(self) -> KDTree:
        """The points as a tree; many windows are judged without."""
        return KDTree(self.points, balanced_tree=False, compact_nodes=False)

    def within(
        self, sure: float, farthest: float, inside: NDArray[np.bool_] | None = None
    ) -> Nearness:
        """Return the cells within a distance of a point.

        Parameters
        ----------
        sure : float
            Cells up to this distance, in cells, are within.
        farthest : float
            Cells beyond this distance are not; those between the two are open.
        inside : ndarray of bool, optional
            Cells that are within anyhow. Where they meet others there is a point.
        """
        side = BLOCK
        blocks = self._bracket(side, sure, farthest, inside)
        if np.count_nonzero(blocks.open) > _OPEN_SHARE * blocks.open.size:
            if farthest <= self._exact_to:
                nothing = np.zeros(0, dtype=np.int64)
                near = self._transform(1) <= farthest
                return Nearness(near if inside is None else near | inside, nothing, nothing)
            side = 1
            blocks = self._bracket(side, sure, farthest, inside)
        cells, (rows, cols) = blocks.sure, _marked(blocks.open)
        while True:
            settled, unsettled = self._settle(rows, cols, side, sure, farthest)
            cells[rows[settled], cols[settled]] = True
            rows, cols = rows[unsettled], cols[unsettled]
            if side == 1:
                break
            side //= 2
            cells = _halved(cells, side, self._window)
            rows = (2 * rows[:, None] + np.array([0, 0, 1, 1])).ravel()
            cols = (2 * cols[:, None] + np.array([0, 1, 0, 1])).ravel()
            held = (rows < cells.shape[0]) & (cols < cells.shape[1])
            rows, cols = rows[held], cols[held]
        if inside is not None:
            cells |= inside
            left = ~inside[rows, cols]
            rows, cols = rows[left], cols[left]
        return Nearness(cells, rows, cols)

    def _bracket(
        self, side: int, sure: float, farthest: float, inside: NDArray[np.bool_] | None
    ) -> _Blocks:
        """Return which blocks are near and which are open, by the distance transform."""
        away = self._transform(side)
        slack = _SLACK + _FLOAT32_SLACK * farthest / side
        reach = _cell_reach(side) / side + _HALF_DIAGONAL + slack
        near = away <= sure / side - reach
        left = away <= farthest / side + reach
        left &= ~near
        if inside is not None:
            middle = inside[side // 2 :: side, side // 2 :: side]
            # A block without a point is inside as a whole or not at all.
            whole = away[: middle.shape[0], : middle.shape[1]] > reach + _HALF_DIAGONAL
            left[: middle.shape[0], : middle.shape[1]] &= ~(middle & whole)
        return _Blocks(near, left)

    def _transform(self, side: int) -> NDArray[np.float32]:
        """Return the distance in blocks from every block to the nearest that holds a point."""
        if side not in self._transforms:
            window = self._window
            corner = np.array([window.col - 0.5, window.row - 0.5])
            cols, rows = np.floor((self.points - corner) / side).astype(np.int64).T
            n_rows, n_cols = -(-window.n_rows // side), -(-window.n_cols // side)
            top, left = min(0, int(rows.min())), min(0, int(cols.min()))
            bottom, right = max(n_rows, int(rows.max()) + 1), max(n_cols, int(cols.max()) + 1)
            unmarked = np.ones((bottom - top, right - left), dtype=np.uint8)
            unmarked[rows - top, cols - left] = 0
            away = cv2.distanceTransform(unmarked, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
            self._transforms[side] = np.asarray(away, dtype=np.float32)[
                -top : n_rows - top, -left : n_cols - left
            ]
        return self._transforms[side]

    def _settle(
        self, rows: NDArray[np.int64], cols: NDArray[np.int64], side: int, sure: float,
        farthest: float,
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:  # fmt: skip
        """Return which blocks are within as a whole, and which are not settled."""
        middle = (side - 1) / 2.0
        centres = np.column_stack(
            [cols * side + (self._window.col + middle), rows * side + (self._window.row + middle)]
        )
        reach = _cell_reach(side)
        nearest, _ = self.tree.query(centres, distance_upper_bound=(farthest + reach) * (1 + 1e-12))
        nearest = np.asarray(nearest)
        near: NDArray[np.bool_] = nearest <= sure - reach
        return near, np.isfinite(nearest) & ~near


@dataclass(frozen=True, slots=True, eq=False)
class _Blocks:
    """Blocks of cells that are near as a whole, and those that may be in part."""

    sure: NDArray[np.bool_]
    open: NDArray[np.bool_]


def _marked(blocks: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows and columns of the few blocks that are marked, faster than numpy's nonzero."""
    rows, cols = np.divmod(np.flatnonzero(blocks), blocks.shape[1])
    return rows, cols


def _cell_reach(side: int) -> float:
    """Return the distance from the centre of a block to that of its farthest cell, in cells."""
    return (side - 1) * _HALF_DIAGONAL


def _halved(blocks: NDArray[np.bool_], side: int, window: Window) -> NDArray[np.bool_]:
    """Return blocks divided in four, cut to the window."""
    n_rows, n_cols = blocks.shape
    # Several times faster than numpy's repeat.
    smaller = cv2.resize(
        blocks.view(np.uint8), (2 * n_cols, 2 * n_rows), interpolation=cv2.INTER_NEAREST_EXACT
    )
    whole = np.asarray(smaller).view(np.bool_)
    return np.ascontiguousarray(whole[: -(-window.n_rows // side), : -(-window.n_cols // side)])
