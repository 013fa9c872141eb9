"""The report as PDF: its figures are those of the files, and it is one that all can read."""

from __future__ import annotations

import re
from io import BytesIO

import pypdf
import pytest
from PIL import Image  # matplotlib's own

from siteopt.report import portfolio, ranking_table
from siteopt.report.document.blocks import PlaceText, paragraph
from siteopt.report.document.report import contents, material_of, report_files
from siteopt.report.document.typesetting import typeset
from siteopt.report.facts import number_text
from siteopt.report.places.named import place_answers
from siteopt.report.texts import money, text
from tests.report.document.conftest import (
    HOSTILE,
    RUNS,
    files_of,
    reader_of,
    tables_of,
    text_of,
)
from tests.report.small_places import placed_run

KINDS = sorted(RUNS)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_chosen_sites_have_the_figures_of_ranking_csv(language, squeezed) -> None:
    tables, told = tables_of("full"), text_of("full", language)
    chosen = ranking_table(tables).query("chosen")
    assert len(chosen) == 2
    for row in chosen.to_dict("records"):
        cells = [
            number_text(row["it_mw"], 1), number_text(row["facility_mw"], 1),
            number_text(row["voltage_kv"], 1),
        ]  # fmt: skip
        assert squeezed("".join(cells)) in told
        million = round(1000 * row["bn_krw_per_mw"])
        per_mw = f"{million / 100:,.2f}" if language == "ko" else f"{million / 1000:,.3f}"
        assert squeezed(money(row["cost_bn_krw"], language) + per_mw) in told
        for amount in ("cost_bn_krw", "value_bn_krw"):
            assert squeezed(money(row[amount], language)) in told, amount
        assert f"{row['lat']:.4f}°N,{row['lon']:.4f}°E" in told


@pytest.mark.parametrize("kind", ["full", "years", "one"])
def test_answer_has_the_figures_of_portfolio_json(kind, squeezed) -> None:
    plan, told = portfolio(tables_of(kind)), text_of(kind)
    assert squeezed(money(plan["cost_bn_krw"], "ko")) in told
    for one in plan["provinces"]:
        assert squeezed(f"{number_text(one['it_mw'], 1)} MW(") in told
    for year in plan.get("years", []):
        assert squeezed(money(year["capital_bn_krw"], "ko")) in told
        assert f"{year['year']}년{number_text(year['target_it_mw'], 1)}MW" in told


def test_energy_and_draws_have_the_figures_of_the_run(squeezed) -> None:
    tables, told = tables_of("full"), text_of("full")
    energy = portfolio(tables)["energy"]
    for score in (*energy["typical_days"].items(), *energy["year_replayed"].items()):
        if score[0].endswith("_pct"):
            assert f"{number_text(score[1], 2)}%" in told, score
    assert number_text(energy["price_krw_kwh"], 2) in told
    row = ranking_table(tables).set_index("site_id").loc["S0003"]
    assert f"{text('class.' + row['class'], 'ko')}({number_text(row['in_plan_pct'], 0)}%)" in told
    risk = tables.robustness.risk.set_index("figure")
    assert squeezed(money(risk["p95"]["best_plan"], "ko")) in told
    assert squeezed(money(risk["mean"]["committed"], "ko")) in told


def test_what_a_run_has_not_is_said_rather_than_left_out(squeezed) -> None:
    told = text_of("bare")
    for key in ("sure_none", "clean_none", "draws_how", "caveat_draws"):
        assert squeezed(text(f"report.{key}", "ko")) in told, key
    assert squeezed(text("further.none", "ko")) in told
    full = text_of("full")
    for key in ("sure_none", "clean_none", "caveat_draws"):
        assert squeezed(text(f"report.{key}", "ko")) not in full, key


def test_suitability_is_told_in_suitable_mw_and_not_as_a_cost_of_the_nation(squeezed) -> None:
    told = text_of("suitable")
    assert squeezed(text("report.answer_suitable", "ko", mw="210.5")) in told
    assert squeezed(text("report.question_suitability", "ko", year=2035, mw="300")) in told
    assert squeezed(text("report.suitable_mw", "ko", mw="142.5")) in told


@pytest.mark.parametrize("kind", KINDS)
def test_every_run_has_a_tagged_document_with_its_fonts_inside(kind) -> None:
    reader = reader_of(kind)
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"].lower() == "ko-kr"
    assert "pdfuaid:part>1<" in root["/Metadata"].get_data().decode()
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert fonts
    assert all(re.fullmatch(r"/[A-Z]{6}\+NanumGothic(Bold)?", name) for name in fonts), fonts
    figures = len(files_of(kind)) - 1
    assert figures == (6 if kind == "full" else 3)
    assert len(reader.pages) <= 16
    assert len(files_of(kind)["report.pdf"]) < 3_000_000


