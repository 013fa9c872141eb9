"""Clean supply of a scenario: the energy program's data from the layers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from siteopt.costs.discounted import annuity_factor
from siteopt.costs.electricity import carbon_krw_kwh
from siteopt.energy.economic_dispatch import secured
from siteopt.energy.potential import potential_mw
from siteopt.energy.stock import (
    MEAN_YIELD,
    CleanSources,
    managed_buses,
    price_krw_kwh,
    sources_of_zones,
    stock_by_bus,
)
from siteopt.energy.supply import Fleet, PtdfNetwork, Supply
from siteopt.energy.typical_days import TypicalDays, scaled_to_mean, typical_days
from siteopt.energy.zones import share_by_zone, zones_by_shift_factors
from siteopt.grid.case import case_of_layers
from siteopt.grid.system import build_system

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siteopt._arrays import Floats, Ints
    from siteopt.grid.case import GridCase
    from siteopt.grid.system import System
    from siteopt.layers.protocols import ParametersLike
    from siteopt.layers.store import Layers
    from siteopt.scenario import Scenario

__all__ = [
    "CleanSupplyData", "clean_share_of_grid", "clean_supply", "installed_mw",
    "nuclear_mw", "with_parameters",
]  # fmt: skip


_KRW_PER_KWH: Final = 1000.0
_PENALTY: Final = 30.0
"""Times the dearest price; what is short costs far more than any supply."""
_STORES: Final = 2
"""Groups of buses in which storage is counted together; it hardly matters where it stands."""


@dataclass(frozen=True, eq=False)
class CleanSupplyData:
    """Clean supply of one year.

    Attributes
    ----------
    year : int
        Which year.
    supply : Supply
        Data of the energy program.
    sources : CleanSources
        What its sources are.
    bus_id : tuple of str
        Buses of the grid case.
    zone : ndarray of int, shape (N,)
        Zone of each bus.
    stock : DataFrame
        ``technology``, ``status``, ``mw``: the whole stock, whatever part can be contracted.
    running_mw : ndarray, shape (H, N)
        What sun and wind that run today could give, by hour of the typical days and bus.
    """

    year: int
    supply: Supply
    sources: CleanSources
    bus_id: tuple[str, ...]
    zone: Ints
    stock: pd.DataFrame
    running_mw: Floats


def clean_supply(layers: Layers, scenario: Scenario, year: int) -> CleanSupplyData:
    """Return the clean supply of a year.

    Parameters
    ----------
    layers : Layers
        The grid case, its profiles, ``clean_stock``, ``grid_managed``, parameters, and what the
        potentials of the scenario are screened from.
    scenario : Scenario
        ``energy``.
    year : int
        Year that is planned.

    Raises
    ------
    LayerError
        If a layer lacks what is needed.
    """
    case, settings = case_of_layers(layers), scenario.energy.supply
    system, buses = build_system(case), case.buses
    days = typical_days(layers, [str(bus) for bus in buses["bus_id"]], settings.typical_days)
    stock = stock_by_bus(buses, layers)
    for land in settings.potentials:
        stock[land.technology, "potential"] = potential_mw(
            layers, buses, land.exclusions,
            cell_m=scenario.screening.cell_m,
            share=land.share_pct / 100.0,
            mw_per_km2=layers.parameters.value(f"{land.technology}_mw_per_km2"),
        )  # fmt: skip
    hourly = _yields(days, stock, buses, layers.parameters)
    network = system.net
    zone = zones_by_shift_factors(system.ptdf, network.rate_mw, settings.zones)
    sources = sources_of_zones(
        stock, hourly, days.weight_h, zone, managed_buses(buses, layers, year),
        layers.parameters, scenario, year,
    )  # fmt: skip
    supply = _supply(case, system, days, hourly, zone, sources, layers.parameters, scenario)
    if scenario.grid.security == "n-1":
        supply = secured(supply, system)
    total = pd.DataFrame(
        [(*key, float(mw.sum())) for key, mw in sorted(stock.items())],
        columns=["technology", "status", "mw"],
    )
    return CleanSupplyData(
        year, supply, sources, tuple(map(str, buses["bus_id"])), zone, total,
        _running_mw(hourly, buses),
    )  # fmt: skip


def _yields(
    days: TypicalDays,
    stock: Mapping[tuple[str, str], Floats],
    buses: pd.DataFrame,
    parameters: ParametersLike,
) -> dict[str, Floats]:
    """Return output by capacity (H, N) of each technology, at its measured mean yield."""
    offshore = np.sum(
        [mw for (kind, _), mw in stock.items() if kind == "offshore_wind"] or [np.ones(len(buses))],
        axis=0,
    )
    found = {}
    for name, (key, kind) in MEAN_YIELD.items():
        size = offshore if name == "offshore_wind" else installed_mw(buses, f"{kind}_mw")
        profile = days.solar if kind == "solar" else days.wind
        mean = parameters.value(key) / 100.0
        found[name] = scaled_to_mean(profile, days.weight_h, size, mean, name)
    return found


def installed_mw(buses: pd.DataFrame, column: str) -> Floats:
    """Return the MW of a column at each bus (N,), 0 where none is known."""
    return np.asarray(buses[column].fillna(0.0).to_numpy(dtype=np.float64))


def _running_mw(hourly: Mapping[str, Floats], buses: pd.DataFrame) -> Floats:
    """Return what sun and wind that run today could give in each hour at each bus (H, N)."""
    solar = hourly["solar"] * installed_mw(buses, "solar_mw")
    return np.asarray(solar + hourly["onshore_wind"] * installed_mw(buses, "wind_mw"))


def _supply(  # noqa: PLR0913, PLR0917 - the parts that a supply is put together from
    case: GridCase,
    system: System,
    days: TypicalDays,
    hourly: Mapping[str, Floats],
    zone: Ints,
    sources: CleanSources,
    parameters: ParametersLike,
    scenario: Scenario,
) -> Supply:
    """Return the data of the energy program."""
    value, settings, buses = parameters.value, scenario.energy.supply, case.buses
    available = _running_mw(hourly, buses)
    drawn = days.demand_mw + system.shunt_mw
    fleet = _fleet(system, case, value("nuclear_least_output_pct") / 100.0)
    load_mw = scenario.target.it_mw * value("load_factor")
    need = drawn.sum(axis=1) + load_mw
    pushed = system.net.incidence().T @ system.net.shift_mw
    flow = (available - drawn - pushed) @ system.ptdf.T + system.net.shift_mw
    counted = available.sum(axis=1) * (1.0 - settings.existing_share_pct / 100.0)
    table, count = sources.table, int(zone.max()) + 1
    stores, places = np.arange(count) % _STORES, _STORES if settings.storage else 0
    money = _money(parameters, scenario)
    prices = table["krw_kwh"].to_numpy(dtype=np.float64) * _KRW_PER_KWH
    return Supply(
        weight_h=days.weight_h,
        demand_mw=drawn.sum(axis=1),
        available_mw=available @ (zone[:, None] == np.arange(count)),
        zone_share=share_by_zone(
            zone, installed_mw(buses, "solar_mw") + installed_mw(buses, "wind_mw")
        ),
        fleet=fleet,
        source_name=table["source"].to_numpy(dtype=np.str_),
        source_zone=table["zone"].to_numpy(dtype=np.int64),
        source_share=sources.share,
        source_runs=(table["status"] == "operating").to_numpy(),
        source_yield=sources.hourly,
        source_krw_mwh=prices,
        source_most_mw=table["most_mw"].to_numpy(dtype=np.float64),
        storage_share=share_by_zone(stores[zone], np.ones(len(zone)))[:places],
        storage_efficiency=value("battery_efficiency_pct") / 100.0,
        grid_clean=clean_share_of_grid(
            settings.grid_counts, counted, nuclear_mw(case, parameters), need
        ),
        excess_most=settings.excess_max_pct / 100.0,
        target=scenario.energy.clean_share_pct / 100.0,
        penalty_krw_mwh=_PENALTY * max(float(prices.max()), money["grid_krw_mwh"]),
        groups=sources.groups,
        network=PtdfNetwork(
            system.ptdf, flow, np.tile(system.net.rate_mw, (len(days.weight_h), 1))
        ),
        market_krw_mwh=_merit_order_krw_mwh(fleet, need - available.sum(axis=1)),
        day_order=days.day_order,
        flexible_share=settings.flexible_share_pct / 100.0,
        flexible_between=settings.flexible_between_sites,
        **money,
    )


def _money(parameters: ParametersLike, scenario: Scenario) -> dict[str, Any]:
    """Return the prices of a supply but those of its sources."""
    value = parameters.value
    krw_mw, krw_mwh = _battery_krw_year(parameters)
    carbon = carbon_krw_kwh(parameters, scenario, grid_share=1.0)
    return {
        "storage_krw_mw_year": krw_mw,
        "storage_krw_mwh_year": krw_mwh,
        "grid_krw_mwh": (value("tariff_industrial_b") + carbon) * _KRW_PER_KWH,
        "adder_krw_mwh": value("ppa_grid_adders") * _KRW_PER_KWH,
        "excess_krw_mwh": value("smp_mean") * _KRW_PER_KWH,
    }


def with_parameters(
    data: CleanSupplyData, before: ParametersLike, after: ParametersLike, scenario: Scenario
) -> Supply:
    """Return the supply of a year at other prices and mean yields, all else as it is.

    What is contracted yields in proportion to the mean of its technology, at most 1. What the
    country has of sun and wind is as it is: a yield is uncertain for plants still to come.

    Parameters
    ----------
    data : CleanSupplyData
        Supply of the year.
    before, after : ParametersLike
        Parameters that it is made of, and those that it is to have: prices, and the yields of
        `siteopt.energy.stock.MEAN_YIELD`.
    scenario : Scenario
        Whether there is storage, and what carbon costs.
    """
    table = data.sources.table
    names = table["technology"].astype(str).tolist()
    of_kind = {name: after.value(key) / before.value(key) for name, (key, _) in MEAN_YIELD.items()}
    more = np.array([of_kind[name] for name in names])
    mean = table["yield_pct"].to_numpy(dtype=np.float64) / 100.0 * more
    prices = [price_krw_kwh(*pair, after) for pair in zip(names, mean.tolist(), strict=True)]
    hourly = data.supply.source_yield
    return replace(
        data.supply,
        source_krw_mwh=np.array(prices) * _KRW_PER_KWH,
        source_yield=hourly if (more == 1.0).all() else np.clip(hourly * more, 0.0, 1.0),
        **_money(after, scenario),
    )


def _battery_krw_year(parameters: ParametersLike) -> tuple[float, float]:
    """Return what a MW and a MWh of battery cost a year: annuity, operation and maintenance."""
    value = parameters.value
    yearly = 1.0 / annuity_factor(value("discount_social"), value("battery_life_years"))
    yearly += value("battery_om_pct") / 100.0
    return (
        value("battery_krw_kw") * _KRW_PER_KWH * yearly,
        value("battery_krw_kwh") * _KRW_PER_KWH * yearly,
    )


def nuclear_mw(case: GridCase, parameters: ParametersLike) -> float:
    """Return the mean output of the nuclear fleet in MW.

    Parameters
    ----------
    case : GridCase
        Its units.
    parameters : ParametersLike
        ``nuclear_mean_output_pct``.
    """
    units = case.generators
    most = units.loc[units["fuel"] == "nuclear", "p_max_mw"].sum()
    return float(most) * parameters.value("nuclear_mean_output_pct") / 100.0


def clean_share_of_grid(
    counts: str, renewable_mw: Floats, nuclear: float, need_mw: Floats
) -> Floats:
    """Return the clean share (H,) of what the grid generates, but for plants under contract.

    Parameters
    ----------
    counts : {'carbon_free', 'renewable', 'nothing'}
        What counts.
    renewable_mw : ndarray, shape (H,)
        Sun and wind that nobody can contract.
    nuclear : float
        Nuclear output in MW.
    need_mw : ndarray, shape (H,)
        What the country draws, the sites included.
    """
    clean = np.zeros_like(renewable_mw) if counts == "nothing" else renewable_mw
    if counts == "carbon_free":
        clean = clean + np.minimum(nuclear, np.maximum(need_mw - renewable_mw, 0.0))
    return np.clip(clean / need_mw, 0.0, 1.0)


def _fleet(system: System, case: GridCase, nuclear_least: float) -> Fleet:
    """Return units by bus and fuel at their mean fuel cost, and DC lines."""
    most = system.unit_most_mw
    table = pd.DataFrame(
        {
            "bus": system.unit_bus,
            "fuel": case.generators["fuel"].astype(str).to_numpy(),
            "most": most,
            # Cost of the output between half and all of a unit, where it mostly runs.
            "krw": most * (system.unit_krw_mwh + 1.5 * system.unit_krw_mw2h * most),
        }
    )
    groups = table[table["most"] > 0].groupby(["bus", "fuel"], as_index=False, sort=True).sum()
    capacity = groups["most"].to_numpy(dtype=np.float64)
    krw = groups["krw"].to_numpy(dtype=np.float64) / capacity
    least = np.where(groups["fuel"] == "nuclear", nuclear_least * capacity, 0.0)
    lines = len(system.link_to)
    return Fleet(
        bus=np.concatenate([groups["bus"].to_numpy(dtype=np.int64), system.link_to]),
        from_bus=np.concatenate([np.full(len(groups), -1, dtype=np.int64), system.link_from]),
        least_mw=np.concatenate([least, system.link_least_mw]),
        most_mw=np.concatenate([capacity, system.link_most_mw]),
        krw_mwh=np.concatenate([krw, np.zeros(lines)]),
    )


def _merit_order_krw_mwh(fleet: Fleet, need_mw: Floats) -> Floats:
    """Return the fuel cost of the next MWh in each hour (H,), units taken by rising cost."""
    units = fleet.from_bus < 0
    least, most, krw = fleet.least_mw[units], fleet.most_mw[units], fleet.krw_mwh[units]
    order = np.argsort(krw, kind="stable")
    reach = least.sum() + np.cumsum((most - least)[order])
    place = np.minimum(np.searchsorted(reach, need_mw), len(order) - 1)
    return np.asarray(krw[order][place])
