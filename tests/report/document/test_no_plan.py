"""A run without a plan: page and report say so, and why, whatever the names in it."""

from __future__ import annotations

import io
import os
import re
from dataclasses import replace

import numpy as np
import pypdf
import pytest

from siteopt._file_names import MAP, REPORT
from siteopt.report.document.no_plan import no_plan_files
from siteopt.report.files import no_plan_record
from siteopt.report.run_tables import NoPlan
from siteopt.report.texts import text
from siteopt.scenario import ReportOptions
from tests.report.conftest import eligibility, layers, scenario
from tests.report.document.conftest import HOSTILE
from tests.report.test_accessibility import AXE, findings

WHY = "no plan meets all limits; in conflict: target.it_mw (300 MW)"
WHY_KO = "2035년 목표 300 MW는 후보지가 수용할 수 있는 규모보다 40 MW 많습니다."


def no_plan(hostile="", language="ko", **more):
    settings = scenario(hostile).model_copy(update={"report": ReportOptions(language=language)})
    told = {
        "eligibility": eligibility(settings), "phase": "portfolio", "why": WHY + hostile,
        "why_ko": WHY_KO + hostile, "sites": 24,
    }  # fmt: skip
    return NoPlan(settings, layers(hostile), **told | more)


def report_text(files):
    pages = pypdf.PdfReader(io.BytesIO(files[REPORT])).pages
    return "".join("".join(page.extract_text() for page in pages).split())


@pytest.fixture
def opened(browser, tmp_path):
    def open_page(tables):
        file = tmp_path / MAP
        file.write_bytes(no_plan_files(tables, report=False)[MAP])
        page = browser.page()
        page.open(file.as_uri())
        return page

    return open_page


def test_page_and_report_say_that_there_is_no_plan_and_why(opened):
    tables = no_plan()
    page, told = opened(tables), report_text(no_plan_files(tables))
    shown = page.run("document.body.innerText")
    for words in (
        text("report.section_no_plan", "ko"), text("report.no_plan_answer", "ko"), WHY_KO, WHY,
        "24", "2,400", "1,600", no_plan_record(tables)["input_sha256"],
    ):  # fmt: skip
        assert words in shown, words
        assert "".join(words.split()) in told, words
    assert page.run("document.querySelectorAll('tbody tr').length") == 1 + 3
    assert page.run("document.querySelector('img').naturalWidth") > 500
    assert page.run("document.querySelectorAll('script').length") == 0


@pytest.mark.parametrize("phase", ["sites", "energy", "portfolio"])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_what_has_no_sentence_of_its_own_is_told_by_the_part_that_failed(phase, language):
    tables = no_plan(language=language, phase=phase, why_ko="", sites=None)
    told = report_text(no_plan_files(tables))
    assert "".join(text(f"report.no_plan_{phase}", language).split()) in told
    assert "".join(WHY.split()) in told


def test_names_of_strangers_stay_text(opened):
    page = opened(no_plan(HOSTILE))
    assert "alert(1)" in page.run("document.body.innerText")
    assert page.run("document.querySelectorAll('script').length") == 0
    page.resize(390, 800)
    assert page.run("document.documentElement.scrollWidth") <= 390


def test_no_land_at_all_is_drawn_too(opened):
    sea = eligibility(scenario(""))
    sea = replace(sea, reasons=np.ones_like(sea.reasons), land=np.zeros_like(sea.land))
    tables = no_plan(phase="sites", sites=None, why_ko="", eligibility=sea)
    assert text("report.no_plan_sites", "ko") in opened(tables).run("document.body.innerText")


def test_the_same_run_gives_the_same_bytes():
    files = no_plan_files(no_plan())
    assert files == no_plan_files(no_plan())
    assert set(files) == {MAP, REPORT, "report_exclusions.png"}
    assert len(files[MAP]) < 1_000_000
    assert not re.search(rb"https?://(?!www\.w3\.org)", files[MAP])
    assert set(no_plan_files(no_plan(), report=False)) == {MAP}


def test_the_record_says_infeasible_with_all_inputs():
    record = no_plan_record(no_plan())
    assert (record["status"], record["chosen"], record["sites"]) == ("infeasible", 0, 24)
    assert (record["why"], record["why_ko"]) == (WHY, WHY_KO)
    assert [one["id"] for one in record["inputs"]] == ["stations"]
    assert record["eligible_km2"] == 1600.0


def test_axe_finds_nothing_on_the_page(opened):
    if not AXE.is_file():
        if os.environ.get("CI") == "true":
            pytest.fail("no axe-core: .page-lint/install brings it, and CI must run it")
        pytest.skip("no axe-core: .page-lint/install brings it")
    page = opened(no_plan())
    page.run(AXE.read_text(encoding="utf-8") + "; 0")
    assert findings(page) == []
