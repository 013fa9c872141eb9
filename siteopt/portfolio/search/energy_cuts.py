"""Optimality cuts of the energy cost: what plans cost beyond what the known ones prove.

Benders (1962), Partitioning procedures: the energy program is the subproblem, its value a convex
function of the loads, and each of its answers a cut below it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.portfolio.bounds.column_generation import RestrictedMaster
from siteopt.portfolio.bounds.reduced_cost import FEASIBILITY_TOLERANCE
from siteopt.portfolio.constraints.variants import with_energy_cuts
from siteopt.portfolio.problem.restriction import Restriction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt._arrays import Floats, Ints
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.grid_oracle import GridLike
    from siteopt.portfolio.solver.deadline import Deadline

__all__ = ["EnergyCut", "cuts_of_relaxation", "missing_cuts", "with_cuts"]

_ROUNDS: Final = 12
"""Of a relaxation; on the national case the gap closes in four."""

_OF_RELAXATION: Final = 1e-5
"""Relative to the objective; a relaxation needs no finer cuts, the plan gets its own."""


@dataclass(frozen=True, eq=False)
class EnergyCut:
    """Energy cost >= constant + sum of price x load."""

    constant_bn_krw: float
    price: Floats
    """(Y, N) bn KRW of a MW of load."""
    missing_bn_krw: float
    """How much more the loads that it was made at cost than was known."""


def missing_cuts(
    problem: Problem, grid: GridLike | None, plans: Sequence[Ints | Floats], slack_bn_krw: float
) -> list[EnergyCut]:
    """Return cuts at the loads of plans whose energy costs more than known, by a slack at least.

    Parameters
    ----------
    problem : Problem
        With the cuts that are known.
    grid : GridLike or None
        Whose energy is meant; no cuts without any.
    plans : sequence of ndarray
        Blocks by option.
    slack_bn_krw : float
        What may be missing.
    """
    if grid is None or grid.energy is None or not problem.energy_counts:
        return []
    found = []
    for blocks in plans:
        load = problem.yearly_bus_loads(blocks)
        cost, price = grid.energy.cut(load)
        known = len(problem.energy_constant_bn_krw)
        missing = cost - problem.energy_bn_krw(blocks) if known else np.inf
        if missing > slack_bn_krw:
            found.append(EnergyCut(cost - float((price * load).sum()), price, missing))
    return found


def with_cuts(problem: Problem, cuts: Sequence[EnergyCut]) -> Problem:
    """Return a problem with further cuts."""
    if not cuts:
        return problem
    return with_energy_cuts(
        problem,
        np.array([cut.constant_bn_krw for cut in cuts]),
        np.array([cut.price for cut in cuts]),
    )


def cuts_of_relaxation(problem: Problem, grid: GridLike, deadline: Deadline) -> Problem:
    """Return the problem with the cuts that its linear relaxation misses, one after another."""
    if grid.energy is None or not problem.energy_counts:
        return problem
    for _ in range(_ROUNDS):
        part = Restriction.to_open(problem).part
        if deadline.left <= 0 or part.options == 0:
            break
        master = RestrictedMaster(part, rounding=False)
        bound = master.solve(seconds=deadline.left)
        if master.artificial > FEASIBILITY_TOLERANCE:
            break
        cuts = missing_cuts(part, grid, [master.blocks()], _OF_RELAXATION * abs(bound.value))
        if not cuts:
            break
        problem = with_cuts(problem, cuts)
    return problem
