"""Clique inequalities: maximal cliques of the conflict graph that a relaxation violates.

Padberg (1973): of sites that are all in conflict with each other at most one is chosen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteopt.portfolio.constraints.cut_rows import Cut
from siteopt.portfolio.cuts.lifting import (
    POSITIVE,
    between,
    bit_sets,
    lifting_order,
    most_violated,
)

if TYPE_CHECKING:
    from scipy import sparse

    from siteopt._arrays import Floats, Ints


__all__ = ["violated_cliques"]


def violated_cliques(
    conflicts: sparse.csr_array[np.bool_], weight: Floats, order: Floats, most: int
) -> list[Cut]:
    """Return maximal cliques that weights violate, the most violated first.

    Greedy: from every site that the relaxation chooses in part a clique grows by the heaviest
    site in conflict with all of it; what is violated grows on to a maximal clique of all sites.

    Parameters
    ----------
    conflicts : csr_array
        (S, S) symmetric, from `siteopt.portfolio.constraints.conflict_graph.conflicts`.
    weight : ndarray
        (S,) how much of each site a relaxation chooses, 0 to 1.
    order : ndarray
        (S,) reduced cost of each site; of sites without weight the lowest join first.
    most : int
        Largest number of cuts.
    """
    support = np.flatnonzero((weight > POSITIVE) & (np.diff(conflicts.indptr) > 0))
    support = support[np.argsort(-weight[support], kind="stable")]
    near = bit_sets(between(conflicts, support))
    heavy = weight[support].tolist()
    found: dict[int, tuple[float, list[int]]] = {}
    for vertex, pool in enumerate(near):
        members, total, left = [vertex], heavy[vertex], pool
        while left:  # the lowest bit is the heaviest site
            pick = (left & -left).bit_length() - 1
            members.append(pick)
            total += heavy[pick]
            left &= near[pick]
        if total > 1.0:
            found.setdefault(sum(1 << member for member in members), (total, members))
    best = sorted(found.values(), key=lambda item: (-item[0], item[1]))[: 2 * most]
    place = lifting_order(weight, order)
    cuts = [_maximal(conflicts, support[members], place) for _, members in best]
    return most_violated(cuts, weight, most)


def _maximal(conflicts: sparse.csr_array[np.bool_], clique: Ints, place: Floats) -> Cut:
    """Return a clique grown by the sites in conflict with all of it, the lowest place first."""
    indptr, indices = conflicts.indptr, conflicts.indices
    parts = [indices[indptr[site] : indptr[site + 1]] for site in clique]
    sites, times = np.unique(np.concatenate(parts), return_counts=True)
    common = sites[times == len(clique)].astype(np.int64)
    common = common[np.argsort(place[common], kind="stable")]
    near = bit_sets(between(conflicts, common))
    left, joined = (1 << len(common)) - 1, []
    while left:
        pick = (left & -left).bit_length() - 1
        joined.append(pick)
        left &= near[pick]
    whole = np.sort(np.concatenate([clique, common[joined]]))
    return Cut(whole, np.ones(len(whole)), 1.0)
