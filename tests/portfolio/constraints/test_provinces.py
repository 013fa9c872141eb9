"""Balance between provinces."""

import numpy as np
import pytest

from siteopt.portfolio.constraints import provinces
from tests.portfolio.instances import Link, Place, make_case, optimum
from tests.portfolio.limits import named, names_of

# In province 46 two sites of 40 MW at 10 + 2 a MW, in 47 one at 50 + 3 a MW: 80 MW cost 180
# where 46 has all of them, 250 where 47 has 20 MW, 260 where it has 40.
PLACES = [
    Place(land_mw=40.0),
    Place(land_mw=40.0),
    Place(land_mw=40.0, province="47", links=(Link(fixed=50.0, per_mw=3.0),)),
]


@pytest.mark.parametrize(
    ("asked", "cost"),
    [
        ({"share_max_pct": 75}, 250),
        ({"share_max_pct": 74}, 260),
        ({"shares": {"46": {"max_pct": 50}}}, 260),
        ({"shares": {"47": {"min_pct": 25}}}, 250),
        ({"shares": {"47": {"min_pct": 26}}}, 260),
        ({"count_min": 2}, 250),
    ],
    ids=["most", "most, down to a block", "most of one", "least", "least, up to a block", "count"],
)
def test_shares_and_counts_are_met_at_the_least_cost(asked, cost, forget):
    case = make_case(PLACES, target_mw=80, provinces=asked)
    assert optimum(case) == cost
    forget(provinces)
    assert optimum(case) == 180


def test_a_named_share_holds_in_place_of_the_common_one():
    asked = {"share_max_pct": 25, "shares": {"46": {"max_pct": 75}}}
    assert optimum(make_case(PLACES, target_mw=80, provinces=asked)) == 250


def test_more_provinces_than_have_sites_cannot_be_reached():
    assert optimum(make_case(PLACES, target_mw=80, provinces={"count_min": 3})) == np.inf


def test_a_least_share_of_a_province_without_sites_cannot_be_reached():
    asked = {"shares": {"48": {"min_pct": 1}}}
    assert optimum(make_case(PLACES, target_mw=80, provinces=asked)) == np.inf


def test_a_count_that_the_shares_imply_has_no_rows():
    # No province may have all of it, so that two have a site in any case.
    asked = {"count_min": 2, "share_max_pct": 75}
    implied = provinces.count_rows(make_case(PLACES, target_mw=80, provinces=asked).part())
    assert not len(implied)
    assert not implied.extras
    asked = {"count_min": 3, "share_max_pct": 75}
    needed = provinces.count_rows(make_case(PLACES, target_mw=80, provinces=asked).part())
    assert names_of(needed) == ("presence 46", "presence 47", "count")


def test_a_share_that_its_sites_cannot_exceed_has_no_row():
    asked = {"share_max_pct": 50}
    rows = provinces.share_rows(make_case(PLACES, target_mw=80, provinces=asked).part())
    assert names_of(rows) == ("share 46",)
    assert (rows.lower[0], rows.upper[0]) == (-np.inf, 2)


def test_a_least_share_above_the_largest_is_two_rows_that_no_plan_meets():
    # 30 to 40 % of 40 MW lies between no block and one.
    asked = {"shares": {"46": {"min_pct": 30, "max_pct": 40}}}
    problem = make_case(PLACES, target_mw=40, provinces=asked).problem()
    rows = provinces.share_rows(problem.take(np.arange(problem.options), relaxed=True))
    assert names_of(rows) == ("share 46", "least share 46")
    assert rows.lower.tolist() == [-np.inf, 1]
    assert rows.upper.tolist() == [0, np.inf]
    # No option of the province is open, so that the least share alone says it.
    rows = provinces.share_rows(problem.take(problem.open_options()))
    assert (names_of(rows), rows.lower.tolist(), rows.n.nnz) == (("share 46",), [1], 0)


def test_the_report_has_the_share_of_every_province_and_their_count():
    asked = {"count_min": 2, "share_max_pct": 75, "shares": {"47": {"min_pct": 25}}}
    problem = make_case(PLACES, target_mw=80, provinces=asked).problem()
    report = named(provinces.report(problem, np.array([2, 1, 1])))
    assert report["used"].to_dict() == {"share 46": 75, "share 47": 25, "count": 2}
    assert report["at_most"].to_dict() == {"share 46": 75, "share 47": 75, "count": np.inf}
    assert report["at_least"].to_dict() == {"share 46": 0, "share 47": 25, "count": 2}
    assert report["unit"].to_dict() == {"share 46": "pct", "share 47": "pct", "count": "provinces"}
    assert report["binds"].all()


def test_a_province_without_sites_does_not_bind_at_nothing():
    problem = make_case(PLACES, target_mw=80).problem()
    report = named(provinces.report(problem, np.array([2, 2, 0])))
    assert not report.at["share 47", "binds"]
