"""The cheapest dispatch against closed forms, a published optimum and piecewise programs."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from siteopt.errors import SolverError
from siteopt.grid.case import read_case
from siteopt.grid.dispatch import least_overload
from siteopt.grid.hosting import hosting_capacity, operate
from siteopt.grid.limits import BranchLimits
from siteopt.grid.system import build_system
from tests.examples import examples
from tests.grid.grids import Angles, case_of, random_grid, shuffled, snapshot_of

GAP_MW = 1e-2
"""A thousandth of a MW of a limit, over a shift factor of a tenth."""

CASE9 = """function mpc = case9
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [
1 3 0 0 0 0 1 1 0 345 1 1.1 0.9; 2 2 0 0 0 0 1 1 0 345 1 1.1 0.9;
3 2 0 0 0 0 1 1 0 345 1 1.1 0.9; 4 1 0 0 0 0 1 1 0 345 1 1.1 0.9;
5 1 90 30 0 0 1 1 0 345 1 1.1 0.9; 6 1 0 0 0 0 1 1 0 345 1 1.1 0.9;
7 1 100 35 0 0 1 1 0 345 1 1.1 0.9; 8 1 0 0 0 0 1 1 0 345 1 1.1 0.9;
9 1 125 50 0 0 1 1 0 345 1 1.1 0.9;
];
mpc.gen = [
1 72.3 27.03 300 -300 1.04 100 1 250 10; 2 163 6.54 300 -300 1.025 100 1 300 10;
3 85 -10.95 300 -300 1.025 100 1 270 10;
];
mpc.branch = [
1 4 0 0.0576 0 250 250 250 0 0 1 -360 360; 4 5 0.017 0.092 0.158 250 250 250 0 0 1 -360 360;
5 6 0.039 0.17 0.358 150 150 150 0 0 1 -360 360; 3 6 0 0.0586 0 300 300 300 0 0 1 -360 360;
6 7 0.0119 0.1008 0.209 150 150 150 0 0 1 -360 360; 7 8 0.0085 0.072 0.149 250 250 250 0 0 1 -360 360;
8 2 0 0.0625 0 250 250 250 0 0 1 -360 360; 8 9 0.032 0.161 0.306 250 250 250 0 0 1 -360 360;
9 4 0.01 0.085 0.176 250 250 250 0 0 1 -360 360;
];
mpc.gencost = [2 1500 0 3 0.11 5 150; 2 2000 0 3 0.085 1.2 600; 2 3000 0 3 0.1225 1 335];
"""
"""MATPOWER's case9 (Chow); its DC optimal power flow costs 5216.03 an hour, 1085 of it fixed."""


def test_published_optimum_of_case9(tmp_path):
    (tmp_path / "case9.m").write_text(CASE9, encoding="utf-8")
    case = read_case(tmp_path)
    demand = case.buses["p_load_mw"].to_numpy()
    operation = operate(case, snapshot_of(*demand))
    assert operation.today.cost_krw_h + 1085 == pytest.approx(5216.03, abs=0.01)
    assert operation.today.unit_mw == pytest.approx([86.56, 134.38, 94.06], abs=0.01)


def test_two_units_share_at_equal_marginal_cost():
    # 10 + 2 p = 20 + p' at p + p' = 100: p = 110 / 3
    case = case_of(2, [(1, 2, 0.1, 500)], [(1, 100, 10.0, 1.0), (2, 100, 20.0, 0.5)])
    today = operate(case, snapshot_of(0, 100)).today
    assert today.unit_mw == pytest.approx([110 / 3, 190 / 3], abs=1e-4)
    p, q = 110 / 3, 190 / 3
    assert today.cost_krw_h == pytest.approx(10 * p + p**2 + 20 * q + 0.5 * q**2)
    assert today.flow_mw == pytest.approx([110 / 3], abs=1e-4)


def test_a_full_line_parts_the_marginal_costs():
    case = case_of(2, [(1, 2, 0.1, 30)], [(1, 100, 10.0, 1.0), (2, 100, 20.0, 0.5)])
    operation = operate(case, snapshot_of(0, 100))
    assert operation.today.unit_mw == pytest.approx([30, 70], abs=2e-3)
    free = operation.cheapest(limited=False)
    assert free.unit_mw == pytest.approx([110 / 3, 190 / 3], abs=1e-4)
    # new load at the dear end finds the line full
    more = operation.cheapest(np.array([0.0, 20.0]))
    assert more.unit_mw == pytest.approx([30, 90], abs=2e-3)


