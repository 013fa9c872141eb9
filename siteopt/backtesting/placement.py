"""Placement of listed sites: district, reasons against the place, candidate and chosen site."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer
from scipy.spatial import cKDTree

from siteopt.errors import LayerError
from siteopt.lattice import CRS_EPSG, DEGREES_EPSG
from siteopt.sites.tile_ids import TILE_UNIT_M, tile_id

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from siteopt.backtesting.candidate_land import CandidateLand
    from siteopt.backtesting.site_list import SiteList

__all__ = ["SHORE_KM", "coordinates", "place_sites", "with_judged_land"]

SHORE_KM: Final = 1.0
"""A site this close to land is on it: the coast of the layer ``districts`` is generalised."""

_M_PER_KM: Final = 1000.0
_KM_DECIMALS: Final = 3


def coordinates(sites: SiteList) -> NDArray[np.float64]:
    """Return the places of a list in EPSG:5179 metres, shape (n, 2)."""
    to_metres = Transformer.from_crs(DEGREES_EPSG, CRS_EPSG, always_xy=True)
    x_m, y_m = to_metres.transform(
        sites.table["lon"].to_numpy(dtype=np.float64), sites.table["lat"].to_numpy(dtype=np.float64)
    )
    return np.column_stack([x_m, y_m])


def place_sites(sites: SiteList, land: CandidateLand, reach_km: float) -> pd.DataFrame:
    """Return where each listed site falls, one row a row of the list, in its order.

    Parameters
    ----------
    sites : SiteList
        The list.
    land : CandidateLand
        Eligible land, candidate and chosen sites.
    reach_km : float
        A site that is in no tile with a candidate is judged by the nearest candidate up to so far.

    Returns
    -------
    DataFrame
        ``province_code``, ``province``, ``district_code``, ``district``; ``in_capital``;
        ``eligible`` and ``reasons`` (ids joined by ``;``) of the cell; ``nearest_site`` and
        ``nearest_km``, the nearest candidate; ``candidate``, the one that the site is judged by
        (empty where none is within reach), ``judged_by`` (``tile``: the tile that holds the
        site; ``nearest``; ``none``, as are sites in the capital region) and ``candidate_km``; ``chosen_site`` and ``chosen_km``, the
        nearest chosen site (empty and NaN where no plan was asked for). Distances are Euclidean, in
        km, to the point of the candidate.

    Raises
    ------
    LayerError
        If a site is farther than 1 km from all land.
    """
    xy = coordinates(sites)
    out = _districts(sites, xy, land)
    reasons = land.reasons_at(xy)
    out["eligible"] = [not names for names in reasons]
    out["reasons"] = [";".join(names) for names in reasons]
    ids = land.sites["site_id"].to_numpy(dtype=object)
    places = _places(land)
    nearest, nearest_km = _nearest(xy, places)
    out["nearest_site"], out["nearest_km"] = ids[nearest], nearest_km
    judged, in_tile = _judging(xy, land, reach_km)
    apart = out["in_capital"].to_numpy(dtype=np.bool_) & land.capital_apart
    within = (judged >= 0) & ~apart
    km = np.hypot(*(places[judged] - xy).T) / _M_PER_KM
    out["candidate"] = np.where(within, ids[judged], "")
    out["judged_by"] = np.where(within, np.where(in_tile, "tile", "nearest"), "none")
    out["candidate_km"] = np.where(within, np.round(km, _KM_DECIMALS), np.nan)
    chosen = np.isin(ids, np.array(land.chosen or (), dtype=object))
    out["chosen_site"], out["chosen_km"] = "", np.nan
    if chosen.any():
        at, chosen_km = _nearest(xy, places[chosen])
        out["chosen_site"], out["chosen_km"] = ids[chosen][at], chosen_km
    return out


def with_judged_land(land: CandidateLand, reach_km: float) -> CandidateLand:
    """Return the land with ``judged_ha``: the eligible hectares that each candidate stands for.

    Each eligible cell is judged as a listed site would be: by the candidate of the tile that holds
    its centre, else by the nearest within ``reach_km``. So a place drawn at random from
    eligible land is judged by a candidate in proportion to these hectares, and its mean percentile
    is 50.

    Parameters
    ----------
    land : CandidateLand
        Eligible land and candidate sites.
    reach_km : float
        As of :func:`place_sites`.
    """
    xy = np.column_stack(land.lattice.centres_m(*np.nonzero(land.codes == 0)))
    judged, _ = _judging(xy, land, reach_km)
    cells = np.bincount(judged[judged >= 0], minlength=len(land.sites))
    sites = land.sites.assign(judged_ha=cells * land.lattice.cell_ha)
    return replace(land, sites=sites)


def _places(land: CandidateLand) -> NDArray[np.float64]:
    return land.sites[["x_m", "y_m"]].to_numpy(dtype=np.float64)


def _judging(
    xy: NDArray[np.float64], land: CandidateLand, reach_km: float
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the place of the candidate that judges each point, -1 for none; whether by tile."""
    judged = _own_tiles(xy, land)
    in_tile = judged >= 0
    rest = np.flatnonzero(~in_tile)
    if len(rest):
        at, km = _nearest(xy[rest], _places(land))
        judged[rest] = np.where(km <= reach_km, at, -1)
    return judged, in_tile


