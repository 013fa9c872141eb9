"""The plan alone, for questions that ask for many: chosen and checked, without tables for people."""

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
    from siteopt.portfolio.inputs import Task
    from siteopt.portfolio.problem.problem import Problem


__all__ = ["Choice", "choose_sites", "cost_of_keeping"]

_SLACK = 1e-7  # relative; sums of floats, not leniency


@dataclass(frozen=True, eq=False)
class Choice:
    """What is chosen, and how far it is proven.

    Attributes
    ----------
    status : str
        ``optimal`` within the gap that was asked for, ``feasible`` after the time limit, or
        ``infeasible``: it is proven that no plan meets the limits.
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


def choose_sites(task: Task) -> Choice:
    """Choose the portfolio and check it against the raw tables.

    Parameters
    ----------
    task : Task
        Tables, scenario and grid.

    Raises
    ------
    SolverError
        If there is no plan within the time limit, or it contradicts the raw tables.
    """
    problem, plan = solve_on_grid(task.problem(), task.scenario.solver, task.grid)
    if plan is None:
        return Choice("infeasible", float("nan"), float("nan"), pd.DataFrame())
    task.check(problem, plan)
    return Choice(plan.status, plan.objective, plan.bound, plan.steps(problem))


def cost_of_keeping(task: Task, steps: pd.DataFrame) -> float | None:
    """Return what a plan costs under another question, None where it breaks a limit there.

    Parameters
    ----------
    task : Task
        The other question.
    steps : DataFrame
        `Choice.steps` of a plan.
    """
    problem = task.problem()
    blocks = _blocks(problem, steps)
    if blocks is None or not _fits(problem, blocks):
        return None
    if task.grid is not None and broken_limits(problem, task.grid, [blocks]):
        return None
    return problem.worth(blocks)


def _blocks(problem: Problem, steps: pd.DataFrame) -> Ints | None:
    """Return a plan as blocks by option, None where it has an option that is not there."""
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


def _fits(problem: Problem, blocks: Ints) -> bool:
    """Return whether a plan keeps the bounds of its options and all rows of the program."""
    used = np.flatnonzero(blocks)
    part, own = problem.take(used), blocks[used]
    if not _in_bounds(part, own):
        return False
    present = np.unique(part.site_province[part.option_site])
    if len(present) < problem.province_count_min:
        return False
    rows = constraints.join(
        [constraints.all_rows(part, without=("provinces",)), constraints.provinces.share_rows(part)]
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
