"""Headroom of stations."""

import numpy as np
import pytest

from siteopt.portfolio.families import stations

from .instances import Link, Place, make_case, optimum

# 40 MW of IT load draw 50 MW; the way around N1 costs 40 more.
AROUND = Link("N2", fixed=50.0)
AT_ONE_LEVEL = [Place(land_mw=40.0, links=(Link("N1"), AROUND))] * 2
AT_TWO_LEVELS = [
    Place(land_mw=40.0, links=(Link("N1", kv=154.0), AROUND)),
    Place(land_mw=40.0, links=(Link("N1", kv=345.0), AROUND)),
]
SHORT_OF_75 = {("N1", 154.0): 75.0}
SHORT_IN_ALL = {("N1", 154.0): 75.0, ("N1", 345.0): 75.0}


@pytest.mark.parametrize(
    ("places", "headroom"),
    [(AT_ONE_LEVEL, SHORT_OF_75), (AT_TWO_LEVELS, SHORT_IN_ALL)],
    ids=["a level", "a station with two levels"],
)
def test_sites_share_the_headroom(places, headroom, forget):
    case = make_case(places, target_mw=80, headroom=headroom)
    assert optimum(case) == 90 + 130
    forget(stations)
    assert optimum(case) == 90 + 90


def test_headroom_is_used_up_to_the_last_megawatt():
    assert optimum(make_case(AT_ONE_LEVEL, target_mw=80, headroom={("N1", 154.0): 100.0})) == 180


def test_a_limit_that_no_choice_of_connections_can_exceed_has_no_row():
    # Two connections of one site are never built together, so that 50 MW is the most.
    places = [Place(land_mw=40.0, links=(Link("N1"), Link("N1", fixed=0.0)))]
    assert not len(stations.rows(make_case(places, headroom={("N1", 154.0): 50.0}).part()))
    tight = make_case(places * 2, headroom={("N1", 154.0): 99.0})
    assert stations.rows(tight.part()).names == ("N1 154 kV",)


def test_levels_and_whole_stations_have_rows_of_their_own():
    rows = stations.rows(make_case(AT_TWO_LEVELS, headroom=SHORT_IN_ALL).part())
    assert rows.names == ("N1",)
    rows = stations.rows(make_case(AT_TWO_LEVELS * 2, headroom=SHORT_IN_ALL).part())
    assert rows.names == ("N1 154 kV", "N1 345 kV", "N1")
    np.testing.assert_array_equal(rows.upper, [75, 75, 75])


def test_the_report_has_what_each_station_in_use_delivers():
    case = make_case(AT_TWO_LEVELS, target_mw=80, headroom={("N1", 154.0): 50, ("N1", 345.0): 200})
    report = stations.report(case.problem(), np.array([2, 0, 1, 0])).set_index("limit")
    assert report.index.tolist() == ["N1 154 kV", "N1 345 kV", "N1"]
    assert report["used"].tolist() == [50, 25, 75]
    assert report["at_most"].tolist() == [50, 200, 200]
    assert report["binds"].tolist() == [True, False, False]
    assert (report["unit"] == "mw").all()
