"""The limits of a problem one by one, as a planner names them, and the fewest that conflict.

A kind of limit is many: every station has its headroom, every province its shares in every year.
The fewest of them that together have no plan are found by taking out as many at a time as leave
none (a deletion filter). The duals that prove it for the relaxation come first: a limit whose row
has no dual is no part of that proof, so a handful is left of thousands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.portfolio.bounds.column_generation import RestrictedMaster
from siteopt.portfolio.bounds.reduced_cost import FEASIBILITY_TOLERANCE, without_cost
from siteopt.portfolio.constraints.elastic import KINDS, drop
from siteopt.portfolio.problem.problem import MANY, Problem
from siteopt.portfolio.problem.tighten import tighten

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

__all__ = ["NamedLimit", "fewest", "named_limits", "without"]

_NO_DUAL: Final = 1e-9


@dataclass(frozen=True)
class NamedLimit:
    """One limit."""

    kind: str
    """One of `siteopt.portfolio.constraints.elastic.KINDS`."""
    name: str = ""
    """Code of the province, id of the station, basin or site; '' where the kind is one limit."""
    year: int | None = None
    """The year in which it holds; None for all years of the plan."""


def named_limits(problem: Problem, kinds: Collection[str]) -> list[NamedLimit]:
    """Return the limits of some kinds that options or sites of the problem can meet or miss.

    Stations come by the province of their first site: what lies together conflicts together.
    """
    found: list[NamedLimit] = []
    years = [int(year) for year in problem.years]
    for kind in (kind for kind in reversed(KINDS) if kind in kinds):
        if kind == "target":
            found += [NamedLimit(kind, year=years[place]) for place in _rises(problem)]
        elif kind == "headroom":
            found += [NamedLimit(kind, name) for name in _stations_by_province(problem)]
        elif kind == "basins":
            used = np.unique(problem.site_basin[problem.option_site])
            found += [
                NamedLimit(kind, str(problem.basin_id[place])) for place in used if place >= 0
            ]
        elif kind in ("province minimum", "province maximum"):
            found += _shares(problem, kind, years)
        elif kind == "budget":
            finite = np.isfinite(problem.year_budget_bn_krw)
            found += [NamedLimit(kind)] * bool(np.isfinite(problem.budget_bn_krw))
            found += [NamedLimit(kind, year=years[place]) for place in np.flatnonzero(finite)]
        elif kind == "rules":
            ruled = problem.site_must | problem.site_excluded
            found += [NamedLimit(kind, str(name)) for name in problem.site_id[ruled]]
        else:
            found.append(NamedLimit(kind))
    return found


def _rises(problem: Problem) -> list[int]:
    return np.flatnonzero(np.diff(problem.target_blocks, prepend=0) > 0).tolist()


def _stations_by_province(problem: Problem) -> list[str]:
    known = np.flatnonzero(problem.option_level >= 0)
    station = problem.level_station[problem.option_level[known]]
    used, first = np.unique(station, return_index=True)
    province = problem.site_province[problem.option_site[known[first]]]
    return [str(name) for name in problem.station_id[used[np.lexsort((used, province))]]]


def _shares(problem: Problem, kind: str, years: Sequence[int]) -> list[NamedLimit]:
    least, most = problem.province_min_blocks, problem.province_max_blocks
    told = least > 0 if kind == "province minimum" else most < MANY
    if kind == "province maximum":
        has = np.zeros(len(problem.province_code), dtype=np.bool_)
        has[problem.site_province[problem.option_site]] = True
        told = told & (has[:, None] | (least > most))
    return [
        NamedLimit(kind, str(problem.province_code[place]), years[year])
        for place, year in np.argwhere(told)
    ]


def without(problem: Problem, limits: Collection[NamedLimit]) -> Problem:
    """Return the problem without some of its limits, its bounds on blocks made anew."""
    by_kind: dict[str, list[NamedLimit]] = {}
    for limit in limits:
        by_kind.setdefault(limit.kind, []).append(limit)
    whole = [
        kind for kind, part in by_kind.items() if any(not (one.name or one.year) for one in part)
    ]
    changed = drop(problem, [kind for kind in whole if kind != "budget"])
    year_of = {int(year): place for place, year in enumerate(problem.years)}
    for kind, part in by_kind.items():
        changed = _without_kind(changed, kind, part, year_of)
    return tighten(changed)


def _without_kind(  # noqa: PLR0911 - one for each kind
    problem: Problem, kind: str, limits: Sequence[NamedLimit], year_of: dict[int, int]
) -> Problem:
    names = np.array([limit.name for limit in limits], dtype=np.str_)
    years = [year_of[limit.year] for limit in limits if limit.year is not None]
    if kind == "headroom":
        station, level = problem.station_headroom_mw.copy(), problem.level_headroom_mw.copy()
        free = np.isin(problem.station_id, names)
        station[free] = np.inf
        level[free[problem.level_station]] = np.inf
        area = problem.area_headroom_mw.copy()
        of_levels = problem.level_area[free[problem.level_station]]
        area[of_levels[of_levels >= 0]] = np.inf
        return replace(
            problem, station_headroom_mw=station, level_headroom_mw=level, area_headroom_mw=area
        )
    if kind == "basins":
        supply = problem.basin_m3_day.copy()
        supply[np.isin(problem.basin_id, names)] = np.inf
        return replace(problem, basin_m3_day=supply)
    if kind == "rules":
        free = np.isin(problem.site_id, names)
        must, excluded = problem.site_must & ~free, problem.site_excluded & ~free
        return replace(problem, site_must=must, site_excluded=excluded)
    if kind == "target":
        target = problem.target_blocks.copy()
        target[years] = 0
        return replace(problem, target_blocks=np.maximum.accumulate(target))
    if kind in ("province minimum", "province maximum"):
        least, most = problem.province_min_blocks.copy(), problem.province_max_blocks.copy()
        place = np.searchsorted(problem.province_code, names)
        if kind == "province minimum":
            least[place, years] = 0
        else:
            most[place, years] = MANY
        return replace(problem, province_min_blocks=least, province_max_blocks=most)
    if kind == "budget":
        yearly = problem.year_budget_bn_krw.copy()
        yearly[years] = np.inf
        whole = np.inf if len(years) < len(limits) else problem.budget_bn_krw
        return replace(problem, budget_bn_krw=whole, year_budget_bn_krw=yearly)
    return problem


def fewest(
    problem: Problem, kinds: Collection[str], has_plan: Callable[[Problem], bool | None]
) -> tuple[tuple[NamedLimit, ...], bool]:
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
    held = drop(problem, [kind for kind in KINDS if kind not in kinds])
    everything = named_limits(held, kinds)

    def only(limits: Sequence[NamedLimit]) -> bool | None:
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


def _stations_of(problem: Problem, areas: Collection[str]) -> set[str]:
    """Return the stations with a level in some areas."""
    inside = np.append(np.isin(problem.area_id, list(areas)), np.bool_(0))  # the last for none
    levels = inside[problem.level_area]
    return {str(name) for name in problem.station_id[problem.level_station[levels]]}


def _in_proof(problem: Problem, limits: Sequence[NamedLimit]) -> list[NamedLimit]:
    """Return the limits whose rows have a dual in the relaxation's proof that there is no plan.

    All, where the relaxation has no such proof. Limits that are no rows stay.
    """
    part = problem.take(problem.open_options())
    if part.options == 0:
        return list(limits)
    relaxation = RestrictedMaster(without_cost(part), rounding=False)
    if relaxation.solve(FEASIBILITY_TOLERANCE).value <= FEASIBILITY_TOLERANCE:
        return list(limits)
    used = np.abs(relaxation.dual[: len(relaxation.rows)]) > _NO_DUAL
    rows = {name for name, there in zip(relaxation.rows.names, used, strict=True) if there}
    # Years are told apart by the deletion filter.
    told = {name.split(" in ")[0].removesuffix(" least") for name in rows}
    stations = {name.split(" ")[0] for name in told}
    stations |= _stations_of(problem, stations)
    ways: dict[str, Callable[[NamedLimit], bool]] = {
        "target": lambda _: "target" in told,
        "headroom": lambda limit: limit.name in stations,
        "basins": lambda limit: f"basin {limit.name}" in told,
        "rules": lambda limit: f"site {limit.name}" in told,
        "province minimum": lambda limit: f"share {limit.name}" in told,
        "province maximum": lambda limit: f"share {limit.name}" in told,
    }
    return [limit for limit in limits if limit.kind not in ways or ways[limit.kind](limit)]
