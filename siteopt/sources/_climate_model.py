"""Annual mean temperature between stations, and hours below a threshold from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["ColdHours", "HourlyYears", "Normals", "hours_from_days", "left_out", "warp_exponent"]

_HOURS_A_YEAR: Final = 8760.0
_Z: Final = np.linspace(-5.0, 5.0, 2001)
"""Standardised temperatures at which the share of colder hours is kept."""


@dataclass(frozen=True, slots=True, eq=False)
class Normals:
    """Station means and the model between them: linear predictors plus a correlated residual.

    Universal kriging: generalised least squares of the means on the predictors, residuals with
    an exponential covariance, and each station's own error as its nugget.

    Attributes
    ----------
    xy_km : ndarray, shape (n, 2)
        Places of the stations, kilometres.
    predictors : ndarray, shape (n, k)
        Without the constant.
    mean_c : ndarray, shape (n,)
        Annual means, degrees Celsius.
    error_c : ndarray, shape (n,)
        Standard error of each mean.
    sd_c, range_km : float
        Standard deviation and range of the residual.
    """

    xy_km: NDArray[np.float64]
    predictors: NDArray[np.float64]
    mean_c: NDArray[np.float64]
    error_c: NDArray[np.float64]
    sd_c: float
    range_km: float

    def _covariance(self, a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        apart = np.hypot(a[:, None, 0] - b[None, :, 0], a[:, None, 1] - b[None, :, 1])
        return np.asarray(self.sd_c**2 * np.exp(-apart / self.range_km))

    def _weights(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the coefficients (constant first) and the weighted residuals."""
        design = np.column_stack([np.ones(len(self.mean_c)), self.predictors])
        covariance = self._covariance(self.xy_km, self.xy_km) + np.diag(self.error_c**2)
        solved = np.linalg.solve(covariance, np.column_stack([design, self.mean_c]))
        normal = design.T @ solved
        coefficients = np.linalg.solve(normal[:, :-1], normal[:, -1])
        return coefficients, np.linalg.solve(covariance, self.mean_c - design @ coefficients)

    def coefficients(self) -> NDArray[np.float64]:
        """Return the constant and one coefficient a predictor."""
        return self._weights()[0]

    def predict(
        self, xy_km: NDArray[np.float64], predictors: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the annual mean at places, degrees Celsius.

        Parameters
        ----------
        xy_km : ndarray, shape (m, 2)
        predictors : ndarray, shape (m, k)
        """
        coefficients, residual = self._weights()
        linear = coefficients[0] + predictors @ coefficients[1:]
        return np.asarray(linear + self._covariance(xy_km, self.xy_km) @ residual)

    def leave_one_out(self) -> NDArray[np.float64]:
        """Return prediction minus mean of each station when it is left out."""
        error = np.empty(len(self.mean_c))
        for i in range(len(error)):
            rest = np.arange(len(error)) != i
            others = Normals(
                self.xy_km[rest], self.predictors[rest], self.mean_c[rest],
                self.error_c[rest], self.sd_c, self.range_km,
            )  # fmt: skip
            here = others.predict(self.xy_km[i : i + 1], self.predictors[i : i + 1])
            error[i] = here[0] - self.mean_c[i]
        return error


def hours_from_days(
    low_c: NDArray[np.float64],
    high_c: NDArray[np.float64],
    exponent: float,
    low_hour: float,
    high_hour: float,
) -> NDArray[np.float64]:
    """Return hourly temperatures that pass through the daily extremes.

    Half cosines from each extreme to the next; their share of the way up is raised to
    ``exponent``, which makes nights longer than afternoons (above 1) or shorter.

    Parameters
    ----------
    low_c, high_c : ndarray, shape (n_days,)
        Daily minimum and maximum.
    exponent : float
        1 for plain cosines; see :func:`warp_exponent`.
    low_hour, high_hour : float
        Hours of the day of the extremes, ``low_hour < high_hour``.

    Returns
    -------
    ndarray, shape (24 * n_days,)
        Hours before the first minimum and after the last maximum repeat it.
    """
    days = np.arange(len(low_c)) * 24.0
    at = np.column_stack([days + low_hour, days + high_hour]).ravel()
    value = np.column_stack([low_c, high_c]).ravel()
    hour = np.arange(24.0 * len(low_c))
    last = np.clip(np.searchsorted(at, hour, side="right") - 1, 0, len(at) - 2)
    share = np.clip((hour - at[last]) / (at[last + 1] - at[last]), 0.0, 1.0)
    way = (1.0 - np.cos(np.pi * share)) / 2.0
    start, end = value[last], value[last + 1]
    up = np.where(end >= start, way, 1.0 - way)
    return np.asarray(np.minimum(start, end) + np.abs(end - start) * up**exponent)


def warp_exponent(
    low_c: NDArray[np.float64],
    high_c: NDArray[np.float64],
    mean_c: float,
    low_hour: float,
    high_hour: float,
) -> float:
    """Return the exponent with which :func:`hours_from_days` keeps the annual mean.

    By bisection between 0.25 and 8; the nearer end where the mean lies outside.
    """
    small, large = 0.25, 8.0
    for _ in range(50):
        middle = (small + large) / 2.0
        if hours_from_days(low_c, high_c, middle, low_hour, high_hour).mean() > mean_c:
            small = middle
        else:
            large = middle
    return (small + large) / 2.0


@dataclass(frozen=True, slots=True, eq=False)
class HourlyYears:
    """Hourly temperatures of a place over whole years, and what its spread depends on.

    Attributes
    ----------
    name : str
        Place.
    hours_c : ndarray
        Degrees Celsius.
    predictors : ndarray, shape (k,)
        Of the spread, without the constant.
    """

    name: str
    hours_c: NDArray[np.float64]
    predictors: NDArray[np.float64]

    @property
    def mean_c(self) -> float:
        """Mean of all hours."""
        return float(self.hours_c.mean())

    @property
    def spread_c(self) -> float:
        """Standard deviation of all hours: seasons, days and weather together."""
        return float(self.hours_c.std())

    def colder_h(self, threshold_c: float) -> float:
        """Return the hours a year below a threshold."""
        return _HOURS_A_YEAR * float((self.hours_c < threshold_c).mean())

    def _shares(self) -> NDArray[np.float64]:
        standard = np.sort((self.hours_c - self.mean_c) / self.spread_c)
        return np.searchsorted(standard, _Z) / len(standard)


@dataclass(frozen=True, slots=True, eq=False)
class ColdHours:
    """Hours below a threshold from the annual mean and the spread of hourly temperature.

    Temperatures of all places, less their mean and over their spread, share one distribution;
    the spread is linear in its predictors.

    Attributes
    ----------
    shares : ndarray
        Share of hours colder than each of the standardised temperatures.
    coefficients : ndarray, shape (k + 1,)
        Of the spread, the constant first.
    """

    shares: NDArray[np.float64]
    coefficients: NDArray[np.float64]

    @classmethod
    def fit(cls, places: Sequence[HourlyYears]) -> ColdHours:
        """Fit to places, each with the same weight whatever its number of years."""
        design = np.array([[1.0, *place.predictors] for place in places])
        spread = np.array([place.spread_c for place in places])
        coefficients = np.linalg.lstsq(design, spread, rcond=None)[0]
        shares = np.mean([place._shares() for place in places], axis=0)  # noqa: SLF001 - same module
        return cls(shares, coefficients)

    def spread_c(self, predictors: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the standard deviation of hourly temperature at places."""
        return np.asarray(self.coefficients[0] + predictors @ self.coefficients[1:])

    def hours(
        self, mean_c: NDArray[np.float64], predictors: NDArray[np.float64], threshold_c: float
    ) -> NDArray[np.float64]:
        """Return the hours a year below a threshold.

        Parameters
        ----------
        mean_c : ndarray, shape (m,)
            Annual means.
        predictors : ndarray, shape (m, k)
            Of the spread.
        threshold_c : float
            Dry bulb temperature.
        """
        standard = (threshold_c - mean_c) / self.spread_c(predictors)
        return np.asarray(_HOURS_A_YEAR * np.interp(standard, _Z, self.shares))


def left_out(places: Sequence[HourlyYears], threshold_c: float) -> NDArray[np.float64]:
    """Return predicted minus own hours of each place when it is left out of the fit."""
    error = np.empty(len(places))
    for i, place in enumerate(places):
        model = ColdHours.fit([other for j, other in enumerate(places) if j != i])
        told = model.hours(np.array([place.mean_c]), place.predictors[None, :], threshold_c)
        error[i] = told[0] - place.colder_h(threshold_c)
    return error
