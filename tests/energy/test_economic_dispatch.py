"""Flows of the cheapest dispatch without load, against SciPy hour by hour."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from siteopt.energy.economic_dispatch import flows_today_mw
from siteopt.energy.supply import Fleet, Supply
from siteopt.errors import LayerError
from tests.energy.supplies import meshed, ring, two_buses
from tests.examples import examples


def flows_by_scipy(supply: Supply) -> np.ndarray[Any, Any]:
    """Return the flows of the cheapest dispatch, all limits written out."""
    network, fleet = supply.network, supply.fleet
    assert network is not None
    units = np.eye(supply.zone_share.shape[1])[:, fleet.bus]
    from_bus = np.eye(supply.zone_share.shape[1])[:, fleet.from_bus] * (fleet.from_bus >= 0)
    move = network.ptdf @ np.hstack([units - from_bus, -supply.zone_share.T])
    count, zones = len(fleet.bus), len(supply.zone_share)
    balance = np.concatenate([fleet.from_bus < 0, -np.ones(zones)])
    solve: Any = linprog  # its stubs know fewer kinds of arrays
    flows = []
    for hour in range(supply.hours):
        base, limit = network.base_mw[hour], network.limit_mw[hour]
        ends = list(zip(fleet.least_mw, fleet.most_mw, strict=True))
        found = solve(
            np.concatenate([fleet.krw_mwh, np.zeros(zones)]),
            A_eq=balance[None, :], b_eq=[supply.demand_mw[hour] - supply.available_mw[hour].sum()],
            A_ub=np.vstack([move, -move]), b_ub=np.concatenate([limit - base, limit + base]),
            bounds=ends + [(0.0, mw) for mw in supply.available_mw[hour]],
        )  # fmt: skip
        assert found.status == 0
        assert len(found.x) == count + zones
        flows.append(base + move @ found.x)
    return np.array(flows)


@examples(10)
@given(seed=st.integers(0, 10_000))
def test_flows_are_those_of_the_cheapest_dispatch(seed: int) -> None:
    supply, _ = meshed(seed)
    fleet = supply.fleet  # and a DC line from bus 1 to bus 3
    ends = (np.append(fleet.bus, 3), np.append(fleet.from_bus, 1))
    sizes = (np.append(fleet.least_mw, -25.0), np.append(fleet.most_mw, 40.0))
    supply = replace(supply, fleet=Fleet(*ends, *sizes, np.append(fleet.krw_mwh, 0.0)))
    fuel, found = flows_by_scipy(supply), flows_today_mw(supply)
    assert found[:, -1] == pytest.approx(fuel[:, -1], abs=1e-4)  # of the spur: no other way
    assert supply.network is not None
    assert (np.abs(found) <= supply.network.limit_mw + 1e-2).all()


@examples(10)
@given(seed=st.integers(0, 10_000))
def test_without_a_dc_line_there_is_one_cheapest_dispatch(seed: int) -> None:
    supply, _ = meshed(seed)
    supply = replace(supply, available_mw=np.zeros_like(supply.available_mw))
    assert flows_today_mw(supply) == pytest.approx(flows_by_scipy(supply), abs=1e-2)


def test_limits_that_cannot_be_kept_are_exceeded_by_as_little_as_can_be() -> None:
    """120 MW behind a ring, of which its own unit serves 30: 60 MW on a branch of 50."""
    supply = ring(120.0, 50.0)
    fleet = replace(supply.fleet, most_mw=np.array([1000.0, 30.0]))
    found = flows_today_mw(replace(supply, fleet=fleet))
    assert found == pytest.approx(np.tile([30.0, 30.0, 60.0], (24, 1)))


def test_a_copper_plate_has_no_flows() -> None:
    with pytest.raises(LayerError, match="network is missing; flows need one"):
        flows_today_mw(two_buses())
