"""Tiles, draws and re-solves of a ranking by threads, processes and workers of a local cluster.

``python -m benchmarks cluster`` prints seconds and processor time, and checks that every way gives the
same answer.
"""

from __future__ import annotations

import hashlib
import resource
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks.cases import CASES, make_tables
from benchmarks.draws import time_draws
from benchmarks.screening import MadeLayers, made_screening
from siteopt.distribution import cluster, executor, on_scheduler, parallel_map
from siteopt.portfolio import build_problem, rank, solve
from siteopt.scenario import Ranking
from siteopt.screening.exclusions import prepare_rules
from siteopt.screening.windows import windows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from siteopt.screening.judging import JudgedWindow, RuleSet
    from siteopt.screening.windows import Window

__all__ = ["WORK", "Timed", "draws", "lines"]

SIDE: Final = 1024
"""Cells of a window's side, the same for all ways."""
CASE: Final = "base-500-1y"
OTHERS: Final = 20
WAYS: Final = ("1 thread", "2 threads", "2 processes", "1 worker", "2 workers")


@dataclass(frozen=True, slots=True)
class Timed:
    """What a piece of work takes one way.

    Attributes
    ----------
    work, way : str
        What is done, and by what.
    seconds, cpu, cpu_here : float
        Wall seconds, processor seconds of all processes, and those of the process that asks; without
        the start of workers.
    answer : str
        Hash of what came of it.
    """

    work: str
    way: str
    seconds: float
    cpu: float
    cpu_here: float
    answer: str


def tiles(cell_m: float) -> Iterator[Timed]:
    """Yield what the made country takes, each way.

    Parameters
    ----------
    cell_m : float
        Side of a cell in metres.
    """
    with tempfile.TemporaryDirectory() as folder:
        layers: Any = MadeLayers(Path(folder))
        layers.write_rasters()
        rules = prepare_rules(layers, made_screening(cell_m))
        for way in WAYS:
            yield _timed(
                f"tiles {cell_m:g} m", way,
                lambda way=way: next(_judged(rules, way)),
                lambda way=way: _hash_of(_judged(rules, way)),
            )  # fmt: skip


def _judged(rules: RuleSet, way: str) -> Iterator[JudgedWindow]:
    if way == "2 processes":
        yield from parallel_map(_judge, (rules,), windows_of(rules.lattice, SIDE), 2)
    else:
        yield from rules.judge_all(workers=int(way[0]), side=SIDE)


def _judge(rules: RuleSet, window: Window) -> JudgedWindow:
    return rules.judge(window)


def _hash_of(windows: Iterator[JudgedWindow]) -> str:
    content = hashlib.sha256()
    for one in windows:
        content.update(one.reasons.tobytes())
    return content.hexdigest()


def ranking() -> Iterator[Timed]:
    """Yield what the ranking of a made case takes: by threads and by workers."""
    tables = make_tables(CASES[CASE])
    problem, solver = build_problem(**tables.arguments), tables.scenario.solver
    plan = solve(problem, solver)

    def ranked(threads: int) -> str:
        with executor(threads) as pool:
            found = rank(problem, plan, Ranking(exact_others=OTHERS), solver, executor=pool)
        return hashlib.sha256(found.table.to_csv().encode()).hexdigest()

    for way in WAYS:
        if way != "2 processes":  # handles of HiGHS hold threads
            yield _timed(
                "ranking", way,
                lambda way=way: ranked(int(way[0])), lambda way=way: ranked(int(way[0])),
            )  # fmt: skip


def draws(scenario: str, count: int, cache: str | None) -> Iterator[Timed]:
    """Yield what draws take: in one process, in two, and on workers.

    Parameters
    ----------
    scenario : str
        A scenario file, or the name of a ready one.
    count : int
        Draws.
    cache : str, optional
        Folder that keeps results of stages; with it only the draws are processor time that counts.
    """
    for way in ("1 process", "2 processes", "1 worker", "2 workers"):
        with _place(way):
            begin = _cpu()
            time_draws(scenario, 1, None, cache, 1)
            before = _cpu()
            found = time_draws(scenario, count, None, cache, int(way[0]))
            # less what makes the model ready, and the first draw
            cpu = _cpu() - before - (before - begin)
            yield Timed(f"{count - 1} draws", way, found.seconds, cpu, np.nan, found.answer)


WORK: Final[dict[str, Callable[[], Iterator[Timed]]]] = {
    "tiles": lambda: tiles(100.0),
    "fine tiles": lambda: tiles(30.0),
    "ranking": ranking,
}
"""Pieces of work that need nothing but what is made here."""


def _timed(work: str, way: str, warm: Callable[[], object], call: Callable[[], str]) -> Timed:
    """Time a call after another one that gives workers what they need, and compiles."""
    with _place(way):
        warm()
        begin, cpu, here = time.perf_counter(), _cpu(), time.process_time()
        answer = call()
        return Timed(
            work, way, time.perf_counter() - begin, _cpu() - cpu, time.process_time() - here, answer
        )


@contextmanager
def _place(way: str) -> Iterator[None]:
    """Give the workers of a way, where it has some."""
    if "worker" not in way:
        yield
        return
    from distributed import LocalCluster  # noqa: PLC0415 - an extra

    with (
        LocalCluster(
            n_workers=int(way[0]), threads_per_worker=1, processes=True, host="127.0.0.1",
            dashboard_address=":0", silence_logs="CRITICAL",
        ) as local,
        on_scheduler(local.scheduler_address),
    ):  # fmt: skip
        yield


def _cpu() -> float:
    """Return processor seconds of this process, of its copies that ended, and of workers."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    with cluster() as pool:
        workers = [] if pool is None else pool.on_every_worker(time.process_time)
    return time.process_time() + ended.ru_utime + ended.ru_stime + sum(workers)


def lines(found: Timed, first: Timed) -> Iterator[str]:
    """Yield the line of a way, and one where its answer is not that of the first way.

    Parameters
    ----------
    found, first : Timed
        This way, and the first one of the same work.
    """
    yield (
        f"{found.work:12} {found.way:12} {found.seconds:8.2f} s {found.cpu:8.2f} s of processor "
        f"({found.cpu / max(first.cpu, 1e-9):.2f} times the first, {found.cpu_here:.2f} s of it here)"
    )
    if found.answer != first.answer:
        yield f"!!! WRONG: {found.work} by {found.way} has another answer"
