"""Distances and sums around sites, vectorised, in EPSG:5179 metres."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from siteopt.errors import LayerError
from siteopt.proximity import nearest_features, nearest_points

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from siteopt.layers.protocols import RasterLike

__all__ = [
    "idw",
    "line_km",
    "mean_within_raster",
    "nearest",
    "point_xy",
    "raster_floats",
    "site_frame",
    "site_xy",
    "sum_within_raster",
    "tapered_mean",
    "within",
]

_CHUNK: Final = 1024
"""Sites at a time where all pairs with a small layer are formed (bounds the memory)."""


def site_frame(sites: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return an empty table indexed by the ids of the sites.

    Raises
    ------
    LayerError
        If ids are missing or appear twice.
    """
    if "site_id" not in sites.columns:
        raise LayerError("sites: no column site_id; every site needs a stable id")
    index = pd.Index(sites["site_id"].astype(str), name="site_id")
    if index.has_duplicates:
        twice = index[index.duplicated()][0]
        raise LayerError(f"sites: site_id {twice} appears twice; ids must be unique")
    return pd.DataFrame(index=index)


def site_xy(sites: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Return x and y of the sites, shape (n, 2), EPSG:5179 metres.

    Parameters
    ----------
    sites : GeoDataFrame
        ``site_id`` and points in EPSG:5179.
    """
    return np.asarray(sites[["x_m", "y_m"]].to_numpy(dtype=np.float64))


def point_xy(points: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Return x and y of point features, shape (n, 2), EPSG:5179 metres.

    Parameters
    ----------
    points : GeoDataFrame
        Point features in EPSG:5179.
    """
    return np.asarray(shapely.get_coordinates(points.geometry.to_numpy()), dtype=np.float64)


def nearest(
    xy: NDArray[np.float64], points: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return distance in km to, and row of, the nearest point; NaN and -1 where there is none.

    Equal distances (to 1 mm) give the first row.

    Parameters
    ----------
    xy : ndarray of float64
        Site coordinates in metres (EPSG:5179), shape (n, 2).
    points : ndarray of float64
        Points in metres (EPSG:5179), shape (m, 2).
    """
    found = nearest_points(xy, points, 1)
    km, row = np.full(len(xy), np.nan), np.full(len(xy), -1, dtype=np.int64)
    km[found.place], row[found.place] = found.metres / 1000.0, found.point
    return km, row


def within(
    xy: NDArray[np.float64], points: NDArray[np.float64], radius_km: float
) -> list[tuple[slice, NDArray[np.bool_]]]:
    """Return, in chunks of sites, the points within a radius: (rows of sites, mask).

    Parameters
    ----------
    xy : ndarray of float64
        Site coordinates in metres (EPSG:5179), shape (n, 2).
    points : ndarray of float64
        Points in metres (EPSG:5179), shape (m, 2).
    radius_km : float
        Radius in km.
    """
    found: list[tuple[slice, NDArray[np.bool_]]] = []
    for start in range(0, len(xy), _CHUNK):
        part = slice(start, min(start + _CHUNK, len(xy)))
        dx = xy[part, 0][:, None] - points[None, :, 0]
        dy = xy[part, 1][:, None] - points[None, :, 1]
        found.append((part, dx * dx + dy * dy <= (radius_km * 1000.0) ** 2))
    return found


def tapered_mean(
    xy: NDArray[np.float64],
    points: NDArray[np.float64],
    values: NDArray[np.float64],
    weights: NDArray[np.float64],
    reach_km: float,
) -> NDArray[np.float64]:
    """Return means of values at points around sites; NaN where no weight is within reach.

    A point counts with its weight times ``1 - (distance / reach)^2``, so that the mean changes
    smoothly from site to site: no point drops in or out at once.

    Parameters
    ----------
    xy : ndarray of float64
        Site coordinates in metres (EPSG:5179), shape (n, 2).
    points : ndarray of float64
        Points in metres (EPSG:5179), shape (m, 2).
    values : ndarray of float64
        Values at the points, shape (m,).
    weights : ndarray of float64
        Weights of the points, shape (m,).
    reach_km : float
        Distance in km at which the weight is 0.
    """
    out = np.full(len(xy), np.nan)
    for start in range(0, len(xy), _CHUNK):
        part = slice(start, min(start + _CHUNK, len(xy)))
        dx = xy[part, 0][:, None] - points[None, :, 0]
        dy = xy[part, 1][:, None] - points[None, :, 1]
        share = np.maximum(1.0 - (dx * dx + dy * dy) / (reach_km * 1000.0) ** 2, 0.0)
        total = share @ weights
        np.divide(share @ (weights * values), total, out=out[part], where=total > 0)
    return out


def idw(
    xy: NDArray[np.float64],
    points: NDArray[np.float64],
    values: NDArray[np.float64],
    neighbours: int = 4,
) -> NDArray[np.float64]:
    """Interpolate at sites by inverse squared distance weighting (Shepard 1968).

    The value is exact at a point and never leaves the range of the neighbours.

    Parameters
    ----------
    xy : ndarray of float64
        Site coordinates in metres (EPSG:5179), shape (n, 2).
    points : ndarray of float64
        Points in metres (EPSG:5179), shape (m, 2).
    values : ndarray of float64
        Values at the points, shape (m,).
    neighbours : int, optional
        Number of nearest points.
    """
    if len(points) == 0:
        return np.full(len(xy), np.nan)
    k = min(neighbours, len(points))
    found = cKDTree(points).query(xy, k=np.arange(1, k + 1))
    distance, row = np.asarray(found[0]), np.asarray(found[1])
    weight = 1.0 / np.maximum(distance, 1.0) ** 2
    out: NDArray[np.float64] = (weight * values[row]).sum(axis=1) / weight.sum(axis=1)
    return out


def line_km(xy: NDArray[np.float64], features: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Return the Euclidean distance in km to the nearest feature; NaN where there is none.

    Parameters
    ----------
    xy : ndarray of float64
        Site coordinates in metres (EPSG:5179), shape (n, 2).
    features : GeoDataFrame
        Lines or polygons in EPSG:5179.
    """
    return nearest_features(xy, features.geometry.to_numpy())[0] / 1000.0


def raster_floats(raster: RasterLike) -> NDArray[np.float64]:
    """Return the cells as float64 with NaN where not known.

    Parameters
    ----------
    raster : RasterLike
        Raster in EPSG:5179.
    """
    values = np.array(raster.values, dtype=np.float64)
    if raster.nodata is not None:
        values[values == raster.nodata] = np.nan
    return values


def sum_within_raster(
    xy: NDArray[np.float64], values: NDArray[np.float64], raster: RasterLike, radius_m: float
) -> NDArray[np.float64]:
    """Return the sum of the cells whose centre is within a radius of the site's cell centre.

    Rows of the disc are differences of running sums along the raster's rows, so the work is in
    proportion to the radius, not to its square.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        EPSG:5179 metres.
    values : ndarray
        Cells without NaN (not known counts as 0).
    raster : RasterLike
        Gives the lattice.
    radius_m : float
        Radius of the disc in metres.
    """
    lattice = raster.lattice
    rows, cols = lattice.cells_of(xy[:, 0], xy[:, 1])
    running = np.zeros((lattice.n_rows, lattice.n_cols + 1))
    np.cumsum(values, axis=1, out=running[:, 1:])
    total = np.zeros(len(xy))
    reach = int(radius_m // lattice.cell_m)
    for step in range(-reach, reach + 1):
        half = int(np.sqrt(max(0.0, (radius_m / lattice.cell_m) ** 2 - step * step)) + 1e-9)
        row = rows + step
        inside = (row >= 0) & (row < lattice.n_rows)
        line = np.where(inside, row, 0)
        left = np.clip(cols - half, 0, lattice.n_cols)
        right = np.clip(cols + half + 1, 0, lattice.n_cols)
        total += np.where(inside, running[line, right] - running[line, left], 0.0)
    return np.maximum(total, 0.0)


def mean_within_raster(
    xy: NDArray[np.float64], raster: RasterLike, radius_m: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the mean of the known cells whose centre is within a radius of the site's cell centre.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        EPSG:5179 metres.
    raster : RasterLike
        Values and lattice.
    radius_m : ndarray, shape (n,)
        Radius of each site; the cell of the site is always taken.

    Returns
    -------
    ndarray, shape (n,)
        NaN where no cell is known.
    """
    lattice, known = raster.lattice, raster_floats(raster)
    rows, cols = lattice.cells_of(xy[:, 0], xy[:, 1])
    out = np.full(len(xy), np.nan)
    reach = np.rint(4.0 * np.nan_to_num(radius_m) / lattice.cell_m)  # quarters of a cell
    for quarters in np.unique(reach):
        members = np.flatnonzero(reach == quarters)
        far = int(quarters // 4)
        step_row, step_col = np.mgrid[-far : far + 1, -far : far + 1]
        disc = step_row**2 + step_col**2 <= (quarters / 4.0) ** 2
        row = rows[members, None] + step_row[disc]
        col = cols[members, None] + step_col[disc]
        inside = lattice.contains(row, col)
        found = known[np.where(inside, row, 0), np.where(inside, col, 0)]
        counted = inside & np.isfinite(found)
        count = counted.sum(axis=1)
        total = np.where(counted, found, 0.0).sum(axis=1)
        out[members] = np.divide(total, count, out=np.full(len(members), np.nan), where=count > 0)
    return out
