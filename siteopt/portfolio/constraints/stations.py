"""Headroom of stations, shared by all sites that connect to them.

A published headroom is that of one station of an area: all station levels of the area share it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from siteopt.limit_key import LimitKey
from siteopt.portfolio.constraints import _rows
from siteopt.portfolio.constraints.family import BlockBound, Family, LimitKind, Perturbation
from siteopt.portfolio.problem.problem import whole

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from siteopt._arrays import Bools, Floats, Ints, Texts
    from siteopt.portfolio.constraints.family import Room
    from siteopt.portfolio.problem.problem import Problem

NAME = "stations"
KIND = "headroom"
_ROUNDING_MW: Final = 1e-6


class _Headroom(NamedTuple):
    """Headroom of all levels, of all stations that have several, or of all areas."""

    scope: str
    subject: Texts
    voltage_kv: Floats
    of_option: Ints
    """(O,) the limit of each option, -1 for none."""
    limit_mw: Floats
    """(limits, Y)"""
    relief_mw: Floats
    """(O,) what the works of an option add to it."""

    def key(self, place: int, year: int) -> LimitKey:
        kv = float(self.voltage_kv[place])
        return LimitKey(NAME, self.scope, str(self.subject[place]), kv, year)


def rows(problem: Problem) -> _rows.Rows:
    """Return a row a station level, a station with several levels and an area, and year.

    MW <= headroom. Works add to the headroom of their level and area, not to that of the whole
    station: new banks draw from another level of it.

    Only where the options together can exceed it, and only where no later year implies it.
    """
    parts = []
    for one in _headrooms(problem):
        count, headroom = len(one.limit_mw), one.limit_mw
        load = _rows.running(problem, one.of_option, count, problem.facility_mw)
        banks = _rows.running(problem, one.of_option, count, -one.relief_mw)
        most = _rows.most_running(problem, one.of_option, count, problem.facility_mw)
        relieved = np.zeros(count, dtype=np.bool_)
        relieved[one.of_option[(one.of_option >= 0) & (one.relief_mw > 0)]] = True
        tightest = _rows.tightest_later(headroom) | relieved[:, None]
        kept = np.flatnonzero((most > headroom) & tightest)
        keys = _rows.keys_of(problem, one.key, kept)
        upper = headroom.ravel()[kept]
        parts.append(_rows.rows(problem, keys, -np.inf, upper, y=banks[kept], n=load[kept]))
    return _rows.join(parts)


def report(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return the contract power of every level, station and area in use, in MW."""
    opened = problem.opened(blocks).astype(np.float64)
    tables = []
    for one in _headrooms(problem):
        count = len(one.limit_mw)
        added = _rows.running(problem, one.of_option, count, one.relief_mw) @ opened
        load = _rows.running(problem, one.of_option, count, problem.facility_mw)
        used = load @ blocks.astype(np.float64)
        kept = np.flatnonzero(used > 0)
        tables.append(
            _rows.usage(
                _rows.keys_of(problem, one.key, kept),
                used[kept],
                "mw",
                at_most=(one.limit_mw.ravel() + added)[kept],
            )
        )
    return pd.concat(tables, ignore_index=True)


def elastic_rows(problem: Problem, kinds: Collection[str]) -> _rows.Rows:
    """Return the rows, contract power above a headroom as slack.

    More at a level is more at its station and at its area too.
    """
    own = rows(problem)
    if KIND not in kinds:
        return own
    place = {key: row for row, key in enumerate(own.keys)}
    station = problem.station_id[problem.level_station]
    areas = np.append(problem.area_id, "")[problem.level_area]
    area_of = {
        (str(name), float(kv)): str(area)
        for name, kv, area in zip(station, problem.level_kv, areas, strict=True)
    }
    pairs = []
    for part, key in enumerate(own.keys):
        if not key.voltage_kv:
            continue
        area = area_of[key.subject, key.voltage_kv]
        owners = (
            replace(key, voltage_kv=0.0),
            LimitKey(NAME, "area", area, year=key.year),
        )
        pairs += [(place[owner], part) for owner in owners if owner in place]
    at = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    also = sparse.csr_array((np.ones(len(at)), (at[:, 0], at[:, 1])), shape=(len(own), len(own)))
    cost = _rows.share_of_target(problem) / _rows.mean(problem.facility_mw)
    return _rows.loosen(own, problem, cost, also)


