"""Cut pool of a restricted master: its cutting planes as rows over openings, blocks and sites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from scipy import sparse

from siteopt.portfolio import constraints
from siteopt.portfolio.problem.restriction import Restriction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt._arrays import Floats, Ints
    from siteopt.portfolio.constraints import Cut, OptionCut
    from siteopt.portfolio.problem.problem import Problem

    Columns = sparse.csc_array[np.float64]

__all__ = ["CutPool"]


@dataclass(frozen=True, eq=False)
class CutPool:
    """Cuts of a problem in the order in which they came; all say "at most"."""

    problem: Problem
    cuts: tuple[Cut | OptionCut, ...]
    most: Floats
    """(K,) right sides."""
    w: Columns
    y: Columns
    n: Columns

    @classmethod
    def of(cls, problem: Problem, cuts: Sequence[Cut | OptionCut]) -> Self:
        """Return cuts that count sites and options as in a problem."""
        rows = constraints.cut_rows(Restriction.none(problem), cuts)
        w, y, n = (sparse.csc_array(part) for part in (rows.w, rows.y, rows.n))
        return cls(problem, tuple(cuts), rows.upper, w, y, n)

    def join(self, others: CutPool) -> CutPool:
        """Return these cuts, and others of the same problem after them."""
        w, y, n = (
            sparse.csc_array(sparse.vstack(parts))
            for parts in ((self.w, others.w), (self.y, others.y), (self.n, others.n))
        )
        most = np.append(self.most, others.most)
        return CutPool(self.problem, self.cuts + others.cuts, most, w, y, n)

    @property
    def entries(self) -> int:
        """Number of blocks that all cuts count together, which is what memory they take."""
        return int(self.n.nnz)

    def of_builds(self, openers: Ints, blocks: Columns) -> Columns:
        """Return (K, B) what builds count in the cuts.

        Parameters
        ----------
        openers : ndarray
            (B,) option that opens the site of each.
        blocks : csc_array
            (O, B) their blocks.
        """
        site = self.problem.option_site[openers]
        return sparse.csc_array(self.w[:, site] + self.y[:, openers] + self.n @ blocks)

    def prices(self, dual: Floats) -> tuple[float, Floats, Floats]:
        """Return what duals (K,) of 0 or less pay: in all, of an opening (O,) and a block (O,)."""
        of_site = np.asarray(self.w.T @ dual)
        opening = np.asarray(self.y.T @ dual) + of_site[self.problem.option_site]
        return float(dual @ self.most), opening, np.asarray(self.n.T @ dual)

    def resting(self, dual: Floats) -> tuple[Cut | OptionCut, ...]:
        """Return the cuts that a bound with these duals rests on."""
        return tuple(self.cuts[place] for place in np.flatnonzero(dual))
