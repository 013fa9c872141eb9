"""A second opinion on a run, from its published files and HiGHS alone.

``python -m benchmarks.resolve RUN_FOLDER`` states the textbook program of the files
(`benchmarks.textbook`), checks the published plan against its rows, solves the plan and ten ranks
again, and compares costs to 1e-6. It imports nothing of siteopt. Exit codes: 0 all agree, 1 one
does not, 2 the files cannot be read, 4 none disagrees but one was not settled in time.

A question is settled in two steps. The linear relaxation, with its duals, says of every
connection how much a plan with it costs at least (the Lagrangian of the rows); connections that
no plan as cheap as the published one can have are left out. The rest is solved by branch and
bound with HiGHS. If the published cost is too low, no plan as cheap is found; if it is too high,
a cheaper one is: so leaving out by a published cost hides neither.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np
import pandas as pd
from scipy import sparse

from benchmarks.textbook import Program, read_files, state

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Finding", "check", "main", "optimum"]

TOLERANCE = 1e-6
"""Relative difference of two costs that counts as agreement; the gap of a run is as large."""
SECONDS = 300.0
RANKS = 5
EXIT_WRONG, EXIT_BAD_INPUT, EXIT_STOPPED = 1, 2, 4

_MIP_GAP = 1e-8
_ROW_SLACK = 1e-6  # relative; figures are published with ten digits
_NEEDED = ("options.csv", "limits.csv", "flow_limits.csv", "program.json", "portfolio.json",
           "ranking.csv")  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """What became of one question."""

    question: str
    agrees: bool
    says: str
    """One line: both figures, or what is wrong."""
    seconds: float = 0.0
    settled: bool = True

    def __str__(self) -> str:
        """Return it as a line."""
        mark = "agrees" if self.agrees else "WRONG " if self.settled else "open  "
        return f"{mark} {self.question:34} {self.says} ({self.seconds:.1f} s)"


def check(
    folder: Path,
    *,
    ranks: int = RANKS,
    seconds: float = SECONDS,
    tell: Callable[[Finding], None] | None = None,
) -> list[Finding]:
    """Solve a run again from its files.

    Parameters
    ----------
    folder : Path
        Of a finished run with its program.
    ranks : int
        So many chosen sites, and so many others, with an exact figure: the first of each.
    seconds : float
        Time limit of each question.
    tell : callable, optional
        Called with every `Finding` as it is made.

    Raises
    ------
    OSError, ValueError, KeyError
        If a file is missing or is not what it should be.
    """
    plan = json.loads((folder / "portfolio.json").read_text(encoding="utf-8"))
    ranking = pd.read_csv(
        folder / "ranking.csv", dtype={"site_id": "str"}, encoding="utf-8-sig", low_memory=False
    )
    if (folder / "energy_cuts.csv").exists():
        raise ValueError(
            f"{folder}: a run with matched clean energy; its cost is convex, which the textbook "
            'program does not state: give a run with energy.matching = "none"'
        )
    begin = time.perf_counter()
    program = state(read_files(folder))
    findings: list[Finding] = []

    def note(finding: Finding) -> None:
        findings.append(finding)
        if tell is not None:
            tell(finding)

    unit = "bn_krw" if "objective_bn_krw" in plan else "suitable_mw"
    cost, bound = float(plan[f"objective_{unit}"]), float(plan[f"bound_{unit}"])
    note(_plan_fits(program, plan, cost, time.perf_counter() - begin))
    relaxation = _Relaxation(program)
    proven = cost - bound
    note(_ask(relaxation, "the best plan", None, cost, proven, cost, seconds))
    for name, value in _asked(ranking, ranks, unit):
        site = program.site_id.index(name) if name in program.site_id else -1
        chosen = bool(ranking.loc[ranking["site_id"] == name, "chosen"].iloc[0])
        question = f"{'without' if chosen else 'with'} {name}"
        if site < 0:
            note(Finding(question, agrees=False, says="the site has no option in options.csv"))
            continue
        note(_ask(relaxation, question, (site, not chosen), cost + value, proven, cost, seconds))
    return findings


def _asked(ranking: pd.DataFrame, count: int, unit: str) -> list[tuple[str, float]]:
    """Return the first chosen sites and the first others whose figure is exact, with it."""
    exact = ranking[ranking["proof"] == "exact"].sort_values(["rank", "site_id"])
    found: list[tuple[str, float]] = []
    for chosen, column in ((True, f"value_{unit}"), (False, f"regret_{unit}")):
        some = exact[(exact["chosen"].astype(bool) == chosen) & exact[column].notna()].head(count)
        found += zip(some["site_id"], some[column].astype(float), strict=True)
    return found


def _plan_fits(program: Program, plan: dict[str, Any], cost: float, seconds: float) -> Finding:
    """Check the published plan against every row of the program, and its cost."""
    question, place = "the published plan fits its limits", _places(program)
    values = np.zeros(program.columns)
    years, pairs = list(program.years), program.pairs
    for site in plan["sites"]:
        option = str(site["option_id"])
        if option not in place:
            return Finding(question, False, f"option {option} is not open in options.csv", seconds)  # noqa: FBT003
        steps = site.get("steps") or [{"year": years[-1], "it_mw": site["it_mw"], "opens": True}]
        for step in steps:
            pair = place[option] * len(years) + years.index(step["year"])
            values[pair] = float(step["opens"])
            values[pairs + pair] = step["it_mw"] / plan["block_it_mw"]
        values[2 * pairs + program.site[place[option]]] = 1.0
    codes = {program.options["province_code"][place[str(s["option_id"])]] for s in plan["sites"]}
    values[2 * pairs + len(program.site_id) :] = np.isin(program.province_code, list(codes))
    wrong = _broken(program, values)
    found = float(program.cost @ values)
    if wrong is not None:
        return Finding(question, False, wrong, seconds)  # noqa: FBT003
    if abs(found - cost) > TOLERANCE * max(1.0, abs(cost)):
        says = f"its options cost {found:.6f}, portfolio.json says {cost:.6f}"
        return Finding(question, False, says, seconds)  # noqa: FBT003
    if program.faults:
        return Finding(question, False, program.faults[0], seconds)  # noqa: FBT003
    return Finding(question, True, f"and costs {found:.6f}", seconds)  # noqa: FBT003


def _places(program: Program) -> dict[str, int]:
    return {str(name): place for place, name in enumerate(program.options["option_id"])}


def _broken(program: Program, values: Floats) -> str | None:
    """Return the first bound or row that a plan breaks."""
    lower, upper = program.bounds
    whole = np.abs(values - np.round(values)) > _ROW_SLACK
    out = np.flatnonzero((values < lower - _ROW_SLACK) | (values > upper + _ROW_SLACK) | whole)
    if out.size:
        return (
            f"variable {out[0]} is {values[out[0]]:g}, outside {lower[out[0]]:g}-{upper[out[0]]:g}"
        )
    left = program.rows @ values
    for said, excess, side in (
        ("above", left - program.upper, program.upper),
        ("below", program.lower - left, program.lower),
    ):
        slack = _ROW_SLACK * np.maximum(1.0, np.abs(np.where(np.isfinite(side), side, 0.0)))
        over = np.flatnonzero(excess > slack)
        if over.size:
            row = int(over[0])
            return f"{program.row_names[row]}: {left[row]:.6f} is {said} {side[row]:.6f}"
    tied = np.flatnonzero(program.links @ values > _ROW_SLACK)
    return f"blocks of connection {tied[0]} do not fit its opening" if tied.size else None


class _Relaxation:
    """The linear relaxation, solved again with a site forced in or out."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.matrix = sparse.csr_array(sparse.vstack([program.rows, program.links]))
        tied = program.links.shape[0]
        self.lower = np.concatenate([program.lower, np.full(tied, -np.inf)])
        self.upper = np.concatenate([program.upper, np.zeros(tied)])
        self._highs = _highs()
        bounds = program.bounds
        self._highs.passModel(_model(program.cost, *bounds, self.matrix, self.lower, self.upper))

    def duals(self, bounds: tuple[Floats, Floats]) -> Floats | None:
        """Return the duals of the rows but the links, None where there is no solution."""
        columns = np.arange(self.program.columns, dtype=np.int32)
        self._highs.changeColsBounds(len(columns), columns, *bounds)
        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return np.array(self._highs.getSolution().row_dual)[: len(self.program.lower)]

    def kept(self, bounds: tuple[Floats, Floats], most: float) -> Ints | None:
        """Return the connections that a plan of at most some cost can have."""
        duals = self.duals(bounds)
        if duals is None:
            return None
        least, beyond = _lagrangian(self.program, duals, bounds)
        return np.flatnonzero(least + beyond <= most)