def rows_with_more(problem: Problem, stations: Collection[str], most_mw: float) -> _rows.Rows:
    """Return the rows with one more variable: further headroom that some stations share.

    It is the same at every level of the stations and at the areas of these levels, at most
    ``most_mw``, and costs 1 a MW.
    """
    own = rows(problem)
    of_own = np.isin(problem.station_id[problem.level_station], list(stations))
    given = {("station", name) for name in stations}
    given |= {("area", str(name)) for name in problem.area_id[_areas_of(problem, of_own)]}
    gives = np.array([(key.scope, key.subject) in given for key in own.keys], dtype=np.float64)
    more = _rows.Extra("headroom more", 0.0, most_mw, integer=False, cost=1.0)
    return replace(own, x=sparse.csr_array(-gives[:, None]), extras=(more,))


def perturbations(problem: Problem, room: Room) -> Iterator[Perturbation]:
    """Add the contract power of a block to a level, and so to its station and area.

    Headroom is only loosened: to tighten it is no perturbation.
    """
    options = problem.open_options()
    level = problem.option_level[options]
    step = np.zeros(len(problem.level_kv) + 1)
    np.maximum.at(step, level, np.where(level >= 0, problem.facility_mw[options], 0.0))
    several = np.bincount(problem.level_station, minlength=len(problem.station_id)) > 1
    for place in np.unique(level[level >= 0]):
        station, area = int(problem.level_station[place]), int(problem.level_area[place])
        name, unit = str(problem.station_id[station]), float(step[place])
        own = LimitKey(NAME, "station", name, float(problem.level_kv[place]))
        shared = [replace(own, voltage_kv=0.0)] if several[station] else []
        if area >= 0:
            shared.append(LimitKey(NAME, "area", str(problem.area_id[area])))
        years = (room.first_year(problem, key.in_year, unit) for key in (own, *shared))
        year = next((year for year in years if year is not None), None)
        if year is None:
            continue
        level_mw, station_mw = problem.level_headroom_mw.copy(), problem.station_headroom_mw.copy()
        area_mw = problem.area_headroom_mw.copy()
        level_mw[place] += unit
        station_mw[station] += unit
        if area >= 0:
            area_mw[area] += unit
        moved = _with_headroom(problem, level_mw, station_mw, area_mw)
        yield Perturbation(own, year, unit, "mw", loosens=True, problem=moved)


def _with_headroom(
    problem: Problem, level_mw: Floats, station_mw: Floats, area_mw: Floats
) -> Problem:
    return replace(
        problem,
        level_headroom_mw=level_mw,
        station_headroom_mw=station_mw,
        area_headroom_mw=area_mw,
    )


def _headrooms(problem: Problem) -> list[_Headroom]:
    """Return the headroom of levels, of whole stations and of areas."""
    station = problem.station_id[problem.level_station]
    several = np.bincount(problem.level_station, minlength=len(problem.station_id)) > 1
    place = np.where(several, np.arange(len(several)), -1)
    total = np.append(np.where(place >= 0, place, -1), -1)
    known = problem.option_level >= 0
    of_option = np.where(
        known, np.append(problem.level_station, -1)[problem.option_level], len(several)
    )
    relief = problem.option_relief_mw
    area_mw = np.repeat(problem.area_headroom_mw[:, None], problem.horizon, axis=1)
    return [
        _Headroom("station", station, problem.level_kv, problem.option_level,
                  problem.level_headroom_mw, relief),
        _Headroom("station", problem.station_id, np.zeros(len(several)), total[of_option],
                  problem.station_headroom_mw, np.zeros(problem.options)),
        _Headroom("area", problem.area_id, np.zeros(len(problem.area_id)),
                  np.append(problem.level_area, -1)[problem.option_level], area_mw, relief),
    ]  # fmt: skip


