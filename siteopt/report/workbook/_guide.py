"""안내: the sheets, how to read them, and the words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from siteopt.report.texts import text

if TYPE_CHECKING:
    from siteopt.report.workbook._book import Book
    from siteopt.report.workbook._content import Content

__all__ = ["SHEETS", "write_guide"]

SHEETS: Final = (
    "guide", "summary", "chosen", "candidates", "costs", "comparison", "inputs", "sensitivity",
    "certainty", "limits", "alternatives", "energy", "grid", "exclusions", "sources", "columns",
)  # fmt: skip
"""The sheets in their order; all are there in every run, and say so where they have nothing."""
_READING: Final = (
    "notice", "rank_words", "money_unit", "blue_cells", "same_numbers", "no_macros",
)  # fmt: skip
_TERMS: Final = ("it", "pue", "value", "regret", "bound", "headroom", "ppa", "class", "confidence")


def write_guide(book: Book, content: Content) -> None:
    """Write the sheet."""
    sheet = book.sheet("sheet_guide")
    sheet.widths([18, 100])
    sheet.title(content.tables.scenario.title.ko, text("workbook.notice", "ko"))
    sheet.line(text("workbook.guide_sheets", "ko"), bold=True)
    link = book.style(font_color="#0B5394", underline=1)
    for key in SHEETS:
        name = text(f"workbook.sheet_{key}", "ko")
        sheet.raw.write_url(sheet.row, 0, f"internal:'{name}'!A1", link, name)
        sheet.raw.write_string(
            sheet.row, 1, text(f"workbook.about_{key}", "ko"), book.style(text_wrap=True)
        )
        sheet.row += 1
    for part, keys in (("guide_reading", _READING), ("guide_terms", _TERMS)):
        sheet.part(part)
        for key in keys:
            told = text(f"workbook.{'term_' if part == 'guide_terms' else ''}{key}", "ko")
            head, _, rest = told.partition(": ") if part == "guide_terms" else ("", "", told)
            sheet.put(0, head or None, "wrap")
            sheet.put(1, rest, "wrap")
            sheet.row += 1
