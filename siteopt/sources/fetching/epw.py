"""EPW files of hourly weather (EnergyPlus Weather Format, "Auxiliary Programs", EnergyPlus)."""

from __future__ import annotations

import csv
from datetime import timedelta, timezone
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.errors import LayerError
from siteopt.layers.opening import content_of
from siteopt.sources.fetching.station_hours import Place, checked_hours, in_unit

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.sources.fetching.station_hours import StationHours
    from siteopt.sources.fetching.weather_recipes import WeatherSettings

__all__ = ["read_epw"]

_HEADER: Final = (
    "LOCATION", "DESIGN CONDITIONS", "TYPICAL/EXTREME PERIODS", "GROUND TEMPERATURES",
    "HOLIDAYS/DAYLIGHT SAVINGS", "COMMENTS 1", "COMMENTS 2", "DATA PERIODS",
)  # fmt: skip
_FIELDS_MIN: Final = 22
"""Fields of a row up to the wind speed; the format has 35, older files fewer."""
_COLUMNS: Final = {
    "temp_c": (6, "°C", 99.9), "dew_point_c": (7, "°C", 99.9), "rh_pct": (8, "%", 999.0),
    "pressure_hpa": (9, "Pa", 999_999.0), "ghi_w_m2": (13, "W/m2", 9_999.0),
    "wind_speed_m_s": (21, "m/s", 999.0),
}  # fmt: skip
"""Place in a row, unit, and the value that means "not known"."""
_NEEDED: Final = ("temp_c", "rh_pct")
_HOURS: Final = (8_760, 8_784)
_CALENDAR: Final = {8_760: 2023, 8_784: 2024}
"""A year of the same length: months of a typical year are of several, and their years do not count."""
_MERIDIAN_DEG: Final = 15.0
_OFF_MERIDIAN_H: Final = 2.0


def read_epw(path: Path, settings: WeatherSettings) -> StationHours:
    """Return the hours of an EPW file, in KST.

    Hour h of a row ends at h o'clock in the standard time of the header. Codes for "not known"
    (99.9, 999, 9999, 999999) are none of the values.

    Parameters
    ----------
    path : Path
        The file.
    settings : WeatherSettings
        Checks.

    Raises
    ------
    LayerFileError
        If it cannot be opened.
    LayerError
        If it is no EPW file, is cut short, or as of `checked_hours`.
    """
    lines = content_of(path).decode("latin-1").splitlines()
    head = _header(lines, path)
    place, utc_offset_h = _place(head, path)
    rows = [row for row in csv.reader(lines[len(_HEADER) :]) if row]
    _must_be_a_year(rows, path)
    table = pd.DataFrame([row[:_FIELDS_MIN] for row in rows])
    numbers = table.apply(pd.to_numeric, errors="coerce")
    values = {}
    for name, (column, unit, unknown) in _COLUMNS.items():
        read = numbers[column].to_numpy(dtype=np.float64)
        read = np.where(read == unknown, np.nan, read)
        if name in _NEEDED or np.isfinite(read).any():
            values[name] = in_unit(read, settings.of(name), unit, f"{path.name}: {name}")
    begins = _begins(numbers, utc_offset_h, path)
    return checked_hours(begins, values, place, settings, path.name)


def _header(lines: list[str], path: Path) -> list[str]:
    found = [line.split(",", 1)[0].strip().upper() for line in lines[: len(_HEADER)]]
    if found != list(_HEADER):
        wrong = next(
            (i for i, want in enumerate(_HEADER) if i >= len(found) or found[i] != want), 0
        )
        seen = found[wrong][:40] if wrong < len(found) else "the end"
        raise LayerError(
            f"{path.name}: line {wrong + 1} is {seen!r}; an EPW file has {_HEADER[wrong]} there"
        )
    return lines[0].split(",")


def _place(head: list[str], path: Path) -> tuple[Place, float]:
    """Return place and clock of a header: city, region, country, source, WMO, lat, lon, zone."""
    try:
        lat, lon, zone = (float(head[i]) for i in (6, 7, 8))
    except (IndexError, ValueError) as error:
        raise LayerError(
            f"{path.name}: line 1 has no latitude, longitude and time zone; LOCATION,city,region,"
            "country,source,WMO,latitude,longitude,zone,elevation is needed"
        ) from error
    if abs(zone - lon / _MERIDIAN_DEG) > _OFF_MERIDIAN_H:
        raise LayerError(
            f"{path.name}: line 1 has the time zone {zone:g} at longitude {lon:g}; the sun's is "
            f"about {lon / _MERIDIAN_DEG:.0f}"
        )
    station = head[5].strip() or path.stem
    return Place(f"epw-{station}", head[1].strip() or path.stem, lon, lat), zone


def _must_be_a_year(rows: list[list[str]], path: Path) -> None:
    short = next((i for i, row in enumerate(rows) if len(row) < _FIELDS_MIN), None)
    if len(rows) in _HOURS and short is None:
        return
    if short is not None:
        raise LayerError(
            f"{path.name}: line {short + len(_HEADER) + 1} has {len(rows[short])} fields; an EPW "
            "row has 35: is the file whole?"
        )
    raise LayerError(
        f"{path.name}: {len(rows):,} hours; an EPW year has 8,760, or 8,784 with 29 February: is "
        "the file whole?"
    )


def _begins(numbers: pd.DataFrame, utc_offset_h: float, path: Path) -> pd.DatetimeIndex:
    """Return when each hour begins, by month, day and hour of the rows."""
    month, day, hour = (numbers[i].to_numpy(dtype=np.float64) for i in (1, 2, 3))
    table = pd.DataFrame({"year": _CALENDAR[len(numbers)], "month": month, "day": day})
    dates = pd.to_datetime(table, errors="coerce")
    bad = np.flatnonzero(dates.isna().to_numpy() | ~((hour >= 1) & (hour <= 24)))  # noqa: PLR2004
    if len(bad):
        raise LayerError(
            f"{path.name}: line {bad[0] + len(_HEADER) + 1} is no hour of the year; month, day and "
            "an hour from 1 to 24 are needed"
        )
    begins = pd.DatetimeIndex(dates + pd.to_timedelta(hour - 1, unit="h"))
    return begins.tz_localize(timezone(timedelta(hours=utc_offset_h)))
