"""Local cuts: facets of the stable sets of a few close sites, lifted to the sites around them.

Applegate, Bixby, Chvatal and Cook (2001). Around each site that a relaxation chooses in part stand a few more of the kind. All choices
among them without a conflict can be listed (the maximal stable sets S). The weights w of a
relaxation are a mixture of such choices if, and only if, the linear program

    max a w   with   sum of a over S <= 1 for every S,   a >= 0

is at most 1; if not, its a is a cut that no mixture violates. Its corners are facets: cliques,
odd holes, wheels and all else that there is on so few sites, without a list of kinds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import highspy
import numpy as np

from siteopt.highs import new_highs, run_highs
from siteopt.portfolio.cuts.lifting import (
    POSITIVE,
    VIOLATED,
    between,
    bit_sets,
    lifted,
    lifting_order,
    most_violated,
)  # fmt: skip

if TYPE_CHECKING:
    from scipy import sparse

    from siteopt._arrays import Floats, Ints
    from siteopt.portfolio.constraints.cut_rows import Cut


__all__ = ["maximal_stable_sets", "violated_local_cuts"]

_SITES = 12  # of a neighbourhood; for what is left over 20 find more, in twice the time
_FEWEST = 5  # with fewer sites all facets are cliques
_LARGEST = 16  # right side of a cut in whole numbers; corners of so few sites have small ones
_WHOLE = 1e-6


def violated_local_cuts(
    conflicts: sparse.csr_array[np.bool_],
    weight: Floats,
    order: Floats,
    most: int,
    sites: int = _SITES,
) -> list[Cut]:
    """Return lifted cuts on small neighbourhoods that weights violate, the most violated first.

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
    sites : int
        Sites of a neighbourhood. Larger ones see more, and the work grows with the choices among
        them: small ones first, large ones (20) where those find nothing more.
    """
    part = (weight > POSITIVE) & (weight < 1.0 - POSITIVE)
    support = np.flatnonzero(part & (np.diff(conflicts.indptr) > 0))
    if not support.size:
        return []
    near = bit_sets(between(conflicts, support))
    place = lifting_order(weight, order)
    highs = new_highs(threads=1, presolve="off", solver="simplex")
    cuts = []
    for members in _neighbourhoods(near, weight[support], sites):
        own = _facet(highs, [near[member] for member in members], members, weight[support])
        if own is None:
            continue
        coefficient, side = own
        used = np.flatnonzero(coefficient)
        inside = support[np.array(members)[used]]
        cuts.append(lifted(conflicts, inside, coefficient[used].tolist(), side, place))
    return most_violated(cuts, weight, most)


def _neighbourhoods(near: list[int], weight: Floats, most: int) -> list[tuple[int, ...]]:
    """Return the sites around each site, each set once: those in conflict, then theirs in turn."""
    rank = np.argsort(-weight, kind="stable").tolist()
    found: dict[tuple[int, ...], None] = {}
    for vertex in rank:
        members, inside, ring = [vertex], 1 << vertex, [vertex]
        while ring and len(members) < most:
            reach = 0
            for member in ring:
                reach |= near[member]
            reach &= ~inside
            ring = sorted(_members(reach), key=lambda other: (-weight[other], other))
            ring = ring[: most - len(members)]
            members += ring
            inside |= sum(1 << member for member in ring)
        if len(members) >= _FEWEST:
            found.setdefault(tuple(sorted(members)))
    return list(found)


def _members(bits: int) -> list[int]:
    """Return the places of the bits that are set."""
    found = []
    while bits:
        low = bits & -bits
        found.append(low.bit_length() - 1)
        bits ^= low
    return found


def _facet(
    highs: highspy.Highs, near: list[int], members: tuple[int, ...], weight: Floats
) -> tuple[Ints, int] | None:
    """Return whole coefficients and the right side of the most violated cut of some sites."""
    place = {member: number for number, member in enumerate(members)}
    inside = sum(1 << member for member in members)
    local = [sum(1 << place[other] for other in _members(bits & inside)) for bits in near]
    count = len(members)
    sets = maximal_stable_sets(local)
    listed = (np.array(sets)[:, None] >> np.arange(count)) & 1
    value, dual = _mixture(highs, listed, weight[list(members)])
    if value <= 1.0 + VIOLATED:
        return None
    for side in range(1, _LARGEST + 1):
        whole = np.round(dual * side).astype(np.int64)
        if np.max(np.abs(dual * side - whole)) < _WHOLE:
            # In whole numbers it is true beyond the tolerance of a solver, or it is not used.
            return (whole, side) if int((listed @ whole).max()) == side else None
    return None


def _mixture(highs: highspy.Highs, listed: Ints, weight: Floats) -> tuple[float, Floats]:
    """Return how many choices it takes to make up weights, and what each site adds to that."""
    choices, count = listed.shape
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = choices, count
    lp.col_cost_, lp.col_lower_ = np.ones(choices), np.zeros(choices)
    lp.col_upper_, lp.row_upper_ = np.full(choices, np.inf), np.full(count, np.inf)
    lp.row_lower_ = weight
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    place = np.nonzero(listed)[1].astype(np.int32)
    lp.a_matrix_.start_ = np.append(0, np.cumsum(listed.sum(axis=1))).astype(np.int32)
    lp.a_matrix_.index_, lp.a_matrix_.value_ = place, np.ones(len(place))
    highs.passModel(lp)
    run_highs(highs)
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return 0.0, np.zeros(count)  # a cut that was not found is no error
    value = float(highs.getInfo().objective_function_value)
    return value, np.array(highs.getSolution().row_dual)


def maximal_stable_sets(near: list[int]) -> list[int]:
    """Return all maximal stable sets of a graph, each as bits (Bron and Kerbosch 1973).

    Parameters
    ----------
    near : list of int
        Neighbours of each vertex, as bits.
    """
    every = (1 << len(near)) - 1
    far = [every & ~bits & ~(1 << vertex) for vertex, bits in enumerate(near)]
    found: list[int] = []

    def extend(chosen: int, open_: int, closed: int) -> None:
        if not open_ and not closed:
            found.append(chosen)
        if not open_:
            return
        # Each maximal set holds the pivot or a vertex in conflict with it.
        pivot = min(_members(open_ | closed), key=lambda v: (open_ & ~far[v]).bit_count())
        for vertex in _members(open_ & ~far[pivot]):
            extend(chosen | 1 << vertex, open_ & far[vertex], closed & far[vertex])
            open_ &= ~(1 << vertex)
            closed |= 1 << vertex

    extend(0, every, 0)
    return found
