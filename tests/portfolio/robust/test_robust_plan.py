"""Least expected cost and minimax regret: the minimum over every plan that can be listed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.portfolio.robust.joint_program import JointProgram, left_out
from siteopt.portfolio.robust.robust_plan import (
    least_expected_cost,
    minimax_regret,
    probabilities,
)
from tests.portfolio.instances import examples
from tests.portfolio.robust.variants import EXACT, listed, programs_of, random_variants

LIMITS = ("stations", "provinces", "basins", "spacing")


def test_probabilities_are_scaled_to_those_that_count():
    case = random_variants(0, ())[0]
    for given_, wanted in (
        ((0.2, 0.3), (0.4, 0.6)),
        ((0.0, 0.0), (0.5, 0.5)),
        ((0.0, 0.1), (0, 1)),
    ):
        assert probabilities(programs_of([case, case], list(given_))) == pytest.approx(wanted)


@examples(24, fewest=6)
@given(seed=st.integers(0, 10_000), limits=st.sampled_from([(), ("stations",), LIMITS]))
def test_the_robust_plans_are_the_best_of_all_plans(seed, limits):
    cases = random_variants(seed, limits)
    programs = programs_of(cases, [0.5, 0.3, 0.2])
    if programs is None:
        return
    assert left_out(programs) == {}
    costs = listed(cases)
    least = costs.min(axis=0)
    assert least == pytest.approx([one.least_bn_krw for one in programs])
    common = costs[np.isfinite(costs).all(axis=1)]
    joint = JointProgram.of(programs)
    expected, minimax = least_expected_cost(joint, EXACT), minimax_regret(joint, EXACT)
    if not len(common):
        assert expected is None
        assert minimax is None
        return
    assert expected.value_bn_krw == pytest.approx((common @ [0.5, 0.3, 0.2]).min(), abs=1e-6)
    assert minimax.value_bn_krw == pytest.approx((common - least).max(axis=1).min(), abs=1e-6)
    for found in (expected, minimax):
        assert found.is_optimal or found.value_bn_krw - found.bound_bn_krw < 1e-5
        told = [one.regret_bn_krw(found.steps) for one in programs]
        assert told == pytest.approx(found.regrets_bn_krw, abs=1e-6)
