"""What every site is worth to the best plan.

A chosen site is worth what the best plan loses without it. Any other site costs what the best
plan loses with it forced in (its regret). Both are differences of two optima, so both come with
a proven bound.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from siteopt.portfolio.model import build_model
from siteopt.portfolio.solver import Limits, solve_arrays

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.portfolio.plan import Plan
    from siteopt.portfolio.problem import Problem
    from siteopt.scenario import Ranking as RankingSettings
    from siteopt.scenario import Solver

    Floats = NDArray[np.float64]

__all__ = ["Ranking", "rank"]

TIE = 1e-6
"""Relative to the objective: values nearer than this are tied."""


@dataclass(frozen=True, eq=False)
class Ranking:
    """All sites, best first.

    ``table`` has one row a site: ``rank`` (tied sites share the smallest), ``tied`` (how many
    share it), ``site_id``, ``chosen``, ``proof`` ('exact', 'bounded', 'impossible',
    'indispensable'), ``value_bn_krw`` (chosen sites: what the plan loses without it),
    ``regret_bn_krw`` (others: what it loses with it), ``lower_bn_krw``, ``upper_bn_krw`` (proven
    bounds on that figure) and ``reason`` (the gate that closes an impossible site). Where
    suitability is maximised the unit in the names is ``suitable_mw``.
    """

    table: pd.DataFrame
    exact_others: int
    """How many sites that are not chosen have an exact regret and are proven the best ones."""
    seconds: float
    measured: dict[str, Any] = field(default_factory=dict)


def rank(problem: Problem, plan: Plan, settings: RankingSettings, solver: Solver) -> Ranking:
    """Rank all sites of a problem around its plan."""
    kept = problem.open_options()
    part = problem.take(kept)
    arrays = build_model(part).arrays()
    lower, upper = np.zeros(problem.sites), np.full(problem.sites, np.inf)
    chosen = np.zeros(problem.sites, dtype=np.bool_)
    chosen[plan.chosen(problem)] = True
    whole = np.unique(problem.option_site[kept])
    first = 2 * part.options
    for place, site in enumerate(whole):
        column = first + place
        low, high = arrays.lower.copy(), arrays.upper.copy()
        arrays.lower[column] = arrays.upper[column] = 0.0 if chosen[site] else 1.0
        answer = solve_arrays(arrays, Limits(threads=solver.threads))
        arrays.lower[:], arrays.upper[:] = low, high
        lower[site] = answer.bound - plan.objective
        upper[site] = answer.objective - plan.objective
    table = pd.DataFrame(
        {
            "site_id": problem.site_id,
            "chosen": chosen,
            "value_bn_krw": np.where(chosen, upper, np.nan),
            "regret_bn_krw": np.where(chosen, np.nan, upper),
            "lower_bn_krw": lower,
            "upper_bn_krw": upper,
            "reason": problem.site_gate,
        }
    )
    return Ranking(table, settings.exact_others, 0.0)
