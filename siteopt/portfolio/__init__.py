"""The portfolio: the program, its solving, the ranking of sites, diagnosis and verification."""

from __future__ import annotations

from siteopt.portfolio.analysis import Further, look_further
from siteopt.portfolio.build import build_problem
from siteopt.portfolio.infeasibility.diagnose import Diagnosis, diagnose
from siteopt.portfolio.inputs import Task
from siteopt.portfolio.optimal_plan import Planned, Portfolio, plan_sites
from siteopt.portfolio.problem.problem import Problem
from siteopt.portfolio.ranking.rank import Ranking, rank
from siteopt.portfolio.search.plan import Plan
from siteopt.portfolio.search.solve import solve
from siteopt.portfolio.site_values import Valued, value_sites
from siteopt.portfolio.verification import verify

__all__ = [
    "Diagnosis",
    "Further",
    "Plan",
    "Planned",
    "Portfolio",
    "Problem",
    "Ranking",
    "Task",
    "Valued",
    "build_problem",
    "diagnose",
    "look_further",
    "plan_sites",
    "rank",
    "solve",
    "value_sites",
    "verify",
]
