"""Clean energy of fixed plans on the real supply: both ways of counting, and a bus that is none."""

from pathlib import Path

import pytest

from siteopt import load_scenario
from siteopt.comparison.fixed_match import match_plan
from siteopt.errors import LayerError
from siteopt.runs.results import Run


def plan_of(*sites):
    rows = [
        {"site_id": f"S{at}", "bus_id": bus, "facility_mw": mw}
        for at, (bus, mw) in enumerate(sites)
    ]
    return Run(Path(), {}, {"sites": rows})


@pytest.mark.slow
def test_matching_by_the_hour_is_cleaner_by_the_hour_and_dearer():
    energy = load_scenario("national-2035-hourly").energy
    found = match_plan(plan_of(("73", 1000.0), ("", 50.0)), load_scenario("hub-2035"), energy)
    assert found["hourly_hourly_pct"] > found["annual_hourly_pct"]
    assert found["hourly_krw_kwh"] > found["annual_krw_kwh"]
    for matching in ("annual", "hourly"):
        assert found[f"{matching}_hourly_pct"] <= found[f"{matching}_year_pct"] <= 100
    assert found["hourly_hourly_pct"] >= energy.clean_share_pct - 0.5


def test_a_bus_that_the_case_lacks_is_named():
    energy = load_scenario("national-2035-hourly").energy
    with pytest.raises(LayerError, match=r"site S0: bus 9999 is not in the grid case"):
        match_plan(plan_of(("9999", 10.0)), load_scenario("hub-2035"), energy)
