"""A year of sun and wind that nobody measured: seeded, with the features that storage is sized by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.signal import lfilter
from scipy.special import ndtr

from tests.energy.supplies import DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

DAYS = 365


def _autoregressive(rng: np.random.Generator, count: int, memory: float) -> NDArray[np.float64]:
    """Return a stationary AR(1) process of variance 1."""
    noise = rng.standard_normal(count)
    noise[1:] *= np.sqrt(1.0 - memory**2)
    return np.asarray(lfilter([1.0], [1.0, -memory], noise), dtype=np.float64)


def sun_and_wind(seed: int) -> NDArray[np.float64]:
    """Return hourly yields (8760, 2): sun of mean 0.14 by season and cloud, wind of mean 0.25.

    Cloud lasts for days; wind forgets half in half a day, blows more in winter, and a slower part
    makes lulls of several days.
    """
    rng = np.random.default_rng(seed)
    hour = np.arange(DAYS * DAY)
    season = np.cos(2.0 * np.pi * (hour / DAY - 10.0) / DAYS)  # 1 at the winter solstice
    day_length = 12.0 - 2.4 * season
    angle = np.pi * (hour % DAY + 0.5 - 12.0) / day_length
    height = np.where(np.abs(angle) < np.pi / 2.0, np.cos(angle), 0.0) * (0.8 - 0.2 * season)
    cloud = np.repeat(ndtr(_autoregressive(rng, DAYS, 0.4)), DAY)
    sun = height * (0.2 + 0.8 * cloud)
    blow = 0.8 * _autoregressive(rng, DAYS * DAY, 0.94)
    blow += 0.6 * _autoregressive(rng, DAYS * DAY, 0.99)
    wind = ndtr(blow + 0.3 * season) ** 2.5
    return np.column_stack([0.14 * sun / sun.mean(), np.minimum(0.25 * wind / wind.mean(), 1.0)])
