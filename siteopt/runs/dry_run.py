"""Dry run: pricing, scoring and assessment of a made-up site, for the errors they raise.

The functions of the run price, score and assess one made-up site at every voltage, so that a
parameter that is missing or cannot be shows after a second and in the words of the run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.costs.discounted import cost_options, krw_per_mwh_it
from siteopt.costs.electricity import price_parts_krw_kwh
from siteopt.costs.tariff_zones import zone_deltas_krw_kwh
from siteopt.criteria import CRITERIA, describe_sites
from siteopt.criteria.access import REPLACED_COLUMNS
from siteopt.criteria.scoring import score_sites
from siteopt.criteria.travel_times import has_roads
from siteopt.errors import ScenarioError
from siteopt.grid import station_headroom, station_works
from siteopt.grid._cost_surface import line_prices
from siteopt.grid.connections import usable_classes
from siteopt.grid.impact import assess_sites
from siteopt.sites.tiles import SITE_COLUMNS, site_table

if TYPE_CHECKING:
    import geopandas as gpd

    from siteopt.layers import Layers
    from siteopt.scenario import Scenario

__all__ = ["rehearse"]

_SITE: Final = "rehearsal"
_FACT: Final = 1.0
"""Any value that a fact of a site can have: nothing of it is kept."""


def rehearse(layers: Layers, scenario: Scenario) -> None:
    """Raise what pricing, scoring and assessing sites would, whatever the sites are.

    Parameters
    ----------
    layers : Layers
        Layers of the run, checked.
    scenario : Scenario
        What is decided, checked.

    Raises
    ------
    LayerError
        If a parameter is missing or cannot be.
    ScenarioError
        If a zone takes more off than the tariff is at any voltage.
    """
    sites = _site(layers)
    if scenario.layers or scenario.data:  # the embedded layers are complete
        describe_sites(sites, layers, scenario)
    described = _facts()
    if not has_roads(layers):  # the approximate columns are then scored
        described[list(REPLACED_COLUMNS)] = np.nan
    score_sites(described, layers, scenario)
    headroom = station_headroom(layers, scenario.target.year)
    station_works(headroom, layers, scenario)
    levels = set(headroom["voltage_kv"].astype(float))
    voltages = [
        item.voltage_kv for item, _ in usable_classes(scenario) if item.station_kv in levels
    ]
    for voltage_kv in voltages:
        line_prices(layers.parameters, voltage_kv)
    options = _options(voltages, scenario)
    outside = _without_zones(scenario)
    costed = cost_options(sites, described, options, layers, outside)
    krw_per_mwh_it(costed, scenario.build.it_min_mw, layers.parameters)
    for delta in zone_deltas_krw_kwh(layers, scenario):
        _check_zone(float(delta), options, layers, scenario)
    shown = sites[["site_id", "province_code"]].assign(it_mw=_FACT, pue=_FACT, headroom_mw=_FACT)
    assess_sites(pd.DataFrame(shown), layers, scenario)


def _site(layers: Layers) -> gpd.GeoDataFrame:
    """Return a table of one site, in the middle of the first province."""
    point = layers.vector("provinces").geometry.iloc[:1].representative_point()
    table = site_table(
        np.array([_SITE]), point.x.to_numpy(dtype=float), point.y.to_numpy(dtype=float), layers
    )
    table[["eligible_ha", "it_max_mw", "slope_mean_deg", "elevation_m"]] = _FACT
    table = table.assign(kind="tile", complex_id="", area_rule="tile", area_confidence="model")
    return table[list(SITE_COLUMNS)]


def _facts() -> pd.DataFrame:
    """Return a description of that site, the same number in every column."""
    return pd.DataFrame(_FACT, index=pd.Index([_SITE], name="site_id"), columns=list(CRITERIA))


def _options(voltages: list[float], scenario: Scenario) -> pd.DataFrame:
    """Return an option of that site at every voltage."""
    second = scenario.connection.second_feed_from_mw is not None
    return pd.DataFrame(
        {
            "option_id": [f"{kv:g}" for kv in voltages],
            "site_id": _SITE,
            "voltage_kv": np.array(voltages, dtype=np.float64),
            "route_bn_krw": _FACT,
            "second_feed_bn_krw": _FACT if second else 0.0,
            "second_station_id": "other" if second else "",
        }
    )


def _check_zone(
    delta_krw_kwh: float, options: pd.DataFrame, layers: Layers, scenario: Scenario
) -> None:
    """Raise ScenarioError if a zone leaves a price below 0 at every voltage."""
    faults = []
    for voltage_kv in options["voltage_kv"]:
        try:
            price_parts_krw_kwh(
                _facts(), np.array([voltage_kv]), np.array([delta_krw_kwh]), layers.parameters,
                scenario,
            )  # fmt: skip
        except ScenarioError as error:
            faults.append(error)
    if faults and len(faults) == len(options):
        raise faults[-1]


def _without_zones(scenario: Scenario) -> Scenario:
    """Return the scenario without tariff zones: the made-up site is in those of its place."""
    energy = scenario.energy.model_copy(update={"zones": []})
    return scenario.model_copy(update={"energy": energy})
