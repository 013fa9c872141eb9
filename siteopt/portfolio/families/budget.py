"""The budget: capital cost of the whole plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from siteopt.portfolio.families import _rows

if TYPE_CHECKING:
    import pandas as pd

    from siteopt.portfolio.problem import Ints, Problem

NAME = "budget"


def rows(problem: Problem) -> _rows.Rows:
    """Return one row, capital cost <= budget in bn KRW, or none where there is no budget."""
    if not np.isfinite(problem.budget_bn_krw):
        return _rows.rows(problem, [], 0.0, 0.0)
    return _rows.rows(
        problem,
        ["budget"],
        -np.inf,
        problem.budget_bn_krw,
        y=sparse.csr_array(problem.capital_fixed_bn_krw[None, :]),
        n=sparse.csr_array(problem.capital_block_bn_krw[None, :]),
    )


def report(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return the capital cost against the budget in bn KRW."""
    built = blocks > 0
    used = problem.capital_fixed_bn_krw[built].sum() + problem.capital_block_bn_krw @ blocks
    return _rows.usage(NAME, ["budget"], used, "bn_krw", at_most=problem.budget_bn_krw)
