"""People: residents near a site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.columns import Column
from siteopt.criteria._places import raster_floats, site_frame, site_xy, sum_within_raster

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from siteopt.layers.protocols import LayersLike, RasterLike
    from siteopt.scenario import Scenario

__all__ = ["COLUMNS", "electors_within", "people"]

_RADII_KM: Final = {"electors_500m": 0.5, "electors_1km": 1.0}

COLUMNS = (
    Column(
        "electors_500m", "people", "people", "500 m 안 선거인 수(인구 대용)", "Electors within 500 m", "model",
        "low", scored=True,
    ),
    Column(
        "electors_1km", "people", "people", "1 km 안 선거인 수(인구 대용)", "Electors within 1 km", "model",
        "low", scored=True,
    ),
)  # fmt: skip


def electors_within(
    xy: NDArray[np.float64], density_km2: NDArray[np.float64], raster: RasterLike, radius_km: float
) -> NDArray[np.float64]:
    """Return the electors in the cells whose centre is within a radius of the site's cell.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        EPSG:5179 metres.
    density_km2 : ndarray
        Electors per km2 in the cells of ``raster``; NaN counts as nobody.
    raster : RasterLike
        Gives the lattice.
    radius_km : float
        Radius of the disc in km.
    """
    per_cell = np.nan_to_num(density_km2) * (raster.lattice.cell_m / 1000.0) ** 2
    return sum_within_raster(xy, per_cell, raster, radius_km * 1000.0)


def people(sites: gpd.GeoDataFrame, layers: LayersLike, scenario: Scenario) -> pd.DataFrame:
    """Return electors (adults of 2022) within 500 m and 1 km of sites.

    The cells come from spreading the electors of each eup, myeon and dong over its land, so
    these counts are model estimates. Those within 500 m are in both: the nearer count for more.
    The people of the town that a campus needs are another criterion, ``access``.

    Parameters
    ----------
    sites : GeoDataFrame
        ``site_id`` and points in EPSG:5179.
    layers : LayersLike
        Layers of the run.
    scenario : Scenario
        Scenario of the run.
    """
    del scenario
    out = site_frame(sites)
    raster = layers.raster("electors")
    density = raster_floats(raster)
    for name, radius_km in _RADII_KM.items():
        out[name] = electors_within(site_xy(sites), density, raster, radius_km)
    return out
