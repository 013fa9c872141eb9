"""Portfolio optimisation: problem, solution, ranking, post-optimal analysis and verification."""

from __future__ import annotations

from siteopt.portfolio.analysis import Further, analyse_plan
from siteopt.portfolio.build import build_problem
from siteopt.portfolio.infeasibility.diagnose import Diagnosis, diagnose
from siteopt.portfolio.inputs import PlanInputs
from siteopt.portfolio.optimal_plan import OptimalPlan, Portfolio, plan_sites
from siteopt.portfolio.problem.problem import Problem
from siteopt.portfolio.ranking.rank import Ranking, rank
from siteopt.portfolio.search.plan import Plan
from siteopt.portfolio.search.solve import solve
from siteopt.portfolio.site_values import SiteValues, rank_sites
from siteopt.portfolio.solver.to_pulp import to_pulp
from siteopt.portfolio.verification import verify

__all__ = [
    "Diagnosis",
    "Further",
    "OptimalPlan",
    "Plan",
    "PlanInputs",
    "Portfolio",
    "Problem",
    "Ranking",
    "SiteValues",
    "analyse_plan",
    "build_problem",
    "diagnose",
    "plan_sites",
    "rank",
    "rank_sites",
    "solve",
    "to_pulp",
    "verify",
]
