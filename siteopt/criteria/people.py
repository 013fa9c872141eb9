"""People: how many live close by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteopt.criteria._columns import Column
from siteopt.criteria._places import raster_floats, site_frame, site_xy, sum_within_raster

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from siteopt.criteria._columns import LayersLike, RasterLike
    from siteopt.scenario import Scenario

__all__ = ["COLUMNS", "electors_within", "people"]

COLUMNS = (
    Column(
        "electors_1km", "people", "people", "1 km 안 유권자", "Electors within 1 km", "model",
        "low", scored=True,
    ),
    Column(
        "electors_5km", "people", "people", "5 km 안 유권자", "Electors within 5 km", "model",
        "low", scored=True,
    ),
)  # fmt: skip


def electors_within(
    xy: NDArray[np.float64], density_km2: NDArray[np.float64], raster: RasterLike, radius_km: float
) -> NDArray[np.float64]:
    """Return the electors in the cells whose centre lies within a radius of the site's cell.

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
    """Return electors (adults of 2022) within 1 and 5 km of sites.

    The cells come from spreading the electors of each eup, myeon and dong over its land, so
    the count within 1 km is a model estimate.
    """
    del scenario
    out = site_frame(sites)
    raster = layers.raster("electors")
    density = raster_floats(raster)
    for km in (1, 5):
        out[f"electors_{km}km"] = electors_within(site_xy(sites), density, raster, float(km))
    return out
