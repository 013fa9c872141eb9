"""Connection options of sites: station, voltage, route length and lead time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from siteopt.grid._station_search import cheapest, points_xy, second_feeds
from siteopt.grid.new_stations import NEW_STATION_KV, new_stations
from siteopt.grid.routes import Routes, cost_surface, find_routes, join_routes, read_ground
from siteopt.grid.stations import connectable
from siteopt.proximity import nearest_points

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from siteopt.grid.routes import Ground, Surface
    from siteopt.lattice import Lattice
    from siteopt.layers.store import Layers
    from siteopt.scenario import Connection, Scenario, VoltageClass

__all__ = ["OPTION_COLUMNS", "Connections", "connect_sites", "join_connections"]

OPTION_COLUMNS: Final = (
    "option_id", "site_id", "station_id", "voltage_kv", "station_kv", "distance_km", "route_km",
    "route_oh_km", "route_ug_km", "route_bn_krw", "second_station_id", "second_route_km",
    "second_feed_bn_krw", "facility_min_mw", "facility_max_mw", "headroom_mw",
    "station_headroom_confidence", "headroom_area_id", "lead_time_years", "lead_time_high_years",
)  # fmt: skip

_ROUTED: Final = ("route_km", "route_oh_km", "route_ug_km", "route_bn_krw")


@dataclass(frozen=True, slots=True, eq=False)
class Connections:
    """The connection options of the sites, and where their lines run.

    Attributes
    ----------
    options : DataFrame
        Columns ``OPTION_COLUMNS``, one row an option.
    routes : Routes
        Of the same options, in the same order.
    second_routes : Routes
        Those of the second feeds, likewise; rows of options with one feed have none.
    """

    options: pd.DataFrame
    routes: Routes
    second_routes: Routes

    @classmethod
    def none(cls, lattice: Lattice) -> Connections:
        """Return a table of no options."""
        nothing = Routes.none(lattice)
        return cls(pd.DataFrame(columns=list(OPTION_COLUMNS)), nothing, nothing)

    def take(self, rows: NDArray[np.int64]) -> Connections:
        """Return some options with their routes, in the order of ``rows``.

        Parameters
        ----------
        rows : ndarray of int64
            Rows, in the order of the result.
        """
        options = self.options.iloc[rows].reset_index(drop=True)
        return Connections(options, self.routes.take(rows), self.second_routes.take(rows))


def join_connections(some: Sequence[Connections]) -> Connections:
    """Concatenate options with their routes.

    Parameters
    ----------
    some : sequence of Connections
        At least one table of options.
    """
    return Connections(
        pd.concat([one.options for one in some], ignore_index=True),
        join_routes([one.routes for one in some]),
        join_routes([one.second_routes for one in some]),
    )


def usable_classes(scenario: Scenario) -> list[tuple[VoltageClass, float]]:
    """Return the classes that a build can fall into, each with its lower bound in MW.

    PUE is above 1, so a class that ends at or below the smallest IT load never serves.

    Parameters
    ----------
    scenario : Scenario
        Scenario of the run.
    """
    classes = scenario.connection.classes
    lower = [0.0, *(item.facility_max_mw for item in classes)]
    return [
        (item, low)
        for item, low in zip(classes, lower, strict=False)
        if item.facility_max_mw > scenario.build.it_min_mw
    ]


def _usable(
    stations: gpd.GeoDataFrame,
    headroom: pd.DataFrame,
    works: pd.DataFrame | None,
    station_kv: float,
    least_mw: float,
) -> gpd.GeoDataFrame:
    """Return stations of at least this headroom (MW) at the level, reinforcements included."""
    level = headroom[headroom["voltage_kv"] == station_kv].set_index("station_id")
    room = stations["station_id"].map(level["headroom_mw"])
    most = room
    if works is not None:
        at_level = works[works["voltage_kv"] == station_kv]
        relief = at_level.groupby("station_id")["relief_mw"].max()
        most = room + stations["station_id"].map(relief).fillna(0.0)
    usable = (most > 0) & (most >= least_mw)
    confidence = stations["station_id"].map(level["confidence"])
    area = stations["station_id"].map(level["area_id"]) if "area_id" in level else ""
    # assigned before rows are left out: a frame without rows would take on those of a column
    described = stations[["station_id", "geometry"]].assign(
        headroom_mw=room, headroom_confidence=confidence, headroom_area_id=area
    )
    return described[usable].reset_index(drop=True)


class _Group(NamedTuple):
    """Stations that are searched together, and how many of them a site gets."""

    stations: gpd.GeoDataFrame
    station_kv: float
    wanted: int
    spare: int


class _Task(NamedTuple):
    """The arguments of `_options_of_class`: existing stations first, then candidates."""

    sites: gpd.GeoDataFrame
    groups: list[_Group]
    surface: Surface
    bounds: tuple[VoltageClass, float]
    asked: Connection
    feed_factor: float


def _tasks(  # noqa: PLR0913, PLR0917 - the tables that meet here
    sites: gpd.GeoDataFrame,
    headroom: pd.DataFrame,
    layers: Layers,
    scenario: Scenario,
    works: pd.DataFrame | None,
    ground: Ground,
) -> list[_Task]:
    """Return what to do for each voltage class that has a usable station."""
    stations = connectable(layers.vector("stations"))
    stations = stations.sort_values("station_id", ignore_index=True)
    settings, tasks = scenario.connection, []
    for voltage, low in usable_classes(scenario):
        least = max(low, scenario.build.it_min_mw)
        some = _usable(stations, headroom, works, voltage.station_kv, least)
        groups = [
            _Group(some, voltage.station_kv, settings.options_per_class, settings.spare_stations)
        ]
        if settings.new_345_stations:
            new = _usable(new_stations(layers), headroom, works, NEW_STATION_KV, least)
            groups.append(_Group(new, NEW_STATION_KV, 1, 0))
        groups = [group for group in groups if len(group.stations)]
        if not groups or sites.empty:
            continue
        surface = cost_surface(
            ground, voltage.voltage_kv, layers.parameters, all_underground=settings.underground
        )
        feeds = settings.second_feed_from_mw is not None
        factor = layers.parameters.value("second_feed_line_factor") if feeds else 0.0
        tasks.append(_Task(sites, groups, surface, (voltage, low), settings, factor))
    return tasks


def _options_of_class(task: _Task, threads: int) -> Connections:
    """Return the options of one class at its usable stations, the cheapest routes of each site."""
    sites, groups, surface, (voltage, low), settings, feed_factor = task
    stations = pd.concat([group.stations for group in groups], ignore_index=True)
    group_at = np.repeat(np.arange(len(groups)), [len(group.stations) for group in groups])
    sites_xy, stations_xy = points_xy(sites), points_xy(stations)
    found = []
    for number, group in enumerate(groups):
        rows = np.flatnonzero(group_at == number)
        site, station, metres = nearest_points(
            sites_xy, stations_xy[rows], group.wanted + group.spare, settings.distance_max_km * 1000
        )
        found.append((site, rows[station], metres))
    site, station, metres = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.lexsort((station, np.round(metres, 3), group_at[station], site))
    site, station, metres = site[order], station[order], metres[order]
    tried = find_routes(surface, sites_xy, stations_xy, np.column_stack([site, station]), threads)
    counts = np.array([group.wanted for group in groups])
    kept = cheapest(site, group_at[station], tried.table, counts)
    routes = tried.take(kept)
    site_id = sites["site_id"].astype(str).to_numpy(dtype=object)[site[kept]]
    station_ids = stations["station_id"].astype(str).to_numpy(dtype=object)
    station_id = station_ids[station[kept]]
    station_kv = np.array([group.station_kv for group in groups])[group_at[station[kept]]]
    options = pd.DataFrame(
        {
            "option_id": site_id + "@" + station_id + f"-{voltage.voltage_kv:g}",
            "site_id": site_id,
            "station_id": station_id,
            "voltage_kv": voltage.voltage_kv,
            "station_kv": station_kv,
            "distance_km": metres[kept] / 1000,
            **{name: routes.table[name] for name in _ROUTED},
            "facility_min_mw": low,
            "facility_max_mw": voltage.facility_max_mw,
            "headroom_mw": stations["headroom_mw"].to_numpy()[station[kept]],
            "station_headroom_confidence": stations["headroom_confidence"].to_numpy()[
                station[kept]
            ],
            "headroom_area_id": stations["headroom_area_id"].to_numpy()[station[kept]],
        }
    )
    if settings.second_feed_from_mw is None:
        single = options.assign(second_station_id="", second_route_km=0.0, second_feed_bn_krw=0.0)
        return Connections(
            single, routes, Routes.unrouted(surface.ground.lattice, len(single), surface.detour)
        )
    second = second_feeds(site, station, group_at[station] == 0, tried, kept)
    found_second = second >= 0
    with_none = join_routes([tried, Routes.unrouted(surface.ground.lattice, 1, surface.detour)])
    second_routes = with_none.take(np.where(found_second, second, len(site)))
    table = second_routes.table
    fed = options.assign(
        second_station_id=np.where(found_second, station_ids[station[second]], ""),
        second_route_km=table["route_km"].astype(float).fillna(0.0),
        second_feed_bn_krw=feed_factor * table["route_bn_krw"].astype(float).fillna(0.0),
    )
    both = Connections(fed, routes, second_routes)
    return _by_feeds(both, settings.second_feed_from_mw, found_second)


def _by_feeds(both: Connections, from_mw: float, found_second: NDArray[np.bool_]) -> Connections:
    """Return options with one feed below a contract power and with two above it.

    The two are options of their own, since a second feed is paid for or not; the id of one with
    two names both stations.
    """
    low = both.options["facility_min_mw"].to_numpy(dtype=np.float64)
    high = both.options["facility_max_mw"].to_numpy(dtype=np.float64)
    one = np.flatnonzero(low < from_mw)
    two = np.flatnonzero((high > from_mw) & found_second)
    single, double = both.take(one), both.take(two)
    single.options["facility_max_mw"] = np.minimum(high[one], from_mw)
    single.options[["second_route_km", "second_feed_bn_krw"]] = 0.0
    single.options["second_station_id"] = ""
    bare = Routes.unrouted(both.routes.lattice, len(one), both.routes.detour)
    single = Connections(single.options, single.routes, bare)
    double.options["facility_min_mw"] = np.maximum(low[two], from_mw)
    names, others = (
        double.options[column].to_numpy(dtype=object)  # a column of texts is slow to walk
        for column in ("option_id", "second_station_id")
    )
    double.options["option_id"] = [
        f"&{other}-".join(name.rsplit("-", 1)) for name, other in zip(names, others, strict=True)
    ]
    return join_connections([single, double])


def connect_sites(
    sites: gpd.GeoDataFrame,
    headroom: pd.DataFrame,
    layers: Layers,
    scenario: Scenario,
    works: pd.DataFrame | None = None,
) -> Connections:
    """Return the connection options of every site with their routes.

    For each voltage class of the scenario, the substations within ``distance_max_km`` whose headroom
    at ``station_kv`` can carry the smallest load of the class; of the nearest
    ``options_per_class + spare_stations`` by air the ``options_per_class`` with the cheapest
    routes, and the nearest station that may be built.

    From ``second_feed_from_mw`` of contract power on a site has a second feed, a single-circuit
    line from another existing station of the class: the one with the cheapest route of those
    tried. Its headroom is not used, as it is a standby; a connection without another station in
    reach ends at that power.

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
    works : DataFrame, optional
        From :func:`siteopt.grid.reinforcements.station_works`: stations that could serve with works are
        options too, and so are stations that may be built.

    Returns
    -------
    Connections
        Ordered by site (as in ``sites``), voltage class, cost of the route. ``distance_km`` is
        straight (EPSG:5179; within 0.1 % of the great circle). ``route_km`` is the length of the
        least-cost route, ``route_oh_km`` overhead and ``route_ug_km`` underground, and
        ``route_bn_krw`` what the double-circuit line costs. ``facility_min_mw`` (exclusive) and
        ``facility_max_mw`` are the bounds of the class and of the feeds. ``second_route_km`` and
    ``second_feed_bn_krw`` are length and cost of the second feed, 0 without. Lead times are the
    usual and the longest of the line. A site without a route to a station in
        reach has no row.

    Raises
    ------
    LayerError
        If a parameter is missing, or a line costs nothing.
    """
    ground = read_ground(layers, scenario.connection.route_cell_m)
    known = layers.parameters
    found = []
    for task in _tasks(sites, headroom, layers, scenario, works, ground):
        one = _options_of_class(task, scenario.solver.threads)
        lead = known.row(f"line{task.bounds[0].voltage_kv:g}_lead_time")
        high = lead.value if lead.high is None else max(lead.high, lead.value)
        one.options["lead_time_years"] = lead.value
        one.options["lead_time_high_years"] = high
        found.append(one)
    if not found:
        return Connections.none(ground.lattice)
    every = join_connections(found)
    place = pd.Series(np.arange(len(sites)), index=sites["site_id"].astype(str))
    order = np.lexsort((np.arange(len(every.options)), every.options["site_id"].map(place)))
    every = every.take(order)
    return Connections(every.options[list(OPTION_COLUMNS)], every.routes, every.second_routes)
