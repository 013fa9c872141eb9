"""The mixed-integer program (MIP) as arrays: variables, linking rows, rows of all constraint families.

min   sum over options of  worth_fixed y + worth_block n                                 (1)
s.t.  blocks_min y <= n, and n so far <= blocks_max x (y so far)                        (2)
      sum of y over the options of a site = w    (at most one connection and opening)   (3)
      rows of the families
      y, w in {0, 1}, n whole

"So far" sums over the chain of a connection up to the year of the option; where sites do not grow
it is the option alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from siteopt.portfolio import constraints

if TYPE_CHECKING:
    from siteopt._arrays import Bools, Floats, Ints
    from siteopt.portfolio.constraints import Rows
    from siteopt.portfolio.problem.problem import Problem


__all__ = ["Arrays", "plan_values", "program_arrays", "so_far", "whole_blocks"]


@dataclass(frozen=True, eq=False)
class Arrays:
    """A mixed-integer program: min cost x, row_lower <= matrix x <= row_upper, bounds on x."""

    cost: Floats
    lower: Floats
    upper: Floats
    integer: Bools
    matrix: sparse.csc_array[np.float64]
    row_lower: Floats
    row_upper: Floats

    def meets(self, values: Floats, slack: float = 1e-6) -> bool:
        """Return whether values satisfy every bound, row and integrality within a slack."""
        left = np.asarray(self.matrix @ values)
        size = 1.0 + np.asarray(abs(self.matrix) @ np.abs(values))
        return bool(
            np.all(values >= self.lower - slack)
            and np.all(values <= self.upper + slack)
            and np.all(left >= self.row_lower - slack * size)
            and np.all(left <= self.row_upper + slack * size)
            and np.all(np.abs(values - np.round(values))[self.integer] <= slack)
        )


def plan_values(problem: Problem, rows: Rows, blocks: Ints) -> Floats:
    """Return a plan (blocks an option) as values of a program's columns.

    The families' own variables are as large as the plan lets them be.
    """
    built, many = problem.opened(blocks).astype(np.float64), blocks.astype(np.float64)
    chosen = np.zeros(problem.sites)
    chosen[problem.option_site[blocks > 0]] = 1.0
    return np.concatenate([built, many, chosen, _own_values(rows, built, many, chosen)])


def whole_blocks(problem: Problem, values: Floats) -> Ints:
    """Return the blocks per option in values of the variables, whole, 0 where not built."""
    options = problem.options
    blocks = np.round(values[options : 2 * options])
    if not problem.grows:
        blocks = np.where(np.round(values[:options]) > 0, blocks, 0)
    return blocks.astype(np.int64)


def so_far(problem: Problem) -> sparse.csr_array[np.float64]:
    """Return (O, O) which options count in the limit on each one's blocks: 1 where they do."""
    options = np.arange(problem.options)
    if not problem.grows or not problem.options:
        return sparse.csr_array(sparse.eye_array(problem.options, format="csr"))
    start = np.searchsorted(problem.chain, problem.chain)
    times = options - start + 1
    row = np.repeat(options, times)
    column = np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times) + start[row]
    shape = (problem.options, problem.options)
    return sparse.csr_array((np.ones(len(row)), (row, column)), shape=shape)


def program_arrays(problem: Problem, rows: Rows | None = None) -> Arrays:
    """Return the program of a problem as arrays, with columns y (options), n (options), w (sites), x.

    Parameters
    ----------
    problem : Problem
        Every option in it is open; usually a restriction of a larger one (`Problem.take`).
    rows : Rows, optional
        Rows in place of those of all families (an elastic program has slack in them).
    """
    rows = constraints.all_rows(problem) if rows is None else rows
    options, sites = problem.options, problem.sites
    one = sparse.eye_array(options, format="csr")
    of_site = constraints.incidence(problem.option_site, sites)
    blank = sparse.csr_array((options, sites + len(rows.extras)), dtype=np.float64)
    least = sparse.hstack([-one * problem.blocks_min[:, None], one, blank])
    chain = so_far(problem)
    most = sparse.hstack([-chain * problem.blocks_max[:, None], chain, blank])
    link = sparse.hstack(
        [
            of_site,
            sparse.csr_array((sites, options), dtype=np.float64),
            -sparse.eye_array(sites),
            sparse.csr_array((sites, len(rows.extras)), dtype=np.float64),
        ]
    )
    family = sparse.hstack([rows.y, rows.n, rows.w, rows.x])
    infinite = np.full(options, np.inf)
    extras = rows.extras
    return Arrays(
        cost=np.concatenate(
            [problem.worth_fixed, problem.worth_block, np.zeros(sites), [e.cost for e in extras]]
        ),
        lower=np.concatenate([np.zeros(2 * options + sites), [e.lower for e in extras]]),
        upper=np.concatenate(
            [
                problem.option_opens.astype(np.float64),
                problem.blocks_max,
                np.ones(sites),
                [e.upper for e in extras],
            ]
        ),
        integer=np.concatenate(
            [np.ones(2 * options + sites, dtype=np.bool_), [e.integer for e in extras]]
        ).astype(np.bool_),
        matrix=sparse.csc_array(sparse.vstack([least, most, link, family])),
        row_lower=np.concatenate([np.zeros(options), -infinite, np.zeros(sites), rows.lower]),
        row_upper=np.concatenate([infinite, np.zeros(options), np.zeros(sites), rows.upper]),
    )


def _own_values(rows: Rows, built: Floats, blocks: Floats, chosen: Floats) -> Floats:
    """Return the largest values of the families' own variables that a plan's rows allow."""
    own = np.array([extra.upper for extra in rows.extras], dtype=np.float64)
    if not own.size:
        return own
    left = np.asarray(rows.y @ built + rows.n @ blocks + rows.w @ chosen)
    matrix = sparse.coo_array(rows.x)
    for row, column, value in zip(matrix.row, matrix.col, matrix.data, strict=True):
        if value > 0 and np.isfinite(rows.upper[row]):
            own[column] = min(own[column], (rows.upper[row] - left[row]) / value)
    return np.maximum(own, [extra.lower for extra in rows.extras])
