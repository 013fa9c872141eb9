"""The arrays of the program: bounds of single options, gates, parts of a problem."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given

from siteopt.portfolio.constraints.block_bounds import tighten
from siteopt.portfolio.problem.problem import NO_LIMIT, whole
from tests.portfolio.instances import Link, Place, examples, make_case
from tests.portfolio.listing import all_plans
from tests.portfolio.random_cases import LIMITS, cases

# 25 MW of contract power and 100 m3 of water a block; 5 + 20 bn KRW of capital a block.
ONE = Place(links=(Link(capital_fixed=5.0, capital_per_mw=1.0),))


@pytest.mark.parametrize(
    ("blocks", "counted"),
    [
        (2.0, 2),
        (1.9999999996, 2),
        (1.999, 1),
        (0.0, 0),
        (-5.0, -1),
        (np.inf, NO_LIMIT),
        (1e12, NO_LIMIT),
    ],
)
def test_whole_blocks_forgive_rounding_and_nothing_else(blocks, counted):
    assert whole(np.array([blocks])).tolist() == [counted]


@pytest.mark.parametrize(
    ("place", "limits", "most"),
    [
        (ONE, {}, 4),
        (Place(land_mw=79.0), {}, 3),
        (Place(links=(Link(top_mw=50.0),)), {}, 2),
        (ONE, {"headroom": {("N1", 154.0): 99.9}}, 3),
        (ONE, {"headroom": {("N1", 154.0): 25.0}}, 1),
        (ONE, {"basins": {"B1": 299.0}}, 2),
        (ONE, {"provinces": {"share_max_pct": 50}}, 2),
        (ONE, {"objective": {"budget_bn_krw": 64.9}}, 2),
        (ONE, {"objective": {"budget_bn_krw": 65.0}}, 3),
    ],
)
def test_an_option_has_at_most_the_blocks_that_every_single_limit_allows(place, limits, most):
    problem = make_case([place], target_mw=80, **limits).problem()
    assert problem.blocks_max.tolist() == [most]
    assert problem.option_gate.tolist() == [""]
    assert problem.site_gate.tolist() == [""]
    assert problem.open_options().tolist() == [0]


@examples(15)
@given(case=cases(LIMITS))
def test_every_size_in_a_plan_lies_within_the_bounds_of_its_option(case):
    problem, plans = case.problem(), all_plans(case)
    good = plans.good & plans.largest_pays
    for option, name in enumerate(problem.option_id):
        loads = plans.it_mw[:, good][plans.option[:, good] == name] / 20
        assert (loads >= problem.blocks_min[option]).all()
        assert (loads <= problem.blocks_max[option]).all()


def test_the_first_limit_that_closes_an_option_is_its_gate():
    case = make_case([ONE, ONE], headroom={("N1", 154.0): 10.0}, basins={"B1": 10.0})
    assert case.problem().option_gate.tolist() == ["headroom", "headroom"]


def test_a_site_is_closed_by_what_closes_the_option_that_gets_furthest():
    links = (Link(top_mw=20.0), Link("N2"))
    problem = make_case([Place(links=links)], headroom={("N2", 154.0): 24.0}).problem()
    assert problem.option_gate.tolist() == ["size", "headroom"]
    assert problem.site_gate.tolist() == ["headroom"]
    # Open where one option is open.
    assert make_case([Place(links=links)]).problem().site_gate.tolist() == [""]


def test_a_site_without_options_has_no_connection():
    problem = make_case([Place(), Place(links=())]).problem()
    assert problem.site_gate.tolist() == ["", "connection"]


def test_a_part_keeps_its_options_its_sites_and_all_limits():
    links = (Link("N1"), Link("N2"))
    problem = make_case([Place(links=links), Place(), Place(links=links)]).problem()
    part = problem.take(np.array([4, 0, 3]))
    assert part.option_id.tolist() == ["S0-0", "S2-0", "S2-1"]
    assert part.site_id.tolist() == ["S0", "S2"]
    assert part.option_site.tolist() == [0, 1, 1]
    assert part.station_id.tolist() == problem.station_id.tolist()
    assert part.option_level.tolist() == problem.option_level[[0, 3, 4]].tolist()
    assert (part.sites, part.options) == (2, 3)


def test_the_whole_is_a_part_of_itself():
    problem = make_case([Place(links=(Link("N1"), Link("N2"))), Place()]).problem()
    part = problem.take(np.arange(problem.options))
    for field in fields(problem):
        np.testing.assert_array_equal(getattr(part, field.name), getattr(problem, field.name))


def test_a_relaxed_part_has_the_bounds_of_the_land_alone():
    problem = make_case([ONE], headroom={("N1", 154.0): 25.0}).problem()
    assert problem.take(np.array([0])).blocks_max.tolist() == [1]
    assert problem.take(np.array([0]), relaxed=True).blocks_max.tolist() == [4]


def test_to_tighten_twice_changes_nothing():
    problem = make_case([ONE, Place(links=())], headroom={("N1", 154.0): 60.0}).problem()
    again = tighten(problem)
    for field in fields(problem):
        np.testing.assert_array_equal(getattr(again, field.name), getattr(problem, field.name))


def test_the_worth_of_a_plan_counts_what_is_built():
    problem = make_case([ONE, ONE, ONE]).problem()
    assert problem.worth(np.array([2, 0, 1])) == 2 * 10 + 3 * 40
    assert problem.worth(np.zeros(3, dtype=np.int64)) == 0


def test_the_unit_is_that_of_the_objective():
    assert make_case([ONE]).problem().unit == "bn_krw"
    assert make_case([ONE], objective={"kind": "suitability"}).problem().unit == "suitable_mw"
