"""Discounted cost of sites and connections: bn KRW, and KRW per MWh of IT energy (levelised).

All money is real, of today's prices, and discounted to the start of the target year at
``discount_social``: what is built is paid then, what recurs is paid at the end of each of
``horizon_years`` years. A cost is either fixed (once the option is taken) or per MW of IT load,
so that ``fixed + per_mw * it_mw`` is linear in the decision of the program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt._units import KRW_PER_BN
from siteopt.costs.campus import has_campuses, with_campus_costs
from siteopt.costs.earthworks import earthworks_krw_m2
from siteopt.costs.electricity import (
    PRICE_PARTS,
    by_voltage,
    carbon_krw_kwh,
    matched_price_parts_krw_kwh,
    price_parts_krw_kwh,
)
from siteopt.costs.tariff_zones import zone_delta_krw_kwh
from siteopt.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import ArrayLike, NDArray

    from siteopt.costs.clean_prices import CleanPrices
    from siteopt.layers.protocols import LayersLike, ParametersLike
    from siteopt.scenario import Scenario

__all__ = [
    "CAPITAL",
    "COMPONENTS",
    "PROPORTIONAL_TO",
    "annuity_factor",
    "cost_options",
    "krw_per_mwh_it",
    "pv_mwh_per_mw",
]

CAPITAL: Final = (
    "building", "land", "conversion", "earthworks", "access", "connection", "substation", "upgrade",
    "fibre",
)  # fmt: skip
"""Components paid once, before the target year."""

COMPONENTS: Final = (*CAPITAL, "energy", "cooling", "water", "carbon")
"""All components of the cost of an option."""

_HOURS: Final = 8760.0
_DAYS: Final = 365.0
_KW: Final = 1000.0
_SMALLEST: Final = {
    "pue": 1.0, "land_price_krw_m2": 0.0, "slope_mean_deg": 0.0, "fibre_build_km": 0.0,
    "conversion_krw_m2": 0.0, "access_road_km": 0.0, "water_main_km": 0.0, "serviced": 0.0,
    "solar_contract_cf_pct": 0.1, "wind_contract_cf_pct": 0.1, "water_m3_day_per_mw": 0.0,
}  # fmt: skip
"""What costs rest on, and the least value that can be."""


PROPORTIONAL_TO: Final[Mapping[str, str]] = {
    "building": "capex_shell_me",
    "fibre": "fiber_cost",
    "water": "water_price",
}
"""Components that are proportional to one parameter: twice the price, twice the cost."""


def annuity_factor(rate_pct: float, years: float) -> float:
    """Return the present value of 1 paid at the end of each year: (1 - (1 + r)^-n) / r.

    Examples
    --------
    Twenty years at 4.5 % are worth thirteen payments today.

    >>> round(annuity_factor(4.5, 20), 2)
    13.01

    Parameters
    ----------
    rate_pct : float
        Discount rate in percent a year.
    years : float
        Number of years.
    """
    rate = rate_pct / 100.0
    if rate == 0.0:
        return float(years)
    return float(-np.expm1(-years * np.log1p(rate)) / rate)


def pv_mwh_per_mw(parameters: ParametersLike) -> float:
    """Return the discounted IT energy of a MW of IT load over the horizon, in MWh.

    Parameters
    ----------
    parameters : ParametersLike
        Values of the ``parameters`` layer.
    """
    return parameters.value("load_factor") * _HOURS * _annuity(parameters)


def cost_options(  # noqa: PLR0913, PLR0917 - the tables that meet here
    sites: gpd.GeoDataFrame,
    described: pd.DataFrame,
    options: pd.DataFrame,
    layers: LayersLike,
    scenario: Scenario,
    clean: CleanPrices | None = None,
) -> pd.DataFrame:
    """Return the connection options with their costs.

    Parameters
    ----------
    sites : GeoDataFrame
        Candidates, EPSG:5179: site_id, province_code, district_code, geometry.
    described : DataFrame
        Of ``siteopt.criteria.describe_sites``, indexed by site_id.
    options : DataFrame
        One row an option: option_id, site_id, voltage_kv, route_bn_krw.
    layers : Layers
        The parameters, and what tariff zones are drawn from.
    scenario : Scenario
        Land per MW, energy mix, tariff zones.
    clean : CleanPrices, optional
        Prices of matched clean energy by bus (``bus_id`` of the options); by default energy has
        the price of a mix.

    Returns
    -------
    DataFrame
        ``options`` and, in bn KRW of present value at the start of the target year,
        ``fixed_<component>_bn_krw`` and ``per_mw_<component>_bn_krw`` (per MW of IT load) for
        each of :data:`COMPONENTS`, their sums ``fixed_bn_krw`` and ``per_mw_bn_krw``, the sums
        over :data:`CAPITAL` ``capital_fixed_bn_krw`` and ``capital_per_mw_bn_krw``,
        ``energy_price_krw_kwh`` and what it is the sum of, ``price_<part>_krw_kwh`` for each of
        :data:`siteopt.costs.electricity.PRICE_PARTS`, and ``tco2_year_per_mw`` (of the grid's
        share of the energy of a MW of IT load).

    Raises
    ------
    LayerError
        If an option's site is not described, a value that costs rest on is not known or too
        small to be, or no bay cost is known for a voltage.
    """
    rows = _rows_of(options, described)
    delta = pd.Series(zone_delta_krw_kwh(sites, layers, scenario), sites["site_id"].astype(str))
    zone = np.asarray(options["site_id"].astype(str).map(delta), dtype=np.float64)
    voltage = options["voltage_kv"].to_numpy(dtype=np.float64)
    if clean is None:
        prices = price_parts_krw_kwh(rows, voltage, zone, layers.parameters, scenario)
        carbon = carbon_krw_kwh(layers.parameters, scenario)
        grid_share = 1.0 - scenario.energy.clean_share_pct / 100.0
    else:
        prices = matched_price_parts_krw_kwh(
            options["bus_id"], voltage, zone, clean, layers.parameters
        )
        carbon, grid_share = clean.carbon_krw_kwh, clean.grid_share
    price = np.asarray(prices.sum(axis=1).to_numpy(), dtype=np.float64)
    fixed = {name: np.zeros(len(options)) for name in COMPONENTS}
    fixed |= _fixed(rows, options, layers.parameters)
    per_mw = _capital_per_mw(rows, voltage, layers.parameters, scenario)
    per_mw |= _earthworks_per_mw(rows, layers.parameters, scenario)
    per_mw |= _recurring_per_mw(rows, price, carbon, layers.parameters)
    names: tuple[str, ...] = COMPONENTS
    if has_campuses(sites):
        pue = rows["pue"].to_numpy(dtype=np.float64)
        per_mw = with_campus_costs(per_mw, sites, options, pue, layers.parameters)
        names = (*COMPONENTS, "risk")
    columns: dict[str, NDArray[np.float64]] = {}
    for kind, parts in (("fixed", fixed), ("per_mw", per_mw)):
        zero = np.zeros(len(options))
        for name in names:
            columns[f"{kind}_{name}_bn_krw"] = parts.get(name, zero)
        columns[f"{kind}_bn_krw"] = sum((parts.get(name, zero) for name in names), zero)
        columns[f"capital_{kind}_bn_krw"] = sum((parts.get(name, zero) for name in CAPITAL), zero)
    columns["energy_price_krw_kwh"] = price
    for name in PRICE_PARTS:
        columns[f"price_{name}_krw_kwh"] = prices[name].to_numpy()
    columns["tco2_year_per_mw"] = _tco2_year_per_mw(rows, grid_share, layers.parameters)
    return pd.concat([options, pd.DataFrame(columns, index=options.index)], axis=1)


def krw_per_mwh_it(
    costed: pd.DataFrame, it_mw: ArrayLike, parameters: ParametersLike
) -> NDArray[np.float64]:
    """Return the levelised cost of options at a size, in KRW per MWh of IT energy.

    Present value of all costs over the present value of the IT energy.

    Parameters
    ----------
    costed : DataFrame
        Of :func:`cost_options`.
    it_mw : array_like
        Size in MW of IT load, one for all or one for each row; more than 0.
    parameters : Parameters
        Load factor, horizon, discount rate.
    """
    mw = np.asarray(it_mw, dtype=np.float64)
    fixed = costed["fixed_bn_krw"].to_numpy(dtype=np.float64)
    per_mw = costed["per_mw_bn_krw"].to_numpy(dtype=np.float64)
    out: NDArray[np.float64] = (fixed / mw + per_mw) * KRW_PER_BN / pv_mwh_per_mw(parameters)
    return out


def _fixed(
    rows: pd.DataFrame, options: pd.DataFrame, parameters: ParametersLike
) -> dict[str, NDArray[np.float64]]:
    """Return the fixed costs (bn KRW): lines of both feeds, bays, works, fibre, access."""
    value = parameters.value
    voltage_kv = options["voltage_kv"].to_numpy(dtype=np.float64)
    second_bn_krw = _column(options, "second_feed_bn_krw")
    bays = np.full(len(options), value("bays_per_connection"))
    if second_bn_krw.any():
        bays += value("second_feed_bays") * (_text_column(options, "second_station_id") != "")
    bays = bays + _column(options, "extra_bays")
    fibre_km = rows["fibre_build_km"].to_numpy(dtype=np.float64) * value("fibre_routes")
    return {
        "connection": options["route_bn_krw"].to_numpy(dtype=np.float64) + second_bn_krw,
        "upgrade": _column(options, "works_bn_krw"),
        "substation": bays * by_voltage("bay_{kv:g}kV_cost", voltage_kv, parameters),
        "fibre": fibre_km * value("fiber_cost") * 1e6 / KRW_PER_BN,
        "access": _access_bn_krw(rows, parameters),
    }


def _access_bn_krw(rows: pd.DataFrame, parameters: ParametersLike) -> NDArray[np.float64]:
    """Return what access road and water main of a site cost (bn KRW); a serviced lot has both."""
    cost = np.zeros(len(rows))
    for name in ("access_road", "water_main"):
        km = rows[f"{name}_km"].to_numpy(dtype=np.float64)
        cost += km * parameters.value(f"{name}_cost")
    return cost


def _column(options: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """Return a column of numbers; 0 where the options do not have it."""
    if name not in options:
        return np.zeros(len(options))
    return np.asarray(options[name].to_numpy(dtype=np.float64))


def _text_column(options: pd.DataFrame, name: str) -> NDArray[np.object_]:
    """Return a column of texts; empty where the options do not have it."""
    if name not in options:
        return np.full(len(options), "", dtype=object)
    return np.asarray(options[name].fillna("").astype(str).to_numpy(dtype=object))


def _capital_per_mw(
    rows: pd.DataFrame,
    voltage_kv: NDArray[np.float64],
    parameters: ParametersLike,
    scenario: Scenario,
) -> dict[str, NDArray[np.float64]]:
    """Return what is bought per MW of IT load (bn KRW): shell, land, transformers."""
    value = parameters.value
    m2_per_mw = scenario.build.land_ha_per_mw * 10_000.0
    price = rows["land_price_krw_m2"].to_numpy(dtype=np.float64)
    mva = rows["pue"].to_numpy(dtype=np.float64) / value("power_factor")
    mva = mva * value("substation_redundancy")
    return {
        "building": np.full(len(rows), value("capex_shell_me")),
        "land": m2_per_mw * price / KRW_PER_BN,
        "conversion": m2_per_mw * rows["conversion_krw_m2"].to_numpy(dtype=np.float64) / KRW_PER_BN,
        "substation": mva * by_voltage(_SUBSTATION, voltage_kv, parameters, _KEYS),
    }


def _earthworks_per_mw(
    rows: pd.DataFrame, parameters: ParametersLike, scenario: Scenario
) -> dict[str, NDArray[np.float64]]:
    """Return the levelling of a MW's land (bn KRW), land beneath slopes between benches included.

    Serviced land is level already.
    """
    m2_per_mw = scenario.build.land_ha_per_mw * 10_000.0
    slope, price, conversion, serviced = (
        rows[name].to_numpy(dtype=np.float64)
        for name in ("slope_mean_deg", "land_price_krw_m2", "conversion_krw_m2", "serviced")
    )
    krw_m2 = earthworks_krw_m2(slope, parameters, price + conversion)
    return {"earthworks": m2_per_mw * np.where(serviced == 0.0, krw_m2, 0.0) / KRW_PER_BN}


def _recurring_per_mw(
    rows: pd.DataFrame,
    price_krw_kwh: NDArray[np.float64],
    carbon_krw_kwh: float,
    parameters: ParametersLike,
) -> dict[str, NDArray[np.float64]]:
    """Return what recurs per MW of IT load, discounted over the horizon (bn KRW).

    ``energy`` is that of the IT load itself, ``cooling`` the (PUE - 1) above it, ``carbon`` that of
    the grid's share of both, as far as the tariff does not hold it.
    """
    value = parameters.value
    it_mwh = pv_mwh_per_mw(parameters)
    pue = rows["pue"].to_numpy(dtype=np.float64)
    it_energy = it_mwh * _KW * price_krw_kwh / KRW_PER_BN
    water_m3 = rows["water_m3_day_per_mw"].to_numpy(dtype=np.float64) * _DAYS
    return {
        "energy": it_energy,
        "cooling": it_energy * (pue - 1.0),
        "water": water_m3 * value("water_price") * _annuity(parameters) / KRW_PER_BN,
        "carbon": it_mwh * _KW * pue * carbon_krw_kwh / KRW_PER_BN,
    }


def _tco2_year_per_mw(
    rows: pd.DataFrame, grid_share: float, parameters: ParametersLike
) -> NDArray[np.float64]:
    """Return the tCO2 of a year of a MW of IT load, cooling included: contracts have none."""
    pue = rows["pue"].to_numpy(dtype=np.float64)
    mwh = parameters.value("load_factor") * _HOURS * pue
    return np.asarray(mwh * grid_share * parameters.value("ef_grid_2023"), dtype=np.float64)


_SUBSTATION: Final = "customer_substation_{kv:g}kV_cost"
_KEYS: Final = {"customer_substation_154kV_cost": "customer_substation_cost"}
"""Keys of the published facts that name no voltage."""


def _annuity(parameters: ParametersLike) -> float:
    years = parameters.value("horizon_years")
    if years <= 0:
        raise LayerError(f"parameters: horizon_years is {years:g}; it must be positive")
    return annuity_factor(parameters.value("discount_social"), years)


def _rows_of(options: pd.DataFrame, described: pd.DataFrame) -> pd.DataFrame:
    """Return what costs rest on, one row an option, all known."""
    wanted = pd.Index(options["site_id"].astype(str).to_numpy(dtype=object))
    at = pd.Index(described.index.to_numpy(dtype=object)).get_indexer(wanted)
    if (at < 0).any():
        raise LayerError(
            f"options: site_id {wanted[at < 0][0]} is not described; every option's site "
            "must be among the described sites"
        )
    used = described.iloc[np.unique(at)][list(_SMALLEST)].astype(np.float64)
    wrong = ~(used.to_numpy() >= np.array(list(_SMALLEST.values()))) | np.isinf(used.to_numpy())
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        name = used.columns[column]
        raise LayerError(
            f"site {used.index[row]}: {name} is {used.iloc[row, column]:g}; costs need a known "
            f"value of at least {_SMALLEST[name]:g}"
        )
    found: pd.DataFrame = described[list(_SMALLEST)].astype(np.float64).iloc[at]
    return found
