"""Typical days of the energy program: hourly demand, sun and wind by bus, scaled to measured yields.

Hoffmann and others 2020 (A review on time series aggregation methods for energy system models).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.optimize import brentq

from siteopt.energy.supply import DAY_H
from siteopt.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from siteopt._arrays import Floats, Ints, Texts
    from siteopt.layers.protocols import LayersLike

__all__ = ["TypicalDays", "scaled_to_mean", "typical_days"]

_LARGEST: Final = 50.0
"""Factor on a profile that no profile of a plant needs."""


@dataclass(frozen=True, eq=False)
class TypicalDays:
    """Some days that stand for a year: H hours, N buses.

    Attributes
    ----------
    weight_h : ndarray, shape (H,)
        Hours of the year that each hour represents.
    demand_mw, solar, wind : ndarray, shape (H, N)
        Demand, and output by installed capacity (0 to 1).
    day_order : ndarray of int, shape (365,)
        Which of the days stands for each day of the year.
    """

    weight_h: Floats
    demand_mw: Floats
    solar: Floats
    wind: Floats
    day_order: Ints


def typical_days(layers: LayersLike, bus_id: Sequence[str], count: int) -> TypicalDays:
    """Return the typical days that represent most, each day of the year by the nearest of them.

    A day whose own typical day is left out is represented by the one of the rest that is nearest
    in demand, sun and wind of the country by the hour.

    Parameters
    ----------
    layers : LayersLike
        ``typical_days``, ``year_days``, ``profiles_demand``, ``profiles_solar``,
        ``profiles_wind``.
    bus_id : sequence of str
        Buses of the grid case, in its order.
    count : int
        Most days.

    Raises
    ------
    LayerError
        If a profile lacks a bus or a day.
    """
    table = layers.table("typical_days")
    ids = [str(bus) for bus in bus_id]
    every = {kind: _by_day(layers, kind, ids, table["day_id"]) for kind in _KINDS}
    kept = _heaviest(table, count)
    nearest = _nearest(every, kept)
    place = {str(day): nearest[row] for row, day in enumerate(table["day_id"])}
    year = layers.table("year_days").sort_values("day_of_year")
    order = np.array([place[str(day)] for day in year["day_id"]], dtype=np.int64)
    days = np.bincount(order, minlength=len(kept)).astype(np.float64)
    demand, solar, wind = (np.concatenate(list(every[kind][kept])) for kind in _KINDS)
    return TypicalDays(np.repeat(days, DAY_H), demand, solar, wind, order)


_KINDS: Final = ("demand", "solar", "wind")


def _by_day(layers: LayersLike, kind: str, ids: Sequence[str], days: Texts | pd.Series) -> Floats:
    """Return a profile (days, 24, N)."""
    table = layers.table(f"profiles_{kind}")
    lacks = sorted(set(ids) - set(table.columns))
    if lacks:
        raise LayerError(f"layer profiles_{kind}: no column for bus {lacks[0]} of the grid case")
    by_day = table.set_index("day_id")[list(ids)]
    missing = [str(day) for day in days if day not in by_day.index]
    if missing:
        raise LayerError(f"layer profiles_{kind}: no hours of day {missing[0]} of typical_days")
    return np.array([by_day.loc[day].to_numpy(np.float64) for day in days])


def _heaviest(table: pd.DataFrame, count: int) -> Ints:
    """Return the rows of the days that represent most, rising."""
    order = np.lexsort((table["day_id"].astype(str), -table["weight_days"].to_numpy(np.float64)))
    return np.sort(order[:count]).astype(np.int64)


def _nearest(every: dict[str, Floats], kept: Ints) -> Ints:
    """Return which of the kept days is nearest to each day, by the shape of the country."""
    country = np.concatenate([_shape(every[kind].sum(axis=2)) for kind in _KINDS], axis=1)
    far = ((country[:, None, :] - country[None, kept, :]) ** 2).sum(axis=2)
    near: Ints = far.argmin(axis=1).astype(np.int64)
    return near


def _shape(hours: Floats) -> Floats:
    """Return hourly values over their largest one."""
    return hours / max(float(hours.max()), np.finfo(np.float64).tiny)


def scaled_to_mean(
    profile: Floats, weight_h: Floats, size: Floats, mean: float, name: str
) -> Floats:
    """Return profiles times the one factor that gives their fleet a mean, values held in 0 to 1.

    Parameters
    ----------
    profile : ndarray, shape (H, N)
        Output by installed capacity.
    weight_h : ndarray, shape (H,)
        Hours of the year that each hour represents.
    size : ndarray, shape (N,)
        Capacity of the fleet at each bus, in any unit.
    mean : float
        Mean wanted.
    name : str
        Of the profile, for errors.

    Raises
    ------
    LayerError
        If no factor gives that mean.
    """
    weight, share = weight_h / weight_h.sum(), size / size.sum()

    def above(factor: float) -> float:
        return float(weight @ np.clip(factor * profile, 0.0, 1.0) @ share) - mean

    if above(_LARGEST) < 0:
        raise LayerError(
            f"profile of {name}: no factor gives a mean yield of {mean:.3f}; it is above 0 in "
            f"{float(weight @ (profile > 0) @ share):.3f} of the hours"
        )
    factor = brentq(above, 0.0, _LARGEST, xtol=1e-12)
    return np.clip(float(factor) * profile, 0.0, 1.0)
