"""Connection options: which stations could supply a site, at which voltage, how far, how soon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from siteopt.errors import ScenarioError

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from siteopt.layers.store import Layers
    from siteopt.scenario import Scenario, VoltageClass

__all__ = ["OPTION_COLUMNS", "connection_options"]

OPTION_COLUMNS: Final = (
    "option_id", "site_id", "station_id", "voltage_kv", "station_kv", "distance_km", "route_km",
    "facility_min_mw", "facility_max_mw", "headroom_mw", "lead_time_years",
)  # fmt: skip

_SPARE: Final = 8
"""Stations asked for beyond those wanted, so that ties are settled by id and not by the tree."""


def _classes(scenario: Scenario) -> list[tuple[VoltageClass, float]]:
    """Return the classes that a build can fall into, each with its lower bound in MW.

    PUE is above 1, so a class that ends at or below the smallest IT load never serves.
    """
    classes = scenario.connection.classes
    voltages = [item.voltage_kv for item in classes]
    twice = sorted({kv for kv in voltages if voltages.count(kv) > 1})
    if twice:
        raise ScenarioError(
            f"connection.classes: voltage_kv {twice[0]:g} appears twice; one class a voltage"
        )
    lower = [0.0, *(item.facility_max_mw for item in classes)]
    return [
        (item, low)
        for item, low in zip(classes, lower, strict=False)
        if item.facility_max_mw > scenario.build.it_min_mw
    ]


def _nearest(
    sites_xy: NDArray[np.float64], stations_xy: NDArray[np.float64], count: int, reach_m: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return site row, station row and metres of the ``count`` nearest stations in reach.

    Ordered by site, then distance; equal distances (to 1 mm) by station row.
    """
    wanted = min(count + _SPARE, len(stations_xy))
    found_m, found_at = cKDTree(stations_xy).query(
        sites_xy, k=range(1, wanted + 1), distance_upper_bound=np.nextafter(reach_m, np.inf)
    )
    site = np.repeat(np.arange(len(sites_xy)), wanted)
    metres, station = np.asarray(found_m).ravel(), np.asarray(found_at).ravel()
    found = np.isfinite(metres)
    site, station, metres = site[found], station[found], metres[found]
    order = np.lexsort((station, np.round(metres, 3), site))
    site, station, metres = site[order], station[order], metres[order]
    place = np.arange(len(site)) - np.searchsorted(site, site, side="left")
    keep = place < count
    return site[keep], station[keep], metres[keep]


def _usable(
    stations: gpd.GeoDataFrame, headroom: pd.DataFrame, voltage: VoltageClass, least_mw: float
) -> gpd.GeoDataFrame:
    """Return stations whose headroom at the level is at least, and above 0, so many MW."""
    level = headroom[headroom["voltage_kv"] == voltage.station_kv].set_index("station_id")
    room = stations["station_id"].map(level["headroom_mw"])
    usable = (room > 0) & (room >= least_mw)
    return stations.assign(headroom_mw=room)[usable].reset_index(drop=True)


def _options_of_class(
    sites: gpd.GeoDataFrame,
    some: gpd.GeoDataFrame,
    layers: Layers,
    scenario: Scenario,
    bounds: tuple[VoltageClass, float],
) -> pd.DataFrame:
    """Return the options of one class at its usable stations."""
    voltage, low = bounds
    if some.empty or sites.empty:
        return pd.DataFrame(columns=list(OPTION_COLUMNS))
    site, station, metres = _nearest(
        np.column_stack([sites.geometry.x, sites.geometry.y]),
        np.column_stack([some.geometry.x, some.geometry.y]),
        scenario.connection.options_per_class,
        scenario.connection.distance_max_km * 1000,
    )
    site_id = sites["site_id"].astype(str).to_numpy(dtype=object)[site]
    station_id = some["station_id"].astype(str).to_numpy(dtype=object)[station]
    known = layers.parameters
    return pd.DataFrame(
        {
            "option_id": site_id + "@" + station_id + f"-{voltage.voltage_kv:g}",
            "site_id": site_id,
            "station_id": station_id,
            "voltage_kv": voltage.voltage_kv,
            "station_kv": voltage.station_kv,
            "distance_km": metres / 1000,
            "route_km": metres / 1000 * known.value("route_factor"),
            "facility_min_mw": low,
            "facility_max_mw": voltage.facility_max_mw,
            "headroom_mw": some["headroom_mw"].to_numpy()[station],
            "lead_time_years": known.value(f"line{voltage.voltage_kv:g}_lead_time"),
        },
        columns=list(OPTION_COLUMNS),
    )


def connection_options(
    sites: gpd.GeoDataFrame, headroom: pd.DataFrame, layers: Layers, scenario: Scenario
) -> pd.DataFrame:
    """Return the connection options of every site.

    For each voltage class of the scenario the nearest ``options_per_class`` stations within
    ``distance_max_km`` whose headroom at ``station_kv`` can carry the smallest load of the class.

    Parameters
    ----------
    sites : GeoDataFrame
        Points in EPSG:5179 with ``site_id``.
    headroom : DataFrame
        From :func:`siteopt.grid.headroom.station_headroom`.
    layers : Layers
        ``stations`` and the parameters ``route_factor`` and ``line<kV>_lead_time``.
    scenario : Scenario
        Its ``connection`` and ``build``.

    Returns
    -------
    DataFrame
        Columns ``OPTION_COLUMNS``, ordered by site (as in ``sites``), voltage class, distance.
        ``distance_km`` is straight (EPSG:5179; within 0.1 % of the great circle), ``route_km`` is
        that times ``route_factor``. ``facility_min_mw`` (exclusive) and ``facility_max_mw`` are
        the bounds of the class. A site without a station in reach has no row.

    Raises
    ------
    ScenarioError
        If two classes have the same voltage.
    LayerError
        If a parameter is missing.
    """
    stations = layers.vector("stations").sort_values("station_id", ignore_index=True)
    tables = []
    for voltage, low in _classes(scenario):
        some = _usable(stations, headroom, voltage, max(low, scenario.build.it_min_mw))
        tables.append(_options_of_class(sites, some, layers, scenario, (voltage, low)))
    options = pd.concat([table for table in tables if len(table)] or tables[:1], ignore_index=True)
    place = pd.Series(np.arange(len(sites)), index=sites["site_id"].astype(str))
    order = np.lexsort((np.arange(len(options)), options["site_id"].map(place)))
    return options.iloc[order].reset_index(drop=True)
