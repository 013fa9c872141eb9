"""Hash and date of the inputs, and the signs that the font has."""

from __future__ import annotations

import copy
import re
import sys
from pathlib import Path

import pytest

from siteopt.report import document
from siteopt.report.document.exclusions import left_after_each_km2
from siteopt.report.document.report import contents, material_of
from siteopt.report.fonts import font_files, printable
from siteopt.report.input_hash import data_date, input_sha256
from siteopt.report.texts import texts
from tests.report.document.conftest import tables_of

RECORD = {
    "scenario": {"name": "small", "report": {"language": "ko"}},
    "seed": 1,
    "inputs": [{"id": "a", "sha256": "0" * 64, "vintage": "2024"}],
}


def test_the_hash_moves_with_what_is_asked_and_known_not_with_how_it_is_shown() -> None:
    before = input_sha256(RECORD)
    assert re.fullmatch(r"[0-9a-f]{64}", before)
    shown = copy.deepcopy(RECORD)
    shown["scenario"]["report"]["language"] = "en"
    assert input_sha256(shown) == before
    screened = RECORD | {"scenario": {"name": "small", "screening": {"cell_m": 250.0}}}
    in_memory = {"cell_m": 250.0, "memory_mb": 64.0}
    bounded = RECORD | {"scenario": {"name": "small", "screening": in_memory}}
    assert input_sha256(bounded) == input_sha256(screened) != before
    for change in (
        {"seed": 2},
        {"scenario": {"name": "other"}},
        {"inputs": [{"id": "a", "sha256": "1" * 64, "vintage": "2024"}]},
        {"parcels": [{"file": "lots.csv", "sha256": "2" * 64}]},
    ):
        assert input_sha256(RECORD | change) != before, change


@pytest.mark.parametrize(
    ("vintages", "date"),
    [
        (["2029, read in 2026-10", "2025-12-31", "1991-2020"], "2026-10"),
        (["2015-2024", "2024"], "2024"),
        (["2024-2025", "2026-09-03"], "2026-09-03"),
        (["2011 to 2025", None], "2025"),
        (["1999", ""], ""),
    ],
)
def test_the_date_is_that_of_the_newest_input_never_of_a_forecast(vintages, date) -> None:
    assert data_date({"inputs": [{"vintage": one} for one in vintages]}) == date


def test_signs_without_a_glyph_are_replaced_and_all_texts_have_theirs() -> None:
    assert printable("가🙂나\u202e\x00") == "가□나□□"
    assert printable("a\u2212b\u2009c\u00a0d\n") == "a-b\u00a0c\u00a0d\n"
    lost = {
        key for key, both in texts().items()
        if key.startswith("report.") and "□" in printable("".join(both.values()))
    }  # fmt: skip
    assert lost == set()


def test_the_carrier_of_the_fonts_is_not_imported() -> None:
    assert all(file.is_file() for file in font_files())
    assert "koreanize_matplotlib" not in sys.modules


def test_the_funnel_ends_at_the_eligible_land() -> None:
    eligibility = tables_of("bare").eligibility
    left = left_after_each_km2(eligibility)
    assert left == sorted(left, reverse=True)
    assert left[-1] == pytest.approx(eligibility.eligible_km2)
    assert left[0] == pytest.approx(eligibility.land_km2)  # the sea is no land


def test_every_text_of_the_report_is_used() -> None:
    folder = Path(document.__file__).parent
    source = "".join(file.read_text(encoding="utf-8") for file in folder.glob("*.py"))
    made = ("section_", "question_", "answer_", "term.", "meaning.", "caveat_", "objective_",
            "assumptions_", "step_", "map_alt_site")  # fmt: skip
    keys = {key.removeprefix("report.") for key in texts() if key.startswith("report.")}
    named = set(re.findall(r"[\"'](?:report\.)?([a-z0-9_.]+)[\"']", source))
    unused = {key for key in keys - named if not key.startswith(made)}
    assert unused == set()


def test_no_block_is_empty() -> None:
    for kind in ("full", "bare", "years"):
        for section in contents(material_of(tables_of(kind)))["sections"]:
            assert section["blocks"], section["title"]
            for block in section["blocks"]:
                assert block.get("rows", ["-"]), block
                assert block.get("items", ["-"]), block
