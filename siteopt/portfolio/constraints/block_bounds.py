"""Bound tightening: the smallest upper bounds (big-M) on blocks that single limits imply.

Savelsbergh, Preprocessing and probing techniques for mixed integer programming problems (1994).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.portfolio import constraints
from siteopt.portfolio.constraints.family import BlockBound
from siteopt.portfolio.problem.problem import NO_LIMIT

if TYPE_CHECKING:
    from siteopt._arrays import Ints, Texts
    from siteopt.portfolio.problem.problem import Problem


__all__ = ["closing_reasons", "first_reason", "tighten"]


def _in_time(problem: Problem, year: int) -> Ints:
    del year
    return np.where(problem.option_late, -1, NO_LIMIT)


def _on_land(problem: Problem, year: int) -> Ints:
    del year
    return problem.blocks_land


_OF_OPTIONS: Final = (BlockBound("time", 20, _in_time), BlockBound("size", 30, _on_land))
"""Bounds of the options themselves, which belong to no family."""
_UNCONNECTED: Final = "connection"
"""Reason of a site without any option."""


def _bounds() -> list[BlockBound]:
    """Return all bounds on blocks, in the order in which they close an option."""
    of_families = (bound for family in constraints.FAMILIES for bound in family.block_bounds)
    return sorted([*_OF_OPTIONS, *of_families], key=lambda bound: bound.order)


def closing_reasons() -> tuple[str, ...]:
    """Return why an option or site cannot be built at all, in order; '' is open."""
    return ("", _UNCONNECTED, *(bound.reason for bound in _bounds()))


def first_reason(problem: Problem, option: int, blocks: int) -> str:
    """Return the first single limit that leaves an option fewer blocks than it has; '' for none.

    Parameters
    ----------
    problem : Problem
        With the option.
    option : int
        Its number.
    blocks : int
        What runs there from the year of the option on.
    """
    for bound in _bounds():
        for year in range(int(problem.option_year[option]), problem.horizon):
            if bound.most(problem, year)[option] < blocks:
                return bound.reason
    return ""


def tighten(problem: Problem) -> Problem:
    """Return the problem with the most blocks of each option that every single limit allows.

    Sets ``blocks_max``, and ``option_gate`` and ``site_gate`` where nothing is left. An option
    whose station has no known headroom, or whose basin has no known supply, has none.
    """
    bounds = _bounds()
    reasons = closing_reasons()
    most = np.full(problem.options, NO_LIMIT, dtype=np.int64)
    gate = np.full(problem.options, "", dtype=f"<U{max(16, *map(len, reasons))}")
    for bound in bounds:
        # What runs stays, so a limit of any later year holds for what is built before it.
        own = np.full(problem.options, NO_LIMIT, dtype=np.int64)
        for year in range(problem.horizon):
            since = problem.option_year <= year
            own = np.minimum(own, np.where(since, bound.most(problem, year), NO_LIMIT))
        gate[(gate == "") & (own < problem.blocks_min)] = bound.reason
        most = np.minimum(most, own)
    most = np.minimum(most, _of_use(problem))
    return replace(
        problem,
        blocks_max=most,
        option_gate=gate,
        site_gate=_site_gates(problem.sites, problem.option_site, gate, reasons),
    )


def _of_use(problem: Problem) -> Ints:
    """Return the most blocks (O,) that a site has any use for in the year of an option."""
    province = problem.site_province[problem.option_site]
    least = problem.province_min_blocks[province, problem.option_year]
    of_use = np.maximum(problem.ahead_blocks[problem.option_year], least)
    return np.asarray(np.maximum(of_use, problem.blocks_min))


def _site_gates(sites: int, at: Ints, option_gate: Texts, reasons: tuple[str, ...]) -> Texts:
    """Return the gate of each site: '' where an option is open, else that of the last to close."""
    by_name = np.argsort(reasons)
    place = np.searchsorted(np.array(reasons), option_gate, sorter=by_name)
    order = by_name[place].astype(np.int64)
    order[order == 0] = len(reasons)
    furthest = np.full(sites, reasons.index(_UNCONNECTED), dtype=np.int64)
    np.maximum.at(furthest, at, order)
    return np.array([*reasons, ""], dtype=np.str_)[furthest]
