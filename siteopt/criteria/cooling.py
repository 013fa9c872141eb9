"""Cooling: what the climate makes of electricity that is not IT, and of water.

Three kinds. ``evaporative``: towers and chillers; by wet bulb. ``dry``: air-cooled chillers and
dry coolers, nearly no water; by dry bulb. ``liquid``: warm water takes most of the heat from the
chips to dry coolers all year, and only the rest of it is cooled as in the evaporative kind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.columns import Column
from siteopt.criteria._places import raster_floats, site_frame, site_xy

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from siteopt.layers.protocols import LayersLike
    from siteopt.scenario import Scenario

__all__ = ["COLUMNS", "cooling", "site_pue", "site_wue"]

_HOURS: Final = 8760.0

COLUMNS = (
    Column("pue", "cooling", "-", "전력사용효율(PUE)", "PUE", "assumption", "low", scored=True),
    Column(
        "wue_l_kwh", "cooling", "L/kWh", "물사용효율(WUE, 연평균)", "WUE, mean of the year",
        "assumption", "low",
    ),
    Column(
        "wue_peak_l_kwh", "cooling", "L/kWh", "물사용효율(WUE, 여름 최대일)",
        "WUE on a summer day", "assumption", "low",
    ),
    Column(
        "free_cooling_h", "cooling", "h/year", "외기냉방 시간(건구온도)",
        "Free-cooling hours (dry bulb)", "model", "high",
    ),
    Column(
        "wet_bulb_h", "cooling", "h/year", "외기냉방 시간(습구온도)",
        "Free-cooling hours (wet bulb)", "model", "high",
    ),
    Column(
        "wet_bulb_aug_c", "cooling", "°C", "8월 평균 습구온도", "Mean wet bulb of August", "model",
        "low",
    ),
    Column("t_mean_c", "cooling", "°C", "연평균 기온", "Mean temperature", "model", "low"),
)  # fmt: skip


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
        Parameters, such as ``pue_base``, ``pue_chiller_gain`` and ``pue_dry_gain``.
    """
    hours = np.where(np.isnan(free_cooling_h), mean_h, free_cooling_h)
    pue: NDArray[np.float64] = base + chiller_gain * (mean_h - hours) / _HOURS + dry_gain
    return np.maximum(pue, 1.0)


def site_wue(
    free_cooling_h: NDArray[np.float64], mean_h: float, level_l_kwh: float
) -> NDArray[np.float64]:
    """Return the water that towers evaporate and discharge, L per kWh of IT, mean of the year.

    Two bins of hours: none in hours of free cooling, the same in each other hour. The level is set
    so that a site with the national mean of hours has ``level_l_kwh``::

        WUE = level_l_kwh * (8760 - free_cooling_h) / (8760 - mean_h)

    With ``free_cooling_h`` 0 this is the WUE of a day that is too warm for free cooling all
    through. Towers that run in winter too evaporate then, so the difference between places is at
    most this.

    Parameters
    ----------
    free_cooling_h : ndarray
        Hours a year cold enough for free cooling; a site where not known takes the mean.
    mean_h : float
        National mean of the same hours, below 8,760.
    level_l_kwh : float
        Parameter ``wue_evap``.
    """
    hours = np.where(np.isnan(free_cooling_h), mean_h, np.minimum(free_cooling_h, _HOURS))
    wue: NDArray[np.float64] = level_l_kwh * (_HOURS - hours) / (_HOURS - mean_h)
    return wue


def cooling(sites: gpd.GeoDataFrame, layers: LayersLike, scenario: Scenario) -> pd.DataFrame:
    """Return PUE, WUE, free-cooling hours, wet bulb and mean temperature of sites.

    National means are those of the known cells of ``wet_bulb_hours`` and ``free_cooling``. The
    kind is ``water.cooling``: dry cooling costs ``pue_dry_gain`` and saves water (``wue_closed``);
    of liquid cooling only the share of heat that air takes, 100 % less ``liquid_heat_share``,
    depends on the weather.
    """
    out = site_frame(sites)
    xy = site_xy(sites)
    value = layers.parameters.value
    hours, mean_h = {}, {}
    for name in ("free_cooling", "wet_bulb_hours"):
        raster = layers.raster(name)
        hours[name] = raster.sample(xy[:, 0], xy[:, 1])
        mean_h[name] = float(np.nanmean(raster_floats(raster)))
    gain = value("pue_chiller_gain")
    if scenario.water.cooling == "dry":
        dry_h, mean = hours["free_cooling"], mean_h["free_cooling"]
        out["pue"] = site_pue(dry_h, mean, value("pue_base"), gain, value("pue_dry_gain"))
        out["wue_l_kwh"] = value("wue_closed")
        out["wue_peak_l_kwh"] = value("wue_closed")
    else:
        liquid = scenario.water.cooling == "liquid"
        air = 1.0 - value("liquid_heat_share") / 100.0 if liquid else 1.0
        base = value("pue_liquid" if liquid else "pue_base")
        wet_h, mean, level = hours["wet_bulb_hours"], mean_h["wet_bulb_hours"], value("wue_evap")
        out["pue"] = site_pue(wet_h, mean, base, gain * air)
        out["wue_l_kwh"] = air * site_wue(wet_h, mean, level)
        out["wue_peak_l_kwh"] = air * site_wue(np.zeros(len(xy)), mean, level)
    out["free_cooling_h"] = hours["free_cooling"]
    out["wet_bulb_h"] = hours["wet_bulb_hours"]
    out["wet_bulb_aug_c"] = layers.raster("wet_bulb").sample(xy[:, 0], xy[:, 1])
    out["t_mean_c"] = layers.raster("temperature").sample(xy[:, 0], xy[:, 1])
    return out
