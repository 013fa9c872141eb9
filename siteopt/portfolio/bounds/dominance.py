"""Dominance: options that another option of the same site makes needless."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from siteopt.portfolio import constraints

if TYPE_CHECKING:
    from siteopt._arrays import Bools, Floats, Ints
    from siteopt.portfolio.problem.problem import Problem


__all__ = ["undominated"]


def undominated(problem: Problem) -> Ints:
    """Return the options that no other option of the same site dominates, rising.

    Option o dominates p where o can be built at every size that p can, costs no more at any,
    and is no worse in any row: then every plan that builds p is as good with o. Cost and rows
    are linear in the blocks, so both ends of p's range decide. Rows are those of this problem:
    a station whose headroom these options cannot exceed has none. Equal options: the first.
    """
    if problem.grows:  # what one option of a chain allows depends on the others
        return np.arange(problem.options)
    over, under = _pairs(problem)
    rows = constraints.all_rows(problem, without=("spacing",))
    y, n = sparse.csc_array(rows.y), sparse.csc_array(rows.n)
    wins = (
        problem.option_opens[over]
        & (problem.blocks_min[over] <= problem.blocks_min[under])
        & (problem.blocks_max[over] >= problem.blocks_max[under])
    )
    ties = np.ones(len(over), dtype=np.bool_)
    for ends in (problem.blocks_min, problem.blocks_max):
        blocks = ends[under].astype(np.float64)
        dearer = (
            problem.worth_fixed[over]
            - problem.worth_fixed[under]
            + (problem.worth_block[over] - problem.worth_block[under]) * blocks
        )
        wins &= dearer <= 0
        ties &= dearer == 0
        change = sparse.csc_array(
            y[:, over] - y[:, under] + (n[:, over] - n[:, under]) @ sparse.diags_array(blocks)
        )
        worse, differs = _worse(change, rows.lower, rows.upper)
        wins &= ~worse
        ties &= ~differs
    ties &= (problem.blocks_min[over] == problem.blocks_min[under]) & (
        problem.blocks_max[over] == problem.blocks_max[under]
    )
    kept = np.ones(problem.options, dtype=np.bool_)
    kept[under[wins & (~ties | (over < under))]] = False
    return np.flatnonzero(kept)


def _pairs(problem: Problem) -> tuple[Ints, Ints]:
    """Return all ordered pairs of different options of the same site."""
    order = np.argsort(problem.option_site, kind="stable")
    site = problem.option_site[order]
    over: list[Ints] = []
    under: list[Ints] = []
    step = 1
    while True:
        same = np.flatnonzero(site[step:] == site[:-step]) if step < len(site) else site[:0]
        if not same.size:
            break
        first, second = order[same], order[same + step]
        over.extend((first, second))
        under.extend((second, first))
        step += 1
    nothing = np.empty(0, dtype=np.int64)
    return np.concatenate([nothing, *over]), np.concatenate([nothing, *under])


def _worse(
    change: sparse.csc_array[np.float64], lower: Floats, upper: Floats
) -> tuple[Bools, Bools]:
    """Return (worse in a row, different in a row) for every column of a change of rows."""
    part = sparse.coo_array(change)
    row, column, value = part.row, part.col, part.data
    worse = np.zeros(change.shape[1], dtype=np.bool_)
    differs = np.zeros(change.shape[1], dtype=np.bool_)
    bad = ((value > 0) & np.isfinite(upper[row])) | ((value < 0) & np.isfinite(lower[row]))
    worse[column[bad]] = True
    differs[column[value != 0]] = True
    return worse, differs