def _areas_of(problem: Problem, levels: Bools) -> Ints:
    """Return the areas of some levels."""
    area = problem.level_area[levels]
    return np.unique(area[area >= 0])


def _limits(problem: Problem) -> list[LimitKey]:
    """Return the stations, ordered by the province of their first site.

    So the deletion filter tests neighbouring stations together.
    """
    known = np.flatnonzero(problem.option_level >= 0)
    station = problem.level_station[problem.option_level[known]]
    used, first = np.unique(station, return_index=True)
    province = problem.site_province[problem.option_site[known[first]]]
    names = problem.station_id[used[np.lexsort((used, province))]]
    return [LimitKey(NAME, "station", str(name)) for name in names]


def _without(problem: Problem, keys: Collection[LimitKey] | None = None) -> Problem:
    free = np.ones(len(problem.station_id), dtype=np.bool_)
    if keys is not None:
        free = np.isin(problem.station_id, [key.subject for key in keys])
    level_mw, station_mw = problem.level_headroom_mw.copy(), problem.station_headroom_mw.copy()
    area_mw, of_free = problem.area_headroom_mw.copy(), free[problem.level_station]
    station_mw[free] = np.inf
    level_mw[of_free] = np.inf
    area_mw[_areas_of(problem, of_free)] = np.inf
    if keys is None:
        area_mw[:] = np.inf
    return _with_headroom(problem, level_mw, station_mw, area_mw)


def _proof_keys(problem: Problem, key: LimitKey) -> set[LimitKey]:
    """Return the rows of a station: its levels, itself, and the areas of its levels."""
    own = problem.station_id[problem.level_station] == key.subject
    return {
        replace(key.undated(), voltage_kv=0.0),
        *(replace(key.undated(), voltage_kv=float(kv)) for kv in problem.level_kv[own]),
        *(LimitKey(NAME, "area", str(name)) for name in problem.area_id[_areas_of(problem, own)]),
    }


def _counted(violations: pd.DataFrame) -> pd.DataFrame:
    """Return the violations, of a station only what exceeds that of its levels."""
    level = violations["voltage_kv"] > 0
    owner = ["scope", "subject", "year"]
    of_levels = violations[level].groupby(owner)["gives"].sum().rename("of_levels")
    others = violations[~level].join(of_levels, on=owner)
    rest = others["gives"] - others["of_levels"].fillna(0.0)
    others = others.assign(gives=rest).drop(columns="of_levels")
    return pd.concat([violations[level], others[rest > _ROUNDING_MW]])


def _most_blocks(problem: Problem, year: int) -> Ints:
    """Return the most blocks (O,) whose contract power a station level can feed.

    All works at a level are paid for by one option, the largest there; so in a plan of one
    year any other one has at most half of the headroom with them. Over several years the one that
    pays is the one that comes with the works, whatever its size.
    """
    level = problem.option_level
    relief = np.zeros(len(problem.level_headroom_mw) + 1)
    np.maximum.at(relief, level, np.where(level >= 0, problem.option_relief_mw, 0.0))
    headroom = np.append(problem.level_headroom_mw[:, year], 0.0)
    others = headroom + relief
    if problem.horizon == 1:
        others = np.maximum(headroom, others / 2.0)
    pays = problem.option_pays
    room = np.where(pays, headroom[level] + problem.option_relief_mw, others[level])
    return whole(np.where(level >= 0, room, 0.0) / problem.facility_mw)


FAMILY = Family(
    NAME,
    rows,
    report,
    block_bounds=(BlockBound("headroom", 40, _most_blocks),),
    kinds=(
        LimitKind(
            KIND,
            NAME,
            order=100,
            unit="MW",
            limits=_limits,
            without=_without,
            proof_keys=_proof_keys,
            counted=_counted,
        ),
    ),
    elastic_rows=elastic_rows,
    perturbations=perturbations,
)
