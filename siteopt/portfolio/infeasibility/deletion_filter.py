"""Irreducible infeasible set of limits (IIS), by a deletion filter.

Chinneck and Dravnieks, Locating minimal infeasible constraint sets in linear programs (1991).

A kind of limits is many: every station has its headroom, every province its shares in every year.
Limits are deleted in groups of falling size while the rest stays infeasible. The duals that prove
infeasibility of the relaxation come first: a limit whose rows have no dual is no part of that
proof, so a handful is left of thousands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.portfolio import constraints
from siteopt.portfolio.bounds.column_generation import RestrictedMaster
from siteopt.portfolio.bounds.reduced_cost import FEASIBILITY_TOLERANCE, without_cost
from siteopt.portfolio.constraints.elastic import drop, without

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from siteopt.limit_key import LimitKey
    from siteopt.portfolio.problem.problem import Problem

__all__ = ["irreducible_set", "limits_of"]

_NO_DUAL: Final = 1e-9


def limits_of(problem: Problem, kinds: Collection[str]) -> list[LimitKey]:
    """Return the limits of some kinds that options or sites of the problem can meet or miss."""
    return [
        limit
        for kind in reversed(constraints.kinds())
        if kind.name in kinds
        for limit in kind.limits(problem)
    ]


def irreducible_set(
    problem: Problem, kinds: Collection[str], has_plan: Callable[[Problem], bool | None]
) -> tuple[tuple[LimitKey, ...], bool]:
    """Return limits that together have no plan, and whether that is proven to need each of them.

    Parameters
    ----------
    problem : Problem
        One that has no plan.
    kinds : collection of str
        Kinds of limits in conflict: there is no plan without all others.
    has_plan : callable
        Whether a problem has a plan; None where that is not known.
    """
    held = drop(problem, [kind.name for kind in constraints.kinds() if kind.name not in kinds])
    everything = limits_of(held, kinds)

    def only(limits: Sequence[LimitKey]) -> bool | None:
        stay = set(limits)
        return has_plan(without(held, [limit for limit in everything if limit not in stay]))

    kept = everything
    proof = _in_proof(held, everything)
    if 0 < len(proof) < len(everything) and only(proof) is False:
        kept = proof
    minimal, size = True, max(len(kept) // 2, 1)
    while True:
        place = 0
        while place < len(kept):
            rest = [*kept[:place], *kept[place + size :]]
            state = only(rest)
            if state is False:
                kept = rest
                continue
            minimal &= size > 1 or state is True
            place += size
        if size == 1:
            return tuple(kept), minimal
        size = max(min(size // 2, len(kept) // 2), 1)


def _in_proof(problem: Problem, limits: Sequence[LimitKey]) -> list[LimitKey]:
    """Return the limits whose rows have a dual in the relaxation's proof of infeasibility.

    All, where the relaxation has no such proof. Limits that are no rows stay.
    """
    part = problem.take(problem.open_options())
    if part.options == 0:
        return list(limits)
    relaxation = RestrictedMaster(without_cost(part), rounding=False)
    if relaxation.solve(FEASIBILITY_TOLERANCE).value <= FEASIBILITY_TOLERANCE:
        return list(limits)
    used = np.abs(relaxation.dual[: len(relaxation.rows)]) > _NO_DUAL
    # The deletion filter distinguishes years and sides.
    rows = {key.undated() for key, there in zip(relaxation.rows.keys, used, strict=True) if there}

    def is_part(limit: LimitKey) -> bool:
        of_rows = constraints.kind_of(limit).proof_keys
        return of_rows is None or not rows.isdisjoint(of_rows(problem, limit))

    return [limit for limit in limits if is_part(limit)]
