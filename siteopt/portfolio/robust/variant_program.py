"""The program of one variant: its problem, its grid, and its least cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from siteopt.portfolio.robust.fixed_plan import FixedPlanCost, fixed_plan_cost

if TYPE_CHECKING:
    import pandas as pd

    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.grid_oracle import GridLike

__all__ = ["VariantProgram"]


@dataclass(frozen=True, eq=False)
class VariantProgram:
    """One variant of a set, solved."""

    name: str
    """Id of the variant."""
    problem: Problem
    """Its problem, without flow limits and energy cuts."""
    grid: GridLike | None
    """Its grid, with the energy program where clean energy is matched."""
    steps: pd.DataFrame
    """`Plan.steps` of its own plan."""
    least_bn_krw: float
    """Objective of its own plan."""
    probability: float
    """Weight of the variant in the expected cost."""
    flow_limits: Problem | None = None
    """Its problem with the flow limits that its own plan met; None where none are known."""
    _known: dict[tuple[tuple[Any, ...], ...], FixedPlanCost] = field(
        default_factory=dict, init=False, repr=False
    )
    """Costs of plans that were asked for."""

    @property
    def is_matched(self) -> bool:
        """Whether clean energy is matched, so that the energy program is part of the cost."""
        return self.grid is not None and self.grid.energy is not None and self.problem.energy_counts

    def cost_of(self, steps: pd.DataFrame) -> FixedPlanCost:
        """Return what a plan costs in this variant, or the limit that it breaks.

        Parameters
        ----------
        steps : DataFrame
            `Plan.steps` of the plan.
        """
        key = tuple(steps[["option_id", "year", "it_mw"]].itertuples(index=False, name=None))
        if key not in self._known:
            self._known[key] = fixed_plan_cost(self.problem, self.grid, steps)
        return self._known[key]

    def regret_bn_krw(self, steps: pd.DataFrame) -> float:
        """Return what a plan costs more here than the best plan; inf where it breaks a limit.

        Parameters
        ----------
        steps : DataFrame
            `Plan.steps` of the plan.
        """
        return max(self.cost_of(steps).cost_bn_krw - self.least_bn_krw, 0.0)
