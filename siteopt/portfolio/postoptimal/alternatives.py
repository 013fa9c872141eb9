"""Near-optimal alternatives (MGA): plans of small extra cost with the fewest sites in common.

Modelling to generate alternatives by hop, skip and jump (Brill, Chang and Hopkins 1982). For a
set of known plans, count_i is how many of them have a site in the district of site i or at its
station (or have site i itself: `distinct_by` of the scenario). An alternative within e of the
optimal cost solves

    min k = sum over sites of count_i w_i    subject to all limits and cost <= (1 + e) best

(equation shared-sites of docs/method.md).

cost(k), the cost of the cheapest plan that shares at most k, never rises with k, so the least k
is found by bisection: a plan of at most (1 + e) best proves that k is enough, a bound above it
that k is too small. Each step is a re-optimization for cost under one cap more, so an alternative
is also the cheapest among the plans that differ most.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siteopt.portfolio.constraints.variants import with_cap
from siteopt.portfolio.postoptimal.distinctness import Distinctness, Kind, distinct_by, nearest_km
from siteopt.portfolio.postoptimal.reoptimization import Reoptimization

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from siteopt._arrays import Floats, Ints
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.grid_oracle import GridLike
    from siteopt.portfolio.search.plan import Plan
    from siteopt.portfolio.solver.result import Result
    from siteopt.scenario import Alternatives as Settings
    from siteopt.scenario import Solver


__all__ = ["NearOptimalPlan", "NearOptimalPlans", "cost_ceiling", "near_optimal_plans"]

_ROUNDING = 1e-9  # relative; sums of floats, not leniency

_IN_BEST: dict[Kind, str] = {
    "site": "in_best", "station": "station_in_best", "district": "district_in_best",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class NearOptimalPlan:
    """A near-optimal plan that shares the fewest sites with the best plan and earlier alternatives."""

    within_pct: float
    """Cost ceiling: percent above the cost of the best plan."""
    number: int
    """1 for the first under its cost ceiling."""
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
    """Proven lower bound on `shared_all` of all plans under the cost ceiling."""

    @property
    def proven(self) -> bool:
        """Whether `shared_all` is proven to be the least under the cost ceiling."""
        return self.shared_all_least >= self.shared_all


@dataclass(frozen=True, eq=False)
class NearOptimalPlans:
    """Near-optimal alternatives, by cost ceiling."""

    found: tuple[NearOptimalPlan, ...]
    best: Plan
    distinct: Distinctness
    problem: Problem
    """With the flow limits separated on the way."""
    seconds: float
    programs: int
    """Number of programs solved."""

    def table(self) -> pd.DataFrame:
        """Return one row a plan.

        Columns ``within_pct``, ``plan``, ``proof`` ('proven': no plan within the level differs
        more; 'open': not settled in time), ``cost`` and ``extra`` in the unit of the objective
        (``cost_bn_krw``), ``extra_pct``, ``sites``; of these ``shared`` that the best plan has
        too, ``shared_stations`` that are at a station of it, ``shared_districts`` in a district
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
                same = self.distinct.uses(kind, self.best)[opened]
                table.insert(place, column, same)
            table.insert(3 + len(_IN_BEST), "nearest_km", self._apart(one.plan))
            parts.append(table)
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()

    def _apart(self, plan: Plan) -> Floats:
        best = self.best.chosen(self.problem)
        return nearest_km(self.problem, plan.chosen(self.problem), best)


def cost_ceiling(plan: Plan, within_pct: float) -> float:
    """Return the cost ceiling of near-optimal plans: (1 + e) of the best cost.

    Parameters
    ----------
    plan : Plan
        The best plan.
    within_pct : float
        Extra cost in percent of the absolute best cost.
    """
    size = abs(plan.objective)
    return plan.objective + within_pct / 100.0 * size + _ROUNDING * size


