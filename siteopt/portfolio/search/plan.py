"""A plan: which sites are built, how big, through which connection, and what is proven of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from siteopt.portfolio import constraints

if TYPE_CHECKING:
    from siteopt._arrays import Ints
    from siteopt.portfolio.problem.problem import Problem


__all__ = ["Plan"]


@dataclass(frozen=True, eq=False)
class Plan:
    """The plan of a `Problem` for people: a `Result` that has an incumbent, with tables.

    A type of its own since it is kept, shown and verified without the search that found it: it
    always has blocks, names its solver and makes tables, which no result of a MIP does.
    """

    blocks: Ints
    """(O,) blocks built through each option of the problem, 0 where not built."""
    status: Literal["optimal", "feasible"]
    """optimal: proven within the requested gap. feasible: stopped before that."""
    objective: float
    """Cost in bn KRW, or minus suitable MW where suitability is maximised."""
    bound: float
    """Proven lower bound on the objective of any plan."""
    solver: str
    """Name and version."""
    seconds: float
    """Wall seconds."""
    measured: dict[str, Any] = field(default_factory=dict)
    """Sizes and restricted programs of the search, for the record of a run."""

    @property
    def gap(self) -> float:
        """Proven relative gap between the objective and the bound."""
        if self.objective <= self.bound:
            return 0.0
        return (self.objective - self.bound) / max(abs(self.objective), 1e-9)

    def chosen(self, problem: Problem) -> Ints:
        """Return the indices of the chosen sites, rising."""
        return np.unique(problem.option_site[self.blocks > 0])

    def table(self, problem: Problem) -> pd.DataFrame:
        """Return one row a chosen site, as it is in the last year.

        Columns ``site_id``, ``option_id``, ``open_year``, ``blocks``, ``it_mw``, ``facility_mw``,
        ``water_m3_day``, ``cost_bn_krw`` (discounted), ``capital_bn_krw``; sorted by site.
        """
        steps = self.steps(problem)
        sums = {
            name: (name, "sum")
            for name in (
                "blocks", "it_mw", "facility_mw", "water_m3_day", "cost_bn_krw", "capital_bn_krw",
            )
        }  # fmt: skip
        by_site = steps.groupby(["site_id", "option_id"], sort=True)
        return by_site.agg(open_year=("year", "min"), **sums).reset_index()

    def steps(self, problem: Problem) -> pd.DataFrame:
        """Return one row a site and year in which blocks begin to run there.

        Columns ``site_id``, ``option_id``, ``year``, ``opens``, ``blocks``, ``it_mw``,
        ``facility_mw``, ``water_m3_day``, ``cost_bn_krw`` (discounted), ``capital_bn_krw``: what
        the step adds; sorted by site and year. Where earlier power has a worth also
        ``early_worth_bn_krw`` (discounted).
        """
        built = np.flatnonzero(self.blocks > 0)
        opens = problem.opened(self.blocks)[built]
        blocks = self.blocks[built]
        early = problem.early_block_bn_krw
        worth = {"early_worth_bn_krw": blocks * early[built]} if early.any() else {}
        return pd.DataFrame(
            {
                "site_id": problem.site_id[problem.option_site[built]],
                "option_id": problem.option_id[built],
                "year": problem.years[problem.option_year[built]],
                "opens": opens,
                "blocks": blocks,
                "it_mw": blocks * problem.block_mw,
                "facility_mw": blocks * problem.facility_mw[built],
                "water_m3_day": blocks * problem.water_m3_day[built],
                "cost_bn_krw": np.where(opens, problem.fixed_bn_krw[built], 0.0)
                + blocks * problem.block_bn_krw[built],
                "capital_bn_krw": np.where(opens, problem.capital_fixed_bn_krw[built], 0.0)
                + blocks * problem.capital_block_bn_krw[built],
                **worth,
            }
        )

    def limits(self, problem: Problem) -> pd.DataFrame:
        """Return what the plan uses of every named limit; see `constraints.usage`."""
        return constraints.usage(problem, self.blocks)
