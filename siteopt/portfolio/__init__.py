"""The portfolio: the program, its solving, the ranking of sites, diagnosis and verification."""

from __future__ import annotations

from siteopt.portfolio._conflict_words import Names
from siteopt.portfolio.answer import Answer, Portfolio, plan_portfolio
from siteopt.portfolio.building import build_problem
from siteopt.portfolio.diagnosis import Diagnosis, diagnose
from siteopt.portfolio.further import Further
from siteopt.portfolio.plan import Plan
from siteopt.portfolio.problem import Problem
from siteopt.portfolio.ranking import Ranking, rank
from siteopt.portfolio.solving import solve
from siteopt.portfolio.verification import verify

__all__ = [
    "Answer",
    "Diagnosis",
    "Further",
    "Names",
    "Plan",
    "Portfolio",
    "Problem",
    "Ranking",
    "build_problem",
    "diagnose",
    "plan_portfolio",
    "rank",
    "solve",
    "verify",
]