def near_optimal_plans(  # noqa: PLR0913, PLR0917 - problem, settings and the plan pool
    problem: Problem,
    plan: Plan,
    settings: Settings,
    solver: Solver,
    grid: GridLike | None = None,
    known: Sequence[Ints] = (),
    districts: Mapping[str, str] | None = None,
) -> NearOptimalPlans:
    """Generate near-optimal alternatives under each cost ceiling (MGA, hop-skip-jump).

    Parameters
    ----------
    problem : Problem
        See `build_problem`.
    plan : Plan
        Its best plan.
    settings : siteopt.scenario.Alternatives
        Cost ceilings, plans per ceiling, the distinctness criterion, and the time for all of them.
    solver : Solver
        Gap, threads and the longest time of a single program.
    grid : GridLike, optional
        Grid whose flow limits every plan must satisfy.
    known : sequence of ndarray
        Plan pool (blocks an option), feasible on the grid: starting points of the bisection.
    districts : mapping of str to str, optional
        Code of the district by site id; without it every site is a district of its own.
    """
    reoptimization = Reoptimization(problem, solver, grid, settings.time_limit_s, settings.gap)
    work = _HopSkipJump(
        problem,
        plan,
        known,
        reoptimization,
        distinct_by(problem, districts or {}, settings.distinct_by),
    )
    for within_pct in sorted(settings.within_pct):
        work.level(within_pct, settings.plans)
    return NearOptimalPlans(
        tuple(work.found), plan, work.distinct, reoptimization.problem, reoptimization.clock.used,
        reoptimization.programs,
    )  # fmt: skip


@dataclass(eq=False)
class _HopSkipJump:
    """Hop, skip and jump (Brill, Chang and Hopkins 1982): state of the generation."""

    problem: Problem
    best: Plan
    known: Sequence[Ints]
    reoptimization: Reoptimization
    distinct: Distinctness
    found: list[NearOptimalPlan] = field(default_factory=list)
    results: dict[tuple[bytes, int], Result[Plan]] = field(default_factory=dict)
    """Memo of re-optimizations by counts and k: all ceilings share those of the first plan."""

    def level(self, within_pct: float, plans: int) -> None:
        """Generate the alternatives under one cost ceiling, each at maximal difference to all before."""
        highest = cost_ceiling(self.best, within_pct)
        before, distinct = [self.best], self.distinct
        for number in range(1, plans + 1):
            counts = distinct.counts(before)
            plan, least = self._fewest(counts, highest)
            if plan is None or any(distinct.same(plan, one) for one in before):
                return
            before.append(plan)
            site, station, district = (
                distinct.shared(plan, distinct.uses(kind, self.best)) for kind in _IN_BEST
            )
            total = distinct.shared(plan, counts)
            self.found.append(
                NearOptimalPlan(within_pct, number, plan, site, station, district, total, least)
            )

    def _fewest(self, counts: Ints, highest: float) -> tuple[Plan | None, int]:
        """Return the plan of least k under a cost ceiling, and the proven lower bound on k."""
        plan = self._start(counts, highest)
        most = self._shared(self.best if plan is None else plan, counts)
        least, settled = 0, True
        low, k = 0, 0  # a plan that shares none is often there, and settles all
        while low < most:
            result = self._cheapest(counts, k, highest)
            if result.incumbent is not None and result.incumbent.objective <= highest:
                plan, most = result.incumbent, self._shared(result.incumbent, counts)
            else:
                settled &= result.bound > highest
                low = k + 1
                least = low if settled else least
            k = (low + most) // 2
        if plan is not None:  # one met before may share as few and cost more than need be
            result = self._cheapest(counts, most, highest)
            if result.incumbent is not None and result.incumbent.objective < plan.objective:
                plan = result.incumbent
        return plan, least

    def _start(self, counts: Ints, highest: float) -> Plan | None:
        """Return the plan of the pool under a cost ceiling with the least k, ties by cost."""
        met = [result.incumbent for result in self.results.values() if result.incumbent is not None]
        met += [_as_plan(self.problem, blocks, self.best) for blocks in self.known]
        fit = [plan for plan in met if plan.objective <= highest]
        return min(fit, key=lambda p: (self._shared(p, counts), p.objective), default=None)

    def _shared(self, plan: Plan, counts: Ints) -> int:
        return self.distinct.shared(plan, counts)

    def _cheapest(self, counts: Ints, k: int, highest: float) -> Result[Plan]:
        """Return the cheapest plan that shares at most k, memoized."""
        key = (counts.tobytes(), k)
        known = self.results.get(key)
        if known is None or (not known.proven and known.bound <= highest):
            known = self.reoptimization.solve(lambda problem: _sharing(problem, counts, k), highest)
            self.results[key] = known
        return known


def _sharing(problem: Problem, counts: Ints, most: int) -> Problem:
    """Return the problem with the cap sum of counts <= most."""
    opens = counts.astype(np.float64)
    return with_cap(problem, "shared", opens, np.zeros(problem.options), float(most))


def _as_plan(problem: Problem, blocks: Ints, best: Plan) -> Plan:
    """Return blocks of the pool as a feasible plan without a proof."""
    return type(best)(
        blocks=blocks,
        status="feasible",
        objective=problem.worth(blocks),
        bound=best.bound,
        solver=best.solver,
        seconds=0.0,
    )
