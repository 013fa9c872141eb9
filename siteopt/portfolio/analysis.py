"""What is said of a plan besides itself and its ranking: other plans, levels, trade-offs, prices."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, get_args

import numpy as np
import pandas as pd

from siteopt.portfolio.constraints import flows
from siteopt.portfolio.postoptimal.alternatives import alternatives
from siteopt.portfolio.postoptimal.marginal_values import price_limits
from siteopt.portfolio.postoptimal.objectives import measures_of
from siteopt.portfolio.postoptimal.pareto import tradeoffs
from siteopt.portfolio.postoptimal.presence import levels
from siteopt.scenario.alternatives import MeasureName

if TYPE_CHECKING:
    from siteopt._arrays import Ints
    from siteopt.portfolio.inputs import Task
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.plan import Plan
    from siteopt.portfolio.site_values import Valued
    from siteopt.scenario import Scenario


__all__ = ["Further", "look_further"]

_SLACK_MW = 1e-6  # sums of floats, not leniency


@dataclass(frozen=True, eq=False)
class Further:
    """Tables beside the plan; empty where nothing was asked.

    Attributes
    ----------
    alternatives : DataFrame
        One row a plan within a level of the best cost (`Alternatives.table`), and every
        measure of it that the tables tell.
    alternative_sites : DataFrame
        Its sites (`Alternatives.sites`).
    levels : DataFrame
        ``site_id`` and, for each level, whether a site is in all, some or none of the plans
        within it (`levels`).
    tradeoffs : DataFrame
        One row a point of a curve (`Tradeoffs.table`).
    tradeoff_sites : DataFrame
        Its sites (`Tradeoffs.sites`).
    prices : DataFrame or None
        What one more unit of each limit that binds is worth (`price_limits`); None where the
        scenario does not ask.
    """

    alternatives: pd.DataFrame = field(default_factory=pd.DataFrame)
    alternative_sites: pd.DataFrame = field(default_factory=pd.DataFrame)
    levels: pd.DataFrame = field(default_factory=pd.DataFrame)
    tradeoffs: pd.DataFrame = field(default_factory=pd.DataFrame)
    tradeoff_sites: pd.DataFrame = field(default_factory=pd.DataFrame)
    prices: pd.DataFrame | None = None


def look_further(task: Task, plan: Plan, valued: Valued) -> Further:
    """Find alternatives, levels, trade-offs and prices, as far as the scenario asks for them.

    Every plan that is offered is checked against the raw tables, like the plan itself.

    Parameters
    ----------
    task : Task
        Tables, scenario and grid.
    plan : Plan
        The best plan.
    valued : Valued
        The ranking around it.

    Raises
    ------
    SolverError
        If a plan that is offered contradicts the raw tables.
    """
    scenario, grid, problem = task.scenario, task.grid, valued.problem
    asked, met = scenario.alternatives, _served(problem, valued)
    close = alternatives(problem, plan, asked, scenario.solver, grid, met, _districts(task))
    plans = [*(one.plan.blocks for one in close.found), *met]
    sites = levels(close.problem, plan, valued.table, plans, asked.within_pct, grid)
    told = _told(scenario, task.options)
    measures = measures_of(close.problem, task.facts, task.options, told)
    wanted = [one for one in measures if one.name in scenario.tradeoffs.measures]
    curves = tradeoffs(
        close.problem, plan, wanted, scenario.tradeoffs, scenario.solver, grid, measures
    )
    offered = [one.plan for one in close.found] + [point.plan for point in curves.points]
    for one in {item.blocks.tobytes(): item for item in offered}.values():
        task.check(curves.problem, one)
    table = close.table()
    for measure in measures:
        table[measure.name] = [
            measure.told(measure.value(problem, one.plan.blocks)) for one in close.found
        ]
    seconds = scenario.reasons.prices_time_limit_s
    return Further(
        alternatives=table,
        alternative_sites=close.sites(),
        levels=sites,
        tradeoffs=curves.table(),
        tradeoff_sites=curves.sites(),
        prices=price_limits(problem, plan, scenario.solver, grid, seconds) if seconds else None,
    )


def _districts(task: Task) -> dict[str, str]:
    """Return the code of the district of each site, as far as it is known."""
    if "district_code" not in task.sites:
        return {}
    known = task.sites[["site_id", "district_code"]].dropna().astype(str)
    return dict(known.to_numpy().tolist())


def _served(problem: Problem, valued: Valued) -> list[Ints]:
    """Return the plans behind a ranking that break no flow limit known.

    Every one was asked about when the ranking ended, so the others are served.
    """
    load = flows.weights(problem)
    return [
        plan
        for plan in valued.plans.each()
        if np.all(load @ plan.astype(np.float64) <= problem.flow_most_mw + _SLACK_MW)
    ]


def _told(scenario: Scenario, options: pd.DataFrame) -> list[str]:
    """Return the measures that the scenario asks for and any other that the tables tell.

    Suitability is known only where it counts.
    """
    lacks = set()
    if "tco2_year_per_mw" not in options:
        lacks.add("carbon")
    if "fixed_connection_bn_krw" not in options:
        lacks.add("reinforcement")
    aim = scenario.objective
    if aim.kind == "cost" and not aim.suitability_price_bn_krw_per_mw:
        lacks.add("suitability")
    wanted = set(scenario.tradeoffs.measures)
    return [name for name in get_args(MeasureName) if name in wanted or name not in lacks]
