"""The grid: what buses can host, what stations have left, how sites connect."""

from __future__ import annotations

from siteopt.grid.connections import Connections, connect_sites, connection_options
from siteopt.grid.headroom import station_headroom
from siteopt.grid.hosting import GridCase, hosting_capacity

__all__ = [
    "Connections", "GridCase", "connect_sites", "connection_options", "hosting_capacity",
    "station_headroom",
]  # fmt: skip
