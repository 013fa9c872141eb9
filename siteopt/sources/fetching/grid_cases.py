"""Published grid cases taken into a data folder, with the layers that hang on them made anew."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Final, Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd

from siteopt._temporary import temporary_folder
from siteopt.errors import LayerError, LayerFileError
from siteopt.grid._case_faults import MOST_MW
from siteopt.grid._matpower import read_matpower
from siteopt.grid.case import case_of_layers
from siteopt.grid.hosting import operate
from siteopt.grid.snapshots import Snapshot
from siteopt.grid.system import build_system
from siteopt.lattice import CRS_EPSG, DEGREES_EPSG
from siteopt.layers import Layers, open_layers, read_catalogue
from siteopt.layers.catalogue import Catalogue, file_hash
from siteopt.layers.readers import read_table
from siteopt.scenario._base import Model
from siteopt.sources import grid_case
from siteopt.sources._serving_bus import LEVELS
from siteopt.sources._write import write_csv
from siteopt.sources.fetching.data_folder import drop_layers, prepare_folder, put_files
from siteopt.sources.fetching.grid_dependents import levels_of_layer, write_headroom_of
from siteopt.sources.fetching.grid_kpg_release import is_kpg_release, read_kpg_release
from siteopt.sources.fetching.grid_places import districts_of
from siteopt.sources.fetching.grid_pypsa import Carriers, case_of_pypsa
from siteopt.sources.fetching.grid_pypsa_files import read_pypsa
from siteopt.sources.fetching.recipes import RECIPES, SourceTerms, read_recipe
from siteopt.sources.hosting import hosting_table, snapshots_of_tables, write_hosting
from siteopt.sources.snapshots import snapshot_tables
from siteopt.sources.typical_days import Year

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from siteopt.layers.catalogue import Entry
    from siteopt.sources.fetching.grid_pypsa import PypsaCase

__all__ = [
    "CASE_DEPENDENTS", "CASE_FORMS", "CaseForm", "CaseTerms", "read_case_terms", "take_case",
]  # fmt: skip

CaseForm = Literal["matpower", "kpg", "pypsa"]
CASE_FORMS: Final[tuple[str, ...]] = get_args(CaseForm)
"""Forms in which grid cases are published."""

CASE_LAYERS: Final = ("case_buses", "case_branches", "case_generators", "case_dc_lines")
CASE_DEPENDENTS: Final = (
    "snapshots", "snapshot_buses", "hosting", "headroom", "typical_days", "year_days",
    "profiles_demand", "profiles_solar", "profiles_wind", "profiles_year_demand",
    "profiles_year_solar", "profiles_year_wind",
)  # fmt: skip
"""Layers that name buses of the case, or are made of it."""
_OF_HOURS: Final = ("snapshots", "snapshot_buses")
_OF_BUSES: Final = ("solar_mw", "wind_mw", "hydro_mw", "solar_cf", "wind_cf", "demand_mean_mw",
                    "demand_peak_mw")  # fmt: skip
"""What a case file may not hold of a bus."""
_BASE_MVA: Final = 100.0
_YEAR: Final = 8_760


class CaseTerms(Model):
    """Whose data a grid case is, by its form."""

    matpower: SourceTerms
    kpg: SourceTerms
    pypsa: SourceTerms

    def of(self, form: str) -> SourceTerms:
        """Return the terms of a form.

        Parameters
        ----------
        form : str
            One of `CASE_FORMS`.
        """
        found: SourceTerms = getattr(self, form)
        return found


@dataclass(frozen=True, slots=True)
class _Case:
    """A case as read.

    Attributes
    ----------
    tables : dict of str to DataFrame
        The four layers; ``province_code`` may be missing.
    hours : tuple of DataFrame, optional
        Layers ``snapshots`` and ``snapshot_buses``, where the source has hours.
    solved : bool
        Whether outputs and flows are those of a solved state.
    notes : list of str
        What is left out or taken for something.
    """

    tables: dict[str, pd.DataFrame]
    hours: tuple[pd.DataFrame, pd.DataFrame] | None = None
    solved: bool = True
    notes: list[str] = field(default_factory=list)


def take_case(  # noqa: PLR0913 - each by its name
    folder: Path,
    form: str,
    path: Path,
    *,
    places: Path | None = None,
    cost_unit_krw: float = 1.0,
    accept: bool = False,
    warn: Callable[[str], None] | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> list[Entry]:
    """Take a published grid case into a data folder, all of its layers or none.

    Snapshots, hosting capacity and headroom are made anew where the source allows; profiles of
    the folder stay where the buses are the same. What would then be of another case stops it, or
    is removed with ``accept``: nothing of two cases is mixed.

    Parameters
    ----------
    folder : Path
        A data folder; made with the embedded layers where it is missing.
    form : {'matpower', 'kpg', 'pypsa'}
        What the path holds.
    path : Path
        A ``.m`` file; a release of KPG as published (``network``, ``renewables_capacity``,
        ``profile``), or its tables below ``grid``, ``power_plants`` and ``renewables``; a folder of a PyPSA network, or its ``.nc`` file.
    places : Path, optional
        CSV with ``bus_id, lon, lat`` in degrees, for a case without places.
    cost_unit_krw : float, optional
        KRW in one unit of the costs of a file that does not say its currency.
    accept : bool
        Whether layers that no longer belong to the case are removed, and a layer may take the
        place of a much larger one.
    warn : callable, optional
        Called with the terms of the case before it is taken; `tell` by default.
    tell : callable, optional
        Called with each line to be said.

    Returns
    -------
    list of Entry
        What the catalogue now says of the layers.

    Raises
    ------
    LayerError
        If the case is faulty or has no places, or layers of the folder would not belong to it.
    LayerFileError
        If a file cannot be read.
    """
    warning = read_case_terms().of(form).warning
    if warning:
        (warn or tell)(warning)
    prepare_folder(folder)
    layers = open_layers(folder=folder)
    read = {"matpower": _read_matpower, "kpg": _read_kpg, "pypsa": _read_pypsa}[form]
    before = _buses_before(layers)
    found = read(path, layers, places, before, cost_unit_krw)
    same = before is not None and _same_buses(found.tables["case_buses"], before)
    stale = _stale(layers, found, same=same)
    if stale and not accept:
        raise LayerError(
            f"{path.name}: a case of {len(found.tables['case_buses']):,} buses; {', '.join(stale)} "
            "are of the case that is there and do not belong to it; `--accept-changes` takes the "
            "case and removes them"
        )
    for note in found.notes:
        tell(note)
    moment = datetime.fromtimestamp(path.stat().st_mtime, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    address = path.name if path.is_dir() else f"{path.name} (sha256 {file_hash(path)})"
    with temporary_folder() as part:
        no_links = found.tables["case_dc_lines"].empty
        gone = ["case_dc_lines"] if no_links and "case_dc_lines" in layers.ids else []
        of_case = [name for name in CASE_LAYERS if not (no_links and name == "case_dc_lines")]
        made = [*of_case, *_made(layers, found, stale)]
        _write(found, folder, layers, part, made, tell)
        entries = [_entry(layers, name, form, address, moment) for name in made]
        put = put_files(folder, part, entries, accept=accept)
    if stale or gone:
        drop_layers(folder, [*stale, *gone])
        tell(f"removed, as of another case: {', '.join([*stale, *gone])}")
    kept = [name for name in CASE_DEPENDENTS if name in layers.ids and name not in {*made, *stale}]
    if kept:
        tell(f"kept, as the buses are the same: {', '.join(kept)}")
    for entry in put:
        tell(f"{entry.id}: {len(read_table(folder / entry.file, entry.id)):,} rows")
    return put


def _buses_before(layers: Layers) -> pd.DataFrame | None:
    if "case_buses" not in layers.ids:
        return None
    return pd.DataFrame(layers.vector("case_buses").drop(columns="geometry"))


def _same_buses(buses: pd.DataFrame, before: pd.DataFrame) -> bool:
    """Return whether buses have the ids and voltages of those that were there."""
    pair = [table.set_index(table["bus_id"].astype(str))["base_kv"].astype(float).sort_index() for table in (buses, before)]  # fmt: skip
    return bool(pair[0].index.equals(pair[1].index) and np.isclose(pair[0], pair[1]).all())


def _stale(layers: Layers, found: _Case, *, same: bool) -> list[str]:
    """Return the layers of the folder that would not belong to the case."""
    there: list[str] = [name for name in CASE_DEPENDENTS if name in layers.ids]
    no_headroom = [] if _has_ratings(found) or "headroom" not in there else ["headroom"]
    if same:
        return no_headroom
    if found.hours is None:
        return there
    return [
        name
        for name in there
        if name not in {*_OF_HOURS, "hosting", "headroom"} or name in no_headroom
    ]


def _has_ratings(found: _Case) -> bool:
    """Return whether each level of the headroom estimate has a branch with a rating."""
    buses, branches = found.tables["case_buses"], found.tables["case_branches"]
    kv = buses.set_index(buses["bus_id"].astype(str))["base_kv"].astype(float)
    ends = [branches[end].astype(str).map(kv) for end in ("from_bus", "to_bus")]
    rated = branches["rate_a_mva"].astype(float).between(0, MOST_MW, inclusive="right")
    return all(bool((rated & (ends[0] == kv) & (ends[1] == kv)).any()) for kv in LEVELS)


def _made(layers: Layers, found: _Case, stale: list[str]) -> list[str]:
    """Return the layers that are made anew beside those of the case."""
    names = ["hosting", "headroom"]
    if found.hours is not None:
        names = [*_OF_HOURS, *names]
    return [name for name in names if name in layers.ids and name not in stale]


def _write(  # noqa: PLR0913, PLR0917 - where from, where to, and what
    found: _Case,
    folder: Path,
    layers: Layers,
    part: Path,
    names: list[str],
    tell: Callable[[str], None],
) -> None:
    """Write case and derived layers."""
    tables = [found.tables[name] for name in CASE_LAYERS]
    if not found.solved:
        tables[1] = tables[1].assign(flow_mw=0.0)
    _write_case(tables, part)
    if found.hours is not None and _OF_HOURS[0] in names:
        write_csv(found.hours[0], part / "snapshots.csv", "snapshot_id")
        digits = {"demand_mw": 3, "solar_cf": 4, "wind_cf": 4}
        hours = _numbered(found.hours[1])
        write_csv(hours, part / "snapshot_buses.csv", ["snapshot_id", "bus_id"], digits)
    if not found.solved:
        _solve(found, _with_files(folder, part, names), part)
        tell("no solved state in the files: outputs and flows are those of the cheapest dispatch")
    if "hosting" in names:
        tell("hosting capacity of each bus is computed: about half a minute for 200 buses")
        own = _with_files(folder, part, names)
        snapshots = snapshots_of_tables(own.table("snapshots"), own.table("snapshot_buses"))
        write_hosting(hosting_table(case_of_layers(own), snapshots), part / "hosting.csv")
    if "headroom" in names:
        own = _with_files(folder, part, names)
        lines = pd.DataFrame(layers.vector("lines").drop(columns="geometry"))
        stations = levels_of_layer(layers.vector("stations"), layers.table("headroom"))
        write_headroom_of(own, stations, lines, part / "headroom.csv")


def _with_files(folder: Path, part: Path, names: list[str]) -> Layers:
    """Return the layers of the folder with those that are written in their place."""
    own = {name: part / f"{name}.csv" for name in names if (part / f"{name}.csv").is_file()}
    there = read_catalogue(folder)
    # what the case does not have must not come from the one that is there
    kept = {key: entry for key, entry in there.entries.items() if key not in CASE_LAYERS or key in own}  # fmt: skip
    return Layers(Catalogue(folder, kept), own)


def _solve(found: _Case, layers: Layers, part: Path) -> None:
    """Write the case with outputs and flows of the cheapest dispatch of its own load."""
    case = case_of_layers(layers)
    bus = pd.Index(case.buses["bus_id"])
    load = pd.Series(case.buses["p_load_mw"].to_numpy(dtype=np.float64), index=bus)
    none = pd.Series(0.0, index=bus)
    state = Snapshot("state", "", "", 1, solar_and_wind=False, demand_mw=load, solar_cf=none, wind_cf=none)  # fmt: skip
    system = build_system(case)
    today = operate(case, state, "none", system).today
    buses, branches, generators, dc_lines = (found.tables[name] for name in CASE_LAYERS)
    flow = pd.Series(today.flow_mw, index=system.net.branch_id.astype(str))
    branches = branches.assign(flow_mw=branches["branch_id"].astype(str).map(flow).fillna(0.0))
    output = pd.Series(today.unit_mw, index=case.generators["generator_id"].astype(str))
    output = generators["generator_id"].astype(str).map(output).fillna(0.0)
    generators = generators.assign(output_mw=output, status=(output > 0).astype(int))
    links = pd.Series(today.link_mw, index=case.dc_lines["dc_line_id"].astype(str)[case.dc_lines["status"].to_numpy() == 1])  # fmt: skip
    dc_lines = dc_lines.assign(flow_mw=dc_lines["dc_line_id"].astype(str).map(links).fillna(0.0))
    _write_case([buses, branches, generators, dc_lines], part)


def _numbered(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose ids of buses are numbers where they are: 2 comes before 10."""
    if not table["bus_id"].astype(str).str.fullmatch(r"[1-9]\d{0,8}").all():
        return table
    return table.assign(bus_id=table["bus_id"].astype(int))


