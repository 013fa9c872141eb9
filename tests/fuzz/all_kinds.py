"""All kinds of input that a stranger can hand in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fuzz import (
    caches,
    geopackages,
    geotiffs,
    grid_tables,
    hourly_tables,
    matpower_files,
    parcels,
    run_folders,
    shapefiles,
    site_lists,
    tables,
    tomls,
)

if TYPE_CHECKING:
    from tests.fuzz.kinds import Kind

__all__ = ["KINDS"]

_PARTS = (
    parcels,
    shapefiles,
    geopackages,
    geotiffs,
    tables,
    tomls,
    matpower_files,
    grid_tables,
    hourly_tables,
    run_folders,
    caches,
    site_lists,
)
KINDS: dict[str, Kind] = {kind.name: kind for part in _PARTS for kind in part.KINDS}
