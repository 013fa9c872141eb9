"""Bounds by the relaxation: no plan may cost less, with a site or without it."""

import highspy
import numpy as np
import pytest
from hypothesis import given

from siteopt.errors import SolverError
from siteopt.portfolio import constraints
from siteopt.portfolio.bounds.column_generation import Relaxation
from siteopt.portfolio.bounds.reduced_cost import SHORT, without_cost
from tests.portfolio.instances import Link, Place, examples, make_case, wide_case
from tests.portfolio.listing import all_plans
from tests.portfolio.random_cases import LIMITS, cases, random_case

SLACK = 1e-6


def place_of(case, part):
    """Return the place in the case of each site of its part."""
    return [list(case.sites["site_id"]).index(name) for name in part.site_id]


@pytest.mark.parametrize("limits", [("spacing",), LIMITS], ids="+".join)
@pytest.mark.parametrize("objective", ["cost", "suitability"])
def test_no_plan_costs_less_than_a_bound(limits, objective):
    @examples(10)
    @given(case=cases(limits, objective=objective))
    def holds(case):
        part, plans = case.part(), all_plans(case)
        if not part.options:
            return
        relaxation = Relaxation(part)
        bound = relaxation.solve()
        assert bound.value <= plans.best() + SLACK
        for option, name in enumerate(part.option_id):
            assert (
                bound.value + bound.beyond[option]
                <= plans.best(with_option=name, among=plans.largest_pays) + SLACK
            )
        for site, place in enumerate(place_of(case, part)):
            inside, outside = relaxation.solve_with(site), relaxation.solve_without(site)
            assert inside.value <= plans.best(with_site=place) + SLACK
            assert outside.value <= plans.best(without_site=place) + SLACK
            for option, name in enumerate(part.option_id):
                if part.option_site[option] == site:
                    cost = plans.best(with_option=name, among=plans.largest_pays)
                    assert inside.value + inside.beyond[option] <= cost + SLACK

    holds()


def test_the_bound_is_the_optimum_where_no_choice_is_divided():
    # Two sites of 40 MW at 10 + 2 a MW and 20 + 2 a MW are just what 80 MW need.
    places = [Place(land_mw=40.0), Place(land_mw=40.0, links=(Link(fixed=20.0),))]
    bound = Relaxation(make_case(places, target_mw=80).part()).solve()
    assert bound.value == pytest.approx(10 + 20 + 2 * 80)


def test_the_bounds_of_a_site_count_what_it_costs():
    # 40 MW cost 90 at the first site and 100 at the second.
    places = [Place(land_mw=40.0), Place(land_mw=40.0, links=(Link(fixed=20.0),))]
    relaxation = Relaxation(make_case(places, target_mw=40).part())
    relaxation.solve()
    assert relaxation.solve_with(0).value == pytest.approx(90)
    assert relaxation.solve_without(0).value == pytest.approx(100)


def test_a_question_about_one_site_does_not_change_the_next_answer():
    part = random_case(3, LIMITS).part()
    relaxation = Relaxation(part)
    before = relaxation.solve().value
    for site in range(part.sites):
        relaxation.solve_with(site)
        relaxation.solve_without(site)
    assert relaxation.solve().value == pytest.approx(before)
    fresh = [Relaxation(part) for _ in range(part.sites)]
    for site, other in enumerate(fresh):
        other.solve()
        assert relaxation.solve_with(site).value == pytest.approx(other.solve_with(site).value)


def test_spacing_is_in_the_bound():
    # Of four sites on one spot one may be built: 20 MW at 50. The rest comes at 540 from afar,
    # where half of the 40 MW at 580 is the least that a divided plan can pay.
    places = [Place(land_mw=20.0)] * 4 + [Place(30.0, land_mw=80.0, links=(Link(fixed=500.0),))]
    assert Relaxation(make_case(places, spacing_km=5).part()).solve().value >= 50 + 580 / 2 - SLACK
    assert Relaxation(make_case(places).part()).solve().value <= 50 + 50


