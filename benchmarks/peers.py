"""Three ways to solve a case: the textbook model by CBC and by HiGHS, and this package.

``python -m benchmarks.peers PEER CASE --seconds S --out FILE`` solves one of them; the runner
(`benchmarks.program`) gives each a process of its own.
"""

from __future__ import annotations

import json
import re
import tempfile
import time
import warnings
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import highspy
import numpy as np
import pulp
import typer

from benchmarks.cases import CASES, Case, Tables, make_tables, yearly_target_mw
from benchmarks.parts import BUILD, HANDOVER, timed_parts
from benchmarks.plain import build_plain
from siteopt.errors import SolverError
from siteopt.highs import highs_version, new_highs
from siteopt.portfolio import build
from siteopt.portfolio.search import solve

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PEERS", "THREADS", "Outcome", "hand_over", "solve_case"]

THREADS = 2
"""Processor cores that each may use."""


@dataclass(frozen=True)
class Outcome:
    """What a way of solving a case came to."""

    status: str
    """'optimal' within the gap, 'feasible', 'unknown' (no plan)."""
    objective: float | None = None
    """Cost of its best plan in bn KRW."""
    bound: float | None = None
    """Bound on the cost of any plan, by the solver's own word."""
    build_s: float = 0.0
    """Seconds to write the model."""
    handover_s: float = 0.0
    """Seconds to translate it for the solver."""
    solve_s: float = 0.0
    """Seconds of solving."""
    version: str = ""
    parts_s: dict[str, float] = field(default_factory=dict)
    """Seconds a step, where they are known."""
    sizes: dict[str, float] = field(default_factory=dict)
    """Columns, rows, and what else there is to count."""


def _ours(tables: Tables, _case: Case, gap: float, seconds: float) -> Outcome:
    """Solve by the package."""
    settings = tables.scenario.solver.model_copy(
        update={"gap": gap, "time_limit_s": seconds, "threads": THREADS}
    )
    with timed_parts() as parts:
        problem = build.build_problem(**tables.arguments)
        try:
            plan = solve.solve(problem, settings)
        except SolverError:
            plan = None
    build_s, handover_s = sum(parts[p] for p in BUILD), sum(parts[p] for p in HANDOVER)
    rest_s = sum(parts.values()) - build_s - handover_s
    if plan is None:
        return Outcome("unknown", None, None, build_s, handover_s, rest_s, parts_s=dict(parts))
    stages = plan.measured["stages"]
    return Outcome(
        status=plan.status,
        objective=plan.objective,
        bound=plan.bound,
        build_s=build_s,
        handover_s=handover_s,
        solve_s=rest_s,
        version=plan.solver,
        parts_s=dict(parts),
        sizes={
            "options": problem.options,
            "chosen": len(plan.chosen(problem)),
            "stages": len(stages),
            "largest": max((stage["options"] for stage in stages), default=0),
            "relaxation": plan.measured["relaxation"],
        },
    )


def _plain_highs(tables: Tables, case: Case, gap: float, seconds: float) -> Outcome:
    """Solve the textbook model by HiGHS, through PuLP's own interface to it."""
    model, build_s = _built(tables, case)
    begin = time.perf_counter()
    solver = hand_over(model, gapRel=gap, timeLimit=seconds)
    handover_s = time.perf_counter() - begin
    begin = time.perf_counter()
    solver.callSolver(model)
    solve_s = time.perf_counter() - begin
    info, state = model.solverModel.getInfo(), model.solverModel.getModelStatus()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    optimal = state == highspy.HighsModelStatus.kOptimal
    return Outcome(
        status="optimal" if optimal else "feasible" if found else "unknown",
        objective=float(info.objective_function_value) if found else None,
        bound=_finite(info.mip_dual_bound),
        build_s=build_s,
        handover_s=handover_s,
        solve_s=solve_s,
        version=f"HiGHS {highs_version()}, PuLP {pulp.VERSION}",
        sizes=_sizes(model),
    )


