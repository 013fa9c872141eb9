"""Files of clean energy: what they hold, and that a run without a match has none."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from siteopt._csv import read_csv
from siteopt._file_names import RUN_FILES
from siteopt.report import ranking_table
from siteopt.report.energy_files import date_of_hour, energy_record
from siteopt.report.files import figure_files, table_files
from tests.report.small_energy import LOAD_MW, small_clean_plan, with_clean_energy

if TYPE_CHECKING:
    from siteopt.report import RunTables

NAMES = {
    "energy.json", "energy_hours.csv", "energy_hours.csvt", "energy_prices.csv",
    "energy_prices.csvt", "energy_sources.csv", "energy_sources.csvt",
}  # fmt: skip


@pytest.fixture(scope="module")
def files(run_tables: RunTables) -> dict[str, bytes]:
    tables = with_clean_energy(run_tables)
    return table_files(tables, ranking_table(tables))


def test_a_run_without_a_match_has_none_of_these_files(run_tables: RunTables) -> None:
    found = table_files(run_tables, ranking_table(run_tables))
    assert not {name for name in found if name.startswith("energy")}


def test_a_run_with_a_match_has_them_all_under_known_names(files: dict[str, bytes]) -> None:
    assert {name for name in files if name.startswith("energy")} == NAMES
    assert set(files) <= RUN_FILES


def test_a_brief_run_has_figures_only(run_tables: RunTables) -> None:
    tables = with_clean_energy(run_tables)
    assert not set(figure_files(tables, ranking_table(tables))) & NAMES


def test_the_same_run_gives_the_same_bytes(run_tables: RunTables, files: dict[str, bytes]) -> None:
    again = with_clean_energy(run_tables)
    found = table_files(again, ranking_table(again))
    assert {name: found[name] for name in NAMES} == {name: files[name] for name in NAMES}


def test_the_record_has_all_but_the_hours_in_sorted_keys(files: dict[str, bytes]) -> None:
    told = json.loads(files["energy.json"])
    assert list(told) == sorted(told)
    assert told["price_krw_kwh"] == 152.34
    assert sum(told["price_parts_krw_kwh"].values()) == pytest.approx(told["price_krw_kwh"])
    assert (told["asked_clean_pct"], told["matching"], told["year"]) == (80, "hourly", 2035)
    assert told["typical_days"]["hourly_clean_pct"] == 80
    assert told["year_replayed"]["hourly_clean_pct"] == 78.6
    assert told["year_replayed"]["emission_tco2"] == 250_000.4
    assert told["worst_week"] == {
        "from_hour": 745, "from_month_day": "02-01", "clean_pct": 41.234,
    }  # fmt: skip
    assert told["used_up"][0] == {"limit": "onshore_wind built", "most_mw": 900}
    assert [row["contracted_mw"] for row in told["stock"]] == [211.7, 600, 0, 150]
    assert len(told["curtailment"]) == 96
    assert "hours" not in told


def test_sources_prices_and_record_agree(files: dict[str, bytes]) -> None:
    told = json.loads(files["energy.json"])
    sources = read_csv(files["energy_sources.csv"])
    assert sources["mw"].tolist() == [row["mw"] for row in told["sources"]] == [600, 211.7, 150]
    prices = read_csv(files["energy_prices.csv"], dtype={"bus_id": str, "province_code": str})
    assert prices[["bus_id", "name_ko", "krw_kwh"]].to_numpy().tolist() == [
        ["1", "나주 ", 150.04], ["2", "담양", 151.0], ["3", "안동", 158.26],
    ]  # fmt: skip
    assert files["energy_prices.csvt"].startswith(b'"String","String","String","String","CoordX"')


def test_the_hours_are_those_of_a_year_to_one_decimal_and_balance(files: dict[str, bytes]) -> None:
    hours = read_csv(files["energy_hours.csv"])
    assert hours["hour"].tolist() == list(range(1, 8761))
    assert (hours["used_mw"] + hours["import_mw"]).to_numpy() == pytest.approx(LOAD_MW)
    assert hours.loc[0, ["used_mw", "grid_clean_pct"]].tolist() == [100.0, 45.0]
    assert b"-0.0" not in files["energy_hours.csv"]
    for line in files["energy_hours.csv"].decode("utf-8-sig").splitlines()[1:50]:
        assert all(len(figure.partition(".")[2]) <= 1 for figure in line.split(","))


@pytest.mark.parametrize(
    ("hour", "day"), [(1, "01-01"), (24, "01-01"), (25, "01-02"), (1417, "03-01"), (8760, "12-31")]
)
def test_an_hour_has_its_day_in_a_year_of_365_days(hour: int, day: str) -> None:
    assert date_of_hour(hour) == day


def test_the_fixture_adds_up() -> None:
    plan = small_clean_plan()
    assert plan.stock["contracted_mw"].sum() == pytest.approx(plan.sources["mw"].sum())


def test_atlases_are_written_by_zone_where_there_are_any(
    run_tables: RunTables, files: dict[str, bytes]
) -> None:
    assert "atlas_by_zone" not in json.loads(files["energy.json"])
    atlas = pd.DataFrame({"zone": [0], "km2": [9.0], "wind_speed_m_s": [6.1]})
    tables = with_clean_energy(run_tables)
    told = energy_record(tables, replace(small_clean_plan(), atlas=atlas))
    assert told["atlas_by_zone"] == [{"zone": 0, "km2": 9.0, "wind_speed_m_s": 6.1}]
