"""Cutting planes on sites and on options, and their rows in the program of a restriction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from siteopt.limit_key import LimitKey
from siteopt.portfolio.constraints import _rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt._arrays import Floats, Ints, Matrix
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.problem.restriction import Restriction

    Piece = tuple[Ints, Floats]

__all__ = ["Cut", "OptionCut", "cut_rows", "that_bind"]


@dataclass(frozen=True, eq=False)
class Cut:
    """Sum of ``coefficient * w[sites]`` is at most ``most``, whatever sites are chosen."""

    sites: Ints
    """Rising, each once."""
    coefficient: Floats
    """Above 0."""
    most: float
    """The right side, above 0."""

    def excess(self, weight: Floats) -> float:
        """Return by how much weights (S,) of all sites break the cut; below 0 if they do not."""
        return float(self.coefficient @ weight[self.sites]) - self.most


@dataclass(frozen=True, eq=False)
class OptionCut:
    """Sum of ``opening * y + each * n`` over options is at most ``most`` in every plan."""

    options: Ints
    """Rising, each once."""
    opening: Floats
    each: Floats
    most: float

    def excess(self, opened: Floats, blocks: Floats) -> float:
        """Return by how much openings and blocks (O,) of all options break the cut."""
        left = self.opening @ opened[self.options] + self.each @ blocks[self.options]
        return float(left) - self.most


def cut_rows(restriction: Restriction, cuts: Sequence[Cut | OptionCut]) -> _rows.Rows:
    """Return a row a cut, at most its right side.

    Parameters
    ----------
    restriction : Restriction
        Of the problem that the cuts were found on. Terms of options and sites outside of it are
        left out.
    cuts : sequence of Cut or OptionCut
        With the sites and options of the whole problem.
    """
    problem, option, site = restriction.part, restriction.option_place, restriction.site_place
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
