"""Close the gap of a search whose last program would be large.

Cutting planes first leave out most of the options that a better plan could have (see `core`).
Where these are too many for that as well, a better plan comes first: it leaves out more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from siteopt.portfolio import families
from siteopt.portfolio.core import build_core
from siteopt.portfolio.model import build_model
from siteopt.portfolio.search import CUT_MOST, STAGES, Found, promising, slack_of
from siteopt.portfolio.solver import Limits, solve_arrays

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from siteopt.portfolio.clock import Clock
    from siteopt.portfolio.problem import Problem
    from siteopt.portfolio.relaxation import Bound
    from siteopt.scenario import Solver

    Ints = NDArray[np.int64]

__all__ = ["MANY_OPTIONS", "close_gap"]

MANY_OPTIONS = 700
"""Options from which on cutting planes are looked for before a program is solved."""
_ROOT_TIME = 0.5  # of the time left; more is not spent on cutting planes
_EFFORT = 0.3  # of HiGHS's heuristics where only a better plan is looked for
_IMPROVING_TIME = 0.6  # of the time left; more is not spent on that


def close_gap(  # noqa: PLR0913, PLR0917 - a search under way
    part: Problem,
    bound: Bound,
    found: Found,
    settings: Solver,
    clock: Clock,
    goes_on: Callable[[Ints], bool],
) -> Found:
    """Go on with a search that has a plan, in the core of all better ones.

    Parameters
    ----------
    part, bound : Problem, Bound
        Those of the search.
    found : Found
        What it found.
    settings : Solver
        At which gap a plan is proven, on how many cores.
    clock : Clock
        Wall time left.
    goes_on : callable
        Called with every better plan; where it says no, the work ends with that plan, unproven.
    """
    blocks = found.blocks
    if blocks is None:
        return found
    stages = found.stages
    objective, lower, proven = found.objective, found.bound, False
    if _needed(bound, objective - slack_of(settings.gap, objective)) > CUT_MOST:
        better = _improved(part, bound, blocks, settings, clock, stages)
        if better is not None:
            blocks, objective = better, part.worth(better)
            if not goes_on(better):
                return Found(blocks, objective, min(lower, objective), proven, stages)
    while clock.left > 0 and not proven:
        cutoff = objective - slack_of(settings.gap, objective)
        if _needed(bound, cutoff) > CUT_MOST:
            break  # the bound of the relaxation is what can be proven
        begun = clock.used
        core = build_core(part, bound, cutoff, [blocks], _ROOT_TIME * clock.left)
        cut_s = clock.used - begun
        limits = Limits(
            gap=settings.gap / 2,
            seconds=max(clock.left, 0.05),
            threads=settings.threads,
            cutoff=cutoff,
        )
        answer, plan = core.solve(limits)
        stages.append(
            {
                "sites": core.problem.sites,
                "options": core.problem.options,
                "cuts": core.cuts,
                "cutting_s": cut_s,
                "seconds": clock.used - begun,
                "status": answer.status,
                "objective": answer.objective,
                "bound": answer.bound,
            }
        )
        lower = max(lower, min(max(answer.bound, core.bound), cutoff))
        if plan is not None and part.worth(plan) < objective:
            blocks, objective = plan, part.worth(plan)
            if not goes_on(plan):
                break
        proven = objective - lower <= slack_of(settings.gap, objective) * (1 + 1e-9)
        if answer.status in ("feasible", "unknown"):
            break
    return Found(blocks, objective, min(lower, objective), proven, stages)


def _needed(bound: Bound, cutoff: float) -> int:
    """Return how many options a plan below a cutoff could have."""
    return int(np.count_nonzero(bound.value + bound.beyond < cutoff))


def _improved(  # noqa: PLR0913, PLR0917 - a search under way
    part: Problem,
    bound: Bound,
    blocks: Ints,
    settings: Solver,
    clock: Clock,
    stages: list[dict[str, Any]],
) -> Ints | None:
    """Return a better plan of the promising options, None where none is found.

    With the heuristics of HiGHS, which a program that only proves goes without.
    """
    order = promising(part, bound)[: STAGES[0]]
    kept = np.union1d(order, np.flatnonzero(blocks > 0))
    small = part.take(kept)
    model = build_model(small, families.with_cuts(small, bound.cuts, part, kept))
    seconds = max(_IMPROVING_TIME * clock.left, 0.05)
    limits = Limits(gap=settings.gap / 2, seconds=seconds, threads=settings.threads)
    start = model.values(blocks[kept])
    answer = solve_arrays(model.arrays(), limits, start, mip_heuristic_effort=_EFFORT)
    stages.append(
        {
            "sites": small.sites,
            "options": small.options,
            "seconds": answer.seconds,
            "status": answer.status,
            "objective": answer.objective,
            "bound": -np.inf,  # of these options alone
        }
    )
    if answer.values is None:
        return None
    plan = np.zeros(part.options, dtype=np.int64)
    plan[kept] = model.blocks(answer.values)
    return plan if part.worth(plan) < part.worth(blocks) else None
