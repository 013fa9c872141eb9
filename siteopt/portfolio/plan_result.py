"""The optimal plan without tables for people, and the cost of a fixed plan in another problem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from siteopt.portfolio.robust.fixed_plan import fixed_plan_cost
from siteopt.portfolio.search.lazy_flow_limits import solve_on_grid

if TYPE_CHECKING:
    from siteopt.portfolio.inputs import PlanInputs

__all__ = ["PlanResult", "cost_of_fixed_plan", "solve_plan"]


@dataclass(frozen=True, eq=False)
class PlanResult:
    """Status, objective, bound and steps of a solved plan.

    Attributes
    ----------
    status : str
        ``optimal`` within the gap of the scenario, ``feasible`` after the time limit, or
        ``infeasible`` (proven).
    objective, bound : float
        Cost in bn KRW (minus suitable MW where suitability is maximised), and the proven bound on
        it; not numbers where there is no plan.
    steps : DataFrame
        `Plan.steps`: one row a site and year in which blocks begin to run there.
    """

    status: str
    objective: float
    bound: float
    steps: pd.DataFrame


def solve_plan(inputs: PlanInputs) -> PlanResult:
    """Solve for the optimal plan and verify it against the raw tables.

    Parameters
    ----------
    inputs : PlanInputs
        Tables, scenario and grid.

    Raises
    ------
    SolverError
        If there is no plan within the time limit, or it contradicts the raw tables.
    """
    problem, plan = solve_on_grid(inputs.problem(), inputs.scenario.solver, inputs.grid)
    if plan is None:
        return PlanResult("infeasible", float("nan"), float("nan"), pd.DataFrame())
    inputs.check(problem, plan)
    return PlanResult(plan.status, plan.objective, plan.bound, plan.steps(problem))


def cost_of_fixed_plan(inputs: PlanInputs, steps: pd.DataFrame) -> float | None:
    """Return the cost of a fixed plan in another problem, None where it is infeasible there.

    Parameters
    ----------
    inputs : PlanInputs
        Tables, scenario and grid of the other problem.
    steps : DataFrame
        `PlanResult.steps` of a plan.
    """
    found = fixed_plan_cost(inputs.problem(), inputs.grid, steps)
    return found.cost_bn_krw if found.is_feasible else None
