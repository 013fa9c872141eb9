"""Land cover: shares of a site under trees, crops, buildings and water."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.columns import Column
from siteopt.criteria._places import raster_floats, site_frame, site_xy
from siteopt.layers.land_cover import COVER_LAYERS, cover_layers

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from siteopt.layers.protocols import LayersLike, RasterLike
    from siteopt.scenario import Scenario

__all__ = ["COLUMNS", "land_cover", "mean_in_discs"]

COLUMNS = (
    Column(
        "cover_trees_pct", "land", "%", "부지 안 수목 피복 비율", "Tree cover of the site", "model",
        layers=("cover_trees",),
    ),
    Column(
        "cover_cropland_pct", "land", "%", "부지 안 경작지 비율", "Cropland of the site", "model",
        layers=("cover_cropland",),
    ),
    Column(
        "cover_built_pct", "land", "%", "부지 안 시가화 비율", "Built-up land of the site", "model",
        layers=("cover_built",),
    ),
    Column(
        "cover_water_pct", "land", "%", "부지 안 수면·습지 비율", "Water and wetland of the site",
        "model", layers=("cover_water",),
    ),
)  # fmt: skip

_M2_PER_HA: Final = 10_000.0


def land_cover(sites: gpd.GeoDataFrame, layers: LayersLike, scenario: Scenario) -> pd.DataFrame:
    """Return the shares of land cover of sites, NaN where the layer is not there.

    A candidate's own column is taken where it has one (the mean over the cells of its piece or
    parcel), else the mean over a disc of its ``eligible_ha`` about its point: complexes are known
    by a point alone.

    Parameters
    ----------
    sites : GeoDataFrame
        ``site_id``, points in EPSG:5179, ``eligible_ha`` and, where known, the columns of
        ``siteopt.layers.land_cover.COVER_LAYERS``.
    layers : LayersLike
        Layers of the run.
    scenario : Scenario
        Scenario of the run.
    """
    del scenario
    out, xy = site_frame(sites), site_xy(sites)
    there = cover_layers(layers)
    radius_m = np.sqrt(sites["eligible_ha"].to_numpy(dtype=np.float64) * _M2_PER_HA / np.pi)
    for column in COVER_LAYERS:
        own = np.full(len(sites), np.nan)
        if column in there:
            if column in sites.columns:
                own = sites[column].to_numpy(dtype=np.float64)
            lacking = np.isnan(own)
            share = mean_in_discs(xy[lacking], radius_m[lacking], layers.raster(there[column]))
            own = own.copy()
            own[lacking] = 100.0 * share
        out[column] = own
    return out


def mean_in_discs(
    xy: NDArray[np.float64], radius_m: NDArray[np.float64], raster: RasterLike
) -> NDArray[np.float64]:
    """Return the mean of the known cells whose centre is in a disc, or of the cell of its centre.

    Parameters
    ----------
    xy : ndarray of float64, shape (n, 2)
        Centres of the discs, EPSG:5179 metres.
    radius_m : ndarray of float64, shape (n,)
        Their radii; NaN counts as 0.
    raster : RasterLike
        Raster in EPSG:5179.

    Returns
    -------
    ndarray of float64, shape (n,)
        NaN where no cell is known.
    """
    lattice = raster.lattice
    rows, cols = lattice.cells_of(xy[:, 0], xy[:, 1])
    found = np.full(len(xy), np.nan)
    for place, (x, y) in enumerate(xy):
        radius = float(np.nan_to_num(radius_m[place]))
        reach = int(radius // lattice.cell_m) + 1
        top, left = max(rows[place] - reach, 0), max(cols[place] - reach, 0)
        bottom = min(rows[place] + reach + 1, lattice.n_rows)
        right = min(cols[place] + reach + 1, lattice.n_cols)
        if bottom <= top or right <= left:
            continue
        window = raster_floats(raster.part(slice(top, bottom), slice(left, right)))
        row, col = np.indices(window.shape)
        cell_x, cell_y = lattice.centres_m(row.ravel() + top, col.ravel() + left)
        inside = np.hypot(cell_x - x, cell_y - y) <= radius
        inside |= (row.ravel() + top == rows[place]) & (col.ravel() + left == cols[place])
        held = window.ravel()[inside]
        held = held[~np.isnan(held)]
        if len(held):
            found[place] = held.mean()
    return found
