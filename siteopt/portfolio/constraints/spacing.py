"""Spacing: of sites that all stand too close to each other at most one is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from siteopt.portfolio.constraints import _rows, conflict_graph

if TYPE_CHECKING:
    from siteopt._arrays import Ints
    from siteopt.portfolio.problem.problem import Problem

NAME = "spacing"


def rows(problem: Problem) -> _rows.Rows:
    """Return one row a clique: sum of w <= 1, the cliques covering every conflicting pair."""
    conflicts = conflict_graph.conflicts(problem.site_x_m, problem.site_y_m, problem.spacing_m)
    cover = conflict_graph.cover(conflicts)
    place = np.repeat(np.arange(len(cover)), [len(clique) for clique in cover])
    members = np.concatenate([*cover, np.empty(0, dtype=np.int64)]).astype(np.int64)
    sites = sparse.csr_array(
        (np.ones(len(members)), (place, members)), shape=(len(cover), problem.sites)
    )
    names = [f"clique {number} at {problem.site_id[c[0]]}" for number, c in enumerate(cover)]
    return _rows.rows(problem, names, -np.inf, 1.0, w=sites)


def report(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return the distance of every chosen site to the nearest other one, in km."""
    chosen = np.unique(problem.option_site[blocks > 0])
    apart = np.hypot(
        problem.site_x_m[chosen, None] - problem.site_x_m[chosen],
        problem.site_y_m[chosen, None] - problem.site_y_m[chosen],
    )
    np.fill_diagonal(apart, np.inf)
    nearest = apart.min(axis=1, initial=np.inf) / 1000
    table = _rows.usage(
        NAME, list(problem.site_id[chosen]), nearest, "km", at_least=problem.spacing_m / 1000
    )
    return pd.DataFrame(table[np.isfinite(table["used"])].reset_index(drop=True))
