"""Key of a limit: its family, its subject, and where and when it holds.

Rows of the program, tables of usage, conflicts and perturbations name a limit by its key. The text
for people is made once, in `siteopt.report.limit_names`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KEY_COLUMNS", "LimitKey", "branch_and_outage", "branch_text"]

_BRANCH_TEXT: Final = re.compile(r"(.+?) when (.+) is out")


@dataclass(frozen=True, order=True)
class LimitKey:
    """Which limit it is; equal keys name the same limit."""

    family: str
    """Name of the constraint family."""
    scope: str = ""
    """What the subject is: 'station', 'area', 'basin', 'province', 'site', 'year'; '' for the plan
    as a whole."""
    subject: str = ""
    """Id or code; '' where the limit has no subject."""
    voltage_kv: float = 0.0
    """Voltage of the station level; 0 for all levels together."""
    year: int = 0
    """Year in which it holds; 0 for all years of the plan."""
    side: Literal["", "least", "most"] = ""
    """Which of its two sides; '' for both, or the only one."""
    snapshot: str = ""
    """Of a flow limit: the snapshot of the grid case that it was found in."""
    branches: tuple[tuple[str, str], ...] = ()
    """Of a flow limit: the binding branches, each with the branch that is out ('' for none)."""
    more: int = 0
    """Of a flow limit: number of further binding branches."""

    def __str__(self) -> str:
        """Return the fields that are set, as a name in files of the program."""
        parts = [self.family, self.scope, self.subject]
        parts += [f"{self.voltage_kv:g} kV"] * bool(self.voltage_kv)
        parts += [self.snapshot, *("|".join(filter(None, pair)) for pair in self.branches)]
        parts += [f"{self.more} more"] * bool(self.more) + [str(self.year)] * bool(self.year)
        return " ".join(part for part in [*parts, self.side] if part)

    @classmethod
    def of_row(cls, row: Mapping[Any, Any]) -> LimitKey:
        """Return the key in the columns `KEY_COLUMNS` of a row of a table."""
        return cls(**{name: row[name] for name in KEY_COLUMNS})

    def in_year(self, year: int) -> LimitKey:
        """Return the key of the same limit in a year (0 for all years)."""
        return replace(self, year=year)

    def undated(self) -> LimitKey:
        """Return the key of the same limit without year and side."""
        return replace(self, year=0, side="")


KEY_COLUMNS: Final[tuple[str, ...]] = tuple(part.name for part in fields(LimitKey))
"""Columns that hold the key of a limit."""


def branch_text(branch_id: str, outage_id: str) -> str:
    """Return how files name a branch limit: the branch, and the outage where there is one."""
    return f"{branch_id} when {outage_id} is out" if outage_id else branch_id


def branch_and_outage(text: str) -> tuple[str, str]:
    """Return the branch of a `branch_text` and the branch that is out ('' for none)."""
    match = _BRANCH_TEXT.fullmatch(text)
    return (text, "") if match is None else (match[1], match[2])
