"""Scenario: the pydantic models of a scenario file.

A scenario is one TOML file. Every key is known, every number carries its unit in its name, and
relative paths are read from the folder of the file. Facts of the world (costs, factors) are not
here: they are the ``parameters`` layer, and a scenario overrides single values of it under
``[parameters]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from siteopt._data import data_folder
from siteopt._plain_data import read_toml
from siteopt.errors import LayerError, LayerFileError, ScenarioError
from siteopt.scenario._base import Model, Name, Text
from siteopt.scenario._faults import first_fault
from siteopt.scenario._strict_numbers import read_otherwise
from siteopt.scenario.alternatives import Alternatives, Reasons, Tradeoffs
from siteopt.scenario.candidates import Candidates
from siteopt.scenario.energy import Energy, names_file
from siteopt.scenario.exclusions import check_shapes
from siteopt.scenario.frames import file_of_frame, is_frame
from siteopt.scenario.grid import Grid
from siteopt.scenario.limits import (
    Diversity,
    Provinces,
    SiteRules,
    Target,
    Water,
    is_whole,
)
from siteopt.scenario.payment import Payment
from siteopt.scenario.report import ReportOptions
from siteopt.scenario.screening import (
    Screening,
)
from siteopt.scenario.uncertainty import Uncertainty
from siteopt.scenario.weights import Weights

__all__ = [
    "Build",
    "Connection",
    "Objective",
    "Ranking",
    "Scenario",
    "Solver",
    "VoltageClass",
    "first_fault",
    "ready_scenarios",
    "scenario_of_file",
    "scenario_schema",
    "with_absolute_paths",
]


_WEIGHTS_OF_FILE: dict[str, Any] = {
    "properties": {"file": {"type": "string"}, "stakeholder": {"type": "string"}}
}
"""What ``[weights]`` may hold instead of weights; they take its place when a scenario is read."""


class Build(Model):
    """What may be built at one site, in MW of IT load."""

    it_min_mw: Annotated[float, Field(gt=0)] = 40.0
    """Smallest build."""
    it_max_mw: Annotated[float, Field(gt=0)] = 1000.0
    """Largest build."""
    block_mw: Annotated[float, Field(gt=0)] = 20.0
    """Size of a block; a site has a whole number of blocks."""
    land_ha_per_mw: Annotated[float, Field(gt=0)] = 0.12
    """Hectares of site per MW of IT load."""
    grows: bool = True
    """Whether a site may get further blocks in years after it opened (plans over several years)."""

    @model_validator(mode="after")
    def _bounds_are_whole_blocks(self) -> Self:
        if self.it_min_mw > self.it_max_mw:
            raise ValueError(
                f"it_min_mw ({self.it_min_mw:g}) must not exceed it_max_mw ({self.it_max_mw:g})"
            )
        for field in ("it_min_mw", "it_max_mw"):
            if not is_whole(getattr(self, field) / self.block_mw):
                raise ValueError(
                    f"{field} ({getattr(self, field):g}) must be a whole number of blocks of "
                    f"block_mw ({self.block_mw:g})"
                )
        return self


class VoltageClass(Model):
    """A voltage at which the contract power of a site may be supplied."""

    voltage_kv: Annotated[float, Field(gt=0)]
    """Nominal voltage of the supply."""
    station_kv: Annotated[float, Field(gt=0)]
    """Voltage level of the station whose headroom is used (154 for a 22.9 kV supply)."""
    facility_max_mw: Annotated[float, Field(gt=0)]
    """Largest contract power (facility load, not IT load) at this voltage."""


class Connection(Model):
    """How sites connect to stations."""

    options_per_class: Annotated[int, Field(ge=1, le=20)] = 3
    """Number of stations of each voltage class that are options: those with the cheapest routes."""
    spare_stations: Annotated[int, Field(ge=0, le=20)] = 2
    """Number of nearest stations (by air) beyond those kept to which routes are sought."""
    distance_max_km: Annotated[float, Field(gt=0)] = 40.0
    """Stations farther away (great circle) are no option."""
    underground: bool = False
    """Whether new lines go underground everywhere (dearer); else in built-up land only."""
    banks_max: Annotated[int, Field(ge=0, le=6)] = 0
    """Most new 345/154 kV transformer banks at a station, which sites may pay for."""
    new_154_stations: bool = False
    """Whether a new 154 kV station beside an existing one is an option, which sites may pay for."""
    new_345_stations: bool = False
    """Whether a new 345 kV station at a 345 kV line is an option (``new_stations`` layer)."""
    zero_headroom: Literal["closed", "works"] = "works"
    """What a published headroom of zero means, which is "probably none": the stations of the
    district are closed, or open through works only."""
    headroom_shared: bool = True
    """Whether a published headroom counts once for all stations of the districts that name it: it
    is known to be that of one station."""
    second_feed_from_mw: Annotated[float, Field(gt=0)] | None = 100.0
    """Contract power in MW from which a site has a second feed from another station; in TOML
    ``false`` for none."""
    route_cell_m: Annotated[float, Field(ge=100, le=1000)] = 250.0
    """Side of the cells over which routes are sought, in metres."""
    classes: Annotated[list[VoltageClass], Field(min_length=1)]
    """Voltage classes in rising order of contract power."""

    @field_validator("second_feed_from_mw", mode="before")
    @classmethod
    def _false_is_none(cls, given: Any) -> Any:  # noqa: ANN401 - not checked yet
        """TOML has no null: ``false`` switches the second feed off."""
        return None if given is False else given

    @model_validator(mode="after")
    def _classes_rise(self) -> Self:
        limits = [item.facility_max_mw for item in self.classes]
        if limits != sorted(set(limits)):
            raise ValueError("classes must stand in rising order of facility_max_mw")
        voltages = [item.voltage_kv for item in self.classes]
        twice = sorted({kv for kv in voltages if voltages.count(kv) > 1})
        if twice:
            raise ValueError(f"classes: voltage_kv {twice[0]:g} appears twice; one class a voltage")
        return self


class Objective(Model):
    """What is best."""

    kind: Literal["cost", "suitability"] = "cost"
    """Least discounted cost, or most suitability-weighted MW."""
    suitability_price_bn_krw_per_mw: Annotated[float, Field(ge=0)] = 0.0
    """Price on low suitability: bn KRW per MW at a site whose suitability is 0."""
    budget_bn_krw: Annotated[float, Field(gt=0)] | None = None
    """Largest capital cost in bn KRW (building, land, connection, fibre); none by default."""
    budget_by_year_bn_krw: dict[
        Annotated[int, Field(ge=2020, le=2060)], Annotated[float, Field(ge=0)]
    ] = {}
    """Largest capital cost of single years in bn KRW; a year that is not named has no limit of its
    own. What a site needs counts in the year in which it opens or grows."""


class Solver(Model):
    """Which solver, how exact, how long."""

    name: Literal["highs", "cbc"] = "highs"
    """HiGHS, or CBC as the fallback."""
    gap: Annotated[float, Field(ge=0, le=0.1)] = 1e-6
    """Relative gap at which an answer counts as optimal."""
    time_limit_s: Annotated[float, Field(gt=0)] = 120.0
    """Wall seconds for the plan; an answer after it is reported with its gap. Where there is none
    by then, a first plan has 2 s more, or a tenth of the limit."""
    threads: Annotated[int, Field(ge=1, le=64)] = 2
    """Processor cores to use."""


class Ranking(Model):
    """Which sites are ranked exactly."""

    exact_others: Annotated[int, Field(ge=0)] = 50
    """Least number of sites that are not chosen with an exact regret; the rest has bounds."""
    time_limit_s: Annotated[float, Field(gt=0)] = 120.0
    """Wall seconds for the ranking; sites not done by then keep their bounds."""


class Scenario(Model):
    """A question to siteopt: all that is decided before a run."""

    name: Name
    """Short name, used for folders."""
    title: Text
    """What people read above the map."""
    seed: int = 0
    """Seed of everything that draws."""
    data: Path | None = None
    """Data folder of the form of the embedded one, in its place: ``siteopt layers fetch`` and
    ``siteopt layers take`` fill one."""
    layers: dict[str, Path] = {}
    """The user's own layer files, by catalogue id (a replacement) or by a new name."""
    parameters: dict[str, float] = {}
    """Single values of the ``parameters`` layer that this scenario sets otherwise."""
    weights: Annotated[Weights, Field(json_schema_extra=_WEIGHTS_OF_FILE)] = {}
    """Weights of the criteria in the suitability score; equal where empty. With ``file`` alone, the
    compromise of a file of judgements, or with ``stakeholder`` too the weights of one of them."""
    target: Target
    build: Build = Build()
    screening: Screening
    candidates: Candidates = Candidates()
    connection: Connection
    provinces: Provinces = Provinces()
    diversity: Diversity = Diversity()
    sites: SiteRules = SiteRules()
    spacing_km: Annotated[float, Field(ge=0)] = 0.0
    """Smallest distance between two chosen sites."""
    water: Water = Water()
    energy: Energy = Energy()
    grid: Grid = Grid()
    payment: Payment | None = None
    """Who pays for the grid works of the plan; not told where it is not given."""
    objective: Objective = Objective()
    solver: Solver = Solver()
    ranking: Ranking = Ranking()
    alternatives: Alternatives = Alternatives()
    tradeoffs: Tradeoffs = Tradeoffs()
    reasons: Reasons = Reasons()
    uncertainty: Uncertainty = Uncertainty()
    report: ReportOptions = ReportOptions()

    @field_validator("layers", mode="before")
    @classmethod
    def _frames_are_files(cls, given: Any) -> Any:  # noqa: ANN401 - not checked yet
        if not isinstance(given, Mapping):
            return given
        return {
            key: file_of_frame(one, str(key)) if is_frame(one) else one
            for key, one in given.items()
        }

    @field_validator("layers")
    @classmethod
    def _are_local(cls, layers: dict[str, Path]) -> dict[str, Path]:
        for key, path in layers.items():
            _must_be_local(key, path)
        return layers

    @property
    def asks_for_suitability(self) -> bool:
        """Whether the plan hangs on suitability, and so on the weights."""
        aim = self.objective
        counts = aim.kind == "suitability" or aim.suitability_price_bn_krw_per_mw > 0
        return counts or "suitability" in self.tradeoffs.measures

    @property
    def remarks(self) -> list[str]:
        """Settings that the plan does not use, a sentence each."""
        found = []
        if self.weights and not self.asks_for_suitability:
            found.append(
                "weights: they move no site of the plan, only the suitability that is shown; what "
                'is best is cost alone (objective.kind = "suitability", or a '
                "suitability_price_bn_krw_per_mw above 0, asks for them)"
            )
        if self.uncertainty.count and not self.draws:
            found.append("uncertainty: no draws are made of campuses; its settings are not used")
        return found

    @property
    def draws(self) -> int:
        """Number of draws of all assumptions; none where campuses are candidates."""
        return 0 if self.candidates.campus is not None else self.uncertainty.count

    @model_validator(mode="after")
    def _loads_are_whole_blocks(self) -> Self:
        loads = {"target.it_mw": self.target.it_mw}
        for year, it_mw in self.target.it_mw_by_year.items():
            loads[f"target.it_mw_by_year.{year}"] = it_mw
        for site in self.sites.begun:
            loads[f"sites.begun of {site.site_id}: it_mw"] = site.it_mw
        for key, group in self.provinces.groups.items():
            if group.min_mw > self.target.it_mw:
                raise ValueError(
                    f"provinces.groups.{key}: min_mw ({group.min_mw:g}) must not exceed target.it_mw "
                    f"({self.target.it_mw:g})"
                )
        for name, it_mw in loads.items():
            if not is_whole(it_mw / self.build.block_mw):
                raise ValueError(
                    f"{name} ({it_mw:g}) must be a whole number of blocks of "
                    f"build.block_mw ({self.build.block_mw:g})"
                )
        return self

    @model_validator(mode="after")
    def _exempt_rules_are_there(self) -> Self:
        there = [exclusion.id for exclusion in self.screening.exclusions]
        default: list[str] = type(self.candidates).model_fields["complex_exempt"].default
        for name in self.candidates.complex_exempt:
            # the default may name a rule that a scenario does not have
            if name not in there and name not in default:
                raise ValueError(
                    f"candidates.complex_exempt names {name!r}, which is no exclusion; there "
                    f"are {', '.join(there)}"
                )
        return self

    @model_validator(mode="after")
    def _shapes_of_land_for_plants_are_larger_than_cells(self) -> Self:
        for land in self.energy.supply.potentials:
            check_shapes(land.exclusions, self.screening.cell_m)
        return self

    @model_validator(mode="after")
    def _campuses_keep_apart(self) -> Self:
        campus = self.candidates.campus
        if campus is None:
            return self
        if self.candidates.parcels is not None:
            raise ValueError(
                "candidates.campus is made of tiles and complexes: give no candidates.parcels"
            )
        if self.spacing_km < 2 * campus.reach_km:
            raise ValueError(
                f"candidates.campus.reach_km ({campus.reach_km:g}) must not exceed half of "
                f"spacing_km ({self.spacing_km:g}), so that no land is in two chosen sites"
            )
        for field in ("it_min_mw", "it_max_mw"):
            if not is_whole(getattr(campus, field) / self.build.block_mw):
                raise ValueError(
                    f"candidates.campus.{field} ({getattr(campus, field):g}) must be a whole "
                    f"number of blocks of build.block_mw ({self.build.block_mw:g})"
                )
        return self

    @model_validator(mode="after")
    def _tradeoffs_weigh_cost(self) -> Self:
        if self.tradeoffs.measures and self.objective.kind != "cost":
            raise ValueError('tradeoffs.measures are weighed against cost: objective.kind = "cost"')
        return self

    @model_validator(mode="after")
    def _matched_energy_has_a_grid_and_a_cost(self) -> Self:
        if self.energy.matching == "none":
            return self
        if not self.grid.flow_limits:
            raise ValueError(
                f'energy.matching = "{self.energy.matching}" delivers through the grid: '
                "grid.flow_limits = true"
            )
        if self.objective.kind != "cost":
            raise ValueError(
                f'energy.matching = "{self.energy.matching}" is a cost: objective.kind = "cost"'
            )
        return self

    @model_validator(mode="after")
    def _years_are_in_the_plan(self) -> Self:
        years = self.target.years
        if self.objective.kind == "suitability" and len(years) > 1:
            raise ValueError(
                'target.it_mw_by_year needs objective.kind = "cost": the most suitable sites of '
                "several years are not defined"
            )
        for year in self.objective.budget_by_year_bn_krw:
            if year not in years:
                raise ValueError(
                    f"objective.budget_by_year_bn_krw names {year}; the plan has the years "
                    f"{years[0]} to {years[-1]}"
                )
        for site in self.sites.begun:
            if site.year > years[-1]:
                raise ValueError(
                    f"sites.begun: {site.site_id} opens in {site.year}, after the last year of the "
                    f"plan ({years[-1]})"
                )
        return self


