"""Ranking inside the flow limits of the grid: lazy constraints around `rank`.

Ranked again with the limits that its plans violate, until no exact figure rests on such a plan.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from siteopt.portfolio.constraints import flows
from siteopt.portfolio.ranking.rank import rank
from siteopt.portfolio.search.energy_cuts import missing_cuts, with_cuts
from siteopt.portfolio.search.grid_oracle import broken_limits, with_limits
from siteopt.portfolio.solver.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor

    import pandas as pd

    from siteopt._arrays import Ints
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.ranking.table import Ranking
    from siteopt.portfolio.search.energy_cuts import EnergyCut
    from siteopt.portfolio.search.grid_oracle import GridLike, HeldLimit
    from siteopt.portfolio.search.plan import Plan
    from siteopt.scenario import Ranking as RankingSettings
    from siteopt.scenario import Solver


__all__ = ["rank_on_grid"]

_REACH = 1.1  # factor from the loads of the plans to those evaluated first
_ENERGY_ROUNDS = 2
"""Rankings that end early for cuts of the energy cost: each begins again with what it lacked."""
_SLACK_MW = 1e-6  # sums of floats, not leniency


def rank_on_grid(  # noqa: PLR0913, PLR0917 - what `rank` takes, and the grid
    problem: Problem,
    plan: Plan,
    settings: RankingSettings,
    solver: Solver,
    grid: GridLike | None,
    executor: Executor | None = None,
) -> tuple[Problem, Ranking]:
    """Rank all sites, each exact figure by a plan that every snapshot can serve.

    Where time is up before that, figures whose plan breaks a limit become lower bounds. An upper
    bound holds only where its plan can be served too. The executor is that of `rank`.
    """
    if grid is None:
        return problem, rank(problem, plan, settings, solver, executor=executor)
    deadline, reach = Deadline(settings.time_limit_s), _REACH
    slack, rounds = solver.gap * abs(plan.objective), 0
    problem = with_limits(problem, broken_limits(problem, grid, [plan.blocks], reach))
    while True:
        left = settings.model_copy(update={"time_limit_s": max(deadline.left, 1.0)})
        watch = _Watch(problem, grid, deadline, reach, slack if rounds < _ENERGY_ROUNDS else np.inf)
        reach, begun = 1.0, deadline.used
        ranking = rank(problem, plan, left, solver, served=watch.served, executor=executor)
        if watch.broken or watch.cuts:
            problem = with_cuts(with_limits(problem, watch.broken), watch.cuts)
            rounds += bool(watch.cuts)
            continue
        broken = broken_limits(problem, grid, ranking.plans)
        cuts = missing_cuts(problem, grid, ranking.plans, slack)
        if not broken and not cuts:
            return problem, ranking
        known, problem = problem, with_cuts(with_limits(problem, broken), cuts)
        exact = ranking.table["proof"] == "exact"
        stray = _stray(problem, ranking)
        dearer = _dearer(known, problem, ranking, slack)
        # Another ranking takes about as long as this one; one that is not done says less.
        late = deadline.left <= (0.0 if (stray & exact).any() else deadline.used - begun)
        if late or not ((stray | dearer) & exact).any():
            return problem, _without(_bounded(ranking, dearer, problem, plan), stray, problem.unit)


def _stray(problem: Problem, ranking: Ranking) -> pd.Series[bool]:
    """Return which sites of a ranking have a plan behind them that breaks a known limit."""
    taken = [flows.weights(problem) @ blocks.astype(np.float64) for blocks in ranking.plans]
    broken = np.any(np.array(taken) > problem.flow_most_mw + _SLACK_MW, axis=1)
    sites = {site for site, place in ranking.plan_of.items() if broken[place]}
    return ranking.table["site_id"].isin(sites)


def _dearer(known: Problem, problem: Problem, ranking: Ranking, slack: float) -> pd.Series[bool]:
    """Return which sites have a plan behind them whose energy costs more than was known."""
    more = [problem.energy_bn_krw(one) - known.energy_bn_krw(one) > slack for one in ranking.plans]
    sites = {site for site, place in ranking.plan_of.items() if more[place]}
    return ranking.table["site_id"].isin(sites)


def _bounded(ranking: Ranking, dearer: pd.Series[bool], problem: Problem, plan: Plan) -> Ranking:
    """Return a ranking in which the figures of some sites are bounds from below and from above.

    What their plans were thought to cost is the lower one, what they do cost the upper one.
    """
    if not dearer.any():
        return ranking
    table, unit = ranking.table.copy(), problem.unit
    least = min(plan.bound, plan.objective)
    upper = {
        site: problem.worth(ranking.plans[place]) - least for site, place in ranking.plan_of.items()
    }
    exact = table["proof"] == "exact"
    changed = dearer & exact
    table.loc[changed, "proof"] = "bounded"
    table.loc[changed, [f"value_{unit}", f"regret_{unit}"]] = np.nan
    table.loc[dearer, f"upper_{unit}"] = table.loc[dearer, "site_id"].map(upper)
    others = (changed | ~exact)[~table["chosen"]].to_numpy()
    first = int(np.argmax(others)) if others.any() else len(others)
    return replace(
        ranking,
        table=table,
        exact_others=min(ranking.exact_others, first),
        complete=ranking.complete and not changed.any(),
    )


def _without(ranking: Ranking, stray: pd.Series[bool], unit: str) -> Ranking:
    """Return a ranking in which the figures of some sites are mere lower bounds."""
    table = ranking.table.copy()
    exact = table["proof"] == "exact"
    table.loc[stray & exact, "proof"] = "bounded"
    table.loc[stray, [f"value_{unit}", f"regret_{unit}"]] = np.nan
    table.loc[stray, f"upper_{unit}"] = np.inf
    # Behind a site whose figure is a lower bound no other one is proven to be next.
    others = (stray | ~exact)[~table["chosen"]].to_numpy()
    first = int(np.argmax(others)) if others.any() else len(others)
    return replace(
        ranking,
        table=table,
        exact_others=min(ranking.exact_others, first),
        complete=ranking.complete and not (stray & exact).any(),
    )


class _Watch:
    """Oracle on the plans of a ranking: it ends early where they violate a limit."""

    def __init__(
        self,
        problem: Problem,
        grid: GridLike,
        deadline: Deadline,
        reach: float,
        slack_bn_krw: float,
    ) -> None:
        self._problem, self._grid, self._clock, self._reach = problem, grid, deadline, reach
        self._slack = slack_bn_krw
        self.broken: list[HeldLimit] = []
        self.cuts: list[EnergyCut] = []

    def served(self, plans: Sequence[Ints]) -> bool:
        """Return whether to go on with plans: none breaks a limit, or time is up.

        Loads are drawn out by ``reach`` at first: limits that they break then, other plans close
        by may break as they are, and finding them late costs another ranking.
        """
        if self._clock.left <= 0:
            return True
        if np.isfinite(self._slack):
            self.cuts.extend(missing_cuts(self._problem, self._grid, plans, self._slack))
        if self._reach > 1.0:  # a load that violates a known limit gives no new one
            known, most = self._problem.flow_price, self._problem.flow_most_mw
            plans = [
                plan
                for plan in plans
                if np.all(known @ self._problem.bus_loads(plan) * self._reach <= most)
            ]
        self.broken.extend(broken_limits(self._problem, self._grid, plans, self._reach))
        return not self.broken and not self.cuts