def _write_case(tables: list[pd.DataFrame], part: Path) -> None:
    """Write the layers of the case."""
    grid_case.write_case(_numbered(tables[0]), tables[1], tables[2], tables[3], part)
    if tables[3].empty:
        (part / "case_dc_lines.csv").unlink()  # a layer has rows


@cache
def read_case_terms() -> CaseTerms:
    """Return the terms of grid cases, of the packaged recipe."""
    return read_recipe(CaseTerms, RECIPES / "grid_cases.toml")


def _entry(layers: Layers, name: str, form: str, address: str, moment: str) -> Entry:
    """Return the entry of the catalogue, with what is not the embedded layer's own."""
    entry = layers.entry(name)
    derived, terms = name not in CASE_LAYERS, read_case_terms().of(form)
    return replace(
        entry, file=f"{name}.csv", address=address, fetched=moment, vintage=moment[:10],
        source=f"Computed by siteopt from the {terms.source}" if derived else terms.source,
        title_ko=entry.title_ko.replace("KPG 193 ", ""), title_en=entry.title_en.replace("KPG 193 case", "Grid case"),
        licence=entry.licence if form == "kpg" else terms.licence,
        redistribution=terms.redistribution, commercial=terms.commercial,
        notice=entry.notice if form == "kpg" or derived else "",
    )  # fmt: skip


