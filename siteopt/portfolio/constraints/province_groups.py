"""Balance between groups of provinces: shares of the target that Honam or Yeongnam has.

A group holds several provinces, and a province may be in several groups. The least and the most of
a group in a year are whole blocks, the tighter of its share of the target and of its MW, so the
rows are as tight as whole blocks allow.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from scipy import sparse

from siteopt.limit_key import LimitKey
from siteopt.portfolio.constraints import _rows
from siteopt.portfolio.constraints.family import (
    BlockBound,
    Family,
    LimitKind,
    Perturbation,
    years_of,
)
from siteopt.portfolio.problem.problem import NO_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    import pandas as pd

    from siteopt._arrays import Bools, Floats, Ints
    from siteopt.portfolio.constraints.family import Room
    from siteopt.portfolio.problem.problem import Problem

NAME: Final = "groups"
MINIMUM: Final = "group minimum"
MAXIMUM: Final = "group maximum"


def rows(problem: Problem) -> _rows.Rows:
    """Return least and most blocks of each group and year, those that no other year implies.

    Where no whole number of blocks is between the two, each is a row of its own.
    """
    if not len(problem.group_id):
        return _rows.rows(problem, [], 0.0, 0.0)
    blocks, most = _running(problem)
    low = problem.group_min_blocks.astype(np.float64)
    high = problem.group_max_blocks.astype(np.float64)
    floor = (low > 0) & _rows.tightest_later(-low[:, ::-1])[:, ::-1]
    cap = (most > high) & _rows.tightest_later(high)
    at_least = np.where(floor, low, -np.inf).ravel()
    at_most = np.where(cap, high, np.inf).ravel()
    kept = np.flatnonzero((floor | cap).ravel())
    apart = kept[at_least[kept] > at_most[kept]]
    key_of = _key_of(problem)
    least = [replace(key, side="least") for key in _rows.keys_of(problem, key_of, apart)]
    crossed = at_least[kept] > at_most[kept]
    return _rows.rows(
        problem,
        [*_rows.keys_of(problem, key_of, kept), *least],
        np.concatenate([np.where(crossed, -np.inf, at_least[kept]), at_least[apart]]),
        np.concatenate([at_most[kept], np.full(len(apart), np.inf)]),
        n=sparse.csr_array(blocks[np.concatenate([kept, apart])]),
    )


def _running(problem: Problem) -> tuple[sparse.csr_array[Any], Floats]:
    """Return the blocks that run in each group and year as rows, and the most there can be."""
    count, years = len(problem.province_code), problem.horizon
    of_option = problem.site_province[problem.option_site]
    by_province = _rows.running(problem, of_option, count)
    member = problem.group_provinces.astype(np.float64)
    spread = sparse.kron(sparse.csr_array(member), sparse.eye_array(years), format="csr")
    most = member @ _rows.most_running(problem, of_option, count).reshape(count, years)
    return sparse.csr_array(spread @ by_province), np.asarray(most)


def report(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return the share of the target of each group in percent."""
    if not len(problem.group_id):
        return _rows.usage([], np.empty(0), "pct", at_most=np.empty(0))
    rows_of, _ = _running(problem)
    used = rows_of @ blocks.astype(np.float64)
    pct = np.tile(100.0 / np.maximum(problem.target_blocks, 1), len(problem.group_id))
    low, high = problem.group_min_blocks.ravel(), problem.group_max_blocks.ravel()
    shares = _rows.usage(
        _rows.keys_of(problem, _key_of(problem), range(len(used))),
        used * pct,
        "pct",
        at_least=low * pct,
        at_most=np.where(high < NO_LIMIT, high * pct, np.inf),
    )
    shares["binds"] &= (used > 0) | (low > 0)
    return shares


def elastic_rows(problem: Problem, kinds: Collection[str]) -> _rows.Rows:
    """Return the rows, each side a row of its own, blocks above or below as slack."""
    above, below = _rows.split(rows(problem))
    cost = _rows.share_of_target(problem)
    if MAXIMUM in kinds:
        above = _rows.loosen(above, problem, cost)
    if MINIMUM in kinds:
        below = _rows.loosen(below, problem, cost)
    return _rows.join([above, below])


