"""Draws: the program solved again with all assumptions drawn together (Monte Carlo).

Every draw is solved to a proven gap (``uncertainty.gap``), over all candidates, within the flow limits of the
grid; nothing is fitted to a few of them.
"""

from __future__ import annotations

import time
from copy import copy
from dataclasses import dataclass, replace
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from siteopt._processes import side_by_side
from siteopt.distribution import TASKS_AHEAD, cluster, in_order
from siteopt.errors import SolverError
from siteopt.highs import end_threads
from siteopt.portfolio.search.variable_fixing import solve_by_fixing
from siteopt.robustness.draw_model import Assumptions
from siteopt.robustness.plan_pool import cost_by_known_cuts
from siteopt.robustness.sampling import unit_draws
from siteopt.robustness.uncertain_inputs import uncertain_parameters
from siteopt.scenario.weights import CRITERION_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt._arrays import Floats
    from siteopt.distribution import ClusterExecutor
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.grid_oracle import GridLike
    from siteopt.portfolio.search.plan import Plan
    from siteopt.portfolio.search.variable_fixing import Fixed
    from siteopt.robustness.draw_model import DrawModel
    from siteopt.robustness.sampling import Method
    from siteopt.robustness.uncertain_inputs import UncertainInput, UncertaintyRules
    from siteopt.scenario import Solver

__all__ = ["DrawnInputs", "Draws", "draw_inputs", "solve_draws"]


@dataclass(frozen=True, eq=False)
class DrawnInputs:
    """What every draw assumes.

    Attributes
    ----------
    inputs : list of UncertainInput
        Parameters that are drawn.
    held : dict of str to str
        Parameters that the program rests on and that are not drawn, with the reason.
    table : DataFrame
        One row a draw, one column an input: the value of its (first) parameter. Factors of places
        are summed up by kind: ``headroom`` and ``land_price``, the mean factor of all places.
    assumptions : list of Assumptions
        One a draw.
    """

    inputs: list[UncertainInput]
    held: dict[str, str]
    table: pd.DataFrame
    assumptions: list[Assumptions]


@dataclass(frozen=True, eq=False)
class Draws:
    """Plans of all draws that were solved, in their order.

    Attributes
    ----------
    asked : int
        Number of draws that were wanted; fewer are there where time ran out.
    table : DataFrame
        One row a draw: ``draw``, ``status`` (of `PlanResult`, or ``not solved`` within the time
        limit), ``cost_bn_krw`` and ``bound_bn_krw`` of its plan, ``fits``: whether the plan of the
        run as it stands, with its sizes, breaks no limit there, ``committed_bn_krw``: the best plan
        that has all sites of the run's plan which can be built, whatever their size (not a number
        where there is none), ``lost_sites`` of these, and ``options_left`` to the search.
    chosen : DataFrame
        One row a draw and chosen site: ``draw``, ``site_id``, ``option_id``, ``it_mw``; those of
        the plan of the run where it is as good within the gap.
    standing : DataFrame
        Draws by sites (columns, all candidates): least reduced cost of a site in bn KRW in the
        relaxation of the draw, which is what the program would gain (below 0) or lose by it; infinite
        where it cannot be built. Chosen sites stand before all others.
    """

    asked: int
    table: pd.DataFrame
    chosen: pd.DataFrame
    standing: pd.DataFrame


class _Solved(NamedTuple):
    """The plan of one draw."""

    draw: int
    row: dict[str, Any]
    steps: pd.DataFrame
    standing: Floats


