"""Least violation of limits with which there is a plan: the elastic program (feasibility relaxation).

Chinneck, Feasibility and Infeasibility in Optimization (2008), chapter 6.1.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from siteopt.portfolio import constraints
from siteopt.portfolio.bounds.column_generation import Relaxation
from siteopt.portfolio.bounds.reduced_cost import SHORT, without_cost
from siteopt.portfolio.constraints.elastic import elastic_rows
from siteopt.portfolio.search.lazy_flow_limits import (
    broken_limits,
    limits_of_relaxation,
    with_limits,
)
from siteopt.portfolio.search.restricted_mips import Found, search
from siteopt.portfolio.solver.backends import Answer, Limits, solve_arrays
from siteopt.portfolio.solver.deadline import Clock
from siteopt.portfolio.solver.mip import program_arrays, whole_blocks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt._arrays import Ints
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.lazy_flow_limits import GridLike, HeldLimit


__all__ = ["Violations", "least_violation"]

_FIRST = 600  # options of the first program: costs say nothing here, so it is a larger one


class Violations:
    """Wall time shared by the programs of a diagnosis, so that no single one takes it all.

    Also keeps the flow limits that plans have broken on the way.
    """

    def __init__(self, seconds: float, grid: GridLike | None = None, *, parts: int = 20) -> None:
        self._all, self._each = Clock(seconds), seconds / parts
        self.grid = grid
        self.limits: list[HeldLimit] = []

    @property
    def left(self) -> float:
        """Seconds left in all."""
        return self._all.left

    def knowing(self, problem: Problem) -> Problem:
        """Return a problem with the flow limits that were found on the way."""
        return with_limits(problem, self.limits)

    def one(self) -> Clock:
        """Return the time of one program."""
        return Clock(min(self._each, self._all.left))


def least_violation(problem: Problem, kinds: Sequence[str], clock: Violations) -> Found:
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
        if found.blocks is None or clock.grid is None:
            return found
        broken = broken_limits(problem, clock.grid, [found.blocks])
        if any(kind.lazy for kind in constraints.kinds() if kind.name in kinds):
            broken = [limit for limit in broken if not _is_known(known, limit)]
        if not broken:
            return found
        clock.limits.extend(broken)
        if clock.left <= 0:
            return replace(found, blocks=None, objective=np.inf, proven=False)


def _is_known(problem: Problem, limit: HeldLimit) -> bool:
    """Return whether a problem has a flow limit already, but for rounding."""
    rows = np.column_stack([problem.flow_price, problem.flow_most_mw])
    same = np.isclose(rows, [*limit.price, limit.most_mw], atol=1e-6).all(axis=1)
    return bool((same & (problem.flow_year == limit.year)).any())


def _least_known(problem: Problem, kinds: Sequence[str], clock: Violations) -> Found:
    """Find the least objective within the flow limits that are known."""
    kept = problem.open_options()
    part = problem.take(kept)
    if part.options == 0:
        if any(kind.demands(part) for kind in constraints.kinds() if kind.name not in kinds):
            return Found(None, np.inf, np.inf, proven=True)
        return Found(np.zeros(problem.options, dtype=np.int64), 0.0, 0.0, proven=not kinds)
    time_left = clock.one()
    rows = elastic_rows(part, kinds, relaxation=True)
    if not (part.worth_fixed.any() or part.worth_block.any() or rows.extras):
        # Nothing has a cost but what is missing.
        bound = Relaxation(part, rows).solve(SHORT, time_left.left)
        if bound.value > SHORT:
            return Found(None, np.inf, np.inf, proven=True)
    else:
        relaxation = Relaxation(part, rows)
        bound = relaxation.solve(seconds=time_left.left)
        if relaxation.artificial > SHORT:
            free = Relaxation(without_cost(part), _free(rows))
            if free.solve(SHORT, time_left.left).value > SHORT:
                return Found(None, np.inf, np.inf, proven=True)

    def program(
        chosen: Ints, begin: Ints | None, seconds: float, threshold: float
    ) -> tuple[Answer, Ints | None]:
        del begin, threshold
        small = part.take(chosen)
        arrays = program_arrays(small, elastic_rows(small, kinds, relaxation=False))
        answer = solve_arrays(arrays, Limits(gap=0.0, gap_abs=1e-7, seconds=seconds))
        return answer, None if answer.values is None else whole_blocks(small, answer.values)

    found = search(part, bound, program, time_left, 1e-9, _FIRST)
    if found.blocks is None:
        return found
    blocks = np.zeros(problem.options, dtype=np.int64)
    blocks[kept] = found.blocks
    return replace(found, blocks=blocks)


def _free(rows: constraints.Rows) -> constraints.Rows:
    """Return rows whose slack costs nothing."""
    return replace(rows, extras=tuple(replace(extra, cost=0.0) for extra in rows.extras))
