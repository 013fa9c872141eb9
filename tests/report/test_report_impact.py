"""What the site card says of the assessment."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from siteopt.grid.impact import assess_sites, scoring_of_layers
from siteopt.layers.store import open_layers
from siteopt.report.impact import impact_line, impact_texts, impact_title
from siteopt.scenario import load_scenario


@pytest.fixture(scope="module")
def said():
    """Return a function from a site to its lines on the embedded layers."""
    layers, scenario = open_layers(), load_scenario("national-2035")
    scoring = scoring_of_layers(layers, "draft-2024")

    def lines(**changes):
        values = {
            "site_id": "a", "it_mw": 100.0, "pue": 1.2, "province_code": "46",
            "headroom_mw": 180.0, "capital_km": 200.0,
        }  # fmt: skip
        table = assess_sites(pd.DataFrame([values | changes]), layers, scenario)
        return impact_texts(table.loc["a"], scoring)

    return lines


def test_the_title_says_that_it_is_an_estimate_and_no_ruling():
    assert "추정치이며 판정이 아님" in impact_title().ko
    assert "estimate, not a ruling" in impact_title().en


def test_points_and_what_is_not_known_are_both_said(said):
    lines = said()
    ko, en = [line.ko for line in lines], [line.en for line in lines]
    # 15 x (180/120 - 1) + 10 (203 % of 200) + 15
    assert ko[0] == "산정 항목 합계: 32.5점 / 40점"
    assert en[0] == "Computed items: 32.5 of at most 40 points"
    assert "계통 여유도: 7.5점(배점 15점)" in ko
    assert "Increase of overloads: not known (10 points)" in en
    assert "수요 분산화 효과: 15.0점(배점 -15~15점)" in ko
    assert any("적정전압" in line and "알 수 없음" in line for line in ko)
    unknown = next(line for line in en if line.startswith("Items not known"))
    assert "(at most 90 points)" in unknown
    assert "Increase of overloads, Difficulty of making room" in unknown
    assert "Voltage" not in unknown
    assert any("2024년 고시 초안" in line and "가정" in line for line in ko)


@pytest.mark.parametrize("change", [{}, {"province_code": "11", "headroom_mw": 1.0}])
def test_with_most_points_unknown_the_outlook_never_rules(said, change):
    line = next(line for line in said(**change) if line.en.startswith("Total between"))
    assert line.en.endswith("pass at 70: depends on the items that are not known")
    assert line.ko.endswith("합격 기준 70점(미산정 항목에 따라 달라짐)")


def test_below_the_threshold_one_line_says_so(said):
    lines = said(it_mw=2.0)
    assert [line.en for line in lines] == ["Does not apply (load below the threshold)"]


def test_a_total_out_of_reach_is_said():
    layers = open_layers()
    scoring = scoring_of_layers(layers, "draft-2024")
    table = assess_sites(
        pd.DataFrame([{"site_id": "a", "it_mw": 100.0, "pue": 1.2, "province_code": "46",
                       "headroom_mw": np.nan}]),
        layers, load_scenario("national-2035"),
    )  # fmt: skip
    row = table.loc["a"].copy()
    row["impact_total_max"] = 60.0
    assert any("below the pass score" in line.en for line in impact_texts(row, scoring))
    row["impact_total_min"], row["impact_total_max"] = 71.0, 90.0
    assert any("추정상 기준점수 이상" in line.ko for line in impact_texts(row, scoring))


def test_one_line_says_sum_range_and_that_it_is_an_estimate():
    layers, scenario = open_layers(), load_scenario("national-2035")
    site = {"site_id": "a", "it_mw": 100.0, "pue": 1.2, "province_code": "46",
            "headroom_mw": 180.0, "capital_km": 200.0}  # fmt: skip
    table = assess_sites(
        pd.DataFrame([site, site | {"site_id": "b", "it_mw": 2.0}]), layers, scenario
    )
    assert impact_line(table.loc["a"], "en") == (
        "Grid impact assessment (estimate, not a ruling): Computed items: 32.5 of at most 40 points; "
        "Total between 17.5 and 122.5 points, pass at 70: depends on the items that are not known"
    )
    assert impact_line(table.loc["b"], "ko").endswith(": 평가 대상 아님(수전 규모가 기준 미만)")
