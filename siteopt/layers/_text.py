"""CSV text: encodings, files of another format, and rows that do not fit their header."""

from __future__ import annotations

import csv
import re
from io import StringIO
from typing import TYPE_CHECKING, Final

from siteopt._plain_data import hidden_sign
from siteopt.errors import LayerError, LayerFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from siteopt.layers.fields import LayerSchema

__all__ = ["checked_rows", "code_columns", "header_of", "named_rows", "read_text"]

_ENCODINGS: Final = ("utf-8-sig", "cp949")
_NO_TEXT: Final = {
    b"PK\x03\x04": "an Excel workbook or a zip archive, not text; in Excel save it as 'CSV UTF-8'",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook, not text; in Excel save it as 'CSV UTF-8'",
    b"\xff\xfe": "UTF-16 text, or no text; save it as UTF-8",
    b"\xfe\xff": "UTF-16 text, or no text; save it as UTF-8",
}
"""What a file that begins with these bytes is, and what to do about it."""

_OTHER_SEPARATORS: Final = {";": "semicolons", "\t": "tabs", "|": "bars"}


_CODE: Final = re.compile(r"[+-]?0[0-9]+|[+-]?[0-9]{16,}")
"""A number that is none: its leading zeros, or digits beyond those of a float, would be lost."""


def read_text(path: Path) -> str:
    """Return the text of a file in UTF-8 (with or without byte order mark) or CP949.

    Raises
    ------
    LayerFileError
        If the file cannot be opened.
    LayerError
        If it is no such text; a workbook and UTF-16 are called by their name.
    """
    from siteopt.layers.opening import content_of  # noqa: PLC0415 - texts at hand need no GDAL

    content = content_of(path)
    for start, what in _NO_TEXT.items():
        if content.startswith(start):
            raise LayerError(f"{path.name}: {what}")
    if b"\0" in content:
        raise LayerError(f"{path.name}: holds zero bytes, so it is no text; save it as UTF-8")
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise LayerError(f"{path.name}: neither UTF-8 nor CP949 text; save it as UTF-8")


def header_of(text: str, path: Path) -> list[str]:
    """Return the names of the columns of a CSV text, every row of which has a cell for each.

    Raises
    ------
    LayerError
        If there is no header, cells are not separated by commas, a name is there twice, or a row
        has more or fewer cells than the header.
    """
    rows = checked_rows(text, path)
    header = next(rows)
    for _ in rows:
        pass
    return header


def checked_rows(text: str, path: Path) -> Iterator[list[str]]:
    """Yield the names of the columns of a CSV text, then its rows; empty lines are passed over.

    Raises
    ------
    LayerError
        As :func:`header_of`, at the row that is wrong.
    """
    rows = csv.reader(StringIO(text, newline=""))
    try:
        header = [name.strip() for name in next(rows, [])]
        _check_header(header, path)
        yield header
        for row in rows:
            if not row:
                continue
            if len(row) != len(header):
                raise LayerError(
                    f"{path.name}: row {rows.line_num}: {len(row)} cells below {len(header)} "
                    "column names; a cell for each, text that holds a comma in double quotes"
                )
            yield row
    except csv.Error as error:
        raise LayerError(
            f"{path.name}: row {rows.line_num}: not a CSV table ({error}); commas between cells"
        ) from error


def _check_header(header: list[str], path: Path) -> None:
    if not any(header):
        raise LayerError(f"{path.name}: empty; a CSV file starts with a line of column names")
    for sign, name in _OTHER_SEPARATORS.items():
        if len(header) == 1 and sign in header[0]:
            raise LayerError(
                f"{path.name}: row 1: {name} between cells; commas are needed there, and points in "
                "numbers (127.5)"
            )
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise LayerError(f"{path.name}: column {twice[0]} appears twice; names must be unique")


def code_columns(text: str, header: list[str], schema: LayerSchema | None) -> list[str]:
    """Return the columns unknown to a schema that hold codes: ``0012``, or 16 digits and more.

    As numbers they would lose zeros or digits, so they are text.
    """
    if schema is not None and schema.rest is not None:
        return []
    known = set() if schema is None else set(schema.fields)
    places = {name: at for at, name in enumerate(header) if name not in known}
    places = {name: at for name, at in places.items() if name not in {"lon", "lat"}}
    if not places:
        return []
    found: set[str] = set()
    for row in csv.reader(StringIO(text, newline="")):
        for name in places.keys() - found:
            if places[name] < len(row) and _CODE.fullmatch(row[places[name]].strip()):
                found.add(name)
    return sorted(found)


def named_rows(path: Path, columns: Sequence[str], what: str) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of a CSV with their numbers in the file, cells by the name of their column.

    Parameters
    ----------
    path : Path
        The file.
    columns : sequence of str
        Columns that it must have.
    what : str
        What it is called, with an article where it needs one.

    Raises
    ------
    LayerFileError
        If it cannot be read, lacks a column, or holds a sign that is not to be seen.
    """
    named = ", ".join(columns)
    try:
        text = read_text(path)
        header = header_of(text, path)
    except LayerError as error:
        raise LayerFileError(
            f"{path}: cannot be read ({error}); give a CSV with columns {named}"
        ) from error
    for column in columns:
        if column not in header:
            raise LayerFileError(f"{path}: column {column} is missing; {what} has {named}")
    if sign := hidden_sign(text):
        raise LayerFileError(f"{path}: holds {sign}, a sign that is not to be seen; remove it")
    rows = csv.reader(StringIO(text, newline=""), skipinitialspace=True)
    next(rows)
    return [
        (number, dict(zip(header, row, strict=True)))
        for number, row in enumerate(rows, start=2)
        if row
    ]
