"""전력계통: what the plan does to the grid model, and what room is left beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siteopt.grid.hosting import has_own_case
from siteopt.report.texts import text
from siteopt.report.workbook._book import Head

if TYPE_CHECKING:
    from siteopt.report.workbook._book import Book, Sheet
    from siteopt.report.workbook._content import Content

__all__ = ["write_grid"]


def write_grid(book: Book, content: Content) -> None:
    """Write the sheet; a sentence where flow limits are off."""
    sheet = book.sheet("sheet_grid")
    sheet.widths([24, 22, *([15] * 4), 40, 16])
    grid = content.plan.get("grid")
    if grid is None:
        sheet.title(text("workbook.none_grid", "ko"))
        return
    own = has_own_case(content.tables.layers)
    sheet.title(text("workbook.grid_own_model" if own else "workbook.grid_model", "ko"))
    sheet.line(text("workbook.grid_snapshots", "ko"), bold=True)
    heads = [
        Head.of("snapshot"), Head.of("demand_mw", "int"), Head.of("load_mw", "int"),
        Head.of("cost_before", "three"), Head.of("cost_after", "three"),
        Head.of("curtailed_before_mw", "one"), Head.of("overloads", "wrap"),
        Head.of("curtailed_after_mw", "one"),
    ]  # fmt: skip
    sheet.table(heads, (
        [row["title_ko"], row.get("demand_mw"), row.get("load_mw"), row.get("cost_before_bn_krw_h"),
         row.get("cost_after_bn_krw_h"), row.get("curtailed_before_mw"), row.get("overloads"),
         row.get("curtailed_after_mw")]
        for row in grid["snapshots"]
    ))  # fmt: skip
    _further(sheet, content)
    sheet.part("grid_flows")
    heads = [Head.of("key"), Head.of("snapshot"), Head.of("slack", "one"), Head.of("year", "plain"),
             Head.of("branches")]  # fmt: skip
    sheet.table(heads, (
        [row["limit"], content.names.of("snapshot", row["snapshot_id"], "ko"), row["slack_mw"],
         row.get("year"), ", ".join(row["branches_ko"])]
        for row in grid["flow_limits"]
    ))  # fmt: skip


def _further(sheet: Sheet, content: Content) -> None:
    sheet.part("grid_further")
    heads = [Head.of("province_ko"), Head.of("snapshot"), Head.of("further_mw", "one"),
             Head.of("branches")]  # fmt: skip
    rows = content.plan["grid"]["further_by_province"]
    sheet.table(heads, (
        [row["province_ko"],
         content.names.of("snapshot", row["snapshot_id"], "ko") if row["snapshot_id"] else None,
         row["further_mw"], ", ".join(row["branches_ko"])]
        for row in rows
    ))  # fmt: skip