def _lagrangian(
    program: Program, duals: Floats, bounds: tuple[Floats, Floats]
) -> tuple[float, Floats]:
    """Return a bound on the cost of any plan, and how much more one with each connection costs.

    With the rows priced into the objective every site is decided alone: it stays closed, or opens
    through the cheapest of its connections with the least blocks and, where blocks pay, the most,
    all further ones in the cheapest year from the opening on.
    """
    duals = np.where(np.isfinite(np.where(duals > 0, program.lower, program.upper)), duals, 0.0)
    side = np.where(duals > 0, program.lower, program.upper)
    fixed = float((duals * np.where(duals == 0, 0.0, side)).sum())
    reduced = program.cost - program.rows.T @ duals
    pairs, sites = program.pairs, len(program.site_id)
    shape = program.most.shape
    opening, each = reduced[:pairs].reshape(shape), reduced[pairs : 2 * pairs].reshape(shape)
    site, place = reduced[2 * pairs : 2 * pairs + sites], reduced[2 * pairs + sites :]
    lower, upper = bounds
    may_open = upper[:pairs].reshape(shape) > 0
    later = np.minimum.accumulate(np.where(program.may_add, each, np.inf)[:, ::-1], axis=1)[:, ::-1]
    least, more = program.least[:, None], program.most.max(axis=1)[:, None] - program.least[:, None]
    price = opening + least * np.where(program.may_add, each, 0.0) + more * np.minimum(later, 0.0)
    price = np.where(may_open, price, np.inf).min(axis=1) + site[program.site]
    price = np.where(upper[2 * pairs + program.site] > 0, price, np.inf)
    best = np.where(lower[2 * pairs : 2 * pairs + sites] > 0, np.inf, 0.0)
    np.minimum.at(best, program.site, price)
    total = fixed + float(best.sum()) + float(np.minimum(place, 0.0).sum())
    with np.errstate(invalid="ignore"):
        beyond = np.where(np.isfinite(price), price - best[program.site], np.inf)
    return total, beyond


