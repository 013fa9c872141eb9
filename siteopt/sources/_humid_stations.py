"""Normals of temperature, humidity and wet bulb of the stations of the rural administration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from siteopt.errors import LayerError, LayerFileError
from siteopt.sources._frame import NATIONAL
from siteopt.sources._psychrometrics import hours_below, wet_bulb_c

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from siteopt.sources._terrain import Terrain

__all__ = ["MONTH_HOURS", "HourlyWetBulb", "hourly_wet_bulb", "low_ground_m", "station_normals"]

MONTH_HOURS: Final = 24.0 * np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
"""Hours of the months of a year of 8,760 hours."""

_YEARS: Final = (2015, 2024)
_YEARS_MIN: Final = 4
_MONTHS: Final = 12
_AUGUST: Final = 8
_EPW_TEMPERATURE, _EPW_HUMIDITY = 6, 8
_LOW_SHARE: Final = 1.0 / 3.0
_RANGES: Final = {"t_mean_c": (-30.0, 40.0), "rh_pct": (5.0, 100.0)}


class HourlyWetBulb(NamedTuple):
    """What hourly years tell of wet bulbs within a month, each of shape (12,).

    Attributes
    ----------
    spread_c : ndarray
        Mean standard deviation of the hours of each month.
    shift_c : ndarray
        Mean wet bulb less the wet bulb of the month's mean temperature and humidity.
    error_h : ndarray, shape (n_places,)
        Hours of a year at or below the threshold, made from the monthly means, less the true
        ones; of each place with the spread and shift of the others.
    """

    spread_c: NDArray[np.float64]
    shift_c: NDArray[np.float64]
    error_h: NDArray[np.float64]


def hourly_wet_bulb(folder: Path, threshold_c: float) -> HourlyWetBulb:
    """Read the EPW years of a folder.

    Raises
    ------
    LayerFileError
        If the folder has less than two years.
    LayerError
        If a file does not hold 8,760 hours.
    """
    paths = sorted(folder.glob("*.epw"))
    if len(paths) < 2:  # noqa: PLR2004 - one is left out, one remains
        raise LayerFileError(f"{folder}: {len(paths)} EPW files; at least two are needed")
    month = np.repeat(np.arange(_MONTHS), MONTH_HOURS.astype(int))
    means, spreads, shifts, true_h = [], [], [], []
    for path in paths:
        lines = [line.split(",") for line in path.read_text("latin-1").splitlines()[8:] if line]
        if len(lines) != len(month):
            raise LayerError(f"{path}: {len(lines)} hours; an EPW year must hold {len(month)}")
        t, rh = (
            np.array([float(line[place]) for line in lines])
            for place in (_EPW_TEMPERATURE, _EPW_HUMIDITY)
        )
        wet = wet_bulb_c(t, rh)
        mean_t, mean_rh, mean_wet = (_by_month(values, month) for values in (t, rh, wet))
        spreads.append([wet[month == m].std() for m in range(_MONTHS)])
        shifts.append(mean_wet - wet_bulb_c(mean_t, mean_rh))
        means.append(wet_bulb_c(mean_t, mean_rh))
        true_h.append(float((wet <= threshold_c).sum()))
    spread, shift = np.array(spreads), np.array(shifts)
    error = np.empty(len(paths))
    for i in range(len(paths)):
        rest = np.arange(len(paths)) != i
        made = hours_below(
            means[i] + shift[rest].mean(axis=0), spread[rest].mean(axis=0), MONTH_HOURS, threshold_c
        )
        error[i] = float(made) - true_h[i]
    return HourlyWetBulb(spread.mean(axis=0), shift.mean(axis=0), error)


def _by_month(values: NDArray[np.float64], month: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.bincount(month, weights=values) / np.bincount(month)


def station_normals(sources: Path, hourly: HourlyWetBulb, threshold_c: float) -> pd.DataFrame:
    """Return normals of the stations that have all months of at least four years.

    Returns
    -------
    DataFrame
        Columns station_id, name_ko, lon, lat, place_radius_km, t_mean_c, rh_pct,
        wet_bulb_aug_c (mean of August), wet_bulb_hours (hours a year at or below the threshold).

    Raises
    ------
    LayerFileError
        If a table is not there.
    LayerError
        If a value is out of its range, or no station has normals.
    """
    folder = sources / "climate"
    places = _table(folder / "rda_stations.csv").set_index("station")
    monthly = _table(folder / "rda_stations_monthly_2015_2025.csv")
    for name, (low, high) in _RANGES.items():
        wrong = monthly[name].notna() & ~monthly[name].between(low, high)
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise LayerError(
                f"rda_stations_monthly_2015_2025.csv: row {row + 2}: {name} is "
                f"{monthly[name].iloc[row]:g}; from {low:g} to {high:g}, or empty"
            )
    known = monthly.dropna(subset=list(_RANGES))
    known = known[known["year"].between(*_YEARS) & known["month"].between(1, _MONTHS)]
    known = known.assign(wet_bulb_c=wet_bulb_c(known["t_mean_c"], known["rh_pct"]))
    by_month = known.groupby(["station", "month"])[["t_mean_c", "rh_pct", "wet_bulb_c"]]
    normal = by_month.mean()[by_month.size() >= _YEARS_MIN]
    wide = normal.reset_index().pivot_table(index="station", columns="month").dropna()
    wide = wide[wide.index.isin(places.index)]
    if wide.empty:
        raise LayerError(
            f"{folder.name}: no station has all months of {_YEARS_MIN} years with temperature and "
            "humidity"
        )
    share = MONTH_HOURS / MONTH_HOURS.sum()
    wet = wide["wet_bulb_c"].to_numpy() + hourly.shift_c
    at = places.loc[wide.index]
    names = at["sigungu"].astype(str) + " " + at["emd"].fillna("").astype(str)
    return pd.DataFrame(
        {
            "station_id": [f"RDA-{int(station):03d}" for station in wide.index],
            "name_ko": names.str.strip().to_numpy(), "lon": at["lon"].to_numpy(),
            "lat": at["lat"].to_numpy(), "place_radius_km": at["place_radius_km"].to_numpy(),
            "t_mean_c": wide["t_mean_c"].to_numpy() @ share,
            "rh_pct": wide["rh_pct"].to_numpy() @ share, "wet_bulb_aug_c": wet[:, _AUGUST - 1],
            "wet_bulb_hours": hours_below(wet, hourly.spread_c, MONTH_HOURS, threshold_c),
        }
    )  # fmt: skip


def low_ground_m(
    x_m: NDArray[np.float64], y_m: NDArray[np.float64], radius_km: NDArray[np.float64],
    terrain: Terrain,
) -> NDArray[np.float64]:  # fmt: skip
    """Return the mean height of the lower third of the ground around places, NaN without any.

    Stations stand in the villages, and only their eup, myeon or dong is known.

    Parameters
    ----------
    x_m, y_m : ndarray
        EPSG:5179 metres.
    radius_km : ndarray
        Radius of what is around each place; at least the cell of the place is.
    terrain : Terrain
        Heights.
    """
    rows, cols = NATIONAL.cells_of(x_m, y_m)
    out = np.full(len(x_m), np.nan)
    for i, (row, col, radius) in enumerate(zip(rows, cols, radius_km, strict=True)):
        reach = int(1000.0 * radius // NATIONAL.cell_m)
        top, left = max(row - reach, 0), max(col - reach, 0)
        window = terrain.height_m[top : row + reach + 1, left : col + reach + 1]
        known = np.sort(window[np.isfinite(window)].astype(np.float64))
        if len(known):
            out[i] = known[: max(1, round(_LOW_SHARE * len(known)))].mean()
    return out


def _table(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise LayerFileError(f"{path}: not there; `--sources` must hold {path.name}")
    return pd.read_csv(path, encoding="utf-8")
