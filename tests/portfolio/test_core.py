"""The core of a program: below its cutoff it must answer as the whole program does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siteopt.portfolio import core
from siteopt.portfolio.core import build_core
from siteopt.portfolio.model import program_arrays
from siteopt.portfolio.relaxation import Relaxation
from siteopt.portfolio.solver import Limits, solve_arrays

from .instances import LIMITS, PROFILE, all_plans, cases, wide_case

SLACK = 1e-5


def check_questions(part, found, true_cost):
    """Ask for the best plan with and without every site; ``true_cost(site, inside)`` knows it."""
    for site in range(part.sites):
        place = found.place(site)
        for inside in (True, False):
            true = true_cost(site, inside)
            if place < 0:
                assert not inside or true >= found.cutoff - SLACK
                continue
            (bound,) = found.bounds([(place, inside)])
            if bound is None:
                assert true >= found.cutoff - SLACK
                continue
            assert bound.value <= true + SLACK
            answer, blocks = found.best(place, bound, found.cutoff, 60.0, inside=inside)
            assert answer.bound <= min(true, found.cutoff) + SLACK
            if true < found.cutoff - SLACK:
                assert part.worth(blocks) == pytest.approx(true, abs=SLACK)
                assert answer.bound >= true - SLACK
                assert (blocks[part.option_site == site].sum() > 0) == inside
            else:
                assert answer.bound >= found.cutoff - SLACK


@pytest.mark.parametrize("limits", [("stations", "spacing"), LIMITS], ids="+".join)
def test_the_core_answers_below_its_cutoff_as_the_listing_does(limits):
    @settings(PROFILE, max_examples=12)
    @given(case=cases(limits, links_max=3), room=st.sampled_from([1.0, 10.0, 50.0]))
    def holds(case, room):
        part, plans = case.part(), all_plans(case)
        if not np.isfinite(plans.best()):
            return
        found = build_core(part, Relaxation(part).solve(), plans.best() + room)
        places = [list(case.sites["site_id"]).index(name) for name in part.site_id]
        check_questions(
            part,
            found,
            lambda site, inside: plans.best(
                **{"with_site" if inside else "without_site": places[site]}
            ),
        )

    holds()


def test_a_core_with_cutting_planes_answers_as_the_whole_program_does(monkeypatch):
    # So small a program needs no cutting planes unless it is told to.
    monkeypatch.setattr(core, "_ENOUGH", 0)
    part = wide_case(113, 16, 200.0).part()

    def true_cost(site, inside):
        arrays = program_arrays(part)
        bound = arrays.lower if inside else arrays.upper
        bound[2 * part.options + site] = float(inside)
        return solve_arrays(arrays, Limits()).objective

    best = solve_arrays(program_arrays(part), Limits()).objective
    found = build_core(part, Relaxation(part).solve(), best + 10.0)
    assert found.cuts > 0
    check_questions(part, found, true_cost)


def test_the_core_leaves_out_what_no_plan_below_the_cutoff_can_have():
    # Else it would be no smaller than the program.
    part = wide_case(44).part()
    best = solve_arrays(program_arrays(part), Limits()).objective
    bound = Relaxation(part).solve()
    small, large = (build_core(part, bound, best + room) for room in (1.0, 1e6))
    assert small.problem.options < large.problem.options
    assert set(small.options) < set(large.options)
    assert set(large.sites) == set(range(part.sites))
    assert small.place(int(np.setdiff1d(large.sites, small.sites)[0])) == -1