# -- readers ---------------------------------------------------------------------------------------


def _read_matpower(
    path: Path, layers: Layers, places: Path | None, before: pd.DataFrame | None, unit_krw: float
) -> _Case:
    if not path.is_file():
        raise LayerFileError(f"{path}: not there; give a MATPOWER case, a .m file")
    tables, base_mva = read_matpower(path, unit_krw)
    scale = _BASE_MVA / base_mva
    branches = tables["case_branches"]
    branches = branches.assign(
        r_pu=branches["r_pu"] * scale, x_pu=branches["x_pu"] * scale, b_pu=branches["b_pu"] / scale
    )
    solved = bool(branches["flow_mw"].notna().all()) and bool((branches["flow_mw"] != 0).any())
    generators = tables["case_generators"].drop(columns="cost_points")
    generators["fuel"] = generators["fuel"].str.replace(r"\s+", "_", regex=True).replace("", "unknown")  # fmt: skip
    notes = [] if scale == 1 else [f"impedances are brought from {base_mva:g} to {_BASE_MVA:g} MVA"]
    buses = tables["case_buses"]
    if before is not None and places is None and _same_buses(buses, before):
        known = before.set_index(before["bus_id"].astype(str)).loc[buses["bus_id"]]
        names = [] if (buses["name_ko"] != "").all() else ["name_ko", "name_en"]
        for column in (*names, "lon", "lat", "province_code", *_OF_BUSES):
            buses[column] = known[column].to_numpy()
        notes.append(
            "the buses are those of the folder's case: places, sun, wind, water and yearly demand, "
            "which the file does not hold, stay as they are"
        )
        generators, note = _units_of_same_case(generators, layers)
        notes += note
    else:
        buses = _placed(_with_placed(buses, places, path.name), layers)
        load = buses["p_load_mw"].clip(lower=0.0)
        buses = buses.assign(solar_cf=0.0, wind_cf=0.0, demand_mean_mw=load, demand_peak_mw=load)
        buses["name_ko"] = buses["name_ko"].where(buses["name_ko"] != "", buses["bus_id"])
        buses["name_en"] = buses["name_en"].where(buses["name_en"] != "", buses["bus_id"])
        notes.append("the file holds one hour: mean and peak of demand are its load")
    return _Case(
        {"case_buses": _ordered(buses), "case_branches": branches, "case_generators": generators,
         "case_dc_lines": tables["case_dc_lines"]},
        None, solved, notes,
    )  # fmt: skip


