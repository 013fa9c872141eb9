"""The optimal plan: solved, verified against the raw tables, and as tables for people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from siteopt._notebook import Shown
from siteopt.errors import InfeasibleError
from siteopt.portfolio.infeasibility.diagnose import Diagnosis, diagnose
from siteopt.portfolio.search.cross_check import cross_check
from siteopt.portfolio.search.lazy_flow_limits import solve_on_grid

if TYPE_CHECKING:
    from siteopt._arrays import Floats
    from siteopt.portfolio.inputs import PlanInputs
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.grid_oracle import GridLike
    from siteopt.portfolio.search.plan import Plan


__all__ = ["OptimalPlan", "Portfolio", "plan_sites"]


@dataclass(frozen=True, eq=False)
class Portfolio(Shown):
    """A verified plan as tables, for people.

    Attributes
    ----------
    status : str
        ``optimal`` within the gap of the scenario, or ``feasible`` after the time limit.
    objective : float
        Discounted total cost in bn KRW; minus suitable MW where suitability is maximised.
    bound : float
        Proven bound on the objective of any plan.
    gap : float
        Relative optimality gap.
    solver : str
        Name and version.
    chosen : DataFrame
        ``site_id``, ``option_id``, ``open_year``, ``blocks``, ``it_mw``, ``facility_mw``, ``water_m3_day``,
        ``cost_bn_krw``, ``capital_bn_krw``, ``station_id``, ``voltage_kv``.
    steps : DataFrame
        One row a site and year in which blocks begin to run there (`Plan.steps`).
    limits : DataFrame
        The key of every limit (`LimitKey`: ``family``, ``scope``, ``subject``, ``voltage_kv``,
        ``year``, ``side``, and ``snapshot``, ``branches``, ``more`` of flow limits) with what the
        plan uses of it: ``used``, ``at_least``, ``at_most``, ``unit``, ``slack``, ``binds``. Flow limits are found while
        they are needed: a plan knows those that it met, a finished run also those that its
        ranking met.
    grid_account, grid_further : DataFrame or None
        What the plan changes in every snapshot of the grid, and how much more each province can
        draw beside it (`siteopt.grid.GridOracle`); None where flow limits are off.
    checked_by : dict
        Result of the cross-check by a second solver (`CrossCheck.record`).
    flow_prices : DataFrame or None
        ``subject`` (its number), ``bus_id``, ``price``: MW of a flow limit that a MW of load at a
        bus takes; None where flow limits are off.
    energy_bn_krw : float
        What matched clean energy costs all sites together beside the price in their options; 0
        where none is matched.
    """

    status: str
    objective: float
    bound: float
    gap: float
    solver: str
    chosen: pd.DataFrame
    limits: pd.DataFrame
    steps: pd.DataFrame
    grid_account: pd.DataFrame | None = None
    grid_further: pd.DataFrame | None = None
    flow_prices: pd.DataFrame | None = None
    checked_by: dict[str, Any] = field(default_factory=dict)
    energy_bn_krw: float = 0.0

    def within(self, problem: Problem, plan: Plan) -> Portfolio:
        """Return the same plan with its usage of all limits of a problem.

        Parameters
        ----------
        problem : Problem
            With further flow limits, such as those of the ranking.
        plan : Plan
            The plan as blocks by option.
        """
        flows = None if self.grid_account is None else _flow_prices(problem)
        return replace(self, limits=plan.limits(problem), flow_prices=flows)


@dataclass(frozen=True, eq=False)
class OptimalPlan:
    """A plan with its problem.

    Attributes
    ----------
    problem : Problem
        With the flow limits that the plan met.
    plan : Plan
        Blocks by option; what its solving took is left out, for it differs from run to run.
    portfolio : Portfolio
        The same for people.
    """

    problem: Problem
    plan: Plan
    portfolio: Portfolio


Words = Callable[["Problem", "Diagnosis"], tuple[str, str, str]]
"""A diagnosis in words: one line, further lines, and a Korean sentence."""


def _plain_words(problem: Problem, found: Diagnosis) -> tuple[str, str, str]:
    """Return the kinds of limits in conflict by their names."""
    del problem
    return f"no plan meets all limits; in conflict: {', '.join(found.conflict)}", "", ""


def plan_sites(inputs: PlanInputs, words: Words = _plain_words) -> OptimalPlan:
    """Solve for the optimal plan and verify it against the raw tables.

    Parameters
    ----------
    inputs : PlanInputs
        Tables, scenario and grid.
    words : callable, optional
        Diagnosis of a problem without a plan -> message and details of the error; the names of
        the kinds of limits by default.

    Raises
    ------
    InfeasibleError
        If no plan meets the scenario; the message names the limits in conflict.
    SolverError
        If there is no plan within the time limit, or it contradicts the raw tables.
    """
    solver, grid = inputs.scenario.solver, inputs.grid
    problem, plan = solve_on_grid(inputs.problem(), solver, grid)
    if plan is None:
        raise InfeasibleError(*words(problem, diagnose(problem, solver, grid)))
    inputs.check(problem, plan)
    connections = inputs.options[["option_id", "station_id", "voltage_kv"]]
    account, further = _grid_tables(problem, problem.bus_loads(plan.blocks), grid)
    found = Portfolio(
        status=plan.status,
        objective=plan.objective,
        bound=plan.bound,
        gap=plan.gap,
        solver=plan.solver,
        chosen=plan.table(problem).merge(
            connections, on="option_id", how="left", validate="one_to_one"
        ),
        limits=plan.limits(problem),
        steps=plan.steps(problem),
        grid_account=account,
        grid_further=further,
        flow_prices=None if account is None else _flow_prices(problem),
        checked_by=cross_check(problem, plan, solver).record(),
        energy_bn_krw=problem.energy_bn_krw(plan.blocks),
    )
    return OptimalPlan(problem, replace(plan, seconds=0.0, measured={}), found)


def _grid_tables(
    problem: Problem, load_mw: Floats, grid: GridLike | None
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Return the account of the grid under the plan, and what more each province can draw."""
    if grid is None:
        return None, None
    with_sites = problem.province_code[np.unique(problem.site_province)]
    return grid.account(load_mw), grid.further(load_mw, [str(code) for code in with_sites])


def _flow_prices(problem: Problem) -> pd.DataFrame:
    """Return what a MW of load at each bus takes of each known flow limit."""
    numbers = [str(place + 1) for place in range(len(problem.flow_name))]
    return pd.DataFrame(
        {
            "subject": np.repeat(np.array(numbers, dtype=np.str_), len(problem.bus_id)),
            "bus_id": np.tile(problem.bus_id, len(numbers)),
            "price": problem.flow_price.ravel(),
        }
    )
