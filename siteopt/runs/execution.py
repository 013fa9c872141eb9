"""Execution of a run: taken where it is known as a whole, else evaluated.

What is known as a whole loads no library.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from siteopt._files import check_folder
from siteopt.runs.known_run import fingerprint, remember_run, take_run
from siteopt.runs.results import HELD_FILES, written_run
from siteopt.scenario import Scenario, load_scenario
from siteopt.stages.stage import Outcome
from siteopt.stages.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from siteopt.runs.results import Run

__all__ = ["CACHE_VARIABLE", "cache_folder", "run"]

CACHE_VARIABLE: Final = "SITEOPT_CACHE"
"""Environment variable with the folder in which results of stages are kept."""

_CACHE_NAME: Final = ".siteopt-cache"
_UNCHANGED: Final = "nothing that a run can read changed"


def run(  # noqa: PLR0913 - each by its name
    scenario: Scenario | Path | str,
    out: Path | str,
    *,
    cache: Path | str | None = None,
    brief: bool = False,
    report: bool = True,
    fresh: bool = False,
    show_progress: bool = False,
    tell: Callable[[Outcome], None] | None = None,
) -> Run:
    """Answer a scenario and write the files of the run.

    Only what depends on a change runs: results of stages are kept in a cache folder, and taken
    where everything that a stage read has the same content. The files are the same either way.

    Parameters
    ----------
    scenario : Scenario, Path or str
        What to decide: a loaded scenario, a scenario file, or the name of a ready one.
    out : Path or str
        Folder for the files; made where it is missing. Files of an earlier run are replaced.
    cache : Path or str, optional
        Folder in which results of stages are kept, of at most 1 GB; by default that of the
        environment variable ``SITEOPT_CACHE``, else ``.siteopt-cache`` beside ``out``. Several
        runs may share it.
    brief : bool
        Whether plan and ranking are enough: no other plans, no map, no files but
        ``ranking.csv``, ``portfolio.json``, ``eligibility.tif`` and ``run.json``.
    report : bool
        Whether to typeset ``report.pdf`` and its pictures; a brief run has none.
    fresh : bool
        Whether to run every stage, whatever is kept.
    show_progress : bool
        Whether to show a bar that names the stage.
    tell : callable, optional
        Called for every stage with what became of it, and why.

    Returns
    -------
    Run
        The finished run: what this call wrote, also where another one writes there after it.

    Raises
    ------
    ScenarioError, LayerError, LayerFileError
        If the input cannot be right; nothing is written.
    InfeasibleError
        If no plan meets the scenario; the message names the limits in conflict. But for a brief
        run, ``map.html`` and ``report.pdf`` are written that say so, and ``run.json``.

    Examples
    --------
    >>> import siteopt
    >>> run = siteopt.run("national-2035", "runs/national-2035")  # doctest: +SKIP
    >>> print(run.summary())  # doctest: +SKIP
    """
    loaded = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    folder = Path(out)
    check_folder(folder)
    store = Store(cache_folder(cache, folder))
    key = fingerprint(loaded) + ("-brief" if brief else "" if report else "-no-report")
    known = None if fresh else take_run(store, key, folder, HELD_FILES)
    if known is None:
        from siteopt.runs.evaluation import evaluate  # noqa: PLC0415 - a known run loads no library

        known = evaluate(
            loaded,
            folder,
            store,
            brief=brief,
            report=report,
            fresh=fresh,
            show_progress=show_progress,
            tell=tell,
        )
        remember_run(store, key, known)
        store.prune()
    elif tell is not None:
        for name in ("layers", *known.stages):
            tell(Outcome(name, ran=False, why=_UNCHANGED, seconds=0.0))
    return written_run(folder, known.record, known.files)


def cache_folder(asked: Path | str | None, out: Path) -> Path:
    """Return the folder in which results of stages are kept; parameters as of :func:`run`."""
    named = asked or os.environ.get(CACHE_VARIABLE)
    return Path(named) if named else out.absolute().parent / _CACHE_NAME
