"""Connection options: which stations could supply a site, at which voltage, how far, how soon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from siteopt.errors import ScenarioError
from siteopt.grid.routes import Routes, cost_surface, find_routes, join_routes, read_ground
from siteopt.grid.stations import connectable

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from siteopt.grid.routes import Ground, Surface
    from siteopt.layers.store import Layers
    from siteopt.scenario import Connection, Scenario, VoltageClass

__all__ = ["OPTION_COLUMNS", "Connections", "connect_sites"]

OPTION_COLUMNS: Final = (
    "option_id", "site_id", "station_id", "voltage_kv", "station_kv", "distance_km", "route_km",
    "route_oh_km", "route_ug_km", "route_bn_krw", "facility_min_mw", "facility_max_mw",
    "headroom_mw", "lead_time_years",
)  # fmt: skip

_SPARE: Final = 8
"""Stations asked for beyond those wanted, so that ties are settled by id and not by the tree."""

_COST_DECIMALS: Final = 6
"""Routes whose costs agree to a thousand won cost the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Connections:
    """The connection options of the sites, and where their lines run.

    Attributes
    ----------
    options : DataFrame
        Columns ``OPTION_COLUMNS``, one row an option.
    routes : Routes
        Of the same options, in the same order.
    """

    options: pd.DataFrame
    routes: Routes


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
    stations: gpd.GeoDataFrame,
    headroom: pd.DataFrame,
    upgrades: pd.DataFrame | None,
    voltage: VoltageClass,
    least_mw: float,
) -> gpd.GeoDataFrame:
    """Return stations whose headroom at the level, upgrades included, is at least so many MW."""
    level = headroom[headroom["voltage_kv"] == voltage.station_kv].set_index("station_id")
    room = stations["station_id"].map(level["headroom_mw"])
    most = room
    if upgrades is not None:
        at_level = upgrades[upgrades["voltage_kv"] == voltage.station_kv]
        relief = at_level.groupby("station_id")["relief_mw"].max()
        most = room + stations["station_id"].map(relief).fillna(0.0)
    usable = (most > 0) & (most >= least_mw)
    return stations.assign(headroom_mw=room)[usable].reset_index(drop=True)


class _Task(NamedTuple):
    """The arguments of `_options_of_class`."""

    sites: gpd.GeoDataFrame
    stations: gpd.GeoDataFrame
    surface: Surface
    bounds: tuple[VoltageClass, float]
    asked: Connection


def _tasks(  # noqa: PLR0913, PLR0917 - the tables that meet here
    sites: gpd.GeoDataFrame,
    headroom: pd.DataFrame,
    layers: Layers,
    scenario: Scenario,
    upgrades: pd.DataFrame | None,
    ground: Ground,
) -> list[_Task]:
    """Return what to do for each voltage class that has a usable station."""
    stations = connectable(layers.vector("stations"))
    stations = stations.sort_values("station_id", ignore_index=True)
    asked, tasks = scenario.connection, []
    for voltage, low in _classes(scenario):
        least = max(low, scenario.build.it_min_mw)
        some = _usable(stations, headroom, upgrades, voltage, least)
        if some.empty or sites.empty:
            continue
        surface = cost_surface(
            ground, voltage.voltage_kv, layers.parameters, all_underground=asked.underground
        )
        tasks.append(_Task(sites, some, surface, (voltage, low), asked))
    return tasks


def _options_of_class(task: _Task, processes: int) -> Connections:
    """Return the options of one class at its usable stations, the cheapest routes of each site."""
    sites, some, surface, (voltage, low), asked = task
    sites_xy, stations_xy = _xy(sites), _xy(some)
    site, station, metres = _nearest(
        sites_xy,
        stations_xy,
        asked.options_per_class + asked.spare_stations,
        asked.distance_max_km * 1000,
    )
    pairs = np.column_stack([site, station])
    tried = find_routes(surface, sites_xy, stations_xy, pairs, processes)
    kept = _cheapest(site, tried.table, asked.options_per_class)
    site, station, metres, routes = site[kept], station[kept], metres[kept], tried.take(kept)
    site_id = sites["site_id"].astype(str).to_numpy(dtype=object)[site]
    station_id = some["station_id"].astype(str).to_numpy(dtype=object)[station]
    options = pd.DataFrame(
        {
            "option_id": site_id + "@" + station_id + f"-{voltage.voltage_kv:g}",
            "site_id": site_id,
            "station_id": station_id,
            "voltage_kv": voltage.voltage_kv,
            "station_kv": voltage.station_kv,
            "distance_km": metres / 1000,
            **{name: routes.table[name] for name in OPTION_COLUMNS if name.startswith("route_")},
            "facility_min_mw": low,
            "facility_max_mw": voltage.facility_max_mw,
            "headroom_mw": some["headroom_mw"].to_numpy()[station],
        }
    )
    return Connections(options, routes)


