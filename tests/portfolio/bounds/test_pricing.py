"""The cheapest builds at given prices, against every build there is."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.portfolio.bounds.pricing import Pricing
from tests.portfolio.instances import Place, examples, make_case
from tests.portfolio.random_years import random_years

SEEDS = st.integers(0, 2**32 - 1)
SLACK = 1e-9


def builds_of(problem, chain):
    """Return every build of a chain as (opening option, blocks of each of its options)."""
    members = np.flatnonzero(problem.chain == chain)
    most = problem.blocks_max[members]
    found = []
    for added in itertools.product(*(range(int(top) + 1) for top in most)):
        so_far = np.cumsum(added)
        if not so_far[-1] or (so_far > most).any():
            continue
        first = int(np.flatnonzero(added)[0])
        opener = members[first]
        if not problem.option_opens[opener] or added[first] < problem.blocks_min[opener]:
            continue
        if problem.grows or np.count_nonzero(added) == 1:
            found.append((int(opener), dict(zip(members.tolist(), added, strict=True))))
    return found


def drawn(seed, *, grows):
    """Return a problem and prices, some of them below nothing as duals make them."""
    problem = random_years(seed, ("stations", "time", "rules"), grows=grows).part()
    rng = np.random.default_rng(seed)
    fixed, each = rng.normal(0, 20, problem.options), rng.normal(0, 20, problem.options)
    return problem, np.round(fixed), np.round(each)


@pytest.mark.parametrize("grows", [True, False])
def test_no_build_is_cheaper_than_the_prices_say_and_the_builds_given_cost_that(grows):
    @examples(25)
    @given(seed=SEEDS)
    def holds(seed):
        problem, fixed, each = drawn(seed, grows=grows)
        if not problem.options:
            return
        pricing = Pricing(problem)
        prices = pricing.price(fixed, each)
        opening = np.full(problem.options, np.inf)
        use = np.full(problem.options, np.inf)
        every = [build for chain in np.unique(problem.chain) for build in builds_of(problem, chain)]
        for opener, blocks in every:
            cost = fixed[opener] + sum(each[option] * many for option, many in blocks.items())
            opening[opener] = min(opening[opener], cost)
            for option, many in blocks.items():
                if many:
                    use[option] = min(use[option], cost)
        np.testing.assert_allclose(prices.opening, opening, atol=SLACK)
        assert (prices.use <= use + SLACK).all()
        openers = np.flatnonzero(np.isfinite(opening))
        for way in (pricing.builds(fixed, each, openers), pricing.ends(openers)):
            check_builds(way, every)
        given_way = pricing.builds(fixed, each, openers)
        cost = fixed[given_way.opener]
        np.add.at(cost, given_way.build, each[given_way.option] * given_way.blocks)
        np.testing.assert_allclose(cost, opening[openers], atol=SLACK)

    holds()


def check_builds(builds, every):
    """All builds that are given are among those that there are."""
    known = [(opener, {o: n for o, n in blocks.items() if n}) for opener, blocks in every]
    for number, opener in enumerate(builds.opener):
        of_build = builds.build == number
        assert (builds.blocks[of_build] >= 1).all()
        blocks = dict(
            zip(builds.option[of_build].tolist(), builds.blocks[of_build].tolist(), strict=True)
        )
        assert (int(opener), blocks) in known


def test_where_prices_fall_a_site_opens_small_and_grows_when_blocks_are_cheap():
    case = make_case([Place(land_mw=60.0)], early_mw={2033: 20.0}, target_mw=60.0)
    pricing = Pricing(case.part())
    fixed, each = np.zeros(3), np.array([3.0, -1.0, -2.0])
    builds = pricing.builds(fixed, each, np.array([0]))
    assert builds.option.tolist() == [0, 2]
    assert builds.blocks.tolist() == [1, 2]
    # Opening in 2034 avoids the dear block, and 2035 gives more for each of the other two.
    assert pricing.price(fixed, each).opening.tolist() == [3 - 4, -1 - 4, -6]


def test_the_cases_above_have_chains_whose_most_blocks_rise():
    # Else the years of a chain would be all alike.
    rising = 0
    for seed in range(20):
        part = random_years(seed, ("stations", "time", "rules")).part()
        for chain in np.unique(part.chain):
            rising += len(np.unique(part.blocks_max[part.chain == chain])) > 1
    assert rising >= 5
