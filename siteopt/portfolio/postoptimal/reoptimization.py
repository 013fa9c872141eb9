"""Further questions to a problem whose best plan is known: the same program, with side limits.

Every answer is a plan that the grid serves, or a proven bound. What a question finds out about the
flow limits of the grid is kept for those that follow.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from siteopt.errors import SolverError
from siteopt.portfolio.bounds.column_generation import Relaxation
from siteopt.portfolio.constraints.variants import with_cap, with_flow_limits
from siteopt.portfolio.search.lazy_flow_limits import solve_on_grid
from siteopt.portfolio.solver.deadline import Clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.lazy_flow_limits import GridLike
    from siteopt.portfolio.search.plan import Plan
    from siteopt.scenario import Solver


__all__ = ["Questions", "Reply", "near"]

_ANY = 1e6  # a gap that every plan is within
_SHORTEST_S = 1.0  # a question that is asked at all gets so much time


@dataclass(frozen=True, eq=False)
class Reply:
    """What is known of the best plan of a question."""

    plan: Plan | None
    """The best plan found, None where there is none (or none was found in time)."""
    bound: float
    """Proven lower bound on its objective; inf where it is proven that there is no plan."""

    @property
    def proven(self) -> bool:
        """Whether the plan is the best one within the gap, or none is proven to be there."""
        return np.isinf(self.bound) if self.plan is None else self.plan.status == "optimal"


class Questions:
    """Asks one question after another until time is up."""

    def __init__(
        self,
        problem: Problem,
        settings: Solver,
        grid: GridLike | None,
        seconds: float,
        gap: float,
    ) -> None:
        self.problem = problem
        """With all flow limits found so far."""
        self.settings = settings.model_copy(update={"gap": gap})
        self.clock, self._grid = Clock(seconds), grid
        self.asked = 0

    def ask(
        self,
        change: Callable[[Problem], Problem],
        ceiling: float = np.inf,
        *,
        any_plan: bool = False,
    ) -> Reply:
        """Return the best plan of the problem after a change, such as a side limit.

        Parameters
        ----------
        change : callable
            Problem -> Problem with the same options; it may not touch flow limits.
        ceiling : float
            Plans that cost more are of no interest: where the relaxation proves that all do, no
            more is asked.
        any_plan : bool
            Whether any plan will do, however far it is from the best one.
        """
        problem = change(self.problem)
        self.asked += 1
        if self.clock.left <= 0:
            return Reply(None, -np.inf)
        part = problem.take(problem.open_options())
        if not part.options:
            return Reply(None, np.inf)
        bound = -np.inf
        if np.isfinite(ceiling):
            with suppress(SolverError):  # a relaxation that lost its way proves nothing
                bound = Relaxation(part).solve(ceiling, self.clock.left).value
            if bound > ceiling:
                return Reply(None, bound)
        left = min(self.settings.time_limit_s, max(self.clock.left, _SHORTEST_S))
        gap = _ANY if any_plan else self.settings.gap
        settings = self.settings.model_copy(update={"time_limit_s": left, "gap": gap})
        try:
            known, plan = solve_on_grid(problem, settings, self._grid)
        except SolverError:  # no plan in the time there was
            return Reply(None, bound)
        self._keep_flows(known)
        if plan is None:
            return Reply(None, np.inf)
        return Reply(plan, max(plan.bound, bound))

    def _keep_flows(self, known: Problem) -> None:
        first = len(self.problem.flow_name)
        if len(known.flow_name) > first:
            self.problem = with_flow_limits(
                self.problem,
                known.flow_name[first:],
                known.flow_price[first:],
                known.flow_most_mw[first:],
                known.flow_year[first:],
            )


def near(problem: Problem, ceiling: float) -> Problem:
    """Return a problem with only the options that plans up to a cost can have, and that limit.

    Of an objective that can wait where the cost can. An option o with bound + beyond_o above the ceiling (equation bound of docs/method.md) is in none of them.
    """
    opened = problem.open_options()
    part = problem.take(opened)
    capped = with_cap(problem, "cost", problem.worth_fixed, problem.worth_block, ceiling)
    if not part.options:
        return capped
    bound = Relaxation(part).solve()
    beyond = opened[bound.value + bound.beyond > ceiling]
    most = capped.blocks_max.copy()
    most[beyond] = 0
    return replace(capped, blocks_max=most)
