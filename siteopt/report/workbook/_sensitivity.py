"""민감도: a factor a cost component, and the order of the sites by cost that follows, live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from xlsxwriter.utility import xl_col_to_name

from siteopt.report.texts import text
from siteopt.report.workbook._book import Head, plain_text, reference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from siteopt.report.workbook._book import Book, Sheet
    from siteopt.report.workbook._content import Content
    from siteopt.report.workbook._costs import Costs

__all__ = ["write_sensitivity"]

_LISTED: Final = 100
"""Sites in the list by cost."""
_DECIMALS: Final = 6
"""Costs per MW are compared to a thousand won: sums in another order differ by less."""
_SITE: Final = 7
"""First column of the calculation by site, beside the list and an empty column."""
_FIRST_FACTOR: Final = 2


def write_sensitivity(
    book: Book, content: Content, costs: Costs | None, from_inputs: Mapping[str, str]
) -> None:
    """Write the sheet: factors, the cost of the plan, the order by cost, and each site."""
    sheet = book.sheet("sheet_sensitivity")
    sheet.widths([10, 24, *([13] * 4), 3, 15, 22, *([13] * 12)])
    sheet.title(text("workbook.sensitivity_note", "ko"))
    if costs is None:
        sheet.line(text("workbook.none_costs", "ko"))
        return
    applied = _write_factors(sheet, content, from_inputs)
    _write_plan(sheet, costs, applied)
    _write_sites(sheet, costs, applied)


def _write_factors(sheet: Sheet, content: Content, from_inputs: Mapping[str, str]) -> str:
    """Write the factors of the components; return the reference to those that apply."""
    parts = content.components
    heads = [Head(f"factor_{name}", text(f"cost.{name}", "ko"), "two") for name in parts]
    sheet.heads(heads, _FIRST_FACTOR)
    last = _FIRST_FACTOR + len(parts) - 1
    for key, look in (("factor", "input"), ("from_inputs", ""), ("applied", "sum")):
        sheet.put(0, None, "text", "sum")
        sheet.put(1, text(f"workbook.sensitivity_{key}", "ko"), "wrap", "sum")
        for column, name in enumerate(parts, _FIRST_FACTOR):
            letter = xl_col_to_name(column)
            if key == "factor":
                sheet.put(column, 1.0, "two", look)
            elif key == "applied":
                formula = f"{letter}{sheet.row - 1}*{letter}{sheet.row}"
                sheet.formula(column, formula, 1.0, "two", look)
            elif name in from_inputs:
                sheet.formula(column, from_inputs[name], 1.0, "two", look)
            else:
                sheet.put(column, 1.0, "two", look)
        if key == "factor":
            sheet.raw.data_validation(
                sheet.row, _FIRST_FACTOR, sheet.row, last,
                {
                    "validate": "decimal", "criteria": ">=", "value": 0,
                    "error_message": text("workbook.sensitivity_least", "ko"),
                },
            )  # fmt: skip
        sheet.row += 1
    ends = (xl_col_to_name(_FIRST_FACTOR), xl_col_to_name(last))
    return f"${ends[0]}${sheet.row}:${ends[1]}${sheet.row}"


def _write_plan(sheet: Sheet, costs: Costs, applied: str) -> None:
    """Write what the chosen sites cost together, as run and with the factors."""
    sheet.part("sensitivity_plan")
    heads = [Head.of("base_sum"), Head.of("changed_sum"), Head.of("difference")]
    sheet.heads(heads, 2)
    own = costs.table[costs.table["chosen"].astype(bool)]
    total = float(own[costs.parts].to_numpy(dtype=np.float64).sum())
    above = costs.parts_of(-1)  # the row of sums stands before the first site
    sheet.put(1, text("workbook.unit_bn_krw", "ko"), "text")
    row = sheet.row + 1
    sheet.formula(2, f"SUM({above})", total, "one", "sum")
    sheet.formula(3, f"SUMPRODUCT({applied},{above})", total, "one", "sum")
    sheet.formula(4, f"D{row}-C{row}", 0.0, "one", "sum")
    sheet.row += 1


def _write_sites(sheet: Sheet, costs: Costs, applied: str) -> None:
    """Write the list by cost on the left, and what it is read from on the right."""
    sheet.row += 1
    for column, key in ((0, "sensitivity_order"), (_SITE, "sensitivity_sites")):
        sheet.raw.write_string(
            sheet.row, column, text(f"workbook.{key}", "ko"),
            sheet.book.style(bold=True, font_size=11),
        )  # fmt: skip
    sheet.row += 1
    first = sheet.row
    unit = f"\n({text('workbook.unit_bn_krw_mw', 'ko')})"
    per_mw = Head.of("changed_per_mw")
    listed = [
        Head.of("order"), Head.of("name_ko"), Head.of("site_id"), Head.of("chosen"),
        Head.of("changed_per_mw", title=per_mw.title + unit), Head.of("base_order"),
    ]  # fmt: skip
    by_site = [
        Head.of("site_id"), Head.of("name_ko"), Head.of("chosen"), Head.of("rank"),
        Head.of("base_per_mw", title=Head.of("base_per_mw").title + unit),
        Head.of("changed_per_mw", title=per_mw.title + unit), Head.of("difference"),
        Head.of("base_order"), Head.of("changed_order"), Head.of("moved"),
    ]  # fmt: skip
    top = sheet.row
    sheet.heads(listed)
    sheet.row = top
    sheet.heads(by_site, _SITE)
    _write_lines(sheet, costs, applied)
    sheet.raw.freeze_panes(first + 2, 2)
    sheet.raw.repeat_rows(first, first + 1)


def _write_lines(sheet: Sheet, costs: Costs, applied: str) -> None:
    table, count, first = costs.table, len(costs.table), sheet.row
    divisor = "discounted_it_mw" if "discounted_it_mw" in table else "it_mw"
    mw = table[divisor].to_numpy(dtype=np.float64)
    sums = table[costs.parts].to_numpy(dtype=np.float64).sum(axis=1)
    base = np.round(np.divide(sums, mw, out=np.zeros(count), where=mw > 0), _DECIMALS)
    order = _order(base)
    at = np.argsort(order, kind="stable")
    columns = {
        name: reference(sheet.name, first, first + count - 1, _SITE + place).split("!")[1]
        for place, name in enumerate(
            ("id", "name", "chosen", "rank", "base", "changed", "difference", "was", "is", "moved")
        )
    }
    sites = table[["site_id", "name_ko", "chosen", "rank"]].to_dict("records")
    for place in range(count):
        if place < min(count, _LISTED):
            _write_listed(sheet, columns, place, sites[at[place]], float(base[at[place]]))
        _write_one(
            sheet,
            costs,
            columns,
            applied,
            place,
            float(base[place]),
            int(order[place]),
            sites[place],
        )
        sheet.row += 1


def _order(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the places of values from the least, the first of equal ones first, from 1."""
    order = np.empty(len(values), dtype=np.int64)
    order[np.argsort(values, kind="stable")] = np.arange(1, len(values) + 1)
    return order


