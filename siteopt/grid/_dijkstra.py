"""Least-cost paths from one station to its sites in one sweep (Dijkstra 1959)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from siteopt.grid._cost_surface import BARRED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.grid._cost_surface import Surface

__all__ = ["Buckets", "CellPaths", "least_cost_paths"]

_FIRST_REACH: Final = 1.5
"""Reach of the first window as a multiple of the distance to the farthest end ..."""

_FIRST_MARGIN: Final = 20
"""... and a margin in cells; it grows until the result is that of the whole country."""


_MOST_BUCKETS: Final = 4096
"""Of the queue; rates further apart share buckets."""

_STEPS: Final = np.array([(r, c) for r in (-1, 0, 1) for c in (-1, 0, 1) if (r, c) != (0, 0)])
"""Rows and columns from a cell to its eight neighbours."""


class CellPaths(NamedTuple):
    """Least-cost paths of cells, one after another.

    Attributes
    ----------
    cost_bn_krw : ndarray of float64, shape (paths,)
        From centre to centre.
    first : ndarray of int64, shape (paths + 1,)
        Where the cells of each path begin in ``cells``.
    cells : ndarray of int32
        Flat indices on the lattice, from the site's cell to the station's.
    """

    cost_bn_krw: NDArray[np.float64]
    first: NDArray[np.int64]
    cells: NDArray[np.int32]

    def path(self, number: int) -> NDArray[np.int32]:
        """Return the cells of a path.

        Parameters
        ----------
        number : int
            Of the path, from 0.
        """
        return self.cells[self.first[number] : self.first[number + 1]]


class _Window(NamedTuple):
    top: int
    bottom: int
    left: int
    right: int


class Buckets(NamedTuple):
    """The queue of a surface: the width of a bucket, and how many are used in turn."""

    width_bn_krw: float
    in_turn: int

    @classmethod
    def of(cls, surface: Surface) -> Buckets:
        """Return buckets as wide as the cheapest step, or wider where rates are far apart.

        Parameters
        ----------
        surface : Surface
            Rates by cell.
        """
        rate = surface.rate_bn_krw_km
        passable = rate[rate >= 0.0]
        km = surface.ground.lattice.cell_m / 1000.0
        dearest = float(passable.max(initial=1.0)) * km * np.sqrt(2.0)
        cheapest = float(passable.min(initial=np.inf)) * km
        width = max(min(cheapest, dearest), dearest / _MOST_BUCKETS)
        return cls(width, 1 << int(np.ceil(np.log2(dearest / width + 2.0))))


def least_cost_paths(
    surface: Surface, start: int, ends: NDArray[np.int64], buckets: Buckets
) -> CellPaths:
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
    buckets : Buckets
        Of the surface.

    Returns
    -------
    CellPaths
        In the order of ``ends``.
    """
    # compiling, or loading what was compiled, takes a moment: only where a route is looked for
    from siteopt.grid._bucket_dijkstra import settle, trace_back  # noqa: PLC0415

    lattice = surface.ground.lattice
    row, col = divmod(start, lattice.n_cols)
    rows, cols = np.divmod(ends, lattice.n_cols)
    farthest = int(max(np.abs(rows - row).max(), np.abs(cols - col).max()))
    reach = int(farthest * _FIRST_REACH) + _FIRST_MARGIN
    half_step_km = 0.5 * np.hypot(*_STEPS.T) * lattice.cell_m / 1000.0
    while True:
        window = _Window(
            max(0, row - reach), min(lattice.n_rows, row + reach + 1),
            max(0, col - reach), min(lattice.n_cols, col + reach + 1),
        )  # fmt: skip
        rate = _bordered(surface.rate_bn_krw_km, window)
        width = rate.shape[1]
        begin = (row - window.top + 1) * width + col - window.left + 1
        places = (rows - window.top + 1) * width + cols - window.left + 1
        around = (rate.ravel(), _STEPS @ np.array([width, 1]), half_step_km)
        room, cost = rate.size, settle(*around, begin, places, *buckets, rate.size)
        while not cost.size:
            room *= 2
            cost = settle(*around, begin, places, *buckets, room)
        inner = cost.reshape(rate.shape)[1:-1, 1:-1]
        if _rim_cost(inner, window, lattice.shape) >= cost[places].max():
            break
        reach *= 2
    cells, first = trace_back(*around, cost, begin, places)
    return CellPaths(cost[places], first, _on_lattice(cells, window, lattice.n_cols))


def _bordered(rate: NDArray[np.float64], window: _Window) -> NDArray[np.float64]:
    """Return the rates of a window within a border that no path may pass."""
    shape = (window.bottom - window.top + 2, window.right - window.left + 2)
    out = np.full(shape, BARRED)
    out[1:-1, 1:-1] = rate[window.top : window.bottom, window.left : window.right]
    return out


def _rim_cost(cost: NDArray[np.float64], window: _Window, shape: tuple[int, int]) -> float:
    """Return the least cost of a cell from which a path could leave the window."""
    sides = (
        (window.top > 0, cost[0]), (window.bottom < shape[0], cost[-1]),
        (window.left > 0, cost[:, 0]), (window.right < shape[1], cost[:, -1]),
    )  # fmt: skip
    return min((float(side.min()) for inside, side in sides if inside), default=np.inf)


def _on_lattice(cells: NDArray[np.int64], window: _Window, n_cols: int) -> NDArray[np.int32]:
    rows, cols = np.divmod(cells, window.right - window.left + 2)
    return ((rows + window.top - 1) * n_cols + cols + window.left - 1).astype(np.int32)