def scenario_of_file(path: Path | str) -> Scenario:
    """Return the scenario that a file holds; see `siteopt.scenario.load_scenario`.

    Parameters
    ----------
    path : Path or str
        A TOML file, or the name of a scenario that siteopt carries.
    """
    file = Path(path)
    if file.suffix != ".toml":
        file = data_folder() / "scenarios" / f"{path}.toml"
    if not _is_file(file):
        raise LayerFileError(
            f"{path}: no such scenario; give a .toml file or one of {', '.join(ready_scenarios())}"
        )
    try:
        raw = read_toml(file)
    except LayerError as error:
        raise ScenarioError(str(error)) from error
    if isinstance(weights := raw.get("weights"), dict) and "file" in weights:
        from siteopt.scenario.judgements import with_weights_of_file  # noqa: PLC0415 - loads numpy

        raw = with_weights_of_file(raw, file)
    if "variant" in raw:
        raise ScenarioError(
            f"{file}: a set of scenarios, as it has [[variant]] entries; give it to `siteopt run`, "
            "or one scenario here"
        )
    try:
        scenario = Scenario.model_validate(raw)
    except ValidationError as error:
        raise ScenarioError(f"{file}: {first_fault(error)}") from error
    if message := read_otherwise(raw, scenario.model_dump(mode="json")):
        raise ScenarioError(f"{file}: {message}")
    return with_absolute_paths(scenario, file.parent.resolve())


