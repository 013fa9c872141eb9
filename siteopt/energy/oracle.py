"""Energy oracle of the portfolio: cost of clean energy as a convex function of all loads.

Optimality cuts: Benders (1962). Loads of the portfolio are contract power (MW) by year and bus;
the energy program sees the mean that they draw, and a yearly cost becomes a discounted one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt._units import KRW_PER_BN
from siteopt.costs.clean_prices import CleanPrices
from siteopt.costs.discounted import annuity_factor
from siteopt.costs.electricity import carbon_krw_kwh
from siteopt.energy.program import EnergyCost, EnergyProgram, Matching
from siteopt.energy.stock_limits import no_supply
from siteopt.grid.case import case_of_layers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt._arrays import Floats
    from siteopt.energy.clean_supply import CleanSupplyData
    from siteopt.layers.protocols import ParametersLike
    from siteopt.layers.store import Layers
    from siteopt.scenario import Scenario

__all__ = ["EnergyOracle", "parts_of_price", "program_of", "reference_load_mw", "reference_prices"]

_KWH_PER_MWH: Final = 1000.0
_HOURS: Final = 8760.0
_SHORT: Final = 1e-6
"""Share of the load's energy; what is short by less is rounding."""


class EnergyOracle:
    """Cost of clean energy beside its price in the options (`siteopt.portfolio.search.grid_oracle`).

    Parameters
    ----------
    supplies : sequence of CleanSupplyData
        One for each year that is planned.
    prices : CleanPrices
        What options pay for energy already.
    scenario : Scenario
        How energy is matched.
    parameters : ParametersLike
        Load factor, horizon and discount rate.
    """

    def __init__(
        self,
        supplies: Sequence[CleanSupplyData],
        prices: CleanPrices,
        scenario: Scenario,
        parameters: ParametersLike,
    ) -> None:
        self._programs = [program_of(one, scenario) for one in supplies]
        self._load_factor = parameters.value("load_factor")
        self._weight = _year_weights([one.year for one in supplies], parameters)
        self._base = prices.krw_kwh * _KWH_PER_MWH * _HOURS
        self._known: dict[bytes, tuple[float, Floats]] = {}

    def cut(self, load_mw: Floats) -> tuple[float, Floats]:
        """Return the discounted cost (bn KRW) of loads (Y, N), and a subgradient (Y, N) of it."""
        key = load_mw.tobytes()
        if key not in self._known:
            cost, price = 0.0, np.zeros_like(load_mw)
            for year, weight in enumerate(self._weight):
                drawn = self._load_factor * load_mw[year]
                answer = self._programs[year].cut(drawn)
                cost += weight * (answer.krw_year - float(self._base @ drawn))
                more = answer.price_krw_mw_year - self._base
                price[year] = weight * self._load_factor * more
            self._known[key] = cost, price
        return self._known[key]

    def answer(self, load_mw: Floats, year: int = -1) -> EnergyCost:
        """Return the plan of clean energy for loads (N,) in a year, the last by default."""
        return self._programs[year].cut(self._load_factor * load_mw)


def program_of(data: CleanSupplyData, scenario: Scenario) -> EnergyProgram:
    """Return the energy program of a supply.

    Every stage of a run begins with one of its own: where several plans cost the same, which one
    is told depends on the basis before, and a stage must not depend on what ran before it.
    """
    matching: Matching = "annual" if scenario.energy.matching == "annual" else "hourly"
    return EnergyProgram(data.supply, matching)


def _year_weights(years: Sequence[int], parameters: ParametersLike) -> Floats:
    """Return what a KRW a year of each year's loads counts (bn KRW), discounted to the first year.

    A load pays for the horizon from the year on in which it begins (`siteopt.costs.discounted`):
    the loads of a year count by what beginning then costs more than beginning a year later.
    """
    rate, value = parameters.value("discount_social") / 100.0, parameters.value
    since = np.array(years, dtype=np.float64) - years[0]
    begins = np.append((1.0 + rate) ** -since, 0.0)
    annuity = annuity_factor(value("discount_social"), value("horizon_years"))
    return np.asarray(annuity * (begins[:-1] - begins[1:]) / KRW_PER_BN)


