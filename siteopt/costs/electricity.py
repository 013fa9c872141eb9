"""Electricity price per kWh: grid tariff by voltage and zone, solar and wind contracts.

All prices are in the money of one year (:mod:`siteopt.layers.price_years`). What a zone takes off or puts on
holds for what the grid delivers, not for contracts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.costs.price_parts import MATCHED_PARTS, PRICE_PARTS
from siteopt.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from siteopt.costs.clean_prices import CleanPrices
    from siteopt.layers.protocols import ParametersLike
    from siteopt.scenario import Scenario

__all__ = [
    "PRICE_PARTS",
    "by_voltage",
    "carbon_krw_kwh",
    "generation_krw_kwh",
    "matched_price_parts_krw_kwh",
    "price_parts_krw_kwh",
]

_KWH_PER_MWH: Final = 1000.0


def generation_krw_kwh(kind: str, parameters: ParametersLike) -> float:
    """Return what a kWh costs at a new plant under contract, without the network.

    Its price in an auction is the least that the plant would accept from a customer. An auction
    price is for the wholesale price (SMP) and one REC, and a plant gets ``rec_weight_<kind>`` of
    them a MWh::

        smp_mean + rec_weight_<kind> * (<kind>_auction_price - smp_mean)

    Parameters
    ----------
    kind : {'solar', 'onshore_wind', 'offshore_wind'}
        What kind of plant.
    parameters : Parameters
        Auction prices, RECs a MWh, wholesale price.
    """
    smp = parameters.value("smp_mean")
    one_rec = parameters.value(f"{kind}_auction_price") - smp
    return smp + parameters.value(f"rec_weight_{kind}") * one_rec


def price_parts_krw_kwh(
    described: pd.DataFrame,
    voltage_kv: NDArray[np.float64],
    zone_krw_kwh: NDArray[np.float64],
    parameters: ParametersLike,
    scenario: Scenario,
) -> pd.DataFrame:
    """Return what the price of a kWh is made of.

    The generation part of a contract for solar or onshore wind is in inverse proportion to the
    yield where the plants stand, offshore wind and the adders of the network are not::

        grid   = (1 - clean) * (tariff_industrial_b + tariff_delta_<voltage>kV)
        zone   = (1 - clean) * delta of the zone
        solar  = clean * share * generation * cf_solar_fleet / cf
        adders = clean * ppa_grid_adders

    Parameters
    ----------
    described : DataFrame
        One row an option: ``solar_contract_cf_pct`` and ``wind_contract_cf_pct``.
    voltage_kv, zone_krw_kwh : ndarray
        Supply voltage of the options, and what their zone puts on the tariff.
    parameters, scenario
        Prices; shares of clean energy, of wind in it, of offshore wind in that.

    Returns
    -------
    DataFrame
        Columns :data:`PRICE_PARTS` in KRW per kWh delivered; their sum is the price.

    Raises
    ------
    ScenarioError
        If a zone takes more off than the tariff is.
    """
    value = parameters.value
    clean = scenario.energy.clean_share_pct / 100.0
    wind = scenario.energy.wind_share_pct / 100.0
    offshore = scenario.energy.offshore_share_pct / 100.0
    tariff = _tariff_krw_kwh(voltage_kv, zone_krw_kwh, parameters)
    yields = {
        kind: value(f"cf_{kind}_fleet")
        / described[f"{kind}_contract_cf_pct"].to_numpy(dtype=np.float64)
        for kind in ("solar", "wind")
    }
    ones = np.ones(len(described))
    shares = {
        "solar": (1.0 - wind) * yields["solar"],
        "onshore_wind": wind * (1.0 - offshore) * yields["wind"],
        "offshore_wind": wind * offshore * ones,
    }
    parts = {
        "grid": (1.0 - clean) * tariff,
        "zone": (1.0 - clean) * zone_krw_kwh,
        **{
            kind: clean * generation_krw_kwh(kind, parameters) * share
            for kind, share in shares.items()
        },
        "adders": clean * value("ppa_grid_adders") * ones,
    }
    parts |= dict.fromkeys(MATCHED_PARTS, 0.0 * ones)
    return pd.DataFrame(parts, columns=list(PRICE_PARTS), index=described.index)


def matched_price_parts_krw_kwh(
    bus_id: pd.Series[str],
    voltage_kv: NDArray[np.float64],
    zone_krw_kwh: NDArray[np.float64],
    clean: CleanPrices,
    parameters: ParametersLike,
) -> pd.DataFrame:
    """Return what the price of a kWh is made of where clean energy is matched to the load.

    The parts are those of the reference load, the same everywhere but for ``place``; voltage and
    zone move the price of what the grid delivers::

        grid = part of the tariff + grid share * tariff_delta_<voltage>kV
        zone = grid share * delta of the zone

    Parameters
    ----------
    bus_id : Series of str
        Bus that serves each option, empty for none.
    voltage_kv, zone_krw_kwh : ndarray
        Supply voltage of the options, and what their zone puts on the tariff.
    clean : CleanPrices
        Prices of the energy program.
    parameters : Parameters
        Tariffs by voltage.

    Returns
    -------
    DataFrame
        As `price_parts_krw_kwh`, without carbon.

    Raises
    ------
    ScenarioError
        If a zone takes more off than the tariff is.
    """
    _tariff_krw_kwh(voltage_kv, zone_krw_kwh, parameters)
    ones = np.ones(len(bus_id))
    parts = {name: clean.part_krw_kwh.get(name, 0.0) * ones for name in PRICE_PARTS}
    delta = by_voltage("tariff_delta_{kv:g}kV", voltage_kv, parameters)
    mean = sum(clean.part_krw_kwh.values()) + clean.carbon_krw_kwh
    parts["grid"] = parts["grid"] + clean.grid_share * delta
    parts["zone"] = clean.grid_share * zone_krw_kwh
    parts["place"] = clean.at(bus_id) - mean
    return pd.DataFrame(parts, columns=list(PRICE_PARTS), index=bus_id.index)


def _tariff_krw_kwh(
    voltage_kv: NDArray[np.float64],
    zone_krw_kwh: NDArray[np.float64],
    parameters: ParametersLike,
) -> NDArray[np.float64]:
    """Return the tariff by voltage; raise an error where a zone takes more off."""
    tariff = parameters.value("tariff_industrial_b") + by_voltage(
        "tariff_delta_{kv:g}kV", voltage_kv, parameters
    )
    if (tariff + zone_krw_kwh < 0.0).any():
        raise ScenarioError(
            f"energy.zones: a zone takes {-zone_krw_kwh.min():g} KRW/kWh off a tariff of "
            f"{tariff.min():g}; delta_krw_kwh must leave a price of at least 0"
        )
    return np.asarray(tariff)


def carbon_krw_kwh(
    parameters: ParametersLike, scenario: Scenario, grid_share: float | None = None
) -> float:
    """Return the price on the carbon of a kWh as bought that its tariff does not hold already.

    Contracts have no carbon. The tariff holds a climate charge, a part of which pays for emission
    allowances; that part is not counted twice::

        grid share * max(0, carbon_price * ef_grid_2023
                            - tariff_climate_charge * climate_charge_carbon_share)

    Parameters
    ----------
    parameters : ParametersLike
        Values of the ``parameters`` layer.
    scenario : Scenario
        Scenario of the run.
    grid_share : float, optional
        What the grid delivers, 0 to 1; what the scenario has not under contract by default.
    """
    value = parameters.value
    if grid_share is None:
        grid_share = 1.0 - scenario.energy.clean_share_pct / 100.0
    paid = value("tariff_climate_charge") * value("climate_charge_carbon_share") / 100.0
    return grid_share * max(
        0.0, value("carbon_price") * value("ef_grid_2023") / _KWH_PER_MWH - paid
    )


def by_voltage(
    pattern: str,
    voltage_kv: NDArray[np.float64],
    parameters: ParametersLike,
    other_keys: Mapping[str, str] | None = None,
) -> NDArray[np.float64]:
    """Return the parameter that belongs to the voltage of each row.

    Parameters
    ----------
    pattern : str
        Key of the parameter, ``{kv:g}`` standing for the voltage.
    voltage_kv : ndarray
        Voltages.
    parameters : Parameters
        One for each voltage.
    other_keys : mapping of str to str, optional
        Keys that are called otherwise in the tables.
    """
    kinds, row = np.unique(voltage_kv, return_inverse=True)
    keys = [pattern.format(kv=kv) for kv in kinds]
    known = other_keys or {}
    values = np.array([parameters.value(known.get(key, key)) for key in keys], dtype=np.float64)
    return values[row] if len(values) else np.zeros(0)
