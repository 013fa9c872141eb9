"""Fixed sites: those that have to be chosen, and those that cannot be, whatever the limits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from siteopt.limit_key import LimitKey
from siteopt.portfolio.constraints import _rows
from siteopt.portfolio.constraints.family import BlockBound, Family, LeastChange, LimitKind
from siteopt.portfolio.problem.problem import NO_LIMIT

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

    from siteopt._arrays import Ints
    from siteopt.portfolio.constraints.family import Solves
    from siteopt.portfolio.problem.problem import Problem

NAME = "rules"


def rows(problem: Problem) -> _rows.Rows:
    """Return one row a site that has to be chosen: w >= 1."""
    must = np.flatnonzero(problem.site_must)
    place = np.full(problem.sites, -1, dtype=np.int64)
    place[must] = np.arange(len(must))
    keys = [_key(name) for name in problem.site_id[must]]
    return _rows.rows(problem, keys, 1.0, np.inf, w=_rows.incidence(place, len(must)))


def report(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return whether each site that has to be chosen is."""
    must = np.flatnonzero(problem.site_must)
    chosen = np.isin(must, problem.option_site[blocks > 0]).astype(np.float64)
    keys = [_key(name) for name in problem.site_id[must]]
    return _rows.usage(keys, chosen, "sites", at_least=1.0)


def _key(site_id: str) -> LimitKey:
    return LimitKey(NAME, "site", str(site_id))


def _limits(problem: Problem) -> list[LimitKey]:
    return [_key(name) for name in problem.site_id[problem.site_must | problem.site_excluded]]


def _without(problem: Problem, keys: Collection[LimitKey] | None = None) -> Problem:
    free = np.ones(problem.sites, dtype=np.bool_)
    if keys is not None:
        free = np.isin(problem.site_id, [key.subject for key in keys])
    return replace(
        problem, site_must=problem.site_must & ~free, site_excluded=problem.site_excluded & ~free
    )


def _least_change(problem: Problem, solves: Solves) -> LeastChange:
    """Return that no amount of it is enough: a site is chosen or not."""
    del problem, solves
    return LeastChange(np.nan, np.inf, np.inf)


def _most_blocks(problem: Problem, year: int) -> Ints:
    del year
    return np.where(problem.site_excluded[problem.option_site], -1, NO_LIMIT)


FAMILY = Family(
    NAME,
    rows,
    report,
    block_bounds=(BlockBound("excluded", 10, _most_blocks),),
    kinds=(
        LimitKind(
            NAME,
            NAME,
            order=40,
            unit="sites",
            limits=_limits,
            without=_without,
            side="least",
            demands=lambda problem: bool(problem.site_must.any()),
            proof_keys=lambda _, key: {key.undated()},
            least_change=_least_change,
        ),
    ),
)
