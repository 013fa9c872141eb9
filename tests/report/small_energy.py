"""Clean energy of the small run: a plan with figures that can be checked by hand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siteopt.scenario import Scenario

if TYPE_CHECKING:
    from siteopt.report import RunTables

LOAD_MW = 300.0
HOURS = 8760
WORST_FROM = 745
"""First hour of the worst week: 0 h on 1 February."""


@dataclass(frozen=True)
class SmallScores:
    hourly_share: float
    annual_share: float
    excess_mwh: float = 131_400.0
    import_mwh: float = 657_000.0
    co2_t: float = 250_000.4
    load_mwh: float = LOAD_MW * HOURS
    used_mwh: float = LOAD_MW * HOURS - 657_000.0


@dataclass(frozen=True)
class SmallCleanPlan:
    sources: pd.DataFrame
    stock: pd.DataFrame
    hours: pd.DataFrame
    buses: pd.DataFrame
    curtailment: pd.DataFrame
    year: int = 2035
    load_mw: float = LOAD_MW
    krw_kwh: float = 152.34
    part_krw_kwh: dict[str, float] = field(
        default_factory=lambda: {
            "carbon": 3.0, "excess": -4.66, "solar": 40.0, "onshore_wind": 60.0, "adders": 20.0,
            "grid": 30.0, "storage": 4.0, "redispatch": 0.0,
        }
    )  # fmt: skip
    used_up: list[tuple[str, float]] = field(
        default_factory=lambda: [("onshore_wind built", 900.0), ("onshore_wind operating", 211.7)]
    )
    storage_mw: float = 50.0
    storage_mwh: float = 200.0
    worst_week_from_hour: int = WORST_FROM
    worst_week_share: float = 0.41234
    program: SmallScores = SmallScores(0.80, 0.93)
    year_scores: SmallScores = SmallScores(0.786, 0.917, excess_mwh=157_680.0)
    atlas: pd.DataFrame = field(default_factory=pd.DataFrame)


def small_clean_plan() -> SmallCleanPlan:
    """Return a plan of 300 MW: by day all from contracts, by night a third; Honam curtails at noon."""
    sources = pd.DataFrame(
        [
            ("onshore_wind potential 3", "onshore_wind", "potential", 3, False, 600.0, 900.0, 150.0, 24.0, 1261.4),
            ("onshore_wind operating 1", "onshore_wind", "operating", 1, True, 211.7, 211.7, 140.0, 24.0, 445.1),
            ("solar potential 2", "solar", "potential", 2, False, 150.0, 4000.0, 130.0, 15.0, 197.1),
        ],
        columns=["source", "technology", "status", "zone", "managed", "mw", "most_mw", "krw_kwh",
                 "yield_pct", "gwh"],
    )  # fmt: skip
    stock = pd.DataFrame(
        [
            ("onshore_wind", "operating", 2117.4, 211.7),
            ("onshore_wind", "potential", 10_000.0, 600.0),
            ("solar", "operating", 27_998.0, 0.0),
            ("solar", "potential", 70_000.0, 150.0),
        ],
        columns=["technology", "status", "mw", "contracted_mw"],
    )
    hour = np.arange(HOURS) % 24
    used = np.where((hour >= 6) & (hour < 18), LOAD_MW, 100.04)
    hours = pd.DataFrame(
        {
            "contracts_mw": used, "charge_mw": 0.0, "discharge_mw": 0.0, "used_mw": used,
            "excess_mw": 0.0, "import_mw": LOAD_MW - used, "grid_clean": 0.45,
        }
    )  # fmt: skip
    buses = pd.DataFrame(
        {
            "bus_id": ["1", "2", "3"], "lon": [126.7, 127.0, 128.7], "lat": [35.0, 35.3, 36.6],
            "province_code": ["46", "46", "47"], "krw_kwh": [150.04, 151.0, 158.26],
        }
    )  # fmt: skip
    return SmallCleanPlan(sources, stock, hours, buses, _curtailment())


def _curtailment() -> pd.DataFrame:
    """Two days: on the second more is curtailed in Honam, from 11 to 14 h."""
    rows = []
    for region in ("honam", "rest"):
        for day, weight, cut in ((0, 300.0, 100.0), (1, 65.0, 800.0)):
            for hour in range(1, 25):
                noon = 11 <= hour <= 14
                before = cut * noon * (region == "honam")
                rows.append((day, hour, weight, region, 3000.0 * noon, before, before / 4))
    columns = ["day", "hour", "weight_days", "region", "available_mw", "before_mw", "after_mw"]
    return pd.DataFrame(rows, columns=columns)


def with_clean_energy(tables: RunTables, matching: str = "hourly") -> RunTables:
    """Return the run with clean energy that matches 80 % of its load."""
    settings = tables.scenario.model_dump()
    settings["energy"] |= {"matching": matching, "clean_share_pct": 80.0}
    return replace(tables, scenario=Scenario.model_validate(settings), energy=small_clean_plan())
