"""Energy program on the embedded grid case: loads answered from the last basis and from scratch.

Profiles, units and branches are the embedded layers'; **prices, potentials and yields are round
numbers** made up here, so that only sizes and times are of interest, no cost.

``python -m benchmarks energy`` prints the figures.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.cluster.vq import kmeans2

from siteopt.energy.economic_dispatch import secured
from siteopt.energy.program import EnergyProgram
from siteopt.energy.supply import DAY_H, Fleet, PtdfNetwork, Supply
from siteopt.grid.case import case_of_layers
from siteopt.grid.system import build_system
from siteopt.layers import open_layers
from siteopt.scenario import load_scenario

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from siteopt.grid.case import GridCase
    from siteopt.grid.system import System
    from siteopt.layers import Layers

    Floats = NDArray[np.float64]

SEED = 1
LOAD_MW = 3500.0
SITES = 9
LOADS = 6
ZONES = 30
STORAGES = 6
CAPITAL = ("11", "23", "28", "31", "41")
"""Provinces of the capital region, which get no load."""
SAME = 1e-7
"""Relative; costs that differ by less are the same."""

TECHNOLOGIES = {
    "solar": ("solar", 0.137, 155e3, 200.0, 12_000.0),
    "onshore_wind": ("wind", 0.23, 160e3, 40.0, 2_500.0),
    "offshore_wind": ("wind", 0.32, 300e3, 300.0, 8_000.0),
}
"""Profile, mean yield, KRW/MWh at it, MW a bus, MW in all: round numbers."""


def figures(days: int, *, network: bool = True, outages: bool = False) -> dict[str, Any]:
    """Return sizes, seconds and the largest difference of two ways to answer some loads.

    Parameters
    ----------
    days : int
        Typical days, the heaviest first.
    network : bool
        Whether the branches limit flows.
    outages : bool
        Whether they do so after single outages too.
    """
    layers = open_layers(load_scenario("national-2035"))
    case = case_of_layers(layers)
    supply = make_supply(layers, case, days, network=network)
    begin = time.perf_counter()
    if outages:
        supply = secured(supply, build_system(case))
    out: dict[str, Any] = {"today_s": time.perf_counter() - begin}
    begin = time.perf_counter()
    program = EnergyProgram(supply)
    out["build_s"] = time.perf_counter() - begin
    found: list[tuple[float, Floats, Floats]] = []
    warm_s, cold_s, far = [], [], 0.0
    for load in loads(case):
        begin = time.perf_counter()
        answer = program.cut(load)
        warm_s.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        again = EnergyProgram(supply).cut(load)
        cold_s.append(time.perf_counter() - begin)
        far = max(far, abs(again.krw_year / answer.krw_year - 1.0))
        found.append((answer.krw_year, answer.price_krw_mw_year, load))
    out |= {
        "columns": program.size[1],
        "rows": program.size[0],
        "first_s": warm_s[0],
        "warm_s": float(np.median(warm_s[1:])),
        "cold_s": float(np.median(cold_s)),
        "difference": far,
        "cut_above": max(_above(found)),
    }
    return out


def lines(days: int, found: dict[str, Any], *, network: bool, outages: bool = False) -> list[str]:
    """Return figures as lines of text."""
    kind = "all branches in service" if network else "copper plate"
    kind = "single outages" if outages else kind
    return [
        f"{days} typical days, {kind}: {found['columns']} columns, {found['rows']} rows",
        f"  today's dispatch         {found['today_s']:8.2f} s",
        f"  build, with no load      {found['build_s']:8.2f} s",
        f"  first load               {found['first_s']:8.2f} s",
        f"  next loads, median of {LOADS - 1}  {found['warm_s']:8.2f} s",
        f"  from scratch, median of {LOADS} {found['cold_s']:7.2f} s",
        (
            f"  largest difference of cost {found['difference']:.1e}, of a cut above a cost "
            f"{found['cut_above']:.1e} (relative)"
        ),
    ]


def faults(found: dict[str, Any]) -> list[str]:
    """Return what is wrong with figures: costs that differ, cuts above a cost."""
    wrong = {"difference": "two ways give costs that differ by", "cut_above": "a cut is above by"}
    return [f"{words} {found[key]:.1e}" for key, words in wrong.items() if found[key] > SAME]


def _above(found: list[tuple[float, Floats, Floats]]) -> Iterator[float]:
    """Yield how far each cut is above the cost of each other load, relative; negative: below."""
    for place, (cost, price, load) in enumerate(found):
        for other_cost, _, other in found[:place] + found[place + 1 :]:
            yield (cost + float(price @ (other - load)) - other_cost) / other_cost


def loads(case: GridCase) -> list[Floats]:
    """Return loads at some buses outside the capital region."""
    rng = np.random.default_rng(SEED)
    outside = np.flatnonzero(~case.buses["province_code"].astype(str).isin(CAPITAL).to_numpy())
    out = []
    for _ in range(LOADS):
        load = np.zeros(len(case.buses))
        load[rng.choice(outside, SITES, replace=False)] = rng.dirichlet(np.full(SITES, 3.0))
        out.append(LOAD_MW * load)
    return out


def make_supply(layers: Layers, case: GridCase, days: int, *, network: bool) -> Supply:
    """Return a supply of the embedded case with round prices and potentials."""
    system, buses = build_system(case), case.buses
    weight, hourly = _typical(layers, case, days)
    yields = {
        name: _scaled(hourly[kind], weight, mean) for name, (kind, mean, *_) in TECHNOLOGIES.items()
    }
    installed = {kind: buses[f"{kind}_mw"].fillna(0.0).to_numpy() for kind in ("solar", "wind")}
    available = yields["solar"] * installed["solar"] + yields["onshore_wind"] * installed["wind"]
    drawn = hourly["demand"] + system.shunt_mw
    fleet, merit = _fleet(system, case)
    zone, share = _zones(system, ZONES)
    _, stores = _zones(system, STORAGES)
    by_zone = np.stack([available[:, zone == place].sum(axis=1) for place in range(len(share))], 1)
    need = drawn.sum(axis=1) + LOAD_MW
    pushed = system.net.incidence().T @ system.net.shift_mw
    branches = PtdfNetwork(
        system.ptdf,
        (available - drawn - pushed) @ system.ptdf.T + system.net.shift_mw,
        np.tile(system.net.rate_mw, (len(weight), 1)),
    )
    nuclear = fleet.most_mw[fleet.least_mw > 0].sum()
    return Supply(
        weight_h=weight,
        demand_mw=drawn.sum(axis=1),
        available_mw=by_zone,
        zone_share=share,
        fleet=fleet,
        **_sources(yields, weight, zone, share),
        storage_share=stores,
        storage_krw_mw_year=16e6,
        storage_krw_mwh_year=28e6,
        storage_efficiency=0.86,
        grid_clean=np.clip((nuclear + available.sum(axis=1)) / need, 0.0, 1.0),
        grid_krw_mwh=180e3,
        adder_krw_mwh=50e3,
        excess_krw_mwh=60e3,
        excess_most=0.25,
        target=0.8,
        penalty_krw_mwh=5e6,
        network=branches if network else None,
        market_krw_mwh=merit(need - available.sum(axis=1)),
    )


def _typical(layers: Layers, case: GridCase, days: int) -> tuple[Floats, dict[str, Floats]]:
    """Return hours that each hour represents, and demand, solar and wind by bus."""
    table = layers.table("typical_days").sort_values("weight_days", ascending=False).head(days)
    ids = [str(bus) for bus in case.buses["bus_id"]]
    hourly = {}
    for kind in ("demand", "solar", "wind"):
        by_day = layers.table(f"profiles_{kind}").set_index("day_id")[ids]
        hourly[kind] = np.concatenate([by_day.loc[day].to_numpy(float) for day in table["day_id"]])
    weight = table["weight_days"].to_numpy(float) * 365.0 / table["weight_days"].sum()
    return np.repeat(weight, DAY_H), hourly


def _scaled(profile: Floats, weight: Floats, mean: float) -> Floats:
    """Return profiles times one factor for a mean yield, cut at 1."""
    today = float((weight @ profile).mean() / weight.sum())
    return np.clip(profile * (mean / today), 0.0, 1.0)


def _fleet(system: System, case: GridCase) -> tuple[Fleet, Any]:
    """Return units by bus and fuel with DC lines, and the price of the next MWh by merit order."""
    units = pd.DataFrame(
        {
            "bus": system.unit_bus,
            "fuel": case.generators["fuel"].to_numpy(),
            "most": system.unit_most_mw,
            "krw": system.unit_most_mw
            * (system.unit_krw_mwh + 0.75 * system.unit_krw_mw2h * system.unit_most_mw),
        }
    )
    groups = units[units["most"] > 0].groupby(["bus", "fuel"], as_index=False).sum()
    most, krw = groups["most"].to_numpy(), (groups["krw"] / groups["most"]).to_numpy()
    least = np.where(groups["fuel"] == "nuclear", 0.6 * most, 0.0)
    fleet = Fleet(
        bus=np.concatenate([groups["bus"].to_numpy(), system.link_to]),
        from_bus=np.concatenate([np.full(len(groups), -1), system.link_from]),
        least_mw=np.concatenate([least, system.link_least_mw]),
        most_mw=np.concatenate([most, system.link_most_mw]),
        krw_mwh=np.concatenate([krw, np.zeros(len(system.link_to))]),
    )
    order = np.argsort(krw)
    reach = least.sum() + np.cumsum((most - least)[order])

    def price(need_mw: Floats) -> Floats:
        place = np.minimum(np.searchsorted(reach, need_mw), len(order) - 1)
        return np.asarray(krw[order][place])

    return fleet, price


def _zones(system: System, count: int) -> tuple[NDArray[np.int64], Floats]:
    """Return the zone of each bus by its shift factors (k-means), and equal shares of its buses."""
    factors = (system.ptdf / np.sqrt(system.net.rate_mw)[:, None]).T
    _, zone = kmeans2(factors, count, minit="++", rng=np.random.default_rng(SEED))
    _, zone = np.unique(zone, return_inverse=True)  # some may be empty
    share = (zone == np.arange(zone.max() + 1)[:, None]).astype(np.float64)
    return zone, share / share.sum(axis=1, keepdims=True)


def _sources(
    yields: dict[str, Floats], weight: Floats, zone: NDArray[np.int64], share: Floats
) -> dict[str, Any]:
    """Return new sources of every technology and zone."""
    names, places, profiles, prices, most = [], [], [], [], []
    groups: dict[str, tuple[NDArray[np.int64], float]] = {}
    for name, (_, mean, krw, each_mw, all_mw) in TECHNOLOGIES.items():
        members = []
        for place in range(len(share)):
            profile = yields[name] @ share[place]
            members.append(len(names))
            names.append(f"{name} {place}")
            places.append(place)
            profiles.append(profile)
            prices.append(krw * mean / max(float(weight @ profile / weight.sum()), 0.02))
            most.append(each_mw * np.count_nonzero(zone == place))
        groups[name] = (np.array(members), all_mw)
    return {
        "source_name": np.array(names),
        "source_zone": np.array(places),
        "source_share": share[places],
        "source_runs": np.zeros(len(names), dtype=np.bool_),
        "source_yield": np.stack(profiles, axis=1),
        "source_krw_mwh": np.array(prices),
        "source_most_mw": np.array(most),
        "groups": groups,
    }
