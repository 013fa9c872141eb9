"""Plan pool as matrices: what many plans cost under one set of prices after another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from scipy import sparse

from siteopt.limit_key import LimitKey
from siteopt.portfolio.robust.fixed_plan import blocks_of_steps, fixed_plan_cost

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from siteopt._arrays import Bools, Floats
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.grid_oracle import GridLike

__all__ = ["CostedPlans", "cost_by_known_cuts", "distinct_plans"]


@dataclass(frozen=True, eq=False)
class CostedPlans:
    """Plans that meet all limits of a problem; prices may change, limits not.

    Attributes
    ----------
    sites : list of str
        Sites of all plans, rising.
    has : ndarray of bool
        (P, sites) which plan has which.
    opened, blocks : csr_array
        (P, O) openings and blocks of each plan.
    energy_bn_krw : ndarray
        (P,) what the known cuts prove of its energy beside the prices in its options.
    """

    sites: list[str]
    has: Bools
    opened: sparse.csr_array[np.float64]
    blocks: sparse.csr_array[np.float64]
    energy_bn_krw: Floats

    @classmethod
    def of(cls, problem: Problem, pool: Sequence[pd.DataFrame]) -> Self:
        """Return those plans of a pool that meet all limits, in its order.

        Parameters
        ----------
        problem : Problem
            With the flow limits that are known.
        pool : sequence of DataFrame
            ``option_id``, ``year`` and ``it_mw`` of each plan.
        """
        plans = []
        for steps in pool:
            found = blocks_of_steps(problem, steps)
            if (
                not isinstance(found, LimitKey)
                and fixed_plan_cost(problem, None, steps).is_feasible
            ):
                plans.append(found)
        table = np.array(plans, dtype=np.int64).reshape(len(plans), problem.options)
        opened = np.array([problem.opened(plan) for plan in plans]).reshape(table.shape)
        which = [np.unique(problem.option_site[plan > 0]) for plan in table]
        sites = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *which]))
        return cls(
            problem.site_id[sites].tolist(),
            np.array([np.isin(sites, own) for own in which]).reshape(len(plans), len(sites)),
            sparse.csr_array(opened.astype(np.float64)),
            sparse.csr_array(table.astype(np.float64)),
            np.array([problem.energy_bn_krw(plan) for plan in plans], dtype=np.float64),
        )

    def __len__(self) -> int:
        """Return the number of plans."""
        return len(self.has)

    def cost(self, problem: Problem) -> Floats:
        """Return the objective (P,) of every plan.

        Parameters
        ----------
        problem : Problem
            With the same options and limits; its prices count.
        """
        fixed, each = self.opened @ problem.worth_fixed, self.blocks @ problem.worth_block
        return np.asarray(fixed + each + self.energy_bn_krw, dtype=np.float64)


def distinct_plans(problem: Problem, plans: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    """Return plans as steps, each once, in order; those with options that there are not are left out.

    Parameters
    ----------
    problem : Problem
        Whose options count.
    plans : sequence of DataFrame
        ``option_id``, ``year`` and ``it_mw`` of each.
    """
    options, years = set(problem.option_id.tolist()), set(problem.years.tolist())
    found: dict[tuple[tuple[str, int, float], ...], pd.DataFrame] = {}
    for steps in plans:
        kept = steps[["option_id", "year", "it_mw"]].sort_values(["option_id", "year"])
        key = tuple(kept.itertuples(index=False, name=None))
        if set(kept["option_id"]) <= options and set(kept["year"]) <= years:
            found.setdefault(key, kept.reset_index(drop=True))
    return list(found.values())


def cost_by_known_cuts(problem: Problem, grid: GridLike | None, steps: pd.DataFrame) -> float:
    """Return the objective of a plan as it stands, energy by the known cuts; infinite where it breaks a limit.

    Parameters
    ----------
    problem : Problem
        With the flow limits and the cuts of energy that are known.
    grid : GridLike or None
        Grid whose flow limits it must keep.
    steps : DataFrame
        ``option_id``, ``year`` and ``it_mw`` of the plan.
    """
    blocks = blocks_of_steps(problem, steps)
    if isinstance(blocks, LimitKey) or not fixed_plan_cost(problem, grid, steps).is_feasible:
        return np.inf
    return problem.worth(blocks)
