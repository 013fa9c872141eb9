"""Amounts by year, and codes of provinces: types that sections of a scenario share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Discriminator, Field, Tag

__all__ = ["KIND", "ByYear", "Percent", "ProvinceCode", "Year", "in_year", "years_named"]

Year = Annotated[int, Field(ge=2020, le=2060)]
ProvinceCode = Annotated[str, Field(pattern=r"^[0-9]{2}$")]
Percent = Annotated[float, Field(ge=0, le=100)]
KIND = Discriminator(lambda value: "[years]" if isinstance(value, Mapping) else "[number]")
ByYear = Annotated[
    Annotated[Percent, Tag("[number]")] | Annotated[dict[Year, Percent], Tag("[years]")], KIND
]
"""Percent, the same in all years or by year."""


def in_year(value: float | Mapping[int, float], year: int, before: float) -> float:
    """Return what a limit is in a year.

    Parameters
    ----------
    value : float or mapping
        One number, or numbers by the year from which they hold.
    year : int
        Year of the value.
    before : float
        What holds before the first year of a mapping.
    """
    if not isinstance(value, Mapping):
        return float(value)
    known = [key for key in value if key <= year]
    return float(value[max(known)]) if known else before


def years_named(*values: float | Mapping[int, float]) -> list[int]:
    """Return the years in which any of some limits changes; one year where none does."""
    named = {year for value in values if isinstance(value, Mapping) for year in value}
    return sorted(named) or [0]
