"""The map on paper: the whole country, page numbers, and of which run it is."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from siteopt.report.files import library_versions, run_record
from siteopt.report.input_hash import scenario_settings, shown_hash
from tests.report.written import write_map

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from siteopt.report import RunTables

PDFTOTEXT = shutil.which("pdftotext")
HOSTILE = "\"; } @page { size: A0 } /* \\ </style> '한글' \u2028"


def test_equal_inputs_have_one_hash_and_others_another(
    make_run: Callable[..., RunTables], run_tables: RunTables
) -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", shown_hash(run_record(run_tables)))
    assert shown_hash(run_record(run_tables)) == shown_hash(run_record(make_run()))
    assert shown_hash(run_record(run_tables)) != shown_hash(run_record(make_run("another title")))
    assert scenario_settings(run_tables.scenario)["target"]["year"] == 2035


@pytest.mark.browser
def test_each_page_has_its_number_and_its_run(page: Any, run_tables: RunTables) -> None:
    page.run("window.dispatchEvent(new Event('beforeprint'))")
    rule = page.run("document.adoptedStyleSheets[0].cssRules[0].cssText")
    assert "counter(page)" in rule
    assert "counter(pages)" in rule
    assert shown_hash(run_record(run_tables)) in rule
    assert library_versions()["siteopt"] in rule
    assert re.search(r"출력일 \d{4}-\d\d-\d\d", rule)
    page.run("window.dispatchEvent(new Event('afterprint'))")
    assert page.run("document.adoptedStyleSheets.length") == 0


@pytest.mark.browser
def test_the_foot_takes_any_title_as_text(
    browser: Any, make_run: Callable[..., RunTables], tmp_path: Path
) -> None:
    write_map(make_run(HOSTILE), tmp_path / "map.html")
    page = browser.page()
    page.open((tmp_path / "map.html").as_uri())
    page.run("window.dispatchEvent(new Event('beforeprint'))")
    rules = page.run("[...document.adoptedStyleSheets[0].cssRules].map((one) => one.cssText)")
    assert len(rules) == 1
    assert "counter(page)" in rules[0]


@pytest.mark.browser
def test_paper_shows_the_whole_country_wherever_the_screen_is(page: Any) -> None:
    page.run("siteopt.map.setView([siteopt.data.sites.lat[0], siteopt.data.sites.lon[0]], 13, {animate: false}), siteopt.open(siteopt.chosen[0], false), 0")  # fmt: skip
    before = page.run("[siteopt.map.getZoom(), document.getElementById('legend').open]")
    page.page.emulate_media(media="print")
    page.run("window.dispatchEvent(new Event('beforeprint'))")
    inside = page.run("siteopt.data.sites.lat.every((lat, row) => siteopt.map.getBounds().contains([lat, siteopt.data.sites.lon[row]]))")  # fmt: skip
    assert inside
    assert page.run("document.querySelector('.leaflet-popup').offsetHeight") == 0
    name = page.run("siteopt.siteName(siteopt.chosen[0])")
    assert name in page.run("document.querySelector('.print-card').innerText")
    assert page.run("[...document.querySelectorAll('button')].filter((one) => one.offsetHeight && !one.matches('.term, .site, .link, [data-sort]')).length") == 0  # fmt: skip
    page.run("window.dispatchEvent(new Event('afterprint'))")
    page.page.emulate_media(media="null")
    assert page.run("[siteopt.map.getZoom(), document.getElementById('legend').open]") == before
    assert page.run("document.querySelectorAll('.print-card, .print-copy').length") == 0


@pytest.mark.browser
@pytest.mark.skipif(PDFTOTEXT is None, reason="poppler-utils are not installed")
def test_the_numbers_are_on_the_printed_pages(
    page: Any, run_tables: RunTables, tmp_path: Path
) -> None:
    page.page.pdf(path=tmp_path / "map.pdf", print_background=True, prefer_css_page_size=True)
    text = subprocess.run(  # noqa: S603 - a tool of the system and a file of this test
        [str(PDFTOTEXT), "-layout", tmp_path / "map.pdf", "-"], capture_output=True, check=True
    ).stdout.decode()
    pages = text.rstrip("\f").split("\f")
    assert len(pages) >= 2
    for number, said in enumerate(pages, start=1):
        assert re.search(rf"쪽\s*{number}\s*/\s*{len(pages)}", said)
        assert shown_hash(run_record(run_tables)) in said
