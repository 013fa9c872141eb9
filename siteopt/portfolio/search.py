"""Search for the best plan, with a proof."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from siteopt.errors import InfeasibleError, SolverError
from siteopt.portfolio.model import build_model
from siteopt.portfolio.plan import Plan
from siteopt.portfolio.solver import Limits, solve_model, solver_version

if TYPE_CHECKING:
    from siteopt.portfolio.problem import Problem
    from siteopt.scenario import Solver

__all__ = ["solve"]


def solve(problem: Problem, settings: Solver) -> Plan:
    """Find the best plan."""
    begun = time.perf_counter()
    kept = problem.open_options()
    part = problem.take(kept)
    model = build_model(part)
    answer = solve_model(
        model,
        settings.name,
        Limits(gap=settings.gap, seconds=settings.time_limit_s, threads=settings.threads),
    )
    if answer.status == "infeasible":
        raise InfeasibleError("no plan meets all limits")
    if answer.values is None:
        raise SolverError("no plan found in the time limit; raise solver.time_limit_s")
    blocks = np.zeros(problem.options, dtype=np.int64)
    blocks[kept] = model.blocks(answer.values)
    status = "optimal" if answer.status == "optimal" else "feasible"
    return Plan(
        blocks,
        status,
        problem.worth(blocks),
        answer.bound,
        solver_version(settings.name),
        time.perf_counter() - begun,
    )
