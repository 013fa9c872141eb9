"""The campus section of a scenario: bounds, blocks, voltages, and the spacing that parts need."""

import pytest

from siteopt import load_scenario
from siteopt.errors import ScenarioError
from siteopt.scenario.changes import changed_scenario

GOOD = {"it_min_mw": 1000, "it_max_mw": 3000, "reach_km": 6, "parts_max": 9}


def changed(**campus):
    return changed_scenario(load_scenario("national-2035"), {"candidates.campus": GOOD | campus})


def test_no_scenario_has_campuses_unless_it_says_so():
    assert load_scenario("national-2035").candidates.campus is None
    assert changed().candidates.campus.it_max_mw == 3000


@pytest.mark.parametrize(
    ("campus", "message"),
    [
        ({"it_min_mw": 3100}, r"it_min_mw \(3100\) must not exceed it_max_mw \(3000\)"),
        ({"it_min_mw": 1010}, r"campus.it_min_mw \(1010\) must be a whole number of blocks"),
        ({"reach_km": 11}, r"reach_km \(11\) must not exceed half of spacing_km \(20\)"),
        (
            {"classes": [{"voltage_kv": 345, "facility_max_mw": 1}] * 2},
            "rising order of voltage_kv",
        ),
        ({"classes": [{"voltage_kv": 500, "facility_max_mw": 1}]}, "345 or 765"),
    ],
)
def test_what_cannot_be_is_named(campus, message):
    with pytest.raises(ScenarioError, match=message):
        changed(**campus)


def test_own_parcels_are_no_parts_of_campuses():
    with pytest.raises(ScenarioError, match=r"give no candidates\.parcels"):
        changed_scenario(
            load_scenario("national-2035"),
            {"candidates.campus": GOOD, "candidates.parcels": "parcels.csv"},
        )


@pytest.mark.parametrize("name", ["hub-2035", "campuses-2035", "sites-2035", "hub-or-sites-2035"])
def test_the_ready_scenarios_ask_the_same_question(name):
    first, other = load_scenario("sites-2035"), load_scenario(name)
    for part in ("target", "build", "connection", "grid", "water", "energy", "payment"):
        assert getattr(other, part) == getattr(first, part)
    assert other.target.years == (2031, 2032, 2033, 2034, 2035)
