"""Whole year of a supply: output of its sources and the grid's clean share in all 8,760 hours.

Profiles of the year are by province, those of the typical days by bus: a source has the profiles
of the provinces that it stands in, scaled to the same measured yield of its technology.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.energy.clean_supply import clean_share_of_grid, installed_mw, nuclear_mw
from siteopt.energy.profiles import read_profiles
from siteopt.energy.stock import MEAN_YIELD
from siteopt.energy.typical_days import scaled_to_mean
from siteopt.errors import LayerError
from siteopt.grid.case import case_of_layers

if TYPE_CHECKING:
    import pandas as pd

    from siteopt._arrays import Floats
    from siteopt.energy.clean_supply import CleanSupplyData
    from siteopt.energy.profiles import Kind
    from siteopt.layers.store import Layers
    from siteopt.scenario import Scenario

__all__ = ["WholeYear", "whole_year"]

_YEAR_H: Final = 8760
_PER_MILLE: Final = 1000.0


@dataclass(frozen=True, eq=False)
class WholeYear:
    """Whole year of a supply of K sources.

    Attributes
    ----------
    source_yield : ndarray, shape (8760, K)
        Output by capacity.
    grid_clean : ndarray, shape (8760,)
        Clean share of what the grid generates.
    """

    source_yield: Floats
    grid_clean: Floats


def whole_year(data: CleanSupplyData, layers: Layers, scenario: Scenario) -> WholeYear:
    """Return the whole year of a supply.

    Parameters
    ----------
    data : CleanSupplyData
        Supply of a year.
    layers : Layers
        ``profiles_year_solar``, ``profiles_year_wind``, ``profiles_year_demand``, the grid case,
        parameters.
    scenario : Scenario
        What of the grid counts.

    Raises
    ------
    LayerError
        If a profile has not each of 8,760 hours, lacks a province, has a value outside of 0 to 1,
        or sun at night.
    """
    case, settings = case_of_layers(layers), scenario.energy.supply
    buses, parameters = case.buses, layers.parameters
    province = buses["province_code"].astype(str).to_numpy()
    codes = sorted(set(province))
    of_bus = (province[:, None] == np.array(codes)).astype(np.float64)
    weight = np.ones(_YEAR_H)
    profile = {"solar": _profile(layers, "solar", codes), "wind": _profile(layers, "wind", codes)}
    by_technology = {}
    for technology, (key, kind) in MEAN_YIELD.items():
        fleet = installed_mw(buses, f"{kind}_mw") @ of_bus
        if technology == "offshore_wind":
            rows = (data.sources.table["technology"] == technology).to_numpy()
            most = data.supply.source_most_mw[rows]
            at_sea = most @ data.supply.source_share[rows] @ of_bus
            fleet = at_sea if at_sea.sum() > 0 else fleet
        mean = parameters.value(key) / 100.0
        by_technology[technology] = scaled_to_mean(profile[kind], weight, fleet, mean, technology)
    share = data.supply.source_share @ of_bus
    names = data.sources.table["technology"].astype(str)
    hourly = [by_technology[name] @ share[row] for row, name in enumerate(names)]
    available = (
        by_technology["solar"] @ (installed_mw(buses, "solar_mw") @ of_bus)
        + by_technology["onshore_wind"] @ (installed_mw(buses, "wind_mw") @ of_bus)
    )  # fmt: skip
    demand = _hours(layers.table("profiles_year_demand"), "profiles_year_demand")
    need = demand["demand_mw"].to_numpy(dtype=np.float64)
    need = need + scenario.target.it_mw * parameters.value("load_factor")
    unclaimed = available * (1.0 - settings.existing_share_pct / 100.0)
    clean = clean_share_of_grid(settings.grid_counts, unclaimed, nuclear_mw(case, parameters), need)
    return WholeYear(np.stack(hourly, axis=1), clean)


def _profile(layers: Layers, kind: Kind, codes: list[str]) -> Floats:
    """Return the profile of the year (8760, provinces), checked as one that a user brings is."""
    name = f"profiles_year_{kind}"
    table = layers.table(name).rename(columns={"hour_of_year": "hour"})
    shares = table.drop(columns="hour") / _PER_MILLE
    profiles = read_profiles(
        shares.assign(hour=table["hour"]), kind, provinces=layers.vector("provinces"),
        name=f"layer {name}",
    )  # fmt: skip
    return np.column_stack([profiles.of(code) for code in codes])


def _hours(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return a table of a year by the hour, in order."""
    table = table.sort_values("hour_of_year")
    hours = table["hour_of_year"].to_numpy(dtype=np.int64)
    if len(hours) != _YEAR_H or not np.array_equal(hours, np.arange(1, _YEAR_H + 1)):
        raise LayerError(
            f"layer {name}: {len(hours):,} hours; each of 1 to 8,760 once is needed (of a leap "
            "year without 29 February)"
        )
    return table
