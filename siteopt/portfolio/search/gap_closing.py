"""Close the gap of a search whose last program would be large.

Cutting planes first leave out most of the options that a better plan could have (see `core`).
Where these are too many for that as well, a better plan comes first: it leaves out more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteopt.portfolio import constraints
from siteopt.portfolio.bounds.core_problem import build_core
from siteopt.portfolio.search.restricted_mips import CUT_MOST, STAGES, Found, promising, slack_of
from siteopt.portfolio.solver.backends import Limits, solve_arrays
from siteopt.portfolio.solver.mip import plan_values, program_arrays, whole_blocks

if TYPE_CHECKING:
    from collections.abc import Callable

    from siteopt._arrays import Ints
    from siteopt.portfolio.bounds.reduced_cost import Bound
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.solver.deadline import Clock
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
    if found.blocks is None:
        return found
    work = _Closing(part, bound, found, found.blocks, settings, clock, goes_on)
    work.run()
    return Found(
        work.blocks, work.objective, min(work.lower, work.objective), work.proven, work.stages
    )


class _Closing:
    """A search that has a plan and is closing the gap to its bound."""

    def __init__(  # noqa: PLR0913, PLR0917 - a search under way
        self,
        part: Problem,
        bound: Bound,
        found: Found,
        blocks: Ints,
        settings: Solver,
        clock: Clock,
        goes_on: Callable[[Ints], bool],
    ) -> None:
        self.part, self.bound, self.settings = part, bound, settings
        self.clock, self.goes_on = clock, goes_on
        self.stages = found.stages
        self.blocks, self.objective, self.lower = blocks, found.objective, found.bound
        self.proven = False

    @property
    def cutoff(self) -> float:
        """A plan that costs less is worth more work."""
        return self.objective - slack_of(self.settings.gap, self.objective)

    def run(self) -> None:
        """Improve and prove in turn, as long as it leads on."""
        if _needed(self.bound, self.cutoff) > CUT_MOST:
            better = self._improved(STAGES[0])
            if better is not None and not self._take(better):
                return
        while self.clock.left > 0 and not self.proven:
            if _needed(self.bound, self.cutoff) > CUT_MOST:
                return  # the bound of the relaxation is what can be proven
            if not self._prove():
                return

    def _prove(self) -> bool:
        """Solve the core of all better plans; return whether there is more to be done."""
        begun, cutoff = self.clock.used, self.cutoff
        seconds = _ROOT_TIME * self.clock.left
        core = build_core(self.part, self.bound, cutoff, [self.blocks], seconds)
        cut_s = self.clock.used - begun
        self.lower = max(self.lower, min(core.bound, cutoff))
        if core.problem.options > _SOLVE_MOST:
            better = self._improved(STAGES[1])
            return better is not None and self._take(better)
        limits = Limits(
            gap=self.settings.gap / 2,
            seconds=max(self.clock.left, 0.05),
            threads=self.settings.threads,
            cutoff=cutoff,
        )
        answer, plan = core.solve(limits)
        self.stages.append(
            {
                "sites": core.problem.sites,
                "options": core.problem.options,
                "cuts": core.cuts,
                "cutting_s": cut_s,
                "seconds": self.clock.used - begun,
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
        """Keep a plan where it is better; return whether whoever asked wants more."""
        cost = self.part.worth(plan)
        if cost >= self.objective:
            return True
        self.blocks, self.objective = plan, cost
        return self.goes_on(plan)

    def _improved(self, size: int) -> Ints | None:
        """Return a better plan of so many promising options, None where none is found.

        With the heuristics of HiGHS, which a program that only proves goes without.
        """
        part = self.part
        kept = np.union1d(promising(part, self.bound)[:size], np.flatnonzero(self.blocks > 0))
        small = part.take(kept)
        rows = constraints.with_cuts(small, self.bound.cuts, part, kept)
        seconds = max(_IMPROVING_TIME * self.clock.left, 0.05)
        limits = Limits(gap=self.settings.gap / 2, seconds=seconds, threads=self.settings.threads)
        start = plan_values(small, rows, self.blocks[kept])
        answer = solve_arrays(
            program_arrays(small, rows), limits, start, mip_heuristic_effort=_EFFORT
        )
        self.stages.append(
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
        plan[kept] = whole_blocks(small, answer.values)
        return plan if part.worth(plan) < self.objective else None


def _needed(bound: Bound, cutoff: float) -> int:
    """Return how many options a plan below a cutoff could have."""
    return int(np.count_nonzero(bound.value + bound.beyond < cutoff))
