"""In how many of the plans close to the best cost a site is: in all, in some, in none.

What is proven comes from the ranking: a site is in every plan within e of the best cost where the
best plan without it costs more, in none where the best plan with it does. That it is in some is
shown by a plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siteopt.portfolio.postoptimal.alternatives import ceiling
from siteopt.portfolio.postoptimal.swap_heuristic import cheapest_with

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from siteopt._arrays import Floats, Ints
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.grid_oracle import GridLike
    from siteopt.portfolio.search.plan import Plan


__all__ = ["LEVELS", "level_column", "levels"]

LEVELS = ("must", "some", "none", "open")
"""In every plan within the level, in some but not all, in none, or not settled."""


def level_column(within_pct: float) -> str:
    """Return the column of a level, such as ``within_2_pct`` or ``within_0_5_pct``."""
    return f"within_{within_pct:g}_pct".replace(".", "_")


def levels(  # noqa: PLR0913, PLR0917 - what is known of the sites comes from many places
    problem: Problem,
    plan: Plan,
    ranking: pd.DataFrame,
    plans: Sequence[Ints],
    within_pct: Sequence[float],
    grid: GridLike | None = None,
) -> pd.DataFrame:
    """Return for every site and level in how many plans it is.

    Parameters
    ----------
    problem : Problem
        With the flow limits that are known.
    plan : Plan
        Its best plan.
    ranking : DataFrame
        The table of `siteopt.portfolio.Ranking`.
    plans : sequence of ndarray
        Further plans (blocks an option) that are served.
    within_pct : sequence of float
        Levels.
    grid : GridLike, optional
        The grid that has to serve the plans.

    Returns
    -------
    DataFrame
        ``site_id`` and `level_column` of each level, one of `LEVELS`; in the order of the sites.
    """
    table = ranking.set_index("site_id").loc[problem.site_id.tolist()]
    unit = problem.unit
    # The ranking counts from the plan and its bound; both sides here are costs of plans.
    lower = plan.objective + table[f"lower_{unit}"].to_numpy(dtype=np.float64)
    upper = plan.bound + table[f"upper_{unit}"].to_numpy(dtype=np.float64)
    upper = np.where(np.isfinite(upper), np.maximum(upper, plan.objective), np.inf)
    chosen = table["chosen"].to_numpy(dtype=np.bool_)
    asked = [ceiling(plan, pct) for pct in within_pct]
    with_site = _known_with(problem, plan, plans, chosen, upper)
    if asked:
        bases = [plan.blocks, *sorted(plans, key=problem.worth)]
        moves = cheapest_with(problem, bases, min(asked), grid)
        with_site = np.where(chosen, with_site, np.minimum(with_site, moves.cost))
    found = {
        level_column(pct): _settled(chosen, lower, with_site, highest)
        for pct, highest in zip(within_pct, asked, strict=True)
    }
    return pd.DataFrame({"site_id": problem.site_id.astype(object)} | found)


def _known_with(
    problem: Problem, plan: Plan, plans: Sequence[Ints], chosen: NDArray[np.bool_], upper: Floats
) -> Floats:
    """Return the cheapest plan known with (a chosen site: without) each site."""
    known = upper.copy()
    for blocks in plans:
        has = np.zeros(problem.sites, dtype=np.bool_)
        has[problem.option_site[blocks > 0]] = True
        told = has != chosen
        known[told] = np.minimum(known[told], max(problem.worth(blocks), plan.objective))
    return known


def _settled(
    chosen: NDArray[np.bool_], lower: Floats, known: Floats, highest: float
) -> NDArray[np.str_]:
    """Return what is settled of each site at one level."""
    beyond, there = lower > highest, known <= highest
    words = np.where(there, "some", np.where(beyond, "none", "open"))
    return np.where(chosen & beyond & ~there, "must", words).astype(np.str_)
