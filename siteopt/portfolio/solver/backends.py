"""MIP solvers behind one interface: HiGHS through its own handle, CBC through PuLP.

All reading of solver results sits here. PuLP calls a time-limited incumbent "Optimal" and the
solvers name their states differently; what leaves this module is a `Result` whose status is
only what was proven, and whose incumbent was checked against the arrays of the program.
"""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import highspy
import numpy as np
import pulp
from scipy import sparse

from siteopt.errors import SolverError
from siteopt.highs import highs_version, new_model, run_highs
from siteopt.portfolio.solver.mip import Arrays
from siteopt.portfolio.solver.result import Result
from siteopt.portfolio.solver.to_pulp import pulp_model

if TYPE_CHECKING:
    from siteopt._arrays import Floats


__all__ = ["PROOF_ONLY", "Limits", "handle", "solve_arrays", "solve_by", "solver_version"]

PROOF_ONLY: dict[str, Any] = {
    "mip_heuristic_effort": 0.0,
    "mip_allow_restart": False,
    "mip_detect_symmetry": False,
    "mip_heuristic_run_feasibility_jump": False,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_root_reduced_cost": False,
}
"""Options of HiGHS without primal heuristics, restarts and symmetry: for a small program with a good
cutoff or warm start, whose tree has only to be closed."""

# HiGHS holds integrality and rows to 1e-6; a plan is rounded to whole blocks before it is used.
_TOLERANCE = 1e-7


@dataclass(frozen=True)
class Limits:
    """When a solver stops."""

    gap: float = 0.0
    """Relative gap at which it may stop."""
    gap_abs: float = 1e-7
    """Absolute gap at which it may stop."""
    seconds: float = np.inf
    """Wall seconds."""
    threads: int = 1
    """Processor cores."""
    cutoff: float = np.inf
    """Solutions of a higher cost are of no interest."""


def solver_version(name: str) -> str:
    """Return the name and version of a solver, for the record of a run."""
    if name == "cbc":
        return f"CBC (PuLP {pulp.VERSION})"
    return f"HiGHS {highs_version()}"


def handle(arrays: Arrays, **options: Any) -> highspy.Highs:  # noqa: ANN401 - HiGHS options
    """Return a silent HiGHS handle that holds a model, for solving it again and again."""
    return new_model(
        cost=arrays.cost,
        lower=arrays.lower,
        upper=arrays.upper,
        matrix=arrays.matrix,
        row_lower=arrays.row_lower,
        row_upper=arrays.row_upper,
        integer=arrays.integer,
        **options,
    )


def solve_by(
    name: str,
    arrays: Arrays,
    limits: Limits,
    start: Floats | None = None,
    **options: Any,  # noqa: ANN401 - HiGHS options
) -> Result[Floats]:
    """Solve a program by a solver of a name, ``highs`` or ``cbc``; start and options are of HiGHS."""
    if name == "cbc":
        return _solve_cbc(arrays, limits)
    return solve_arrays(arrays, limits, start, **options)


def solve_arrays(
    arrays: Arrays,
    limits: Limits,
    start: Floats | None = None,
    **options: Any,  # noqa: ANN401
) -> Result[Floats]:
    """Solve a program given as arrays by HiGHS.

    Parameters
    ----------
    arrays : Arrays
        The program.
    limits : Limits
        When to stop.
    start : ndarray, optional
        Warm start: values of the columns to begin with.
    **options
        Options of HiGHS by name.
    """
    if not arrays.cost.size:  # HiGHS calls such a model empty and does not check its rows
        return _empty(arrays)
    begun = time.perf_counter()
    highs = handle(
        arrays,
        threads=limits.threads,
        mip_rel_gap=limits.gap,
        mip_abs_gap=limits.gap_abs,
        mip_feasibility_tolerance=_TOLERANCE,
        primal_feasibility_tolerance=_TOLERANCE,
        **options,
    )
    if np.isfinite(limits.seconds):
        highs.setOptionValue("time_limit", max(limits.seconds, 0.01))
    if np.isfinite(limits.cutoff):
        highs.setOptionValue("objective_bound", limits.cutoff)
    if start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = start.tolist()
        highs.setSolution(solution)
    run_highs(highs)
    return _read_highs(highs, arrays, limits, time.perf_counter() - begun)


def _empty(arrays: Arrays) -> Result[Floats]:
    """Return what is proven of a program without columns."""
    nothing = np.empty(0)
    if arrays.meets(nothing):
        return Result("optimal", nothing, 0.0, 0.0, 0.0)
    return Result("infeasible", None, np.inf, np.inf, 0.0)


