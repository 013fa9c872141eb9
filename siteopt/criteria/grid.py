"""Grid: distance to stations, required voltage and headroom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.columns import Column
from siteopt.criteria._places import nearest, point_xy, site_frame, site_xy
from siteopt.criteria.cooling import cooling
from siteopt.grid.headroom import station_headroom
from siteopt.grid.stations import connectable

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from siteopt.layers.protocols import LayersLike
    from siteopt.scenario import Scenario, VoltageClass

__all__ = ["COLUMNS", "grid", "voltage_needed"]

_LEVELS: Final = (154, 345, 765)
_HEADROOM_LEVELS: Final = (154, 345)

COLUMNS = (
    Column(
        "distance_154_km", "grid", "km", "154 kV 변전소 거리", "Distance to a 154 kV station",
        "compiled-medium", "low", scored=True,
    ),
    Column(
        "distance_345_km", "grid", "km", "345 kV 변전소 거리", "Distance to a 345 kV station",
        "compiled-medium", "low", scored=True,
    ),
    Column(
        "distance_765_km", "grid", "km", "765 kV 변전소 거리", "Distance to a 765 kV station",
        "compiled-medium", "low",
    ),
    Column(
        "voltage_needed_kv", "grid", "kV", "최대 규모의 수전 전압", "Supply voltage at full size",
        "compiled-high",
    ),
    Column(
        "headroom_154_mw", "grid", "MW", "최근접 154 kV 여유용량(한전 공표 상한)",
        "Headroom of the nearest 154 kV station (KEPCO, cap)", "see headroom_154_confidence", "high",
        scored=True,
    ),
    Column(
        "headroom_345_mw", "grid", "MW", "최근접 345 kV 여유용량(모형)",
        "Headroom of the nearest 345 kV station (model)", "see headroom_345_confidence", "high",
        scored=True,
    ),
    Column(
        "dc_possible_share_pct", "grid", "%", "한전 1차 검토 공급 가능 비율(시·도, 데이터센터 신청 MW)",
        "Supply found possible in KEPCO's first review (province, MW of data centres)",
        "published",
    ),
    Column(
        "headroom_154_confidence", "grid", "", "154 kV 여유용량 신뢰도", "Confidence of headroom, 154 kV",
        "model",
    ),
    Column(
        "headroom_345_confidence", "grid", "", "345 kV 여유용량 신뢰도", "Confidence of headroom, 345 kV",
        "model",
    ),
)  # fmt: skip


def voltage_needed(
    facility_mw: NDArray[np.float64], classes: list[VoltageClass]
) -> NDArray[np.float64]:
    """Return the lowest supply voltage (kV) whose class takes a contract power; NaN above all.

    Parameters
    ----------
    facility_mw : ndarray of float64
        Contract power in MW, shape (n,).
    classes : list of VoltageClass
        Voltage classes of the scenario.
    """
    limits = np.array([item.facility_max_mw for item in classes])
    voltages = np.array([*(item.voltage_kv for item in classes), np.nan])
    return voltages[np.searchsorted(limits, facility_mw - 1e-9, side="left")]


def grid(sites: gpd.GeoDataFrame, layers: LayersLike, scenario: Scenario) -> pd.DataFrame:
    """Return distances to stations by voltage, the voltage needed, and the nearest headroom.

    Only substations count (:func:`siteopt.grid.stations.connectable`). A station has a level where
    circuits of that voltage end, or it is its highest. Headroom is that of the nearest station
    with the level; NaN where no row is known. ``headroom_154_confidence`` and ``headroom_345_confidence``
    say whose figures they are. ``dc_possible_share_pct`` is KEPCO's verdict on the data centres that applied in
    the province: it is about applications, not about free capacity, and is not scored.

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
    xy = site_xy(sites)
    stations = connectable(layers.vector("stations"))
    headroom = station_headroom(layers, scenario.target.year)
    near: dict[int, pd.Series] = {}
    for level in _LEVELS:
        there = (stations[f"circuits_{level}"] > 0) | (stations["voltage_max_kv"] == level)
        some = stations[there].sort_values("station_id")
        out[f"distance_{level}_km"], rows = nearest(xy, point_xy(some))
        ids = np.append(some["station_id"].astype(str).to_numpy(dtype=object), "")
        near[level] = pd.Series(ids[rows], index=out.index)
    pue = cooling(sites, layers, scenario)["pue"].to_numpy()
    facility_mw = sites["it_max_mw"].to_numpy(dtype=np.float64) * pue
    out["voltage_needed_kv"] = voltage_needed(facility_mw, scenario.connection.classes)
    for level in _HEADROOM_LEVELS:
        rows_of_level = headroom[np.isclose(headroom["voltage_kv"].astype(float), level)]
        by_station = rows_of_level.set_index(rows_of_level["station_id"].astype(str))
        out[f"headroom_{level}_mw"] = near[level].map(by_station["headroom_mw"].astype(float))
        confidence = near[level].map(by_station["confidence"].astype(str))
        out[f"headroom_{level}_confidence"] = confidence.fillna("unknown")
    verdicts = layers.table("dc_verdicts").set_index("province_code")["possible_share_pct"]
    province = sites["province_code"].astype(str).set_axis(out.index)
    out["dc_possible_share_pct"] = province.map(verdicts.astype(float))
    return out
