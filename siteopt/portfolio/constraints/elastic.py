"""Limits that may be dropped, or may give way at a cost: what diagnosis asks the program."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from siteopt.portfolio import constraints
from siteopt.portfolio.constraints import (
    basins,
    budget,
    diversity,
    flows,
    provinces,
    stations,
    target,
)
from siteopt.portfolio.constraints._rows import Rows, join, loosen, take
from siteopt.portfolio.problem.problem import MANY, Problem
from siteopt.portfolio.problem.tighten import tighten

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from siteopt._arrays import Floats


__all__ = ["KINDS", "SLACK_KINDS", "drop", "loosened", "loosened_rows"]


def _no_headroom(problem: Problem) -> Problem:
    return replace(
        problem,
        level_headroom_mw=np.full_like(problem.level_headroom_mw, np.inf),
        station_headroom_mw=np.full_like(problem.station_headroom_mw, np.inf),
        area_headroom_mw=np.full_like(problem.area_headroom_mw, np.inf),
    )


def _no_province_max(problem: Problem) -> Problem:
    return replace(problem, province_max_blocks=np.full_like(problem.province_max_blocks, MANY))


def _no_province_min(problem: Problem) -> Problem:
    return replace(problem, province_min_blocks=np.zeros_like(problem.province_min_blocks))


def _no_basins(problem: Problem) -> Problem:
    return replace(problem, basin_m3_day=np.full_like(problem.basin_m3_day, np.inf))


def _no_diversity(problem: Problem) -> Problem:
    return replace(
        problem,
        station_share_blocks=np.full_like(problem.station_share_blocks, MANY),
        basin_share_blocks=np.full_like(problem.basin_share_blocks, MANY),
    )


def _no_budget(problem: Problem) -> Problem:
    return replace(
        problem,
        budget_bn_krw=np.inf,
        year_budget_bn_krw=np.full_like(problem.year_budget_bn_krw, np.inf),
    )


def _no_rules(problem: Problem) -> Problem:
    return replace(
        problem,
        site_must=np.zeros_like(problem.site_must),
        site_excluded=np.zeros_like(problem.site_excluded),
    )


def _no_flows(problem: Problem) -> Problem:
    return replace(
        problem,
        flow_most_mw=np.full(len(problem.flow_most_mw), np.inf),
        option_bus=np.full(problem.options, -1, dtype=np.int64),
    )


_DROPS: dict[str, Callable[[Problem], Problem]] = {
    "basins": _no_basins,
    "budget": _no_budget,
    "diversity": _no_diversity,
    "rules": _no_rules,
    "province count": lambda problem: replace(problem, province_count_min=1),
    "province minimum": _no_province_min,
    "province maximum": _no_province_max,
    "flows": _no_flows,
    "spacing": lambda problem: replace(problem, spacing_m=0.0),
    "headroom": _no_headroom,
    "target": lambda problem: replace(problem, target_blocks=np.zeros_like(problem.target_blocks)),
}

KINDS: tuple[str, ...] = tuple(_DROPS)
"""Kinds of limits, in the order in which diagnosis tries to do without them."""

SLACK_KINDS = (
    "headroom", "flows", "province maximum", "province minimum", "basins", "diversity", "budget",
    "target",
)  # fmt: skip
"""Kinds that give way by a slack variable."""


def drop(problem: Problem, kinds: Sequence[str]) -> Problem:
    """Return the problem without some kinds of limits, its bounds on blocks made anew."""
    for kind in kinds:
        problem = _DROPS[kind](problem)
    return tighten(problem)


def loosened(problem: Problem, kinds: Sequence[str]) -> Problem:
    """Return the problem with its limits, but bounds on blocks as without some kinds of them."""
    without = drop(problem, kinds)
    return replace(without, **{name: getattr(problem, name) for name in _LIMITS})


_LIMITS = (
    "level_headroom_mw",
    "station_headroom_mw",
    "area_headroom_mw",
    "province_max_blocks",
    "province_min_blocks",
    "basin_m3_day",
    "budget_bn_krw",
    "year_budget_bn_krw",
    "station_share_blocks",
    "basin_share_blocks",
    "site_must",
    "site_excluded",
    "flow_most_mw",
    "option_bus",
    "province_count_min",
    "spacing_m",
    "target_blocks",
)


def loosened_rows(problem: Problem, kinds: Sequence[str], *, spacing: bool) -> Rows:
    """Return the rows of all constraints, those of some kinds with slack.

    Slack costs so much that one unit of any limit counts by its share of the national target:
    a block of target or province share, the contract power or the water of a block, its capital.
    """
    each = 1.0 / max(int(problem.target_blocks[-1]), 1)
    parts = []
    for family in constraints.FAMILIES:
        if family.NAME == "spacing" and not spacing:
            continue
        rows = family.rows(problem)
        if family is target and "target" in kinds:
            parts.append(_loosen_lower(rows, problem, each))
        elif family is stations and "headroom" in kinds:
            parts.append(_loosen_stations(rows, problem, each / _mean(problem.facility_mw)))
        elif family is flows and "flows" in kinds:
            parts.append(loosen(rows, problem, each / _mean(problem.facility_mw)))
        elif family is basins and "basins" in kinds:
            parts.append(loosen(rows, problem, each / _mean(problem.water_m3_day)))
        elif family is budget and "budget" in kinds and len(rows):
            parts.append(loosen(rows, problem, 1.0 / np.maximum(rows.upper, 1.0)))
        elif family is diversity and "diversity" in kinds:
            parts.append(loosen(rows, problem, each))
        elif family is provinces:
            parts.extend(_loosen_provinces(problem, kinds, each))
        else:
            parts.append(rows)
    return join(parts)


def _mean(values: Floats) -> float:
    return max(float(np.mean(values)) if len(values) else 1.0, 1e-9)


def _split(rows: Rows) -> tuple[Rows, Rows]:
    """Return the upper sides and the lower sides of rows as rows of their own."""
    above = replace(rows, lower=np.full(len(rows), -np.inf))
    below = replace(
        rows, upper=np.full(len(rows), np.inf), names=tuple(f"{n} least" for n in rows.names)
    )
    return (
        take(above, np.flatnonzero(np.isfinite(above.upper))),
        take(below, np.flatnonzero(np.isfinite(below.lower))),
    )


def _loosen_lower(rows: Rows, problem: Problem, cost: float) -> Rows:
    above, below = _split(rows)
    return join([above, loosen(below, problem, cost)])


def _loosen_provinces(problem: Problem, kinds: Sequence[str], cost: float) -> list[Rows]:
    above, below = _split(provinces.share_rows(problem))
    if "province maximum" in kinds:
        above = loosen(above, problem, cost)
    if "province minimum" in kinds:
        below = loosen(below, problem, cost)
    return [above, below, provinces.count_rows(problem)]


def _loosen_stations(rows: Rows, problem: Problem, cost: float) -> Rows:
    """Loosen levels, whole stations and areas; more at a level is more at its owners too."""
    whole = {name: row for row, name in enumerate(rows.names) if " kV" not in name}
    station = problem.station_id[problem.level_station]
    areas = np.append(problem.area_id, "")[problem.level_area]
    owners = {
        f"{name} {kv:g} kV": (str(name), stations.area_limit(str(area)))
        for name, kv, area in zip(station, problem.level_kv, areas, strict=True)
    }
    pairs = []
    for part, name in enumerate(rows.names):
        if " kV" not in name:
            continue
        level, year = re.fullmatch(r"(.* kV)(.*)", name).groups()  # type: ignore[union-attr]
        pairs += [(whole[owner], part) for one in owners[level] if (owner := one + year) in whole]
    at = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    also = sparse.csr_array((np.ones(len(at)), (at[:, 0], at[:, 1])), shape=(len(rows), len(rows)))
    return loosen(rows, problem, cost, also)
