"""Reading of tables from strangers, CSV and Excel, in pieces of bounded memory."""

from __future__ import annotations

import codecs
import csv
import unicodedata
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

import pandas as pd

from siteopt.errors import LayerError, LayerFileError
from siteopt.layers._file_errors import must_be_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

__all__ = ["TABLE_SUFFIXES", "TableForm", "duplicated", "matching", "plain_name", "table_pieces"]

TABLE_SUFFIXES: Final = (".csv", ".txt", ".tsv", ".xlsx")

_ENCODINGS: Final = ("utf-8-sig", "cp949")
_CHUNK: Final = 1 << 20
_PIECE_ROWS: Final = 50_000
_HEAD_ROWS: Final = 30
"""Titles and notes may stand above the names of the columns; no table has more of them."""
_CELL_MOST: Final = 100_000
"""Signs of one cell: a quotation mark that is never closed would take the rest of the file."""
_EXPANDED_MOST: Final = 2_000_000_000
_RATIO_MOST: Final = 200
_NO_TEXT: Final = {
    b"PK\x03\x04": "an Excel workbook or a ZIP archive under a wrong suffix; name it .xlsx or .zip",
    b"\xd0\xcf\x11\xe0": "an old or a protected Excel workbook; save it as .xlsx without a password",
    b"\xff\xfe": "UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "UTF-16 text; save it as UTF-8",
    b"%PDF": "a PDF; take the table from its source as CSV or Excel",
}

Row = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class TableForm:
    """How the cells of a table lie in its file.

    Attributes
    ----------
    separator : str
        Between cells of a text file.
    header : tuple of str
        Names of the columns where the file has no line of them; else empty.
    sheet : str
        Of a workbook; empty for the first with the columns that are wanted.
    """

    separator: str = ","
    header: tuple[str, ...] = ()
    sheet: str = ""


def plain_name(name: object) -> str:
    """Return a column name for comparison: without blanks and case, ``㎡`` as ``m2``.

    Examples
    --------
    >>> plain_name("분양가 (만원/㎡)"), plain_name("ＧＲＡＤＥ")
    ('분양가(만원/m2)', 'grade')
    """
    return "".join(unicodedata.normalize("NFKC", str(name)).split()).casefold()


def matching(names: Sequence[str], there: Sequence[str]) -> str | None:
    """Return the first of the names that is there, as it is written there."""
    plain = {plain_name(one): one for one in reversed(there)}
    return next((plain[plain_name(one)] for one in names if plain_name(one) in plain), None)


def duplicated(names: Sequence[str], there: Sequence[str]) -> str | None:
    """Return the name of a column that is there twice and is one of the names."""
    plain = [plain_name(one) for one in there]
    return next((one for one in names if plain.count(plain_name(one)) > 1), None)


def table_pieces(
    path: Path,
    wanted: Sequence[Sequence[str]],
    optional: Sequence[Sequence[str]] = (),
    form: TableForm | None = None,
    more: Callable[[str], bool] = lambda _: False,
) -> Iterator[pd.DataFrame]:
    """Yield the columns of a table that are wanted, as text, in pieces of 50,000 rows.

    The line of column names is looked for among the first lines, also where it is two lines of
    merged cells, whose names are put together.

    Parameters
    ----------
    path : Path
        CSV in UTF-8 or CP949, or an Excel workbook without macros.
    wanted, optional : sequence of sequence of str
        Names that each column may have; those of `wanted` must be there.
    form : TableForm, optional
        How the cells lie.
    more : callable, optional
        Whether a column is taken besides, by its name.

    Yields
    ------
    DataFrame
        Text under the names of the file, indexed by the number of the row in it.

    Raises
    ------
    LayerFileError
        If the file cannot be opened.
    LayerError
        If a column is missing or there twice, a row has more or fewer cells than there are columns, the
        text is in no encoding or in two, or the workbook holds macros or formulas without values.
    """
    how = form or TableForm()
    must_be_file(path)
    rows = _workbook_rows if path.suffix.lower() == ".xlsx" else _text_rows
    with rows(path, how, wanted) as (names, body):
        missing = next((some for some in wanted if matching(some, names) is None), None)
        if missing is not None:
            there = ", ".join(name for name in names if name)[:300] or "none"
            raise LayerError(f"{path.name}: no column {' or '.join(missing)}; there are {there}")
        for some in (*wanted, *optional):
            if (twice := duplicated(some, names)) is not None:
                raise LayerError(
                    f"{path.name}: column {twice} appears twice; give one of them another name"
                )
        found = [matching(some, names) for some in (*wanted, *optional)]
        taken = {name for name in found if name is not None} | {
            name for name in names if name and more(name)
        }
        places = {name: names.index(name) for name in sorted(taken)}
        yield from _pieces(path, body, places, len(names))


