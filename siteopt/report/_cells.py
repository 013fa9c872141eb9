"""Exclusion codes of all cells, as in `eligibility.tif`, compressed for the page."""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from pyproj import CRS

from siteopt.lattice import CRS_EPSG
from siteopt.screening.eligibility import reason_type

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from siteopt.report._protocols import EligibilityLike

    Codes = NDArray[np.unsignedinteger[Any]]

__all__ = ["NO_LAND", "CellCodes", "bands_of", "cell_codes", "distinct", "land_cells"]

NO_LAND: Final = "outside_land"
"""Name of the bit behind those of the exclusions: no land, by no exclusion."""

_BYTE: Final = 256
_ROWS_AT_ONCE: Final = 512
"""Rows that are looked at together, so that a fine grid takes little memory beside its cells."""
_TABLE_MAX: Final = 1 << 22
"""Most values that are looked up in a table instead of by bisection."""
_PROJECTION: Final = {
    "Latitude of natural origin": "lat",
    "Longitude of natural origin": "lon",
    "Scale factor at natural origin": "scale",
    "False easting": "x_m",
    "False northing": "y_m",
}


def bands_of(n_rows: int, height: int = _ROWS_AT_ONCE) -> list[slice]:
    """Return bands of rows that cover a grid once, from the north.

    Parameters
    ----------
    n_rows : int
        Rows of the grid.
    height : int
        Rows of a band; the last one is lower.
    """
    return [slice(row, min(row + height, n_rows)) for row in range(0, n_rows, height)]


def distinct(parts: Iterable[NDArray[Any]]) -> list[int]:
    """Return the values that occur in arrays of whole numbers, ascending.

    Parameters
    ----------
    parts : iterable of ndarray
        Looked at one after another.
    """
    found: set[int] = set()
    for part in parts:
        # counting is some times faster than sorting, where a table of counts is small
        small = part.size and int(part.min()) >= 0 and int(part.max()) < _TABLE_MAX
        met = np.flatnonzero(np.bincount(part.ravel())) if small else np.unique(part)
        found.update(met.tolist())
    return sorted(found)


class CellCodes:
    """The reasons of every cell, such that 0 is eligible land and nothing else.

    Where the scenario excludes nothing that is outside the land, one more bit marks it.

    Parameters
    ----------
    eligibility : EligibilityLike
        The screened country.

    Attributes
    ----------
    bands : list of slice
        Rows to ask for one after another.
    is_marked : bool
        Whether some cell has the bit behind those of the exclusions.
    """

    def __init__(self, eligibility: EligibilityLike) -> None:
        self._reasons, self._land = eligibility.reasons, eligibility.land
        self._bits = len(eligibility.exclusions)
        self.bands = bands_of(eligibility.lattice.n_rows)
        self.is_marked = any(bool(self._bare(rows).any()) for rows in self.bands)

    @property
    def dtype(self) -> np.dtype[np.unsignedinteger[Any]]:
        """Smallest type that holds all codes."""
        return reason_type(self._bits + self.is_marked)

    @property
    def _held(self) -> np.dtype[Any]:
        """Type of the codes in memory: no smaller than that of the reasons."""
        return np.promote_types(self._reasons.dtype, self.dtype)

    def rows(self, rows: slice) -> Codes:
        """Return the codes of some rows.

        Parameters
        ----------
        rows : slice
            From and to.
        """
        codes: Codes = self._reasons[rows].astype(self._held)
        if self.is_marked:
            codes[self._bare(rows)] = 1 << self._bits
        return codes

    def pairs(self, rows: slice) -> NDArray[np.int64]:
        """Return twice the codes of some rows, and one more on land.

        Parameters
        ----------
        rows : slice
            From and to.
        """
        return self.rows(rows).astype(np.int64) * 2 + self._land[rows]

    def whole(self) -> Codes:
        """Return the codes of all cells; no copy where they are the reasons themselves."""
        if not self.is_marked:
            return self._reasons
        codes = np.empty(self._reasons.shape, dtype=self._held)
        for rows in self.bands:
            codes[rows] = self.rows(rows)
        return codes

    def _bare(self, rows: slice) -> NDArray[np.bool_]:
        """Return the cells of some rows that are no land, by no exclusion."""
        bare: NDArray[np.bool_] = self._reasons[rows] == 0
        bare &= ~self._land[rows]
        return bare


def cell_codes(eligibility: EligibilityLike) -> Codes:
    """Return the codes of all cells; see :class:`CellCodes`.

    Parameters
    ----------
    eligibility : EligibilityLike
        The screened country.
    """
    return CellCodes(eligibility).whole()


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
    lattice, codes = eligibility.lattice, CellCodes(eligibility)
    known = np.array(distinct(codes.pairs(rows) for rows in codes.bands), dtype=np.int64)
    size = 1 if len(known) <= _BYTE else 2
    packing = zlib.compressobj(9)
    packed = [
        packing.compress(_places(codes.pairs(rows), known).astype(f"<u{size}").tobytes())
        for rows in codes.bands
    ]
    return {
        "deflate": base64.b64encode(b"".join([*packed, packing.flush()])).decode("ascii"),
        "bytes": size,
        "codes": (known // 2).tolist(),
        "land": (known % 2 == 1).tolist(),
        "x_min_m": lattice.x_min_m, "y_max_m": lattice.y_max_m, "cell_m": lattice.cell_m,
        "n_rows": lattice.n_rows, "n_cols": lattice.n_cols,
        "projection": _projection(),
    }  # fmt: skip


def _places(values: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.integer[Any]]:
    """Return the place of each value among all that occur, which are sorted."""
    if known[-1] >= _TABLE_MAX:
        return np.searchsorted(known, values)
    table = np.zeros(int(known[-1]) + 1, dtype=np.uint32)
    table[known] = np.arange(len(known), dtype=np.uint32)
    return table[values]


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