def _ask(  # noqa: PLR0913, PLR0917 - one question
    relaxation: _Relaxation,
    question: str,
    forced: tuple[int, bool] | None,
    claimed: float,
    proven: float,
    scale: float,
    seconds: float,
) -> Finding:
    """Solve a question and compare its cost with the published one.

    ``proven`` is the gap in money that the run states for its plan: its optimum may be so much less.
    """
    begin = time.perf_counter()
    program, slack = relaxation.program, TOLERANCE * max(1.0, abs(scale))
    lower, upper = (side.copy() for side in program.bounds)
    if forced is not None:
        site, inside = forced
        lower[2 * program.pairs + site] = max(float(inside), lower[2 * program.pairs + site])
        upper[2 * program.pairs + site] = float(inside)
    kept = relaxation.kept((lower, upper), claimed + 2 * slack)
    none = f"published {claimed:.6f}, but no plan within the published limits costs so little"
    found: float | None = None
    if kept is not None:
        status, found = _solve(relaxation, kept, (lower, upper), seconds)
        if status == "time":
            took = time.perf_counter() - begin
            return Finding(question, False, f"not settled in {seconds:g} s", took, settled=False)  # noqa: FBT003
    took = time.perf_counter() - begin
    if found is None:
        return Finding(question, False, none, took)  # noqa: FBT003
    said = f"published {claimed:.6f}, solved again {found:.6f}"
    if found > claimed + slack:
        return Finding(question, False, f"{said}: no plan costs as little as published", took)  # noqa: FBT003
    if found < claimed - slack - proven:
        says = (
            f"{said}: cheaper, so the published figure is wrong or rests on a limit that is not in "
            "the files"
        )
        return Finding(question, False, says, took)  # noqa: FBT003
    return Finding(question, True, f"{said}, {len(kept) if kept is not None else 0} options", took)  # noqa: FBT003