def _units_of_same_case(generators: pd.DataFrame, layers: Layers) -> tuple[pd.DataFrame, list[str]]:
    """Return units with names and fuels of the folder's case where they are the same ones.

    GEN_STATUS of a case that was solved for one hour is whether a unit ran in it; units of the same
    system stay in service, as in the folder.
    """
    before = layers.table("case_generators")
    same = len(before) == len(generators) and bool(
        (before["bus_id"].astype(str).to_numpy() == generators["bus_id"].to_numpy()).all()
        and np.isclose(before["p_max_mw"].astype(float), generators["p_max_mw"]).all()
    )
    if not same:
        return generators, []
    out = generators.drop(columns="in_service")
    for column in ("generator_id", "name_ko", "name_en", "fuel", "startup_krw"):
        if column in before:
            out[column] = before[column].to_numpy()
    order = [name for name in before if name in out]
    idle = int((generators["in_service"] == 0).sum())
    note = f"{idle:,} units did not run in the hour of the file and stay in service, as before"
    return out[order], [note] if idle else []


def _with_placed(buses: pd.DataFrame, places: Path | None, file: str) -> pd.DataFrame:
    """Return buses with the places of a table."""
    if places is None:
        raise LayerError(
            f"{file}: has no places, and its buses are not those of the folder's case; name a CSV "
            "with bus_id, lon, lat by --places"
        )
    table = read_table(places, "places")
    for column in ("bus_id", "lon", "lat"):
        if column not in table:
            raise LayerError(
                f"{places.name}: column {column} is missing; bus_id, lon, lat are needed"
            )
    known = table.assign(bus_id=table["bus_id"].astype(str)).set_index("bus_id")
    missing = buses.loc[~buses["bus_id"].isin(known.index), "bus_id"]
    if len(missing) or known.index.has_duplicates:
        bus = missing.iloc[0] if len(missing) else known.index[known.index.duplicated()][0]
        raise LayerError(f"{places.name}: bus {bus} needs exactly one row")
    return buses.assign(
        lon=known.loc[buses["bus_id"], "lon"].to_numpy(dtype=np.float64),
        lat=known.loc[buses["bus_id"], "lat"].to_numpy(dtype=np.float64),
    )


