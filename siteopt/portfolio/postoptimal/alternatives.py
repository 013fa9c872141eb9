"""Other plans that cost little more and have as few sites as possible where the best one has any.

For a set of plans already known, count_i is how many of them have a site in the district of site
i or at its station (or have site i itself: `distinct_by` of the scenario). An alternative within e
of the best cost is the plan with the least

    k = sum over sites of count_i w_i    subject to all limits and cost <= (1 + e) best

(equation shared-sites of docs/method.md).

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

from siteopt.portfolio.constraints.variants import with_cap
from siteopt.portfolio.postoptimal.distinctness import Distinct, Kind, distinct_by, kilometres_apart
from siteopt.portfolio.postoptimal.reoptimization import Questions, Reply

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from siteopt._arrays import Floats, Ints
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.lazy_flow_limits import GridLike
    from siteopt.portfolio.search.plan import Plan
    from siteopt.scenario import Alternatives as Settings
    from siteopt.scenario import Solver


__all__ = ["Alternative", "Alternatives", "alternatives", "ceiling"]

_ROUNDING = 1e-9  # relative; sums of floats, not leniency

_IN_BEST: dict[Kind, str] = {
    "site": "in_best", "station": "station_in_best", "district": "district_in_best",
}  # fmt: skip


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
    """Its sites that the best plan has too."""
    shared_stations: int
    """Its sites at stations that feed a site of the best plan."""
    shared_districts: int
    """Its sites in districts where the best plan has a site."""
    shared_all: int
    """Its sites that are not distinct from those of the best plan, nor from those of each
    alternative before it, added up."""
    shared_all_least: int
    """No plan within the level has fewer: proven."""

    @property
    def proven(self) -> bool:
        """Whether no plan within the level differs more."""
        return self.shared_all_least >= self.shared_all


@dataclass(frozen=True, eq=False)
class Alternatives:
    """All alternatives that were found, by level."""

    found: tuple[Alternative, ...]
    best: Plan
    distinct: Distinct
    problem: Problem
    """With the flow limits that were found on the way."""
    seconds: float
    asked: int
    """How many programs were solved."""

    def table(self) -> pd.DataFrame:
        """Return one row a plan.

        Columns ``within_pct``, ``plan``, ``proof`` ('proven': no plan within the level differs
        more; 'open': not settled in time), ``cost`` and ``extra`` in the unit of the objective
        (``cost_bn_krw``), ``extra_pct``, ``sites``; of these ``shared`` that the best plan has
        too, ``shared_stations`` that stand at a station of it, ``shared_districts`` in a district
        of it; ``nearest_km`` and ``nearest_median_km``, the least and the median distance of a
        site to the nearest one of the best plan; ``distinct_by``, and by that ``shared_all`` and
        ``shared_all_least``.
        """
        unit, best = self.problem.unit, self.best.objective
        apart = [self._apart(one.plan) for one in self.found]
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
                "shared_stations": [one.shared_stations for one in self.found],
                "shared_districts": [one.shared_districts for one in self.found],
                "nearest_km": [km.min() for km in apart],
                "nearest_median_km": [float(np.median(km)) for km in apart],
                "distinct_by": self.distinct.by,
                "shared_all": [one.shared_all for one in self.found],
                "shared_all_least": [one.shared_all_least for one in self.found],
            }
        ).astype({"within_pct": float, "plan": int, "proof": str})

    def sites(self) -> pd.DataFrame:
        """Return one row a plan and site.

        ``within_pct``, ``plan``; whether the best plan has the site (``in_best``), its station
        (``station_in_best``) and its district (``district_in_best``); ``nearest_km`` to a site of
        the best plan; and `Plan.table`.
        """
        parts = []
        for one in self.found:
            table = one.plan.table(self.problem)
            table.insert(0, "within_pct", one.within_pct)
            table.insert(1, "plan", one.number)
            opened = np.flatnonzero(self.problem.opened(one.plan.blocks))  # by site, as the table
            for place, (kind, column) in enumerate(_IN_BEST.items(), 3):
                same = self.distinct.has(kind, self.best)[opened]
                table.insert(place, column, same)
            table.insert(3 + len(_IN_BEST), "nearest_km", self._apart(one.plan))
            parts.append(table)
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()

    def _apart(self, plan: Plan) -> Floats:
        best = self.best.chosen(self.problem)
        return kilometres_apart(self.problem, plan.chosen(self.problem), best)


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
    districts: Mapping[str, str] | None = None,
) -> Alternatives:
    """Find plans within each level that differ most from the best one and from each other.

    Parameters
    ----------
    problem : Problem
        See `build_problem`.
    plan : Plan
        Its best plan.
    settings : Alternatives
        Levels, plans a level, what makes sites distinct, and the time for all of them.
    solver : Solver
        Gap, threads and the longest time of a single program.
    grid : GridLike, optional
        Only plans that it serves are offered.
    known : sequence of ndarray
        Further plans (blocks an option), served: where time is short they are offered.
    districts : mapping of str to str, optional
        Code of the district by site id; without it every site is a district of its own.
    """
    asking = Questions(problem, solver, grid, settings.time_limit_s, settings.gap)
    work = _Work(
        problem, plan, known, asking, distinct_by(problem, districts or {}, settings.distinct_by)
    )
    for within_pct in sorted(settings.within_pct):
        work.level(within_pct, settings.plans)
    return Alternatives(
        tuple(work.found), plan, work.distinct, asking.problem, asking.clock.used,
        asking.asked,
    )  # fmt: skip


@dataclass(eq=False)
class _Work:
    """Alternatives under way."""

    problem: Problem
    best: Plan
    known: Sequence[Ints]
    questions: Questions
    distinct: Distinct
    found: list[Alternative] = field(default_factory=list)
    replies: dict[tuple[bytes, int], Reply] = field(default_factory=dict)
    """What was asked before, by counts and k: levels ask the same of the first plan."""

    def level(self, within_pct: float, plans: int) -> None:
        """Find the alternatives of one level, each as different as can be from all before."""
        highest = ceiling(self.best, within_pct)
        before, distinct = [self.best], self.distinct
        for number in range(1, plans + 1):
            counts = distinct.counts(before)
            plan, least = self._fewest(counts, highest)
            if plan is None or any(distinct.same(plan, one) for one in before):
                return
            before.append(plan)
            site, station, district = (
                distinct.shared(plan, distinct.has(kind, self.best)) for kind in _IN_BEST
            )
            total = distinct.shared(plan, counts)
            self.found.append(
                Alternative(within_pct, number, plan, site, station, district, total, least)
            )

    def _fewest(self, counts: Ints, highest: float) -> tuple[Plan | None, int]:
        """Return the plan with fewest shared sites within a cost, and how few are possible."""
        plan = self._start(counts, highest)
        most = self._shared(self.best if plan is None else plan, counts)
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
        return self.distinct.shared(plan, counts)

    def _cheapest(self, counts: Ints, k: int, highest: float) -> Reply:
        """Return what is known of the cheapest plan that shares at most k."""
        key = (counts.tobytes(), k)
        known = self.replies.get(key)
        if known is None or (not known.proven and known.bound <= highest):
            known = self.questions.ask(lambda problem: _sharing(problem, counts, k), highest)
            self.replies[key] = known
        return known


def _sharing(problem: Problem, counts: Ints, most: int) -> Problem:
    """Return a problem whose plans share at most so many sites with plans counted by option."""
    opens = counts.astype(np.float64)
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
