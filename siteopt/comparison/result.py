"""Differences of two runs, as tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from siteopt.comparison.rows import ROW_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Differences"]

_TABLES: Final = (
    "inputs", "layers", "rows", "figures", "sites", "opening", "ranks", "provinces", "reasons",
    "grid", "causes", "cost_shares",
)  # fmt: skip


def _no(*columns: str) -> Callable[[], pd.DataFrame]:
    """Return what makes a table without rows."""
    return lambda: pd.DataFrame(columns=list(columns))


@dataclass(frozen=True, eq=False)
class Differences:
    """Differences of two runs, a table a kind.

    Its attributes are documented in :class:`siteopt.comparison.Comparison`.
    """

    before: str
    after: str
    inputs: pd.DataFrame = field(default_factory=_no("kind", "input", "before", "after"))
    figures: pd.DataFrame = field(
        default_factory=_no("figure", "before", "after", "difference", "unit", "sure")
    )
    sites: pd.DataFrame = field(default_factory=_no("site_id", "change", "sure"))
    ranks: pd.DataFrame = field(
        default_factory=_no("site_id", "name_ko", "name_en", "rank_before", "rank_after")
    )
    grid: pd.DataFrame = field(
        default_factory=_no("run", "family", "limit", "used", "at_most", "binds")
    )
    layers: pd.DataFrame = field(default_factory=_no("layer", "change", "change_ko", "matters"))
    rows: pd.DataFrame = field(default_factory=_no(*ROW_COLUMNS))
    provinces: pd.DataFrame = field(
        default_factory=_no("province_code", "name_ko", "name_en", "difference")
    )
    reasons: pd.DataFrame = field(default_factory=_no("reason", "title_ko", "title_en"))
    opening: pd.DataFrame = field(default_factory=_no("year"))
    causes: pd.DataFrame = field(default_factory=_no("change", "subject", "cause", "how"))
    cost_shares: pd.DataFrame = field(
        default_factory=_no("input", "difference", "low", "high", "unit")
    )
    cost_method: str = ""
    runs_made: int = 0
    notes: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether the answer is the same: plan, figures, eligible land and proven ranks."""
        sure = self.sites["sure"].astype(bool).any() or self.figures["sure"].astype(bool).any()
        return self.ranks.empty and self.provinces.empty and not sure

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values for JSON."""
        return {
            "before": self.before,
            "after": self.after,
            "same_answer": self.is_same,
            **{name: _records(getattr(self, name)) for name in _TABLES},
            "cost_method": self.cost_method,
            "runs_made": self.runs_made,
            "notes": list(self.notes),
        }


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    whole = table.astype(object).where(table.notna(), None)
    return [{str(key): value for key, value in row.items()} for row in whole.to_dict("records")]
