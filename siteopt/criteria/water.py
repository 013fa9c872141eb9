"""Water: basin of a site, its dry-year yield and the demand of the site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely

from siteopt.columns import Column
from siteopt.criteria._districts import district_rows, rows_of_sites
from siteopt.criteria._places import site_frame, site_xy
from siteopt.criteria.cooling import cooling
from siteopt.layers.district_codes import DistrictCodes

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from siteopt.layers.district_codes import How
    from siteopt.layers.protocols import LayersLike, ParametersLike
    from siteopt.scenario import Scenario

__all__ = [
    "COLUMNS",
    "WATERWORKS_STATES",
    "basin_supply_m3_day",
    "water",
    "water_need_m3_day_per_mw",
]

_DAYS: Final = 365.0
WATERWORKS_STATES: Final = ("no_link", "unknown", "short", "room")
"""Values of ``waterworks_state``: nothing connected, not known, too little, enough."""

_WORKS: Final[dict[str, How]] = {
    "linked": "max", "spare_m3_day": "max", "spare_own_m3_day": "max",
}  # fmt: skip
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
        "Water per MW of IT load", "assumption", "low",
    ),
    Column(
        "water_demand_share_pct", "water", "%", "최대 규모의 유역 공급량 대비 용수",
        "Need at full size over the basin's supply", "assumption", "low", scored=True,
    ),
    Column(
        "waterworks_spare_m3_day", "water", "m³/day", "정수장 여유량(광역·구입 포함, 상한)",
        "Spare capacity of waterworks with multi-regional supply (upper bound)",
        "compiled-medium", "high",
    ),
    Column(
        "waterworks_own_m3_day", "water", "m³/day", "자체 정수장 여유량",
        "Spare capacity of the district's own waterworks", "compiled-medium", "high",
    ),
    Column(
        "plant_spare_m3_day", "water", "m³/day", "광역정수장 여유량(가장 큰 1곳)",
        "Spare capacity of one multi-regional plant", "compiled-medium", "high",
    ),
    Column("plant_name_ko", "water", "", "광역정수장", "Multi-regional plant", "compiled-medium"),
    Column(
        "waterworks_margin_m3_day", "water", "m³/day", "최대 규모 여름 용수를 뺀 정수장 여유량",
        "Spare capacity less the summer need at full size", "assumption", "high", scored=True,
    ),
    Column(
        "waterworks_state", "water", "", "정수장 여유 판정", "Whether the waterworks have room",
        "assumption",
    ),
    Column(
        "water_confidence", "water", "", "용수 값의 신뢰도", "Confidence of water", "assumption"
    ),
)  # fmt: skip


def basin_supply_m3_day(
    area_km2: NDArray[np.float64], storage_mcm: NDArray[np.float64], parameters: ParametersLike
) -> NDArray[np.float64]:
    """Return the dry-year yield of basins in m3 a day.

    Run-off that flows without storage plus what the dams give, never more than all run-off::

        min(R, R * dependable_share + storage * storage_yield) / 365,  R = area * runoff_mm_year

    Parameters
    ----------
    area_km2 : ndarray of float64
        Catchment areas in km².
    storage_mcm : ndarray of float64
        Reservoir storage in million m³.
    parameters : ParametersLike
        Values of the ``parameters`` layer.
    """
    runoff_m3 = np.asarray(area_km2) * 1e3 * parameters.value("runoff_mm_year")
    stored_m3 = np.asarray(storage_mcm) * 1e6 * parameters.value("storage_yield") / 100.0
    flowing_m3 = runoff_m3 * parameters.value("dependable_share") / 100.0
    supply: NDArray[np.float64] = np.minimum(runoff_m3, flowing_m3 + stored_m3) / _DAYS
    return supply


def water_need_m3_day_per_mw(
    wue_l_kwh: NDArray[np.float64], parameters: ParametersLike
) -> NDArray[np.float64]:
    """Return m3 a day per MW of IT load: WUE (L/kWh IT) x load factor x 24 h.

    Parameters
    ----------
    wue_l_kwh : ndarray of float64
        Water usage effectiveness in litres per kWh of IT energy.
    parameters : ParametersLike
        Values of the ``parameters`` layer.
    """
    need: NDArray[np.float64] = np.asarray(wue_l_kwh) * parameters.value("load_factor") * 24.0
    return need


def water(sites: gpd.GeoDataFrame, layers: LayersLike, scenario: Scenario) -> pd.DataFrame:
    """Return basin and its supply, the need, and the room of the waterworks.

    A site outside every major basin takes the nearest within ``basin_reach_km`` of its edge
    (multi-regional pipelines), else the run-off of its own district (``basin_id`` ``L`` and the
    district's code). ``water_confidence`` distinguishes the three. The need is that of the site's
    WUE (:func:`siteopt.criteria.cooling.cooling`), on a summer day that of ``wue_peak_l_kwh``.

    The room of waterworks is that of their day of largest supply, an upper bound: one plant counts
    for every district on it. ``waterworks_state`` is ``short`` where the summer need at full size
    exceeds it, else ``room``; ``no_link`` where no such supply is connected (Jeju, Ulleung) and
    ``unknown`` where the layer has no row.

    Parameters
    ----------
    sites : GeoDataFrame
        ``site_id`` and points in EPSG:5179.
    layers : LayersLike
        Layers of the run.
    scenario : Scenario
        Scenario of the run.
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
    cooled = cooling(sites, layers, scenario)
    need = water_need_m3_day_per_mw(cooled["wue_l_kwh"].to_numpy(), parameters)
    out["water_m3_day_per_mw"] = need
    it_max_mw = sites["it_max_mw"].to_numpy(dtype=np.float64)
    out["water_demand_share_pct"] = 100.0 * need * it_max_mw / out["supply_m3_day"]
    peak = water_need_m3_day_per_mw(cooled["wue_peak_l_kwh"].to_numpy(), parameters)
    out = pd.concat([out, _waterworks(sites, layers, peak * it_max_mw)], axis=1)
    out["water_confidence"] = np.select(
        [local, km > 0], ["assumption: own district", "assumption: nearest basin"], "assumption"
    )
    return out


def _waterworks(
    sites: gpd.GeoDataFrame, layers: LayersLike, peak_m3_day: NDArray[np.float64]
) -> pd.DataFrame:
    """Return the room of waterworks and plants of each site's district, less a need."""
    works = rows_of_sites(sites, works_by_district(layers))
    spare = works["spare_m3_day"].to_numpy(dtype=np.float64)
    best = rows_of_sites(sites, plants_by_district(layers))
    margin = spare - peak_m3_day
    linked = works["linked"].to_numpy()
    state = np.select(
        [linked == False, np.isnan(margin), margin < 0],  # noqa: E712 - NaN is neither
        WATERWORKS_STATES[:3],
        WATERWORKS_STATES[3],
    )
    return pd.DataFrame(
        {
            "waterworks_spare_m3_day": spare,
            "waterworks_own_m3_day": works["spare_own_m3_day"].to_numpy(dtype=np.float64),
            "plant_spare_m3_day": best["spare_m3_day"].to_numpy(dtype=np.float64),
            "plant_name_ko": best["name_ko"].fillna("").astype(str).to_numpy(dtype=object),
            "waterworks_margin_m3_day": margin,
            "waterworks_state": state.astype(object),
        },
        index=pd.Index(sites["site_id"].astype(str), name="site_id"),
    )


def works_by_district(layers: LayersLike) -> pd.DataFrame:
    """Return the waterworks of each district; an unknown code in a user's table is a LayerError.

    Parameters
    ----------
    layers : LayersLike
        Layers of the run.
    """
    return district_rows(layers, "waterworks", _WORKS)


def plants_by_district(layers: LayersLike) -> pd.DataFrame:
    """Return the multi-regional plant with most room of each district that has one.

    Parameters
    ----------
    layers : LayersLike
        Layers of the run.
    """
    plants = layers.table("water_plants")
    if layers.replaced("water_plants"):
        codes = DistrictCodes(layers.table("district_codes"))
        plants = codes.expand(plants, file="water_plants")
    plants = plants.sort_values(
        ["district_code", "spare_m3_day", "plant_id"], ascending=[True, False, True]
    )
    return plants.drop_duplicates("district_code").set_index("district_code")


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
