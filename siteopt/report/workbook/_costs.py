"""비용 내역: cost components with live sums, costs per MW and shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xlsxwriter.utility import xl_col_to_name

from siteopt.report.texts import text
from siteopt.report.workbook._book import Head, reference
from siteopt.report.workbook._columns import column_head

if TYPE_CHECKING:
    import pandas as pd

    from siteopt.report.workbook._book import Book, Sheet
    from siteopt.report.workbook._content import Content

__all__ = ["Costs", "write_costs"]


@dataclass(frozen=True)
class Costs:
    """The table of costs as the sheet of sensitivity refers to it.

    Attributes
    ----------
    sheet : str
        Name of the sheet.
    table : DataFrame
        Its sites with their costs.
    parts : list of str
        Columns of the components.
    first_row : int
        Row of the first site, from 0.
    first_part : int
        Column of the first component, from 0.
    divisor : int
        Column of the MW that costs are divided by.
    """

    sheet: str
    table: pd.DataFrame
    parts: list[str]
    first_row: int
    first_part: int
    divisor: int

    def parts_of(self, place: int) -> str:
        """Return the reference to the components of a site by its place in the table."""
        first, last = (xl_col_to_name(self.first_part + n) for n in (0, len(self.parts) - 1))
        row = self.first_row + place + 1
        return f"'{self.sheet}'!${first}{row}:${last}{row}"

    def mw_of(self, place: int) -> str:
        """Return the reference to the MW of a site."""
        return f"'{self.sheet}'!${xl_col_to_name(self.divisor)}{self.first_row + place + 1}"


def write_costs(book: Book, content: Content) -> Costs | None:
    """Write the sheet; None where no candidate has costs."""
    sheet = book.sheet("sheet_costs")
    table = content.shortlist
    parts = [f"cost_{name}_bn_krw" for name in content.components]
    if table.empty or not parts:
        sheet.title(text("workbook.none_costs", "ko"))
        return None
    sizes = list(dict.fromkeys(["it_mw", content.divisor]))
    heads = [
        Head.of("rank", "plain", 7), Head.of("site_id", width=15), Head.of("name_ko", width=24),
        Head.of("chosen", width=9), *(column_head(name, table[name]) for name in sizes),
    ]  # fmt: skip
    first_part = len(heads)
    heads += [column_head(name, table[name]) for name in parts]
    total = len(heads)
    unit = text("workbook.unit_bn_krw", "ko")
    heads += [
        Head.of("sum_bn_krw", "two", title=f"{text('column.sum_bn_krw', 'ko')}\n({unit})"),
        Head.of("per_mw_bn_krw", "three", title=f"{text('column.per_mw_bn_krw', 'ko')}\n({unit}/MW)"),
        *(Head(f"share_{name}_pct", _share_title(name), "pct", 10) for name in content.components),
    ]  # fmt: skip
    sheet.widths(head.width for head in heads)
    sheet.title(
        text("workbook.costs_note", "ko", n=f"{len(table):,}"),
        *([text("workbook.costs_years", "ko")] if content.divisor != "it_mw" else []),
        *_beside(content),
    )
    first = sheet.row
    sheet.heads(heads)
    costs = Costs(
        sheet.name, table, parts, sheet.row + 1, first_part, 4 + sizes.index(content.divisor)
    )
    _write_sum(sheet, costs, total)
    for row in table.to_dict("records"):
        _write_site(sheet, costs, row, sizes, total)
    sheet.head_setup(first, len(heads), len(table) + 1, frozen=4)
    return costs


def _share_title(name: str) -> str:
    return text("workbook.costs_share_of", "ko", name=text(f"cost.{name}", "ko")) + "\n(%)"


def _beside(content: Content) -> list[str]:
    """Return what energy costs beside the sums of the sites, where it costs something."""
    beside = content.tables.plan.energy_bn_krw
    if not beside:
        return []
    said = text("workbook.summary_beside", "ko")
    return [f"{said}: {beside:,.1f} {text('workbook.unit_bn_krw', 'ko')}"]


def _write_sum(sheet: Sheet, costs: Costs, total: int) -> None:
    """Write the sums over the chosen sites, whichever rows they stand in, and the shares."""
    table, last = costs.table, costs.first_row + len(costs.table) - 1
    own = table[table["chosen"].astype(bool)]
    yes, mark = text("workbook.yes", "ko"), reference(costs.sheet, costs.first_row, last, 3)
    mark = mark.split("!")[1]
    for column in range(4):
        told = text("workbook.costs_sum", "ko") if column == 2 else None  # noqa: PLR2004 - the name
        sheet.put(column, told, "text", "sum")
    sums: dict[int, float] = {}
    sizes = {costs.divisor: None, 4: None}
    names = {4: "it_mw", costs.divisor: _divisor_name(costs)}
    for column in sorted({*sizes, *range(costs.first_part, total)}):
        name = names.get(column) or costs.parts[column - costs.first_part]
        cells = reference(costs.sheet, costs.first_row, last, column).split("!")[1]
        sums[column] = float(own[name].sum())
        sheet.formula(column, f'SUMIF({mark},"{yes}",{cells})', sums[column], "two", "sum")
    _write_totals(sheet, costs, [sums[costs.first_part + n] for n in range(len(costs.parts))],
                  sums[costs.divisor], total, "sum")  # fmt: skip


def _divisor_name(costs: Costs) -> str:
    return "it_mw" if costs.divisor == 4 else "discounted_it_mw"  # noqa: PLR2004 - its column


def _write_site(
    sheet: Sheet,
    costs: Costs,
    row: dict[Any, Any],
    sizes: list[str],
    total: int,
) -> None:
    look = "chosen" if row["chosen"] else ""
    for column, name in enumerate(("rank", "site_id", "name_ko", "chosen")):
        sheet.put(column, row[name], "plain" if name == "rank" else "text", look)
    for column, name in enumerate(sizes, 4):
        sheet.put(column, row[name], "one", look)
    for column, name in enumerate(costs.parts, costs.first_part):
        sheet.put(column, row[name], "two", look)
    mw = float(row[sizes[-1]])
    _write_totals(sheet, costs, [float(row[name]) for name in costs.parts], mw, total, look)


def _write_totals(  # noqa: PLR0913, PLR0917 - the parts of a row
    sheet: Sheet,
    costs: Costs,
    values: list[float],
    mw: float,
    total: int,
    look: str,
) -> None:
    """Write sum, cost per MW and shares of the current row, and go to the next."""
    line = sheet.row + 1
    first, last = xl_col_to_name(costs.first_part), xl_col_to_name(total - 1)
    whole, size = f"{xl_col_to_name(total)}{line}", f"{xl_col_to_name(costs.divisor)}{line}"
    cost = sum(values)
    sheet.formula(total, f"SUM({first}{line}:{last}{line})", cost, "two", look)
    per_mw = cost / mw if mw else 0.0
    sheet.formula(total + 1, f"IF({size}=0,0,{whole}/{size})", per_mw, "three", look)
    for place, value in enumerate(values):
        part = f"{xl_col_to_name(costs.first_part + place)}{line}"
        share = 100.0 * value / cost if cost else 0.0
        sheet.formula(total + 2 + place, f"IF({whole}=0,0,100*{part}/{whole})", share, "pct", look)
    sheet.row += 1
