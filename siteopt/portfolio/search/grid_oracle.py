"""Separation oracle of the grid: which flow limits a plan violates, as rows of the program.

The limits are the feasibility cuts of Benders (1962): the dispatch of the grid is the subproblem, and
a limit on loads is the dual ray of a snapshot that cannot serve them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from siteopt.portfolio.constraints.variants import with_flow_limits
from siteopt.portfolio.problem.problem import FlowName

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from siteopt._arrays import Floats, Ints
    from siteopt.portfolio.problem.problem import Problem


__all__ = [
    "EnergyLike", "FlowLimitLike", "GridLike", "HeldLimit", "Watch", "broken_limits",
    "with_limits",
]  # fmt: skip


class FlowLimitLike(Protocol):
    """A limit on loads: ``price @ load <= most_mw``."""

    @property
    def snapshot(self) -> str:
        """Snapshot of the grid case that it was found in."""
        ...

    @property
    def branches(self) -> tuple[tuple[str, str], ...]:
        """Binding branches, each with the branch that is out ('' for none)."""
        ...

    @property
    def more(self) -> int:
        """Number of further binding branches."""
        ...

    @property
    def price(self) -> Floats:
        """(N,) by bus."""
        ...

    @property
    def most_mw(self) -> float:
        """Right side."""
        ...


class EnergyLike(Protocol):
    """What clean energy costs beside its price in the options: a convex function of the loads."""

    def cut(self, load_mw: Floats) -> tuple[float, Floats]:
        """Return the discounted cost (bn KRW) of loads (Y, N), and a subgradient (Y, N) of it."""
        ...


class GridLike(Protocol):
    """The grid, as far as the program needs it."""

    @property
    def energy(self) -> EnergyLike | None:
        """Clean energy that is delivered through it; None where no match is asked for."""
        ...

    @property
    def bus_id(self) -> Sequence[str]:
        """Buses in the order of loads."""
        ...

    def broken(self, loads: Iterable[Floats]) -> Sequence[FlowLimitLike]:
        """Return limits that some of the loads break; none where all can be served."""
        ...

    def verify(self, load_mw: Floats) -> None:
        """Raise SolverError where a load cannot be served after all."""
        ...

    def account(self, load_mw: Floats) -> pd.DataFrame:
        """Return what a load changes in every snapshot."""
        ...

    def further(self, load_mw: Floats, provinces: Sequence[str]) -> pd.DataFrame:
        """Return how much more each province can draw beside a load, and what stops it."""
        ...


@dataclass(frozen=True, eq=False)
class HeldLimit:
    """A flow limit in a year of the plan."""

    name: FlowName
    price: Floats
    most_mw: float
    year: int
    """Index into the years of the problem."""


def broken_limits(
    problem: Problem, grid: GridLike, plans: Sequence[Ints | Floats], reach: float = 1.0
) -> list[HeldLimit]:
    """Return limits that some plans break, their loads drawn out by ``reach``.

    Loads never fall, so the last year is evaluated first; an earlier one can break a limit
    only where a load relieves a branch, and is evaluated when the last year breaks none.
    """
    loads = [problem.yearly_bus_loads(blocks) * reach for blocks in plans]
    for years in ([problem.horizon - 1], range(problem.horizon - 1)):
        found = [
            HeldLimit(
                FlowName(limit.snapshot, limit.branches, limit.more),
                limit.price,
                limit.most_mw,
                year,
            )
            for year in years
            for limit in grid.broken([load[year] for load in loads])
        ]
        if found:
            return found
    return []


def with_limits(problem: Problem, limits: Sequence[HeldLimit]) -> Problem:
    """Return a problem with further flow limits.

    No load at all is always served, so a right side below 0 is rounding and counts as 0.
    """
    if not limits:
        return problem
    return with_flow_limits(
        problem,
        [limit.name for limit in limits],
        np.array([limit.price for limit in limits]),
        np.array([max(limit.most_mw, 0.0) for limit in limits]),
        np.array([limit.year for limit in limits], dtype=np.int64),
    )


class Watch:
    """Oracle on the incumbents of a search: it ends early where they violate a limit."""

    def __init__(self, problem: Problem, grid: GridLike | None) -> None:
        self._problem, self._grid = problem, grid
        self.broken: list[HeldLimit] = []
        self.best: tuple[float, Ints] | None = None
        """Objective and blocks of the best plan that the grid serves."""

    def is_served(self, plan: Ints) -> bool:
        """Return whether the grid serves a plan, better than all before; keep broken limits."""
        if self._grid is not None:
            self.broken.extend(broken_limits(self._problem, self._grid, [plan]))
        if not self.broken:
            self.best = (self._problem.worth(plan), plan)
        return not self.broken
