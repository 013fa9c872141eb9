"""The KPG 193-bus case in our schema: buses, branches, generators and DC lines.

A synthetic public reduction of the Korean grid. Ids are the case's own: buses keep their number,
branches and generators count rows in the order of the case (``L001``, ``G001``), so that a row
can be traced to the published file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from siteopt.errors import LayerError
from siteopt.lattice import CRS_EPSG
from siteopt.sources._built import NOTICE_KPG, Built, write_csv
from siteopt.sources._grid_names import places_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = [
    "build", "bus_table", "read_branches", "read_buses", "read_dc_lines", "read_generators",
    "read_hourly", "write_case",
]  # fmt: skip

_SOURCE: Final = "agm-center/kpg-testgrid kpg193_v2_0, commit efd32a5"
_LICENCE: Final = "ODbL 1.0"
_WRONG_ENGLISH: Final = {165: ("Seoul-San", "Seo-Ulsan")}
"""Names that the metadata misprint: bus 165 is 서울산, western Ulsan, not Seoul."""

_FUELS: Final = {"LNG": "lng", "Coal": "coal", "Nuclear": "nuclear"}
_HOURS: Final = 8760


def _metadata(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, encoding="utf-8-sig")


def read_hourly(path: Path, bus_ids: list[int], high: float | None = None) -> pd.DataFrame:
    """Return hourly values, one row an hour of the year (1 to 8760), one column a bus.

    Parameters
    ----------
    path : Path
        CSV with ``hour_of_year`` and a column for every bus.
    bus_ids : list of int
        Columns wanted, in order.
    high : float, optional
        Values above are cut to this (solar ratios reach 1.08).

    Raises
    ------
    LayerError
        If an hour or a bus is missing, or a value is no number or negative.
    """
    raw = pd.read_csv(path, index_col="hour_of_year")
    raw.columns = raw.columns.astype(int)
    missing = sorted(set(bus_ids) - set(raw.columns))
    if missing:
        raise LayerError(f"{path.name}: no column for bus {missing[0]}; every bus needs one")
    if list(raw.index) != list(range(1, _HOURS + 1)):
        raise LayerError(f"{path.name}: hour_of_year must run from 1 to {_HOURS}")
    values = raw[bus_ids]
    bad = ~(values >= 0)
    if bad.to_numpy().any():
        hour, bus = values.index[bad.any(axis=1)][0], values.columns[bad.any(axis=0)][0]
        raise LayerError(f"{path.name}: hour {hour}, bus {bus}: must be a number of at least 0")
    return values if high is None else values.clip(upper=high)


def _capacity(sources: Path, name: str) -> pd.Series:
    table = _metadata(sources / "power_plants" / f"kpg193_{name}_capacity_by_bus_2025.csv")
    return table.groupby("bus_ID")["Pmax [MW]"].sum()


def read_buses(sources: Path, facts: Path, out: Path) -> pd.DataFrame:
    """Return the buses with names, place, capacities and the means of their hourly series.

    Parameters
    ----------
    sources, facts : Path
        Folders of source data and fact tables.
    out : Path
        Folder that holds ``districts.geojson`` already.
    """

    def province_of(points: NDArray[np.object_]) -> pd.Series:
        return places_of(points, sources, facts, out)["province_code"]

    return bus_table(sources, province_of)


def bus_table(
    sources: Path, province_of: Callable[[NDArray[np.object_]], pd.Series]
) -> pd.DataFrame:
    """Return the buses as :func:`read_buses`.

    Parameters
    ----------
    sources : Path
        Folder of source data.
    province_of : callable
        Returns the province code of points in EPSG:5179.
    """
    case = pd.read_csv(sources / "grid" / "kpg193_bus.csv")
    names = _metadata(sources / "grid" / "kpg193_bus_metadata_2025.csv").set_index("bus_id")
    names = names.loc[case["bus_i"]].reset_index()
    english = names["name_English"].str.strip()
    for bus, (wrong, right) in _WRONG_ENGLISH.items():
        english = english.mask((names["bus_id"] == bus) & (english == wrong), right)
    at = gpd.GeoSeries.from_xy(names["Longitude"], names["Latitude"], crs=4326).to_crs(CRS_EPSG)
    ids = case["bus_i"].tolist()
    folder = sources / "renewables"
    demand = read_hourly(sources / "grid" / "kpg193_demand_mw_hourly_8760x193.csv", ids)
    solar = read_hourly(folder / "kpg193_pv_hourly_8760x193.csv", ids, high=1.0)
    wind = read_hourly(folder / "kpg193_wind_hourly_8760x193.csv", ids, high=1.0)
    return pd.DataFrame(
        {
            "bus_id": case["bus_i"], "name_ko": names["name_Korean"].str.strip(),
            "name_en": english, "lon": names["Longitude"], "lat": names["Latitude"],
            "base_kv": case["baseKV"], "province_code": province_of(np.asarray(at.array)),
            "solar_mw": case["bus_i"].map(_capacity(sources, "solar")),
            "wind_mw": case["bus_i"].map(_capacity(sources, "wind")),
            "hydro_mw": case["bus_i"].map(_capacity(sources, "hydro")),
            "solar_cf": solar.mean().to_numpy(), "wind_cf": wind.mean().to_numpy(),
            "demand_mean_mw": demand.mean().to_numpy(), "demand_peak_mw": demand.max().to_numpy(),
            "type": case["type"], "p_load_mw": case["Pd"], "q_load_mvar": case["Qd"],
            "g_shunt_mw": case["Gs"], "b_shunt_mvar": case["Bs"],
            "voltage_pu": case["Vm"], "angle_deg": case["Va"],
            "voltage_min_pu": case["Vmin"], "voltage_max_pu": case["Vmax"],
        }
    )  # fmt: skip


def read_branches(sources: Path) -> pd.DataFrame:
    """Return the branches; impedances per unit on 100 MVA, ``flow_mw`` of the solved state."""
    case = pd.read_csv(sources / "grid" / "kpg193_branch.csv")
    return pd.DataFrame(
        {
            "branch_id": [f"L{row:03d}" for row in range(1, len(case) + 1)],
            "from_bus": case["fbus"], "to_bus": case["tbus"],
            "r_pu": case["r"], "x_pu": case["x"], "b_pu": case["b"],
            "rate_a_mva": case["rateA"], "ratio": case["ratio"], "angle_deg": case["angle"],
            "status": case["status"], "flow_mw": case["Pf"],
        }
    )  # fmt: skip


def read_generators(sources: Path, buses: pd.DataFrame) -> pd.DataFrame:
    """Return the generators; the bus is that of the case, also where the metadata differ."""
    case = pd.read_csv(sources / "grid" / "kpg193_gen.csv")
    cost = pd.read_csv(sources / "grid" / "kpg193_gencost.csv")
    units = _metadata(sources / "power_plants" / "kpg193_generator_metadata_2025.csv")
    if not np.allclose(units["pmax_mw"], case["Pmax"]):
        row = int(np.flatnonzero(~np.isclose(units["pmax_mw"], case["Pmax"]))[0]) + 1
        raise LayerError(
            f"kpg193_generator_metadata_2025.csv: row {row} has another Pmax than kpg193_gen.csv; "
            "both must list the same units in the same order"
        )
    bus_name = buses.set_index("bus_id")["name_en"]
    unit = units["unit_name"].str.strip()
    return pd.DataFrame(
        {
            "generator_id": [f"G{row:03d}" for row in range(1, len(case) + 1)],
            "bus_id": case["bus"],
            "name_ko": units["plant_name_kor"].str.strip() + " " + unit,
            "name_en": units["gen_type"] + " at " + case["bus"].map(bus_name) + " " + unit,
            "fuel": units["gen_type"].map(_FUELS),
            "p_min_mw": case["Pmin"], "p_max_mw": case["Pmax"],
            "status": case["status"], "output_mw": case["Pg"],
            "cost_krw_mw2h": cost["c2"] * 1000, "cost_krw_mwh": cost["c1"] * 1000,
            "cost_krw_h": cost["c0"] * 1000, "startup_krw": cost["startup"] * 1000,
        }
    )  # fmt: skip


def read_dc_lines(sources: Path) -> pd.DataFrame:
    """Return the DC lines; positive flow is from ``from_bus`` to ``to_bus``."""
    case = pd.read_csv(sources / "grid" / "kpg193_dcline.csv")
    return pd.DataFrame(
        {
            "dc_line_id": [f"D{row}" for row in range(1, len(case) + 1)],
            "from_bus": case["fbus"], "to_bus": case["tbus"], "status": case["status"],
            "flow_mw": case["Pf"], "p_min_mw": case["Pmin"], "p_max_mw": case["Pmax"],
            "loss0_mw": case["loss0"], "loss1_pu": case["loss1"],
        }
    )  # fmt: skip


def write_case(
    buses: pd.DataFrame,
    branches: pd.DataFrame,
    generators: pd.DataFrame,
    dc_lines: pd.DataFrame,
    out: Path,
) -> None:
    """Write the four layers of a grid case.

    Parameters
    ----------
    buses, branches, generators, dc_lines : DataFrame
        Columns of the layers.
    out : Path
        Folder to write into.
    """
    unit = dict.fromkeys(
        ("solar_mw", "wind_mw", "hydro_mw", "p_load_mw", "q_load_mvar", "demand_mean_mw"), 3
    )
    write_csv(buses, out / "case_buses.csv", "bus_id", unit | {"solar_cf": 6, "wind_cf": 6})
    write_csv(
        branches, out / "case_branches.csv", "branch_id",
        {"r_pu": 9, "x_pu": 9, "b_pu": 9, "flow_mw": 3},
    )  # fmt: skip
    write_csv(
        generators, out / "case_generators.csv", "generator_id",
        {"output_mw": 3, "cost_krw_mwh": 3, "cost_krw_h": 1, "startup_krw": 0},
    )  # fmt: skip
    write_csv(dc_lines, out / "case_dc_lines.csv", "dc_line_id", {"flow_mw": 3})


def build(sources: Path, facts: Path, out: Path) -> list[Built]:
    """Write ``case_buses.csv``, ``case_branches.csv``, ``case_generators.csv``, ``case_dc_lines.csv``.

    Parameters
    ----------
    sources, facts : Path
        Folders of source data and fact tables.
    out : Path
        Folder to write into; it holds ``districts.geojson`` already.

    Returns
    -------
    list of Built

    Raises
    ------
    LayerError
        If the case and its metadata contradict each other.
    """
    buses = read_buses(sources, facts, out)
    write_case(
        buses, read_branches(sources), read_generators(sources, buses), read_dc_lines(sources), out
    )
    return [
        _case(
            "case_buses", "vector", "KPG 193 계통 모선", "KPG 193 case: buses", "MW, kV, ratio",
            "Load, installed solar, wind and hydro and yearly means of the hourly series at 193 "
            "places; the nodes of the DC power flow.",
            "Single substations: a bus is an aggregate at a regional office. No Jeju. Solar ratios "
            "of a few coastal buses (21, 37, 106, 134, 139, 187, 190) look high.",
        ),
        _case(
            "case_branches", "table", "KPG 193 계통 선로", "KPG 193 case: branches", "p.u., MVA, MW",
            "DC power flow and its limits (rate_a_mva) on a public model of the Korean grid.",
            "Real lines and their ratings; flow_mw is one solved AC state (2025-12-31, hour 24).",
        ),
        _case(
            "case_generators", "table", "KPG 193 계통 발전기", "KPG 193 case: generators",
            "MW, KRW/MWh",
            "Nuclear, coal and gas units with limits and quadratic cost for redispatch.",
            "Forecasts of prices; English names only tell the fuel and the bus.",
        ),
        _case(
            "case_dc_lines", "table", "KPG 193 계통 직류선로", "KPG 193 case: DC lines", "MW",
            "The two HVDC circuits of the case and their limits.",
            "The links to Jeju, which the case does not hold.",
        ),
    ]  # fmt: skip


def _case(  # noqa: PLR0913, PLR0917 - the fields of a catalogue entry
    layer: str, kind: str, ko: str, en: str, unit: str, good: str, bad: str
) -> Built:
    return Built(
        id=layer, file=f"{layer}.csv", kind="vector" if kind == "vector" else "table",
        title_ko=ko, title_en=en, source=_SOURCE, licence=_LICENCE,
        vintage="2025 system (v2.0, 2026-06)", crs="EPSG:4326" if kind == "vector" else "",
        unit=unit, confidence="model", good_for=good, not_good_for=bad, notice=NOTICE_KPG,
    )  # fmt: skip
