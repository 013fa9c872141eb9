"""The grid: what buses can host, what stations have left, how sites connect."""

from __future__ import annotations

from siteopt.grid.case import GridCase, case_of_layers, read_case
from siteopt.grid.connections import connection_options
from siteopt.grid.headroom import station_headroom
from siteopt.grid.hosting import hosting_capacity

__all__ = [
    "GridCase",
    "case_of_layers",
    "connection_options",
    "hosting_capacity",
    "read_case",
    "station_headroom",
]
