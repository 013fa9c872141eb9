"""Criteria: physical properties of each site, one module a criterion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from siteopt.columns import Column
from siteopt.criteria import (
    access,
    clean_energy,
    cooling,
    grid,
    hazard,
    land,
    land_cover,
    network,
    people,
    water,
)
from siteopt.scenario.weights import CRITERION_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    import geopandas as gpd

    from siteopt.layers.protocols import LayersLike
    from siteopt.scenario import Scenario

__all__ = ["CRITERIA", "CRITERION_NAMES", "Column", "describe_sites", "waiting_columns"]

_DESCRIBE: Final[dict[str, Callable[[gpd.GeoDataFrame, LayersLike, Scenario], pd.DataFrame]]] = {
    "grid": grid.grid,
    "clean_energy": clean_energy.clean_energy,
    "water": water.water,
    "network": network.network,
    "land": land.land,
    "cooling": cooling.cooling,
    "hazard": hazard.hazard,
    "people": people.people,
    "access": access.access,
}

CRITERIA: Final[dict[str, Column]] = {
    column.name: column
    for module in (
        grid, clean_energy, water, network, land, land_cover, cooling, hazard, people, access,
    )
    for column in module.COLUMNS
}  # fmt: skip
"""Every column of :func:`describe_sites`: unit, titles, which end is better, confidence."""


def waiting_columns(ids: Container[str]) -> list[Column]:
    """Return the columns that are not known for any site, as a layer that they need is not there.

    Parameters
    ----------
    ids : container of str
        Ids of the layers that are there.
    """
    return [
        column for column in CRITERIA.values()
        if not all(layer_id in ids for layer_id in column.layers)
    ]  # fmt: skip


def describe_sites(sites: gpd.GeoDataFrame, layers: LayersLike, scenario: Scenario) -> pd.DataFrame:
    """Describe sites by all criteria.

    Parameters
    ----------
    sites : GeoDataFrame
        Candidates, EPSG:5179: site_id, x_m, y_m, province_code, district_code, it_max_mw,
        eligible_ha and, where known, slope_mean_deg and elevation_m.
    layers : Layers
        Layers of the run.
    scenario : Scenario
        Voltage classes and kind of cooling.

    Returns
    -------
    DataFrame
        Indexed by site_id, in the order of ``sites``; the columns of :data:`CRITERIA`, NaN
        where not known.

    Raises
    ------
    LayerError
        If site ids are missing or repeated, or a layer or parameter is missing.
    """
    parts = [describe(sites, layers, scenario) for describe in _DESCRIBE.values()]
    return pd.concat(parts, axis=1)[list(CRITERIA)]
