"""The grid under new sites, on a line of two buses that can be reckoned by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from siteopt.grid.case import GridCase, case_of_layers
from siteopt.grid.oracle import GridOracle
from siteopt.grid.snapshots import snapshots_of_layers
from siteopt.layers import open_layers
from tests.grid.grids import case_of, snapshot_of

PEAK = snapshot_of(40, 10, name="peak")
NOON = snapshot_of(20, 5, sun=1.0, name="noon")


def line(rate=30, sun=60.0):
    """Bus 1 (province 11) with 100 MW at 2 KRW/MWh; bus 2 (46) with 15 MW at 9, and sun."""
    case = case_of(
        2, [(1, 2, 0.1, rate)], [(1, 100, 2.0), (2, 15, 9.0)], sources=np.array([0.0, sun])
    )
    buses = case.buses.assign(province_code=["11", "46"])
    return GridCase(buses, case.branches, case.generators, case.dc_lines)


@pytest.fixture(params=[1, 2])
def grid(request):
    return GridOracle.open(line(), {"peak": PEAK, "noon": NOON}, threads=request.param)


def named(limit):
    """Return where a flow limit comes from."""
    return limit.snapshot, limit.branches, limit.more


def test_loads_that_can_be_served_break_nothing(grid):
    assert grid.bus_id == ["1", "2"]
    assert grid.broken([]) == []
    # peak: 30 over the line and 15 less the 10 drawn already
    assert grid.broken([np.array([0.0, 35.0]), np.array([30.0, 5.0])]) == []


def test_a_broken_limit_is_proven_in_its_snapshot(grid):
    (limit,) = grid.broken([np.array([0.0, 50.0])])
    assert named(limit) == ("peak", (("L0", ""),), 0)
    assert limit.price == pytest.approx([0, 1], abs=1e-9)
    assert limit.most_mw == pytest.approx(35)


def test_a_load_that_is_shut_out_already_adds_no_limit(grid):
    assert len(grid.broken([np.array([0.0, 50.0]), np.array([0.0, 60.0])])) == 1
    found = grid.broken([np.array([0.0, 50.0]), np.array([90.0, 0.0])])
    assert [named(limit) for limit in found] == [("peak", (("L0", ""),), 0), ("peak", (), 0)]
    assert found[1].most_mw == pytest.approx(65)


def test_every_snapshot_that_is_broken_proves_it(grid):
    found = grid.broken([np.array([0.0, 120.0])])
    assert [named(limit) for limit in found] == [
        (name, (("L0", ""),), 0) for name in ("peak", "noon")
    ]
    # noon: 60 of sun, 30 over the line and 15 of its own, less 5
    assert found[1].most_mw == pytest.approx(100)


def test_further_load_by_province_and_what_stops_it(grid):
    table = grid.further(np.array([0.0, 10.0]), ["46", "11"])
    assert table["province_code"].tolist() == ["46", "11"]
    assert table["snapshot_id"].tolist() == ["peak", "peak"]
    # bus 2: 35 - 10; bus 1: all 115 MW less 50 of demand and 10
    assert table["further_mw"].tolist() == pytest.approx([25, 55])
    assert table["branches"].tolist() == [[("L0", "")], []]


def test_account_of_what_new_load_changes(grid):
    table = grid.account(np.array([0.0, 20.0])).set_index("snapshot_id")
    assert table["demand_mw"].tolist() == [50, 25]
    assert table["load_mw"].tolist() == [20, 20]
    # peak before: 40 + 10 at 2; after: 70 at 2, the line just full
    assert table["cost_before_bn_krw_h"]["peak"] * 1e9 == pytest.approx(100, abs=0.05)
    assert table["cost_after_bn_krw_h"]["peak"] * 1e9 == pytest.approx(140, abs=0.05)
    # noon: 25 of 60 MW of sun have a load, at bus 2 all 20 more do
    assert table["cost_before_bn_krw_h"]["noon"] * 1e9 == pytest.approx(0, abs=0.01)
    assert table["curtailed_before_mw"].tolist() == pytest.approx([0, 35], abs=1e-3)
    assert table["curtailed_after_mw"].tolist() == pytest.approx([0, 15], abs=1e-3)
    assert table["overloads"].tolist() == ["", ""]


def test_overloads_without_new_load_are_told():
    grid = GridOracle.open(line(), {"peak": snapshot_of(0, 60, name="peak")})
    assert grid.account(np.zeros(2))["overloads"].tolist() == ["L0"]
    assert grid.further(np.zeros(2), ["46"])["further_mw"].tolist() == pytest.approx([0], abs=1e-3)


def test_outages_tighten_the_limit():
    case = line(rate=15)
    branches = pd.concat([case.branches, case.branches.assign(branch_id="L1")], ignore_index=True)
    both = GridCase(case.buses, branches, case.generators, case.dc_lines)
    snapshots = {"peak": PEAK}
    most = {
        security: GridOracle.open(both, snapshots, security).broken([np.array([0.0, 50.0])])[0]
        for security in ("none", "n-1")
    }
    assert most["none"].most_mw == pytest.approx(35)
    # one circuit of 15 alone, and 15 of its own, less 10
    assert most["n-1"].most_mw == pytest.approx(20, abs=0.02)
    assert named(most["n-1"]) == ("peak", (("L0", "L1"),), 0)


@pytest.mark.national
def test_what_lacks_a_trifle_counts_as_served_everywhere():
    # These loads stand where single outages leave no room at the peak, but a hundredth of a MW
    # elsewhere would make room: all questions must agree that they are served.
    layers = open_layers()
    case, peak = case_of_layers(layers), snapshots_of_layers(layers)["peak"]
    grid = GridOracle.open(case, {"peak": peak}, "n-1")
    load = np.zeros(len(grid.bus_id))
    load[[20, 60, 100]] = 131.072
    assert grid.broken([load]) == []
    grid.verify(load)
    assert grid.account(load)["load_mw"].tolist() == [pytest.approx(load.sum())]
    assert grid.further(load, ["47"])["further_mw"].iloc[0] > 100
