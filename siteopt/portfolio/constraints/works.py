"""Works at station levels: which a level gets is an integer choice.

Each kind of works (one bank, two banks, a new station) is an option of its own, which pays for it
and adds its relief to the headroom of the level (see `stations`). One option of a level carries
all of its works: any choice of works and sites can be written so, and only so is the relief,
which the bus of the grid case caps, counted once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteopt.limit_key import LimitKey
from siteopt.portfolio.constraints import _rows
from siteopt.portfolio.constraints.family import Family

if TYPE_CHECKING:
    import pandas as pd

    from siteopt._arrays import Ints
    from siteopt.portfolio.problem.problem import Problem

NAME = "upgrades"


def rows(problem: Problem) -> _rows.Rows:
    """Return one row a station level: sum of y over the options that pay <= 1.

    Only where options of two sites or more could pay.
    """
    pays = np.where(problem.option_pays, problem.option_level, -1)
    levels = len(problem.level_kv)
    pairs = np.unique(np.stack([pays, problem.option_site])[:, pays >= 0], axis=1)
    several = np.flatnonzero(np.bincount(pairs[0].astype(np.int64), minlength=levels) > 1)
    carriers = _rows.incidence(pays, levels)
    return _rows.rows(problem, _keys(problem, several), -np.inf, 1.0, y=carriers[several])


def report(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return the station levels that get works, one payer each."""
    built = np.flatnonzero(problem.opened(blocks) & problem.option_pays)
    keys = _keys(problem, problem.option_level[built])
    return _rows.usage(keys, np.ones(len(built)), "works").assign(binds=False)


def _keys(problem: Problem, levels: Ints) -> list[LimitKey]:
    station = problem.station_id[problem.level_station[levels]]
    return [
        LimitKey(NAME, "station", str(name), float(kv))
        for name, kv in zip(station, problem.level_kv[levels], strict=True)
    ]


FAMILY = Family(NAME, rows, report)
