"""Bounds, cores, rankings and both forms of the program over several years, against the listing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.errors import InfeasibleError
from siteopt.portfolio import rank, solve
from siteopt.portfolio.bounds.column_generation import Relaxation
from siteopt.portfolio.bounds.core_problem import build_core
from siteopt.portfolio.bounds.dominance import undominated
from siteopt.portfolio.solver.backends import Limits, solve_arrays
from siteopt.portfolio.solver.mip import build_model, program_arrays
from siteopt.scenario import Ranking as Settings
from tests.portfolio.bounds.test_core_problem import check_questions
from tests.portfolio.figures import check_figures, check_order
from tests.portfolio.instances import examples
from tests.portfolio.listing import all_plans
from tests.portfolio.random_years import LIMITS, random_years, year_cases

SLACK = 1e-6
FEW = ("stations", "basins", "budget", "spacing")
GROWS = pytest.mark.parametrize("grows", [True, False], ids=["growing", "fixed"])
BOTH = pytest.mark.parametrize("limits", [FEW, LIMITS], ids="+".join)


def place_of(case, part):
    """Return the place in the case of each site of its part."""
    return [list(case.sites["site_id"]).index(name) for name in part.site_id]


def true_costs(part, plans):
    """Return the least cost of plans with blocks of each option, and of those it opens."""
    steps = zip(part.option_id, part.option_year, strict=True)
    found = [
        [plans.best(among=plans.has_step(name, year, opens=opens)) for opens in (False, True)]
        for name, year in steps
    ]
    return np.array(found).reshape(-1, 2).T


@GROWS
@BOTH
def test_no_plan_of_the_years_costs_less_than_a_bound(limits, grows):
    @examples(10)
    @given(case=year_cases(limits, grows=grows, small=True))
    def holds(case):
        part, plans = case.part(), all_plans(case)
        if not part.options:
            return
        relaxation = Relaxation(part)
        bound = relaxation.solve()
        use, opening = true_costs(part, plans)
        assert bound.value <= plans.best() + SLACK
        assert (bound.value + bound.beyond <= use + SLACK).all()
        assert (bound.value + bound.opening <= opening + SLACK).all()
        for site, place in enumerate(place_of(case, part)):
            inside, outside = relaxation.solve_with(site), relaxation.solve_without(site)
            assert inside.value <= plans.best(with_site=place) + SLACK
            assert outside.value <= plans.best(without_site=place) + SLACK
            own = part.option_site == site
            assert (inside.value + inside.beyond <= use + SLACK)[own].all()
            assert (inside.value + inside.opening <= opening + SLACK)[own].all()

    holds()


@GROWS
def test_bounds_over_the_years_are_near_the_best_plan(grows):
    # A bound of minus infinity would pass the test above.
    gaps = []
    for seed in range(12):
        case = random_years(seed, FEW, grows=grows, small=True)
        best = all_plans(case).best()
        if np.isfinite(best):
            gaps.append((best - Relaxation(case.part()).solve().value) / best)
    assert len(gaps) >= 5
    assert np.median(gaps) <= 0.15


@GROWS
@BOTH
def test_the_core_of_the_years_answers_below_its_cutoff_as_the_listing_does(limits, grows):
    @examples(8)
    @given(
        case=year_cases(limits, grows=grows, small=True), room=st.sampled_from([1.0, 10.0, 50.0])
    )
    def holds(case, room):
        part, plans = case.part(), all_plans(case)
        if not np.isfinite(plans.best()):
            return
        found = build_core(part, Relaxation(part).solve(), plans.best() + room)
        places = place_of(case, part)
        check_questions(
            part,
            found,
            lambda site, inside: plans.best(
                **{"with_site" if inside else "without_site": places[site]}
            ),
        )

    holds()


@GROWS
@BOTH
def test_values_and_regrets_over_the_years_are_those_of_the_listing(limits, grows):
    @examples(8)
    @given(case=year_cases(limits, grows=grows, small=True), wanted=st.sampled_from([0, 1, 50]))
    def holds(case, wanted):
        problem, solver = case.problem(), case.scenario.solver
        try:
            plan = solve(problem, solver)
        except InfeasibleError:
            return
        ranking = rank(problem, plan, Settings(exact_others=wanted), solver)
        assert ranking.complete
        check_figures(case, ranking)
        check_order(case, ranking)

    holds()


@GROWS
def test_both_forms_of_the_program_of_the_years_allow_the_same_plans(grows):
    @examples(10)
    @given(case=year_cases(LIMITS, grows=grows), seed=st.integers(0, 999))
    def holds(case, seed):
        part = case.part()
        model, arrays = build_model(part), program_arrays(part)
        from_pulp = model.arrays()
        for name in ("cost", "integer", "lower", "upper"):
            np.testing.assert_array_equal(getattr(from_pulp, name), getattr(arrays, name))
        rng = np.random.default_rng(seed)
        for _ in range(20):
            blocks = rng.integers(0, part.blocks_max + 1) * (rng.random(part.options) < 0.4)
            values = model.values(blocks)
            assert from_pulp.meets(values) == arrays.meets(values)

    holds()


@GROWS
@BOTH
def test_the_arrays_of_the_years_allow_a_plan_just_where_it_meets_every_limit(limits, grows):
    @examples(8)
    @given(case=year_cases(limits, grows=grows))
    def holds(case):
        part, plans = case.part(), all_plans(case)
        if not part.options:
            return
        model, arrays = build_model(part), program_arrays(part)
        steps = zip(part.option_id, part.option_year, strict=True)
        place = {(str(name), int(year)): option for option, (name, year) in enumerate(steps)}
        rng = np.random.default_rng(0)
        picked = [
            *rng.permutation(np.flatnonzero(plans.good))[:25],
            *rng.permutation(np.flatnonzero(~plans.good))[:25],
        ]
        for plan in picked:
            blocks = blocks_of(plans, plan, place, part.options)
            if blocks is None:
                assert not plans.good[plan]  # it has an option that is closed
                continue
            values = model.values(blocks)
            assert arrays.meets(values) == plans.good[plan]
            assert arrays.cost @ values == pytest.approx(plans.worth[plan])
            assert part.worth(blocks) == pytest.approx(plans.worth[plan])

    holds()


def blocks_of(plans, plan, place, options):
    """Return a listed plan as blocks of the options, None where one of them is closed."""
    blocks = np.zeros(options, dtype=np.int64)
    for year, loads in enumerate(plans.step_mw[:, :, plan]):
        for name, load in zip(plans.option[:, plan], loads, strict=True):
            if load and (name, year) not in place:
                return None
            if load:
                blocks[place[name, year]] = round(load / 20)
    return blocks


@GROWS
def test_the_optimum_of_the_years_is_the_same_without_dominated_options(grows):
    @examples(12)
    @given(case=year_cases(LIMITS, grows=grows))
    def holds(case):
        part = case.part()
        few, all_of_them = (
            solve_arrays(program_arrays(some), Limits()).objective
            for some in (part.take(undominated(part)), part)
        )
        assert few == pytest.approx(all_of_them, abs=1e-6)

    holds()


def test_dominance_leaves_out_options_of_plans_that_do_not_grow():
    parts = [random_years(seed, FEW, grows=False).part() for seed in range(15)]
    assert sum(part.options - len(undominated(part)) for part in parts) >= 10
