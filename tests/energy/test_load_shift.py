"""Flexible load: solved by hand, written out whole, convex in the load, never dearer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.energy.program import EnergyProgram, Matching
from siteopt.errors import InfeasibleError
from tests.energy.chronological import chronological_plan
from tests.energy.supplies import DAY, no_storage, noisy, two_buses, with_line
from tests.energy.test_formulation import ORDER, days
from tests.energy.written_out import plain_cost
from tests.examples import examples

LOADS = st.tuples(st.floats(0, 200), st.floats(0, 200))


def test_a_fifth_of_the_load_moves_to_noon_solved_by_hand() -> None:
    """100 MW: 120 by day and 80 by night, so 120 MW of sun alone serve 60 % of the energy."""
    supply = no_storage(two_buses(target=0.6, flexible_share=0.2))
    load = np.array([25.0, 75.0])
    found = EnergyProgram(supply).cut(load)
    assert found.source_mw == pytest.approx([120.0, 0.0])
    noon = supply.source_yield[:, 0] > 0
    assert found.shift_mw[noon] == pytest.approx(np.tile(0.2 * load, (12, 1)))
    assert found.shift_mw[~noon] == pytest.approx(np.tile(-0.2 * load, (12, 1)))
    assert found.import_mw == pytest.approx(np.where(noon, 0.0, 80.0), abs=1e-6)
    mwh = 365.0 * 12 * 120.0
    assert found.krw_year == pytest.approx((100e3 + 10e3) * mwh + 120e3 * (100.0 * 8760.0 - mwh))


def test_load_moves_between_buses_out_of_hours_in_which_the_line_is_full() -> None:
    """The line leaves 100 MW to bus 1 in the morning and 170 in the afternoon; its unit is dear.

    Of 150 MW there half may move: 20 of the morning's 50 too many find room in the afternoon.
    Between buses the 10 MW of bus 0 rise by 5 in all hours: 10 a half-day fewer at bus 1.
    """
    supply = with_line(no_storage(two_buses(target=0.0)), 1100.0)
    limit = np.where(np.arange(DAY) < 12, 1100.0, 1170.0)[:, None]
    network = supply.network
    assert network is not None
    supply = replace(
        supply, source_most_mw=np.zeros(2), network=replace(network, limit_mw=limit),
        flexible_share=0.5,
    )  # fmt: skip
    load, steady = np.array([10.0, 150.0]), replace(supply, flexible_share=0.0)
    by_bus = replace(supply, flexible_between=False)
    between = replace(supply, flexible_between=True)
    costs = [EnergyProgram(one).cut(load).parts_krw_year for one in (steady, by_bus, between)]
    half = 365.0 * 12 * 30e3
    # Steady 50 MW too many; moved, 20 find room in the afternoon; between buses 10 more at bus 0.
    expected = [50.0 * half, 30.0 * half, 20.0 * half]
    assert [parts["redispatch"] for parts in costs] == pytest.approx(expected)


@pytest.mark.parametrize("matching", ["hourly", "annual"])
@pytest.mark.parametrize("between", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_scipy_finds_the_same_cost_of_flexible_load(
    *, seed: int, between: bool, matching: Matching
) -> None:
    supply = replace(noisy(seed), flexible_share=0.3, flexible_between=between)
    load = np.array([60.0, 90.0])
    nothing = plain_cost(supply, np.zeros(2), matching)
    program = EnergyProgram(supply, matching)
    program.cut(np.array([0.0, 150.0]))  # columns, rows and a basis of another load
    expected = plain_cost(supply, load, matching) - nothing
    found = program.cut(load)
    assert found.krw_year == pytest.approx(expected, rel=1e-8)
    assert found.krw_year == pytest.approx(sum(found.parts_krw_year.values()), rel=1e-9)
    steady = replace(supply, flexible_share=0.0)
    assert found.krw_year < plain_cost(steady, load, matching) - nothing


@pytest.mark.parametrize("between", [False, True])
def test_on_a_copper_plate_it_is_the_program_of_every_hour(*, between: bool) -> None:
    supply = days(5, ORDER, flexible_share=0.25, flexible_between=between)
    expected, _ = chronological_plan(supply, 100.0, ORDER)
    found = EnergyProgram(supply).cut(np.array([30.0, 70.0]))
    assert found.krw_year == pytest.approx(expected, rel=1e-8)
    assert np.abs(found.shift_mw).max(axis=0) == pytest.approx([7.5, 17.5])
    assert found.shift_mw.reshape(-1, DAY, 2).sum(axis=1) == pytest.approx(0.0, abs=1e-6)


@examples(20)
@given(
    seed=st.integers(0, 10_000), share=st.floats(0, 1), between=st.booleans(), one=LOADS,
    other=LOADS,
)  # fmt: skip
def test_the_cut_stays_below_the_cost_of_every_other_load(
    *, seed: int, share: float, between: bool, one: tuple[float, float], other: tuple[float, float]
) -> None:
    supply = replace(noisy(seed), flexible_share=share, flexible_between=between)
    program = EnergyProgram(supply)
    found, there = program.cut(np.array(one)), program.cut(np.array(other))
    model = found.krw_year + found.price_krw_mw_year @ (np.array(other) - np.array(one))
    assert model <= there.krw_year + 1e-6 * (1e9 + abs(there.krw_year))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_price_at_a_bus_without_load_is_what_its_first_mw_costs(seed: int) -> None:
    supply = replace(noisy(seed), flexible_share=0.3)
    program = EnergyProgram(supply)
    found = program.cut(np.array([100.0, 0.0]))
    there = program.cut(np.array([100.0, 0.01]))
    risen = (there.krw_year - found.krw_year) / 0.01
    assert found.price_krw_mw_year[1] == pytest.approx(risen, rel=1e-3)


@examples(12)
@given(seed=st.integers(0, 10_000), few=st.floats(0, 1), more=st.floats(0, 1), load=LOADS)
def test_more_flexibility_never_costs_more(
    seed: int, few: float, more: float, load: tuple[float, float]
) -> None:
    few, more = sorted((few, more))
    ladder = [(0.0, False), (few, False), (more, False), (more, True), (1.0, True)]
    costs = [
        EnergyProgram(replace(noisy(seed), flexible_share=share, flexible_between=between))
        .cut(np.array(load)).krw_year for share, between in ladder
    ]  # fmt: skip
    assert (np.diff(costs) <= 1e-7 * (1e9 + np.abs(costs[0]))).all()


def test_the_day_in_which_units_lack_energy_is_named() -> None:
    """Units have 20 MW to spare for 12 hours, then 90. Of 60 MW 40 must leave the morning.

    The afternoon has room for 30 more: 12 h x 10 MW are lacking. Of 100 MW 70 can leave: 10 lack.
    """
    room = np.where(np.arange(DAY) < 12, 20.0, 90.0)
    supply = no_storage(two_buses(
        demand_mw=4000.0 - room, source_most_mw=np.zeros(2), flexible_share=0.7,
    ))  # fmt: skip
    program = EnergyProgram(supply)
    assert program.cut(np.array([55.0, 0.0])).krw_year > 0.0
    with pytest.raises(InfeasibleError, match="units lack 120 MWh in day 1 to serve the demand"):
        program.cut(np.array([60.0, 0.0]))
    with pytest.raises(InfeasibleError, match="units lack 10 MW in hour 1 to serve"):
        program.cut(np.array([100.0, 0.0]))
