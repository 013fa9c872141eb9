"""Gap closing: branch and cut on the core problem, with cutting planes taken over from the root.

Where the options that a better plan could have are too many for that as well, a better incumbent
comes first: reduced-cost fixing against it leaves out more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteopt.portfolio.bounds.core_problem import build_core
from siteopt.portfolio.search.restricted_mips import (
    BUCKETS,
    CUT_MOST,
    RestrictedMip,
    by_reduced_cost,
    slack_of,
)
from siteopt.portfolio.solver.backends import Limits
from siteopt.portfolio.solver.result import Result

if TYPE_CHECKING:
    from collections.abc import Callable

    from siteopt._arrays import Ints
    from siteopt.portfolio.bounds.reduced_cost import Bound
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.solver.deadline import Deadline
    from siteopt.scenario import Solver


__all__ = ["MANY_OPTIONS", "close_gap"]

MANY_OPTIONS = 700
"""Options from which on cutting planes are looked for before a program is solved."""
_ROOT_TIME = 0.5  # of the time left; more is not spent on cutting planes
_SOLVE_MOST = 8_000  # options; a larger program does not even end its root
_EFFORT = 0.3  # of HiGHS's heuristics where only a better plan is looked for
_IMPROVING_TIME = 0.6  # of the time left; more is not spent on that


def close_gap(  # noqa: PLR0913, PLR0917 - a search under way
    part: Problem,
    bound: Bound,
    found: Result[Ints],
    settings: Solver,
    deadline: Deadline,
    goes_on: Callable[[Ints], bool],
) -> Result[Ints]:
    """Go on with a search that has a plan, in the core of all better ones.

    Parameters
    ----------
    part, bound : Problem, Bound
        Those of the search.
    found : Result
        What it found.
    settings : Solver
        At which gap a plan is proven, on how many cores.
    deadline : Deadline
        Wall time left.
    goes_on : callable
        Called with every better plan; where it returns False, the work ends with that plan,
        unproven.
    """
    if found.incumbent is None:
        return found
    work = _Closing(part, bound, found, found.incumbent, settings, deadline, goes_on)
    work.run()
    bound_of = min(work.lower, work.objective)
    return Result.of_search(
        work.blocks, work.objective, bound_of, proven=work.proven, mips=work.mips
    )


class _Closing:
    """A search that has a plan and is closing the gap to its bound."""

    def __init__(  # noqa: PLR0913, PLR0917 - a search under way
        self,
        part: Problem,
        bound: Bound,
        found: Result[Ints],
        blocks: Ints,
        settings: Solver,
        deadline: Deadline,
        goes_on: Callable[[Ints], bool],
    ) -> None:
        self.part, self.bound, self.settings = part, bound, settings
        self.deadline, self.goes_on = deadline, goes_on
        self.mips = found.mips
        self.blocks, self.objective, self.lower = blocks, found.objective, found.bound
        self.proven = False

    @property
    def cutoff(self) -> float:
        """A plan that costs less is worth more work."""
        return self.objective - slack_of(self.settings.gap, self.objective)

    def run(self) -> None:
        """Improve and prove in turn, as long as it leads on."""
        if _needed(self.bound, self.cutoff) > CUT_MOST:
            better = self._improved(BUCKETS[0])
            if better is not None and not self._take(better):
                return
        while self.deadline.left > 0 and not self.proven:
            if _needed(self.bound, self.cutoff) > CUT_MOST:
                return  # the bound of the relaxation is what can be proven
            if not self._prove():
                return

    def _prove(self) -> bool:
        """Solve the core of all better plans; return whether there is more to be done."""
        begun, cutoff = self.deadline.used, self.cutoff
        seconds = _ROOT_TIME * self.deadline.left
        core = build_core(self.part, self.bound, cutoff, [self.blocks], seconds)
        cut_s = self.deadline.used - begun
        self.lower = max(self.lower, min(core.bound, cutoff))
        if core.problem.options > _SOLVE_MOST:
            better = self._improved(BUCKETS[1])
            return better is not None and self._take(better)
        limits = Limits(
            gap=self.settings.gap / 2,
            seconds=max(self.deadline.left, 0.05),
            threads=self.settings.threads,
            cutoff=cutoff,
        )
        answer = core.solve(limits)
        plan = answer.incumbent
        self.mips.append(
            {
                "sites": core.problem.sites,
                "options": core.problem.options,
                "cuts": core.cuts,
                "cutting_s": cut_s,
                "seconds": self.deadline.used - begun,
                "status": answer.status,
                "objective": answer.objective,
                "bound": answer.bound,
            }
        )
        self.lower = max(self.lower, min(answer.bound, cutoff))
        if plan is not None and not self._take(plan):
            return False
        slack = slack_of(self.settings.gap, self.objective)
        self.proven = self.objective - self.lower <= slack * (1 + 1e-9)
        return answer.status not in ("feasible", "unknown")

    def _take(self, plan: Ints) -> bool:
        """Keep a plan where it is better; return whether the caller continues."""
        cost = self.part.worth(plan)
        if cost >= self.objective:
            return True
        self.blocks, self.objective = plan, cost
        return self.goes_on(plan)

    def _improved(self, size: int) -> Ints | None:
        """Return a better plan of ``size`` options of small reduced cost, None where none is found.

        With the heuristics of HiGHS, which a program that only proves goes without.
        """
        part = self.part
        kernel = by_reduced_cost(part, self.bound)[:size]
        kept = np.union1d(kernel, np.flatnonzero(self.blocks > 0))
        limits = Limits(gap=self.settings.gap / 2, threads=self.settings.threads)
        effort = {"mip_heuristic_effort": _EFFORT}
        mip = RestrictedMip(part, self.bound.cuts, limits=limits, options=effort, takes_start=True)
        seconds = max(_IMPROVING_TIME * self.deadline.left, 0.05)
        found = mip.solve(kept, seconds, start=self.blocks)
        self.mips.append(
            {
                "sites": len(part.sites_of(kept)),
                "options": len(kept),
                "seconds": found.seconds,
                "status": found.status,
                "objective": found.objective,
                "bound": -np.inf,  # of these options alone
            }
        )
        plan = found.incumbent
        return plan if plan is not None and part.worth(plan) < self.objective else None


def _needed(bound: Bound, cutoff: float) -> int:
    """Return how many options a plan below a cutoff could have."""
    return len(bound.fixing(cutoff))
