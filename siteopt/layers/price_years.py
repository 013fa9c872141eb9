"""Price years: money of different years converted by the price index.

A price of year *a* is worth index(*b*) / index(*a*) times as much in money of year *b*. The index
is that of consumer prices, rows ``price_index_<year>`` of the parameters; the year that all
prices of a run are in is the parameter ``price_year``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from siteopt.layers.protocols import ParametersLike

__all__ = ["INDEX_KEY", "PRICE_YEAR", "in_price_year", "in_year", "is_foreign", "is_price"]

PRICE_YEAR: Final = "price_year"
"""Parameter: the year whose money all prices are brought to."""

INDEX_KEY: Final = "price_index_{year}"
"""Parameter: consumer prices of a year, 2020 = 100."""

_RATES: Final = frozenset({"KRW/USD"})
"""Units that name a currency and are no price."""


def is_price(unit: str) -> bool:
    """Return whether a unit is one of money, so that its value belongs to a year.

    Examples
    --------
    >>> is_price("bn KRW/km"), is_price("KRW/USD"), is_price("MW")
    (True, False, False)
    """
    return ("KRW" in unit or "USD" in unit) and unit not in _RATES


def is_foreign(unit: str) -> bool:
    """Return whether a unit is of money that the Korean price index does not cover."""
    return is_price(unit) and "KRW" not in unit


def in_year(value: float, year: int, to_year: int, deflators: Mapping[int, float]) -> float:
    """Return a price of one year in the money of another.

    Parameters
    ----------
    value : float
        Price in money of ``year``.
    year, to_year : int
        Year that the price is of, and year that it is brought to.
    deflators : mapping of int to float
        Price index by year, any base.

    Raises
    ------
    LayerError
        If the index of a year is not known or not positive.

    Examples
    --------
    >>> in_year(45.0, 2021, 2024, {2021: 102.5, 2024: 114.18}).__round__(2)
    50.13
    """
    if year == to_year:
        return value
    for wanted in (year, to_year):
        if deflators.get(wanted, 0.0) <= 0.0:
            known = ", ".join(map(str, sorted(deflators))) or "none"
            raise LayerError(
                f"parameters: no positive {INDEX_KEY.format(year=wanted)}, so a price of {year} "
                f"cannot be brought to {to_year}; years with an index are {known}"
            )
    return value * (deflators[to_year] / deflators[year])


def in_price_year(
    values: NDArray[np.float64], years: NDArray[np.float64], parameters: ParametersLike
) -> NDArray[np.float64]:
    """Return prices of several years in the money of the run.

    Parameters
    ----------
    values : ndarray
        Prices; NaN where not known.
    years : ndarray
        The year of each.
    parameters : Parameters
        ``price_year`` and the index.

    Raises
    ------
    LayerError
        If a known price has no year, or the index of its year is not known.
    """
    known = ~np.isnan(values)
    if (known & np.isnan(years)).any():
        raise LayerError(
            f"a price of {values[known & np.isnan(years)][0]:g} has no price_year; every price has "
            "the year of its money"
        )
    to_year = round(parameters.value(PRICE_YEAR))
    out = values.copy()
    for year in sorted({round(found) for found in years[known]} - {to_year}):
        rows = known & (years == year)
        index = {one: parameters.value(INDEX_KEY.format(year=one)) for one in (year, to_year)}
        out[rows] = values[rows] * in_year(1.0, year, to_year, index)
    return out
