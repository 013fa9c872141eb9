"""Patches of connected eligible cells that span windows, and those that are too small.

Connected-component labelling in two passes (Rosenfeld and Pfaltz 1966), a window at a time. The
first pass labels the cells of each window and keeps the sizes of those patches that reach its edge,
and which of them meet across a seam. All that meet are one patch: a component of that graph. The
second pass labels each window again and knows the whole size of every patch. Memory holds the edges
of windows, not their cells.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import cv2
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from siteopt.screening.windows import Window

__all__ = ["AreaRule", "PatchSizes", "SmallPatches"]

_HA_M2: Final = 10_000.0


class AreaRule(NamedTuple):
    """Exclusion of patches of eligible land that are smaller than an area.

    Attributes
    ----------
    bit : int
        Place of the exclusion.
    area_ha : float
        Smallest area in hectares of a patch that is left.
    connectivity : int
        Neighbours of a cell: 4 or 8.
    """

    bit: int
    area_ha: float
    connectivity: int

    def too_small(self, cells: NDArray[np.int64], cell_m: float) -> NDArray[np.bool_]:
        """Return which numbers of cells are less than the area."""
        return cells * (cell_m * cell_m) < self.area_ha * _HA_M2


class _Labels(NamedTuple):
    """Patches of a window alone.

    ``cells`` has the label of every cell, 0 for none; ``sizes`` the number of cells by label;
    ``at_edge`` the labels that reach the edge, in the order in which they are met along it.
    """

    cells: NDArray[np.int32]
    sizes: NDArray[np.int64]
    at_edge: NDArray[np.int32]

    @classmethod
    def of(cls, cells: NDArray[np.bool_], connectivity: int) -> _Labels:
        marked = np.ascontiguousarray(cells).view(np.uint8)
        count, found = cv2.connectedComponents(marked, connectivity=connectivity)
        labels: NDArray[np.int32] = np.asarray(found, dtype=np.int32)
        sizes = np.bincount(labels.ravel(), minlength=count)
        edge = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
        met, first = np.unique(edge, return_index=True)
        at_edge = met[np.argsort(first)]
        return cls(labels, sizes, at_edge[at_edge > 0])


class PatchSizes:
    """Number of cells of the patches of a grid whose windows come one after another.

    Parameters
    ----------
    n_cols : int
        Columns of the grid.
    connectivity : int
        Neighbours of a cell: 4 along its edges, 8 with those at its corners.
    """

    def __init__(self, n_cols: int, connectivity: int = 4) -> None:
        self._connectivity, self._n_cols = connectivity, n_cols
        self._shifts = (0,) if connectivity == 4 else (-1, 0, 1)  # noqa: PLR2004 - along edges
        # Patches that reach the edge of a window are numbered from 1 over all windows.
        self._first: dict[Window, int] = {}
        self._count = 1
        self._sizes: list[NDArray[np.int64]] = [np.zeros(1, dtype=np.int64)]
        self._seams: list[NDArray[np.int64]] = []
        # Numbers along the last row of the windows above, and of those of this row of windows.
        self._above = np.zeros(n_cols + 2, dtype=np.int64)
        self._below = np.zeros(n_cols + 2, dtype=np.int64)
        self._west = np.zeros(0, dtype=np.int64)
        self._next = (0, 0)
        self._whole: NDArray[np.int64] | None = None

    def add(self, window: Window, cells: NDArray[np.bool_]) -> None:
        """Take in the cells of a window: first pass.

        Parameters
        ----------
        window : Window
            The next in the order of :func:`siteopt.screening.windows.windows_of`.
        cells : ndarray of bool
            Its eligible cells.

        Raises
        ------
        ValueError
            If a window is left out or comes too late.
        """
        self._begin(window)
        labels = _Labels.of(cells, self._connectivity)
        self._first[window] = self._count
        number = np.zeros(len(labels.sizes), dtype=np.int64)
        number[labels.at_edge] = np.arange(self._count, self._count + len(labels.at_edge))
        self._count += len(labels.at_edge)
        self._sizes.append(labels.sizes[labels.at_edge])
        self._meet(window, number[labels.cells[0]], number[labels.cells[:, 0]])
        self._below[window.col + 1 : window.col + 1 + window.n_cols] = number[labels.cells[-1]]
        self._west = number[labels.cells[:, -1]]

    def _begin(self, window: Window) -> None:
        """Go on to a window, which must be the next one."""
        if window[:2] != self._next:
            raise ValueError(
                f"patches: the window at row {window.row}, column {window.col} came, where row "
                f"{self._next[0]}, column {self._next[1]} was due"
            )
        if window.col == 0:
            self._above, self._below = self._below, self._above
        end = window.col + window.n_cols
        row_is_done = end == self._n_cols
        self._next = (window.row + window.n_rows, 0) if row_is_done else (window.row, end)

    def _meet(self, window: Window, top: NDArray[np.int64], left: NDArray[np.int64]) -> None:
        """Note which patches meet across the northern and the western seam of a window."""
        north = self._above[window.col : window.col + window.n_cols + 2]
        west = np.pad(self._west if window.col > 0 else np.zeros_like(left), 1)
        found = [
            np.column_stack([along, beside[1 + shift : 1 + shift + len(along)]])
            for along, beside in ((top, north), (left, west))
            for shift in self._shifts
        ]
        pairs = np.concatenate(found)
        pairs = pairs[(pairs > 0).all(axis=1)]
        if len(pairs):
            self._seams.append(np.unique(pairs, axis=0))

    def sizes(self, window: Window, cells: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return for each cell the number of cells of its whole patch: second pass.

        Parameters
        ----------
        window : Window
            One that was added; all have been.
        cells : ndarray of bool
            Its eligible cells, as they were added.

        Returns
        -------
        ndarray of int
            0 where a cell is not eligible.
        """
        if self._whole is None:
            self._whole = self._joined()
        labels = _Labels.of(cells, self._connectivity)
        first = self._first[window]
        sizes = labels.sizes.copy()
        sizes[0] = 0
        sizes[labels.at_edge] = self._whole[first : first + len(labels.at_edge)]
        return sizes[labels.cells]

    def _joined(self) -> NDArray[np.int64]:
        """Return the size of the whole patch of each that reaches an edge."""
        sizes = np.concatenate(self._sizes)
        pairs = np.concatenate([np.zeros((0, 2), dtype=np.int64), *self._seams])
        ones = np.ones(len(pairs), dtype=np.bool_)
        graph = coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(len(sizes), len(sizes)))
        count, patch = connected_components(graph, directed=False)
        whole = np.zeros(count, dtype=np.int64)
        np.add.at(whole, patch, sizes)
        return whole[patch]


