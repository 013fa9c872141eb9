"""Cooling indices of stations: mean temperature, free-cooling hours, wet bulb."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.energy._hours import YEAR_H
from siteopt.sources._humid_stations import MONTH_HOURS
from siteopt.sources._psychrometrics import hours_below, wet_bulb_c

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt.sources.fetching.station_hours import Place, StationHours
    from siteopt.sources.fetching.weather_recipes import MonthSettings
    from siteopt.sources.fetching.weather_tables import StationMonths

__all__ = ["INDICES", "joined_stations", "of_hours", "of_months"]

INDICES: Final = ("t_mean_c", "free_cooling_h", "wet_bulb_aug_c", "wet_bulb_hours_h")
"""Mean dry bulb; hours a year below the dry bulb of free cooling; mean wet bulb of August; hours a
year at or below the wet bulb of free cooling."""

_AUGUST: Final = 8


def of_hours(
    stations: Sequence[StationHours], dry_bulb_c: float, wet_bulb_max_c: float
) -> pd.DataFrame:
    """Return the indices of stations with hours, a row each.

    Parameters
    ----------
    stations : sequence of StationHours
        Whole years.
    dry_bulb_c : float
        Parameter ``free_cooling_threshold_c``.
    wet_bulb_max_c : float
        Parameter ``free_cooling_wet_bulb_c``.

    Returns
    -------
    DataFrame
        ``station_id, name, lon, lat, footprint_km, years`` and `INDICES`.
    """
    rows = []
    for one in stations:
        dry = one.hourly["temp_c"].to_numpy(dtype=np.float64)
        wet = wet_bulb_c(dry, one.hourly["rh_pct"].to_numpy(dtype=np.float64))
        in_august = pd.DatetimeIndex(one.hourly.index).month == _AUGUST
        rows.append(
            _row(one.place, one.years)
            | {
                "t_mean_c": float(dry.mean()),
                "free_cooling_h": YEAR_H * float((dry < dry_bulb_c).mean()),
                "wet_bulb_aug_c": float(wet[in_august].mean()),
                "wet_bulb_hours_h": YEAR_H * float((wet <= wet_bulb_max_c).mean()),
            }
        )
    return pd.DataFrame(rows)


def of_months(
    stations: Sequence[StationMonths],
    months: MonthSettings,
    dry_bulb_c: float,
    wet_bulb_max_c: float,
) -> pd.DataFrame:
    """Return the indices of stations with normals by month, as of `of_hours`.

    Hours of a month are taken as normally distributed about its mean.

    Parameters
    ----------
    stations : sequence of StationMonths
        Normals.
    months : MonthSettings
        Spread of hours within the months.
    dry_bulb_c, wet_bulb_max_c : float
        As of `of_hours`.
    """
    rows = []
    spread = np.array(months.temp_spread_c)
    wet_spread = np.array(months.wet_bulb_spread_c)
    for one in stations:
        wet = wet_bulb_c(one.temp_c, one.rh_pct) + np.array(months.wet_bulb_shift_c)
        rows.append(
            _row(one.place, one.years)
            | {
                "t_mean_c": float(one.temp_c @ MONTH_HOURS / MONTH_HOURS.sum()),
                "free_cooling_h": float(hours_below(one.temp_c, spread, MONTH_HOURS, dry_bulb_c)),
                "wet_bulb_aug_c": float(wet[_AUGUST - 1]),
                "wet_bulb_hours_h": float(
                    hours_below(wet, wet_spread, MONTH_HOURS, wet_bulb_max_c)
                ),
            }
        )
    return pd.DataFrame(rows)


def _row(place: Place, years: int) -> dict[str, object]:
    return {
        "station_id": place.station_id, "name": place.name, "lon": place.lon, "lat": place.lat,
        "footprint_km": place.footprint_km, "years": years,
    }  # fmt: skip


def joined_stations(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return one row a station, means weighted by years where several files are of one.

    Parameters
    ----------
    parts : sequence of DataFrame
        As of `of_hours`.

    Returns
    -------
    DataFrame
        In order of ``station_id``.
    """
    table = pd.concat(parts, ignore_index=True)
    names = list(INDICES)
    weighted = table.assign(**{name: table[name] * table["years"] for name in names})
    by_id = weighted.groupby("station_id", sort=True)
    out = table.drop_duplicates("station_id").set_index("station_id").sort_index()
    out["years"] = by_id["years"].sum()
    out[names] = by_id[names].sum().div(by_id["years"].sum(), axis=0)
    return out.reset_index()
