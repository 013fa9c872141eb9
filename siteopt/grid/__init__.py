"""Grid: hosting capacity of buses, headroom of stations, connection of sites."""

from __future__ import annotations

from siteopt.grid.assessment import assess
from siteopt.grid.bus_mapping import with_buses
from siteopt.grid.campus_feeds import connect_campuses, with_campus_options, with_campus_stations
from siteopt.grid.case import GridCase, case_of_layers, read_case
from siteopt.grid.connections import Connections, connect_sites, join_connections
from siteopt.grid.headroom import headroom_by_year, station_headroom
from siteopt.grid.hosting import hosting_capacity
from siteopt.grid.oracle import GridOracle, grid_oracle
from siteopt.grid.reinforcements import station_works, with_new_stations, with_works

__all__ = [
    "Connections",
    "GridCase",
    "GridOracle",
    "assess",
    "case_of_layers",
    "connect_campuses",
    "connect_sites",
    "grid_oracle",
    "headroom_by_year",
    "hosting_capacity",
    "join_connections",
    "read_case",
    "station_headroom",
    "station_works",
    "with_buses",
    "with_campus_options",
    "with_campus_stations",
    "with_new_stations",
    "with_works",
]