def _districts(sites: SiteList, xy: NDArray[np.float64], land: CandidateLand) -> pd.DataFrame:
    """Return the district that holds each site, else the nearest within `SHORE_KM`."""
    districts: gpd.GeoDataFrame = land.districts.sort_values("district_code", kind="stable")
    tree = shapely.STRtree(np.asarray(districts.geometry.array, dtype=object))
    points = np.asarray(shapely.points(xy))
    (point, district), metres = tree.query_nearest(points, return_distance=True)
    holder = np.full(len(xy), len(districts), dtype=np.int64)
    np.minimum.at(holder, point, district)
    off_km = np.zeros(len(xy))
    off_km[point] = metres / _M_PER_KM
    for place in np.flatnonzero(off_km > SHORE_KM)[:1]:
        row = sites.table.iloc[place]
        raise LayerError(
            f"{sites.called(int(place))}: lon {row['lon']:g}, lat {row['lat']:g} is "
            f"{off_km[place]:,.1f} km off the land of South Korea; correct lon and lat, or remove "
            "the row"
        )
    found = districts.iloc[holder]
    province = found["province_code"].astype(str).to_numpy(dtype=object)
    names = land.provinces.set_index(land.provinces["province_code"].astype(str))["name_en"]
    return pd.DataFrame(
        {
            "province_code": province,
            "province": names.reindex(province).to_numpy(dtype=object),
            "district_code": found["district_code"].astype(str).to_numpy(dtype=object),
            "district": found["name_en"].to_numpy(dtype=object),
            "in_capital": np.isin(province, np.array(sorted(land.capital_provinces), dtype=object)),
        }
    )


def _nearest(
    xy: NDArray[np.float64], places: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the nearest of some places, and its distance in km."""
    metres, at = cKDTree(places).query(xy)
    return np.asarray(at, dtype=np.int64), np.round(np.asarray(metres) / _M_PER_KM, _KM_DECIMALS)


def _own_tiles(xy: NDArray[np.float64], land: CandidateLand) -> NDArray[np.int64]:
    """Return the place of the candidate whose tile holds each point, -1 where there is none."""
    if land.tile_m is None:
        return np.full(len(xy), -1, dtype=np.int64)
    known = {name: place for place, name in enumerate(land.sites["site_id"].tolist())}
    tiles, tile = np.unique(np.floor(xy / land.tile_m), axis=0, return_inverse=True)
    corners = np.floor(tiles * land.tile_m / TILE_UNIT_M).astype(np.int64).tolist()
    owner = np.array([known.get(tile_id(*corner), -1) for corner in corners], dtype=np.int64)
    return owner[tile.reshape(-1)]
