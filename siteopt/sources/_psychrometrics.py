"""Wet-bulb temperature from dry bulb and relative humidity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["hours_below", "wet_bulb_c"]


def wet_bulb_c(dry_bulb_c: ArrayLike, humidity_pct: ArrayLike) -> NDArray[np.float64]:
    """Return the wet-bulb temperature at sea level, degrees Celsius.

    Stull (2011), "Wet-bulb temperature from relative humidity and air temperature", Journal of
    Applied Meteorology and Climatology 50, 2267-2269, equation 1: a fit with errors of -1.0 to
    +0.65 K for 5 to 99 % and -20 to 50 degC. At 500 m above the sea it is about 0.2 K too high.

    Parameters
    ----------
    dry_bulb_c : array_like
        Air temperature, degrees Celsius.
    humidity_pct : array_like
        Relative humidity, percent.

    Examples
    --------
    The example of the paper:

    >>> round(float(wet_bulb_c(20.0, 50.0)), 1)
    13.7
    """
    t = np.asarray(dry_bulb_c, dtype=np.float64)
    rh = np.asarray(humidity_pct, dtype=np.float64)
    return np.asarray(
        t * np.arctan(0.151977 * np.sqrt(rh + 8.313659))
        + np.arctan(t + rh)
        - np.arctan(rh - 1.676331)
        + 0.00391838 * rh**1.5 * np.arctan(0.023101 * rh)
        - 4.686035
    )


def hours_below(
    mean_c: NDArray[np.float64],
    spread_c: NDArray[np.float64],
    hours: NDArray[np.float64],
    threshold_c: float,
) -> NDArray[np.float64]:
    """Return the hours of a year at or below a threshold, from means and spreads of its months.

    The hours of a month are taken as normally distributed.

    Parameters
    ----------
    mean_c : ndarray, shape (..., 12)
        Means of the months.
    spread_c : ndarray, shape (12,)
        Standard deviation of the hours of each month, days and nights together.
    hours : ndarray, shape (12,)
        Hours of the months.
    threshold_c : float
        Threshold.
    """
    from scipy.special import ndtr  # noqa: PLC0415 - only builders need it

    return np.asarray((ndtr((threshold_c - mean_c) / spread_c) * hours).sum(axis=-1))
