"""Grid works by payer: every won of the plan's connection is borne by somebody, and once."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from siteopt.report.files import figure_files
from siteopt.report.payers import payer_record, works_by_payer
from siteopt.report.tables import ranking_table
from siteopt.scenario import Payment

if TYPE_CHECKING:
    from siteopt.report import RunTables

HALVES = {"operator": 50, "state": 50}


def paid(tables: RunTables, **payment: object) -> RunTables:
    """Return the small run with a rule of payment; S0003 has a campus's works and a second feed."""
    campus = tables.options["site_id"] == "S0003"
    options = tables.options.assign(
        works=np.where(campus, "campus345+station345", tables.options["works"]),
        fixed_upgrade_bn_krw=np.where(campus, 350.0, tables.options["fixed_upgrade_bn_krw"]),
        works_campus_bn_krw=np.where(campus, 100.0, 0.0),
        fixed_substation_bn_krw=6.0,
        per_mw_substation_bn_krw=0.5,
        per_mw_connection_bn_krw=np.where(campus, 0.25, 0.0),
    )
    rule = Payment.model_validate(payment)
    scenario = tables.scenario.model_copy(update={"payment": rule})
    return replace(tables, options=options, scenario=scenario)


def test_works_are_borne_by_those_that_the_rule_names(run_tables: RunTables) -> None:
    found = works_by_payer(paid(run_tables, station345=HALVES, line="kepco"))
    rows = found.set_index(["site_id", "kind", "payer"])["cost_bn_krw"]
    # S0000: a line of 3 km at 5; 160 MW. S0003: 6 km, of which the second feed costs 4; 140 MW
    assert rows.to_dict() == {
        ("S0000", "substation", "operator"): pytest.approx(6 + 80),
        ("S0000", "line", "kepco"): pytest.approx(15),
        ("S0003", "substation", "operator"): pytest.approx(6 + 70),
        ("S0003", "line", "kepco"): pytest.approx(26),
        ("S0003", "second_feed", "operator"): pytest.approx(4),
        ("S0003", "campus_grid", "operator"): pytest.approx(35),
        ("S0003", "campus_station", "operator"): pytest.approx(100),
        ("S0003", "station345", "operator"): pytest.approx(125),
        ("S0003", "station345", "state"): pytest.approx(125),
    }
    assert found["share_pct"].tolist()[-2:] == [50, 50]


@pytest.mark.parametrize("payment", [{}, {"station345": HALVES}, {"substation": "state"}])
def test_no_won_is_lost_or_paid_twice(run_tables: RunTables, payment: dict[str, object]) -> None:
    tables = paid(run_tables, **payment)
    record = payer_record(tables)["payment"]
    assert sum(record["total_bn_krw"].values()) == pytest.approx(15 + 86 + 30 + 76 + 35 + 350)
    by_kind = sum(row["cost_bn_krw"] for row in record["works"])
    assert by_kind == pytest.approx(sum(record["total_bn_krw"].values()))


def test_works_of_a_plan_over_years_are_present_values(make_run: object) -> None:
    from tests.report.conftest import small_years  # noqa: PLC0415 - a maker, no fixture

    del make_run
    tables = small_years()
    found = works_by_payer(paid(tables)).set_index(["site_id", "kind"])["cost_bn_krw"]
    later = (1 + tables.discount_pct / 100) ** -2
    assert found["S0000", "line"] == pytest.approx(15)  # opens in the first year
    assert found["S0003", "line"] == pytest.approx(26 * later)


def test_files_tell_it_only_with_a_rule(run_tables: RunTables) -> None:
    without = figure_files(run_tables, ranking_table(run_tables))
    assert "works_by_payer.csv" not in without
    assert payer_record(run_tables) == {}
    tables = paid(run_tables)
    files = figure_files(tables, ranking_table(tables))
    assert files["works_by_payer.csv"].decode("utf-8-sig").startswith("site_id,kind,payer")
    plan = json.loads(files["portfolio.json"])
    assert plan["payment"]["total_bn_krw"]["state"] == 0
