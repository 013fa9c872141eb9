"""The stages of a run in order: the only module that knows it.

A stage takes plain values and returns plain values; nothing is written before the last stage,
so a run that fails leaves no file behind.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from siteopt.candidates import find_sites
from siteopt.costs import cost_options, pv_mwh_per_mw
from siteopt.criteria import describe_sites
from siteopt.errors import ScenarioError
from siteopt.grid import (
    assess,
    connect_sites,
    siting_grid,
    station_headroom,
    station_upgrades,
    with_buses,
    with_upgrades,
)
from siteopt.layers import open_layers
from siteopt.parcels import parcel_sites, read_parcels
from siteopt.portfolio.answer import plan_portfolio
from siteopt.report import RunTables, check_folder, write_run
from siteopt.report.tables import site_costs
from siteopt.runs import Run, open_run
from siteopt.scenario import Scenario, load_scenario
from siteopt.scoring import score_sites
from siteopt.screening import screen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress

    from siteopt.layers import Layers

__all__ = ["STAGES", "check", "run"]

STAGES: Final = (
    ("layers", "checking layers"),
    ("screening", "screening the country"),
    ("sites", "finding sites"),
    ("criteria", "describing sites"),
    ("connections", "routing connections"),
    ("costs", "costing connections"),
    ("portfolio", "choosing and ranking"),
    ("report", "drawing the map"),
)
"""Stages in order: name in ``run.json``, and what the progress bar says."""


@dataclass
class _Clock:
    """Runs the stages under a progress bar and keeps their seconds."""

    progress: Progress | None
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        label = dict(STAGES)[name]
        begin = time.perf_counter()
        if self.progress is not None and self.progress.task_ids:
            self.progress.update(self.progress.task_ids[0], description=label)
        yield
        self.seconds[name] = time.perf_counter() - begin
        if self.progress is not None and self.progress.task_ids:
            self.progress.advance(self.progress.task_ids[0])


def run(scenario: Scenario | Path | str, out: Path | str, *, show_progress: bool = False) -> Run:
    """Answer a scenario and write the files of the run.

    Parameters
    ----------
    scenario : Scenario, Path or str
        What to decide: a loaded scenario, a scenario file, or the name of a ready one.
    out : Path or str
        Folder for the files; made where it is missing. Files of an earlier run are replaced.
    show_progress : bool
        Whether to show a bar that names the stage.

    Returns
    -------
    Run
        The finished run, opened from its files.

    Raises
    ------
    ScenarioError, LayerError, LayerFileError
        If the input cannot be right; nothing is written.
    InfeasibleError
        If no plan meets the scenario; the message names the limits in conflict.
    """
    loaded = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    folder = Path(out)
    check_folder(folder)
    with _progress_bar(shown=show_progress) as progress:
        clock = _Clock(progress)
        tables = _answer(loaded, clock)
        with clock.stage("report"):
            write_run(tables, folder, clock.seconds)
    return open_run(folder)


def check(scenario: Scenario) -> Layers:
    """Read and check all that a scenario names, before any work is done with it.

    Returns
    -------
    Layers
        Every layer read, and sound.

    Raises
    ------
    ScenarioError
        If a share is of a province that the provinces layer does not have.
    LayerError, LayerFileError
        If a layer or the parcels cannot be right.
    """
    layers = open_layers(scenario)
    layers.check()
    known = set(layers.vector("provinces")["province_code"])
    for code in scenario.provinces.shares:
        if code not in known:
            raise ScenarioError(
                f"provinces.shares.{code}: no such province; there are {', '.join(sorted(known))}"
            )
    if scenario.candidates.parcels is not None:
        read_parcels(scenario.candidates.parcels)
    return layers


def _answer(scenario: Scenario, clock: _Clock) -> RunTables:
    """Go through the stages from layers to ranking."""
    with clock.stage("layers"):
        layers = check(scenario)
    with clock.stage("screening"):
        eligibility = screen(layers, scenario.screening)
    with clock.stage("sites"):
        take = find_sites if scenario.candidates.parcels is None else parcel_sites
        sites = take(eligibility, layers, scenario)
    with clock.stage("criteria"):
        described = describe_sites(sites, layers, scenario)
        scores = score_sites(described, layers, scenario)
    with clock.stage("connections"):
        headroom = station_headroom(layers, scenario.target.year)
        upgrades = station_upgrades(headroom, layers, scenario)
        connections = connect_sites(sites, headroom, layers, scenario, upgrades)
        connections = with_upgrades(connections, upgrades, layers, scenario)
    with clock.stage("costs"):
        options = with_buses(connections.options, layers)
        costed = cost_options(sites, described, options, layers, scenario)
    with clock.stage("portfolio"):
        grid = siting_grid(layers, scenario)
        answer = plan_portfolio(sites, described, scores, costed, headroom, scenario, grid)
    tables = RunTables(
        scenario=scenario,
        layers=layers,
        eligibility=eligibility,
        sites=sites,
        described=described,
        scores=scores,
        options=costed,
        routes=connections.routes,
        plan=answer.plan,
        ranking=answer.ranking,
        further=answer.further,
        pv_mwh_per_mw=pv_mwh_per_mw(layers.parameters),
    )
    shown = (
        site_costs(tables)
        .reset_index()
        .merge(costed[["option_id", "headroom_mw", "relief_mw", "bus_id"]], on="option_id")
    )
    return replace(tables, impact=assess(shown, sites, layers, scenario))


@contextmanager
def _progress_bar(*, shown: bool) -> Iterator[Progress | None]:
    if not shown:
        yield None
        return
    from rich.console import Console  # noqa: PLC0415 - only where a bar is wanted
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (
        TextColumn("{task.description:24}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        progress.add_task("starting", total=len(STAGES))
        yield progress
