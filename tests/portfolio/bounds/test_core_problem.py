"""The core of a program: below its cutoff it must answer as the whole program does."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.portfolio import constraints
from siteopt.portfolio.bounds import core_problem
from siteopt.portfolio.bounds.column_generation import Relaxation
from siteopt.portfolio.bounds.core_problem import build_core
from siteopt.portfolio.solver.backends import LEAN, Limits, solve_arrays
from siteopt.portfolio.solver.mip import program_arrays, whole_blocks
from tests.portfolio.instances import examples, wide_case
from tests.portfolio.listing import all_plans
from tests.portfolio.random_cases import LIMITS, cases

SLACK = 1e-5
POOL = ThreadPoolExecutor(2)


def check_questions(part, found, true_cost):
    """Ask for the best plan with and without every site; ``true_cost(site, inside)`` knows it."""
    for site in range(part.sites):
        place = found.place(site)
        for inside in (True, False):
            true = true_cost(site, inside)
            if place < 0:
                assert not inside or true >= found.cutoff - SLACK
                continue
            (bound,) = found.bounds([(place, inside)], POOL)
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
    @examples(12)
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


def with_cuts(seed, provinces_min, monkeypatch):
    """Return a part whose core has cutting planes, its optimum and the cost of that."""
    # So small a program needs no cutting planes unless it is told to.
    monkeypatch.setattr(core_problem, "_ENOUGH", 0)
    part = wide_case(seed, 30, 360.0).part()
    if provinces_min:  # in force only where few provinces could hold the target
        part = replace(
            part,
            province_count_min=provinces_min,
            province_max_blocks=np.full_like(part.province_max_blocks, part.target_blocks),
        )
        assert constraints.all_rows(part).extras
    answer = solve_arrays(program_arrays(part), Limits())
    return part, whole_blocks(part, answer.values), answer.objective


@pytest.mark.parametrize(
    ("seed", "provinces_min"), [(235, 4), pytest.param(235, 0, marks=pytest.mark.slow)]
)
def test_a_core_with_cutting_planes_answers_as_the_whole_program_does(
    seed, provinces_min, monkeypatch
):
    part, best, cost = with_cuts(seed, provinces_min, monkeypatch)
    found = build_core(part, Relaxation(part).solve(), cost + 10.0, [best])
    assert found.cuts > 0

    def true_cost(site, inside):
        arrays = program_arrays(part)
        bound = arrays.lower if inside else arrays.upper
        bound[2 * part.options + site] = float(inside)
        return solve_arrays(arrays, Limits(cutoff=found.cutoff), **LEAN).objective

    check_questions(part, found, true_cost)


def test_cutting_planes_that_cut_off_a_known_plan_are_not_taken(monkeypatch):
    # Half of the best plan stands in for a plan that a defect of the solver cuts off.
    part, best, cost = with_cuts(224, 0, monkeypatch)
    half = np.where(np.cumsum(best) <= best.sum() / 2, best, 0)
    bound = Relaxation(part).solve()
    assert build_core(part, bound, cost + 10.0, [best]).cuts > 0
    assert build_core(part, bound, cost + 10.0, [best, half]).cuts == 0


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
