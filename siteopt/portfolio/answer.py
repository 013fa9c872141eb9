"""The portfolio of a run: program, plan, verification and ranking in one call on tables."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from siteopt.errors import InfeasibleError
from siteopt.portfolio._conflict_words import Names
from siteopt.portfolio.building import build_problem
from siteopt.portfolio.changes import changes, first_years
from siteopt.portfolio.diagnosis import diagnose
from siteopt.portfolio.further import Further, further
from siteopt.portfolio.on_grid import rank_on_grid, solve_on_grid
from siteopt.portfolio.prices import price_limits
from siteopt.portfolio.second_opinion import recheck
from siteopt.portfolio.verification import verify

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from siteopt.portfolio.on_grid import GridLike
    from siteopt.portfolio.plan import Plan
    from siteopt.portfolio.problem import Problem
    from siteopt.scenario import Scenario

    Floats = NDArray[np.float64]

__all__ = ["Answer", "Portfolio", "plan_portfolio"]


@dataclass(frozen=True, eq=False)
class Portfolio:
    """A verified plan as tables, for people.

    Attributes
    ----------
    status : str
        ``optimal`` within the gap that was asked for, or ``feasible`` after the time limit.
    objective : float
        Discounted total cost in bn KRW; minus suitable MW where suitability is maximised.
    bound : float
        Proven bound on the objective of any plan.
    gap : float
        Relative distance of the two.
    solver : str
        Name and version.
    chosen : DataFrame
        ``site_id``, ``option_id``, ``open_year``, ``blocks``, ``it_mw``, ``facility_mw``, ``water_m3_day``,
        ``cost_bn_krw``, ``capital_bn_krw``, ``station_id``, ``voltage_kv``.
    steps : DataFrame
        One row a site and year in which blocks begin to run there (`Plan.steps`).
    limits : DataFrame
        ``family``, ``limit``, ``used``, ``at_least``, ``at_most``, ``unit``, ``slack``,
        ``binds``: every named limit with what the plan uses of it.
    grid_account, grid_further : DataFrame or None
        What the plan changes in every snapshot of the grid, and how much more each province can
        draw beside it (`siteopt.grid.SitingGrid`); None where flow limits are off.
    prices : DataFrame or None
        What one more unit of each limit that binds is worth (`price_limits`); None where the
        scenario does not ask.
    checked_by : dict
        What a second way of solving said of the plan (`SecondOpinion.record`).
    flow_prices : DataFrame or None
        ``limit``, ``bus_id``, ``price``: MW of a flow limit that a MW of load at a bus takes, for
        the limits of family ``flows``; None where they are off.
    """

    status: str
    objective: float
    bound: float
    gap: float
    solver: str
    chosen: pd.DataFrame
    limits: pd.DataFrame
    steps: pd.DataFrame
    grid_account: pd.DataFrame | None = None
    grid_further: pd.DataFrame | None = None
    flow_prices: pd.DataFrame | None = None
    checked_by: dict[str, Any] = field(default_factory=dict)
    prices: pd.DataFrame | None = None


@dataclass(frozen=True, eq=False)
class Answer:
    """The plan and the ranking around it.

    Attributes
    ----------
    plan : Portfolio
        The chosen sites.
    ranking : DataFrame
        See `siteopt.portfolio.Ranking`.
    complete : bool
        Whether all that was asked for is proven: the plan within the gap, and the ranking.
    measured : dict
        Sizes and seconds of the solving; differs from run to run.
    further : Further
        Other plans close to the best cost, which sites are in all of them, and trade-offs.
    """

    plan: Portfolio
    ranking: pd.DataFrame
    complete: bool
    measured: dict[str, Any]
    further: Further = field(default_factory=Further)


def plan_portfolio(  # noqa: PLR0913, PLR0917 - the tables that meet here
    sites: pd.DataFrame,
    described: pd.DataFrame,
    scores: pd.DataFrame,
    options: pd.DataFrame,
    headroom: pd.DataFrame,
    scenario: Scenario,
    grid: GridLike | None = None,
    discount_pct: float = 0.0,
    names: Callable[[], Names] | None = None,
) -> Answer:
    """Choose the portfolio, check it against the raw tables, and rank every site.

    Parameters
    ----------
    sites, options, headroom : DataFrame
        As `build_problem` takes them; ``options`` also with ``voltage_kv`` and, with a grid,
        ``bus_id``.
    described : DataFrame
        Criteria by ``site_id``, with ``basin_id`` and ``supply_m3_day`` of the basin.
    scores : DataFrame
        By ``site_id``: ``suitability`` in 0..1.
    scenario : Scenario
        What is decided.
    grid : GridLike, optional
        The grid whose flow limits the plan must keep; none by default.
    discount_pct : float
        Yearly rate at which costs of later years are discounted to the first year of the plan.
    names : callable, optional
        What provinces and stations are called, asked where there is no plan; codes by default.

    Returns
    -------
    Answer
        With the ranking of all sites, best first.

    Raises
    ------
    InfeasibleError
        If no plan meets the scenario; the message names the limits in conflict.
    SolverError
        If there is no plan within the time limit, or it contradicts the raw tables.
    """
    facts = described.join(scores[["suitability"]])
    basins = facts[["basin_id", "supply_m3_day"]].drop_duplicates("basin_id")
    buses = () if grid is None else grid.bus_id
    problem = build_problem(sites, facts, options, headroom, basins, scenario, buses, discount_pct)
    problem, plan = solve_on_grid(problem, scenario.solver, grid)
    if plan is None:
        called = Names() if names is None else names()
        told = diagnose(problem, scenario.solver, grid, together=False, names=called)
        raise InfeasibleError(told.message, told.details)

    def check(known: Problem, found: Plan) -> None:
        tables = found.table(known), found.steps(known)
        verify(sites, facts, options, headroom, basins, scenario, *tables, discount_pct)
        if grid is not None:
            for drawn in np.unique(known.yearly_bus_loads(found.blocks), axis=0):
                grid.verify(drawn)

    check(problem, plan)
    table, steps = plan.table(problem), plan.steps(problem)
    load = problem.bus_loads(plan.blocks)
    checked = recheck(problem, plan, scenario.solver)
    problem, ranking = rank_on_grid(problem, plan, scenario.ranking, scenario.solver, grid)
    more, spent = further(problem, plan, ranking, (facts, options), scenario, grid, check)
    asked = scenario.reasons
    prices = None
    if asked.prices_time_limit_s:
        prices = price_limits(problem, plan, scenario.solver, grid, asked.prices_time_limit_s)
    changed = changes(problem, plan, ranking, scenario.solver, grid, asked.headroom_time_limit_s)
    return Answer(
        further=more,
        plan=replace(
            _portfolio(problem, plan, (table, steps), options, _grid_tables(problem, load, grid)),
            checked_by=checked.record(),
            prices=prices,
        ),
        ranking=_with_changes(ranking.table, changed, options, scenario),
        complete=plan.status == "optimal" and ranking.complete,
        measured={
            "plan": {"seconds": plan.seconds, **plan.measured},
            "checked_by": asdict(checked),
            "ranking": {"seconds": ranking.seconds, **ranking.measured},
            **spent,
        },
    )


def _with_changes(
    ranking: pd.DataFrame, changed: pd.DataFrame, options: pd.DataFrame, scenario: Scenario
) -> pd.DataFrame:
    """Return a ranking with what would have to change, and the first year of a connection."""
    table = ranking.merge(changed, on="site_id", how="left", validate="one_to_one")
    if "headroom_mw" in options:
        table = table.assign(stations=table["site_id"].map(_stations(options)))
    if "lead_time_years" not in options:
        return table
    first = first_years(options, scenario.target.works_begin)
    return table.assign(first_year=table["site_id"].map(first).astype("Int64"))


def _stations(options: pd.DataFrame) -> pd.Series[str]:
    """Return the stations within reach of each site: ``id kV MW`` of headroom, joined by ``; ``."""
    key = ["site_id", "station_id", "station_kv"]
    rooms = options[[*key, "headroom_mw"]].drop_duplicates(key).sort_values(key)
    said = [
        f"{station} {kv:g} {room:.1f}"
        for station, kv, room in zip(
            rooms["station_id"], rooms["station_kv"], rooms["headroom_mw"], strict=True
        )
    ]
    return rooms.assign(said=said).groupby("site_id")["said"].agg("; ".join)


def _grid_tables(
    problem: Problem, load_mw: Floats, grid: GridLike | None
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Return the account of the grid under the plan, and what more each province can draw."""
    if grid is None:
        return None, None
    with_sites = problem.province_code[np.unique(problem.site_province)]
    return grid.account(load_mw), grid.further(load_mw, [str(code) for code in with_sites])


def _flow_prices(problem: Problem) -> pd.DataFrame:
    """Return what a MW of load at each bus takes of each known flow limit."""
    names, buses = [f"flow {name}" for name in problem.flow_name], problem.bus_id
    return pd.DataFrame(
        {
            "limit": np.repeat(np.array(names, dtype=np.str_), len(buses)),
            "bus_id": np.tile(buses, len(names)),
            "price": problem.flow_price.ravel(),
        }
    )


def _portfolio(
    problem: Problem,
    plan: Plan,
    tables: tuple[pd.DataFrame, pd.DataFrame],
    options: pd.DataFrame,
    grid_tables: tuple[pd.DataFrame | None, pd.DataFrame | None],
) -> Portfolio:
    connections = options[["option_id", "station_id", "voltage_kv"]]
    account, further = grid_tables
    table, steps = tables
    return Portfolio(
        status=plan.status,
        objective=plan.objective,
        bound=plan.bound,
        gap=plan.gap,
        solver=plan.solver,
        chosen=table.merge(connections, on="option_id", how="left", validate="one_to_one"),
        limits=plan.limits(problem),
        steps=steps,
        grid_account=account,
        grid_further=further,
        flow_prices=None if account is None else _flow_prices(problem),
    )
