"""Ranking of sites by forced-in and forced-out re-optimization around the best plan.

A chosen site is worth what the best plan loses without it. Any other site costs what the best
plan loses with it forced in (its regret). Both are differences of two optima, so both come with
a proven bound.

Neighbourhood searches first find good plans with (without) the sites of smallest bound; the cost of
the last one requested is a cutoff, and the core problem of all plans below it proves which of these
plans are the best ones. What is left then (fewer sites than requested, values above the cutoff) is
solved one by one, best bound first: sites wait in a queue by their lower bound, first that of the
plan's relaxation, then that of a relaxation with the site forced in, then the exact regret, and
leave it when their exact regret is the lowest entry: no other site can be better.
"""

from __future__ import annotations

import heapq
import logging
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.portfolio.bounds.column_generation import RestrictedMaster
from siteopt.portfolio.bounds.core_problem import CoreProblem, build_core
from siteopt.portfolio.problem.restriction import Restriction
from siteopt.portfolio.ranking.forced_site import CheapestOptions
from siteopt.portfolio.ranking.table import Ranking, Scores, ranking_table
from siteopt.portfolio.ranking.tasks import (
    Around,
    InCore,
    best_in_core,
    best_with,
    best_without,
    neighbour,
)
from siteopt.portfolio.solver.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor

    import pandas as pd

    from siteopt._arrays import Ints
    from siteopt.portfolio.bounds.reduced_cost import Bound
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.plan import Plan
    from siteopt.portfolio.solver.result import Result
    from siteopt.scenario import Ranking as RankingSettings
    from siteopt.scenario import Solver


__all__ = ["Ranking", "rank"]

_LOG: Final = logging.getLogger(__name__)

_BATCH = 8  # sites solved side by side; a number of its own so that cores change no result
_FIRST = 0.5  # of the way from the plan to the ceiling that is known first
_LOOK = 192  # sites bounded before the next are judged by their results
_REACH = 1.5  # times the usual distance between a bound and the plan that it bounds
_BOUNDED, _RELAXED, _EXACT = 0, 1, 2


def rank(  # noqa: PLR0913 - a program and its plan, and how far to go
    problem: Problem,
    plan: Plan,
    settings: RankingSettings,
    solver: Solver,
    *,
    served: Callable[[Sequence[Ints]], bool] | None = None,
    executor: Executor | None = None,
) -> Ranking:
    """Rank all sites of a problem around its best plan.

    Parameters
    ----------
    problem : Problem
        See `build_problem`.
    plan : Plan
        Its best plan; where it is not proven optimal, values come with its gap.
    settings : Ranking
        How many sites to rank exactly, for how long.
    solver : Solver
        How many cores. HiGHS is always used: a ranking is hundreds of warm re-solves.
    served : callable, optional
        Called with the plans (blocks an option) that the ranking is about to build on; where it
        returns False, the ranking ends there, incomplete.
    executor : Executor, optional
        Where re-solves are done, which changes no result; as many threads as the solver has cores
        by default.

    Returns
    -------
    Ranking
        Exact for the chosen sites and the best others, bounded for the rest.
    """
    work = _Work(problem, plan, settings)
    goes_on = served or (lambda _plans: True)
    if executor is not None:
        work.run(goes_on, executor)
    else:
        with ThreadPoolExecutor(solver.threads) as pool:
            work.run(goes_on, pool)
    return work.ranking()


