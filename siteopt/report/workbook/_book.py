"""A workbook of tables: sheets written from the top down, safe texts, formats, print setup."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from siteopt._csv import harmless
from siteopt.report.texts import text, texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

__all__ = ["Book", "Head", "Kind", "Sheet", "column_title", "plain_text", "reference"]

Kind = Literal["text", "wrap", "int", "plain", "one", "two", "three", "five", "pct"]
"""How a column is shown: text, text over several lines, or decimals of a number."""

_NUMBER_FORMATS: Final[dict[Kind, str]] = {
    "text": "General",  # not "@": what is typed over such a cell would stay text
    "wrap": "General",
    "int": "#,##0",
    "plain": "0",
    "one": "#,##0.0",
    "two": "#,##0.00",
    "three": "#,##0.000",
    "five": "0.00000",
    "pct": "#,##0.0",
}
_WIDTHS: Final[dict[Kind, float]] = {
    "text": 16, "wrap": 40, "int": 10, "plain": 10, "one": 12, "two": 12, "three": 12,
    "five": 11, "pct": 10,
}  # fmt: skip
_FONT: Final = "맑은 고딕"
"""Comes with Windows; Hancell and LibreOffice take another Korean font where it is missing."""
_FONT_SIZE: Final = 10
_EPOCH: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - the file format has no time zone
"""Created and changed then: the same inputs give the same bytes."""
_MOST_SIGNS: Final = 32_767
"""Of a cell, as Excel has it."""
_FOOTER_SIGNS: Final = 60
_NO_XML: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Controls, halves of pairs and what XML does not know: a file with one does not open."""
_A4: Final = 9
_HEAD_HEIGHT: Final = 44
_LINE_HEIGHT: Final = 15.0
_MOST_LINES: Final = 26
"""A row is at most 409 points high."""
_WIDE_SIGN: Final = 1.9
"""Widths of a digit that a Korean sign takes."""
_LAST_NARROW: Final = "\u10ff"
_INDENT: Final = 2.0
_COLOURS: Final = {
    "head": "#1F3B57", "key": "#EEF2F6", "rule": "#C5CED8", "input": "#DCEBFA", "blue": "#0000FF",
    "note": "#555F6B", "sum": "#F6F1DF", "chosen": "#E5F2EC",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Head:
    """Head of a column: what people read, the key below it, and how values are shown."""

    key: str
    title: str
    kind: Kind = "text"
    width: float = 0.0

    @classmethod
    def of(cls, key: str, kind: Kind = "text", width: float = 0.0, title: str = "") -> Head:
        """Return the head of a column by its key, with its title and unit."""
        return cls(key, title or column_title(key), kind, width or _WIDTHS[kind])


def column_title(key: str) -> str:
    """Return the Korean title of a column, the key itself where it has none."""
    known = texts().get(f"column.{key}")
    return known["ko"] if known else key


def plain_text(value: object) -> str:
    """Return a text that a cell can hold: no controls, and no more signs than Excel takes."""
    told = _NO_XML.sub(" ", str(value))
    return told if len(told) <= _MOST_SIGNS else told[: _MOST_SIGNS - 1] + "…"


def reference(sheet: str, first_row: int, last_row: int, column: int) -> str:
    """Return the absolute reference to a part of a column of a sheet, rows from 0."""
    name, letter = sheet.replace("'", "''"), xl_col_to_name(column)
    return f"'{name}'!${letter}${first_row + 1}:${letter}${last_row + 1}"


class Book:
    """A workbook in the making.

    Parameters
    ----------
    path : Path
        Where it is written; parts of it lie beside it meanwhile.
    title : str
        Title of the document, and left in the foot of each printed page.
    """

    def __init__(self, path: Path, title: str) -> None:
        self._title = plain_text(title)
        self._book = xlsxwriter.Workbook(
            str(path),
            {
                "constant_memory": True, "tmpdir": str(path.parent),
                "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
                "default_format_properties": {"font_name": _FONT, "font_size": _FONT_SIZE},
            },
        )  # fmt: skip
        self._book.set_properties({"title": self._title, "author": "siteopt", "created": _EPOCH})
        self._styles: dict[tuple[tuple[str, Any], ...], Format] = {}

    def sheet(self, key: str) -> Sheet:
        """Return a new sheet, called as the texts have it."""
        worksheet = self._book.add_worksheet(text(f"workbook.{key}", "ko"))
        foot = self._title[:_FOOTER_SIGNS].replace("&", "&&")
        worksheet.set_landscape()
        worksheet.set_paper(_A4)
        worksheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        worksheet.fit_to_pages(1, 0)
        worksheet.set_footer(f"&L&8{foot}&C&8&A&R&8&P / &N")
        worksheet.hide_gridlines(2)
        return Sheet(self, worksheet)

    def style(self, **properties: Any) -> Format:  # noqa: ANN401 - as XlsxWriter has it
        """Return a format, the same one for the same properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._styles:
            base = {"font_name": _FONT, "font_size": _FONT_SIZE, "valign": "top"}
            self._styles[key] = self._book.add_format(base | properties)
        return self._styles[key]

    def cell_style(self, kind: Kind, look: str = "") -> Format:
        """Return the format of a cell of a table.

        Parameters
        ----------
        kind : Kind
            How its value is shown.
        look : {'', 'input', 'sum', 'chosen', 'quoted', 'left'}
            A blue cell that formulas read, a sum, a row of a chosen site; ``quoted``: a text that
            stays one when it is typed in again; ``left``: a number among texts.
        """
        more: dict[str, Any] = {"border": 1, "border_color": _COLOURS["rule"]}
        if kind in {"text", "wrap"}:
            more |= {"indent": 1, "text_wrap": kind == "wrap"}
        if look in {"input", "sum", "chosen"}:
            more["bg_color"] = _COLOURS[look]
        if look == "input":
            more["font_color"] = _COLOURS["blue"]
        if look == "sum":
            more["bold"] = True
        if look == "left":
            more |= {"align": "left", "indent": 1}
        if look == "quoted":
            more["quote_prefix"] = True
        return self.style(num_format=_NUMBER_FORMATS[kind], **more)

    def close(self) -> None:
        """Write the file."""
        self._book.close()


class Sheet:
    """A sheet that is written from the top down: what is above the current row is done.

    Attributes
    ----------
    row : int
        Next row, from 0.
    """

    def __init__(self, book: Book, worksheet: Worksheet) -> None:
        self.book, self.row = book, 0
        self._sheet = worksheet
        self._widths: list[float] = []
        self._heights: dict[int, float] = {}

    @property
    def name(self) -> str:
        """What the sheet is called."""
        return str(self._sheet.get_name())

    @property
    def raw(self) -> Worksheet:
        """XlsxWriter's worksheet, for what only one sheet has."""
        return self._sheet

    def widths(self, widths: Iterable[float]) -> None:
        """Set the widths of columns in signs; before any row is written."""
        self._widths = list(widths)
        for column, width in enumerate(self._widths):
            self._sheet.set_column(column, column, width)

    def title(self, *notes: str) -> None:
        """Write what the sheet is called, and sentences on it."""
        self._sheet.set_row(self.row, 24)
        self._sheet.write_string(
            self.row, 0, self.name, self.book.style(bold=True, font_size=15, valign="vcenter")
        )
        self.row += 1
        for note in notes:
            self.line(note)
        self.row += 1

    def line(self, told: str, *, bold: bool = False) -> None:
        """Write a sentence that may run over the columns to its right."""
        look = {"bold": True, "font_size": 11} if bold else {"font_color": _COLOURS["note"]}
        self._sheet.write_string(self.row, 0, plain_text(told), self.book.style(**look))
        self.row += 1

    def part(self, key: str) -> None:
        """Write the head of a part of the sheet, after an empty row."""
        self.row += 1
        self.line(text(f"workbook.{key}", "ko"), bold=True)

    def heads(self, heads: Sequence[Head], start: int = 0) -> int:
        """Write the titles of columns and, below them, their keys; return the row of the keys."""
        titled = self.book.style(
            bold=True, font_color="#FFFFFF", bg_color=_COLOURS["head"], text_wrap=True,
            align="center", valign="vcenter", border=1, border_color=_COLOURS["rule"],
        )  # fmt: skip
        keyed = self.book.style(
            italic=True, font_size=8, font_color=_COLOURS["note"], bg_color=_COLOURS["key"],
            align="center", border=1, border_color=_COLOURS["rule"], shrink=True,
        )  # fmt: skip
        self._sheet.set_row(self.row, _HEAD_HEIGHT)
        for column, head in enumerate(heads, start):
            self._sheet.write_string(self.row, column, plain_text(head.title), titled)
        for column, head in enumerate(heads, start):
            self._sheet.write_string(self.row + 1, column, plain_text(head.key), keyed)
        self.row += 2
        return self.row - 1

    def table(self, heads: Sequence[Head], rows: Iterable[Sequence[object]]) -> int:
        """Write a table with its heads; return how many rows it has."""
        self.heads(heads)
        count = 0
        for values in rows:
            for column, (head, value) in enumerate(zip(heads, values, strict=True)):
                self.put(column, value, head.kind)
            self.row += 1
            count += 1
        if not count:
            self.line(text("workbook.none_rows", "ko"))
        return count

    def put(self, column: int, value: object, kind: Kind = "text", look: str = "") -> None:
        """Write a value into the current row; what is not known is an empty cell."""
        if value is None or value is pd.NA:
            self._sheet.write_blank(self.row, column, None, self.book.cell_style(kind, look))
        elif isinstance(value, bool | np.bool_):
            told = text("workbook.yes" if value else "workbook.no", "ko")
            self._sheet.write_string(self.row, column, told, self.book.cell_style(kind, look))
        elif isinstance(value, int | float | np.integer | np.floating):
            figure = float(value)
            style = self.book.cell_style(kind, look)
            if math.isfinite(figure):
                self._sheet.write_number(self.row, column, figure, style)
            else:
                self._sheet.write_blank(self.row, column, None, style)
        else:
            self._text(column, str(value), kind, look)

    def _text(self, column: int, value: str, kind: Kind, look: str) -> None:
        told = plain_text(value)
        quoted = "quoted" if not look and harmless(told) != told else look
        self._sheet.write_string(self.row, column, told, self.book.cell_style(kind, quoted))
        if kind == "wrap":
            self._grow(column, told)

    def _grow(self, column: int, told: str) -> None:
        """Make the current row high enough for a text: not every program does so by itself."""
        width = self._widths[column] if column < len(self._widths) else _WIDTHS["text"]
        signs = sum(
            _WIDE_SIGN if sign > _LAST_NARROW else 1.0 for sign in told[: _MOST_LINES * 200]
        )
        lines = min(math.ceil(signs / max(width - _INDENT, 1.0)), _MOST_LINES)
        height = max(lines, 1) * _LINE_HEIGHT
        if height > self._heights.get(self.row, _LINE_HEIGHT):
            self._heights[self.row] = height
            self._sheet.set_row(self.row, height)

    def formula(
        self, column: int, formula: str, value: float | str, kind: Kind = "one", look: str = ""
    ) -> None:
        """Write a formula into the current row, with the value that it comes to."""
        style = self.book.cell_style(kind, look)
        told = plain_text(value) if isinstance(value, str) else value
        self._sheet.write_formula(self.row, column, f"={formula}", style, told)

    def cell(self, row: int, column: int, *, outside: bool = False) -> str:
        """Return the absolute reference to a cell of the sheet, with its name for other sheets."""
        place = f"${xl_col_to_name(column)}${row + 1}"
        return f"'{self.name}'!{place}" if outside else place

    def rows_of_values(
        self,
        rows: Iterable[Sequence[Any]],
        styles: Sequence[Sequence[Format]],
        chosen: Sequence[bool],
    ) -> None:
        """Write many rows of numbers, texts and None, quickly; empty cells are left out.

        Parameters
        ----------
        rows : iterable of sequence
            Values in the order of the columns.
        styles : sequence of sequence of Format
            Formats of the columns of a plain row, of the row of a chosen site, and of a text that
            begins as a formula does.
        chosen : sequence of bool
            Which rows are those of chosen sites.
        """
        number, string = self._sheet.write_number, self._sheet.write_string
        plain, marked, quoted = styles
        cleaned: dict[str, tuple[str, bool]] = {}
        for values, is_chosen in zip(rows, chosen, strict=True):
            row, look = self.row, marked if is_chosen else plain
            for column, value in enumerate(values):
                if value is None:
                    continue
                if isinstance(value, float):
                    number(row, column, value, look[column])
                    continue
                told = cleaned.get(value)
                if told is None:
                    clean = plain_text(value)
                    told = cleaned[value] = clean, harmless(clean) != clean
                string(row, column, told[0], quoted[column] if told[1] else look[column])
            self.row += 1

    def head_setup(
        self, first_row: int, columns: int, rows: int, *, frozen: int = 0, printed: int = 0
    ) -> None:
        """Freeze the heads of the one table of the sheet and repeat them on every printed page.

        Parameters
        ----------
        first_row : int
            Row of the titles; their keys are in the next.
        columns, rows : int
            Size of the table.
        frozen : int
            Columns that stay in view.
        printed : int
            Columns that are printed; all by default.
        """
        self._sheet.freeze_panes(first_row + 2, frozen)
        self._sheet.repeat_rows(first_row, first_row + 1)
        if printed:
            last = min(printed, columns) - 1
            self._sheet.print_area(0, 0, first_row + 1 + max(rows, 1), last)
