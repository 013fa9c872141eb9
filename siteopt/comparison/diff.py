"""Comparison of two revisions or runs: inputs, results and the causes of each change."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from siteopt._temporary import temporary_folder
from siteopt.comparison import land, result_diff
from siteopt.comparison.causes import Causes, changes_of, find_causes
from siteopt.comparison.comparison import Comparison
from siteopt.comparison.reruns import Reruns, plan_of, run_inputs
from siteopt.comparison.revisions import RevisionInputs, Side, code_hash, find_sides
from siteopt.comparison.rows import layer_summary
from siteopt.comparison.scenario_diff import scenario_diff
from siteopt.comparison.switches import Switches, find_switches
from siteopt.errors import LayerFileError, SiteoptError
from siteopt.runs.results import said_by_files

if TYPE_CHECKING:
    import geopandas as gpd

    from siteopt.runs.results import Run

__all__ = ["RUNS_MAX", "compare", "compare_runs"]

RUNS_MAX: Final = 24
"""Most runs that tracing the causes makes, the two sides' own aside."""


def compare_runs(before: Run, after: Run) -> Comparison:
    """Compare two finished runs by what their files say.

    Parameters
    ----------
    before, after : Run
        From `siteopt.open_run`.

    Returns
    -------
    Comparison
        Changes of the inputs and of the results; without rows of layers, eligible land by
        province and causes, which need the layers (see :func:`compare`).

    Examples
    --------
    >>> import siteopt
    >>> before = siteopt.open_run("runs/national-2035")  # doctest: +SKIP
    >>> after = siteopt.open_run("runs/mine")  # doctest: +SKIP
    >>> siteopt.compare_runs(before, after).sites  # doctest: +SKIP
    """
    with said_by_files(before.folder, after.folder):
        return _compared(before, after)


def _compared(before: Run, after: Run) -> Comparison:
    names = [str(run.record["scenario"]["name"]) for run in (before, after)]
    if names[0] == names[1]:
        names = [
            f"{name} ({run.folder.name})" for name, run in zip(names, (before, after), strict=True)
        ]
    return Comparison(
        before=names[0],
        after=names[1],
        inputs=scenario_diff(before.record, after.record),
        figures=result_diff.figures(before, after),
        sites=result_diff.sites(before, after),
        ranks=result_diff.ranks(before, after),
        grid=result_diff.grid(before, after),
        opening=result_diff.opening(before, after),
        reasons=land.land_by_reason(before, after),
    )


def compare(  # noqa: PLR0913 - what the command offers, by name
    before: str,
    after: str = ".",
    *,
    scenario: str | None = None,
    causes: bool | None = None,
    runs_max: int = RUNS_MAX,
    data: tuple[Path | None, Path | None] = (None, None),
    cache: Path | None = None,
    map_path: Path | None = None,
) -> Comparison:
    """Compare two sides, run what is not run yet, and trace each change to its cause.

    Parameters
    ----------
    before, after : str
        Each the folder of a finished run, a git revision of the repository of the current
        folder, or a folder of a repository for its working tree (``.``).
    scenario : str, optional
        Scenario of the sides that are to be run: a file, or a ready one's name; the ready one
        where there is but one.
    causes : bool, optional
        Whether to trace causes, which takes runs; by default where a side is not a finished run.
    runs_max : int
        Most runs for that, the two sides' own aside.
    data : tuple of Path, optional
        Data folders that finished runs were made with; the embedded one by default.
    cache : Path, optional
        Folder where the stages of runs keep their results; that of ``SITEOPT_CACHE``, or one that
        the runs of this comparison share, by default.
    map_path : Path, optional
        Where to write a map with both answers, one HTML file.

    Raises
    ------
    ScenarioError, LayerError, LayerFileError
        If a name means nothing or an input cannot be right.
    InfeasibleError
        If a side has no plan.

    Examples
    --------
    >>> from siteopt.comparison import compare
    >>> found = compare("main", ".", scenario="national-2035")  # doctest: +SKIP
    >>> found.causes  # doctest: +SKIP
    """
    if map_path is not None and (map_path.is_dir() or not os.access(_there(map_path), os.W_OK)):
        raise LayerFileError(f"{map_path}: cannot be written; give a file to --map")
    with temporary_folder("siteopt-compare-") as home:
        sides = find_sides((before, after), home, scenario, data)
        kept = cache or Path(os.environ.get("SITEOPT_CACHE") or home / "cache")
        work = _Work(home, sides, runs_max, kept.absolute())
        if work.nothing_to_run() and map_path is None:
            return work.same_inputs()
        runs = work.runs()
        found = work.compared(runs)
        if causes or (causes is None and any(side.run is None for side in sides)):
            found = work.traced(found, runs)
        if map_path is not None:
            from siteopt.comparison.map import (  # noqa: PLC0415 - it loads folium
                write_comparison_map,
            )

            write_comparison_map(found, runs, work.backdrop(), map_path)
    return found


def _there(path: Path) -> Path:
    """Return the nearest folder above a file that is there."""
    return next(item for item in path.absolute().parents if item.exists())


