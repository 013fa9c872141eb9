"""Headroom of stations: a MODEL ESTIMATE from mapped circuits and the KPG grid case.

For every station of kind substation (:mod:`siteopt.sources._station_kinds`) and voltage level two
figures are estimated: ``headroom_mw``, how much more load it can feed, and ``injection_mw``, how much new
generation it can take. Each is the smaller of

- own: firm capacity of the level with one element out (circuits less one, or, at 154 kV of a
  345/154 kV station, banks less one; where the map has fewer circuits than a substation has at
  least, so many are assumed and the method says so), less what flows there already, times the part that one
  customer may take. What flows is the larger of the case's utilisation near by and the station's
  share of what its bus draws at the peak hour (load) or has fed into it (generation);
- bus: the station's share, by firm capacity, of what its bus can host further in that direction
  (:mod:`siteopt.sources.hosting`, all branches in service): load at the peak, generation in the
  tightest snapshot with sun and wind.

:mod:`siteopt.sources._serving_bus` says which bus. Jeju has no case bus; its stations share
assumed figures. All factors are rows ``grid_*`` of the assumption tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.errors import LayerError
from siteopt.grid.case import GridCase
from siteopt.sources._built import NOTICE_KPG, NOTICE_OSM, Built, write_csv
from siteopt.sources._serving_bus import LEVELS, serving_buses
from siteopt.sources.grid_case import read_branches, read_buses, read_generators
from siteopt.sources.grid_case import read_dc_lines as read_links
from siteopt.sources.grid_network import read_network

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

__all__ = ["build", "estimate_headroom", "grid_assumptions", "headroom_table", "write_headroom"]


def _assumptions(folder: Path) -> dict[str, float]:
    """Return the values of the rows ``grid_*`` of the assumption tables in the folder."""
    files = [
        path
        for name in ("assumptions.csv", "assumptions_grid.csv")
        if (path := folder / name).is_file()
    ]
    tables = [pd.read_csv(path).set_index("key")["value"] for path in files]
    return grid_assumptions(pd.concat(tables) if tables else pd.Series(dtype=float))


def grid_assumptions(values: pd.Series) -> dict[str, float]:
    """Return the rows ``grid_*`` that the estimate needs.

    Parameters
    ----------
    values : Series
        Values of parameters by key.

    Raises
    ------
    LayerError
        If one is missing.
    """
    rows = values[values.index.str.startswith("grid_")].astype(float)
    wanted = (
        "grid_circuits_per_case_branch", "grid_bank_345_154_mva", "grid_banks_per_station",
        "grid_circuits_least", "grid_station_share", "grid_power_factor", "grid_utilisation_max", "grid_jeju_hosting_mw",
        "grid_jeju_injection_mw", "grid_bus_detour_max", "grid_headroom_year",
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
        for level in LEVELS
    }


def _used(case: GridCase, demand_mw: pd.Series, ceiling: float) -> pd.Series:
    """Return by bus the share of branch capacity in use, scaled to the demand of the peak hour.

    The solved flows of the case are scaled by peak demand / demand of that state.
    """
    scale = float(demand_mw.sum()) / float(case.buses["p_load_mw"].sum())
    ends = pd.concat(
        [
            case.branches[[end, "flow_mw", "rate_a_mva"]].set_axis(
                ["bus_id", "flow", "rate"], axis=1
            )
            for end in ("from_bus", "to_bus")
        ]
    )
    total = ends.assign(flow=ends["flow"].abs()).groupby("bus_id").sum()
    return (scale * total["flow"] / total["rate"]).clip(upper=ceiling)


def _firm_mw(
    stations: gpd.GeoDataFrame, circuit_mva: dict[int, float], known: dict[str, float]
) -> pd.DataFrame:
    """Return one row a station and level: firm capacity with one element out, MW."""
    rows = []
    for level in LEVELS:
        at = stations[stations[f"level_{level}"]]
        mapped, least = at[f"circuits_{level}"], int(known["grid_circuits_least"])
        circuits = mapped.clip(lower=least)
        firm = (circuits - 1).clip(lower=0) * circuit_mva[level]
        text = f"circuits of {circuit_mva[level]:g} MVA"
        basis = pd.Series(text, index=at.index).mask(mapped < least, f"{least} assumed {text}")
        if level == LEVELS[0]:
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


def _shares(table: pd.DataFrame) -> pd.Series:
    """Return the part of its bus that each station level may count on.

    Stations of a bus share it by firm capacity; a station with two levels on one bus weighs what
    its larger level carries and counts once. Jeju is shared like one bus.
    """
    bus = table["bus_id"].astype(object).fillna("")
    here = [table["station_id"], bus]
    weight = table["firm_mw"].groupby(here).transform("max")
    once = ~table.assign(bus_id=bus).duplicated(["station_id", "bus_id"])
    total = weight.where(once, 0.0).groupby(bus).transform("sum")
    return (weight / total.where(total > 0)).fillna(0.0)


def estimate_headroom(
    stations: gpd.GeoDataFrame, serving: pd.DataFrame, case: GridCase, limits: pd.DataFrame,
    known: dict[str, float],
) -> pd.DataFrame:  # fmt: skip
    """Return the estimated headroom of every station at 154 and 345 kV, load and generation.

    Parameters
    ----------
    stations : GeoDataFrame
        ``station_id, level_154, level_345, circuits_154, circuits_345``.
    serving : DataFrame
        Bus of each station level, from :func:`siteopt.sources._serving_bus.serving_buses`.
    case : GridCase
        Its buses also with ``base_kv, p_load_mw``, its branches with ``flow_mw``.
    limits : DataFrame
        One row a bus, in MW: ``bus_id``; ``demand_mw`` at the peak hour and ``fed_in_mw``, what
        stands there already; ``hosting_mw`` and ``injection_mw``, what the bus can host further
        of load and of generation (``injection_mw`` NaN where not known).
    known : dict
        Values of the assumption rows ``grid_*``.

    Returns
    -------
    DataFrame
        ``station_id, voltage_kv, headroom_mw, injection_mw, year, method, confidence, bus_id,
        bus_rule, bus_km, firm_mw, own_mw, bus_share_mw, own_injection_mw,
        bus_injection_mw``; the injection figures of a bus without ``injection_mw`` are NaN.
    """
    by_bus = limits.set_index("bus_id")
    used = _used(case, by_bus["demand_mw"], known["grid_utilisation_max"])
    table = _firm_mw(stations, _circuit_mva(case, known["grid_circuits_per_case_branch"]), known)
    table = table.merge(serving, on=["station_id", "voltage_kv"], how="left", validate="1:1")
    island = table["bus_id"].isna()
    share = _shares(table)
    state = by_bus.assign(used=used).reindex(table["bus_id"].fillna(-1)).reset_index(drop=True)
    through = state["used"].fillna(float(used.median())) * table["firm_mw"]

    def own_mw(there_mw: pd.Series) -> pd.Series:
        flowing = np.minimum(np.maximum(through, share * there_mw.fillna(0.0)), table["firm_mw"])
        return pd.Series(known["grid_station_share"] * (table["firm_mw"] - flowing))

    own, own_in = own_mw(state["demand_mw"]), own_mw(state["fed_in_mw"])
    hosted = share * state["hosting_mw"].mask(island, known["grid_jeju_hosting_mw"])
    taken = share * state["injection_mw"].mask(island, known["grid_jeju_injection_mw"])
    limit = np.where(island, "share of the assumed Jeju figure", "share of KPG bus hosting")
    limit = np.where(own <= hosted, table["basis"] + ", one out, less peak flow", limit)
    limit = np.where(table["firm_mw"] > 0, limit, "no second circuit mapped")
    return pd.DataFrame(
        {
            "station_id": table["station_id"], "voltage_kv": table["voltage_kv"],
            "headroom_mw": np.minimum(own, hosted), "injection_mw": np.minimum(own_in, taken),
            "year": int(known["grid_headroom_year"]), "method": limit, "confidence": "model",
            "bus_id": table["bus_id"], "bus_rule": table["bus_rule"], "bus_km": table["bus_km"],
            "firm_mw": table["firm_mw"], "own_mw": own, "bus_share_mw": hosted,
            "own_injection_mw": own_in, "bus_injection_mw": taken,
        }
    )  # fmt: skip


def _standing(case: GridCase, hours: pd.DataFrame) -> pd.DataFrame:
    """Return what each bus draws at the peak and has fed in: ``bus_id, demand_mw, fed_in_mw``.

    Fed in is the most that sun and wind give in any snapshot, and what the units of the solved
    state of the case give.
    """
    demand = hours[hours["snapshot_id"] == "peak"].set_index("bus_id")["demand_mw"]
    buses = case.buses.set_index("bus_id")
    solar = hours["solar_cf"] * hours["bus_id"].map(buses["solar_mw"])
    wind = hours["wind_cf"] * hours["bus_id"].map(buses["wind_mw"])
    most = (solar + wind).groupby(hours["bus_id"]).max()
    running = case.generators.groupby("bus_id")["output_mw"].sum().reindex(buses.index).fillna(0.0)
    table = pd.DataFrame({"demand_mw": demand, "fed_in_mw": most + running}).loc[buses.index]
    return table.reset_index()


def _limits(
    case: GridCase, hosting: pd.DataFrame, snapshots: pd.DataFrame, hours: pd.DataFrame
) -> pd.DataFrame:
    """Return what stands at each bus and what it can host further, all branches in service.

    Load counts at the peak; generation in the tightest of the snapshots with sun and wind.
    """
    hosting = hosting[hosting["security"] == "none"]
    sunny_or_windy = snapshots.loc[snapshots["solar_and_wind"], "snapshot_id"]
    peak = hosting[hosting["snapshot_id"] == "peak"].set_index("bus_id")["hosting_mw"]
    taken = hosting[hosting["snapshot_id"].isin(sunny_or_windy)]
    least = taken.groupby("bus_id")["injection_mw"].min()
    bus_limits = pd.DataFrame({"hosting_mw": peak, "injection_mw": least})
    limits = bus_limits.rename_axis("bus_id").reset_index()
    return _standing(case, hours).merge(limits, on="bus_id")


def headroom_table(  # noqa: PLR0913, PLR0917 - the layers that it is made of
    stations: gpd.GeoDataFrame,
    lines: pd.DataFrame,
    case: GridCase,
    hosting: pd.DataFrame,
    snapshots: pd.DataFrame,
    hours: pd.DataFrame,
    known: dict[str, float],
) -> pd.DataFrame:
    """Return the layer ``headroom`` of stations on a grid case.

    Parameters
    ----------
    stations : GeoDataFrame
        EPSG:5179 points with ``level_154`` .. ``level_765``, ``circuits_154`` .. and ``kind``.
    lines : DataFrame
        ``station_from, station_to, voltage_kv, length_km, dc``.
    case : GridCase
        Its buses also with ``province_code, lon, lat``; ids of the same type as in the tables.
    hosting, snapshots, hours : DataFrame
        Layers ``hosting``, ``snapshots`` and ``snapshot_buses`` of the case.
    known : dict
        From :func:`grid_assumptions`.

    Returns
    -------
    DataFrame
        As :func:`estimate_headroom`; substations only.
    """
    serving = serving_buses(stations, lines, case.buses, known["grid_bus_detour_max"])
    # taps, line ends, plants and switching stations keep the network together and serve no one
    stations = stations[stations["kind"] == "substation"].reset_index(drop=True)
    serving = serving[serving["station_id"].isin(stations["station_id"])]
    limits = _limits(case, hosting, snapshots, hours)
    return estimate_headroom(stations, serving, case, limits, known)


def write_headroom(table: pd.DataFrame, path: Path) -> None:
    """Write the layer ``headroom``."""
    digits = {str(name): 1 for name in table if str(name).endswith(("_mw", "_km"))}
    write_csv(table, path, ["station_id", "voltage_kv"], digits)


def build(sources: Path, facts: Path, out: Path) -> list[Built]:
    """Write ``headroom.csv``.

    Parameters
    ----------
    sources, facts : Path
        Folders of source data and fact tables.
    out : Path
        Folder to write into; it holds ``districts.geojson``, ``snapshots.csv``,
        ``snapshot_buses.csv``, ``hosting.csv`` and the assumption tables already.

    Returns
    -------
    list of Built

    Raises
    ------
    LayerError
        If an assumption row is missing.
    """
    stations, lines = read_network(sources, facts, out)
    buses = read_buses(sources, facts, out)
    case = GridCase(
        buses, read_branches(sources), read_generators(sources, buses), read_links(sources)
    )
    hosting, snapshots, hours = (
        pd.read_csv(out / f"{name}.csv") for name in ("hosting", "snapshots", "snapshot_buses")
    )
    table = headroom_table(stations, lines, case, hosting, snapshots, hours, _assumptions(out))
    write_headroom(table, out / "headroom.csv")
    return [_HEADROOM]


_HEADROOM: Final = Built(
    id="headroom", file="headroom.csv", kind="table",
    title_ko="변전소 여유용량 (모형 추정)", title_en="Station headroom (model estimate)",
    source="Computed from the stations of OpenStreetMap and the KPG 193 case",
    licence="ODbL 1.0", vintage="2025 system", crs="", unit="MW", confidence="model",
    good_for="Telling strong places of the grid from weak ones, and bounding what one station may be "
    "asked for; the smaller of a firm-capacity estimate and a share of what the case bus hosts, for "
    "load at the peak (headroom_mw) and for new generation beside today's sun and wind (injection_mw, "
    "the tightest snapshot). bus_rule says "
    "how the bus was found.",
    not_good_for="A connection decision. It is no figure of KEPCO: banks, bays, stability, planned works "
    "and other applicants are not in it, and the case is synthetic. Stations of one bus share its "
    "hosting, but buses do not add up nationally. Replace it with your own table.",
    notice=f"{NOTICE_OSM} {NOTICE_KPG}",
)  # fmt: skip
