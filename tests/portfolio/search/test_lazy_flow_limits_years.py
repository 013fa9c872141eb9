"""The portfolio of several years on a grid, where every year has to be served."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.portfolio import solve
from siteopt.portfolio.search.lazy_flow_limits import rank_on_grid, solve_on_grid
from siteopt.scenario import Ranking as Settings
from tests.portfolio.figures import check_figures
from tests.portfolio.grids import RowGrid
from tests.portfolio.instances import Flow, Link, Place, examples, make_case
from tests.portfolio.listing import all_plans
from tests.portfolio.random_years import random_years

SEEDS = st.integers(0, 2**32 - 1)
SOME = ("flows", "spacing")


def hidden(seed, *, grows):
    """Return a case that knows no flow limits, a grid that hides them, and the case that does.

    The grid is the same in every year.
    """
    case = random_years(seed, SOME, grows=grows, small=True)
    years = case.scenario.target.years
    known = [replace(flow, year=year) for flow in case.flows for year in years]
    return replace(case, flows=()), RowGrid(case.buses, case.flows), replace(case, flows=known)


def best_on(case, grid):
    """Return the objective of the best plan that the grid serves in every year."""
    problem, plan = solve_on_grid(case.problem(), case.scenario.solver, grid)
    if plan is None:
        return np.inf
    assert plan.status == "optimal"
    assert not grid.broken(problem.yearly_bus_loads(plan.blocks))
    return plan.objective


@pytest.mark.parametrize("grows", [True, False], ids=["growing", "fixed"])
def test_the_plan_is_the_best_of_those_that_the_grid_serves_in_every_year(grows):
    @examples(15)
    @given(seed=SEEDS)
    def holds(seed):
        case, grid, known = hidden(seed, grows=grows)
        assert best_on(case, grid) == pytest.approx(all_plans(known).best(), abs=1e-6)

    holds()


@pytest.mark.parametrize("grows", [True, False], ids=["growing", "fixed"])
def test_a_ranking_on_the_grid_counts_plans_that_it_serves_in_every_year(grows):
    ranked = []

    @examples(6)
    @given(seed=SEEDS)
    def holds(seed):
        case, grid, known = hidden(seed, grows=grows)
        solver = case.scenario.solver
        problem, plan = solve_on_grid(case.problem(), solver, grid)
        if plan is not None:
            _, ranking = rank_on_grid(problem, plan, Settings(), solver, grid)
            check_figures(known, ranking)
            ranked.append(len(ranking.table))

    holds()
    assert sum(ranked) > 1


# The cheap site at N1 overloads a line, which a load at N2 relieves; that comes in 2035 only.
RELIEF = make_case(
    [
        Place(land_mw=40.0, links=(Link("N1", fixed=1.0),)),
        Place(land_mw=40.0, links=(Link("N2", fixed=2.0, years=9.0),)),
        Place(land_mw=40.0, links=(Link("N3", fixed=60.0),)),
    ],
    target_mw=80.0,
    early_mw={2034: 40.0},
    buses={"N1": "1", "N2": "2"},
    discount_pct=100.0,
)
LINE = Flow({"1": 1.0, "2": -1.0}, 25.0)


def test_a_line_that_only_an_early_year_overloads_is_kept_in_that_year():
    grid = RowGrid(RELIEF.buses, (LINE,))
    alone = solve(RELIEF.problem(), RELIEF.scenario.solver)
    last, early = (RELIEF.problem().yearly_bus_loads(alone.blocks)[year] for year in (-1, 0))
    assert not grid.broken([last])
    assert grid.broken([early])
    problem, plan = solve_on_grid(RELIEF.problem(), RELIEF.scenario.solver, grid)
    assert 0 in problem.flow_year
    known = replace(RELIEF, flows=[replace(LINE, year=year) for year in (2034, 2035)])
    assert plan.objective == pytest.approx(all_plans(known).best())
    assert plan.objective > alone.objective + 1
    assert not grid.broken(problem.yearly_bus_loads(plan.blocks))
