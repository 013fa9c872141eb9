"""New transformer banks: how many a station level gets is an integer choice.

Each number of banks is an option of its own, which pays for them and adds their relief to the
headroom of the level (see `stations`). One option of a level carries all of its new banks: any
choice of banks and sites can be written so, and only so is the relief, which the bus of the grid
case caps, counted once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteopt.portfolio.families import _rows

if TYPE_CHECKING:
    import pandas as pd

    from siteopt.portfolio.problem import Ints, Problem, Texts

NAME = "upgrades"


def rows(problem: Problem) -> _rows.Rows:
    """Return one row a station level: sum of y over the options with banks <= 1.

    Only where options of two sites or more could pay.
    """
    pays = np.where(problem.option_banks > 0, problem.option_level, -1)
    levels = len(problem.level_kv)
    pairs = np.unique(np.stack([pays, problem.option_site])[:, pays >= 0], axis=1)
    several = np.flatnonzero(np.bincount(pairs[0].astype(np.int64), minlength=levels) > 1)
    carriers = _rows.incidence(pays, levels)
    names = [f"banks {name}" for name in _names(problem)[several]]
    return _rows.rows(problem, names, -np.inf, 1.0, y=carriers[several])


def report(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return the new banks of every station level that gets any."""
    built = np.flatnonzero(problem.opened(blocks) & (problem.option_banks > 0))
    names = _names(problem)[problem.option_level[built]]
    table = _rows.usage(
        NAME, [f"banks {name}" for name in names], problem.option_banks[built], "banks"
    )
    return table.assign(binds=False)


def _names(problem: Problem) -> Texts:
    station = problem.station_id[problem.level_station]
    pairs = zip(station, problem.level_kv, strict=True)
    return np.array([f"{name} {kv:g} kV" for name, kv in pairs], dtype=np.str_)
