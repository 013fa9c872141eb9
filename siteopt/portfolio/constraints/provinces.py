"""Balance between provinces: shares of the target, and how many provinces have a site."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd
from scipy import sparse

from siteopt.limit_key import LimitKey
from siteopt.portfolio.constraints import _rows
from siteopt.portfolio.constraints._share_limits import ShareLimits
from siteopt.portfolio.constraints.family import (
    BlockBound,
    Family,
    LeastChange,
    LimitKind,
    Perturbation,
)
from siteopt.portfolio.problem.problem import NO_LIMIT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from siteopt._arrays import Ints
    from siteopt.portfolio.constraints.family import Room, Solves
    from siteopt.portfolio.problem.problem import Problem

NAME = "provinces"
MINIMUM: Final = "province minimum"
MAXIMUM: Final = "province maximum"
COUNT: Final = "province count"
SHARES: Final = ShareLimits(
    NAME, "province", "province_code", "province_min_blocks", "province_max_blocks"
)
_SIDES: Final[dict[str, Literal["least", "most"]]] = {MAXIMUM: "most", MINIMUM: "least"}


def rows(problem: Problem) -> _rows.Rows:
    """Return minimum and maximum blocks a province, and the count of provinces.

    The count has a variable of its own a province, z_p <= sum of w over the sites of p, and
    sum of z >= count; it is left out where the maximum shares imply it.
    """
    return _rows.join([share_rows(problem), count_rows(problem)])


def share_rows(problem: Problem) -> _rows.Rows:
    """Return the rows of minimum and maximum shares, those that no other year implies."""
    provinces = len(problem.province_code)
    of_option = problem.site_province[problem.option_site]
    return SHARES.rows(
        problem,
        _rows.running(problem, of_option, provinces),
        _rows.most_running(problem, of_option, provinces),
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
        _rows.keys_of(problem, SHARES.key_of(problem), range(len(used))),
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
    sides = [side for kind, side in _SIDES.items() if kind in kinds]
    return _rows.join([*SHARES.elastic(share_rows(problem), problem, sides), count_rows(problem)])


def perturbations(problem: Problem, room: Room) -> Iterator[Perturbation]:
    """Move shares by a block, where a side of them is met, and the count by a province."""
    yield from SHARES.perturbations(problem, room)
    need = problem.province_count_min
    if need <= 1 or room.below[LimitKey(NAME)] >= 1:
        return
    year = int(problem.years[-1])
    for step in (-1, 1):
        moved = replace(problem, province_count_min=need + step)
        yield Perturbation(LimitKey(NAME), year, step, "provinces", step < 0, moved)


def _minima(problem: Problem) -> list[LimitKey]:
    return SHARES.keys(problem, "least", problem.province_min_blocks > 0)


def _maxima(problem: Problem) -> list[LimitKey]:
    least, most = problem.province_min_blocks, problem.province_max_blocks
    has = np.zeros(len(problem.province_code), dtype=np.bool_)
    has[problem.site_province[problem.option_site]] = True
    return SHARES.keys(problem, "most", (most < NO_LIMIT) & (has[:, None] | (least > most)))


def _without_minimum(problem: Problem, keys: Collection[LimitKey] | None = None) -> Problem:
    return SHARES.without(problem, "least", keys)


def _without_maximum(problem: Problem, keys: Collection[LimitKey] | None = None) -> Problem:
    return SHARES.without(problem, "most", keys)


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