def _placed(buses: pd.DataFrame, layers: Layers) -> pd.DataFrame:
    """Return buses with the province of their place."""
    at = gpd.GeoSeries.from_xy(buses["lon"], buses["lat"], crs=DEGREES_EPSG).to_crs(CRS_EPSG)
    codes = districts_of(at.to_numpy(), layers)["province_code"].astype(str)
    return buses.assign(province_code=codes.to_numpy())


def _ordered(buses: pd.DataFrame) -> pd.DataFrame:
    """Return the columns in the order of the embedded layer, others behind them."""
    first = [
        "bus_id", "name_ko", "name_en", "lon", "lat", "base_kv", "province_code", *_OF_BUSES,
    ]  # fmt: skip
    return buses[[*first, *(name for name in buses if name not in first)]]


def _read_kpg(
    path: Path, layers: Layers, _places: Path | None, _before: pd.DataFrame | None, _unit: float
) -> _Case:
    """Read a release of KPG, or its tables below ``grid``, ``power_plants`` and ``renewables``."""
    if is_kpg_release(path):
        release = read_kpg_release(path)
        placed = _ordered(_placed(release.tables["case_buses"], layers))
        hours = snapshot_tables(_year(release.series, placed), placed["bus_id"].tolist())
        branches = release.tables["case_branches"]
        solved = bool(branches["flow_mw"].notna().all()) and bool((branches["flow_mw"] != 0).any())
        return _Case({**release.tables, "case_buses": placed}, hours, solved)

    def province_of(points: NDArray[np.object_]) -> pd.Series:
        return districts_of(points, layers)["province_code"].astype(str)

    try:
        buses = grid_case.bus_table(path, province_of)
        tables = [
            buses, grid_case.read_branches(path), grid_case.read_generators(path, buses),
            grid_case.read_dc_lines(path),
        ]  # fmt: skip
        ids = buses["bus_id"].tolist()
        grid, renewables = path / "grid", path / "renewables"
        series = [
            grid_case.read_hourly(file, ids, high)
            for file, high in (
                (grid / "kpg193_demand_mw_hourly_8760x193.csv", None),
                (renewables / "kpg193_pv_hourly_8760x193.csv", 1.0),
                (renewables / "kpg193_wind_hourly_8760x193.csv", 1.0),
            )
        ]
    except FileNotFoundError as error:
        if isinstance(error, LayerFileError):
            raise
        raise LayerFileError(
            f"{error.filename}: not there; a release of KPG has network/m, or its tables lie below "
            "grid, power_plants and renewables"
        ) from error
    except KeyError as error:
        raise LayerError(
            f"{path.name}: column or bus {error} is missing in a table of KPG"
        ) from error
    year = _year([table.to_numpy(dtype=float) for table in series], buses)
    return _Case(dict(zip(CASE_LAYERS, tables, strict=True)), snapshot_tables(year, ids))


