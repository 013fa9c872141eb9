"""Exact intervals of proportions (Clopper-Pearson), and their comparison with chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from scipy.stats import binomtest

__all__ = ["CONFIDENCE", "Against", "Proportion", "proportion"]

CONFIDENCE: Final = 0.95
"""Level of the intervals, two-sided."""

Against = Literal["above", "below", "not told apart", "no sites"]
"""Where an interval lies beside chance."""


@dataclass(frozen=True, slots=True)
class Proportion:
    """A counted share with its exact interval, beside what chance would give.

    Attributes
    ----------
    hits, trials : int
        Sites that have the property, of all that could.
    low, high : float
        Interval of the share, 0 to 1; NaN without trials.
    chance : float
        Share that a place drawn at random would give, 0 to 1.
    """

    hits: int
    trials: int
    low: float
    high: float
    chance: float

    @property
    def share(self) -> float:
        """Share counted, 0 to 1; NaN without trials."""
        return self.hits / self.trials if self.trials else float("nan")

    @property
    def against_chance(self) -> Against:
        """Whether the interval excludes chance, and on which side it lies."""
        if not self.trials:
            return "no sites"
        if self.low > self.chance:
            return "above"
        return "below" if self.high < self.chance else "not told apart"


def proportion(hits: int, trials: int, chance: float, level: float = CONFIDENCE) -> Proportion:
    """Return a share with its exact interval.

    Clopper and Pearson (1934), *The use of confidence or fiducial limits illustrated in the case
    of the binomial*, Biometrika 26(4): the interval covers the true share at least at its level,
    whatever the share and however few the trials.

    Parameters
    ----------
    hits, trials : int
        ``0 <= hits <= trials``.
    chance : float
        Share that chance would give.
    level : float
        Level of the interval, two-sided.

    Examples
    --------
    >>> found = proportion(7, 10, 0.25)
    >>> round(found.low, 4), round(found.high, 4), found.against_chance
    (0.3475, 0.9333, 'above')
    """
    if not trials:
        return Proportion(hits, trials, float("nan"), float("nan"), chance)
    interval = binomtest(hits, trials).proportion_ci(confidence_level=level, method="exact")
    return Proportion(hits, trials, float(interval.low), float(interval.high), chance)
