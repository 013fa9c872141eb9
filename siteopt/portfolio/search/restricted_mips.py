"""Search for the best plan, with a proof.

The relaxation proves that an option in no good plan can be left out: a plan that builds option
o costs at least ``bound.value + bound.beyond[o]``. So a small program over the most promising
options finds a plan (the incumbent), and a program over all options that could still belong to
a better one proves how good it is.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from siteopt.portfolio.bounds.dominance import undominated
from siteopt.portfolio.solver.deadline import Clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from siteopt._arrays import Floats, Ints
    from siteopt.portfolio.bounds.reduced_cost import Bound
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.solver.backends import Answer

    Program = Callable[[Ints, Ints | None, float, float], tuple[Answer, Ints | None]]

__all__ = ["CUT_MOST", "STAGES", "Found", "promising", "search", "slack_of"]

_LOG: Final = logging.getLogger(__name__)

STAGES = (600, 2_000)
"""Options of programs that lower the incumbent first, where many are needed."""
CUT_MOST = 30_000
"""Options; on the root of a larger program HiGHS does not end in time."""
_STAGE_TIME = 0.12  # of the time limit; more is not spent on a program that only finds better plans
_PLAN_TIME = 0.35  # the same where there is no plan as yet


@dataclass(frozen=True, eq=False)
class Found:
    """What a search over the open options of a problem proved."""

    blocks: Ints | None
    """(O,) the best plan found."""
    objective: float
    """Its cost, inf where there is none."""
    bound: float
    """Proven lower bound; inf where it is proven that there is no plan."""
    proven: bool
    """Whether the two are within the gap, or that there is no plan."""
    stages: list[dict[str, Any]] = field(default_factory=list)
    ended: bool = True
    """Whether no more is to be done: proven, no time left, or nobody wants more."""


def search(  # noqa: PLR0913, PLR0917 - a question, how to ask it, and when to stop
    part: Problem,
    bound: Bound,
    program: Program,
    clock: Clock,
    gap: float,
    first: int,
    ceiling: float = np.inf,
    *,
    served: Callable[[Ints], bool] = lambda _plan: True,
    largest: int | None = None,
    site: int = -1,
) -> Found:
    """Find the best plan of a problem whose options are all open, from a bound on it.

    Parameters
    ----------
    part : Problem
        With open options only.
    bound : Bound
        On the plans that are asked for; options with infinite ``beyond`` are closed.
    program : callable
        (options, begin blocks or None, seconds, threshold) -> (answer, blocks or None).
    clock : Clock
        Wall time left.
    gap : float
        Relative gap at which a plan counts as proven.
    first : int
        Options in the first, small program.
    ceiling : float
        Plans that cost this much or more are of no interest: the search ends, unproven, as
        soon as the bound reaches it.
    served : callable
        Called with every better plan; where it says no, the search ends there, unproven.
    largest : int, optional
        The search ends before a program of more options, not ended: there is more to be done.
    site : int
        A site whose options are in every program, since plans with it are asked for; -1 for none.
    """
    order = promising(part, bound, site)
    cost = bound.value + bound.beyond[order]
    rest = np.append(np.minimum.accumulate(cost[::-1])[::-1], np.inf)  # least of what is left out
    total = int(np.count_nonzero(np.isfinite(cost)))
    stages: list[dict[str, Any]] = []
    size, blocks, objective, lower = min(first, total), None, np.inf, bound.value
    while lower < ceiling:
        aim = min(objective - slack_of(gap, objective), ceiling)
        whole = size == total or (np.isfinite(aim) and rest[size] >= aim)
        seconds = clock.left
        if not whole:  # a first plan may take more than a better one is worth
            seconds = min(seconds, (_PLAN_TIME if blocks is None else _STAGE_TIME) * clock.whole)
        answer, plan = _stage(
            part, np.sort(order[:size]), program, seconds, blocks, min(objective, ceiling), stages
        )
        better = plan is not None and answer.objective < objective
        if plan is not None and better:
            blocks, objective = plan, answer.objective
        lower = max(lower, min(answer.bound, rest[size]))
        if plan is not None and better and not served(plan):
            return Found(plan, objective, min(lower, objective), proven=False, stages=stages)
        if blocks is None and lower == np.inf:
            return Found(None, np.inf, np.inf, proven=True, stages=stages)
        if total == 0:
            break
        slack = slack_of(gap, objective)
        proven = blocks is not None and objective - lower <= slack * (1 + 1e-9)
        stopped = clock.left <= 0 or (whole and answer.status in ("feasible", "unknown"))
        if proven or stopped or size == total:
            return Found(blocks, objective, min(lower, objective), proven, stages)
        size, needed = _next_size(cost, min(objective - slack, ceiling), size, total)
        # Where too many are needed for cutting planes as well, a better plan comes first.
        cuttable = needed <= CUT_MOST or size > STAGES[-1]
        if largest is not None and blocks is not None and size > largest and cuttable:
            return Found(
                blocks, objective, min(lower, objective), proven=False, stages=stages, ended=False
            )
    return Found(blocks, objective, min(lower, objective), proven=False, stages=stages)


def slack_of(gap: float, objective: float) -> float:
    """Return how far a bound may lie below a plan that counts as proven; 0 without one."""
    return max(gap * abs(objective), 1e-6) if np.isfinite(objective) else 0.0


def promising(part: Problem, bound: Bound, own: int = -1) -> Ints:
    """Return the options, those of one site first, then best first.

    Equally good ones (nearly all are where costs say nothing) go site by site in turn, so that a
    program of a few has many sites, each with the largest build that it can have.
    """
    largest = np.lexsort((-part.blocks_max, part.option_site))
    turn = np.empty(part.options, dtype=np.int64)
    site = part.option_site[largest]
    turn[largest] = np.arange(part.options) - np.searchsorted(site, site)
    later = (part.option_site != own) | ~np.isfinite(bound.beyond)
    return np.lexsort((-part.blocks_max, turn, bound.beyond, later))


def _next_size(cost: Floats, threshold: float, size: int, total: int) -> tuple[int, int]:
    """Return how many options the next program has, and how many the last one needs.

    ``cost`` is what plans with each option cost at least, in their order.
    """
    if not np.isfinite(threshold):
        return min(size * 4, total), total
    needed = int(np.flatnonzero(cost < threshold).max(initial=-1)) + 1
    for stage in STAGES:
        if size < stage and needed > 2 * stage:
            return min(stage, total), needed
    return min(max(needed, size + 1), total), needed


def _stage(  # noqa: PLR0913, PLR0917 - one step of the search, which it was cut out of
    part: Problem,
    kept: Ints,
    program: Program,
    seconds: float,
    blocks: Ints | None,
    threshold: float,
    stages: list[dict[str, Any]],
) -> tuple[Answer, Ints | None]:
    """Solve the program over some options; return what was proven and the plan."""
    clock = Clock(seconds)
    kept = kept[undominated(part.take(kept))]
    begin = None
    if blocks is not None and blocks.sum() == blocks[kept].sum():
        begin = blocks[kept]
    answer, found = program(kept, begin, max(clock.left, 0.05), threshold)
    stages.append(
        {
            "sites": len(part.sites_of(kept)),
            "options": len(kept),
            "seconds": clock.used,
            "status": answer.status,
            "objective": answer.objective,
            "bound": answer.bound,
        }
    )
    _LOG.info(
        "program of %d options: %s, plan %.9g, bound %.9g (%.2f s)",
        len(kept), answer.status, answer.objective, answer.bound, clock.used,
    )  # fmt: skip
    if found is None:
        return answer, None
    plan = np.zeros(part.options, dtype=np.int64)
    plan[kept] = found
    return answer, plan
