"""Made parcels of a user: polygons of many sizes on land that a scenario leaves eligible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from siteopt.lattice import CRS_EPSG
from siteopt.screening import screen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.layers.store import Layers
    from siteopt.scenario import Scenario

__all__ = ["made_parcels"]

SMALLEST_HA, LARGEST_HA = 6.0, 60.0
"""From a build of 40 MW and a margin to one of some 500 MW, at 0.12 ha per MW."""
_CORNERS = 9
_HA_M2 = 10_000.0


def made_parcels(
    scenario: Scenario, layers: Layers, count: int, seed: int = 20_351_130
) -> gpd.GeoDataFrame:
    """Return parcels in EPSG:5179 with ``site_id``, each around a place of eligible land.

    Parameters
    ----------
    scenario : Scenario
        Whose exclusions leave the land.
    layers : Layers
        Layers of the scenario.
    count : int
        Number of parcels.
    seed : int, optional
        Of places and shapes.
    """
    random = np.random.default_rng(seed)
    eligibility = screen(layers, scenario.screening)
    rows, cols = np.nonzero(eligibility.eligible)
    picked = random.integers(0, len(rows), count)
    x, y = eligibility.lattice.centres_m(rows[picked], cols[picked])
    half_m = eligibility.lattice.cell_m / 2.0
    centres = np.column_stack([x, y]) + random.uniform(-half_m, half_m, (count, 2))
    area_ha = np.exp(random.uniform(np.log(SMALLEST_HA), np.log(LARGEST_HA), count))
    shapes = _polygons(random, centres, area_ha)
    names = [f"P{number:06d}" for number in range(count)]
    return gpd.GeoDataFrame({"site_id": names}, geometry=shapes, crs=CRS_EPSG)


def _polygons(
    random: np.random.Generator, centres: NDArray[np.float64], area_ha: NDArray[np.float64]
) -> NDArray[np.object_]:
    """Return polygons of nine corners around centres (n, 2), each of an area in hectares."""
    count = len(centres)
    angle = np.linspace(0.0, 2.0 * np.pi, _CORNERS, endpoint=False)
    radius = random.uniform(0.6, 1.4, (count, _CORNERS))
    ring = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)
    size = np.sqrt(area_ha * _HA_M2 / shapely.area(shapely.polygons(ring)))
    return np.asarray(shapely.polygons(centres[:, None, :] + size[:, None, None] * ring))
