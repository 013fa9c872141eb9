"""Plans that are handed on from one stage to the next, few options of many in use."""

import hypothesis.strategies as st
import numpy as np
from hypothesis import given
from hypothesis.extra.numpy import arrays

from siteopt.portfolio.site_values import PlanPool

PLANS = st.integers(0, 6).flatmap(
    lambda options: st.tuples(
        st.just(options), st.lists(arrays(np.int64, options, elements=st.integers(0, 3)))
    )
)


@given(PLANS)
def test_plans_come_back_as_they_were(case):
    options, plans = case
    met = PlanPool.of(options, plans)
    back = met.each()
    assert len(back) == len(plans)
    assert all(np.array_equal(one, other) for one, other in zip(back, plans, strict=True))
    assert all(one.dtype == np.int64 for one in back)
    assert len(met.option) == sum(np.count_nonzero(plan) for plan in plans)
