"""Lazy flow limits: the plan solved again until the grid serves it (delayed row generation).

The program holds only the flow limits that some plan has violated so far, so what it proves holds:
its bound is one on a larger set of plans. A plan is taken when every snapshot of the grid can serve
it (`grid_oracle`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from siteopt.errors import InfeasibleError, SolverError
from siteopt.portfolio.bounds.column_generation import RestrictedMaster
from siteopt.portfolio.bounds.reduced_cost import FEASIBILITY_TOLERANCE
from siteopt.portfolio.problem.restriction import Restriction
from siteopt.portfolio.search.energy_cuts import cuts_of_relaxation, missing_cuts, with_cuts
from siteopt.portfolio.search.grid_oracle import Watch, broken_limits, with_limits
from siteopt.portfolio.search.restricted_mips import RestrictedMip, by_reduced_cost
from siteopt.portfolio.search.solve import solve
from siteopt.portfolio.solver.backends import Limits
from siteopt.portfolio.solver.deadline import Deadline

if TYPE_CHECKING:
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.grid_oracle import GridLike, HeldLimit
    from siteopt.portfolio.search.plan import Plan
    from siteopt.scenario import Solver


__all__ = ["limits_of_kernel", "limits_of_relaxation", "solve_on_grid"]

_ROUNDS = 60
_KERNEL = 150
"""Options of the program whose plans are tried on the grid before all others."""
_KERNEL_TIME = 0.2  # of the time limit; more is not spent on it
_DUST = 1e-3
"""Of the gap; what is missing of an energy cost by less is rounding."""


def solve_on_grid(
    problem: Problem, settings: Solver, grid: GridLike | None
) -> tuple[Problem, Plan | None]:
    """Find the best plan that every snapshot of the grid can serve.

    Returns
    -------
    Problem
        With the flow limits that were found.
    Plan or None
        See `siteopt.portfolio.search.solve.solve`; its time limit holds for all rounds together. None
        where it is proven that there is none.

    Raises
    ------
    SolverError
        As `solve`.
    """
    deadline = Deadline(settings.time_limit_s)
    rounds: list[dict[str, Any]] = []
    if grid is not None:
        problem = _with_first_limits(problem, settings, grid, deadline)
        rounds.append({"seconds": deadline.used, "limits": len(problem.flow_name)})
        problem = cuts_of_relaxation(problem, grid, deadline)
    best: Plan | None = None
    bound = -np.inf
    # Half of the gap is left to what a plan's energy costs beyond the known cuts.
    gap = settings.gap if grid is None or grid.energy is None else settings.gap / 2
    while True:
        left = settings.model_copy(update={"time_limit_s": max(deadline.left, 1.0), "gap": gap})
        watch = Watch(problem, grid)
        try:
            plan = solve(problem, left, None if grid is None else watch.is_served)
        except InfeasibleError:
            return problem, None
        rounds.append({"seconds": plan.seconds, "limits": len(problem.flow_name)})
        bound = max(bound, plan.bound)
        measured = {**plan.measured, "flow_rounds": rounds}
        served = None if watch.best is None else watch.best[1]
        slack = settings.gap * abs(plan.objective)
        cuts = [] if served is None else missing_cuts(problem, grid, [served], _DUST * slack)
        problem = with_cuts(problem, cuts)
        if served is not None:
            cost = problem.worth(served)  # exact: with the cut at its own loads
            if best is None or cost < best.objective:
                best = replace(plan, blocks=served, objective=cost)
        if grid is None or (not watch.broken and not cuts):
            return problem, replace(plan, measured=measured, seconds=deadline.used)
        proven = best is not None and best.objective - bound <= slack
        if best is not None and not watch.broken and (proven or plan.status != "optimal"):
            return problem, replace(
                best,
                status="optimal" if proven else "feasible",
                bound=min(bound, best.objective),
                measured=measured,
                seconds=deadline.used,
            )
        problem = with_limits(problem, watch.broken)
        if deadline.left > 0:
            continue
        if best is not None:
            return problem, replace(
                best,
                status="feasible",
                bound=min(bound, best.objective),
                measured=measured,
                seconds=deadline.used,
            )
        raise SolverError(
            f"no plan within the flow limits of the grid in {settings.time_limit_s:g} s "
            f"({len(rounds)} rounds); raise solver.time_limit_s"
        )


def _with_first_limits(
    problem: Problem, settings: Solver, grid: GridLike, deadline: Deadline
) -> Problem:
    """Return a problem with the flow limits that are found before its plans are looked for."""
    known = len(problem.flow_name)
    problem = with_limits(problem, limits_of_relaxation(problem, grid, deadline))
    if len(problem.flow_name) == known:
        return problem  # the grid has room; what a plan breaks all the same is found on the way
    return with_limits(problem, limits_of_kernel(problem, settings, grid, deadline))


def limits_of_relaxation(problem: Problem, grid: GridLike, deadline: Deadline) -> list[HeldLimit]:
    """Return the flow limits that the linear relaxation of a problem violates, one after another.

    They are nearly all that its plans break too, and a relaxation takes a fraction of a second.
    """
    found: list[HeldLimit] = []
    for _ in range(_ROUNDS):
        part = Restriction.to_open(problem).part
        if deadline.left <= 0 or part.options == 0:
            break
        master = RestrictedMaster(part, rounding=False)
        master.solve(seconds=deadline.left)
        if master.artificial > FEASIBILITY_TOLERANCE:
            break
        limits = broken_limits(part, grid, [master.blocks()])
        if not limits:
            break
        found.extend(limits)
        problem = with_limits(problem, limits)
    return found


def limits_of_kernel(
    problem: Problem, settings: Solver, grid: GridLike, deadline: Deadline
) -> list[HeldLimit]:
    """Return the flow limits that the best plans of a kernel violate, one after another.

    Nearly all limits that plans break, but not their relaxation, show up among a few options of
    small reduced cost. There a round is one small program, and the relaxation is solved once.
    """
    found: list[HeldLimit] = []
    part = Restriction.to_open(problem).part
    if part.options == 0:
        return found
    bound = RestrictedMaster(part).solve(seconds=deadline.left)
    kernel = np.sort(by_reduced_cost(part, bound)[:_KERNEL])
    ends = deadline.left - _KERNEL_TIME * deadline.whole
    for _ in range(_ROUNDS):
        limits = Limits(gap=settings.gap, threads=settings.threads)
        mip = RestrictedMip(part, bound.cuts, limits=limits, solver=settings.name)
        if deadline.left <= ends:
            break
        plan = mip.solve(kernel, deadline.left - ends).incumbent
        broken = [] if plan is None else broken_limits(part, grid, [plan])
        if not broken:
            break
        found.extend(broken)
        part = with_limits(part, broken)
    return found
