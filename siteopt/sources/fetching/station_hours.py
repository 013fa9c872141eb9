"""Hourly weather of a station, checked: units, gaps, whole years, and a clock in KST."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd

from siteopt.energy._hours import KST, YEAR_H, hour_label, hour_numbers
from siteopt.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from siteopt.sources.fetching.weather_recipes import Quantity, WeatherSettings

__all__ = [
    "Place", "StationHours", "checked_hours", "humidity_pct", "in_unit", "sound_ones", "unit_doubt",
]  # fmt: skip

_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class Place:
    """A station, or a point of a grid.

    Attributes
    ----------
    station_id, name : str
        Id, and name as the file has it.
    lon, lat : float
        Degrees, EPSG:4326.
    footprint_km : float
        Side of the square that values are means of; 0 for a station.
    """

    station_id: str
    name: str
    lon: float
    lat: float
    footprint_km: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class StationHours:
    """Hourly weather of whole years at a place.

    Attributes
    ----------
    place : Place
        Where it was.
    hourly : DataFrame
        ``temp_c``, ``rh_pct`` and what else the file has; the index is when each hour begins, in
        KST. No 29 February, each hour of the year as often as the others.
    years : int
        How many years.
    filled : int
        Hours that were filled between their neighbours.
    """

    place: Place
    hourly: pd.DataFrame
    years: int
    filled: int


def sound_ones(
    reads: Iterable[Callable[[], _Read]], tell: Callable[[str], None] = lambda _: None
) -> list[_Read]:
    """Return the stations of a file that can be used; those that cannot are left out.

    Parameters
    ----------
    reads : iterable of callable
        Each reads one station.
    tell : callable, optional
        Called with a line for each station that is left out.

    Raises
    ------
    LayerError
        With the first fault, if no station can be used.
    """
    found, faults = [], []
    for read in reads:
        try:
            found.append(read())
        except LayerError as error:
            faults.append(str(error))
    if faults and not found:
        more = f" (and {len(faults) - 1} more stations)" if len(faults) > 1 else ""
        raise LayerError(faults[0] + more)
    for fault in faults:
        tell(f"left out: {fault}")
    return found


def humidity_pct(
    temp_c: NDArray[np.float64], dew_point_c: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return relative humidity in percent from dry bulb and dew point in degrees Celsius.

    Saturation pressure by Magnus with the coefficients of Alduchov and Eskridge (1996), "Improved
    Magnus form approximation of saturation vapor pressure", Journal of Applied Meteorology 35,
    601-609: within 0.4 % from -40 to 50 degC.

    Examples
    --------
    >>> import numpy as np
    >>> humidity_pct(np.array([20.0]), np.array([9.3])).round(0)
    array([50.])
    """

    def pressure(t: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.exp(17.625 * t / (243.04 + t))

    return np.minimum(100.0 * pressure(dew_point_c) / pressure(temp_c), 100.0)


def unit_doubt(mean: float, quantity: Quantity, unit: str) -> str:
    """Return why a mean cannot be in a unit, with the likely one; empty where it can.

    Parameters
    ----------
    mean : float
        Over a year or several, as the file has it.
    quantity : Quantity
        What it is a mean of.
    unit : str
        Unit that the file is said to have.
    """
    own = quantity.unit(unit, quantity.id)
    if own.least <= mean <= own.most:
        return ""
    likely = [one.unit for one in quantity.units if one.least <= mean <= one.most]
    hint = f"it is likely in {likely[0]}" if likely else "in no known unit is that likely"
    return (
        f"has a mean of {mean:.4g} and is said to be in {unit}, where {own.least:g} to "
        f"{own.most:g} is likely in Korea; {hint}"
    )


def in_unit(
    values: NDArray[np.float64], quantity: Quantity, unit: str, where: str
) -> NDArray[np.float64]:
    """Return values in the quantity's own unit, NaN where not known.

    Parameters
    ----------
    values : ndarray of float64
        As the file has them, NaN where not known.
    quantity : Quantity
        What they are.
    unit : str
        Unit that the file has them in.
    where : str
        What messages call the column.

    Raises
    ------
    LayerError
        If they are likely in another unit, or a value cannot be.
    """
    known = values[np.isfinite(values)]
    if not len(known):
        raise LayerError(f"{where}: has no value; hours of a whole year are needed")
    doubt = unit_doubt(float(known.mean()), quantity, unit)
    if doubt:
        raise LayerError(f"{where}: {doubt}")
    of_file = quantity.unit(unit, where)
    own = values * of_file.factor + of_file.offset
    beyond = np.flatnonzero((own < quantity.low) | (own > quantity.high))
    if len(beyond):
        raise LayerError(
            f"{where}: row {beyond[0] + 1} is {values[beyond[0]]:g}; a value from {quantity.low:g} "
            f"to {quantity.high:g} {quantity.units[0].unit} is needed, or a code of the recipe for "
            "what is not known"
        )
    return own


def checked_hours(
    begins: pd.DatetimeIndex,
    values: Mapping[str, NDArray[np.float64]],
    place: Place,
    settings: WeatherSettings,
    file: str,
) -> StationHours:
    """Return the hours of a place, checked: 29 February left out, short gaps filled.

    Parameters
    ----------
    begins : DatetimeIndex
        When each hour begins, with a time zone; the years of a typical year may differ.
    values : mapping of str to ndarray
        Quantities in their own units, NaN where not known; ``temp_c`` and either ``rh_pct`` or
        ``dew_point_c`` at least.
    place : Place
        Where it was.
    settings : WeatherSettings
        Longest gap that is filled, and the hours that may be the warmest of a day.
    file : str
        What messages call the file.

    Raises
    ------
    LayerError
        If an hour is missing or there twice, a gap is too long, years are not whole, humidity is
        missing, or days are warmest at night.
    """
    where = f"{file}: {place.name}"
    table = pd.DataFrame(dict(values), index=begins.tz_convert(KST))
    table = table.sort_index(kind="stable")
    _refuse_repeated(table, where)
    table = _with_all_hours(table)
    filled = _filled(table, settings.gap_max_h, where)
    number = hour_numbers(pd.DatetimeIndex(filled.index))
    whole = filled[number > 0]
    years = _whole_years(number[number > 0], where)
    if "rh_pct" not in whole:
        if "dew_point_c" not in whole:
            raise LayerError(f"{where}: neither humidity nor dew point; one of them is needed")
        whole = whole.assign(
            rh_pct=humidity_pct(whole["temp_c"].to_numpy(), whole["dew_point_c"].to_numpy())
        )
    whole = whole.assign(rh_pct=whole["rh_pct"].clip(upper=100.0))
    _check_clock(whole, settings.warmest_hours, where)
    gaps = int(table[["temp_c"]].isna().to_numpy().sum())
    return StationHours(place, whole, years, gaps)


def _refuse_repeated(table: pd.DataFrame, where: str) -> None:
    repeated = table.index[table.index.duplicated()]
    if len(repeated):
        raise LayerError(
            f"{where}: the hour from {repeated[0]:%Y-%m-%d %H:%M} KST is there twice "
            f"({len(repeated)} such hours); each is needed once"
        )


def _with_all_hours(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with a row for each hour between the first and the last."""
    index = pd.DatetimeIndex(table.index)
    every = pd.date_range(index[0], index[-1], freq="h")
    if len(every) > 2 * len(index):  # months of years far apart: a typical year
        return table
    return table.reindex(every)


def _filled(table: pd.DataFrame, gap_max_h: int, where: str) -> pd.DataFrame:
    """Return the table with short gaps filled linearly; LayerError where one is long."""
    out = {}
    for name in table:
        unknown = table[name].isna().to_numpy()
        longest, first = _longest_run(unknown)
        if longest > gap_max_h and name in {"temp_c", "rh_pct", "dew_point_c"}:
            at = pd.DatetimeIndex(table.index)[first]
            raise LayerError(
                f"{where}: {name} is not known for {longest} hours from {at:%Y-%m-%d %H:%M} KST "
                f"({int(unknown.sum())} in all); gaps of {gap_max_h} hours at most are filled"
            )
        out[name] = table[name].interpolate(method="linear", limit_direction="both")
    return pd.DataFrame(out, index=table.index)


def _longest_run(marked: NDArray[np.bool_]) -> tuple[int, int]:
    """Return length and first place of the longest run of marks."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], marked.astype(np.int8), [0]])))
    if not len(edges):
        return 0, 0
    lengths = edges[1::2] - edges[::2]
    longest = int(lengths.argmax())
    return int(lengths[longest]), int(edges[2 * longest])


def _whole_years(number: NDArray[np.int64], where: str) -> int:
    """Return how often each hour of the year is there; LayerError where that differs."""
    count = np.bincount(number, minlength=YEAR_H + 1)[1:]
    years = int(count.max())
    fewer = np.flatnonzero(count < years)
    if len(fewer):
        raise LayerError(
            f"{where}: {len(number):,} hours; {years} whole years have {years * YEAR_H:,}: the "
            f"first that is missing is {hour_label(int(fewer[0]) + 1)}"
        )
    return years


def _check_clock(table: pd.DataFrame, warmest: tuple[int, int], where: str) -> None:
    """Raise LayerError where the mean day is warmest at an hour that it cannot be in KST."""
    by_hour = table["temp_c"].groupby(pd.DatetimeIndex(table.index).hour).mean()
    hour = int(by_hour.to_numpy().argmax()) + 1
    if not warmest[0] <= hour <= warmest[1]:
        raise LayerError(
            f"{where}: the mean day is warmest in hour {hour} KST, and hours {warmest[0]} to "
            f"{warmest[1]} are likely; is the clock another one? UTC is 9 hours behind KST"
        )
