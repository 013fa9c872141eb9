"""Small runs with every kind of verdict: must-build, phased, impossible, bounded, complex, parcel."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from siteopt.report import RunTables


def with_every_verdict(tables: RunTables) -> RunTables:
    """Return a small run in which S0003 must be built, and others are known in every way.

    S0001 is known exactly, S0002 is as good as the plan, S0004 lies between two bounds, S0005
    below one, of S0006 nothing is known, S0007 was ruled out, S0008 is a parcel too small, S0020
    has no connection, S0021 cannot be had with all limits together, S0003 is a complex.
    """
    ranking = tables.ranking.copy().set_index("site_id")
    columns = ["proof", "regret_bn_krw", "lower_bn_krw", "upper_bn_krw", "reason"]
    ranking.loc["S0003", ["proof", "value_bn_krw", "lower_bn_krw", "upper_bn_krw"]] = [
        "indispensable", np.inf, np.inf, np.inf,
    ]  # fmt: skip
    known = {
        "S0001": ("exact", 12.345, 12.345, 12.345, ""),
        "S0002": ("exact", 0.0, 0.0, 0.0, ""),
        "S0004": ("bounded", np.nan, 2.5, 30.0, ""),
        "S0005": ("bounded", np.nan, 0.0, 40.0, ""),
        "S0006": ("bounded", np.nan, 0.0, np.inf, ""),
        "S0007": ("impossible", np.nan, np.nan, np.nan, "excluded"),
        "S0008": ("impossible", np.nan, np.nan, np.nan, "size"),
        "S0021": ("impossible", np.nan, np.nan, np.nan, "limits"),
    }
    for site, row in known.items():
        ranking.loc[site, columns] = row
    gone = ranking["proof"] == "impossible"
    for column in ("rank", "tied"):
        ranking[column] = ranking[column].where(~gone)
    ranking["headroom_proof"] = np.where(ranking["chosen"] | gone, None, "not computed")
    more = {"S0001": ("exact", 25.5, 25.5), "S0004": ("bounded", np.nan, 12.25), "S0005": ("not enough", np.nan, np.nan)}  # fmt: skip
    for site, row in more.items():
        ranking.loc[site, ["headroom_proof", "headroom_more_mw", "headroom_more_low_mw"]] = row
    ranking.loc["S0001", ["with_it_mw", "with_cost_bn_krw", "replaces"]] = [160.0, 2184.5, "S0003"]
    ranking["stations"] = "A 154 220.0 published-cap 420.0; B 345 0.0 to-be-built 1425.0"
    ranking["first_year"] = np.where(ranking.index == "S0008", 2037, 2031)
    sites = tables.sites.copy()
    parcel = sites["site_id"] == "S0008"
    sites.loc[parcel, ["kind", "it_max_mw"]] = ["parcel", 20.0]
    described = tables.described.assign(
        basin_id="yeongsan", basin_name_ko="영산강", basin_name_en="Yeongsan River",
        water_m3_day_per_mw=4.0,
    )  # fmt: skip
    limits = tables.plan.limits.copy()
    water = limits.iloc[[0]].assign(
        family="basins", scope="basin", subject="yeongsan", year=0, used=1200.0, at_least=-np.inf, at_most=1300.0,
        unit="m3_day", slack=100.0, binds=False,
    )  # fmt: skip
    limits = pd.concat([limits, water], ignore_index=True)
    asked = tables.scenario.model_dump() | {"sites": {"must": ["S0003"], "must_not": ["S0007"]}}
    return replace(
        tables, ranking=ranking.reset_index(), sites=sites, described=described,
        scenario=type(tables.scenario).model_validate(asked),
        plan=replace(tables.plan, limits=limits),  # type: ignore[type-var]
        pv_mwh_per_mw=80_000.0,
    )  # fmt: skip
