"""Access: the town that a campus needs, and an expressway as far as one is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteopt.columns import Column
from siteopt.criteria._places import line_km, nearest, raster_floats, site_frame, site_xy
from siteopt.criteria.people import electors_within

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from siteopt.layers.protocols import LayersLike, ParametersLike
    from siteopt.scenario import Scenario

__all__ = ["COLUMNS", "access", "air_reach_km"]

COLUMNS = (
    Column(
        "town_electors", "access", "people", "생활권 선거인 수(환산 45분 안)",
        "Electors within a travel time (from the distance by air)", "model", "high", scored=True,
    ),
    Column(
        "town_km", "access", "km", "최근접 시가지 직선거리", "Distance to the nearest town", "model",
        "low",
    ),
    Column(
        "expressway_km_most", "access", "km", "고속도로까지 거리(상한)",
        "Distance to an expressway (at most)", "compiled-medium", "low", scored=True,
        one_sided=True,
    ),
)  # fmt: skip


def air_reach_km(parameters: ParametersLike) -> float:
    """Return how far by air one comes in the travel time of a town.

    There is no graph of roads: ``town_travel_time / 60 * road_speed / road_detour``.
    """
    value = parameters.value
    return value("town_travel_time") / 60.0 * value("road_speed") / value("road_detour")


def access(sites: gpd.GeoDataFrame, layers: LayersLike, scenario: Scenario) -> pd.DataFrame:
    """Return people within reach, the nearest town, and an upper bound of the way to an expressway.

    ``town_electors`` counts the electors within :func:`air_reach_km`, also across water and
    mountains. ``town_km`` is the distance by air to the nearest land of ``town_density``.
    ``expressway_km_most`` is the distance by air to the nearest expressway that is drawn: two
    thirds of the network, without interchanges, so the true one may be nearer.
    """
    del scenario
    out = site_frame(sites)
    xy = site_xy(sites)
    raster = layers.raster("electors")
    density = raster_floats(raster)
    out["town_electors"] = electors_within(xy, density, raster, air_reach_km(layers.parameters))
    with np.errstate(invalid="ignore"):
        town = np.nonzero(density >= layers.parameters.value("town_density"))
    out["town_km"] = nearest(xy, np.column_stack(raster.lattice.centres_m(*town)))[0]
    out["expressway_km_most"] = line_km(xy, layers.vector("expressways"))
    return out
