"""Water of river basins, shared by all sites in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteopt.portfolio.constraints import _rows

if TYPE_CHECKING:
    import pandas as pd

    from siteopt._arrays import Ints
    from siteopt.portfolio.problem.problem import Problem

NAME = "basins"


def rows(problem: Problem) -> _rows.Rows:
    """Return a row a basin and year: water of its sites <= what is open to them, in m3 a day.

    Only where the options together can exceed it, and only where no later year says as much.
    """
    basin = problem.site_basin[problem.option_site]
    water = _rows.running(problem, basin, len(problem.basin_id), problem.water_m3_day)
    limit = problem.basin_m3_day
    most = _rows.most_running(problem, basin, len(problem.basin_id), problem.water_m3_day)
    kept = np.flatnonzero((most > limit) & _rows.tightest_later(limit))
    names = _rows.of_years(problem, [f"basin {name}" for name in problem.basin_id])
    return _rows.rows(
        problem, [names[place] for place in kept], -np.inf, limit.ravel()[kept], n=water[kept]
    )


def report(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return the water taken from every basin in use, in m3 a day."""
    basin = problem.site_basin[problem.option_site]
    water = _rows.running(problem, basin, len(problem.basin_id), problem.water_m3_day)
    used = water @ blocks.astype(np.float64)
    kept = np.flatnonzero(used > 0)
    names = _rows.of_years(problem, [f"basin {name}" for name in problem.basin_id])
    return _rows.usage(
        NAME,
        [names[place] for place in kept],
        used[kept],
        "m3_day",
        at_most=problem.basin_m3_day.ravel()[kept],
    )
