"""Headroom of stations, shared by all sites that connect to them.

A published headroom is that of one station of an area: all station levels of the area share it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siteopt.portfolio.constraints import _rows

if TYPE_CHECKING:
    from siteopt._arrays import Floats, Ints, Texts
    from siteopt.portfolio.problem.problem import Problem

NAME = "stations"


def rows(problem: Problem) -> _rows.Rows:
    """Return a row a station level, a station with several levels and an area, and year.

    MW <= headroom. Works add to the headroom of their level and area, not to that of the whole
    station: new banks draw from another level of it.

    Only where the options together can exceed it, and only where no later year says as much.
    """
    parts = []
    for (index, names, headroom), relief in zip(_limits(problem), _reliefs(problem), strict=True):
        count = len(headroom)
        load = _rows.running(problem, index, count, problem.facility_mw)
        banks = _rows.running(problem, index, count, -relief)
        most = _rows.most_running(problem, index, count, problem.facility_mw)
        relieved = np.zeros(count, dtype=np.bool_)
        relieved[index[(index >= 0) & (relief > 0)]] = True
        told = _rows.tightest_later(headroom) | relieved[:, None]
        kept = np.flatnonzero((most > headroom) & told)
        full = _rows.of_years(problem, [str(name) for name in names])
        parts.append(
            _rows.rows(
                problem,
                [full[place] for place in kept],
                -np.inf,
                headroom.ravel()[kept],
                y=banks[kept],
                n=load[kept],
            )
        )
    return _rows.join(parts)


def report(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return the contract power of every level, station and area in use, in MW."""
    opened = problem.opened(blocks).astype(np.float64)
    tables = []
    for (index, names, headroom), relief in zip(_limits(problem), _reliefs(problem), strict=True):
        count = len(headroom)
        added = _rows.running(problem, index, count, relief) @ opened
        used = _rows.running(problem, index, count, problem.facility_mw) @ blocks.astype(np.float64)
        kept = np.flatnonzero(used > 0)
        full = _rows.of_years(problem, [str(name) for name in names])
        tables.append(
            _rows.usage(
                NAME,
                [full[place] for place in kept],
                used[kept],
                "mw",
                at_most=(headroom.ravel() + added)[kept],
            )
        )
    return pd.concat(tables, ignore_index=True)


def _limits(problem: Problem) -> list[tuple[Ints, Texts, Floats]]:
    """Return (limit of each option, names, headroom) of levels, whole stations, areas."""
    station = problem.station_id[problem.level_station]
    levels = np.array(
        [f"{name} {kv:g} kV" for name, kv in zip(station, problem.level_kv, strict=True)],
        dtype=np.str_,
    )
    several = np.bincount(problem.level_station, minlength=len(problem.station_id)) > 1
    place = np.where(several, np.arange(len(several)), -1)
    whole = np.append(np.where(place >= 0, place, -1), -1)
    known = problem.option_level >= 0
    of_option = np.where(
        known, np.append(problem.level_station, -1)[problem.option_level], len(several)
    )
    return [
        (problem.option_level, levels, problem.level_headroom_mw),
        (whole[of_option], problem.station_id, problem.station_headroom_mw),
        (
            np.append(problem.level_area, -1)[problem.option_level],
            np.array([area_limit(name) for name in problem.area_id], dtype=np.str_),
            np.repeat(problem.area_headroom_mw[:, None], problem.horizon, axis=1),
        ),
    ]


def _reliefs(problem: Problem) -> tuple[Floats, Floats, Floats]:
    """Return what the works of an option add to its level, its whole station and its area."""
    return problem.option_relief_mw, np.zeros(problem.options), problem.option_relief_mw


def area_limit(area_id: str) -> str:
    """Return the name of the limit of an area."""
    return f"{area_id} area"
