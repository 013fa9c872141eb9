"""The portfolio of a run in one call on tables: plan, ranking, and what lies around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from siteopt.portfolio.further import Further, look_further
from siteopt.portfolio.planned import Portfolio, plan_sites
from siteopt.portfolio.valued import value_sites

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from siteopt.portfolio._conflict_words import Names
    from siteopt.portfolio.task import Task

__all__ = ["Answer", "plan_portfolio"]


@dataclass(frozen=True, eq=False)
class Answer:
    """The plan and the ranking around it.

    Attributes
    ----------
    plan : Portfolio
        The chosen sites.
    ranking : DataFrame
        See `siteopt.portfolio.Ranking`.
    complete : bool
        Whether all that was asked for is proven: the plan within the gap, and the ranking.
    measured : dict
        Sizes and seconds of the solving; differs from run to run.
    further : Further
        Other plans close to the best cost, which sites are in all of them, and trade-offs.
    """

    plan: Portfolio
    ranking: pd.DataFrame
    complete: bool
    measured: dict[str, Any]
    further: Further


def plan_portfolio(task: Task, names: Callable[[], Names] | None = None) -> Answer:
    """Choose the portfolio, check it against the raw tables, and rank every site.

    Parameters
    ----------
    task : Task
        Tables, scenario and grid.
    names : callable, optional
        What provinces and stations are called, asked where there is no plan; codes by default.

    Returns
    -------
    Answer
        With the ranking of all sites, best first.

    Raises
    ------
    InfeasibleError
        If no plan meets the scenario; the message names the limits in conflict.
    SolverError
        If there is no plan within the time limit, or it contradicts the raw tables.
    """
    planned = plan_sites(task, names)
    valued = value_sites(task, planned)
    more, spent = look_further(task, planned.plan, valued)
    return Answer(
        plan=planned.portfolio.within(valued.problem, planned.plan),
        ranking=valued.table,
        complete=planned.plan.status == "optimal" and valued.complete,
        measured=planned.measured | valued.measured | spent,
        further=more,
    )
