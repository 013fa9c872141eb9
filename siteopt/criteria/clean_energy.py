"""Clean energy: solar and wind yields around a site, and self-sufficiency of its province."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.columns import Column
from siteopt.criteria._places import (
    idw,
    mean_within_raster,
    point_xy,
    site_frame,
    site_xy,
    tapered_mean,
    within,
)

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from siteopt.layers.protocols import LayersLike
    from siteopt.scenario import Scenario

__all__ = ["ATLAS_LAYERS", "COLUMNS", "CONTRACT_COLUMNS", "clean_energy", "fleet_level"]

_JEJU: Final = "50"
"""Province with a grid of its own, and without a bus in the grid case."""

CONTRACT_COLUMNS: Final = ("solar_contract_cf_pct", "wind_contract_cf_pct")
"""Yields of plants under contract: without a contract radius the same on the whole mainland."""

ATLAS_LAYERS: Final = {
    "solar_yield_kwh_kwp": "solar_yield",
    "wind_speed_m_s": "wind_speed",
    "wind_atlas_cf_pct": "wind_capacity_factor",
}
"""Columns by the layer of an atlas that they are means of; not known where the data has none."""

_M2_PER_HA: Final = 10_000.0

COLUMNS = (
    Column(
        "solar_cf_pct", "clean_energy", "%", "태양광 이용률", "Solar capacity factor", "model",
        "high",
    ),
    Column(
        "wind_cf_pct", "clean_energy", "%", "풍력 이용률", "Wind capacity factor", "model", "high"
    ),
    Column(
        "solar_contract_cf_pct", "clean_energy", "%", "PPA 조달 태양광 이용률",
        "Solar capacity factor of contracts", "see contract_confidence", "high", scored=True,
    ),
    Column(
        "wind_contract_cf_pct", "clean_energy", "%", "PPA 조달 육상풍력 이용률",
        "Onshore wind capacity factor of contracts", "see contract_confidence", "high", scored=True,
    ),
    Column(
        "contract_area", "clean_energy", "", "PPA 조달 범위", "Where contracts come from",
        "assumption",
    ),
    Column(
        "contract_confidence", "clean_energy", "", "PPA 조달 이용률의 신뢰도",
        "Confidence of the yields of contracts", "model",
    ),
    Column(
        "solar_mw_50km", "clean_energy", "MW", "50 km 안 태양광 설비", "Solar within 50 km",
        "model", "high", scored=True,
    ),
    Column(
        "wind_mw_50km", "clean_energy", "MW", "50 km 안 육상풍력(운영)",
        "Onshore wind farms within 50 km", "published", "high", scored=True,
    ),
    Column(
        "self_sufficiency_pct", "clean_energy", "%", "시·도 전력자립도",
        "Electricity self-sufficiency of the province", "published", "high", scored=True,
    ),
    Column(
        "solar_yield_kwh_kwp", "clean_energy", "kWh/kWp", "태양광 연간 발전량(아틀라스)",
        "Photovoltaic yield of a year (atlas)", "model", "high",
        layers=("solar_yield",),
    ),
    Column(
        "wind_speed_m_s", "clean_energy", "m/s", "연평균 풍속(지상 100 m, 아틀라스)",
        "Mean wind speed at 100 m (atlas)", "model", "high",
        layers=("wind_speed",),
    ),
    Column(
        "wind_atlas_cf_pct", "clean_energy", "%", "풍력 이용률(아틀라스 기준 터빈)",
        "Wind capacity factor of the atlas's turbine", "model", "high",
        layers=("wind_capacity_factor",),
    ),
    Column(
        "clean_energy_confidence", "clean_energy", "", "재생에너지 값의 신뢰도",
        "Confidence of clean energy", "model",
    ),
)  # fmt: skip


def fleet_level(
    cf: NDArray[np.float64], capacity_mw: NDArray[np.float64], fleet_pct: float
) -> NDArray[np.float64]:
    """Return capacity factors in percent, scaled so that the installed fleet has ``fleet_pct``.

    The pattern in space is kept (of wind that of the grid case's smooth reanalysis, of solar that
    of measured yields of provinces), the level is set by what the fleet is known to yield. Without
    any capacity the plain mean is scaled.

    Parameters
    ----------
    cf : ndarray of float64
        Capacity factors.
    capacity_mw : ndarray of float64
        Installed capacity in MW.
    fleet_pct : float
        Capacity factor of the installed fleet in percent.
    """
    weight = capacity_mw if capacity_mw.sum() > 0 else np.ones_like(capacity_mw)
    return cf * (fleet_pct / float(np.average(cf, weights=weight)))


def clean_energy(sites: gpd.GeoDataFrame, layers: LayersLike, scenario: Scenario) -> pd.DataFrame:
    """Return solar and wind yields, capacity near by, and self-sufficiency of sites.

    ``*_cf_pct`` is the inverse-distance mean of the four nearest buses of the grid case. A bus has
    the wind of the case and the sun that its province was measured to yield in 2024: the case's own
    solar pattern has no correlation with what was measured. ``wind_mw_50km`` counts the farms in
    operation, ``solar_mw_50km`` the capacity at the buses.
    ``*_contract_cf_pct`` is the yield of plants under contract. On the mainland that is the
    fleet's mean (``cf_<kind>_fleet``), the same for all sites. With ``energy.contract_reach_km``
    it is the capacity-weighted mean of the buses within reach, the near ones counting more (the
    value at the site where no plant is within reach). ``contract_area`` is which of these:
    ``mainland`` (the same for all its sites), ``reach`` or ``jeju``: Jeju has a grid of its own, so
    contracts are of Jeju. Where it has no bus its solar yield is the measured one, its wind yield a
    parameter, solar capacity the province's, as ``clean_energy_confidence`` reports.

    Columns of ``ATLAS_LAYERS`` are means over the site, a disc of its eligible area, where the data
    has the layer. They inform and are not scored, and the energy program keeps its measured yields:
    an atlas has neither age, outages nor curtailment, and plants under contract stand elsewhere.

    Parameters
    ----------
    sites : GeoDataFrame
        ``site_id`` and points in EPSG:5179.
    layers : LayersLike
        Layers of the run.
    scenario : Scenario
        Scenario of the run.
    """
    reach_km = scenario.energy.contract_reach_km
    out = site_frame(sites)
    xy = site_xy(sites)
    value = layers.parameters.value
    buses = layers.vector("case_buses").sort_values("bus_id")
    provinces = layers.vector("provinces").set_index("province_code")
    province = sites["province_code"].astype(str).set_axis(out.index)
    at = point_xy(buses)
    farms = layers.vector("wind_farms").sort_values("farm_id")
    stands = {"solar": (at, buses["solar_mw"].fillna(0.0)), "wind": (point_xy(farms), farms["mw"])}
    measured = _measured_solar(layers)
    cf_of = {"solar": _solar_cf(buses, measured), "wind": buses["wind_cf"].to_numpy(np.float64)}
    cf_jeju = {"solar": measured.get(_JEJU, np.nan), "wind": value("cf_wind_jeju")}
    on_jeju = (province == _JEJU).to_numpy()
    jeju = on_jeju & ~(buses["province_code"].astype(str) == _JEJU).any()
    own = on_jeju if reach_km is None else jeju
    for kind in ("solar", "wind"):
        mw = buses[f"{kind}_mw"].fillna(0.0).to_numpy(dtype=np.float64)
        cf = fleet_level(cf_of[kind], mw, value(f"cf_{kind}_fleet"))
        local = np.where(jeju, cf_jeju[kind], idw(xy, at, cf))
        if reach_km is None:
            contract = np.full(len(xy), value(f"cf_{kind}_fleet"))
        else:
            contract = tapered_mean(xy, at, cf, mw, reach_km)
            contract = np.where(np.isnan(contract), local, contract)
        out[f"{kind}_cf_pct"] = local
        out[f"{kind}_contract_cf_pct"] = np.where(own, local, contract)
        out[f"{kind}_mw_50km"] = _mw_within(xy, *stands[kind], value("clean_radius_km"))
    whole = province.map(provinces["solar_mw"].astype(float)).to_numpy(dtype=np.float64)
    out["solar_mw_50km"] = np.where(jeju, whole, out["solar_mw_50km"])
    out["contract_area"] = np.where(own, "jeju", "mainland" if reach_km is None else "reach")
    of_parameters = jeju | (~on_jeju & (reach_km is None))
    out["contract_confidence"] = np.where(of_parameters, "compiled-medium", "model")
    out["self_sufficiency_pct"] = province.map(provinces["self_sufficiency_pct"].astype(float))
    _add_atlas_means(out, sites, layers)
    out["clean_energy_confidence"] = np.where(jeju, "assumption", "model")
    return out


def _add_atlas_means(out: pd.DataFrame, sites: gpd.GeoDataFrame, layers: LayersLike) -> None:
    """Add the means of the atlas layers over the sites; NaN where a layer is not there."""
    area_m2 = sites["eligible_ha"].to_numpy(dtype=np.float64) * _M2_PER_HA
    for column, layer_id in ATLAS_LAYERS.items():
        out[column] = (
            mean_within_raster(site_xy(sites), layers.raster(layer_id), np.sqrt(area_m2 / np.pi))
            if layer_id in layers.ids
            else np.nan
        )


def _measured_solar(layers: LayersLike) -> dict[str, float]:
    """Return the measured solar yield on mean capacity, percent, by province code."""
    table = layers.table("power_by_province")
    codes = table["province_code"].astype(str)
    return dict(zip(codes, table["solar_yield_pct"].astype(float), strict=True))


def _solar_cf(buses: gpd.GeoDataFrame, measured_pct: dict[str, float]) -> NDArray[np.float64]:
    """Return the measured capacity factor (0..1) of each bus's province; the mean where unknown."""
    cf = buses["province_code"].astype(str).map(measured_pct) / 100.0
    return np.asarray(cf.fillna(float(np.mean(list(measured_pct.values()))) / 100.0), np.float64)


def _mw_within(
    xy: NDArray[np.float64], points: NDArray[np.float64], mw: pd.Series, radius_km: float
) -> NDArray[np.float64]:
    """Return the MW of plants within a radius of sites."""
    around = np.zeros(len(xy))
    for part, mask in within(xy, points, radius_km):
        around[part] = mask @ mw.to_numpy(dtype=np.float64)
    return around
