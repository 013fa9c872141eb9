"""Balance between provinces: shares of the target, and how many provinces have a site."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd
from scipy import sparse

from siteopt.limit_key import LimitKey
from siteopt.portfolio.constraints import _rows
from siteopt.portfolio.constraints.family import (
    BlockBound,
    Family,
    LeastChange,
    LimitKind,
    Perturbation,
    years_of,
)
from siteopt.portfolio.problem.problem import NO_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from siteopt._arrays import Bools, Ints
    from siteopt.portfolio.constraints.family import Room, Solves
    from siteopt.portfolio.problem.problem import Problem

NAME = "provinces"
MINIMUM: Final = "province minimum"
MAXIMUM: Final = "province maximum"
COUNT: Final = "province count"


def rows(problem: Problem) -> _rows.Rows:
    """Return minimum and maximum blocks a province, and the count of provinces.

    The count has a variable of its own a province, z_p <= sum of w over the sites of p, and
    sum of z >= count; it is left out where the maximum shares imply it.
    """
    return _rows.join([share_rows(problem), count_rows(problem)])


def share_rows(problem: Problem) -> _rows.Rows:
    """Return the rows of minimum and maximum shares, those that no other year implies.

    Where no whole number of blocks is between the two, each is a row of its own: a row whose
    lower side is above its upper one is no program to a solver, not one without a plan.
    """
    provinces = len(problem.province_code)
    of_option = problem.site_province[problem.option_site]
    blocks = _rows.running(problem, of_option, provinces)
    most = _rows.most_running(problem, of_option, provinces)
    low = problem.province_min_blocks.astype(np.float64)
    high = problem.province_max_blocks.astype(np.float64)
    floor = (low > 0) & _rows.tightest_later(-low[:, ::-1])[:, ::-1]
    cap = (most > high) & _rows.tightest_later(high)
    at_least, at_most = (
        np.where(*side).ravel() for side in ((floor, low, -np.inf), (cap, high, np.inf))
    )
    kept = np.flatnonzero((floor | cap).ravel())
    apart = kept[at_least[kept] > at_most[kept]]
    key_of = _key_of(problem)
    least = [replace(key, side="least") for key in _rows.keys_of(problem, key_of, apart)]
    return _rows.rows(
        problem,
        [*_rows.keys_of(problem, key_of, kept), *least],
        np.concatenate(
            [np.where(at_least[kept] > at_most[kept], -np.inf, at_least[kept]), at_least[apart]]
        ),
        np.concatenate([at_most[kept], np.full(len(apart), np.inf)]),
        n=blocks[np.concatenate([kept, apart])],
    )


def count_rows(problem: Problem) -> _rows.Rows:
    """Return the rows and variables that count the provinces with a site."""
    need = problem.province_count_min
    largest = np.sort(problem.province_max_blocks[:, -1])[::-1][: need - 1]
    if need <= 1 or largest.sum() < problem.target_blocks[-1]:
        return _rows.rows(problem, [], 0.0, 0.0)
    provinces = len(problem.province_code)
    keys = [LimitKey(NAME, "presence", str(code)) for code in problem.province_code]
    extras = tuple(
        _rows.Extra(f"present {code}", 0.0, 1.0, integer=True) for code in problem.province_code
    )
    sites = _rows.incidence(problem.site_province, provinces)
    nothing = sparse.csr_array((1, problem.sites), dtype=np.float64)
    return _rows.rows(
        problem,
        [*keys, LimitKey(NAME)],
        [*[-np.inf] * provinces, need],
        [*[0.0] * provinces, np.inf],
        w=sparse.csr_array(sparse.vstack([-sites, nothing])),
        x=sparse.csr_array(np.vstack([np.eye(provinces), np.ones(provinces)])),
        extras=extras,
    )


def report(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return the share of the target a province in percent, and the count of provinces."""
    of_option = problem.site_province[problem.option_site]
    running = _rows.running(problem, of_option, len(problem.province_code))
    used = running @ blocks.astype(np.float64)
    pct = np.tile(100.0 / np.maximum(problem.target_blocks, 1), len(problem.province_code))
    low = problem.province_min_blocks.ravel()
    shares = _rows.usage(
        _rows.keys_of(problem, _key_of(problem), range(len(used))),
        used * pct,
        "pct",
        at_least=low * pct,
        at_most=problem.province_max_blocks.ravel() * pct,
    )
    shares["binds"] &= (used > 0) | (low > 0)
    present = float(np.count_nonzero(used.reshape(-1, problem.horizon)[:, -1]))
    least = problem.province_count_min
    count = _rows.usage([LimitKey(NAME)], present, "provinces", at_least=least)
    return pd.concat([shares, count], ignore_index=True)


def elastic_rows(problem: Problem, kinds: Collection[str]) -> _rows.Rows:
    """Return the rows, each side of a share a row of its own, blocks above or below as slack."""
    above, below = _rows.split(share_rows(problem))
    cost = _rows.share_of_target(problem)
    if MAXIMUM in kinds:
        above = _rows.loosen(above, problem, cost)
    if MINIMUM in kinds:
        below = _rows.loosen(below, problem, cost)
    return _rows.join([above, below, count_rows(problem)])


