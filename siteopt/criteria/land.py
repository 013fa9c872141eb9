"""Land: area, slope, price with conversion, and site development works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siteopt.columns import Column
from siteopt.criteria._land_prices import (
    conversion_krw_m2,
    lot_price_krw_m2,
    raw_land_price_krw_m2,
)
from siteopt.criteria._places import line_km, nearest, point_xy, raster_floats, site_frame, site_xy
from siteopt.criteria.land_cover import land_cover
from siteopt.criteria.people import electors_within
from siteopt.errors import LayerError
from siteopt.layers.complex_types import complex_type
from siteopt.layers.price_years import in_price_year

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from siteopt.layers.protocols import LayersLike, ParametersLike
    from siteopt.scenario import Scenario

__all__ = ["COLUMNS", "land"]

_DENSITY_KM = 5.0

COLUMNS = (
    Column(
        "serviced", "land", "", "조성된 산업용지", "Serviced land (a lot of a complex)", "model",
    ),
    Column(
        "eligible_ha", "land", "ha", "입지 가능 면적", "Land that a site may have",
        "see area_confidence", "high", scored=True,
    ),
    Column(
        "area_confidence", "land", "", "면적의 신뢰도", "Confidence of the area", "assumption",
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
        "conversion_krw_m2", "land", "KRW/m²", "농지·산지 전용부담금(기댓값)",
        "Conversion charges (expected)", "assumption", "low",
    ),
    Column(
        "farm_share_pct", "land", "%", "시·군·구 농지 비율(사전확률)",
        "Farmland in the district (a prior)", "published",
    ),
    Column(
        "forest_share_pct", "land", "%", "시·군·구 임야 비율(사전확률)",
        "Forest in the district (a prior)", "published",
    ),
    Column(
        "unsold_ha", "land", "ha", "시·군·구 미분양 산업용지", "Unsold industrial land in the district",
        "compiled-high", "high",
    ),
    Column(
        "for_sale_ha", "land", "ha", "시·군·구 미분양·개발 중 산업용지",
        "Industrial land in the district, unsold or under development", "compiled-high", "high",
        scored=True,
    ),
    Column(
        "complex_km", "land", "km", "최근접 산업단지 거리", "Distance to an industrial complex",
        "published", "low", scored=True,
    ),
    Column(
        "nearest_complex_id", "land", "", "최근접 산업단지", "Nearest industrial complex", "published",
    ),
    Column(
        "nearest_complex_name_ko", "land", "", "최근접 산업단지 이름",
        "Nearest industrial complex (Korean)", "published",
    ),
    Column(
        "access_road_km", "land", "km", "신설 진입도로(대용 거리)", "Access road to build (stand-in)",
        "assumption", "low",
    ),
    Column(
        "water_main_km", "land", "km", "신설 용수관로(대용 거리)", "Water main to build (stand-in)",
        "assumption", "low",
    ),
    Column(
        "runway_km", "land", "km", "최근접 활주로 거리(4 km 이내 고도제한 검토)",
        "Distance to a runway (within 4 km heights are limited)", "published",
    ),
)  # fmt: skip


def land(sites: gpd.GeoDataFrame, layers: LayersLike, scenario: Scenario) -> pd.DataFrame:
    """Return area, slope, elevation, price, conversion, supply, access, runway and cover of sites.

    Area, slope and elevation are the candidates' own columns where they have them (means over
    the eligible piece), else samples at the point. A site is serviced where it names its complex
    (``complex_id``): it has the reported price of the complex or that of lots by province and
    type, and neither conversion nor access to pay. Any other is raw land.

    Parameters
    ----------
    sites : GeoDataFrame
        ``site_id`` and points in EPSG:5179.
    layers : LayersLike
        Layers of the run.
    scenario : Scenario
        Scenario of the run.
    """
    priced = priced_land(sites, land_places(sites, layers), layers)
    return priced.join(land_cover(sites, layers, scenario))


@dataclass(frozen=True, eq=False)
class LandPlaces:
    """What is measured of the land of sites; nothing of it hangs on a price.

    Attributes
    ----------
    table : DataFrame
        By ``site_id``: area, slope, elevation, complex, industrial land, runway.
    density : ndarray
        Electors per km2 about each site.
    town_km : ndarray
        Distance to dense land (``town_density``).
    complexes : GeoDataFrame
        Industrial complexes in order of id.
    """

    table: pd.DataFrame
    density: NDArray[np.float64]
    town_km: NDArray[np.float64]
    complexes: gpd.GeoDataFrame


def land_places(sites: gpd.GeoDataFrame, layers: LayersLike) -> LandPlaces:
    """Return what is measured of the land of sites.

    Parameters
    ----------
    sites : GeoDataFrame
        ``site_id`` and points in EPSG:5179.
    layers : LayersLike
        Layers of the run, and the parameter ``town_density``.
    """
    out = site_frame(sites)
    xy = site_xy(sites)
    complexes = layers.vector("industrial_complexes").sort_values("complex_id", ignore_index=True)
    out["serviced"] = _texts(sites, "complex_id") != ""
    out["area_confidence"] = np.where(
        _texts(sites, "area_confidence") == "", "model", _texts(sites, "area_confidence")
    )
    for name, layer in (("slope_mean_deg", "slope"), ("elevation_m", "elevation")):
        sampled = layers.raster(layer).sample(xy[:, 0], xy[:, 1])
        given = _numbers(sites, name)
        out[name] = np.where(np.isnan(given), sampled, given)
    out["eligible_ha"] = _numbers(sites, "eligible_ha")
    _add_supply(out, sites, layers)
    km, row = nearest(xy, point_xy(complexes))
    out["complex_km"] = km
    found = complexes.reindex(row).set_axis(out.index)
    for target, source in (
        ("nearest_complex_id", "complex_id"),
        ("nearest_complex_name_ko", "name_ko"),
    ):
        out[target] = found[source].fillna("").astype(str)
    out["runway_km"] = line_km(xy, layers.vector("runways"))
    electors = layers.raster("electors")
    density = electors_within(xy, raster_floats(electors), electors, _DENSITY_KM)
    density /= np.pi * _DENSITY_KM**2
    return LandPlaces(out, density, _town_km(xy, layers), complexes)


def priced_land(sites: gpd.GeoDataFrame, places: LandPlaces, layers: LayersLike) -> pd.DataFrame:
    """Return the land of sites with prices, conversion and access.

    Parameters
    ----------
    sites : GeoDataFrame
        As of `land_places`.
    places : LandPlaces
        What is measured of them.
    layers : LayersLike
        Parameters of prices and access; ``land_category``.
    """
    out = places.table.copy()
    raw = raw_land_price_krw_m2(places.density, layers.parameters)
    lots = _lots(sites, _texts(sites, "complex_id"), places.complexes, layers)
    out["land_price_krw_m2"] = np.where(out["serviced"], lots["price"], raw)
    out["land_price_confidence"] = np.where(out["serviced"], lots["confidence"], "assumption")
    _add_conversion(out, sites, raw, layers)
    _add_access(out, places.town_km, layers)
    return out


def _price_of_run(complexes: pd.DataFrame, parameters: ParametersLike) -> NDArray[np.float64]:
    """Return the reported land prices in the money of the run, NaN where there is none."""
    price, year = (
        complexes[name].to_numpy(dtype=np.float64) for name in ("land_price_krw_m2", "price_year")
    )
    undated = np.flatnonzero(~np.isnan(price) & np.isnan(year))
    if len(undated):
        name = complexes.index[undated[0]]
        raise LayerError(
            f"industrial_complexes: {name} has a land price and no price_year; every price has the "
            "year of its money"
        )
    return in_price_year(price, year, parameters)


def _lots(
    sites: gpd.GeoDataFrame,
    own: NDArray[np.object_],
    complexes: gpd.GeoDataFrame,
    layers: LayersLike,
) -> pd.DataFrame:
    """Return price and its confidence of the lots of the sites' complexes; NaN for raw land."""
    price = np.full(len(sites), np.nan)
    basis = np.full(len(sites), "assumption", dtype=object)
    serviced = np.flatnonzero(own != "")
    if len(serviced):
        found = (
            complexes.drop_duplicates("complex_id").set_index("complex_id").reindex(own[serviced])
        )
        kinds = found["type"].fillna("") if "type" in found.columns else [""] * len(serviced)
        types = [complex_type(str(kind)) or "" for kind in kinds]
        provinces = sites["province_code"].astype(str).to_numpy()[serviced]
        known = _price_of_run(found, layers.parameters)
        by_type = lot_price_krw_m2(provinces.tolist(), types, layers.parameters)
        price[serviced] = np.where(np.isnan(known), by_type, known)
        confidence = found["confidence"].fillna("").to_numpy(dtype=object)
        basis[serviced] = np.where(np.isnan(known), "assumption", confidence)
    return pd.DataFrame({"price": price, "confidence": basis})


