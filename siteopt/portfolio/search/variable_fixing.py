"""Reduced-cost fixing: a problem that is solved again and again, each time small.

Dantzig, Fulkerson and Johnson (1954), with the Lagrangian bound of Geoffrion (1974). The linear
relaxation of all options is solved without cutting planes, a kernel of the best options gives a
plan, and every option whose reduced cost lies above the difference of the two is in no better plan.
What is left, some hundreds of options out of tens of thousands, goes through the whole search
(`siteopt.portfolio.search.solve`), so that the proof is that of all options. The relaxation of the
full search cuts deeper before it fixes, which pays for one program and not for a thousand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from siteopt.errors import InfeasibleError, SolverError
from siteopt.portfolio.bounds.column_generation import RestrictedMaster
from siteopt.portfolio.problem.restriction import Restriction
from siteopt.portfolio.search.grid_oracle import broken_limits, with_limits
from siteopt.portfolio.search.restricted_mips import RestrictedMip, by_reduced_cost, slack_of
from siteopt.portfolio.search.solve import solve
from siteopt.portfolio.solver.backends import Limits, solver_version
from siteopt.portfolio.solver.deadline import Deadline

if TYPE_CHECKING:
    from siteopt._arrays import Floats
    from siteopt.portfolio.bounds.reduced_cost import Bound
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.grid_oracle import GridLike
    from siteopt.portfolio.search.plan import Plan
    from siteopt.scenario import Solver


__all__ = ["Fixed", "solve_by_fixing"]

_KERNELS = (80, 300, 2400)
"""Options of the program that gives the first plan; more where fewer have none."""
_KERNEL_GAP = 2e-4
"""Relative gap of that program: its plan is a cutoff, and another search follows."""
_ROUNDS = 60
"""Most times that a plan may break further flow limits."""


@dataclass(frozen=True, eq=False)
class Fixed:
    """The best plan of a problem, and what its relaxation says of the sites.

    Attributes
    ----------
    problem : Problem
        With the flow limits that were met on the way.
    plan : Plan or None
        As of `siteopt.portfolio.search.solve.solve`; None where there is no plan (proven).
    bound : float
        What the relaxation proves of every plan; minus infinity where it was not solved.
    site_reduced_cost : ndarray
        (S,) least reduced cost of the builds of each site. Where it is above 0 a plan with the site
        costs at least ``bound`` plus this; where it is below, the relaxation gains that much by the
        site. Infinite where the site cannot be built or there is no plan.
    options_left : int
        Options that fixing left to the search.
    """

    problem: Problem
    plan: Plan | None
    bound: float
    site_reduced_cost: Floats
    options_left: int


def solve_by_fixing(problem: Problem, settings: Solver, grid: GridLike | None = None) -> Fixed:
    """Find the best plan of a problem whose flow limits are mostly known.

    Parameters
    ----------
    problem : Problem
        See `build_problem`; with the flow limits, and the cuts of energy, that are known of it.
    settings : Solver
        Which solver, at which gap, for how long.
    grid : GridLike, optional
        Grid whose flow limits the plan must keep; those that it breaks are added, and it is solved
        again. No further cut of energy is looked for.

    Raises
    ------
    SolverError
        If the time limit passed without any plan, or plans break further flow limits for ever.
    """
    deadline = Deadline(settings.time_limit_s)
    found = _fixed(problem, settings, deadline)
    for _ in range(_ROUNDS):
        if found.plan is None or grid is None:
            return found
        broken = broken_limits(found.problem, grid, [found.plan.blocks])
        if not broken:
            return found
        found = _fixed(with_limits(found.problem, broken), settings, deadline)
    raise SolverError(
        f"no plan within the flow limits of the grid in {_ROUNDS} rounds; raise solver.time_limit_s"
    )


def _fixed(problem: Problem, settings: Solver, deadline: Deadline) -> Fixed:
    """Return the best plan within the flow limits that are known."""
    opened = Restriction.to_open(problem)
    none = np.full(problem.sites, np.inf)
    if opened.part.options == 0:
        return Fixed(problem, None, np.inf, none, 0)
    master = RestrictedMaster(opened.part, rounding=False)
    bound = master.solve(seconds=deadline.left)
    if master.proves_infeasible(deadline.left):
        return Fixed(problem, None, np.inf, none, 0)
    left = _left(opened, bound, settings, deadline)
    part = opened.narrow(left)
    seconds = max(deadline.left, 1.0)
    try:
        plan = solve(part.part, settings.model_copy(update={"time_limit_s": seconds}))
    except InfeasibleError:
        return Fixed(problem, None, np.inf, none, len(left))
    blocks = part.invert(plan.blocks)
    # The cutoff is the plan of the kernel, which is among what is left: no better one is lost.
    whole = replace(
        plan,
        blocks=blocks,
        objective=problem.worth(blocks),
        bound=max(plan.bound, min(bound.value, plan.objective)),
        solver=solver_version(settings.name),
        seconds=deadline.used,
    )
    return Fixed(problem, whole, bound.value, _of_sites(opened, bound), len(left))


def _left(
    opened: Restriction, bound: Bound, settings: Solver, deadline: Deadline
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the options that a plan better than that of the kernel may have, rising."""
    part = opened.part
    order = by_reduced_cost(part, bound)
    limits = Limits(gap=max(settings.gap, _KERNEL_GAP), threads=settings.threads)
    mip = RestrictedMip(part, bound.cuts, limits=limits, solver=settings.name)
    for size in _KERNELS:
        plan = mip.solve(np.sort(order[:size]), deadline.left).incumbent
        if plan is not None:
            known = part.worth(plan)
            return bound.fixing(known + slack_of(settings.gap, known))
    return np.arange(part.options)


def _of_sites(opened: Restriction, bound: Bound) -> Floats:
    """Return the least reduced cost of the builds of every site."""
    least = np.full(opened.whole.sites, np.inf)
    least[opened.sites] = bound.site_least
    return least
