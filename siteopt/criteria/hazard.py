"""Hazard: earthquakes on record, the design zone, rivers, and what districts have seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.columns import Column
from siteopt.criteria._districts import district_rows, rows_of_sites
from siteopt.criteria._places import line_km, point_xy, site_frame, site_xy, within

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from siteopt.layers.district_codes import How
    from siteopt.layers.protocols import LayersLike
    from siteopt.scenario import Scenario

__all__ = ["COLUMNS", "hazard"]

_RANKS: Final = ("flood_rank_pct", "landslide_rank_pct", "wildfire_rank_pct")
_WORST: Final[dict[str, How]] = {
    **dict.fromkeys(_RANKS, "max"), "seismic_zone": "min",
}  # fmt: skip
"""Units that are one district count with the worst of theirs; zone I is worse than II."""

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
    Column(
        "flood_rank_pct", "hazard", "%", "시·군·구 홍수 순위(100년 빈도, 높을수록 위험)",
        "Flood rank of the district (100: worst)", "compiled-medium", "low", scored=True,
    ),
    Column(
        "landslide_rank_pct", "hazard", "%", "시·군·구 산사태 순위(높을수록 위험)",
        "Landslide rank of the district (100: worst)", "compiled-medium", "low", scored=True,
    ),
    Column(
        "wildfire_rank_pct", "hazard", "%", "시·군·구 산불 순위(높을수록 위험)",
        "Wildfire rank of the district (100: worst)", "compiled-medium", "low", scored=True,
    ),
)  # fmt: skip


def hazards_by_district(layers: LayersLike) -> pd.DataFrame:
    """Return ranks of each district; an unknown code in a user's table is a LayerError."""
    return district_rows(layers, "district_hazards", _WORST)


def hazard(sites: gpd.GeoDataFrame, layers: LayersLike, scenario: Scenario) -> pd.DataFrame:
    """Return earthquakes near by, the design acceleration, rivers and ranks of districts.

    ``quakes_50km`` counts events of ``quake_magnitude_min`` or more within ``quake_radius_km``;
    the strongest of all magnitudes within it is 0 where none is on record. ``*_rank_pct`` is the
    share of the other districts with a lower score, one hazard at a time: ranks are not added up,
    and all sites of a district share them. The acceleration is the parameter ``seismic_zone_I``
    or ``_II`` of the district's zone.
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
    rows = rows_of_sites(sites, hazards_by_district(layers))
    zone_g = {zone: value(f"seismic_zone_{zone}") for zone in ("I", "II")}
    out["pga_g"] = rows["seismic_zone"].map(zone_g).to_numpy(dtype=np.float64)
    out["river_km"] = line_km(xy, layers.vector("rivers"))
    for name in _RANKS:
        out[name] = rows[name].to_numpy(dtype=np.float64)
    return out
