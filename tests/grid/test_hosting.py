"""Hosting capacity against closed forms and against programs over angles in scipy's hands."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.errors import LayerError
from siteopt.grid import hosting
from siteopt.grid.case import case_of_layers
from siteopt.grid.hosting import (
    HOSTING_COLUMNS,
    generation_held_back,
    hosting_capacity,
    injection_capacity,
    operate,
)
from siteopt.grid.snapshots import snapshots_of_layers
from siteopt.grid.system import build_system
from siteopt.layers.store import open_layers
from tests.examples import examples
from tests.grid.grids import Angles, case_of, random_grid, snapshot_of

SEEDS = st.integers(0, 100_000)


def hosted(case, snapshot, security="none"):
    table = hosting_capacity(case, operate(case, snapshot, security))
    assert tuple(table) == HOSTING_COLUMNS
    return table.set_index("bus_id")


def test_line_or_generation_limits_two_buses():
    table = hosted(case_of(2, [(1, 2, 0.1, 80)], [(1, 100)]), snapshot_of(0, 50))
    assert table["hosting_mw"].tolist() == pytest.approx([50, 30])
    # all units together stop the first, the line the second
    assert table["binding_branch"].tolist() == ["", "L0"]
    assert table[["name_ko", "name_en"]].to_numpy().tolist() == [
        ["모선 1", "Bus 1"], ["모선 2", "Bus 2"]
    ]  # fmt: skip


def test_triangle_splits_flow_by_reactance():
    # equal reactances: two thirds of what bus 3 draws from bus 1 takes the direct line
    case = case_of(3, [(1, 2, 0.1, 1e4), (2, 3, 0.1, 1e4), (1, 3, 0.1, 60)], [(1, 1e3)])
    table = hosted(case, snapshot_of(0, 0, 0))
    assert table.loc["3", "hosting_mw"] == pytest.approx(90)
    assert table.loc["3", "binding_branch"] == "L2"


@pytest.mark.parametrize(("status", "expected"), [(1, 100), (0, 80)])
def test_dc_line_in_service_adds_its_limit(status, expected):
    case = case_of(2, [(1, 2, 0.1, 80)], [(1, 1e3)], [(1, 2, -20, 20)])
    case.dc_lines["status"] = status
    assert hosted(case, snapshot_of(0, 0)).loc["2", "hosting_mw"] == pytest.approx(expected)


def test_after_an_outage_the_other_circuit_must_hold_alone():
    two = case_of(2, [(1, 2, 0.1, 80), (1, 2, 0.1, 80)], [(1, 1e3)])
    assert hosted(two, snapshot_of(0, 30)).loc["2", "hosting_mw"] == pytest.approx(130)
    table = hosted(two, snapshot_of(0, 30), "n-1")
    assert table.loc["2", "hosting_mw"] == pytest.approx(50)
    assert table.loc["2", "binding_branch"] == "L0 when L1 is out"


def test_what_an_outage_overloads_today_already_is_allowed():
    # 100 MW on two circuits of 80: one alone would carry 100, and may, but no more
    two = case_of(2, [(1, 2, 0.1, 80), (1, 2, 0.1, 80)], [(1, 1e3)])
    assert hosted(two, snapshot_of(0, 100), "n-1").loc["2", "hosting_mw"] == pytest.approx(
        0, abs=0.02
    )


def test_a_branch_that_feeds_a_bus_alone_is_no_outage():
    line = case_of(2, [(1, 2, 0.1, 80)], [(1, 1e3)])
    assert hosted(line, snapshot_of(0, 0), "n-1").loc["2", "hosting_mw"] == pytest.approx(80)


def test_injection_makes_units_go_down_but_not_sun_in_use():
    # 100 MW of demand; 30 MW of sun stay, so 70 MW of new generation fit
    case = case_of(2, [(1, 2, 0.1, 500)], [(1, 200, 5.0)], sources=[0, 30])
    table = injection_capacity(case, operate(case, snapshot_of(0, 100, sun=1.0)))
    assert table["injection_mw"].tolist() == pytest.approx([70, 70], abs=1e-4)
    assert table["injection_branch"].tolist() == ["", ""]


def test_injection_is_stopped_by_the_line_out():
    case = case_of(2, [(1, 2, 0.1, 40)], [(1, 200, 5.0)])
    table = injection_capacity(case, operate(case, snapshot_of(100, 10)))
    assert table["injection_mw"].tolist() == pytest.approx([110, 50], abs=1e-4)
    assert table["injection_branch"].tolist() == ["", "L0"]


def test_sun_behind_a_full_line_is_curtailed_and_dear_units_run_instead():
    case = case_of(2, [(1, 2, 0.1, 40)], [(1, 200, 5.0)], sources=[0, 90])
    table = generation_held_back(case, operate(case, snapshot_of(100, 10, sun=1.0)))
    # 10 MW are drawn beside the sun and 40 MW leave: 50 of 90 MW are used
    assert table["curtailed_mw"].tolist() == pytest.approx([0, 40], abs=1e-3)
    assert table["held_back_mw"].tolist() == pytest.approx([0, 40], abs=1e-3)


def test_a_cheap_unit_behind_a_full_line_is_held_back():
    case = case_of(2, [(1, 2, 0.1, 40)], [(1, 200, 9.0), (2, 150, 1.0)])
    table = generation_held_back(case, operate(case, snapshot_of(100, 10)))
    assert table["held_back_mw"].tolist() == pytest.approx([0, 60], abs=1e-3)
    assert table["curtailed_mw"].tolist() == [0, 0]


@examples(20)
@given(SEEDS)
def test_agrees_with_a_program_over_angles(seed):
    case, snapshot = random_grid(seed)
    operation = operate(case, snapshot)
    other = Angles(case, snapshot, operation.limits.limit_mw)
    least_sun = np.minimum(operation.today.renewable_mw, operation.available_mw)
    for bus in range(len(case.buses)):
        assert operation.most_withdrawal(bus)[0] == pytest.approx(other.withdrawal(bus), abs=0.02)
        expected = other.injection(bus, least_sun)
        assert operation.most_injection(bus)[0] == pytest.approx(expected, abs=0.02)


@examples(15)
@given(SEEDS)
def test_single_outages_agree_with_networks_built_without_the_branch(seed):
    case, snapshot = random_grid(seed)
    operation = operate(case, snapshot, "n-1")
    other = Angles(case, snapshot, operation.limits.limit_mw).secure(operation)
    least_sun = np.minimum(operation.today.renewable_mw, operation.available_mw)
    for bus in range(len(case.buses)):
        assert operation.most_withdrawal(bus)[0] == pytest.approx(other.withdrawal(bus), abs=0.05)
        expected = other.injection(bus, least_sun)
        assert operation.most_injection(bus)[0] == pytest.approx(expected, abs=0.05)


@examples(15)
@given(SEEDS, st.floats(1.05, 2.0), st.data())
def test_a_higher_rating_never_lowers_hosting(seed, factor, data):
    case, snapshot = random_grid(seed, tight=3.0)
    assert operate(case, snapshot).overloads.empty  # an overload may move to another branch
    branch = data.draw(st.integers(0, len(case.branches) - 1))
    before = hosted(case, snapshot)["hosting_mw"]
    case.branches.loc[branch, "rate_a_mva"] *= factor
    assert (hosted(case, snapshot)["hosting_mw"] >= before - 0.01).all()


def test_a_bus_without_demand_is_named():
    with pytest.raises(LayerError, match="snapshot made: no demand for bus 2; every bus of the"):
        operate(case_of(2, [(1, 2, 0.1, 40)], [(1, 100)]), snapshot_of(0))


# The embedded case.


@pytest.fixture(scope="module")
def korea():
    layers = open_layers()
    case = case_of_layers(layers)
    return case, snapshots_of_layers(layers), build_system(case)


@pytest.mark.national
def test_embedded_peak_is_what_a_program_over_angles_says(korea):
    case, snapshots, system = korea
    operation = operate(case, snapshots["peak"], system=system)
    assert operation.overloads.empty
    other = Angles(case, snapshots["peak"])
    for bus in range(0, len(case.buses), 16):
        found = operation.most_withdrawal(bus)[0]
        assert found == pytest.approx(other.withdrawal(bus), abs=0.05)


@pytest.mark.national
def test_embedded_figures_and_outages_only_lower_them(korea):
    case, snapshots, system = korea
    free = hosting_capacity(case, operate(case, snapshots["peak"], system=system))
    assert len(free) == 193
    first = free.set_index("bus_id").loc["1"]
    assert first["hosting_mw"] == pytest.approx(2515.766, abs=2e-3)
    assert (first["binding_branch"], first["name_en"]) == ("L001", "Cheorwon")
    safe = hosting_capacity(case, operate(case, snapshots["peak"], "n-1", system))
    assert (safe["hosting_mw"] <= free["hosting_mw"] + 0.05).all()
    assert safe["hosting_mw"].sum() == pytest.approx(111_276, abs=20)
    assert (safe["hosting_mw"] < 0.5 * free["hosting_mw"]).mean() > 0.8


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_strands_and_processes_say_the_same_and_count_all_buses(monkeypatch, processes):
    case, snapshot = random_grid(11)
    operation = operate(case, snapshot)
    alone = [operation.most_withdrawal(bus)[0] for bus in range(len(case.buses))]
    monkeypatch.setattr(hosting, "_STRAND", 2)
    counted = []
    table = hosting_capacity(case, operation, processes=processes, progress=counted.append)
    assert table["hosting_mw"].to_numpy() == pytest.approx(alone, abs=1e-4)
    assert table["bus_id"].tolist() == case.buses["bus_id"].tolist()
    assert counted == sorted(counted)
    assert counted[-1] <= len(case.buses)
    if processes == 1:
        assert counted == list(range(1, len(case.buses) + 1))


def test_neighbours_follow_each_other():
    # a chain whose rows are shuffled, and a bus apart
    case = case_of(6, [(4, 1, 0.1, 9), (1, 5, 0.1, 9), (5, 3, 0.1, 9), (3, 6, 0.1, 9)], [(4, 100)])
    system = build_system(case)
    assert hosting._neighbours_next(system, range(6)) == [0, 4, 2, 5, 3, 1]
    assert hosting._neighbours_next(system, [5, 1, 3]) == [5, 3, 1]
