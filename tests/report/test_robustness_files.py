"""Files of the robustness of a plan, and the columns of the ranking."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from siteopt.report._portfolio import portfolio
from siteopt.report.robustness_files import write_robustness
from siteopt.report.summary import run_summary
from siteopt.report.tables import ranking_table
from tests.report.small_robustness import DRAWS, with_draws

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.report import RunTables


@pytest.fixture(scope="module")
def tables(run_tables: RunTables) -> RunTables:
    return with_draws(run_tables)


def test_without_draws_nothing_is_written(run_tables: RunTables, tmp_path: Path) -> None:
    write_robustness(run_tables.robustness, tmp_path)
    assert not list(tmp_path.iterdir())
    assert "class" not in ranking_table(run_tables)


def test_the_record_says_how_many_draws_and_what_is_robust(
    tables: RunTables, tmp_path: Path
) -> None:
    write_robustness(tables.robustness, tmp_path)
    told = json.loads((tmp_path / "robustness.json").read_text(encoding="utf-8"))
    assert told["draws"] == {
        "asked": DRAWS, "solved": DRAWS, "with_a_plan": DRAWS, "plan_of_the_run_fits_pct": 25.0,
    }  # fmt: skip
    assert told["robust"]["site"] == ["S0000"]
    assert told["classes"]["competitive"] == 2
    committed = told["value_at_risk_bn_krw"][1]
    assert committed["figure"] == "committed"
    assert committed["mean"] == pytest.approx(2.0)
    assert told["held"] == {"price_year": "a choice of the money in which all is told"}


def test_every_table_can_be_read_again(tables: RunTables, tmp_path: Path) -> None:
    write_robustness(tables.robustness, tmp_path)
    read = {file.stem: pd.read_csv(file, encoding="utf-8-sig") for file in tmp_path.glob("*.csv")}
    assert sorted(read) == [
        f"robustness_{name}"
        for name in ("draws", "inputs", "overturn", "pairs", "places", "ranks", "swaps")
    ]
    places = read["robustness_places"].set_index(["level", "place"])
    assert places.loc[("site", "S0003"), "share_pct"] == 75
    assert read["robustness_inputs"]["first_order_cost"].tolist() == [0.5]
    assert len(read["robustness_draws"]) == DRAWS


def test_the_ranking_leads_with_the_class(tables: RunTables) -> None:
    table = ranking_table(tables).set_index("site_id")
    assert table.loc["S0000", "class"] == "robust"
    assert table.loc["S0003", "class"] == "competitive"
    assert table.loc["S0001", "in_plan_pct"] == 25
    assert table.loc["S0020", "class"] in {"dominated", "not_possible"}
    assert list(table.columns).index("class") < list(table.columns).index("proof")


def test_the_summary_says_what_stays_and_what_committing_costs(
    tables: RunTables, run_tables: RunTables
) -> None:
    plan = portfolio(tables)
    assert plan["certainty"]["robust"]["site"] == ["S0000"]
    record = {"status": "optimal", "sites": 30, "timings_s": {}}
    said = run_summary(record, plan, "map").splitlines()[-2]
    assert said == (
        "certainty: over 16 draws of all assumptions sites S0000 stay in 80 % of the plans; "
        "committing to these sites costs 2.0 bn KRW more on average, over 2.0 in one draw of twenty"
    )
    none = plan["certainty"] | {"robust": {"site": []}}
    told = run_summary(record, plan | {"certainty": none}, "map")
    assert "no site, district or province stays in 80 %" in told
    assert "certainty" not in portfolio(run_tables)
