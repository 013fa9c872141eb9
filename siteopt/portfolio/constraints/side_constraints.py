"""Side constraints: named sums over all options of a plan that are at most a number.

They are no part of a scenario. A trade-off holds a measure (water, carbon, ...) below a level, and
an alternative holds the cost or the sites that it shares with other plans, each by a cap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from siteopt.limit_key import LimitKey
from siteopt.portfolio.constraints import _rows
from siteopt.portfolio.constraints.family import Family

if TYPE_CHECKING:
    import pandas as pd

    from siteopt._arrays import Ints
    from siteopt.portfolio.problem.problem import Problem

NAME = "caps"


def rows(problem: Problem) -> _rows.Rows:
    """Return one row a cap, sum of fixed y + each n <= most.

    Equation side-constraint of docs/method.md.
    """
    if not len(problem.cap_name):
        return _rows.rows(problem, [], 0.0, 0.0)
    return _rows.rows(
        problem,
        _keys(problem),
        -float("inf"),
        problem.cap_most,
        y=_rows.matrix(problem.cap_fixed),
        n=_rows.matrix(problem.cap_each),
    )


def report(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return what a plan takes of every cap, in the unit of the cap."""
    if not len(problem.cap_name):
        return _rows.usage([], [], "")
    used = problem.cap_fixed @ problem.opened(blocks) + problem.cap_each @ blocks
    return _rows.usage(_keys(problem), used, "", at_most=problem.cap_most)


def _keys(problem: Problem) -> list[LimitKey]:
    return [LimitKey(NAME, subject=str(name)) for name in problem.cap_name]


FAMILY = Family(NAME, rows, report)