_SIDES: Final[tuple[tuple[Literal["least", "most"], int, str], ...]] = (
    ("most", 1, "group_max_blocks"),
    ("least", -1, "group_min_blocks"),
)


def perturbations(problem: Problem, room: Room) -> Iterator[Perturbation]:
    """Move least and most of a group by a block, where a side of them is met."""
    pct, key_of = 100.0 / max(int(problem.target_blocks[-1]), 1), _key_of(problem)
    for place in range(len(problem.group_id)):
        for side, sign, field in _SIDES:
            limit: Ints = getattr(problem, field)
            year = room.first_year(problem, partial(key_of, place), pct, side)
            every = sign > 0 and bool(np.all(limit[place] >= problem.target_blocks))
            if year is None or every or not limit[place].any():  # all or nothing is no limit
                continue
            for step in (sign, -sign):
                moved = limit.copy()
                there = moved[place] < NO_LIMIT
                moved[place] = np.where(there, np.maximum(moved[place] + step, 0), moved[place])
                changed: dict[str, Any] = {field: moved}
                yield Perturbation(
                    replace(key_of(place, 0), side=side), year, step * pct, "pct",
                    loosens=step == sign, problem=replace(problem, **changed),
                )  # fmt: skip


def _key_of(problem: Problem) -> Callable[[int, int], LimitKey]:
    return lambda place, year: LimitKey(NAME, "group", str(problem.group_id[place]), year=year)


def _minima(problem: Problem) -> list[LimitKey]:
    return _limits(problem, "least", problem.group_min_blocks > 0)


def _maxima(problem: Problem) -> list[LimitKey]:
    return _limits(problem, "most", problem.group_max_blocks < NO_LIMIT)


def _limits(problem: Problem, side: Literal["least", "most"], there: Bools) -> list[LimitKey]:
    key_of = _key_of(problem)
    return [
        replace(key_of(int(place), int(problem.years[year])), side=side)
        for place, year in np.argwhere(there)
    ]


def _without_minimum(problem: Problem, keys: Collection[LimitKey] | None = None) -> Problem:
    least = problem.group_min_blocks.copy()
    least[_places(problem, keys)] = 0
    return replace(problem, group_min_blocks=least)


def _without_maximum(problem: Problem, keys: Collection[LimitKey] | None = None) -> Problem:
    most = problem.group_max_blocks.copy()
    most[_places(problem, keys)] = NO_LIMIT
    return replace(problem, group_max_blocks=most)


def _places(
    problem: Problem, keys: Collection[LimitKey] | None
) -> tuple[Ints, Ints] | slice[None, None, None]:
    """Return the places of some limits in the arrays, or all places."""
    if keys is None:
        return slice(None)
    names = np.array([key.subject for key in keys], dtype=np.str_)
    return np.searchsorted(problem.group_id, names), years_of(problem, keys)


def _most_blocks(problem: Problem, year: int) -> Ints:
    """Return the most blocks (O,) that an option may have by the groups of its province."""
    province = np.full(len(problem.province_code), NO_LIMIT, dtype=np.int64)
    for member, most in zip(problem.group_provinces, problem.group_max_blocks, strict=True):
        province[member] = np.minimum(province[member], most[year])
    return np.asarray(province[problem.site_province[problem.option_site]])


FAMILY = Family(
    NAME,
    rows,
    report,
    block_bounds=(BlockBound("group", 52, _most_blocks),),
    kinds=(
        LimitKind(
            MINIMUM,
            NAME,
            order=62,
            unit="pct of the target",
            limits=_minima,
            without=_without_minimum,
            scope="group",
            side="least",
            demands=lambda problem: bool(problem.group_min_blocks.any()),
            proof_keys=lambda _, key: {key.undated()},
        ),
        LimitKind(
            MAXIMUM,
            NAME,
            order=72,
            unit="pct of the target",
            limits=_maxima,
            without=_without_maximum,
            scope="group",
            side="most",
            proof_keys=lambda _, key: {key.undated()},
        ),
    ),
    elastic_rows=elastic_rows,
    perturbations=perturbations,
)