def optimum(program: Program, seconds: float = SECONDS) -> float | None:
    """Return the least cost of all plans, None where there is none; no published figure is used.

    Raises
    ------
    TimeoutError
        If it is not found in time.
    """
    status, found = _solve(
        _Relaxation(program), np.arange(len(program.least)), program.bounds, seconds
    )
    if status == "time":
        raise TimeoutError(f"not solved in {seconds:g} s")
    return found


def _solve(
    relaxation: _Relaxation, kept: Ints, bounds: tuple[Floats, Floats], seconds: float
) -> tuple[str, float | None]:
    """Return 'optimal', 'none' or 'time', and the least cost with some connections only."""
    program, years = relaxation.program, len(relaxation.program.years)
    pairs = (kept[:, None] * years + np.arange(years)).ravel()
    rest = np.arange(2 * program.pairs, program.columns)
    columns = np.concatenate([pairs, program.pairs + pairs, rest])
    highs = _highs(mip_rel_gap=_MIP_GAP, time_limit=seconds)
    lower, upper = (side[columns] for side in bounds)
    matrix = sparse.csr_array(relaxation.matrix[:, columns])
    model = _model(program.cost[columns], lower, upper, matrix, relaxation.lower, relaxation.upper)
    model.integrality_ = [highspy.HighsVarType.kInteger] * len(columns)
    highs.passModel(model)
    highs.run()
    status = highs.getModelStatus()
    if status == highspy.HighsModelStatus.kOptimal:
        return "optimal", float(highs.getInfo().objective_function_value)
    return ("time" if status == highspy.HighsModelStatus.kTimeLimit else "none"), None


def _highs(**options: float) -> highspy.Highs:
    highs = highspy.Highs()
    for name, value in {"output_flag": False, **options}.items():
        highs.setOptionValue(name, value)
    return highs


def _model(  # noqa: PLR0913, PLR0917 - a linear program has so many parts
    cost: Floats,
    lower: Floats,
    upper: Floats,
    matrix: sparse.csr_array,
    row_lower: Floats,
    row_upper: Floats,
) -> highspy.HighsLp:
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(cost), len(row_lower)
    model.col_cost_, model.col_lower_, model.col_upper_ = cost, lower, upper
    model.row_lower_, model.row_upper_ = row_lower, row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
    model.a_matrix_.value_ = matrix.data
    return model


def main(words: Sequence[str] | None = None) -> int:
    """Check the run of a command line; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.resolve", description=__doc__)
    parser.add_argument("folder", type=Path, help="folder of a finished run")
    parser.add_argument("--ranks", type=int, default=RANKS, help="chosen sites, and others, to ask")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="limit of each question")
    asked = parser.parse_args(words)
    missing = [name for name in _NEEDED if not (asked.folder / name).is_file()]
    if missing:
        print(
            f"{asked.folder}: {missing[0]} is missing; `siteopt run SCENARIO --out {asked.folder}` "
            "writes it (with --brief it does not)",
            file=sys.stderr,
        )
        return EXIT_BAD_INPUT
    try:
        findings = check(
            asked.folder,
            ranks=asked.ranks,
            seconds=asked.seconds,
            tell=lambda finding: print(finding, flush=True),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"{asked.folder}: the program cannot be read ({error})", file=sys.stderr)
        return EXIT_BAD_INPUT
    right = sum(finding.agrees for finding in findings)
    print(f"{right} of {len(findings)} agree to {TOLERANCE:g} of the cost of the plan")
    if any(finding.settled and not finding.agrees for finding in findings):
        return EXIT_WRONG
    return 0 if right == len(findings) else EXIT_STOPPED


if __name__ == "__main__":
    sys.exit(main())
