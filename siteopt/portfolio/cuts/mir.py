"""Complemented mixed-integer rounding (c-MIR; Marchand and Wolsey 2001) of single limits.

The relaxation opens the last site that a limit leaves room for in part, and pays that part of its
opening. A limit and the links of its options say more together: with groups g of options (the
options of a connection until the year of the limit where sites grow, else one option each), Y_g
whether one of them opens its site, N_g their blocks, and U_g the most of them,

    sum_g (a_g N_g + b_g Y_g) <= c,    0 <= N_g <= U_g Y_g,    all whole.

Some groups are counted from their full end: Y_g = 1 - open_g for those in T, N_g = U_g Y_g - rest_g
where that is tighter. For any delta > 0 the sum divided by it may then be rounded (mixed-integer
rounding, equation rounding of docs/method.md). Which delta and which T cut off a solution of the
relaxation is sought as Marchand and Wolsey (2001, Operations Research 49, 363-371) do: T the
groups more than half open, delta the sizes of groups open in part, then halves of it and single
changes of T. Cover cuts of the target and flow covers of a station come out as special cases.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from siteopt.portfolio.constraints.cut_rows import OptionCut

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from siteopt._arrays import Bools, Floats
    from siteopt.portfolio.constraints.block_limits import BlockLimit


__all__ = ["violated_rounding_cuts"]

_IN_USE = 1e-7  # parts of a site or block below it are noise
_NEAR = 0.02  # of a limit; one with more slack than that is skipped
_LEAST, _MOST = 0.02, 0.98  # part of a block that rounding takes off; others give weak or vast rows
_WORTH = 1e-3  # depth (distance to the solution, in full sites) that makes a cut worth a row
_HALF = 0.5
_SIZES = 30  # sizes tried for each limit
_CHANGES = 20  # groups whose end is changed one by one
_ROUNDING = 1e-9  # relative; what a right side gives for float arithmetic


def violated_rounding_cuts(
    limits: Sequence[BlockLimit], opened: Floats, blocks: Floats, most: int
) -> list[OptionCut]:
    """Return cuts that a solution of a relaxation breaks, the deepest first.

    Parameters
    ----------
    limits : sequence of BlockLimit
        See `siteopt.portfolio.constraints.block_limits.block_limits`.
    opened, blocks : ndarray
        (O,) how much of each option opens its site, 0 to 1, and its blocks.
    most : int
        Number of cuts at most, one a limit.
    """
    found: list[tuple[float, int, OptionCut]] = []
    for number, limit in enumerate(limits):
        point = _Point(_sum(limit, opened), _sum(limit, blocks))
        used = float(limit.each @ point.running + limit.opening @ point.begun)
        if limit.most - used > _NEAR * abs(limit.most):
            continue
        rounding = _deepest(limit, point)
        cut = None if rounding is None else _cut(limit, point, rounding)
        if rounding is not None and cut is not None:
            found.append((-rounding.depth, number, cut))
    found.sort(key=lambda item: item[:2])
    return [cut for _, _, cut in found[:most]]


class _Point(NamedTuple):
    """A solution of a relaxation, as a limit sees it."""

    begun: Floats
    """(G,) how much of each group has opened."""
    running: Floats
    """(G,) its blocks."""


class _Rounding(NamedTuple):
    """How a limit is rounded."""

    depth: float
    """How far the solution is beyond the cut, in full sites."""
    from_full: Bools
    """(G,) groups that are counted from their full end."""
    size: float
    """What is divided by."""


def _sum(limit: BlockLimit, values: Floats) -> Floats:
    total = np.zeros(len(limit.each))
    np.add.at(total, limit.group, values[limit.options])
    return total


def _deepest(limit: BlockLimit, point: _Point) -> _Rounding | None:
    """Return the rounding whose cut is deepest, by the groups in use; None where none is worth it."""
    in_use = np.flatnonzero((point.begun > _IN_USE) | (point.running > _IN_USE))
    small, here = limit.take(in_use), _Point(point.begun[in_use], point.running[in_use])
    in_part = (here.begun > _IN_USE) & (here.begun < 1.0 - _IN_USE)
    none = np.zeros(len(in_use), dtype=np.bool_)
    best = _Rounding(_WORTH, none, 0.0)

    def better(best: _Rounding, tried: Iterable[tuple[Bools, float]]) -> _Rounding:
        for from_full, size in tried:
            depth = _depth(small, here, from_full, size)
            if depth > best.depth:
                best = _Rounding(depth, from_full, size)
        return best

    starts = (here.begun > _HALF, none, here.begun > 1.0 - _IN_USE)
    best = better(best, product(starts, _sizes(small, in_part)))
    if not best.size:
        return None
    best = better(best, [(best.from_full, best.size / part) for part in (2, 4, 8)])
    nearest_half = np.argsort(np.abs(here.begun - _HALF), kind="stable")[:_CHANGES]
    for place in nearest_half[in_part[nearest_half]]:
        changed = best.from_full.copy()
        changed[place] = not changed[place]
        best = better(best, [(changed, best.size)])
    from_full = np.zeros(len(limit.each), dtype=np.bool_)
    from_full[in_use[best.from_full]] = True
    return best._replace(from_full=from_full)


def _cut(limit: BlockLimit, point: _Point, rounding: _Rounding) -> OptionCut | None:
    """Return the cut of a rounding on all groups of a limit."""
    rounded = _rounded(limit, point, rounding.from_full, rounding.size)
    if rounded is None:
        return None
    opening, each, most = rounded
    kept = np.flatnonzero((opening[limit.group] != 0.0) | (each[limit.group] != 0.0))
    of_kept = limit.group[kept]
    most += _ROUNDING * (1.0 + abs(most))
    return OptionCut(limit.options[kept], opening[of_kept], each[of_kept], most)


def _sizes(small: BlockLimit, in_part: Bools) -> Floats:
    """Return the numbers to divide by: full groups that are open in part, and single blocks."""
    sizes = np.concatenate([np.abs(small.full[in_part]), np.abs(small.each)])
    sizes = np.unique(np.round(sizes[sizes > _IN_USE], 9))
    if len(sizes) > _SIZES:
        sizes = sizes[np.linspace(0, len(sizes) - 1, _SIZES).astype(np.int64)]
    return sizes


def _depth(small: BlockLimit, here: _Point, from_full: Bools, size: float) -> float:
    """Return how far a solution is beyond a cut, in full sites; below 0 if it keeps it."""
    rounded = _rounded(small, here, from_full, size)
    if rounded is None:
        return -np.inf
    opening, each, most = rounded
    length = np.sqrt(np.sum((each * small.blocks_max) ** 2) + np.sum(opening**2))
    return float((opening @ here.begun + each @ here.running - most) / (length + _IN_USE))


def _rounded(
    limit: BlockLimit, point: _Point, from_full: Bools, size: float
) -> tuple[Floats, Floats, float] | None:
    """Return opening, each and most of the limit divided by a size and rounded.

    Groups of ``from_full`` are counted from their full end. Any other is counted by its blocks, or
    by its full size less the blocks that it lacks, whichever the solution breaks more.
    """
    full = limit.full
    side = (limit.most - float(full[from_full].sum())) / size
    part = side - np.floor(side)
    if not _LEAST <= part <= _MOST:
        return None
    lacking = _round(-limit.each / size, part)
    by_block = _round(limit.each / size, part), _round(limit.opening / size, part)
    at_full = _round(full / size, part)
    by_full = -lacking, at_full + lacking * limit.blocks_max
    gain = (by_full[0] - by_block[0]) * point.running
    gain += (by_full[1] - by_block[1]) * point.begun
    if_full = at_full - (by_block[0] * limit.blocks_max + by_block[1])
    filled = (gain > _IN_USE) | ((np.abs(gain) <= _IN_USE) & (if_full > 0.0))
    each = np.where(filled, by_full[0], by_block[0])
    opening = np.where(filled, by_full[1], by_block[1])
    shut = _round(-full / size, part)
    each[from_full] = -lacking[from_full]
    opening[from_full] = (lacking * limit.blocks_max - shut)[from_full]
    return opening, each, float(np.floor(side) - shut[from_full].sum())


def _round(values: Floats, part: float) -> Floats:
    """Return F(v) = floor(v) + max(0, v - floor(v) - part) / (1 - part)."""
    whole = np.floor(values)
    return np.asarray(whole + np.maximum(values - whole - part, 0.0) / (1.0 - part))
