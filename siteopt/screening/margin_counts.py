"""Margins of nearly eligible land, counted by reason: quantiles, and land won by relaxed limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.screening.limits import limit_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from siteopt.scenario import Exclusion
    from siteopt.screening.limits import AnyLimit, Figures
    from siteopt.screening.reason_counts import ReasonCounts

__all__ = ["RELAXED_PCT", "MarginCounts", "counted"]

RELAXED_PCT: Final = (10, 25, 50)
"""By how many per cent of itself each limit is relaxed in the table."""

_QUANTILES_PCT: Final = (10, 50, 90)

_DROPPED_BITS: Final = 12
"""Bits of a float32 margin that counting leaves out: 11 of its mantissa stay, so that a quantile is
right to 0.03 %."""

_COLUMNS: Final = 3
"""Columns of the counts: reason, rounded margin, cells."""


@dataclass(frozen=True, slots=True, eq=False)
class MarginCounts:
    """Land cells that exactly one reason excludes, counted by reason and margin.

    Attributes
    ----------
    cells : ndarray of int64, shape (n, 3)
        Place of the exclusion, margin (the leading bits of its float32), and number of cells;
        ascending.
    let_in : ndarray of int64, shape (m, 1 + len(RELAXED_PCT))
        Place of the exclusion, and cells that its limit lets in when it is relaxed so far.
    """

    cells: NDArray[np.int64]
    let_in: NDArray[np.int64]

    @classmethod
    def total(cls, parts: Sequence[MarginCounts]) -> MarginCounts:
        """Add up counts of windows or reasons.

        Parameters
        ----------
        parts : sequence of MarginCounts
            In any order.
        """
        cells = np.vstack([np.zeros((0, _COLUMNS), np.int64), *(part.cells for part in parts)])
        empty = np.zeros((0, 1 + len(RELAXED_PCT)), np.int64)
        let_in = np.vstack([empty, *(part.let_in for part in parts)])
        return cls(_summed(cells, 2), _summed(let_in, 1))

    def table(self, exclusions: Sequence[Exclusion], counts: ReasonCounts) -> pd.DataFrame:
        """Return what each reason alone excludes, by how much, and what relaxing it would win.

        Parameters
        ----------
        exclusions : sequence of Exclusion
            In the order of their bits.
        counts : ReasonCounts
            Of the same cells.

        Returns
        -------
        DataFrame
            ``reason``, ``title_ko``, ``title_en``; ``limit`` and its ``unit`` (both empty for one
            without; of a range the ``limit`` is); ``only_km2`` of land that it alone excludes;
            ``measured_km2``, the part that another limit could let in; ``margin_p10``,
            ``margin_p50``, ``margin_p90``, quantiles of their margins in the unit of the limit;
            ``won_10_pct_km2``, ``won_25_pct_km2``, ``won_50_pct_km2``, the land that the limit lets
            in when it is relaxed by so many per cent of itself.
        """
        rows = []
        for bit, exclusion in enumerate(exclusions):
            limit = limit_of(exclusion)
            own = self.cells[self.cells[:, 0] == bit]
            won = self.let_in[self.let_in[:, 0] == bit, 1:].sum(axis=0)
            row: dict[str, object] = {
                "reason": exclusion.id,
                "title_ko": exclusion.title.ko,
                "title_en": exclusion.title.en,
                "limit": np.nan if limit is None else limit.value,
                "unit": "" if limit is None else limit.unit,
                "only_km2": counts.only_km2(bit),
                "measured_km2": counts.km2(int(own[:, 2].sum())),
            }
            for pct in _QUANTILES_PCT:
                row[f"margin_p{pct}"] = _quantile(own, pct)
            for pct, cells in zip(RELAXED_PCT, won, strict=True):
                row[f"won_{pct}_pct_km2"] = counts.km2(int(cells))
            rows.append(row)
        return pd.DataFrame(rows)


def counted(bit: int, limit: AnyLimit, figures: Figures) -> MarginCounts:
    """Count the margins of cells that one reason alone excludes.

    Parameters
    ----------
    bit : int
        Place of the exclusion.
    limit : Limit
        Its limit.
    figures : ndarray of float
        What it compares with the limit; NaN is not counted.
    """
    margins = limit.margin(figures[~np.isnan(figures)]).astype(np.float32)
    codes = margins.view(np.uint32).astype(np.int64)
    # Rounded half up, so that margins of up to 12 bits are kept as they are.
    codes = (codes + (1 << (_DROPPED_BITS - 1))) >> _DROPPED_BITS
    tally = np.bincount(codes)
    kept = np.flatnonzero(tally)
    cells = np.column_stack([np.full(len(kept), bit), kept, tally[kept]]).astype(np.int64)
    let_in = [int(np.count_nonzero(limit.lets_in(figures, pct / 100.0))) for pct in RELAXED_PCT]
    return MarginCounts(cells, np.array([[bit, *let_in]], dtype=np.int64))


def _summed(rows: NDArray[np.int64], keys: int) -> NDArray[np.int64]:
    """Return one row for each different beginning, with the sums of the rest."""
    kinds, place = np.unique(rows[:, :keys], axis=0, return_inverse=True)
    sums = np.zeros((len(kinds), rows.shape[1] - keys), dtype=np.int64)
    np.add.at(sums, place.ravel(), rows[:, keys:])
    return np.hstack([kinds, sums])


def _quantile(own: NDArray[np.int64], pct: int) -> float:
    """Return the least margin that so many per cent of cells do not exceed (nearest rank)."""
    if not len(own):
        return float("nan")
    below = np.cumsum(own[:, 2])
    place = int(np.searchsorted(100 * below, pct * below[-1]))
    code = np.array([own[place, 1] << _DROPPED_BITS], dtype=np.uint32)
    return float(code.view(np.float32)[0])
