"""Break-even analysis: the least change of cost, headroom or year with which a site is chosen.

Cost: a plan with the site costs its regret more, so a cut of that much makes it as good as the
best plan, and a smaller one does not. Headroom: the least that all of its stations must have more,
so that a plan with the site costs no more than the best one. Year: when its line and bank can be
there. Sites for which the relaxation without any limit of headroom proves that they cost more are
settled at once; the others are programs of their own.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.limit_key import LimitKey
from siteopt.portfolio import constraints
from siteopt.portfolio.bounds.column_generation import RestrictedMaster
from siteopt.portfolio.constraints import energy, stations
from siteopt.portfolio.constraints.elastic import without
from siteopt.portfolio.ranking.forced_site import search_with
from siteopt.portfolio.search.energy_cuts import missing_cuts
from siteopt.portfolio.search.grid_oracle import broken_limits
from siteopt.portfolio.solver.backends import Limits, solve_arrays
from siteopt.portfolio.solver.deadline import Deadline
from siteopt.portfolio.solver.mip import program_arrays, whole_blocks

if TYPE_CHECKING:
    from siteopt._arrays import Ints
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.ranking.rank import Ranking
    from siteopt.portfolio.search.grid_oracle import GridLike
    from siteopt.portfolio.search.plan import Plan
    from siteopt.scenario import Solver


__all__ = ["changes", "first_years"]

_SECONDS: Final = 8.0
_EACH: Final = 3.0
"""Wall seconds for all programs, and for one."""
_EVALUATED: Final = 12
"""Number of the best other sites evaluated; each takes a second or so."""
_TIE: Final = 1e-5
"""Costs nearer than this are the same, as in a ranking."""


@dataclass(frozen=True)
class _More:
    """Headroom in MW that is needed more at each station of a site."""

    low: float
    """Less is not enough."""
    enough: float
    """A plan is known with it; inf where none is."""
    proof: str
    """'exact', 'bounded', 'not enough' (no headroom at its stations is), 'not computed'."""


_NEVER: Final = _More(np.inf, np.inf, "not enough")
_UNKNOWN: Final = _More(0.0, np.inf, "not computed")


def changes(  # noqa: PLR0913, PLR0917 - a question, its answer, and how to go on
    problem: Problem,
    plan: Plan,
    ranking: Ranking,
    settings: Solver,
    grid: GridLike | None = None,
    seconds: float = _SECONDS,
) -> pd.DataFrame:
    """Return what would have to change for the sites that are not chosen.

    Parameters
    ----------
    problem : Problem
        The one that plan and ranking answer.
    plan : Plan
        Its best plan.
    ranking : Ranking
        The ranking around it.
    settings : Solver
        How many cores.
    grid : GridLike, optional
        The grid whose flow limits plans must keep.
    seconds : float
        Wall seconds for the headroom of all sites.

    Returns
    -------
    DataFrame
        One row a site that is not chosen and can be built: ``site_id``; ``with_it_mw`` and
        ``with_cost_bn_krw`` of the site, and ``replaces`` (ids of chosen sites that leave, one
        space between), all in the best known plan with it; ``headroom_more_mw`` (least that is
        needed more at its stations; NaN where none is known to be enough),
        ``headroom_more_low_mw`` (less is not enough) and ``headroom_proof`` ('exact', 'bounded',
        'not enough', 'not computed').
    """
    table = ranking.table
    others = table.loc[~table["chosen"].astype(bool) & (table["proof"] != "impossible")]
    rows = [_in_its_plan(problem, plan, ranking, str(name)) for name in others["site_id"]]
    found = pd.DataFrame(rows, columns=["site_id", "with_it_mw", "with_cost_bn_krw", "replaces"])
    exact = others["site_id"][others["proof"] == "exact"].astype(str).tolist()
    more = _headroom(problem, plan, others["site_id"].astype(str).tolist(), exact, settings,
                     grid, Deadline(seconds))  # fmt: skip
    found["headroom_more_mw"] = [one.enough if np.isfinite(one.enough) else np.nan for one in more]
    found["headroom_more_low_mw"] = [one.low if np.isfinite(one.low) else np.nan for one in more]
    found["headroom_proof"] = pd.Series([one.proof for one in more], dtype=str)
    return found


def first_years(options: pd.DataFrame, works_begin: int) -> pd.Series[int]:
    """Return the first year in which a site can be connected, by site id.

    Parameters
    ----------
    options : DataFrame
        ``site_id`` and ``lead_time_years`` of connection options.
    works_begin : int
        Year in which works can begin.
    """
    least = options.groupby("site_id", sort=True)["lead_time_years"].min()
    first: pd.Series[int] = (works_begin + np.ceil(least - 1e-9)).astype(np.int64)
    return first.rename("first_year")


def _in_its_plan(
    problem: Problem, plan: Plan, ranking: Ranking, name: str
) -> tuple[str, float, float, str]:
    """Return size and cost of a site in the best known plan with it, and which sites leave."""
    place = ranking.plan_of.get(name)
    if place is None:
        return name, np.nan, np.nan, ""
    blocks = ranking.plans[place]
    site = int(np.searchsorted(problem.site_id, name))
    own = (problem.option_site == site) & (blocks > 0)
    opened = problem.opened(blocks) & own
    cost = (problem.block_bn_krw * blocks)[own].sum() + problem.fixed_bn_krw[opened].sum()
    left = np.setdiff1d(plan.chosen(problem), np.unique(problem.option_site[blocks > 0]))
    return (
        name,
        float(blocks[own].sum() * problem.block_mw),
        float(cost),
        " ".join(problem.site_id[left]),
    )


def _headroom(  # noqa: PLR0913, PLR0917 - a question, about whom, and how to answer it
    problem: Problem,
    plan: Plan,
    names: list[str],
    exact: list[str],
    settings: Solver,
    grid: GridLike | None,
    clock: Deadline,
) -> list[_More]:
    """Return the headroom that sites need more, those ranked exactly by programs of their own."""
    free = without(
        problem, [LimitKey(stations.NAME, "station", str(name)) for name in problem.station_id]
    )
    kept = free.open_options()
    bound = RestrictedMaster(free.take(kept)).solve()
    near = kept[bound.value + bound.reduced_cost <= plan.objective + _TIE]
    reach = np.zeros(problem.sites, dtype=np.bool_)
    reach[problem.option_site[near]] = True
    found = dict.fromkeys(names, _UNKNOWN)
    site_of = {str(name): place for place, name in enumerate(problem.site_id)}
    for name in names:
        if not reach[site_of[name]]:
            found[name] = _NEVER
    evaluated = [name for name in exact if reach[site_of[name]]][:_EVALUATED]

    def one(name: str) -> _More:
        if clock.left <= 0:
            return _UNKNOWN
        return _least(problem, plan, near, site_of[name], grid, min(_EACH, clock.left))

    with ThreadPoolExecutor(settings.threads) as pool:
        found.update(zip(evaluated, pool.map(one, evaluated), strict=True))
    return [found[name] for name in names]


def _least(  # noqa: PLR0913, PLR0917 - see `_headroom`
    problem: Problem,
    plan: Plan,
    near: Ints,
    site: int,
    grid: GridLike | None,
    seconds: float,
) -> _More:
    """Return the least headroom more at the stations of a site with which it may be chosen."""
    level = problem.option_level[(problem.option_site == site) & (problem.option_level >= 0)]
    own = problem.station_id[np.unique(problem.level_station[level])]
    loose = without(problem, [LimitKey(stations.NAME, "station", str(name)) for name in own])
    kept = np.intersect1d(near, loose.open_options())
    clock, most = Deadline(seconds), plan.objective + _TIE
    free = loose.take(kept)
    place = int(np.searchsorted(free.site_id, problem.site_id[site]))
    if place >= free.sites or free.site_id[place] != problem.site_id[site]:
        return _NEVER
    relaxation = RestrictedMaster(free)
    relaxation.solve(seconds=clock.left)
    bound = relaxation.solve_with(place)
    found = search_with(free, bound, place, clock, most)
    if found.incumbent is None:
        never = found.proven or found.bound >= most - _TIE / 10
        return _NEVER if never else _More(0.0, np.inf, "bounded")
    kept = kept[bound.value + bound.reduced_cost <= most]
    part = replace(
        loose,
        level_headroom_mw=problem.level_headroom_mw,
        station_headroom_mw=problem.station_headroom_mw,
        area_headroom_mw=problem.area_headroom_mw,
    ).take(kept)
    place = int(np.searchsorted(part.site_id, problem.site_id[site]))
    arrays = program_arrays(part, _rows(part, own.tolist(), most))
    arrays.cost[:-1] = 0.0
    arrays.lower[2 * part.options + place] = 1.0
    answer = solve_arrays(arrays, Limits(gap=1e-6, gap_abs=1e-6, seconds=max(clock.left, 0.05)))
    if answer.status == "infeasible":
        return _NEVER
    low = max(float(answer.bound), 0.0) if np.isfinite(answer.bound) else 0.0
    if answer.incumbent is None:
        return _More(low, np.inf, "bounded")
    plans = [whole_blocks(part, answer.incumbent)]
    unserved = grid is not None and broken_limits(part, grid, plans)
    if unserved or missing_cuts(part, grid, plans, _TIE):  # or dearer than the ceiling, perhaps
        return _More(low, np.inf, "bounded")
    enough = max(answer.objective, 0.0)
    exact = answer.status == "optimal"
    return _More(enough if exact else low, enough, "exact" if exact else "bounded")


def _rows(part: Problem, own: list[str], most: float) -> constraints.Rows:
    """Return all constraint rows, and a ceiling on the cost.

    One further variable is the headroom that the site's stations have more.
    """
    reach = np.maximum(part.blocks_max, 0) @ part.facility_mw if part.options else 0.0
    cost = energy.cost_rows(part, most)
    others = constraints.all_rows(part, without=(stations.NAME, energy.NAME))
    return constraints.join([others, cost, stations.rows_with_more(part, own, float(reach))])
