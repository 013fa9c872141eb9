"""Connection of campuses: a substation of their own, fed by double circuits from two stations.

No published headroom covers gigawatts at one place, so a campus draws on no headroom: all its
capacity comes with its works, the substation on the campus and two lines of two circuits each,
from two different stations of the same voltage. What it can draw is what one of the two lines
carries with the other out (parameters ``campus_feed345_mw``, ``campus_feed765_mw``). The first
line may start at a new 345 kV station of the grid operator, looped into a line that stands.

Whether the grid behind those stations can feed it is for the flow limits of the grid case, with
the whole load at the bus of the station of the first line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.grid._station_search import cheapest, points_xy, second_feeds
from siteopt.grid.connections import OPTION_COLUMNS, Connections, join_connections
from siteopt.grid.new_stations import NEW_STATION_KV, new_stations
from siteopt.grid.reinforcements import TO_BE_BUILT
from siteopt.grid.routes import cost_surface, find_routes, read_ground
from siteopt.grid.stations import connectable
from siteopt.proximity import nearest_points

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from siteopt.grid.routes import Ground
    from siteopt.layers.store import Layers
    from siteopt.scenario import Campus, CampusClass, Scenario

__all__ = ["CAMPUS_WORKS", "connect_campuses", "with_campus_options", "with_campus_stations"]

CAMPUS_WORKS: Final = "campus"
"""Works of a campus begin with this: ``campus345``, ``campus765``, ``campus345+station345``."""

_NEW: Final = "+station345"


def connect_campuses(campuses: gpd.GeoDataFrame, layers: Layers, scenario: Scenario) -> Connections:
    """Return the connection options of campuses with their routes.

    For each voltage of the campus section the ``options_per_class`` stations with the cheapest
    lines, of the nearest within ``feed_km``, each as the first feed with the cheapest other one as
    the second; and, at 345 kV with ``new_345_stations``, the nearest station that may be built as
    the first feed. A campus with one station only in reach has no option of that voltage.

    Parameters
    ----------
    campuses : GeoDataFrame
        Points in EPSG:5179 with ``site_id``.
    layers : Layers
        ``stations``, ``new_stations``, what :func:`siteopt.grid.routes.read_ground` reads, and
        the parameters of lines and campuses.
    scenario : Scenario
        ``candidates.campus`` and ``connection``.

    Returns
    -------
    Connections
        Columns ``OPTION_COLUMNS``, ``works``, ``works_bn_krw``, ``works_campus_bn_krw`` (of the
        substation on the campus alone), ``relief_mw``, ``level_station_id`` (the campus itself:
        its station level is its own) and ``extra_bays`` (those of the second feed beyond a single
        circuit's); sorted by site and option.

    Raises
    ------
    LayerError
        If a parameter is missing, or a line costs nothing.
    """
    campus, found = scenario.candidates.campus, []
    ground = read_ground(layers, scenario.connection.route_cell_m)
    if campus is None or campuses.empty:
        return Connections.none(ground.lattice)
    for voltage in campus.classes:
        one = _of_class(campuses, layers, scenario, campus, voltage, ground)
        if one is not None:
            found.append(one)
    if not found:
        return Connections.none(ground.lattice)
    every = join_connections(found)
    names = every.options[["site_id", "option_id"]].astype(str)
    return every.take(np.lexsort((names["option_id"], names["site_id"])))


def _of_class(  # noqa: PLR0913, PLR0917 - the tables that meet here
    campuses: gpd.GeoDataFrame,
    layers: Layers,
    scenario: Scenario,
    campus: Campus,
    voltage: CampusClass,
    ground: Ground,
) -> Connections | None:
    """Return the options of one voltage; None where no station of it is in reach."""
    kv, settings, known = voltage.voltage_kv, scenario.connection, layers.parameters
    stations, stands = _stations(layers, kv, with_new=settings.new_345_stations)
    if stations.empty:
        return None
    surface = cost_surface(ground, kv, known, all_underground=settings.underground)
    site, station = _tried(campuses, stations, stands, scenario, campus)
    if not len(site):
        return None
    pairs = np.column_stack([site, station])
    routes = find_routes(
        surface, points_xy(campuses), points_xy(stations), pairs, scenario.solver.threads
    )
    counts = np.array([settings.options_per_class, 1])
    kept = cheapest(site, np.where(stands[station], 0, 1), routes.table, counts)
    second = second_feeds(site, station, stands[station], routes, kept)
    kept, second = kept[second >= 0], second[second >= 0]
    if not len(kept):
        return None
    table = _table(campuses, stations, stands, site, station, kept, second, kv)
    first_routes, second_routes = routes.take(kept), routes.take(second)
    for name in ("route_km", "route_oh_km", "route_ug_km", "route_bn_krw"):
        table[name] = first_routes.table[name].to_numpy()
    table["second_route_km"] = second_routes.table["route_km"].to_numpy()
    table["second_feed_bn_krw"] = second_routes.table["route_bn_krw"].to_numpy()
    table["facility_min_mw"], table["facility_max_mw"] = 0.0, voltage.facility_max_mw
    table["relief_mw"] = known.value(f"campus_feed{kv:g}_mw")
    table = _with_works(table, ~stands[station[kept]], kv, layers)
    return Connections(table[[*OPTION_COLUMNS, *_MORE]], first_routes, second_routes)


_MORE: Final = (
    "works", "works_bn_krw", "relief_mw", "level_station_id", "extra_bays",
    "works_campus_bn_krw",
)  # fmt: skip


def _stations(
    layers: Layers, kv: float, *, with_new: bool
) -> tuple[gpd.GeoDataFrame, NDArray[np.bool_]]:
    """Return stations with lines of a voltage, those that may be built last, and which stand."""
    table = connectable(layers.vector("stations"))
    table = table[table[f"circuits_{kv:g}"] > 0].sort_values("station_id")
    standing = table[["station_id", "geometry"]]
    if not with_new or kv != NEW_STATION_KV:
        return standing.reset_index(drop=True), np.ones(len(standing), dtype=np.bool_)
    new = new_stations(layers)[["station_id", "geometry"]]
    both = pd.concat([standing, new], ignore_index=True)
    return both, np.arange(len(both)) < len(standing)


def _tried(
    campuses: gpd.GeoDataFrame,
    stations: gpd.GeoDataFrame,
    stands: NDArray[np.bool_],
    scenario: Scenario,
    campus: Campus,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs of campus and station to seek routes for, standing stations first."""
    settings, here, there = scenario.connection, points_xy(campuses), points_xy(stations)
    sites, ends = [], []
    for is_there, wanted in (
        (True, settings.options_per_class + settings.spare_stations + 1),
        (False, 1),
    ):
        rows = np.flatnonzero(stands == is_there)
        if len(rows):
            site, place, _ = nearest_points(here, there[rows], wanted, campus.feed_km * 1000.0)
            sites.append(site)
            ends.append(rows[place])
    site, station = np.concatenate(sites), np.concatenate(ends)
    order = np.lexsort((np.arange(len(site)), ~stands[station], site))
    return site[order], station[order]


def _table(  # noqa: PLR0913, PLR0917 - the arrays of all pairs
    campuses: gpd.GeoDataFrame,
    stations: gpd.GeoDataFrame,
    stands: NDArray[np.bool_],
    site: NDArray[np.int64],
    station: NDArray[np.int64],
    kept: NDArray[np.int64],
    second: NDArray[np.int64],
    kv: float,
) -> pd.DataFrame:
    """Return ids, voltages and distances of the options."""
    site_id = campuses["site_id"].astype(str).to_numpy(dtype=object)[site[kept]]
    names = stations["station_id"].astype(str).to_numpy(dtype=object)
    one, other = names[station[kept]], names[station[second]]
    works = np.where(stands[station[kept]], f"{CAMPUS_WORKS}{kv:g}", f"{CAMPUS_WORKS}{kv:g}{_NEW}")
    away = points_xy(campuses)[site[kept]] - points_xy(stations)[station[kept]]
    return pd.DataFrame(
        {
            "option_id": [
                f"{name}@{first}&{last}-{kv:g}+{work}"
                for name, first, last, work in zip(site_id, one, other, works, strict=True)
            ],
            "site_id": site_id,
            "station_id": one,
            "voltage_kv": kv,
            "station_kv": kv,
            "distance_km": np.hypot(*away.T) / 1000.0,
            "second_station_id": other,
            "headroom_mw": 0.0,
            "station_headroom_confidence": TO_BE_BUILT,
            "headroom_area_id": "",
            "works": works.astype(object),
            "level_station_id": site_id,
        }
    )


def _with_works(
    table: pd.DataFrame, is_new: NDArray[np.bool_], kv: float, layers: Layers
) -> pd.DataFrame:
    """Return options with the cost of their works, the bays and the years that all of it takes."""
    known = layers.parameters
    cost = np.full(len(table), known.value(f"works_campus{kv:g}_cost"))
    leads = [known.row(f"line{kv:g}_lead_time"), known.row(f"works_campus{kv:g}_lead_time")]
    usual = np.full(len(table), max(lead.value for lead in leads))
    longest = np.full(len(table), max(max(lead.high or 0.0, lead.value) for lead in leads))
    if is_new.any():
        lead = known.row("works_station345_lead_time")
        cost += np.where(is_new, known.value("works_station345_cost"), 0.0)
        usual = np.where(is_new, np.maximum(usual, lead.value), usual)
        longest = np.where(is_new, np.maximum(longest, max(lead.high or 0.0, lead.value)), longest)
    return table.assign(
        works_bn_krw=cost,
        works_campus_bn_krw=known.value(f"works_campus{kv:g}_cost"),
        lead_time_years=usual,
        lead_time_high_years=longest,
        extra_bays=known.value("bays_per_connection") - known.value("second_feed_bays"),
    )


def with_campus_options(connections: Connections, campuses: Connections) -> Connections:
    """Return the options of tiles and complexes with those of campuses after them.

    Parameters
    ----------
    connections : Connections
        Of :func:`siteopt.grid.reinforcements.with_works`; each draws on the level of its station.
    campuses : Connections
        Of :func:`connect_campuses`.
    """
    if connections.options.empty:
        return campuses
    options = connections.options
    own = options.assign(
        level_station_id=options["station_id"], extra_bays=0.0, works_campus_bn_krw=0.0
    )
    return join_connections(
        [Connections(own, connections.routes, connections.second_routes), campuses]
    )


def with_campus_stations(room: pd.DataFrame, options: pd.DataFrame) -> pd.DataFrame:
    """Return headroom with a level of 0 MW for the substation of every campus.

    Parameters
    ----------
    room : DataFrame
        Headroom of the program: ``station_id, voltage_kv, headroom_mw`` and, where it has them,
        ``year``.
    options : DataFrame
        Options of campuses: ``level_station_id, station_kv, station_id``.

    Returns
    -------
    DataFrame
        Sorted by station, voltage and year.
    """
    own = options[options["level_station_id"] != options["station_id"]]
    levels = own[["level_station_id", "station_kv"]].drop_duplicates()
    rows = pd.DataFrame(
        {
            "station_id": levels["level_station_id"], "voltage_kv": levels["station_kv"],
            "headroom_mw": 0.0, "method": "a substation on a campus", "confidence": TO_BE_BUILT,
            "injection_confidence": "unknown", "bus_rule": "air",
        }
    ).reindex(columns=room.columns)  # fmt: skip
    rows["year"] = int(room["year"].min())
    if "area_id" in rows:
        rows["area_id"] = ""
    rows["bus_id"] = rows["bus_id"].astype(room["bus_id"].dtype)
    keys = ["station_id", "voltage_kv", "year"]
    return pd.concat([room, rows], ignore_index=True).sort_values(keys, ignore_index=True)
