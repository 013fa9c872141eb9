"""What everybody must be able to do with the map: axe-core in every state, and what axe cannot see.

WCAG 2.2 AA and KWCAG 2.2. The states are found in the page: a new tab is walked without a change here.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from siteopt.report._assets import own_css, own_js
from tests.report.small_energy import with_clean_energy
from tests.report.small_further import small_further
from tests.report.small_robustness import with_draws
from tests.report.written import write_map

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siteopt.report import RunTables

pytestmark = pytest.mark.browser

AXE: Final = Path(__file__).parents[2] / ".page-lint/node_modules/axe-core/axe.min.js"
"""Installed by ``.page-lint/install``, which `make test` runs before the tests."""
TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "experimental"]  # fmt: skip
RUN: Final = """(tags) => axe.run(document, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] })
  .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`)))"""


@pytest.fixture(scope="module")
def tables(run_tables: RunTables) -> RunTables:
    full = with_draws(with_clean_energy(run_tables))
    return replace(full, further=small_further(list(run_tables.sites["site_id"])))


@pytest.fixture(scope="module")
def path(tables: RunTables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file: Path = tmp_path_factory.mktemp("access") / "map.html"
    write_map(tables, file)
    return file


@pytest.fixture
def opened(browser: Any, path: Path) -> Any:
    page = browser.page(1400, 900)
    page.open(path.as_uri())
    return page


@pytest.fixture
def axe(opened: Any) -> Any:
    if not AXE.is_file():
        if os.environ.get("CI") == "true":
            pytest.fail("no axe-core: .page-lint/install brings it, and CI must run it")
        pytest.skip("no axe-core: .page-lint/install brings it")
    opened.run(AXE.read_text(encoding="utf-8") + "; 0")
    return opened


def findings(page: Any) -> list[str]:
    page.wait("document.getAnimations().length === 0")
    found: list[str] = page.page.evaluate(RUN, TAGS)
    return found


def states(page: Any) -> Iterator[str]:
    """Put the page into one state after the other."""
    yield "start, first hint"
    page.run("document.querySelector('#first-hints button:last-child').click()")
    for language in ("ko", "en"):
        if page.run("document.documentElement.lang") != language:
            page.run("document.querySelector('#language').click()")
        for name in page.run("siteopt.tabNames()"):
            page.run(f"siteopt.showTab('{name}'), 0")
            yield f"{language}, tab {name}"
    page.run("document.querySelector('#language').click()")
    page.run("siteopt.showTab('ranking'), 0")
    page.run("""(() => { const field = document.querySelector("#search"); if (!field) return;
      field.value = "s00"; field.dispatchEvent(new Event("input")); })()""")
    yield "search"
    for card in ("siteopt.open(siteopt.chosen[0])", "siteopt.open(siteopt.rows.get('S0020'))", "siteopt.showPoint(siteopt.map.getCenter())"):  # fmt: skip
        page.run(f"{card}, 0")
        page.run(
            "document.querySelectorAll('.card details').forEach((one) => { one.open = true; })"
        )
        yield card
    page.run("document.querySelector('#legend').open = false")
    yield "legend closed"
    page.run("document.querySelector('.term').focus()")
    yield "term"
    for width, height in ((1024, 700), (700, 450), (390, 844), (320, 256)):
        page.resize(width, height)
        yield f"{width} x {height}"
    page.run("siteopt.open(siteopt.chosen[0]), 0")
    yield "card, 320 px"
    page.resize(1400, 900)
    page.run(
        "siteopt.map.setZoom(11, {animate: false}), document.querySelector('#menu').click(), 0"
    )
    yield "near, list folded"
    page.page.emulate_media(media="print")
    page.run("window.dispatchEvent(new Event('beforeprint')), 0")
    yield "paper"


def test_axe_finds_nothing_in_any_state(axe: Any) -> None:
    found = {state: findings(axe) for state in states(axe)}
    assert {state: faults for state, faults in found.items() if faults} == {}
    assert len(found) > 25


def test_axe_would_find_a_fault(axe: Any) -> None:
    axe.run("void document.getElementById('panel').append(siteopt.node('button', {}))")
    assert any(one.startswith("button-name") for one in findings(axe))


def test_a_card_is_a_dialog_that_takes_the_focus_and_gives_it_back(opened: Any) -> None:
    keyboard = opened.page.keyboard
    opened.run("siteopt.showTab('chosen'), document.querySelector('button.site').focus()")
    keyboard.press("Enter")
    opened.wait("document.activeElement.getAttribute('role') === 'dialog'")
    name = opened.run("document.getElementById(document.activeElement.getAttribute('aria-labelledby')).innerText")  # fmt: skip
    assert name == opened.run("siteopt.siteName(siteopt.chosen[0])")
    keyboard.press("Tab")
    assert opened.run("document.activeElement.closest('[role=dialog]') !== null")
    keyboard.press("Escape")
    opened.wait("!document.querySelector('.leaflet-popup')")
    assert opened.run("document.activeElement === document.querySelector('button.site')")


def test_focus_goes_back_where_the_list_was_written_anew(opened: Any) -> None:
    opened.run("siteopt.showTab('chosen'), document.querySelector('button.site').focus(), document.querySelector('button.site').click(), 0")  # fmt: skip
    opened.run("document.querySelector('#language').click()")
    opened.run("document.querySelector('.leaflet-popup-close-button').focus()")
    opened.page.keyboard.press("Enter")
    opened.wait("!document.querySelector('.leaflet-popup')")
    assert opened.run("document.activeElement.dataset.site") == "S0003"


def test_the_first_tab_stops_skip_to_list_and_map(opened: Any) -> None:
    keyboard = opened.page.keyboard
    for target in ("pages", "map_siteopt"):
        opened.run("document.activeElement.blur(), 0")
        opened.run("document.querySelector('#skip').scrollIntoView(), getSelection().setPosition(document.body, 0), 0")  # fmt: skip
        keyboard.press("Tab")
        if target != "pages":
            keyboard.press("Tab")
        box = opened.run("document.activeElement.getBoundingClientRect().toJSON()")
        assert box["top"] >= 0  # seen while it has the focus
        keyboard.press("Enter")
        assert opened.run("document.activeElement.id") == target
    assert opened.run("location.hash") in {"", "#"}


def test_the_land_is_told_without_a_pointer(opened: Any) -> None:
    opened.run("siteopt.map.getContainer().focus()")
    opened.page.keyboard.press("Enter")
    opened.wait("document.querySelector('.card.here') !== null")
    opened.page.keyboard.press("Escape")
    assert opened.run("document.activeElement === siteopt.map.getContainer()")


def test_everything_on_the_map_is_in_its_tables(opened: Any) -> None:
    opened.run("document.getElementById('tab-shown').click()")
    rows = "[...document.querySelectorAll('#page-shown tbody tr')].map((one) => one.innerText)"
    listed = opened.run("[...document.querySelectorAll('#page-shown tbody th button')].map((one) => one.dataset.site)")  # fmt: skip
    assert set(listed) == set(opened.run("siteopt.data.sites.site_id.filter((id, row) => siteopt.isChosen.has(row) || siteopt.siteIsDrawn(row))"))  # fmt: skip
    assert any("변전소" in row or "345" in row for row in opened.run(rows))
    before = len(listed)
    opened.run("siteopt.map.setView([siteopt.data.sites.lat[0], siteopt.data.sites.lon[0]], 13, {animate: false}), 0")  # fmt: skip
    opened.wait(f"document.querySelectorAll('#page-shown tbody th button').length < {before}")
    opened.run("document.querySelector('#page-shown tbody th button').click()")
    assert opened.run("document.querySelector('.card') !== null")


def test_marks_at_one_place_move_apart_with_a_line_to_it(opened: Any) -> None:
    opened.run("""(() => { const { lat, lon } = siteopt.data.sites; const [one, other] = siteopt.chosen;
      lat[other] = lat[one]; lon[other] = lon[one]; siteopt.writeChosen(siteopt.layers.chosen); })()""")
    boxes = opened.run("[...document.querySelectorAll('.chosen-site')].map((one) => one.getBoundingClientRect().toJSON())")  # fmt: skip
    first, second = boxes
    apart = max(abs(first["left"] - second["left"]), abs(first["top"] - second["top"]))
    assert apart >= first["width"]
    ends = opened.run("""[...document.querySelectorAll('.chosen-site .leader')].map((one) => {
      const matrix = new DOMMatrix(getComputedStyle(one).transform); const mark = one.closest('.chosen-site').getBoundingClientRect();
      const length = parseFloat(one.style.width); return [mark.left + mark.width / 2 + matrix.a * length, mark.top + mark.height / 2 + matrix.b * length]; })""")
    assert ends[0] == pytest.approx(ends[1], abs=2)


def luminance(colour: str | tuple[float, ...]) -> float:
    """Return the relative luminance of WCAG 2.2."""
    if isinstance(colour, str):
        digits = colour.lstrip("#")
        digits = "".join(2 * sign for sign in digits) if len(digits) == 3 else digits
        colour = tuple(int(digits[at : at + 2], 16) for at in (0, 2, 4))
    parts = (value / 255 for value in colour)
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]  # fmt: skip
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str | tuple[float, ...], other: str | tuple[float, ...]) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_marks_stand_out_from_all_that_can_lie_behind_them(opened: Any) -> None:
    land, sea = "#fbfaf6", "#dfeaf2"
    assert land in own_js()
    assert sea in own_css()
    behind: list[tuple[float, ...]] = [tuple(int(one[at : at + 2], 16) for at in (1, 3, 5)) for one in (land, sea)]  # fmt: skip
    for name in ("eligible", "excluded"):
        red, green, blue, opacity = opened.run(f"siteopt.colours.{name}")
        share = opacity / 255
        behind.append(tuple(share * part + (1 - share) * under for part, under in zip((red, green, blue), behind[0], strict=True)))  # fmt: skip
    bands = opened.run("siteopt.bands")
    assert len(bands) == 5
    for band in bands:  # by its rim, or by what it is filled with where the rim is light
        dark = min((band["colour"], band["rim"]), key=luminance)
        assert min(contrast(dark, one) for one in behind) >= 3, band
    for colour in (opened.run("siteopt.contestedColour"), "#8e1414"):
        assert min(contrast(colour, one) for one in behind) >= 3, colour
    # the mark of a chosen site has a white rim about its colour
    assert contrast(opened.run("siteopt.chosenColour"), "#fff") >= 3
    lines = [opened.run("siteopt.colours.river"), *(opened.run(f"siteopt.lineStyle('{kv}')[0]") for kv in ("154", "345", "765", "dc"))]  # fmt: skip
    assert [line for line in lines if contrast(line, land) < 3] == []


def test_no_two_bands_are_told_by_colour_alone(opened: Any) -> None:
    bands = opened.run("siteopt.bands")
    lightness = [luminance(band["colour"]) for band in bands[:-1]]
    assert lightness == sorted(lightness)  # in grey too the better is the darker
    assert min(contrast(one["colour"], other["colour"]) for one, other in pairwise(bands[:-1])) > 1.4  # fmt: skip
    assert bands[-1]["shape"] == "cross"


def test_text_over_the_map_has_a_halo_all_about_it() -> None:
    css = own_css()
    shadow = re.search(r"\.label span \{[^}]*text-shadow: ([^;]*);", css)
    colours = re.findall(r"\.label[^{]*span \{[^}]*[^-]color: (#[0-9a-f]{6})", css)
    assert shadow is not None
    parts = [re.findall(r"(-?[\d.]+)(?:px)? (-?[\d.]+)(?:px)? #fff", one) for one in shadow[1].split(", ")]  # fmt: skip
    offsets = {tuple(float(value) for value in part[0]) for part in parts if part}
    signs = {((x > 0) - (x < 0), (y > 0) - (y < 0)) for x, y in offsets}
    assert signs == {(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1)} - {(0, 0)}
    assert len(colours) >= 2
    assert all(contrast(colour, "#fff") >= 4.5 for colour in colours)


def test_edges_of_controls_and_the_focus_stand_out() -> None:
    root = re.search(r":root \{([^}]*)\}", own_css())
    assert root is not None
    named = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", root[1]))
    assert contrast(named["edge"], "#ffffff") >= 3
    # of the two rings one is 3:1 against anything: the dark against light, the white against dark
    for behind in ("#ffffff", "#f3f6f9", named["brand"], named["chosen"], "#9dcb9d"):
        assert max(contrast(named["focus"], behind), contrast("#ffffff", behind)) >= 3, behind


def test_every_tab_stop_shows_that_it_has_the_focus(opened: Any) -> None:
    opened.run("document.querySelector('#first-hints button:last-child').click()")
    opened.run("document.activeElement.blur(), getSelection().setPosition(document.body, 0), 0")
    seen = []
    for _ in range(45):
        opened.page.keyboard.press("Tab")
        seen.append(
            opened.run("""(() => { const one = document.activeElement; const style = getComputedStyle(one);
          return [one.id || one.className || one.tagName, style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 || one.tagName === 'A' && one.closest('#skip') !== null]; })()""")
        )
    assert len({name for name, _ in seen}) > 8
    assert [
        name for name, shown in seen if not shown and name != "BODY"
    ] == []  # after the last stop comes the browser


def test_who_wants_less_motion_gets_none(browser: Any, path: Path) -> None:
    page = browser.own_page()
    page.page.emulate_media(reduced_motion="reduce")
    page.open(path.as_uri())
    assert page.run("[siteopt.map.options.zoomAnimation, siteopt.map.options.inertia]") == [False, False]  # fmt: skip
    moved = page.run("(() => { const before = siteopt.map.getCenter().lng; siteopt.map.panBy([100, 0]); return siteopt.map.getCenter().lng - before; })()")  # fmt: skip
    assert moved > 0  # at once


def test_the_systems_own_colours_leave_marks_and_choices_visible(browser: Any, path: Path) -> None:
    page = browser.own_page()
    page.page.emulate_media(forced_colors="active")
    page.open(path.as_uri())
    red = "getComputedStyle(document.querySelector('.chosen-site')).backgroundColor"
    assert page.run(red) == "rgb(198, 40, 40)"
    # The column of tabs tells the choice by its left edge, the strip of a phone by the lower one.
    for width, side in ((1400, "Left"), (390, "Bottom")):
        page.resize(width, 900)
        for language in ("ko", "en"):
            page.run(f"document.documentElement.lang === '{language}' || document.querySelector('#language').click(), 0")  # fmt: skip
            edges = page.run(f"""[...document.querySelectorAll('#tabs button')].map((one) => {{
              const {{ border{side}Color: colour, border{side}Width: width }} = getComputedStyle(one);
              return [colour, parseFloat(width)]; }})""")
            assert edges[0][0] not in [colour for colour, _ in edges[1:]]
            assert all(thick >= 3 for _, thick in edges)


def test_words_of_the_other_language_say_so(opened: Any) -> None:
    assert opened.run("document.querySelector('#language').lang") == "en"
    opened.run("siteopt.showTab('sources'), 0")
    assert opened.run("[...document.querySelectorAll('.own-words > div')].every((one) => one.lang === 'en')")  # fmt: skip
    opened.run("document.querySelector('#language').click()")
    assert opened.run("[document.documentElement.lang, document.querySelector('#language').lang]") == ["en", "ko"]  # fmt: skip
