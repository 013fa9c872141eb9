"""Clean energy of a plan of sites: contracts, and their match over typical days and the year.

Scores by Riepin and Brown 2022 (System-level impacts of 24/7 carbon-free electricity procurement in
Europe); the year is replayed without foresight (`siteopt.energy.replay`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.energy.atlas import atlas_by_zone
from siteopt.energy.matching import hourly_balance, score_matching
from siteopt.energy.oracle import parts_of_price, program_of
from siteopt.energy.replay import ReplayedPlan, replay_year
from siteopt.energy.stock_limits import used_up
from siteopt.energy.supply import DAY_H
from siteopt.energy.verification import check_energy
from siteopt.energy.whole_year import whole_year
from siteopt.grid.case import case_of_layers

if TYPE_CHECKING:
    from siteopt._arrays import Floats
    from siteopt.energy.clean_supply import CleanSupplyData
    from siteopt.energy.matching import MatchingScores
    from siteopt.energy.program import EnergyCost
    from siteopt.energy.replay import Replay
    from siteopt.layers.store import Layers
    from siteopt.scenario import Scenario

__all__ = ["CleanPlan", "clean_plan"]

_KWH_PER_MWH: Final = 1000.0
_HOURS: Final = 8760.0
_LEAST_MW: Final = 0.01
"""Contracts of less are rounding."""


@dataclass(frozen=True, eq=False)
class CleanPlan:
    """Clean energy of all sites of a plan together, in its last year.

    Attributes
    ----------
    year : int
        Which year.
    load_mw : float
        Mean load of all sites.
    krw_kwh : float
        What a kWh costs on the mean, carbon included.
    part_krw_kwh : dict of str to float
        What that is the sum of: technologies, ``adders``, ``grid``, ``storage``, ``excess`` (below
        0: it earns), ``redispatch``, ``carbon``.
    sources : DataFrame
        One row a source that is contracted: ``source``, ``technology``, ``status``, ``zone``,
        ``managed``, ``mw``, ``most_mw``, ``krw_kwh``, ``yield_pct``, ``gwh``; by size.
    stock : DataFrame
        ``technology``, ``status``, ``mw`` there is, ``contracted_mw``.
    used_up : list of tuple
        Joint limits and stocks that are used up, with MW.
    storage_mw, storage_mwh : float
        Batteries.
    program : MatchingScores
        Match on the typical days, as the program sees it.
    year_scores : MatchingScores
        Match over all 8,760 hours, replayed.
    worst_week_from_hour : int
        First hour (of the year, from 1) of the 168 that are least clean in the replay.
    worst_week_share : float
        Clean share of these.
    hours : DataFrame
        8,760 rows, MW: ``contracts_mw``, ``charge_mw``, ``discharge_mw``, ``used_mw``,
        ``excess_mw``, ``import_mw``; and ``grid_clean``, 0 to 1.
    buses : DataFrame
        ``bus_id``, ``lon``, ``lat``, ``province_code``, ``krw_kwh``: what a further kWh of steady
        clean load costs there, beside the plan.
    curtailment : DataFrame
        Typical days by the hour, MW of sun and wind of today that is curtailed: ``day``,
        ``hour``, ``region`` (``honam`` or ``rest``), ``available_mw``, ``before_mw``, ``after_mw``; with the days'
        weight ``weight_days``.
    atlas : DataFrame
        Means of wind and solar atlases by zone (`siteopt.energy.atlas`); no rows without them.
    """

    year: int
    load_mw: float
    krw_kwh: float
    part_krw_kwh: dict[str, float]
    sources: pd.DataFrame
    stock: pd.DataFrame
    used_up: list[tuple[str, float]]
    storage_mw: float
    storage_mwh: float
    program: MatchingScores
    year_scores: MatchingScores
    worst_week_from_hour: int
    worst_week_share: float
    hours: pd.DataFrame
    buses: pd.DataFrame
    curtailment: pd.DataFrame
    atlas: pd.DataFrame


def clean_plan(
    data: CleanSupplyData, load_mw: Floats, scenario: Scenario, layers: Layers
) -> CleanPlan:
    """Return the clean energy of a plan.

    Parameters
    ----------
    data : CleanSupplyData
        Supply of its last year.
    load_mw : ndarray, shape (N,)
        Contract power of the sites at each bus.
    scenario : Scenario
        How energy is matched.
    layers : Layers
        Parameters, the grid case, and the profiles of the year.
    """
    parameters, supply = layers.parameters, data.supply
    drawn = parameters.value("load_factor") * load_mw
    program = program_of(data, scenario)
    before, found = program.cut(np.zeros_like(drawn)), program.cut(drawn)
    check_energy(data, found, drawn, program.limit_mw, scenario, layers)
    total = float(drawn.sum())
    parts, carbon, _ = parts_of_price(data, found, total * _HOURS, parameters, scenario)
    grid_clean, replay = _replay(data, found, total, layers, scenario)
    emission = parameters.value("ef_grid_2023")
    balance = hourly_balance(
        total + found.shift_mw.sum(axis=1),
        found.used_mw + found.excess_mw + found.charge_mw - found.discharge_mw,
        found.charge_mw,
        found.discharge_mw,
    )
    return CleanPlan(
        year=data.year,
        load_mw=total,
        krw_kwh=found.krw_year / (total * _HOURS) / _KWH_PER_MWH,
        part_krw_kwh={**parts, "carbon": carbon},
        sources=_contracted(data, found),
        stock=_stock(data, found),
        used_up=used_up(data, found),
        storage_mw=float(found.storage_mw.sum()),
        storage_mwh=float(found.storage_mwh.sum()),
        program=score_matching(balance, supply.grid_clean, emission, supply.weight_h),
        year_scores=replay.scores,
        worst_week_from_hour=replay.worst_week.first_hour,
        worst_week_share=replay.worst_week.hourly_share,
        hours=_hours(replay, grid_clean),
        buses=_bus_prices(found, layers),
        curtailment=_curtailment(data, before, found, layers),
        atlas=atlas_by_zone(layers, case_of_layers(layers).buses, data.zone),
    )


def _contracted(data: CleanSupplyData, found: EnergyCost) -> pd.DataFrame:
    """Return the sources that are contracted, the largest first."""
    supply = data.supply
    gwh = (supply.weight_h @ supply.source_yield) * found.source_mw / _KWH_PER_MWH
    table = data.sources.table.assign(mw=found.source_mw, gwh=gwh)
    used = table[table["mw"] > _LEAST_MW]
    return used.sort_values(["mw", "source"], ascending=[False, True], ignore_index=True)


def _stock(data: CleanSupplyData, found: EnergyCost) -> pd.DataFrame:
    """Return the stock by technology and status, and how much of it is contracted."""
    taken = data.sources.table.assign(contracted_mw=found.source_mw)
    by_kind = taken.groupby(["technology", "status"], as_index=False)["contracted_mw"].sum()
    merged = data.stock.merge(by_kind, on=["technology", "status"], how="left")
    return merged.fillna({"contracted_mw": 0.0})


def _replay(
    data: CleanSupplyData, found: EnergyCost, load_mw: float, layers: Layers, scenario: Scenario
) -> tuple[Floats, Replay]:
    """Return the grid's clean share over the year, and the replay of a plan."""
    year = whole_year(data, layers, scenario)
    plan = ReplayedPlan(
        found.source_mw, found.storage_mw, found.storage_mwh,
        data.supply.storage_efficiency, load_mw,
    )  # fmt: skip
    emission = layers.parameters.value("ef_grid_2023")
    return year.grid_clean, replay_year(plan, year.source_yield, year.grid_clean, emission)