def hand_over(model: pulp.LpProblem, **options: float) -> pulp.HiGHS:
    """Translate a model by PuLP's interface to HiGHS; return that, ready to be called.

    Parameters
    ----------
    model : LpProblem
        Keeps the handle as ``solverModel``.
    **options : float
        Gaps and time limit, by PuLP's names.
    """
    new_highs(threads=THREADS)  # the pool of this process has the size that PuLP asks for
    solver = pulp.HiGHS(msg=False, threads=THREADS, **options)
    solver.createAndConfigureSolver(model)
    solver.buildSolverModel(model)
    return solver


def _plain_cbc(tables: Tables, case: Case, gap: float, seconds: float) -> Outcome:
    """Solve the textbook model by the CBC that comes with PuLP, and read its log."""
    model, build_s = _built(tables, case)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "cbc.log"
        with warnings.catch_warnings():  # PuLP 4 goes without the CBC that PuLP 3.3 brings along
            warnings.filterwarnings("ignore", "PULP_CBC_CMD is deprecated", DeprecationWarning)
            solver = pulp.PULP_CBC_CMD(
                msg=False, gapRel=gap, timeLimit=seconds, threads=THREADS, logPath=str(log)
            )
        begin = time.perf_counter()
        model.solve(solver)
        both_s = time.perf_counter() - begin
        told = log.read_text(encoding="utf-8", errors="replace")
    solve_s = min(
        _figure(told, r"Total time \(CPU seconds\):.*\(Wallclock seconds\):") or both_s, both_s
    )
    optimal = model.sol_status == pulp.LpSolutionOptimal
    found = optimal or model.sol_status == pulp.LpSolutionIntegerFeasible
    objective = float(pulp.value(model.objective)) if found else None
    return Outcome(
        status="optimal" if optimal else "feasible" if found else "unknown",
        objective=objective,
        bound=_cbc_bound(told, objective, gap, optimal=optimal),
        build_s=build_s,
        handover_s=both_s - solve_s,
        solve_s=solve_s,
        version=f"CBC {_text(told, r'Version:')}, PuLP {pulp.VERSION}",
        sizes=_sizes(model),
    )


def _built(tables: Tables, case: Case) -> tuple[pulp.LpProblem, float]:
    begin = time.perf_counter()
    model = build_plain(tables, case, yearly_target_mw(case)).model
    return model, time.perf_counter() - begin


def _sizes(model: pulp.LpProblem) -> dict[str, float]:
    return {"columns": model.numVariables(), "rows": model.numConstraints()}


def _cbc_bound(told: str, objective: float | None, gap: float, *, optimal: bool) -> float | None:
    """Return CBC's bound: it tells one where a gap is left, and else has proven the gap asked."""
    stated = _figure(told, r"Lower bound:")
    if stated is not None:
        return stated
    if optimal and objective is not None:
        return objective - gap * abs(objective)
    return _figure(told, r"Continuous objective value is")


def _text(told: str, label: str) -> str:
    found = re.findall(rf"{label}\s*(\S+)", told)
    return str(found[-1]) if found else ""


def _figure(told: str, label: str) -> float | None:
    """Return the number after the last occurrence of a label, None where there is none."""
    try:
        return float(_text(told, label))
    except ValueError:
        return None


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


PEERS: dict[str, Callable[[Tables, Case, float, float], Outcome]] = {
    "cbc": _plain_cbc,
    "highs": _plain_highs,
    "ours": _ours,
}
"""By name: the textbook model by CBC and by HiGHS, and this package."""


def solve_case(peer: str, case: Case, seconds: float) -> dict[str, Any]:
    """Solve a case in one of the ways; return its `Outcome` as a record."""
    outcome = PEERS[peer](make_tables(case), case, case.gap, seconds)
    return {"peer": peer, "case": case.name, "seconds": seconds, "gap": case.gap, **asdict(outcome)}


def _main(
    peer: str,
    case: str,
    out: Annotated[Path, typer.Option()],
    seconds: Annotated[float, typer.Option()] = 60.0,
) -> None:
    record = solve_case(peer, CASES[case], seconds)
    out.write_text(json.dumps(record), encoding="utf-8")


if __name__ == "__main__":
    typer.run(_main)
