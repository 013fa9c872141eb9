"""Budgets: capital cost of the whole plan, and of single years."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
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
from siteopt.portfolio.problem.problem import whole

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import pandas as pd

    from siteopt._arrays import Floats, Ints
    from siteopt.portfolio.constraints.family import Room, Solves
    from siteopt.portfolio.problem.problem import Problem

NAME = "budget"
_UNIT_BN_KRW: Final = 100.0
"""A budget is moved by as much."""


def rows(problem: Problem) -> _rows.Rows:
    """Return a row a budget, capital cost <= budget in bn KRW, or none where there is no budget.

    What an option needs counts in its year.
    """
    budgets, keys, counted = _budgets(problem)
    return _rows.rows(
        problem,
        keys,
        -np.inf,
        budgets,
        y=sparse.csr_array(counted * problem.capital_fixed_bn_krw),
        n=sparse.csr_array(counted * problem.capital_block_bn_krw),
    )


def report(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return the capital cost against each budget in bn KRW, that of all years in any case."""
    budgets, keys, counted = _budgets(problem, always=True)
    opened = problem.opened(blocks)
    used = problem.capital_fixed_bn_krw * opened + problem.capital_block_bn_krw * blocks
    return _rows.usage(keys, counted @ used, "bn_krw", at_most=budgets)


def elastic_rows(problem: Problem, kinds: Collection[str]) -> _rows.Rows:
    """Return the rows, slack of the size of a budget costing as much as the target."""
    own = rows(problem)
    if NAME not in kinds or not len(own):
        return own
    return _rows.loosen(own, problem, 1.0 / np.maximum(own.upper, 1.0))


def perturbations(problem: Problem, room: Room) -> Iterator[Perturbation]:
    """Move each budget by a unit either way."""
    unit, last = _UNIT_BN_KRW, int(problem.years[-1])
    for step in (unit, -unit):
        if np.isfinite(problem.budget_bn_krw) and room.above[LimitKey(NAME)] < unit:
            moved = replace(problem, budget_bn_krw=problem.budget_bn_krw + step)
            yield Perturbation(LimitKey(NAME), last, step, "bn_krw", step > 0, moved)
        for place in np.flatnonzero(np.isfinite(problem.year_budget_bn_krw)):
            year = int(problem.years[place])
            if room.above[_of_year(year)] >= unit:
                continue
            budget = problem.year_budget_bn_krw.copy()
            budget[place] = max(budget[place] + step, 0.0)
            moved = replace(problem, year_budget_bn_krw=budget)
            yield Perturbation(_of_year(0), year, step, "bn_krw", step > 0, moved)


def _of_year(year: int) -> LimitKey:
    return LimitKey(NAME, "year", year=year)


def _budgets(problem: Problem, *, always: bool = False) -> tuple[Floats, list[LimitKey], Floats]:
    """Return the budgets, their keys, and which options (budgets, O) count against each."""
    yearly = np.flatnonzero(np.isfinite(problem.year_budget_bn_krw))
    total = always or bool(np.isfinite(problem.budget_bn_krw))
    everything = np.ones((int(total), problem.options))
    of_year = (problem.option_year == yearly[:, None]).astype(np.float64)
    budgets = [*[problem.budget_bn_krw] * total, *problem.year_budget_bn_krw[yearly]]
    keys = [*[LimitKey(NAME)] * total, *(_of_year(int(year)) for year in problem.years[yearly])]
    return np.array(budgets), keys, np.vstack([everything, of_year])


def _limits(problem: Problem) -> list[LimitKey]:
    return _budgets(problem)[1]


def _without(problem: Problem, keys: Collection[LimitKey] | None = None) -> Problem:
    yearly, total = problem.year_budget_bn_krw.copy(), problem.budget_bn_krw
    if keys is None:
        yearly[:] = np.inf
    else:
        yearly[years_of(problem, keys)] = np.inf
    if keys is None or any(not key.year for key in keys):
        total = np.inf
    return replace(problem, budget_bn_krw=total, year_budget_bn_krw=yearly)


def _least_change(problem: Problem, solves: Solves) -> LeastChange | None:
    """Return by how much the least capital of a plan exceeds the budget of all years."""
    if np.isfinite(problem.year_budget_bn_krw).any():
        return None
    cheapest = replace(
        _without(problem).without_energy(),
        worth_fixed=problem.capital_fixed_bn_krw,
        worth_block=problem.capital_block_bn_krw,
    )
    found, budget = solves.best(cheapest), problem.budget_bn_krw
    return LeastChange(budget, max(found.bound - budget, 0.0), max(found.objective - budget, 0.0))


def _most_blocks(problem: Problem, year: int) -> Ints:
    del year
    with np.errstate(divide="ignore", invalid="ignore"):
        money = problem.budget_bn_krw - problem.capital_fixed_bn_krw
        each = problem.capital_block_bn_krw
        return whole(np.where(each > 0, money / each, np.inf))


FAMILY = Family(
    NAME,
    rows,
    report,
    block_bounds=(BlockBound("budget", 80, _most_blocks),),
    kinds=(
        LimitKind(
            NAME,
            NAME,
            order=20,
            unit="bn KRW",
            limits=_limits,
            without=_without,
            least_change=_least_change,
        ),
    ),
    elastic_rows=elastic_rows,
    perturbations=perturbations,
)
