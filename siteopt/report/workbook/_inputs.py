"""전제: settings of the scenario, prices and factors; blue cells scale a component of cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from siteopt.costs.discounted import PROPORTIONAL_TO
from siteopt.report._assumptions import parameter_titles, setting_rows
from siteopt.report.texts import text
from siteopt.report.workbook._book import Head
from siteopt.report.workbook._content import word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siteopt.layers.parameters import Parameters
    from siteopt.report.workbook._book import Book, Sheet
    from siteopt.report.workbook._content import Content

__all__ = ["write_inputs"]

_VALUE, _USER = 2, 3
"""Columns of a value as run, and of the user's own."""


def write_inputs(book: Book, content: Content) -> dict[str, str]:
    """Write the sheet; return by component by how much the user's price scales it, as a formula."""
    sheet = book.sheet("sheet_inputs")
    heads = [
        Head.of("title", "wrap", 32), Head.of("key", width=30), Head.of("value", "number", 14),
        Head.of("user_value", "number", 14), Head.of("unit", width=14), Head.of("low", "number", 11),
        Head.of("high", "number", 11), Head.of("confidence", "wrap", 18), Head.of("source", "wrap", 64),
        Head.of("price_year", "plain", 10), Head.of("overridden", width=10),
        Head.of("scales", width=20),
    ]  # fmt: skip
    sheet.widths(head.width for head in heads)
    sheet.title(text("workbook.inputs_note", "ko"))
    sheet.line(text("workbook.inputs_parameters", "ko"), bold=True)
    first = sheet.row
    sheet.heads(heads)
    factors = _write_parameters(sheet, content)
    sheet.part("inputs_scenario")
    sheet.table([Head.of("item", width=32), Head.of("key", width=30), Head.of("value", "number", 14)],
                _settings(content))  # fmt: skip
    sheet.head_setup(first, len(heads), sheet.row - first, frozen=2)
    return factors


def _write_parameters(sheet: Sheet, content: Content) -> dict[str, str]:
    """Write a row a parameter, those that scale a component first."""
    known = cast("Parameters", content.tables.layers.parameters)
    parameters = known.frame().to_dict("records")
    scaled = {key: name for name, key in PROPORTIONAL_TO.items() if name in content.components}
    parameters.sort(key=lambda row: (row["key"] not in scaled, row["key"]))
    factors: dict[str, str] = {}
    for row in parameters:
        name = scaled.get(str(row["key"]), "")
        if name and row["value"]:
            factors[name] = (
                f"{sheet.cell(sheet.row, _USER, outside=True)}/{sheet.cell(sheet.row, _VALUE, outside=True)}"
            )
            _guard(sheet, row)
        _write_parameter(sheet, row, name if row["value"] else "")
    return factors


def _guard(sheet: Sheet, row: dict[Any, Any]) -> None:
    """Take only numbers from 0 in the blue cell of a parameter, and say its range."""
    known = pd.notna(row["low"]) and pd.notna(row["high"])
    told = (
        {"low": f"{row['low']:g}", "high": f"{row['high']:g}", "unit": row["unit"]} if known else {}
    )
    sheet.raw.data_validation(
        sheet.row, _USER, sheet.row, _USER,
        {
            "validate": "decimal", "criteria": ">=", "value": 0,
            "error_message": text("workbook.sensitivity_least", "ko"),
            **({"input_message": text("workbook.inputs_range", "ko", **told)[:250]} if told else {}),
        },
    )  # fmt: skip


def _write_parameter(sheet: Sheet, row: dict[Any, Any], component: str) -> None:
    value = _short(row["value"])
    sheet.put(0, parameter_title(str(row["key"])), "wrap")
    sheet.put(1, str(row["key"]))
    sheet.put(_VALUE, value, "number")
    sheet.put(_USER, value if component else None, "number", "input" if component else "")
    sheet.put(4, row["unit"])
    sheet.put(5, _short(row["low"]), "number")
    sheet.put(6, _short(row["high"]), "number")
    sheet.put(7, word("confidence", row["confidence"]), "wrap")
    sheet.put(8, row["source"], "wrap")
    sheet.put(9, row["price_year"], "plain")
    sheet.put(10, bool(row["overridden"]))
    sheet.put(11, text(f"cost.{component}", "ko") if component else None)
    sheet.row += 1


def _short(value: float | None) -> float | None:
    """Return a value with nine digits, as the tables of a run have figures; None where not known."""
    return None if value is None or pd.isna(value) else float(f"{value:.9g}")


def parameter_title(key: str) -> str:
    """Return the Korean title of a parameter; its key where it has none."""
    return parameter_titles(key)[0]


def _settings(content: Content) -> Iterator[list[object]]:
    """Yield title, key and value of the settings of the scenario."""
    for key, title, _, value in setting_rows(content.tables.scenario.model_dump(mode="json")):
        listed = ", ".join(map(str, value)) if isinstance(value, list) else value
        yield [title, key, listed]
