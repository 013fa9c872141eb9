"""The portfolio of a run: program, plan, verification and ranking in one call on tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from siteopt.portfolio.problem import build_problem
from siteopt.portfolio.ranking import rank
from siteopt.portfolio.search import solve
from siteopt.portfolio.verification import verify

if TYPE_CHECKING:
    from siteopt.portfolio.plan import Plan
    from siteopt.portfolio.problem import Problem
    from siteopt.scenario import Scenario

__all__ = ["Answer", "Portfolio", "plan_portfolio"]


@dataclass(frozen=True, eq=False)
class Portfolio:
    """A verified plan as tables, for people.

    Attributes
    ----------
    status : str
        ``optimal`` within the gap that was asked for, or ``feasible`` after the time limit.
    objective_bn_krw : float
        Discounted total cost of the plan.
    bound_bn_krw : float
        Proven: no plan costs less.
    gap : float
        Relative distance of the two.
    chosen : DataFrame
        ``site_id``, ``option_id``, ``station_id``, ``voltage_kv``, ``blocks``, ``it_mw``,
        ``facility_mw``, ``water_m3_day``, ``cost_bn_krw``, ``capital_bn_krw``.
    limits : DataFrame
        Every named limit with what the plan uses of it.
    """

    status: str
    objective_bn_krw: float
    bound_bn_krw: float
    gap: float
    chosen: pd.DataFrame
    limits: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Answer:
    """The plan and the ranking around it."""

    plan: Portfolio
    ranking: pd.DataFrame


def plan_portfolio(  # noqa: PLR0913 - the tables that meet here
    sites: pd.DataFrame,
    described: pd.DataFrame,
    options: pd.DataFrame,
    headroom: pd.DataFrame,
    basins: pd.DataFrame,
    scenario: Scenario,
) -> Answer:
    """Choose the portfolio, check it against the raw tables, and rank every site.

    Parameters
    ----------
    sites, described, options, headroom, basins : DataFrame
        As :func:`siteopt.portfolio.problem.build_problem` takes them; ``options`` also with
        ``voltage_kv``.
    scenario : Scenario
        What is decided.

    Returns
    -------
    Answer
        With the ranking of all sites, best first.

    Raises
    ------
    InfeasibleError
        If no plan meets the scenario; the message names the limits in conflict.
    SolverError
        If the plan contradicts the raw tables.
    """
    problem = build_problem(sites, described, options, headroom, basins, scenario)
    plan = solve(problem, scenario.solver)
    table = plan.table(problem)
    verify(sites, described, options, headroom, basins, scenario, table)
    ranking = rank(problem, plan, scenario.ranking, scenario.solver)
    return Answer(plan=_portfolio(problem, plan, table, options), ranking=ranking.table)


def _portfolio(
    problem: Problem, plan: Plan, table: pd.DataFrame, options: pd.DataFrame
) -> Portfolio:
    connections = options[["option_id", "station_id", "voltage_kv"]]
    return Portfolio(
        status=plan.status,
        objective_bn_krw=plan.objective,
        bound_bn_krw=plan.bound,
        gap=plan.gap,
        chosen=table.merge(connections, on="option_id", how="left", validate="one_to_one"),
        limits=plan.limits(problem),
    )
