"""Hazard: earthquakes on record, the design zone, and the distance to rivers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.criteria._columns import Column
from siteopt.criteria._places import line_km, point_xy, site_frame, site_xy, within

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from siteopt.criteria._columns import LayersLike
    from siteopt.scenario import Scenario

__all__ = ["COLUMNS", "hazard"]

_ZONE_II_PROVINCES: Final = frozenset({"50"})
_GANGWON: Final = frozenset({"51", "42"})
_ZONE_II_GANGWON: Final = (
    "춘천", "속초", "홍천", "횡성", "평창", "철원", "화천", "양구", "인제", "고성", "양양",
)  # fmt: skip
"""Seismic zone II of KDS 17 10 00: Jeju and these districts of northern Gangwon."""

COLUMNS = (
    Column(
        "quakes_50km", "hazard", "", "50 km 안 지진 횟수(규모 4 이상)",
        "Earthquakes of M 4 or more within 50 km", "published", "low", scored=True,
    ),
    Column(
        "quake_max_m_50km", "hazard", "M", "50 km 안 최대 지진 규모(없으면 0)",
        "Strongest earthquake within 50 km (0: none)", "published", "low", scored=True,
    ),
    Column(
        "pga_g", "hazard", "g", "지진구역 계수(500년 암반)", "Design ground acceleration",
        "compiled-high", "low", scored=True,
    ),
    Column(
        "river_km", "hazard", "km", "하천까지 거리", "Distance to a river", "model", "high",
        scored=True,
    ),
)  # fmt: skip


def hazard(sites: gpd.GeoDataFrame, layers: LayersLike, scenario: Scenario) -> pd.DataFrame:
    """Return earthquakes near by, the design acceleration and the distance to rivers of sites.

    ``quakes_50km`` counts events of ``quake_magnitude_min`` or more within ``quake_radius_km``;
    the strongest of all magnitudes within it is 0 where none is on record.
    """
    del scenario
    out = site_frame(sites)
    xy = site_xy(sites)
    value = layers.parameters.value
    quakes = layers.vector("earthquakes")
    magnitude = quakes["magnitude"].to_numpy(dtype=np.float64)
    strong = magnitude >= value("quake_magnitude_min")
    count, largest = np.zeros(len(xy)), np.zeros(len(xy))
    for part, mask in within(xy, point_xy(quakes), value("quake_radius_km")):
        count[part] = (mask & strong).sum(axis=1)
        largest[part] = np.where(mask, magnitude, 0.0).max(axis=1, initial=0.0)
    out["quakes_50km"] = count
    out["quake_max_m_50km"] = largest
    out["pga_g"] = np.where(
        _in_zone_ii(sites, layers), value("seismic_zone_II"), value("seismic_zone_I")
    )
    out["river_km"] = line_km(xy, layers.vector("rivers"))
    return out


def _in_zone_ii(sites: gpd.GeoDataFrame, layers: LayersLike) -> NDArray[np.bool_]:
    """Return which sites lie in seismic zone II."""
    districts = layers.vector("districts")
    northern = districts["province_code"].astype(str).isin(_GANGWON) & districts["name_ko"].astype(
        str
    ).str.startswith(_ZONE_II_GANGWON)
    codes = set(districts.loc[northern, "district_code"].astype(str))
    jeju = sites["province_code"].astype(str).isin(_ZONE_II_PROVINCES).to_numpy()
    return np.asarray(jeju | sites["district_code"].astype(str).isin(codes).to_numpy())
