"""Limits moved by one natural unit: what a planner would ask for one more of.

A block for targets and shares, the contract power or the water of a block for stations and basins,
a MW for flow limits, 100 bn KRW for budgets, a km for spacing. A limit is moved in all years of
the plan at once, targets and budgets of a year for themselves; all other limits stay.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from siteopt.portfolio.constraints.stations import area_limit
from siteopt.portfolio.problem.problem import MANY, Problem
from siteopt.portfolio.problem.tighten import tighten

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from siteopt._arrays import Ints
    from siteopt.portfolio.search.plan import Plan


__all__ = ["Move", "moves"]

_BUDGET_BN_KRW: Final = 100.0
_SPACING_KM: Final = 1.0
_FLOW_MW: Final = 1.0
_FULL: Final = 1e-6
"""Relative; a limit with so little less than a unit of room has a unit of room."""


@dataclass(frozen=True, eq=False)
class Move:
    """A limit that is moved."""

    limit: str
    """As in `siteopt.portfolio.constraints.usage`, without the year."""
    family: str
    year: int
    """The first year of the plan in which it has less than a unit of room."""
    moved_by: float
    """Positive where there is more of it."""
    unit: str
    loosens: bool
    """Whether every plan of the problem is one of the moved problem too."""
    problem: Problem
    """The moved problem, with new bounds on blocks."""


def moves(problem: Problem, plan: Plan) -> list[Move]:
    """Return the limits that bind, or have less than a unit of room, moved by a unit.

    Each is loosened; where less of it can be asked for as well (targets, shares, counts, budgets,
    spacing), also tightened.

    Parameters
    ----------
    problem : Problem
        The one that the plan answers.
    plan : Plan
        Its best plan.
    """
    room = _room(problem, plan)
    found: list[Move] = []
    for make in (_target, _stations, _flows, _provinces, _count, _basins, _diversity, _budget):
        found.extend(make(problem, room))
    return [*found, *_spacing(problem, plan)]


@dataclass(frozen=True, eq=False)
class Room:
    """What is left of every limit, by its name, in its unit."""

    above: pd.Series[float]
    """Up to the most."""
    below: pd.Series[float]
    """Down to the least."""


def _room(problem: Problem, plan: Plan) -> Room:
    usage = plan.limits(problem).set_index("limit")
    usage = usage[~usage.index.duplicated()]
    return Room(usage["at_most"] - usage["used"], usage["used"] - usage["at_least"])


def _first_year(problem: Problem, left: pd.Series[float], limit: str, unit: float) -> int | None:
    """Return the first year in which a limit has less than a unit of room; None where none."""
    names = [limit] if problem.horizon == 1 else [f"{limit} in {year}" for year in problem.years]
    for year, name in zip(problem.years, names, strict=True):
        if name in left.index and left[name] < unit * (1.0 - _FULL):
            return int(year)
    return None


def _moved(problem: Problem, **limits: Any) -> Problem:  # noqa: ANN401 - arrays of a problem
    return tighten(replace(problem, **limits))


def _target(problem: Problem, room: Room) -> Iterator[Move]:
    years, block = problem.horizon, problem.block_mw
    for place, year in enumerate(problem.years):
        name = "target" if years == 1 else f"target in {year}"
        before = problem.target_blocks[place - 1] if place else 0
        if problem.target_blocks[place] == before or room.below[name] >= block * (1.0 - _FULL):
            continue
        for step in (1, -1):
            target = problem.target_blocks.copy()
            target[place] += step
            if step > 0:  # a target never falls
                target[place:] = np.maximum.accumulate(target[place:])
            else:
                target[:place] = np.minimum(target[:place], target[place])
            whole = problem.province_max_blocks >= problem.target_blocks[-1]  # all of it: no limit
            exact = problem.target_most_blocks < MANY
            ahead = np.where(problem.ahead_blocks < MANY, target, problem.ahead_blocks)
            moved = _moved(
                problem,
                target_blocks=target,
                target_most_blocks=int(target[-1]) if exact else MANY,
                ahead_blocks=ahead,
                province_max_blocks=problem.province_max_blocks + whole * max(step, 0),
            )
            loosens = step < 0 and not exact and bool(np.all(ahead >= MANY))
            yield Move("target", "target", int(year), step * block, "mw_it", loosens, moved)


def _stations(problem: Problem, room: Room) -> Iterator[Move]:
    """More at a level is more at its station and area too; less is not asked for."""
    options = problem.open_options()
    level = problem.option_level[options]
    step = np.zeros(len(problem.level_kv) + 1)
    np.maximum.at(step, level, np.where(level >= 0, problem.facility_mw[options], 0.0))
    several = np.bincount(problem.level_station, minlength=len(problem.station_id)) > 1
    for place in np.unique(level[level >= 0]):
        station = int(problem.level_station[place])
        name = f"{problem.station_id[station]} {problem.level_kv[place]:g} kV"
        unit = float(step[place])
        year = _first_year(problem, room.above, name, unit)
        if year is None and several[station]:
            year = _first_year(problem, room.above, str(problem.station_id[station]), unit)
        area = int(problem.level_area[place])
        if year is None and area >= 0:
            limit = area_limit(str(problem.area_id[area]))
            year = _first_year(problem, room.above, limit, unit)
        if year is None:
            continue
        level_mw, whole = problem.level_headroom_mw.copy(), problem.station_headroom_mw.copy()
        areas = problem.area_headroom_mw.copy()
        level_mw[place] += unit
        whole[station] += unit
        if area >= 0:
            areas[area] += unit
        moved = _moved(
            problem, level_headroom_mw=level_mw, station_headroom_mw=whole, area_headroom_mw=areas
        )
        yield Move(name, "stations", year, unit, "mw", loosens=True, problem=moved)


def _flows(problem: Problem, room: Room) -> Iterator[Move]:
    for place, flow in enumerate(problem.flow_name):
        year = int(problem.years[problem.flow_year[place]])
        name = f"flow {flow}" if problem.horizon == 1 else f"flow {flow} in {year}"
        if room.above[name] < _FLOW_MW * (1.0 - _FULL):
            most = problem.flow_most_mw.copy()
            most[place] += _FLOW_MW
            moved = _moved(problem, flow_most_mw=most)
            yield Move(f"flow {flow}", "flows", year, _FLOW_MW, "mw", loosens=True, problem=moved)


def _provinces(problem: Problem, room: Room) -> Iterator[Move]:
    """Move shares by a block, where their most or their fewest blocks are all used."""
    pct = 100.0 / max(int(problem.target_blocks[-1]), 1)
    sides = (("most", 1, "province_max_blocks"), ("least", -1, "province_min_blocks"))
    for place, code in enumerate(problem.province_code):
        for kind, sign, field in sides:
            limit: Ints = getattr(problem, field)
            year = _first_year(
                problem, room.above if sign > 0 else room.below, f"share {code}", pct
            )
            whole = sign > 0 and bool(np.all(limit[place] >= problem.target_blocks))
            if year is None or whole or not limit[place].any():  # all or nothing is no limit
                continue
            for step in (sign, -sign):
                moved = limit.copy()
                moved[place] = np.maximum(moved[place] + step, 0)
                yield Move(
                    f"{kind} share {code}", "provinces", year, step * pct, "pct",
                    loosens=step == sign, problem=_moved(problem, **{field: moved}),
                )  # fmt: skip


def _count(problem: Problem, room: Room) -> Iterator[Move]:
    need = problem.province_count_min
    if need <= 1 or room.below["count"] >= 1:
        return
    year = int(problem.years[-1])
    for step in (-1, 1):
        moved = _moved(problem, province_count_min=need + step)
        yield Move("count", "provinces", year, step, "provinces", step < 0, moved)


def _basins(problem: Problem, room: Room) -> Iterator[Move]:
    basin = problem.site_basin[problem.option_site]
    step = np.zeros(len(problem.basin_id) + 1)
    np.maximum.at(step, basin, np.where(basin >= 0, problem.water_m3_day, 0.0))
    for place, name in enumerate(problem.basin_id):
        unit = float(step[place])
        year = _first_year(problem, room.above, f"basin {name}", unit) if unit > 0 else None
        if year is not None:
            supply = problem.basin_m3_day.copy()
            supply[place] += unit
            moved = _moved(problem, basin_m3_day=supply)
            yield Move(f"basin {name}", "basins", year, unit, "m3_day", loosens=True, problem=moved)


def _diversity(problem: Problem, room: Room) -> Iterator[Move]:
    """Move the share of all stations (basins): it holds for all alike."""
    pct = 100.0 / max(int(problem.target_blocks[-1]), 1)
    for kind, ids in (("station", problem.station_id), ("basin", problem.basin_id)):
        field = f"{kind}_share_blocks"
        share: Ints = getattr(problem, field)
        if np.all(share >= MANY):
            continue
        years = [_first_year(problem, room.above, f"share of {kind} {name}", pct) for name in ids]
        known = [year for year in years if year is not None]
        if known:
            moved = _moved(problem, **{field: np.where(share < MANY, share + 1, share)})
            name = f"share of every {kind}"
            yield Move(name, "diversity", min(known), pct, "pct", loosens=True, problem=moved)


def _budget(problem: Problem, room: Room) -> Iterator[Move]:
    unit, last = _BUDGET_BN_KRW, int(problem.years[-1])
    for step in (unit, -unit):
        if np.isfinite(problem.budget_bn_krw) and room.above["budget"] < unit:
            moved = _moved(problem, budget_bn_krw=problem.budget_bn_krw + step)
            yield Move("budget", "budget", last, step, "bn_krw", step > 0, moved)
        for place in np.flatnonzero(np.isfinite(problem.year_budget_bn_krw)):
            year = int(problem.years[place])
            if room.above[f"budget in {year}"] >= unit:
                continue
            budget = problem.year_budget_bn_krw.copy()
            budget[place] = max(budget[place] + step, 0.0)
            moved = _moved(problem, year_budget_bn_krw=budget)
            yield Move("budget of a year", "budget", year, step, "bn_krw", step > 0, moved)


def _spacing(problem: Problem, plan: Plan) -> Iterator[Move]:
    """Spacing is asked for in any case: which sites it keeps out is not seen from the plan."""
    unit, last = 1000.0 * _SPACING_KM, int(problem.years[-1])
    if problem.spacing_m <= 0:
        return
    less = _moved(problem, spacing_m=max(problem.spacing_m - unit, 0.0))
    moved_by = (less.spacing_m - problem.spacing_m) / 1000.0
    yield Move("spacing", "spacing", last, moved_by, "km", loosens=True, problem=less)
    chosen = plan.chosen(problem)
    x, y = problem.site_x_m[chosen], problem.site_y_m[chosen]
    apart = np.hypot(x[:, None] - x, y[:, None] - y)
    np.fill_diagonal(apart, np.inf)
    if apart.min(initial=np.inf) < problem.spacing_m + unit:
        more = _moved(problem, spacing_m=problem.spacing_m + unit)
        yield Move("spacing", "spacing", last, _SPACING_KM, "km", loosens=False, problem=more)
