"""What plans share: sites, stations, districts and provinces, counted by hand."""

import pandas as pd
import pytest

from siteopt.scenario_sets.agreement import agreement, finest_agreement, site_table

PLACES = pd.DataFrame(
    {
        "site_id": ["A", "B", "C"],
        "district_code": ["46130", "46130", "47110"],
        "province_code": ["46", "46", "47"],
    }
)
LOADS = {
    "one": {"A": 100.0, "C": 40.0},
    "two": {"B": 120.0},
    "minimax-regret": {"C": 200.0},
}
STATIONS = {"one": {"A": "N1", "C": "N3"}, "two": {"B": "N1"}, "minimax-regret": {"C": "N3"}}


def test_sites_are_counted_over_variants_and_not_over_robust_plans():
    table = site_table(LOADS, PLACES, ["one", "two"], {"one": 0.75, "two": 0.25})
    known = table.set_index("site_id")
    assert known["plans"].to_dict() == {"A": 1, "B": 1, "C": 1}
    assert known["probability"].to_dict() == {"A": 0.75, "B": 0.25, "C": 0.75}
    assert not known["no_regret"].any()
    assert known.loc["C", ["it_mw_one", "it_mw_two", "it_mw_minimax-regret"]].tolist() == [
        40,
        0,
        200,
    ]


def test_plans_that_share_no_site_may_agree_on_a_station():
    table = agreement(LOADS, STATIONS, PLACES, ["one", "two"])
    agreed = table[table["no_regret"]]
    assert agreed[["level", "place"]].to_numpy().tolist() == [
        ["station", "N1"],
        ["district", "46130"],
        ["province", "46"],
    ]
    assert agreed["it_mw_least"].tolist() == [100.0, 100.0, 100.0]
    assert agreed["it_mw_most"].tolist() == [120.0, 120.0, 120.0]
    assert finest_agreement(table) == "station"


def test_one_site_that_plans_connect_differently_is_no_station_in_common():
    loads = {"one": {"A": 100.0}, "two": {"A": 100.0}}
    table = agreement(loads, {"one": {"A": "N1"}, "two": {"A": "N2"}}, PLACES, ["one", "two"])
    found = table.set_index(["level", "place"])["no_regret"]
    assert found["site", "A"]
    assert not found["station", "N1"]
    assert finest_agreement(table) == "site"


@pytest.mark.parametrize("loads", [{"one": {"A": 1.0}, "two": {"C": 1.0}}])
def test_no_agreement_at_all_has_no_level(loads):
    table = agreement(loads, {"one": {}, "two": {}}, PLACES, ["one", "two"])
    assert not table["no_regret"].any()
    assert finest_agreement(table) == ""
