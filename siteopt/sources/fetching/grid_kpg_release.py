"""Releases of the KPG test grid as published: a MATPOWER file, places, capacities and daily profiles.

The layout is that of the README of agm-center/kpg-testgrid (versions 1.5 and 2.0): ``network/m``,
``network/location`` or ``network/metadata``, ``renewables_capacity``, ``profile/demand`` and
``profile/renewables`` with a file a day. Tables are found by their columns, as the names of files
change with the version.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.errors import LayerError, LayerFileError
from siteopt.grid._matpower import read_matpower

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["KpgRelease", "is_kpg_release", "read_kpg_release"]

COST_UNIT_KRW: Final = 1_000.0
"""Costs of KPG are in 1,000 KRW (columns ``gencost_*_1000krw`` of its metadata)."""
_DAYS: Final = 365
_HOURS: Final = 24
_PLACE: Final = ("bus_id", "Latitude", "Longitude", "name_Korean", "name_English")
_CAPACITY: Final = ("bus_ID", "Type", "Pmax [MW]")
_UNIT: Final = ("bus_id", "plant_name_kor", "unit_name", "pmax_mw", "gen_type")
_KINDS: Final = ("solar", "wind", "hydro")
_DAY: Final = re.compile(r"_(\d+)\.csv$")


@dataclass(frozen=True, slots=True)
class KpgRelease:
    """A release as the tables of a grid case.

    Attributes
    ----------
    tables : dict of str to DataFrame
        ``case_buses`` (without ``province_code``) .. ``case_dc_lines``.
    series : list of ndarray, shape (8760, n buses)
        Demand in MW, and solar and wind output by installed MW, cut at 1.
    """

    tables: dict[str, pd.DataFrame]
    series: list[NDArray[np.float64]]


def is_kpg_release(folder: Path) -> bool:
    """Return whether a folder has the layout of a release."""
    return (folder / "network" / "m").is_dir()


def read_kpg_release(folder: Path) -> KpgRelease:
    """Read a release of KPG.

    Units stay in service whatever ran in the hour that the file was solved for.

    Parameters
    ----------
    folder : Path
        Such as ``kpg193_v2_0``.

    Raises
    ------
    LayerFileError
        If a file is missing or cannot be read.
    LayerError
        If a bus, day or column is missing.
    """
    files = sorted((folder / "network" / "m").glob("*.m"))
    if len(files) != 1:
        raise LayerFileError(f"{folder.name}/network/m: {len(files)} .m files; one is needed")
    tables, _ = read_matpower(files[0], COST_UNIT_KRW)
    buses, units = tables["case_buses"], tables["case_generators"]
    ids = buses["bus_id"].tolist()
    places = _of_buses(_table(folder / "network", _PLACE), "bus_id", ids)
    profile = folder / "profile"
    demand = _days(profile / "demand", "demandP", ids)
    solar, wind = (
        np.minimum(_days(profile / "renewables", f"{kind}_profile_ratio", ids), 1.0)
        for kind in ("pv", "wind")
    )
    mw = _capacities(folder / "renewables_capacity", ids)
    made = buses.assign(
        name_ko=places["name_Korean"].str.strip().to_numpy(),
        name_en=places["name_English"].str.strip().to_numpy(),
        lon=places["Longitude"].to_numpy(dtype=float), lat=places["Latitude"].to_numpy(dtype=float),
        **{f"{kind}_mw": mw[kind] for kind in _KINDS},
        solar_cf=solar.mean(axis=0), wind_cf=wind.mean(axis=0),
        demand_mean_mw=demand.mean(axis=0), demand_peak_mw=demand.max(axis=0),
    )  # fmt: skip
    units = _named(units.drop(columns=["in_service", "cost_points"]), folder / "network")
    return KpgRelease({**tables, "case_buses": made, "case_generators": units}, [demand, solar, wind])  # fmt: skip


def _read(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise LayerFileError(f"{path.name}: cannot be read as CSV ({error})") from error


def _with_columns(folder: Path, columns: tuple[str, ...]) -> list[pd.DataFrame]:
    """Return the tables below a folder that have some columns, in order of path."""
    read = (_read(path) for path in sorted(folder.rglob("*.csv")))
    return [table for table in read if set(columns) <= set(table.columns)]


def _table(folder: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    found = _with_columns(folder, columns)
    if not found:
        raise LayerFileError(f"{folder.name}: no table with the columns {', '.join(columns)}")
    return found[-1]


def _of_buses(table: pd.DataFrame, key: str, ids: list[str]) -> pd.DataFrame:
    """Return the rows of buses in their order."""
    by_id = table.assign(**{key: table[key].astype(str)}).drop_duplicates(key).set_index(key)
    missing = [bus for bus in ids if bus not in by_id.index]
    if missing:
        raise LayerError(
            f"KPG: no row for bus {missing[0]} in a table of {key}; every bus needs one"
        )
    return by_id.loc[ids]


def _capacities(folder: Path, ids: list[str]) -> dict[str, NDArray[np.float64]]:
    """Return installed MW of sun, wind and water by bus; 0 where a kind has no row of a bus."""
    parts = _with_columns(folder, _CAPACITY)
    if not parts:
        raise LayerFileError(f"{folder.name}: no table with the columns {', '.join(_CAPACITY)}")
    every = pd.concat(parts, ignore_index=True)
    total = (
        every["Pmax [MW]"].groupby([every["Type"].str.lower(), every["bus_ID"].astype(str)]).sum()
    )
    return {
        kind: total.reindex([(kind, bus) for bus in ids]).fillna(0.0).to_numpy(dtype=np.float64)
        for kind in _KINDS
    }


def _day_files(folder: Path, column: str) -> dict[int, Path]:
    """Return the file of each day that has a column, by the number at the end of its name."""
    series: dict[str, dict[int, Path]] = {}
    for path in sorted(folder.rglob("*.csv")):
        if match := _DAY.search(path.name):
            series.setdefault(path.name[: match.start()], {})[int(match[1])] = path
    for files in series.values():
        if column in _read(files[min(files)]):
            return files
    raise LayerFileError(f"profile/{folder.name}: no files of days with a column {column}")


def _days(folder: Path, column: str, ids: list[str]) -> NDArray[np.float64]:
    """Return the hours of a year from a file a day, shape (8760, n buses)."""
    files, place = _day_files(folder, column), pd.Index(ids)
    out = np.full((_DAYS * _HOURS, len(ids)), np.nan)
    for day in range(1, _DAYS + 1):
        if day not in files:
            raise LayerFileError(
                f"profile/{folder.name}: no file of day {day}; each of 365 is needed"
            )
        table = _read(files[day])
        lacking = [name for name in ("hour", "bus_id", column) if name not in table]
        if lacking:
            raise LayerError(f"{files[day].name}: column {lacking[0]} is missing")
        at = place.get_indexer(pd.Index(table["bus_id"].astype(str)))
        hour = table["hour"].to_numpy()
        counted = (at >= 0) & np.isin(hour, range(1, _HOURS + 1))
        start = (day - 1) * _HOURS
        rows = start + hour[counted].astype(np.int64) - 1
        out[rows, at[counted]] = table.loc[counted, column].to_numpy(dtype=np.float64)
        if not (out[start : start + _HOURS] >= 0).all():
            raise LayerError(
                f"{files[day].name}: each hour from 1 to 24 of each bus needs a {column} of at "
                "least 0"
            )
    return out


def _named(units: pd.DataFrame, network: Path) -> pd.DataFrame:
    """Return units with names and fuels of the metadata, where these list the same units."""
    found = _with_columns(network, _UNIT)
    same = [
        one
        for one in found
        if len(one) == len(units) and np.allclose(one["pmax_mw"], units["p_max_mw"])
    ]
    out = units.copy()
    if same:
        meta = same[-1]
        korean = meta["plant_name_kor"].str.strip() + " " + meta["unit_name"].str.strip()
        english = meta["gen_type"] + " " + units["generator_id"]
        out["fuel"] = meta["gen_type"].str.lower().to_numpy()
    else:
        korean = english = units["generator_id"]
        out["fuel"] = units["fuel"].replace("", "unknown")
    out.insert(2, "name_ko", korean.to_numpy())
    out.insert(3, "name_en", english.to_numpy())
    return out
