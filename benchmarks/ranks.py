"""Sites ranked in a second: by the package, by naive solving anew, and by one kept handle.

Each runs in a process of its own, ``python -m benchmarks.ranks WAY CASE --seconds S --out FILE``.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 - typer reads it at run time
from typing import TYPE_CHECKING, Annotated, Any

import highspy
import numpy as np
import typer

from benchmarks.cases import CASES, Case, make_tables, yearly_target_mw
from benchmarks.peers import THREADS, hand_over
from benchmarks.plain import build_plain
from benchmarks.processes import run_apart
from siteopt.errors import SolverError
from siteopt.portfolio import build_problem, rank, solve
from siteopt.scenario import Ranking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from siteopt.portfolio import Plan

__all__ = ["OTHERS", "Ask", "differences", "lines", "measure", "rank_ours"]

OTHERS = 100
"""So many sites that are not chosen are ranked exactly."""
_GAP = 1e-7  # of re-solves: figures of neighbours in a ranking lie close together
_GAP_ABS = 1e-6
_AGREED = 1e-6  # relative to the cost of a plan


@dataclass(frozen=True)
class Ask:
    """A question to a peer: the best plan with a site (``inside``) or without it."""

    site_id: str
    inside: bool


def rank_ours(case: Case, seconds: float, sample: int) -> dict[str, Any]:
    """Rank by the package; return its rate, and the figures of a sample of sites.

    Parameters
    ----------
    case : Case
        Its plan is solved to the gap of the scenario first, which is not part of the rate.
    seconds : float
        Time limit of the plan, and of the ranking.
    sample : int
        So many sites, half of them chosen ones, spread over the ranks.
    """
    tables = make_tables(case)
    problem = build_problem(**tables.arguments)
    solver = tables.scenario.solver.model_copy(update={"time_limit_s": seconds, "threads": THREADS})
    try:
        plan = solve(problem, solver)
    except SolverError:
        return {"status": "no plan"}
    record = {
        "plan_s": plan.seconds,
        "objective": plan.objective,
        "chosen": len(plan.chosen(problem)),
    }
    if plan.status != "optimal":
        return {**record, "status": "plan not proven", "plan_gap": plan.gap}
    ranked = rank(problem, plan, Ranking(exact_others=OTHERS, time_limit_s=seconds), solver)
    exact = ranked.table[ranked.table["proof"].isin(["exact", "indispensable"])]
    done = int(exact["chosen"].sum()) + ranked.exact_others
    return {
        **record,
        "status": "complete" if ranked.complete else "stopped",
        "exact": done,
        "rank_s": ranked.seconds,
        "sites_per_s": done / ranked.seconds,
        "measured": ranked.measured,
        "sample": _sample(exact, plan, sample),
    }


def _sample(exact: pd.DataFrame, plan: Plan, count: int) -> list[dict[str, Any]]:
    """Return sites spread over the ranks with the cost of their best plan."""
    found = []
    for chosen, column in ((True, "value_bn_krw"), (False, "regret_bn_krw")):
        some = exact[exact["chosen"] == chosen]
        some = some[np.isfinite(some[column].to_numpy(dtype=np.float64))]
        places = np.unique(np.linspace(0, len(some) - 1, min(count // 2, len(some))).astype(int))
        for row in some.iloc[places].to_dict("records"):
            cost = plan.objective + float(row[column])
            found.append({"site_id": row["site_id"], "inside": not chosen, "cost": cost})
    return found


def _naive(case: Case, asks: list[Ask], seconds: float) -> dict[str, Any]:
    """Solve the textbook model anew for every question, handing it over each time."""
    plain = build_plain(make_tables(case), case, yearly_target_mw(case))
    answers, begin = [], time.perf_counter()
    for ask in asks:
        site = plain.site_open[ask.site_id]
        site.lowBound, site.upBound = (1, 1) if ask.inside else (0, 0)
        solver = hand_over(plain.model, gapRel=_GAP, gapAbs=_GAP_ABS, timeLimit=seconds)
        solver.callSolver(plain.model)
        answers.append(_answer(plain.model.solverModel))
        site.lowBound, site.upBound = 0, 1
    return {"seconds": time.perf_counter() - begin, "answers": answers}


def _kept(case: Case, asks: list[Ask], seconds: float) -> dict[str, Any]:
    """Hand the textbook model over once, and change the bounds of a site for every question."""
    plain = build_plain(make_tables(case), case, yearly_target_mw(case))
    hand_over(plain.model, gapRel=_GAP, gapAbs=_GAP_ABS)
    handle = plain.model.solverModel
    answers, begin = [], time.perf_counter()
    for ask in asks:
        column = plain.site_open[ask.site_id].index
        fixed = 1.0 if ask.inside else 0.0
        handle.changeColBounds(column, fixed, fixed)
        handle.setOptionValue("time_limit", handle.getRunTime() + seconds)
        handle.run()
        answers.append(_answer(handle))
        handle.changeColBounds(column, 0.0, 1.0)
    return {"seconds": time.perf_counter() - begin, "answers": answers}


def _answer(handle: highspy.Highs) -> dict[str, float | None]:
    """Return the cost of the best plan found, and the bound on it."""
    info = handle.getInfo()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    bound = float(info.mip_dual_bound)
    return {
        "objective": float(info.objective_function_value) if found else None,
        "bound": bound if np.isfinite(bound) else None,
    }


WAYS: dict[str, Callable[[Case, list[Ask], float], dict[str, Any]]] = {
    "naive": _naive,
    "kept": _kept,
}
TITLES = {"naive": "plain, HiGHS, solved anew", "kept": "plain, HiGHS, one kept handle"}


def measure(case: Case, seconds: float, sample: int) -> dict[str, Any]:
    """Rank a case by the package, and a sample of its sites by the peers; check the figures."""
    limit_s = 3 * seconds + 120
    load = os.getloadavg()[0]
    done = run_apart(
        "benchmarks.ranks",
        ["ours", case.name, "--seconds", f"{seconds:g}", "--sample", str(sample)],
        limit_s,
    )
    ours = {**(done.answer or {"status": done.status}), "peak_mb": done.peak_mb}
    record: dict[str, Any] = {"case": case.name, "seconds": seconds, "load": load, "ours": ours}
    asked = ours.get("sample", [])
    if not asked:
        return record
    asks = json.dumps([{key: item[key] for key in ("site_id", "inside")} for item in asked])
    for way in WAYS:
        done = run_apart(
            "benchmarks.ranks",
            [way, case.name, "--seconds", f"{seconds:g}", "--asks", asks],
            (len(asked) + 1) * (seconds + 60),
        )
        record[way] = {**(done.answer or {"answers": []}), "peak_mb": done.peak_mb}
        if done.answer:
            record[way]["sites_per_s"] = len(asked) / done.answer["seconds"]
    return record


def differences(record: dict[str, Any]) -> list[str]:
    """Return a sentence for every figure of a sample that a peer contradicts, and for errors."""
    found = []
    if record["ours"].get("status") == "failed":
        found.append(f"{record['case']}: the ranking ended by an error")
    for way in WAYS:
        answers = record.get(way, {}).get("answers", [])
        for item, answer in zip(record["ours"].get("sample", []), answers, strict=False):
            slack = _AGREED * abs(item["cost"])
            low, high = answer["bound"], answer["objective"]
            if (low is not None and low > item["cost"] + slack) or (
                high is not None and high < item["cost"] - slack
            ):
                found.append(
                    f"{record['case']}: site {item['site_id']} costs {item['cost']:.6f} bn KRW by "
                    f"the ranking, {low} to {high} by {TITLES[way]}"
                )
    return found


def lines(record: dict[str, Any]) -> list[str]:
    """Return the rates of a case as lines of a table."""
    ours = record["ours"]
    told = [f"{record['case']}: {ours['status']}, plan in {ours.get('plan_s', 0.0):.1f} s"]
    if "sites_per_s" in ours:
        told.append(
            f"  {'ours':30} {ours['sites_per_s']:8.2f} sites/s ({ours['exact']} exact in "
            f"{ours['rank_s']:.1f} s, {ours['chosen']} chosen), {ours['peak_mb']:.0f} MB"
        )
    for way in WAYS:
        if "sites_per_s" in record.get(way, {}):
            times = ours["sites_per_s"] / record[way]["sites_per_s"]
            told.append(
                f"  {TITLES[way]:30} {record[way]['sites_per_s']:8.2f} sites/s "
                f"({_settled(record[way])}), {record[way]['peak_mb']:.0f} MB; ours {times:.0f} x"
            )
    return told


def _settled(way: dict[str, Any]) -> str:
    answers = way["answers"]
    done = sum(1 for answer in answers if _is_settled(answer))
    return f"{done} of {len(answers)} solved"


def _is_settled(answer: dict[str, float | None]) -> bool:
    low, high = answer["bound"], answer["objective"]
    return low is not None and high is not None and high - low <= _AGREED * abs(high)


def _asks(text: str) -> Iterator[Ask]:
    for item in json.loads(text):
        yield Ask(str(item["site_id"]), bool(item["inside"]))


def _main(  # noqa: PLR0913, PLR0917 - one argument an option
    way: str,
    case: str,
    out: Annotated[Path, typer.Option()],
    seconds: Annotated[float, typer.Option()] = 120.0,
    sample: Annotated[int, typer.Option()] = 8,
    asks: Annotated[str, typer.Option()] = "[]",
) -> None:
    found = (
        rank_ours(CASES[case], seconds, sample)
        if way == "ours"
        else WAYS[way](CASES[case], list(_asks(asks)), seconds)
    )
    out.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    typer.run(_main)
