"""Limits of a plan for the map: the fields of their keys beside usage and room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from siteopt.layers.headroom_areas import district_of_area
from siteopt.report._groups import group_names
from siteopt.report.limit_names import keys_of

if TYPE_CHECKING:
    import pandas as pd

    from siteopt.limit_key import LimitKey
    from siteopt.report.run_tables import RunTables

__all__ = ["area_districts", "limits_payload"]

_FIELDS: Final = ("scope", "subject", "voltage_kv", "snapshot", "branches", "more")
"""Fields of a key by which the map names its limit; family and year are in the record."""


def limits_payload(tables: RunTables, limits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the limits of a plan, each with the fields of its key that are set.

    Parameters
    ----------
    tables : RunTables
        Results of all stages of the run.
    limits : list of dict
        Records of the plan's limits, in the order of its table.
    """
    keys, names = keys_of(tables.plan.limits), group_names(tables.scenario)
    return [
        limit | _fields(key) | ({"name": names[key.subject]} if key.scope == "group" else {})
        for limit, key in zip(limits, keys, strict=True)
    ]


def _fields(key: LimitKey) -> dict[str, Any]:
    return {name: value for name in _FIELDS if (value := getattr(key, name))}


def area_districts(limits: pd.DataFrame) -> dict[str, str]:
    """Return the district that each area with a limit is named after, by the id of the area.

    Parameters
    ----------
    limits : DataFrame
        Limits of the plan, with the columns of `LimitKey`.
    """
    areas = limits.loc[limits["scope"] == "area", "subject"].drop_duplicates()
    return {area: district_of_area(area) for area in areas}
