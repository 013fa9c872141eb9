"""ranking.xlsx calculated by LibreOffice: as it was written, and after inputs are changed."""

import os
from io import BytesIO

import numpy as np
import openpyxl
import pytest

from siteopt.report import ranking_table
from siteopt.report._portfolio import portfolio
from siteopt.report.tables import components
from tests import office
from tests.report.conftest import small_run
from tests.report.workbook.made import LIVE, column, made, opened, table_at, with_prices

HOSTILE = "=1+1 <b>\"'&*?~"
LAND, CONNECTION, PRICE = 3.0, 0.25, 19.5
PICKS = {"C6": 5, "D6": "24 | anything", "E6": "no such site", "F6": None}
"""A number alone, a number before a name, what is no site, and nothing."""


@pytest.fixture(scope="module")
def tables():
    return with_prices(small_run(HOSTILE))


@pytest.fixture(scope="module")
def written(tables):
    return made(tables)


@pytest.fixture(scope="module")
def calculated(written, tmp_path_factory):
    """Return the workbook calculated anew, as it is and with changed inputs."""
    if (missing := office.missing()) is not None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{missing} on this machine, and CI must recalculate the workbook")
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("office")
    files = [folder / "as_written.xlsx", folder / "changed.xlsx"]
    for file, change in zip(files, (None, changed), strict=True):
        book = openpyxl.load_workbook(BytesIO(written))
        if change is not None:
            change(book)
        book.save(file)  # openpyxl writes formulas without values: all are calculated
    found = office.converted(files, "xlsx", tmp_path_factory.mktemp("calculated"))
    return [openpyxl.load_workbook(file, data_only=True) for file in found]


def changed(book):
    """Change a factor of each of two components, the price of a third, and what is compared."""
    sheet = book["민감도"]
    top, keys = table_at(sheet, "factor_land")
    sheet.cell(top + 1, keys["factor_land"]).value = LAND
    sheet.cell(top + 1, keys["factor_connection"]).value = CONNECTION
    sheet = book["전제"]
    top, keys = table_at(sheet, "user_value")
    row = next(
        row for row in range(top, sheet.max_row) if sheet.cell(row, 2).value == "capex_shell_me"
    )
    sheet.cell(row, keys["user_value"]).value = PRICE
    for place, pick in PICKS.items():
        book["입지 비교"][place] = pick


def same(one, other):
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == pytest.approx(other, rel=1e-9, abs=1e-9)
    return (one or "") == (other or "")


def test_values_beside_formulas_are_what_formulas_come_to(written, calculated):
    formulas, values = opened(written), opened(written, values=True)
    counted = 0
    for sheet in formulas:
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"):
            said = values[sheet.title][cell.coordinate].value
            found = calculated[0][sheet.title][cell.coordinate].value
            assert same(said, found), (sheet.title, cell.coordinate, cell.value, said, found)
            counted += 1
    assert counted > 500


def test_what_is_no_formula_stays(written, calculated):
    for sheet in opened(written, values=True):
        if sheet.title in LIVE:
            continue
        for row in sheet.iter_rows():
            for cell in row:
                found = calculated[1][sheet.title][cell.coordinate].value
                is_input = sheet.title == "전제" and found == PRICE
                assert is_input or same(cell.value, found), (sheet.title, cell.coordinate)


def expected(tables):
    """Return cost per MW with the factors, by site, as pandas has it."""
    table = ranking_table(tables).set_index("site_id")
    table = table[table["cost_bn_krw"].notna()]
    factor = {"land": LAND, "connection": CONNECTION, "building": PRICE / 13.0}
    cost = sum(
        table[f"cost_{name}_bn_krw"] * factor.get(name, 1.0) for name in components(tables.options)
    )
    return cost, (cost / table["it_mw"]).round(6)


def test_factors_and_prices_reorder_the_sites(tables, calculated):
    _, per_mw = expected(tables)
    sheet = calculated[1]["민감도"]
    top, keys = table_at(sheet, "changed_order")
    rows = range(top + 1, top + 1 + len(per_mw))
    site_column = max(cell.column for cell in sheet[top] if cell.value == "site_id")
    sites = [sheet.cell(row, site_column).value for row in rows]
    changed_column = max(cell.column for cell in sheet[top] if cell.value == "changed_per_mw")
    found = [sheet.cell(row, changed_column).value for row in rows]
    assert found == pytest.approx(per_mw[sites].tolist())
    order = [sheet.cell(row, keys["changed_order"]).value for row in rows]
    assert order == (np.argsort(np.argsort(per_mw[sites].to_numpy(), kind="stable")) + 1).tolist()
    listed = [sheet.cell(row, keys["site_id"] if keys["site_id"] < 7 else 3).value for row in rows]
    assert listed == [sites[place] for place in np.argsort(order)]
    before = [cell.value for cell in column(sheet, "order", beside="order")]
    assert before == list(range(1, len(per_mw) + 1))


def test_the_cost_of_the_plan_follows(tables, calculated):
    cost, _ = expected(tables)
    chosen = tables.plan.chosen["site_id"].tolist()
    sheet = calculated[1]["민감도"]
    top, keys = table_at(sheet, "changed_sum")
    values = {key: sheet.cell(top + 1, keys[key]).value for key in keys}
    assert values["base_sum"] == pytest.approx(portfolio(tables)["cost_bn_krw"])
    assert values["changed_sum"] == pytest.approx(cost[chosen].sum())
    assert values["difference"] == pytest.approx(values["changed_sum"] - values["base_sum"])


def test_the_comparison_follows_what_is_picked(tables, calculated):
    ranking = ranking_table(tables)
    sheet = calculated[1]["입지 비교"]
    rows = {sheet.cell(row, 2).value: row for row in range(1, sheet.max_row + 1)}
    assert [sheet.cell(rows["row"], 3 + place).value for place in range(4)] == [5, 24, 0, 0]
    for key in ("it_mw", "distance_154_km", "cost_land_bn_krw"):
        first, second = ranking[key].iloc[4], ranking[key].iloc[23]
        found = [sheet.cell(rows[key], 3 + place).value or None for place in range(5)]
        told = [None if np.isnan(value) else pytest.approx(value) for value in (first, second)]
        gap = None if None in told else pytest.approx(second - first)
        assert found == [*told, None, None, gap], key
    assert sheet.cell(rows["site_id"], 3).value == ranking["site_id"].iloc[4]
    assert sheet.cell(rows["name_ko"], 4).value == ranking["name_ko"].iloc[23]
