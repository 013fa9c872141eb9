"""Balance between provinces: shares of the target, and how many provinces have a site."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from siteopt.portfolio.families import _rows

if TYPE_CHECKING:
    from siteopt.portfolio.problem import Ints, Problem

NAME = "provinces"


def rows(problem: Problem) -> _rows.Rows:
    """Return minimum and maximum blocks a province, and the count of provinces.

    The count has a variable of its own a province, z_p <= sum of w over the sites of p, and
    sum of z >= count; it is left out where the maximum shares imply it.
    """
    return _rows.join([share_rows(problem), count_rows(problem)])


def share_rows(problem: Problem) -> _rows.Rows:
    """Return the rows of minimum and maximum shares.

    Where no whole number of blocks lies between the two, each is a row of its own: a row whose
    lower side is above its upper one is no program to a solver, not one without a plan.
    """
    provinces = len(problem.province_code)
    blocks = _rows.incidence(problem.site_province[problem.option_site], provinces)
    most = blocks @ np.maximum(problem.blocks_max, 0).astype(np.float64)
    low, high = problem.province_min_blocks, problem.province_max_blocks
    kept = np.flatnonzero((low > 0) | (most > high))
    apart = kept[low[kept] > high[kept]]
    both = (low[kept] > 0) & (low[kept] <= high[kept])
    code = problem.province_code
    names = [f"share {code[place]}" for place in kept]
    return _rows.rows(
        problem,
        [*names, *(f"share {code[place]} least" for place in apart)],
        np.concatenate([np.where(both, low[kept], -np.inf), low[apart]]),
        np.concatenate([high[kept], np.full(len(apart), np.inf)]),
        n=blocks[np.concatenate([kept, apart])],
    )


def count_rows(problem: Problem) -> _rows.Rows:
    """Return the rows and variables that count the provinces with a site."""
    need = problem.province_count_min
    largest = np.sort(problem.province_max_blocks)[::-1][: need - 1]
    if need <= 1 or largest.sum() < problem.target_blocks:
        return _rows.rows(problem, [], 0.0, 0.0)
    provinces = len(problem.province_code)
    names = [f"present {code}" for code in problem.province_code]
    extras = tuple(_rows.Extra(name, 0.0, 1.0, integer=True) for name in names)
    sites = _rows.incidence(problem.site_province, provinces)
    nothing = sparse.csr_array((1, problem.sites), dtype=np.float64)
    return _rows.rows(
        problem,
        [*names, "count"],
        [*[-np.inf] * provinces, need],
        [*[0.0] * provinces, np.inf],
        w=sparse.csr_array(sparse.vstack([-sites, nothing])),
        x=sparse.csr_array(np.vstack([np.eye(provinces), np.ones(provinces)])),
        extras=extras,
    )


def report(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return the share of the target a province in percent, and the count of provinces."""
    of_option = problem.site_province[problem.option_site]
    used = np.bincount(of_option, blocks, minlength=len(problem.province_code))
    pct = 100.0 / problem.target_blocks
    shares = _rows.usage(
        NAME,
        [f"share {code}" for code in problem.province_code],
        used * pct,
        "pct",
        at_least=problem.province_min_blocks * pct,
        at_most=problem.province_max_blocks * pct,
    )
    shares["binds"] &= (used > 0) | (problem.province_min_blocks > 0)
    present = float(np.count_nonzero(used))
    count = _rows.usage(NAME, ["count"], present, "provinces", at_least=problem.province_count_min)
    return pd.concat([shares, count], ignore_index=True)
