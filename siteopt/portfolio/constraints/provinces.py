"""Balance between provinces: shares of the target, and how many provinces have a site."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from siteopt.portfolio.constraints import _rows

if TYPE_CHECKING:
    from siteopt._arrays import Ints
    from siteopt.portfolio.problem.problem import Problem

NAME = "provinces"


def rows(problem: Problem) -> _rows.Rows:
    """Return minimum and maximum blocks a province, and the count of provinces.

    The count has a variable of its own a province, z_p <= sum of w over the sites of p, and
    sum of z >= count; it is left out where the maximum shares imply it.
    """
    return _rows.join([share_rows(problem), count_rows(problem)])


def share_rows(problem: Problem) -> _rows.Rows:
    """Return the rows of minimum and maximum shares, those that no other year implies.

    Where no whole number of blocks lies between the two, each is a row of its own: a row whose
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
    code = _rows.of_years(problem, [str(name) for name in problem.province_code])
    names = [f"share {code[place]}" for place in kept]
    return _rows.rows(
        problem,
        [*names, *(f"share {code[place]} least" for place in apart)],
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
    running = _rows.running(problem, of_option, len(problem.province_code))
    used = running @ blocks.astype(np.float64)
    pct = np.tile(100.0 / np.maximum(problem.target_blocks, 1), len(problem.province_code))
    low = problem.province_min_blocks.ravel()
    shares = _rows.usage(
        NAME,
        [f"share {name}" for name in _rows.of_years(problem, list(problem.province_code))],
        used * pct,
        "pct",
        at_least=low * pct,
        at_most=problem.province_max_blocks.ravel() * pct,
    )
    shares["binds"] &= (used > 0) | (low > 0)
    present = float(np.count_nonzero(used.reshape(-1, problem.horizon)[:, -1]))
    count = _rows.usage(NAME, ["count"], present, "provinces", at_least=problem.province_count_min)
    return pd.concat([shares, count], ignore_index=True)
