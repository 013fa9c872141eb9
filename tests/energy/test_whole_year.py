"""A copper plate over a whole year: typical days beside a program of all 8,760 hours."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import linprog

from siteopt.energy.program import EnergyCost, EnergyProgram
from tests.energy.supplies import DAY, two_buses
from tests.energy.synthetic_year import sun_and_wind
from tests.energy.typical_year import days_with_lulls

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.energy.supply import Supply

    Floats = NDArray[np.float64]
    Order = NDArray[np.int64]

SEED, CLUSTERS, LOAD_MW = 1, 24, 100.0
GRID_KRW, SOURCE_KRW = 120e3, np.array([155e3, 160e3])
POWER_KRW, ENERGY_KRW, EFFICIENCY = 16e6, 28e6, 0.85


def supply_of(yields: Floats, order: Order, target: float) -> Supply:
    """Return a copper plate with free stock and no clean grid, whose excess earns nothing."""
    hours = len(yields)
    return two_buses(
        weight_h=np.repeat(np.bincount(order).astype(np.float64), DAY),
        demand_mw=np.full(hours, 1000.0),
        available_mw=np.zeros((hours, 2)),
        source_yield=yields,
        source_krw_mwh=SOURCE_KRW,
        storage_share=np.eye(2)[:1],
        storage_krw_mw_year=POWER_KRW,
        storage_krw_mwh_year=ENERGY_KRW,
        storage_efficiency=EFFICIENCY,
        grid_clean=np.zeros(hours),
        grid_krw_mwh=GRID_KRW,
        adder_krw_mwh=0.0,
        excess_most=10.0,
        penalty_krw_mwh=1e9,  # the last MWh of 100 % costs more than 1e7
        target=target,
        day_order=order,
    )


def cost_of(yields: Floats, order: Order, target: float) -> EnergyCost:
    return EnergyProgram(supply_of(yields, order, target)).cut(np.array([LOAD_MW, 0.0]))


def cost_of_every_hour(yields: Floats, target: float) -> float:
    """Return the least cost of all hours in order; variables: MW, then four by hour."""
    hours = len(yields)
    beside: Any = sparse.hstack  # its stubs know fewer kinds of arrays
    none, one = sparse.csr_array((hours, hours)), sparse.eye_array(hours).tocsr()
    step = one - one[np.roll(np.arange(hours), 1)]
    column, blank = -np.ones((hours, 1)), sparse.csr_array((hours, 1))
    sources, one_way = sparse.csr_array((hours, 2)), np.sqrt(EFFICIENCY)
    share = np.concatenate([np.zeros(4), -np.ones(hours), np.zeros(3 * hours)])
    below = sparse.vstack([
        # sources      power   energy  used  charge discharge level
        beside([-yields, blank, blank, one, one, -one, none]),
        beside([sources, column, blank, none, one, none, none]),
        beside([sources, column, blank, none, none, one, none]),
        beside([sources, blank, column, none, none, none, one]),
        sparse.csr_array(share[None]),
    ]).tocsr()  # fmt: skip
    level = [sources, blank, blank, none, -one_way * one, one / one_way, step]
    of_mw = np.concatenate([SOURCE_KRW * yields.sum(axis=0), [POWER_KRW, ENERGY_KRW]])
    most = np.full(4 + 4 * hours, np.inf)
    most[4 : 4 + hours] = LOAD_MW
    solve: Any = linprog  # likewise
    found = solve(
        np.concatenate([of_mw, np.full(hours, -GRID_KRW), np.zeros(3 * hours)]),
        A_ub=below, b_ub=np.append(np.zeros(4 * hours), -target * hours * LOAD_MW),
        A_eq=beside(level).tocsr(), b_eq=np.zeros(hours),
        bounds=np.column_stack([np.zeros(len(most)), most]), method="highs",
    )  # fmt: skip
    assert found.status == 0
    return float(found.fun) + GRID_KRW * hours * LOAD_MW


@pytest.fixture(scope="module")
def typical() -> tuple[Floats, Order]:
    pytest.importorskip("tsam")
    return days_with_lulls(
        sun_and_wind(SEED), CLUSTERS, partial(cost_of, target=1.0), LOAD_MW, EFFICIENCY
    )


def test_a_typical_day_for_each_day_is_the_program_of_every_hour() -> None:
    """Over a season; a whole year agrees to the same digits."""
    season = sun_and_wind(SEED)[: 60 * DAY]
    found = cost_of(season, np.arange(60), 0.9)
    assert found.krw_year == pytest.approx(cost_of_every_hour(season, 0.9), rel=1e-8)


@pytest.mark.parametrize(
    "target",
    [pytest.param(0.8, marks=pytest.mark.slow), pytest.param(0.9, marks=pytest.mark.slow), 1.0],
)
def test_typical_days_in_order_agree_within_a_hundredth(
    typical: tuple[Floats, Order], target: float
) -> None:
    yields, order = typical
    assert len(yields) // DAY < 60
    found = cost_of(yields, order, target)
    assert found.shortfall_mwh == pytest.approx(0.0, abs=1e-3)
    expected = cost_of_every_hour(sun_and_wind(SEED), target)
    assert found.krw_year == pytest.approx(expected, rel=0.01)