def _pieces(
    path: Path, body: Iterator[Row], places: dict[str, int], width: int
) -> Iterator[pd.DataFrame]:
    numbers: list[int] = []
    cells: dict[str, list[str]] = {name: [] for name in places}
    empty = True
    for number, row in body:
        if len(row) != width:
            raise LayerError(
                f"{path.name}: row {number}: {len(row)} cells below {width} column names; is the "
                "file whole, and text with a comma in double quotes?"
            )
        numbers.append(number)
        for name, at in places.items():
            cells[name].append(row[at])
        if len(numbers) == _PIECE_ROWS:
            empty = False
            yield pd.DataFrame(cells, index=numbers, dtype="str")
            numbers, cells = [], {name: [] for name in places}
    if numbers:
        yield pd.DataFrame(cells, index=numbers, dtype="str")
    elif empty:
        raise LayerError(f"{path.name}: no rows below the column names; at least one is needed")


def _head_of(first: list[list[str]], wanted: Sequence[Sequence[str]]) -> tuple[int, list[str]]:
    """Return how many lines the head takes, and the names of the columns.

    Raises nothing: where no line has all that is wanted, the one with most of it is returned.
    """
    best: tuple[int, int, list[str]] = (-1, 1, first[0] if first else [])
    for at, row in enumerate(first):
        heads = [(at + 1, [cell.strip() for cell in row])]
        if at + 1 < len(first):
            heads.append((at + 2, _joined(row, first[at + 1])))
        for lines, names in heads:
            count = sum(matching(some, names) is not None for some in wanted)
            if count == len(wanted) and any(names) and not _goes_on(first, lines, names, wanted):
                return lines, names
            if count > best[0] and any(names):
                best = (count, lines, names)
    return best[1], best[2]


def _goes_on(
    first: list[list[str]], lines: int, names: list[str], wanted: Sequence[Sequence[str]]
) -> bool:
    """Return whether the line below belongs to the head: names, but none where any is wanted."""
    if lines >= len(first):
        return False
    below = first[lines]
    places = {names.index(str(matching(some, names))) for some in wanted}
    told = {place for place, cell in enumerate(below) if cell.strip()}
    return bool(told) and not told & places


def _joined(upper: list[str], lower: list[str]) -> list[str]:
    """Return the names of a head of two lines: a merged cell above counts for all below it."""
    names, above = [], ""
    for place, below in enumerate(lower):
        own = upper[place].strip() if place < len(upper) else ""
        above = own or above
        names.append(f"{above if below.strip() or own else ''} {below.strip()}".strip())
    return names


@contextmanager
def _text_rows(
    path: Path, form: TableForm, wanted: Sequence[Sequence[str]]
) -> Iterator[tuple[list[str], Iterator[Row]]]:
    encoding = _encoding_of(path)
    try:
        with path.open(encoding=encoding, newline="") as file:
            before = csv.field_size_limit(_CELL_MOST)
            try:
                reader = csv.reader(file, delimiter=form.separator)
                rows = _numbered(reader, path)
                if form.header:
                    yield list(form.header), rows
                    return
                first = list(islice(rows, _HEAD_ROWS))
                lines, names = _head_of([cells for _, cells in first], wanted)
                yield names, _chained(first[lines:], rows)
            finally:
                csv.field_size_limit(before)
    except OSError as error:
        raise LayerFileError(f"{path}: {error.strerror}; the file must be readable") from error


def _numbered(reader: object, path: Path) -> Iterator[Row]:
    """Yield the rows that are not empty with their line in the file."""
    rows = iter(reader)  # type: ignore[call-overload]
    while True:
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            line = getattr(reader, "line_num", 0)
            raise LayerError(
                f"{path.name}: row {line}: not a table ({error}); is a quotation mark left open?"
            ) from error
        if any(cell.strip() for cell in cells):
            yield getattr(reader, "line_num", 0), cells


def _chained(first: list[Row], rest: Iterator[Row]) -> Iterator[Row]:
    yield from first
    yield from rest


