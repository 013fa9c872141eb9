"""Reduced-cost fixing, against the listing of all plans and against the whole search."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from siteopt.errors import SolverError
from siteopt.portfolio.search import variable_fixing
from siteopt.portfolio.search.lazy_flow_limits import solve_on_grid
from siteopt.portfolio.search.variable_fixing import solve_by_fixing
from siteopt.portfolio.verification import violations
from tests.portfolio.instances import wide_case
from tests.portfolio.listing import all_plans
from tests.portfolio.random_cases import LIMITS, cases


@pytest.fixture
def small_kernels(monkeypatch):
    """Let the first program be too small for a good plan, so that fixing has to leave options."""
    monkeypatch.setattr(variable_fixing, "_KERNELS", (1, 2))


@pytest.mark.usefixtures("small_kernels")
@settings(max_examples=40)
@given(case=cases(LIMITS))
def test_the_plan_is_the_best_of_all_plans(case):
    problem = case.problem()
    found = solve_by_fixing(problem, case.scenario.solver)
    best = all_plans(case).best()
    if found.plan is None:
        assert np.isinf(best)
        return
    assert found.plan.objective == pytest.approx(best, abs=1e-6)
    assert found.bound <= best + 1e-6
    tables = {"plan": found.plan.table(problem), "steps": found.plan.steps(problem)}
    assert violations(**case.tables, **tables) == []


@settings(max_examples=20)
@given(case=cases(LIMITS))
def test_a_plan_with_a_site_costs_at_least_what_its_reduced_cost_says(case):
    found = solve_by_fixing(case.problem(), case.scenario.solver)
    if found.plan is None:
        return
    plans = all_plans(case)
    for place, least in enumerate(found.site_reduced_cost):
        assert plans.best(with_site=place) >= found.bound + max(least, 0.0) - 1e-6


@pytest.mark.parametrize("seed", range(3))
def test_it_agrees_with_the_whole_search_on_a_large_case(seed):
    case = wide_case(seed)
    problem, solver = case.problem(), case.scenario.solver
    _, whole = solve_on_grid(problem, solver, None)
    found = solve_by_fixing(problem, solver)
    assert found.plan is not None
    assert whole is not None
    slack = 2 * solver.gap * abs(whole.objective)
    assert found.plan.objective == pytest.approx(whole.objective, abs=slack)
    assert found.plan.bound <= found.plan.objective
    assert found.options_left <= problem.options


class NeverServed:
    """A grid that finds another broken limit in every plan."""

    energy = None
    bus_id = ()


def test_plans_that_break_limits_for_ever_are_no_answer(monkeypatch):
    monkeypatch.setattr(variable_fixing, "broken_limits", lambda *_: ["another"])
    monkeypatch.setattr(variable_fixing, "with_limits", lambda problem, _: problem)
    monkeypatch.setattr(variable_fixing, "_ROUNDS", 2)
    case = wide_case(0)
    with pytest.raises(SolverError, match="no plan within the flow limits of the grid in 2 rounds"):
        solve_by_fixing(case.problem(), case.scenario.solver, NeverServed())
