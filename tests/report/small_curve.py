"""Cost curve of the small run: figures that can be checked by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from siteopt.energy.cost_curve import CostCurve
from tests.report.small_energy import LOAD_MW, with_clean_energy

if TYPE_CHECKING:
    from siteopt.report import RunTables

TARGET_PCT = 80.0
SHARES = (0.0, 40.0, 60.0, 80.0, 90.0, 95.0, 100.0)
KRW = {"hourly": (100.0, 100.0, 110.0, 150.0, 200.0, 260.0, 400.0),
       "annual": (100.0, 100.0, 105.0, 120.0, 140.0, 150.0, 160.0)}  # fmt: skip
USED_UP = "onshore_wind built 900 MW; onshore_wind operating 212 MW; solar built where managed 40 MW; branches"


def small_curve(most_pct: float = 100.0) -> CostCurve:
    """Return a curve of 300 MW; above ``most_pct`` nothing more is met, and nothing costs more.

    The ends of all parameters together are 30 % below and 50 % above each cost.
    """
    rows = [
        _row(matching, target, min(target, most_pct), krw)
        for matching, costs in KRW.items()
        for target, krw in zip(SHARES, _capped(costs, most_pct), strict=True)
    ]
    table = pd.DataFrame(rows)
    hourly = table[table["matching"] == "hourly"]
    ends = [
        {
            "what": what, "side": side, "target_pct": row["target_pct"],
            "reached_pct": row["reached_pct"], "krw_kwh": row["krw_kwh"] * times,
            "change_krw_kwh": row["krw_kwh"] * (times - 1.0),
        }
        for what, side, times in (("yields", "low", 0.9), ("all", "low", 0.7), ("all", "high", 1.5))
        for row in hourly.to_dict("records")
        if row["target_pct"] in {TARGET_PCT, 90.0, 100.0}
    ]  # fmt: skip
    return CostCurve(2035, LOAD_MW, TARGET_PCT, table, pd.DataFrame(ends), _stock())


def _capped(costs: tuple[float, ...], most_pct: float) -> list[float]:
    top = max(krw for share, krw in zip(SHARES, costs, strict=True) if share <= most_pct)
    return [min(krw, top) for krw in costs]


def _row(matching: str, target: float, reached: float, krw: float) -> dict[str, object]:
    return {
        "matching": matching, "target_pct": target, "reached_pct": reached, "shortfall_gwh": 0.0,
        "overload_gwh": 0.0, "used_up": USED_UP if reached < target else "", "krw_kwh": krw,
        "solar_krw_kwh": 10.0, "onshore_wind_krw_kwh": 20.0, "offshore_wind_krw_kwh": 5.0,
        "adders_krw_kwh": 4.0, "grid_krw_kwh": krw - 37.0, "carbon_krw_kwh": 3.0,
        "storage_krw_kwh": 2.0, "excess_krw_kwh": -8.0, "redispatch_krw_kwh": 1.0,
        "step_krw_kwh": float("nan"), "solar_mw": 1500.0, "onshore_wind_mw": 2240.0,
        "offshore_wind_mw": 0.0, "storage_mw": 50.0, "storage_mwh": 1800.0,
        "hourly_pct": reached, "annual_pct": reached, "excess_pct": 5.0, "import_pct": 25.0,
        "co2_t": 240_000.0, "year_hourly_pct": reached - 4.1, "year_annual_pct": reached - 2.0,
        "year_excess_pct": 6.0, "year_import_pct": 27.0, "year_co2_t": 250_000.0,
    }  # fmt: skip


def _stock() -> pd.DataFrame:
    """Of onshore wind more is needed than runs; all offshore wind that is usable; solar is plenty."""
    return pd.DataFrame(
        [("solar", 27_998.0, 90_000.0, 60_000.0, 1500.0, 1500.0, False),
         ("onshore_wind", 1840.0, 12_000.0, 3000.0, 2240.0, 2240.0, True),
         ("offshore_wind", 300.0, 300.0, 120.0, 120.0, 120.0, True)],
        columns=["technology", "runs_mw", "stock_mw", "usable_mw", "needed_mw", "needed_last_mw",
                 "scarce"],
    )  # fmt: skip


def with_curve(tables: RunTables, most_pct: float = 100.0, matching: str = "hourly") -> RunTables:
    """Return the run with clean energy and its cost curve."""
    found = with_clean_energy(tables, matching)
    return replace(found, energy_curve=small_curve(most_pct))
