"""Other plans, levels and trade-offs in the files of a run and on the map."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from siteopt.report import portfolio, ranking_table
from siteopt.report._alternatives import alternatives_payload
from tests.report.small_further import small_further
from tests.report.written import write_map

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.report import RunTables


@pytest.fixture(scope="module")
def tables(run_tables: RunTables) -> RunTables:
    return replace(run_tables, further=small_further(list(run_tables.sites["site_id"])))


def test_the_ranking_has_the_level_of_each_site(tables: RunTables, run_tables: RunTables) -> None:
    table = ranking_table(tables).set_index("site_id")
    assert table.loc["S0003", ["within_1_pct", "within_2_pct"]].tolist() == ["must", "some"]
    assert table.loc["S0009", ["within_1_pct", "within_2_pct"]].tolist() == ["none", "open"]
    assert "within_1_pct" not in ranking_table(run_tables)


def test_the_portfolio_has_each_plan_with_its_sites(tables: RunTables) -> None:
    record = portfolio(tables)
    first = record["alternatives"][0]
    assert (first["within_pct"], first["extra_bn_krw"], first["proof"]) == (1, 5.5, "proven")
    assert [site["site_id"] for site in first["in_plan"]] == ["S0003", "S0001"]
    assert record["levels"]["within_1_pct"] == {"must": 1, "none": 1, "some": 22}
    assert [first[f"shared{of}"] for of in ("", "_stations", "_districts")] == [1, 2, 1]
    assert [first["nearest_km"], first["nearest_median_km"], first["distinct_by"]] == [
        0,
        3.5,
        "place",
    ]
    assert [site["nearest_km"] for site in first["in_plan"]] == [0, 7]
    assert [point["figure"] for point in record["tradeoffs"]] == [130.5, 110, 80, 6000]


def test_without_them_nothing_is_said(run_tables: RunTables) -> None:
    assert "alternatives" not in portfolio(run_tables)
    assert alternatives_payload(run_tables, ranking_table(run_tables)) is None


def test_a_plan_found_at_two_levels_is_told_once(tables: RunTables) -> None:
    told = alternatives_payload(tables, ranking_table(tables))
    assert told is not None
    assert [plan["within"] for plan in told["plans"]] == [[1, 2], [5]]
    assert [plan["proven"] for plan in told["plans"]] == [True, False]
    assert [len(curve["points"]) for curve in told["curves"]] == [3, 1]


@pytest.mark.browser
def test_the_map_shows_plans_curves_and_levels(
    tables: RunTables, browser: Any, tmp_path: Path
) -> None:
    path = tmp_path / "map.html"
    write_map(tables, path)
    page = browser.page()
    page.open(path.as_uri())
    page.run("siteopt.showTab('alternatives')")
    shown = page.run("document.getElementById('page-alternatives').innerText")
    assert "비용 증가 1·2% 이내 · 대안 1" in shown
    assert "입지 2곳 중 최적안과 같은 입지 1곳 · 변전소 2곳 · 시·군·구 1곳" in shown
    assert "가장 가까운 최적안 입지까지: 최소 7 km · 중앙값 13 km" in shown
    assert "최적안에 없는 시·군·구와 변전소에 입지를 가장 많이 둔 계획" in shown
    assert "140 MW 최적안 입지에서 7 km · 같은 변전소" in shown
    assert page.run("document.querySelectorAll('svg.curve circle').length") == 3
    assert page.run("document.querySelectorAll('svg.curve circle.open').length") == 1
    figures = page.run(
        "[...document.querySelectorAll('svg.curve text')].map((one) => one.textContent)"
    )
    assert {"800", "1,000", "1,200", "0", "500"} <= set(figures)
    rings = "siteopt.rings.getLayers().map((ring) => ring.getLatLng().lat)"
    page.run("document.querySelectorAll('.show-plan')[1].click()")
    plans = page.run("siteopt.data.further.plans.map((plan) => plan.sites.map(([id]) => id))")
    rows = page.run(f"{plans[1]}.map((id) => siteopt.data.sites.lat[siteopt.rows.get(id)])")
    assert page.run(rings) == rows
    page.run("document.querySelectorAll('.show-plan')[0].click()")  # one plan at a time
    pressed = "[...document.querySelectorAll('.show-plan')].map((one) => one.ariaPressed)"
    assert page.run(pressed) == ["true", "false"]
    assert page.run(f"{rings}.length") == len(plans[0])
    page.run("document.querySelectorAll('.show-plan')[0].click()")
    assert page.run(rings) == []
    page.run("document.querySelector('.plan-sites button').click()")
    card = page.run("document.querySelector('.card').innerText")
    assert "비용 증가 1% 이내의 모든 계획에 포함" in card
    assert "비용 증가 2% 이내의 일부 계획에 포함" in card
    page.run("document.getElementById('language').click()")
    english = page.run("document.getElementById('page-alternatives').textContent")
    assert "as many sites as possible in other districts and at other stations" in english
    assert (
        "Of 2 sites, shared with the chosen plan: 1 by site · 2 by station · 1 by district"
        in english
    )
    assert "7 km away · same station" in english
    assert "In every plan within 1% of the cost" in page.run(
        "document.querySelector('.card').innerText"
    )
    cut = "[...document.querySelectorAll('#tabs button')].filter((one) => one.scrollWidth > one.clientWidth || one.offsetHeight > 45).length"
    assert page.run(cut) == 0  # English titles stand in their column, no word is broken
    assert page.run("document.querySelector('#tabs').scrollHeight <= innerHeight")
