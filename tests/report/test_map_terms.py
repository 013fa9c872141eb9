"""Explanations of terms, the legend of confidence, and the hints at a first visit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from siteopt.report.texts import LANGUAGES, texts

if TYPE_CHECKING:
    from pathlib import Path

HINTS = "document.getElementById('first-hints')"
NOTE = "document.getElementById('term-note')"


def test_every_term_has_words_and_an_explanation() -> None:
    words = {key.removeprefix("term_words.") for key in texts() if key.startswith("term_words.")}
    said = {key.removeprefix("term.") for key in texts() if key.startswith("term.")} - {"head"}
    assert words == said
    assert {"pue", "ppa", "ptdf", "nminus1", "rtt", "headroom", "hosting"} <= words
    for language in LANGUAGES:
        listed = [
            word for key in words for word in texts()[f"term_words.{key}"][language].split("|")
        ]
        assert len(listed) == len(set(listed))


@pytest.mark.browser
def test_a_term_is_explained_on_focus_and_on_hover(page: Any) -> None:
    page.run("siteopt.showTab('chosen'), 0")
    before = page.run("document.querySelector('#page-chosen .hint').textContent")
    assert "제외 시 비용 증가액" in before
    page.run("document.querySelector('#page-chosen .term').focus()")
    assert page.run(f"[{NOTE}.hidden, {NOTE}.innerText]") == [False, texts()["term.loss_out"]["ko"]]
    assert page.run("document.activeElement.getAttribute('aria-describedby')") == "term-note"
    page.page.keyboard.press("Escape")
    assert page.run(f"{NOTE}.hidden")
    page.page.hover("#page-chosen .term")
    page.wait(f"!{NOTE}.hidden")
    page.page.hover("#term-note")  # it stays under the pointer
    page.page.wait_for_timeout(400)
    assert not page.run(f"{NOTE}.hidden")
    page.page.hover("#title")
    page.wait(f"{NOTE}.hidden")


@pytest.mark.browser
def test_escape_closes_the_note_before_the_card(page: Any) -> None:
    page.run("siteopt.open(siteopt.chosen[0]), document.querySelector('.card .term').focus()")
    page.page.keyboard.press("Escape")
    assert page.run("[document.querySelectorAll('.card').length, document.getElementById('term-note').hidden]") == [1, True]  # fmt: skip
    page.page.keyboard.press("Escape")
    page.wait("document.querySelectorAll('.card').length === 0")


@pytest.mark.browser
def test_a_term_is_explained_once_in_a_part_and_changes_no_text(page: Any) -> None:
    page.run("siteopt.writeAllPages(), 0")
    found = page.run("[...document.querySelectorAll('#pages > section')].map((one) => [...one.querySelectorAll('.term')].map((term) => term.dataset.term))")  # fmt: skip
    assert all(len(one) == len(set(one)) for one in found)
    assert sum(map(len, found)) > 3
    page.run("document.querySelector('#language').click(), siteopt.writeAllPages(), 0")
    words = page.run("[...document.querySelectorAll('.term')].map((one) => one.innerText).join('')")
    assert words
    assert not any("가" <= sign <= "힣" for sign in words)


@pytest.mark.browser
def test_what_a_confidence_means_is_told(page: Any) -> None:
    page.run("siteopt.showTab('sources'), 0")
    said = page.run("document.querySelector('.confidences').innerText")
    for word in ("수집자료(상)", "수집자료(중)", "수집자료(하)", "모형 추정", "공표 자료"):
        assert word in said


@pytest.mark.browser
def test_hints_come_once_and_take_no_focus(browser: Any, path: Path) -> None:
    page = browser.own_page()
    page.open(path.as_uri())
    assert page.run(f"[{HINTS}.hidden, document.activeElement === document.body]") == [False, True]
    said = [page.run(f"{HINTS}.querySelector('p').innerText")]
    for _ in range(2):
        page.run(f"{HINTS}.querySelector('button').click()")
        said.append(page.run(f"{HINTS}.querySelector('p').innerText"))
    assert [one[:3] for one in said] == ["1/3", "2/3", "3/3"]
    page.run(f"{HINTS}.querySelector('button').click()")
    assert page.run(f"{HINTS}.hidden")
    page.open(path.as_uri() + "?again")
    assert page.run(f"{HINTS}.hidden")


@pytest.mark.browser
def test_hints_do_no_harm_where_nothing_can_be_kept(browser: Any, path: Path) -> None:
    page = browser.own_page()
    page.page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('off'); } })")  # fmt: skip
    page.open(path.as_uri())
    page.run(f"{HINTS}.querySelector('button:last-child').click()")
    assert page.run(f"{HINTS}.hidden")


@pytest.mark.browser
def test_a_link_and_paper_have_no_hints(browser: Any, path: Path) -> None:
    page = browser.page(1024, 700)
    page.open(path.as_uri() + "#site=S0002")
    assert page.run(f"{HINTS}.hidden")
    other = browser.page(1024, 700)
    other.open(path.as_uri())
    other.page.emulate_media(media="print")
    assert other.run(f"{HINTS}.offsetHeight") == 0
