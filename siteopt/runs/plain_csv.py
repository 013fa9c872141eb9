"""Tables of a finished run as plain values, without pandas: each cell is checked where it is read.

For a file whose hash ``run.json`` names: what it holds is what a run wrote, so cells that an
answer does not need are not looked at. :mod:`siteopt.runs.tables` reads and checks all of a table.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, Literal

from siteopt._formula_marks import MARK, without_mark
from siteopt._plain_data import hidden_sign
from siteopt.errors import LayerError, LayerFileError
from siteopt.layers._text import checked_rows
from siteopt.runs.tables import (
    COMPLEX_COLUMNS,
    FLAG_COLUMNS,
    KNOWN_TOGETHER,
    LARGEST,
    NUMBER_COLUMNS,
    RANKING_COLUMNS,
    TEXT_COLUMNS,
    are_stations,
    fault,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

__all__ = ["NOT_KNOWN", "PlainCsv", "plain_complexes", "plain_ranking"]

NOT_KNOWN: Final = frozenset({
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
    "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
})  # fmt: skip
"""Cells that `pandas.read_csv` takes for values that are not known."""

_FLAGS: Final = {"True": True, "TRUE": True, "true": True} | {
    "False": False, "FALSE": False, "false": False,
}  # fmt: skip

_Kind = Literal["text", "number", "flag", "any"]


class PlainCsv:
    """A CSV table of a run, a `siteopt.report._plain_table.PlainTable`.

    Parameters
    ----------
    content : bytes
        Bytes of the file.
    path : Path
        Its path, for error messages.
    needed : sequence of str
        Columns that it must have; those of ids must have a value in every row.

    Raises
    ------
    LayerFileError
        If it is no table, or lacks a column or an id. Reading a cell raises it where the cell is
        not of the kind of its column.
    """

    def __init__(self, content: bytes, path: Path, needed: Sequence[str]) -> None:
        self._path = path
        try:
            rows = checked_rows(content.decode("utf-8-sig"), path)
            self.names = [str(without_mark(name)) for name in next(rows)]
            self._rows = list(rows)
        except (LayerError, ValueError) as error:
            raise LayerFileError(f"{path}: not the table of a run ({error}); run again") from error
        self._readers: dict[str, Callable[[str, int], Any]] = {}
        self._columns: dict[str, list[Any]] = {}
        for name in needed:
            if name not in self.names:
                raise LayerFileError(f"{path}: column {name} is missing; run again")
            if name.endswith("_id") and None in self.column(name):
                raise LayerFileError(f"{path}: a row has no {name}; run again")

    def __len__(self) -> int:
        return len(self._rows)

    def column(self, name: str) -> list[Any]:
        """Return the values of a column in the order of the rows; KeyError where there is none."""
        if name not in self._columns:
            read, at = self._reader(name), self.names.index(name)
            cells = [row[at] for row in self._rows]
            if _kind_of(name) == "text" and _are_plain(cells):
                self._columns[name] = [None if cell in NOT_KNOWN else cell for cell in cells]
            else:
                self._columns[name] = [read(cell, number) for number, cell in enumerate(cells)]
        return self._columns[name]

    def row(self, number: int) -> dict[str, Any]:
        """Return the values of a row by column."""
        cells = zip(self.names, self._rows[number], strict=True)
        found = {name: self._reader(name)(cell, number) for name, cell in cells}
        for name, others in KNOWN_TOGETHER.items():
            for other in others:
                if found.get(name) is not None and found.get(other, "") is None:
                    raise fault(self._path, number, other, None, f"a figure, as of {name},")
        stations = found.get("stations")
        if stations is not None and not are_stations(stations):
            raise fault(self._path, number, "stations", stations, "id, kV and MW of each")
        return found

    def _reader(self, name: str) -> Callable[[str, int], Any]:
        """Return what reads the cells of a column; KeyError where there is none."""
        if name not in self._readers:
            if name not in self.names:
                raise KeyError(name)
            self._readers[name] = self._checked(name, _READERS[_kind_of(name)])
        return self._readers[name]

    def _checked(self, name: str, read: Callable[[str], Any]) -> Callable[[str, int], Any]:
        """Return what reads a cell, given with the number of its row, for errors."""

        def checked(cell: str, number: int) -> Any:  # noqa: ANN401 - of the kind of the column
            if cell in NOT_KNOWN:
                return None
            try:
                return read(cell)
            except ValueError as error:
                raise fault(self._path, number, name, cell, str(error)) from None

        return checked


def _kind_of(name: str) -> _Kind:
    if TEXT_COLUMNS.fullmatch(name):
        return "text"
    if name in FLAG_COLUMNS:
        return "flag"
    return "number" if NUMBER_COLUMNS.fullmatch(name) else "any"


def _are_plain(cells: Sequence[str]) -> bool:
    """Return whether no text of a column has a mark or a hidden sign: judged all at once."""
    lines = "\n".join(cells)
    return not lines.startswith(MARK) and f"\n{MARK}" not in lines and hidden_sign(lines) is None


def _text(cell: str) -> str:
    if (sign := hidden_sign(cell)) is not None:
        raise ValueError(f"a text without {sign}, a sign that is not to be seen,")
    return str(without_mark(cell)) if cell[0] == MARK else cell


def _number(cell: str) -> float:
    try:
        number = float(cell)
    except ValueError:
        number = math.nan
    if not abs(number) <= LARGEST:
        raise ValueError("a number")
    return number


def _flag(cell: str) -> bool:
    if cell not in _FLAGS:
        raise ValueError("true or false")
    return _FLAGS[cell]


def _any(cell: str) -> float | bool | str:
    """Return a cell of a column whose name does not tell its kind."""
    if cell in _FLAGS:
        return _FLAGS[cell]
    try:
        return float(cell)
    except ValueError:
        return _text(cell)


_READERS: Final[dict[_Kind, Callable[[str], Any]]] = {
    "text": _text, "number": _number, "flag": _flag, "any": _any,
}  # fmt: skip


def plain_ranking(content: bytes, path: Path) -> PlainCsv:
    """Return ``ranking.csv`` of a run as plain values; arguments and errors as `PlainCsv`."""
    return PlainCsv(content, path, RANKING_COLUMNS)


def plain_complexes(content: bytes, path: Path) -> PlainCsv:
    """Return ``complexes.csv`` of a run as plain values; arguments and errors as `PlainCsv`."""
    return PlainCsv(content, path, COMPLEX_COLUMNS)
