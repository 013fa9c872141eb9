"""The assumptions file: whole, honest, and all that the code asks for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from siteopt.criteria import CRITERIA
from siteopt.layers import open_layers
from siteopt.layers.complex_types import COMPLEX_TYPES
from siteopt.layers.price_years import is_price

if TYPE_CHECKING:
    from numpy.typing import NDArray

FILE = Path(__file__).parents[1] / "data" / "reference" / "assumptions.csv"
COLUMNS = ["key", "value", "low", "high", "unit", "kind", "source", "confidence"]
PRICED = [*COLUMNS, "price_year", "price_year_basis"]
CONFIDENCES = {"assumption", "derived", "compiled-low", "compiled-medium", "compiled-high"}


def _table() -> pd.DataFrame:
    return pd.read_csv(FILE)


def _ends(table: str, *keys: str) -> NDArray[np.float64]:
    """Return low, value and high of keys as a file holds them, in the money of its rows."""
    rows = pd.read_csv(FILE.with_name(f"{table}.csv")).set_index("key")
    return rows.loc[list(keys), ["low", "value", "high"]].to_numpy(dtype=np.float64)


def test_every_row_is_whole_and_says_what_it_rests_on() -> None:
    table = _table()
    assert table.columns.tolist() == PRICED
    assert table["key"].is_unique
    assert np.isfinite(table["value"]).all()
    assert table[["unit", "source"]].notna().all(axis=None)
    assert set(table["kind"]) == {"assumption", "value-function"}
    assert set(table["confidence"]) <= CONFIDENCES


def test_every_value_lies_in_its_range_and_assumptions_have_one() -> None:
    table = _table()
    ranged = table.dropna(subset=["low", "high"])
    assert ranged["value"].between(ranged["low"], ranged["high"]).all()
    assert set(table.loc[table["kind"] == "assumption", "key"]) <= set(ranged["key"])


def test_assumptions_of_the_electricity_price_have_ranges_and_sources() -> None:
    table = pd.read_csv(FILE.with_name("assumptions_energy.csv"))
    assert table.columns.tolist() == PRICED
    assert table["key"].is_unique
    assert table["value"].between(table["low"], table["high"]).all()
    assert table[["unit", "source"]].notna().all(axis=None)
    assert set(table["confidence"]) <= CONFIDENCES | {"published"}


def test_build_rates_are_those_of_auctions_and_the_ambitious_are_larger() -> None:
    value = pd.read_csv(FILE.with_name("assumptions_energy.csv")).set_index("key")["value"]
    rates = {
        technology: tuple(value[f"{technology}_build_mw_year_{pace}"] for pace in ("current", "ambitious"))
        for technology in ("solar", "onshore_wind", "offshore_wind")
    }  # fmt: skip
    assert rates == {
        "solar": (71.7, 1000), "onshore_wind": (199, 230), "offshore_wind": (689, 14_300 / 5),
    }  # fmt: skip


def test_batteries_of_four_hours_cost_what_the_facts_give_for_them() -> None:
    energy, power = _ends("assumptions_energy", "battery_krw_kwh", "battery_krw_kw")
    capex_usd, rate = _ends("parameters", "bess_capex", "usd_krw")
    whole = energy + power / 4
    assert capex_usd[0] * rate[1] < whole[1] < capex_usd[2] * rate[1]
    # the auction of 2025: at least 1,000 bn KRW for 540 MW of six hours
    assert energy[1] + power[1] / 6 == pytest.approx(1e12 / 3_240_000, rel=0.02)
    # low: 125 USD/kWh, high: 403
    assert whole[0] == pytest.approx(125 * rate[1], rel=0.02)
    assert whole[2] == pytest.approx(403 * rate[1], rel=0.05)


def test_every_price_of_every_table_has_a_year_and_says_whether_it_is_stated() -> None:
    tables = [*sorted(FILE.parent.glob("assumptions*.csv")), FILE.with_name("parameters.csv")]
    dated = 0
    for file in tables:
        table = pd.read_csv(file)
        prices = table[table["unit"].fillna("").map(is_price)]
        if len(prices):
            assert prices["price_year"].between(2015, 2026).all(), file.name
            assert set(prices["price_year_basis"]) <= {"stated", "assumed"}, file.name
        dated += len(prices)
    assert dated > 35


def test_factors_of_routes_are_whole_and_lie_in_their_ranges() -> None:
    table = pd.read_csv(FILE.with_name("assumptions_routes.csv"))
    assert table.columns.tolist() == COLUMNS
    assert table["key"].is_unique
    assert table["value"].between(table["low"], table["high"]).all()
    assert (table["low"] > 0).all()
    assert set(table["confidence"]) == {"assumption", "derived"}
    assert table["key"].str.startswith("route_").all()


def test_prices_of_land_are_whole_and_lie_in_their_ranges() -> None:
    table = pd.read_csv(FILE.with_name("assumptions_land.csv"))
    assert table.columns.tolist() == [*COLUMNS, "price_year", "price_year_basis"]
    assert table["key"].is_unique
    assert table["value"].between(table["low"], table["high"]).all()
    assert set(table["confidence"]) <= CONFIDENCES
    value = table.set_index("key")["value"]
    provinces = open_layers().vector("provinces")
    assert {f"lot_price_{code}" for code in provinces["province_code"]} <= set(value.index)
    for kind in COMPLEX_TYPES:
        assert {f"lot_price_factor_{kind}", f"complex_area_{kind}"} <= set(value.index)
    assert value["raw_land_price_low"] < value["lot_price_46"]  # raw land is the cheaper one


def test_every_scored_column_has_a_value_function_the_right_way_round() -> None:
    value = _table().set_index("key")["value"]
    scored = {column.name: column.better for column in CRITERIA.values() if column.scored}
    for name, better in scored.items():
        rises = value[f"score_{name}_best"] > value[f"score_{name}_worst"]
        assert rises == (better == "high"), name
    ends = {key for key in value.index if key.endswith(("_worst", "_best"))}
    assert ends == {f"score_{name}_{end}" for name in scored for end in ("worst", "best")}
