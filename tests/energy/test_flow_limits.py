"""Single outages in the energy program: a ring by hand, and every outage written out in angles."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from siteopt.energy import program as module
from siteopt.energy.economic_dispatch import flows_today_mw
from siteopt.energy.flow_limits import FlowLimits
from siteopt.energy.program import EnergyProgram
from siteopt.grid.limits import TODAY_SLACK_MW
from tests.energy.supplies import DAY, MESH, meshed, no_storage, ring
from tests.examples import examples

if TYPE_CHECKING:
    from siteopt.energy.supply import Supply

YEAR_H = 8760.0
DEARER_KRW = 30e3
"""KRW/MWh by which the unit behind the ring is dearer than the other."""


def outages(supply: Supply) -> Supply:
    """Return a supply whose limits know what the country has today."""
    assert supply.network is not None
    return replace(supply, network=replace(supply.network, today_mw=flows_today_mw(supply)))


def intact(supply: Supply) -> Supply:
    """Return a supply in which all branches stay in service."""
    assert supply.network is not None
    return replace(supply, network=replace(supply.network, lodf=None, today_mw=None))


def test_in_a_ring_an_outage_binds_where_the_branches_in_service_do_not() -> None:
    """60 MW of demand and 90 of load: 2/3 of 150 fills a branch of 100, an outage leaves 100 of 150."""
    supply = ring(60.0, 100.0)
    load = np.array([0.0, 0.0, 90.0])
    whole, secure = (
        EnergyProgram(intact(supply)).cut(load),
        EnergyProgram(outages(supply)).cut(load),
    )
    assert whole.parts_krw_year["redispatch"] == pytest.approx(0.0, abs=1e3)
    assert secure.parts_krw_year["redispatch"] == pytest.approx(50.0 * YEAR_H * DEARER_KRW)
    # The branch from 1 to 2 has no room with that from 0 to 2 out; bus 0 and 1 lie before it.
    price = secure.price_krw_mw_year - secure.price_krw_mw_year[0]
    assert price == pytest.approx([0.0, 0.0, YEAR_H * DEARER_KRW])


def test_what_an_outage_causes_today_is_no_breach() -> None:
    """130 MW of demand: an outage leaves them on branches of 100, and all load is served behind."""
    load = np.array([0.0, 0.0, 10.0])
    found = EnergyProgram(outages(ring(130.0, 100.0))).cut(load)
    dear_mw = 10.0 - TODAY_SLACK_MW
    assert found.parts_krw_year["redispatch"] == pytest.approx(dear_mw * YEAR_H * DEARER_KRW)
    assert found.overload_mwh == pytest.approx(0.0, abs=1e-3)


def test_without_flows_of_today_the_country_keeps_its_limits_too() -> None:
    """130 MW of demand, of which 30 are then served behind the ring without load already."""
    found = EnergyProgram(ring(130.0, 100.0)).cut(np.array([0.0, 0.0, 10.0]))
    assert found.parts_krw_year["redispatch"] == pytest.approx(10.0 * YEAR_H * DEARER_KRW)


def test_a_limit_that_no_dispatch_keeps_after_an_outage_is_raised() -> None:
    """30 MW behind the ring at most, so 100 of 130 come through it after an outage, 80 are allowed."""
    supply = ring(130.0, 80.0)
    fleet = replace(supply.fleet, most_mw=np.array([1000.0, 30.0]))
    program = EnergyProgram(replace(supply, fleet=fleet))
    before, behind = (
        program.cut(np.array([50.0, 0.0, 0.0])),
        program.cut(np.array([0.0, 0.0, 50.0])),
    )
    assert before.parts_krw_year["penalty"] == pytest.approx(0.0, abs=1.0)
    assert behind.overload_mwh >= 50.0 * YEAR_H * (1 - 1e-3)


def fuel_krw_year(supply: Supply, stiff: np.ndarray[Any, Any], load: np.ndarray[Any, Any]) -> float:
    """Return the least fuel cost with angles of their own for every outage, by SciPy."""
    return sum(
        float(supply.weight_h[hour]) * fuel_krw_h(supply, stiff, load, hour)
        for hour in range(supply.hours)
    )


def fuel_krw_h(
    supply: Supply, stiff: np.ndarray[Any, Any], load: np.ndarray[Any, Any], hour: int
) -> float:
    """Return the least fuel cost of an hour: units, curtailment, then angles state by state."""
    network, fleet, buses = supply.network, supply.fleet, len(load)
    assert network is not None
    assert network.lodf is not None
    assert network.today_mw is not None
    today, rate = network.today_mw[hour], network.limit_mw[hour]
    states = [-1, *np.flatnonzero(network.considered).tolist()]
    incidence = np.eye(buses)[MESH[:, 0]] - np.eye(buses)[MESH[:, 1]]
    put = np.hstack([np.eye(buses), -supply.zone_share.T])
    # What is fixed at the buses, from the flows that it causes and from its sum.
    fixed = np.linalg.lstsq(network.ptdf, network.base_mw[hour], rcond=None)[0]
    fixed[0] += supply.available_mw[hour].sum() - supply.demand_mw[hour] - fixed.sum()
    width = put.shape[1] + len(states) * buses
    equal, below, most = [], [], []
    for number, out in enumerate(states):
        across = incidence * np.where(np.arange(len(MESH)) == out, 0.0, stiff)[:, None]
        at = slice(put.shape[1] + number * buses, put.shape[1] + (number + 1) * buses)
        balance, flow = np.zeros((buses, width)), np.zeros((len(MESH), width))
        balance[:, : put.shape[1]], balance[:, at] = put, -incidence.T @ across
        flow[:, at] = across
        after = np.abs(today + network.lodf[:, out] * today[out]) if out >= 0 else np.zeros(6)
        limit = np.where(after > rate, after + TODAY_SLACK_MW, rate)
        equal.append(balance)
        below += [flow, -flow]
        most += [limit, limit]
    ends = [*zip(fleet.least_mw, fleet.most_mw, strict=True)]
    ends += [(0.0, mw) for mw in supply.available_mw[hour]]
    solve: Any = linprog  # its stubs know fewer kinds of arrays
    found = solve(
        np.concatenate([fleet.krw_mwh, np.zeros(width - len(fleet.krw_mwh))]),
        A_eq=np.vstack(equal), b_eq=np.tile(load - fixed, len(states)),
        A_ub=np.vstack(below), b_ub=np.concatenate(most),
        bounds=ends + [(None, None)] * (width - len(ends)),
    )  # fmt: skip
    assert found.status == 0
    return float(found.fun)


@examples(12)
@given(seed=st.integers(0, 10_000))
def test_random_networks_cost_what_all_outages_written_out_do(seed: int) -> None:
    supply, stiff = meshed(seed)
    supply = outages(no_storage(replace(supply, source_most_mw=np.zeros(2), target=0.0)))
    program, nothing = EnergyProgram(supply), np.zeros(5)
    for load in (np.array([0.0, 80.0, 0.0, 0.0, 20.0]), np.array([0.0, 0.0, 90.0, 30.0, 0.0])):
        found = program.cut(load)
        expected = fuel_krw_year(supply, stiff, load) - fuel_krw_year(supply, stiff, nothing)
        expected -= 60e3 * YEAR_H * load.sum()
        assert found.overload_mwh == pytest.approx(0.0, abs=1e-3)
        assert found.parts_krw_year["redispatch"] == pytest.approx(expected, rel=1e-6, abs=1e6)


@examples(12)
@given(seed=st.integers(0, 10_000))
def test_limits_after_outages_make_nothing_cheaper(seed: int) -> None:
    supply, _ = meshed(seed)
    load = np.random.default_rng(seed).uniform(0.0, 60.0, 5)
    secure = EnergyProgram(outages(supply)).cut(load).krw_year
    assert secure >= EnergyProgram(intact(supply)).cut(load).krw_year * (1 - 1e-9) - 1e3


@examples(10)
@given(seed=st.integers(0, 10_000))
def test_the_cut_with_outages_is_below_the_cost_of_every_other_load(seed: int) -> None:
    supply, _ = meshed(seed)
    supply = replace(outages(supply), flexible_share=0.1)
    rng, program = np.random.default_rng(seed), EnergyProgram(supply)
    loads = rng.uniform(0.0, 60.0, (3, 5))
    found = [program.cut(load) for load in loads]
    for one, at in zip(found, loads, strict=True):
        for other, there in zip(found, loads, strict=True):
            model = one.krw_year + one.price_krw_mw_year @ (there - at)
            assert model <= other.krw_year + 1e-6 * (1e9 + abs(other.krw_year))


def test_rows_that_are_dropped_come_back_where_they_bind(monkeypatch: pytest.MonkeyPatch) -> None:
    supply, _ = meshed(3)
    supply = replace(outages(supply), flexible_share=0.1)
    loads = np.random.default_rng(3).uniform(0.0, 120.0, (6, 5))
    kept = EnergyProgram(supply)
    expected = [kept.cut(load) for load in loads]
    monkeypatch.setattr(module, "_MOST_ROWS_AN_HOUR", 0)
    dropping = EnergyProgram(supply)
    found = [dropping.cut(load) for load in loads]
    assert dropping.size[0] < kept.size[0]
    for one, other in zip(found, expected, strict=True):
        assert one.krw_year == pytest.approx(other.krw_year, rel=1e-9)
        assert one.overload_mwh == pytest.approx(other.overload_mwh, abs=1e-3)


def test_broken_limits_are_those_of_all_pairs() -> None:
    """The worst outage of each branch and hour, by a loop over all of them."""
    supply, _ = meshed(5)
    network = outages(supply).network
    assert network is not None
    assert network.lodf is not None
    assert network.today_mw is not None
    flow = network.today_mw + np.random.default_rng(5).normal(0.0, 60.0, network.today_mw.shape)
    found = FlowLimits(network).broken(flow, 10_000)
    expected: dict[tuple[int, int], float] = {}
    for hour in range(DAY):
        for branch in range(len(MESH)):
            rate = network.limit_mw[hour, branch]
            expected[hour, branch] = abs(flow[hour, branch]) - rate
            for out in range(len(MESH) - 1):  # the spur splits the network
                share = network.lodf[branch, out]
                today = abs(
                    network.today_mw[hour] @ np.eye(6)[branch] + share * network.today_mw[hour, out]
                )
                limit = rate if today <= rate else today + TODAY_SLACK_MW
                if branch != out:
                    over = abs(flow[hour, branch] + share * flow[hour, out]) - limit
                    expected[hour, branch] = max(expected[hour, branch], over)
    broken = {place for place, over in expected.items() if over > 1e-3}
    assert {(place.hour, place.branch) for place in found} <= broken
    hours = {hour for hour, _ in broken}
    worst = {max((p for p in broken if p[0] == hour), key=expected.__getitem__) for hour in hours}
    assert worst <= {(place.hour, place.branch) for place in found}