def _xy(frame: gpd.GeoDataFrame) -> NDArray[np.float64]:
    return np.column_stack([frame.geometry.x, frame.geometry.y]).astype(np.float64)


def _cheapest(site: NDArray[np.int64], routed: pd.DataFrame, count: int) -> NDArray[np.int64]:
    """Return the rows of the ``count`` cheapest routes of each site, nearest first among equals.

    Rows come ordered by site and distance; pairs without a route are left out.
    """
    rows = np.flatnonzero(routed["found"])
    cost = np.round(routed["route_bn_krw"].to_numpy()[rows], _COST_DECIMALS)
    rows = rows[np.lexsort((rows, cost, site[rows]))]
    place = np.arange(len(rows)) - np.searchsorted(site[rows], site[rows], side="left")
    return rows[place < count]


def connect_sites(
    sites: gpd.GeoDataFrame,
    headroom: pd.DataFrame,
    layers: Layers,
    scenario: Scenario,
    upgrades: pd.DataFrame | None = None,
) -> Connections:
    """Return the connection options of every site with their routes.

    For each voltage class of the scenario, the substations within ``distance_max_km`` whose headroom
    at ``station_kv`` can carry the smallest load of the class; of the nearest
    ``options_per_class + spare_stations`` by air the ``options_per_class`` with the cheapest
    routes.

    Parameters
    ----------
    sites : GeoDataFrame
        Points in EPSG:5179 with ``site_id``.
    headroom : DataFrame
        From :func:`siteopt.grid.headroom.station_headroom`.
    layers : Layers
        ``stations``, what :func:`siteopt.grid.routes.read_ground` reads, and the parameters of
        lines and routes.
    scenario : Scenario
        Its ``connection`` and ``build``.
    upgrades : DataFrame, optional
        From :func:`siteopt.grid.upgrades.station_upgrades`: stations that could serve with new
        banks are options too.

    Returns
    -------
    Connections
        Ordered by site (as in ``sites``), voltage class, cost of the route. ``distance_km`` is
        straight (EPSG:5179; within 0.1 % of the great circle). ``route_km`` is the length of the
        least-cost route, ``route_oh_km`` overhead and ``route_ug_km`` underground, and
        ``route_bn_krw`` what the double-circuit line costs. ``facility_min_mw`` (exclusive) and
        ``facility_max_mw`` are the bounds of the class. A site without a route to a station in
        reach has no row.

    Raises
    ------
    ScenarioError
        If two classes have the same voltage.
    LayerError
        If a parameter is missing, or a line costs nothing.
    """
    ground = read_ground(layers, scenario.connection.route_cell_m)
    known = layers.parameters
    tasks = _tasks(sites, headroom, layers, scenario, upgrades, ground)
    found = []
    for task in tasks:
        one = _options_of_class(task, scenario.solver.threads)
        lead = known.value(f"line{task.bounds[0].voltage_kv:g}_lead_time")
        found.append(Connections(one.options.assign(lead_time_years=lead), one.routes))
    if not found:
        return Connections(pd.DataFrame(columns=list(OPTION_COLUMNS)), Routes.none(ground.lattice))
    options = pd.concat([one.options for one in found], ignore_index=True)
    place = pd.Series(np.arange(len(sites)), index=sites["site_id"].astype(str))
    order = np.lexsort((np.arange(len(options)), options["site_id"].map(place)))
    return Connections(
        options[list(OPTION_COLUMNS)].iloc[order].reset_index(drop=True),
        join_routes([one.routes for one in found]).take(order),
    )
