"""The check of a dispatch: a right one passes, each kind of wrong one is named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from siteopt.grid import verification
from siteopt.grid.case import GridCase, case_of_layers
from siteopt.grid.dispatch import Dispatch
from siteopt.grid.system import build_system
from siteopt.grid.verification import dispatch_faults
from siteopt.layers.store import open_layers

BRANCHES = ["branch_id", "from_bus", "to_bus", "x_pu", "rate_a_mva", "ratio", "angle_deg", "status"]


def triangle(rate=100.0, *more, angle=0.0, p_max=200.0):
    """Three buses in a ring of equal branches, a unit at the first, a DC line beside L3."""
    rows = [
        ("L1", 1, 2, 0.1, rate, 0.0, 0.0, 1),
        ("L2", 2, 3, 0.1, rate, 0.0, 0.0, 1),
        ("L3", 1, 3, 0.1, rate, 0.0, angle, 1),
        *more,
    ]
    buses = sorted({bus for row in rows for bus in row[1:3]})
    return GridCase(
        buses=pd.DataFrame({"bus_id": buses, "g_shunt_mw": 0.0}),
        branches=pd.DataFrame(rows, columns=BRANCHES),
        generators=pd.DataFrame({"bus_id": [1], "p_max_mw": [p_max]}),
        dc_lines=pd.DataFrame(
            [("D1", 1, 3, 1, -50.0, 50.0), ("D2", 1, 3, 0, 0.0, 0.0)],
            columns=["dc_line_id", "from_bus", "to_bus", "status", "p_min_mw", "p_max_mw"],
        ),
    )


SUN = np.array([0.0, 30.0, 0.0])
DRAWN = np.array([0.0, 30.0, 60.0])


def dispatch(unit=60.0, sun=30.0, link=0.0):
    """The sun of bus 2 serves its demand, the unit that of bus 3: 40 MW on L3, 20 on the others."""
    nothing = np.full(3, np.nan)
    return Dispatch(np.array([unit]), np.array([link]), np.array([0.0, sun, 0.0]), nothing, 0.0)


def test_a_right_dispatch_has_no_fault():
    assert dispatch_faults(triangle(), DRAWN, SUN, dispatch()) == []
    assert dispatch_faults(triangle(40.0), DRAWN, SUN, dispatch()) == []  # to the last MW


@pytest.mark.parametrize(
    ("case", "drawn", "wrong", "sentence"),
    [
        (triangle(p_max=50.0), DRAWN, dispatch(), "unit 1 gives 60.0 of 50.0 MW"),
        (triangle(), [-90.0, 30.0, 60.0], dispatch(unit=-30.0), "unit 1 gives -30.0 of 200.0 MW"),
        (
            triangle(),
            [0.0, 35.0, 60.0],
            dispatch(sun=35.0),
            "solar and wind of bus 2 are out of their range",
        ),
        (
            triangle(),
            DRAWN,
            dispatch(unit=95.0, sun=-5.0),
            "solar and wind of bus 2 are out of their range",
        ),
        (
            triangle(),
            DRAWN,
            dispatch(link=60.0),
            "DC line D1 carries 60.0 MW, outside -50 to 50",
        ),
        (
            triangle(),
            DRAWN,
            dispatch(link=-51.0),
            "DC line D1 carries -51.0 MW, outside -50 to 50",
        ),
        (triangle(39.8), DRAWN, dispatch(), "branch L3 carries 40.0 of 39.8 MW"),
    ],
    ids=["unit", "unit below 0", "sun", "sun below 0", "DC line", "DC line back", "branch"],
)
def test_each_kind_of_fault_is_named_alone(case, drawn, wrong, sentence):
    assert dispatch_faults(case, np.array(drawn), SUN, wrong) == [sentence]


def test_sources_that_do_not_meet_the_demand_are_a_fault():
    found = dispatch_faults(triangle(), DRAWN, SUN, dispatch(unit=61.0))
    assert found == ["sources and demand differ by 1.000 MW"]
    shunt = triangle()
    shunt = replace(shunt, buses=shunt.buses.assign(g_shunt_mw=[0.0, 0.0, 1.0]))
    assert dispatch_faults(shunt, DRAWN, SUN, dispatch(unit=61.0)) == []


def test_an_overload_that_is_allowed_is_no_fault():
    case = triangle(30.0)
    assert dispatch_faults(case, DRAWN, SUN, dispatch(), overloads={"L3": 10.0}) == []
    assert len(dispatch_faults(case, DRAWN, SUN, dispatch(), overloads={"L3": 9.0})) == 1
    assert len(dispatch_faults(case, DRAWN, SUN, dispatch(), overloads={"L2": 10.0})) == 1


def test_a_dc_line_takes_its_power_off_the_branches():
    # 30 MW on the DC line leave 30, of which L3 carries two thirds.
    assert dispatch_faults(triangle(20.0), DRAWN, SUN, dispatch(link=30.0)) == []
    found = dispatch_faults(triangle(19.0), DRAWN, SUN, dispatch(link=30.0))
    assert found == ["branch L3 carries 20.0 of 19.0 MW"]


def test_a_transformer_tap_and_a_phase_shifter_count():
    # L3 with a tap of 2 is as long as the way around.
    case = triangle(31.0)
    case.branches.loc[2, "ratio"] = 2.0
    assert dispatch_faults(case, DRAWN, SUN, dispatch()) == []
    # In a ring of 0.3 pu a shift of 0.03 rad drives 100 MVA x 0.03 / 0.3 = 10 MW around.
    angle = np.rad2deg(0.03)
    assert dispatch_faults(triangle(31.0, angle=angle), DRAWN, SUN, dispatch()) == []
    found = dispatch_faults(triangle(45.0, angle=-angle), DRAWN, SUN, dispatch())
    assert found == ["branch L3 carries 50.0 of 45.0 MW"]


def test_a_branch_out_of_service_carries_nothing():
    idle = ("L4", 1, 3, 0.001, 1.0, 0.0, 0.0, 0)
    assert dispatch_faults(triangle(40.0, idle), DRAWN, SUN, dispatch()) == []


TODAY = (np.array([0.0, 30.0, 30.0]), dispatch(unit=30.0))


def test_after_an_outage_no_branch_carries_more_than_its_rating_or_what_it_does_today():
    # Without L3 all 60 MW go around; without L1 or L2 they go over L3.
    case = triangle(50.0)
    assert dispatch_faults(case, DRAWN, SUN, dispatch()) == []
    found = dispatch_faults(case, DRAWN, SUN, dispatch(), today=TODAY)
    assert found == [
        "branch L3 carries 60.0 of 50.0 MW when L1 is out",
        "branch L3 carries 60.0 of 50.0 MW when L2 is out",
        "branch L1 carries 60.0 of 50.0 MW when L3 is out",
        "branch L2 carries 60.0 of 50.0 MW when L3 is out",
    ]
    before = (np.array([0.0, 30.0, 55.0]), dispatch(unit=55.0))
    found = dispatch_faults(case, DRAWN, SUN, dispatch(), today=before)
    assert found[0] == "branch L3 carries 60.0 of 55.0 MW when L1 is out"
    assert dispatch_faults(case, DRAWN, SUN, dispatch(), today=(DRAWN, dispatch())) == []
    assert dispatch_faults(triangle(60.0), DRAWN, SUN, dispatch(), today=TODAY) == []


def test_an_outage_that_splits_the_network_is_not_looked_at():
    case = triangle(60.0, ("L4", 3, 4, 0.1, 60.0, 0.0, 0.0, 1))
    drawn, sun = np.array([0.0, 30.0, 0.0, 60.0]), np.array([0.0, 30.0, 0.0, 0.0])
    plan = replace(dispatch(), renewable_mw=sun)
    before = (drawn / 2, replace(dispatch(unit=30.0), renewable_mw=sun / 2))
    assert dispatch_faults(case, drawn, sun, plan, today=before) == []


def test_one_of_two_branches_side_by_side_can_be_taken_out():
    # L4 beside L3: a half of 60 / (1 + 1 + 1/2) is 24 MW on each. Without it L3 has 40.
    twin = ("L4", 3, 1, 0.1, 100.0, 0.0, 0.0, 1)
    case = triangle(100.0, twin)
    case.branches.loc[2, "rate_a_mva"] = 39.0
    found = dispatch_faults(case, DRAWN, SUN, dispatch(), today=TODAY)
    assert "branch L3 carries 40.0 of 39.0 MW when L4 is out" in found
    assert not any(fault.endswith("L3 is out") for fault in found)


@pytest.fixture(scope="module")
def embedded():
    return case_of_layers(open_layers())


def test_outages_by_taking_the_branch_out_agree_with_outage_factors(embedded):
    system = build_system(embedded)
    live = embedded.branches[embedded.branches["status"] == 1].reset_index(drop=True)
    network = verification._Network(embedded, live)
    put_in = np.random.default_rng(0).normal(0.0, 300.0, system.buses)
    put_in -= put_in.mean()
    flow = network.flows(put_in[:, None])[:, 0]
    net = system.net
    expected = system.ptdf @ (put_in - net.incidence().T @ net.shift_mw) + net.shift_mw
    np.testing.assert_allclose(flow, expected, atol=1e-6)
    whole = np.array([network.is_whole(branch) for branch in range(len(live))])
    np.testing.assert_array_equal(~whole, system.splits)
    for outage in np.flatnonzero(whole)[::7]:
        after = flow + system.lodf[:, outage] * flow[outage]
        after[outage] = 0.0
        found = network.flows(put_in[:, None], int(outage))[:, 0]
        np.testing.assert_allclose(found, after, atol=1e-6)


def test_taking_a_branch_out_leaves_the_network_as_it_was(embedded):
    live = embedded.branches[embedded.branches["status"] == 1].reset_index(drop=True)
    network = verification._Network(embedded, live)
    put_in = np.zeros((len(embedded.buses), 1))
    put_in[:2, 0] = [100.0, -100.0]
    before = network.flows(put_in)
    network.flows(put_in, 5)
    np.testing.assert_array_equal(network.flows(put_in), before)
