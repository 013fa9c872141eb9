"""Presence of sites in near-optimal plans: must-have, real choice or never.

Near-optimal space: DeCarolis (2011); must-haves and must-avoids: Neumann and Brown (2021). By the
bounds of the ranking: a site is in every plan within e of the best cost where the best plan
without it costs more, and in none where the best plan with it does. A real choice is proven by a
plan with it (without it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siteopt.portfolio.postoptimal.alternatives import cost_ceiling
from siteopt.portfolio.postoptimal.swap_heuristic import cheapest_swaps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from siteopt._arrays import Floats, Ints
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.grid_oracle import GridLike
    from siteopt.portfolio.search.plan import Plan


__all__ = ["PRESENCE_CLASSES", "presence_classes", "presence_column"]

PRESENCE_CLASSES = ("must", "some", "none", "open")
"""Must-have (in every plan under the ceiling), real choice, never, and open (not proven)."""


def presence_column(within_pct: float) -> str:
    """Return the column of a cost ceiling, such as ``within_2_pct`` or ``within_0_5_pct``.

    Parameters
    ----------
    within_pct : float
        Extra cost in percent of the best cost.
    """
    return f"within_{within_pct:g}_pct".replace(".", "_")


def presence_classes(  # noqa: PLR0913, PLR0917 - bounds, plan pool and ceilings
    problem: Problem,
    plan: Plan,
    ranking: pd.DataFrame,
    plans: Sequence[Ints],
    within_pct: Sequence[float],
    grid: GridLike | None = None,
) -> pd.DataFrame:
    """Classify sites by their presence in near-optimal plans.

    Parameters
    ----------
    problem : Problem
        With the separated flow limits.
    plan : Plan
        Its best plan.
    ranking : DataFrame
        The table of `siteopt.portfolio.Ranking`.
    plans : sequence of ndarray
        Plan pool (blocks an option), feasible on the grid.
    within_pct : sequence of float
        Cost ceilings in percent above the best cost.
    grid : GridLike, optional
        Grid whose flow limits every plan must satisfy.

    Returns
    -------
    DataFrame
        ``site_id`` and `presence_column` of each ceiling, one of `PRESENCE_CLASSES`; in the order of the sites.
    """
    table = ranking.set_index("site_id").loc[problem.site_id.tolist()]
    unit = problem.unit
    # Bounds of the ranking are relative to the plan and its bound; here they are costs of plans.
    lower = plan.objective + table[f"lower_{unit}"].to_numpy(dtype=np.float64)
    upper = plan.bound + table[f"upper_{unit}"].to_numpy(dtype=np.float64)
    upper = np.where(np.isfinite(upper), np.maximum(upper, plan.objective), np.inf)
    chosen = table["chosen"].to_numpy(dtype=np.bool_)
    ceilings = [cost_ceiling(plan, pct) for pct in within_pct]
    with_site = _known_with(problem, plan, plans, chosen, upper)
    if ceilings:
        bases = [plan.blocks, *sorted(plans, key=problem.worth)]
        swaps = cheapest_swaps(problem, bases, min(ceilings), grid)
        with_site = np.where(chosen, with_site, np.minimum(with_site, swaps.cost))
    found = {
        presence_column(pct): _settled(chosen, lower, with_site, highest)
        for pct, highest in zip(within_pct, ceilings, strict=True)
    }
    return pd.DataFrame({"site_id": problem.site_id.astype(object)} | found)


def _known_with(
    problem: Problem, plan: Plan, plans: Sequence[Ints], chosen: NDArray[np.bool_], upper: Floats
) -> Floats:
    """Return the cost of the best plan of the pool with (a chosen site: without) each site."""
    known = upper.copy()
    for blocks in plans:
        has = np.zeros(problem.sites, dtype=np.bool_)
        has[problem.option_site[blocks > 0]] = True
        differs = has != chosen
        known[differs] = np.minimum(known[differs], max(problem.worth(blocks), plan.objective))
    return known


def _settled(
    chosen: NDArray[np.bool_], lower: Floats, known: Floats, highest: float
) -> NDArray[np.str_]:
    """Return the presence class of each site under one ceiling."""
    beyond, there = lower > highest, known <= highest
    words = np.where(there, "some", np.where(beyond, "none", "open"))
    return np.where(chosen & beyond & ~there, "must", words).astype(np.str_)
