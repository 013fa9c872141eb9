"""Cross-check: the plan proven a second time, by another solver or by the same without its presolve.

Reduced-cost fixing leaves out what no better plan can have; what is left is one MIP, and its proof
rests on one solver. So all options that a better plan could have, whatever kernel search, dominance
and cutting planes left out, are solved once more: by CBC through PuLP where HiGHS found the plan,
else and where they are many by HiGHS without presolve. Its plan may not be cheaper than the bound,
and its bound not above the plan.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from siteopt.errors import SolverError
from siteopt.portfolio.bounds.column_generation import RestrictedMaster
from siteopt.portfolio.problem.restriction import Restriction
from siteopt.portfolio.solver.backends import Limits, solve_by, solver_version
from siteopt.portfolio.solver.mip import program_arrays, whole_blocks

if TYPE_CHECKING:
    from siteopt._arrays import Floats, Ints
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.plan import Plan
    from siteopt.portfolio.solver.mip import Arrays
    from siteopt.portfolio.solver.result import Result
    from siteopt.scenario import Solver


__all__ = ["CrossCheck", "cross_check"]

_SECONDS: Final = 5.0
_CBC_MOST: Final = 1_500
"""Options that CBC is given; the national program has some 700 and takes it 1.4 s."""
_MOST: Final = 3_000
"""Options that HiGHS without presolve is given; more are not worth their time."""
_ROUNDING: Final = 1e-6
"""Relative; what two solvers may differ by beyond their gaps."""


@dataclass(frozen=True)
class CrossCheck:
    """Result of solving a plan's program a second way."""

    solver: str
    """Name and version, and in which way; '' where the program was too large."""
    result: Literal["agrees", "not settled", "too large"]
    """agrees: it proves the plan within the gaps. not settled: it found no contradiction in its
    time. too large: it was not run."""
    options: int
    """Options of the program: all that a better plan could have, and those of the plan."""
    objective: float | None
    """Its best plan."""
    bound: float | None
    """Its bound, where it has one."""

    def record(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def cross_check(
    problem: Problem, plan: Plan, settings: Solver, seconds: float = _SECONDS
) -> CrossCheck:
    """Solve the program of a plan a second way.

    Parameters
    ----------
    problem : Problem
        The one that the plan answers, with the flow limits that are known.
    plan : Plan
        Its plan.
    settings : Solver
        How it was solved.
    seconds : float
        Wall seconds that the second solver has.

    Returns
    -------
    CrossCheck
        The result of the other solver, where it does not contradict.

    Raises
    ------
    SolverError
        If it finds a plan below the bound, or proves that there is none as good as the plan.
    """
    kept = _candidates(problem, plan)
    if len(kept) > _MOST:
        return CrossCheck("", "too large", len(kept), None, None)
    small = problem.take(kept)
    arrays = program_arrays(small)
    # The plan itself would make the check dependent. Only its cost is given, as a cutoff: where
    # the other solver finds no plan, it contradicts.
    most = plan.objective + _ROUNDING * max(abs(plan.objective), 1.0)
    limits = Limits(gap=settings.gap / 2, seconds=seconds, threads=1, cutoff=most)
    other = settings.name == "highs" and len(kept) <= _CBC_MOST
    solver, answer = _solve_by_cbc(arrays, limits) if other else _solve_by_highs(arrays, limits)
    objective = (
        None if answer.incumbent is None else small.worth(whole_blocks(small, answer.incumbent))
    )
    none = answer.status in ("infeasible", "cutoff") and objective is None
    _refuse_contradiction(plan, solver, objective, np.inf if none else answer.bound)
    return CrossCheck(
        solver=solver,
        result="agrees" if answer.status == "optimal" else "not settled",
        options=len(kept),
        objective=objective,
        bound=float(answer.bound) if np.isfinite(answer.bound) else None,
    )


def _candidates(problem: Problem, plan: Plan) -> Ints:
    """Return the open options that a plan below the cost of this one could have, and its own."""
    opened = Restriction.to_open(problem)
    bound = RestrictedMaster(opened.part, rounding=False).solve()
    near = opened.options[bound.fixing(plan.objective)]
    return np.union1d(near, np.flatnonzero(plan.blocks > 0))


def _solve_by_cbc(arrays: Arrays, limits: Limits) -> tuple[str, Result[Floats]]:
    """Solve by CBC, and where this machine has none by HiGHS in another way."""
    try:
        return solver_version("cbc"), solve_by("cbc", arrays, limits)
    except SolverError:
        return _solve_by_highs(arrays, limits)


def _solve_by_highs(arrays: Arrays, limits: Limits) -> tuple[str, Result[Floats]]:
    """Solve by HiGHS without presolve."""
    solver = f"{solver_version('highs')}, presolve off"
    return solver, solve_by("highs", arrays, limits, presolve="off")


def _refuse_contradiction(plan: Plan, solver: str, objective: float | None, bound: float) -> None:
    """Raise SolverError where the result of another solver contradicts the plan."""
    slack = 2 * _ROUNDING * max(abs(plan.objective), 1.0)
    if objective is not None and objective < plan.bound - slack:
        raise SolverError(
            f"{solver} finds a plan at {objective:,.6f}, below the proven bound {plan.bound:,.6f} of "
            f"{plan.solver}; this is a defect, please report it"
        )
    if bound > plan.objective + slack:
        raise SolverError(
            f"{solver} proves that no plan is as good as {plan.objective:,.6f}, {plan.solver} has "
            "one; this is a defect, please report it"
        )
