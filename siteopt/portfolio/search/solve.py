"""The best plan of a problem: relaxation, search, and what is left to prove."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.errors import InfeasibleError, SolverError
from siteopt.portfolio import constraints
from siteopt.portfolio.bounds.column_generation import Relaxation
from siteopt.portfolio.bounds.reduced_cost import SHORT, without_cost
from siteopt.portfolio.search.gap_closing import MANY_OPTIONS, close_gap
from siteopt.portfolio.search.plan import Plan
from siteopt.portfolio.search.restricted_mips import STAGES, Found, promising, search
from siteopt.portfolio.solver.backends import LEAN, Answer, Limits, solve_by, solver_version
from siteopt.portfolio.solver.deadline import Clock
from siteopt.portfolio.solver.mip import plan_values, program_arrays, whole_blocks

if TYPE_CHECKING:
    from collections.abc import Callable

    from siteopt._arrays import Ints
    from siteopt.portfolio.bounds.reduced_cost import Bound
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.restricted_mips import Program
    from siteopt.scenario import Solver


__all__ = ["solve"]

_LOG: Final = logging.getLogger(__name__)

_LATE, _LATE_S = 0.1, 2.0  # of the time limit, but seconds at least, once it is over without a plan
_RELAXATION_TIME = 0.4  # of the time limit; the rest is for plans
_FIRST = 150  # options in the first program; the incumbent needs no more on most instances


def solve(problem: Problem, settings: Solver, served: Callable[[Ints], bool] | None = None) -> Plan:
    """Find the best plan of a problem.

    Parameters
    ----------
    problem : Problem
        See `build_problem`.
    settings : Solver
        Which solver, at which gap, for how long.
    served : callable, optional
        Called with every better plan (blocks an option) on the way; where it says no, the search
        ends there with that plan, unproven.

    Returns
    -------
    Plan
        Its status says what is proven: 'optimal' within the gap, or 'feasible' with a gap.

    Raises
    ------
    InfeasibleError
        If it is proven that no plan meets all limits; `diagnose` says which ones conflict.
    SolverError
        If the time limit passed without any plan.
    """
    clock = Clock(settings.time_limit_s)
    kept = problem.open_options()
    part = problem.take(kept)
    if part.options == 0:
        raise InfeasibleError(_NO_PLAN)
    relaxation = Relaxation(part)
    bound = relaxation.solve(seconds=_RELAXATION_TIME * clock.left)
    relaxed_s = clock.used
    _LOG.info(
        "relaxation of %d sites, %d options: at least %.6g (%.2f s)",
        part.sites, part.options, bound.value, relaxed_s,
    )  # fmt: skip
    if relaxation.artificial > SHORT and _hopeless(part, clock):
        raise InfeasibleError(_NO_PLAN)

    def goes_on(plan: Ints) -> bool:
        return served is None or served(_whole(plan, kept, problem))

    largest = MANY_OPTIONS if settings.name == "highs" else part.options
    program = _from_model(part, bound, settings)
    found = search(
        part, bound, program, clock, settings.gap, _FIRST, served=goes_on, largest=largest
    )
    if not found.ended:
        found = close_gap(part, bound, found, settings, clock, goes_on)
    if found.proven and found.blocks is None:
        raise InfeasibleError(_NO_PLAN)
    if found.blocks is None:
        found = _late(part, bound, found, settings)
        if found.blocks is not None:
            goes_on(found.blocks)  # no time is left, so whether more is wanted does not matter
    if found.blocks is None:
        raise SolverError(
            f"no plan found in {settings.time_limit_s:g} s; raise solver.time_limit_s"
        )
    blocks = _whole(found.blocks, kept, problem)
    objective = problem.worth(blocks)
    _LOG.info(
        "plan: %.9g, bound %.9g, %s (%.2f s)",
        objective, min(found.bound, objective),
        "optimal" if found.proven else "feasible", clock.used,
    )  # fmt: skip
    return Plan(
        blocks=blocks,
        status="optimal" if found.proven else "feasible",
        objective=objective,
        bound=min(found.bound, objective),
        solver=solver_version(settings.name),
        seconds=clock.used,
        measured={
            "sites": part.sites,
            "options": part.options,
            "relaxation": bound.value,
            "relaxation_s": relaxed_s,
            "stages": found.stages,
        },
    )


def _from_model(part: Problem, bound: Bound, settings: Solver) -> Program:
    """Return a program with the cuts of a bound, solved by the solver of the settings."""

    def program(
        kept: Ints, begin: Ints | None, seconds: float, threshold: float
    ) -> tuple[Answer, Ints | None]:
        del threshold  # solutions are better found than cut off: the plan is solved only once
        small = part.take(kept)
        rows = constraints.with_cuts(small, bound.cuts, part, kept)
        limits = Limits(gap=settings.gap / 2, seconds=seconds, threads=settings.threads)
        start = None if begin is None else plan_values(small, rows, begin)
        lean = small.options > _FIRST and begin is not None
        arrays = program_arrays(small, rows)
        answer = solve_by(settings.name, arrays, limits, start, **(LEAN if lean else {}))
        return answer, None if answer.values is None else whole_blocks(small, answer.values)

    return program


def _late(part: Problem, bound: Bound, found: Found, settings: Solver) -> Found:
    """Look for any plan when time is up without one: the first that comes, and no cut in its way.

    A plan somewhat late is better than none.
    """
    kept = np.sort(promising(part, bound)[: STAGES[-1]])
    small = part.take(kept)
    seconds = max(_LATE * settings.time_limit_s, _LATE_S)
    limits = Limits(gap=settings.gap, seconds=seconds, threads=settings.threads)
    answer = solve_by(settings.name, program_arrays(small), limits, mip_max_improving_sols=1)
    if answer.values is None:
        return found
    blocks = np.zeros(part.options, dtype=np.int64)
    blocks[kept] = whole_blocks(small, answer.values)
    objective = part.worth(blocks)
    return replace(found, blocks=blocks, objective=objective, bound=min(found.bound, objective))


def _whole(blocks: Ints, kept: Ints, problem: Problem) -> Ints:
    """Return the blocks of some options as blocks of all options of a problem."""
    whole = np.zeros(problem.options, dtype=np.int64)
    whole[kept] = blocks
    return whole


def _hopeless(part: Problem, clock: Clock) -> bool:
    """Return whether the relaxation proves that no plan meets all limits."""
    return Relaxation(without_cost(part)).solve(SHORT, clock.left).value > SHORT


_NO_PLAN = "scenario: no plan meets all limits; relax the limits in conflict"