@dataclass(slots=True, eq=False)
class SmallPatches:
    """Exclusions by the area of a patch, judged in two passes over all windows.

    Attributes
    ----------
    rules : sequence of AreaRule
        The exclusions.
    n_cols : int
        Columns of the grid.
    cell_m : float
        Side of a cell in metres.
    windows : list of Window
        Those that were added.
    """

    rules: Sequence[AreaRule]
    n_cols: int
    cell_m: float
    windows: list[Window] = field(default_factory=list)
    _by_connectivity: dict[int, PatchSizes] = field(init=False)

    def __post_init__(self) -> None:
        kinds = {rule.connectivity for rule in self.rules}
        self._by_connectivity = {kind: PatchSizes(self.n_cols, kind) for kind in kinds}

    def add(self, window: Window, eligible: NDArray[np.bool_]) -> None:
        """Take in the cells of a window: first pass.

        Parameters
        ----------
        window : Window
            The next in the order of :func:`siteopt.screening.windows.windows_of`.
        eligible : ndarray of bool
            Land cells of the window that no other rule takes.
        """
        self.windows.append(window)
        for patches in self._by_connectivity.values():
            patches.add(window, eligible)

    def reasons(self, window: Window, eligible: NDArray[np.bool_]) -> NDArray[np.uint32]:
        """Return the bits of the exclusions that take each cell: second pass.

        Parameters
        ----------
        window : Window
            One that was added; all have been.
        eligible : ndarray of bool
            As they were added.
        """
        found = np.zeros(window.shape, dtype=np.uint32)
        for connectivity, patches in self._by_connectivity.items():
            sizes = patches.sizes(window, eligible)
            for rule in self.rules:
                if rule.connectivity == connectivity:
                    small = eligible & rule.too_small(sizes, self.cell_m)
                    found |= small.astype(np.uint32) << np.uint32(rule.bit)
        return found
