"""Odd-hole inequalities that a relaxation violates (Gerards and Schrijver 1986), lifted.

Of sites in a ring of odd length 2k + 1, each in conflict with the next, at most k can be chosen;
a relaxation with all cliques in it still chooses half of each. Such rings are found as shortest
odd walks (Gerards and Schrijver 1986): with the length (1 - w_u - w_v) / 2 of a conflict, a ring
shorter than 1/2 is violated. An odd walk from a site to itself is a path between its two copies
in a graph that has every site twice and every conflict across.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from siteopt.portfolio.cuts.lifting import POSITIVE, lifted, lifting_order, most_violated

if TYPE_CHECKING:
    from siteopt._arrays import Floats, Ints
    from siteopt.portfolio.constraints.cut_rows import Cut


__all__ = ["violated_odd_holes"]

_STEP = 1e-7  # length of a conflict besides: of equally violated rings the one of fewer sites
_NEARLY = 0.05  # a ring so much too long may still be violated once it is lifted
_SOURCES = 256  # walks begun at once, which bounds memory


def violated_odd_holes(
    conflicts: sparse.csr_array[np.bool_], weight: Floats, order: Floats, most: int
) -> list[Cut]:
    """Return lifted odd-hole cuts that weights violate, the most violated first.

    Parameters
    ----------
    conflicts : csr_array
        (S, S) symmetric, from `siteopt.portfolio.constraints.conflict_graph.conflicts`.
    weight : ndarray
        (S,) how much of each site a relaxation chooses, 0 to 1.
    order : ndarray
        (S,) reduced cost of each site; see `siteopt.portfolio.cuts.lifting.lifting_order`.
    most : int
        Largest number of cuts.
    """
    support = np.flatnonzero((weight > POSITIVE) & (np.diff(conflicts.indptr) > 0))
    if not support.size:
        return []
    graph = sparse.coo_array(conflicts[support][:, support])
    rings = _odd_rings(graph, weight[support])
    place = lifting_order(weight, order)
    cuts = []
    for ring in rings[: 4 * most]:
        sites = support[ring]
        cuts.append(lifted(conflicts, sites, [1] * len(sites), len(sites) // 2, place))
    return most_violated(cuts, weight, most)


def _odd_rings(graph: sparse.coo_array[np.bool_], weight: Floats) -> list[Ints]:
    """Return odd rings without chords, the shortest first, each once."""
    count = graph.shape[0]
    row, column = graph.row.astype(np.int64), graph.col.astype(np.int64)
    length = np.maximum((1.0 - weight[row] - weight[column]) / 2.0, 0.0) + _STEP
    ends = (np.concatenate([row, row + count]), np.concatenate([column + count, column]))
    twice = sparse.csr_array((np.tile(length, 2), ends), shape=(2 * count, 2 * count))
    near: list[set[int]] = [set() for _ in range(count)]
    for one, other in zip(row.tolist(), column.tolist(), strict=True):
        near[one].add(other)
    found: dict[tuple[int, ...], Ints] = {}
    for begin in range(0, count, _SOURCES):
        sources = np.arange(begin, min(begin + _SOURCES, count))
        far, before = csgraph.dijkstra(
            twice, indices=sources, return_predecessors=True, limit=0.5 + _NEARLY
        )
        for place in np.flatnonzero(np.isfinite(far[np.arange(len(sources)), sources + count])):
            source = int(sources[place])
            ring = _without_chords(_ring(_walk(before[place], source, count)), near)
            found.setdefault(tuple(sorted(ring)), np.array(ring, dtype=np.int64))
    excess = {key: weight[ring].sum() / (len(ring) // 2) for key, ring in found.items()}
    return [found[key] for key in sorted(found, key=lambda key: (-excess[key], key))]


def _walk(before: Ints, source: int, count: int) -> list[int]:
    """Return the closed walk from a site to its copy, without its last site."""
    walk, at = [], int(before[source + count])
    while at != source:
        walk.append(at % count)
        at = int(before[at])
    return [*walk, source]


def _ring(walk: list[int]) -> list[int]:
    """Return a ring of odd length within a closed walk of odd length."""
    path: list[int] = []
    for site in walk:
        if site in path:
            begin = path.index(site)
            if (len(path) - begin) % 2:
                return path[begin:]
            del path[begin:]
        path.append(site)
    return path


def _without_chords(ring: list[int], near: list[set[int]]) -> list[int]:
    """Return a ring of odd length on some of a ring's sites that has no chord.

    A chord splits an odd ring into an odd and an even one; the odd one is as violated.
    """
    while True:
        shorter = _shorter(ring, near)
        if shorter is None:
            return ring
        ring = shorter


def _shorter(ring: list[int], near: list[set[int]]) -> list[int] | None:
    """Return the odd one of the two rings that the first chord makes, if there is a chord."""
    count = len(ring)
    for first in range(count):
        for last in range(first + 2, count - (first == 0)):
            if ring[last] in near[ring[first]]:
                inner = (last - first) % 2 == 0
                return ring[first : last + 1] if inner else ring[last:] + ring[: first + 1]
    return None
