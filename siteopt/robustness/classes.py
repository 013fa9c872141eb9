"""Classes of sites and places: what an answer can be trusted to say of each.

The plan is proven for one set of assumptions. Over many, a place is

- ``robust``: in the plan in at least ``robust_share_pct`` of the draws (80 by default);
- ``competitive``: in the plan of the run, or in that of some draw, but in fewer;
- ``dominated``: it can be built, and is in no plan;
- ``not_possible``: a limit closes it in the run and in every draw.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from siteopt.robustness.acceptability import exact_interval

if TYPE_CHECKING:
    from siteopt.robustness.draws import Draws

__all__ = ["CLASSES", "ClassName", "class_of", "classify", "place_classes"]

ClassName = Literal["robust", "competitive", "dominated", "not_possible"]

CLASSES: Final[tuple[ClassName, ...]] = ("robust", "competitive", "dominated", "not_possible")
"""From the surest to the least."""


def class_of(share_pct: float, robust_share_pct: float, *, in_plan: bool, can: bool) -> ClassName:
    """Return the class of a place.

    Parameters
    ----------
    share_pct : float
        Share of the draws in whose plan it is.
    robust_share_pct : float
        Least share of a robust place.
    in_plan : bool
        Whether it is in the plan of the run.
    can : bool
        Whether it can be built, in the run or in some draw.
    """
    if share_pct >= robust_share_pct:
        return "robust"
    if in_plan or share_pct > 0:
        return "competitive"
    return "dominated" if can else "not_possible"


def classify(
    draws: Draws, included: pd.DataFrame, in_plan: set[str], can: set[str], robust_share_pct: float
) -> pd.DataFrame:
    """Return the class of every candidate.

    Parameters
    ----------
    draws : Draws
        Plans of all draws.
    included : DataFrame
        From `siteopt.robustness.acceptability.inclusion`.
    in_plan : set of str
        Sites of the plan of the run.
    can : set of str
        Sites that can be built in the run.
    robust_share_pct : float
        Least share of a robust site.

    Returns
    -------
    DataFrame
        Indexed by ``site_id``: ``class``, ``in_plan_pct`` (share of draws) and its exact 95 %
        interval ``in_plan_low_pct`` and ``in_plan_high_pct``.
    """
    sites = pd.Index(draws.standing.columns.astype(str), name="site_id")
    own = included[included["level"] == "site"].set_index("place")
    planned = int(draws.table["status"].isin(["optimal", "feasible"]).sum())
    never = 100.0 * exact_interval(0, planned)[1]
    possible = np.isfinite(draws.standing.to_numpy()).any(axis=0)
    table = pd.DataFrame(index=sites)
    table["in_plan_pct"] = own["share_pct"].reindex(sites).fillna(0.0)
    table["in_plan_low_pct"] = own["low_pct"].reindex(sites).fillna(0.0)
    table["in_plan_high_pct"] = own["high_pct"].reindex(sites).fillna(never)
    table.insert(
        0,
        "class",
        [
            class_of(share, robust_share_pct, in_plan=name in in_plan, can=name in can or at)
            for name, share, at in zip(sites, table["in_plan_pct"], possible, strict=True)
        ],
    )
    return table


def place_classes(
    included: pd.DataFrame, in_run: pd.DataFrame, robust_share_pct: float
) -> pd.DataFrame:
    """Return the places of `inclusion` with their class, and whether the run's plan has them.

    Parameters
    ----------
    included : DataFrame
        From `siteopt.robustness.acceptability.inclusion`.
    in_run : DataFrame
        Places of the options of the run's plan, a column a level.
    robust_share_pct : float
        Least share of a robust place.

    Returns
    -------
    DataFrame
        ``included`` with ``in_run`` and ``class``.
    """
    there = [
        name in set(in_run[level].astype(str))
        for level, name in zip(included["level"], included["place"], strict=True)
    ]
    found = [
        class_of(share, robust_share_pct, in_plan=own, can=True)
        for share, own in zip(included["share_pct"], there, strict=True)
    ]
    return included.assign(in_run=there, **{"class": found})
