"""Clean energy: sun and wind at and around a site, and the province's balance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.criteria._columns import Column
from siteopt.criteria._places import idw, point_xy, site_frame, site_xy, tapered_mean, within

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from siteopt.criteria._columns import LayersLike
    from siteopt.scenario import Scenario

__all__ = ["COLUMNS", "CONTRACT_COLUMNS", "clean_energy", "fleet_level"]

_JEJU: Final = "50"
"""Province with a grid of its own, and without a bus in the grid case."""

CONTRACT_COLUMNS: Final = ("solar_contract_cf_pct", "wind_contract_cf_pct")
"""Yields of plants under contract: without a contract radius the same on the whole mainland."""

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
        "wind_mw_50km", "clean_energy", "MW", "50 km 안 풍력 설비", "Wind within 50 km",
        "model", "high", scored=True,
    ),
    Column(
        "self_sufficiency_pct", "clean_energy", "%", "시도 전력자립도",
        "Electricity self-sufficiency of the province", "published", "high", scored=True,
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

    The grid case's profiles are smooth reanalysis: their pattern in space is kept, their level
    is set by what the fleet is known to yield. Without any capacity the plain mean is scaled.
    """
    weight = capacity_mw if capacity_mw.sum() > 0 else np.ones_like(capacity_mw)
    return cf * (fleet_pct / float(np.average(cf, weights=weight)))


def clean_energy(sites: gpd.GeoDataFrame, layers: LayersLike, scenario: Scenario) -> pd.DataFrame:
    """Return solar and wind yields, capacity near by, and self-sufficiency of sites.

    ``*_cf_pct`` is the inverse-distance mean of the four nearest buses of the grid case.
    ``*_contract_cf_pct`` is the yield of plants under contract. On the mainland that is the
    fleet's mean (``cf_<kind>_fleet``), the same for all sites. With ``energy.contract_reach_km``
    it is the capacity-weighted mean of the buses within reach, the near ones counting more (the
    value at the site where nothing stands within reach). ``contract_area`` says which:
    ``mainland`` (the same for all its sites), ``reach`` or ``jeju``: Jeju has a grid of its own, so
    contracts are of Jeju. Where it has no bus its yields are its parameters, capacity is the
    province's, and ``clean_energy_confidence`` says so.
    """
    reach_km = scenario.energy.contract_reach_km
    out = site_frame(sites)
    xy = site_xy(sites)
    value = layers.parameters.value
    buses = layers.vector("case_buses").sort_values("bus_id")
    provinces = layers.vector("provinces").set_index("province_code")
    province = sites["province_code"].astype(str).set_axis(out.index)
    at = point_xy(buses)
    on_jeju = (province == _JEJU).to_numpy()
    jeju = on_jeju & ~(buses["province_code"].astype(str) == _JEJU).any()
    own = on_jeju if reach_km is None else jeju
    near = within(xy, at, value("clean_radius_km"))
    for kind in ("solar", "wind"):
        mw = buses[f"{kind}_mw"].fillna(0.0).to_numpy(dtype=np.float64)
        cf = fleet_level(
            buses[f"{kind}_cf"].to_numpy(dtype=np.float64), mw, value(f"cf_{kind}_fleet")
        )
        local = np.where(jeju, value(f"cf_{kind}_jeju"), idw(xy, at, cf))
        around = np.zeros(len(xy))
        for part, mask in near:
            around[part] = mask @ mw
        if reach_km is None:
            contract = np.full(len(xy), value(f"cf_{kind}_fleet"))
        else:
            contract = tapered_mean(xy, at, cf, mw, reach_km)
            contract = np.where(np.isnan(contract), local, contract)
        whole = province.map(provinces[f"{kind}_mw"].astype(float)).to_numpy(dtype=np.float64)
        out[f"{kind}_cf_pct"] = local
        out[f"{kind}_contract_cf_pct"] = np.where(own, local, contract)
        out[f"{kind}_mw_50km"] = np.where(jeju, whole, around)
    out["contract_area"] = np.where(own, "jeju", "mainland" if reach_km is None else "reach")
    of_parameters = jeju | (~on_jeju & (reach_km is None))
    out["contract_confidence"] = np.where(of_parameters, "compiled-medium", "model")
    out["self_sufficiency_pct"] = province.map(provinces["self_sufficiency_pct"].astype(float))
    out["clean_energy_confidence"] = np.where(jeju, "assumption", "model")
    return out