def draw_inputs(
    model: DrawModel, rules: UncertaintyRules, read: Sequence[str], count: int, method: Method
) -> DrawnInputs:
    """Return the assumptions of all draws.

    Parameters
    ----------
    model : DrawModel
        Of the run.
    rules : UncertaintyRules
        Shapes, what moves together, factors of places.
    read : sequence of str
        Keys of the parameters that the program rests on.
    count : int
        Number of draws.
    method : {'sobol', 'latin'}
        How they are spread.
    """
    held_by_name = {key for key, _ in rules.held if key in model.layers.parameters}
    inputs, held = uncertain_parameters(model.layers, {*read, *held_by_name}, rules)
    areas, districts = model.areas, model.districts
    weighed = list(CRITERION_NAMES) if model.scenario.asks_for_suitability else []
    dimensions = len(inputs) + len(areas) + len(districts) + len(weighed)
    unit = unit_draws(count, dimensions, model.scenario.seed, method)
    ends = np.cumsum([len(inputs), len(areas), len(districts)])
    of_inputs, of_areas, of_districts, of_weights = np.split(unit, ends, axis=1)
    values = {
        key: each.quantile(of_inputs[:, place])
        for place, one in enumerate(inputs)
        for key, each in one.ranges.items()
    }
    headroom = {
        place: rules.factor("headroom", confidence).quantile(of_areas[:, number])
        for number, (place, confidence) in enumerate(areas.itertuples(index=False))
    }
    land = rules.factor("land_price", "")
    prices = {code: land.quantile(of_districts[:, number]) for number, code in enumerate(districts)}
    weight = rules.factor("weights", "")
    weights = {name: weight.quantile(of_weights[:, number]) for number, name in enumerate(weighed)}
    assumptions = [
        Assumptions(*(_of_draw(part, draw) for part in (values, headroom, prices, weights)))
        for draw in range(count)
    ]
    columns = {one.name: values[next(iter(one.ranges))] for one in inputs}
    for kind, factors in (("headroom", headroom), ("land_price", prices)):
        if factors and np.ptp(np.array(list(factors.values()))) > 0:
            columns[kind] = np.mean(list(factors.values()), axis=0)
    columns |= {f"weight_{name}": values for name, values in weights.items()}
    table = pd.DataFrame(columns, index=pd.RangeIndex(count, name="draw"))
    return DrawnInputs(inputs, held, table, assumptions)


def _of_draw(values: dict[str, Floats], draw: int) -> dict[str, float]:
    return {key: float(own[draw]) for key, own in values.items()}


def solve_draws(
    model: DrawModel,
    assumptions: Sequence[Assumptions],
    steps: pd.DataFrame,
    *,
    seconds: float = np.inf,
    processes: int = 1,
) -> Draws:
    """Solve the program of every draw, on the workers of a Dask scheduler where there is one.

    Parameters
    ----------
    model : DrawModel
        Of the run.
    assumptions : sequence of Assumptions
        One a draw.
    steps : DataFrame
        `PlanResult.steps` of the plan of the run, which is kept in every draw as well.
    seconds : float
        Wall seconds; draws not begun by then are left out.
    processes : int
        Cores to use. What comes out is the same for any number, where time does not run out.
    """
    gap = model.scenario.uncertainty.gap
    settings = model.scenario.solver.model_copy(update={"threads": 1, "gap": gap})
    ends = time.monotonic() + seconds
    model.warm()
    with cluster() as pool:
        if pool is not None:
            found = _solved_on_cluster(model, assumptions, steps, settings, ends, pool)
            return _together(model, found, len(assumptions))

    def walk(own: Sequence[int]) -> list[_Solved]:
        found: list[_Solved] = []
        for draw in own:
            if found and time.monotonic() > ends:
                break
            found.append(_solved(model, steps, settings, (draw, assumptions[draw])))
        return found

    every = range(len(assumptions))
    cores = max(min(processes, len(every)), 1)
    end_threads()
    parts = side_by_side(walk, [(every[core::cores],) for core in range(cores)], cores)
    solved = sorted((one for part in parts for one in part), key=lambda one: one.draw)
    return _together(model, solved, len(assumptions))


def _solved_on_cluster(  # noqa: PLR0913, PLR0917 - what all draws share, and where
    model: DrawModel, assumptions: Sequence[Assumptions], steps: pd.DataFrame, settings: Solver,
    ends: float, pool: ClusterExecutor,
) -> list[_Solved]:  # fmt: skip
    """Return the plans of draws begun on a cluster until a time of the monotonic clock."""
    tasks = takewhile(lambda task: task[0] == 0 or time.monotonic() <= ends, enumerate(assumptions))
    solve = partial(_solved, model, steps, settings)
    return list(in_order(pool, solve, tasks, TASKS_AHEAD * pool.cores))


