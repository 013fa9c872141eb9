"""Eligibility: exclusion reasons of every cell, and the excluded areas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from siteopt._notebook import Shown
from siteopt.errors import ScenarioError
from siteopt.screening.kernel import zones
from siteopt.screening.reason_counts import ReasonCounts, count_codes

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from siteopt.lattice import Lattice
    from siteopt.scenario import Exclusion

__all__ = ["Eligibility", "reason_type"]

_HA_PER_KM2: Final = 100.0

_ROWS_AT_ONCE: Final = 512
"""Rows whose reasons are counted together, so that counting takes little memory."""


def reason_type(bits: int) -> np.dtype[np.unsignedinteger[Any]]:
    """Return the smallest unsigned type that has a bit for each exclusion.

    Parameters
    ----------
    bits : int
        Number of exclusions, 32 at most.

    Examples
    --------
    >>> reason_type(8), reason_type(11)
    (dtype('uint8'), dtype('uint16'))
    """
    found: np.dtype[np.unsignedinteger[Any]] = np.min_scalar_type((1 << max(bits, 1)) - 1)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Eligibility(Shown):
    """Which cells of the country are eligible, and all reasons of those that are not.

    Areas are of land, in km2 of whole cells. For every sum here eligible and excluded land are
    together the land.

    Attributes
    ----------
    lattice : Lattice
        The screening grid, EPSG:5179.
    reasons : ndarray of unsigned int, shape ``lattice.shape``
        Bit i is set where ``exclusions[i]`` excludes the cell; 0 means no reason. Of the smallest
        type that holds all bits (:func:`reason_type`).
    land : ndarray of bool, shape ``lattice.shape``
        Cells that count as land: whose centre is in the polygons of the first exclusion of
        kind ``outside`` (without its strip), or in a province where there is none.
    exclusions : tuple of Exclusion
        In the order of the bits.
    unknown_cells : tuple of int
        For each exclusion the land cells it excludes only because its raster has no value there.
    """

    lattice: Lattice
    reasons: NDArray[np.unsignedinteger[Any]]
    land: NDArray[np.bool_]
    exclusions: tuple[Exclusion, ...]
    unknown_cells: tuple[int, ...]

    def __post_init__(self) -> None:
        self.reasons.flags.writeable = False
        self.land.flags.writeable = False

    @property
    def reason_ids(self) -> list[str]:
        """Ids of the exclusions in the order of their bits."""
        return [exclusion.id for exclusion in self.exclusions]

    @property
    def eligible(self) -> NDArray[np.bool_]:
        """Land cells without any reason, shape ``lattice.shape``."""
        return self.eligible_in(slice(None), slice(None))

    def eligible_in(self, rows: slice, cols: slice) -> NDArray[np.bool_]:
        """Eligible land cells of some rows and columns, in their shape.

        Parameters
        ----------
        rows, cols : slice
            Part of the grid.
        """
        cells: NDArray[np.bool_] = self.reasons[rows, cols] == 0
        cells &= self.land[rows, cols]
        return cells

    @property
    def counts(self) -> ReasonCounts:
        """Land cells by combination of reasons."""
        parts = [
            count_codes(self.reasons[band][self.land[band]], len(self.exclusions))
            for band in self._bands()
        ]
        return ReasonCounts.total(self.exclusions, parts, self.unknown_cells, self.lattice.cell_ha)

    @property
    def nearly_eligible(self) -> NDArray[np.bool_]:
        """Land cells that exactly one reason excludes, shape ``lattice.shape``."""
        one = self.reasons.dtype.type(1)
        single: NDArray[np.bool_] = (self.reasons & (self.reasons - one)) == 0
        single &= self.reasons != 0
        single &= self.land
        return single

    @property
    def land_km2(self) -> float:
        """Area of land."""
        return self._km2(int(np.count_nonzero(self.land)))

    @property
    def eligible_km2(self) -> float:
        """Area of eligible land."""
        bands = (self.eligible_in(band, slice(None)) for band in self._bands())
        return self._km2(sum(int(np.count_nonzero(band)) for band in bands))

    def report(self) -> pd.DataFrame:
        """Return what each reason takes, one row a reason in the order of the bits.

        Returns
        -------
        DataFrame
            ``reason``, ``title_ko``, ``title_en``; ``area_km2`` of land that it excludes;
            ``only_km2`` that it alone excludes; ``land_pct``, its share of the land in per cent;
            ``unknown_km2``, the part of ``area_km2`` that has no data.
        """
        return self.counts.report()

    def overlap(self) -> pd.DataFrame:
        """Return the km2 of land that two reasons both exclude; the diagonal is each one's own.

        Returns
        -------
        DataFrame
            Reason ids on both axes, symmetric.
        """
        return self.counts.overlap()

    def by_province(self, provinces: gpd.GeoDataFrame) -> pd.DataFrame:
        """Return land and eligible land of each province.

        Parameters
        ----------
        provinces : GeoDataFrame
            Polygons in EPSG:5179 with ``province_code``, ``name_ko``, ``name_en``.

        Returns
        -------
        DataFrame
            ``province_code``, ``name_ko``, ``name_en``, ``land_km2``, ``eligible_km2``,
            ``eligible_pct`` of its land, in order of code. Land in no province is not counted.
        """
        ordered = provinces.sort_values("province_code", kind="stable").reset_index(drop=True)
        zone = zones(ordered.geometry.to_numpy(), self.lattice)
        land, eligible = np.zeros((2, len(ordered)), dtype=np.int64)
        for rows in self._bands():
            held = zone[rows] >= 0
            on_land, free = self.land[rows] & held, self.eligible_in(rows, slice(None)) & held
            land += np.bincount(zone[rows][on_land], minlength=len(ordered))
            eligible += np.bincount(zone[rows][free], minlength=len(ordered))
        table: pd.DataFrame = pd.DataFrame(ordered[["province_code", "name_ko", "name_en"]])
        table["land_km2"] = land * self._km2(1)
        table["eligible_km2"] = eligible * self._km2(1)
        table["eligible_pct"] = 100.0 * eligible / np.maximum(land, 1)
        return table

    def why(self, x_m: float, y_m: float) -> list[str]:
        """Return the ids of the reasons that exclude a place; empty where it is eligible.

        Parameters
        ----------
        x_m, y_m : float
            EPSG:5179 metres; the place is judged as the centre of its cell.

        Raises
        ------
        ScenarioError
            If the place is outside the screened frame.
        """
        rows, cols = self.lattice.cells_of(np.array([x_m]), np.array([y_m]))
        if not self.lattice.contains(rows, cols)[0]:
            x_min, y_min, x_max, y_max = self.lattice.bounds_m
            raise ScenarioError(
                f"place ({x_m:.0f}, {y_m:.0f}) lies outside the screened frame, EPSG:5179 x "
                f"{x_min:.0f} to {x_max:.0f}, y {y_min:.0f} to {y_max:.0f}"
            )
        return self.reasons_of(self.reasons[rows[0], cols[0]])

    def reasons_of(self, code: np.uint32 | int) -> list[str]:
        """Return the ids of the reasons whose bits are set in a cell's code.

        Parameters
        ----------
        code : np.uint32 | int
            Bit mask of a cell.
        """
        return [name for bit, name in enumerate(self.reason_ids) if (int(code) >> bit) & 1]

    def _bands(self) -> list[slice]:
        rows = range(0, self.lattice.n_rows, _ROWS_AT_ONCE)
        return [slice(row, min(row + _ROWS_AT_ONCE, self.lattice.n_rows)) for row in rows]

    def _km2(self, cells: int) -> float:
        return cells * self.lattice.cell_ha / _HA_PER_KM2
