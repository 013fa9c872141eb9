"""Sites that have to be chosen: decided beforehand, or under construction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteopt.portfolio.constraints import _rows

if TYPE_CHECKING:
    import pandas as pd

    from siteopt._arrays import Ints
    from siteopt.portfolio.problem.problem import Problem

NAME = "rules"


def rows(problem: Problem) -> _rows.Rows:
    """Return one row a site that has to be chosen: w >= 1."""
    must = np.flatnonzero(problem.site_must)
    place = np.full(problem.sites, -1, dtype=np.int64)
    place[must] = np.arange(len(must))
    names = [f"site {name}" for name in problem.site_id[must]]
    return _rows.rows(problem, names, 1.0, np.inf, w=_rows.incidence(place, len(must)))


def report(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return whether each site that has to be chosen is."""
    must = np.flatnonzero(problem.site_must)
    chosen = np.isin(must, problem.option_site[blocks > 0]).astype(np.float64)
    names = [f"site {name}" for name in problem.site_id[must]]
    return _rows.usage(NAME, names, chosen, "sites", at_least=1.0)
