"""Climate maps corrected by stations: simple kriging of station less map.

Optimal interpolation (Gandin 1963, "Objective analysis of meteorological fields"): the map is the
first guess, the error of the map is correlated in space, and each station has an error of its own.
Far from all stations the map stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np

from siteopt.errors import LayerError
from siteopt.lattice import CRS_EPSG, DEGREES_EPSG

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from siteopt.layers.protocols import RasterLike
    from siteopt.sources.fetching.weather_recipes import MapSettings

__all__ = ["Correction", "correction"]

_NEAR_KM: Final = 10.0
"""Farthest known cell of the map that stands for a station at sea or on the shore of it."""
_CHUNK: Final = 20_000
_LEFT_OUT_MIN: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class Correction:
    """A corrected map and its errors at the stations.

    Attributes
    ----------
    corrected : ndarray of float32, shape of the map
        NaN where the map is not known.
    before_rmse : float
        Error of the map at the stations.
    left_out_rmse : float
        Error of the corrected map at each station when it is left out; NaN for less than three.
    """

    corrected: NDArray[np.float32]
    before_rmse: float
    left_out_rmse: float


def correction(background: RasterLike, stations: pd.DataFrame, settings: MapSettings) -> Correction:
    """Return a map corrected by stations.

    Parameters
    ----------
    background : RasterLike
        The map, EPSG:5179.
    stations : DataFrame
        ``lon``, ``lat``, ``footprint_km``, ``years`` and the index of the map.
    settings : MapSettings
        Errors of map and station, range, bounds.

    Raises
    ------
    LayerError
        If a station is far from the land of the map.
    """
    values = background.as_float().astype(np.float64)
    lattice = background.lattice
    xy = _xy_m(stations)
    rows, cols = np.nonzero(np.isfinite(values))
    x, y = lattice.centres_m(rows, cols)
    cells = np.column_stack([x, y]) / 1e3
    guess = _at_stations(cells, values[rows, cols], xy / 1e3, stations)
    off = stations[settings.index].to_numpy(dtype=np.float64) - guess
    variance = settings.year_error**2 / stations["years"].to_numpy(dtype=np.float64)
    between = _covariance(xy / 1e3, xy / 1e3, settings) + np.diag(variance)
    weights = np.linalg.solve(between, off)
    out = np.full(lattice.shape, np.nan)
    for start in range(0, len(cells), _CHUNK):
        part = slice(start, start + _CHUNK)
        more = _covariance(cells[part], xy / 1e3, settings) @ weights
        out[rows[part], cols[part]] = values[rows[part], cols[part]] + more
    return Correction(
        np.clip(out, settings.low, settings.high).astype(np.float32),
        float(np.sqrt(np.mean(off**2))),
        _left_out_rmse(off, _covariance(xy / 1e3, xy / 1e3, settings), variance),
    )


def _xy_m(stations: pd.DataFrame) -> NDArray[np.float64]:
    places = gpd.GeoSeries(
        gpd.points_from_xy(stations["lon"], stations["lat"]), crs=DEGREES_EPSG
    ).to_crs(CRS_EPSG)
    return np.column_stack([places.x, places.y])


def _covariance(
    a_km: NDArray[np.float64], b_km: NDArray[np.float64], settings: MapSettings
) -> NDArray[np.float64]:
    apart = np.hypot(a_km[:, None, 0] - b_km[None, :, 0], a_km[:, None, 1] - b_km[None, :, 1])
    return np.asarray(settings.error**2 * np.exp(-apart / settings.range_km))


def _at_stations(
    cells_km: NDArray[np.float64],
    values: NDArray[np.float64],
    xy_km: NDArray[np.float64],
    stations: pd.DataFrame,
) -> NDArray[np.float64]:
    """Return the map at stations: of the nearest known cell, or the mean of the footprint."""
    found = np.empty(len(xy_km))
    footprints = stations["footprint_km"].to_numpy(dtype=np.float64)
    for i, ((x, y), side) in enumerate(zip(xy_km, footprints, strict=True)):
        away = np.hypot(cells_km[:, 0] - x, cells_km[:, 1] - y)
        nearest = int(away.argmin())
        if away[nearest] > _NEAR_KM:
            row = stations.iloc[i]
            raise LayerError(
                f"{row['name']} ({row['lon']:.3f}, {row['lat']:.3f}) is {away[nearest]:,.0f} km "
                f"from the land of the map; stations within {_NEAR_KM:g} km of it are needed"
            )
        under = np.flatnonzero(
            (np.abs(cells_km[:, 0] - x) <= side / 2) & (np.abs(cells_km[:, 1] - y) <= side / 2)
        )
        found[i] = values[under].mean() if side > 0 and len(under) else values[nearest]
    return found


def _left_out_rmse(
    off: NDArray[np.float64], covariance: NDArray[np.float64], variance: NDArray[np.float64]
) -> float:
    if len(off) < _LEFT_OUT_MIN:
        return float("nan")
    errors = np.empty(len(off))
    for i in range(len(off)):
        rest = np.arange(len(off)) != i
        between = covariance[np.ix_(rest, rest)] + np.diag(variance[rest])
        errors[i] = covariance[i, rest] @ np.linalg.solve(between, off[rest]) - off[i]
    return float(np.sqrt(np.mean(errors**2)))
