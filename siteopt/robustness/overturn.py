"""What would overturn a plan: the least change of one assumption that takes a site out, or in.

Parametric analysis over a pool of plans: that of the run, the best ones without each of its sites
and with each other one (both proven by the ranking), and those of the draws. Each is costed at
points of every range, and the cost between two points is taken as a line. Where a plan without a site
becomes cheaper than all plans with it, the site drops out; some plan outside the pool may overturn
it before, so a threshold is the most that it takes. The nearest one of each site is solved again a
little further on, over all candidates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt._processes import side_by_side
from siteopt.errors import SolverError
from siteopt.portfolio.plan_result import blocks_of_steps, fits_limits
from siteopt.portfolio.search.variable_fixing import solve_by_fixing
from siteopt.robustness.draw_model import Assumptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt._arrays import Bools, Floats
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.robustness.draw_model import DrawModel
    from siteopt.robustness.uncertain_inputs import UncertainInput

__all__ = ["Thresholds", "overturning", "pool_of"]

_SHARES: Final = (-1.0, -0.5, 0.0, 0.5, 1.0)
"""Points of a range: of the way from the value in force to its low (below 0) or high end."""
_DOWN: Final = (2, 1, 0)
_UP: Final = (2, 3, 4)
"""Places of the points of one side, from the value in force outwards."""
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


def pool_of(model: DrawModel, plans: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    """Return plans as steps, each once, in order.

    Parameters
    ----------
    model : DrawModel
        Of the run.
    plans : sequence of DataFrame
        ``option_id``, ``year`` and ``it_mw`` of each.
    """
    found: dict[tuple[tuple[str, int, float], ...], pd.DataFrame] = {}
    for steps in plans:
        kept = steps[["option_id", "year", "it_mw"]].sort_values(["option_id", "year"])
        key = tuple(kept.itertuples(index=False, name=None))
        if blocks_of_steps(model.problem, kept) is not None:
            found.setdefault(key, kept.reset_index(drop=True))
    return list(found.values())


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
        Plans as of `pool_of`; the first one is the plan of the run.
    rivals : sequence of str
        Sites that are compared with those of the plan, pair by pair.
    """
    part = model.restricted(sorted({name for steps in pool for name in steps["option_id"]}))
    sites, has = _membership(part, pool)
    chosen = has[0]
    rows, pairs = [], []
    for one, costs in zip(inputs, _all_costs(part, inputs, pool), strict=True):
        for side, places in (("low", _DOWN), ("high", _UP)):
            shares = np.abs(np.array(_SHARES)[list(places)])
            own = costs[list(places)]
            rows += [
                _row(one, side, site, name, share)
                for site, name, share in _crossings(shares, own, has, chosen, sites)
            ]
            pairs += _pair_rows(one, side, shares, own, has, sites, chosen, rivals)
    table = _nearest(pd.DataFrame(rows, columns=list(_COLUMNS)))
    verified = _verified(model, {one.name: one for one in inputs}, table)
    return Thresholds(verified, _least(pd.DataFrame(pairs, columns=list(_PAIR_COLUMNS))), len(pool))


