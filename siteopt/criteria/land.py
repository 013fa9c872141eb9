"""Land: how much, how steep, what it costs, and the industrial complex near by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siteopt.criteria._columns import Column
from siteopt.criteria._places import nearest, point_xy, raster_floats, site_frame, site_xy
from siteopt.criteria.people import electors_within
from siteopt.errors import LayerError
from siteopt.prices import in_price_year

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from siteopt.criteria._columns import LayersLike, ParametersLike
    from siteopt.scenario import Scenario

__all__ = ["COLUMNS", "land", "land_price_krw_m2"]

_DENSITY_KM = 5.0

COLUMNS = (
    Column(
        "eligible_ha", "land", "ha", "입지 가능 면적", "Eligible land", "model", "high", scored=True
    ),
    Column(
        "slope_mean_deg", "land", "°", "평균 경사", "Mean slope", "model", "low", scored=True
    ),
    Column("elevation_m", "land", "m", "표고", "Elevation", "model"),
    Column(
        "land_price_krw_m2", "land", "KRW/m²", "토지 가격", "Land price",
        "see land_price_confidence", "low", scored=True,
    ),
    Column(
        "land_price_confidence", "land", "", "토지 가격의 신뢰도", "Confidence of the land price",
        "assumption",
    ),
    Column(
        "complex_km", "land", "km", "최근접 산업단지 거리", "Distance to an industrial complex",
        "compiled-medium", "low", scored=True,
    ),
    Column("complex_id", "land", "", "최근접 산업단지", "Industrial complex", "compiled-medium"),
    Column(
        "complex_name_ko", "land", "", "최근접 산업단지 이름", "Industrial complex (Korean)",
        "compiled-medium",
    ),
)  # fmt: skip


def land_price_krw_m2(
    density_km2: NDArray[np.float64], parameters: ParametersLike
) -> NDArray[np.float64]:
    """Return a land price from the density of electors around, KRW per m2.

    Log-linear between two anchors, constant beyond them: ``land_price_low`` at
    ``land_price_density_floor`` and ``land_price_high`` at ``land_price_density``.
    """
    value = parameters.value
    low, high = value("land_price_low"), value("land_price_high")
    floor, top = value("land_price_density_floor"), value("land_price_density")
    share = np.log(np.maximum(density_km2, floor) / floor) / np.log(top / floor)
    out: NDArray[np.float64] = low * (high / low) ** np.clip(share, 0.0, 1.0)
    return out


def land(sites: gpd.GeoDataFrame, layers: LayersLike, scenario: Scenario) -> pd.DataFrame:
    """Return area, slope, elevation, price and nearest industrial complex of sites.

    Area, slope and elevation are the candidates' own columns where they have them (means over
    the eligible piece), else samples at the point. The price is the reported one of a complex
    within ``complex_margin_km`` of its disc, else :func:`land_price_krw_m2`.
    """
    del scenario
    out = site_frame(sites)
    xy = site_xy(sites)
    for name, layer in (("slope_mean_deg", "slope"), ("elevation_m", "elevation")):
        sampled = layers.raster(layer).sample(xy[:, 0], xy[:, 1])
        own = _own(sites, name)
        out[name] = np.where(np.isnan(own), sampled, own)
    out["eligible_ha"] = _own(sites, "eligible_ha")
    electors = layers.raster("electors")
    density = electors_within(xy, raster_floats(electors), electors, _DENSITY_KM)
    density /= np.pi * _DENSITY_KM**2
    priced = land_price_krw_m2(density, layers.parameters)
    complexes = layers.vector("industrial_complexes").sort_values("complex_id", ignore_index=True)
    km, row = nearest(xy, point_xy(complexes))
    found = complexes.reindex(row).set_axis(out.index)
    area = found["area_km2"].astype(float).fillna(layers.parameters.value("complex_area_default"))
    reach = np.sqrt(area.to_numpy() / np.pi) + layers.parameters.value("complex_margin_km")
    known = _price_of_run(found, layers.parameters)
    at_complex = (km <= reach) & ~np.isnan(known)
    out["land_price_krw_m2"] = np.where(at_complex, known, priced)
    said = found["confidence"].fillna("").astype(str).to_numpy(dtype=object)
    out["land_price_confidence"] = np.where(at_complex, said, "assumption")
    out["complex_km"] = km
    for target, source in (("complex_id", "complex_id"), ("complex_name_ko", "name_ko")):
        out[target] = found[source].fillna("").astype(str)
    return out


def _price_of_run(complexes: gpd.GeoDataFrame, parameters: ParametersLike) -> NDArray[np.float64]:
    """Return the reported land prices in the money of the run, NaN where there is none."""
    price, year = (
        complexes[name].to_numpy(dtype=np.float64) for name in ("land_price_krw_m2", "price_year")
    )
    undated = np.flatnonzero(~np.isnan(price) & np.isnan(year))
    if len(undated):
        name = complexes["complex_id"].iloc[undated[0]]
        raise LayerError(
            f"industrial_complexes: {name} has a land price and no price_year; every price has the "
            "year of its money"
        )
    return in_price_year(price, year, parameters)


def _own(sites: gpd.GeoDataFrame, name: str) -> NDArray[np.float64]:
    """Return a numeric column of the candidates; NaN where they do not have it."""
    if name not in sites.columns:
        return np.full(len(sites), np.nan)
    return np.asarray(pd.to_numeric(sites[name], errors="coerce").to_numpy(dtype=np.float64))
