"""What the bus of the largest site can host after an outage: least of all snapshots."""

from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from siteopt.comparison.grid_room import room_after_outage
from siteopt.runs.results import Run

HOSTING = pd.DataFrame(
    [
        ("peak", "n-1", "7", 900.0), ("spring_noon", "n-1", "7", 700.0),
        ("peak", "none", "7", 100.0), ("peak", "n-1", "8", 50.0),
    ],
    columns=["snapshot_id", "security", "bus_id", "hosting_mw"],
)  # fmt: skip


def layers_of(*, own_case=False):
    return SimpleNamespace(
        ids=["hosting"], table=lambda name: {"hosting": HOSTING}[name],
        replaced=lambda name: own_case and name.startswith("case_"),
    )  # fmt: skip


def run_of(*sites):
    rows = [
        {"site_id": f"S{at}", "it_mw": it_mw, "facility_mw": 1.2 * it_mw, "bus_id": bus}
        for at, (it_mw, bus) in enumerate(sites)
    ]
    return Run(Path(), {}, {"sites": rows})


def test_the_tightest_snapshot_of_the_largest_site_counts():
    found = room_after_outage(run_of((100, "8"), (300, "7")), layers_of())
    assert found == {"largest_facility_mw": pytest.approx(360), "largest_n1_mw": 700}


def test_of_equal_sites_the_first_by_id_counts():
    assert room_after_outage(run_of((300, "8"), (300, "7")), layers_of())["largest_n1_mw"] == 50


@pytest.mark.parametrize(("bus", "own_case"), [("9", False), ("", False), ("7", True)])
def test_what_is_not_known_is_not_told(bus, own_case):
    assert room_after_outage(run_of((300, bus)), layers_of(own_case=own_case)) == {}
