"""All kinds of input that a stranger can hand in."""

from __future__ import annotations

from tests.fuzz import caches, geotiffs, grids, parcels, run_folders, shapefiles, tables, tomls
from tests.fuzz.kinds import Kind

__all__ = ["KINDS"]

_PARTS = (parcels, shapefiles, geotiffs, tables, tomls, grids, run_folders, caches)
KINDS: dict[str, Kind] = {kind.name: kind for part in _PARTS for kind in part.KINDS}
