"""Small conflict graphs whose stable sets can all be listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st
from scipy import sparse

from siteopt.portfolio.constraints.conflict_graph import conflicts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from siteopt.portfolio.constraints.cut_rows import Cut

PLACES = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=5, max_size=16)
"""Sites on a grid of a kilometre."""


def crowd(places: Iterable[tuple[int, int]], spacing_km: float) -> sparse.csr_array:
    """The conflicts of some places in km."""
    x, y = 1000.0 * np.array(places, dtype=np.float64).reshape(-1, 2).T
    return conflicts(x, y, 1000.0 * spacing_km)


def ring(count: int) -> sparse.csr_array:
    """A ring in which each site is in conflict with the next."""
    return graph_of(count, [(site, (site + 1) % count) for site in range(count)])


def wheel(count: int) -> sparse.csr_array:
    """A ring, and a hub in conflict with all of it, which comes last."""
    spokes = [(site, count) for site in range(count)]
    return graph_of(count + 1, [(site, (site + 1) % count) for site in range(count)] + spokes)


def graph_of(count: int, edges: Iterable[tuple[int, int]]) -> sparse.csr_array:
    matrix = np.zeros((count, count), dtype=np.bool_)
    for one, other in edges:
        matrix[one, other] = matrix[other, one] = True
    return sparse.csr_array(matrix)


def choices(graph: sparse.csr_array) -> np.ndarray:
    """All choices of sites without a conflict, one a row."""
    count = graph.shape[0]
    all_of_them = (np.arange(2**count)[:, None] >> np.arange(count)) & 1
    one, other = sparse.coo_array(sparse.triu(graph)).coords
    conflict = np.zeros(len(all_of_them), dtype=np.bool_)
    for a, b in zip(one, other, strict=True):
        conflict |= (all_of_them[:, a] & all_of_them[:, b]).astype(np.bool_)
    return all_of_them[~conflict].astype(np.float64)


def counted(cut: Cut, chosen: np.ndarray) -> np.ndarray:
    """What each choice counts in a cut."""
    return chosen[:, cut.sites] @ cut.coefficient


def row(cut: Cut) -> tuple[dict[int, float], float]:
    return dict(zip(cut.sites.tolist(), cut.coefficient.tolist(), strict=True)), cut.most