@dataclass
class _Work:
    """The two sides, what differs between their inputs, and a folder to work in."""

    home: Path
    sides: tuple[Side, Side]
    runs_max: int
    cache: Path

    def __post_init__(self) -> None:
        self.switches: Switches | None = None
        self.notes = [side.missing for side in self.sides if side.missing]
        inputs = [side.inputs for side in self.sides]
        if inputs[0] is not None and inputs[1] is not None:
            try:
                self.switches = find_switches(inputs[0], inputs[1])
            except SiteoptError as error:
                self.notes.append(f"inputs not compared by row, causes not traced: {error}")

    def nothing_to_run(self) -> bool:
        """Return whether both sides would be run and no input differs that matters."""
        made = all(side.run is None for side in self.sides)
        return made and self.switches is not None and not self.switches.switches

    def same_inputs(self) -> Comparison:
        """Return the comparison of two sides whose inputs are the same: nothing is run."""
        found = self._with_layers(Comparison(self.sides[0].label, self.sides[1].label))
        return replace(found, notes=("nothing was run: no input of the answer differs",))

    def runs(self) -> tuple[Run, Run]:
        """Return the runs of both sides; those that are not there are made."""
        made = []
        for side, place in zip(self.sides, ("side-before", "side-after"), strict=True):
            if side.run is None and side.inputs is not None:
                (self.home / place).mkdir()
                outcome = run_inputs(side.inputs, self.home / place, self.cache)
                made.append(plan_of(outcome, side.label))
                if self.nothing_to_run():
                    return made[0], made[0]
            elif side.run is not None:
                made.append(side.run)
        return made[0], made[1]

    def compared(self, runs: tuple[Run, Run]) -> Comparison:
        """Compare what the runs say, and the layers of both sides."""
        found = compare_runs(*runs)
        if any(side.run is None for side in self.sides):
            name = runs[1].record["scenario"]["name"]
            before, after = (side.label for side in self.sides)
            found = replace(found, before=f"{name}: {before}", after=after)
        frames = [_provinces(side.inputs) for side in self.sides]
        if frames[0] is not None and frames[1] is not None:
            table = land.land_by_province(*runs, (frames[0], frames[1]))
            found = replace(found, provinces=table)
        return replace(self._with_layers(found), notes=tuple(self.notes))

    def _with_layers(self, found: Comparison) -> Comparison:
        if self.switches is None:
            return found
        layers = self.switches.layers
        rows = [change.rows for change in layers if len(change.rows)]
        inputs = found.inputs
        if any(switch.kind == "code" for switch in self.switches.switches):
            before, after = (
                code_hash(one.code)[:12] for one in (self.switches.before, self.switches.after)
            )
            code = pd.DataFrame([("code", "siteopt", before, after)], columns=inputs.columns)
            inputs = pd.concat([code, inputs], ignore_index=True)
        return replace(
            found,
            inputs=inputs,
            layers=pd.DataFrame(
                [
                    (one.layer, one.summary, layer_summary(one.facts, "ko"), one.matters)
                    for one in layers
                ],
                columns=["layer", "change", "change_ko", "matters"],
            ),
            rows=pd.concat(rows, ignore_index=True) if rows else found.rows,
        )

    def traced(self, found: Comparison, runs: tuple[Run, Run]) -> Comparison:
        """Trace the changes of a comparison to the inputs that brought them about."""
        if self.switches is None or not self.switches.switches or found.is_same:
            return found
        reruns = Reruns(self.switches, self.home / "switched", self.runs_max, self.cache)
        reruns.keep(*runs)
        changes = changes_of(found.sites, found.ranks, found.figures)
        strange = self._not_reproduced(runs)
        if strange:
            return replace(found, notes=(*found.notes, strange))
        traced: Causes = find_causes(reruns, changes)
        return replace(
            found,
            causes=traced.table,
            cost_shares=traced.costs,
            cost_method=traced.cost_method,
            runs_made=traced.runs,
            notes=(*found.notes, *traced.notes),
        )

    def _not_reproduced(self, runs: tuple[Run, Run]) -> str:
        """Return in a line which finished run the code in use answers otherwise.

        A finished run does not hold the code it was made with.
        """
        for side, run, place in zip(self.sides, runs, ("again-before", "again-after"), strict=True):
            if side.run is None or side.inputs is None:
                continue
            (self.home / place).mkdir()
            again = run_inputs(side.inputs, self.home / place, self.cache).run
            if again is None or not compare_runs(run, again).is_same:
                return (
                    f"{side.label}: the code in use gives another answer to its inputs, so the "
                    "causes are not traced; compare git revisions instead"
                )
        return ""

    def backdrop(self) -> Path | None:
        """Return the data folder whose borders and lines the map shows."""
        return next((s.inputs.data for s in reversed(self.sides) if s.inputs is not None), None)


def _provinces(inputs: RevisionInputs | None) -> gpd.GeoDataFrame | None:
    """Return the provinces of a side, EPSG:5179; None where they cannot be read."""
    from siteopt.lattice import CRS_EPSG  # noqa: PLC0415 - only where land is compared
    from siteopt.layers.catalogue import read_catalogue  # noqa: PLC0415
    from siteopt.layers.readers import read_vector  # noqa: PLC0415

    if inputs is None:
        return None
    own = (inputs.scenario.get("layers") or {}).get("provinces")
    try:
        path = Path(own) if own else read_catalogue(inputs.data).path("provinces")
        return read_vector(path, "provinces").to_crs(CRS_EPSG)
    except SiteoptError:
        return None
