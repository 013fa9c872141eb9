"""A plan over several years in the tables and files of a run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest

from siteopt.report import portfolio, ranking_table, site_costs
from siteopt.report._years import limits_by_year, running_mw
from siteopt.runs.results import open_run
from tests.report.written import write_run

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.report import RunTables

SECOND, THIRD = 1 / 1.05, 1 / 1.05**2
"""Discount factors of 2034 and 2035."""


def test_a_plan_of_one_year_has_no_years(run_tables: RunTables) -> None:
    answer = portfolio(run_tables)
    assert "years" not in answer
    assert not any("steps" in site or "open_year" in site for site in answer["sites"])
    assert not any("year" in limit for limit in answer["limits"])
    assert not {"open_year", "discounted_it_mw", "it_mw_2035"} & set(ranking_table(run_tables))


def test_what_runs_adds_up_over_the_years(years_tables: RunTables) -> None:
    running = running_mw(years_tables)
    assert running.loc["S0000"].tolist() == [100, 160, 160]
    assert running.loc["S0003"].tolist() == [0, 0, 140]
    table = ranking_table(years_tables).set_index("site_id")
    assert table.loc["S0000", ["it_mw_2033", "it_mw_2034", "it_mw_2035"]].tolist() == [
        100,
        160,
        160,
    ]
    assert table.loc["S0003", "open_year"] == 2035
    assert table.loc["S0000", "it_mw"] == 160
    assert pd.isna(table.loc["S0001", "open_year"])


def test_costs_of_a_chosen_site_are_the_present_value_of_its_steps(years_tables: RunTables) -> None:
    costs = site_costs(years_tables)
    # 13.5 bn KRW a MW and 15 for the line of S0000, which opens in the first year
    assert costs.loc["S0000", "cost_connection_bn_krw"] == pytest.approx(15)
    assert costs.loc["S0000", "cost_building_bn_krw"] == pytest.approx(13 * (100 + 60 * SECOND))
    assert costs.loc["S0003", "cost_connection_bn_krw"] == pytest.approx(30 * THIRD)
    planned = years_tables.plan.chosen.set_index("site_id")["cost_bn_krw"]
    assert costs.loc[planned.index, "cost_bn_krw"].tolist() == pytest.approx(planned.tolist())


def test_costs_per_mw_are_those_of_the_year_of_opening(years_tables: RunTables) -> None:
    costs = site_costs(years_tables)
    # S0003 opens as a whole in 2035: the discount falls out.
    assert costs.loc["S0003", "bn_krw_per_mw"] == pytest.approx((30 + 13.5 * 140) / 140)
    discounted = 100 + 60 * SECOND
    assert costs.loc["S0000", "discounted_it_mw"] == pytest.approx(discounted)
    assert costs.loc["S0000", "bn_krw_per_mw"] == pytest.approx(13.5 + 15 / discounted)
    assert costs.loc["S0001", "discounted_it_mw"] == costs.loc["S0001", "it_mw"]


def test_each_year_tells_what_opens_runs_and_costs(years_tables: RunTables) -> None:
    answer = portfolio(years_tables)
    first, second, third = answer["years"]
    assert (first["year"], first["target_it_mw"], first["it_mw"]) == (2033, 100, 100)
    assert (first["opens"], first["grows"]) == (["S0000"], [])
    assert (second["opens"], second["grows"]) == ([], ["S0000"])
    assert second["capital_bn_krw"] == pytest.approx(13 * 60)
    assert third["provinces"] == [{"province_code": "46", "it_mw": 300, "share_pct": 100}]
    assert sum(year["cost_bn_krw"] for year in answer["years"]) == pytest.approx(
        answer["cost_bn_krw"]
    )
    steps = {site["site_id"]: site["steps"] for site in answer["sites"]}
    assert [(step["year"], step["opens"], step["it_mw_after"]) for step in steps["S0000"]] == [
        (2033, True, 100),
        (2034, False, 160),
    ]


def test_limits_have_their_year_apart_from_their_name(years_tables: RunTables) -> None:
    limits = limits_by_year(years_tables)
    target = [limit for limit in limits if limit["family"] == "target"]
    assert [(limit["limit"], limit["year"], limit["used"]) for limit in target] == [
        ("target", 2033, 100), ("target", 2034, 160), ("target", 2035, 300),
    ]  # fmt: skip
    # a site may be called anything
    rule = next(limit for limit in limits if limit["family"] == "rules")
    assert (rule["limit"], rule["year"]) == ("site S0000 in 2034", None)
    flows = portfolio(years_tables)["grid"]["flow_limits"]
    assert {flow["year"] for flow in flows} <= {2033, 2034, 2035}


def test_files_of_several_years(years_tables: RunTables, tmp_path: Path) -> None:
    write_run(years_tables, tmp_path / "run", {})
    steps = gpd.read_file(tmp_path / "run" / "sites.gpkg", layer="steps")
    assert steps[["site_id", "year", "it_mw", "it_mw_after"]].to_numpy().tolist() == [
        ["S0000", 2033, 100, 100], ["S0000", 2034, 60, 160], ["S0003", 2035, 140, 140],
    ]  # fmt: skip
    assert steps.crs.to_epsg() == 5179
    write_run(years_tables, tmp_path / "again", {})
    for name in ("map.html", "ranking.csv", "sites.gpkg", "portfolio.json"):
        again = (tmp_path / "again" / name).read_bytes()
        assert (tmp_path / "run" / name).read_bytes() == again, name
    assert len(json.loads((tmp_path / "run" / "portfolio.json").read_text("utf-8"))["years"]) == 3


def test_a_run_tells_its_years(years_tables: RunTables, tmp_path: Path) -> None:
    write_run(years_tables, tmp_path / "run", {})
    run = open_run(tmp_path / "run")
    summary = run.summary()
    assert "(100 MW in 2033, +60 MW in 2034)" in summary
    assert "2034: 160 MW IT (target 160), 780.0 bn KRW of capital, 0 sites open, 1 grow" in summary
    assert "phases: 100 MW from 2033, +60 MW from 2034" in run.explain("S0000")
    assert "phases:" not in run.explain("S0001")
