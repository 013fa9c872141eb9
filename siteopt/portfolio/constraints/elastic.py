"""Elastic program (feasibility relaxation): limits dropped, or violated at a cost.

Chinneck, Feasibility and Infeasibility in Optimization (2008), chapter 6.1.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from siteopt.portfolio import constraints
from siteopt.portfolio.constraints._rows import Rows, join
from siteopt.portfolio.constraints.block_bounds import tighten

if TYPE_CHECKING:
    from collections.abc import Collection

    from siteopt.limit_key import LimitKey
    from siteopt.portfolio.problem.problem import Problem


__all__ = ["drop", "elastic_rows", "with_elastic_bounds", "without"]


def drop(problem: Problem, kinds: Collection[str]) -> Problem:
    """Return the problem without some kinds of limits, its bounds on blocks made anew."""
    for kind in constraints.kinds():
        if kind.name in kinds:
            problem = kind.without(problem, None)
    return tighten(problem)


def without(problem: Problem, limits: Collection[LimitKey]) -> Problem:
    """Return the problem without some of its limits, its bounds on blocks made anew."""
    for kind in constraints.kinds():
        own = [limit for limit in limits if kind.holds(limit)]
        if own:
            problem = kind.without(problem, own)
    return tighten(problem)


def with_elastic_bounds(problem: Problem, kinds: Collection[str]) -> Problem:
    """Return the problem with its limits, but bounds on blocks as without some kinds of them."""
    free = drop(problem, kinds)
    return replace(
        problem,
        blocks_max=free.blocks_max,
        option_gate=free.option_gate,
        site_gate=free.site_gate,
    )


def elastic_rows(problem: Problem, kinds: Collection[str], *, relaxation: bool) -> Rows:
    """Return the rows of all families, those of some kinds with slack (elastic rows).

    Slack costs so much that one unit of any limit counts by its share of the national target:
    a block of target or province share, the contract power or the water of a block, its capital.

    Parameters
    ----------
    problem : Problem
        Usually a part of the whole one.
    kinds : collection of str
        Names of the kinds.
    relaxation : bool
        Whether the rows are for a linear relaxation; families that cuts stand in for are left out.
    """
    parts = []
    for family in constraints.FAMILIES:
        if relaxation and not family.in_relaxation:
            continue
        make = family.elastic_rows
        parts.append(family.rows(problem) if make is None else make(problem, kinds))
    return join(parts)
