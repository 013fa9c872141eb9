"""The map of a plan over several years in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.report.written import write_map

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.report import RunTables

pytestmark = pytest.mark.browser

MARKS = """[...document.querySelectorAll(".chosen-site")].map((mark) =>
  [mark.classList.contains("later"), mark.querySelector("small").textContent]).sort()"""


@pytest.fixture(scope="module")
def path(years_tables: RunTables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file: Path = tmp_path_factory.mktemp("map") / "map.html"
    write_map(years_tables, file)
    return file


def choose(page: Any, year: int) -> None:
    page.run(f"document.querySelector('#years input[value=\"{year}\"]').click()")


def test_the_map_begins_with_the_last_year(page: Any) -> None:
    assert page.run("document.querySelector('#years input:checked').value") == "2035"
    assert page.run(MARKS) == [[False, "140 MW"], [False, "160 MW"]]
    assert "2035년: 2곳에서 IT 300 MW 가동" in page.run(
        "document.querySelector('#years').innerText"
    )


def test_another_year_shows_what_runs_in_it(page: Any) -> None:
    lines = page.run("siteopt.connections().getLayers().length")
    choose(page, 2033)
    assert page.run(MARKS) == [[False, "100 MW"], [True, "2035년"]]
    assert page.run("siteopt.connections().getLayers().length") == lines / 2
    assert page.run("location.hash") == "#year=2033"
    said = page.run("document.querySelector('#years').innerText")
    assert "2033년: 1곳에서 IT 100 MW 가동" in said
    assert "시·도별 배치 비중(2033년)" in page.run(
        "document.querySelector('#page-chosen').innerText"
    )
    choose(page, 2035)
    assert page.run("location.hash") == ""


def test_limits_are_those_of_the_year(page: Any) -> None:
    used = "siteopt.showTab('limits'), document.querySelector('#page-limits tbody td').textContent"
    choose(page, 2034)
    assert page.run(used) == "160"
    choose(page, 2035)
    assert page.run(used) == "300"


def test_the_years_are_a_group_that_the_keyboard_reaches(page: Any) -> None:
    names = page.run(
        "[...document.querySelectorAll('#years input')].map((one) => one.name + one.type)"
    )
    assert names == ["yearradio"] * 3
    page.run("document.querySelector('#years input:checked').focus(), 0")
    page.page.keyboard.press("ArrowLeft")
    assert page.run("document.querySelector('#years input:checked').value") == "2034"
    assert page.run("document.activeElement.value") == "2034"
    assert page.run("siteopt.year()") == 2034


def test_list_and_card_tell_the_phases(page: Any) -> None:
    listed = page.run("document.querySelector('#page-chosen').innerText")
    assert "2033년 100 MW 개시, 2034년 +60 MW" in listed
    page.run("siteopt.open(siteopt.rows.get('S0000'), false), 0")
    card = page.run("document.querySelector('.card').innerText")
    assert "2033년 100 MW 개시, 2034년 +60 MW" in card
    assert "2033년 초 현재가치" in card
    page.run("document.querySelector('#language').click()")
    card = page.run("document.querySelector('.card').innerText")
    assert "100 MW from 2033, +60 MW from 2034" in card
    visible = page.run("document.body.innerText").replace("한국어", "")
    assert not any("가" <= sign <= "힣" for sign in visible)


def test_bars_stack_to_what_runs(page: Any) -> None:
    heights = page.run("""[...document.querySelectorAll("figure.years g")].map((one) =>
      [...one.querySelectorAll("rect")].reduce((sum, bar) => sum + Number(bar.getAttribute("height")), 0))""")
    assert [height / heights[-1] for height in heights] == pytest.approx(
        [100 / 300, 160 / 300, 1], abs=0.01
    )
    assert page.run("document.querySelectorAll('figure.years line').length") == 3


def test_labels_of_marks_do_not_overlap(page: Any) -> None:
    assert page.run("""(() => {
      const boxes = [...document.querySelectorAll(".chosen-site small:not(.hidden)")].map((one) => one.getBoundingClientRect());
      return boxes.every((a, i) => boxes.every((b, j) => i >= j || a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top));
    })()""")
