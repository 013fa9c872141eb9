"""A whole answer to a task, its stages one after the other as the pipeline asks for them."""

from typing import NamedTuple

import pandas as pd

from siteopt.portfolio import Further, Portfolio, analyse_plan, plan_sites, rank_sites
from siteopt.report.diagnosis import details_of, message_of


class Answered(NamedTuple):
    """What a run says of a task."""

    plan: Portfolio
    ranking: pd.DataFrame
    complete: bool
    further: Further


def answered(task):
    """Return plan, ranking and what lies around them."""
    planned = plan_sites(
        task, lambda problem, found: (message_of(problem, found), details_of(problem, found))
    )
    valued = rank_sites(task, planned)
    return Answered(
        plan=planned.portfolio.within(valued.problem, planned.plan),
        ranking=valued.table,
        complete=planned.plan.status == "optimal" and valued.complete,
        further=analyse_plan(task, planned.plan, valued),
    )
