"""Options by reduced cost, as neighbourhood searches take them."""

from types import SimpleNamespace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from siteopt.portfolio.ranking.forced_site import _OF_PROVINCE, CheapestOptions
from tests.examples import examples

SITES, OPTIONS = 12, 60


@examples(60)
@given(
    cost=arrays(np.float64, OPTIONS, elements=st.integers(0, 9).map(float)),
    site=arrays(np.int64, OPTIONS, elements=st.integers(0, SITES - 1)),
    province=arrays(np.int64, SITES, elements=st.integers(0, 5)),
    fits=arrays(np.bool_, SITES),
)
def test_the_first_that_fit_of_each_province_are_those_of_all_options(cost, site, province, fits):
    part = SimpleNamespace(option_site=site, site_province=province)
    cheapest = CheapestOptions.of(part, SimpleNamespace(reduced_cost=cost))
    ranked = sorted(range(OPTIONS), key=lambda option: (cost[option], option))
    assert cheapest.order.tolist() == ranked
    expected = []
    for code in sorted(set(province[site].tolist())):
        own = [one for one in ranked if province[site[one]] == code and fits[site[one]]]
        expected += own[:_OF_PROVINCE]
    found = cheapest.first_of_each_province(fits[site[cheapest.by_province]])
    assert found.tolist() == expected
