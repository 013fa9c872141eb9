"""How many blocks each option can have at most, and problems with one more limit or another aim."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from siteopt.portfolio.problem.problem import GATES, MANY, whole

if TYPE_CHECKING:
    from siteopt._arrays import Floats, Ints, Texts
    from siteopt.portfolio.problem.problem import Problem


__all__ = ["tighten", "with_cap", "with_flow_limits", "with_objective", "without_waiting"]


def tighten(problem: Problem) -> Problem:
    """Return the problem with the most blocks of each option that every single limit allows.

    Sets ``blocks_max``, and ``option_gate`` and ``site_gate`` where nothing is left. An option
    whose station has no known headroom, or whose basin has no known supply, has none.
    """
    most = np.full(problem.options, MANY, dtype=np.int64)
    gate = np.full(problem.options, "", dtype="<U16")
    # What runs stays, so a limit of any later year holds for what is built before it.
    bounds: dict[str, Ints] = {}
    for year in range(problem.horizon):
        since = problem.option_year <= year
        for name, bound in _bounds_in(problem, year).items():
            held = np.where(since, bound, MANY)
            bounds[name] = np.minimum(bounds.get(name, held), held)
    for name, bound in bounds.items():
        gate[(gate == "") & (bound < problem.blocks_min)] = name
        most = np.minimum(most, bound)
    most = np.minimum(most, _of_use(problem))
    return replace(
        problem,
        blocks_max=most,
        option_gate=gate,
        site_gate=_site_gates(problem.sites, problem.option_site, gate),
    )


def _of_use(problem: Problem) -> Ints:
    """Return the most blocks (O,) that a site has any use for in the year of an option."""
    province = problem.site_province[problem.option_site]
    least = problem.province_min_blocks[province, problem.option_year]
    of_use = np.maximum(problem.ahead_blocks[problem.option_year], least)
    return np.asarray(np.maximum(of_use, problem.blocks_min))


def _bounds_in(problem: Problem, year: int) -> dict[str, Ints]:
    """Return the most blocks (O,) that each kind of limit allows in a year, by gate."""
    at, basin = problem.option_site, problem.site_basin[problem.option_site]
    supply = np.where(basin >= 0, np.append(problem.basin_m3_day[:, year], 0.0)[basin], 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        by_water = np.where(problem.water_m3_day > 0, supply / problem.water_m3_day, np.inf)
        money = problem.budget_bn_krw - problem.capital_fixed_bn_krw
        by_budget = np.where(
            problem.capital_block_bn_krw > 0, money / problem.capital_block_bn_krw, np.inf
        )
    shared = np.minimum(
        problem.station_share_blocks[year],
        np.where(basin >= 0, problem.basin_share_blocks[year], MANY),
    )
    return {
        "excluded": np.where(problem.site_excluded[at], -1, MANY),
        "time": np.where(problem.option_late, -1, MANY),
        "size": problem.blocks_land,
        "headroom": whole(_rooms(problem, year) / problem.facility_mw),
        "province": problem.province_max_blocks[problem.site_province[at], year],
        "basin": whole(by_water),
        "diversity": shared,
        "budget": whole(by_budget),
    }


def _rooms(problem: Problem, year: int) -> Floats:
    """Return the most contract power (O,) in MW that each option can find at its station level.

    All works at a level are paid for by one option, the largest there; so in a plan of one
    year any other one has at most half of the headroom with them. Over several years the one that
    pays is the one that comes with the works, whatever its size.
    """
    level = problem.option_level
    relief = np.zeros(len(problem.level_headroom_mw) + 1)
    np.maximum.at(relief, level, np.where(level >= 0, problem.option_relief_mw, 0.0))
    headroom = np.append(problem.level_headroom_mw[:, year], 0.0)
    others = headroom + relief
    if problem.horizon == 1:
        others = np.maximum(headroom, others / 2.0)
    pays = problem.option_pays
    room = np.where(pays, headroom[level] + problem.option_relief_mw, others[level])
    return np.where(level >= 0, room, 0.0)


def _site_gates(sites: int, at: Ints, option_gate: Texts) -> Texts:
    """Return the gate of each site: '' where an option is open, else that of the last to close."""
    by_name = np.argsort(GATES)
    place = np.searchsorted(np.array(GATES), option_gate, sorter=by_name)
    order = by_name[place].astype(np.int64)
    order[order == 0] = len(GATES)
    furthest = np.full(sites, GATES.index("connection"), dtype=np.int64)
    np.maximum.at(furthest, at, order)
    return np.array([*GATES, ""], dtype=np.str_)[furthest]


def with_flow_limits(
    problem: Problem, names: Texts, price: Floats, most_mw: Floats, year: Ints | None = None
) -> Problem:
    """Return the problem with further flow limits, held in the last year or in those given."""
    last = np.full(len(names), problem.horizon - 1, dtype=np.int64)
    year = last if year is None else year
    ahead = problem.ahead_blocks
    if np.any((price < 0).any(axis=1) & (year < last)):  # load of an early year is of use
        ahead = np.full_like(ahead, MANY)
    known = replace(
        problem,
        ahead_blocks=ahead,
        flow_name=np.concatenate([problem.flow_name, names]).astype(np.str_),
        flow_price=np.vstack([problem.flow_price, price]),
        flow_most_mw=np.concatenate([problem.flow_most_mw, most_mw]),
        flow_year=np.concatenate([problem.flow_year, year]),
    )
    return known if ahead is problem.ahead_blocks else tighten(known)


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
    known = replace(problem, worth_fixed=fixed, worth_block=each)
    return known if _can_wait(problem, each) else without_waiting(known)


def without_waiting(problem: Problem) -> Problem:
    """Return the problem in which blocks ahead of the target cannot come later as well."""
    if np.all(problem.ahead_blocks >= MANY):
        return problem
    closed = problem.blocks_max < problem.blocks_min
    ahead = np.full_like(problem.ahead_blocks, MANY)
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
