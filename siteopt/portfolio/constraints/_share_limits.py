"""Share limits: least and most whole blocks of parts of the country, year by year.

Provinces and groups of provinces have them alike. A part is a row of two arrays of the problem,
shape (P, T); the tightest rows are those whose bound no later or earlier year implies, since blocks
that run go on running.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy import sparse

from siteopt.limit_key import LimitKey
from siteopt.portfolio.constraints import _rows
from siteopt.portfolio.constraints.family import Perturbation, years_of
from siteopt.portfolio.problem.problem import NO_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from siteopt._arrays import Bools, Floats, Ints
    from siteopt.portfolio.constraints.family import Room
    from siteopt.portfolio.problem.problem import Problem

__all__ = ["ShareLimits"]

Side = Literal["least", "most"]
_SIGNS: tuple[tuple[Side, int], ...] = (("most", 1), ("least", -1))
"""A most is loosened by a block more, a least by a block less."""


@dataclass(frozen=True, slots=True)
class ShareLimits:
    """Share limits of one kind of parts, by the names of their fields in the problem.

    Attributes
    ----------
    family, scope : str
        Of the keys of the limits.
    ids : str
        Field with the ids of the parts, sorted.
    least, most : str
        Fields with the blocks, shape (P, T); `NO_LIMIT` is no most.
    """

    family: str
    scope: str
    ids: str
    least: str
    most: str

    def blocks(self, problem: Problem, side: Side) -> Ints:
        """Return least or most blocks, shape (P, T)."""
        found: Ints = getattr(problem, self.least if side == "least" else self.most)
        return found

    def key_of(self, problem: Problem) -> Callable[[int, int], LimitKey]:
        """Return the key of a part and a year."""
        ids = getattr(problem, self.ids)
        return lambda place, year: LimitKey(self.family, self.scope, str(ids[place]), year=year)

    def rows(
        self, problem: Problem, running: sparse.csr_array[Any], most_running: Floats
    ) -> _rows.Rows:
        """Return the rows of least and most blocks, those that no other year implies.

        Where no whole number of blocks is between the two, each is a row of its own: a row whose
        lower side is above its upper one is no program to a solver, not one without a plan.

        Parameters
        ----------
        problem : Problem
            The program.
        running : csr_array, shape (P * T, O)
            Blocks that run in each part and year, as rows over the options.
        most_running : ndarray of float64, shape (P, T)
            The most blocks that there can be.
        """
        low = self.blocks(problem, "least").astype(np.float64)
        high = self.blocks(problem, "most").astype(np.float64)
        floor = (low > 0) & _rows.tightest_later(-low[:, ::-1])[:, ::-1]
        cap = (most_running > high) & _rows.tightest_later(high)
        at_least = np.where(floor, low, -np.inf).ravel()
        at_most = np.where(cap, high, np.inf).ravel()
        kept = np.flatnonzero((floor | cap).ravel())
        crossed = at_least[kept] > at_most[kept]
        apart, key_of = kept[crossed], self.key_of(problem)
        least = [replace(key, side="least") for key in _rows.keys_of(problem, key_of, apart)]
        return _rows.rows(
            problem,
            [*_rows.keys_of(problem, key_of, kept), *least],
            np.concatenate([np.where(crossed, -np.inf, at_least[kept]), at_least[apart]]),
            np.concatenate([at_most[kept], np.full(len(apart), np.inf)]),
            n=sparse.csr_array(running[np.concatenate([kept, apart])]),
        )

    def elastic(
        self, rows: _rows.Rows, problem: Problem, sides: Collection[Side]
    ) -> list[_rows.Rows]:
        """Return each side of the rows apart, some loosened by blocks above or below as slack."""
        above, below = _rows.split(rows)
        cost = _rows.share_of_target(problem)
        return [
            _rows.loosen(above, problem, cost) if "most" in sides else above,
            _rows.loosen(below, problem, cost) if "least" in sides else below,
        ]

    def perturbations(self, problem: Problem, room: Room) -> Iterator[Perturbation]:
        """Move least and most of a part by a block, where a side of them is met."""
        pct, key_of = 100.0 / max(int(problem.target_blocks[-1]), 1), self.key_of(problem)
        for place in range(len(getattr(problem, self.ids))):
            for side, sign in _SIGNS:
                limit = self.blocks(problem, side)
                year = room.first_year(problem, partial(key_of, place), pct, side)
                every = sign > 0 and bool(np.all(limit[place] >= problem.target_blocks))
                if year is None or every or not limit[place].any():  # all or nothing is no limit
                    continue
                for step in (sign, -sign):
                    moved = limit.copy()
                    there = moved[place] < NO_LIMIT
                    moved[place] = np.where(there, np.maximum(moved[place] + step, 0), moved[place])
                    yield Perturbation(
                        replace(key_of(place, 0), side=side), year, step * pct, "pct",
                        loosens=step == sign, problem=self._with(problem, side, moved),
                    )  # fmt: skip

    def keys(self, problem: Problem, side: Side, there: Bools) -> list[LimitKey]:
        """Return the keys of one side where an array of shape (P, T) says that there is one."""
        key_of = self.key_of(problem)
        return [
            replace(key_of(int(place), int(problem.years[year])), side=side)
            for place, year in np.argwhere(there)
        ]

    def without(self, problem: Problem, side: Side, keys: Collection[LimitKey] | None) -> Problem:
        """Return the problem without some limits of one side, or without all of them."""
        kept = self.blocks(problem, side).copy()
        kept[self._places(problem, keys)] = 0 if side == "least" else NO_LIMIT
        return self._with(problem, side, kept)

    def _places(
        self, problem: Problem, keys: Collection[LimitKey] | None
    ) -> tuple[Ints, Ints] | slice[None, None, None]:
        """Return the places of some limits in the arrays, or all places."""
        if keys is None:
            return slice(None)
        names = np.array([key.subject for key in keys], dtype=np.str_)
        return np.searchsorted(getattr(problem, self.ids), names), years_of(problem, keys)

    def _with(self, problem: Problem, side: Side, blocks: Ints) -> Problem:
        changed: dict[str, Any] = {self.least if side == "least" else self.most: blocks}
        return replace(problem, **changed)
