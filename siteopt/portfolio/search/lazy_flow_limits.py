"""The portfolio inside the flow limits of the grid: solved again until no plan breaks one.

The program knows only the limits that some plan has broken so far, so what it proves holds: its
bound is one on a larger set of plans. A plan is taken when every snapshot can serve it; a figure
of the ranking is exact when the plan behind it can be served too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from siteopt.errors import InfeasibleError, SolverError
from siteopt.portfolio.bounds.column_generation import Relaxation
from siteopt.portfolio.bounds.reduced_cost import SHORT
from siteopt.portfolio.constraints import flows
from siteopt.portfolio.constraints.variants import with_flow_limits
from siteopt.portfolio.problem.problem import FlowName
from siteopt.portfolio.ranking.rank import Ranking, rank
from siteopt.portfolio.search.solve import solve
from siteopt.portfolio.solver.deadline import Clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from siteopt._arrays import Floats, Ints
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.plan import Plan
    from siteopt.scenario import Ranking as RankingSettings
    from siteopt.scenario import Solver


__all__ = [
    "FlowLimitLike",
    "GridLike",
    "HeldLimit",
    "broken_limits",
    "limits_of_relaxation",
    "rank_on_grid",
    "solve_on_grid",
    "with_limits",
]

_ROUNDS = 60
_REACH = 1.1  # loads that are looked at first are so much larger than those of the plans
_SLACK_MW = 1e-6  # sums of floats, not leniency


class FlowLimitLike(Protocol):
    """A limit on loads: ``price @ load <= most_mw``."""

    @property
    def snapshot(self) -> str:
        """Snapshot of the grid case that it was found in."""
        ...

    @property
    def branches(self) -> tuple[tuple[str, str], ...]:
        """Binding branches, each with the branch that is out ('' for none)."""
        ...

    @property
    def more(self) -> int:
        """Number of further binding branches."""
        ...

    @property
    def price(self) -> Floats:
        """(N,) by bus."""
        ...

    @property
    def most_mw(self) -> float:
        """Right side."""
        ...


class GridLike(Protocol):
    """The grid, as far as the program asks for it."""

    @property
    def bus_id(self) -> Sequence[str]:
        """Buses in the order of loads."""
        ...

    def broken(self, loads: Iterable[Floats]) -> Sequence[FlowLimitLike]:
        """Return limits that some of the loads break; none where all can be served."""
        ...

    def verify(self, load_mw: Floats) -> None:
        """Raise SolverError where a load cannot be served after all."""
        ...

    def account(self, load_mw: Floats) -> pd.DataFrame:
        """Return what a load changes in every snapshot."""
        ...

    def further(self, load_mw: Floats, provinces: Sequence[str]) -> pd.DataFrame:
        """Return how much more each province can draw beside a load, and what stops it."""
        ...


@dataclass(frozen=True, eq=False)
class HeldLimit:
    """A flow limit in a year of the plan."""

    name: FlowName
    price: Floats
    most_mw: float
    year: int
    """Index into the years of the problem."""


def broken_limits(
    problem: Problem, grid: GridLike, plans: Sequence[Ints | Floats], reach: float = 1.0
) -> list[HeldLimit]:
    """Return limits that some plans break, their loads drawn out by ``reach``.

    Loads never fall, so the last year is asked first; an earlier one can break a limit only
    where a load relieves a branch, and is asked when the last year breaks none.
    """
    loads = [problem.yearly_bus_loads(blocks) * reach for blocks in plans]
    for years in ([problem.horizon - 1], range(problem.horizon - 1)):
        found = [
            HeldLimit(
                FlowName(limit.snapshot, limit.branches, limit.more),
                limit.price,
                limit.most_mw,
                year,
            )
            for year in years
            for limit in grid.broken([load[year] for load in loads])
        ]
        if found:
            return found
    return []


def with_limits(problem: Problem, limits: Sequence[HeldLimit]) -> Problem:
    """Return a problem with further flow limits.

    No load at all is always served, so a right side below 0 is rounding and counts as 0.
    """
    if not limits:
        return problem
    return with_flow_limits(
        problem,
        [limit.name for limit in limits],
        np.array([limit.price for limit in limits]),
        np.array([max(limit.most_mw, 0.0) for limit in limits]),
        np.array([limit.year for limit in limits], dtype=np.int64),
    )


def solve_on_grid(
    problem: Problem, settings: Solver, grid: GridLike | None
) -> tuple[Problem, Plan | None]:
    """Find the best plan that every snapshot of the grid can serve.

    Returns
    -------
    Problem
        With the flow limits that were found.
    Plan or None
        See `siteopt.portfolio.search.solve.solve`; its time limit holds for all rounds together. None
        where it is proven that there is none.

    Raises
    ------
    SolverError
        As `solve`.
    """
    clock = Clock(settings.time_limit_s)
    rounds: list[dict[str, Any]] = []
    if grid is not None:
        problem = with_limits(problem, limits_of_relaxation(problem, grid, clock))
        rounds.append({"seconds": clock.used, "limits": len(problem.flow_name)})
    best: Plan | None = None
    bound = -np.inf
    while True:
        left = settings.model_copy(update={"time_limit_s": max(clock.left, 1.0)})
        watch = _Watch(problem, grid, clock, 1.0)
        try:
            plan = solve(problem, left, None if grid is None else watch.is_served)
        except InfeasibleError:
            return problem, None
        rounds.append({"seconds": plan.seconds, "limits": len(problem.flow_name)})
        bound = max(bound, plan.bound)
        if watch.best is not None and (best is None or watch.best[0] < best.objective):
            best = replace(plan, blocks=watch.best[1], objective=watch.best[0])
        measured = {**plan.measured, "flow_rounds": rounds}
        if grid is None or not watch.broken:
            return problem, replace(plan, measured=measured, seconds=clock.used)
        problem = with_limits(problem, watch.broken)
        if clock.left > 0:
            continue
        if best is not None:
            return problem, replace(
                best,
                status="feasible",
                bound=min(bound, best.objective),
                measured=measured,
                seconds=clock.used,
            )
        raise SolverError(
            f"no plan within the flow limits of the grid in {settings.time_limit_s:g} s "
            f"({len(rounds)} rounds); raise solver.time_limit_s"
        )


def limits_of_relaxation(problem: Problem, grid: GridLike, clock: Clock) -> list[HeldLimit]:
    """Return the flow limits that the linear relaxation of a problem breaks, one after another.

    They are nearly all that its plans break too, and a relaxation takes a fraction of a second.
    """
    found: list[HeldLimit] = []
    for _ in range(_ROUNDS):
        part = problem.take(problem.open_options())
        if clock.left <= 0 or part.options == 0:
            break
        relaxation = Relaxation(part, rounding=False)
        relaxation.solve(seconds=clock.left)
        if relaxation.artificial > SHORT:
            break
        limits = broken_limits(part, grid, [relaxation.blocks()])
        if not limits:
            break
        found.extend(limits)
        problem = with_limits(problem, limits)
    return found


class _Watch:
    """Looks at plans on the way, so that work ends early where they break a limit."""

    def __init__(self, problem: Problem, grid: GridLike | None, clock: Clock, reach: float) -> None:
        self._problem, self._grid, self._clock, self._reach = problem, grid, clock, reach
        self.broken: list[HeldLimit] = []
        self.best: tuple[float, Ints] | None = None
        """Objective and blocks of the best plan that the grid serves."""

    def is_served(self, plan: Ints) -> bool:
        """Return whether the grid serves a plan, better than all before; keep what says no."""
        if self._grid is not None:
            self.broken.extend(broken_limits(self._problem, self._grid, [plan]))
        if not self.broken:
            self.best = (self._problem.worth(plan), plan)
        return not self.broken

    def served(self, plans: Sequence[Ints]) -> bool:
        """Return whether to go on with plans: none breaks a limit, or time is up.

        Loads are drawn out by ``reach`` at first: limits that they break then, other plans close
        by may break as they are, and finding them late costs another ranking.
        """
        if self._clock.left <= 0 or self._grid is None:
            return True
        if self._reach > 1.0:  # a load that a known limit stops has nothing new to tell
            known, most = self._problem.flow_price, self._problem.flow_most_mw
            plans = [
                plan
                for plan in plans
                if np.all(known @ self._problem.bus_loads(plan) * self._reach <= most)
            ]
        self.broken.extend(broken_limits(self._problem, self._grid, plans, self._reach))
        return not self.broken


def rank_on_grid(
    problem: Problem,
    plan: Plan,
    settings: RankingSettings,
    solver: Solver,
    grid: GridLike | None,
) -> tuple[Problem, Ranking]:
    """Rank all sites, each exact figure by a plan that every snapshot can serve.

    Where time is up before that, figures whose plan breaks a limit become lower bounds. An upper
    bound holds only where its plan can be served too.
    """
    if grid is None:
        return problem, rank(problem, plan, settings, solver)
    clock, reach = Clock(settings.time_limit_s), _REACH
    problem = with_limits(problem, broken_limits(problem, grid, [plan.blocks], reach))
    while True:
        left = settings.model_copy(update={"time_limit_s": max(clock.left, 1.0)})
        watch, reach = _Watch(problem, grid, clock, reach), 1.0
        ranking = rank(problem, plan, left, solver, served=watch.served)
        if watch.broken:
            problem = with_limits(problem, watch.broken)
            continue
        broken = broken_limits(problem, grid, ranking.plans)
        if not broken:
            return problem, ranking
        problem = with_limits(problem, broken)
        stray = _stray(problem, ranking)
        if clock.left <= 0 or not (stray & (ranking.table["proof"] == "exact")).any():
            return problem, _without(ranking, stray, problem.unit)


def _stray(problem: Problem, ranking: Ranking) -> pd.Series[bool]:
    """Return which sites of a ranking have a plan behind them that breaks a known limit."""
    taken = [flows.weights(problem) @ blocks.astype(np.float64) for blocks in ranking.plans]
    broken = np.any(np.array(taken) > problem.flow_most_mw + _SLACK_MW, axis=1)
    sites = {site for site, place in ranking.plan_of.items() if broken[place]}
    return ranking.table["site_id"].isin(sites)


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