def _together(model: DrawModel, solved: Sequence[_Solved], asked: int) -> Draws:
    columns = [
        "draw", "status", "cost_bn_krw", "bound_bn_krw", "fits", "committed_bn_krw", "lost_sites",
        "options_left",
    ]  # fmt: skip
    table = pd.DataFrame([{"draw": one.draw, **one.row} for one in solved], columns=columns)
    chosen = [one.steps.assign(draw=one.draw) for one in solved if len(one.steps)]
    kept = ["draw", "site_id", "option_id", "it_mw"]
    frame = pd.concat(chosen, ignore_index=True) if chosen else pd.DataFrame(columns=kept)
    sizes = frame.groupby(kept[:3], sort=True)[["it_mw"]].sum().reset_index()
    standing = pd.DataFrame(
        np.array([one.standing for one in solved]).reshape(len(solved), model.problem.sites),
        index=pd.Index([one.draw for one in solved], name="draw"),
        columns=model.problem.site_id.tolist(),
    )
    return Draws(asked, table, sizes, standing)


def _solved(
    model: DrawModel, steps: pd.DataFrame, settings: Solver, task: tuple[int, Assumptions]
) -> _Solved:
    """Return the plan of a numbered draw, and what the plan of the run costs in it."""
    draw, drawn = task
    problem = model.problem_of(drawn)
    grid = copy(model.grid)  # its programs hold no draw before, so any order gives the same
    try:
        found = solve_by_fixing(problem, settings, grid)
    except SolverError:
        unsolved: dict[str, Any] = {"status": "not solved", "options_left": 0}
        return _Solved(draw, unsolved, pd.DataFrame(), np.full(problem.sites, np.inf))
    row: dict[str, Any] = {"status": "infeasible", "options_left": found.options_left}
    if found.plan is None:
        return _Solved(draw, row, pd.DataFrame(), found.site_reduced_cost)
    plan = found.plan
    kept = cost_by_known_cuts(found.problem, grid, steps)
    committed, lost = _committed(found, steps, settings, grid)
    row |= {
        "status": plan.status,
        "cost_bn_krw": min(plan.objective, kept),
        "bound_bn_krw": plan.bound,
        "fits": bool(np.isfinite(kept)),
        "committed_bn_krw": least if np.isfinite(least := min(committed, kept)) else np.nan,
        "lost_sites": lost,
    }
    if kept <= plan.objective + settings.gap * abs(plan.objective):
        own = steps[["site_id", "option_id", "it_mw"]]  # as good: sites do not move by a gap
    else:
        own = _sizes(problem, plan)
    chosen = np.isin(problem.site_id, own["site_id"].to_numpy(dtype=np.str_))
    standing = found.site_reduced_cost
    return _Solved(draw, row, own, np.where(chosen, np.minimum(standing, 0.0), standing))


def _sizes(problem: Problem, plan: Plan) -> pd.DataFrame:
    """Return site, option and IT load of what a plan builds."""
    built = np.flatnonzero(plan.blocks > 0)
    return pd.DataFrame(
        {
            "site_id": problem.site_id[problem.option_site[built]],
            "option_id": problem.option_id[built],
            "it_mw": plan.blocks[built] * problem.block_mw,
        }
    )


def _committed(
    found: Fixed, steps: pd.DataFrame, settings: Solver, grid: GridLike | None
) -> tuple[float, int]:
    """Return the cost of the best plan with all sites of a fixed one (inf for none), and how many are lost."""
    problem, plan = found.problem, found.plan
    own = np.isin(problem.site_id, steps["site_id"].unique())
    possible = np.zeros(problem.sites, dtype=np.bool_)
    possible[problem.option_site[problem.open_options()]] = True
    lost = int(np.count_nonzero(own & ~possible))
    chosen = np.zeros(problem.sites, dtype=np.bool_)
    if plan is not None:
        chosen[plan.chosen(problem)] = True
        if not (own & possible & ~chosen).any():
            return plan.objective, lost
    forced = replace(problem, site_must=problem.site_must | (own & possible))
    try:
        again = solve_by_fixing(forced, settings, grid).plan
    except SolverError:
        again = None
    return (np.inf if again is None else again.objective), lost
