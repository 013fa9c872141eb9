"""The program as PuLP model and as arrays: one program, two forms."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.portfolio import constraints
from siteopt.portfolio.solver.backends import Limits, solve_arrays
from siteopt.portfolio.solver.mip import build_model, program_arrays, whole_blocks
from tests.portfolio.instances import Link, Place, examples, make_case
from tests.portfolio.listing import all_plans
from tests.portfolio.random_cases import LIMITS, cases


@examples(15)
@given(case=cases(LIMITS), seed=st.integers(0, 999))
def test_both_forms_of_the_program_allow_the_same_plans_at_the_same_cost(case, seed):
    part = case.part()
    model, arrays = build_model(part), program_arrays(part)
    from_pulp = model.arrays()
    np.testing.assert_array_equal(from_pulp.cost, arrays.cost)
    np.testing.assert_array_equal(from_pulp.integer, arrays.integer)
    np.testing.assert_array_equal(from_pulp.lower, arrays.lower)
    np.testing.assert_array_equal(from_pulp.upper, arrays.upper)
    rng = np.random.default_rng(seed)
    for _ in range(20):
        blocks = rng.integers(0, part.blocks_max + 1) * (rng.random(part.options) < 0.6)
        values = model.values(blocks)
        assert from_pulp.meets(values) == arrays.meets(values)


@examples(15)
@given(case=cases(LIMITS))
def test_the_arrays_allow_a_plan_just_where_it_meets_every_limit(case):
    part, plans = case.part(), all_plans(case)
    if not part.options:
        return
    model, arrays = build_model(part), program_arrays(part)
    good = plans.good & plans.largest_pays
    place = {name: option for option, name in enumerate(part.option_id)}
    rng = np.random.default_rng(0)
    few_bad = rng.permutation(np.flatnonzero(~plans.good))[:20]
    for plan in (*np.flatnonzero(good)[:20], *few_bad):
        names, loads = plans.option[:, plan], plans.it_mw[:, plan]
        if any(name and name not in place for name in names):
            assert not good[plan]  # an option that is closed
            continue
        blocks = np.zeros(part.options, dtype=np.int64)
        for name, load in zip(names, loads, strict=True):
            if name:
                blocks[place[name]] = round(load / 20)
        assert arrays.meets(model.values(blocks)) == good[plan]
        assert model.arrays().meets(model.values(blocks)) == good[plan]
        assert arrays.cost @ model.values(blocks) == pytest.approx(plans.worth[plan])


def test_a_plan_becomes_values_and_back():
    model = build_model(make_case([Place(links=(Link("N1"), Link("N2"))), Place()]).part())
    blocks = np.array([0, 2, 1])
    values = model.values(blocks)
    assert values.tolist() == [0, 1, 1, 0, 2, 1, 1, 1]
    assert model.blocks(values).tolist() == blocks.tolist()


def test_values_a_hair_off_are_rounded_to_whole_blocks():
    problem = make_case([Place(), Place()]).part()
    values = np.array([1 - 1e-7, 1e-7, 2 - 1e-7, 3e-7, 1, 0])
    assert whole_blocks(problem, values).tolist() == [2, 0]


def test_the_count_of_provinces_has_variables_of_its_own_at_the_end():
    places = [Place(), Place(province="47")]
    model = build_model(make_case(places, provinces={"count_min": 2}).part())
    values = model.values(np.array([1, 1]))
    assert len(model.variables) == 2 + 2 + 2 + 2
    assert values[-2:].tolist() == [1, 1]
    assert model.values(np.array([1, 0]))[-2:].tolist() == [1, 0]
    assert model.arrays().meets(values)
    assert not model.arrays().meets(model.values(np.array([2, 0])))


@pytest.mark.parametrize(
    "values",
    [
        [1, 1, 5, 0, 1, 1],  # more than the most blocks
        [1, 0, 0, 0, 1, 0],  # built without a block
        [0, 0, 2, 0, 0, 0],  # blocks, but not built
        [1, 0, 2, 0, 0, 0],  # built, but the site is not chosen
        [1, 0, 2.4, 0, 1, 0],  # no whole blocks
        [1, 0, 1, 0, 1, 0],  # short of the target
        [1, -1, 2, 0, 1, 0],  # below a bound
    ],
)
def test_values_that_break_anything_are_refused(values):
    arrays = program_arrays(make_case([Place(), Place()]).part())
    assert arrays.meets(np.array([1.0, 0, 2, 0, 1, 0]))
    assert not arrays.meets(np.array(values, dtype=np.float64))


def test_a_site_has_one_connection_only():
    arrays = program_arrays(make_case([Place(links=(Link("N1"), Link("N2")))]).part())
    assert arrays.meets(np.array([1.0, 0, 2, 0, 1]))
    assert not arrays.meets(np.array([1.0, 1, 1, 1, 1]))
    assert not arrays.meets(np.array([1.0, 1, 1, 1, 2]))


def test_other_rows_than_those_of_the_families_may_be_given():
    places = [Place(), Place(1.0), Place(50.0, links=(Link(fixed=50.0),))]
    part = make_case([replace(place, land_mw=20.0) for place in places], spacing_km=5).part()
    rows = constraints.all_rows(part, without=("spacing",))
    for loose in (program_arrays(part, rows), build_model(part, rows).arrays()):
        assert solve_arrays(loose, Limits()).objective == pytest.approx(50 + 50)
    for whole in (program_arrays(part), build_model(part).arrays()):
        assert solve_arrays(whole, Limits()).objective == pytest.approx(50 + 90)
