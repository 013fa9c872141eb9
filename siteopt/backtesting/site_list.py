"""Reader of the user's list of real sites: name, place, class and date of each."""

from __future__ import annotations

import calendar
import csv
import math
import re
from dataclasses import dataclass
from datetime import date
from io import StringIO
from typing import TYPE_CHECKING, Final

import pandas as pd

from siteopt._plain_data import hidden_sign
from siteopt.errors import LayerError, ScenarioError
from siteopt.layers._text import header_of, read_text
from siteopt.layers.schemas import KOREA

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["COLUMNS", "SiteList", "days_of", "read_site_list"]

COLUMNS: Final = ("name", "lon", "lat", "class", "date")
"""Columns of a list; ``date`` may be left out, and its cells may be empty."""

_DATE: Final = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?(\d{1,300}\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_LONGEST: Final = 100
"""Signs of a name or class."""
_MOST: Final = 5_000
"""Rows; real data centres of one country are fewer, and pairs of rows must fit into memory."""
_HALF_TURN: Final = 180.0
_FIRST_ROW: Final = 2
_MONTHS: Final = 12


@dataclass(frozen=True, eq=False)
class SiteList:
    """A list of sites as the user gave it.

    Attributes
    ----------
    file : str
        Name of the file, for messages.
    table : DataFrame
        One row a row of the file, in its order: ``row`` (its number there, the header is 1),
        ``name``, ``lon``, ``lat`` (EPSG:4326 degrees), ``class``, ``date`` (ISO, or empty).
    notes : list of str
        What is odd and no fault, such as a row that repeats another.
    """

    file: str
    table: pd.DataFrame
    notes: list[str]

    def called(self, place: int) -> str:
        """Return how the row at a place of ``table`` is called in messages."""
        found = self.table.iloc[place]
        return f"{self.file}: row {found['row']} ({found['name']})"


def read_site_list(path: Path) -> SiteList:
    """Read a list of sites: a CSV with columns ``name``, ``lon``, ``lat``, ``class``, ``date``.

    ``lon`` and ``lat`` are degrees (EPSG:4326). ``class`` is a word of the user's own by which
    shares are told apart, such as ``hyperscale``. ``date`` is ISO 8601: a day, a month or a year.
    Other columns are not read.

    Parameters
    ----------
    path : Path
        CSV, UTF-8 or CP949.

    Raises
    ------
    LayerFileError
        If the file is not there or cannot be opened.
    LayerError
        If a column is missing, there is no row, or a cell cannot be right; the message names file,
        row and field, and what would be right.
    """
    rows = _rows(path)
    found = [_site(row, f"{path.name}: row {number}") for number, row in rows]
    table = pd.DataFrame(found, columns=list(COLUMNS))
    table.insert(0, "row", [number for number, _ in rows])
    _check_classes(table, path.name)
    return SiteList(path.name, table, _repeated(table, path.name))


def days_of(when: str, place: str) -> tuple[str, str]:
    """Return the first and the last day of an ISO date of a day, a month or a year.

    Parameters
    ----------
    when : str
        ``YYYY-MM-DD``, ``YYYY-MM`` or ``YYYY``.
    place : str
        Where it stands, for the message.

    Raises
    ------
    ScenarioError
        If it is none of these, or there is no such day.

    Examples
    --------
    >>> days_of("2020-02", "--since")
    ('2020-02-01', '2020-02-29')
    """
    parts = _DATE.fullmatch(when)
    year, month, day = (int(part or 0) for part in parts.groups()) if parts else (0, 0, 0)
    until = month or _MONTHS
    try:
        first = date(year, month or 1, day or 1)
        last = first if day else date(year, until, calendar.monthrange(year, until)[1])
    except ValueError as error:
        raise ScenarioError(
            f"{place}: {when!r} is no ISO date; write 2019-07-01, 2019-07 or 2019"
        ) from error
    return first.isoformat(), last.isoformat()


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of the file with their numbers."""
    text = read_text(path)
    header = header_of(text, path)
    for name in COLUMNS[:-1]:
        if name not in header:
            raise LayerError(
                f"{path.name}: column {name} is missing; a list of sites has "
                f"{', '.join(COLUMNS)} (this file has {', '.join(header)})"
            )
    if sign := hidden_sign(text):
        raise LayerError(f"{path.name}: holds {sign}, a sign that is not to be seen; remove it")
    reader = csv.reader(StringIO(text, newline=""), skipinitialspace=True)
    next(reader)
    rows = [
        (number, {name: cell.strip() for name, cell in zip(header, row, strict=True)})
        for number, row in enumerate(reader, start=_FIRST_ROW)
        if any(cell.strip() for cell in row)
    ]
    if not rows:
        raise LayerError(
            f"{path.name}: no rows below the column names; at least one site is needed"
        )
    if len(rows) > _MOST:
        raise LayerError(
            f"{path.name}: {len(rows):,} rows; a list of at most {_MOST:,} real sites is compared"
        )
    return rows


def _site(row: dict[str, str], place: str) -> tuple[str, float, float, str, str]:
    for name in ("name", "class"):
        if not row[name]:
            right = "every site has a name" if name == "name" else "every site has a class of yours"
            raise LayerError(f"{place}: {name} is empty; {right}")
        if len(row[name]) > _LONGEST:
            raise LayerError(f"{place}: {name} has {len(row[name])} signs; {_LONGEST} are the most")
    lon, lat = (_degrees(row[name], name, place) for name in ("lon", "lat"))
    _check_place(lon, lat, f"{place} ({row['name']})")
    when = row.get("date", "")
    if when:
        try:
            days_of(when, "")
        except ScenarioError as error:
            raise LayerError(
                f"{place}: date is {when!r}; an ISO date is needed (2019-07-01, 2019-07 or 2019), "
                "or an empty cell"
            ) from error
    return row["name"], lon, lat, row["class"], when


def _degrees(cell: str, name: str, place: str) -> float:
    if not _NUMBER.fullmatch(cell) or not math.isfinite(float(cell)):
        found = repr(cell) if cell else "empty"
        raise LayerError(f"{place}: {name} is {found}; a number in degrees (EPSG:4326) is needed")
    return float(cell)


def _check_place(lon: float, lat: float, place: str) -> None:
    west, south, east, north = KOREA
    if west <= lon <= east and south <= lat <= north:
        return
    if south <= lon <= north and west <= lat <= east:
        raise LayerError(
            f"{place}: lon {lon:g} and lat {lat:g} look swapped; lon is {west:g} to {east:g}, "
            f"lat {south:g} to {north:g}"
        )
    cause = "these look like metres, degrees (EPSG:4326) are needed; "
    raise LayerError(
        f"{place}: lon {lon:g}, lat {lat:g} is not in South Korea; "
        f"{cause if max(abs(lon), abs(lat)) > _HALF_TURN else ''}"
        f"lon is {west:g} to {east:g}, lat {south:g} to {north:g}"
    )


def _check_classes(table: pd.DataFrame, file: str) -> None:
    """Raise LayerError where two rows write one class in two ways."""
    first: dict[str, tuple[str, int]] = {}
    for number, given in zip(table["row"].tolist(), table["class"].tolist(), strict=True):
        key = "".join(sign for sign in given.casefold() if sign.isalnum())
        if not key:
            raise LayerError(f"{file}: row {number}: class is {given!r}; a word is needed")
        known, where = first.setdefault(key, (given, number))
        if known != given:
            raise LayerError(
                f"{file}: row {number}: class is {given!r}, but row {where} writes {known!r}; "
                "write one class in one way"
            )


def _repeated(table: pd.DataFrame, file: str) -> list[str]:
    """Return a note for each row that repeats another."""
    notes, first = [], dict[tuple[str, float, float], int]()
    columns = (table[name].tolist() for name in ("row", "name", "lon", "lat"))
    for row, name, lon, lat in zip(*columns, strict=True):
        known = first.setdefault((name, lon, lat), row)
        if known != row:
            notes.append(
                f"{file}: row {row} ({name}) repeats row {known}; it is counted once, "
                "remove it or correct its place"
            )
    return notes