def _encoding_of(path: Path) -> str:
    """Return the encoding that the whole text is in, found in one pass of bounded memory."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
            for mark, what in _NO_TEXT.items():
                if start.startswith(mark):
                    raise LayerError(f"{path.name}: {what}")
            wrong = {}
            for encoding in _ENCODINGS:
                file.seek(0)
                line = _undecoded_line(file.read, encoding)
                if line == 0:
                    return encoding
                wrong[encoding] = line
    except OSError as error:
        raise LayerFileError(f"{path}: {error.strerror}; the file must be readable") from error
    utf8, cp949 = wrong["utf-8-sig"], wrong["cp949"]
    raise LayerError(
        f"{path.name}: neither UTF-8 (line {utf8} is not) nor CP949 (line {cp949} is not); a file "
        "put together from both? Save it whole as UTF-8"
    )


def _undecoded_line(read: Callable[[int], bytes], encoding: str) -> int:
    """Return the first line that is not in an encoding, 0 where all are."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    while True:
        chunk = read(_CHUNK)
        if b"\0" in chunk:
            return line + chunk[: chunk.index(b"\0")].count(b"\n")
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            # the place counts from what the decoder held back of the chunk before
            return line + error.object[: error.start].count(b"\n")
        if not chunk:
            return 0
        line += chunk.count(b"\n")


@contextmanager
def _workbook_rows(
    path: Path, form: TableForm, wanted: Sequence[Sequence[str]]
) -> Iterator[tuple[list[str], Iterator[Row]]]:
    import openpyxl  # noqa: PLC0415 - a heavy import that few files need

    _must_be_plain_workbook(path)
    try:
        values = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        formulas = openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)
    except Exception as error:  # the library raises whatever a damaged workbook leads it to
        raise LayerError(
            f"{path.name}: cannot be read as a workbook ({type(error).__name__}); save it anew from "
            "Excel as .xlsx"
        ) from error
    try:
        name = _sheet_of(values, path, form, wanted)
        rows = _sheet_rows(values[name], formulas[name], path)
        if form.header:
            yield list(form.header), rows
            return
        first = list(islice(rows, _HEAD_ROWS))
        lines, names = _head_of([cells for _, cells in first], wanted)
        yield names, _chained(first[lines:], rows)
    finally:
        values.close()
        formulas.close()


def _must_be_plain_workbook(path: Path) -> None:
    """Raise LayerError where a workbook is none, holds macros, or expands to far too much."""
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise LayerError(f"{path.name}: {_NO_TEXT[start[:4]]}")
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            room = min(_EXPANDED_MOST, _RATIO_MOST * path.stat().st_size + _CHUNK)
            if sum(member.file_size for member in members) > room:
                raise LayerError(
                    f"{path.name}: expands to far more than it should; it may be made to fill memory"
                )
            names = [member.filename for member in members]
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                raise LayerError(
                    f"{path.name}: holds macros; save it as .xlsx without them, they are never run"
                )
            for name in names:
                if name.endswith(".xml") and b"<!DOCTYPE" in archive.open(name).read(1024):
                    raise LayerError(f"{path.name}: {name} declares entities; no workbook does")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise LayerError(
            f"{path.name}: not an Excel workbook ({error}); is its suffix right?"
        ) from error


def _sheet_of(book: object, path: Path, form: TableForm, wanted: Sequence[Sequence[str]]) -> str:
    sheets: list[str] = list(book.sheetnames)  # type: ignore[attr-defined]
    if form.sheet:
        if form.sheet not in sheets:
            raise LayerError(
                f"{path.name}: no sheet {form.sheet}; there are {', '.join(sheets)[:200]}"
            )
        return form.sheet
    for name in sheets:
        first = [
            [_cell(value) for value in row]
            for row in islice(book[name].iter_rows(values_only=True), _HEAD_ROWS)  # type: ignore[index]
        ]
        names = _head_of(first, wanted)[1] if first else []
        if all(matching(some, names) is not None for some in wanted):
            return name
    return sheets[0]


def _sheet_rows(values: object, formulas: object, path: Path) -> Iterator[Row]:
    """Yield the rows of a sheet as text; LayerError at a formula that was never calculated."""
    width = 0
    pairs = zip(
        values.iter_rows(values_only=True),  # type: ignore[attr-defined]
        formulas.iter_rows(values_only=True),  # type: ignore[attr-defined]
        strict=True,
    )
    for number, (row, stated) in enumerate(pairs, start=1):
        for value, formula in zip(row, stated, strict=True):
            if value is None and isinstance(formula, str) and formula.startswith("="):
                raise LayerError(
                    f"{path.name}: row {number}: the formula {formula[:40]} has no value; open and "
                    "save the workbook in Excel"
                )
        cells = [_cell(value) for value in row]
        if not any(cells):
            continue
        width = max(width, len(cells))
        yield number, cells + [""] * (width - len(cells))


def _cell(value: object) -> str:
    """Return a cell as text, whole numbers without a point: codes are numbers in many a workbook."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