def _add_conversion(
    out: pd.DataFrame, sites: gpd.GeoDataFrame, raw_krw_m2: NDArray[np.float64], layers: LayersLike
) -> None:
    """Add the shares of the district and the charges that follow; a lot bears none."""
    table = layers.table("land_category").set_index("district_code")
    shares = {}
    for name in ("farm_share", "forest_share"):
        # a district that a table of the user's lacks has the mean of the others
        found = sites["district_code"].astype(str).map(table[name]).fillna(table[name].mean())
        shares[name] = found.to_numpy(dtype=np.float64)
    charges = conversion_krw_m2(
        raw_krw_m2, shares["farm_share"], shares["forest_share"], layers.parameters
    )
    out["conversion_krw_m2"] = np.where(out["serviced"], 0.0, charges)
    for name, share in shares.items():
        out[f"{name}_pct"] = 100.0 * share


def _add_supply(out: pd.DataFrame, sites: gpd.GeoDataFrame, layers: LayersLike) -> None:
    """Add the industrial land of the district; NaN where it is not listed."""
    table = layers.table("industrial_land").set_index("district_code")
    kinds = table[["unsold_ha", "under_development_ha"]]
    code = sites["district_code"].astype(str)
    out["unsold_ha"] = code.map(kinds["unsold_ha"]).to_numpy(dtype=np.float64)
    out["for_sale_ha"] = code.map(kinds.sum(axis=1, min_count=1)).to_numpy(dtype=np.float64)


