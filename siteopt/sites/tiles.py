"""Tiles of eligible land as candidate sites with stable ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from siteopt.errors import LayerError
from siteopt.lattice import CRS_EPSG
from siteopt.layers.land_cover import COVER_LAYERS, cover_layers
from siteopt.sites._build_sizes import it_max_mw
from siteopt.sites.pieces import find_pieces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from siteopt.layers.protocols import LayersLike, RasterLike
    from siteopt.scenario import Scenario
    from siteopt.screening import Eligibility
    from siteopt.sites.pieces import Pieces

__all__ = [
    "SITE_COLUMNS", "cell_means", "find_sites", "it_max_mw", "locate", "mean_by", "site_rasters",
    "site_table", "with_cover",
]  # fmt: skip

SITE_COLUMNS: Final = (
    "site_id", "x_m", "y_m", "lon", "lat", "province_code", "district_code", "name_ko", "name_en",
    "eligible_ha", "it_max_mw", "slope_mean_deg", "elevation_m", "kind", "complex_id", "area_rule",
    "area_confidence", "geometry",
)  # fmt: skip
"""Columns of a table of sites, in order."""

_DEGREE_DECIMALS: Final = 6

_CELLS_AT_ONCE: Final = 1 << 20
"""Cells whose means are taken together, as far as sites end there: some 100 bytes each."""


def find_sites(
    eligibility: Eligibility,
    layers: LayersLike,
    scenario: Scenario,
    pieces: Pieces | None = None,
) -> gpd.GeoDataFrame:
    """Return one candidate site for every tile with enough contiguous eligible land.

    Parameters
    ----------
    eligibility : Eligibility
        The answer of :func:`siteopt.screening.screen`.
    layers : LayersLike
        ``districts`` (names and codes), ``slope``, ``elevation`` and, where there, layers of land
        cover are read.
    scenario : Scenario
        ``candidates.tile_m`` and ``build`` are used.
    pieces : Pieces, optional
        As :func:`siteopt.sites.pieces.find_pieces` returns them, where the caller needs the cells too.

    Returns
    -------
    GeoDataFrame
        EPSG:5179 points sorted by ``site_id``: ``site_id``; ``x_m``, ``y_m`` of the cell that
        is deepest in the piece (so it is eligible itself); ``lon``, ``lat``;
        ``province_code``, ``district_code``; ``name_ko``, ``name_en``; ``eligible_ha`` of the
        piece; ``it_max_mw``, the largest build in whole blocks that fits; ``slope_mean_deg`` and
        ``elevation_m``, means over the piece (NaN where not known); ``kind`` is ``tile`` and
        ``complex_id`` empty; ``area_rule`` is what ``eligible_ha`` follows from, and
        ``area_confidence`` how far it can be trusted; ``cover_<kind>_pct`` are shares of the
        piece, where there are layers of land cover.

    Raises
    ------
    InfeasibleError
        If no tile has enough contiguous eligible land for the smallest build.
    """
    found = find_pieces(eligibility, layers, scenario) if pieces is None else pieces
    x, y = found.lattice.centres_m(found.point_rows, found.point_cols)
    table = site_table(found.site_ids, x, y, layers)
    table["eligible_ha"] = found.area_ha
    table["it_max_mw"] = it_max_mw(found.area_ha, scenario.build)
    table = table.assign(**_piece_means(found, layers))
    table = table.assign(kind="tile", complex_id="", area_rule="tile", area_confidence="model")
    return table[with_cover(SITE_COLUMNS, table)]


def _piece_means(pieces: Pieces, layers: LayersLike) -> dict[str, NDArray[np.float64]]:
    """Return the :func:`cell_means` of pieces, some sites at a time."""
    ends = np.cumsum(pieces.cell_counts)
    # a group ends with the first site that ends at or after the next multiple
    steps = np.arange(_CELLS_AT_ONCE, int(ends[-1]) + _CELLS_AT_ONCE, _CELLS_AT_ONCE)
    lasts = np.unique(np.minimum(np.searchsorted(ends, steps), len(ends) - 1)).tolist()
    parts, first = [], 0
    for last in lasts:
        cells = slice(int(ends[first - 1]) if first else 0, int(ends[last]))
        x_m, y_m = pieces.lattice.centres_m(pieces.rows[cells], pieces.cols[cells])
        site = pieces.site[cells].astype(np.int64) - first
        parts.append(cell_means(site, x_m, y_m, last - first + 1, layers))
        first = last + 1
    return {column: np.concatenate([part[column] for part in parts]) for column in parts[0]}


def cell_means(
    site: NDArray[np.int64],
    x_m: NDArray[np.float64],
    y_m: NDArray[np.float64],
    count: int,
    layers: LayersLike,
) -> dict[str, NDArray[np.float64]]:
    """Return means over the cells of sites: slope, elevation and, where there, land cover.

    Parameters
    ----------
    site : ndarray of int, shape (m,)
        Site of each cell, from 0.
    x_m, y_m : ndarray of float64, shape (m,)
        Centres of the cells, EPSG:5179.
    count : int
        Number of sites.
    layers : LayersLike
        ``slope``, ``elevation`` and layers of land cover.

    Returns
    -------
    dict of str to ndarray of float64, shape (count,)
        ``slope_mean_deg``, ``elevation_m`` and ``cover_<kind>_pct`` of the layers that there are;
        NaN where no cell of a site is known.
    """
    return {
        column: (100.0 if column in COVER_LAYERS else 1.0)
        * mean_by(site, raster.sample(x_m, y_m), count)
        for column, raster in site_rasters(layers).items()
    }


def site_rasters(layers: LayersLike) -> dict[str, RasterLike]:
    """Return the rasters of which sites have means, by column; of land cover as shares of 1.

    Parameters
    ----------
    layers : LayersLike
        ``slope``, ``elevation`` and layers of land cover.
    """
    named = {"slope_mean_deg": "slope", "elevation_m": "elevation", **cover_layers(layers)}
    return {column: layers.raster(layer) for column, layer in named.items()}


def with_cover(columns: Sequence[str], table: pd.DataFrame) -> list[str]:
    """Return columns of sites with those of land cover that a table has, before the last.

    Parameters
    ----------
    columns : sequence of str
        Such as :data:`SITE_COLUMNS`; the geometry is the last.
    table : DataFrame
        Sites.
    """
    return [*columns[:-1], *(name for name in COVER_LAYERS if name in table), columns[-1]]


def site_table(
    site_ids: NDArray[np.str_], x_m: NDArray[np.float64], y_m: NDArray[np.float64],
    layers: LayersLike,
) -> gpd.GeoDataFrame:  # fmt: skip
    """Return sites with their place: coordinates, codes of province and district, names.

    Parameters
    ----------
    site_ids : ndarray of str
        Ids of the sites.
    x_m, y_m : ndarray
        EPSG:5179 metres.
    layers : LayersLike
        ``districts`` is read.
    """
    points = shapely.points(x_m, y_m)
    to_degrees = Transformer.from_crs(CRS_EPSG, 4326, always_xy=True)
    lon, lat = to_degrees.transform(x_m, y_m)
    district = locate(x_m, y_m, layers)
    columns = {
        "site_id": site_ids.astype(object),
        "x_m": x_m,
        "y_m": y_m,
        "lon": np.round(lon, _DEGREE_DECIMALS),
        "lat": np.round(lat, _DEGREE_DECIMALS),
        "province_code": district["province_code"].to_numpy(),
        "district_code": district["district_code"].to_numpy(),
        "name_ko": (district["name_ko"] + " ").to_numpy() + site_ids.astype(object),
        "name_en": (district["name_en"] + " ").to_numpy() + site_ids.astype(object),
    }
    return gpd.GeoDataFrame(columns, geometry=points, crs=CRS_EPSG)


def locate(x_m: NDArray[np.float64], y_m: NDArray[np.float64], layers: LayersLike) -> pd.DataFrame:
    """Return the district that holds each place, else the nearest; one row a place.

    On a shared border the lowest district code is taken.

    Parameters
    ----------
    x_m : ndarray of float64
        Eastings in metres (EPSG:5179).
    y_m : ndarray of float64
        Northings in metres (EPSG:5179).
    layers : LayerSource
        Layers of the run.

    Raises
    ------
    LayerError
        If the districts lack a code or a name.
    """
    wanted = ["district_code", "province_code", "name_ko", "name_en"]
    districts = layers.vector("districts")
    for column in wanted:
        if column not in districts.columns:
            raise LayerError(f"districts: column {column} is missing; it has {wanted} at least")
    districts = districts.sort_values("district_code", kind="stable").reset_index(drop=True)
    shapes = np.asarray(districts.geometry.array, dtype=object)
    shapely.prepare(shapes)
    tree, points = shapely.STRtree(shapes), np.asarray(shapely.points(x_m, y_m))
    point, district = tree.query(points)
    held = shapely.intersects_xy(shapes[district], x_m[point], y_m[point])
    holder = np.full(len(x_m), len(shapes), dtype=np.int64)
    np.minimum.at(holder, point[held], district[held])
    lost = np.flatnonzero(holder == len(shapes))
    if len(lost):
        near_point, near = tree.query_nearest(points[lost])
        np.minimum.at(holder, lost[near_point], near)
    return pd.DataFrame(districts.loc[holder, wanted]).reset_index(drop=True)


def mean_by(
    group: NDArray[np.int64], values: NDArray[np.float64], n_groups: int
) -> NDArray[np.float64]:
    """Return the mean of the known values of each group, NaN where none is known.

    Parameters
    ----------
    group : ndarray of int64
        Group of each value.
    values : ndarray of float64
        Values; NaN where not known.
    n_groups : int
        Number of groups.
    """
    known = np.isfinite(values)
    count = np.bincount(group[known], minlength=n_groups)
    total = np.bincount(group[known], weights=values[known], minlength=n_groups)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
