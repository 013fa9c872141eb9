"""The program as a PuLP model: variables, links and the rows of every constraint family.

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
import pulp
from scipy import sparse

from siteopt.portfolio import constraints

if TYPE_CHECKING:
    from siteopt._arrays import Bools, Floats, Ints
    from siteopt.portfolio.constraints import Rows
    from siteopt.portfolio.problem.problem import Problem


__all__ = [
    "Arrays", "Model", "build_model", "plan_values", "program_arrays", "so_far", "whole_blocks",
]  # fmt: skip


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


@dataclass(frozen=True, eq=False)
class Model:
    """A PuLP model and where its variables stand in it.

    Columns are in the order y (options), n (options), w (sites), x (families' own).
    """

    problem: Problem
    pulp: pulp.LpProblem
    variables: tuple[pulp.LpVariable, ...]
    rows: Rows

    def arrays(self) -> Arrays:
        """Return the PuLP model as arrays, in the order of ``variables``."""
        place = {id(variable): column for column, variable in enumerate(self.variables)}
        count = len(self.variables)
        cost = np.zeros(count)
        for variable, value in self.pulp.objective.items():
            if id(variable) in place:  # PuLP puts a dummy of its own into an empty objective
                cost[place[id(variable)]] = value
        columns: list[int] = []
        values: list[float] = []
        starts = [0]
        lower, upper = [], []
        for constraint in self.pulp.constraints():
            columns.extend(place[id(variable)] for variable in constraint.expr)
            values.extend(constraint.expr.values())
            starts.append(len(columns))
            side = -constraint.constant
            lower.append(-np.inf if constraint.sense == pulp.LpConstraintLE else side)
            upper.append(np.inf if constraint.sense == pulp.LpConstraintGE else side)
        by_row = sparse.csr_array((values, columns, starts), shape=(len(lower), count))
        return Arrays(
            cost=cost,
            lower=np.array([variable.lowBound for variable in self.variables], dtype=np.float64),
            upper=np.array([variable.upBound for variable in self.variables], dtype=np.float64),
            integer=np.array([v.cat == pulp.LpInteger for v in self.variables], dtype=np.bool_),
            matrix=sparse.csc_array(by_row),
            row_lower=np.array(lower, dtype=np.float64),
            row_upper=np.array(upper, dtype=np.float64),
        )

    def blocks(self, values: Floats) -> Ints:
        """Return the blocks per option in a solution, whole, 0 where not built."""
        return whole_blocks(self.problem, values)

    def values(self, blocks: Ints) -> Floats:
        """Return a plan as values of the variables; the families' own are 1 where they may be."""
        return plan_values(self.problem, self.rows, blocks)


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
    """Return the same program as `build_model`, straight as arrays (for many small programs)."""
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


def build_model(problem: Problem, rows: Rows | None = None) -> Model:
    """Return the PuLP model of a problem; every option in it should be open.

    Parameters
    ----------
    problem : Problem
        Usually a part of the whole one (`Problem.take`).
    rows : Rows, optional
        Rows in place of those of all families (diagnosis has slack in them).
    """
    rows = constraints.all_rows(problem) if rows is None else rows
    model = pulp.LpProblem("siteopt", pulp.LpMinimize)
    binary, whole = range(problem.options), problem.blocks_max
    opens = problem.option_opens
    y = [model.add_variable(f"y{o}", 0, int(opens[o]), pulp.LpInteger) for o in binary]
    n = [model.add_variable(f"n{o}", 0, int(whole[o]), pulp.LpInteger) for o in binary]
    w = [model.add_variable(f"w{i}", 0, 1, pulp.LpInteger) for i in range(problem.sites)]
    x = [
        model.add_variable(
            f"x{k}", e.lower, e.upper, pulp.LpInteger if e.integer else pulp.LpContinuous
        )
        for k, e in enumerate(rows.extras)
    ]
    variables = (*y, *n, *w, *x)
    cost = np.concatenate(
        [
            problem.worth_fixed,
            problem.worth_block,
            np.zeros(problem.sites),
            [extra.cost for extra in rows.extras],
        ]
    )
    model.setObjective(
        pulp.LpAffineExpression([(variables[k], float(cost[k])) for k in np.flatnonzero(cost)])
    )
    chain = so_far(problem)
    for o in binary:
        low, high = int(problem.blocks_min[o]), int(whole[o])
        earlier = chain.indices[chain.indptr[o] : chain.indptr[o + 1]]
        _add(model, [(n[o], 1.0), (y[o], -low)], pulp.LpConstraintGE, 0.0, f"least_{o}")
        most = [*((n[p], 1.0) for p in earlier), *((y[p], -high) for p in earlier)]
        _add(model, most, pulp.LpConstraintLE, 0.0, f"most_{o}")
    of_site: list[list[tuple[pulp.LpVariable, float]]] = [[(item, -1.0)] for item in w]
    for o, site in enumerate(problem.option_site):
        of_site[site].append((y[o], 1.0))
    for site, terms in enumerate(of_site):
        _add(model, terms, pulp.LpConstraintEQ, 0.0, f"site_{site}")
    _add_rows(model, variables, rows)
    return Model(problem, model, variables, rows)


def _add(
    model: pulp.LpProblem,
    terms: list[tuple[pulp.LpVariable, float]],
    sense: int,
    side: float,
    name: str,
) -> None:
    expression = pulp.LpAffineExpression(terms)
    model.addConstraint(pulp.LpConstraint(expression, sense, name, side))


def _add_rows(model: pulp.LpProblem, variables: tuple[pulp.LpVariable, ...], rows: Rows) -> None:
    matrix = sparse.csr_array(sparse.hstack([rows.y, rows.n, rows.w, rows.x]))
    for row in range(len(rows)):
        part = slice(matrix.indptr[row], matrix.indptr[row + 1])
        terms = [
            (variables[column], float(value))
            for column, value in zip(matrix.indices[part], matrix.data[part], strict=True)
        ]
        low, high = float(rows.lower[row]), float(rows.upper[row])
        if low == high:
            _add(model, terms, pulp.LpConstraintEQ, low, f"row_{row}")
            continue
        if np.isfinite(low):
            _add(model, terms, pulp.LpConstraintGE, low, f"row_{row}_low")
        if np.isfinite(high):
            _add(model, terms, pulp.LpConstraintLE, high, f"row_{row}_high")
