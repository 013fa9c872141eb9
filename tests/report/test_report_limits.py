"""Limits on the map: the fields of their keys, the district of an area."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from siteopt.limit_key import KEY_COLUMNS, LimitKey
from siteopt.report._limits import area_districts, limits_payload
from siteopt.report._years import limits_by_year

if TYPE_CHECKING:
    from siteopt.report import RunTables

FIELDS = ("scope", "subject", "voltage_kv", "snapshot", "branches", "more")


def fields(limit: dict[str, Any]) -> dict[str, Any]:
    return {name: limit[name] for name in FIELDS if name in limit}


def test_a_limit_has_the_fields_of_its_key_that_are_set(run_tables: RunTables) -> None:
    found = limits_payload(run_tables, limits_by_year(run_tables))
    by_name = {limit["limit"]: fields(limit) for limit in found}
    assert by_name["target"] == {}
    assert by_name["A 154 kV"] == {"scope": "station", "subject": "A", "voltage_kv": 154.0}
    assert by_name["share 46"] == {"scope": "province", "subject": "46"}
    (flow,) = (fields(limit) for limit in found if limit["family"] == "flows")
    assert flow == {
        "scope": "grid", "subject": "1", "snapshot": "peak",
        "branches": (("L1", ""), ("L3", "L2")), "more": 2,
    }  # fmt: skip


def test_an_area_is_named_after_its_first_district(run_tables: RunTables) -> None:
    key = LimitKey("stations", "area", "A46130")
    area = run_tables.plan.limits.iloc[[1]].assign(
        **{name: [getattr(key, name)] for name in KEY_COLUMNS}
    )
    limits = pd.concat([run_tables.plan.limits, area, area], ignore_index=True)
    assert area_districts(limits) == {"A46130": "46130"}
    plan = replace(run_tables.plan, limits=limits)  # type: ignore[type-var]
    named = limits_payload(
        replace(run_tables, plan=plan), limits_by_year(replace(run_tables, plan=plan))
    )
    assert fields(named[-1]) == {"scope": "area", "subject": "A46130"}
