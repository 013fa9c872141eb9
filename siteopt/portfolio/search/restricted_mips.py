"""Kernel search: restricted MIPs over the options of smallest reduced cost, with a proof.

Angelelli, Mansini and Speranza (Kernel search: a general heuristic for the multi-dimensional
knapsack problem, 2010). Reduced-cost fixing makes it exact: a plan that builds option o costs at
least ``bound.value + bound.reduced_cost[o]``. So a restricted MIP over the kernel, the options of
smallest reduced cost, finds an incumbent, larger ones over further buckets improve it, and one
over all options that could still belong to a better plan proves how good it is.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from siteopt.errors import SolverError
from siteopt.portfolio import constraints
from siteopt.portfolio.bounds.dominance import undominated
from siteopt.portfolio.problem.restriction import Restriction
from siteopt.portfolio.solver.backends import Limits, solve_by
from siteopt.portfolio.solver.deadline import Deadline
from siteopt.portfolio.solver.mip import plan_values, program_arrays, whole_blocks
from siteopt.portfolio.solver.result import Result

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from siteopt._arrays import Floats, Ints
    from siteopt.portfolio.bounds.reduced_cost import Bound
    from siteopt.portfolio.constraints import Cut, OptionCut, Rows
    from siteopt.portfolio.problem.problem import Problem

__all__ = [
    "BUCKETS", "CUT_MOST", "RestrictedMip", "by_reduced_cost", "kernel_search", "slack_of",
]  # fmt: skip

_LOG: Final = logging.getLogger(__name__)

_SMALL = 150  # options; a program of no more is solved in no time
BUCKETS = (600, 2_000)
"""Sizes of the kernel with its next buckets, in options, that improve the incumbent first where many
options are needed."""
CUT_MOST = 30_000
"""Options; on the root of a larger program HiGHS does not end in time."""
_STAGE_TIME = 0.12  # of the time limit; more is not spent on a program that only finds better plans
_PLAN_TIME = 0.35  # the same where there is no plan as yet


@dataclass(frozen=True, eq=False)
class RestrictedMip:
    """Restricted MIP: the program over some options of a problem, and how it is solved."""

    problem: Problem
    """With open options only."""
    cuts: Sequence[Cut | OptionCut] = ()
    """Cutting planes on its sites and options."""
    rows: Callable[[Problem], Rows] | None = None
    """Rows of a restricted problem in place of those of all families with the cuts."""
    limits: Limits = field(default_factory=Limits)
    """Gaps and cores; time and cutoff come with each solve."""
    solver: str = "highs"
    options: Mapping[str, Any] = field(default_factory=dict)
    """Options of HiGHS."""
    options_with_start: Mapping[str, Any] = field(default_factory=dict)
    """Further ones for a program that is not small and has a warm start."""
    forced: int = -1
    """A site that plans have to choose, -1 for none."""
    takes_start: bool = False
    """Whether a plan known before is a warm start."""
    takes_cutoff: bool = False
    """Whether plans above a cutoff are cut off."""

    def solve(
        self, kept: Ints, seconds: float, *, start: Ints | None = None, cutoff: float = np.inf
    ) -> Result[Ints]:
        """Solve the program over some options.

        Parameters
        ----------
        kept : ndarray
            Options, rising.
        seconds : float
            Wall seconds.
        start : ndarray, optional
            A plan (blocks an option of the problem) that is known.
        cutoff : float
            Plans of a higher cost are of no interest.

        Returns
        -------
        Result
            The incumbent is a plan of the problem.
        """
        restriction = Restriction(self.problem, kept)
        part = restriction.part
        rows = (
            constraints.with_cuts(restriction, self.cuts) if self.rows is None else self.rows(part)
        )
        arrays = program_arrays(part, rows)
        if self.forced >= 0:
            place = restriction.site_place[self.forced]
            if place < 0:
                name = self.problem.site_id[self.forced]
                raise SolverError(f"site {name} is not in its own program; this is a defect")
            arrays.lower[2 * part.options + place] = 1.0
        begin = None if start is None else restriction.apply(start)
        values = plan_values(part, rows, begin) if self.takes_start and begin is not None else None
        further = self.options_with_start if values is not None and part.options > _SMALL else {}
        limits = replace(self.limits, seconds=seconds)
        if self.takes_cutoff:
            limits = replace(limits, cutoff=cutoff)
        found = solve_by(self.solver, arrays, limits, values, **self.options, **further)
        return found.restated(lambda best: restriction.invert(whole_blocks(part, best)))


def kernel_search(  # noqa: PLR0913, PLR0917 - a problem, how to solve it, and when to stop
    mip: RestrictedMip,
    bound: Bound,
    deadline: Deadline,
    gap: float,
    first: int,
    ceiling: float = np.inf,
    *,
    served: Callable[[Ints], bool] = lambda _plan: True,
    largest: int | None = None,
) -> Result[Ints]:
    """Kernel search: find the best plan by restricted MIPs over more and more options.

    Parameters
    ----------
    mip : RestrictedMip
        The program, with open options only; options of a site that it forces in are in every
        restriction.
    bound : Bound
        On its plans; options of infinite reduced cost are closed.
    deadline : Deadline
        Wall time left.
    gap : float
        Relative gap at which a plan counts as proven.
    first : int
        Options in the first, small program.
    ceiling : float
        Plans that cost this much or more are of no interest: the search ends, unproven, as
        soon as the bound reaches it.
    served : callable
        Called with every better plan; where it returns False, the search ends there, unproven.
    largest : int, optional
        The search ends before a program of more options, with `Result.size_limit`.
    """
    order = by_reduced_cost(mip.problem, bound, mip.forced)
    cost = bound.value + bound.reduced_cost[order]
    rest = np.append(np.minimum.accumulate(cost[::-1])[::-1], np.inf)  # least of what is left out
    total = int(np.count_nonzero(np.isfinite(cost)))
    mips: list[dict[str, Any]] = []
    size, blocks, objective, lower = min(first, total), None, np.inf, bound.value
    size_limit = False
    while lower < ceiling:
        aim = min(objective - slack_of(gap, objective), ceiling)
        whole = size == total or (np.isfinite(aim) and rest[size] >= aim)
        seconds = deadline.left
        if not whole:  # a first plan may take more than a better one is worth
            seconds = min(seconds, (_PLAN_TIME if blocks is None else _STAGE_TIME) * deadline.whole)
        found = _solve(mip, np.sort(order[:size]), seconds, blocks, min(objective, ceiling), mips)
        plan = found.incumbent
        better = plan is not None and found.objective < objective
        if plan is not None and better:
            blocks, objective = plan, found.objective
        lower = max(lower, min(found.bound, rest[size]))
        if plan is not None and better and not served(plan):
            break
        if blocks is None and lower == np.inf:
            return Result.of_search(None, np.inf, np.inf, proven=True, mips=mips)
        if total == 0:
            break
        slack = slack_of(gap, objective)
        proven = blocks is not None and objective - lower <= slack * (1 + 1e-9)
        stopped = deadline.left <= 0 or (whole and found.status in ("feasible", "unknown"))
        if proven or stopped or size == total:
            bound_of = min(lower, objective)
            return Result.of_search(blocks, objective, bound_of, proven=proven, mips=mips)
        size, needed = _next_size(cost, min(objective - slack, ceiling), size, total)
        # Where too many are needed for cutting planes as well, a better plan comes first.
        cuttable = needed <= CUT_MOST or size > BUCKETS[-1]
        if largest is not None and blocks is not None and size > largest and cuttable:
            size_limit = True
            break
    found = Result.of_search(blocks, objective, min(lower, objective), proven=False, mips=mips)
    return replace(found, size_limit=size_limit)


def slack_of(gap: float, objective: float) -> float:
    """Return how far a bound may lie below a plan that counts as proven; 0 without one."""
    return max(gap * abs(objective), 1e-6) if np.isfinite(objective) else 0.0


def by_reduced_cost(part: Problem, bound: Bound, own: int = -1) -> Ints:
    """Return the options, those of one site first, then by rising reduced cost.

    Equally good ones (nearly all are where costs say nothing) go site by site in turn, so that a
    program of a few has many sites, each with the largest build that it can have.
    """
    largest = np.lexsort((-part.blocks_max, part.option_site))
    turn = np.empty(part.options, dtype=np.int64)
    site = part.option_site[largest]
    turn[largest] = np.arange(part.options) - np.searchsorted(site, site)
    later = (part.option_site != own) | ~np.isfinite(bound.reduced_cost)
    return np.lexsort((-part.blocks_max, turn, bound.reduced_cost, later))


def _next_size(cost: Floats, threshold: float, size: int, total: int) -> tuple[int, int]:
    """Return how many options the next program has, and how many the last one needs.

    ``cost`` is what plans with each option cost at least, in their order.
    """
    if not np.isfinite(threshold):
        return min(size * 4, total), total
    needed = int(np.flatnonzero(cost < threshold).max(initial=-1)) + 1
    for bucket in BUCKETS:
        if size < bucket and needed > 2 * bucket:
            return min(bucket, total), needed
    return min(max(needed, size + 1), total), needed


def _solve(  # noqa: PLR0913, PLR0917 - one step of the search
    mip: RestrictedMip,
    kept: Ints,
    seconds: float,
    start: Ints | None,
    cutoff: float,
    mips: list[dict[str, Any]],
) -> Result[Ints]:
    """Solve the program over some options that are not dominated, and note what came of it."""
    deadline, part = Deadline(seconds), mip.problem
    kept = kept[undominated(part.take(kept))]
    found = mip.solve(kept, max(deadline.left, 0.05), start=start, cutoff=cutoff)
    mips.append(
        {
            "sites": len(part.sites_of(kept)),
            "options": len(kept),
            "seconds": deadline.used,
            "status": found.status,
            "objective": found.objective,
            "bound": found.bound,
        }
    )
    _LOG.info(
        "program of %d options: %s, plan %.9g, bound %.9g (%.2f s)",
        len(kept), found.status, found.objective, found.bound, deadline.used,
    )  # fmt: skip
    return found
