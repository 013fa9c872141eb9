"""The best plan of a problem: column generation, kernel search, then branch and cut on the core."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.errors import InfeasibleError, SolverError
from siteopt.portfolio.bounds.column_generation import RestrictedMaster
from siteopt.portfolio.problem.restriction import Restriction
from siteopt.portfolio.search.gap_closing import MANY_OPTIONS, close_gap
from siteopt.portfolio.search.plan import Plan
from siteopt.portfolio.search.restricted_mips import (
    BUCKETS,
    RestrictedMip,
    by_reduced_cost,
    kernel_search,
)
from siteopt.portfolio.solver.backends import PROOF_ONLY, Limits, solver_version
from siteopt.portfolio.solver.deadline import Deadline
from siteopt.portfolio.solver.result import Result

if TYPE_CHECKING:
    from collections.abc import Callable

    from siteopt._arrays import Ints
    from siteopt.portfolio.bounds.reduced_cost import Bound
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.scenario import Solver


__all__ = ["solve"]

_LOG: Final = logging.getLogger(__name__)

_LATE, _LATE_S = 0.1, 2.0  # of the time limit, but seconds at least, once it is over without a plan
_RELAXATION_TIME = 0.4  # of the time limit; the rest is for plans
_FIRST = 150  # options in the first program; the incumbent needs no more on most instances


def solve(problem: Problem, settings: Solver, served: Callable[[Ints], bool] | None = None) -> Plan:
    """Find the best plan of a problem.

    Parameters
    ----------
    problem : Problem
        See `build_problem`.
    settings : Solver
        Which solver, at which gap, for how long.
    served : callable, optional
        Called with every better plan (blocks an option) on the way; where it returns False, the
        search ends there with that plan, unproven.

    Returns
    -------
    Plan
        Its status is 'optimal' (proven within the gap) or 'feasible' (with a larger gap).

    Raises
    ------
    InfeasibleError
        If it is proven that no plan meets all limits; `diagnose` gives those in conflict.
    SolverError
        If the time limit passed without any plan.
    """
    deadline = Deadline(settings.time_limit_s)
    restriction = Restriction.to_open(problem)
    part = restriction.part
    if part.options == 0:
        raise InfeasibleError(_NO_PLAN)
    master = RestrictedMaster(part)
    bound = master.solve(seconds=_RELAXATION_TIME * deadline.left)
    relaxed_s = deadline.used
    _LOG.info(
        "relaxation of %d sites, %d options: at least %.6g (%.2f s)",
        part.sites, part.options, bound.value, relaxed_s,
    )  # fmt: skip
    if master.proves_infeasible(deadline.left):
        raise InfeasibleError(_NO_PLAN)

    def goes_on(plan: Ints) -> bool:
        return served is None or served(restriction.invert(plan))

    mip = RestrictedMip(
        part,
        bound.cuts,
        limits=Limits(gap=settings.gap / 2, threads=settings.threads),
        solver=settings.name,
        options_with_start=PROOF_ONLY,
        takes_start=True,  # and no cutoff: solutions are better found, the plan is solved only once
    )
    largest = MANY_OPTIONS if settings.name == "highs" else part.options
    found = kernel_search(
        mip, bound, deadline, settings.gap, _FIRST, served=goes_on, largest=largest
    )
    if found.size_limit:
        found = close_gap(part, bound, found, settings, deadline, goes_on)
    if found.status == "infeasible":
        raise InfeasibleError(_NO_PLAN)
    if found.incumbent is None:
        found = _late(part, bound, found, settings)
        if found.incumbent is not None:
            goes_on(found.incumbent)  # no time is left, so whether more is wanted does not matter
    if found.incumbent is None:
        raise SolverError(
            f"no plan found in {settings.time_limit_s:g} s; raise solver.time_limit_s"
        )
    blocks = restriction.invert(found.incumbent)
    objective = problem.worth(blocks)
    _LOG.info(
        "plan: %.9g, bound %.9g, %s (%.2f s)",
        objective, min(found.bound, objective),
        "optimal" if found.proven else "feasible", deadline.used,
    )  # fmt: skip
    return Plan(
        blocks=blocks,
        status="optimal" if found.proven else "feasible",
        objective=objective,
        bound=min(found.bound, objective),
        solver=solver_version(settings.name),
        seconds=deadline.used,
        measured={
            "sites": part.sites,
            "options": part.options,
            "relaxation": bound.value,
            "relaxation_s": relaxed_s,
            "stages": found.mips,
        },
    )


def _late(part: Problem, bound: Bound, found: Result[Ints], settings: Solver) -> Result[Ints]:
    """Look for any plan when time is up without one: the first that comes, and no cut in its way.

    A plan somewhat late is better than none.
    """
    limits = Limits(gap=settings.gap, threads=settings.threads)
    first = {"mip_max_improving_sols": 1}
    mip = RestrictedMip(part, limits=limits, solver=settings.name, options=first)
    kernel = np.sort(by_reduced_cost(part, bound)[: BUCKETS[-1]])
    late = mip.solve(kernel, max(_LATE * settings.time_limit_s, _LATE_S))
    if late.incumbent is None:
        return found
    cost = part.worth(late.incumbent)
    lower = min(found.bound, cost)
    return Result.of_search(late.incumbent, cost, lower, proven=False, mips=found.mips)


_NO_PLAN = "scenario: no plan meets all limits; relax the limits in conflict"
