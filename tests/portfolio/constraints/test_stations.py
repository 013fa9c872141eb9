"""Headroom of stations."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.portfolio import solve
from siteopt.portfolio.constraints import stations
from siteopt.portfolio.verification import violations
from tests.portfolio.instances import PROFILE, Banks, Link, Place, _in_areas, make_case, optimum
from tests.portfolio.limits import named, names_of
from tests.portfolio.listing import all_plans
from tests.portfolio.random_cases import random_case

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
    assert names_of(stations.rows(tight.part())) == ("N1 154 kV",)


def test_levels_and_whole_stations_have_rows_of_their_own():
    rows = stations.rows(make_case(AT_TWO_LEVELS, headroom=SHORT_IN_ALL).part())
    assert names_of(rows) == ("N1",)
    rows = stations.rows(make_case(AT_TWO_LEVELS * 2, headroom=SHORT_IN_ALL).part())
    assert names_of(rows) == ("N1 154 kV", "N1 345 kV", "N1")
    np.testing.assert_array_equal(rows.upper, [75, 75, 75])


def test_the_report_has_what_each_station_in_use_delivers():
    case = make_case(AT_TWO_LEVELS, target_mw=80, headroom={("N1", 154.0): 50, ("N1", 345.0): 200})
    report = named(stations.report(case.problem(), np.array([2, 0, 1, 0])))
    assert report.index.tolist() == ["N1 154 kV", "N1 345 kV", "N1"]
    assert report["used"].tolist() == [50, 25, 75]
    assert report["at_most"].tolist() == [50, 200, 200]
    assert report["binds"].tolist() == [True, False, False]
    assert (report["unit"] == "mw").all()


# Two stations of one area, 75 MW between them; the way around costs 40 more.
IN_ONE_AREA = [
    Place(land_mw=40.0, links=(Link("N1"), AROUND)),
    Place(land_mw=40.0, links=(Link("N3"), AROUND)),
]
SHARED = {"A1": (75.0, ("N1", "N3"))}
EACH_75 = {("N1", 154.0): 75.0, ("N3", 154.0): 75.0}


def test_the_stations_of_an_area_share_its_one_published_headroom(forget):
    case = make_case(IN_ONE_AREA, target_mw=80, headroom=EACH_75, areas=SHARED)
    assert optimum(case) == 90 + 130
    assert names_of(stations.rows(case.part())) == ("A1 area",)
    assert optimum(make_case(IN_ONE_AREA, target_mw=80, headroom=EACH_75)) == 90 + 90
    forget(stations)
    assert optimum(case) == 90 + 90


def test_works_at_a_station_add_to_its_area():
    banks = {("N1", 154.0): Banks((25.0,), 8.0)}
    case = make_case(IN_ONE_AREA, target_mw=80, headroom=EACH_75, areas=SHARED, banks=banks)
    assert optimum(case) == 90 + 90 + 8


def test_a_345_kv_level_is_no_part_of_an_area():
    places = [IN_ONE_AREA[0], Place(land_mw=40.0, links=(Link("N3", kv=345.0), AROUND))]
    rooms = EACH_75 | {("N3", 345.0): 100.0}
    assert optimum(make_case(places, target_mw=80, headroom=rooms, areas=SHARED)) == 90 + 90


def test_a_plan_that_counts_a_published_headroom_twice_is_found_out():
    case = make_case(IN_ONE_AREA, target_mw=80, headroom=EACH_75, areas=SHARED)
    problem = make_case(IN_ONE_AREA, target_mw=80, headroom=EACH_75).problem()
    blind = solve(problem, case.scenario.solver)
    faults = violations(**case.tables, plan=blind.table(problem), steps=blind.steps(problem))
    assert faults == ["area A1 takes 100 MW, its published headroom is 75 MW"]


FAMILIES = ("upgrades", "basins")


@PROFILE
@given(seed=st.integers(0, 10_000), figure=st.sampled_from([25.0, 37.5, 62.5, 87.5]))
def test_areas_against_enumeration(seed, figure):
    case = random_case(seed, FAMILIES, sites_max=4, links_max=2)
    areas = {"A1": (figure, ("N1", "N2"))}
    shared = replace(case, headroom=_in_areas(case.headroom, areas))
    assert optimum(shared) == pytest.approx(all_plans(shared).best(), abs=1e-6)


def test_areas_bind_in_some_of_these_cases():
    bound = 0
    for seed in range(30):
        case = random_case(seed, FAMILIES, sites_max=4, links_max=2)
        shared = replace(case, headroom=_in_areas(case.headroom, {"A1": (37.5, ("N1", "N2"))}))
        bound += all_plans(shared).best() > all_plans(case).best() + 1e-6
    assert bound >= 5
