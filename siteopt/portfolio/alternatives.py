"""Other plans that cost little more and share as few sites as possible with the best one.

For a set of plans already known, count_i is how many of them have site i. An alternative within
e of the best cost is the plan with the least

    k = sum over sites of count_i w_i    subject to all limits and cost <= (1 + e) best.    (14)

cost(k), the cheapest plan that shares at most k, never rises with k, so the least k is found by
halving: a plan of at most (1 + e) best proves that k is enough, a bound above it that k is too
few. Every question is an ordinary one for the cheapest plan with one cap more, and what comes
out is also the cheapest plan among those that differ most.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siteopt.portfolio.questions import Questions, Reply
from siteopt.portfolio.tightening import with_cap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from siteopt.portfolio.on_grid import GridLike
    from siteopt.portfolio.plan import Plan
    from siteopt.portfolio.problem import Problem
    from siteopt.scenario import Alternatives as Settings
    from siteopt.scenario import Solver

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Alternative", "Alternatives", "alternatives", "ceiling"]

_ROUNDING = 1e-9  # relative; sums of floats, not leniency


@dataclass(frozen=True, eq=False)
class Alternative:
    """A plan within a share of the best cost that differs most from those before it."""

    within_pct: float
    """It costs at most so much more than the best plan."""
    number: int
    """1 for the first of its level."""
    plan: Plan
    """Blocks and cost."""
    shared: int
    """Sites that it shares with the best plan."""
    shared_all: int
    """Sites that it shares with the best plan and each alternative before it, added up."""
    shared_all_least: int
    """No plan within the level shares fewer: proven."""

    @property
    def proven(self) -> bool:
        """Whether no plan within the level differs more."""
        return self.shared_all_least >= self.shared_all


@dataclass(frozen=True, eq=False)
class Alternatives:
    """All alternatives that were found, by level."""

    found: tuple[Alternative, ...]
    best: Plan
    problem: Problem
    """With the flow limits that were found on the way."""
    seconds: float
    asked: int
    """How many programs were solved."""

    def table(self) -> pd.DataFrame:
        """Return one row a plan.

        Columns ``within_pct``, ``plan``, ``proof`` ('proven': no plan within the level differs
        more; 'open': not settled in time), ``cost`` and ``extra`` in the unit of the objective
        (``cost_bn_krw``), ``extra_pct``, ``sites``, ``shared``, ``shared_all`` and
        ``shared_all_least``.
        """
        unit, best = self.problem.unit, self.best.objective
        return pd.DataFrame(
            {
                "within_pct": [one.within_pct for one in self.found],
                "plan": [one.number for one in self.found],
                "proof": ["proven" if one.proven else "open" for one in self.found],
                f"cost_{unit}": [one.plan.objective for one in self.found],
                f"extra_{unit}": [one.plan.objective - best for one in self.found],
                "extra_pct": [
                    100.0 * (one.plan.objective - best) / max(abs(best), 1e-9) for one in self.found
                ],
                "sites": [len(one.plan.chosen(self.problem)) for one in self.found],
                "shared": [one.shared for one in self.found],
                "shared_all": [one.shared_all for one in self.found],
                "shared_all_least": [one.shared_all_least for one in self.found],
            }
        ).astype({"within_pct": float, "plan": int, "proof": str})

    def sites(self) -> pd.DataFrame:
        """Return one row a plan and site: ``within_pct``, ``plan``, ``in_best``, `Plan.table`."""
        best = set(self.problem.site_id[self.best.chosen(self.problem)].tolist())
        parts = []
        for one in self.found:
            table = one.plan.table(self.problem)
            table.insert(0, "within_pct", one.within_pct)
            table.insert(1, "plan", one.number)
            table.insert(3, "in_best", table["site_id"].isin(best))
            parts.append(table)
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def ceiling(plan: Plan, within_pct: float) -> float:
    """Return the cost of plans within a share of that of the best one."""
    size = abs(plan.objective)
    return plan.objective + within_pct / 100.0 * size + _ROUNDING * size


def alternatives(  # noqa: PLR0913, PLR0917 - a question, how to answer it, and what is known
    problem: Problem,
    plan: Plan,
    settings: Settings,
    solver: Solver,
    grid: GridLike | None = None,
    known: Sequence[Ints] = (),
) -> Alternatives:
    """Find plans within each level that differ most from the best one and from each other.

    Parameters
    ----------
    problem : Problem
        See `build_problem`.
    plan : Plan
        Its best plan.
    settings : Alternatives
        Levels, plans a level, and the time for all of them.
    solver : Solver
        Gap, threads and the longest time of a single program.
    grid : GridLike, optional
        Only plans that it serves are offered.
    known : sequence of ndarray
        Further plans (blocks an option), served: where time is short they are offered.
    """
    asking = Questions(problem, solver, grid, settings.time_limit_s, settings.gap)
    work = _Work(problem, plan, known, asking)
    for within_pct in sorted(settings.within_pct):
        work.level(within_pct, settings.plans)
    return Alternatives(tuple(work.found), plan, asking.problem, asking.clock.used, asking.asked)


@dataclass(eq=False)
class _Work:
    """Alternatives under way."""

    problem: Problem
    best: Plan
    known: Sequence[Ints]
    questions: Questions
    found: list[Alternative] = field(default_factory=list)
    replies: dict[tuple[bytes, int], Reply] = field(default_factory=dict)
    """What was asked before, by counts and k: levels ask the same of the first plan."""

    def level(self, within_pct: float, plans: int) -> None:
        """Find the alternatives of one level, each as different as can be from all before."""
        highest = ceiling(self.best, within_pct)
        before = [self.best]
        for number in range(1, plans + 1):
            count = sum((self._has(plan) for plan in before), np.zeros(self.problem.sites))
            counts = np.asarray(count, dtype=np.int64)
            plan, least = self._fewest(counts, highest)
            if plan is None or any(np.array_equal(self._has(plan), self._has(p)) for p in before):
                return
            before.append(plan)
            shared = int(self._has(plan) @ self._has(self.best))
            total = int(self._has(plan) @ counts)
            self.found.append(Alternative(within_pct, number, plan, shared, total, least))

    def _has(self, plan: Plan) -> Ints:
        chosen = np.zeros(self.problem.sites, dtype=np.int64)
        chosen[plan.chosen(self.problem)] = 1
        return chosen

    def _fewest(self, counts: Ints, highest: float) -> tuple[Plan | None, int]:
        """Return the plan that shares fewest sites within a cost, and how few are possible."""
        plan = self._start(counts, highest)
        most = int(self._has(self.best) @ counts) if plan is None else self._shared(plan, counts)
        least, settled = 0, True
        low, k = 0, 0  # a plan that shares none is often there, and settles all
        while low < most:
            reply = self._cheapest(counts, k, highest)
            if reply.plan is not None and reply.plan.objective <= highest:
                plan, most = reply.plan, self._shared(reply.plan, counts)
            else:
                settled &= reply.bound > highest
                low = k + 1
                least = low if settled else least
            k = (low + most) // 2
        if plan is not None:  # one met before may share as few and cost more than need be
            reply = self._cheapest(counts, most, highest)
            if reply.plan is not None and reply.plan.objective < plan.objective:
                plan = reply.plan
        return plan, least

    def _start(self, counts: Ints, highest: float) -> Plan | None:
        """Return the plan met before within a cost that shares fewest sites, the cheaper one."""
        met = [reply.plan for reply in self.replies.values() if reply.plan is not None]
        met += [_as_plan(self.problem, blocks, self.best) for blocks in self.known]
        fit = [plan for plan in met if plan.objective <= highest]
        return min(fit, key=lambda p: (self._shared(p, counts), p.objective), default=None)

    def _shared(self, plan: Plan, counts: Ints) -> int:
        return int(self._has(plan) @ counts)

    def _cheapest(self, counts: Ints, k: int, highest: float) -> Reply:
        """Return what is known of the cheapest plan that shares at most k."""
        key = (counts.tobytes(), k)
        known = self.replies.get(key)
        if known is None or (not known.proven and known.bound <= highest):
            known = self.questions.ask(lambda problem: _sharing(problem, counts, k), highest)
            self.replies[key] = known
        return known


def _sharing(problem: Problem, counts: Ints, most: int) -> Problem:
    """Return a problem whose plans share at most so many sites with plans counted by site."""
    opens = counts[problem.option_site].astype(np.float64)
    return with_cap(problem, "shared", opens, np.zeros(problem.options), float(most))


def _as_plan(problem: Problem, blocks: Ints, best: Plan) -> Plan:
    """Return blocks that were met on the way as a plan of which nothing is proven."""
    return type(best)(
        blocks=blocks,
        status="feasible",
        objective=problem.worth(blocks),
        bound=best.bound,
        solver=best.solver,
        seconds=0.0,
    )
