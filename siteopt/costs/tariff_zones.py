"""Tariff zones of a scenario, and the price difference of each site.

A zone is a set of provinces and districts, or the polygons of a layer; a site is in it by its
codes, or by its point (on the edge counts as in).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from siteopt.errors import LayerError, ScenarioError
from siteopt.layers.district_codes import DistrictCodes
from siteopt.layers.price_years import in_price_year

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from siteopt.layers.protocols import LayersLike
    from siteopt.scenario import Scenario, TariffZone

__all__ = ["check_zones", "zone_delta_krw_kwh", "zone_deltas_krw_kwh", "zones_of_sites"]

_PROVINCE_DIGITS: Final = 2


def check_zones(layers: LayersLike, scenario: Scenario) -> None:
    """Raise an error if a zone names an unknown code, or a layer without polygons.

    Parameters
    ----------
    layers : LayersLike
        Layers of the run.
    scenario : Scenario
        Scenario of the run.

    Raises
    ------
    ScenarioError
        If a code is no province and no district of any known year.
    LayerError
        If a layer is unknown or holds no polygons.
    """
    for zone in scenario.energy.zones:
        if isinstance(zone.area, str):
            _polygons(zone, zone.area, layers)
        else:
            _codes(zone, zone.area, layers)


def zones_of_sites(
    sites: gpd.GeoDataFrame, layers: LayersLike, scenario: Scenario
) -> NDArray[np.bool_]:
    """Return the membership of sites in zones, shape (sites, zones).

    Parameters
    ----------
    sites : GeoDataFrame
        Candidates, EPSG:5179: site_id, province_code, district_code, geometry.
    layers : Layers
        Provinces, district codes, polygon layers.
    scenario : Scenario
        ``energy.zones``, and whether they may overlap.

    Raises
    ------
    ScenarioError
        If a site is in two zones and ``energy.zones_overlap`` does not let deltas add up.
    """
    zones = scenario.energy.zones
    inside = np.zeros((len(sites), len(zones)), dtype=bool)
    for column, zone in enumerate(zones):
        inside[:, column] = _within(zone, sites, layers)
    several = np.flatnonzero(inside.sum(axis=1) > 1)
    if scenario.energy.zones_overlap == "error" and len(several):
        site = str(sites["site_id"].iloc[several[0]])
        names = [zone.name for zone, here in zip(zones, inside[several[0]], strict=True) if here]
        raise ScenarioError(
            f"energy.zones: {len(several)} sites, {site} among them, lie in {' and '.join(names)}; "
            'let zones not overlap, or set energy.zones_overlap = "sum" so that their deltas add up'
        )
    return inside


def zone_delta_krw_kwh(
    sites: gpd.GeoDataFrame, layers: LayersLike, scenario: Scenario
) -> NDArray[np.float64]:
    """Return the tariff difference of each site in KRW per kWh, in money of the run.

    Parameters
    ----------
    sites : GeoDataFrame
        ``site_id`` and points in EPSG:5179.
    layers : LayersLike
        Layers of the run.
    scenario : Scenario
        Scenario of the run.
    """
    if not scenario.energy.zones:
        return np.zeros(len(sites))
    inside = zones_of_sites(sites, layers, scenario)
    out: NDArray[np.float64] = inside @ zone_deltas_krw_kwh(layers, scenario)
    return out


def zone_deltas_krw_kwh(layers: LayersLike, scenario: Scenario) -> NDArray[np.float64]:
    """Return the tariff difference of each zone in KRW per kWh, in money of the run.

    Parameters
    ----------
    layers : LayersLike
        Layers of the run.
    scenario : Scenario
        Scenario of the run.

    Raises
    ------
    LayerError
        If there is no price index of the year of a zone.
    """
    zones = scenario.energy.zones
    delta = np.array([zone.delta_krw_kwh for zone in zones], dtype=np.float64)
    dated = [place for place, zone in enumerate(zones) if zone.price_year is not None]
    if dated:
        years = np.array([zones[place].price_year for place in dated], dtype=np.float64)
        delta[dated] = in_price_year(delta[dated], years, layers.parameters)
    return delta


def _within(zone: TariffZone, sites: gpd.GeoDataFrame, layers: LayersLike) -> NDArray[np.bool_]:
    if isinstance(zone.area, str):
        tree = shapely.STRtree(_polygons(zone, zone.area, layers))
        points = np.asarray(sites.geometry.array, dtype=object)
        found = np.zeros(len(sites), dtype=bool)
        found[tree.query(points, predicate="intersects")[0]] = True
        return found
    provinces, districts = _codes(zone, zone.area, layers)
    by_code = sites["province_code"].astype(str).isin(provinces) | sites["district_code"].astype(
        str
    ).isin(districts)
    here: NDArray[np.bool_] = by_code.to_numpy(dtype=bool)
    return here


def _polygons(zone: TariffZone, layer_id: str, layers: LayersLike) -> NDArray[np.object_]:
    """Return the shapes of a zone's layer, which must be polygons."""
    try:
        frame = layers.vector(layer_id)
    except LayerError as error:
        raise LayerError(f"energy.zones of {zone.name}: {error}") from error
    kinds = sorted(set(frame.geometry.geom_type) - {"Polygon", "MultiPolygon"})
    if kinds:
        raise LayerError(
            f"energy.zones of {zone.name}: {layer_id} holds a {kinds[0]}; a zone is drawn as "
            "polygons"
        )
    return np.asarray(frame.geometry.array, dtype=object)


def _codes(zone: TariffZone, codes: list[str], layers: LayersLike) -> tuple[set[str], set[str]]:
    """Return the provinces and districts that codes of any known year mean."""
    known = set(layers.vector("provinces")["province_code"].astype(str))
    provinces = {code for code in codes if code in known}
    others = [code for code in codes if code not in known]
    if not others:
        return provinces, set()
    table = layers.table("district_codes")
    concordance = DistrictCodes(table)
    districts: set[str] = set()
    for code in others:
        if len(code) == _PROVINCE_DIGITS:
            of_province = table["code"].astype(str).str[:_PROVINCE_DIGITS] == code
            found = set(table.loc[of_province, "district_code"].astype(str))
        else:
            found = set(concordance.districts_of(code)) if code in concordance else set()
        if not found:
            raise ScenarioError(
                f"energy.zones of {zone.name}: {code} is no province and no district of 2022, 2024 "
                f"or 2026; provinces are {', '.join(sorted(known))}"
            )
        districts |= found
    return provinces, districts
