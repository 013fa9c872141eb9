"""The cuts that a relaxation has met, as rows over its openings, blocks and sites."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from siteopt.portfolio import families

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from siteopt.portfolio.cuts import Cut
    from siteopt.portfolio.problem import Problem
    from siteopt.portfolio.rounding_cuts import OptionCut

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Columns = sparse.csc_array[np.float64]

__all__ = ["KnownCuts"]


class KnownCuts:
    """Cuts of a problem in the order in which they came; all say "at most"."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._cuts: list[Cut | OptionCut] = []
        self._most = np.empty(0)
        self._w = sparse.csc_array((0, problem.sites), dtype=np.float64)
        self._y = sparse.csc_array((0, problem.options), dtype=np.float64)
        self._n = self._y.copy()

    @property
    def entries(self) -> int:
        """Number of blocks that all cuts count together, which is what memory they take."""
        return int(self._n.nnz)

    def add(self, cuts: Sequence[Cut | OptionCut]) -> KnownCuts:
        """Take cuts in; return the new ones alone."""
        problem, new = self._problem, KnownCuts(self._problem)
        rows = families.cut_rows(problem, cuts, problem, np.arange(problem.options))
        new._cuts, new._most = list(cuts), rows.upper
        new._w, new._y, new._n = (sparse.csc_array(part) for part in (rows.w, rows.y, rows.n))
        self._cuts += cuts
        self._most = np.append(self._most, new._most)
        self._w = sparse.csc_array(sparse.vstack([self._w, new._w]))
        self._y = sparse.csc_array(sparse.vstack([self._y, new._y]))
        self._n = sparse.csc_array(sparse.vstack([self._n, new._n]))
        return new

    @property
    def most(self) -> Floats:
        """(K,) right sides."""
        return self._most

    def of_builds(self, openers: Ints, blocks: Columns) -> Columns:
        """Return (K, B) what builds count in the cuts.

        Parameters
        ----------
        openers : ndarray
            (B,) option that opens the site of each.
        blocks : csc_array
            (O, B) their blocks.
        """
        site = self._problem.option_site[openers]
        return sparse.csc_array(self._w[:, site] + self._y[:, openers] + self._n @ blocks)

    def prices(self, dual: Floats) -> tuple[float, Floats, Floats]:
        """Return what duals (K,) of 0 or less pay: in all, of an opening (O,) and a block (O,)."""
        of_site = np.asarray(self._w.T @ dual)
        opening = np.asarray(self._y.T @ dual) + of_site[self._problem.option_site]
        return float(dual @ self._most), opening, np.asarray(self._n.T @ dual)

    def resting(self, dual: Floats) -> tuple[Cut | OptionCut, ...]:
        """Return the cuts that a bound with these duals rests on."""
        return tuple(self._cuts[place] for place in np.flatnonzero(dual))
