"""Execution of a run: stages computed or taken from the cache, files published together.

Nothing is written before all stages are done, so a run that fails leaves no file behind. What is
known as a whole loads no library: heavy modules are imported where they are needed.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from siteopt._file_names import MAP
from siteopt._files import check_folder, publish
from siteopt.runs import pipeline
from siteopt.runs._progress import progress_bar
from siteopt.runs.results import written_run
from siteopt.scenario import Scenario, load_scenario
from siteopt.stages.fingerprint import fingerprint
from siteopt.stages.stage import Outcome
from siteopt.stages.store import Store
from siteopt.stages.whole_run import remember_run, take_run, timed

if TYPE_CHECKING:
    from collections.abc import Callable

    from siteopt.layers import Layers
    from siteopt.runs.results import Run
    from siteopt.stages.answering import Answers

__all__ = ["CACHE_VARIABLE", "Checked", "cache_folder", "check", "run", "write"]

CACHE_VARIABLE: Final = "SITEOPT_CACHE"
"""Environment variable with the folder in which results of stages are kept."""

_CACHE_NAME: Final = ".siteopt-cache"
_SETTLED: Final = "nothing that a run can read changed"


def run(  # noqa: PLR0913 - each by its name
    scenario: Scenario | Path | str,
    out: Path | str,
    *,
    cache: Path | str | None = None,
    brief: bool = False,
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
        If no plan meets the scenario; the message names the limits in conflict.

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
    stages = pipeline.BRIEF_STAGES if brief else pipeline.STAGES
    known = fingerprint(loaded) + ("-brief" if brief else "")
    phases = [stage.phase for stage in stages]
    taken = None if fresh else take_run(store, known, folder, phases)
    if taken is not None:
        if tell is not None:
            for name in ("layers", *(stage.name for stage in stages)):
                tell(Outcome(name, ran=False, why=_SETTLED, seconds=0.0))
        return taken
    from siteopt.layers import open_layers
    from siteopt.stages.answering import Answers

    with progress_bar(stages, shown=show_progress) as begun:
        layers = open_layers(loaded)
        answers = Answers(stages, loaded, layers, store, fresh=fresh, begun=begun)
        finished = write(answers, folder, tell, brief=brief)
    written = ("figures",) if brief else ("map", "files")
    parts = {name: answers.identity(name) for name in written}
    remember_run(store, known, finished.record, parts)
    store.prune()
    return finished


def write(
    answers: Answers,
    folder: Path,
    tell: Callable[[Outcome], None] | None = None,
    *,
    brief: bool = False,
) -> Run:
    """Answer all stages and write the files of a run; return the run.

    Parameters
    ----------
    answers : Answers
        Of `siteopt.runs.pipeline.STAGES`, or of its `BRIEF_STAGES`.
    folder : Path
        Folder for the files.
    tell : callable, optional
        Called for every stage with what became of it, and why.
    brief : bool
        See :func:`run`.
    """
    stages = pipeline.BRIEF_STAGES if brief else pipeline.STAGES
    begin = time.perf_counter()
    read = answers.check_layers()
    seconds = dict.fromkeys((stage.phase for stage in stages), 0.0)
    seconds["layers"] += time.perf_counter() - begin
    if tell is not None:
        why = f"read and checked: {', '.join(read)}" if read else "every layer is known"
        tell(Outcome("layers", bool(read), why, seconds["layers"]))
    results = {stage.name: answers.result(stage.name) for stage in stages}
    for stage in stages:
        outcome = answers.outcomes[stage.name]
        seconds[stage.phase] += outcome.seconds
        if tell is not None:
            tell(outcome)
    from siteopt.report.files import library_versions

    drawn = results["figures" if brief else "files"]
    record = drawn["record"] | {"versions": library_versions()} | timed(seconds)
    files = drawn["files"] if brief else {MAP: results["map"].encode(), **drawn["files"]}
    return written_run(folder, publish(files, record, folder), files)


def cache_folder(asked: Path | str | None, out: Path) -> Path:
    """Return the folder in which results of stages are kept; parameters as of :func:`run`."""
    named = asked or os.environ.get(CACHE_VARIABLE)
    return Path(named) if named else out.absolute().parent / _CACHE_NAME


class Checked(NamedTuple):
    """A scenario that a run can answer, as far as is known before one.

    Attributes
    ----------
    layers : Layers
        Every layer read, and sound.
    notes : list of str
        What the reader of an answer should know, a sentence each.
    """

    layers: Layers
    notes: list[str]


def check(scenario: Scenario) -> Checked:
    """Go through the first half of a run, and rehearse what needs no sites of the second.

    Parameters
    ----------
    scenario : Scenario
        Scenario, or path or name of one.

    Raises
    ------
    ScenarioError
        If the scenario names what there is not, or asks for more memory than there is.
    LayerError, LayerFileError
        If a layer or the parcels cannot be right.
    """
    from siteopt.layers import open_layers
    from siteopt.runs.dry_run import rehearse
    from siteopt.stages.answering import Answers

    layers = open_layers(scenario)
    layers.check()
    answers = Answers(pipeline.STAGES, scenario, layers)
    for stage in pipeline.CHECKS:
        answers.result(stage.name)
    rehearse(layers, scenario)
    unsettled = [
        f"sites: {name} is a tile; whether it holds a site the run tells"
        for name in answers.value("candidates")
    ]
    return Checked(layers, [*layers.notes, *scenario.remarks, *unsettled])
