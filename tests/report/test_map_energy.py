"""Clean energy on the page: the answer with both scores, stock, charts, prices by place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pandas as pd
import pytest

from siteopt.report._column_codec import compact
from siteopt.report._energy import energy_payload
from siteopt.report.map import render_map
from tests.report.small_energy import SmallScores, small_clean_plan, with_clean_energy
from tests.report.written import payload_of, write_map

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.report import RunTables
    from tests.report.conftest import SmallLayers

SIZE_MAX = 5_000_000


@pytest.fixture(scope="module")
def tables(run_tables: RunTables) -> RunTables:
    return with_clean_energy(run_tables)


@pytest.fixture(scope="module")
def path(tables: RunTables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file: Path = tmp_path_factory.mktemp("energy") / "map.html"
    write_map(tables, file)
    return file


@pytest.fixture
def page(browser: Any, path: Path) -> Any:
    opened = browser.page()
    opened.open(path.as_uri())
    return opened


def told(tables: RunTables) -> dict[str, Any]:
    found = energy_payload(tables)
    assert found is not None
    return found


def test_nothing_is_shown_where_no_match_is_asked_for(run_tables: RunTables) -> None:
    assert energy_payload(run_tables) is None
    assert payload_of(render_map(run_tables))["energy"] is None


def test_scores_are_told_in_percent_of_the_load(tables: RunTables) -> None:
    found = told(tables)
    assert found["program"] == {
        "hourly_pct": 80, "annual_pct": 93, "excess_pct": 5, "import_pct": 25, "tco2": 250_000,
    }  # fmt: skip
    assert (found["replay"]["hourly_pct"], found["replay"]["excess_pct"]) == (78.6, 6)
    assert [name for name, _ in found["parts"]] == [
        "grid", "solar", "onshore_wind", "adders", "storage", "excess", "redispatch", "carbon",
    ]  # fmt: skip


def test_the_stock_has_what_can_be_contracted_and_what_is_used_up(tables: RunTables) -> None:
    found = told(tables)
    wind = found["stock"][2]
    assert wind["usable_mw"] == pytest.approx(211.7)  # a tenth of what runs
    assert [row["used_up"] for row in found["stock"]] == [False, False, True, False]
    assert [row["technology"] for row in found["stock"]][:2] == ["solar", "solar"]
    assert found["limits"] == [{"technology": "onshore_wind", "managed": False, "mw": 900}]
    managed = replace(small_clean_plan(), used_up=[("solar built where managed", 0.0)])
    assert told(replace(tables, energy=managed))["limits"] == [
        {"technology": "solar", "managed": True, "mw": 0}
    ]


def test_the_worst_week_has_its_days_and_adds_up_to_the_load(tables: RunTables) -> None:
    week = told(tables)["week"]
    assert (week["from"], week["to"], week["from_hour"]) == ([2, 1], [2, 7], 0)
    assert len(week["used"]) == 168
    for parts in zip(week["used"], week["clean"], week["other"], strict=True):
        assert sum(parts) == pytest.approx(300, abs=1.5)
    assert week["clean"][0] == round(0.45 * (300 - 100.04))


def test_the_day_of_honam_is_the_typical_day_with_most_curtailment(tables: RunTables) -> None:
    day = told(tables)["day"]
    assert (day["days"], max(day["available"]), max(day["before"]), max(day["after"])) == (
        65, 3000, 800, 200,
    )  # fmt: skip
    assert day["before_gwh"] == pytest.approx((300 * 4 * 100 + 65 * 4 * 800) / 1000)
    assert day["after_gwh"] == pytest.approx(day["before_gwh"] / 4)


def test_prices_stand_in_the_order_of_the_buses(tables: RunTables) -> None:
    turned = small_clean_plan()
    turned = replace(turned, buses=turned.buses.iloc[::-1])
    prices = told(replace(tables, energy=turned))["price"]
    order = small_clean_plan().buses["krw_kwh"]
    assert prices == compact(order, 2)


def test_hours_of_the_year_are_not_in_the_page(path: Path) -> None:
    assert path.stat().st_size < SIZE_MAX
    page = path.read_text(encoding="utf-8")
    assert "contracts_mw" not in page


@pytest.mark.browser
def test_the_answer_tells_both_scores_and_the_price(page: Any) -> None:
    page.run("siteopt.showTab('energy'), 0")
    said = page.run("document.querySelector('.answer').innerText")
    assert "2035년 IT 300 MW를 시간 단위 80% 무탄소 전력으로 운영할 수 있는가?" in said
    for part in ("조건부 가능(대표일 기준)", "80.0%", "78.6%", "1.4%p", "152.3원/kWh"):
        assert part in said, part
    section = page.run("document.querySelector('#page-energy').innerText")
    for part in ("−1.4", "−4.7", "육상풍력 812 MW 필요", "소진", "50 MW / 200 MWh", "2월 1일~2월 7일, 41.2%",
                 "250,000 tCO₂", "육상풍력 신규 건설 한도 900 MW(2026~2035년)를 모두 사용"):  # fmt: skip
        assert part in section, part


@pytest.mark.browser
@pytest.mark.parametrize(
    ("program", "replay", "word"),
    [
        (SmallScores(0.80, 0.9), SmallScores(0.81, 0.9), "가능"),
        (SmallScores(0.70, 0.8), SmallScores(0.69, 0.8), "불가"),
    ],
)
def test_the_answer_is_yes_only_where_both_scores_are_enough(
    browser: Any, tables: RunTables, tmp_path: Path, program: Any, replay: Any, word: str
) -> None:
    plan = replace(small_clean_plan(), program=program, year_scores=replay)
    write_map(replace(tables, energy=plan), tmp_path / "map.html")
    page = browser.page()
    page.open((tmp_path / "map.html").as_uri())
    assert page.run("document.querySelector('.answer b').textContent") == word
    assert "null" not in page.run("document.querySelector('#page-energy').textContent")


@pytest.mark.browser
def test_a_match_over_the_year_is_judged_by_the_year(
    browser: Any, run_tables: RunTables, tmp_path: Path
) -> None:
    write_map(with_clean_energy(run_tables, "annual"), tmp_path / "map.html")
    page = browser.page()
    page.open((tmp_path / "map.html").as_uri())
    said = page.run("document.querySelector('.answer').textContent")
    assert "연간 80% 무탄소 전력" in said
    assert "93.0%" in said
    assert "78.6%" not in said


@pytest.mark.browser
def test_what_is_needed_stands_beside_what_runs_the_scarcest_first(
    browser: Any, tables: RunTables, tmp_path: Path
) -> None:
    stock = pd.DataFrame(
        [("solar", "operating", "2024-12-31"), ("onshore_wind", "operating", "2025-05"),
         ("onshore_wind", "operating", "2025-04-30")],
        columns=["technology", "status", "as_of"],
    )  # fmt: skip
    layers = cast("SmallLayers", tables.layers)
    known = replace(layers, tables=layers.tables | {"clean_stock": stock})
    write_map(replace(tables, layers=known), tmp_path / "map.html")
    page = browser.page()
    page.open((tmp_path / "map.html").as_uri())
    needed = page.run("[...document.querySelectorAll('.needed li')].map((one) => one.textContent)")
    assert needed[:2] == [
        "육상풍력 812 MW 필요: 2025년 5월 전국(제주 제외) 운영 설비는 2,117 MW",
        "태양광 150 MW 필요: 2024년 말 전국(제주 제외) 운영 설비는 27,998 MW",
    ]
    page.run("siteopt.showTab('energy'), document.querySelector('#language').click()")
    assert "ran in the country (Jeju aside) at the end of 2024" in page.run(
        "document.querySelector('.needed').textContent"
    )


@pytest.mark.browser
def test_charts_are_drawn_inside_their_frames(page: Any) -> None:
    page.run("siteopt.showTab('energy'), 0")
    outside = page.run("""[...document.querySelectorAll('figure.hourly svg')].flatMap((chart) => {
      const frame = chart.getBoundingClientRect();
      return [...chart.querySelectorAll('path, text, line')].map((one) => one.getBoundingClientRect())
        .filter((box) => box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1);
    }).length""")
    assert outside == 0
    assert page.run("document.querySelectorAll('figure.hourly svg[aria-label]').length") == 3
    assert "NaN" not in page.run("document.querySelector('#page-energy').innerHTML")


@pytest.mark.browser
def test_buses_are_coloured_by_price_and_off_at_first(page: Any) -> None:
    # Sites are circles too: those of the layer are found by their tooltip.
    prices = """(() => { let found = []; siteopt.map.eachLayer((one) => {
      const tip = one.getTooltip && one.getTooltip();
      const said = tip && typeof tip.getContent() === 'function' && tip.getContent()().textContent;
      if (said && said.includes('무탄소 전력')) found.push([said, one.options.fillColor]);
    }); return found; })()"""
    toggle = "[...document.querySelectorAll('#legend label')].find((one) => one.textContent.includes('무탄소 전력 가격')).click(), 0"
    assert page.run(prices) == []
    page.run(toggle)
    found = page.run(prices)
    assert len(found) == 3
    assert any("안동" in said and "158.3원/kWh" in said for said, _ in found)
    assert len({colour for _, colour in found}) > 1
    page.run(toggle)
    assert page.run(prices) == []


@pytest.mark.browser
def test_a_card_tells_the_price_at_its_bus_beside_the_cheapest_of_the_plan(page: Any) -> None:
    # S0000 and S0003 are at bus 1; S0002 is at bus 3.
    card = "siteopt.open(siteopt.rows.get('{}'), false), document.querySelector('.card').innerText"
    chosen, other = page.run(card.format("S0000")), page.run(card.format("S0002"))
    assert "150.0원/kWh" in chosen
    assert "최적안 입지 중 최저" in chosen
    assert "158.3원/kWh" in other
    assert "최적안 최저 입지보다 8.2원/kWh 높음" in other
    assert "공동 이용" in other


@pytest.mark.browser
def test_english_has_every_text_too(page: Any) -> None:
    page.run("document.querySelector('#language').click()")
    page.run("siteopt.showTab('energy'), 0")
    said = page.run("document.querySelector('#page-energy').innerText")
    assert "Can 300 MW of IT run on 80% clean energy by the hour in 2035?" in said
    assert not any("가" <= sign <= "힣" for sign in said)