def _hours(replay: Replay, grid_clean: Floats) -> pd.DataFrame:
    balance = replay.balance
    return pd.DataFrame(
        {
            "contracts_mw": replay.contracts_mw,
            "charge_mw": replay.charge_mw,
            "discharge_mw": replay.discharge_mw,
            "used_mw": balance.used_mw,
            "excess_mw": balance.excess_mw,
            "import_mw": balance.import_mw,
            "grid_clean": grid_clean,
        }
    )


def _bus_prices(found: EnergyCost, layers: Layers) -> pd.DataFrame:
    """Return what a further kWh of steady clean load costs at each bus."""
    buses = case_of_layers(layers).buses[["bus_id", "lon", "lat", "province_code"]]
    return buses.assign(krw_kwh=found.price_krw_mw_year / _HOURS / _KWH_PER_MWH).reset_index(
        drop=True
    )


def _curtailment(
    data: CleanSupplyData, before: EnergyCost, after: EnergyCost, layers: Layers
) -> pd.DataFrame:
    """Return the curtailment of today's sun and wind without and with the sites."""
    supply = data.supply
    province = case_of_layers(layers).buses["province_code"].astype(str)
    honam = supply.zone_share @ province.isin(_HONAM).to_numpy(dtype=np.float64)
    days = supply.hours // DAY_H
    found = []
    for region, share in (("honam", honam), ("rest", 1.0 - honam)):
        found.append(
            pd.DataFrame(
                {
                    "day": np.repeat(np.arange(days), DAY_H),
                    "hour": np.tile(np.arange(1, DAY_H + 1), days),
                    "weight_days": supply.weight_h,
                    "region": region,
                    "available_mw": supply.available_mw @ share,
                    "before_mw": before.spilled_mw @ share,
                    "after_mw": after.spilled_mw @ share,
                }
            )
        )
    return pd.concat(found, ignore_index=True)


_HONAM: Final = ("29", "46", "52")
"""Gwangju, Jeonnam and Jeonbuk."""