def _town_km(xy: NDArray[np.float64], layers: LayersLike) -> NDArray[np.float64]:
    """Return the distance of places to dense land."""
    electors = layers.raster("electors")
    with np.errstate(invalid="ignore"):
        dense = raster_floats(electors) >= layers.parameters.value("town_density")
    x, y = electors.lattice.centres_m(*np.nonzero(dense))
    return nearest(xy, np.column_stack([x, y]))[0]


def _add_access(out: pd.DataFrame, town_km: NDArray[np.float64], layers: LayersLike) -> None:
    """Add the development of raw land: road and water main, by a proxy distance.

    There is no layer of roads or mains: both are taken to reach the nearest complex or dense land
    (``town_density``), and neither is longer than its parameter. A lot has them at its gate.
    """
    away_km = np.fmin(out["complex_km"].to_numpy(), town_km)
    for name in ("access_road", "water_main"):
        most = layers.parameters.value(f"{name}_max_km")
        built = np.fmin(away_km, most)  # nothing near by: the most
        out[f"{name}_km"] = np.where(out["serviced"], 0.0, built)


def _numbers(sites: gpd.GeoDataFrame, name: str) -> NDArray[np.float64]:
    """Return a numeric column of the candidates; NaN where they do not have it."""
    if name not in sites.columns:
        return np.full(len(sites), np.nan)
    return np.asarray(pd.to_numeric(sites[name], errors="coerce").to_numpy(dtype=np.float64))


def _texts(sites: gpd.GeoDataFrame, name: str) -> NDArray[np.object_]:
    """Return a column of texts of the candidates; empty where they do not have it."""
    if name not in sites.columns:
        return np.full(len(sites), "", dtype=object)
    return np.asarray(sites[name].fillna("").astype(str).to_numpy(dtype=object))
