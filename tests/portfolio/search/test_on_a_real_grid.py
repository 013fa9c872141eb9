"""The portfolio on a small grid case, against every plan asked of another program."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from siteopt.grid.case import GridCase
from siteopt.grid.siting import SitingGrid
from siteopt.grid.snapshots import Snapshot
from siteopt.portfolio.search.lazy_flow_limits import rank_on_grid, solve_on_grid
from siteopt.scenario import Ranking as Settings
from tests.portfolio.figures import check_figures
from tests.portfolio.instances import Link, Place, make_case
from tests.portfolio.listing import all_plans

BUSES = ["1", "2", "3", "4"]
SERVES = dict(zip(["N1", "N2", "N3", "N4"], BUSES, strict=True))
NEAR = 0.05
"""Loads that lack less than so many MW are no fair question: the two programs may differ."""


def grid_of(seed):
    """Return a ring of four buses with a chord, units at two of them, and two hours of it."""
    rng = np.random.default_rng(seed)
    ends = [("1", "2"), ("2", "3"), ("3", "4"), ("4", "1"), ("1", "3")]
    branches = pd.DataFrame(ends, columns=["from_bus", "to_bus"]).assign(
        branch_id=[f"L{number}" for number in range(5)],
        x_pu=rng.choice([0.05, 0.1, 0.2], 5),
        rate_a_mva=rng.choice([25.0, 40.0, 55.0], 5),
        ratio=0.0,
        angle_deg=0.0,
        status=1,
    )
    buses = pd.DataFrame({"bus_id": BUSES, "province_code": "46", "g_shunt_mw": 0.0})
    units = pd.DataFrame({"bus_id": ["1", "4"], "p_max_mw": rng.choice([60.0, 90.0, 130.0], 2)})
    units = units.assign(cost_krw_mwh=[10.0, 20.0], cost_krw_mw2h=0.01)
    columns = ["dc_line_id", "from_bus", "to_bus", "status", "p_min_mw", "p_max_mw"]
    buses = buses.assign(solar_mw=[0.0, 40.0, 0.0, 0.0], wind_mw=0.0)
    case = GridCase(buses, branches, units, pd.DataFrame(columns=columns))
    sun = pd.Series([0.0, 0.5, 0.0, 0.0], index=BUSES)
    hours = {
        name: Snapshot(name, name, name, 1, counted, pd.Series(drawn, index=BUSES), sun, 0.0 * sun)
        for name, counted, drawn in (
            ("night", False, rng.choice([0.0, 10.0, 15.0], 4)),
            ("noon", True, rng.choice([0.0, 10.0, 20.0], 4)),
        )
    }
    return SitingGrid.open(case, hours)


def missing_mw(grid, load):
    """Return how much of a load cannot be served in the worst hour, by angles and linprog."""
    case = grid.case
    start = case.branches["from_bus"].map(BUSES.index).to_numpy()
    end = case.branches["to_bus"].map(BUSES.index).to_numpy()
    along = np.zeros((5, 4))
    along[np.arange(5), start], along[np.arange(5), end] = 1.0, -1.0
    flow = 100.0 / case.branches["x_pu"].to_numpy()[:, None] * along
    units = np.zeros((4, 2))
    units[[0, 3], [0, 1]] = 1.0
    rate = case.branches["rate_a_mva"].to_numpy()
    worst = 0.0
    for hour in grid.snapshots.values():
        # Columns: angles, units, sun, what is missing at each bus.
        balance = np.hstack([-along.T @ flow, units, np.eye(4), np.eye(4)])
        limits = np.hstack([flow, np.zeros((5, 10))])
        bounds = [(0, 0), *[(None, None)] * 3, *[(0, most) for most in case.generators["p_max_mw"]]]
        bounds += [(0, most) for most in hour.available_mw(case.buses)] + [(0, None)] * 4
        answer = linprog(
            np.repeat([0.0, 1.0], [10, 4]),
            A_ub=np.vstack([limits, -limits]),
            b_ub=np.concatenate([rate, rate]),
            A_eq=balance,
            b_eq=hour.demand_mw.to_numpy() + load,
            bounds=bounds,
        )
        worst = max(worst, float(answer.fun))
    return worst


def case_of(seed):
    """Return four sites, each with two connections, on the buses of the case."""
    rng = np.random.default_rng(1000 + seed)
    places = [
        Place(
            land_mw=40.0,
            links=tuple(
                Link(f"N{bus}", fixed=float(rng.integers(0, 41)) / 2)
                for bus in rng.choice([1, 2, 3, 4], 2, replace=False)
            ),
        )
        for _ in range(4)
    ]
    return make_case(places, target_mw=60.0, buses=SERVES)


def served_by(grid, fair):
    """Return a judge of listed plans; ``fair`` takes what is missing where there is any."""

    def among(plans):
        loads = np.array([plans.load_mw[bus] for bus in BUSES]).T
        different, place = np.unique(loads, axis=0, return_inverse=True)
        missing = np.array([missing_mw(grid, load) for load in different])
        fair.extend(missing[missing > 1e-6])
        return (missing <= 1e-6)[place.ravel()]

    return among


@pytest.mark.parametrize(
    ("seed", "stopped"),
    [
        (2, "the best plan"),
        (10, "all plans"),
        pytest.param(1, "no plan that matters", marks=pytest.mark.slow),
        pytest.param(15, "the best plan", marks=pytest.mark.slow),
    ],
)
def test_plan_and_ranking_are_those_of_the_plans_that_a_program_of_angles_serves(seed, stopped):
    case, grid = case_of(seed), grid_of(seed)
    assert all(operation.overloads.empty for operation in grid.operations.values())
    plans, fair = all_plans(case), []
    among = served_by(grid, fair)
    best = plans.best(among=among(plans))
    assert min(fair) > NEAR
    assert (best > plans.best() + 1e-6) == (stopped != "no plan that matters")
    assert np.isinf(best) == (stopped == "all plans")
    problem = case.problem()
    assert problem.bus_id.tolist() == grid.bus_id
    problem, plan = solve_on_grid(problem, case.scenario.solver, grid)
    if plan is None:
        assert best == np.inf
        return
    assert plan.objective == pytest.approx(best, abs=1e-6)
    grid.verify(problem.bus_loads(plan.blocks))
    _, ranking = rank_on_grid(problem, plan, Settings(), case.scenario.solver, grid)
    assert ranking.complete
    check_figures(case, ranking, among=among)
