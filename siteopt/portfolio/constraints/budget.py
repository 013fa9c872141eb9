"""The budgets: capital cost of the whole plan, and of single years."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from siteopt.portfolio.constraints import _rows

if TYPE_CHECKING:
    import pandas as pd

    from siteopt._arrays import Floats, Ints
    from siteopt.portfolio.problem.problem import Problem

NAME = "budget"


def rows(problem: Problem) -> _rows.Rows:
    """Return a row a budget, capital cost <= budget in bn KRW, or none where there is no budget.

    What an option needs counts in its year.
    """
    budgets, names, counted = _budgets(problem)
    return _rows.rows(
        problem,
        names,
        -np.inf,
        budgets,
        y=sparse.csr_array(counted * problem.capital_fixed_bn_krw),
        n=sparse.csr_array(counted * problem.capital_block_bn_krw),
    )


def report(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return the capital cost against each budget in bn KRW, that of all years in any case."""
    budgets, names, counted = _budgets(problem, always=True)
    opened = problem.opened(blocks)
    used = problem.capital_fixed_bn_krw * opened + problem.capital_block_bn_krw * blocks
    return _rows.usage(NAME, names, counted @ used, "bn_krw", at_most=budgets)


def _budgets(problem: Problem, *, always: bool = False) -> tuple[Floats, list[str], Floats]:
    """Return the budgets, their names, and which options (budgets, O) count against each."""
    yearly = np.flatnonzero(np.isfinite(problem.year_budget_bn_krw))
    whole = always or bool(np.isfinite(problem.budget_bn_krw))
    everything = np.ones((int(whole), problem.options))
    of_year = (problem.option_year == yearly[:, None]).astype(np.float64)
    budgets = [*[problem.budget_bn_krw] * whole, *problem.year_budget_bn_krw[yearly]]
    names = [*["budget"] * whole, *(f"budget in {year}" for year in problem.years[yearly])]
    return np.array(budgets), names, np.vstack([everything, of_year])
