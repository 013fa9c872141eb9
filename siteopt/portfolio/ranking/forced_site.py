"""The best plan with a site that the plan does without, or without one that it has."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from siteopt.errors import SolverError
from siteopt.portfolio import constraints
from siteopt.portfolio.search.gap_closing import MANY_OPTIONS, close_gap
from siteopt.portfolio.search.restricted_mips import Found, search
from siteopt.portfolio.solver.backends import LEAN, Answer, Limits, solve_arrays
from siteopt.portfolio.solver.deadline import Clock
from siteopt.portfolio.solver.mip import program_arrays, whole_blocks
from siteopt.scenario import Solver

if TYPE_CHECKING:
    from siteopt._arrays import Bools, Ints
    from siteopt.portfolio.bounds.reduced_cost import Bound
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.restricted_mips import Program


__all__ = ["guess", "search_with", "search_without"]

_FIRST = 60  # options in the first program; a good plan without the site is known
_GUESS = 22  # options beside those of the plan itself in the program of a guess
_GUESS_OWN = 3  # options of the site
_GUESS_NODES = 40  # of its search tree; a count, not a time, so that it ends alike everywhere
_GUESS_PROVINCE = 3  # options of each province that fit beside the plan
_QUESTION_TIME = 0.25  # of the time left; more is not spent on what one site is worth


def search_with(
    part: Problem, bound: Bound, site: int, clock: Clock, ceiling: float = np.inf
) -> Found:
    """Find the best plan that chooses a site; the bound is that of the site forced in."""
    program = _forcing(part, bound, site)
    return search(part, bound, program, clock, 0.0, _FIRST, ceiling, site=site)


def search_without(part: Problem, bound: Bound, clock: Clock) -> Found:
    """Find the best plan without the sites that the bound has closed."""
    program = _forcing(part, bound, -1)
    found = search(part, bound, program, clock, 0.0, _FIRST, largest=MANY_OPTIONS)
    if found.ended or found.blocks is None:
        return found
    exact = Solver(gap=0.0, threads=1)
    return close_gap(part, bound, found, exact, Clock(_QUESTION_TIME * clock.left), _anything)


def _anything(_plan: Ints) -> bool:
    return True


def guess(  # noqa: PLR0913 - what is known, and what is asked
    part: Problem,
    bound: Bound,
    blocks: Ints,
    site: int,
    clock: Clock,
    *,
    inside: bool,
    fits: Bools,
) -> Found:
    """Find a good plan with or without a site, over few options: a plan's and the nearest ones.

    ``fits`` says which sites can stand beside those of the plan that stay. Nothing is proven of it.
    """
    order = np.argsort(bound.beyond, kind="stable")
    beside = _first_of_each(order[fits[part.option_site[order]]], part)
    own = order[part.option_site[order] == site][:_GUESS_OWN]
    kept = np.unique(np.concatenate([np.flatnonzero(blocks > 0), order[:_GUESS], beside, own]))
    if not inside:
        kept = kept[part.option_site[kept] != site]
    plain = replace(bound, cuts=())  # with cuts a search of a few nodes finds worse plans
    program = _forcing(part, plain, site if inside else -1, {"mip_max_nodes": _GUESS_NODES})
    _, found = program(kept, None, max(clock.left, 0.05), np.inf)
    if found is None:
        return Found(None, np.inf, -np.inf, proven=False)
    plan = np.zeros(part.options, dtype=np.int64)
    plan[kept] = found
    return Found(plan, part.worth(plan), -np.inf, proven=False)


def _first_of_each(order: Ints, part: Problem) -> Ints:
    """Return the first few options of each province, so that one at its limit has others to take."""
    province = part.site_province[part.option_site[order]]
    by_province = np.argsort(province, kind="stable")
    ranked = province[by_province]
    turn = np.arange(len(order)) - np.searchsorted(ranked, ranked)
    return order[by_province[turn < _GUESS_PROVINCE]]


def _forcing(
    part: Problem, bound: Bound, site: int, options: dict[str, Any] | None = None
) -> Program:
    """Return a program that is solved from arrays, with a site of the problem forced in.

    ``options`` are of HiGHS.
    """
    identity = part.site_id[site] if site >= 0 else ""

    def program(
        kept: Ints, begin: Ints | None, seconds: float, threshold: float
    ) -> tuple[Answer, Ints | None]:
        del begin
        small = part.take(kept)
        arrays = program_arrays(small, constraints.with_cuts(small, bound.cuts, part, kept))
        if site >= 0:
            place = int(np.searchsorted(small.site_id, identity))
            if small.site_id[place : place + 1].tolist() != [identity]:
                raise SolverError(f"site {identity} is not in its own program; this is a defect")
            arrays.lower[2 * small.options + place] = 1.0
        limits = Limits(gap=0.0, gap_abs=1e-6, seconds=seconds, cutoff=threshold)
        answer = solve_arrays(arrays, limits, **LEAN, **(options or {}))
        return answer, None if answer.values is None else whole_blocks(small, answer.values)

    return program