@pytest.mark.parametrize("kind", KINDS)
def test_every_figure_has_an_alternative_text(kind) -> None:
    told = contents(material_of(tables_of(kind)))
    assert all(len(alt) > 20 for alt in _alts(reader_of(kind)))
    assert len(_alts(reader_of(kind))) >= len(files_of(kind)) - 1
    assert [section["title"].split(". ")[0] for section in told["sections"]][:10] == [
        str(number) for number in range(1, 11)
    ]


def _alts(reader) -> list[str]:
    """Return the alternative texts in the tree of tags."""
    found, open_ = [], [reader.trailer["/Root"]["/StructTreeRoot"]]
    while open_:
        node = open_.pop().get_object()
        if isinstance(node, list):
            open_ += node
        elif isinstance(node, dict):
            if "/Alt" in node:
                found.append(str(node["/Alt"]))
            if "/K" in node:
                open_.append(node["/K"])
    return found


def test_the_foot_has_page_version_hash_and_date_of_the_data(squeezed) -> None:
    material = material_of(tables_of("bare"))
    reader = reader_of("bare")
    for number, page in enumerate(reader.pages, start=1):
        told = squeezed(page.extract_text())
        foot = text(
            "report.foot", "ko", version=material.version, hash=material.input_hash, date="2024"
        )
        assert squeezed(foot) in told
        assert f"{number}/{len(reader.pages)}" in told


def test_the_same_run_gives_the_same_bytes() -> None:
    assert report_files(RUNS["full"]()) == files_of("full")


def test_names_out_of_data_are_never_commands_nor_break_the_document(squeezed) -> None:
    told = text_of("hostile")
    assert squeezed("<script>alert(1)</script> =1+1 #let x $y$ *b* \\ \"'") in told
    assert "\u202e" not in told
    assert "🙂" not in told
    assert "긴" * 10 in told
    assert "긴" * 80 + "긴" * 80 not in told  # no table is pages long for a name
    assert HOSTILE[:8] in str(reader_of("hostile").metadata.title)


def test_a_word_of_a_stranger_does_not_fill_pages(squeezed) -> None:
    address = "https://example.org/" + "path/" * 30
    pdf = typeset(
        {
            "lang": "ko", "region": "kr", "title": "긴" * 10_000, "overline": "", "keywords": [],
            "foot": "", "sections": [
                {"title": "절", "new_page": False, "blocks": [paragraph("긴" * 10_000), paragraph(address)]}
            ],
        },
        {},
    )  # fmt: skip
    pages = pypdf.PdfReader(BytesIO(pdf)).pages
    assert len(pages) == 1
    told = squeezed(pages[0].extract_text())
    assert address in told
    assert 0 < told.count("긴") < 200


def test_a_report_in_english_has_no_korean_but_names_of_the_data() -> None:
    told = text_of("full", "en")
    assert not re.search(r"[가-힣]", told)
    assert reader_of("full", "en").trailer["/Root"]["/Lang"].lower() == "en-us"


def test_places_that_are_named_have_their_answers() -> None:
    place = PlaceText(
        "청송군 #진보면", "최적안에 없음.", (("", ("까닭 하나",)), ("바뀌어야 할 것", ("비용",))), "메모"
    )  # fmt: skip
    files = report_files(tables_of("bare"), places=[place])
    assert files["report.pdf"] != files_of("bare")["report.pdf"]
    told = contents(material_of(tables_of("bare"), places=[place]))
    blocks = told["sections"][3]["blocks"]
    assert {"kind": "heading", "level": 3, "text": place.name} in blocks
    assert {"kind": "paragraph", "text": place.sentence, "small": False} in blocks
    for words in ("메모", "바뀌어야 할 것"):
        assert {"kind": "paragraph", "text": words, "small": False} in blocks
    for line in ("까닭 하나", "비용"):
        assert {"kind": "bullets", "items": [line]} in blocks


def test_places_that_the_scenario_names_are_answered(tmp_path) -> None:
    file = tmp_path / "names.csv"
    file.write_text("name,note\n금천읍,우리 읍\n", encoding="utf-8")
    tables = placed_run(places=file)
    blocks = contents(material_of(tables))["sections"][3]["blocks"]
    answer = place_answers(tables, ranking_table(tables))[0]
    assert {"kind": "heading", "level": 3, "text": answer.name[0]} in blocks
    for words in ("우리 읍", answer.verdict("ko")):
        assert {"kind": "paragraph", "text": words, "small": False} in blocks
    for _, lines in answer.said("ko"):
        assert {"kind": "bullets", "items": lines} in blocks


def test_pictures_are_300_dpi_and_told_by_their_names() -> None:
    files = files_of("full")
    assert set(files) == {
        "report.pdf", "report_certainty.png", "report_curve.png", "report_energy.png",
        "report_exclusions.png", "report_map.png", "report_sites.png",
    }  # fmt: skip
    for name, content in files.items():
        if name.endswith(".png"):
            picture = Image.open(BytesIO(content))
            assert round(picture.info["dpi"][0]) == 300
            assert picture.width >= 1400
