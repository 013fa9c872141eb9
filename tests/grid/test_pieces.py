"""Pieces of a network that DC lines join: a balance and a reference each."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.errors import LayerError
from siteopt.grid.case import check_case
from siteopt.grid.hosting import hosting_capacity, operate
from siteopt.grid.verification import dispatch_faults
from tests.examples import examples
from tests.grid.grids import case_of, random_grid, snapshot_of

ISLAND = case_of(
    4, [(1, 2, 0.1, 100), (3, 4, 0.1, 100)], [(1, 1000, 1.0), (3, 100, 2.0)], [(1, 3, -80, 80)]
)
DEMAND = snapshot_of(0, 50, 60, 10)


def mw(case, snapshot, security="none"):
    return hosting_capacity(case, operate(case, snapshot, security))["hosting_mw"].tolist()


def test_an_island_by_hand():
    # all units less all loads; the line to bus 2; DC line and own unit less own loads; the line
    assert mw(ISLAND, DEMAND) == pytest.approx([980, 50, 110, 90])
    operation = operate(ISLAND, DEMAND)
    assert operation.most_injection(2)[0] == pytest.approx(120)  # 50 over the line, 70 of its own
    assert operation.today.link_mw == pytest.approx([70])  # the cheap unit serves the island
    short = operation.shortfall(np.array([0.0, 0, 100, 50]))
    assert short.missing_mw == pytest.approx(40)
    assert short.price == pytest.approx([0, 0, 1, 1], abs=1e-9)


def joined(seed, *, by_dc):
    """Return two random networks, a branch or a DC line between them."""
    rng = np.random.default_rng(seed)
    (one, first), (two, second) = random_grid(seed, tight=2.0), random_grid(seed + 1, tight=2.0)
    n = len(one.buses)
    parts = {}
    for name in ("buses", "branches", "generators", "dc_lines"):
        other = getattr(two, name).copy()
        for column in ("bus_id", "from_bus", "to_bus"):
            if column in other:
                other[column] = (other[column].astype(int) + n).astype(str)
        parts[name] = pd.concat([getattr(one, name), other], ignore_index=True)
    ends = (str(rng.integers(1, n + 1)), str(n + rng.integers(1, len(two.buses) + 1)))
    most = float(rng.uniform(10, 60))
    if by_dc:
        parts["dc_lines"].loc[len(parts["dc_lines"])] = [*ends, 1, -most, most]
    else:
        branches = parts["branches"]
        row = {"from_bus": ends[0], "to_bus": ends[1], "x_pu": 0.1, "rate_a_mva": most,
               "ratio": 0.0, "angle_deg": 0.0, "status": 1}  # fmt: skip
        parts["branches"] = pd.concat([branches, pd.DataFrame([row])], ignore_index=True)
    parts["branches"]["branch_id"] = [f"L{row}" for row in range(len(parts["branches"]))]
    parts["dc_lines"]["dc_line_id"] = [f"D{row}" for row in range(len(parts["dc_lines"]))]
    demand = [*first.demand_mw, *second.demand_mw]
    return type(one)(**parts), snapshot_of(*demand)


@examples(12)
@given(st.integers(0, 10_000), st.sampled_from(["none", "n-1"]))
def test_a_dc_line_is_as_good_as_the_only_branch_between_two_networks(seed, security):
    # what flows over a branch that alone joins two networks is free, as on a DC line
    ac, dc = (operate(*joined(seed, by_dc=by_dc), security) for by_dc in (False, True))
    if len(ac.overloads) or len(dc.overloads):
        return  # a branch may be overloaded where there is no other way, a DC line may not
    assert (ac.system.pieces, dc.system.pieces) == (1, 2)
    buses = range(ac.system.buses)
    rng = np.random.default_rng(seed)
    load = rng.uniform(0, 40, len(buses)).round()
    for ask in (
        lambda it: [it.most_withdrawal(bus)[0] for bus in buses],
        lambda it: [it.most_injection(bus)[0] for bus in buses],
        lambda it: [it.shortfall(load).missing_mw, it.further(load * 0, np.array([0, 1]))[0]],
        lambda it: [it.today.cost_krw_h],
    ):
        assert ask(dc) == pytest.approx(ask(ac), abs=0.05, rel=1e-6)


@examples(8)
@given(st.integers(0, 10_000))
def test_the_check_of_plans_knows_pieces(seed):
    case, snapshot = joined(seed, by_dc=True)
    operation = operate(case, snapshot)
    drawn, allowed = snapshot.demand_mw.to_numpy(), operation.overloads.to_dict()
    today = operation.today
    ask = {"today": (drawn, today), "overloads": allowed}
    assert dispatch_faults(case, drawn, operation.available_mw, today, **ask) == []
    # a MW that is moved from one piece to the other lacks in both, though the sum is right
    moved = drawn.copy()
    moved[[0, -1]] += [1.0, -1.0]
    faults = dispatch_faults(case, moved, operation.available_mw, today)
    last = case.buses["bus_id"][len(case.buses) - int((operation.system.piece == 1).sum())]
    assert "sources and demand in the piece of bus 1 differ by -1.000 MW" in faults
    assert f"sources and demand in the piece of bus {last} differ by 1.000 MW" in faults


def test_an_island_that_lacks_power_or_has_too_much_is_named():
    message = (
        r"the piece of the network with bus 3 \(2 buses\) lacks 20.0 MW of the 200.0 MW that it "
        r"draws, whatever its units, solar, wind and DC lines give; check case_generators"
    )
    with pytest.raises(LayerError, match=message):
        operate(ISLAND, snapshot_of(0, 50, 150, 50))
    message = r"the piece of the network with bus 3 \(2 buses\) has 30.0 MW too much, which neither"
    with pytest.raises(LayerError, match=message):
        operate(ISLAND, snapshot_of(100, 50, -100, -10))


def test_parts_that_nothing_joins_stand_by_themselves():
    case = case_of(4, [(1, 2, 0.1, 100), (3, 4, 0.1, 100)], [(1, 300), (3, 90)])
    case.buses["type"] = [3, 1, 3, 1]
    case.branches["flow_mw"] = 0.0
    case.buses["p_load_mw"] = [0.0, 50, 60, 10]
    case.generators["p_min_mw"] = 0.0
    case.dc_lines["dc_line_id"] = []
    check_case(case)
    assert mw(case, DEMAND) == pytest.approx([250, 50, 20, 20])


def test_a_lone_bus_with_nothing_can_draw_nothing():
    case = case_of(3, [(1, 2, 0.1, 100)], [(1, 300)])
    assert mw(case, snapshot_of(0, 50, 0)) == pytest.approx([250, 50, 0])
