"""Links into the map: what they open, and what is said where they cannot be followed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.report.written import write_map

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.report import RunTables

pytestmark = pytest.mark.browser

NOTE = "document.getElementById('link-note')"
KOREAN, ENGLISH = "이 결과의 후보지가 아닙니다", "which is no candidate of this result"


def opened_at(browser: Any, path: Path, link: str) -> Any:
    page = browser.page(1024, 700)
    page.open(path.as_uri() + link)
    return page


@pytest.mark.parametrize("link", ["", "#", "#site=S0002", "#lang=en&site=S0002", "#lang=ko"])
def test_a_right_link_needs_no_note(browser: Any, path: Path, link: str) -> None:
    page = opened_at(browser, path, link)
    assert page.run(f"{NOTE}.hidden && {NOTE}.offsetHeight === 0")
    assert page.run("document.querySelectorAll('.card').length") == int("site" in link)


@pytest.mark.parametrize("site", ["NOPE", "C245200", "s0002", "S0002%20", "%E0%A4", "<b>x</b>"])
def test_an_unknown_site_is_said_in_both_languages(browser: Any, path: Path, site: str) -> None:
    page = opened_at(browser, path, f"#site={site}")
    assert KOREAN in page.run(f"{NOTE}.innerText")
    assert page.run(f"document.activeElement === {NOTE}")
    assert page.run(f"{NOTE}.getAttribute('role')") == "alert"
    assert page.run(f"{NOTE}.querySelectorAll('b').length") == 0
    assert page.run("document.querySelectorAll('.card').length") == 0
    page.run("document.querySelector('#language').click()")
    said = page.run(f"{NOTE}.innerText")
    assert ENGLISH in said
    assert not any("가" <= sign <= "힣" for sign in said)
    page.run(f"{NOTE}.querySelector('button').click()")
    assert page.run(f"{NOTE}.hidden")
    page.run("document.querySelector('#language').click()")
    assert page.run(f"{NOTE}.hidden")  # closed is closed


@pytest.mark.parametrize(
    ("link", "parts"),
    [
        ("#nope", ["nope"]),
        ("#site=", ["site"]),
        ("#site", ["site"]),
        ("#lang=fr&site=S0002", ["lang=fr"]),
        ("#year=2031", ["year=2031"]),  # the plan is of one year
        ("#site=S0002&site=S0003", ["site=S0003"]),
        ("#__proto__=1&toString=2", ["__proto__=1", "toString=2"]),
        ("#" + "x" * 500, ["x" * 60 + "…"]),
        ("#a=%E2%80%AEb%0Ac", ["a=\ufffdb\ufffdc"]),
    ],
)
def test_what_cannot_be_read_of_a_link_is_named(
    browser: Any, path: Path, link: str, parts: list[str]
) -> None:
    page = opened_at(browser, path, link)
    said = page.run(f"[...{NOTE}.querySelectorAll('p')].map((one) => one.innerText)")
    assert [f"‘{part}’ 부분을 읽을 수 없습니다" in line for part, line in zip(parts, said, strict=True)] == [True] * len(parts)  # fmt: skip
    assert page.run(f"document.activeElement === {NOTE}")
    assert page.run("document.querySelectorAll('.card').length") == int("S0002" in link)


def test_a_link_followed_in_the_open_page_is_read_too(browser: Any, path: Path) -> None:
    page = opened_at(browser, path, "#site=S0002")
    page.run("location.hash = '#site=NOPE'")
    page.wait(f"!{NOTE}.hidden")
    page.wait("document.querySelectorAll('.card').length === 0")
    page.run("location.hash = '#lang=en&site=S0003'")
    page.wait(f"{NOTE}.hidden")
    page.wait("document.querySelector('.card')?.dataset.site === 'S0003'")
    assert page.run("document.documentElement.lang") == "en"


def test_a_year_of_the_plan_is_followed_and_any_other_named(
    browser: Any, years_tables: RunTables, tmp_path: Path
) -> None:
    write_map(years_tables, tmp_path / "map.html")
    page = opened_at(browser, tmp_path / "map.html", "#year=2033")
    assert page.run(f"[siteopt.year(), {NOTE}.hidden]") == [2033, True]
    page.run("location.hash = '#year=2040'")
    page.wait(f"!{NOTE}.hidden")
    assert "‘year=2040’" in page.run(f"{NOTE}.innerText")
    assert page.run("siteopt.year()") == 2033


def test_a_site_beyond_those_of_the_map_is_told_where_to_look(
    browser: Any, run_tables: RunTables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("siteopt.report._payload._SITES_MAX", 10)
    write_map(replace(run_tables), tmp_path / "map.html")
    page = opened_at(browser, tmp_path / "map.html", "#site=S0023")
    assert "상위 10곳만" in page.run(f"{NOTE}.innerText")


def test_tab_layers_and_place_are_in_the_address_and_come_back(browser: Any, path: Path) -> None:
    page = opened_at(browser, path, "")
    page.run("document.getElementById('tab-limits').click()")
    assert page.run("location.hash") == "#tab=limits"
    page.run("document.querySelector('#legend input').click()")
    assert page.run("location.hash") == "#tab=limits&off=chosen"
    page.run("(() => { const select = document.getElementById('excluded'); select.value = 'all'; select.dispatchEvent(new Event('change')); })()")  # fmt: skip
    page.run("siteopt.map.getContainer().focus()")
    page.page.keyboard.press("ArrowRight")
    page.wait("location.hash.includes('at=')")
    page.wait("!siteopt.map._panAnim || !siteopt.map._panAnim._inProgress")
    link, centre = page.run("[location.hash, siteopt.map.getCenter()]")
    assert "excluded=all" in link
    again = browser.page(1024, 700)
    again.open(path.as_uri() + link)
    assert again.run("siteopt.shownTab()") == "limits"
    assert again.run("document.querySelectorAll('.chosen-site').length") == 0
    assert again.run("document.getElementById('excluded').value") == "all"
    found = again.run("siteopt.map.getCenter()")
    assert [found["lat"], found["lng"]] == pytest.approx([centre["lat"], centre["lng"]], abs=1e-3)
    assert again.run(f"{NOTE}.hidden")
    assert again.run("location.hash") == link


def test_back_and_forward_go_through_tabs_and_sites(browser: Any, path: Path) -> None:
    page = opened_at(browser, path, "")
    page.run("document.getElementById('tab-ranking').click()")
    page.run("siteopt.open(siteopt.chosen[0]), 0")
    assert page.run("location.hash") == "#tab=ranking&site=S0003"
    whole = page.run("siteopt.firstZoom")
    page.page.go_back()
    page.wait("document.querySelectorAll('.card').length === 0")
    assert page.run("siteopt.shownTab()") == "ranking"
    assert page.run("siteopt.map.getZoom()") == whole
    page.page.go_back()
    page.wait("siteopt.shownTab() === siteopt.tabNames()[0]")
    page.page.go_forward()
    page.page.go_forward()
    page.wait("document.querySelector('.card')?.dataset.site === 'S0003'")
    assert page.run(f"{NOTE}.hidden")


@pytest.mark.parametrize(
    "part", ["tab=nope", "at=9/91/127", "at=9/36", "at=a/b/c", "on=nope", "off=chosen,nope", "excluded=99", "excluded=-1"]
)  # fmt: skip
def test_a_part_of_what_is_shown_that_is_not_there_is_named(
    browser: Any, path: Path, part: str
) -> None:
    page = opened_at(browser, path, f"#{part}")
    assert f"‘{part}’" in page.run(f"{NOTE}.innerText")
    assert page.run("document.querySelectorAll('.chosen-site').length") == 2
