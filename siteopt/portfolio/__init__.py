"""The portfolio: the program, its solving, the ranking of sites, diagnosis and verification."""

from __future__ import annotations

from siteopt.portfolio.plan import Plan
from siteopt.portfolio.problem import Problem, build_problem
from siteopt.portfolio.ranking import Ranking, rank
from siteopt.portfolio.search import solve
from siteopt.portfolio.verification import verify

__all__ = ["Plan", "Problem", "Ranking", "build_problem", "rank", "solve", "verify"]
