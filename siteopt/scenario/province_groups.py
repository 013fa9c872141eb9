"""Groups of provinces with limits of their own: Honam, Yeongnam, or a list of the user's.

Groups that have a name in administrative usage are rows of ``province_groups.csv`` in the data
folder, with source and confidence. A limit holds for all provinces of a group together.
"""

from __future__ import annotations

import csv
import difflib
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Self

from pydantic import Field, model_validator

from siteopt._data import data_folder
from siteopt.scenario._base import Model, Text
from siteopt.scenario._by_year import ByYear, ProvinceCode, in_year, years_named

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["NamedGroup", "ProvinceGroup", "named_groups", "with_named_groups"]


class NamedGroup(NamedTuple):
    """A row of ``province_groups.csv``."""

    ko: str
    en: str
    provinces: tuple[str, ...]
    source: str
    confidence: str


class ProvinceGroup(Model):
    """Limits of some provinces together, in every year of the plan."""

    provinces: list[ProvinceCode] = []
    """Codes of the provinces; those of ``province_groups.csv`` where the group is named there."""
    title: Text | None = None
    """What people read; the name in ``province_groups.csv``, else the key."""
    min_pct: ByYear = 0.0
    """At least this share of the target of the year."""
    max_pct: ByYear = 100.0
    """At most this share of the target of the year."""
    min_mw: Annotated[float, Field(ge=0)] = 0.0
    """At least this much IT load in the last year, in MW."""
    max_mw: Annotated[float, Field(ge=0)] | None = None
    """At most this much IT load in any year, in MW."""

    @model_validator(mode="after")
    def _bounds_are_ordered(self) -> Self:
        if not self.provinces:
            raise ValueError("provinces is empty; give codes of two digits, such as 29")
        twice = [code for code in self.provinces if self.provinces.count(code) > 1]
        if twice:
            raise ValueError(f"provinces names {twice[0]} twice; name it once")
        for year in years_named(self.min_pct, self.max_pct):
            low, high = in_year(self.min_pct, year, 0.0), in_year(self.max_pct, year, 100.0)
            if low > high:
                raise ValueError(f"min_pct ({low:g}) must not exceed max_pct ({high:g})")
        if self.max_mw is not None and self.min_mw > self.max_mw:
            raise ValueError(f"min_mw ({self.min_mw:g}) must not exceed max_mw ({self.max_mw:g})")
        return self


@cache
def named_groups() -> dict[str, NamedGroup]:
    """Return the groups that have a name in administrative usage, by id."""
    text = (data_folder() / "province_groups.csv").read_text(encoding="utf-8")
    return {
        row["group_id"]: NamedGroup(
            row["name_ko"],
            row["name_en"],
            tuple(row["provinces"].split(";")),
            row["source"],
            row["confidence"],
        )
        for row in csv.DictReader(text.splitlines())
    }


def with_named_groups(groups: Mapping[str, Any]) -> dict[str, Any]:
    """Return groups as a scenario has them with provinces and titles of those that are named.

    Parameters
    ----------
    groups : mapping
        Groups by key, not checked yet.

    Raises
    ------
    ValueError
        If one has no provinces and no group has its name.
    """
    found = {}
    for key, group in groups.items():
        plain = group.model_dump() if isinstance(group, ProvinceGroup) else group
        if isinstance(plain, dict):
            known = named_groups().get(key)
            if known is not None and not plain.get("provinces"):
                plain = plain | {"provinces": list(known.provinces)}
                if plain.get("title") is None:
                    plain["title"] = {"ko": known.ko, "en": known.en}
            elif not plain.get("provinces"):
                near = difflib.get_close_matches(str(key), named_groups(), n=1)
                hint = f"; did you mean {near[0]}?" if near else "."
                raise ValueError(
                    f"groups.{key}: no group of that name{hint} Give provinces, a list of codes, or "
                    f"one of {', '.join(named_groups())}"
                )
        found[key] = plain
    return found
