"""Options left out because another one of the site is as good: the optimum must not notice."""

import numpy as np
import pytest
from hypothesis import given

from siteopt.portfolio.bounds.dominance import undominated
from siteopt.portfolio.solver.backends import Limits, solve_arrays
from siteopt.portfolio.solver.mip import program_arrays
from tests.portfolio.instances import Link, Place, examples, make_case
from tests.portfolio.random_cases import LIMITS, cases, random_case


def optimum(part):
    return solve_arrays(program_arrays(part), Limits()).objective


def kept(case):
    part = case.part()
    return [str(part.option_id[option]) for option in undominated(part)]


@examples(15)
@given(case=cases(LIMITS, sites_max=4, links_max=4))
def test_the_optimum_is_the_same_without_dominated_options(case):
    part = case.part()
    assert optimum(part.take(undominated(part))) == pytest.approx(optimum(part), abs=1e-6)


def test_dominance_leaves_out_options_of_the_cases_above():
    # Else the test above would prove nothing.
    parts = [random_case(seed, LIMITS, sites_max=4, links_max=4).part() for seed in range(15)]
    assert sum(part.options - len(undominated(part)) for part in parts) >= 10


def test_a_dearer_option_that_can_nothing_more_is_left_out():
    links = (Link(fixed=20.0), Link(fixed=10.0), Link(fixed=10.0, per_mw=3.0))
    assert kept(make_case([Place(links=links)])) == ["S0-1"]


def test_of_equal_options_the_first_stays():
    assert kept(make_case([Place(links=(Link(), Link(), Link()))])) == ["S0-0"]


def test_an_option_that_is_cheaper_at_one_size_stays():
    # 10 + 2 a MW against 50 + 1 a MW: equal at 40 MW.
    links = (Link(fixed=10.0, per_mw=2.0), Link(fixed=50.0, per_mw=1.0))
    assert kept(make_case([Place(links=links)], target_mw=80)) == ["S0-0", "S0-1"]


@pytest.mark.parametrize(
    "special", [{"above_mw": 50.0}, {"top_mw": 75.0}], ids=["not for small", "not for large"]
)
def test_an_option_for_sizes_that_the_cheaper_one_cannot_have_stays(special):
    links = (Link(fixed=5.0, **special), Link(fixed=10.0))
    assert kept(make_case([Place(links=links)], target_mw=80)) == ["S0-0", "S0-1"]


def test_an_option_at_another_station_stays_where_headroom_is_short():
    links = (Link("N1", fixed=5.0), Link("N2", fixed=10.0))
    places = [Place(links=links), Place(links=(Link("N1"),))]
    roomy = make_case(places, target_mw=100)
    assert kept(roomy) == ["S0-0", "S1-0"]
    short = make_case(places, target_mw=100, headroom={("N1", 154.0): 150.0})
    assert kept(short) == ["S0-0", "S0-1", "S1-0"]


def test_an_option_of_less_capital_stays_where_there_is_a_budget():
    links = (Link(fixed=5.0, capital_fixed=9.0), Link(fixed=10.0, capital_fixed=8.0))
    assert kept(make_case([Place(links=links)])) == ["S0-0"]
    tight = make_case([Place(links=links)], objective={"budget_bn_krw": 1000})
    assert kept(tight) == ["S0-0", "S0-1"]


def test_options_of_different_sites_never_dominate_each_other():
    case = make_case([Place(links=(Link(fixed=99.0),)), Place(), Place()])
    np.testing.assert_array_equal(undominated(case.part()), [0, 1, 2])
