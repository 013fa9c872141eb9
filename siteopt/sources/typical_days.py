"""Typical days: hourly demand, solar and wind of a year, with yearly means and extremes kept.

First the days are set aside that planning must see as they are (system peak, lowest net load in
spring, a windy night, the winter evening peak, the day with least wind and sun); each stands for
itself, weight 1. The other days are clustered on provincial totals (tsam: hierarchical, each
cluster shown by its medoid, a real day), and a typical day weighs the days of its cluster. Then
the typical days of every bus are scaled, within 0 and the bus's own maximum, until the weighted
mean of all days is the mean of the year, rounding included.

``year_days`` keeps which typical day stands for each day of the year, from the same clustering.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from siteopt.errors import LayerError
from siteopt.sources._built import NOTICE_KPG, Built, write_csv
from siteopt.sources.grid_case import read_buses, read_hourly

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = [
    "EXTREMES",
    "NIGHT",
    "SPRING",
    "WINTER",
    "Year",
    "assign_days",
    "build",
    "fit_days",
    "read_year",
    "select_days",
]

_HOURS: Final = 24
_TYPICAL: Final = 12
"""Typical days beside the extremes; 17 days in all keep the three files at 1.1 MB."""

EXTREMES: Final = (
    "peak", "spring_low_net_load", "windy_night", "winter_evening_peak", "least_wind_and_sun",
)  # fmt: skip
"""Kinds of days kept as they are, in the order in which they are picked."""

SPRING: Final = range(60, 152)
"""Days of the year of March to May."""
WINTER: Final = (*range(1, 60), *range(335, 366))
"""Days of the year of January, February and December."""
NIGHT: Final = (1, 2, 3, 4, 5, 6, 23, 24)
"""Hours of the day from 22:00 to 06:00; hour h ends at h o'clock."""
_EVENING: Final = range(17, 22)


@dataclass(frozen=True, slots=True)
class Year:
    """Hourly series of a year; every array has shape (days x 24, buses).

    Attributes
    ----------
    demand_mw : ndarray
        Demand of each bus.
    solar, wind : ndarray
        Output / installed capacity at each bus, 0 to 1.
    solar_mw, wind_mw : ndarray, shape (buses,)
        Installed capacity.
    group : ndarray of str, shape (buses,)
        Province of each bus; days are compared by its totals.
    """

    demand_mw: NDArray[np.float64]
    solar: NDArray[np.float64]
    wind: NDArray[np.float64]
    solar_mw: NDArray[np.float64]
    wind_mw: NDArray[np.float64]
    group: NDArray[np.str_]

    @property
    def n_days(self) -> int:
        """Days of the year."""
        return len(self.demand_mw) // _HOURS


def _by_day(hourly: NDArray[np.float64]) -> NDArray[np.float64]:
    return hourly.reshape(-1, _HOURS)


def _extreme_days(year: Year) -> dict[str, int]:
    """Return day of the year (from 1) by kind; a day already taken is passed over."""
    demand = _by_day(year.demand_mw.sum(axis=1))
    clean = _by_day(year.solar @ year.solar_mw + year.wind @ year.wind_mw)
    wind = _by_day(year.wind @ year.wind_mw)
    days = np.arange(1, year.n_days + 1)
    hours = np.arange(1, _HOURS + 1)
    net = (demand - clean).min(axis=1)
    merit = {
        "peak": demand.max(axis=1),
        "spring_low_net_load": np.where(np.isin(days, SPRING), -net, -np.inf),
        "windy_night": wind[:, np.isin(hours, NIGHT)].mean(axis=1),
        "winter_evening_peak": np.where(
            np.isin(days, WINTER), demand[:, np.isin(hours, _EVENING)].max(axis=1), -np.inf
        ),
        "least_wind_and_sun": -clean.sum(axis=1),
    }
    picked: dict[str, int] = {}
    for kind in EXTREMES:
        free = ~np.isin(days, list(picked.values()))
        picked[kind] = int(days[np.where(free, merit[kind], -np.inf).argmax()])
    return picked


