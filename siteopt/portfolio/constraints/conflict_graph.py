"""Cliques that cover all conflicts between sites that stand too close together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from siteopt._arrays import Floats, Ints


__all__ = ["conflicts", "cover"]

# Two sites exactly the spacing apart may both be chosen: coordinates are exact to a millimetre.
_TOUCH_M = 1e-3


def conflicts(x_m: Floats, y_m: Floats, spacing_m: float) -> sparse.csr_array[np.bool_]:
    """Return the symmetric (S, S) matrix of the pairs nearer than the spacing.

    Parameters
    ----------
    x_m, y_m : ndarray
        (S,) metres in one projected CRS.
    spacing_m : float
        Smallest distance allowed; 0 or less gives no conflict.
    """
    count = len(x_m)
    if spacing_m <= _TOUCH_M or count < 2:  # noqa: PLR2004 - a pair
        return sparse.csr_array((count, count), dtype=np.bool_)
    tree = cKDTree(np.column_stack([x_m, y_m]))
    pairs = tree.query_pairs(spacing_m - _TOUCH_M, output_type="ndarray").astype(np.int32)
    data = np.ones(len(pairs), dtype=np.bool_)
    above = sparse.coo_array((data, (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    # no pair comes twice, and a transposition sorts: nothing is left to be summed or sorted
    above.has_canonical_format = True
    below = above.tocsr().T.tocsr()
    return sparse.csr_array(below + below.T.tocsr())


def cover(graph: sparse.csr_array[np.bool_]) -> list[Ints]:
    """Return maximal cliques, each sorted, that cover every edge of a graph at least once.

    Greedy: from an edge not covered yet the clique grows by the vertex that has the most
    uncovered edges into it (ties: the first), until it is maximal. Sets of vertices are Python
    integers used as bit sets, which is what makes thousands of sites take seconds.
    """
    count = graph.shape[0]
    near = [0] * count
    indptr, indices = graph.indptr, graph.indices
    for vertex in range(count):
        bits = 0
        for other in indices[indptr[vertex] : indptr[vertex + 1]]:
            bits |= 1 << int(other)
        near[vertex] = bits
    left = list(near)
    result: list[Ints] = []
    for vertex in range(count):
        while left[vertex]:
            members = _grow(vertex, near, left)
            bits = sum(1 << member for member in members)
            for member in members:
                left[member] &= ~bits
            result.append(np.array(sorted(members), dtype=np.int64))
    return result


def _grow(vertex: int, near: list[int], left: list[int]) -> list[int]:
    """Return a maximal clique that holds a vertex and its first uncovered edge."""
    members = [vertex]
    common = near[vertex]
    fresh = left[vertex]
    while common:
        pool = common & fresh or common
        pick = (pool & -pool).bit_length() - 1
        members.append(pick)
        common &= near[pick]
        fresh &= left[pick]
    return members
