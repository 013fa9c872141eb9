"""Storage across the days of the year: its program on typical days beside every hour written out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from siteopt.energy.program import EnergyProgram
from tests.energy.chronological import chronological_plan
from tests.energy.supplies import DAY, two_buses

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.energy.supply import Supply

ORDER = np.array([0, 1, 1, 2, 0, 2, 2, 1])
"""Typical day of each of eight days."""


def days(seed: int, order: NDArray[np.int64], **changed: Any) -> Supply:
    """Return a copper plate of random days, some of them sunny, some windy, with one storage."""
    rng, count = np.random.default_rng(seed), int(order.max()) + 1
    level = np.repeat(rng.uniform(0.05, 1.0, (count, 2)), DAY, axis=0)
    supply = two_buses(
        weight_h=np.repeat(np.bincount(order).astype(np.float64), DAY),
        demand_mw=np.full(count * DAY, 1000.0),
        available_mw=np.zeros((count * DAY, 2)),
        source_yield=rng.uniform(0.0, 1.0, (count * DAY, 2)) * level,
        storage_share=np.eye(2)[:1],
        storage_krw_mw_year=0.1e6,
        storage_krw_mwh_year=0.02e6,
        storage_efficiency=0.8,
        grid_clean=rng.uniform(0.0, 0.3, count * DAY),
        target=0.95,
        day_order=order,
    )
    return replace(supply, **changed)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("order", [ORDER, np.arange(8)], ids=["typical days", "every day"])
def test_levels_by_state_and_typical_day_are_those_of_every_hour(
    seed: int, order: NDArray[np.int64]
) -> None:
    supply = days(seed, order)
    expected, source_mw = chronological_plan(supply, 100.0, order)
    found = EnergyProgram(supply).cut(np.array([70.0, 30.0]))
    assert found.krw_year == pytest.approx(expected, rel=1e-8)
    assert found.source_mw.sum() == pytest.approx(source_mw.sum(), rel=1e-6)
    apart = EnergyProgram(replace(supply, day_order=None)).cut(np.array([70.0, 30.0]))
    assert found.krw_year < 0.999 * apart.krw_year  # what is carried over is worth something


def test_sun_of_one_day_serves_the_next_solved_by_hand() -> None:
    """A day of sun, a day without, 100 MW throughout: storage holds a day and a night's load.

    Free power, lossless: noon's 12 hours bring all of 48 hours' 4,800 MWh, 400 MW; 300 MW are
    stored, 3,600 MWh at sunset, which the 36 hours without sun draw down to 0.
    """
    noon = np.zeros(2 * DAY)
    noon[6:18] = 1.0
    supply = days(
        1, np.array([0, 1]), source_yield=np.column_stack([noon, np.zeros(2 * DAY)]), target=1.0,
        grid_clean=np.zeros(2 * DAY), excess_most=0.0, storage_efficiency=1.0,
        storage_krw_mw_year=0.0,
    )  # fmt: skip
    found = EnergyProgram(supply).cut(np.array([100.0, 0.0]))
    assert found.source_mw[0] == pytest.approx(400.0)
    assert found.storage_mwh == pytest.approx([3600.0])
    assert EnergyProgram(replace(supply, day_order=None)).cut(
        np.array([100.0, 0.0])
    ).shortfall_mwh == pytest.approx(2400.0)
