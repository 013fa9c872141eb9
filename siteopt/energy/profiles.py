"""Hourly capacity factors of solar and wind over a year, as a user brings them.

Hour h of a day ends at h o'clock KST; a year has 8,760 hours. A capacity factor is output per MW
installed, 0 to 1. A profile is brought to a measured yearly yield by one factor, with the values
cut at 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np

from siteopt.energy._hours import (
    YEAR_H,
    hour_begins,
    hour_label,
    hour_numbers,
    numbers,
    read_hourly,
    refuse_gaps,
    refuse_twice,
)  # fmt: skip
from siteopt.errors import LayerError
from siteopt.layers import open_layers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from siteopt._arrays import Floats, Ints, Texts
    from siteopt.energy._hours import Stamp

__all__ = ["YearProfiles", "read_profiles", "scaled_profiles", "scaled_to_yield"]

Kind = Literal["solar", "wind"]
"""Technologies that profiles are of."""

_NIGHT_HOURS: Final = (23, 24, 1, 2, 3, 4)
"""Hours of the day from 22:00 to 04:00; the sun is down all year in Korea."""
_NIGHT_YIELD: Final = 0.005
"""Mean yield of these hours above which a profile is not that of the sun in KST."""
_NOON_HOURS: Final = range(10, 16)
"""Hours of the day one of which yields most on the mean day, whichever way a plant faces."""
_DAY_H: Final = 24


@dataclass(frozen=True, eq=False)
class YearProfiles:
    """Hourly capacity factors of one technology over a year, by province.

    Attributes
    ----------
    kind : {'solar', 'wind'}
        Technology.
    name : str
        File or table that they come from.
    province_code : ndarray of str, shape (P,)
        Codes of the layer ``provinces``, ascending.
    hourly_yield : ndarray, shape (8760, P)
        Output per MW installed, 0 to 1; row h - 1 ends h hours into the year in KST.
    """

    kind: Kind
    name: str
    province_code: Texts
    hourly_yield: Floats

    def of(self, province_code: str) -> Floats:
        """Return the profile of a province, shape (8760,).

        Raises
        ------
        LayerError
            If it has none.
        """
        places = np.flatnonzero(self.province_code == province_code)
        if not len(places):
            raise LayerError(
                f"{self.name}: no {self.kind} profile of province {province_code}; it has "
                f"{', '.join(self.province_code)}"
            )
        return self.hourly_yield[:, int(places[0])]


def read_profiles(
    source: Path | str | pd.DataFrame,
    kind: Kind,
    *,
    stamp: Stamp = "end",
    provinces: pd.DataFrame | None = None,
    name: str = "profiles",
) -> YearProfiles:
    """Return the hourly profiles of a year from a CSV file or a table, checked.

    Parameters
    ----------
    source : Path, str or DataFrame
        A column ``hour`` (1 to 8760) or ``time`` (2025-01-01 01:00, in KST where there is no time
        zone; a table's index will do), and a column for each province, named by its code or its
        Korean or English name, with output per MW installed.
    kind : {'solar', 'wind'}
        Technology; the sun must be down at night and highest about noon.
    stamp : {'end', 'begin'}
        Whether a time stamp names the end or the beginning of its hour.
    provinces : DataFrame, optional
        ``province_code, name_ko, name_en``; the embedded layer by default.
    name : str
        What messages call a table; a file is called by its own name.

    Returns
    -------
    YearProfiles
        By province, in the order of their codes.

    Raises
    ------
    LayerFileError
        If the file cannot be opened.
    LayerError
        If an hour is missing, there twice or out of order, on 29 February or not on the hour; a
        value is empty, no number or outside of 0 to 1; the sun shines at night; a column is no
        province, or a second one of the same.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> hour = np.arange(1, 8761)
    >>> sun = np.maximum(np.cos((hour - 13) / 12 * np.pi), 0.0)
    >>> profiles = read_profiles(pd.DataFrame({"hour": hour, "Jeonnam": sun}), "solar")
    >>> print(profiles.province_code, f"{profiles.of('46').mean():.3f}")
    ['46'] 0.316
    """
    if kind not in get_args(Kind):
        raise LayerError(f"{name}: profiles of {kind!r}; 'solar' or 'wind' is needed")
    table, name, of_hours = read_hourly(source, name)
    hour = _whole_year(hour_numbers(hour_begins(table[of_hours], name, stamp)), name, stamp)
    if provinces is None:
        provinces = open_layers().vector("provinces")
    code_of = _province_codes(
        [str(column) for column in table if column != of_hours], provinces, name
    )
    columns = sorted(code_of, key=code_of.__getitem__)
    hourly = np.column_stack(
        [numbers(table[column], f"{name}: {column}", hour, 0.0, 1.0) for column in columns]
    )
    if kind == "solar":
        for place, column in enumerate(columns):
            _check_sun(hourly[:, place], f"{name}: {column}")
    hourly.setflags(write=False)
    return YearProfiles(kind, name, np.array([code_of[column] for column in columns]), hourly)


def _whole_year(hour: Ints, name: str, stamp: Stamp) -> Ints:
    """Return the hours of the year if they are 1 to 8760 in this order."""
    if not hour.all():
        raise LayerError(
            f"{name}: {len(hour)} hours, {np.count_nonzero(hour == 0)} of them on 29 February; "
            f"{YEAR_H} are needed: drop 29 February"
        )
    refuse_twice(hour, name)
    if stamp == "end" and len(hour) == YEAR_H and hour[0] == YEAR_H and hour[1] == 1:
        raise LayerError(
            f"{name}: the first time is 00:00 on 1 January, which ends an hour of the year before; "
            "01:00 is needed there, or stamp='begin' if times name the beginning of their hour"
        )
    back = np.flatnonzero(np.diff(hour) < 0)
    if len(back):
        place = int(back[0])
        raise LayerError(
            f"{name}: {hour_label(int(hour[place + 1]))} comes after hour {hour[place]}, in row "
            f"{place + 2}; hours in order from 1 January 00:00 to 31 December 24:00 KST are needed"
        )
    refuse_gaps(hour, name)
    return hour


def _province_codes(columns: Sequence[str], provinces: pd.DataFrame, name: str) -> dict[str, str]:
    """Return the province of each column."""
    known = {
        str(word).casefold(): str(code)
        for key in ("province_code", "name_ko", "name_en")
        for word, code in zip(provinces[key], provinces["province_code"], strict=True)
    }
    found: dict[str, str] = {}
    for column in columns:
        code = known.get(column.casefold())
        if code is None:
            raise LayerError(
                f"{name}: column {column!r} is no province; a code or name of the layer provinces "
                "is needed (46, 전라남도 or Jeonnam)"
            )
        if code in found.values():
            raise LayerError(
                f"{name}: column {column!r} is a second one of province {code}; one is needed"
            )
        found[column] = code
    if not found:
        raise LayerError(f"{name}: no column beside the hours; one for each province is needed")
    return found


def _check_sun(profile: Floats, where: str) -> None:
    """Raise an error if the sun of the mean day is not that of Korea in KST."""
    mean_day = profile.reshape(-1, _DAY_H).mean(axis=0)
    if not mean_day.any():
        raise LayerError(f"{where} is 0 all year; a solar yield above 0 is needed")
    peak = int(mean_day.argmax()) + 1
    night = float(mean_day[np.array(_NIGHT_HOURS) - 1].mean())
    if night > _NIGHT_YIELD or peak not in _NOON_HOURS:
        raise LayerError(
            f"{where} yields {night:.3f} from 22:00 to 04:00 and most in hour {peak} of the mean "
            f"day; no sun at night and a peak in hours {_NOON_HOURS[0]} to {_NOON_HOURS[-1]} are "
            "needed: local time KST, hour h ends at h o'clock (files in UTC are 9 hours early)"
        )


def scaled_to_yield(profile: Floats, mean: float) -> Floats:
    """Return a profile times one factor, cut at 1, whose mean is a measured yearly yield.

    Parameters
    ----------
    profile : ndarray, shape (H,)
        Output per MW installed, 0 to 1.
    mean : float
        Yield to reach, as a mean of the output per MW installed.

    Returns
    -------
    ndarray, shape (H,)
        Least of 1 and factor x profile; hours without output stay so.

    Raises
    ------
    LayerError
        If the mean is below 0, or above the share of hours that have any output.

    Examples
    --------
    >>> import numpy as np
    >>> scaled_to_yield(np.array([0.0, 0.2, 0.4, 0.8]), 0.55)
    array([0. , 0.4, 0.8, 1. ])
    """
    reachable = np.count_nonzero(profile > 0) / len(profile)
    if not 0.0 <= mean <= reachable:
        raise LayerError(
            f"a mean yield of {mean:g} cannot be reached by scaling the profile; from 0 to "
            f"{reachable:g} is needed, the share of its hours that yield anything"
        )
    # Exact: with the k largest values at 1, the factor is what is left over the sum of the others;
    # k is the first for which none of these others comes above 1.
    high = np.sort(profile)[::-1]
    total = mean * len(profile)
    rest = np.cumsum(high[::-1])[::-1]
    left = total - np.arange(len(high))
    cut = int(np.argmax(left * high <= rest))
    if rest[cut] == 0.0:
        return np.where(profile > 0, 1.0, 0.0) * (mean > 0)
    # Quotient first: it is at most 1, a factor alone may overflow.
    free = left[cut] * (np.minimum(profile, high[cut]) / rest[cut])
    return np.where(profile > high[cut], 1.0, np.minimum(free, 1.0))


def scaled_profiles(profiles: YearProfiles, means: Mapping[str, float]) -> YearProfiles:
    """Return profiles scaled to the measured yearly yields of their provinces.

    Parameters
    ----------
    profiles : YearProfiles
        As read.
    means : mapping of str to float
        Yearly mean of the output per MW installed, by province code.

    Returns
    -------
    YearProfiles
        With these means.

    Raises
    ------
    LayerError
        If a province has no mean, or one that cannot be reached.

    Examples
    --------
    >>> import numpy as np
    >>> made = YearProfiles("wind", "made up", np.array(["46"]), np.full((8760, 1), 0.2))
    >>> scaled_profiles(made, {"46": 0.25}).of("46")[0].round(12)
    np.float64(0.25)
    """
    hourly = np.empty_like(profiles.hourly_yield)
    for place, code in enumerate(profiles.province_code):
        where = f"{profiles.name}: {profiles.kind} of province {code}"
        if code not in means:
            raise LayerError(f"{where} has no measured yield; a mean from 0 to 1 is needed")
        try:
            hourly[:, place] = scaled_to_yield(profiles.hourly_yield[:, place], means[code])
        except LayerError as error:
            raise LayerError(f"{where}: {error}") from error
    hourly.setflags(write=False)
    return replace(profiles, hourly_yield=hourly)
