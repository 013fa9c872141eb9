"""Diversity: no single station or basin has more than a share of the target of a year.

So the loss of any one leaves the rest running. The same limit on provinces is part of their
maximum (see `provinces`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siteopt.portfolio.constraints import _rows
from siteopt.portfolio.problem.problem import MANY

if TYPE_CHECKING:
    from siteopt._arrays import Floats, Ints, Texts
    from siteopt.portfolio.problem.problem import Problem

NAME = "diversity"


def rows(problem: Problem) -> _rows.Rows:
    """Return a row a station or basin and year: blocks that run <= share of the target.

    Only where the options together can exceed it, and only where no later year says as much.
    """
    parts = []
    for index, names, limit in _limits(problem):
        count = len(names)
        blocks = _rows.running(problem, index, count)
        most = _rows.most_running(problem, index, count)
        kept = np.flatnonzero((most > limit) & _rows.tightest_later(limit))
        full = _rows.of_years(problem, list(names))
        parts.append(
            _rows.rows(
                problem,
                [full[place] for place in kept],
                -np.inf,
                limit.ravel()[kept],
                n=blocks[kept],
            )
        )
    return _rows.join(parts)


def report(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return the share of the target of every station and basin in use, in percent."""
    tables = []
    for index, names, limit in _limits(problem):
        used = _rows.running(problem, index, len(names)) @ blocks.astype(np.float64)
        pct = np.tile(100.0 / np.maximum(problem.target_blocks, 1), len(names))
        full = _rows.of_years(problem, list(names))
        kept = np.flatnonzero((used > 0) & (limit.ravel() < MANY))
        tables.append(
            _rows.usage(
                NAME,
                [full[place] for place in kept],
                (used * pct)[kept],
                "pct",
                at_most=(limit.ravel() * pct)[kept],
            )
        )
    return pd.concat(tables, ignore_index=True)


def _limits(problem: Problem) -> list[tuple[Ints, Texts, Floats]]:
    """Return (station or basin of each option, names, most blocks in every year)."""
    level = problem.option_level
    station = np.where(level >= 0, np.append(problem.level_station, -1)[level], -1)
    basin = problem.site_basin[problem.option_site]
    found = []
    for index, names, share in (
        (station, problem.station_id, problem.station_share_blocks),
        (basin, problem.basin_id, problem.basin_share_blocks),
    ):
        kind = "station" if index is station else "basin"
        named = np.array([f"share of {kind} {name}" for name in names], dtype=np.str_)
        limit = np.broadcast_to(share.astype(np.float64), (len(names), problem.horizon))
        found.append((index, named, limit))
    return found