def _write_listed(
    sheet: Sheet, columns: Mapping[str, str], place: int, site: Mapping[Any, Any], per_mw: float
) -> None:
    """Write the site that comes in this place by cost."""
    here = f"MATCH($A{sheet.row + 1},{columns['is']},0)"
    sheet.put(0, place + 1, "plain")
    yes = text("workbook.yes" if site["chosen"] else "workbook.no", "ko")
    for column, (name, value, kind) in enumerate(
        (
            ("name", plain_text(site["name_ko"]), "text"), ("id", str(site["site_id"]), "text"),
            ("chosen", yes, "text"), ("changed", per_mw, "three"), ("was", place + 1, "plain"),
        ), 1,
    ):  # fmt: skip
        sheet.formula(column, f"INDEX({columns[name]},{here})", value, kind)


def _write_one(  # noqa: PLR0913, PLR0917 - the parts of a row
    sheet: Sheet, costs: Costs, columns: Mapping[str, str], applied: str, place: int, base: float,
    order: int, site: Mapping[Any, Any],
) -> None:  # fmt: skip
    """Write cost and order of a site as run and with the factors."""
    look = "chosen" if site["chosen"] else ""
    line, letter = sheet.row + 1, [xl_col_to_name(_SITE + n) for n in range(10)]
    for column, name in enumerate(("site_id", "name_ko", "chosen", "rank"), _SITE):
        sheet.put(column, site[name], "plain" if name == "rank" else "text", look)
    parts, mw = costs.parts_of(place), costs.mw_of(place)
    per_mw = f"IF({mw}=0,0,ROUND({{}}/{mw},{_DECIMALS}))"
    sheet.formula(_SITE + 4, per_mw.format(f"SUM({parts})"), base, "three", look)
    sheet.formula(_SITE + 5, per_mw.format(f"SUMPRODUCT({applied},{parts})"), base, "three", look)
    sheet.formula(_SITE + 6, f"{letter[5]}{line}-{letter[4]}{line}", 0.0, "three", look)
    for column, name in ((4, "base"), (5, "changed")):
        cells = columns[name]
        above = f"{cells.split(':')[0]}:{letter[column]}{line}"
        ranked = f"RANK({letter[column]}{line},{cells},1)+COUNTIF({above},{letter[column]}{line})-1"
        sheet.formula(_SITE + 3 + column, ranked, order, "plain", look)
    sheet.formula(_SITE + 9, f"{letter[7]}{line}-{letter[8]}{line}", 0, "plain", look)
