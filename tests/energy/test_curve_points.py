"""Points of the cost curve: closed forms, and the same as programs made for each share."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from siteopt.energy.curve_points import CurvePoint, curve_points, nothing_short, percent
from siteopt.energy.program import EnergyProgram, Matching
from siteopt.errors import LayerError
from tests.energy.supplies import DAY, no_storage, noisy, two_buses

LOAD = np.array([0.0, 100.0])
ENERGY_MWH = 100.0 * 8760.0
KINDS: tuple[Matching, ...] = ("hourly", "annual")
SHARES = [0.0, 0.1, 0.25, 0.5, 0.6, 0.75, 0.9, 1.0]


def krw_mwh(point: CurvePoint) -> float:
    """Return the mean price."""
    return point.krw_year / ENERGY_MWH


def test_sun_by_day_then_wind_in_closed_form() -> None:
    """Grid 120, sun 130 + 10 for half of the load; then steady wind, 150 + 10, in its place too."""
    supply = no_storage(two_buses(source_krw_mwh=np.array([130e3, 150e3]), excess_most=0.0))
    found = curve_points(EnergyProgram(supply), LOAD, SHARES)
    for point in found:
        wind = max(2.0 * point.target - 1.0, 0.0)
        sun = point.target - wind
        assert krw_mwh(point) == pytest.approx(120e3 + 20e3 * sun + 40e3 * wind, rel=1e-9)
        assert point.reached == point.target


def test_no_share_costs_what_the_grid_costs() -> None:
    supply = no_storage(two_buses(source_krw_mwh=np.array([130e3, 150e3])))
    (point,) = curve_points(EnergyProgram(supply), LOAD, [0.0])
    assert krw_mwh(point) == pytest.approx(supply.grid_krw_mwh, rel=1e-12)
    assert not point.found.source_mw.any()


def test_contracts_that_are_cheaper_than_the_grid_are_taken_before_they_are_asked_for() -> None:
    supply = no_storage(two_buses())  # sun 100 + 10, grid 120
    (point,) = curve_points(EnergyProgram(supply), LOAD, [0.0])
    assert krw_mwh(point) == pytest.approx(120e3 - 10e3 * 0.5)


@pytest.mark.parametrize("matching", KINDS)
@pytest.mark.parametrize("seed", range(4))
def test_rising_and_convex_and_as_from_scratch(seed: int, matching: Matching) -> None:
    supply = nothing_short(noisy(seed))
    found = curve_points(EnergyProgram(supply, matching), LOAD, SHARES)
    cost = np.array([point.krw_year for point in found])
    slope = np.diff(cost) / np.diff(SHARES)
    assert (slope >= -1e-6 * cost[0]).all()
    assert (np.diff(slope) >= -1e-6 * cost[0]).all()
    for point in found:
        (again,) = curve_points(EnergyProgram(supply, matching), LOAD, [point.target])
        assert again.krw_year == pytest.approx(point.krw_year, rel=1e-8)


def test_matching_by_the_hour_costs_at_least_as_much_as_over_the_year() -> None:
    supply = nothing_short(noisy(1))
    hourly, annual = (
        [point.krw_year for point in curve_points(EnergyProgram(supply, kind), LOAD, SHARES)]
        for kind in KINDS
    )
    assert (np.array(hourly) >= np.array(annual) * (1.0 - 1e-9)).all()


def test_what_the_stock_cannot_meet_is_told_and_costs_no_penalty() -> None:
    """Wind of 30 MW and nothing else: 30 % of a load of 100 MW."""
    supply = no_storage(
        two_buses(source_most_mw=np.array([0.0, 30.0]), source_krw_mwh=np.array([130e3, 150e3]))
    )
    found = curve_points(EnergyProgram(supply), LOAD, [0.2, 0.3, 0.5, 1.0])
    assert [point.reached for point in found] == pytest.approx([0.2, 0.3, 0.3, 0.3])
    assert [krw_mwh(point) for point in found[1:]] == pytest.approx([132e3] * 3)
    assert found[-1].found.shortfall_mwh == pytest.approx(0.7 * ENERGY_MWH)


def test_a_battery_used_on_one_day_of_the_year_is_not_too_dear() -> None:
    """364 windy days, and one on which the wind rests for half of it: a battery carries it."""
    weight = np.repeat([364.0, 1.0], DAY)
    wind = np.concatenate([np.ones(DAY), np.repeat([2.0, 0.0], DAY // 2) / 2.0])
    supply = two_buses(
        weight_h=weight,
        demand_mw=np.full(2 * DAY, 1000.0),
        available_mw=np.zeros((2 * DAY, 2)),
        source_yield=np.column_stack([np.zeros(2 * DAY), wind]),
        grid_clean=np.zeros(2 * DAY),
        storage_krw_mw_year=20e6,
        storage_krw_mwh_year=30e6,
        penalty_krw_mwh=5e6,
        excess_most=10.0,
    )
    (dear,) = curve_points(EnergyProgram(supply), LOAD, [1.0])
    (point,) = curve_points(EnergyProgram(nothing_short(supply)), LOAD, [1.0])
    assert dear.reached < 1.0
    assert point.reached == 1.0
    assert point.found.storage_mwh.sum() == pytest.approx(1200.0)


def test_without_storage_the_penalty_stays() -> None:
    supply = replace(two_buses(), storage_krw_mw_year=1e15, storage_krw_mwh_year=1e15)
    assert nothing_short(supply).penalty_krw_mwh == supply.penalty_krw_mwh


@pytest.mark.parametrize("flexible", [0.0, 0.2])
def test_other_prices_give_the_cost_of_a_program_made_with_them(flexible: float) -> None:
    supply = replace(noisy(2), flexible_share=flexible)
    other = replace(
        supply, source_krw_mwh=np.array([90e3, 260e3]), storage_krw_mwh_year=9e6,
        grid_krw_mwh=150e3, adder_krw_mwh=20e3, excess_krw_mwh=10e3, target=0.6,
    )  # fmt: skip
    program = EnergyProgram(supply)
    program.cut(LOAD)
    program.set_supply(other)
    warm, cold = program.cut(LOAD), EnergyProgram(other).cut(LOAD)
    assert warm.krw_year == pytest.approx(cold.krw_year, rel=1e-9)
    assert sum(warm.parts_krw_year.values()) == pytest.approx(warm.krw_year, rel=1e-9)
    assert warm.price_krw_mw_year == pytest.approx(cold.price_krw_mw_year, rel=1e-6)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("source_yield", np.full((DAY, 2), 0.5)),
        ("penalty_krw_mwh", 2e7),
        ("storage_efficiency", 0.5),
        ("day_order", np.zeros(365, dtype=np.int64)),
    ],
)
def test_a_supply_of_another_kind_is_refused(name: str, value: Any) -> None:
    supply, changed = two_buses(), {name: value}
    with pytest.raises(LayerError, match=f"{name} is another; only target, source_krw_mwh"):
        EnergyProgram(supply).set_supply(replace(supply, **changed))


def test_percent_has_no_dust() -> None:
    assert [percent(pct / 100.0) for pct in range(101)] == list(range(101))