def test_units_of_one_cost_run_at_one_share_of_their_most():
    # 30 MW of the cheap unit, then 90 MW from 60, 120 and 180 MW: a quarter of each
    branches = [(1, 2, 0.1, 500), (2, 3, 0.2, 500), (1, 3, 0.3, 500)]
    units = [(1, 60, 8.0), (2, 120, 8.0), (3, 180, 8.0), (3, 30, 2.0), (1, 90, 9.0)]
    today = operate(case_of(3, branches, units), snapshot_of(50, 40, 30)).today
    assert today.unit_mw == pytest.approx([15, 30, 45, 30, 0], abs=1e-5)
    assert today.cost_krw_h == pytest.approx(90 * 8 + 30 * 2)
    assert not today.decided


def test_a_full_line_parts_the_shares():
    # the line holds the first unit at 10 MW; the others share 80 MW of 100 and 300 MW
    case = case_of(2, [(1, 2, 0.1, 10)], [(1, 100, 5.0), (2, 100, 5.0), (2, 300, 5.0)])
    today = operate(case, snapshot_of(0, 90)).today
    assert today.unit_mw == pytest.approx([10, 20, 60], abs=1e-5)


def test_without_costs_all_run_at_one_share():
    case = case_of(2, [(1, 2, 0.1, 500)], [(1, 100), (2, 300)], sources=[40, 0])
    today = operate(case, snapshot_of(0, 110, sun=1.0)).today
    assert today.unit_mw == pytest.approx([25, 75], abs=1e-5)
    assert today.renewable_mw == pytest.approx([10, 0], abs=1e-5)
    assert not today.decided


def test_costs_decide_where_only_twins_at_one_bus_tie():
    case = case_of(2, [(1, 2, 0.1, 500)], [(1, 100, 5.0), (1, 100, 5.0), (2, 100, 6.0)])
    today = operate(case, snapshot_of(0, 90)).today
    assert today.decided
    assert today.flow_mw == pytest.approx([90], abs=1e-3)


def test_a_least_overload_is_shared_by_the_ratings():
    # two lines of 30 and 60 MW bring 120 MW: 30 too much, whoever brings it
    case = case_of(3, [(1, 3, 0.1, 30), (2, 3, 0.1, 60)], [(1, 200), (2, 200)])
    operation = operate(case, snapshot_of(0, 0, 120))
    assert operation.overloads.to_dict() == pytest.approx({"L0": 10, "L1": 20}, abs=1e-4)


def alike(seed):
    """Return a random grid where several units cost the same, or all cost nothing."""
    case, snapshot = random_grid(seed, tight=[1.0, 0.5, 0.3][seed % 3])
    units = case.generators
    units = pd.concat(
        [units, units.assign(bus_id=units["bus_id"].to_numpy()[::-1])], ignore_index=True
    )
    if seed % 4:
        units["cost_krw_mw2h"] = 0.0
        units["cost_krw_mwh"] = {1: 0.0, 2: 5.0, 3: units["cost_krw_mwh"].round() % 2 + 1}[seed % 4]
    units["generator_id"] = [f"G{row}" for row in range(len(units))]
    return dataclasses.replace(case, generators=units), snapshot


@examples(25)
@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_order_of_rows_does_not_matter(seed, order):
    case, snapshot = alike(seed)
    told = []
    for one in (case, shuffled(case, np.random.default_rng(order))):
        operation = operate(one, snapshot, "n-1")
        ids = [str(name) for name in operation.system.net.branch_id]
        told.append(
            pd.concat(
                [
                    pd.Series(operation.today.flow_mw, ids),
                    pd.Series(operation.limits.limit_mw, ids).add_prefix("limit "),
                    hosting_capacity(one, operation).set_index("bus_id")["hosting_mw"],
                ]
            )
        )
    gap = (told[0] - told[1].reindex(told[0].index)).abs()
    assert gap.max() < GAP_MW


