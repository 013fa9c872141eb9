"""Variants of a problem: with one more limit, or with another objective."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from siteopt.portfolio.constraints import energy
from siteopt.portfolio.constraints.block_bounds import tighten
from siteopt.portfolio.problem.problem import NO_LIMIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt._arrays import Floats, Ints
    from siteopt.portfolio.problem.problem import FlowName, Problem


__all__ = [
    "with_cap", "with_cost_cap", "with_energy_cuts", "with_flow_limits", "with_objective",
    "without_waiting",
]  # fmt: skip


def with_flow_limits(
    problem: Problem,
    names: Sequence[FlowName],
    price: Floats,
    most_mw: Floats,
    year: Ints | None = None,
) -> Problem:
    """Return the problem with further flow limits, held in the last year or in those given."""
    last = np.full(len(names), problem.horizon - 1, dtype=np.int64)
    year = last if year is None else year
    ahead = problem.ahead_blocks
    if np.any((price < 0).any(axis=1) & (year < last)):  # an early load relieves a branch
        ahead = np.full_like(ahead, NO_LIMIT)
    known = replace(
        problem,
        ahead_blocks=ahead,
        flow_name=(*problem.flow_name, *names),
        flow_price=np.vstack([problem.flow_price, price]),
        flow_most_mw=np.concatenate([problem.flow_most_mw, most_mw]),
        flow_year=np.concatenate([problem.flow_year, year]),
    )
    return known if ahead is problem.ahead_blocks else tighten(known)


def with_energy_cuts(problem: Problem, constant_bn_krw: Floats, price: Floats) -> Problem:
    """Return the problem with further optimality cuts of the energy cost (Benders 1962).

    Parameters
    ----------
    problem : Problem
        See `build_problem`.
    constant_bn_krw : ndarray, shape (K,)
        Without any load, discounted.
    price : ndarray, shape (K, Y, N)
        bn KRW of a MW of load at a bus in a year.
    """
    shape = (0, problem.horizon, len(problem.bus_id))
    known = replace(
        problem,
        energy_constant_bn_krw=np.concatenate([problem.energy_constant_bn_krw, constant_bn_krw]),
        energy_price_bn_krw_per_mw=np.concatenate(
            [problem.energy_price_bn_krw_per_mw.reshape(-1, *shape[1:]), price]
        ),
    )
    # A block built ahead may make energy cheaper in some year, so that not all can wait.
    return known if problem.horizon == 1 else without_waiting(known)


def with_cost_cap(problem: Problem, most_bn_krw: float) -> Problem:
    """Return the problem with a ceiling on its objective, energy cost by every known cut.

    The largest of several sums is at most the ceiling where each of them is.
    """
    weights = energy.weights(problem)
    capped = problem
    for place, constant in enumerate(problem.energy_constant_bn_krw):
        each = problem.worth_block + weights[[place]].toarray()[0]
        name = f"cost {place + 1}"
        capped = with_cap(capped, name, problem.worth_fixed, each, most_bn_krw - float(constant))
    if capped is problem:
        return with_cap(problem, "cost", problem.worth_fixed, problem.worth_block, most_bn_krw)
    return capped


def with_cap(problem: Problem, name: str, fixed: Floats, each: Floats, most: float) -> Problem:
    """Return the problem with a further side limit: sum of fixed y + each n <= most.

    Where a block takes more of it in a later year, what is built ahead cannot wait.
    """
    first = len(problem.cap_name) == 0
    shape = (0, problem.options)
    known = replace(
        problem,
        cap_name=np.append(problem.cap_name, np.str_(name)).astype(np.str_),
        cap_fixed=np.vstack(
            [problem.cap_fixed.reshape(shape) if first else problem.cap_fixed, fixed]
        ),
        cap_each=np.vstack([problem.cap_each.reshape(shape) if first else problem.cap_each, each]),
        cap_most=np.append(problem.cap_most, most),
    )
    return known if _can_wait(problem, each) else without_waiting(known)


def with_objective(problem: Problem, fixed: Floats, each: Floats) -> Problem:
    """Return the problem with another objective: the least sum of fixed y + each n."""
    known = replace(problem.without_energy(), worth_fixed=fixed, worth_block=each)
    return known if _can_wait(problem, each) else without_waiting(known)


def without_waiting(problem: Problem) -> Problem:
    """Return the problem in which blocks ahead of the target cannot come later as well."""
    if np.all(problem.ahead_blocks >= NO_LIMIT):
        return problem
    closed = problem.blocks_max < problem.blocks_min
    ahead = np.full_like(problem.ahead_blocks, NO_LIMIT)
    free = tighten(replace(problem, ahead_blocks=ahead))
    most = np.where(closed, problem.blocks_max, free.blocks_max)
    return replace(
        problem,
        ahead_blocks=ahead,
        blocks_max=most,
        option_gate=free.option_gate,
        site_gate=free.site_gate,
    )


def _can_wait(problem: Problem, each: Floats) -> bool:
    """Return whether a block of a connection never takes more in a later year."""
    same = problem.chain[1:] == problem.chain[:-1]
    return bool(np.all(np.diff(each)[same] <= 0))
