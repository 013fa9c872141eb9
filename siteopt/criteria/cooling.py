"""Cooling: what the climate makes of the electricity that is not IT."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.criteria._columns import Column
from siteopt.criteria._places import raster_floats, site_frame, site_xy

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from siteopt.criteria._columns import LayersLike
    from siteopt.scenario import Scenario

__all__ = ["COLUMNS", "cooling", "site_pue"]

_HOURS: Final = 8760.0

COLUMNS = (
    Column("pue", "cooling", "-", "전력사용효율(PUE)", "PUE", "assumption", "low", scored=True),
    Column(
        "free_cooling_h",
        "cooling",
        "h/year",
        "외기냉방 시간",
        "Free-cooling hours",
        "model",
        "high",
    ),
    Column("t_mean_c", "cooling", "°C", "연평균 기온", "Mean temperature", "model", "low"),
)


def site_pue(
    free_cooling_h: NDArray[np.float64],
    mean_h: float,
    base: float,
    chiller_gain: float,
    dry_gain: float = 0.0,
) -> NDArray[np.float64]:
    """Return the PUE of sites from their hours of free cooling.

    A site runs at one overhead in hours of free cooling and at another, higher by
    ``chiller_gain``, with chillers. The level is set so that a site with the national mean of
    hours has ``base``::

        PUE = base + chiller_gain * (mean_h - free_cooling_h) / 8760 + dry_gain

    and never less than 1.

    Parameters
    ----------
    free_cooling_h : ndarray
        Hours a year cold enough for free cooling; a site where not known takes the mean.
    mean_h : float
        National mean of the same hours.
    base, chiller_gain, dry_gain : float
        Parameters ``pue_base``, ``pue_chiller_gain`` and ``pue_dry_gain`` (0 where evaporative).
    """
    hours = np.where(np.isnan(free_cooling_h), mean_h, free_cooling_h)
    pue: NDArray[np.float64] = base + chiller_gain * (mean_h - hours) / _HOURS + dry_gain
    return np.maximum(pue, 1.0)


def cooling(sites: gpd.GeoDataFrame, layers: LayersLike, scenario: Scenario) -> pd.DataFrame:
    """Return PUE, free-cooling hours and mean temperature of sites.

    The national mean is that of the known cells of the ``free_cooling`` raster. PUE follows
    :func:`site_pue`; closed cooling (``water.cooling``) saves water and costs ``pue_dry_gain``.
    """
    out = site_frame(sites)
    xy = site_xy(sites)
    raster = layers.raster("free_cooling")
    value = layers.parameters.value
    hours = raster.sample(xy[:, 0], xy[:, 1])
    out["pue"] = site_pue(
        hours,
        float(np.nanmean(raster_floats(raster))),
        value("pue_base"),
        value("pue_chiller_gain"),
        value("pue_dry_gain") if scenario.water.cooling == "closed" else 0.0,
    )
    out["free_cooling_h"] = hours
    out["t_mean_c"] = layers.raster("temperature").sample(xy[:, 0], xy[:, 1])
    return out
