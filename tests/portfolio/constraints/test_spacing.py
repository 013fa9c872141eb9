"""Distance between chosen sites."""

import numpy as np

from siteopt.portfolio.constraints import spacing
from tests.portfolio.instances import Link, Place, make_case, optimum
from tests.portfolio.limits import named

# The second site stands 5 km from the first, the third one far away and costs 40 more.
PLACES = [
    Place(0.0, 0.0, land_mw=40.0),
    Place(3.0, 4.0, land_mw=40.0),
    Place(60.0, 0.0, land_mw=40.0, links=(Link(fixed=50.0),)),
]


def test_of_two_sites_too_close_to_each_other_one_is_chosen(forget):
    case = make_case(PLACES, target_mw=80, spacing_km=6)
    assert optimum(case) == 90 + 130
    forget(spacing)
    assert optimum(case) == 90 + 90


def test_sites_exactly_the_spacing_apart_are_both_chosen():
    assert optimum(make_case(PLACES, target_mw=80, spacing_km=5)) == 180


def test_a_row_is_a_clique_of_sites():
    rows = spacing.rows(make_case([*PLACES, Place(1.0, 1.0)], spacing_km=6).part())
    assert len(rows) == 1
    np.testing.assert_array_equal(rows.w.toarray(), [[1, 1, 0, 1]])
    assert rows.upper.tolist() == [1]


def test_without_a_spacing_there_is_no_row():
    assert not len(spacing.rows(make_case(PLACES).part()))


def test_the_report_has_the_nearest_other_site():
    problem = make_case(PLACES, target_mw=80, spacing_km=5).problem()
    report = spacing.report(problem, np.array([1, 1, 1]))
    assert named(report)["limit"].tolist() == ["S0", "S1", "S2"]
    np.testing.assert_allclose(report["used"], [5, 5, np.hypot(57, 4)])
    assert report["at_least"].tolist() == [5, 5, 5]
    assert report["binds"].tolist() == [True, True, False]
    assert (report["unit"] == "km").all()


def test_a_single_site_has_no_distance_to_report():
    problem = make_case(PLACES, spacing_km=5).problem()
    assert not len(spacing.report(problem, np.array([2, 0, 0])))