class _Work:
    """One ranking under way."""

    def __init__(self, problem: Problem, plan: Plan, settings: RankingSettings) -> None:
        self.problem, self.plan, self.deadline = problem, plan, Deadline(settings.time_limit_s)
        self.wanted = settings.exact_others
        self.restriction = Restriction.to_open(problem)
        self.part = self.restriction.part
        self.relaxation = RestrictedMaster(self.part)
        self.scores = Scores.empty(self.part.sites)
        blocks = plan.blocks[self.restriction.options]
        self.chosen = np.unique(self.part.option_site[blocks > 0])
        self.scores.chosen[self.chosen] = True
        self.scores.note(self.part, blocks, plan.objective)
        self.plans = [blocks]
        self.core: CoreProblem | None = None
        self.above_bound: list[float] = []  # of its sites: best plan above its bound
        self.solved = self.relaxed = self.done = 0

    def run(self, served: Callable[[Sequence[Ints]], bool], pool: Executor) -> None:
        """Fill in the scores, unless the plans that all builds on cannot be served."""
        base = self.relaxation.solve()
        self._bound_all(base)
        self._search_neighbourhoods(base, pool)
        if not served([self.restriction.invert(blocks) for blocks in self.plans]):
            return
        if self.plan.status != "optimal":
            return  # figures around a plan that is not proven are bounds, however long one works
        # What neighbourhoods hold is mostly far above the ceiling: a core half as wide is tried first.
        ceiling = self._ceiling()
        first = self.plan.objective + _FIRST * (ceiling - self.plan.objective)
        self._rank_near(base, pool, first)
        if self._ceiling() > first:
            self._rank_near(base, pool, self._ceiling())
        self._rank_chosen(np.flatnonzero(self.scores.chosen & ~self.scores.exact), pool)
        self._rank_others(pool)
        exact, sites = np.count_nonzero(self.scores.exact), len(self.scores.exact)
        _LOG.info("ranking: %d of %d sites exact (%.2f s)", exact, sites, self.deadline.used)

    def _bound_all(self, base: Bound) -> None:
        """Bound every site at once from the duals of the relaxation."""
        gain = np.minimum(base.site_least, 0.0)
        lost = self.relaxation.conflicts.astype(np.float64) @ gain
        inside = base.value + np.maximum(base.site_least, 0.0) - lost
        outside = base.value - gain
        floor = max(base.value, self.plan.bound)
        self.scores.estimate[:] = np.where(self.scores.chosen, outside, inside)
        self.scores.lower[:] = np.maximum(self.scores.estimate, floor)

    def _search_neighbourhoods(self, base: Bound, pool: Executor) -> None:
        """Find good plans without each chosen site and with each of the nearest others."""
        others = np.flatnonzero(~self.scores.chosen)
        if not 0 < self.wanted < len(others):
            return  # all others are requested: no cutoff to be found
        nearest = others[np.argsort(self.scores.estimate[others], kind="stable")]
        nearest = nearest[: self.wanted + self.wanted // 2 + _BATCH]
        cheapest = CheapestOptions.of(self.part, base)
        conflicts, chosen = self.relaxation.conflicts, self.scores.chosen.copy()
        around = Around(self.part, cheapest, self.plans[0], conflicts, chosen)
        questions = [(int(site), self.deadline) for site in (*self.chosen, *nearest)]
        for found in list(pool.map(partial(neighbour, around), questions)):
            if found.incumbent is not None:
                self.scores.note(self.part, found.incumbent, found.objective)
                self.plans.append(found.incumbent)

    def _rank_near(self, base: Bound, pool: Executor, cutoff: float) -> None:
        """Solve exactly, in one core problem, all requested sites that cost less than a cutoff."""
        if not np.isfinite(cutoff):
            return
        scores = self.scores
        seconds = self.deadline.left / 3  # the rest is for the questions
        build = partial(build_core, self.part, base)
        building = pool.submit(build, cutoff, list(self.plans), seconds)
        self._rank_chosen(self.chosen[scores.upper[self.chosen] >= cutoff], pool)
        core = self.core = building.result()
        place = core.restriction.site_place
        near = [int(site) for site in self.chosen if not scores.exact[site]]
        for site in np.flatnonzero(~scores.chosen).tolist():
            if place[site] >= 0:
                near.append(site)
            else:
                scores.raise_lower(site, cutoff)
        near.sort(key=lambda site: (not scores.chosen[site], scores.estimate[site], site))
        # Results of the nearest lower the ceiling; sites above it are not requested.
        for start in range(0, len(near), _LOOK):
            nearest = near[start]
            if not scores.chosen[nearest] and scores.estimate[nearest] >= self._ceiling():
                return
            self._look_at(core, near[start : start + _LOOK], place, pool)
            if self.deadline.left <= 0:
                return

    def _look_at(self, core: CoreProblem, sites: list[int], place: Ints, pool: Executor) -> None:
        """Bound some sites in the core, then solve those that may be below the ceiling."""
        scores = self.scores
        questions = [(int(place[site]), not scores.chosen[site]) for site in sites]
        bounds = core.bounds(questions, pool, self.deadline.left)
        self.relaxed += len(bounds)
        left: list[tuple[float, int, Bound]] = []
        for site, bound in zip(sites, bounds, strict=False):  # those in time
            scores.raise_lower(site, core.cutoff if bound is None else bound.value)
            if bound is not None:
                left.append((bound.value, site, bound))
        left.sort(key=lambda item: item[:2])
        for start in range(0, len(left), _BATCH):
            if self.deadline.left <= 0:
                return
            self._solve_in(core, left[start : start + _BATCH], place, pool)

    def _solve_in(
        self,
        core: CoreProblem,
        batch: list[tuple[float, int, Bound]],
        place: Ints,
        pool: Executor,
    ) -> None:
        """Find the best plans with (without) some sites, in the core and below the ceiling."""
        scores, ceiling = self.scores, self._ceiling()
        reach = _REACH * float(np.median(self.above_bound)) if self.above_bound else 0.0
        limit = np.where(scores.chosen, core.cutoff, ceiling)
        threshold = np.minimum(limit, scores.upper)

        questions = [
            InCore(
                int(place[site]), bound, float(threshold[site]), not scores.chosen[site],
                reach or float(threshold[site] - bound.value) / 4, self.deadline,
            )
            for _, site, bound in batch
        ]  # fmt: skip
        answers = pool.map(partial(best_in_core, core), questions)
        for (_, site, bound), found in zip(batch, answers, strict=True):
            if found is None:
                scores.raise_lower(site, float(threshold[site]))
                continue
            self.solved += 1
            if found.status == "optimal":
                self.above_bound.append(found.objective - bound.value)
            scores.raise_lower(site, found.bound)
            if found.incumbent is not None:
                scores.note(self.part, found.incumbent, self.part.worth(found.incumbent))
            scores.settle(site)

    def _rank_chosen(self, sites: Ints, pool: Executor) -> None:
        """Find the exact value of some chosen sites, each by a search of its own."""
        bounds = [(int(site), self.relaxation.solve_without(int(site))) for site in sites]
        self.relaxed += len(bounds)

        tasks = [(bound, self.deadline) for _, bound in bounds]
        answers = pool.map(partial(best_without, self.part), tasks)
        for (site, _), found in zip(bounds, answers, strict=True):
            self._take(site, found)
            self.scores.chosen_exact &= found.proven

    def _rank_others(self, pool: Executor) -> None:
        """Take sites from the queue until enough of them are proven to be the best."""
        lower = self.scores.lower
        others = np.flatnonzero(~self.scores.chosen)
        exact = self.scores.exact
        queue = [
            (float(lower[site]), int(site), _EXACT if exact[site] else _BOUNDED)
            for site in others
            if not self.scores.closed[site]
        ]
        heapq.heapify(queue)
        bounds: dict[int, Bound] = {}
        last = np.inf if self.wanted else -np.inf  # of the regrets wanted, the largest one
        first = self.done = len(self.chosen)
        while queue and self.deadline.left > 0:
            if self.done - first >= self.wanted and queue[0][0] > last + self.scores.tie:
                self.scores.complete = True
                return
            batch: list[tuple[int, Bound]] = []
            while (
                queue and len(batch) < _BATCH and queue[0][2] != _EXACT and self.deadline.left > 0
            ):
                _, site, state = heapq.heappop(queue)
                if state == _RELAXED:
                    batch.append((site, bounds.pop(site)))
                elif self._relax(site, bounds):
                    heapq.heappush(queue, (float(lower[site]), site, _RELAXED))
            if batch:
                for site in self._solve(batch, pool):
                    heapq.heappush(queue, (float(lower[site]), site, _EXACT))
                continue
            if not queue or queue[0][2] != _EXACT:
                continue
            value, site, _ = heapq.heappop(queue)
            self.scores.order.append(site)
            self.done += 1
            last = value if self.done - first <= self.wanted else last
        self.scores.complete = not queue

    def _relax(self, site: int, bounds: dict[int, Bound]) -> bool:
        """Bound the plans that choose a site by a relaxation; return whether there may be one."""
        bound = self.relaxation.solve_with(site)
        self.relaxed += 1
        if self.relaxation.proves_infeasible(site=site):
            self.scores.close(site)
            return False
        bounds[site] = bound
        self.scores.lower[site] = max(self.scores.lower[site], bound.value)
        return True

    def _solve(self, batch: list[tuple[int, Bound]], pool: Executor) -> list[int]:
        """Find the exact regret of some sites; return those that have one."""
        ceiling, exact = self._ceiling(), []
        tasks = [(site, bound, self.deadline, ceiling) for site, bound in batch]
        answers = pool.map(partial(best_with, self.part), tasks)
        for (site, _), found in zip(batch, answers, strict=True):
            if self._take(site, found):
                exact.append(site)
        return exact

    def _ceiling(self) -> float:
        """Return the cost from which on a site is not among the wanted ones."""
        known = np.sort(self.scores.upper[~self.scores.chosen])
        if len(known) < self.wanted or not self.wanted:
            return np.inf
        return float(known[self.wanted - 1]) + 2 * self.scores.tie

    def _take(self, site: int, found: Result[Ints]) -> bool:
        """Note what was found for a site; return whether it is exact."""
        self.solved += 1
        scores = self.scores
        if found.status == "infeasible":
            scores.close(site)
            return False
        if found.incumbent is not None:
            scores.note(self.part, found.incumbent, found.objective)
        scores.raise_lower(site, found.objective if found.proven else found.bound)
        return scores.settle(site)

    def ranking(self) -> Ranking:
        """Return the result."""
        table = ranking_table(self.problem, self.plan, self.scores, self.restriction.sites)
        plans, plan_of = self._plans_behind(table["site_id"])
        return Ranking(
            plans=plans,
            plan_of=plan_of,
            table=table,
            exact_others=len(self.scores.order),
            complete=self.scores.complete and self.scores.chosen_exact,
            seconds=self.deadline.used,
            measured={
                "relaxations": self.relaxed,
                "programs": self.solved,
                "columns": self.relaxation.columns,
                "core": self._core_size(),
            },
        )

    def _plans_behind(self, sites: pd.Series[str]) -> tuple[tuple[Ints, ...], dict[str, int]]:
        """Return the plans behind the sites' figures and upper bounds, and which is whose."""
        place_of = {str(name): place for place, name in enumerate(self.part.site_id)}
        known: dict[int, int] = {}
        plans: list[Ints] = []
        plan_of: dict[str, int] = {}
        for name in sites:
            at = place_of.get(str(name), -1)
            place = int(self.scores.plan_of[at]) if at >= 0 else -1
            if place < 0 or not np.isfinite(self.scores.upper[at]):
                continue
            if place not in known:
                known[place] = len(plans)
                plans.append(self.restriction.invert(self.scores.plans[place]))
            plan_of[str(name)] = known[place]
        return tuple(plans), plan_of

    def _core_size(self) -> dict[str, float]:
        if self.core is None:
            return {}
        return {
            "sites": self.core.problem.sites,
            "options": self.core.problem.options,
            "cuts": self.core.cuts,
            "reach": self.core.cutoff - self.plan.objective,
        }
