"""Exclusion codes of all cells, as in `eligibility.tif`, compressed for the page."""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from pyproj import CRS

from siteopt.lattice import CRS_EPSG

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.report._protocols import EligibilityLike

__all__ = ["NO_LAND", "cell_codes", "land_cells"]

NO_LAND: Final = "outside_land"
"""Name of the bit behind those of the exclusions: no land, by no exclusion."""

_BYTE: Final = 256
_PROJECTION: Final = {
    "Latitude of natural origin": "lat",
    "Longitude of natural origin": "lon",
    "Scale factor at natural origin": "scale",
    "False easting": "x_m",
    "False northing": "y_m",
}


def cell_codes(eligibility: EligibilityLike) -> NDArray[np.uint32]:
    """Return the reasons of every cell, such that 0 is eligible land and nothing else.

    Where the scenario excludes nothing that is outside the land, one more bit marks it.

    Parameters
    ----------
    eligibility : EligibilityLike
        The screened country.
    """
    codes = eligibility.reasons
    bare = ~eligibility.land & (codes == 0)
    if not bare.any():
        return codes
    return np.where(bare, np.uint32(1 << len(eligibility.exclusions)), codes).astype(np.uint32)


def land_cells(eligibility: EligibilityLike) -> dict[str, Any]:
    """Return the cells that the page answers from; ``cells.js`` reads them.

    Parameters
    ----------
    eligibility : EligibilityLike
        The screened country.

    Returns
    -------
    dict
        ``deflate`` (base64 of a zlib stream: the place in ``codes`` of every cell, row by row
        from the north-west corner, ``bytes`` bytes each, the lower one first), ``codes`` (reasons
        as a bit mask) and ``land`` (whether it is land) of each place; ``x_min_m``, ``y_max_m``,
        ``cell_m``, ``n_rows`` and ``n_cols`` of the `Lattice`; ``projection`` (see below).
    """
    lattice = eligibility.lattice
    pairs = cell_codes(eligibility).astype(np.int64) * 2 + eligibility.land
    known, place = np.unique(pairs, return_inverse=True)
    size = 1 if len(known) <= _BYTE else 2
    packed = zlib.compress(place.astype(f"<u{size}").tobytes(), 9)
    return {
        "deflate": base64.b64encode(packed).decode("ascii"),
        "bytes": size,
        "codes": (known // 2).tolist(),
        "land": (known % 2 == 1).tolist(),
        "x_min_m": lattice.x_min_m, "y_max_m": lattice.y_max_m, "cell_m": lattice.cell_m,
        "n_rows": lattice.n_rows, "n_cols": lattice.n_cols,
        "projection": _projection(),
    }  # fmt: skip


def _projection() -> dict[str, float]:
    """Return ellipsoid and transverse Mercator of the CRS of the cells, as PROJ knows them."""
    crs = CRS.from_epsg(CRS_EPSG)
    operation, ellipsoid = crs.coordinate_operation, crs.ellipsoid
    if operation is None or ellipsoid is None:  # pragma: no cover - a projected CRS has both
        raise RuntimeError(f"EPSG:{CRS_EPSG} without projection or ellipsoid")
    known = {
        _PROJECTION[item.name]: float(item.value)
        for item in operation.params
        if item.name in _PROJECTION
    }
    return known | {
        "radius_m": float(ellipsoid.semi_major_metre),
        "inverse_flattening": float(ellipsoid.inverse_flattening),
    }
