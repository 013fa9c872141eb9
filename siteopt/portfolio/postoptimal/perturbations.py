"""Unit perturbations: each limit that binds moved by one natural unit, all others held.

A block for targets and shares, the contract power or the water of a block for stations and basins,
a MW for flow limits, 100 bn KRW for budgets, a km for spacing: each constraint family knows its
own. A limit is moved in all years of the plan at once, targets and budgets of a year for
themselves.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from siteopt.portfolio import constraints
from siteopt.portfolio.constraints.block_bounds import tighten
from siteopt.portfolio.constraints.family import Perturbation, Room

if TYPE_CHECKING:
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.plan import Plan


__all__ = ["Perturbation", "perturbations"]


def perturbations(problem: Problem, plan: Plan) -> list[Perturbation]:
    """Return the limits that bind, or have less than a unit of room, moved by a unit.

    Each is loosened; those that can also be tightened (targets, shares, counts, budgets, spacing)
    are tightened too.

    Parameters
    ----------
    problem : Problem
        The one that the plan answers.
    plan : Plan
        Its best plan.
    """
    room = Room.of(plan.limits(problem), plan.blocks)
    return [
        replace(moved, problem=tighten(moved.problem))
        for family in constraints.FAMILIES
        for moved in family.perturbations(problem, room)
    ]
