"""Re-optimization of a problem whose best plan is known: one more side constraint or objective.

Every result is a plan that is feasible on the grid, or a proven bound. Flow limits separated in
one re-optimization stay in the problem for the next ones.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from siteopt.errors import SolverError
from siteopt.portfolio.bounds.column_generation import RestrictedMaster
from siteopt.portfolio.constraints.variants import with_cost_cap, with_energy_cuts, with_flow_limits
from siteopt.portfolio.search.lazy_flow_limits import solve_on_grid
from siteopt.portfolio.solver.deadline import Deadline
from siteopt.portfolio.solver.result import Result

if TYPE_CHECKING:
    from collections.abc import Callable

    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.grid_oracle import GridLike
    from siteopt.portfolio.search.plan import Plan
    from siteopt.scenario import Solver


__all__ = ["Reoptimization", "result_of", "with_cost_ceiling"]

_ANY_GAP = 1e6  # any feasible plan is optimal within this gap
_LEAST_SECONDS = 1.0  # of one re-optimization


class Reoptimization:
    """Re-optimizations of one problem under one deadline, with a shared pool of flow limits.

    Parameters
    ----------
    problem : Problem
        See `build_problem`.
    settings : Solver
        Threads and the longest time of a single program.
    grid : GridLike or None
        Grid whose flow limits every plan must satisfy.
    seconds : float
        Wall seconds for all re-optimizations.
    gap : float
        Relative optimality gap.
    """

    def __init__(
        self,
        problem: Problem,
        settings: Solver,
        grid: GridLike | None,
        seconds: float,
        gap: float,
    ) -> None:
        self.problem = problem
        """With all flow limits separated so far."""
        self.settings = settings.model_copy(update={"gap": gap})
        self.clock, self._grid = Deadline(seconds), grid
        self.programs = 0

    def solve(
        self,
        change: Callable[[Problem], Problem],
        ceiling: float = np.inf,
        *,
        any_plan: bool = False,
    ) -> Result[Plan]:
        """Return the best plan of the changed problem.

        Parameters
        ----------
        change : callable
            Problem -> Problem with the same options (a side constraint, another objective); flow
            limits must stay as they are.
        ceiling : float
            Cutoff: no MIP is solved where the relaxation proves that all plans cost more.
        any_plan : bool
            Feasibility only: whether the first feasible plan ends the search.
        """
        problem = change(self.problem)
        self.programs += 1
        if self.clock.left <= 0:
            return Result.none("unknown", -np.inf)
        part = problem.take(problem.open_options())
        if not part.options:
            return Result.none("infeasible", np.inf)
        bound = -np.inf
        if np.isfinite(ceiling):
            with suppress(SolverError):  # without a valid dual there is no bound
                bound = RestrictedMaster(part).solve(ceiling, self.clock.left).value
            if bound > ceiling:
                return Result.none("infeasible" if np.isinf(bound) else "cutoff", bound)
        left = min(self.settings.time_limit_s, max(self.clock.left, _LEAST_SECONDS))
        gap = _ANY_GAP if any_plan else self.settings.gap
        settings = self.settings.model_copy(update={"time_limit_s": left, "gap": gap})
        try:
            known, plan = solve_on_grid(problem, settings, self._grid)
        except SolverError:  # no incumbent within the time limit
            return Result.none("unknown", bound)
        self._add_cuts(known)
        if plan is None:
            return Result.none("infeasible", np.inf)
        return result_of(plan, max(plan.bound, bound))

    def _add_cuts(self, known: Problem) -> None:
        first = len(self.problem.flow_name)
        if len(known.flow_name) > first:
            self.problem = with_flow_limits(
                self.problem,
                known.flow_name[first:],
                known.flow_price[first:],
                known.flow_most_mw[first:],
                known.flow_year[first:],
            )
        met = len(self.problem.energy_constant_bn_krw)
        if len(known.energy_constant_bn_krw) > met:
            self.problem = with_energy_cuts(
                self.problem,
                known.energy_constant_bn_krw[met:],
                known.energy_price_bn_krw_per_mw[met:],
            )


def result_of(plan: Plan, bound: float) -> Result[Plan]:
    """Return a plan as the result of a re-optimization.

    Parameters
    ----------
    plan : Plan
        The incumbent.
    bound : float
        Proven lower bound on the objective.
    """
    return Result(plan.status, plan, plan.objective, bound, plan.seconds)


def with_cost_ceiling(problem: Problem, ceiling: float) -> Problem:
    """Return the problem with a ceiling on cost, reduced by reduced-cost fixing against it.

    An option o with bound + reduced cost above the ceiling (equation bound of docs/method.md) is
    in no plan under it. For an objective whose blocks may be postponed where those of the cost may.

    Parameters
    ----------
    problem : Problem
        See `build_problem`.
    ceiling : float
        Highest cost, in the unit of the objective (bn KRW).
    """
    opened = problem.open_options()
    part = problem.take(opened)
    capped = with_cost_cap(problem, ceiling)
    if not part.options:
        return capped
    bound = RestrictedMaster(part).solve()
    beyond = opened[bound.value + bound.reduced_cost > ceiling]
    most = capped.blocks_max.copy()
    most[beyond] = 0
    return replace(capped, blocks_max=most)
