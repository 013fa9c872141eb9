"""Thresholds of single assumptions at which a site drops out of the plan, or enters it.

Parametric analysis over a pool of plans: that of the run, the best ones without each of its sites
and with each other one (both proven by the ranking), and those of the draws. Where an assumption
moves costs alone, each is costed at points of its range, and the cost between two points is taken as
a line. Where a plan without a site becomes cheaper than all plans with it, the site drops out; some
plan outside the pool may overturn it before, so a threshold is the most that it takes. The nearest
one of each site is solved again a little further on, over all candidates. Where an assumption moves
limits, sizes of plans change with it, and the program is solved at both ends of its range.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from siteopt.distribution import parallel_map
from siteopt.errors import SolverError
from siteopt.highs import end_threads
from siteopt.portfolio.search.variable_fixing import solve_by_fixing
from siteopt.robustness.draw_model import Assumptions
from siteopt.robustness.plan_pool import CostedPlans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt._arrays import Bools, Floats
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.robustness.draw_model import DrawModel
    from siteopt.robustness.uncertain_inputs import UncertainInput

__all__ = ["Thresholds", "overturning"]

_WAYS: Final = (0.0, 0.5, 1.0)
"""Points of a range: of the way from the value in force to an end."""
_LIMITS: Final = (
    "blocks_min", "blocks_max", "facility_mw", "water_m3_day", "option_relief_mw", "option_late",
    "level_headroom_mw", "basin_m3_day",
)  # fmt: skip
"""Parts of a problem that hold the sizes of plans."""
_BEYOND: Final = 0.02
"""Of the way to the end; so far beyond a threshold the program is solved again."""
_COLUMNS: Final = (
    "site_id", "change", "input", "side", "value", "threshold", "unit", "range_share_pct",
    "nearest", "verified",
)  # fmt: skip
_PAIR_COLUMNS: Final = (
    "site_id", "other_site_id", "input", "side", "value", "threshold", "unit", "range_share_pct",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Thresholds:
    """What would overturn the plan of a run.

    Attributes
    ----------
    sites : DataFrame
        One row a site, input and side: ``site_id``, ``change`` (``drops`` out of the plan or
        ``enters`` it), ``input`` (key of a parameter), ``side`` (``low`` or ``high``), ``value`` in
        force and ``threshold`` in ``unit``, ``range_share_pct`` of the way to that end,
        ``nearest`` (whether it is the least of the site), ``verified``: whether the program solved
        a little beyond it agrees (empty where it was not solved).
    pairs : DataFrame
        One row a chosen site and a rival: the least change after which a plan with the rival and
        without the site is cheaper than all plans with the site and without the rival.
    plans : int
        Plans of the pool.
    """

    sites: pd.DataFrame
    pairs: pd.DataFrame
    plans: int


def overturning(
    model: DrawModel,
    inputs: Sequence[UncertainInput],
    pool: Sequence[pd.DataFrame],
    rivals: Sequence[str],
) -> Thresholds:
    """Return what would overturn the first plan of a pool.

    Parameters
    ----------
    model : DrawModel
        Of the run.
    inputs : sequence of UncertainInput
        Parameters whose ranges are gone through, one at a time.
    pool : sequence of DataFrame
        Plans as of `siteopt.robustness.plan_pool.distinct_plans`; the first one is that of the run.
    rivals : sequence of str
        Sites that are compared with those of the plan, pair by pair.
    """
    part = model.restricted(sorted({name for steps in pool for name in steps["option_id"]}))
    part.warm()
    in_force = part.problem_of(Assumptions())
    plans = CostedPlans.of(in_force, pool)

    model.warm()
    end_threads()
    shared = (model, part, in_force, plans, tuple(rivals))
    read = parallel_map(_read_input, shared, inputs, model.scenario.solver.threads)
    rows = [row for one in read for row in one.sites]
    pairs = [row for one in read for row in one.pairs]
    table = _nearest(pd.DataFrame(rows, columns=list(_COLUMNS)))
    verified = _verified(model, {one.name: one for one in inputs}, table)
    return Thresholds(
        verified, _least(pd.DataFrame(pairs, columns=list(_PAIR_COLUMNS))), len(plans)
    )


class _Reading(NamedTuple):
    """Rows of thresholds that one input gives."""

    sites: list[tuple[object, ...]]
    pairs: list[tuple[object, ...]]


def _read_input(  # noqa: PLR0913, PLR0917 - one range over one pool, and two models
    model: DrawModel, part: DrawModel, in_force: Problem, plans: CostedPlans,
    rivals: Sequence[str], one: UncertainInput,
) -> _Reading:  # fmt: skip
    """Return the thresholds of one input, by the pool where it moves costs alone."""
    ends = {sign: part.problem_of(_at(one, sign)) for sign in (-1.0, 1.0)}
    if any(_limits_differ(end, in_force) for end in ends.values()):
        return _read_solved(model, one, plans)
    return _read_pool(part, one, in_force, ends, plans, rivals)


def _limits_differ(one: Problem, other: Problem) -> bool:
    """Return whether a limit is another one, so that the sizes of plans have to change."""
    return any(not np.array_equal(getattr(one, name), getattr(other, name)) for name in _LIMITS)


def _read_solved(model: DrawModel, one: UncertainInput, plans: CostedPlans) -> _Reading:
    """Return the sites that the plans at both ends of a range have otherwise, solved in whole."""
    rows: list[tuple[object, ...]] = []
    for side, sign in (("low", -1.0), ("high", 1.0)):
        there = None if _at(one, sign) == _at(one, 0.0) else _sites_at(model, one, sign)
        if there is None:
            continue
        chosen = {site for site, own in zip(plans.sites, plans.has[0], strict=True) if own}
        for site in sorted(chosen ^ there):
            change = "drops" if site in chosen else "enters"
            rows.append(_row(one, side, site, change, 1.0, verified=True))
    return _Reading(rows, [])


def _sites_at(model: DrawModel, one: UncertainInput, share: float) -> set[str] | None:
    """Return the sites of the best plan at a point of a range; None where none was found."""
    # At the gap of the scenario: beyond a threshold two plans differ by little.
    settings = model.scenario.solver.model_copy(update={"threads": 1})
    problem = model.problem_of(_at(one, share))
    try:
        plan = solve_by_fixing(problem, settings, copy(model.grid)).plan
    except SolverError:
        return None
    return None if plan is None else set(problem.site_id[plan.chosen(problem)].tolist())


def _read_pool(  # noqa: PLR0913, PLR0917 - one range over one pool
    part: DrawModel,
    one: UncertainInput,
    in_force: Problem,
    ends: dict[float, Problem],
    plans: CostedPlans,
    rivals: Sequence[str],
) -> _Reading:
    """Return the thresholds at which another plan of the pool becomes the cheapest."""
    rows: list[tuple[object, ...]] = []
    pairs: list[tuple[object, ...]] = []
    for side, sign in (("low", -1.0), ("high", 1.0)):
        if _at(one, sign) == _at(one, 0.0):
            continue
        between = [part.problem_of(_at(one, sign * way)) for way in _WAYS[1:-1]]
        costs = np.array([plans.cost(there) for there in (in_force, *between, ends[sign])])
        for place, site in enumerate(plans.sites):
            share = _crossing(_lead(costs, plans.has[:, place], ~plans.has[:, place]))
            if share is not None:
                change = "drops" if plans.has[0, place] else "enters"
                rows.append(_row(one, side, site, change, share, verified=None))
        pairs += _pair_rows(one, side, costs, plans, rivals)
    return _Reading(rows, pairs)


def _at(one: UncertainInput, share: float) -> Assumptions:
    """Return the assumptions at a share of the way of an input to its low or high end."""
    return Assumptions(
        parameters={
            key: each.value + abs(share) * ((each.low if share < 0 else each.high) - each.value)
            for key, each in one.ranges.items()
        }
    )


def _lead(costs: Floats, with_it: Bools, without: Bools) -> Floats:
    """Return by how much the best plan with something is cheaper than the best without it.

    Not a number where no plan of the pool is feasible either way.
    """
    best = [
        costs[:, some].min(axis=1) if some.any() else np.full(len(costs), np.inf)
        for some in (without, with_it)
    ]
    with np.errstate(invalid="ignore"):
        return np.asarray(best[0] - best[1], dtype=np.float64)


def _crossing(lead: Floats) -> float | None:
    """Return the share of the way at which a lead changes its sign first, None where it does not."""
    if not np.isfinite(lead).all():
        return None
    for place in range(1, len(lead)):
        before, after = float(lead[place - 1]), float(lead[place])
        if (before >= 0) != (after >= 0):
            way = before / (before - after)
            return _WAYS[place - 1] + way * (_WAYS[place] - _WAYS[place - 1])
    return None


def _row(  # noqa: PLR0913 - a row of the table
    one: UncertainInput, side: str, site: str, change: str, share: float, *, verified: bool | None
) -> tuple[object, ...]:
    value, threshold = _threshold(one, side, share)
    return (
        site,
        change,
        one.name,
        side,
        value,
        threshold,
        one.unit,
        100.0 * share,
        False,
        verified,
    )


def _threshold(one: UncertainInput, side: str, share: float) -> tuple[float, float]:
    """Return value in force and threshold of the first parameter of an input."""
    key = next(iter(one.ranges))
    return one.ranges[key].value, _at(one, -share if side == "low" else share).parameters[key]


def _pair_rows(
    one: UncertainInput, side: str, costs: Floats, plans: CostedPlans, rivals: Sequence[str]
) -> list[tuple[object, ...]]:
    """Return the changes after which a rival is worth more than a site of the plan."""
    rows: list[tuple[object, ...]] = []
    at = {name: place for place, name in enumerate(plans.sites)}
    chosen, has = plans.has[0], plans.has
    for own in np.flatnonzero(chosen).tolist():
        for rival in rivals:
            other = at.get(rival)
            if other is None or chosen[other]:
                continue
            keeps, swaps = has[:, own] & ~has[:, other], has[:, other] & ~has[:, own]
            share = _crossing(_lead(costs, keeps, swaps))
            if share is not None:
                value, threshold = _threshold(one, side, share)
                rows.append(
                    (plans.sites[own], rival, one.name, side, value, threshold, one.unit,
                     100.0 * share)
                )  # fmt: skip
    return rows


def _nearest(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows by site and share, the least of each site marked."""
    table = table.sort_values(["site_id", "range_share_pct", "input", "side"], ignore_index=True)
    return table.assign(nearest=~table["site_id"].duplicated())


