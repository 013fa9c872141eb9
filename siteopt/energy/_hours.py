"""Hours of the year in Korean Standard Time (KST), of tables that a user brings.

Hour 1 runs from 00:00 to 01:00 KST on 1 January, hour 8,760 to the end of 31 December: hour h of a
day ends at h o'clock, and 29 February has no hours. KST is UTC+9 the whole year.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np
import pandas as pd

from siteopt.errors import LayerError
from siteopt.layers._rows import first_true, shown
from siteopt.layers._text import header_of, read_text
from siteopt.layers.opening import reading

if TYPE_CHECKING:
    from siteopt._arrays import Floats, Ints

__all__ = [
    "KST",
    "YEAR_H",
    "Stamp",
    "hour_begins",
    "hour_label",
    "hour_numbers",
    "numbers",
    "read_hourly",
    "refuse_gaps",
    "refuse_twice",
]  # fmt: skip

Stamp = Literal["begin", "end"]
"""Whether a time stamp names the beginning or the end of its hour."""

YEAR_H: Final = 8760
"""Hours of a year without 29 February."""
_LEAP_YEAR_H: Final = 8784
_DAY_H: Final = 24

KST: Final = timezone(timedelta(hours=9), "KST")

_COMMON_YEAR: Final = 2023
_LEAP_YEAR: Final = 2024
"""Years whose calendar numbered hours have; any other pair would do."""

_TIME_COLUMNS: Final = ("time", "hour")
_WITH_ZONE: Final = re.compile(r":\d\d(?:\.\d+)?\s*(?:Z|[+-]\d\d(?::?\d\d)?)$")


def read_hourly(source: Path | str | pd.DataFrame, name: str) -> tuple[pd.DataFrame, str, str]:
    """Return a table, what messages call it, and the name of the column of its hours.

    Parameters
    ----------
    source : Path, str or DataFrame
        A CSV file (UTF-8 or CP949), whose cells stay text, or a table, whose hours may be its
        index.
    name : str
        What messages call a table; a file is called by its own name.

    Raises
    ------
    LayerFileError
        If the file cannot be opened.
    LayerError
        If it is no CSV table, or no column holds the hours.
    """
    if isinstance(source, pd.DataFrame):
        table = source.copy()
        if isinstance(table.index, pd.DatetimeIndex):
            table.insert(0, _TIME_COLUMNS[0], table.index, allow_duplicates=True)
        table.columns = [str(column).strip() for column in table.columns]
    else:
        path = Path(source)
        name = path.name
        text = read_text(path)
        header = header_of(text, path)
        with reading(path, "csv"):
            table = pd.read_csv(
                StringIO(text), dtype=str, keep_default_na=False, header=0, names=header,
                index_col=False,
            )  # fmt: skip
    twice = table.columns[table.columns.duplicated()]
    if len(twice):
        raise LayerError(f"{name}: column {twice[0]} appears twice; names must be unique")
    found = [column for column in _TIME_COLUMNS if column in table]
    if len(found) != 1:
        raise LayerError(
            f"{name}: {'two columns' if found else 'no column'} of hours; one is needed: 'time' "
            f"(2025-01-01 01:00) or 'hour' (1 to {YEAR_H})"
        )
    if table.empty:
        raise LayerError(f"{name}: has no rows; a row for each of the {YEAR_H} hours is needed")
    return table.reset_index(drop=True), name, found[0]


def hour_begins(
    column: pd.Series, name: str, stamp: Stamp = "end", utc_offset_h: float = 9.0
) -> pd.DatetimeIndex:
    """Return when each hour begins, in KST.

    Parameters
    ----------
    column : Series
        Time stamps, or numbers of the hours of a year from 1.
    name : str
        What messages call the table.
    stamp : {'end', 'begin'}
        What a time stamp names; a numbered hour h is the h-th of the year either way.
    utc_offset_h : float
        Clock of numbers, and of stamps without a zone: hours ahead of UTC.

    Raises
    ------
    LayerError
        If a value is neither a time on the hour nor the number of an hour, or the clock is none.
    """
    if stamp not in get_args(Stamp):
        raise LayerError(f"{name}: stamp is {shown(stamp)}; 'end' or 'begin' is needed")
    if not abs(utc_offset_h) < _DAY_H:
        raise LayerError(
            f"{name}: utc_offset_h is {utc_offset_h:g}; 9 for KST or 0 for UTC is needed"
        )
    text = column.astype(str).str.strip()
    numbered = pd.to_numeric(text, errors="coerce").to_numpy(dtype=np.float64)
    if np.isfinite(numbered).mean() > 0.5:  # noqa: PLR2004 - most are numbers: a time is the slip
        begins, zoned = _begins_of_numbers(numbered, text, name), False
    else:
        begins, zoned = _begins_of_stamps(text, name, stamp)
    clock = UTC if zoned else timezone(timedelta(hours=utc_offset_h))
    local = begins.tz_localize(clock).tz_convert(KST)
    place = first_true((local.minute != 0) | (local.second != 0) | (local.microsecond != 0))
    if place is not None:
        raise LayerError(
            f"{name}: time {shown(text[place])} is not on the hour in KST; whole hours are needed: "
            "round down and say stamp='begin'"
        )
    return local


def _begins_of_numbers(hour: Floats, text: pd.Series[str], name: str) -> pd.DatetimeIndex:
    """Return beginnings of numbered hours, of a leap year where there are 8,784 of them."""
    leap = len(hour) == _LEAP_YEAR_H
    most = _LEAP_YEAR_H if leap else YEAR_H
    place = first_true(~((hour >= 1) & (hour <= most) & (hour == np.floor(hour))))
    if place is not None:
        raise LayerError(
            f"{name}: hour {shown(text.iloc[place])} in row {place + 1}; a whole number from 1 to "
            f"{YEAR_H}, or a time (2025-01-01 01:00) in every row, is needed"
        )
    start = datetime(_LEAP_YEAR if leap else _COMMON_YEAR, 1, 1)  # noqa: DTZ001 - the clock follows
    return pd.DatetimeIndex(start + pd.to_timedelta(hour - 1, unit="h"))


def _begins_of_stamps(
    text: pd.Series[str], name: str, stamp: Stamp
) -> tuple[pd.DatetimeIndex, bool]:
    """Return beginnings of stamped hours, without a zone, and whether that zone is UTC."""
    parsed = pd.to_datetime(text, format="ISO8601", errors="coerce", utc=True)
    place = first_true(parsed.isna())
    if place is not None:
        raise LayerError(
            f"{name}: time {shown(text[place])} in row {place + 1} cannot be read; a time like 2025-01-01 01:00 or "
            f"2025-01-01T01:00+09:00 is needed, or hours from 1 to {YEAR_H}"
        )
    zoned = text.str.contains(_WITH_ZONE).to_numpy(dtype=np.bool_)
    if zoned.any() and not zoned.all():
        raise LayerError(
            f"{name}: time {shown(text[first_true(~zoned) or 0])} has no time zone, others have "
            "one; all or none is needed"
        )
    begins = pd.DatetimeIndex(parsed).tz_localize(None)
    return begins - pd.Timedelta(hours=1 if stamp == "end" else 0), bool(zoned.all())


def hour_numbers(begins: pd.DatetimeIndex) -> Ints:
    """Return the hour of the year, from 1; 0 on 29 February.

    Parameters
    ----------
    begins : DatetimeIndex
        When each hour begins, in KST; years do not matter.
    """
    month = begins.month.to_numpy()
    late = begins.is_leap_year & (month > 2)  # noqa: PLR2004 - February
    number = (begins.dayofyear.to_numpy() - 1 - late) * _DAY_H + begins.hour.to_numpy() + 1
    leap_day = (month == 2) & (begins.day.to_numpy() == 29)  # noqa: PLR2004 - 29 February
    return np.where(leap_day, 0, number).astype(np.int64)


def hour_label(number: int) -> str:
    """Return an hour of the year as messages show it.

    Examples
    --------
    >>> hour_label(1417)
    'hour 1417 (1 March, 00:00 to 01:00 KST)'
    """
    begin = datetime(_COMMON_YEAR, 1, 1, tzinfo=KST) + timedelta(hours=number - 1)
    return (
        f"hour {number} ({begin.day} {begin:%B}, {begin.hour:02}:00 to {begin.hour + 1:02}:00 KST)"
    )


def refuse_twice(hour: Ints, name: str) -> None:
    """Raise an error that names the first hour of the year that is there twice.

    Raises
    ------
    LayerError
        If there is one.
    """
    place = first_true(pd.Series(hour).duplicated())
    if place is not None:
        first = int(np.flatnonzero(hour == hour[place])[0])
        raise LayerError(
            f"{name}: {hour_label(int(hour[place]))} is there twice, in rows {first + 1} and "
            f"{place + 1} of {len(hour)}; each hour of one year is needed once"
        )


def refuse_gaps(hour: Ints, name: str) -> None:
    """Raise an error that names the first hour of the year that is missing.

    Raises
    ------
    LayerError
        If there is one.
    """
    missing = np.setdiff1d(np.arange(1, YEAR_H + 1), hour)
    if len(missing):
        raise LayerError(
            f"{name}: {len(hour)} hours, {YEAR_H} are needed: {len(missing)} missing, the first is "
            f"{hour_label(int(missing[0]))}"
        )


def numbers(column: pd.Series, where: str, hour: Ints, least: float, most: float) -> Floats:
    """Return a column as numbers.

    Parameters
    ----------
    column : Series
        Numbers or text.
    where : str
        What messages call the column, its table included.
    hour : ndarray of int
        Hour of the year of each row; 0 on 29 February.
    least, most : float
        Range of the values.

    Raises
    ------
    LayerError
        If a cell is empty, no number or out of range; the first one is named.
    """
    if pd.api.types.is_numeric_dtype(column):
        value = column.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        value = np.array([_number(cell) for cell in column], dtype=np.float64)
    place = first_true(~((value >= least) & (value <= most)))
    if place is not None:
        cell = column.iloc[place]
        if np.isnan(value[place]):
            seen = "empty" if str(cell).strip() == "" else shown(cell)
        else:
            seen = f"{value[place]:g}"
        at = hour_label(int(hour[place])) if hour[place] else f"row {place + 1} (29 February)"
        raise LayerError(f"{where}, {at} is {seen}; a number from {least:g} to {most:g} is needed")
    return value


def _number(cell: object) -> float:
    """Return a cell as a number, to its last digit; not a number where it is none."""
    try:
        return float("nan" if isinstance(cell, str) and "_" in cell else cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return float("nan")