def test_options_of_one_size_come_into_the_relaxation_when_they_are_needed():
    # The first site's cheap option would take the headroom that the second site has no way around.
    places = [
        Place(land_mw=20.0, links=(Link("N1"), Link("N2", fixed=30.0))),
        Place(land_mw=20.0),
    ]
    case = make_case(places, headroom={("N1", 154.0): 25.0})
    assert all_plans(case).best() == 70 + 50
    relaxation = Relaxation(case.part())
    assert relaxation.solve().value == pytest.approx(70 + 50)
    assert relaxation.artificial <= SHORT


@pytest.mark.parametrize(
    "case",
    [
        make_case([Place(land_mw=20.0)], target_mw=40),
        make_case([Place()] * 2, target_mw=80, headroom={("N1", 154.0): 75.0}),
        make_case([Place()] * 2, target_mw=80, basins={"B1": 300.0}),
        make_case([Place()], target_mw=80, objective={"budget_bn_krw": 100.0}),
        make_case([Place(), Place(1.0)], target_mw=160, spacing_km=5),
        make_case([Place(), Place(province="47")], target_mw=80, provinces={"share_max_pct": 25.0}),
    ],
    ids=["land", "stations", "basins", "budget", "spacing", "provinces"],
)
def test_limits_out_of_reach_are_proven_without_any_cost(case):
    free = Relaxation(without_cost(case.part()))
    assert free.solve().value > SHORT
    assert free.artificial > SHORT


@examples(15)
@given(case=cases(LIMITS))
def test_nothing_is_called_out_of_reach_that_has_a_plan(case):
    part = case.part()
    if part.options and np.isfinite(all_plans(case).best()):
        assert Relaxation(without_cost(part)).solve().value <= SHORT


def test_the_work_ends_where_the_bound_is_enough_or_time_is_up_and_the_bound_holds():
    part = wide_case(44).part()
    whole = Relaxation(part)
    value = whole.solve().value
    for stop in ({"enough": 0.9 * value}, {"seconds": 0.0}):
        short = Relaxation(part)
        bound = short.solve(**stop)
        assert short.iterations < whole.iterations
        assert bound.value <= value + SLACK
    assert Relaxation(part).solve(enough=0.9 * value).value > 0.9 * value


def test_other_rows_than_those_of_the_families_may_be_given():
    case = make_case([Place(), Place(links=(Link(fixed=0.0),))], target_mw=80)
    only_target = constraints.all_rows(case.part(), without=("stations", "spacing"))
    assert Relaxation(case.part(), only_target).solve().value == pytest.approx(160)


def test_rounding_never_lifts_a_bound_above_the_optimum_of_large_figures():
    links = (Link(fixed=1e6 / 3, per_mw=1e4 / 7),)
    case = make_case([Place(land_mw=20.0, links=links)] * 3, target_mw=60)
    assert Relaxation(case.part()).solve().value <= all_plans(case).best()


class Lost:
    """A handle on HiGHS whose warm basis has lost its way, as happens where rows differ a lot."""

    def __init__(self, highs):
        self._highs, self._lost = highs, True

    def __getattr__(self, name):
        return getattr(self._highs, name)

    def getModelStatus(self):  # noqa: N802 - its name in HiGHS
        return highspy.HighsModelStatus.kUnknown if self._lost else self._highs.getModelStatus()

    def clearSolver(self):  # noqa: N802 - its name in HiGHS
        self._lost = False
        return self._highs.clearSolver()


def test_a_basis_that_has_lost_its_way_is_given_up():
    part = wide_case(44).part()
    lost = Relaxation(part)
    lost._highs = Lost(lost._highs)
    assert lost.solve().value == pytest.approx(Relaxation(part).solve().value)


def test_a_relaxation_that_is_not_solved_at_all_is_an_error():
    lost = Relaxation(wide_case(44).part())
    lost._highs = Lost(lost._highs)
    lost._highs.clearSolver = lambda: None
    with pytest.raises(SolverError, match="HiGHS did not solve the relaxation"):
        lost.solve()
