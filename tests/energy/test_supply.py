"""Data of the energy program: what is refused, and with which words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from siteopt.energy.supply import DAY_H, Fleet, PtdfNetwork, Supply
from siteopt.errors import LayerError


def supply(**changed: Any) -> Supply:
    """Return one source at one bus over one day."""
    one = Supply(
        weight_h=np.full(DAY_H, 365.0),
        demand_mw=np.full(DAY_H, 10.0),
        available_mw=np.zeros((DAY_H, 1)),
        zone_share=np.eye(1),
        fleet=Fleet(np.array([0]), np.array([-1]), np.zeros(1), np.full(1, 20.0), np.full(1, 5e4)),
        source_name=np.array(["sun"]),
        source_zone=np.array([0]),
        source_share=np.eye(1),
        source_runs=np.array([False]),
        source_yield=np.full((DAY_H, 1), 0.2),
        source_krw_mwh=np.array([1e5]),
        source_most_mw=np.array([np.inf]),
        storage_share=np.eye(1),
        storage_krw_mw_year=1e6,
        storage_krw_mwh_year=1e6,
        storage_efficiency=0.9,
        grid_clean=np.zeros(DAY_H),
        grid_krw_mwh=1e5,
        adder_krw_mwh=1e4,
        excess_krw_mwh=0.0,
        excess_most=0.25,
        target=0.8,
        penalty_krw_mwh=1e7,
    )
    return replace(one, **changed)


def network(**changed: Any) -> PtdfNetwork:
    """Return a network of two branches."""
    hourly = np.zeros((DAY_H, 2))
    return replace(PtdfNetwork(np.zeros((2, 1)), hourly, hourly), **changed)


def yields(hour: int, value: float) -> np.ndarray[Any, Any]:
    """Return yields with one value of its own."""
    out = np.full((DAY_H, 1), 0.2)
    out[hour - 1] = value
    return out


def test_a_whole_day_is_taken() -> None:
    assert supply().hours == DAY_H


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"source_yield": yields(7, np.nan)}, "source_yield of sun, hour 7 is nan; a value from 0"),
        ({"source_yield": yields(12, 1.08)}, "of sun, hour 12 is 1.08; a value from 0 to 1 is"),
        ({"source_yield": yields(1, -0.1)}, "of sun, hour 1 is -0.1; a value from 0 to 1 is"),
        ({"source_krw_mwh": np.array([np.nan])}, "source_krw_mwh of sun is nan; a value from 0"),
        ({"source_most_mw": np.array([-1.0])}, "source_most_mw of sun is -1; a value from 0"),
        ({"grid_clean": np.full(DAY_H, 1.5)}, r"grid_clean \[0\] is 1.5; a value from 0 to 1"),
        ({"target": 1.2}, "target is 1.2; a value from 0 to 1 is needed"),
        ({"storage_efficiency": 0.0}, "storage_efficiency is 0; a value from"),
        ({"grid_krw_mwh": np.inf}, "grid_krw_mwh is inf; a value from 0"),
        ({"source_share": np.full((1, 1), 0.5)}, "source_share of row 0 adds up to 0.5; 1 is"),
        ({"source_zone": np.array([1])}, "source_zone of sun is 1; a value from 0 to 0 is needed"),
        (
            {"network": PtdfNetwork(np.zeros((2, 1)), np.zeros((DAY_H, 2)), np.ones((1, 2)))},
            r"limit_mw has shape \(1, 2\); \(24, 2\) is needed",
        ),
        ({"network": network(lodf=np.zeros((2, 1)))}, r"lodf has shape \(2, 1\); \(2, 2\) is"),
        ({"network": network(today_mw=np.zeros((1, 2)))}, r"today_mw has shape \(1, 2\); \(24, "),
        (
            {"day_order": np.zeros(364, int)},
            r"weight_h \[0\] is 365; 364, the days of day_order th",
        ),
        ({"day_order": np.full(365, 1)}, r"day_order \[0\] is 1; a value from 0 to 0 is needed"),
        ({"demand_mw": np.zeros(23)}, r"demand_mw has shape \(23,\); \(24,\) is needed"),
    ],
)
def test_data_no_program_can_be_made_of_is_named(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(LayerError, match=f"^clean supply: .*{message}"):
        supply(**changed)


def test_hours_must_be_whole_days() -> None:
    hours = DAY_H + 1
    with pytest.raises(LayerError, match="25 hours are no whole days; a multiple of 24 is needed"):
        supply(
            weight_h=np.ones(hours), demand_mw=np.ones(hours), available_mw=np.zeros((hours, 1)),
            source_yield=np.zeros((hours, 1)), grid_clean=np.zeros(hours),
        )  # fmt: skip
