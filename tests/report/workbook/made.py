"""The workbook of the small run, as openpyxl reads it."""

from dataclasses import replace
from io import BytesIO

import openpyxl
import pandas as pd

from siteopt.layers.parameters import Parameters
from siteopt.report import ranking_table
from siteopt.report._portfolio import portfolio
from siteopt.report.workbook import workbook
from tests.report.conftest import PARAMETERS, SmallLayers

LIVE = {"비용 내역", "입지 비교", "민감도"}
"""The only sheets with formulas."""


class PricedLayers(SmallLayers):
    """Layers with the price of a component, of a source that begins as a formula does."""

    @property
    def parameters(self):
        price = ("capex_shell_me", 13.0, 10.0, 15.2, "bn KRW/MW", "cost", "=made up",
                 "compiled-medium", 2025, "assumed")  # fmt: skip
        own = pd.DataFrame([price], columns=PARAMETERS.columns)
        others = PARAMETERS[PARAMETERS["key"] != "capex_shell_me"]
        return Parameters([others, own])


def with_prices(tables):
    """Return the run with the price that a blue cell has."""
    layers = tables.layers
    return replace(tables, layers=PricedLayers(layers.vectors, layers.used, layers.tables))


def made(tables):
    """Return the bytes of the workbook of a run."""
    ranking = ranking_table(tables)
    return workbook(tables, ranking, portfolio(tables, ranking))


def opened(content, *, values=False):
    """Return the workbook: with its formulas, or with the values beside them."""
    return openpyxl.load_workbook(BytesIO(content), data_only=values)


def table_at(sheet, key):
    """Return the row of keys that has a key, and its columns by key."""
    for row in sheet.iter_rows():
        keys = {cell.value: cell.column for cell in row if cell.value is not None}
        if key in keys and all(isinstance(one, str) for one in keys):
            return row[0].row, keys
    raise KeyError(key)


def column(sheet, key, *, beside="site_id"):
    """Return the cells of a column, as long as the column beside it has values."""
    top, keys = table_at(sheet, beside)
    found = []
    for row in range(top + 1, sheet.max_row + 1):
        if sheet.cell(row, keys[beside]).value is None:
            break
        found.append(sheet.cell(row, keys[key]))
    return found
