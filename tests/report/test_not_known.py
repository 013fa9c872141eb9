"""Exclusions without a layer are told on the page, in the report and in the workbook."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from siteopt.report._not_known import not_known_words
from siteopt.report.document.exclusions import exclusions
from siteopt.report.document.report import material_of
from siteopt.report.files import run_record
from siteopt.scenario import Scenario
from tests.report.workbook.made import made
from tests.report.written import write_map

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.report import RunTables

PARKS = {
    "id": "parks", "title": {"ko": "국립공원 <b>경계</b>", "en": "Borders of parks"},
    "kind": "near", "layer": "national_parks", "optional": True,
}  # fmt: skip
NAMED = "자료가 없어 판단하지 못한 제외 기준: 국립공원 <b>경계</b>."


@pytest.fixture
def unknown(run_tables: RunTables) -> RunTables:
    raw = run_tables.scenario.model_dump()
    raw["screening"]["exclusions"] = [*raw["screening"]["exclusions"], PARKS]
    return replace(run_tables, scenario=Scenario.model_validate(raw))


def test_nothing_is_said_where_all_apply(run_tables: RunTables) -> None:
    assert not_known_words(run_tables, "ko") == ""
    assert not [note for note in run_record(run_tables)["notes"] if "not known" in note]


def test_report_workbook_and_record_name_it(unknown: RunTables) -> None:
    assert not_known_words(unknown, "en").startswith("Exclusions that are not known for want of")
    (note,) = run_record(unknown)["notes"][-1:]
    assert "screening.exclusions: parks: not known, there is no layer national_parks" in note
    blocks = exclusions(material_of(unknown))
    assert any(NAMED in str(block.get("text")) for block in blocks)
    book = openpyxl.load_workbook(BytesIO(made(unknown)), read_only=True)
    cells = [str(cell) for row in book["입지 제외"].iter_rows(values_only=True) for cell in row]
    assert any(NAMED in cell for cell in cells)


@pytest.mark.browser
def test_the_page_names_it_as_text(browser: Any, unknown: RunTables, tmp_path: Path) -> None:
    write_map(unknown, tmp_path / "map.html")
    page = browser.page()
    page.open((tmp_path / "map.html").as_uri())
    page.run("siteopt.showTab('land'), 0")
    assert NAMED in page.run("document.querySelector('#page-land').innerText")
