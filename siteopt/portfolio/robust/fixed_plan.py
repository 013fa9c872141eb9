"""Cost of a fixed plan in another problem, or the limit that it breaks there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siteopt.limit_key import LimitKey
from siteopt.portfolio import constraints
from siteopt.portfolio.constraints import flows
from siteopt.portfolio.constraints.block_bounds import first_reason
from siteopt.portfolio.search.grid_oracle import broken_limits, with_limits

if TYPE_CHECKING:
    from siteopt._arrays import Bools, Ints
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.grid_oracle import GridLike

__all__ = ["FixedPlanCost", "blocks_of_steps", "fixed_plan_cost", "total_cost"]

_SLACK = 1e-7  # relative; sums of floats, not leniency


@dataclass(frozen=True)
class FixedPlanCost:
    """What a fixed plan costs in a problem."""

    cost_bn_krw: float
    """Its objective there; inf where it breaks a limit."""
    broken: LimitKey | None = None
    """The first limit that it breaks; None where it breaks none. ``option`` is a
    connection (``subject``) that the problem lacks; a single limit on a connection has its closing
    reason for a family, ``size`` that of too few blocks."""

    @property
    def is_feasible(self) -> bool:
        """Whether the plan meets every limit."""
        return self.broken is None


def fixed_plan_cost(problem: Problem, grid: GridLike | None, steps: pd.DataFrame) -> FixedPlanCost:
    """Return the cost of a fixed plan, matched energy included, or the limit that it breaks.

    Parameters
    ----------
    problem : Problem
        The other problem, without flow limits and energy cuts: the grid is asked itself.
    grid : GridLike or None
        Its grid.
    steps : DataFrame
        `Plan.steps` of the plan.
    """
    found = blocks_of_steps(problem, steps)
    if isinstance(found, LimitKey):
        return FixedPlanCost(float("inf"), found)
    broken = _first_broken(problem, grid, found)
    if broken is not None:
        return FixedPlanCost(float("inf"), broken)
    return FixedPlanCost(total_cost(problem, grid, found))


def total_cost(problem: Problem, grid: GridLike | None, blocks: Ints) -> float:
    """Return the objective of a plan, with what its energy costs by the energy program itself.

    Parameters
    ----------
    problem : Problem
        Whose objective is meant; energy cuts that it knows are left aside.
    grid : GridLike or None
        With the energy program where clean energy is matched.
    blocks : ndarray of int
        (O,) the plan.
    """
    plain = problem.worth(blocks) - problem.energy_bn_krw(blocks)
    if grid is None or grid.energy is None or not problem.energy_counts:
        return plain
    return plain + float(grid.energy.cut(problem.yearly_bus_loads(blocks))[0])


def blocks_of_steps(problem: Problem, steps: pd.DataFrame) -> Ints | LimitKey:
    """Return a plan as blocks by option, or the connection that the problem lacks.

    Parameters
    ----------
    problem : Problem
        Whose options are meant.
    steps : DataFrame
        `Plan.steps`: ``option_id``, ``year`` and ``it_mw`` are read.
    """
    if steps.empty:
        return LimitKey("target")
    built = np.flatnonzero(np.isin(problem.option_id, steps["option_id"].to_numpy(dtype=np.str_)))
    years = problem.years[problem.option_year[built]]
    place = pd.MultiIndex.from_arrays([problem.option_id[built], years])
    at = place.get_indexer(pd.MultiIndex.from_frame(steps[["option_id", "year"]]))
    sizes = steps["it_mw"].to_numpy(dtype=np.float64) / problem.block_mw
    whole = np.isclose(sizes, np.round(sizes))
    for known, family in ((at >= 0, "option"), (whole, "size")):
        if not known.all():
            return LimitKey(family, subject=str(steps["option_id"].iloc[int(np.argmin(known))]))
    blocks = np.zeros(problem.options, dtype=np.int64)
    blocks[built[at]] = np.round(sizes).astype(np.int64)
    return blocks


def _first_broken(problem: Problem, grid: GridLike | None, blocks: Ints) -> LimitKey | None:
    """Return the first limit that a plan breaks: of its options, of the rows, of the grid."""
    used = np.flatnonzero(blocks)
    part, own = problem.take(used), blocks[used]
    fits = _in_bounds(part, own)
    if not fits.all():
        first = int(np.argmin(fits))
        reason = first_reason(part, first, int(own[first])) or "size"
        return LimitKey(reason, subject=str(part.option_id[first]))
    present = np.unique(part.site_province[part.option_site])
    if len(present) < problem.province_count_min:
        return LimitKey("provinces")
    rows = constraints.join(
        [
            constraints.all_rows(part, without=("provinces", "energy")),
            constraints.provinces.share_rows(part),
        ]
    )
    activity = rows.activity(own, part)
    slack = _SLACK * (1.0 + np.abs(activity))
    broken = (activity < rows.lower - slack) | (activity > rows.upper + slack)
    if broken.any():
        return rows.keys[int(np.argmax(broken))]
    limits = [] if grid is None else broken_limits(problem, grid, [blocks])
    if limits:
        return flows.limit_keys(with_limits(problem, limits[:1]), [len(problem.flow_name)])[0]
    return None


def _in_bounds(part: Problem, blocks: Ints) -> Bools:
    """Return by option whether a site that opens may, with enough blocks, and none has too many."""
    opened = part.opened(blocks)
    running = np.zeros(len(blocks), dtype=np.int64)
    for chain in np.unique(part.chain):
        same = part.chain == chain
        running[same] = np.cumsum(blocks[same])
    least = np.where(opened, part.blocks_min, 0)
    may = np.where(opened, part.option_opens, part.grows) & ~part.option_late
    return np.asarray(may & (blocks >= least) & (running <= part.blocks_max))
