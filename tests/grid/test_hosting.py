"""Hosting capacity against closed forms and against a PTDF program in another solver's hands."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from siteopt.errors import LayerError
from siteopt.grid.hosting import GridCase, hosting_capacity

BRANCH = ["branch_id", "from_bus", "to_bus", "x_pu", "rate_a_mva", "ratio", "angle_deg", "status"]


def case_of(n, branches, generators, dc_lines=()):
    return GridCase(
        pd.DataFrame({"bus_id": range(1, n + 1), "g_shunt_mw": 0.0}),
        pd.DataFrame(
            [(f"L{i}", a, b, x, rate, 0.0, 0.0, 1) for i, (a, b, x, rate) in enumerate(branches)],
            columns=BRANCH,
        ),
        pd.DataFrame(generators, columns=["bus_id", "p_max_mw"]),
        pd.DataFrame(dc_lines, columns=["from_bus", "to_bus", "status", "p_min_mw", "p_max_mw"]),
    )


def demand_of(*mw):
    return pd.Series(mw, index=range(1, len(mw) + 1), dtype=float)


def hosted(case, demand):
    return hosting_capacity(case, demand).set_index("bus_id")["hosting_mw"]


def test_line_or_generation_limits_two_buses():
    two = case_of(2, [(1, 2, 0.1, 80.0)], [(1, 100.0)])
    assert hosted(two, demand_of(0, 50)).tolist() == pytest.approx([50, 30])


def test_triangle_splits_flow_by_reactance():
    # equal reactances: two thirds of what bus 3 draws from bus 1 takes the direct line
    triangle = case_of(3, [(1, 2, 0.1, 1e4), (2, 3, 0.1, 1e4), (1, 3, 0.1, 60.0)], [(1, 1e3)])
    assert hosted(triangle, demand_of(0, 0, 0))[3] == pytest.approx(90)


def test_dc_line_adds_its_limit():
    pair = case_of(2, [(1, 2, 0.1, 80.0)], [(1, 1e3)], [(1, 2, 1, -20.0, 20.0)])
    assert hosted(pair, demand_of(0, 0))[2] == pytest.approx(100)


def test_dc_line_out_of_service_adds_nothing():
    pair = case_of(2, [(1, 2, 0.1, 80.0)], [(1, 1e3)], [(1, 2, 0, -20.0, 20.0)])
    assert hosted(pair, demand_of(0, 0))[2] == pytest.approx(80)


def by_ptdf(case, demand, bus):
    """Hosting of one bus from shift factors and scipy's linprog, no angles."""
    n = len(case.buses)
    frm, to = case.branches["from_bus"].to_numpy() - 1, case.branches["to_bus"].to_numpy() - 1
    rows = np.arange(len(frm))
    incidence = np.zeros((len(frm), n))
    incidence[rows, frm], incidence[rows, to] = 1, -1
    b = 100.0 / case.branches["x_pu"].to_numpy()
    bus_matrix = incidence.T @ (b[:, None] * incidence)
    ptdf = np.zeros((len(frm), n))
    ptdf[:, 1:] = (b[:, None] * incidence)[:, 1:] @ np.linalg.inv(bus_matrix[1:, 1:])
    gens = np.zeros((n, len(case.generators)))
    gens[case.generators["bus_id"].to_numpy() - 1, np.arange(gens.shape[1])] = 1
    load = np.zeros((n, 1))
    load[bus] = -1
    inject = np.hstack([gens, load])
    base = ptdf @ demand.to_numpy()
    rate = case.branches["rate_a_mva"].to_numpy()
    cost = np.zeros(inject.shape[1])
    cost[-1] = -1
    answer = linprog(
        cost,
        A_ub=np.vstack([ptdf @ inject, -ptdf @ inject]),
        b_ub=np.concatenate([rate + base, rate - base]),
        A_eq=inject.sum(axis=0, keepdims=True),
        b_eq=[demand.sum()],
        bounds=[*((0, p) for p in case.generators["p_max_mw"]), (0, None)],
    )
    return -answer.fun if answer.success else None


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.integers(0, 10_000))
def test_agrees_with_shift_factors(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 8))
    tree = [(int(rng.integers(1, k)), k) for k in range(2, n + 1)]
    more = [tuple(sorted(rng.choice(n, 2, replace=False) + 1)) for _ in range(n // 2)]
    branches = [(a, b, rng.uniform(0.01, 0.2), rng.uniform(50, 200)) for a, b in tree + more]
    gens = [(int(rng.integers(1, n + 1)), rng.uniform(100, 300)) for _ in range(3)]
    case, demand = case_of(n, branches, gens), demand_of(*rng.uniform(0, 20, n))
    expected = [by_ptdf(case, demand, bus) for bus in range(n)]
    if expected[0] is None:
        with pytest.raises(LayerError, match="cannot be served"):
            hosting_capacity(case, demand)
    else:
        assert hosted(case, demand).tolist() == pytest.approx(expected, abs=1e-5)


def test_demand_beyond_ratings_is_named():
    two = case_of(2, [(1, 2, 0.1, 40.0)], [(1, 100.0)])
    with pytest.raises(LayerError, match=r"50 MW cannot be served within branch ratings"):
        hosting_capacity(two, demand_of(0, 50))


def test_branch_without_reactance_is_named():
    with pytest.raises(LayerError, match="x_pu of L0 is 0 or empty"):
        hosting_capacity(case_of(2, [(1, 2, 0.0, 40.0)], [(1, 100.0)]), demand_of(0, 0))


def test_branch_without_rating_is_named():
    with pytest.raises(LayerError, match="rate_a_mva of L0 is 0 or empty"):
        hosting_capacity(case_of(2, [(1, 2, 0.1, np.nan)], [(1, 100.0)]), demand_of(0, 0))


def test_generator_on_no_bus_is_named():
    with pytest.raises(LayerError, match=r"case_generators: row 1 names bus 9"):
        hosting_capacity(case_of(2, [(1, 2, 0.1, 40.0)], [(9, 100.0)]), demand_of(0, 0))


def test_bus_without_demand_is_named():
    with pytest.raises(LayerError, match="no value for bus 2"):
        hosting_capacity(case_of(2, [(1, 2, 0.1, 40.0)], [(1, 100.0)]), demand_of(0))
