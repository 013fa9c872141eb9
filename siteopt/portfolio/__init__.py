"""The portfolio: the program, its solving, the ranking of sites, diagnosis and verification."""

from __future__ import annotations

from siteopt.portfolio._conflict_words import Names
from siteopt.portfolio.building import build_problem
from siteopt.portfolio.diagnosis import Diagnosis, diagnose
from siteopt.portfolio.further import Further, look_further
from siteopt.portfolio.plan import Plan
from siteopt.portfolio.planned import Planned, Portfolio, plan_sites
from siteopt.portfolio.problem import Problem
from siteopt.portfolio.ranking import Ranking, rank
from siteopt.portfolio.solving import solve
from siteopt.portfolio.task import Task
from siteopt.portfolio.valued import Valued, value_sites
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
    "value_sites",
    "verify",
]
