"""Water: which basin feeds a site, what it yields in a dry year, what the site needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely

from siteopt.criteria._columns import Column
from siteopt.criteria._places import site_frame, site_xy

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from siteopt.criteria._columns import LayersLike, ParametersLike
    from siteopt.scenario import Scenario

__all__ = ["COLUMNS", "basin_supply_m3_day", "water", "water_need_m3_day_per_mw"]

_DAYS: Final = 365.0
_TEXTS: Final = ("basin_id", "basin_name_ko", "basin_name_en")

COLUMNS = (
    Column("basin_id", "water", "", "유역", "Basin", "model"),
    Column("basin_name_ko", "water", "", "유역 이름", "Basin (Korean)", "model"),
    Column("basin_name_en", "water", "", "유역 이름(영문)", "Basin (English)", "model"),
    Column(
        "supply_m3_day", "water", "m³/day", "유역의 갈수년 공급량", "Dry-year supply of the basin",
        "assumption", "high",
    ),
    Column(
        "water_m3_day_per_mw", "water", "m³/day per MW IT", "IT 1 MW당 용수",
        "Water per MW of IT load", "compiled-high", "low",
    ),
    Column(
        "water_demand_share_pct", "water", "%", "최대 규모의 유역 공급량 대비 용수",
        "Need at full size over the basin's supply", "assumption", "low", scored=True,
    ),
    Column(
        "water_confidence", "water", "", "용수 값의 신뢰도", "Confidence of water", "assumption"
    ),
)  # fmt: skip


def basin_supply_m3_day(
    area_km2: NDArray[np.float64], storage_mcm: NDArray[np.float64], parameters: ParametersLike
) -> NDArray[np.float64]:
    """Return what basins yield in a dry year, in m3 a day.

    Run-off that flows without storage plus what the dams give, never more than all run-off::

        min(R, R * dependable_share + storage * storage_yield) / 365,  R = area * runoff_mm_year
    """
    runoff_m3 = np.asarray(area_km2) * 1e3 * parameters.value("runoff_mm_year")
    stored_m3 = np.asarray(storage_mcm) * 1e6 * parameters.value("storage_yield") / 100.0
    flowing_m3 = runoff_m3 * parameters.value("dependable_share") / 100.0
    supply: NDArray[np.float64] = np.minimum(runoff_m3, flowing_m3 + stored_m3) / _DAYS
    return supply


def water_need_m3_day_per_mw(parameters: ParametersLike, scenario: Scenario) -> float:
    """Return m3 a day per MW of IT load: WUE (L/kWh IT) x load factor x 24 h."""
    key = "wue_evap" if scenario.water.cooling == "evaporative" else "wue_closed"
    return parameters.value(key) * parameters.value("load_factor") * 24.0


def water(sites: gpd.GeoDataFrame, layers: LayersLike, scenario: Scenario) -> pd.DataFrame:
    """Return basin, its supply, the need per MW and the share of it at full size.

    A site outside every major basin takes the nearest within ``basin_reach_km`` of its edge
    (multi-regional pipelines), else the run-off of its own district (``basin_id`` ``L`` and the
    district's code). ``water_confidence`` tells the three apart.
    """
    out = site_frame(sites)
    basins = _named(layers.vector("basins").sort_values("basin_id", ignore_index=True))
    parameters = layers.parameters
    row, km = _nearest_basin(site_xy(sites), basins)
    local = ~(km <= parameters.value("basin_reach_km"))
    supply = basin_supply_m3_day(
        basins["area_km2"].to_numpy(dtype=np.float64),
        basins["storage_mcm"].fillna(0.0).to_numpy(dtype=np.float64),
        parameters,
    )
    districts = _districts(layers)
    code = sites["district_code"].astype(str).set_axis(out.index)
    for name in _TEXTS:
        texts = np.append(basins[name].astype(str).to_numpy(dtype=object), "")
        own = code.map(districts[name]).fillna("").to_numpy(dtype=object)
        out[name] = np.where(local, own, texts[row])
    area = code.map(districts["area_km2"]).to_numpy(dtype=np.float64)
    from_district = basin_supply_m3_day(area, np.zeros(len(area)), parameters)
    out["supply_m3_day"] = np.where(local, from_district, np.append(supply, np.nan)[row])
    need = water_need_m3_day_per_mw(parameters, scenario)
    out["water_m3_day_per_mw"] = need
    full_m3_day = need * sites["it_max_mw"].to_numpy(dtype=np.float64)
    out["water_demand_share_pct"] = 100.0 * full_m3_day / out["supply_m3_day"]
    out["water_confidence"] = np.select(
        [local, km > 0], ["assumption: own district", "assumption: nearest basin"], "assumption"
    )
    return out


def _nearest_basin(
    xy: NDArray[np.float64], basins: gpd.GeoDataFrame
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return row of the basin that holds a site or is nearest, and the distance in km."""
    row, km = np.full(len(xy), -1, dtype=np.int64), np.full(len(xy), np.inf)
    if len(basins) == 0:
        return row, km
    shapes = basins.geometry.to_numpy()
    shapely.prepare(shapes)
    for number in reversed(range(len(shapes))):  # the first basin of a shared border stays
        row[shapely.intersects_xy(shapes[number], xy[:, 0], xy[:, 1])] = number
    km[row >= 0] = 0.0
    outside = np.flatnonzero(row < 0)
    (site, basin), metres = shapely.STRtree(shapes).query_nearest(
        shapely.points(xy[outside]), return_distance=True, all_matches=True
    )
    order = np.lexsort((basin, site))[::-1]  # likewise of a tie
    row[outside[site[order]]] = basin[order]
    km[outside[site[order]]] = metres[order] / 1000.0
    return row, km


def _named(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return areas with the names as the description calls them; Korean where English lacks."""
    english = areas["name_en"] if "name_en" in areas.columns else areas["name_ko"]
    return areas.assign(
        basin_name_ko=areas["name_ko"], basin_name_en=english.fillna(areas["name_ko"])
    )


def _districts(layers: LayersLike) -> pd.DataFrame:
    """Return the districts as basins of their own, by district code."""
    districts = _named(layers.vector("districts"))
    code = districts["district_code"].astype(str)
    return pd.DataFrame(
        {
            "basin_id": ("L" + code).to_numpy(),
            "basin_name_ko": (districts["basin_name_ko"].astype(str) + " 자체 수계").to_numpy(),
            "basin_name_en": (districts["basin_name_en"].astype(str) + " local").to_numpy(),
            "area_km2": districts.geometry.area.to_numpy() / 1e6,
        },
        index=pd.Index(code),
    )
