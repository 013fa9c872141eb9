"""Plans side by side, from runs written by hand: figures, ties, and what cannot be compared."""

from pathlib import Path

import pytest

from siteopt.comparison.side_by_side import markdown, side_by_side
from siteopt.errors import ScenarioError
from siteopt.runs.results import Run

TARGET = {
    "it_mw": 300, "year": 2035, "works_begin": 2026, "it_mw_by_year": {"2034": 0},
    "early_worth_bn_krw_per_mw_year": 2.0,
}  # fmt: skip


def site(site_id, it_mw, year, longest, kind="tile", **more):
    return {
        "site_id": site_id, "it_mw": it_mw, "kind": kind, "province_code": site_id[:1],
        "open_year": year, "lead_time_high_years": longest, "cost_building_bn_krw": 10 * it_mw,
        "cost_energy_bn_krw": 20.0 * it_mw, "cost_bn_krw": 30.0 * it_mw,
    } | more  # fmt: skip


def run_of(name, sites, objective, early=0.0, target=None, **plan):
    by_year = [
        {
            "year": year,
            "it_mw": float(sum(one["it_mw"] for one in sites if one["open_year"] <= year)),
        }
        for year in (2034, 2035)
    ]
    portfolio = {
        "scenario": name, "title": {"ko": f"{name} 안", "en": f"plan | {name}"}, "year": 2035,
        "objective_bn_krw": objective, "cost_bn_krw": objective + early, "sites": sites,
        "years": by_year,
    } | ({"early_worth_bn_krw": early} if early else {}) | plan  # fmt: skip
    settings = {"name": name, "target": target or TARGET, "objective": {"kind": "cost"}}
    return Run(Path(name), {"scenario": settings}, portfolio)


SITES = run_of(
    "sites",
    [site("1a", 100, 2034, 7), site("1b", 100, 2034, 7), site("2c", 100, 2035, 9)],
    8600.0,
    early=400.0,
    payment={"total_bn_krw": {"operator": 5.0, "kepco": 7.0, "state": 0.0}},
)
HUB = run_of("hub", [site("3h", 300, 2035, 13, kind="campus")], 9050.0)


def test_figures_of_each_plan():
    table = side_by_side([SITES, HUB]).set_index("scenario")
    assert table["sites"].tolist() == [3, 1]
    assert table["campuses"].tolist() == [0, 1]
    assert table["provinces"].tolist() == [2, 1]
    assert table["cost_bn_krw"].tolist() == [9000, 9050]
    assert table["early_worth_bn_krw"].tolist() == [400, 0]
    assert table["more_bn_krw"].tolist() == [0, 450]
    assert table["more_pct"].tolist() == pytest.approx([0, 100 * 450 / 8600])
    assert table["cost_building_bn_krw"].tolist() == [3000, 3000]
    assert table["it_mw_2034"].tolist() == [200, 0]
    assert table["works_kepco_bn_krw"].tolist()[0] == 7


def test_years_of_power_and_those_with_the_longest_works():
    table = side_by_side([SITES, HUB]).set_index("scenario")
    assert table["first_power_year"].tolist() == [2034, 2035]
    assert table["full_power_year"].tolist() == [2035, 2035]
    assert table["full_power_latest_year"].tolist() == [2035, 2039]


def test_the_loss_of_the_largest_place():
    table = side_by_side([SITES, HUB]).set_index("scenario")
    assert table["largest_site"].tolist() == ["1a", "3h"]
    assert table["largest_pct"].tolist() == pytest.approx([100 / 3, 100])
    assert table["loss_bn_krw_per_year"].tolist() == [200, 600]


def test_what_a_campus_would_have_to_save_is_told_of_campuses_alone():
    table = side_by_side([SITES, HUB]).set_index("scenario")
    assert table.loc["hub", "saving_to_tie_pct"] == pytest.approx(100 * 450 / 3000)
    assert table.loc["sites", "saving_to_tie_pct"] != table.loc["sites", "saving_to_tie_pct"]


def test_scores_of_clean_energy_stand_beside():
    table = side_by_side([SITES, HUB], {"hub": {"hourly_hourly_pct": 80.5}})
    assert table["hourly_hourly_pct"].tolist()[1] == 80.5


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_page_has_a_column_a_plan(language):
    page = markdown(side_by_side([SITES, HUB]), language)
    lines = page.splitlines()
    assert lines[0] == (
        "|  | sites 안 | hub 안 |" if language == "ko" else "|  | plan \\| sites | plan \\| hub |"
    )
    label = {"ko": "목적값", "en": "Objective"}[language]
    row = next(line for line in lines if line.startswith(f"| {label}"))
    assert row.endswith("| 8,600.0 | 9,050.0 |")
    assert any("2034" in line and "| 200.0 | 0.00 |" in line for line in lines)
    assert not any("largest_site" in line or "_bn_krw" in line for line in lines)


def test_one_plan_has_nothing_beside_it():
    with pytest.raises(ScenarioError, match="two finished runs or more"):
        side_by_side([SITES])


def test_plans_of_different_targets_are_not_compared():
    other = run_of("other", HUB.portfolio["sites"], 1.0, target=TARGET | {"it_mw": 400})
    with pytest.raises(ScenarioError, match=r"target\.it_mw is 300 in sites and 400 in other"):
        side_by_side([SITES, other])