def perturbations(problem: Problem, room: Room) -> Iterator[Perturbation]:
    """Move shares by a block, where a side of them is met, and the count by a province."""
    yield from _moved_shares(problem, room)
    need = problem.province_count_min
    if need <= 1 or room.below[LimitKey(NAME)] >= 1:
        return
    year = int(problem.years[-1])
    for step in (-1, 1):
        moved = replace(problem, province_count_min=need + step)
        yield Perturbation(LimitKey(NAME), year, step, "provinces", step < 0, moved)


_SIDES: Final[tuple[tuple[Literal["least", "most"], int, str], ...]] = (
    ("most", 1, "province_max_blocks"),
    ("least", -1, "province_min_blocks"),
)


def _moved_shares(problem: Problem, room: Room) -> Iterator[Perturbation]:
    pct, key_of = 100.0 / max(int(problem.target_blocks[-1]), 1), _key_of(problem)
    for place in range(len(problem.province_code)):
        for side, sign, field in _SIDES:
            limit: Ints = getattr(problem, field)
            year = room.first_year(problem, partial(key_of, place), pct, side)
            every = sign > 0 and bool(np.all(limit[place] >= problem.target_blocks))
            if year is None or every or not limit[place].any():  # all or nothing is no limit
                continue
            for step in (sign, -sign):
                moved = limit.copy()
                moved[place] = np.maximum(moved[place] + step, 0)
                changed: dict[str, Any] = {field: moved}
                yield Perturbation(
                    replace(key_of(place, 0), side=side), year, step * pct, "pct",
                    loosens=step == sign, problem=replace(problem, **changed),
                )  # fmt: skip


def _key_of(problem: Problem) -> Callable[[int, int], LimitKey]:
    return lambda place, year: LimitKey(
        NAME, "province", str(problem.province_code[place]), year=year
    )


def _minima(problem: Problem) -> list[LimitKey]:
    return _shares(problem, "least", problem.province_min_blocks > 0)


def _maxima(problem: Problem) -> list[LimitKey]:
    least, most = problem.province_min_blocks, problem.province_max_blocks
    has = np.zeros(len(problem.province_code), dtype=np.bool_)
    has[problem.site_province[problem.option_site]] = True
    return _shares(problem, "most", (most < NO_LIMIT) & (has[:, None] | (least > most)))


def _shares(problem: Problem, side: Literal["least", "most"], there: Bools) -> list[LimitKey]:
    key_of = _key_of(problem)
    return [
        replace(key_of(int(place), int(problem.years[year])), side=side)
        for place, year in np.argwhere(there)
    ]


def _without_minimum(problem: Problem, keys: Collection[LimitKey] | None = None) -> Problem:
    least = problem.province_min_blocks.copy()
    least[_places(problem, keys)] = 0
    return replace(problem, province_min_blocks=least)


def _without_maximum(problem: Problem, keys: Collection[LimitKey] | None = None) -> Problem:
    most = problem.province_max_blocks.copy()
    most[_places(problem, keys)] = NO_LIMIT
    return replace(problem, province_max_blocks=most)


def _places(
    problem: Problem, keys: Collection[LimitKey] | None
) -> tuple[Ints, Ints] | slice[None, None, None]:
    """Return the places of some shares in the arrays, or all places."""
    if keys is None:
        return slice(None)
    codes = np.array([key.subject for key in keys], dtype=np.str_)
    return np.searchsorted(problem.province_code, codes), years_of(problem, keys)


def _without_count(problem: Problem, keys: Collection[LimitKey] | None = None) -> Problem:
    del keys
    return replace(problem, province_count_min=1)


def _least_count_change(problem: Problem, solves: Solves) -> LeastChange:
    """Return by how much the largest feasible count of provinces falls short of the minimum."""
    need, proven = problem.province_count_min, True
    for count in range(need - 1, 0, -1):
        state = solves.feasible(replace(problem, province_count_min=count))
        if state:
            gives = float(need - count)
            return LeastChange(need, gives if proven else 1.0, gives)
        proven &= state is False
    return LeastChange(need, np.inf if proven else 1.0, np.inf)


def _most_blocks(problem: Problem, year: int) -> Ints:
    return np.asarray(problem.province_max_blocks[problem.site_province[problem.option_site], year])


FAMILY = Family(
    NAME,
    rows,
    report,
    block_bounds=(BlockBound("province", 50, _most_blocks),),
    kinds=(
        LimitKind(
            COUNT,
            NAME,
            order=50,
            unit="provinces",
            limits=lambda _: [LimitKey(NAME)],
            without=_without_count,
            scope="",
            side="least",
            least_change=_least_count_change,
        ),
        LimitKind(
            MINIMUM,
            NAME,
            order=60,
            unit="pct of the target",
            limits=_minima,
            without=_without_minimum,
            scope="province",
            side="least",
            demands=lambda problem: bool(problem.province_min_blocks.any()),
            proof_keys=lambda _, key: {key.undated()},
        ),
        LimitKind(
            MAXIMUM,
            NAME,
            order=70,
            unit="pct of the target",
            limits=_maxima,
            without=_without_maximum,
            scope="province",
            side="most",
            proof_keys=lambda _, key: {key.undated()},
        ),
    ),
    elastic_rows=elastic_rows,
    perturbations=perturbations,
)
