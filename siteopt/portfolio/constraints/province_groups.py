"""Balance between groups of provinces: shares of the target that Honam or Yeongnam has.

A group holds several provinces, and a province may be in several groups. The least and the most of
a group in a year are whole blocks, the tighter of its share of the target and of its MW, so the
rows are as tight as whole blocks allow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from scipy import sparse

from siteopt.portfolio.constraints import _rows
from siteopt.portfolio.constraints._share_limits import ShareLimits
from siteopt.portfolio.constraints.family import (
    BlockBound,
    Family,
    LimitKind,
)
from siteopt.portfolio.problem.problem import NO_LIMIT

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

    from siteopt._arrays import Floats, Ints
    from siteopt.limit_key import LimitKey
    from siteopt.portfolio.problem.problem import Problem

NAME: Final = "groups"
MINIMUM: Final = "group minimum"
MAXIMUM: Final = "group maximum"
SHARES: Final = ShareLimits(NAME, "group", "group_id", "group_min_blocks", "group_max_blocks")
_SIDES: Final[dict[str, Literal["least", "most"]]] = {MAXIMUM: "most", MINIMUM: "least"}


def rows(problem: Problem) -> _rows.Rows:
    """Return least and most blocks of each group and year, those that no other year implies."""
    if not len(problem.group_id):
        return _rows.rows(problem, [], 0.0, 0.0)
    return SHARES.rows(problem, *_running(problem))


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
        _rows.keys_of(problem, SHARES.key_of(problem), range(len(used))),
        used * pct,
        "pct",
        at_least=low * pct,
        at_most=np.where(high < NO_LIMIT, high * pct, np.inf),
    )
    shares["binds"] &= (used > 0) | (low > 0)
    return shares


def elastic_rows(problem: Problem, kinds: Collection[str]) -> _rows.Rows:
    """Return the rows, each side a row of its own, blocks above or below as slack."""
    sides = [side for kind, side in _SIDES.items() if kind in kinds]
    return _rows.join(SHARES.elastic(rows(problem), problem, sides))


def _minima(problem: Problem) -> list[LimitKey]:
    return SHARES.keys(problem, "least", problem.group_min_blocks > 0)


def _maxima(problem: Problem) -> list[LimitKey]:
    return SHARES.keys(problem, "most", problem.group_max_blocks < NO_LIMIT)


def _without_minimum(problem: Problem, keys: Collection[LimitKey] | None = None) -> Problem:
    return SHARES.without(problem, "least", keys)


def _without_maximum(problem: Problem, keys: Collection[LimitKey] | None = None) -> Problem:
    return SHARES.without(problem, "most", keys)


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
    perturbations=SHARES.perturbations,
)
