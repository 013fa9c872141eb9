"""What every site is worth to the best plan.

A chosen site is worth what the best plan loses without it. Any other site costs what the best
plan loses with it forced in (its regret). Both are differences of two optima, so both come with
a proven bound.

The sites that are not chosen wait in a queue by their lower bound: first the bound of the
plan's relaxation, then that of a relaxation with the site forced in, then the exact regret. A
site leaves the queue when its exact regret is the lowest entry: no other site can be better.
"""

from __future__ import annotations

import heapq
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from siteopt.portfolio._ranked import Scores, ranking_table
from siteopt.portfolio.relaxation import SHORT, Bound, Relaxation, without_cost
from siteopt.portfolio.search import Clock, Found, search_with, search_without

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import NDArray

    from siteopt.portfolio.plan import Plan
    from siteopt.portfolio.problem import Problem
    from siteopt.scenario import Ranking as RankingSettings
    from siteopt.scenario import Solver

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Ranking", "rank"]

_BATCH = 8  # sites solved side by side; a number of its own so that cores change no result
_BOUNDED, _RELAXED, _EXACT = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Ranking:
    """All sites, best first; see `_ranked.ranking_table` for the columns of ``table``."""

    table: pd.DataFrame
    exact_others: int
    """So many sites that are not chosen have an exact regret that is proven to be the lowest."""
    complete: bool
    """Whether all that was asked for is exact (false: the time limit came first)."""
    seconds: float
    """Wall seconds."""
    measured: dict[str, Any] = field(default_factory=dict)
    """Sizes and counts of the solving, for the record of a run."""


def rank(
    problem: Problem,
    plan: Plan,
    settings: RankingSettings,
    solver: Solver,
    progress: Callable[[int, int], None] | None = None,
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
    progress : callable, optional
        Called with (sites done, sites asked for).

    Returns
    -------
    Ranking
        Exact for the chosen sites and the best others, bounded for the rest.
    """
    work = _Work(problem, plan, settings, solver, progress)
    work.run()
    return work.ranking()


class _Work:
    """One ranking under way."""

    def __init__(
        self,
        problem: Problem,
        plan: Plan,
        settings: RankingSettings,
        solver: Solver,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self.problem, self.plan, self.clock = problem, plan, Clock(settings.time_limit_s)
        self.wanted, self.threads = settings.exact_others, solver.threads
        self.progress = progress or (lambda _done, _all: None)
        kept = problem.open_options()
        self.part = problem.take(kept)
        self.whole = np.unique(problem.option_site[kept])  # site of the part -> of the problem
        self.relaxation = Relaxation(self.part)
        self.free: Relaxation | None = None
        self.scores = Scores.empty(self.part.sites)
        blocks = plan.blocks[kept]
        self.chosen = np.unique(self.part.option_site[blocks > 0])
        self.scores.chosen[self.chosen] = True
        self.scores.note(self.part, blocks, plan.objective)
        self.solved = self.relaxed = self.done = 0

    def run(self) -> None:
        """Fill in the scores."""
        base = self.relaxation.solve()
        self._bound_all(base)
        with ThreadPoolExecutor(self.threads) as pool:
            self._rank_chosen(pool)
            self._rank_others(pool)

    def _bound_all(self, base: Bound) -> None:
        """Bound every site at once from the duals of the relaxation."""
        gain = np.minimum(base.site_least, 0.0)
        lost = self.relaxation.conflicts.astype(np.float64) @ gain
        inside = base.value + np.maximum(base.site_least, 0.0) - lost
        outside = base.value - gain
        floor = max(base.value, self.plan.bound)
        self.scores.lower[:] = np.maximum(np.where(self.scores.chosen, outside, inside), floor)

    def _rank_chosen(self, pool: ThreadPoolExecutor) -> None:
        bounds = [(int(site), self.relaxation.solve_without(int(site))) for site in self.chosen]

        def one(item: tuple[int, Bound]) -> Found:
            return search_without(self.part, item[1], self.clock)

        for (site, _), found in zip(bounds, pool.map(one, bounds), strict=True):
            self._take(site, found)
            self.scores.chosen_exact &= found.proven
            self.done += 1
            self.progress(self.done, self.done + self.wanted)

    def _rank_others(self, pool: ThreadPoolExecutor) -> None:
        """Take sites from the queue until enough of them are proven to be the best."""
        lower = self.scores.lower
        others = np.flatnonzero(~self.scores.chosen)
        queue = [(float(lower[site]), int(site), _BOUNDED) for site in others]
        heapq.heapify(queue)
        bounds: dict[int, Bound] = {}
        last = np.inf  # of the regrets that are wanted, the largest one
        first = len(self.chosen)
        while queue and self.clock.left > 0:
            batch: list[tuple[int, Bound]] = []
            while queue and len(batch) < _BATCH and queue[0][2] != _EXACT and self.clock.left > 0:
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
            if self.done - first >= self.wanted and value > last + self.scores.tie:
                self.scores.complete = True
                return
            self.scores.order.append(site)
            self.done += 1
            last = value if self.done - first <= self.wanted else last
            self.progress(min(self.done, first + self.wanted), first + self.wanted)
        self.scores.complete = not queue

    def _relax(self, site: int, bounds: dict[int, Bound]) -> bool:
        """Bound the plans that choose a site by a relaxation; return whether there may be one."""
        bound = self.relaxation.solve_with(site)
        self.relaxed += 1
        if self.relaxation.artificial > SHORT:
            if self.free is None:
                self.free = Relaxation(without_cost(self.part))
                self.free.solve()
            if self.free.solve_with(site).value > SHORT:
                self.scores.close(site)
                return False
        bounds[site] = bound
        self.scores.lower[site] = max(self.scores.lower[site], bound.value)
        return True

    def _solve(self, batch: list[tuple[int, Bound]], pool: ThreadPoolExecutor) -> list[int]:
        """Find the exact regret of some sites; return those that have one."""
        ceiling = self._ceiling()

        def one(item: tuple[int, Bound]) -> Found:
            return search_with(self.part, item[1], item[0], self.clock, ceiling)

        exact = []
        for (site, _), found in zip(batch, pool.map(one, batch), strict=True):
            if self._take(site, found):
                exact.append(site)
        return exact

    def _ceiling(self) -> float:
        """Return the cost from which on a site is not among the wanted ones."""
        known = np.sort(self.scores.upper[self.scores.exact & ~self.scores.chosen])
        if len(known) < self.wanted or not self.wanted:
            return np.inf
        return float(known[self.wanted - 1]) + 2 * self.scores.tie

    def _take(self, site: int, found: Found) -> bool:
        """Note what was found for a site; return whether it is exact."""
        self.solved += 1
        scores = self.scores
        if found.proven and found.blocks is None:
            scores.close(site)
            return False
        if found.blocks is not None:
            scores.note(self.part, found.blocks, found.objective)
            scores.upper[site] = min(scores.upper[site], found.objective)
        scores.lower[site] = max(scores.lower[site], found.bound)
        if not found.proven:
            return False
        scores.exact[site] = True
        scores.lower[site] = scores.upper[site] = found.objective
        return True

    def ranking(self) -> Ranking:
        """Return the result."""
        table = ranking_table(self.problem, self.plan, self.scores, self.whole)
        return Ranking(
            table=table,
            exact_others=len(self.scores.order),
            complete=self.scores.complete and self.scores.chosen_exact,
            seconds=self.clock.used,
            measured={
                "relaxations": self.relaxed,
                "programs": self.solved,
                "columns": self.relaxation.columns,
            },
        )
