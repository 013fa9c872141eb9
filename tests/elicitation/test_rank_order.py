"""Rank-order weights: closed forms, worked out by hand, and ties."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.elicitation.rank_order import rank_order_weights
from siteopt.errors import ScenarioError
from siteopt.multicriteria.weight_space import draw_weights

ABCD = ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        # four criteria: 25/48, 13/48, 7/48, 3/48; 4/10 to 1/10; 12/25, 6/25, 4/25, 3/25
        ("centroid", [0.5208, 0.2708, 0.1458, 0.0625]),
        ("sum", [0.4, 0.3, 0.2, 0.1]),
        ("reciprocal", [0.48, 0.24, 0.16, 0.12]),
    ],
)
def test_weights_of_four_by_hand(rule, expected):
    assert list(rank_order_weights(ABCD, rule).values()) == pytest.approx(expected, abs=5e-5)


@given(st.integers(1, 9), st.sampled_from(["centroid", "sum", "reciprocal"]))
def test_weights_sum_to_one_and_fall(n, rule):
    weights = list(rank_order_weights([f"c{i}" for i in range(n)], rule).values())
    assert sum(weights) == pytest.approx(1.0)
    assert all(first > second > 0 for first, second in itertools.pairwise(weights))


def test_the_centroid_is_the_mean_of_all_weights_of_that_order():
    drawn = draw_weights(4, 4096, order=[[0], [1], [2], [3]])
    assert drawn.mean(axis=0) == pytest.approx(list(rank_order_weights(ABCD).values()), abs=0.002)


def test_those_of_one_place_share_what_their_places_have():
    assert rank_order_weights(["a", ["b", "c"], "d"], "sum") == pytest.approx(
        {"a": 0.4, "b": 0.25, "c": 0.25, "d": 0.1}
    )
    assert rank_order_weights([ABCD]) == pytest.approx(dict.fromkeys(ABCD, 0.25))


@pytest.mark.parametrize(
    ("order", "message"),
    [([], "the order is empty"), (["a", ["b", "a"]], "a stands twice in the order")],
)
def test_an_order_that_cannot_be_is_named(order, message):
    with pytest.raises(ScenarioError, match=message):
        rank_order_weights(order)
