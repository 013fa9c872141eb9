"""Inputs of a plan: tables, scenario and grid; the problem and the verification made from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siteopt.portfolio.build import build_problem
from siteopt.portfolio.verification import verify

if TYPE_CHECKING:
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.grid_oracle import GridLike
    from siteopt.portfolio.search.plan import Plan
    from siteopt.scenario import Scenario

__all__ = ["PlanInputs"]


@dataclass(frozen=True, eq=False)
class PlanInputs:
    """Tables, scenario and grid of one portfolio problem.

    Attributes
    ----------
    sites, options, headroom : DataFrame
        As `build_problem` takes them; ``options`` also with ``voltage_kv`` and, with a grid,
        ``bus_id``.
    described : DataFrame
        Criteria by ``site_id``, with ``basin_id`` and ``supply_m3_day`` of the basin.
    scores : DataFrame
        By ``site_id``: ``suitability`` in 0..1.
    scenario : Scenario
        Targets, limits, objective and solver settings.
    grid : GridLike, optional
        The grid whose flow limits the plan must keep; none by default.
    part_basins : DataFrame, optional
        ``basin_id`` and ``supply_m3_day`` of basins that water campuses, beside those of the
        sites.
    discount_pct : float
        Yearly rate at which costs of later years are discounted to the first year of the plan.
    """

    sites: pd.DataFrame
    described: pd.DataFrame
    scores: pd.DataFrame
    options: pd.DataFrame
    headroom: pd.DataFrame
    scenario: Scenario
    grid: GridLike | None = None
    part_basins: pd.DataFrame | None = None
    discount_pct: float = 0.0

    @cached_property
    def facts(self) -> pd.DataFrame:
        """Criteria by ``site_id``, with ``suitability``."""
        return self.described.join(self.scores[["suitability"]])

    @cached_property
    def _basins(self) -> pd.DataFrame:
        columns = ["basin_id", "supply_m3_day"]
        tables = [self.facts[columns]]
        if self.part_basins is not None:
            tables.append(self.part_basins[columns])
        return pd.concat(tables).drop_duplicates("basin_id")

    def problem(self) -> Problem:
        """Return the problem as arrays, without any flow limit."""
        buses = () if self.grid is None else self.grid.bus_id
        return build_problem(
            self.sites, self.facts, self.options, self.headroom, self._basins, self.scenario,
            buses, self.discount_pct,
        )  # fmt: skip

    def check(self, problem: Problem, plan: Plan) -> None:
        """Verify a plan against the raw tables, and its flows against the raw grid case.

        Parameters
        ----------
        problem : Problem
            The problem of the plan.
        plan : Plan
            The plan to verify.

        Raises
        ------
        SolverError
            If it contradicts them.
        """
        verify(
            self.sites, self.facts, self.options, self.headroom, self._basins, self.scenario,
            plan.table(problem), plan.steps(problem), self.discount_pct,
        )  # fmt: skip
        if self.grid is not None:
            for drawn in np.unique(problem.yearly_bus_loads(plan.blocks), axis=0):
                self.grid.verify(drawn)
