"""Exclusions without a layer, and those that finer layers replaced, in all files of a run."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from siteopt.criteria import CRITERIA, waiting_columns
from siteopt.report._not_known import land_basis, land_basis_payload, layer_commands
from siteopt.report.document.exclusions import exclusions
from siteopt.report.document.report import material_of
from siteopt.report.files import run_record
from siteopt.scenario import Scenario
from siteopt.screening import Eligibility
from tests.report.workbook.made import made
from tests.report.written import write_map

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.report import RunTables

BORDERS = {
    "id": "borders", "title": {"ko": "국립공원 <b>경계</b>", "en": "Borders of parks"},
    "kind": "near", "layer": "national_parks", "optional": True, "obtain": "take national_parks_knps",
}  # fmt: skip
LAKES = {
    "id": "exact_lakes", "title": {"ko": "호소 수면", "en": "Surfaces of lakes"},
    "kind": "near", "layer": "osm_water", "optional": True, "obtain": "fetch openstreetmap",
}  # fmt: skip


def with_rules(tables: RunTables, *rules: dict[str, Any]) -> RunTables:
    """Return a run whose scenario has further exclusions; its land is judged as before."""
    raw = tables.scenario.model_dump()
    raw["screening"]["exclusions"] = [*raw["screening"]["exclusions"], *rules]
    return replace(tables, scenario=Scenario.model_validate(raw))


@pytest.fixture
def unknown(run_tables: RunTables) -> RunTables:
    """A run that could not judge by borders, and judged lakes by its first rule."""
    first = run_tables.eligibility.exclusions[0].id
    return with_rules(run_tables, BORDERS, LAKES | {"replaces": first})


@pytest.fixture
def finer(run_tables: RunTables) -> RunTables:
    """A run whose last rule judged in place of another."""
    raw = run_tables.scenario.model_dump()
    rules = raw["screening"]["exclusions"]
    rough = BORDERS | {"id": "rough", "title": {"ko": "근사 원", "en": "Discs"}, "optional": False}
    rules[-1] |= {"optional": True, "replaces": "rough"}
    raw["screening"]["exclusions"] = [*rules, rough]
    scenario = Scenario.model_validate(raw)
    applied = tuple(scenario.screening.exclusions[:-1])
    screened = run_tables.eligibility
    assert isinstance(screened, Eligibility)
    eligibility = replace(screened, exclusions=applied)
    return replace(run_tables, scenario=scenario, eligibility=eligibility)


def shown(tables: RunTables) -> dict[str, str]:
    """Return the text of report, workbook and record that concerns exclusions."""
    book = openpyxl.load_workbook(BytesIO(made(tables)), read_only=True)
    cells = [str(cell) for row in book["입지 제외"].iter_rows(values_only=True) for cell in row]
    blocks = exclusions(material_of(tables))
    return {
        "report": "\n".join(str(block) for block in blocks),
        "workbook": "\n".join(cells),
        "record": "\n".join(run_record(tables)["notes"]),
    }


def test_nothing_is_said_where_all_apply(run_tables: RunTables) -> None:
    assert land_basis(run_tables.scenario, run_tables.eligibility, "ko") == ()
    record = run_record(run_tables)
    assert record["waiting_exclusions"] == record["replaced_exclusions"] == []
    assert not [note for note in record["notes"] if "screening" in note]


def test_report_workbook_and_record_name_what_is_not_judged(unknown: RunTables) -> None:
    not_judged, approximate = land_basis(unknown.scenario, unknown.eligibility, "en")
    assert approximate.endswith("until their layers are there (1): Surfaces of lakes.")
    assert not_judged.startswith("Not judged for want of their layers (1): Borders of parks. Land")
    found = shown(unknown)
    assert "판단하지 않음(1건): 국립공원 <b>경계</b>." in found["report"]
    assert "근사 기준으로 판단(1건): 호소 수면." in found["report"]
    assert "판단하지 않음(1건): 국립공원 <b>경계</b>." in found["workbook"]
    assert (
        "land is not judged by borders; judged approximately without exact_lakes"
        in (found["record"])
    )
    assert run_record(unknown)["waiting_exclusions"] == [
        {"id": "exact_lakes", "layer": "osm_water", "judged": "approximately",
         "obtain": "siteopt layers fetch openstreetmap osm_water --out layers"},
        {"id": "borders", "layer": "national_parks", "judged": "not",
         "obtain": "siteopt layers take national_parks_knps FILE --out layers"},
    ]  # fmt: skip


def test_report_workbook_and_record_name_what_was_replaced(finer: RunTables) -> None:
    last = finer.eligibility.exclusions[-1]
    found = shown(finer)
    sentence = f"정밀 자료로 판단: {last.title.ko} 적용(‘근사 원’ 대체)."
    assert sentence in found["report"]
    assert sentence in found["workbook"]
    assert "(근사 기준 대체)" in found["report"]
    assert "(근사 기준 대체)" in found["workbook"]
    assert f"rough: not used, {last.id} judges in its place" in found["record"]
    assert run_record(finer)["replaced_exclusions"] == [{"id": "rough", "by": [last.id]}]


def test_one_command_brings_all_layers_of_a_source(unknown: RunTables) -> None:
    rivers = LAKES | {"id": "exact_rivers", "layer": "osm_rivers"}
    shores = LAKES | {"id": "shores"}
    bare = BORDERS | {"id": "bare", "obtain": None}
    rules = with_rules(unknown, rivers, shores, bare).scenario.screening.exclusions
    waiting = [one for one in rules if one.optional]
    assert [(command, [one.id for one in served]) for command, served in layer_commands(waiting)] == [
        ("siteopt layers take national_parks_knps FILE --out layers", ["borders"]),
        ("siteopt layers fetch openstreetmap osm_water osm_rivers --out layers",
         ["exact_lakes", "exact_rivers", "shores"]),
    ]  # fmt: skip


def test_the_page_has_sentences_and_commands_in_both_languages(unknown: RunTables) -> None:
    every = {layer for column in CRITERIA.values() for layer in column.layers}
    payload = land_basis_payload(unknown.scenario, unknown.eligibility, every)
    assert [len(pair) for pair in payload["sentences"]] == [2, 2]
    again = {**BORDERS, "id": "again", "title": {"ko": "국립공원 <b>경계</b>(OSM)", "en": "Other"}}
    twice = with_rules(unknown, again)
    not_judged = land_basis_payload(twice.scenario, twice.eligibility, every)["sentences"][0]
    assert not_judged[0].startswith("자료가 없어 판단하지 않음(1건): 국립공원 <b>경계</b>. ")
    assert "(2): Borders of parks, Other. " in not_judged[1]
    assert payload["commands"][0] == {
        "command": "siteopt layers take national_parks_knps FILE --out layers",
        "brings": ["국립공원 <b>경계</b>", "Borders of parks"],
    }


def test_criteria_without_their_layers_are_named_in_all_files(run_tables: RunTables) -> None:
    waiting = [one for one in CRITERIA.values() if one.layers]
    assert len(waiting) == 11
    assert waiting_columns(run_tables.layers.ids) == waiting
    sentences = land_basis_payload(
        run_tables.scenario, run_tables.eligibility, run_tables.layers.ids
    )["sentences"]
    assert sentences[-1][0].startswith("자료가 없어 비워 둔 지표(11건): ")
    record = run_record(run_tables)
    assert {"column": "interchange_minutes", "layers": ["road_edges", "road_nodes", "interchanges"]} in record["waiting_criteria"]  # fmt: skip
    assert sentences[-1][1] in record["notes"]
    words = shown(run_tables)
    for file in ("report", "workbook"):
        assert "자료가 없어 비워 둔 지표(11건)" in words[file], file
    for column in waiting:
        assert column.title_ko in sentences[-1][0]
        assert column.title_en in sentences[-1][1]


def test_a_layer_that_is_there_makes_its_criteria_known() -> None:
    roads = {"road_edges", "road_nodes", "interchanges"}
    known = {one.name for one in waiting_columns(set())} - {
        one.name for one in waiting_columns(roads)
    }
    assert known == {"interchange_minutes", "town_minutes", "gate_km", "gate_road_class"}
    assert waiting_columns(roads - {"interchanges"}) == waiting_columns(set())


@pytest.mark.browser
def test_the_page_names_it_as_text(browser: Any, unknown: RunTables, tmp_path: Path) -> None:
    write_map(unknown, tmp_path / "map.html")
    page = browser.page()
    page.open((tmp_path / "map.html").as_uri())
    page.run("siteopt.showTab('land'), 0")
    text = page.run("document.querySelector('#page-land').innerText")
    assert "판단하지 않음(1건): 국립공원 <b>경계</b>." in text
    assert "siteopt layers take" not in text
    page.run("document.querySelector('.basis details').open = true, 0")
    opened = page.run("document.querySelector('#page-land').innerText")
    assert "siteopt layers take national_parks_knps FILE --out layers" in opened
