"""A comparison as a whole: from two names, or two finished runs, to all that differs."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from siteopt._temporary import temporary_folder
from siteopt.comparison import answer, asked, land
from siteopt.comparison.causes import Causes, changes_of, find_causes
from siteopt.comparison.rows import ROW_COLUMNS
from siteopt.comparison.sides import Inputs, Side, code_hash, find_sides
from siteopt.comparison.switches import Switches, find_switches
from siteopt.comparison.words import said_of_layer
from siteopt.comparison.workshop import Workshop, plan_of, run_inputs
from siteopt.errors import LayerFileError, SiteoptError
from siteopt.runs.results import said_by_files

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

    from siteopt.runs.results import Run

__all__ = ["RUNS_MAX", "Comparison", "compare", "compare_runs"]

RUNS_MAX: Final = 24
"""Most runs that tracing the causes makes, the two sides' own aside."""

_TABLES: Final = (
    "inputs", "layers", "rows", "figures", "sites", "opening", "ranks", "provinces", "reasons",
    "grid", "causes", "cost_shares",
)  # fmt: skip


def _no(*columns: str) -> Callable[[], pd.DataFrame]:
    """Return what makes a table without rows."""
    return lambda: pd.DataFrame(columns=list(columns))


@dataclass(frozen=True, eq=False)
class Comparison:
    """What differs between two runs.

    Attributes
    ----------
    before, after : str
        Names of the two sides.
    inputs : DataFrame
        ``kind`` (scenario, layer, version, code), ``input``, ``before``, ``after``.
    figures : DataFrame
        ``figure``, ``before``, ``after``, ``difference``, ``unit``, ``sure``: whether the proofs
        of the two runs tell the figures apart.
    sites : DataFrame
        Sites whose part in the plan changed; see :func:`siteopt.comparison.answer.sites`.
    ranks : DataFrame
        Sites whose ranks are proven in both runs and moved.
    grid : DataFrame
        Flow limits and new banks of the plans.
    layers : DataFrame
        ``layer``, ``change`` and ``change_ko``: in a line what changed inside a layer, ``matters``: whether the
        answer can depend on it.
    rows : DataFrame
        Rows of layers that changed: ``layer``, ``change`` (added, removed, moved, changed),
        ``row``, ``column``, ``before``, ``after``, ``distance_m``.
    provinces, reasons : DataFrame
        Eligible land by province, and excluded land by reason, where they differ (km2).
    opening : DataFrame
        What opens in each year, where a plan has years.
    causes, cost_shares : DataFrame
        Which input brought each change about, and how the difference of the objective is shared;
        see :class:`siteopt.comparison.causes.Causes`.
    cost_method : str
        ``shapley``, ``in order``, ``only input``, or empty.
    runs_made : int
        Runs that tracing the causes took, the two sides' own aside.
    notes : tuple of str
        What could not be compared, and why.
    """

    before: str
    after: str
    inputs: pd.DataFrame = field(default_factory=_no("kind", "input", "before", "after"))
    figures: pd.DataFrame = field(
        default_factory=_no("figure", "before", "after", "difference", "unit", "sure")
    )
    sites: pd.DataFrame = field(default_factory=_no("site_id", "change", "sure"))
    ranks: pd.DataFrame = field(
        default_factory=_no("site_id", "name_ko", "name_en", "rank_before", "rank_after")
    )
    grid: pd.DataFrame = field(
        default_factory=_no("run", "family", "limit", "used", "at_most", "binds")
    )
    layers: pd.DataFrame = field(default_factory=_no("layer", "change", "change_ko", "matters"))
    rows: pd.DataFrame = field(default_factory=_no(*ROW_COLUMNS))
    provinces: pd.DataFrame = field(
        default_factory=_no("province_code", "name_ko", "name_en", "difference")
    )
    reasons: pd.DataFrame = field(default_factory=_no("reason", "title_ko", "title_en"))
    opening: pd.DataFrame = field(default_factory=_no("year"))
    causes: pd.DataFrame = field(default_factory=_no("change", "subject", "cause", "how"))
    cost_shares: pd.DataFrame = field(
        default_factory=_no("input", "difference", "low", "high", "unit")
    )
    cost_method: str = ""
    runs_made: int = 0
    notes: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether the answer is the same: plan, figures, eligible land and proven ranks."""
        sure = self.sites["sure"].astype(bool).any() or self.figures["sure"].astype(bool).any()
        return self.ranks.empty and self.provinces.empty and not sure

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values for JSON."""
        return {
            "before": self.before,
            "after": self.after,
            "same_answer": self.is_same,
            **{name: _records(getattr(self, name)) for name in _TABLES},
            "cost_method": self.cost_method,
            "runs_made": self.runs_made,
            "notes": list(self.notes),
        }

    def text(self) -> str:
        """Return the comparison in plain lines."""
        from siteopt.comparison.text import lines  # noqa: PLC0415 - it takes a Comparison

        return "\n".join(lines(self))

    def markdown(self) -> str:
        """Return the comparison as Markdown, for a pull request or a report."""
        from siteopt.comparison.markdown import markdown  # noqa: PLC0415 - it takes a Comparison

        return markdown(self)


def compare_runs(before: Run, after: Run) -> Comparison:
    """Compare two finished runs by what their files say.

    Parameters
    ----------
    before, after : Run
        From `siteopt.open_run`.

    Returns
    -------
    Comparison
        What was asked otherwise and what it changes; without rows of layers, eligible land by
        province and causes, which need the layers (see :func:`compare`).

    Examples
    --------
    >>> import siteopt
    >>> before = siteopt.open_run("runs/national-2035")  # doctest: +SKIP
    >>> after = siteopt.open_run("runs/mine")  # doctest: +SKIP
    >>> print(siteopt.compare_runs(before, after).text())  # doctest: +SKIP
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
        inputs=asked.asked(before.record, after.record),
        figures=answer.figures(before, after),
        sites=answer.sites(before, after),
        ranks=answer.ranks(before, after),
        grid=answer.grid(before, after),
        opening=answer.opening(before, after),
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
            from siteopt.comparison.map import write_comparison_map  # noqa: PLC0415 - only here

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
                    (one.layer, one.summary, said_of_layer(one.facts, "ko"), one.matters)
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
        workshop = Workshop(self.switches, self.home / "switched", self.runs_max, self.cache)
        workshop.keep(*runs)
        changes = changes_of(found.sites, found.ranks, found.figures)
        strange = self._not_reproduced(runs)
        if strange:
            return replace(found, notes=(*found.notes, strange))
        traced: Causes = find_causes(workshop, changes)
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


def _provinces(inputs: Inputs | None) -> gpd.GeoDataFrame | None:
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


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    whole = table.astype(object).where(table.notna(), None)
    return [{str(key): value for key, value in row.items()} for row in whole.to_dict("records")]
