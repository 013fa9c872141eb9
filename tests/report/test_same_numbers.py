"""Every file that a run hands over tells the same numbers: page, PDF, workbook, GIS files, tables.

``ranking.csv`` is what the others are held against, cell by cell, as read by libraries of others
(openpyxl, pyarrow, SQLite, pypdf); the page by a decoder of this test.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from dataclasses import dataclass, replace
from functools import cached_property

import openpyxl
import pyarrow.parquet as pq
import pypdf
import pytest

from siteopt._file_names import (
    MAP,
    PLACES,
    PLACES_JSON,
    PORTFOLIO,
    RANKING,
    RECORD,
    REPORT,
    ROBUSTNESS,
    RUN_FILES,
    SITES,
    SITES_PARQUET,
    WORKBOOK,
)
from siteopt.report import ranking_table
from siteopt.report.document.report import report_files
from siteopt.report.facts import number_text
from siteopt.report.files import run_record, table_files
from siteopt.report.map import render_map
from siteopt.report.texts import money, percent, texts
from siteopt.scenario import ReportOptions
from tests.report.small_curve import with_curve
from tests.report.small_further import small_further
from tests.report.small_places import placed_run
from tests.report.small_robustness import with_draws
from tests.report.workbook.made import table_at
from tests.report.written import payload_of

DIGITS = 9
"""Significant digits of ``ranking.csv``."""
EOK_PER_BN = 10
CLASSES = ("robust", "competitive", "dominated")


@dataclass
class Handed:
    """The files of a run by name, each read as its reader would."""

    files: dict[str, bytes]

    @cached_property
    def ranking(self):
        """Rows of ``ranking.csv``, every cell as text."""
        told = io.StringIO(self.files[RANKING].decode("utf-8-sig"), newline="")
        return [{k: v.removeprefix("'") for k, v in row.items()} for row in csv.DictReader(told)]

    @property
    def chosen(self):
        return [row for row in self.ranking if row["chosen"] == "True"]

    def json(self, name):
        return json.loads(self.files[name])

    @cached_property
    def page(self):
        return payload_of(self.files[MAP].decode())

    @cached_property
    def book(self):
        return openpyxl.load_workbook(io.BytesIO(self.files[WORKBOOK]), data_only=True)

    def sheet(self, name, key="site_id"):
        """Return the rows of a sheet as dicts by the keys of its row of keys."""
        sheet = self.book[name]
        top, keys = table_at(sheet, key)
        rows = sheet.iter_rows(min_row=top + 1, values_only=True)
        found = []
        for row in rows:
            if all(cell is None for cell in row):
                break
            found.append({name: row[column - 1] for name, column in keys.items()})
        return found

    @cached_property
    def report(self):
        """Text of the report without white space, at which its lines are broken."""
        pages = pypdf.PdfReader(io.BytesIO(self.files[REPORT])).pages
        return squeezed("".join(page.extract_text() for page in pages))

    def layer(self, name):
        with sqlite3.connect(":memory:") as database:
            database.deserialize(self.files[SITES])
            database.row_factory = sqlite3.Row
            rows = database.execute(f"SELECT * FROM {name} ORDER BY fid").fetchall()  # noqa: S608
        return [dict(row) for row in rows]

    def query(self, words):
        with sqlite3.connect(":memory:") as database:
            database.deserialize(self.files[SITES])
            return database.execute(words).fetchall()


def squeezed(words):
    return "".join(words.split())


def unpacked(packed):
    """Return the values of a column of the page; what is not known is None."""
    if not isinstance(packed, dict):
        return packed
    numbers, value, shift = [], 0, 0
    for sign in packed["signs"]:
        step = ord(sign) - 63
        value |= (step & 31) << shift
        shift += 5
        if step < 32:
            numbers.append(value)
            value = shift = 0
    if "words" in packed:
        return [packed["words"][one - 1] if one else None for one in numbers]
    decimals, least = packed["decimals"], packed["least"]
    return [round((least + one - 1) / 10.0**decimals, 12) if one else None for one in numbers]


def assert_same(cell, value, where, *, within=0.0):
    """Assert that a value is what a cell of ``ranking.csv`` says, all of its digits."""
    if cell == "":
        assert value is None or value == "", where
    elif cell in {"True", "False"}:
        assert bool(value) == (cell == "True"), where
    elif isinstance(value, str):
        assert value == cell, where
    else:
        wanted = float(cell)
        least = max(within * 1.0001, abs(wanted) * 10.0 ** (1 - DIGITS))
        assert value is not None, where
        assert abs(float(value) - wanted) <= least, (where, value, cell)


def everything(tmp_path_factory):
    """Return the files of the small run with draws, clean energy, other plans and named places."""
    tables = with_draws(with_curve(placed_run()))
    file = tmp_path_factory.mktemp("named") / "names.csv"
    point = "{:.5f},{:.5f}".format(*tables.sites.loc[5, ["lon", "lat"]])
    file.write_text(
        f"name,lon,lat,note\n금천읍,,,읍\n담양 농공단지,,,산단\n한 점,{point},\n", encoding="utf-8"
    )
    scenario = tables.scenario.model_copy(update={"report": ReportOptions(places=file)})
    others = small_further(list(tables.sites["site_id"]))
    plan = replace(tables.plan, energy_bn_krw=12.5)  # which matched energy costs beside the sites
    tables = replace(tables, scenario=scenario, further=others, plan=plan)
    ranking = ranking_table(tables)
    return {
        MAP: render_map(tables, ranking).encode(),
        **table_files(tables, ranking),
        **report_files(tables, ranking),
        RECORD: json.dumps(run_record(tables)).encode(),
    }


@pytest.fixture(
    scope="module", params=["everything", pytest.param("small", marks=pytest.mark.national)]
)
def run(request, tmp_path_factory):
    if request.param == "everything":
        return Handed(everything(tmp_path_factory))
    folder = request.getfixturevalue("small_run").run.folder
    names = {file.name for file in folder.iterdir()} & (RUN_FILES | {RECORD})
    return Handed({name: (folder / name).read_bytes() for name in names})


def test_geopackage_and_parquet_equal_the_ranking_cell_by_cell(run):
    parquet = pq.read_table(io.BytesIO(run.files[SITES_PARQUET])).to_pylist()
    for name, rows in (("gpkg", run.layer("sites")), ("parquet", parquet)):
        assert len(rows) == len(run.ranking), name
        by_site = {row["site_id"]: row for row in rows}
        for row in run.ranking:
            for column, cell in row.items():
                assert_same(cell, by_site[row["site_id"]][column], (name, row["site_id"], column))


def test_the_workbook_equals_the_ranking_cell_by_cell(run):
    words = {}
    for key, both in texts().items():
        words.setdefault(both["ko"], set()).add(re.split(r"[._](?=[^.]*$)", key)[-1])
    rows = run.sheet("전체 후보")
    assert [row["site_id"] for row in rows] == [row["site_id"] for row in run.ranking]
    compared = worded = 0
    for row, told in zip(rows, run.ranking, strict=True):
        for column in row.keys() & told.keys():
            value, cell = row[column], told[column]
            if isinstance(value, str) and value != cell:
                worded += 1
                if cell in {"True", "False"}:
                    assert value in ({"예", "확정"} if cell == "True" else {"아니오", "잠정"}), (
                        column
                    )
                elif column != "works":
                    known = words.get(value, set())
                    assert any(cell.endswith(code) for code in known), (column, cell, value)
            else:
                assert_same(cell, value, (told["site_id"], column))
            compared += 1
    assert compared > 30 * len(rows)
    assert worded > len(rows)


def test_all_sheets_of_sites_have_the_figures_of_the_ranking(run):
    by_site = {row["site_id"]: row for row in run.ranking}
    costs = [row for row in run.sheet("비용 내역") if row["site_id"]]
    assert len(costs) >= len(run.chosen)
    for row in costs:
        # a site outside the plan is costed at the most that it can hold, as in the ranking
        told = by_site[row["site_id"]]
        assert_same(told["cost_bn_krw"], row["sum_bn_krw"], row["site_id"])
        assert_same(told["bn_krw_per_mw"], row["per_mw_bn_krw"], row["site_id"])
        for column in row.keys() & told.keys():
            if column.startswith("cost_"):
                assert_same(told[column], row[column], (row["site_id"], column))
    for row in run.sheet("최적안 입지"):
        told = by_site[row["site_id"]]
        for column in row.keys() & told.keys():
            if isinstance(row[column], (int, float)):
                assert_same(told[column], row[column], (row["site_id"], column))
    assert {row["site_id"] for row in run.sheet("최적안 입지")} == {
        row["site_id"] for row in run.chosen
    }


def test_the_page_has_the_figures_of_the_ranking_to_its_decimals(run):
    page, table = run.page, run.ranking
    costs = dict(zip((f"cost_{name}_bn_krw" for name in page["components"]), page["costs"],
                     strict=True))  # fmt: skip
    prices = {f"price_{name}_krw_kwh": packed for name, packed in page["prices"].items()}
    criteria = {item["name"]: item["values"] for item in page["criteria"]}
    unit = page["plan"]["unit"]
    values = {name: f"{name}_{unit}" for name in ("value", "regret", "lower", "upper")}
    sites = {values.get(name, name): packed for name, packed in page["sites"].items()}
    drawn = page["robustness"] or {}
    draws = {
        column: drawn[name]
        for column, name in (
            ("class", "class"), ("in_plan_pct", "in_plan_pct"),
            ("in_plan_low_pct", "low_pct"), ("in_plan_high_pct", "high_pct"),
        )
        if name in drawn
    }  # fmt: skip
    columns = sites | costs | prices | criteria | draws
    ids = page["sites"]["site_id"]
    assert ids == [row["site_id"] for row in table[: len(ids)]]
    compared = 0
    for name, packed in columns.items():
        found = unpacked(packed)
        half = 0.5 / 10.0 ** packed["decimals"] if "decimals" in packed else 0.0
        for row, value in zip(table, found, strict=False):
            seen = value.replace("\x1f", row["site_id"]) if isinstance(value, str) else value
            if name in row:
                assert_same(row[name], seen, (row["site_id"], name), within=half)
                compared += 1
    assert compared >= 50 * len(ids)


def test_portfolio_json_equals_the_ranking(run):
    by_site = {row["site_id"]: row for row in run.ranking}
    plan = run.json(PORTFOLIO)
    assert [one["site_id"] for one in plan["sites"]] == [row["site_id"] for row in run.chosen]
    for one in plan["sites"]:
        told = by_site[one["site_id"]]
        shared = one.keys() & told.keys()
        assert len(shared) > 30
        for column in shared:
            assert_same(told[column], one[column], (one["site_id"], column))
    assert sum(one["it_mw"] for one in plan["provinces"]) == pytest.approx(
        sum(float(row["it_mw"]) for row in run.chosen)
    )


def test_the_report_has_a_row_and_a_sheet_of_each_chosen_site(run):
    provinces = run.json(PORTFOLIO)["names"]["provinces"]
    for row in run.chosen:
        name = row["name_ko"].replace(row["site_id"], "").strip()
        figure = {key: float(cell) for key, cell in row.items() if number_like(cell)}
        province = provinces[row["province_code"]][0]
        per_mw = number_text_2(EOK_PER_BN * figure["bn_krw_per_mw"])
        cells = [
            number_text(figure["it_mw"], 1), number_text(figure["facility_mw"], 1),
            number_text(figure["voltage_kv"], 1), row["station_name_ko"],
            number_text(figure["route_km"], 1), money(figure["cost_bn_krw"], "ko"), per_mw,
        ]  # fmt: skip
        if row["rank_proven"] == "True" and row["proof"] == "exact" and row["value_bn_krw"]:
            cells.append(money(figure["value_bn_krw"], "ko"))
            if row.get("class"):
                word = texts()[f"class.{row['class']}"]["ko"]
                cells.append(f"{word}({number_text(figure['in_plan_pct'], 0)}%)")
        # after the name stands the eup, myeon or dong, which no table has
        where = (
            rf"{re.escape(squeezed(province + name))}[^0-9]*{re.escape(squeezed(''.join(cells)))}"
        )
        assert re.search(where, run.report), (province, name, cells)
        place = squeezed(f"{figure['lat']:.4f}°N, {figure['lon']:.4f}°E")
        sheet = run.report[run.report.index(place) :].split("식별자", 1)[0]
        for told in (
            f"{number_text(figure['eligible_ha'], 1)} ha", f"{number_text(figure['it_mw'], 1)} MW",
            f"{number_text(figure['facility_mw'], 1)} MW", money(figure["cost_bn_krw"], "ko"),
            f"{number_text(figure['headroom_mw'], 1)} MW", number_text(figure["suitability"], 3),
            f"{number_text(figure['route_km'], 1)} km(가공 {number_text(figure['route_oh_km'], 1)} km, 지중 {number_text(figure['route_ug_km'], 1)} km)",
        ):  # fmt: skip
            assert squeezed(told) in sheet, (row["site_id"], told)


def number_like(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True


def number_text_2(value):
    return f"{value:,.2f}"


def test_the_answer_is_one(run):
    plan, record, page = run.json(PORTFOLIO), run.json(RECORD), run.page
    summary = {row["item"]: row["value"] for row in run.sheet("요약", "item")}
    n, of = len(run.chosen), len(run.ranking)
    assert (record["chosen"], record["sites"]) == (n, of)
    assert (len(page["plan"]["chosen"]), page["sites_count"]) == (n, of)
    assert (summary["최적안 입지 수"], summary["후보지 수"]) == (n, of)
    assert squeezed(f"{n}곳({of:,}곳 중)") in run.report
    cost = plan["cost_bn_krw"]
    assert page["plan"]["cost_bn_krw"] == pytest.approx(cost, rel=1e-12)
    assert summary["총비용(현재가치)"] == pytest.approx(cost, rel=1e-12)
    beside = plan.get("energy_beside_bn_krw", 0.0)
    of_sites = sum(float(row["cost_bn_krw"]) for row in run.chosen)
    assert cost == pytest.approx(of_sites + beside, rel=1e-8)
    assert summary.get("입지별 비용 외 공동 전력비용", 0.0) == pytest.approx(beside)
    assert summary["총비용(읽기)"] == money(cost, "ko")
    assert squeezed(money(cost, "ko")) in run.report
    assert page["plan"]["status"] == plan["status"] == record["status"]
    assert page["plan"]["gap"] == plan["gap"] == record["gap"]
    status = texts()[f"status.{plan['status']}"]["ko"]
    assert summary["계산 결과"] == status
    assert squeezed(status) in squeezed(run.page["texts"][f"status.{plan['status']}"][0])
    gap = f"{percent(max(plan['gap'], page['plan']['solver_gap']))} 이내"
    assert summary["최적성 오차(이 모형)"] == gap
    assert squeezed(gap) in run.report
    for key in ("land_km2", "eligible_km2"):
        assert page["plan"][key] == pytest.approx(record[key], rel=1e-9)
        assert f"{number_text(record[key], 0)}㎢" in run.report
    share = 100 * record["eligible_km2"] / record["land_km2"]
    assert summary["국토 중 입지 가능 면적"] == pytest.approx(share)
    assert squeezed(f"{number_text(share, 1)}%") in run.report


def test_the_page_writes_shares_and_money_as_the_others_do(run, browser, tmp_path):
    file = tmp_path / MAP
    file.write_bytes(run.files[MAP])
    page = browser.page()
    page.open(file.as_uri())
    shares = [0.0, 1e-12, 1e-6, 3.14e-5, 0.000996, 0.00123, 0.0995, 0.25, 0.999, 1.0]
    assert page.run(f"{shares}.map(siteopt.percent)") == [percent(share) for share in shares]
    cost = run.json(PORTFOLIO)["cost_bn_krw"]
    shown = page.run("document.body.innerText")
    assert money(cost, "ko") in shown
    assert run.page["made"]["hash"] in page.run("document.documentElement.textContent")
    for row in run.chosen:
        page.run(f"siteopt.open(siteopt.data.sites.site_id.indexOf({row['site_id']!r}))")
        card = page.run("document.body.innerText")
        assert money(float(row["cost_bn_krw"]), "ko") in card, row["site_id"]
        assert row["name_ko"].split()[0] in card


def test_page_report_and_record_name_the_same_inputs(run):
    record, shown = run.json(RECORD), run.page["made"]["hash"]
    assert len(shown) == 12
    assert record["input_sha256"].startswith(shown)
    assert run.report.count(f"입력해시{shown}") >= 5  # in the foot of every page
    assert record["input_sha256"] in run.report
    assert [one["file"] for one in record["inputs"]]
    shown_layers = {row[0] for row in run.query("SELECT DISTINCT table_name FROM gpkg_contents")}
    assert "sites" in shown_layers


def test_draws_are_told_alike(run):
    if ROBUSTNESS not in run.files:
        assert run.page["robustness"] is None
        assert "class" not in run.ranking[0]
        return
    told, page = run.json(ROBUSTNESS), run.page["robustness"]
    counted = {name: sum(row["class"] == name for row in run.ranking) for name in CLASSES}
    assert {name: told["classes"].get(name, 0) for name in CLASSES} == counted
    assert (page["draws"]["asked"], page["draws"]["planned"]) == (
        told["draws"]["asked"], told["draws"]["with_a_plan"],
    )  # fmt: skip
    risk = {row["figure"]: row for row in told["value_at_risk_bn_krw"]}
    for figure in page["risk"]:
        for name in ("mean", "p5", "median", "p95", "cvar95"):
            assert page["risk"][figure][name] == pytest.approx(risk[figure][name], rel=1e-6)
    assert squeezed(money(risk["best_plan"]["p95"], "ko")) in run.report


def test_classes_have_the_same_words_everywhere(run):
    if ROBUSTNESS not in run.files:
        pytest.skip("nothing was drawn")
    styles = "".join(
        row[0] + row[1] for row in run.query("SELECT styleQML, styleSLD FROM layer_styles")
    )
    sheet = {row["class"] for row in run.sheet("전체 후보")}
    for name in {row["class"] for row in run.ranking}:
        word = texts()[f"class.{name}"]["ko"]
        assert run.page["texts"][f"class.{name}"][0] == word
        assert word in sheet
        assert word in run.report
        assert word in styles


def test_places_are_told_alike(run):
    if PLACES not in run.files:
        assert run.page["places"]["named"] == []
        return
    table = list(csv.DictReader(io.StringIO(run.files[PLACES].decode("utf-8-sig"), newline="")))
    answers, named = run.json(PLACES_JSON), run.page["places"]["named"]
    assert len(table) == len(answers) == len(named) == 3
    sheet = {row["place"]: row for row in run.sheet("요약", "place")}
    for row, answer, shown in zip(table, answers, named, strict=True):
        for column in row.keys() & answer.keys() - {"failed", "eligible"}:
            assert_same(row[column], answer[column], (row["name_ko"], column))
        assert shown[0] == [row["name_ko"], row["name_en"]]
        assert shown[3:5] == pytest.approx([float(row["lon"]), float(row["lat"])])
        told = sheet[row["name_ko"]]
        assert (told["answer"], told["site_id"]) == (row["verdict_ko"], row["site_id"])
        assert squeezed(row["name_ko"] + row["note"] + row["verdict_ko"]) in run.report
