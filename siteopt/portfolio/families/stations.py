"""Headroom of stations, shared by all sites that connect to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siteopt.portfolio.families import _rows

if TYPE_CHECKING:
    from siteopt.portfolio.problem import Floats, Ints, Problem, Texts

NAME = "stations"


def rows(problem: Problem) -> _rows.Rows:
    """Return a row a station level, and one a station with several levels: MW <= headroom.

    New banks add to the headroom of their level, not to that of the whole station: they draw
    from another level of it.

    Only where the options together can exceed it.
    """
    parts = []
    for (index, names, headroom), relief in zip(_limits(problem), _reliefs(problem), strict=True):
        load = _rows.incidence(index, len(headroom), problem.facility_mw)
        banks = _rows.incidence(index, len(headroom), -relief)
        most = _most(problem, index, len(headroom))
        kept = np.flatnonzero(most > headroom)
        parts.append(
            _rows.rows(
                problem, list(names[kept]), -np.inf, headroom[kept], y=banks[kept], n=load[kept]
            )
        )
    return _rows.join(parts)


def report(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return the contract power of every level and station in use, in MW."""
    load = problem.facility_mw * blocks
    tables = []
    for (index, names, headroom), relief in zip(_limits(problem), _reliefs(problem), strict=True):
        known = index >= 0
        added = np.bincount(index[known], (relief * (blocks > 0))[known], minlength=len(headroom))
        used = np.bincount(index[index >= 0], load[index >= 0], minlength=len(headroom))
        kept = np.flatnonzero(used > 0)
        tables.append(
            _rows.usage(NAME, list(names[kept]), used[kept], "mw", at_most=(headroom + added)[kept])
        )
    return pd.concat(tables, ignore_index=True)


def _limits(problem: Problem) -> list[tuple[Ints, Texts, Floats]]:
    """Return (limit of each option, names, headroom) of the levels, then of whole stations."""
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
    ]


def _reliefs(problem: Problem) -> tuple[Floats, Floats]:
    """Return what the banks of an option add to its level, and to its whole station."""
    return problem.option_relief_mw, np.zeros(problem.options)


def _most(problem: Problem, index: Ints, count: int) -> Floats:
    """Return the most MW that the options of each limit can draw, one option a site."""
    known = np.flatnonzero(index >= 0)
    peak = problem.facility_mw[known] * problem.blocks_max[known]
    pair = index[known] * problem.sites + problem.option_site[known]
    pairs, place = np.unique(pair, return_inverse=True)
    most = np.full(len(pairs), -np.inf)
    np.maximum.at(most, place, peak)
    result = np.zeros(count)
    np.add.at(result, pairs // max(problem.sites, 1), most)
    return result
