"""The grid on the map in a real browser: card, list and layers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from siteopt.report.impact import impact_texts
from tests.report.written import write_map

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.report import RunTables

pytestmark = pytest.mark.browser

SIZES = [(1366, 768), (1920, 1080), (390, 844)]


def opened_card(page: Any, site: str, part: str) -> str:
    page.run(f"siteopt.open(siteopt.rows.get('{site}'), false), 0")
    said: str = page.run(f"document.querySelector('.card {part}').innerText")
    return said


def box(layer: str) -> str:
    return f"[...document.querySelectorAll('#legend label')].find((one) => one.innerText.includes('{layer}')).querySelector('input')"


def circles(colour: str) -> str:
    return (
        f"Object.values(siteopt.map._layers).filter((one) => one.options?.fillColor === '{colour}')"
    )


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("site", ["S0000", "S0001", "S0022"])
def test_the_card_says_the_assessment_as_the_tables_do(
    page: Any, run_tables: RunTables, site: str, language: str
) -> None:
    page.run(f"siteopt.language = '{language}'")
    page.run(f"siteopt.open(siteopt.rows.get('{site}'), false), 0")
    page.run("document.querySelectorAll('.impact details').forEach((one) => { one.open = true; })")
    lines = page.run(
        "[...document.querySelectorAll('.impact p, .impact li')].map((one) => one.innerText)"
    )
    assert run_tables.impact is not None
    wanted = impact_texts(run_tables.impact.table.loc[site], run_tables.impact.scoring)
    assert lines == [getattr(one, language) for one in wanted]
    page.run("siteopt.language = 'ko'")


def test_a_site_without_a_connection_is_not_assessed(page: Any) -> None:
    page.run("siteopt.open(siteopt.rows.get('S0020'), false), 0")
    assert page.run("document.querySelectorAll('.impact').length") == 0


def test_the_card_tells_works_only_where_there_are(page: Any) -> None:
    said = "345/154 kV 변압기 1대 증설(여유용량 50 MW 추가, 200억 원)"
    assert said in opened_card(page, "S0009", ".facts")
    assert "변전소 보강·신설" in opened_card(page, "S0009", ".costs")
    assert "선행 계통 보강" not in opened_card(page, "S0001", ".facts")
    assert "변전소 보강·신설" not in opened_card(page, "S0001", ".costs")


def test_the_card_tells_the_second_feed_and_the_range_of_years(page: Any) -> None:
    facts = opened_card(page, "S0003", ".facts")
    assert "제2 수전(다른 변전소)" in facts
    assert "7.5 km" in facts
    assert "5~9.5년 최장 기간이 걸리면 목표 연도에 늦습니다." in facts
    assert "제2 수전" not in opened_card(page, "S0001", ".facts")


def test_the_card_says_whose_figure_the_headroom_is(page: Any) -> None:
    assert "한전 공표(시·군·구 최대)" in opened_card(page, "S0003", ".facts")


def test_the_card_names_the_branches_and_the_snapshot_that_stop_a_site(page: Any) -> None:
    # A block is 25 MW of contract power, the smallest build 50 MW; 20 MW of the limit are left.
    # S0000 and S0003 are at bus 1 (a MW takes 1 MW of the limit), S0001 at bus 2 (0.5), S0002 at 3 (0.1).
    chosen = opened_card(page, "S0003", ".causes")
    assert (
        "나주 –담양 154\u00a0kV, 안동–담양 345\u00a0kV 제2회선(담양–안동 345\u00a0kV 제1회선 고장 시)"
        in chosen
    )
    assert (
        "외 2개, 계통 최대수요, 모형 추정)으로 증설 단위(IT 20 MW)를 추가할 수 없습니다" in chosen
    )
    assert "최소 규모(IT 40 MW)도 추가할 수 없습니다" in opened_card(page, "S0001", ".causes")
    assert "송전제약" not in opened_card(page, "S0002", ".causes")


def test_the_list_tells_what_the_plan_does_to_the_grid(page: Any) -> None:
    page.run("siteopt.showTab('grid')")
    said = page.run("document.querySelector('#page-grid').innerText")
    for part in ("합성 계통 모형(KPG 193)", "상정고장(N-1)은 반영하지", "최적안 입지의 부하 375 MW", "계통 최대수요",
                 "수요 1,000 MW", "+2.5", "5.0 → 7.5", "120 → 20", "0 → 0",
                 "신규 부하가 없어도 과부하인 송전선로 나주 –담양 154\u00a0kV",
                 "전라남도의 추가 1 MW를 막는 4개 선로 가운데 영향이 큰 3개", "전라남도(61 MW)", "모형에 없음"):  # fmt: skip
        assert part in said, part
    page.run("siteopt.showTab('limits')")
    limits = page.run("document.querySelector('#page-limits').innerText")
    assert "계통 최대수요: 나주 –담양" in limits
    assert "결과값 (건)" in limits
    page.run("siteopt.showTab('chosen')")


def test_without_flow_limits_one_line_says_so(
    browser: Any, run_tables: RunTables, tmp_path: Path
) -> None:
    plan = replace(run_tables.plan, grid_account=None, grid_further=None, flow_prices=None)  # type: ignore[type-var]
    write_map(replace(run_tables, plan=plan, impact=None), tmp_path / "map.html")
    opened = browser.page()
    opened.open((tmp_path / "map.html").as_uri() + "#site=S0003")
    opened.run("siteopt.showTab('grid')")
    assert opened.run("document.querySelector('#page-grid').innerText").split("\n\n") == [
        "전력계통",
        "이 시나리오는 송전제약(선로 용량)을 적용하지 않았습니다.",
    ]
    assert opened.run("document.querySelectorAll('.impact').length") == 0
    assert "송전제약" not in opened.run("document.querySelector('.card .causes').innerText")


def test_the_layers_of_the_buses_are_off_at_first_and_drawn_by_size(page: Any) -> None:
    load, held = ("siteopt.busColours.hosting", "siteopt.busColours.held")
    colours = page.run(f"[{load}, {held}]")
    assert [page.run(circles(colour) + ".length") for colour in colours] == [0, 0]
    page.run(f"{box('계통 수용가능용량')}.click(), {box('송전제약에')}.click()")
    sizes = page.run(
        circles(colours[0]) + ".map((one) => one.options.radius).sort((a, b) => a - b)"
    )
    # 1,000, 2,000 and 3,000 MW: the area says the MW.
    assert [size**2 / sizes[0] ** 2 for size in sizes] == pytest.approx([1, 2, 3])
    # Bus 3 holds nothing back; the snapshot is the one with most held back.
    assert page.run(circles(colours[1]) + ".length") == 2
    assert "봄철 한낮" in page.run(f"{box('송전제약에')}.closest('label').innerText")
    page.run(f"{box('계통 수용가능용량')}.click(), {box('송전제약에')}.click()")
    assert [page.run(circles(colour) + ".length") for colour in colours] == [0, 0]


def test_a_click_on_a_bus_tells_every_snapshot_with_and_without_outages(page: Any) -> None:
    page.run(f"{box('계통 수용가능용량')}.click()")
    at = "siteopt.data.grid.bus.lat[1]"
    circle = (
        circles(page.run("siteopt.busColours.hosting"))
        + f".find((one) => one.getLatLng().lat === {at})"
    )
    page.run(f"{circle}.fire('click'), 0")
    page.run(
        "document.querySelectorAll('.card.bus details').forEach((one) => { one.open = true; })"
    )
    said = page.run("document.querySelector('.card.bus').innerText")
    for part in ("담양 모선(345 kV)", "공표값이 아닙니다", "계통 최대수요", "봄철 한낮", "2,000 MW", "1,100 MW",
                 "담양–안동 345\u00a0kV 제1회선(나주 –담양 154\u00a0kV 고장 시)", "700 MW", "13 MW", "400 MW"):  # fmt: skip
        assert part in said, part
    page.run(f"siteopt.map.closePopup(), {box('계통 수용가능용량')}.click()")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_list_and_the_cards_fit(
    browser: Any, path: Path, size: tuple[int, int], language: str
) -> None:
    opened = browser.page(*size)
    opened.open(f"{path.as_uri()}#lang={language}&site=S0003")
    opened.run("siteopt.showTab('grid')")
    # On a phone the tabs are a strip that scrolls: the tab that is shown stands inside it.
    beyond = """[...document.querySelectorAll(`${innerWidth < 720 ? '#tabs, #tabs [aria-selected=true]' : '#tabs, #tabs *'}, #page-grid *, .card *`)].filter((one) => {
      const room = one.closest('#panel, .leaflet-popup-content').getBoundingClientRect();
      const taken = one.getBoundingClientRect();
      return taken.width && (taken.right > room.right + 0.5 || taken.left < room.left - 0.5);
    }).map((one) => one.outerHTML)"""
    assert opened.run(beyond) == []
    opened.run("siteopt.data.grid && siteopt.map.closePopup(), 0")
