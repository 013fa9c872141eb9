"""A restriction and its way back: what is carried there and back is what it was."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.portfolio import constraints
from siteopt.portfolio.constraints.cut_rows import Cut, OptionCut
from siteopt.portfolio.problem.restriction import Restriction
from tests.portfolio.instances import Place, examples, make_case
from tests.portfolio.random_cases import LIMITS, cases
from tests.portfolio.random_years import year_cases


def drawn(problem, seed):
    """Return some options of a problem, and a plan of each of the two."""
    rng = np.random.default_rng(seed)
    kept = np.flatnonzero(rng.random(problem.options) < 0.6)
    restriction = Restriction(problem, kept)
    small = rng.integers(0, 4, len(kept))
    return restriction, small, rng.integers(0, 4, problem.options)


@pytest.mark.parametrize("strategy", [cases(LIMITS), year_cases(LIMITS)], ids=["one", "several"])
def test_there_and_back_is_the_same_plan_at_the_same_cost(strategy):
    @examples(25)
    @given(case=strategy, seed=st.integers(0, 999))
    def holds(case, seed):
        restriction, small, large = drawn(case.problem(), seed)
        whole, part = restriction.whole, restriction.part
        carried = restriction.invert(small)
        assert restriction.apply(carried).tolist() == small.tolist()
        assert carried.sum() == small.sum()
        assert whole.worth(carried) == pytest.approx(part.worth(small))
        assert whole.option_id[carried > 0].tolist() == part.option_id[small > 0].tolist()
        here = restriction.apply(large)
        inside = np.isin(np.flatnonzero(large), restriction.options).all()
        assert (here is not None) == inside
        if here is not None:
            assert restriction.invert(here).tolist() == large.tolist()

    holds()


@examples(25)
@given(case=cases(LIMITS), seed=st.integers(0, 999))
def test_places_name_the_same_options_and_sites(case, seed):
    restriction, _, _ = drawn(case.problem(), seed)
    whole, part = restriction.whole, restriction.part
    for place, ids, own in (
        (restriction.option_place, whole.option_id, part.option_id),
        (restriction.site_place, whole.site_id, part.site_id),
    ):
        assert ids[place >= 0].tolist() == own[place[place >= 0]].tolist() == own.tolist()
    assert whole.site_id[restriction.sites].tolist() == part.site_id.tolist()


@examples(25)
@given(case=cases(LIMITS), seed=st.integers(0, 999))
def test_narrowed_twice_is_narrowed_at_once(case, seed):
    restriction, _, _ = drawn(case.problem(), seed)
    kept = np.arange(0, restriction.part.options, 2)
    narrow = restriction.narrow(kept)
    assert narrow.whole is restriction.whole
    assert narrow.part.option_id.tolist() == restriction.part.take(kept).option_id.tolist()
    plan = np.arange(1, len(kept) + 1)
    at_once = Restriction(restriction.part, kept).invert(plan)
    assert narrow.invert(plan).tolist() == restriction.invert(at_once).tolist()


@examples(25)
@given(case=cases(LIMITS), seed=st.integers(0, 999))
def test_a_cut_counts_a_plan_of_the_part_as_it_counts_it_in_the_whole(case, seed):
    restriction, small, _ = drawn(case.problem(), seed)
    whole, part = restriction.whole, restriction.part
    rng = np.random.default_rng(seed)
    of_options, of_sites = np.arange(whole.options), np.arange(whole.sites)
    cuts = [
        Cut(of_sites, rng.uniform(0.5, 2.0, whole.sites), 3.0),
        OptionCut(of_options, rng.normal(size=whole.options), rng.normal(size=whole.options), 2.0),
    ]
    here = constraints.cut_rows(restriction, cuts).activity(small, part)
    carried = restriction.invert(small)
    there = constraints.cut_rows(Restriction.none(whole), cuts).activity(carried, whole)
    assert here == pytest.approx(there)
    assert there[1] - 2.0 == pytest.approx(cuts[1].excess(whole.opened(carried), carried))


def test_to_the_open_options_leaves_out_those_that_a_limit_closes():
    problem = make_case([Place(), Place(land_mw=5.0)]).problem()
    restriction = Restriction.to_open(problem)
    assert restriction.options.tolist() == problem.open_options().tolist() == [0]
    assert restriction.apply(np.array([2, 1])) is None
    assert Restriction.none(problem).part is problem
