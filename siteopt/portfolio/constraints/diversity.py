"""Diversity: no single station or basin has more than a share of the target of a year.

So the loss of any one leaves the rest running. The same limit on provinces is part of their
maximum (see `provinces`).
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from siteopt.limit_key import LimitKey
from siteopt.portfolio.constraints import _rows
from siteopt.portfolio.constraints.family import BlockBound, Family, LimitKind, Perturbation
from siteopt.portfolio.problem.problem import NO_LIMIT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from siteopt._arrays import Floats, Ints, Texts
    from siteopt.portfolio.constraints.family import Room
    from siteopt.portfolio.problem.problem import Problem

NAME = "diversity"


class _Shares(NamedTuple):
    """Shares of all stations, or of all basins."""

    scope: str
    subject: Texts
    of_option: Ints
    """(O,) station or basin of each option."""
    limit: Floats
    """(subjects, Y) most blocks."""

    def key(self, place: int, year: int) -> LimitKey:
        return LimitKey(NAME, self.scope, str(self.subject[place]), year=year)


def rows(problem: Problem) -> _rows.Rows:
    """Return a row a station or basin and year: blocks that run <= share of the target.

    Only where the options together can exceed it, and only where no later year implies it.
    """
    parts = []
    for shares in _shares(problem):
        count = len(shares.subject)
        blocks = _rows.running(problem, shares.of_option, count)
        most = _rows.most_running(problem, shares.of_option, count)
        kept = np.flatnonzero((most > shares.limit) & _rows.tightest_later(shares.limit))
        keys = _rows.keys_of(problem, shares.key, kept)
        parts.append(_rows.rows(problem, keys, -np.inf, shares.limit.ravel()[kept], n=blocks[kept]))
    return _rows.join(parts)


def report(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return the share of the target of every station and basin in use, in percent."""
    tables = []
    for shares in _shares(problem):
        count, limit = len(shares.subject), shares.limit.ravel()
        used = _rows.running(problem, shares.of_option, count) @ blocks.astype(np.float64)
        pct = np.tile(100.0 / np.maximum(problem.target_blocks, 1), count)
        kept = np.flatnonzero((used > 0) & (limit < NO_LIMIT))
        tables.append(
            _rows.usage(
                _rows.keys_of(problem, shares.key, kept),
                (used * pct)[kept],
                "pct",
                at_most=(limit * pct)[kept],
            )
        )
    return pd.concat(tables, ignore_index=True)


def elastic_rows(problem: Problem, kinds: Collection[str]) -> _rows.Rows:
    """Return the rows, blocks above a share as slack."""
    if NAME not in kinds:
        return rows(problem)
    return _rows.loosen(rows(problem), problem, _rows.share_of_target(problem))


def perturbations(problem: Problem, room: Room) -> Iterator[Perturbation]:
    """Add a block to the share of all stations (basins): it holds for all alike."""
    pct = 100.0 / max(int(problem.target_blocks[-1]), 1)
    for shares in _shares(problem):
        field = f"{shares.scope}_share_blocks"
        share: Ints = getattr(problem, field)
        if np.all(share >= NO_LIMIT):
            continue
        years = [
            room.first_year(problem, partial(shares.key, place), pct)
            for place in range(len(shares.subject))
        ]
        full = [year for year in years if year is not None]
        if full:
            changed: dict[str, Any] = {field: np.where(share < NO_LIMIT, share + 1, share)}
            moved = replace(problem, **changed)
            key = LimitKey(NAME, shares.scope)
            yield Perturbation(key, min(full), pct, "pct", loosens=True, problem=moved)


def _shares(problem: Problem) -> list[_Shares]:
    level = problem.option_level
    station = np.where(level >= 0, np.append(problem.level_station, -1)[level], -1)
    basin = problem.site_basin[problem.option_site]
    return [
        _Shares(
            scope,
            subject,
            index,
            np.broadcast_to(share.astype(np.float64), (len(subject), problem.horizon)),
        )
        for scope, subject, index, share in (
            ("station", problem.station_id, station, problem.station_share_blocks),
            ("basin", problem.basin_id, basin, problem.basin_share_blocks),
        )
    ]


def _without(problem: Problem, keys: Collection[LimitKey] | None = None) -> Problem:
    del keys
    return replace(
        problem,
        station_share_blocks=np.full_like(problem.station_share_blocks, NO_LIMIT),
        basin_share_blocks=np.full_like(problem.basin_share_blocks, NO_LIMIT),
    )


def _most_blocks(problem: Problem, year: int) -> Ints:
    basin = problem.site_basin[problem.option_site]
    return np.asarray(
        np.minimum(
            problem.station_share_blocks[year],
            np.where(basin >= 0, problem.basin_share_blocks[year], NO_LIMIT),
        )
    )


FAMILY = Family(
    NAME,
    rows,
    report,
    block_bounds=(BlockBound("diversity", 70, _most_blocks),),
    kinds=(
        LimitKind(
            NAME,
            NAME,
            order=30,
            unit="pct of the target",
            limits=lambda _: [LimitKey(NAME)],
            without=_without,
        ),
    ),
    elastic_rows=elastic_rows,
    perturbations=perturbations,
)
