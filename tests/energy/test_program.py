"""The energy program: hand-solved cases, another solver's answer, and the proof of its cuts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from siteopt.energy.program import EnergyProgram, Matching
from siteopt.energy.supply import Fleet, PtdfNetwork, Supply
from siteopt.errors import InfeasibleError
from tests.energy.supplies import DAY, no_storage, noisy, two_buses, with_line
from tests.energy.written_out import plain_cost
from tests.examples import examples

KINDS: tuple[Matching, ...] = ("hourly", "annual")


def test_sun_by_day_and_wind_by_night_meet_a_target_solved_by_hand() -> None:
    """80 % of 100 MW: half of it sun by day, 60 of 100 MW wind by night, which also runs by day."""
    found = EnergyProgram(no_storage(two_buses())).cut(np.array([60.0, 40.0]))
    # Wind w serves all hours, sun 100 - w the day: w 24 + (100 - w) 12 = 80 * 24 -> w = 60.
    assert found.source_mw == pytest.approx([40.0, 60.0])
    mwh = 365.0 * np.array([40.0 * 12, 60.0 * 24])
    contracts = mwh @ [100e3, 150e3]
    used, bought = mwh.sum(), 365.0 * 24 * 100.0 - mwh.sum()
    assert found.krw_year == pytest.approx(contracts + 10e3 * used + 120e3 * bought)
    assert found.parts_krw_year["contracts"] == pytest.approx(contracts)
    # One more MW needs 0.4 MW sun and 0.6 MW wind.
    assert found.price_krw_mw_year == pytest.approx(np.full(2, found.krw_year / 100.0))


def test_free_storage_carries_the_cheap_sun_into_the_night() -> None:
    """Sun costs 110,000 KRW/MWh delivered and the grid 120,000, so sun serves the night too."""
    found = EnergyProgram(two_buses(excess_most=0.0)).cut(np.array([100.0, 0.0]))
    assert found.source_mw == pytest.approx([200.0, 0.0])
    assert found.excess_mw.sum() == pytest.approx(0.0, abs=1e-6)


def test_a_target_no_stock_can_meet_is_missed_by_what_lacks() -> None:
    supply = no_storage(two_buses(source_most_mw=np.array([0.0, 50.0])))
    found = EnergyProgram(supply).cut(np.array([100.0, 0.0]))
    assert found.shortfall_mwh == pytest.approx(0.3 * 100.0 * 8760.0)


def test_joint_limits_bound_their_members() -> None:
    supply = two_buses(groups={"both": (np.array([0, 1]), 70.0)})
    found = EnergyProgram(supply).cut(np.array([100.0, 0.0]))
    assert found.source_mw.sum() <= 70.0 + 1e-6
    assert found.shortfall_mwh > 0.0


def test_existing_plants_are_a_claim_and_change_no_dispatch() -> None:
    runs = replace(
        with_line(no_storage(two_buses()), 5000.0),
        available_mw=np.column_stack([np.zeros(DAY), np.full(DAY, 200.0)]),
        source_runs=np.array([False, True]),
    )
    network = runs.network
    assert network is not None
    base = network.base_mw + runs.available_mw @ network.ptdf.T
    runs = replace(runs, network=replace(network, base_mw=base))
    found = EnergyProgram(runs).cut(np.array([0.0, 100.0]))
    assert found.source_mw[1] > 50.0
    assert found.parts_krw_year["redispatch"] == pytest.approx(0.0, abs=1.0)


def test_behind_a_full_line_load_costs_the_dearer_unit() -> None:
    """The line carries 900 MW; the unit at bus 1 costs 30,000 KRW/MWh more than the market."""
    supply = with_line(no_storage(two_buses(target=0.0)), 900.0)
    supply = replace(supply, source_most_mw=np.zeros(2))
    program = EnergyProgram(supply)
    before, behind = program.cut(np.array([100.0, 0.0])), program.cut(np.array([0.0, 100.0]))
    year = 8760.0
    assert before.krw_year == pytest.approx(100.0 * year * 120e3)
    assert behind.krw_year - before.krw_year == pytest.approx(100.0 * year * 30e3)
    assert behind.parts_krw_year["redispatch"] == pytest.approx(100.0 * year * 30e3)
    assert np.diff(behind.price_krw_mw_year)[0] == pytest.approx(year * 30e3)


@pytest.mark.parametrize(("line_mw", "dear_mw"), [(1000.0, 160.0), (1050.0, 60.0), (1100.0, 0.0)])
def test_two_zones_behind_a_line_solved_by_hand(line_mw: float, dear_mw: float) -> None:
    """Wind at A, sun and 100 MW of load at B, where 1,000 MW of demand fill a line of 1,000.

    At 80 % the load needs w MW of wind in all hours and 100 - w of sun by day:
    24 w + 12 (100 - w) = 24 * 80, so w = 60, sun 40. Neither wind nor grid gets through the full
    line: the unit of B, 30,000 KRW/MWh above the market, serves 100 MW by night and 60 by day, a
    sum of 160; through 50 MW of room 50 + 10; through 100 MW none. Imported are 40 MW by night.

        wind   60 MW * 8760 h * 150,000 KRW  78.84 bn    import  40 MW * 4380 h * 120,000  21.024 bn
        sun    40 MW * 4380 h * 100,000 KRW  17.52 bn    adders  700,800 MWh * 10,000       7.008 bn
        redispatch  160 (or 60, or 0) MW * 4380 h * 30,000 KRW  21.024 bn (7.884, 0)
    """
    supply = with_line(no_storage(two_buses(source_share=np.eye(2)[::-1])), line_mw)
    supply = replace(supply, source_zone=np.array([1, 0]))
    found = EnergyProgram(supply).cut(np.array([0.0, 100.0]))
    assert found.source_mw == pytest.approx([40.0, 60.0])
    parts = {name: krw / 1e9 for name, krw in found.parts_krw_year.items()}
    redispatch = dear_mw * 4380.0 * 30e3 / 1e9
    expected = {"contracts": 78.84 + 17.52, "grid": 21.024, "adders": 7.008}
    expected |= {"storage": 0.0, "excess": 0.0, "redispatch": redispatch, "penalty": 0.0}
    assert parts == pytest.approx(expected, abs=1e-6)
    assert found.krw_year == pytest.approx(1e9 * sum(expected.values()))


def test_a_limit_exceeded_without_load_is_raised_and_charged_to_no_load() -> None:
    """Bus 1 draws 1,000 MW, has 100 MW of its own, and the line carries 800: 100 too many."""
    supply = with_line(no_storage(two_buses(target=0.0)), 800.0)
    fleet = replace(supply.fleet, most_mw=np.array([2000.0, 100.0]))
    program = EnergyProgram(replace(supply, fleet=fleet, source_most_mw=np.zeros(2)))
    before, behind = program.cut(np.array([50.0, 0.0])), program.cut(np.array([0.0, 50.0]))
    assert before.krw_year == pytest.approx(50.0 * 8760.0 * 120e3)
    assert before.parts_krw_year["penalty"] == pytest.approx(0.0, abs=1.0)
    assert behind.overload_mwh == pytest.approx(50.0 * 8760.0, rel=1e-3)


def test_storage_relays_no_power_of_the_country_past_a_full_branch() -> None:
    """Two free lossless storages would: one charges and the other discharges, later they swap."""
    supply = noisy(1, 850.0)
    supply = replace(
        supply, storage_krw_mw_year=0.0, storage_krw_mwh_year=0.0, storage_efficiency=1.0
    )
    program, without = EnergyProgram(supply), EnergyProgram(no_storage(supply))
    found, nothing = program.cut(np.array([1.0, 1.0])), program.cut(np.zeros(2))
    assert found.krw_year < without.cut(np.array([1.0, 1.0])).krw_year
    assert (found.charge_mw <= supply.source_yield @ found.source_mw + 1e-6).all()
    assert program._no_load_krw_year == pytest.approx(without._no_load_krw_year)
    assert nothing.krw_year == pytest.approx(0.0, abs=1.0)
    assert nothing.storage_mw == pytest.approx(0.0, abs=1e-6)


def test_load_that_no_unit_can_serve_is_named_by_hour_and_mw() -> None:
    demand = np.full(DAY, 3000.0)
    demand[17] = 3950.0
    supply = no_storage(two_buses(demand_mw=demand, source_most_mw=np.zeros(2)))
    program = EnergyProgram(supply)
    with pytest.raises(InfeasibleError, match="units lack 30 MW in hour 18 to serve the demand"):
        program.cut(np.array([80.0, 0.0]))
    assert program.cut(np.array([40.0, 0.0])).shortfall_mwh > 0.0  # the handle goes on


def test_the_annual_target_counts_excess_without_the_share_of_the_import_it_replaces() -> None:
    """Sun by day alone, grid 40 % clean: c MW give min(c, 100) at noon and the rest in excess.

    Annual: 12 (used + 0.4 (100 - used)) + 12 * 40 + 0.6 * 12 excess = 24 * 85, so excess = 75.
    """
    supply = no_storage(two_buses(
        source_most_mw=np.array([np.inf, 0.0]), grid_clean=np.full(DAY, 0.4),
        excess_most=1.0, target=0.85, grid_krw_mwh=100e3,
    ))  # fmt: skip
    found = EnergyProgram(supply, "annual").cut(np.array([100.0, 0.0]))
    assert found.shortfall_mwh == pytest.approx(0.0, abs=1e-6)
    assert found.source_mw[0] == pytest.approx(150.0)
    assert found.excess_mw.max() == pytest.approx(50.0)
    assert EnergyProgram(supply).cut(np.array([100.0, 0.0])).shortfall_mwh > 0.0


def test_a_meshed_network_with_a_dc_line_costs_what_its_angles_do() -> None:
    """A ring of four buses and a DC line across it, against the angle form by SciPy."""
    ends = np.array([[0, 1], [1, 2], [2, 3], [3, 0]])
    stiff, limit, line_mw = np.array([90.0, 50.0, 70.0, 60.0]), 260.0, 40.0
    demand, krw, most = np.array([0.0, 300.0, 400.0, 100.0]), [30e3, 70e3, 90e3, 50e3], 600.0
    incidence = np.zeros((4, 4))
    incidence[np.arange(4), ends[:, 0]], incidence[np.arange(4), ends[:, 1]] = 1.0, -1.0
    across = incidence * stiff[:, None]
    ptdf = across @ np.linalg.pinv(incidence.T @ across)
    supply = two_buses(
        demand_mw=np.full(DAY, demand.sum()),
        zone_share=np.eye(4)[:2],
        source_share=np.eye(4)[:2],
        storage_share=np.eye(4)[:1],
        source_most_mw=np.zeros(2),
        target=0.0,
        fleet=Fleet(
            bus=np.array([0, 1, 2, 3, 2]),
            from_bus=np.array([-1, -1, -1, -1, 0]),
            least_mw=np.array([0.0, 0.0, 0.0, 0.0, -line_mw]),
            most_mw=np.array([most, most, most, most, line_mw]),
            krw_mwh=np.array([*krw, 0.0]),
        ),
        network=PtdfNetwork(ptdf, np.tile(-ptdf @ demand, (DAY, 1)), np.full((DAY, 4), limit)),
        market_krw_mwh=np.full(DAY, 60e3),
    )

    def fuel(drawn: np.ndarray[Any, Any]) -> float:
        to_bus = np.hstack([np.eye(4), [[-1.0], [0.0], [1.0], [0.0]], -incidence.T @ across])
        found = linprog(
            [*krw, 0.0, *np.zeros(4)], A_eq=to_bus, b_eq=drawn,
            A_ub=np.hstack([np.zeros((8, 5)), np.vstack([across, -across])]), b_ub=np.full(8, limit),
            bounds=[(0, most)] * 4 + [(-line_mw, line_mw)] + [(None, None)] * 4,
        )  # fmt: skip
        assert found.status == 0
        return 8760.0 * float(found.fun)

    program = EnergyProgram(no_storage(supply))
    for load in (np.array([0.0, 80.0, 0.0, 0.0]), np.array([20.0, 0.0, 90.0, 30.0])):
        found = program.cut(load)
        expected = fuel(demand + load) - fuel(demand) - 60e3 * 8760.0 * load.sum()
        assert found.parts_krw_year["redispatch"] == pytest.approx(expected, rel=1e-7)
        assert np.ptp(found.price_krw_mw_year) > 1e6  # the network binds


@examples(15)
@given(
    seed=st.integers(0, 10_000),
    one=st.tuples(st.floats(0, 200), st.floats(0, 200)),
    other=st.tuples(st.floats(0, 200), st.floats(0, 200)),
)
def test_the_cut_of_a_load_is_below_the_cost_of_every_other(
    seed: int, one: tuple[float, float], other: tuple[float, float]
) -> None:
    program = EnergyProgram(noisy(seed))
    found, there = program.cut(np.array(one)), program.cut(np.array(other))
    model = found.krw_year + found.price_krw_mw_year @ (np.array(other) - np.array(one))
    assert model <= there.krw_year + 1e-6 * (1e9 + abs(there.krw_year))


@examples(10)
@given(seed=st.integers(0, 10_000))
def test_balances_hold_and_the_parts_add_up(seed: int) -> None:
    supply = noisy(seed)
    load = np.array([80.0, 50.0])
    found = EnergyProgram(supply).cut(load)
    contracts = supply.source_yield @ found.source_mw - found.curtailed_mw
    kept = contracts + found.discharge_mw - found.charge_mw
    assert kept == pytest.approx(found.used_mw + found.excess_mw, abs=1e-6)
    assert found.used_mw + found.import_mw == pytest.approx(load.sum(), abs=1e-6)
    assert sum(found.parts_krw_year.values()) == pytest.approx(found.krw_year, rel=1e-9)
    clean = supply.weight_h @ (found.used_mw + supply.grid_clean * found.import_mw)
    assert clean + found.shortfall_mwh >= supply.target * load.sum() * 8760.0 * (1 - 1e-9)


@st.composite
def supplies(draw: st.DrawFn) -> Supply:
    """Return noisy supplies of many targets, clean shares, prices and ways to treat the days."""
    supply = noisy(draw(st.integers(0, 10_000)), draw(st.sampled_from([850.0, 950.0, 2000.0])))
    order = np.random.default_rng(1).permutation(np.repeat([0, 1], [200, 165]))
    return replace(
        supply,
        target=draw(st.floats(0, 1)),
        grid_clean=draw(st.floats(0, 1)) * supply.grid_clean,
        grid_krw_mwh=draw(st.floats(50e3, 200e3)),
        excess_krw_mwh=draw(st.sampled_from([0.0, 60e3])),
        storage_krw_mwh_year=draw(st.floats(0, 40e6)),
        flexible_share=draw(st.sampled_from([0.0, 0.2])),
        day_order=draw(st.sampled_from([None, order])),
    )


@examples(15)
@given(supply=supplies())
def test_hourly_matching_is_never_cheaper_than_annual(supply: Supply) -> None:
    load = np.array([100.0, 60.0])
    hourly, annual = (EnergyProgram(supply, kind).cut(load).krw_year for kind in KINDS)
    assert hourly >= annual - 1e-7 * (1e9 + abs(annual))


@examples(15)
@given(supply=supplies(), times=st.floats(1, 3), matching=st.sampled_from(KINDS))
def test_more_stock_or_storage_never_costs_more(
    supply: Supply, times: float, matching: Matching
) -> None:
    load = np.array([100.0, 100.0])
    base = EnergyProgram(supply, matching).cut(load).krw_year
    slack = 1e-7 * (1e9 + abs(base))
    for richer in (
        replace(supply, source_most_mw=times * supply.source_most_mw),
        replace(supply, excess_most=times * supply.excess_most),
        replace(supply, storage_krw_mwh_year=supply.storage_krw_mwh_year / times),
        replace(supply, target=supply.target / times),
    ):
        assert EnergyProgram(richer, matching).cut(load).krw_year <= base + slack
    for fewer in (supply.storage_share[:1], supply.storage_share[:0]):  # places of storage
        poorer = EnergyProgram(replace(supply, storage_share=fewer), matching)
        assert poorer.cut(load).krw_year >= base - slack


@pytest.mark.parametrize("matching", KINDS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_scipy_finds_the_same_cost_with_all_rows_at_once(seed: int, matching: Matching) -> None:
    supply, load = noisy(seed), np.array([60.0, 90.0])
    nothing = plain_cost(supply, np.zeros(2), matching)
    expected = plain_cost(supply, load, matching) - nothing
    program = EnergyProgram(supply, matching)
    program.cut(np.array([150.0, 10.0]))  # rows and a basis of another load are no trouble
    assert program.cut(load).krw_year == pytest.approx(expected, rel=1e-8)
