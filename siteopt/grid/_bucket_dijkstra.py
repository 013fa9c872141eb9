"""Dijkstra's algorithm with a queue of buckets, compiled.

The queue is that of Dial (1969) with real costs (Denardo and Fox 1979): a bucket holds the cells
whose cost is in one interval. Intervals no wider than the cheapest step make every cell that is
taken out final; wider ones, where rates differ by orders of magnitude, only make some cells be
taken out again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["settle", "trace_back"]

_NONE: Final = -1
"""No entry of the queue."""


@njit(cache=True, nogil=True)
def settle(  # noqa: C901, PLR0913, PLR0917 - one compiled loop over plain arrays
    rate: NDArray[np.float64],
    neighbour: NDArray[np.int64],
    half_step_km: NDArray[np.float64],
    start: int,
    ends: NDArray[np.int64],
    bucket_bn_krw: float,
    bucket_count: int,
    entries_most: int,
) -> NDArray[np.float64]:
    """Return the least cost of each cell from a start, as far as the ends need it.

    Parameters
    ----------
    rate : ndarray of float64, shape (cells,)
        bn KRW per km in the cells of a window, row by row; negative where no path may pass, as
        all along its border.
    neighbour : ndarray of int64, shape (8,)
        What added to the index of a cell gives each neighbour.
    half_step_km : ndarray of float64, shape (8,)
        Half the distance to each.
    start : int
        Index of a passable cell.
    ends : ndarray of int64
        Indices of cells that can be reached from the start, no two the same.
    bucket_bn_krw : float
        Width of a bucket.
    bucket_count : int
        A power of two, so large that the dearest step stays within the buckets.
    entries_most : int
        Room of the queue.

    Returns
    -------
    ndarray of float64, shape (cells,)
        Final for every cell that costs at most as much as the dearest end; an upper bound, or
        infinite, for others. Empty if the queue had too little room.
    """
    cost = np.full(rate.size, np.inf)
    awaited = np.zeros(rate.size, np.bool_)
    for end in ends:
        awaited[end] = True
    missing = ends.size
    first = np.full(bucket_count, _NONE, np.int64)
    # entries of the queue: linked lists in three arrays, those taken out being used again
    cell_of = np.empty(entries_most, np.int64)
    cost_of = np.empty(entries_most, np.float64)
    next_of = np.empty(entries_most, np.int64)
    spare = _NONE
    entries = waiting = 1
    cell_of[0], cost_of[0], next_of[0] = start, 0.0, _NONE
    cost[start], first[0] = 0.0, 0
    per_bucket = 1.0 / bucket_bn_krw
    mask = bucket_count - 1
    turn = 0
    while waiting > 0 and missing > 0:
        bucket = turn & mask
        while first[bucket] != _NONE:
            entry = first[bucket]
            first[bucket] = next_of[entry]
            cell, so_far = cell_of[entry], cost_of[entry]
            next_of[entry], spare = spare, entry
            waiting -= 1
            if so_far > cost[cell]:
                continue  # a cheaper path to it came since
            if awaited[cell]:
                awaited[cell] = False
                missing -= 1
            here = rate[cell]
            for side in range(8):
                other = cell + neighbour[side]
                if rate[other] < 0.0:
                    continue
                there = so_far + half_step_km[side] * (here + rate[other])
                if there >= cost[other]:
                    continue
                cost[other] = there
                if spare != _NONE:
                    new, spare = spare, next_of[spare]
                else:
                    if entries == entries_most:
                        return cost[:0]
                    new = entries
                    entries += 1
                into = int(there * per_bucket) & mask
                cell_of[new], cost_of[new], next_of[new] = other, there, first[into]
                first[into] = new
                waiting += 1
        turn += 1
    return cost


@njit(cache=True, nogil=True)
def trace_back(  # noqa: PLR0913, PLR0917 - likewise
    rate: NDArray[np.float64],
    neighbour: NDArray[np.int64],
    half_step_km: NDArray[np.float64],
    cost: NDArray[np.float64],
    start: int,
    ends: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the cells of the least-cost paths from ends back to the start, one after another.

    Of several cheapest paths the one through the cheapest predecessor, and of those alike the
    first in the order of ``neighbour``: it depends on the rates alone, not on the search.

    Parameters
    ----------
    rate, neighbour, half_step_km, cost, start, ends : ndarray or int
        As given to and returned by :func:`settle`.

    Returns
    -------
    cells : ndarray of int64
    first : ndarray of int64, shape (ends + 1,)
        Where the cells of each path begin.
    """
    cells = np.empty(64 * max(len(ends), 1), np.int64)
    first = np.zeros(len(ends) + 1, np.int64)
    length = 0
    for number in range(len(ends)):
        cell = ends[number]
        while True:
            if length == cells.size:
                cells = np.concatenate((cells, np.empty(length, np.int64)))
            cells[length] = cell
            length += 1
            if cell == start:
                break
            before = cell
            least = np.inf
            for side in range(8):
                other = cell + neighbour[side]
                if rate[other] < 0.0 or cost[other] >= least:
                    continue
                if cost[other] + half_step_km[side] * (rate[other] + rate[cell]) == cost[cell]:
                    before, least = other, cost[other]
            cell = before
        first[number + 1] = length
    return cells[:length], first
