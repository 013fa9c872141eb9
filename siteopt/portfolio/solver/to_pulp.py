"""The MIP as a PuLP model, to look at, to extend and to write as ``.lp`` or ``.mps``.

Names are those of options, sites and limits, with ``_`` for what a file of either kind does not
allow in a name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pulp
from scipy import sparse

from siteopt.portfolio import constraints
from siteopt.portfolio.solver.mip import program_arrays

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.solver.mip import Arrays


__all__ = ["pulp_model", "to_pulp"]

_LONGEST = 80  # characters of a name; PuLP writes no longer one than 100 into a .lp file


def to_pulp(problem: Problem) -> pulp.LpProblem:
    """Return the MIP of a problem as a PuLP model; closed options are left out.

    Variables are ``open_<option>`` (1: the option opens its site) and ``blocks_<option>`` (blocks
    that begin to run through it), each followed by the year where several are planned, and
    ``site_<site>`` (1: chosen). The plan is where ``blocks_`` are above 0.

    Parameters
    ----------
    problem : Problem
        See `build_problem`.

    Returns
    -------
    pulp.LpProblem
        Solve it by any solver of PuLP, add constraints to it, or write it by ``writeLP`` and
        ``writeMPS``.

    Examples
    --------
    >>> import siteopt
    >>> from siteopt.portfolio import to_pulp
    >>> model = to_pulp(siteopt.Study("national-2035").problem)  # doctest: +SKIP
    >>> model.writeLP("national-2035.lp")  # doctest: +SKIP
    """
    part = problem.take(problem.open_options())
    rows = constraints.all_rows(part)
    option = part.option_id.astype(object)
    if part.horizon > 1:
        option = option + " " + part.years[part.option_year].astype(str).astype(object)
    chain = [f"{kind} {name}" for kind in ("at_least", "at_most") for name in option]
    columns = [
        *(f"{kind} {name}" for kind in ("open", "blocks") for name in option),
        *(f"site {name}" for name in part.site_id),
        *(f"count {extra.name}" for extra in rows.extras),
    ]
    links = [f"connection {name}" for name in part.site_id]
    limits = [f"limit {key}" for key in rows.keys]
    return pulp_model(program_arrays(part, rows), columns, [*chain, *links, *limits])[0]


def pulp_model(
    arrays: Arrays, columns: Sequence[str] | None = None, rows: Sequence[str] | None = None
) -> tuple[pulp.LpProblem, list[pulp.LpVariable]]:
    """Return a MIP given as arrays as a PuLP model, and its variables in the order of the columns.

    Parameters
    ----------
    arrays : Arrays
        The program.
    columns, rows : sequence of str, optional
        Names; numbers by default. A row with two different sides becomes two constraints.
    """
    count, sides = len(arrays.cost), len(arrays.row_lower)
    model = pulp.LpProblem("siteopt", pulp.LpMinimize)
    kinds = (pulp.LpContinuous, pulp.LpInteger)
    variables = [
        model.add_variable(name, _finite(low), _finite(high), kinds[int(whole)])
        for name, low, high, whole in zip(
            _unique(columns or [f"x {place}" for place in range(count)]),
            arrays.lower, arrays.upper, arrays.integer, strict=True,
        )
    ]  # fmt: skip
    costs = [(variables[place], float(arrays.cost[place])) for place in np.flatnonzero(arrays.cost)]
    model.setObjective(pulp.LpAffineExpression(costs))
    matrix = sparse.csr_array(arrays.matrix)
    names = _unique(rows or [f"row {place}" for place in range(sides)])
    for row, (name, low, high) in enumerate(
        zip(names, arrays.row_lower.tolist(), arrays.row_upper.tolist(), strict=True)
    ):
        entries = slice(matrix.indptr[row], matrix.indptr[row + 1])
        terms = [
            (variables[column], float(value))
            for column, value in zip(matrix.indices[entries], matrix.data[entries], strict=True)
        ]
        for sense, side, suffix in _senses(low, high):
            expression = pulp.LpAffineExpression(terms)
            model.addConstraint(pulp.LpConstraint(expression, sense, name + suffix, side))
    return model, variables


def _senses(low: float, high: float) -> list[tuple[int, float, str]]:
    """Return sense, right side and suffix of the constraints that a row with two sides becomes."""
    if low == high:
        return [(pulp.LpConstraintEQ, low, "")]
    both = np.isfinite(low) and np.isfinite(high)
    sides = [
        (pulp.LpConstraintGE, low, "_low" if both else ""),
        (pulp.LpConstraintLE, high, "_high" if both else ""),
    ]
    return [side for side in sides if np.isfinite(side[1])]


def _finite(bound: float) -> float | None:
    return float(bound) if np.isfinite(bound) else None


def _unique(names: Iterable[str]) -> list[str]:
    """Return names that a .lp and a .mps file allow, a number added where two became the same."""
    found: dict[str, None] = {}
    for place, name in enumerate(names):
        plain = re.sub(r"[^A-Za-z0-9_.]", "_", name)[:_LONGEST]
        while plain in found:
            plain = f"{plain}_{place}"
        found[plain] = None
    return list(found)
