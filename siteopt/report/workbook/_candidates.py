"""전체 후보: all candidates with rank, value, place, connection, costs and criteria."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from siteopt.report.texts import text
from siteopt.report.workbook._book import Head, plain_text, reference
from siteopt.report.workbook._columns import column_head, shown_columns
from siteopt.report.workbook._content import worded

if TYPE_CHECKING:
    from siteopt.report.workbook._book import Book
    from siteopt.report.workbook._content import Content

__all__ = ["Candidates", "write_candidates"]

_PRINTED: Final = 14
"""Columns that are printed; more on a page could not be read."""
_FROZEN: Final = 5
_NAME_SIGNS: Final = 60
"""Of a name in the list to pick from; Excel compares texts of at most 255 signs."""
_SPACES: Final = re.compile(r"\s+")


@dataclass(frozen=True)
class Candidates:
    """The table of all candidates as other sheets refer to it.

    Attributes
    ----------
    sheet : str
        Name of the sheet.
    columns : list of Head
        Its columns.
    values : dict
        Their values by key, one list a column.
    first_row : int
        Row of the first candidate, from 0.
    """

    sheet: str
    columns: list[Head]
    values: dict[str, list[Any]]
    first_row: int

    def __len__(self) -> int:
        return len(self.values["no"])

    def reference(self, key: str) -> str:
        """Return the reference to all cells of a column."""
        place = [head.key for head in self.columns].index(key)
        return reference(self.sheet, self.first_row, self.first_row + len(self) - 1, place)


def write_candidates(book: Book, content: Content) -> Candidates:
    """Write the sheet, a row a candidate in the order of the ranking; return where it all is."""
    sheet = book.sheet("sheet_candidates")
    heads, values = _table(content)
    sheet.widths(head.width for head in heads)
    sheet.title(text("workbook.rank_words", "ko"), text("workbook.print_all", "ko"))
    first = sheet.row
    keys = sheet.heads(heads)
    rows = len(values["no"])
    found = Candidates(sheet.name, heads, values, sheet.row)
    styles = [
        [book.cell_style(head.kind, look) for head in heads] for look in ("", "chosen", "quoted")
    ]
    chosen = content.ranking["chosen"].astype(bool).tolist()
    columns = [values[head.key] for head in heads]
    sheet.rows_of_values(zip(*columns, strict=True), styles, chosen)
    sheet.head_setup(first, len(heads), rows, frozen=_FROZEN, printed=_PRINTED)
    sheet.raw.autofilter(keys, 0, keys + max(rows, 1), len(heads) - 1)
    return found


def _table(content: Content) -> tuple[list[Head], dict[str, list[Any]]]:
    """Return the columns: those of the ranking, the names of districts, and what is picked by."""
    ranking, shown = content.ranking, shown_columns(content)
    values: dict[str, list[Any]] = {name: worded(ranking[name], name) for name in shown}
    heads = {name: column_head(name, ranking[name]) for name in shown}
    number = list(range(1, len(ranking) + 1))
    values |= {"no": [float(n) for n in number], "label": _labels(ranking)}
    heads |= {
        "no": Head.of("no", "plain", 8), "label": column_head("label", pd.Series(dtype=object))
    }  # fmt: skip
    for kind in ("province", "district"):
        if f"{kind}_code" in shown:
            codes = {
                code: content.names.of(kind, str(code), "ko")
                for code in ranking[f"{kind}_code"].dropna().unique()
            }
            values[f"{kind}_ko"] = [codes.get(code) for code in ranking[f"{kind}_code"]]
            heads[f"{kind}_ko"] = Head.of(f"{kind}_ko", width=15)
    front = [
        name for name in ("no", "rank", "name_ko", "province_ko", "district_ko", "chosen",
                          "rank_proven", "class")
        if name in heads
    ]  # fmt: skip
    last = ["name_en", "label"]
    order = [*front, *(name for name in heads if name not in {*front, *last})]
    order += [name for name in last if name in heads]
    return [heads[name] for name in order], values


def _labels(ranking: pd.DataFrame) -> list[str]:
    """Return what sites are picked by: number, name and id; the number alone tells them apart."""
    rows = zip(ranking["name_ko"], ranking["site_id"].astype(str), strict=True)
    return [f"{place} | {_label(name, site)}" for place, (name, site) in enumerate(rows, 1)]


def _label(name: object, site: str) -> str:
    told = name if isinstance(name, str) and name else site
    if site not in told:
        told = f"{told} [{site}]"
    return _SPACES.sub(" ", plain_text(told))[:_NAME_SIGNS].strip()
