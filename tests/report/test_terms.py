"""Terms of fetched layers are shown on page, in report, workbook, record and GIS files."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from siteopt.layers.provenance import Provenance
from siteopt.report._payload import payload
from siteopt.report._sources import source_row
from siteopt.report._terms import of_fetched, restrictions, size_words, terms_words
from siteopt.report.document.premises import data_sources
from siteopt.report.document.report import material_of
from siteopt.report.files import run_record
from siteopt.report.gis.metadata import layer_metadata
from siteopt.report.tables import ranking_table
from siteopt.sources.fetching.file_recipes import read_file_recipe, recipe_names
from tests.report.workbook.made import made
from tests.report.written import write_map

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.report import RunTables

SECRET = Provenance(
    id="flood_map", file="reference/flood_map.gpkg", sha256="ab" * 32, title_ko="홍수<b>지도",
    title_en="Flood map", source="an office", licence="own terms", vintage="2026",
    confidence="compiled-low reading of published data", notice="", replaced=False,
    address="office.kr (flood.shp)", fetched="2026-11-30T05:55:09Z", redistribution="forbidden",
    commercial="unknown", bytes=12_345_678,
)  # fmt: skip
OPEN = replace(
    SECRET, id="cover", title_ko="피복", title_en="Cover", redistribution="free", commercial="free"
)
UNREAD = replace(SECRET, id="zoning", title_ko="용도", title_en="Zoning", redistribution="unknown")
FORBIDDEN_KO = "재배포나 상업적 이용이 금지된 자료가 쓰였습니다: 홍수<b>지도."


@pytest.fixture
def fetched(run_tables: RunTables) -> RunTables:
    small: Any = run_tables.layers
    layers = replace(small, used=[*run_tables.layers.used, SECRET, OPEN, UNREAD])
    return replace(run_tables, layers=layers)


def test_words_of_terms() -> None:
    terms = {"redistribution": "share alike", "commercial": "free"}
    assert terms_words(terms, "ko") == "재배포 동일 조건으로 가능 · 상업적 이용 가능"
    assert terms_words({"redistribution": "", "commercial": "forbidden"}, "en") == (
        "redistribution not known; commercial use forbidden"
    )
    assert [size_words(size) for size in (0, 12, 12_345_678)] == ["", "12 bytes", "12.3 MB"]


def test_only_what_is_not_free_is_restricted() -> None:
    assert restrictions(of_fetched([OPEN]), "ko") == []
    forbidden, unread = restrictions(of_fetched([SECRET, OPEN, UNREAD]), "en")
    assert "must not be given to others or used commercially were used: Flood map." in forbidden
    assert "whose terms were not read were used: Zoning." in unread


def test_a_run_without_fetched_layers_says_nothing(run_tables: RunTables) -> None:
    record = run_record(run_tables)
    assert not any("fetched" in one for one in record["inputs"])
    assert payload(run_tables, ranking_table(run_tables))["restrictions"] == [[], []]
    assert all(len(row) == 12 for row in payload(run_tables, ranking_table(run_tables))["sources"])
    assert len(data_sources(material_of(run_tables))) <= 2


def test_the_record_has_address_time_size_and_terms(fetched: RunTables) -> None:
    record = run_record(fetched)
    row = next(one for one in record["inputs"] if one["id"] == "flood_map")
    assert row["address"] == "office.kr (flood.shp)"
    assert row["fetched"] == "2026-11-30T05:55:09Z"
    assert (row["redistribution"], row["commercial"]) == ("forbidden", "unknown")
    assert row["bytes"] == 12_345_678
    assert any("Flood map. Look at their terms" in note for note in record["notes"])


def test_the_report_has_a_table_of_them(fetched: RunTables) -> None:
    said = str(data_sources(material_of(fetched)))
    for word in (
        FORBIDDEN_KO,
        "재배포 금지 · 상업적 이용 확인 필요",
        "office.kr",
        "12.3 MB",
        "abababab",
    ):
        assert word in said


def test_the_workbook_has_columns_of_them(fetched: RunTables) -> None:
    book = openpyxl.load_workbook(BytesIO(made(fetched)), read_only=True)
    rows = [[str(cell) for cell in row] for row in book["자료"].iter_rows(values_only=True)]
    assert any(FORBIDDEN_KO in cell for row in rows for cell in row)
    row = next(row for row in rows if "flood_map" in row)
    for word in ("재배포 금지 · 상업적 이용 확인 필요", "office.kr (flood.shp)", "12345678"):
        assert word in row


def test_the_metadata_of_gis_files_has_them() -> None:
    layer: Any = SimpleNamespace(
        sources=("flood_map",), title=lambda _: "t", description=lambda _: "d"
    )
    said = layer_metadata(layer, [SECRET])
    assert "재배포 금지 · 상업적 이용 확인 필요" in said
    assert "office.kr (flood.shp); 2026-11-30T05:55:09Z; 12.3 MB" in said


def test_recipes_of_files_have_publisher_and_licence_in_korean() -> None:
    for name in recipe_names():
        terms = read_file_recipe(name).source
        item = replace(SECRET, source=terms.source, licence=terms.licence)
        assert None not in source_row(item)[9:11], name


def test_a_fetched_layer_has_the_publisher_of_its_source_and_not_of_its_id() -> None:
    fetched = replace(SECRET, id="elevation", source="Korea Forest Service")
    assert source_row(fetched)[9] == "산림청"
    assert source_row(replace(fetched, source="of my own"))[9] is None
    assert source_row(replace(fetched, fetched=""))[9] not in {None, "산림청"}


@pytest.mark.browser
def test_the_page_shows_them_as_text(browser: Any, fetched: RunTables, tmp_path: Path) -> None:
    write_map(fetched, tmp_path / "map.html")
    page = browser.page()
    page.open((tmp_path / "map.html").as_uri())
    page.run("siteopt.showTab('sources'), 0")
    said = page.run("document.querySelector('#page-sources').innerText")
    for word in (
        FORBIDDEN_KO,
        "재배포 금지 · 상업적 이용 확인 필요",
        "office.kr (flood.shp)",
        "12.3 MB",
    ):
        assert word in said
