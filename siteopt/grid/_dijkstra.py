"""Least-cost paths from one station to its sites in one sweep (Dijkstra 1959)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from skimage.graph import MCP_Geometric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.grid._cost_surface import Surface

__all__ = ["CellPath", "least_cost_paths"]

_FIRST_REACH: Final = 1.5
"""Reach of the first window as a multiple of the distance to the farthest end ..."""

_FIRST_MARGIN: Final = 20
"""... and a margin in cells; it grows until the result is that of the whole country."""


class CellPath(NamedTuple):
    """A least-cost path of cells.

    Attributes
    ----------
    cost_bn_krw : float
        From centre to centre.
    cells : ndarray of int64
        Flat indices on the lattice, from the site's cell to the station's.
    """

    cost_bn_krw: float
    cells: NDArray[np.int64]


class _Window(NamedTuple):
    top: int
    bottom: int
    left: int
    right: int


def least_cost_paths(surface: Surface, start: int, ends: NDArray[np.int64]) -> list[CellPath]:
    """Return the least-cost paths between a start cell and end cells.

    A step between two neighbours costs its length times the mean of their rates, half a step in
    each cell. The sweep runs in a window about the ends. No path that leaves the window can be
    cheaper where its rim is farther (in cost) than every end; else the window grows.

    Parameters
    ----------
    surface : Surface
        Rates by cell.
    start : int
        Flat index of the station's cell, passable.
    ends : ndarray of int64
        Flat indices of the sites' cells, no two the same, in the same part as the start.

    Returns
    -------
    list of CellPath
        In the order of ``ends``.
    """
    lattice = surface.ground.lattice
    row, col = divmod(start, lattice.n_cols)
    rows, cols = np.divmod(ends, lattice.n_cols)
    farthest = int(max(np.abs(rows - row).max(), np.abs(cols - col).max()))
    reach = int(farthest * _FIRST_REACH) + _FIRST_MARGIN
    km = lattice.cell_m / 1000.0
    while True:
        window = _Window(
            max(0, row - reach), min(lattice.n_rows, row + reach + 1),
            max(0, col - reach), min(lattice.n_cols, col + reach + 1),
        )  # fmt: skip
        rate = surface.rate_bn_krw_km[window.top : window.bottom, window.left : window.right]
        finder = MCP_Geometric(rate, sampling=(km, km))
        targets = list(zip(rows - window.top, cols - window.left, strict=True))
        cost, step = finder.find_costs([(row - window.top, col - window.left)], targets)
        reached = cost[rows - window.top, cols - window.left]
        if _rim_cost(cost, window, lattice.shape) >= reached.max():
            break
        reach *= 2
    width = window.right - window.left
    shift = (finder.offsets @ np.array([width, 1])).tolist()
    begin = (row - window.top) * width + col - window.left
    places = ((rows - window.top) * width + cols - window.left).tolist()
    steps = memoryview(np.ascontiguousarray(step).tobytes()).cast(step.dtype.char)
    cells = [_back(steps, shift, place, begin) for place in places]
    return [
        CellPath(float(total), _on_lattice(path, window, lattice.n_cols))
        for total, path in zip(reached, cells, strict=True)
    ]


def _rim_cost(cost: NDArray[np.float64], window: _Window, shape: tuple[int, int]) -> float:
    """Return the least cost of a cell from which a path could leave the window."""
    sides = (
        (window.top > 0, cost[0]), (window.bottom < shape[0], cost[-1]),
        (window.left > 0, cost[:, 0]), (window.right < shape[1], cost[:, -1]),
    )  # fmt: skip
    return min((float(side.min()) for inside, side in sides if inside), default=np.inf)


def _back(step: memoryview, shift: list[int], place: int, begin: int) -> list[int]:
    """Return the cells of the path from an end back to the start."""
    path = [place]
    while place != begin:
        place -= shift[step[place]]
        path.append(place)
    return path


def _on_lattice(path: list[int], window: _Window, n_cols: int) -> NDArray[np.int64]:
    rows, cols = np.divmod(np.array(path, dtype=np.int64), window.right - window.left)
    return np.asarray((rows + window.top) * n_cols + cols + window.left, dtype=np.int64)
