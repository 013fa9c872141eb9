"""The tab of assumptions: settings, parameters, what they move, and sources in Korean."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING, Any

import pytest

from siteopt._data import data_folder
from siteopt.layers import open_layers
from siteopt.layers.catalogue import read_catalogue
from siteopt.layers.provenance import Provenance
from siteopt.report._assumptions import (
    assumption_titles,
    assumptions_payload,
    parameter_group,
    parameter_titles,
    setting_rows,
)
from siteopt.report._sources import source_row, source_words
from siteopt.scenario import load_scenario, ready_scenarios
from tests.report.small_robustness import with_draws
from tests.report.written import write_map

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.report import RunTables


def test_every_embedded_parameter_has_a_title_and_a_group() -> None:
    keys = list(open_layers().parameters)
    assert [key for key in keys if parameter_titles(key)[0] == key] == []
    assert [key for key in keys if parameter_group(key) == "other"] == []


def test_every_title_is_of_something() -> None:
    keys = list(open_layers().parameters)
    patterns = [key for group, key, _, _ in assumption_titles() if group != "scenario"]
    assert [one for one in patterns if not any(fnmatch.fnmatchcase(key, one) for key in keys)] == []
    assert all(bool(ko) == bool(en) for _, _, ko, en in assumption_titles())


def test_settings_are_those_of_the_scenario_with_their_full_keys() -> None:
    rows = {
        key: value
        for key, _, _, value in setting_rows(load_scenario("national-2035").model_dump(mode="json"))
    }
    assert rows["target.it_mw"] == 3000
    assert rows["connection.classes[2].facility_max_mw"] == 400
    assert not any(key.startswith("energy.supply") for key in rows)  # nothing is matched
    hourly = load_scenario("national-2035-hourly").model_dump(mode="json")
    assert "energy.supply.excess_max_pct" in {key for key, *_ in setting_rows(hourly)}
    for name in ready_scenarios():
        if not name.endswith("futures"):
            assert setting_rows(load_scenario(name).model_dump(mode="json"))


def test_parameters_have_range_source_and_confidence(run_tables: RunTables) -> None:
    found = assumptions_payload(run_tables)
    rows = {row[1]: row for row in found["parameters"]}
    assert rows["load_factor"] == [
        "building", "load_factor", "IT 부하율", "IT load factor", 0.85, 0.7, 0.95, "-", "press <b>",
        "compiled-medium", None, None,
    ]  # fmt: skip
    assert rows["score_pue_worst"][0] == "score"
    assert "0점 기준" in rows["score_pue_worst"][2]
    assert rows["own_figure"][:3] == ["other", "own_figure", "own_figure"]
    assert found["effects"] is None


def test_what_stands_out_and_overturns_is_told_of_the_input(run_tables: RunTables) -> None:
    found = assumptions_payload(with_draws(run_tables))
    # Its share of the choice of sites is noise (`stands_out` is false) and is not told.
    assert found["effects"]["load_factor"] == {"cost": 0.5}
    assert found["effects"]["raw_land_price_*"]["threshold"] == [
        "S0003", "drops", 58298.0, 70000.0, "KRW/m2", 55.0,
    ]  # fmt: skip
    rows = {row[1]: row for row in found["parameters"]}
    assert rows["load_factor"][10] == "load_factor"
    assert rows["price_year"][11] == "a choice of the money in which all is told"


def test_every_layer_has_publisher_licence_and_vintage_in_korean() -> None:
    missing = []
    for entry in read_catalogue(data_folder()):
        item = Provenance(
            id=entry.id, file=entry.file, sha256="", title_ko=entry.title_ko,
            title_en=entry.title_en, source=entry.source, licence=entry.licence,
            vintage=entry.vintage, confidence=entry.confidence, notice=entry.notice, replaced=False,
        )  # fmt: skip
        publisher, licence, vintage = source_row(item)[9:]
        figures = not set(entry.vintage) - set("0123456789~ .-")
        missing += [entry.id] * (
            publisher is None or licence is None or (vintage is None and not figures)
        )
    assert missing == []
    assert len({(kind, key) for kind, key, _ in source_words()}) == len(source_words())


def test_a_layer_of_the_user_has_no_publisher_of_ours() -> None:
    own = Provenance(
        id="stations", file="mine.csv", sha256="", title_ko="변전소", title_en="Stations", source="mine",
        licence="<script>", vintage="2026", confidence="user", notice="", replaced=True,
    )  # fmt: skip
    assert source_row(own)[9:] == [None, None, None]


@pytest.fixture(scope="module")
def drawn(run_tables: RunTables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file: Path = tmp_path_factory.mktemp("assumptions") / "map.html"
    write_map(with_draws(run_tables), file)
    return file


SAID = "document.getElementById('page-assumptions').textContent"
ROWS = (
    "[...document.querySelectorAll('#page-assumptions tr[data-key]')].map((one) => one.dataset.key)"
)


@pytest.mark.browser
def test_the_page_finds_assumptions_and_tells_what_they_move(browser: Any, drawn: Path) -> None:
    page = browser.page()
    page.open(drawn.as_uri())
    page.run("siteopt.showTab('assumptions'), 0")
    assert "3,000 MW" not in page.run(SAID)  # the small run asks for 300
    assert "300 MW" in page.run(SAID)
    page.run("""(() => { const field = document.querySelector('#page-assumptions input[type=search]');
      field.value = '부하율'; field.dispatchEvent(new Event('input')); })()""")
    assert page.run(ROWS) == ["load_factor"]
    said = page.run(SAID)
    for part in ("0.7–0.95", "수집자료(중)", "총비용 분산의 50%", "press <b>"):
        assert part in said, part
    page.run("""(() => { const field = document.querySelector('#page-assumptions input[type=search]');
      field.value = ''; field.dispatchEvent(new Event('input'));
      document.querySelector('#page-assumptions .check input').click(); })()""")
    assert page.run(ROWS) == ["load_factor"]


@pytest.mark.browser
def test_a_run_without_draws_says_so(page: Any) -> None:
    assert "표본 계산 없음" in page.run(SAID)
    assert page.run("document.querySelector('#page-assumptions .check')") is None


@pytest.mark.browser
def test_sources_are_in_korean_with_the_citation_in_english_below(page: Any) -> None:
    page.run("siteopt.showTab('sources'), 0")
    said = page.run("document.querySelector('#page-sources > div > dl.sources dd').innerText")
    assert "기관: OpenStreetMap 기여자" in said
    assert "공개 데이터베이스 이용허락" in said
    assert "신뢰도: 중 (산출값)" in said
    assert page.run(
        "document.querySelector('#page-sources > div > dl.sources [lang=en]').textContent"
    ).startswith("OpenStreetMap")
