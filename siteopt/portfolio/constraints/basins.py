"""Water of river basins, shared by all sites in them; a campus takes of those of all its parts."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from siteopt.limit_key import LimitKey
from siteopt.portfolio.constraints import _rows
from siteopt.portfolio.constraints.family import BlockBound, Family, LimitKind, Perturbation
from siteopt.portfolio.problem.problem import whole

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    import pandas as pd

    from siteopt._arrays import Ints, Matrix
    from siteopt.portfolio.constraints.family import Room
    from siteopt.portfolio.problem.problem import Problem

NAME = "basins"


def rows(problem: Problem) -> _rows.Rows:
    """Return a row a basin and year: water of its sites <= what is open to them, in m3 a day.

    Only where the options together can exceed it, and only where no later year implies it.
    """
    water = _running(problem)
    limit = problem.basin_m3_day
    count = len(problem.basin_id)
    most = np.zeros(limit.shape)
    for basin, taken in problem.water_by_basin():
        most += _rows.most_running(problem, basin, count, taken)
    kept = np.flatnonzero((most > limit) & _rows.tightest_later(limit))
    keys = _rows.keys_of(problem, _key_of(problem), kept)
    return _rows.rows(problem, keys, -np.inf, limit.ravel()[kept], n=water[kept])


def report(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return the water taken from every basin in use, in m3 a day."""
    water = _running(problem)
    used = water @ blocks.astype(np.float64)
    kept = np.flatnonzero(used > 0)
    return _rows.usage(
        _rows.keys_of(problem, _key_of(problem), kept),
        used[kept],
        "m3_day",
        at_most=problem.basin_m3_day.ravel()[kept],
    )


def elastic_rows(problem: Problem, kinds: Collection[str]) -> _rows.Rows:
    """Return the rows, the water of a block as slack costing its share of the target."""
    if NAME not in kinds:
        return rows(problem)
    cost = _rows.share_of_target(problem) / _rows.mean(problem.water_m3_day)
    return _rows.loosen(rows(problem), problem, cost)


def perturbations(problem: Problem, room: Room) -> Iterator[Perturbation]:
    """Add the water of a block to each basin in all years."""
    step = np.zeros(len(problem.basin_id) + 1)
    for basin, taken in problem.water_by_basin():
        np.maximum.at(step, basin, np.where(basin >= 0, taken, 0.0))
    key_of = _key_of(problem)
    for place in range(len(problem.basin_id)):
        unit = float(step[place])
        if unit <= 0:
            continue
        year = room.first_year(problem, partial(key_of, place), unit)
        if year is not None:
            supply = problem.basin_m3_day.copy()
            supply[place] += unit
            moved = replace(problem, basin_m3_day=supply)
            yield Perturbation(key_of(place, 0), year, unit, "m3_day", loosens=True, problem=moved)


def _running(problem: Problem) -> Matrix:
    """Return the water that each option takes of each basin in each year; see `_rows.running`."""
    count = len(problem.basin_id)
    parts = [
        _rows.running(problem, basin, count, taken) for basin, taken in problem.water_by_basin()
    ]
    return sum(parts[1:], start=parts[0])


def _key_of(problem: Problem) -> Callable[[int, int], LimitKey]:
    return lambda basin, year: LimitKey(NAME, "basin", str(problem.basin_id[basin]), year=year)


def _limits(problem: Problem) -> list[LimitKey]:
    used = np.unique(np.concatenate([basin for basin, _ in problem.water_by_basin()]))
    return [LimitKey(NAME, "basin", str(problem.basin_id[place])) for place in used if place >= 0]


def _without(problem: Problem, keys: Collection[LimitKey] | None = None) -> Problem:
    supply = problem.basin_m3_day.copy()
    if keys is None:
        supply[:] = np.inf
    else:
        supply[np.isin(problem.basin_id, [key.subject for key in keys])] = np.inf
    return replace(problem, basin_m3_day=supply)


def _most_blocks(problem: Problem, year: int) -> Ints:
    most = np.full(problem.options, np.inf)
    for basin, taken in problem.water_by_basin():
        supply = np.where(basin >= 0, np.append(problem.basin_m3_day[:, year], 0.0)[basin], 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            most = np.minimum(most, np.where(taken > 0, supply / taken, np.inf))
    return whole(most)


FAMILY = Family(
    NAME,
    rows,
    report,
    block_bounds=(BlockBound("basin", 60, _most_blocks),),
    kinds=(
        LimitKind(
            NAME,
            NAME,
            order=10,
            unit="m3 a day",
            limits=_limits,
            without=_without,
            proof_keys=lambda _, key: {key.undated()},
        ),
    ),
    elastic_rows=elastic_rows,
    perturbations=perturbations,
)
