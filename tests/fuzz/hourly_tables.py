"""Hourly profiles of a year as CSV, with numbered hours and with times."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from math import cos, pi
from typing import TYPE_CHECKING, Any

from tests.fuzz.kinds import Files, Kind, UnknownError, UnsoundError
from tests.fuzz.noise import BYTES, TEXT
from tests.fuzz.plainly import number
from tests.fuzz.tables import plain_table, table_change

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["KINDS"]

_PROVINCES = {
    "46": "46", "전라남도": "46", "jeonnam": "46", "50": "50", "제주특별자치도": "50", "jeju": "50",
}  # fmt: skip
_YEAR_H = 8760


@cache
def _ends() -> list[datetime]:
    return [datetime(2025, 1, 1) + timedelta(hours=hour + 1) for hour in range(_YEAR_H)]  # noqa: DTZ001 - local time


@cache
def _seeds() -> list[Files]:
    sun = [round(max(cos((hour % 24 - 12) / 12 * pi), 0.0), 3) for hour in range(_YEAR_H)]
    numbered = "".join(f"{hour + 1},{one},{one / 2}\n" for hour, one in enumerate(sun))
    timed = "".join(f"{end:%Y-%m-%d %H:%M},{one}\n" for end, one in zip(_ends(), sun, strict=True))
    return [
        {"sun.csv": f"hour,Jeonnam,50\n{numbered}".encode()},
        {"sun.csv": f"time,전라남도\n{timed}".encode()},
    ]


def _read(folder: Path) -> Any:
    from siteopt.energy.profiles import read_profiles  # noqa: PLC0415

    found = read_profiles(folder / "sun.csv", "solar")
    return {code: found.of(code).tolist() for code in found.province_code.tolist()}


def _plain(files: Files) -> Any:
    rows = plain_table(files, "sun.csv")
    of_hours = [name for name in rows[0] if name in {"time", "hour"}]
    if len(of_hours) != 1:
        raise UnsoundError("no one column of hours")
    if len(rows) != _YEAR_H:
        raise UnsoundError("hours are missing, or there are more")
    hours = [row[of_hours[0]].strip() for row in rows]
    if any("-" in hour or ":" in hour for hour in hours):
        _check_times(hours)
    elif [number(hour) for hour in hours] != list(range(1, _YEAR_H + 1)):
        raise UnsoundError("not the hours of a year")
    found: dict[str, Any] = {}
    for name in rows[0]:
        if name == of_hours[0]:
            continue
        code = _PROVINCES.get(name.casefold())
        if code is None:
            raise UnknownError("another province") if name else UnsoundError("no province")
        if code in found:
            raise UnsoundError("a province twice")
        found[code] = [number(row[name], low=0.0, high=1.0) for row in rows]
    if not found:
        raise UnsoundError("no province")
    return found


def _check_times(times: list[str]) -> None:
    for time, end in zip(times, _ends(), strict=True):
        try:
            told = datetime.fromisoformat(time)
        except ValueError as error:
            raise UnknownError("a time in another form") from error
        if told.tzinfo is not None:
            raise UnknownError("a time zone")
        begin, wanted = told - timedelta(hours=1), end - timedelta(hours=1)
        if (begin.month, begin.day, begin.hour, begin.minute) != (
            wanted.month, wanted.day, wanted.hour, wanted.minute,
        ):  # fmt: skip
            raise UnsoundError("not the hours of a year")


KINDS = (Kind("profiles", _seeds, (*BYTES, *TEXT, table_change, table_change), _read, _plain),)