def _least(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the least change of every pair."""
    order = pairs.sort_values(
        ["site_id", "other_site_id", "range_share_pct", "input", "side"], ignore_index=True
    )
    return order.drop_duplicates(["site_id", "other_site_id"], ignore_index=True)


def _verified(
    model: DrawModel, inputs: dict[str, UncertainInput], table: pd.DataFrame
) -> pd.DataFrame:
    """Return the rows with what the program says a little beyond the nearest thresholds.

    Only of sites of the plan: a rival that enters need not be the one that all candidates offer.
    """
    found: list[bool | None] = (
        table["verified"].astype(object).where(table["verified"].notna(), None).tolist()
    )
    drops = table[table["nearest"] & (table["change"] == "drops") & table["verified"].isna()]
    places = np.flatnonzero(table.index.isin(drops.index)).tolist()
    tasks = []
    for place in places:
        row = table.iloc[place]
        share = min(float(row["range_share_pct"]) / 100.0 + _BEYOND, 1.0)
        tasks.append((inputs[str(row["input"])], -share if row["side"] == "low" else share))
    end_threads()
    beyond = parallel_map(_sites_beyond, (model,), tasks, model.scenario.solver.threads)
    for place, there in zip(places, beyond, strict=True):
        if there is not None:
            found[place] = str(table.iloc[place]["site_id"]) not in there
    return table.assign(verified=pd.array(found, dtype="boolean"))


def _sites_beyond(model: DrawModel, task: tuple[UncertainInput, float]) -> set[str] | None:
    """Return the sites of the best plan at a share of the way of an input."""
    return _sites_at(model, *task)
