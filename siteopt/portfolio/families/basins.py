"""Water of river basins, shared by all sites in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteopt.portfolio.families import _rows

if TYPE_CHECKING:
    import pandas as pd

    from siteopt.portfolio.problem import Ints, Problem

NAME = "basins"


def rows(problem: Problem) -> _rows.Rows:
    """Return one row a basin: water of its sites <= what is open to them, in m3 a day."""
    basin = problem.site_basin[problem.option_site]
    water = _rows.incidence(basin, len(problem.basin_id), problem.water_m3_day)
    most = water @ np.maximum(problem.blocks_max, 0).astype(np.float64)
    kept = np.flatnonzero(most > problem.basin_m3_day)
    names = [f"basin {problem.basin_id[place]}" for place in kept]
    return _rows.rows(problem, names, -np.inf, problem.basin_m3_day[kept], n=water[kept])


def report(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return the water taken from every basin in use, in m3 a day."""
    basin = problem.site_basin[problem.option_site]
    known = basin >= 0
    water = problem.water_m3_day * blocks
    used = np.bincount(basin[known], water[known], minlength=len(problem.basin_id))
    kept = np.flatnonzero(used > 0)
    return _rows.usage(
        NAME,
        [f"basin {problem.basin_id[place]}" for place in kept],
        used[kept],
        "m3_day",
        at_most=problem.basin_m3_day[kept],
    )