def reference_prices(
    data: CleanSupplyData,
    scenario: Scenario,
    layers: Layers,
) -> CleanPrices:
    """Return the price of clean energy at every bus, at a reference load.

    Parameters
    ----------
    data : CleanSupplyData
        Supply of the last year.
    scenario : Scenario
        Target and matching.
    layers : Layers
        The grid case, provinces, and the parameters load factor, PUE and prices.

    Raises
    ------
    InfeasibleError
        If the stock cannot meet the clean share; the message names what is used up.
    """
    program, parameters = program_of(data, scenario), layers.parameters
    load = reference_load_mw(scenario, layers)
    share = load / load.sum()
    found = program.cut(load)
    energy_mwh = float(load.sum()) * _HOURS
    if found.shortfall_mwh > _SHORT * energy_mwh:
        raise no_supply(data, found, energy_mwh, scenario)
    parts, carbon, grid_share = parts_of_price(data, found, energy_mwh, parameters, scenario)
    marginal = found.price_krw_mw_year / _HOURS / _KWH_PER_MWH
    mean = found.krw_year / energy_mwh / _KWH_PER_MWH
    return CleanPrices(
        bus_id=data.bus_id,
        krw_kwh=marginal - float(marginal @ share) + mean,
        marginal_krw_kwh=marginal,
        part_krw_kwh=parts,
        carbon_krw_kwh=carbon,
        grid_share=grid_share,
    )


def reference_load_mw(scenario: Scenario, layers: Layers) -> Floats:
    """Return the mean load of all sites (N,), spread evenly over buses outside the capital region.

    Parameters
    ----------
    scenario : Scenario
        Its size and cooling.
    layers : Layers
        The grid case, provinces, and the parameters load factor and PUE.
    """
    value = layers.parameters.value
    pue = value("pue_liquid" if scenario.water.cooling == "liquid" else "pue_base")
    load_mw = scenario.target.it_mw * pue * value("load_factor")
    provinces = layers.vector("provinces")
    inside = provinces.loc[provinces["capital_region"].astype(bool), "province_code"].astype(str)
    outside = ~case_of_layers(layers).buses["province_code"].astype(str).isin(inside)
    return np.asarray(load_mw * outside.to_numpy(dtype=np.float64) / outside.sum())


def parts_of_price(
    data: CleanSupplyData,
    found: EnergyCost,
    energy_mwh: float,
    parameters: ParametersLike,
    scenario: Scenario,
) -> tuple[dict[str, float], float, float]:
    """Return the parts of the mean price (KRW/kWh), carbon, and the share of the grid.

    Parameters
    ----------
    data : CleanSupplyData
        Supply of the year.
    found : EnergyCost
        Plan of it.
    energy_mwh : float
        Energy of the loads in a year.
    parameters : ParametersLike
        What carbon costs.
    scenario : Scenario
        The run.
    """
    supply = data.supply
    grid_share = float(supply.weight_h @ found.import_mw) / energy_mwh
    carbon = grid_share * carbon_krw_kwh(parameters, scenario, grid_share=1.0)
    cost = supply.source_krw_mwh * (supply.weight_h @ supply.source_yield) * found.source_mw
    technology = data.sources.table["technology"].to_numpy()
    scale = 1.0 / energy_mwh / _KWH_PER_MWH
    parts = {name: float(cost[technology == name].sum()) * scale for name in set(technology)}
    for name in ("adders", "grid", "storage", "excess", "redispatch"):
        parts[name] = found.parts_krw_year[name] * scale
    parts["grid"] -= carbon
    return parts, carbon, grid_share
