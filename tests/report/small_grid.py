"""The grid of the small run: three buses, what they host, what the plan does, an assessment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siteopt.grid.impact import ImpactItem, Scoring
from siteopt.limit_key import LimitKey

if TYPE_CHECKING:
    import geopandas as gpd

FLOW = LimitKey("flows", "grid", "1", snapshot="peak", branches=(("L1", ""), ("L3", "L2")), more=2)
"""A flow limit as the program names it."""


@dataclass
class SmallImpact:
    table: pd.DataFrame
    scoring: Scoring


def grid_tables() -> dict[str, pd.DataFrame]:
    """Three buses, L2 and L3 side by side, two snapshots."""
    branches = pd.DataFrame(
        {"branch_id": ["L1", "L2", "L3"], "from_bus": ["1", "2", "3"], "to_bus": ["2", "3", "2"]}
    )
    snapshots = pd.DataFrame(
        [("peak", "계통 최대수요", "System peak"), ("noon", "봄철 한낮", "Spring noon")],
        columns=["snapshot_id", "title_ko", "title_en"],
    )
    hosting = pd.DataFrame(
        [
            (snapshot, security, bus, 1000.0 * int(bus) - minus, limit, 700.0, "L3", cut, held)
            for snapshot, cut, held in (("peak", 0.0, 0.0), ("noon", 12.5, 400.0))
            for security, minus, limit in (("none", 0.0, "L1"), ("n-1", 900.0, "L2 when L1 is out"))
            for bus in ("1", "2", "3")
        ],
        columns=["snapshot_id", "security", "bus_id", "hosting_mw", "binding_branch",
                 "injection_mw", "injection_branch", "curtailed_mw", "held_back_mw"],
    )  # fmt: skip
    hosting.loc[hosting["bus_id"] == "3", ["curtailed_mw", "held_back_mw"]] = 0.0
    return {"case_branches": branches, "snapshots": snapshots, "hosting": hosting}


def impact(found: gpd.GeoDataFrame) -> SmallImpact:
    """Two items computed, one unknown, and voltage; S0020 has no connection, S0022 is too small."""

    def item(name: str, ko: str, en: str, most: float, least: float, kind: str) -> ImpactItem:
        computable = name in {"system_margin", "dispersion"}
        return ImpactItem(name, "technical", ko, en, most, least, kind, computable, "", "published")  # type: ignore[arg-type]

    scoring = Scoring(
        "draft-2024",
        (
            item("system_margin", "계통 여유도", "System margin", 15.0, 0.0, "points"),
            item(
                "voltage", "적정전압 유지 가능 여부", "Voltage can be kept", 0.0, 0.0, "pass_fail"
            ),
            item("policy_fit", "전력정책 부합도", "Fit with energy policy", 75.0, 0.0, "points"),
            item(
                "dispersion", "수요 분산화 효과", "Dispersion of demand", 15.0, -15.0, "bonus_malus"
            ),
        ),
    )
    table = pd.DataFrame(index=pd.Index(found["site_id"], name="site_id"))
    table["impact_applies"] = table.index != "S0022"
    table["impact_system_margin_points"] = 7.5
    table["impact_dispersion_points"] = np.where(table.index == "S0001", np.nan, -2.25)
    known = table["impact_dispersion_points"].notna()
    table["impact_points"] = np.where(known, 5.25, 7.5)
    table["impact_points_possible"] = np.where(known, 30.0, 15.0)
    table["impact_points_unknown"] = np.where(known, 75.0, 90.0)
    table["impact_total_min"] = np.where(known, 5.25, -7.5)
    table["impact_total_max"] = np.where(known, 80.25, 97.5)
    table["impact_pass_score"] = 70.0
    small = table.index == "S0022"
    table.loc[small, [name for name in table.columns if name != "impact_applies"]] = np.nan
    table["impact_version"] = "draft-2024"
    return SmallImpact(table.drop(index="S0020"), scoring)


def plan_tables() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return account, further load by province, and prices of the flow limit."""
    account = pd.DataFrame(
        [("peak", 1000.0, 375.0, 0.5, 0.75, 0.0, 1e-5, "L1"),
         ("noon", 400.0, 375.0, 0.1, 0.1, 120.0, 20.0, "")],
        columns=["snapshot_id", "demand_mw", "load_mw", "cost_before_bn_krw_h",
                 "cost_after_bn_krw_h", "curtailed_before_mw", "curtailed_after_mw", "overloads"],
    )  # fmt: skip
    further = pd.DataFrame(
        [
            ("47", "peak", -0.0, []),
            ("46", "peak", 61.04, [("L1", ""), ("L2", "L1"), ("L3", ""), ("L2", "")]),
        ],
        columns=["province_code", "snapshot_id", "further_mw", "branches"],
    )
    prices = pd.DataFrame({"subject": "1", "bus_id": ["1", "2", "3"], "price": [1.0, 0.5, 0.1]})
    return account, further, prices