def _read_highs(
    highs: highspy.Highs, arrays: Arrays, limits: Limits, seconds: float
) -> Result[Floats]:
    """Return what HiGHS proved; its words are trusted only as far as its bound goes."""
    state = highs.getModelStatus()
    kind = highspy.HighsModelStatus
    info = highs.getInfo()
    values, objective = None, np.inf
    if info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
        values, objective = _checked(np.array(highs.getSolution().col_value), arrays)
    bound = float(info.mip_dual_bound) if arrays.integer.any() else objective
    if state in (kind.kInfeasible, kind.kUnboundedOrInfeasible) and values is None:
        if np.isfinite(limits.cutoff):
            return Result("cutoff", None, np.inf, limits.cutoff, seconds)
        return Result("infeasible", None, np.inf, np.inf, seconds)
    if state == kind.kObjectiveBound:
        return Result("cutoff", values, objective, min(limits.cutoff, objective), seconds)
    if state == kind.kOptimal and values is not None:
        if objective > limits.cutoff:  # an upper bound only: HiGHS pruned by the cutoff
            return Result("cutoff", values, objective, limits.cutoff, seconds)
        proven = max(limits.gap_abs, limits.gap * abs(objective)) + 1e-9 * abs(objective)
        if objective - bound <= proven:
            return Result("optimal", values, objective, min(bound, objective), seconds)
    if np.isfinite(limits.cutoff):
        bound = min(bound, limits.cutoff)
    if not np.isfinite(bound):
        bound = -np.inf
    status: Literal["feasible", "unknown"] = "unknown" if values is None else "feasible"
    return Result(status, values, objective, min(bound, objective), seconds)


def _solve_cbc(arrays: Arrays, limits: Limits) -> Result[Floats]:
    """Solve through PuLP's bundled CBC; only ``sol_status`` gives whether it is proven."""
    begun = time.perf_counter()
    model, variables = pulp_model(arrays)
    with warnings.catch_warnings():  # PuLP 4 goes without the CBC that PuLP 3.3 brings along
        warnings.filterwarnings("ignore", "PULP_CBC_CMD is deprecated", DeprecationWarning)
        solver = pulp.PULP_CBC_CMD(
            msg=False,
            threads=limits.threads,
            gapRel=limits.gap,
            gapAbs=limits.gap_abs,
            timeLimit=limits.seconds if np.isfinite(limits.seconds) else None,
            options=[
                "integerTolerance 1e-7",
                *([f"cutoff {limits.cutoff!r}"] if np.isfinite(limits.cutoff) else []),
            ],
        )
    try:
        model.solve(solver)
    except pulp.PulpError as error:
        raise SolverError(f'CBC failed ({error}); use solver.name = "highs"') from error
    seconds = time.perf_counter() - begun
    proven = model.sol_status
    # "Integer infeasible" is in PuLP's status alone.
    if proven == pulp.LpSolutionInfeasible or model.status == pulp.LpStatusInfeasible:
        if np.isfinite(limits.cutoff):
            return Result("cutoff", None, np.inf, limits.cutoff, seconds)
        return Result("infeasible", None, np.inf, np.inf, seconds)
    if proven not in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible):
        return Result("unknown", None, np.inf, -np.inf, seconds)
    found = np.array([variable.varValue or 0.0 for variable in variables])
    values, objective = _checked(found, arrays)
    if values is None:
        return Result("unknown", None, np.inf, -np.inf, seconds)
    # CBC's bound is not in its solution file: within the gap where proven, unknown otherwise.
    if proven == pulp.LpSolutionOptimal and (
        not np.isfinite(limits.seconds) or seconds < limits.seconds
    ):
        bound = objective - max(limits.gap_abs, limits.gap * abs(objective))
        return Result("optimal", values, objective, bound, seconds)
    return Result("feasible", values, objective, -np.inf, seconds)


def _checked(found: Floats, arrays: Arrays) -> tuple[Floats | None, float]:
    """Return values with integers rounded, the rest solved again if need be, and their cost.

    None where the rounded values break a row: then the solver's tolerance made the solution.
    """
    rounded = np.where(arrays.integer, np.round(found), found)
    values = rounded if arrays.meets(rounded) else _resolved(rounded, arrays)
    if values is None or not arrays.meets(values):
        return None, np.inf
    return values, float(arrays.cost @ values)


def _resolved(values: Floats, arrays: Arrays) -> Floats | None:
    """Return the best continuous values for given integers, or None where there are none."""
    if arrays.integer.all():
        return None
    fixed = Arrays(
        cost=arrays.cost,
        lower=np.where(arrays.integer, values, arrays.lower),
        upper=np.where(arrays.integer, values, arrays.upper),
        integer=np.zeros(len(values), dtype=np.bool_),
        matrix=sparse.csc_array(arrays.matrix),
        row_lower=arrays.row_lower,
        row_upper=arrays.row_upper,
    )
    highs = handle(fixed, threads=1)
    run_highs(highs)
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return np.array(highs.getSolution().col_value)
