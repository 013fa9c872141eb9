"""Areas of land by the reasons that exclude it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from siteopt.scenario import Exclusion

__all__ = ["ReasonCounts", "count_codes"]

_HA_PER_KM2: Final = 100.0

_COUNTABLE_BITS: Final = 20
"""Most reasons whose combinations are counted in one array instead of by sorting."""


@dataclass(frozen=True, slots=True, eq=False)
class ReasonCounts:
    """Cells of land by combination of reasons.

    Attributes
    ----------
    exclusions : tuple of Exclusion
        In the order of their bits.
    codes : ndarray of uint32, shape (n,)
        Combinations of reasons that occur, ascending; 0 is no reason.
    cells : ndarray of int, shape (n,)
        Land cells of each.
    unknown_cells : tuple of int
        For each exclusion the land cells it excludes only because its raster has no value there.
    cell_ha : float
        Area of a cell in hectares.
    """

    exclusions: tuple[Exclusion, ...]
    codes: NDArray[np.uint32]
    cells: NDArray[np.int64]
    unknown_cells: tuple[int, ...]
    cell_ha: float

    @classmethod
    def total(
        cls, exclusions: tuple[Exclusion, ...],
        parts: Sequence[tuple[NDArray[np.uint32], NDArray[np.int64]]],
        unknown_cells: Sequence[int], cell_ha: float,
    ) -> ReasonCounts:  # fmt: skip
        """Add up the counts of windows.

        Parameters
        ----------
        exclusions : tuple of Exclusion
            In the order of their bits.
        parts : sequence of (codes, cells)
            As :func:`count_codes` returns them.
        unknown_cells : sequence of int
            Of all windows together.
        cell_ha : float
            Area of a cell in hectares.
        """
        every = np.concatenate([np.zeros(0, dtype=np.uint32), *(codes for codes, _ in parts)])
        codes, place = np.unique(every, return_inverse=True)
        cells = np.zeros(len(codes), dtype=np.int64)
        np.add.at(cells, place, np.concatenate([np.zeros(0, np.int64), *(n for _, n in parts)]))
        codes, cells = codes[cells != 0], cells[cells != 0]
        return cls(exclusions, codes, cells, tuple(int(n) for n in unknown_cells), cell_ha)

    @property
    def land_km2(self) -> float:
        """Area of land."""
        return self.km2(int(self.cells.sum()))

    @property
    def eligible_km2(self) -> float:
        """Area of land without any reason."""
        return self.km2(int(self.cells[self.codes == 0].sum()))

    @property
    def nearly_eligible_km2(self) -> float:
        """Area of land that exactly one reason excludes."""
        single = (self.codes != 0) & ((self.codes & (self.codes - np.uint32(1))) == 0)
        return self.km2(int(self.cells[single].sum()))

    def report(self) -> pd.DataFrame:
        """Return areas by reason, as :meth:`siteopt.Eligibility.report` describes them."""
        land = max(1, int(self.cells.sum()))
        rows = []
        for bit, exclusion in enumerate(self.exclusions):
            code = np.uint32(1 << bit)
            cells = int(self.cells[(self.codes & code) != 0].sum())
            rows.append(
                {
                    "reason": exclusion.id,
                    "title_ko": exclusion.title.ko,
                    "title_en": exclusion.title.en,
                    "area_km2": self.km2(cells),
                    "only_km2": self.only_km2(bit),
                    "land_pct": 100.0 * cells / land,
                    "unknown_km2": self.km2(self.unknown_cells[bit]),
                }
            )
        return pd.DataFrame(rows)

    def only_km2(self, bit: int) -> float:
        """Return the area of land that one reason alone excludes.

        Parameters
        ----------
        bit : int
            Place of the exclusion.
        """
        return self.km2(int(self.cells[self.codes == np.uint32(1 << bit)].sum()))

    def overlap(self) -> pd.DataFrame:
        """Return areas by pair of reasons, as :meth:`siteopt.Eligibility.overlap` describes."""
        bits = np.arange(len(self.exclusions), dtype=np.uint32)
        has = ((self.codes[:, None] >> bits) & np.uint32(1)).astype(np.int64)
        cells = has.T @ (has * self.cells[:, None])
        ids = [exclusion.id for exclusion in self.exclusions]
        return pd.DataFrame(cells * self.km2(1), index=ids, columns=ids)

    def km2(self, cells: int) -> float:
        """Return the area of so many cells.

        Parameters
        ----------
        cells : int
            Number of cells.
        """
        return cells * self.cell_ha / _HA_PER_KM2


def count_codes(
    reasons: NDArray[np.unsignedinteger[Any]], bits: int
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return each combination of reasons and its number of cells.

    Parameters
    ----------
    reasons : ndarray of unsigned int, shape (n,)
        Bit masks.
    bits : int
        Bits that may be set.
    """
    if bits <= _COUNTABLE_BITS:
        counts: NDArray[Any] = np.bincount(reasons)
        found = np.flatnonzero(counts)
        return found.astype(np.uint32), counts[found].astype(np.int64)
    kinds, counts = np.unique(reasons, return_counts=True)
    return kinds.astype(np.uint32), counts.astype(np.int64)
