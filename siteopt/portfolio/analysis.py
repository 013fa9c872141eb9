"""Post-optimal analysis of a plan: alternatives (MGA), presence, Pareto fronts, marginal values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, get_args

import numpy as np
import pandas as pd

from siteopt.portfolio.constraints import flows
from siteopt.portfolio.postoptimal.alternatives import near_optimal_plans
from siteopt.portfolio.postoptimal.marginal_values import marginal_values
from siteopt.portfolio.postoptimal.objectives import build_measures
from siteopt.portfolio.postoptimal.pareto import pareto_fronts
from siteopt.portfolio.postoptimal.presence import presence_classes
from siteopt.scenario.alternatives import MeasureName

if TYPE_CHECKING:
    from siteopt._arrays import Ints
    from siteopt.portfolio.inputs import PlanInputs
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.plan import Plan
    from siteopt.portfolio.site_values import SiteValues
    from siteopt.scenario import Scenario


__all__ = ["Further", "analyse_plan"]

_SLACK_MW = 1e-6  # rounding of sums of floats


@dataclass(frozen=True, eq=False)
class Further:
    """Post-optimal analysis of a plan; tables are empty where the scenario has no section for them.

    Attributes
    ----------
    alternatives : DataFrame
        One row a near-optimal plan (`NearOptimalPlans.table`), with every measure that the
        tables allow.
    alternative_sites : DataFrame
        Its sites (`NearOptimalPlans.sites`).
    levels : DataFrame
        ``site_id`` and, for each cost ceiling, the presence class of a site (`presence_classes`).
    tradeoffs : DataFrame
        One row a Pareto point (`ParetoFronts.table`).
    tradeoff_sites : DataFrame
        Its sites (`ParetoFronts.sites`).
    prices : DataFrame or None
        Marginal values of the binding limits (`marginal_values`); None where the scenario gives
        them no time.
    """

    alternatives: pd.DataFrame = field(default_factory=pd.DataFrame)
    alternative_sites: pd.DataFrame = field(default_factory=pd.DataFrame)
    levels: pd.DataFrame = field(default_factory=pd.DataFrame)
    tradeoffs: pd.DataFrame = field(default_factory=pd.DataFrame)
    tradeoff_sites: pd.DataFrame = field(default_factory=pd.DataFrame)
    prices: pd.DataFrame | None = None


def analyse_plan(inputs: PlanInputs, plan: Plan, values: SiteValues) -> Further:
    """Analyse a plan: near-optimal alternatives, presence, Pareto fronts and marginal values.

    Every plan of the result is verified against the raw tables, like the plan itself.

    Parameters
    ----------
    inputs : PlanInputs
        Tables, scenario and grid.
    plan : Plan
        The best plan.
    values : SiteValues
        The ranking of all sites.

    Raises
    ------
    SolverError
        If a plan contradicts the raw tables.
    """
    scenario, grid, problem = inputs.scenario, inputs.grid, values.problem
    settings, met = scenario.alternatives, _served(problem, values)
    close = near_optimal_plans(
        problem, plan, settings, scenario.solver, grid, met, _districts(inputs)
    )
    plans = [*(one.plan.blocks for one in close.found), *met]
    sites = presence_classes(close.problem, plan, values.table, plans, settings.within_pct, grid)
    names = _computable_measures(scenario, inputs.options)
    measures = build_measures(close.problem, inputs.facts, inputs.options, names)
    wanted = [one for one in measures if one.name in scenario.tradeoffs.measures]
    curves = pareto_fronts(
        close.problem, plan, wanted, scenario.tradeoffs, scenario.solver, grid, measures
    )
    offered = [one.plan for one in close.found] + [point.plan for point in curves.points]
    for one in {item.blocks.tobytes(): item for item in offered}.values():
        inputs.check(curves.problem, one)
    table = close.table()
    for measure in measures:
        table[measure.name] = [
            measure.as_displayed(measure.value(problem, one.plan.blocks)) for one in close.found
        ]
    seconds = scenario.reasons.prices_time_limit_s
    return Further(
        alternatives=table,
        alternative_sites=close.sites(),
        levels=sites,
        tradeoffs=curves.table(),
        tradeoff_sites=curves.sites(),
        prices=marginal_values(problem, plan, scenario.solver, grid, seconds) if seconds else None,
    )


def _districts(inputs: PlanInputs) -> dict[str, str]:
    """Return the code of the district of each site, as far as it is known."""
    if "district_code" not in inputs.sites:
        return {}
    known = inputs.sites[["site_id", "district_code"]].dropna().astype(str)
    return dict(known.to_numpy().tolist())


def _served(problem: Problem, values: SiteValues) -> list[Ints]:
    """Return the plan pool of a ranking without the plans that violate a separated flow limit.

    All of them were separated when the ranking ended, so the rest is feasible on the grid.
    """
    load = flows.weights(problem)
    return [
        plan
        for plan in values.plans.each()
        if np.all(load @ plan.astype(np.float64) <= problem.flow_most_mw + _SLACK_MW)
    ]


def _computable_measures(scenario: Scenario, options: pd.DataFrame) -> list[str]:
    """Return the measures of the scenario and any other that the tables allow.

    Suitability is scored only where it counts.
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
