"""The tab of certainty: what is robust, what committing costs, what decides and overturns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from siteopt.report._robustness import input_titles, robustness_payload
from siteopt.report.tables import ranking_table
from tests.report.small_robustness import with_draws
from tests.report.written import write_map

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.report import RunTables


@pytest.fixture(scope="module")
def tables(run_tables: RunTables) -> RunTables:
    return with_draws(run_tables)


@pytest.fixture(scope="module")
def path(tables: RunTables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file: Path = tmp_path_factory.mktemp("robustness") / "map.html"
    write_map(tables, file)
    return file


@pytest.fixture
def page(browser: Any, path: Path) -> Any:
    opened = browser.page()
    opened.open(path.as_uri())
    return opened


def test_nothing_is_shown_where_nothing_was_drawn(run_tables: RunTables) -> None:
    assert robustness_payload(run_tables, ranking_table(run_tables)) is None


def test_titles_are_in_both_languages_and_inputs_without_one_have_their_key(
    tables: RunTables,
) -> None:
    found = robustness_payload(tables, ranking_table(tables))
    assert found is not None
    assert found["titles"]["load_factor"] == ["IT 부하율", "IT load factor"]
    assert all(ko and en for ko, en in input_titles().values())


@pytest.mark.browser
def test_the_plan_leads_with_what_is_robust(page: Any) -> None:
    said = page.run("document.querySelector('#page-chosen .lead').textContent")
    assert "16회 계산" in said
    assert "20억" in said  # 2 bn KRW of committing


@pytest.mark.browser
def test_the_tab_tells_places_influence_and_thresholds(page: Any) -> None:
    said = page.run("document.getElementById('page-robustness').textContent")
    assert "IT 부하율" in said
    assert "50 ±10% ↑" in said
    assert "원형지 가격" in said
    assert "58,298 원/㎡" in said
    assert "전체 후보로 다시 풀어 확인" in said


@pytest.mark.browser
def test_sites_have_their_class_in_list_and_card(page: Any) -> None:
    badges = "[...document.querySelectorAll('#page-chosen .badge')].map((one) => one.textContent)"
    assert page.run(badges) == ["경합", "강건"]
    page.run("siteopt.open(siteopt.chosen[0]), 0")
    card = page.run("document.querySelector('.card').textContent")
    assert "포함 75%" in card
    assert "무엇이 이 판단을 뒤집는가" in card


@pytest.mark.browser
def test_english_has_every_text_too(page: Any) -> None:
    page.run("siteopt.showTab('robustness'), document.getElementById('language').click(), 0")
    said = page.run("document.getElementById('page-robustness').textContent")
    assert "Price of raw land" in said
    assert "KRW/m2" in said
