"""Constraint families of the program: one module each.

A family module has a ``FAMILY`` (`siteopt.portfolio.constraints.family.Family`): its rows, usage,
bounds on blocks, elastic rows, perturbations, and how infeasibility analysis drops and names it.
A new family is a new module in `FAMILIES`, and its words in ``limit_words.csv`` of the report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from siteopt.limit_key import LimitKey
from siteopt.portfolio.constraints import (
    basins,
    budget,
    diversity,
    energy,
    fixed_sites,
    flows,
    province_groups,
    provinces,
    side_constraints,
    spacing,
    stations,
    target,
    works,
)
from siteopt.portfolio.constraints._rows import Extra, Rows, incidence, join, rows
from siteopt.portfolio.constraints.cut_rows import Cut, OptionCut, cut_rows, that_bind
from siteopt.portfolio.constraints.family import Family, LimitKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt._arrays import Ints
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.problem.restriction import Restriction

__all__ = [
    "FAMILIES", "Cut", "Extra", "Family", "LimitKey", "LimitKind", "OptionCut", "Rows", "all_rows",
    "cut_rows", "energy", "incidence", "join", "kind_of", "kinds", "rows", "usage", "with_cuts",
]  # fmt: skip

FAMILIES: tuple[Family, ...] = (
    target.FAMILY, stations.FAMILY, works.FAMILY, flows.FAMILY, energy.FAMILY, provinces.FAMILY,
    province_groups.FAMILY, basins.FAMILY, diversity.FAMILY, budget.FAMILY, fixed_sites.FAMILY, side_constraints.FAMILY,
    spacing.FAMILY,
)  # fmt: skip
"""All families, in the order they report."""


def kinds() -> tuple[LimitKind, ...]:
    """Return the kinds of limits of all families, in the order in which analysis drops them."""
    found = [kind for family in FAMILIES for kind in family.kinds]
    return tuple(sorted(found, key=lambda kind: kind.order))


def kind_of(key: LimitKey) -> LimitKind:
    """Return the kind of a limit."""
    return next(kind for kind in kinds() if kind.holds(key))


def all_rows(problem: Problem, *, without: Sequence[str] = ()) -> Rows:
    """Return the rows of all families but those named."""
    return join([family.rows(problem) for family in FAMILIES if family.name not in without])


def with_cuts(restriction: Restriction, cuts: Sequence[Cut | OptionCut]) -> Rows:
    """Return the rows of all families, and those cuts that a plan of the restriction can violate."""
    part = restriction.part
    return join([all_rows(part), that_bind(cut_rows(restriction, cuts), part)])


def usage(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return what a plan uses of every limit: one table of all families' reports."""
    tables = [family.report(problem, blocks) for family in FAMILIES]
    return pd.concat([table for table in tables if len(table)], ignore_index=True)
