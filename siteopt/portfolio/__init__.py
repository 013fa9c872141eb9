"""The portfolio: the program, its solving, the ranking of sites, diagnosis and verification."""

from __future__ import annotations

from siteopt.portfolio.analysis import Further, look_further
from siteopt.portfolio.infeasibility.conflict_words import Names
from siteopt.portfolio.infeasibility.diagnose import Diagnosis, diagnose
from siteopt.portfolio.inputs import Task
from siteopt.portfolio.optimal_plan import Planned, Portfolio, plan_sites
from siteopt.portfolio.problem.build import build_problem
from siteopt.portfolio.problem.problem import Problem
from siteopt.portfolio.ranking.rank import Ranking, rank
from siteopt.portfolio.search.plan import Plan
from siteopt.portfolio.search.solve import solve
from siteopt.portfolio.site_values import Valued, value_sites
from siteopt.portfolio.solver.to_pulp import to_pulp
from siteopt.portfolio.verification import verify

__all__ = [
    "Diagnosis",
    "Further",
    "Names",
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
    "to_pulp",
    "value_sites",
    "verify",
]
