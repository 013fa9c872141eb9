"""A plan: which sites are built, how big, through which connection, and what is proven of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from siteopt.portfolio import families

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.portfolio.problem import Problem

    Ints = NDArray[np.int64]

__all__ = ["Plan"]


@dataclass(frozen=True, eq=False)
class Plan:
    """The answer of the program to a `Problem`."""

    blocks: Ints
    """(O,) blocks built through each option of the problem, 0 where not built."""
    status: Literal["optimal", "feasible"]
    """optimal: proven within the gap that was asked for. feasible: stopped before that."""
    objective: float
    """Cost in bn KRW, or minus suitable MW where suitability is maximised."""
    bound: float
    """Proven lower bound on the objective of any plan."""
    solver: str
    """Name and version."""
    seconds: float
    """Wall seconds."""
    measured: dict[str, Any] = field(default_factory=dict)
    """Sizes and stages of the solving, for the record of a run."""

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
        """Return one row a chosen site.

        Columns ``site_id``, ``option_id``, ``blocks``, ``it_mw``, ``facility_mw``,
        ``water_m3_day``, ``cost_bn_krw``, ``capital_bn_krw``; sorted by site.
        """
        built = np.flatnonzero(self.blocks > 0)
        blocks = self.blocks[built]
        return pd.DataFrame(
            {
                "site_id": problem.site_id[problem.option_site[built]],
                "option_id": problem.option_id[built],
                "blocks": blocks,
                "it_mw": blocks * problem.block_mw,
                "facility_mw": blocks * problem.facility_mw[built],
                "water_m3_day": blocks * problem.water_m3_day[built],
                "cost_bn_krw": problem.fixed_bn_krw[built] + blocks * problem.block_bn_krw[built],
                "capital_bn_krw": problem.capital_fixed_bn_krw[built]
                + blocks * problem.capital_block_bn_krw[built],
            }
        )

    def limits(self, problem: Problem) -> pd.DataFrame:
        """Return what the plan uses of every named limit; see `families.usage`."""
        return families.usage(problem, self.blocks)