def _year(series: list[NDArray[np.float64]], buses: pd.DataFrame) -> Year:
    demand, solar, wind = series
    return Year(
        demand, solar, wind, buses["solar_mw"].to_numpy(dtype=float),
        buses["wind_mw"].to_numpy(dtype=float), buses["province_code"].to_numpy(dtype=np.str_),
    )  # fmt: skip


def _read_pypsa(
    path: Path, layers: Layers, places: Path | None, _before: pd.DataFrame | None, unit_krw: float
) -> _Case:
    carriers = read_recipe(Carriers, RECIPES / "pypsa.toml")
    case = case_of_pypsa(read_pypsa(path), carriers, unit_krw)
    buses = case.tables["case_buses"]
    if places is not None:
        buses = _with_placed(buses, places, path.name)
    unplaced = buses["lon"].isna() | buses["lat"].isna()
    if unplaced.any():
        raise LayerError(
            f"{path.name}: bus {buses.loc[unplaced, 'bus_id'].iloc[0]} has no x and y; name a CSV "
            "with bus_id, lon, lat by --places"
        )
    buses = _placed(buses, layers)
    tables = {**case.tables, "case_buses": _ordered(buses)}
    return _Case(tables, _hours_of_pypsa(case, buses), solved=False, notes=case.notes)


def _hours_of_pypsa(
    case: PypsaCase, buses: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Return the snapshots: by their rules in a whole year, else the hour of the largest load.

    None where the snapshots are no times: an hour of the year cannot be told.
    """
    ids = buses["bus_id"].tolist()
    demand, solar, wind = (case.hours[name] for name in ("demand_mw", "solar_cf", "wind_cf"))
    times = case.times
    if len(times) != len(demand):
        return None
    hourly = len(times) > 1 and bool((np.diff(times.to_numpy()) == np.timedelta64(1, "h")).all())
    if hourly and len(times) == _YEAR and times[0].dayofyear == 1 and times[0].hour == 0:
        series = [table.to_numpy(dtype=float) for table in (demand, solar, wind)]
        return snapshot_tables(_year(series, buses), ids)
    at = times[case.peak]
    hour = (at.dayofyear - 1) * 24 + at.hour + 1
    rows = pd.DataFrame(
        [("peak", "계통 최대수요", "System peak", hour, False,
          f"Hour of the largest load among the {len(times)} snapshots of the network, {at}.")],
        columns=["snapshot_id", "title_ko", "title_en", "hour_of_year", "solar_and_wind", "note"],
    )  # fmt: skip
    values = pd.DataFrame(
        {"snapshot_id": "peak", "bus_id": ids, "demand_mw": demand.iloc[case.peak].to_numpy(),
         "solar_cf": solar.iloc[case.peak].to_numpy(), "wind_cf": wind.iloc[case.peak].to_numpy()}
    )  # fmt: skip
    return rows, values
