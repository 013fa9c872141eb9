"""Least violation of limits with which there is a plan: the elastic program (feasibility relaxation).

Chinneck, Feasibility and Infeasibility in Optimization (2008), chapter 6.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteopt.portfolio import constraints
from siteopt.portfolio.bounds.column_generation import RestrictedMaster
from siteopt.portfolio.bounds.reduced_cost import FEASIBILITY_TOLERANCE
from siteopt.portfolio.constraints.elastic import elastic_rows
from siteopt.portfolio.problem.restriction import Restriction
from siteopt.portfolio.search.grid_oracle import broken_limits, with_limits
from siteopt.portfolio.search.lazy_flow_limits import limits_of_relaxation
from siteopt.portfolio.search.restricted_mips import RestrictedMip, kernel_search
from siteopt.portfolio.solver.backends import Limits
from siteopt.portfolio.solver.deadline import Deadline
from siteopt.portfolio.solver.result import Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt._arrays import Ints
    from siteopt.portfolio.constraints import Rows
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.grid_oracle import GridLike, HeldLimit


__all__ = ["Violations", "least_violation"]

_FIRST = 600  # options of the first program: costs say nothing here, so it is a larger one


class Violations:
    """Wall time shared by the programs of a diagnosis, so that no single one takes it all.

    Also keeps the flow limits that plans have broken on the way.
    """

    def __init__(self, seconds: float, grid: GridLike | None = None, *, parts: int = 20) -> None:
        self._all, self._each = Deadline(seconds), seconds / parts
        self.grid = grid
        self.limits: list[HeldLimit] = []

    @property
    def left(self) -> float:
        """Seconds left in all."""
        return self._all.left

    def knowing(self, problem: Problem) -> Problem:
        """Return a problem with the flow limits that were found on the way."""
        return with_limits(problem, self.limits)

    def one(self) -> Deadline:
        """Return the time of one program."""
        return Deadline(min(self._each, self._all.left))


def least_violation(problem: Problem, kinds: Sequence[str], clock: Violations) -> Result[Ints]:
    """Find the least objective of a problem, some kinds of limits with slack.

    A plan counts only when the grid serves it; where flow limits were dropped its loads are on no
    bus, and where they are loosened it counts when all that it breaks are known and so paid for.
    """
    if clock.grid is not None and not kinds and problem.worth_block.any():
        early = limits_of_relaxation(clock.knowing(problem), clock.grid, clock.one())
        clock.limits.extend(early)
    while True:
        known = clock.knowing(problem)
        found = _least_known(known, kinds, clock)
        if found.incumbent is None or clock.grid is None:
            return found
        broken = broken_limits(problem, clock.grid, [found.incumbent])
        if any(kind.lazy for kind in constraints.kinds() if kind.name in kinds):
            broken = [limit for limit in broken if not _is_known(known, limit)]
        if not broken:
            return found
        clock.limits.extend(broken)
        if clock.left <= 0:
            return Result.none("unknown", found.bound)


def _is_known(problem: Problem, limit: HeldLimit) -> bool:
    """Return whether a problem has a flow limit already, but for rounding."""
    rows = np.column_stack([problem.flow_price, problem.flow_most_mw])
    same = np.isclose(rows, [*limit.price, limit.most_mw], atol=1e-6).all(axis=1)
    return bool((same & (problem.flow_year == limit.year)).any())


def _least_known(problem: Problem, kinds: Sequence[str], clock: Violations) -> Result[Ints]:
    """Find the least objective within the flow limits that are known."""
    restriction = Restriction.to_open(problem)
    part = restriction.part
    if part.options == 0:
        if any(kind.demands(part) for kind in constraints.kinds() if kind.name not in kinds):
            return Result.none("infeasible", np.inf)
        nothing = np.zeros(problem.options, dtype=np.int64)
        return Result.of_search(nothing, 0.0, 0.0, proven=not kinds)
    time_left = clock.one()
    rows = elastic_rows(part, kinds, relaxation=True)
    master = RestrictedMaster(part, rows)
    if part.worth_fixed.any() or part.worth_block.any() or rows.extras:
        bound = master.solve(seconds=time_left.left)
        infeasible = master.proves_infeasible(time_left.left)
    else:  # nothing has a cost but what is missing
        bound = master.solve(FEASIBILITY_TOLERANCE, time_left.left)
        infeasible = bound.value > FEASIBILITY_TOLERANCE
    if infeasible:
        return Result.none("infeasible", np.inf)

    def elastic(small: Problem) -> Rows:
        return elastic_rows(small, kinds, relaxation=False)

    mip = RestrictedMip(part, rows=elastic, limits=Limits(gap=0.0, gap_abs=1e-7))
    found = kernel_search(mip, bound, time_left, 1e-9, _FIRST)
    return found.restated(restriction.invert)
