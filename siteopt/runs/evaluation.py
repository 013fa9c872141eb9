"""Evaluation of a run: its stages scheduled, and its files written together.

Nothing is written before all stages are done, so a run that fails leaves no file behind; one that
no plan answers leaves a page and a report that say so.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from siteopt._file_names import MAP
from siteopt._files import publish
from siteopt.errors import InfeasibleError
from siteopt.layers import open_layers
from siteopt.report.files import library_versions, no_plan_record
from siteopt.report.run_tables import NoPlan
from siteopt.runs import pipeline
from siteopt.runs._progress import progress_bar
from siteopt.runs.dry_run import rehearse
from siteopt.runs.known_run import KnownRun
from siteopt.stages.scheduler import Scheduler
from siteopt.stages.stage import Outcome
from siteopt.stages.trace_recorder import RecordedLayers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from siteopt.layers import Layers
    from siteopt.scenario import Scenario
    from siteopt.stages.stage import Stage
    from siteopt.stages.store import Store

__all__ = ["Checked", "check", "evaluate", "write"]


def evaluate(  # noqa: PLR0913 - each by its name
    scenario: Scenario,
    folder: Path,
    store: Store,
    *,
    brief: bool = False,
    report: bool = True,
    fresh: bool = False,
    show_progress: bool = False,
    tell: Callable[[Outcome], None] | None = None,
) -> KnownRun:
    """Run the stages that have to, and write the files; parameters as of `siteopt.run`."""
    stages = _stages(brief=brief, report=report)
    with progress_bar(stages, shown=show_progress) as begun:
        layers = open_layers(scenario)
        scheduler = Scheduler(stages, scenario, layers, store, fresh=fresh, begun=begun)
        try:
            return write(scheduler, folder, tell, brief=brief, report=report)
        except InfeasibleError as error:
            if not brief and pipeline.ELIGIBILITY.name in scheduler.outcomes:
                _write_no_plan(scheduler, folder, error, report=report)
            raise


def _write_no_plan(
    scheduler: Scheduler, folder: Path, error: InfeasibleError, *, report: bool
) -> None:
    """Write the page and the report of a run that no plan answers, in place of any before it."""
    from siteopt.report.document.no_plan import no_plan_files  # noqa: PLC0415 - few runs need it

    sites = None
    if pipeline.SITES.name in scheduler.outcomes:
        sites = len(scheduler.result(pipeline.SITES))
    known = {stage.name: stage.phase for stage in pipeline.STAGES}
    failed = next(name for name in known if name not in scheduler.outcomes)
    phase = "sites" if sites is None else "energy" if known[failed] == "energy" else "portfolio"
    tables = NoPlan(
        scenario=scheduler.keys.scenario,
        # as stages have them: all layers are inputs, whichever this call had to read
        layers=cast("Layers", RecordedLayers(scheduler.keys.layers, lambda _: None)),
        eligibility=scheduler.result(pipeline.ELIGIBILITY),
        phase=phase,
        why=str(error),
        why_ko=error.sentence_ko,
        sites=sites,
    )
    record = no_plan_record(tables) | {"versions": library_versions()}
    publish(no_plan_files(tables, report=report), record, folder)
    told = (
        f"{folder / MAP}: says so in Korean, with the land that is left and what excludes the rest"
    )
    error.details = "\n".join([line for line in (error.details, told) if line])


def write(
    scheduler: Scheduler,
    folder: Path,
    tell: Callable[[Outcome], None] | None = None,
    *,
    brief: bool = False,
    report: bool = True,
) -> KnownRun:
    """Schedule all stages and write the files of a run.

    Parameters
    ----------
    scheduler : Scheduler
        Of `siteopt.runs.pipeline.STAGES`, or of its `BRIEF_STAGES`.
    folder : Path
        Folder for the files.
    tell : callable, optional
        Called for every stage with what became of it, and why.
    brief, report : bool
        As of `siteopt.run`.
    """
    stages = _stages(brief=brief, report=report)
    begin = time.perf_counter()
    read = scheduler.keys.check_layers()
    seconds = dict.fromkeys((stage.phase for stage in stages), 0.0)
    seconds["layers"] += time.perf_counter() - begin
    if tell is not None:
        why = f"read and checked: {', '.join(read)}" if read else "every layer is known"
        tell(Outcome("layers", bool(read), why, seconds["layers"]))
    for stage in stages:  # each is read, so that one that is damaged is made again
        scheduler.result(stage)
    for stage in stages:
        outcome = scheduler.outcomes[stage.name]
        seconds[stage.phase] += outcome.seconds
        if tell is not None:
            tell(outcome)
    drawn = scheduler.result(pipeline.FIGURES if brief else pipeline.FILES)
    files = drawn["files"]
    if not brief:
        files = {MAP: scheduler.result(pipeline.MAP).encode(), **files}
    if pipeline.REPORT in stages:
        files = files | scheduler.result(pipeline.REPORT)
    timings = {name: round(taken, 3) for name, taken in seconds.items()}
    record = drawn["record"] | {"versions": library_versions(), "timings_s": timings}
    return KnownRun(publish(files, record, folder), files, [stage.name for stage in stages])


def _stages(*, brief: bool, report: bool) -> tuple[Stage[Any], ...]:
    """Return the stages of a run, by what is asked of it."""
    if brief:
        return pipeline.BRIEF_STAGES
    return tuple(stage for stage in pipeline.STAGES if report or stage is not pipeline.REPORT)


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

    Raises
    ------
    ScenarioError
        If the scenario names what there is not, or needs more memory than there is.
    LayerError, LayerFileError
        If a layer or the parcels cannot be right.
    """
    layers = open_layers(scenario)
    layers.check()
    scheduler = Scheduler(pipeline.STAGES, scenario, layers)
    for stage in pipeline.CHECKS:
        scheduler.result(stage)
    rehearse(layers, scenario)
    unsettled = [
        f"sites: {name} is a tile; whether it holds a site the run tells"
        for name in scheduler.result(pipeline.CANDIDATES)
    ]
    return Checked(layers, [*layers.notes, *scenario.remarks, *unsettled])
