"""Percentile ranks among eligible land: weighted mid-ranks, medians and the land above one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["mid_ranks", "percentiles_by_group", "share_at_or_above", "weighted_median"]

_WHOLE: Final = 100.0
_TOLERANCE: Final = 1e-9
"""Percent: a sum of weights is no more exact."""


def mid_ranks(goodness: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weighted percentile rank of each value, ties counted by half.

    ``100 * (weight of what is worse + half the weight of what is equal) / weight of all``: the
    mid-distribution function (Parzen 2004, *Quantile probability and statistical data modeling*,
    Statistical Science 19(4)). Drawn in proportion to the weights its mean is 50, whatever the
    values.

    Parameters
    ----------
    goodness : ndarray of float64, shape (n,)
        More is better; minus infinity is the worst. No NaN.
    weights : ndarray of float64, shape (n,)
        Not negative, such as hectares of eligible land.

    Returns
    -------
    ndarray of float64, shape (n,)
        From 0 (worst) to 100 (best); NaN where all weights are 0.
    """
    total = float(weights.sum())
    if not total > 0:
        return np.full(len(goodness), np.nan)
    _, place = np.unique(goodness, return_inverse=True)
    level = np.bincount(place, weights=weights)
    below = np.cumsum(level) - level
    ranks: NDArray[np.float64] = (_WHOLE * (below + level / 2.0) / total)[place]
    return ranks


def percentiles_by_group(
    goodness: NDArray[np.float64], weights: NDArray[np.float64], group: NDArray[np.object_]
) -> NDArray[np.float64]:
    """Return :func:`mid_ranks` within each group, such as a province.

    Parameters
    ----------
    goodness, weights : ndarray of float64, shape (n,)
        As of :func:`mid_ranks`.
    group : ndarray, shape (n,)
        Group of each value.
    """
    ranks = np.full(len(goodness), np.nan)
    for name in sorted(set(group.tolist())):
        own = group == name
        ranks[own] = mid_ranks(goodness[own], weights[own])
    return ranks


def share_at_or_above(
    ranks: NDArray[np.float64], weights: NDArray[np.float64], least: float
) -> float:
    """Return the share of land (0 to 1) whose percentile rank is at least ``least``.

    What chance would give: with few or tied values it is not exactly ``1 - least / 100``.

    Parameters
    ----------
    ranks, weights : ndarray of float64, shape (n,)
        Of :func:`mid_ranks`.
    least : float
        Percentile rank, 0 to 100.
    """
    above = weights[ranks >= least - _TOLERANCE].sum()
    return float(above / weights.sum())


def weighted_median(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """Return the least value below or at which half of the weight is.

    Parameters
    ----------
    values, weights : ndarray of float64, shape (n,)
        Values, and weights of which one is above 0.
    """
    order = np.argsort(values, kind="stable")
    running = np.cumsum(weights[order])
    at = int(np.searchsorted(running, running[-1] / 2.0 * (1.0 - _TOLERANCE)))
    return float(values[order][at])
