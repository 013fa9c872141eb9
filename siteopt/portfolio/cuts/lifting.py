"""Sequential lifting (Padberg 1973) of a cutting plane of a few sites to all sites around them.

A cut limits the weighted number of some sites, sum of coefficient w <= most, in every
choice of sites no two of which are in conflict (a stable set of the conflict graph). A cut found
on a few sites stays true when a neighbour v joins with the coefficient

    most - (most that the sites in the cut, but those in conflict with v, can count),

the largest one that is true. Sites join one after another, so the order decides who gets much.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteopt.portfolio.constraints.cut_rows import Cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scipy import sparse

    from siteopt._arrays import Bools, Floats, Ints


__all__ = [
    "POSITIVE", "VIOLATED", "StableSets", "between", "bit_sets", "lifted", "lifting_order",
    "most_violated",
]  # fmt: skip

POSITIVE = 1e-6
"""Weight above which a relaxation chooses a site in part."""

VIOLATED = 1e-4
"""Excess, for a right side of 1, that makes a cut worth a row."""

# Sets met while a cut is lifted; past them the sites that are left stay out, which is also true.
_SETS = 4_000


class StableSets:
    """The heaviest stable set in any part of a small graph; sets are bits of an integer.

    Results of vertex sets are memoized, so a weight must not change once it was used.
    """

    def __init__(self, near: Sequence[int], weight: Sequence[int]) -> None:
        """Take the neighbours of each vertex, as bits, and whole weights of at least 0."""
        self.near = list(near)
        self.weight = list(weight)
        self._best: dict[int, int] = {0: 0}

    def best(self, within: int) -> int:
        """Return the weight of the heaviest stable set within some vertices."""
        known = self._best.get(within)
        if known is not None:
            return known
        last = within.bit_length() - 1
        others = within & ~(1 << last)
        free = others & ~self.near[last]
        found = self.weight[last] + self.best(free)
        if free != others:  # a vertex without neighbours is always taken
            found = max(found, self.best(others))
        self._best[within] = found
        return found

    def heaviest(self, within: int) -> int:
        """Return a heaviest stable set within some vertices, as bits."""
        chosen = 0
        while within:
            last = within.bit_length() - 1
            others = within & ~(1 << last)
            free = others & ~self.near[last]
            if self.best(within) == self.weight[last] + self.best(free):
                chosen |= 1 << last
                within = free
            else:
                within = others
        return chosen

    @property
    def met(self) -> int:
        """Number of sets whose answer is known."""
        return len(self._best)


def bit_sets(matrix: Bools) -> list[int]:
    """Return the rows of a matrix as integers, bit c for column c."""
    packed = np.packbits(matrix, axis=1, bitorder="little")
    return [int.from_bytes(row.tobytes(), "little") for row in packed]


def between(conflicts: sparse.csr_array[np.bool_], sites: Ints) -> Bools:
    """Return the conflicts between some sites as a dense matrix in the order of the sites."""
    place = np.full(conflicts.shape[0], -1, dtype=np.int64)
    place[sites] = np.arange(len(sites))
    found = np.zeros((len(sites), len(sites)), dtype=np.bool_)
    indptr, indices = conflicts.indptr, conflicts.indices
    for row, site in enumerate(sites):
        columns = place[indices[indptr[site] : indptr[site + 1]]]
        found[row, columns[columns >= 0]] = True
    return found


def lifting_order(weight: Floats, order: Floats) -> Floats:
    """Return the place (S,) of each site in the order of lifting.

    First those that a relaxation chooses in part, the largest part first, which makes a cut as
    violated as it can be; then the others, the lowest reduced cost first, which makes it useful
    for the solutions to come.

    Parameters
    ----------
    weight : ndarray
        (S,) how much of each site the relaxation chooses, 0 to 1.
    order : ndarray
        (S,) reduced cost of each site.
    """
    part = np.where(weight > POSITIVE, weight, 0.0)
    place = np.empty(len(weight))
    place[np.lexsort((order, -part))] = np.arange(len(weight), dtype=np.float64)
    return place


def most_violated(cuts: Iterable[Cut], weight: Floats, most: int) -> list[Cut]:
    """Return up to ``most`` cuts that weights violate, each once, the most violated first.

    Excess counts for a right side of 1.
    """
    found: dict[tuple[tuple[int, float], ...], tuple[float, Cut]] = {}
    for cut in cuts:
        excess = cut.excess(weight) / cut.most
        if excess > VIOLATED:
            scaled = (cut.coefficient / cut.most).tolist()
            found.setdefault(tuple(zip(cut.sites.tolist(), scaled, strict=True)), (excess, cut))
    ranked = sorted(found.items(), key=lambda item: (-item[1][0], item[0]))
    return [cut for _, (_, cut) in ranked[:most]]


def lifted(
    conflicts: sparse.csr_array[np.bool_],
    sites: Ints,
    coefficient: Sequence[int],
    most: int,
    order: Floats,
) -> Cut:
    """Return a cut lifted to the sites in conflict with one of its own.

    Parameters
    ----------
    conflicts : csr_array
        (S, S) symmetric, from `siteopt.portfolio.constraints.conflict_graph.conflicts`.
    sites : ndarray
        Sites of the cut, each once.
    coefficient : sequence of int
        At least 1 each.
    most : int
        The cut must hold for the stable sets within its own sites.
    order : ndarray
        (S,) the lowest is lifted first; equal ones by number.
    """
    base = len(sites)
    around = np.setdiff1d(_neighbours(conflicts, sites), sites)
    around = around[np.argsort(order[around], kind="stable")]
    local = np.concatenate([sites, around]).astype(np.int64)
    near = bit_sets(between(conflicts, local))
    sets = StableSets(near, [*coefficient, *([0] * len(around))])
    inside = (1 << base) - 1
    own, full = inside, [sets.heaviest(inside)]
    full = [bits for bits in full if sets.best(bits) == most]
    for vertex in range(base, len(local)):
        # Most sites get nothing: a set known to reach the right side has no neighbour in them.
        if any(not bits & near[vertex] for bits in full):
            continue
        if sets.best(own & ~near[vertex]) >= most or sets.met > _SETS:
            continue
        left = inside & ~near[vertex]
        gain = most - sets.best(left)
        reaching = sets.heaviest(left)
        if gain > 0:
            sets.weight[vertex] = gain
            inside |= 1 << vertex
            reaching |= 1 << vertex
        full.append(reaching)
    taken = np.flatnonzero(np.array(sets.weight) > 0)
    taken = taken[np.argsort(local[taken], kind="stable")]
    weights = np.array(sets.weight, dtype=np.float64)
    return Cut(local[taken], weights[taken], float(most))


def _neighbours(conflicts: sparse.csr_array[np.bool_], sites: Ints) -> Ints:
    """Return all sites in conflict with one of some, rising."""
    indptr, indices = conflicts.indptr, conflicts.indices
    parts = [indices[indptr[site] : indptr[site + 1]] for site in sites]
    return np.unique(np.concatenate(parts)).astype(np.int64)
