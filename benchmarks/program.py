"""The program against its peers: every case solved by each of them, one after the other."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from benchmarks.processes import run_apart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.cases import Case

__all__ = ["TITLES", "disagreements", "gap_of", "lines", "measure", "ratio"]

TITLES = {"cbc": "plain, CBC", "highs": "plain, HiGHS", "ours": "ours"}

_AGREED = 1e-6  # relative; what a solver's tolerances leave open


def measure(peer: str, case: Case, seconds: float) -> dict[str, Any]:
    """Solve a case by one peer in a process of its own.

    Parameters
    ----------
    peer : str
        One of `benchmarks.peers.PEERS`.
    case : Case
        One of the registry.
    seconds : float
        Time limit of the solver. Writing and handing over the model gets as much again and a
        minute; after that the process is stopped.

    Returns
    -------
    dict
        `Outcome` as a record, with ``peer``, ``case``, ``seconds``, ``gap`` (asked for),
        ``total_s`` (build, hand-over and solve), ``wall_s``, ``peak_mb`` and ``load`` (processes
        that were running before). Its status is 'stopped' where the process had to be, 'failed'
        where it ended by an error.
    """
    load = os.getloadavg()[0]
    done = run_apart(
        "benchmarks.peers", [peer, case.name, "--seconds", f"{seconds:g}"], 2 * seconds + 60
    )
    record = done.answer or {
        "peer": peer,
        "case": case.name,
        "seconds": seconds,
        "gap": case.gap,
        "status": done.status,
        "objective": None,
        "bound": None,
    }
    parts = [record.get(name) for name in ("build_s", "handover_s", "solve_s")]
    total = done.seconds if None in parts else sum(part for part in parts if part is not None)
    told = {"total_s": total, "wall_s": done.seconds, "peak_mb": done.peak_mb, "load": load}
    return {**record, **told}


def disagreements(records: Sequence[dict[str, Any]]) -> list[str]:
    """Return a sentence for every two answers to a case that cannot both be right.

    A bound above another's plan contradicts it: both speak of the same best plan. Empty where
    all agree within the gaps that they claim. An answer that failed is told too.
    """
    found = [
        f"{record['case']}: {TITLES[record['peer']]} ended by an error"
        for record in records
        if record["status"] == "failed"
    ]
    for one in records:
        for other in records:
            bound, objective = one["bound"], other["objective"]
            if bound is None or objective is None or one["case"] != other["case"]:
                continue
            if bound > objective + _AGREED * max(1.0, abs(objective)):
                found.append(
                    f"{one['case']}: {TITLES[one['peer']]} says that no plan costs less than "
                    f"{bound:.6f}, {TITLES[other['peer']]} has one of {objective:.6f} bn KRW"
                )
    return found


def gap_of(record: dict[str, Any]) -> float | None:
    """Return the relative gap between an answer's plan and its bound, None where one is missing."""
    objective, bound = record["objective"], record["bound"]
    if objective is None or bound is None:
        return None
    return float(max(0.0, objective - bound) / max(abs(objective), 1e-9))


def lines(records: Sequence[dict[str, Any]]) -> list[str]:
    """Return the records of one case as lines of a table, after a line of headings."""
    ours = next((r for r in records if r["peer"] == "ours" and r["objective"] is not None), None)
    titles = (
        f"{records[0]['case']:22} {'build s':>8} {'hand s':>7} {'solve s':>8} {'objective':>12} "
        f"{'bound':>12} {'gap':>9} {'peak MB':>8} {'time':>8}"
    )
    return [titles, *(_line(record, ours) for record in records)]


def _line(record: dict[str, Any], ours: dict[str, Any] | None) -> str:
    gap = gap_of(record)
    return (
        f"  {TITLES[record['peer']]:20} {_number(record.get('build_s'), 2):>8} "
        f"{_number(record.get('handover_s'), 2):>7} {_number(record.get('solve_s'), 2):>8} "
        f"{_number(record['objective'], 3):>12} {_number(record['bound'], 3):>12} "
        f"{'-' if gap is None else f'{gap:.1e}':>9} {record['peak_mb']:8.0f} "
        f"{ratio(record, ours):>8}  {record['status']}"
    )


def ratio(record: dict[str, Any], ours: dict[str, Any] | None) -> str:
    """Return how many times our total time an answer took, '>' where it was not done."""
    if ours is None:
        return "-"
    times = f"{record['total_s'] / ours['total_s']:.1f} x"
    return times if record["status"] == "optimal" else f"> {times}"


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
