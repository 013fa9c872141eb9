"""Water of river basins."""

import numpy as np

from siteopt.portfolio.constraints import basins
from tests.portfolio.instances import Link, Place, make_case, optimum
from tests.portfolio.limits import named, names_of

# 40 MW take 200 m3 a day; in the other basin they cost 40 more.
PLACES = [
    Place(land_mw=40.0),
    Place(land_mw=40.0),
    Place(land_mw=40.0, basin="B2", links=(Link(fixed=50.0),)),
]


def test_sites_share_the_water_of_their_basin(forget):
    case = make_case(PLACES, target_mw=80, basins={"B1": 300.0})
    assert optimum(case) == 90 + 130
    forget(basins)
    assert optimum(case) == 90 + 90


def test_only_the_open_share_of_the_supply_counts():
    water = {"basin_share_pct": 50}
    assert optimum(make_case(PLACES, target_mw=80, basins={"B1": 800.0}, water=water)) == 180
    assert optimum(make_case(PLACES, target_mw=80, basins={"B1": 780.0}, water=water)) == 220


def test_a_basin_that_its_sites_cannot_exhaust_has_no_row():
    assert not len(basins.rows(make_case(PLACES, basins={"B1": 400.0}).part()))
    assert names_of(basins.rows(make_case(PLACES, basins={"B1": 399.0}).part())) == ("basin B1",)


def test_the_report_has_the_water_of_the_basins_in_use():
    case = make_case(PLACES, target_mw=80, basins={"B1": 300.0, "B2": 500.0})
    report = basins.report(case.problem(), np.array([2, 1, 0]))
    assert named(report)["limit"].tolist() == ["basin B1"]
    row = report.iloc[0]
    assert (row["used"], row["at_most"], row["unit"]) == (300, 300, "m3_day")
    assert (row["slack"], row["binds"]) == (0, True)
