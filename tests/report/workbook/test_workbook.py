"""ranking.xlsx of the small run: figures, texts that stay texts, all kinds of runs."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from siteopt._csv import read_csv, write_csv
from siteopt.report import ranking_table
from siteopt.report._names import Names
from siteopt.report._portfolio import portfolio
from siteopt.report.facts import Fact
from siteopt.report.places.answer import PlaceAnswer, Section
from siteopt.report.texts import text
from siteopt.report.workbook import workbook
from siteopt.report.workbook._book import plain_text
from siteopt.report.workbook._guide import SHEETS
from tests.report.conftest import small_years
from tests.report.small_energy import with_clean_energy
from tests.report.small_further import small_further
from tests.report.small_robustness import with_draws
from tests.report.workbook.made import LIVE, column, made, opened, table_at, with_prices

HOSTILE = "=1+1 <b>\"'&*?~ \t\x07https://a.b/\u202e" + "길" * 40_000
NAMES = {text(f"workbook.sheet_{key}", "ko") for key in SHEETS}


def with_all(tables):
    """Return the run with draws, other plans and clean energy."""
    drawn = with_clean_energy(with_draws(tables))
    return replace(drawn, further=small_further(list(tables.sites["site_id"])))


@pytest.fixture(scope="module")
def content(run_tables):
    return made(run_tables)


@pytest.fixture(scope="module")
def book(content):
    return opened(content, values=True)


def test_all_sheets_are_there_with_a_title(book):
    assert set(book.sheetnames) == NAMES
    assert all(sheet["A1"].value for sheet in book)


def test_the_same_run_gives_the_same_bytes(content, make_run):
    assert made(make_run()) == content


def test_candidates_equal_the_ranking_cell_by_cell(book, run_tables, tmp_path):
    write_csv(ranking_table(run_tables), tmp_path / "ranking.csv")
    table = read_csv((tmp_path / "ranking.csv").read_bytes(), {"site_id": str})
    sheet = book["전체 후보"]
    top, keys = table_at(sheet, "site_id")
    numbers = [name for name in table if name in keys and table[name].dtype == np.float64]
    assert {"cost_bn_krw", "value_bn_krw", "distance_154_km", "route_km"} <= set(numbers)
    for name in ("site_id", "name_ko", *numbers):
        cells = [sheet.cell(top + 1 + row, keys[name]).value for row in range(len(table))]
        assert cells == [None if pd.isna(one) else one for one in table[name]], name
    chosen = [cell.value == "예" for cell in column(sheet, "chosen")]
    assert chosen == table["chosen"].tolist()


def test_costs_equal_ranking_and_portfolio(book, run_tables):
    ranking = ranking_table(run_tables).set_index("site_id")
    plan = portfolio(run_tables)
    sheet = book["비용 내역"]
    top, keys = table_at(sheet, "sum_bn_krw")
    assert sheet.cell(top + 1, keys["sum_bn_krw"]).value == pytest.approx(plan["cost_bn_krw"])
    rows = range(top + 2, sheet.max_row + 1)
    sites = [sheet.cell(row, keys["site_id"]).value for row in rows]
    assert sorted(sites) == sorted(ranking.index[ranking["cost_bn_krw"].notna()])
    for row, site in zip(rows, sites, strict=True):
        shares = [sheet.cell(row, keys[key]).value for key in keys if str(key).startswith("share_")]
        assert sheet.cell(row, keys["sum_bn_krw"]).value == pytest.approx(
            ranking["cost_bn_krw"][site]
        )
        assert sheet.cell(row, keys["per_mw_bn_krw"]).value == pytest.approx(
            ranking["bn_krw_per_mw"][site]
        )
        assert sum(shares) == pytest.approx(100)


def test_summary_and_chosen_sites_equal_the_portfolio(book, run_tables):
    plan = portfolio(run_tables)
    said = {row[3].value: row[1].value for row in book["요약"].iter_rows(max_col=4)}
    assert said["Target IT load"] == plan["target_it_mw"]
    assert said["Total cost (present value)"] == pytest.approx(plan["cost_bn_krw"])
    assert said["Chosen sites"] == 2
    assert "가정을 바꾼 반복 계산을 하지 않았습니다" in said["How sure"]
    sites = {site["site_id"]: site for site in plan["sites"]}
    ids = [cell.value for cell in column(book["최적안 입지"], "site_id")]
    assert ids == list(sites)
    cost = [cell.value for cell in column(book["최적안 입지"], "cost_bn_krw")]
    assert cost == pytest.approx([sites[one]["cost_bn_krw"] for one in ids])


def test_every_column_is_described(book, run_tables):
    described = [cell.value for cell in column(book["변수설명"], "key", beside="key")]
    assert described == list(ranking_table(run_tables).columns)
    titles = [cell.value for cell in column(book["변수설명"], "title", beside="key")]
    own = {"score_", "impact_"}
    plain = [
        key
        for key, title in zip(described, titles, strict=True)
        if key == title and not key.startswith(tuple(own))
    ]
    assert plain == []


@pytest.mark.parametrize("kind", ["plain", "all"])
def test_only_our_own_formulas_and_links(make_run, kind):
    """Names that begin as formulas do, controls, links and a very long one stay texts."""
    tables = with_prices(make_run(HOSTILE))
    content = made(with_all(tables) if kind == "all" else tables)
    book, values = opened(content), opened(content, values=True)
    for sheet in book:
        kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
        assert ("f" in kinds) == (sheet.title in LIVE), sheet.title
        links = {link.ref: link.target for link in getattr(sheet, "_hyperlinks", [])}
        assert not any(links.values()), sheet.title
    names = [cell.value for cell in column(values["전체 후보"], "name_ko")]
    assert max(map(len, names)) == 32_767
    assert any(one.startswith("필지 =1+1 <b>") for one in names)
    marked = [cell for cell in column(book["전제"], "source", beside="key") if cell.value]
    assert all(cell.quotePrefix for cell in marked if cell.value.startswith("="))
    assert any(cell.value == "=made up" for cell in marked)


def test_formulas_are_older_than_excel_2010(content):
    newer = ("_xlfn", "XLOOKUP", "FILTER(", "SORT", "LET(", "UNIQUE", "TEXTJOIN")
    formulas = [
        cell.value
        for sheet in opened(content)
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]
    assert formulas
    assert all(isinstance(one, str) for one in formulas)  # no array formula
    assert not [one for one in formulas if any(word in one for word in newer)]


def test_texts_that_a_cell_cannot_hold():
    assert plain_text("a\x00\x1b\ud800\ufffeb\n") == "a    b "
    assert len(plain_text("길" * 40_000)) == 32_767


def test_pages_repeat_their_heads_on_a4(book):
    for sheet in book:
        assert sheet.page_setup.paperSize == 9
        assert sheet.page_setup.orientation == "landscape"
        assert "&P" in sheet.oddFooter.right.text
    sheet = book["전체 후보"]
    assert sheet.freeze_panes == "F7"
    assert sheet.print_title_rows == "$5:$6"
    assert sheet.auto_filter.ref.startswith("A6:")


def test_sheets_without_content_say_so(book):
    for name in ("확실성", "대안", "시간별 전력"):
        assert book[name]["A2"].value.startswith("이 계산에서는"), name


def test_everything_that_a_run_can_have(make_run):
    book = opened(made(with_all(make_run())), values=True)
    hours = [cell.value for cell in column(book["시간별 전력"], "hour", beside="hour")]
    assert hours == list(range(1, 8761))
    assert column(book["확실성"], "share_pct", beside="level")
    within = [cell.value for cell in column(book["대안"], "within_pct", beside="within_pct")]
    assert within == [1, 2, 5]


def test_several_years():
    tables = small_years()
    book = opened(made(tables), values=True)
    ranking = ranking_table(tables).set_index("site_id")
    sheet = book["비용 내역"]
    per_mw = column(sheet, "per_mw_bn_krw", beside="per_mw_bn_krw")[1:]
    sites = [sheet.cell(cell.row, 2).value for cell in per_mw]
    assert [cell.value for cell in per_mw] == pytest.approx(
        ranking["bn_krw_per_mw"][sites].tolist()
    )
    years = [cell.value for cell in column(book["요약"], "year", beside="year")]
    assert years == [2033, 2034, 2035]


def test_suitability_is_in_its_own_unit(run_tables):
    names = {
        name: name.replace("bn_krw", "suitable_mw")
        for name in ("value_bn_krw", "regret_bn_krw", "lower_bn_krw", "upper_bn_krw")
    }
    tables = replace(run_tables, ranking=run_tables.ranking.rename(columns=names))
    book = opened(made(tables), values=True)
    assert "value_suitable_mw" in table_at(book["전체 후보"], "site_id")[1]
    said = {row[3].value: row[1].value for row in book["요약"].iter_rows(max_col=4)}
    assert said["Suitability-weighted load"] == pytest.approx(-tables.plan.objective)


def test_one_site(run_tables):
    one = replace(
        run_tables,
        sites=run_tables.sites[run_tables.sites["site_id"] == "S0003"],
        ranking=run_tables.ranking[run_tables.ranking["site_id"] == "S0003"],
        plan=replace(run_tables.plan, chosen=run_tables.plan.chosen.iloc[[1]]),
    )
    book = opened(made(one), values=True)
    assert [cell.value for cell in column(book["전체 후보"], "site_id")] == ["S0003"]
    assert book["입지 비교"]["C7"].value == 1
    assert book["입지 비교"]["D7"].value == 0


def test_no_site_that_can_be_connected(run_tables):
    none = replace(
        run_tables,
        options=run_tables.options.iloc[:0],
        plan=replace(run_tables.plan, chosen=run_tables.plan.chosen.iloc[:0]),
        ranking=run_tables.ranking.assign(chosen=False),
    )
    book = opened(made(none), values=True)
    told = text("workbook.none_costs", "ko")
    assert book["비용 내역"]["A2"].value == told
    assert told in [cell.value for cell in book["민감도"]["A"]]


def test_places_that_the_scenario_names(run_tables):
    ranking = ranking_table(run_tables)
    head = Fact("page.notice")
    answer = PlaceAnswer(
        name=("=군청", "office"), kind="point", key="", lon=127.0, lat=36.0, head=head,
        sections=(Section(None, (head,)),), figures={"site_id": "S0003"}, note="", names=Names(),
    )  # fmt: skip
    content = workbook(run_tables, ranking, portfolio(run_tables, ranking), [answer])
    sheet = opened(content, values=True)["요약"]
    (place,) = column(sheet, "place", beside="place")[:1]
    assert (place.value, place.data_type) == ("=군청", "s")
    assert sheet.cell(place.row, 3).value == "S0003"


def test_what_energy_costs_beside_the_sites_is_said(make_run):
    tables = with_prices(make_run())
    beside = replace(tables, plan=replace(tables.plan, energy_bn_krw=12.34))
    sheet = opened(made(beside))["비용 내역"]
    said = [cell.value for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert any("12.3 십억 원" in one for one in said)
