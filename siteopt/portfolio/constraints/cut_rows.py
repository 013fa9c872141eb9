"""Cuts on sites and on options as rows of a program, whole or of a part of its options."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from siteopt.limit_key import LimitKey
from siteopt.portfolio.constraints import _rows
from siteopt.portfolio.cuts.lifting import Cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt._arrays import Floats, Ints, Matrix
    from siteopt.portfolio.cuts.mir import OptionCut
    from siteopt.portfolio.problem.problem import Problem

    Piece = tuple[Ints, Floats]


def cut_rows(
    problem: Problem, cuts: Sequence[Cut | OptionCut], part: Problem, kept: Ints
) -> _rows.Rows:
    """Return a row a cut, at most its right side.

    Parameters
    ----------
    problem : Problem
        ``part.take(kept)``.
    cuts : sequence of Cut or OptionCut
        With sites and options counted as in ``part``.
    part : Problem
        The one that the cuts were found on.
    kept : ndarray
        Options of it, rising. What a cut says of others is left out.
    """
    option = np.full(part.options, -1, dtype=np.int64)
    option[kept] = np.arange(len(kept))
    site = np.full(part.sites, -1, dtype=np.int64)
    site[part.option_site[kept]] = problem.option_site
    nothing = np.empty(0, dtype=np.int64), np.empty(0)
    y, n, w = [], [], []
    for cut in cuts:
        if isinstance(cut, Cut):
            w.append(_piece(site[cut.sites], cut.coefficient))
            y.append(nothing)
            n.append(nothing)
        else:
            place = option[cut.options]
            y.append(_piece(place, cut.opening))
            n.append(_piece(place, cut.each))
            w.append(nothing)
    return _rows.rows(
        problem,
        [LimitKey("cuts", subject=str(number)) for number in range(len(cuts))],
        -np.inf,
        [cut.most for cut in cuts],
        y=_matrix(y, problem.options),
        n=_matrix(n, problem.options),
        w=_matrix(w, problem.sites),
    )


def that_bind(rows: _rows.Rows, problem: Problem) -> _rows.Rows:
    """Return the rows that openings and blocks of a problem could exceed, each on its own."""
    least, most = (
        rows.n @ sparse.diags_array(blocks.astype(np.float64))
        for blocks in (problem.blocks_min, np.maximum(problem.blocks_max, 0))
    )
    opened = (least + rows.y).maximum(most + rows.y).maximum(most)
    sites = rows.w.maximum(0.0)
    reach: Floats = opened.maximum(0.0).sum(axis=1) + sites.sum(axis=1)
    kept = np.flatnonzero(reach > rows.upper)
    return _rows.take(rows, kept)


def _piece(place: Ints, values: Floats) -> Piece:
    known = (place >= 0) & (values != 0.0)
    return place[known], values[known]


def _matrix(pieces: Sequence[Piece], columns: int) -> Matrix:
    nothing = np.empty(0)
    row = np.repeat(np.arange(len(pieces)), [len(place) for place, _ in pieces])
    place = np.concatenate([nothing, *(place for place, _ in pieces)]).astype(np.int64)
    values = np.concatenate([nothing, *(values for _, values in pieces)])
    return sparse.csr_array((values, (row, place)), shape=(len(pieces), columns))
