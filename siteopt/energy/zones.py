"""Zones of supply: buses that do nearly the same to the branches, by k-means on shift factors.

Clustering of buses by PTDF columns: Cheng and Overbye 2005 (PTDF-based power system equivalents).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.cluster.vq import kmeans2

if TYPE_CHECKING:
    from siteopt._arrays import Floats, Ints

__all__ = ["share_by_zone", "zones_by_shift_factors"]

_SEED: Final = 1


def zones_by_shift_factors(ptdf: Floats, limit_mw: Floats, count: int) -> Ints:
    """Return the zone of each bus, numbered from 0 without gaps.

    Parameters
    ----------
    ptdf : ndarray, shape (L, N)
        Shift factors.
    limit_mw : ndarray, shape (L,)
        Limits of the branches; factors are divided by their roots.
    count : int
        Most zones.
    """
    factors = (ptdf / np.sqrt(np.maximum(limit_mw, 1.0))[:, None]).T
    _, found = kmeans2(
        factors, min(count, len(factors)), minit="++", rng=np.random.default_rng(_SEED)
    )
    _, first, zone = np.unique(found, return_index=True, return_inverse=True)
    number = np.argsort(np.argsort(first))  # by the first bus of each, whatever k-means called it
    return number[zone].astype(np.int64)


def share_by_zone(zone: Ints, size: Floats) -> Floats:
    """Return how what stands in each zone is spread over its buses (Z, N); rows add up to 1.

    Parameters
    ----------
    zone : ndarray of int, shape (N,)
        Zone of each bus.
    size : ndarray, shape (N,)
        In proportion to it; equally where a zone has none of it.
    """
    inside = (zone == np.arange(int(zone.max()) + 1)[:, None]).astype(np.float64)
    share = inside * size
    empty = share.sum(axis=1) <= 0
    share[empty] = inside[empty]
    return np.asarray(share / share.sum(axis=1, keepdims=True))