def test_dc_lines_carry_what_pays():
    case = case_of(2, [(1, 2, 0.1, 30)], [(1, 200, 1.0), (2, 200, 9.0)], [(2, 1, -25, 10)])
    today = operate(case, snapshot_of(0, 100)).today
    assert today.link_mw == pytest.approx([-25], abs=1e-3)
    assert today.unit_mw == pytest.approx([55, 45], abs=2e-3)


def test_loads_that_cannot_be_served_are_an_error():
    operation = operate(case_of(2, [(1, 2, 0.1, 30)], [(1, 100, 1.0)]), snapshot_of(0, 10))
    with pytest.raises(SolverError, match=r"cheapest dispatch: .*Infeasible.*optimal one was exp"):
        operation.cheapest(np.array([0.0, 40.0]))


def by_chords(case, snapshot, base_limit, pieces=200):
    """Return the least cost with chords in place of curves, and how far it can be above."""
    units = case.generators
    other = Angles(case, snapshot, base_limit)
    dear = [
        (row, unit.cost_krw_mwh, unit.cost_krw_mw2h, unit.p_max_mw)
        for row, unit in enumerate(units.itertuples())
    ]
    # units cut into pieces, each at the slope in its middle: exact at the ends of the pieces
    split = case_of(
        len(case.buses), [], [
            (units["bus_id"].iloc[row], most / pieces, c1 + c2 * (2 * k + 1) * most / pieces)
            for row, c1, c2, most in dear for k in range(pieces)
        ],
    )  # fmt: skip
    fine = type(case)(case.buses, case.branches, split.generators, case.dc_lines, case.base_mva)
    program = Angles(fine, snapshot, other.base_limit)
    found = program.solve(
        np.zeros(program.n), [(0, 0)] * program.n, cost=split.generators["cost_krw_mwh"].to_numpy()
    )
    assert found.success
    return found.fun, sum(c2 * (most / pieces) ** 2 / 4 for _, _, c2, most in dear)


@examples(15)
@given(st.integers(0, 100_000))
def test_costs_what_a_program_of_fine_pieces_costs(seed):
    case, snapshot = random_grid(seed)
    operation = operate(case, snapshot)
    above, gap = by_chords(case, snapshot, operation.limits.limit_mw)
    # the chord program is above the true cost by at most the gap
    assert above - gap - 0.02 <= operation.today.cost_krw_h <= above + 0.02
    put_in = operation.today.of_buses(operation.system)
    assert put_in.sum() == pytest.approx(operation._drawn.sum(), abs=1e-4)


@examples(25)
@given(st.integers(0, 100_000))
def test_least_overload_is_that_of_an_elastic_program(seed):
    case, snapshot = random_grid(seed, tight=0.4)
    other = Angles(case, snapshot)
    system = build_system(case)
    limits = BranchLimits(system, other.drawn)
    over, places = least_overload(system, other.drawn, other.available, limits)
    assert over.sum() == pytest.approx(other.least_overload(), abs=1e-4)
    assert {place.branch for place in places} >= set(np.flatnonzero(over))
    # with just that more the demand can be served
    raised = Angles(case, snapshot, other.rate + over + 1e-6)
    assert raised.can_serve(np.zeros(raised.n))


def test_pieces_of_this_file_are_right():
    """The chords of p^2 at two pieces of 0..10 cost 25 at 5 MW, as p^2 does."""
    case = case_of(2, [(1, 2, 0.1, 50)], [(1, 10, 0.0, 1.0)])
    assert by_chords(case, snapshot_of(0, 5), None, pieces=2) == pytest.approx((25, 6.25))
    found = linprog([5, 15], A_eq=[[1, 1]], b_eq=[5], bounds=[(0, 5)] * 2)
    assert found.fun == pytest.approx(25)


def test_a_dispatch_that_is_asked_for_twice_is_solved_once():
    case = case_of(2, [(1, 2, 0.1, 100.0)], [(1, 200.0, 10.0), (2, 200.0, 20.0)])
    operation = operate(case, snapshot_of(0.0, 50.0))
    first = operation.cheapest(np.array([0.0, 20.0]))
    assert operation.cheapest(np.array([0.0, 20.0])) is first
    other = operation.cheapest(np.array([0.0, 30.0]))
    assert other.of_buses(operation.system).sum() == pytest.approx(80.0)
    assert first.of_buses(operation.system).sum() == pytest.approx(70.0)
