"""Limits on blocks: rows that sites meet by whole blocks alone, as mixed-integer rounding takes them.

A limit is a sum over groups of options (the options of a connection until the year of the limit
where sites grow, else one option each).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from siteopt._arrays import Floats, Ints
    from siteopt.portfolio.constraints._rows import Rows
    from siteopt.portfolio.problem.problem import Problem

__all__ = ["BlockLimit", "block_limits"]


@dataclass(frozen=True, eq=False)
class BlockLimit:
    """One limit on what runs, as a sum over groups of options."""

    options: Ints
    """(K,) its options, rising."""
    group: Ints
    """(K,) group of each."""
    each: Floats
    """(G,) what a block of a group counts."""
    opening: Floats
    """(G,) what an opening counts beside its blocks."""
    blocks_max: Floats
    """(G,)."""
    most: float
    """The sum is at most this."""

    @property
    def full(self) -> Floats:
        """(G,) what a group counts with all its blocks."""
        return self.each * self.blocks_max + self.opening

    def take(self, groups: Ints) -> BlockLimit:
        """Return the limit on some groups, with no options."""
        none = np.empty(0, dtype=np.int64)
        return BlockLimit(
            none,
            none,
            self.each[groups],
            self.opening[groups],
            self.blocks_max[groups],
            self.most,
        )


def block_limits(problem: Problem, rows: Rows) -> list[BlockLimit]:
    """Return the limits among rows that sites meet by whole blocks, and by nothing else.

    A row is an upper limit (as it is) or a lower one (negated), or both.
    """
    each, opening = sparse.csr_array(rows.n), sparse.csr_array(rows.y)
    alone = (np.diff(sparse.csr_array(rows.w).indptr) == 0) & (
        np.diff(sparse.csr_array(rows.x).indptr) == 0
    )
    found = []
    for row in np.flatnonzero(alone & (np.diff(each.indptr) > 1)):
        place = slice(each.indptr[row], each.indptr[row + 1])
        order = np.argsort(each.indices[place])
        options = each.indices[place][order].astype(np.int64)
        at_opening = np.zeros(problem.options)
        own = slice(opening.indptr[row], opening.indptr[row + 1])
        at_opening[opening.indices[own]] = opening.data[own]
        if np.count_nonzero(at_opening) != np.count_nonzero(at_opening[options]):
            continue
        whole = _grouped(problem, options, each.data[place][order], at_opening[options])
        if whole is None:
            continue
        for sign, side in ((1.0, rows.upper[row]), (-1.0, -rows.lower[row])):
            if np.isfinite(side):
                group, count, begin, most = whole
                found.append(
                    BlockLimit(options, group, sign * count, sign * begin, most, float(side))
                )
    return [limit for limit in found if np.maximum(limit.full, 0.0).sum() > limit.most]


def _grouped(
    problem: Problem, options: Ints, each: Floats, opening: Floats
) -> tuple[Ints, Floats, Floats, Floats] | None:
    """Return group of each option, and each, opening and most blocks of the groups.

    None where options of a connection count differently, or some of them not at all: only all of
    them until a year have a common upper limit of blocks.
    """
    if not problem.grows or problem.horizon == 1:
        most = problem.blocks_max[options].astype(np.float64)
        return np.arange(len(options)), each, opening, most
    chain, first, count = np.unique(problem.chain[options], return_index=True, return_counts=True)
    group = np.repeat(np.arange(len(chain)), count)
    until = problem.option_year <= problem.option_year[options].max()
    all_of_chain = np.bincount(problem.chain[until], minlength=int(chain[-1]) + 1)[chain]
    alike = (each == each[first][group]) & (opening == opening[first][group])
    if np.any(all_of_chain != count) or not alike.all():
        return None
    most = problem.blocks_max[options[first + count - 1]].astype(np.float64)
    return group, each[first], opening[first], most
