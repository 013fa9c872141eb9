"""National frame: extent and corner of every embedded raster (EPSG:5179)."""

from __future__ import annotations

from typing import Final

from siteopt.lattice import Lattice

__all__ = ["BOUNDS_M", "NATIONAL", "NATIONAL_1KM", "SNAP_M"]

BOUNDS_M: Final = (745_000.0, 1_455_000.0, 1_395_000.0, 2_070_000.0)
"""``(x_min, y_min, x_max, y_max)``, EPSG:5179 metres: Korea with Baengnyeong, Marado, Dokdo."""

SNAP_M: Final = 2_500.0
"""Corners lie on multiples of this, so that 250 m, 500 m, 1.25 km and 2.5 km cells nest."""

NATIONAL: Final = Lattice.covering(BOUNDS_M, 250.0, snap_m=SNAP_M)
"""The 250 m grid of the country: 2,460 rows, 2,600 columns."""

NATIONAL_1KM: Final = Lattice.covering(BOUNDS_M, 1_000.0, snap_m=SNAP_M)
"""The 1 km grid of the country, same extent: 615 rows, 650 columns."""