def ready_scenarios(folder: Path | None = None) -> list[str]:
    """Return the names of the scenarios that siteopt carries, sets of scenarios aside.

    Parameters
    ----------
    folder : Path, optional
        A data folder; the embedded one by default.
    """
    files = ((folder or data_folder()) / "scenarios").glob("*.toml")
    return sorted(file.stem for file in files if "variant" not in read_toml(file))


def _is_file(path: Path) -> bool:
    """Return whether there is something of that name; a folder fails when it is read."""
    try:
        return path.exists()
    except (OSError, ValueError):  # a name too long, or with a zero byte
        return False


def _must_be_local(layer_id: str, path: Path) -> None:
    """Raise ValueError where GDAL would look for a file in a virtual file system."""
    if path.as_posix().startswith("/vsi"):
        raise ValueError(
            f"layers.{layer_id}: {path} lies in a virtual file system of GDAL, which only the "
            f"command line may name (--layer {layer_id}=...); give a file on the disk"
        )


def with_absolute_paths(scenario: Scenario, folder: Path) -> Scenario:
    """Return a scenario whose files are absolute; polygon files of zones become layers of its own.

    A file of a zone is the layer ``zone_<name>``, so that it is read, checked and reported as all
    other layers are.
    """
    parcels, places = scenario.candidates.parcels, scenario.report.places
    own = {zone.name: zone.area for zone in scenario.energy.zones if names_file(zone.area)}
    layers = scenario.layers | {f"zone_{name}": Path(str(area)) for name, area in own.items()}
    zones = [
        zone.model_copy(update={"area": f"zone_{zone.name}"}) if zone.name in own else zone
        for zone in scenario.energy.zones
    ]
    for key, value in layers.items():
        _must_be_local(key, folder / value)
    return scenario.model_copy(
        update={
            "data": None if scenario.data is None else folder / scenario.data,
            "layers": {key: folder / value for key, value in sorted(layers.items())},
            "energy": scenario.energy.model_copy(update={"zones": zones}),
            "candidates": scenario.candidates.model_copy(
                update={"parcels": None if parcels is None else folder / parcels}
            ),
            "report": scenario.report.model_copy(
                update={"places": None if places is None else folder / places}
            ),
        }
    )


def scenario_schema() -> dict[str, Any]:
    """Return the JSON schema of a scenario file, for editors and forms."""
    return Scenario.model_json_schema()
