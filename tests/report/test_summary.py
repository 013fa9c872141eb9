"""Summary of a run in lines: how clean its energy is."""

from __future__ import annotations

from typing import Any

import pytest

from siteopt.report.summary import run_summary

RECORD = {"status": "optimal", "sites": 2, "timings_s": {"layers": 1.0}}
PLAN: dict[str, Any] = {"objective_bn_krw": 100.0, "gap": 0.0, "sites": []}
ENERGY: dict[str, Any] = {
    "matching": "hourly",
    "price_krw_kwh": 220.66,
    "typical_days": {"hourly_clean_pct": 80.0, "annual_clean_pct": 84.2},
    "year_replayed": {"hourly_clean_pct": 75.88, "annual_clean_pct": 81.7},
    "curve_price_krw_kwh": {"value": 220.66, "low": 181.2, "high": 246.6},
}


def line(**changes: Any) -> str:
    found = run_summary(RECORD, PLAN | {"energy": ENERGY | changes}, "map.html").splitlines()
    return next(one for one in found if one.startswith("clean energy"))


def test_both_scores_and_the_price_with_its_range_are_told() -> None:
    assert line() == (
        "clean energy: 80.0 % by the hour on typical days, 75.9 % over 8,760 hours; "
        "221 KRW/kWh (181 to 247)"
    )


def test_a_match_over_the_year_has_its_own_shares_and_no_range_of_the_hour() -> None:
    assert line(matching="annual") == (
        "clean energy: 84.2 % over the year on typical days, 81.7 % over 8,760 hours; 221 KRW/kWh"
    )


@pytest.mark.parametrize("spread", [None, {"value": 200.0, "low": 180.0, "high": 240.0}])
def test_no_range_is_told_that_is_of_another_price(spread: Any) -> None:
    assert line(curve_price_krw_kwh=spread).endswith("8,760 hours; 221 KRW/kWh")


def test_nothing_is_told_where_nothing_is_matched() -> None:
    assert "clean energy" not in run_summary(RECORD, PLAN, "map.html")
