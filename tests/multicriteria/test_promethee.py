"""PROMETHEE II: published examples, all pairs written out, and another library.

The published figures are those that the tests of pyrepo-mcda and pymcdm quote.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pymcdm.methods import PROMETHEE_II

from siteopt.errors import ScenarioError
from siteopt.multicriteria.promethee import promethee

# Papathanasiou, J. and Ploskas, N. (2018), Multiple Criteria Decision Aid, Springer, chapter 3:
# six places for a facility, linear preference functions.
PLACES = np.array(
    [[8, 7, 2, 1], [5, 3, 7, 5], [7, 5, 6, 4], [9, 9, 7, 3], [11, 10, 3, 7], [6, 9, 5, 4]],
    dtype=float,
)
WEIGHTS = [0.4, 0.3, 0.1, 0.2]

whole_numbers = arrays(
    np.float64, st.tuples(st.integers(2, 8), st.just(3)), elements=st.integers(0, 9).map(float)
)


def written_out(values, weights, indifference, preference):
    """Return the net flows from every pair."""
    n, net = len(values), np.zeros(len(values))
    for i in range(n):
        for j in range(n):
            for k, weight in enumerate(weights):
                d, q, p = values[i, k] - values[j, k], indifference[k], preference[k]
                prefers = (d > q) if p == q else min(1.0, max(0.0, (d - q) / (p - q)))
                net[i] += weight * prefers / (n - 1)
                net[j] -= weight * prefers / (n - 1)
    return net


def test_published_places_for_a_facility():
    found = promethee(PLACES, WEIGHTS, indifference=[1] * 4, preference=[2] * 4)
    assert found.net.round(2).tolist() == [-0.26, -0.52, -0.22, 0.36, 0.7, -0.06]


def test_published_usual_criterion():
    """Zhao, H., Peng, Y. and Li, W. (2013), Procedia Computer Science 17, 181-188."""
    values = np.array([[4.0, 3.0, 2.0], [3.0, 2.0, 4.0], [5.0, 1.0, 3.0]])
    assert promethee(values, [0.5, 0.3, 0.2]).net.round(2).tolist() == [0.1, -0.3, 0.2]


@given(whole_numbers, st.tuples(*[st.integers(0, 3)] * 3), st.tuples(*[st.integers(0, 4)] * 3))
def test_sorted_sums_are_the_sums_of_all_pairs(values, indifference, more):
    preference = np.add(indifference, more)
    weights = np.array([0.5, 0.3, 0.2])
    found = promethee(values, weights, indifference=indifference, preference=preference)
    assert found.net == pytest.approx(written_out(values, weights, indifference, preference))
    assert found.net.sum() == pytest.approx(0.0, abs=1e-12)
    assert ((found.positive >= -1e-12) & (found.positive <= 1 + 1e-12)).all()


def test_another_library_has_the_same_flows():
    values = np.random.default_rng(0).random((200, 4))
    limits = {"q": [0.05] * 4, "p": [0.3] * 4}
    theirs = PROMETHEE_II("vshape_2", **limits)(values, np.array(WEIGHTS), np.array([1, 1, -1, 1]))
    found = promethee(
        values, WEIGHTS, indifference=limits["q"], preference=limits["p"],
        better=["high", "high", "low", "high"],
    )  # fmt: skip
    assert found.net == pytest.approx(theirs, abs=1e-12)


@given(whole_numbers, st.floats(0.0, 2.0), st.floats(0.1, 3.0))
def test_a_dominating_alternative_has_no_smaller_flow(values, indifference, more):
    found = promethee(
        values, [0.5, 0.3, 0.2], indifference=[indifference] * 3,
        preference=[indifference + more] * 3,
    )  # fmt: skip
    for one, own in enumerate(values):
        for other, theirs in enumerate(values):
            if (own >= theirs).all():
                assert found.net[one] >= found.net[other] - 1e-9


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"values": PLACES[:1]}, "1 alternatives; outranking needs at least 2"),
        ({"weights": [0, 0, 0, 0]}, "weights: .* not all 0"),
        ({"weights": [1, 1]}, "weights: one for each criterion"),
        ({"indifference": [3] * 4, "preference": [2] * 4}, "criterion 1 are 3 .indifference"),
    ],
)
def test_what_cannot_be_is_named(asked, message):
    given_ = {"values": PLACES, "weights": WEIGHTS} | asked
    with pytest.raises(ScenarioError, match=message):
        promethee(given_.pop("values"), given_.pop("weights"), **given_)
