"""The parts of the program: one module a constraint family.

Every family module has ``NAME``, ``rows(problem) -> Rows`` and ``report(problem, blocks) ->
DataFrame``. A new family is a new module in `FAMILIES`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pandas as pd

from siteopt.portfolio.constraints import (
    basins,
    budget,
    diversity,
    fixed_sites,
    flows,
    provinces,
    side_constraints,
    spacing,
    stations,
    target,
    works,
)
from siteopt.portfolio.constraints._rows import Extra, Rows, incidence, join, rows
from siteopt.portfolio.constraints.cut_rows import Cut, OptionCut, cut_rows, that_bind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt._arrays import Ints
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.problem.restriction import Restriction

__all__ = [
    "FAMILIES", "Cut", "Extra", "Family", "OptionCut", "Rows", "all_rows", "cut_rows", "incidence", "join", "rows", "usage",
    "with_cuts",
]  # fmt: skip


class Family(Protocol):
    """What a family module offers."""

    NAME: str

    def rows(self, problem: Problem) -> Rows:
        """Return the rows of the family."""

    def report(self, problem: Problem, blocks: Ints) -> pd.DataFrame:
        """Return what a plan uses of the family's limits."""


FAMILIES: tuple[Family, ...] = (
    target, stations, works, flows, provinces, basins, diversity, budget, fixed_sites, side_constraints,
    spacing,
)  # fmt: skip
"""All families, in the order they report."""


def all_rows(problem: Problem, *, without: Sequence[str] = ()) -> Rows:
    """Return the rows of all families but those named."""
    return join([family.rows(problem) for family in FAMILIES if family.NAME not in without])


def with_cuts(restriction: Restriction, cuts: Sequence[Cut | OptionCut]) -> Rows:
    """Return the rows of all families, and those cuts that a plan of the restriction can violate."""
    part = restriction.part
    return join([all_rows(part), that_bind(cut_rows(restriction, cuts), part)])


def usage(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return what a plan uses of every limit: one table of all families' reports."""
    tables = [family.report(problem, blocks) for family in FAMILIES]
    return pd.concat([table for table in tables if len(table)], ignore_index=True)
