"""The optimal plan without tables for people, and the cost of a fixed plan in another problem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siteopt.portfolio import constraints
from siteopt.portfolio.search.grid_oracle import broken_limits
from siteopt.portfolio.search.lazy_flow_limits import solve_on_grid

if TYPE_CHECKING:
    from siteopt._arrays import Ints
    from siteopt.portfolio.inputs import PlanInputs
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.grid_oracle import GridLike


__all__ = [
    "PlanResult", "blocks_of_steps", "cost_of_fixed_plan", "fits_limits", "fixed_plan_cost",
    "solve_plan",
]  # fmt: skip

_SLACK = 1e-7  # relative; sums of floats, not leniency


@dataclass(frozen=True, eq=False)
class PlanResult:
    """Status, objective, bound and steps of a solved plan.

    Attributes
    ----------
    status : str
        ``optimal`` within the gap of the scenario, ``feasible`` after the time limit, or
        ``infeasible`` (proven).
    objective, bound : float
        Cost in bn KRW (minus suitable MW where suitability is maximised), and the proven bound on
        it; not numbers where there is no plan.
    steps : DataFrame
        `Plan.steps`: one row a site and year in which blocks begin to run there.
    """

    status: str
    objective: float
    bound: float
    steps: pd.DataFrame


def solve_plan(inputs: PlanInputs) -> PlanResult:
    """Solve for the optimal plan and verify it against the raw tables.

    Parameters
    ----------
    inputs : PlanInputs
        Tables, scenario and grid.

    Raises
    ------
    SolverError
        If there is no plan within the time limit, or it contradicts the raw tables.
    """
    problem, plan = solve_on_grid(inputs.problem(), inputs.scenario.solver, inputs.grid)
    if plan is None:
        return PlanResult("infeasible", float("nan"), float("nan"), pd.DataFrame())
    inputs.check(problem, plan)
    return PlanResult(plan.status, plan.objective, plan.bound, plan.steps(problem))


def cost_of_fixed_plan(inputs: PlanInputs, steps: pd.DataFrame) -> float | None:
    """Return the cost of a fixed plan in another problem, None where it is infeasible there.

    Parameters
    ----------
    inputs : PlanInputs
        Tables, scenario and grid of the other problem.
    steps : DataFrame
        `PlanResult.steps` of a plan.
    """
    return fixed_plan_cost(inputs.problem(), inputs.grid, steps)


def fixed_plan_cost(problem: Problem, grid: GridLike | None, steps: pd.DataFrame) -> float | None:
    """Return the cost of a fixed plan in another problem, None where it is infeasible there.

    Parameters
    ----------
    problem : Problem
        The other problem.
    grid : GridLike, optional
        Grid whose flow limits it must keep.
    steps : DataFrame
        `PlanResult.steps` of a plan.
    """
    blocks = blocks_of_steps(problem, steps)
    if blocks is None or not fits_limits(problem, blocks):
        return None
    if grid is not None and broken_limits(problem, grid, [blocks]):
        return None
    return problem.worth(blocks)


def blocks_of_steps(problem: Problem, steps: pd.DataFrame) -> Ints | None:
    """Return a plan as blocks by option (O,), None where the problem lacks one of its options.

    Parameters
    ----------
    problem : Problem
        See `build_problem`.
    steps : DataFrame
        `PlanResult.steps` of a plan, of this problem or another one.
    """
    if steps.empty:
        return None
    place = pd.MultiIndex.from_arrays([problem.option_id, problem.years[problem.option_year]])
    at = place.get_indexer(pd.MultiIndex.from_frame(steps[["option_id", "year"]]))
    sizes = steps["it_mw"].to_numpy(dtype=np.float64) / problem.block_mw
    if (at < 0).any() or not np.allclose(sizes, np.round(sizes)):
        return None
    blocks = np.zeros(problem.options, dtype=np.int64)
    blocks[at] = np.round(sizes).astype(np.int64)
    return blocks


def fits_limits(problem: Problem, blocks: Ints) -> bool:
    """Return whether a plan is feasible: bounds of its options and all rows of the program.

    Parameters
    ----------
    problem : Problem
        See `build_problem`; of flow limits those that are known.
    blocks : ndarray
        (O,) blocks of each option.
    """
    used = np.flatnonzero(blocks)
    part, own = problem.take(used), blocks[used]
    if not _in_bounds(part, own):
        return False
    present = np.unique(part.site_province[part.option_site])
    if len(present) < problem.province_count_min:
        return False
    rows = constraints.join(
        [
            constraints.all_rows(part, without=("provinces", "energy")),
            constraints.provinces.share_rows(part),
        ]
    )
    activity = rows.activity(own, part)
    slack = _SLACK * (1.0 + np.abs(activity))
    return bool(np.all((activity >= rows.lower - slack) & (activity <= rows.upper + slack)))


def _in_bounds(part: Problem, blocks: Ints) -> bool:
    """Return whether a site that opens may, with enough blocks, and none has too many."""
    opened = part.opened(blocks)
    running = np.zeros(len(blocks), dtype=np.int64)
    for chain in np.unique(part.chain):
        same = part.chain == chain
        running[same] = np.cumsum(blocks[same])
    least = np.where(opened, part.blocks_min, 0)
    may = np.where(opened, part.option_opens, part.grows) & ~part.option_late
    return bool(np.all(may & (blocks >= least) & (running <= part.blocks_max)))
