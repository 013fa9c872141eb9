"""Runs of the variants of a set, each in a folder of its own, stages shared through the cache."""

from __future__ import annotations

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from siteopt._temporary import temporary_folder
from siteopt.distribution import TASKS_AHEAD, cluster, in_order
from siteopt.errors import ClusterError, InfeasibleError, SiteoptError, SolverError
from siteopt.runs.execution import run
from siteopt.runs.study import Study
from siteopt.runs.worker_cache import check_inputs, take_results, with_new_results, worker_cache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from siteopt.distribution import ClusterExecutor
    from siteopt.scenario import VariantScenario

__all__ = ["VariantRun", "run_variants"]


@dataclass(frozen=True)
class VariantRun:
    """What became of a variant.

    Attributes
    ----------
    variant : str
        Id of the variant.
    status : str
        ``optimal`` within the gap of the scenario, ``feasible`` after the time limit, ``infeasible``
        (proven), ``stopped`` (no plan within the time limit) or ``not possible`` (layers or values
        do not allow the question).
    note : str
        What is in the way where there is no plan.
    seconds : float
        Wall seconds.
    """

    variant: str
    status: str
    note: str
    seconds: float

    @property
    def has_plan(self) -> bool:
        """Whether there is a plan."""
        return self.status in {"optimal", "feasible"}


def run_variants(  # noqa: PLR0913 - what the set offers, by name
    variants: Sequence[VariantScenario],
    out: Path,
    cache: Path,
    *,
    full: bool,
    processes: int,
    tell: Callable[[int, int, VariantRun], None] | None = None,
) -> list[VariantRun]:
    """Solve every variant and write its run folder ``out/<variant>``.

    Parameters
    ----------
    variants : sequence of VariantScenario
        What is solved.
    out, cache : Path
        Folder of the set, and of the results of stages.
    full : bool
        Whether to write maps and other plans too.
    processes : int
        Variants that are solved side by side, where no cluster is in use.
    tell : callable, optional
        Called with (variants done, all variants, what became of the last).

    Returns
    -------
    list of VariantRun
        In the order of the set. A variant without a plan is an entry, no error.
    """
    found: dict[str, VariantRun] = {}
    tasks = [(one, out / one.variant.id, cache, full) for one in variants]
    with cluster() as pool:
        if pool is not None:
            runs = _on_cluster(tasks, pool)
        else:
            runs = _side_by_side(tasks, processes) if processes > 1 else map(_run, tasks)
        for done in runs:
            found[done.variant] = done
            if tell is not None:
                tell(len(found), len(variants), done)
    return [found[one.variant.id] for one in variants]


_Task = tuple["VariantScenario", "Path", "Path", bool]


def _side_by_side(tasks: Sequence[_Task], processes: int) -> Iterator[VariantRun]:
    """Yield runs as they are done; a copy of this process would share the solver's threads."""
    _shared_stages(tasks[0])
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        for future in as_completed([pool.submit(_run, task) for task in tasks]):
            yield future.result()


def _on_cluster(tasks: Sequence[_Task], pool: ClusterExecutor) -> Iterator[VariantRun]:
    """Yield runs of a cluster, in their order.

    A worker hands over the results of stages that it kept, and the run is made of them here.
    """
    check_inputs(pool, [variant.scenario for variant, *_ in tasks])
    asked = [(variant, full) for variant, _, _, full in tasks]
    made = in_order(pool, _run_on_worker, asked, TASKS_AHEAD * pool.cores)
    for task, (done, files) in zip(tasks, made, strict=True):
        _, _, cache, full = task
        take_results(files, cache)
        if done.has_plan or (full and done.status == "infeasible"):
            yield replace(_run(task), seconds=done.seconds)
        else:
            yield done


def _run_on_worker(asked: tuple[VariantScenario, bool]) -> tuple[VariantRun, dict[str, bytes]]:
    """Run a variant in a folder of its own, of which only results of stages are kept."""
    variant, full = asked
    with temporary_folder() as folder:
        return with_new_results(
            lambda: _run((variant, folder / variant.variant.id, worker_cache(), full))
        )


def _shared_stages(task: _Task) -> None:
    """Run the stages of the first variant until costs: most are shared, and kept in the cache."""
    variant, _, cache, _ = task
    try:
        _ = Study(variant.scenario, cache=cache).options
    except SiteoptError:
        return  # its own run says what is wrong


def _run(task: _Task) -> VariantRun:
    variant, folder, cache, full = task
    begin = time.perf_counter()
    name = variant.variant.id

    def became(status: str, note: str = "") -> VariantRun:
        return VariantRun(name, status, note, round(time.perf_counter() - begin, 1))

    try:
        made = run(variant.scenario, folder, cache=cache, brief=not full)
    except InfeasibleError as error:
        return became("infeasible", str(error))
    except SolverError as error:
        return became("stopped", str(error))
    except ClusterError:  # says nothing of the variant
        raise
    except SiteoptError as error:
        return became("not possible", str(error))
    return became(str(made.record["status"]))
