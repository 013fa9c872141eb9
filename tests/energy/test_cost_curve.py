"""Cost curve of clean energy: its table, what is scarce, and what it answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import siteopt.runs.pipeline  # noqa: F401 - registers what is kept
from siteopt.energy.clean_supply import clean_supply
from siteopt.energy.cost_curve import CostCurve, answer, cost_curve, curve_table
from siteopt.energy.curve_points import curve_points, nothing_short
from siteopt.energy.program import EnergyProgram
from siteopt.energy.whole_year import WholeYear
from siteopt.grid.case import case_of_layers
from siteopt.stages.serialization import decode, encode
from tests.energy.small_data import small_data, small_run
from tests.energy.supplies import no_storage

LOAD_MW = 100.0
LOAD = np.array([0.0, LOAD_MW])
DAYS = 365
PARTS = (
    "solar", "onshore_wind", "offshore_wind", "adders", "grid", "carbon", "storage", "excess",
    "redispatch",
)  # fmt: skip


def small_table(**changed: Any) -> pd.DataFrame:
    """Return the table of the small supply, whose every day is the same."""
    scenario, layers = small_run()
    data = small_data(**changed)
    data = replace(data, supply=nothing_short(data.supply))
    shares = [0.0, 0.5, 0.8, 1.0]
    points = {
        "hourly": curve_points(EnergyProgram(data.supply, "hourly"), LOAD, shares),
        "annual": curve_points(EnergyProgram(data.supply, "annual"), LOAD, shares),
    }
    year = WholeYear(
        np.tile(data.supply.source_yield, (DAYS, 1)), np.tile(data.supply.grid_clean, DAYS)
    )
    return curve_table(data, LOAD_MW, points, year, layers.parameters, scenario)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """Return that table as it is."""
    return small_table()


def test_the_parts_are_the_cost(table: pd.DataFrame) -> None:
    parts = table[[f"{name}_krw_kwh" for name in PARTS]].sum(axis=1)
    assert parts.to_numpy() == pytest.approx(table["krw_kwh"].to_numpy(), rel=1e-9)


def test_scores_are_what_is_asked_for_and_hourly_is_never_above_annual(
    table: pd.DataFrame,
) -> None:
    for name in ("hourly", "annual"):
        rows = table[table["matching"] == name]
        assert (rows[f"{name}_pct"] >= rows["target_pct"] - 1e-6).all()
    for before in ("", "year_"):
        assert (table[f"{before}hourly_pct"] <= table[f"{before}annual_pct"] + 1e-9).all()
    assert (table["excess_pct"] <= 25.0 + 1e-6).all()


def test_where_all_days_are_typical_the_replay_has_the_scores_of_the_program(
    table: pd.DataFrame,
) -> None:
    hourly = table[table["matching"] == "hourly"]
    assert hourly["year_hourly_pct"].to_numpy() == pytest.approx(
        hourly["hourly_pct"].to_numpy(), abs=1e-6
    )
    assert hourly["year_co2_t"].to_numpy() == pytest.approx(hourly["co2_t"].to_numpy(), abs=1e-3)


def test_each_row_but_the_first_has_the_price_of_a_further_clean_kwh(table: pd.DataFrame) -> None:
    for _, rows in table.groupby("matching"):
        share, cost = rows["target_pct"].to_numpy() / 100.0, rows["krw_kwh"].to_numpy()
        assert np.isnan(rows["step_krw_kwh"].iloc[0])
        assert rows["step_krw_kwh"].to_numpy()[1:] == pytest.approx(
            np.diff(cost) / np.diff(share), abs=1e-6
        )


def test_what_is_used_up_and_short_is_told() -> None:
    """No sea, no storage: wind of 250 MW at 30 % and sun of 200 MW at 60 % by day."""
    small = small_data()
    most = small.supply.source_most_mw * np.array([1.0, 1.0, 0.0])
    no_more = no_storage(small.supply)
    table = small_table(
        source_most_mw=most,
        storage_krw_mw_year=no_more.storage_krw_mw_year,
        storage_krw_mwh_year=no_more.storage_krw_mwh_year,
        excess_most=10.0,
    )
    last = table[(table["matching"] == "hourly") & (table["target_pct"] == 100.0)].iloc[0]
    # 75 MW of wind at night, all of the load by day, and 30 % of what the grid adds
    assert last["reached_pct"] == pytest.approx(100.0 - 12.5 * 0.7)
    assert last["shortfall_gwh"] == pytest.approx(0.0875 * LOAD_MW * 8.76)
    assert last["used_up"].startswith("onshore_wind built 250 MW")
    assert last["onshore_wind_mw"] == pytest.approx(250.0)
    assert last["krw_kwh"] < 1000.0


def hand_made(reached_pct: float = 100.0) -> CostCurve:
    """Return a curve of round numbers."""
    table = pd.DataFrame(
        {
            "matching": ["hourly", "hourly", "hourly", "hourly", "annual"],
            "target_pct": [0.0, 80.0, 90.0, 100.0, 0.0],
            "reached_pct": [0.0, 80.0, min(90.0, reached_pct), reached_pct, 0.0],
            "used_up": ["", "", "", "sea 5 MW", ""],
            "krw_kwh": [180.0, 200.0, 220.0, 300.0, 1.0],
        }
    )
    spread = pd.DataFrame(
        [
            ("all", "low", 80.0, 80.0, 170.0),
            ("all", "low", 90.0, 90.0, 180.0),
            ("all", "low", 100.0, 100.0, 240.0),
            ("all", "high", 80.0, 75.0, 900.0),
            ("all", "high", 90.0, 75.0, 900.0),
            ("all", "high", 100.0, 75.0, 900.0),
            ("batteries", "high", 80.0, 80.0, 210.0),
            ("batteries", "high", 90.0, 90.0, 230.0),
            ("batteries", "high", 100.0, 98.0, 390.0),
        ],
        columns=["what", "side", "target_pct", "reached_pct", "krw_kwh"],
    )
    stock = pd.DataFrame({"technology": ["solar"], "scarce": [True]})
    return CostCurve(2035, 100.0, 80.0, table, spread, stock)


def test_the_answer_in_closed_form() -> None:
    found = answer(hand_made())
    assert found.reachable_pct == (100.0, 75.0, 100.0)
    assert found.krw_kwh == (200.0, 170.0, 210.0)  # where 80 % are not met there is no cost of it
    assert found.free_krw_kwh == 180.0
    assert (found.last_from_pct, found.last_to_pct) == (90.0, 100.0)
    assert found.last_krw_kwh == (80.0, 60.0, 160.0)
    assert found.last_clean_krw_kwh == pytest.approx((800.0, 600.0, 2000.0))
    assert found.used_up == "sea 5 MW"


def test_no_last_step_where_less_than_its_beginning_is_met() -> None:
    found = answer(hand_made(reached_pct=85.0))
    assert found.last_krw_kwh is None
    assert found.last_clean_krw_kwh is None
    assert found.last_to_pct == 85.0


def test_a_curve_is_kept_as_it_is() -> None:
    curve = hand_made()
    again = decode(encode(curve))
    assert isinstance(again, CostCurve)
    pd.testing.assert_frame_equal(again.table, curve.table)
    assert answer(again).krw_kwh == answer(curve).krw_kwh


@pytest.mark.slow
def test_the_embedded_supply() -> None:
    scenario, layers = small_run()
    few = scenario.energy.supply.model_copy(
        update={"typical_days": 2, "zones": 6, "curve_pct": [0, 50]}
    )
    energy = scenario.energy.model_copy(update={"supply": few, "clean_share_pct": 80.0})
    scenario = scenario.model_copy(update={"energy": energy})
    data = clean_supply(layers, scenario, 2035)
    buses = case_of_layers(layers).buses
    outside = ~buses["province_code"].astype(str).isin(["11", "28", "41"]).to_numpy()
    load_mw = 3400.0 * outside / outside.sum()
    curve = cost_curve(data, load_mw, scenario, layers)
    hourly = curve.table[curve.table["matching"] == "hourly"]
    assert hourly["target_pct"].tolist() == [0.0, 50.0, 80.0, 90.0, 100.0]
    assert (np.diff(hourly["krw_kwh"]) >= -1e-6).all()
    grid = data.supply.grid_krw_mwh / 1000.0
    assert hourly["krw_kwh"].iloc[0] <= grid + 1.0  # what redispatch adds
    annual = curve.table[curve.table["matching"] == "annual"]
    assert (hourly["krw_kwh"].to_numpy() >= annual["krw_kwh"].to_numpy() - 1e-6).all()
    found = answer(curve)
    assert found.krw_kwh.low < found.krw_kwh.value < found.krw_kwh.high
    assert found.last_krw_kwh is not None
    assert found.last_krw_kwh.value > 0.0
    stock = curve.stock.set_index("technology")
    assert (stock["needed_mw"] <= stock["usable_mw"] + 1e-6).all()
    assert (stock["usable_mw"] <= stock["stock_mw"] + 1e-6).all()
