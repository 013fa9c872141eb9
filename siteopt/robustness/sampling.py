"""Quasi-random draws of the unit cube, in replicates that give a standard error.

Scrambled Sobol points (Owen 1998) and Latin hypercubes (McKay, Beckman and Conover 1979), by
`scipy.stats.qmc`. One set of points has no error that could be computed from it; several scrambled
independently of one another have (Owen, Monte Carlo theory, methods and examples, ch. 17). Draws
take the replicates in turn, so that those of an early end are spread over all of them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from scipy.stats import qmc

if TYPE_CHECKING:
    from siteopt._arrays import Floats, Ints

__all__ = ["Method", "replicate_of", "standard_error", "unit_draws"]

Method = Literal["sobol", "latin"]
"""Scrambled Sobol points, or a Latin hypercube."""

REPLICATES: Final = 4
"""Independent sets of points; fewer where there are not so many draws."""


def replicate_of(count: int, replicates: int = REPLICATES) -> Ints:
    """Return the replicate (N,) of each draw.

    Parameters
    ----------
    count : int
        Number of draws.
    replicates : int
        Number of independent sets.
    """
    return np.arange(count, dtype=np.int64) % replicates


def unit_draws(
    count: int, dimensions: int, seed: int, method: Method = "sobol", replicates: int = REPLICATES
) -> Floats:
    """Return draws (N, D) of the unit cube.

    Parameters
    ----------
    count : int
        Number of draws N.
    dimensions : int
        Number of dimensions D.
    seed : int
        Equal seeds give equal draws.
    method : {'sobol', 'latin'}
        How points are spread.
    replicates : int
        Number of independent sets.
    """
    if not count or not dimensions:
        return np.zeros((count, dimensions))
    each = math.ceil(count / replicates)
    out = np.empty((each * replicates, dimensions))
    seeds = np.random.SeedSequence(seed).spawn(replicates)
    for place, own in enumerate(seeds):
        out[place::replicates] = _points(each, dimensions, own, method)
    return out[:count]


def _points(count: int, dimensions: int, seed: np.random.SeedSequence, method: Method) -> Floats:
    """Return one set of points; Sobol points are the first of a power of two."""
    random = np.random.default_rng(seed)
    if method == "latin":
        return np.asarray(qmc.LatinHypercube(dimensions, rng=random).random(count))
    whole = qmc.Sobol(dimensions, rng=random).random_base2(max(count - 1, 0).bit_length())
    return np.asarray(whole[:count])


def standard_error(values: Floats, replicates: int = REPLICATES) -> Floats:
    """Return the standard error of the mean over draws, from the spread of replicate means.

    Parameters
    ----------
    values : ndarray, shape (N, ...)
        A figure by draw.
    replicates : int
        Number of independent sets that the draws were made of.

    Returns
    -------
    ndarray
        Not a number where some replicate has no draw.
    """
    which = replicate_of(len(values), replicates)
    if len(values) < replicates:
        return np.full(np.shape(values)[1:], np.nan)
    means = np.array([values[which == one].mean(axis=0) for one in range(replicates)])
    return np.asarray(means.std(axis=0, ddof=1) / math.sqrt(replicates))