def _all_costs(
    part: DrawModel, inputs: Sequence[UncertainInput], pool: Sequence[pd.DataFrame]
) -> list[Floats]:
    """Return the cost (points, plans) of every plan along the range of each input."""
    part.warm()
    in_force = _costs(part, Assumptions(), pool)

    def walk(own: Sequence[UncertainInput]) -> list[Floats]:
        return [
            np.array(
                [
                    _costs(part, Assumptions(parameters=_at(one, share)), pool)
                    if share
                    else in_force
                    for share in _SHARES
                ]
            )
            for one in own
        ]

    cores = max(min(part.scenario.solver.threads, len(inputs)), 1)
    parts = side_by_side(walk, [(inputs[core::cores],) for core in range(cores)], cores)
    return [parts[place % cores][place // cores] for place in range(len(inputs))]


def _membership(part: DrawModel, pool: Sequence[pd.DataFrame]) -> tuple[list[str], Bools]:
    """Return the sites of all plans, rising, and which plan (rows) has which."""
    site_of = part.connections.options.set_index("option_id")["site_id"].astype(str)
    members = [set(site_of.loc[steps["option_id"]]) for steps in pool]
    sites = sorted(set().union(*members))
    return sites, np.array([[site in own for site in sites] for own in members], dtype=np.bool_)


def _at(one: UncertainInput, share: float) -> dict[str, float]:
    """Return the parameters of an input at a share of the way to its low or high end."""
    return {
        key: each.value + abs(share) * ((each.low if share < 0 else each.high) - each.value)
        for key, each in one.ranges.items()
    }


def _costs(part: DrawModel, drawn: Assumptions, pool: Sequence[pd.DataFrame]) -> Floats:
    """Return the cost of every plan under assumptions; infinite where it breaks a limit."""
    problem = part.problem_of(drawn)
    return np.array([_cost(problem, steps) for steps in pool])


def _cost(problem: Problem, steps: pd.DataFrame) -> float:
    blocks = blocks_of_steps(problem, steps)
    if blocks is None or not fits_limits(problem, blocks):
        return np.inf
    return problem.worth(blocks)


def _lead(costs: Floats, with_it: Bools, without: Bools) -> Floats:
    """Return by how much the best plan with something is cheaper than the best without it."""
    best = [
        costs[:, some].min(axis=1) if some.any() else np.full(len(costs), np.inf)
        for some in (without, with_it)
    ]
    with np.errstate(invalid="ignore"):
        lead: Floats = best[0] - best[1]
    return np.where(np.isnan(lead), -np.inf, lead)  # no plan either way: it is in none


def _crossing(shares: Floats, lead: Floats) -> float | None:
    """Return the share at which a lead changes its sign for the first time, None where it does not."""
    for place in range(1, len(lead)):
        before, after = lead[place - 1], lead[place]
        if (before >= 0) == (after >= 0):
            continue
        if not (np.isfinite(before) and np.isfinite(after)):
            return float(shares[place])  # a limit breaks somewhere before: the point itself
        way = before / (before - after)
        return float(shares[place - 1] + way * (shares[place] - shares[place - 1]))
    return None


def _crossings(
    shares: Floats, costs: Floats, has: Bools, chosen: Bools, sites: Sequence[str]
) -> list[tuple[str, str, float]]:
    """Return site, change and share of every site that drops out or enters."""
    found = []
    for place, site in enumerate(sites):
        share = _crossing(shares, _lead(costs, has[:, place], ~has[:, place]))
        if share is not None:
            found.append((site, "drops" if chosen[place] else "enters", share))
    return found


def _row(one: UncertainInput, side: str, site: str, change: str, share: float) -> tuple[object, ...]:
    value, threshold = _threshold(one, side, share)
    return (site, change, one.name, side, value, threshold, one.unit, 100.0 * share, False, None)


def _threshold(one: UncertainInput, side: str, share: float) -> tuple[float, float]:
    """Return value in force and threshold of the first parameter of an input."""
    key = next(iter(one.ranges))
    return one.ranges[key].value, _at(one, -share if side == "low" else share)[key]


def _pair_rows(  # noqa: PLR0913, PLR0917 - one point of view of the same table
    one: UncertainInput, side: str, shares: Floats, costs: Floats, has: Bools,
    sites: Sequence[str], chosen: Bools, rivals: Sequence[str],
) -> list[tuple[object, ...]]:  # fmt: skip
    rows = []
    at = {name: place for place, name in enumerate(sites)}
    for own in np.flatnonzero(chosen):
        for rival in rivals:
            other = at.get(rival)
            if other is None or chosen[other]:
                continue
            keeps, swaps = has[:, own] & ~has[:, other], has[:, other] & ~has[:, own]
            share = _crossing(shares, _lead(costs, keeps, swaps))
            if share is not None:
                value, threshold = _threshold(one, side, share)
                rows.append(
                    (sites[own], rival, one.name, side, value, threshold, one.unit, 100.0 * share)
                )
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
    settings = model.scenario.solver.model_copy(update={"threads": 1})
    found: list[bool | None] = [None] * len(table)
    drops = table[table["nearest"] & (table["change"] == "drops")]
    for place, row in drops.iterrows():
        one = inputs[str(row["input"])]
        share = min(float(row["range_share_pct"]) / 100.0 + _BEYOND, 1.0)
        at = _at(one, -share if row["side"] == "low" else share)
        try:
            plan = solve_by_fixing(
                model.problem_of(Assumptions(parameters=at)), settings, model.grid
            ).plan
        except SolverError:
            continue
        if plan is not None:
            names = model.problem.site_id[plan.chosen(model.problem)]
            found[int(place)] = str(row["site_id"]) not in set(names.tolist())  # type: ignore[call-overload]
    return table.assign(verified=pd.array(found, dtype="boolean"))