def _features(year: Year, days: NDArray[np.int64]) -> pd.DataFrame:
    """Return hourly provincial demand, mean solar and mean wind of some days, end to end."""
    rows = ((days[:, None] - 1) * _HOURS + np.arange(_HOURS)).ravel()
    columns: dict[str, NDArray[np.float64]] = {"demand": year.demand_mw[rows].sum(axis=1)}
    for name in np.unique(year.group):
        member = year.group == name
        columns[f"solar_{name}"] = year.solar[np.ix_(rows, member)].mean(axis=1)
        columns[f"wind_{name}"] = year.wind[np.ix_(rows, member)].mean(axis=1)
    index = pd.date_range("2025-01-01", periods=len(rows), freq="h")
    return pd.DataFrame(columns, index=index)


def _weights(features: pd.DataFrame) -> dict[str, float]:
    """Return weights of the features: demand, all of solar and all of wind count the same."""
    names = [str(name) for name in features]
    count = sum(name.startswith("solar_") for name in names)
    return {name: 1.0 if name == "demand" else 1.0 / count for name in names}


def _clustered(
    year: Year, others: NDArray[np.int64], n_typical: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the medoids (days of the year), and the medoid of each of the other days."""
    import tsam  # noqa: PLC0415 - only building layers needs it

    features = _features(year, others)
    with warnings.catch_warnings():
        # tsam warns of its own deprecations and of columns that are 0 all night
        warnings.simplefilter("ignore")
        result = tsam.aggregate(
            features, n_clusters=n_typical, weights=_weights(features),
            cluster=tsam.ClusterConfig(method="hierarchical", representation="medoid"),
            preserve_column_means=False,
        )  # fmt: skip
    medoids = others[np.asarray(result.clustering.cluster_centers, dtype=np.int64)]
    return medoids, medoids[np.asarray(result.cluster_assignments, dtype=np.int64)]


def assign_days(year: Year, n_typical: int = _TYPICAL) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the days that stand for the year, and which of them stands for each day.

    Hierarchical clustering with medoids as representatives (tsam; Hoffmann et al. 2020).

    Parameters
    ----------
    year : Year
        Hourly series.
    n_typical : int
        Typical days beside the extremes.

    Returns
    -------
    tuple of DataFrame
        ``day_id, day_of_year, weight_days, kind`` and ``day_of_year, day_id``, both ordered by
        day; a day that stands for others stands for itself too.

    Raises
    ------
    LayerError
        If the weights do not add up to the days of the year.
    """
    extremes = _extreme_days(year)
    every = np.arange(1, year.n_days + 1)
    others = np.setdiff1d(every, list(extremes.values()))
    medoids, assigned = _clustered(year, others, n_typical)
    stands = every.copy()  # an extreme day stands for itself
    stands[others - 1] = assigned
    count = np.bincount(stands, minlength=year.n_days + 1)
    rows = [(day, 1, kind) for kind, day in extremes.items()]
    rows += [(int(day), int(count[day]), "typical") for day in medoids]
    table = pd.DataFrame(rows, columns=["day_of_year", "weight_days", "kind"])
    table = table.sort_values("day_of_year", ignore_index=True)
    table.insert(0, "day_id", _day_ids(table["day_of_year"].to_numpy()))
    if int(table["weight_days"].sum()) != year.n_days or table["day_id"].duplicated().any():
        raise LayerError("typical days: weights do not add up to the year; check the hourly files")
    return table, pd.DataFrame({"day_of_year": every, "day_id": _day_ids(stands)})


def _day_ids(days: NDArray[np.int64]) -> list[str]:
    return [f"d{day:03d}" for day in days.tolist()]


def select_days(year: Year, n_typical: int = _TYPICAL) -> pd.DataFrame:
    """Return the days that stand for the year: the first table of :func:`assign_days`."""
    return assign_days(year, n_typical)[0]


def _scaled(
    values: NDArray[np.float64], weight: NDArray[np.float64], total: float, high: float
) -> NDArray[np.float64]:
    """Return values times one factor, cut at ``high``, so that their weighted sum is ``total``."""

    def miss(factor: float) -> float:
        return float(weight @ np.minimum(values * factor, high)) - total

    if total <= 0 or not values.any():
        return np.zeros_like(values) if total <= 0 else np.full_like(values, np.nan)
    top = high / values[values > 0].min()
    if miss(top) < 0:
        return np.full_like(values, np.nan)
    return np.minimum(values * float(brentq(miss, 0.0, top, xtol=1e-14, rtol=1e-14)), high)


def _settled(
    values: NDArray[np.float64],
    weight: NDArray[np.float64],
    total: float,
    high: float,
    decimals: int,
) -> NDArray[np.float64]:
    """Return values rounded so that the weighted sum misses ``total`` by half the least step.

    Single values move by one unit of the last digit, those that round worst first, heavy days
    before light ones.
    """
    unit = 10.0**-decimals
    whole = np.round(values / unit)
    ceiling = np.floor(high / unit + 1e-9)
    missing = total / unit - float(weight @ whole)
    error = values / unit - whole
    for step in np.unique(weight)[::-1]:
        sign = 1.0 if missing > 0 else -1.0
        movable = (weight == step) & (values > 0) & (whole + sign <= ceiling) & (whole + sign >= 0)
        rows = np.flatnonzero(movable)
        rows = rows[np.argsort(-sign * error[rows], kind="stable")]
        count = min(int(abs(missing) / step + 0.5), len(rows))
        whole[rows[:count]] += sign
        missing -= sign * count * step
    return whole * unit


def fit_days(hourly: NDArray[np.float64], days: pd.DataFrame, decimals: int) -> NDArray[np.float64]:
    """Return the hourly values of the chosen days with the yearly mean of every column kept.

    Parameters
    ----------
    hourly : ndarray, shape (days of the year x 24, columns)
        The whole year; nothing below 0.
    days : DataFrame
        From :func:`select_days`.
    decimals : int
        Digits after the point of the result.

    Returns
    -------
    ndarray, shape (days x 24, columns)
        Extreme days as they were; typical days scaled by one factor a column and cut at the
        largest value of the column in the year.

    Raises
    ------
    LayerError
        If typical days of a column cannot reach its mean.
    """
    rows = ((days["day_of_year"].to_numpy()[:, None] - 1) * _HOURS + np.arange(_HOURS)).ravel()
    weight = np.repeat(days["weight_days"].to_numpy(dtype=np.float64), _HOURS)
    typical = np.repeat((days["kind"] == "typical").to_numpy(), _HOURS)
    out = np.round(hourly[rows], decimals)
    for column in range(hourly.shape[1]):
        high = float(hourly[:, column].max())
        kept = float(weight[~typical] @ out[~typical, column])
        total = float(hourly[:, column].sum()) - kept
        values = _scaled(hourly[rows[typical], column], weight[typical], total, high)
        if np.isnan(values).any():
            raise LayerError(
                f"typical days: column {column + 1} cannot reach its yearly mean; "
                "choose more typical days"
            )
        out[typical, column] = _settled(values, weight[typical], total, high, decimals)
    return out


def read_year(sources: Path, facts: Path, out: Path) -> tuple[list[int], Year]:
    """Return the buses of the case and their hourly series, solar and wind ratios cut at 1.

    Parameters
    ----------
    sources, facts : Path
        Folders of source data and fact tables.
    out : Path
        Folder that holds ``districts.geojson`` already.

    Raises
    ------
    LayerError
        If an hourly file lacks an hour or a bus.
    """
    buses = read_buses(sources, facts, out)
    ids = buses["bus_id"].tolist()
    folder = sources / "renewables"
    demand = read_hourly(sources / "grid" / "kpg193_demand_mw_hourly_8760x193.csv", ids)
    solar = read_hourly(folder / "kpg193_pv_hourly_8760x193.csv", ids, high=1.0)
    wind = read_hourly(folder / "kpg193_wind_hourly_8760x193.csv", ids, high=1.0)
    return ids, Year(
        demand.to_numpy(dtype=float), solar.to_numpy(dtype=float), wind.to_numpy(dtype=float),
        buses["solar_mw"].to_numpy(dtype=float), buses["wind_mw"].to_numpy(dtype=float),
        buses["province_code"].to_numpy(dtype=np.str_),
    )  # fmt: skip


def build(sources: Path, facts: Path, out: Path) -> list[Built]:
    """Write ``typical_days.csv``, ``year_days.csv`` and ``profiles_demand.csv``, ``_solar``, ``_wind``.

    Parameters
    ----------
    sources, facts : Path
        Folders of source data and fact tables.
    out : Path
        Folder to write into; it holds ``districts.geojson`` already.

    Returns
    -------
    list of Built

    Raises
    ------
    LayerError
        If an hourly file lacks an hour or a bus.
    """
    ids, year = read_year(sources, facts, out)
    days, of_year = assign_days(year)
    write_csv(days, out / "typical_days.csv", "day_id")
    write_csv(of_year, out / "year_days.csv", "day_of_year")
    for name, hourly, decimals in (
        ("demand", year.demand_mw, 1), ("solar", year.solar, 3), ("wind", year.wind, 3),
    ):  # fmt: skip
        table = pd.DataFrame(fit_days(hourly, days, decimals), columns=[str(bus) for bus in ids])
        table.insert(0, "day_id", np.repeat(days["day_id"].to_numpy(), _HOURS))
        table.insert(1, "hour", np.tile(np.arange(1, _HOURS + 1), len(days)))
        digits = dict.fromkeys(table.columns[2:], decimals)
        write_csv(table, out / f"profiles_{name}.csv", ["day_id", "hour"], digits)
    return [_DAYS, _YEAR_DAYS, *_PROFILES]


_BAD: Final = (
    "Storage over several days, single hours of other days, or Jeju. The weather is that of the "
    "source (about 2022); solar and wind come from reanalysis and understate ridges."
)

_DAYS: Final = Built(
    id="typical_days", file="typical_days.csv", kind="table",
    title_ko="대표일", title_en="Typical days",
    source="agm-center/kpg-testgrid kpg193_v2_0, commit efd32a5", licence="ODbL 1.0",
    vintage="2025 system (v2.0)", crs="", unit="days", confidence="model",
    good_for="Weighing the hours of the profiles into a year: weight_days add up to 365. Hour h of "
    "day d is hour (d - 1) x 24 + h of the year, h from 1; the system peak is hour 5679.",
    not_good_for=_BAD, notice=NOTICE_KPG,
)  # fmt: skip

_YEAR_DAYS: Final = Built(
    id="year_days", file="year_days.csv", kind="table",
    title_ko="연중 각 날의 대표일", title_en="Typical day of each day of the year",
    source=_DAYS.source, licence=_DAYS.licence, vintage=_DAYS.vintage, crs="",
    unit="day of the year, from 1", confidence="model",
    good_for="Spreading what was found for the typical days over the days of the year; each "
    "day_id appears as often as weight_days of typical_days says.",
    not_good_for="The order of days within the week: days are alike in demand, sun and wind alone.",
    notice=NOTICE_KPG,
)  # fmt: skip

_PROFILES: Final = tuple(
    Built(
        id=f"profiles_{name}", file=f"profiles_{name}.csv", kind="table",
        title_ko=f"대표일 시간별 {ko}", title_en=f"Hourly {name} on typical days",
        source=_DAYS.source, licence=_DAYS.licence, vintage=_DAYS.vintage, crs="", unit=unit,
        confidence="model",
        good_for="Hour-by-hour balance by case bus (columns are bus_id); the weighted mean is the "
        "mean of the year, extreme days are as they were, typical days are scaled.",
        not_good_for=_BAD, notice=NOTICE_KPG,
    )
    for name, ko, unit in (
        ("demand", "수요", "MW"), ("solar", "태양광 이용률", "MW per MW installed"),
        ("wind", "풍력 이용률", "MW per MW installed"),
    )
)  # fmt: skip
