"""Headroom of stations: a MODEL ESTIMATE from mapped circuits and the KPG grid case.

There is no public headroom per station in Korea. For every station and voltage level the estimate
is the smaller of two figures:

- own: firm capacity of the level with one element out (circuits less one, or, at 154 kV of a
  345/154 kV station, banks less one), less what flows there at the peak hour - the larger of the
  case's utilisation near by and the station's share of the bus's peak demand - times the part
  that one customer may take;
- bus: the station's share, by firm capacity, of what the nearest case bus can host beyond the
  peak hour (:func:`siteopt.grid.hosting.hosting_capacity`). Jeju has no case bus; its stations
  share an assumed figure.

All factors are rows ``grid_*`` of the assumptions table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from siteopt.errors import LayerError
from siteopt.grid.case import GridCase
from siteopt.grid.hosting import hosting_capacity
from siteopt.lattice import CRS_EPSG
from siteopt.sources._built import NOTICE_KPG, NOTICE_OSM, Built, write_csv
from siteopt.sources.grid_case import read_branches, read_buses, read_generators, read_hourly
from siteopt.sources.grid_case import read_dc_lines as read_links
from siteopt.sources.grid_network import read_network

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["build", "estimate_headroom"]

_LEVELS: Final = (154, 345)
"""Levels at which a load connects; 765 kV only feeds 345 kV."""

_ISLAND: Final = "50"
"""Province code of Jeju, which the case does not hold."""


def _assumptions(folder: Path) -> dict[str, float]:
    """Return the values of the rows ``grid_*`` of the assumption tables in the folder."""
    files = [
        path
        for name in ("assumptions.csv", "assumptions_grid.csv")
        if (path := folder / name).is_file()
    ]
    tables = [pd.read_csv(path).set_index("key")["value"] for path in files]
    rows = pd.concat(tables) if tables else pd.Series(dtype=float)
    rows = rows[rows.index.str.startswith("grid_")].astype(float)
    wanted = (
        "grid_circuits_per_case_branch", "grid_bank_345_154_mva", "grid_banks_per_station",
        "grid_station_share", "grid_power_factor", "grid_utilisation_max", "grid_jeju_hosting_mw",
        "grid_headroom_year",
    )  # fmt: skip
    missing = [key for key in wanted if key not in rows.index]
    if missing:
        raise LayerError(f"assumptions.csv: no row {missing[0]}; the headroom estimate needs it")
    return {key: float(rows[key]) for key in wanted}


def _circuit_mva(case: GridCase, per_branch: float) -> dict[int, float]:
    """Return the rating of one circuit by voltage: modal rateA of branches at it / circuits."""
    kv = case.buses.set_index("bus_id")["base_kv"]
    start, end = case.branches["from_bus"].map(kv), case.branches["to_bus"].map(kv)
    return {
        level: float(case.branches.loc[(start == level) & (end == level), "rate_a_mva"].mode()[0])
        / per_branch
        for level in _LEVELS
    }


def _bus_state(case: GridCase, peak_mw: pd.Series, ceiling: float) -> pd.DataFrame:
    """Return by bus the share of branch capacity in use, hosting capacity and demand at the peak.

    The solved flows of the case are scaled by peak demand / demand of that state.
    """
    scale = float(peak_mw.sum()) / float(case.buses["p_load_mw"].sum())
    ends = pd.concat(
        [
            case.branches[[end, "flow_mw", "rate_a_mva"]].set_axis(
                ["bus_id", "flow", "rate"], axis=1
            )
            for end in ("from_bus", "to_bus")
        ]
    )
    total = ends.assign(flow=ends["flow"].abs()).groupby("bus_id").sum()
    used = (scale * total["flow"] / total["rate"]).clip(upper=ceiling)
    hosting = hosting_capacity(case, peak_mw).set_index("bus_id")["hosting_mw"]
    return pd.DataFrame({"used": used, "hosting_mw": hosting, "demand_mw": peak_mw}).loc[
        case.buses["bus_id"].tolist()
    ]


def _serving_bus(stations: gpd.GeoDataFrame, case: GridCase) -> pd.Series:
    """Return the bus nearest to each station; none on Jeju."""
    at = gpd.GeoSeries.from_xy(case.buses["lon"], case.buses["lat"], crs=4326).to_crs(CRS_EPSG)
    tree = cKDTree(np.column_stack([at.x, at.y]))
    points = np.column_stack([stations.geometry.x, stations.geometry.y])
    near = case.buses["bus_id"].to_numpy()[tree.query(points)[1]]
    bus = pd.Series(near, index=stations.index, dtype="Int64")
    return bus.mask(stations["province_code"] == _ISLAND)


def _firm_mw(
    stations: gpd.GeoDataFrame, circuit_mva: dict[int, float], known: dict[str, float]
) -> pd.DataFrame:
    """Return one row a station and level: firm capacity with one element out, MW."""
    rows = []
    for level in _LEVELS:
        at = stations[stations[f"level_{level}"]]
        circuits = at[f"circuits_{level}"]
        firm = (circuits - 1).clip(lower=0) * circuit_mva[level]
        basis = pd.Series(f"circuits of {circuit_mva[level]:g} MVA", index=at.index)
        if level == _LEVELS[0]:
            banks = max(known["grid_banks_per_station"] - 1, 0) * known["grid_bank_345_154_mva"]
            fed = at["level_345"]
            firm = firm.mask(fed, banks)
            basis = basis.mask(fed, f"banks of {known['grid_bank_345_154_mva']:g} MVA")
        rows.append(
            pd.DataFrame(
                {
                    "row": at.index, "station_id": at["station_id"], "voltage_kv": level,
                    "firm_mw": firm * known["grid_power_factor"], "basis": basis,
                }
            )
        )  # fmt: skip
    return pd.concat(rows, ignore_index=True)


def estimate_headroom(
    stations: gpd.GeoDataFrame, case: GridCase, peak_mw: pd.Series, known: dict[str, float]
) -> pd.DataFrame:
    """Return the estimated headroom of every station at 154 and 345 kV.

    Parameters
    ----------
    stations : GeoDataFrame
        EPSG:5179 points: ``station_id, province_code, level_154, level_345, circuits_154,
        circuits_345``.
    case : GridCase
        Its buses also with ``lon, lat, base_kv, p_load_mw``, its branches with ``flow_mw``.
    peak_mw : Series
        Demand of the peak hour by ``bus_id``.
    known : dict
        Values of the assumption rows ``grid_*``.

    Returns
    -------
    DataFrame
        ``station_id, voltage_kv, headroom_mw, year, method, confidence, bus_id, firm_mw,
        own_mw, bus_share_mw``.
    """
    state = _bus_state(case, peak_mw, known["grid_utilisation_max"])
    table = _firm_mw(stations, _circuit_mva(case, known["grid_circuits_per_case_branch"]), known)
    table["bus_id"] = _serving_bus(stations, case).loc[table["row"]].to_numpy()
    island = table["bus_id"].isna()
    # A station weighs what its largest level carries firmly; a bus is shared by these weights.
    weight = table.groupby("station_id")["firm_mw"].transform("max")
    once = ~table.duplicated("station_id")
    total = (
        weight.where(once, 0.0).groupby(table["bus_id"].astype("Int64").fillna(0)).transform("sum")
    )
    share = (weight / total.where(total > 0)).fillna(0.0)
    by_bus = state.reindex(table["bus_id"].fillna(-1)).reset_index(drop=True)
    used = by_bus["used"].fillna(float(state["used"].median()))
    hosting = by_bus["hosting_mw"].fillna(known["grid_jeju_hosting_mw"])
    demand = share * by_bus["demand_mw"].fillna(0.0)
    flowing = np.minimum(np.maximum(used * table["firm_mw"], demand), table["firm_mw"])
    own = known["grid_station_share"] * (table["firm_mw"] - flowing)
    bus_share = share * hosting
    limit = np.where(island, "share of the assumed Jeju figure", "share of KPG bus hosting")
    limit = np.where(own <= bus_share, table["basis"] + ", one out, less peak flow", limit)
    limit = np.where(table["firm_mw"] > 0, limit, "no second circuit mapped")
    return pd.DataFrame(
        {
            "station_id": table["station_id"], "voltage_kv": table["voltage_kv"],
            "headroom_mw": np.minimum(own, bus_share), "year": int(known["grid_headroom_year"]),
            "method": limit, "confidence": "model", "bus_id": table["bus_id"],
            "firm_mw": table["firm_mw"], "own_mw": own, "bus_share_mw": bus_share,
        }
    )  # fmt: skip


def build(sources: Path, facts: Path, out: Path) -> list[Built]:
    """Write ``headroom.csv``.

    Parameters
    ----------
    sources, facts : Path
        Folders of source data and fact tables.
    out : Path
        Folder to write into; it holds ``districts.geojson`` and the assumption tables already.

    Returns
    -------
    list of Built

    Raises
    ------
    LayerError
        If an assumption row is missing or the case cannot serve its own peak.
    """
    stations, _ = read_network(sources, facts, out)
    buses = read_buses(sources, facts, out)
    case = GridCase(
        buses, read_branches(sources), read_generators(sources, buses), read_links(sources)
    )
    hourly = read_hourly(
        sources / "grid" / "kpg193_demand_mw_hourly_8760x193.csv", buses["bus_id"].tolist()
    )
    peak = hourly.iloc[int(hourly.sum(axis=1).to_numpy().argmax())]
    table = estimate_headroom(stations, case, peak, _assumptions(out))
    digits = dict.fromkeys(("headroom_mw", "firm_mw", "own_mw", "bus_share_mw"), 1)
    write_csv(table, out / "headroom.csv", ["station_id", "voltage_kv"], digits)
    return [_HEADROOM]


_HEADROOM: Final = Built(
    id="headroom", file="headroom.csv", kind="table",
    title_ko="변전소 여유용량 (모형 추정)", title_en="Station headroom (model estimate)",
    source="Computed from the stations of OpenStreetMap and the KPG 193 case",
    licence="ODbL 1.0", vintage="2025 system", crs="", unit="MW", confidence="model",
    good_for="Telling strong places of the grid from weak ones, and bounding what one station may be "
    "asked for; the smaller of a firm-capacity estimate and a share of what the case bus hosts.",
    not_good_for="A connection decision. It is no figure of KEPCO: banks, bays, stability, planned works "
    "and other applicants are not in it, and the case is synthetic. Stations of one bus share its "
    "hosting, but buses do not add up nationally. Replace it with your own table.",
    notice=f"{NOTICE_OSM} {NOTICE_KPG}",
)  # fmt: skip
