"""Draws of weights: uniform on the simplex, or on the part that order and intervals leave."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.errors import ScenarioError
from siteopt.multicriteria import weight_space
from siteopt.multicriteria.weight_space import draw_weights


@pytest.mark.parametrize("n", [2, 3, 5, 9])
def test_the_simplex_is_drawn_evenly(n):
    drawn = draw_weights(n, 4096)
    assert drawn.min() >= 0
    assert drawn.sum(axis=1) == pytest.approx(np.ones(4096), abs=1e-12)
    for threshold in (0.05, 0.2, 0.5):  # a weight of Dirichlet(1) exceeds t with (1 - t)^(n - 1)
        share = (drawn > threshold).mean(axis=0)
        assert share == pytest.approx(np.full(n, (1 - threshold) ** (n - 1)), abs=0.03)


def test_the_same_seed_gives_the_same_bytes_and_another_does_not():
    limits = {"low": [0.1, 0.0, 0.0, 0.0], "high": [0.5, 0.4, 1.0, 1.0]}
    for kind in ({}, limits, {"order": [[2], [0, 1]]}):
        first = draw_weights(4, 100, seed=7, **kind)
        assert first.tobytes() == draw_weights(4, 100, seed=7, **kind).tobytes()
        assert first.tobytes() != draw_weights(4, 100, seed=8, **kind).tobytes()


@given(st.permutations(range(5)), st.integers(1, 4))
def test_every_draw_keeps_the_order(names, cut):
    places = [names[:cut], names[cut:]]
    drawn = draw_weights(5, 64, order=places)
    assert (drawn[:, places[0]].min(axis=1) >= drawn[:, places[1]].max(axis=1)).all()
    assert drawn.sum(axis=1) == pytest.approx(np.ones(64))


def test_a_partial_order_is_drawn_evenly():
    """Of all draws those that happen to keep the order are spread the same."""
    drawn = draw_weights(4, 2**14)
    kept = drawn[drawn[:, 1] >= np.maximum(drawn[:, 0], drawn[:, 3])]
    ordered = draw_weights(4, 2**13, order=[[1], [0, 3]])
    assert ordered.mean(axis=0) == pytest.approx(kept.mean(axis=0), abs=0.004)
    assert ordered.std(axis=0) == pytest.approx(kept.std(axis=0), abs=0.004)


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ([0.2, 0.1, 0.0], [0.6, 1.0, 1.0]),  # a simplex with corners cut off
        ([0.0, 0.0, 0.0], [0.5, 0.4, 0.3]),  # a simplex upside down
        ([0.3, 0.3, 0.0], [0.32, 0.31, 1.0]),  # a box
        ([0.2, 0.2, 0.2], [0.5, 0.5, 0.5]),
    ],
)
def test_intervals_are_kept_and_drawn_evenly(low, high):
    drawn = draw_weights(3, 4096, low=low, high=high)
    assert (drawn >= np.array(low) - 1e-9).all()
    assert (drawn <= np.array(high) + 1e-9).all()
    # by enumeration: a fine grid of the part of the simplex
    first, second = np.meshgrid(np.linspace(0, 1, 1501), np.linspace(0, 1, 1501))
    grid = np.column_stack([first.ravel(), second.ravel(), 1 - first.ravel() - second.ravel()])
    inside = ((grid >= np.array(low) - 1e-9) & (grid <= np.array(high) + 1e-9)).all(axis=1)
    assert drawn.mean(axis=0) == pytest.approx(grid[inside].mean(axis=0), abs=0.004)
    assert drawn.std(axis=0) == pytest.approx(grid[inside].std(axis=0), abs=0.004)


def test_a_weight_that_is_fixed_leaves_the_others_free():
    """With nine criteria a box around the rest would be hit once in ten thousand points."""
    low, high = [0.1, *[0.0] * 8], [0.1, *[1.0] * 8]
    drawn = draw_weights(9, 4096, low=low, high=high)
    assert (drawn[:, 0] == 0.1).all()
    assert drawn.sum(axis=1) == pytest.approx(np.ones(4096))
    rest = drawn[:, 1:] / 0.9
    assert (rest > 0.2).mean(axis=0) == pytest.approx(np.full(8, 0.8**7), abs=0.03)


def test_an_order_with_a_fixed_weight_in_it_is_kept():
    drawn = draw_weights(3, 4096, low=[0, 0.3, 0], high=[1, 0.3, 1], order=[[0], [1], [2]])
    assert drawn[:, 0].min() >= 0.4 - 1e-9
    assert drawn[:, 2].max() <= 0.3 + 1e-9
    assert drawn[:, 0].mean() == pytest.approx(0.55, abs=0.005)  # evenly from 0.4 to 0.7


def test_an_order_with_narrow_intervals_is_found():
    middle = [0.2, 0.18, 0.15, 0.12, 0.1, 0.08, 0.07, 0.06, 0.04]
    low, high = [one - 0.015 for one in middle], [one + 0.015 for one in middle]
    drawn = draw_weights(9, 256, low=low, high=high, order=[[place] for place in range(9)])
    assert (np.diff(drawn, axis=1) <= 1e-9).all()
    assert (np.abs(drawn - middle) <= 0.015 + 1e-9).all()


def test_one_criterion_has_all_the_weight():
    assert draw_weights(1, 3).tolist() == [[1.0]] * 3


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"draws": 0}, "0 draws; at least 1"),
        ({"low": [0.6, 0, 0], "high": [0.4, 1, 1]}, "interval of criterion 1 is 0.6 to 0.4"),
        ({"high": [1, 1.5, 1]}, "interval of criterion 2 is 0 to 1.5; 0 <= low <= high <= 1"),
        ({"low": [0.5, 0.4, 0.3]}, "intervals add up to 1.2 at their low and 3 at their high"),
        ({"high": [0.2, 0.3, 0.1]}, "intervals add up to 0 at their low and 0.6 at their high"),
        ({"low": [0.5, 0.3, 0.2]}, "only, so that there is no spread"),
        ({"low": [0.5, 0.3, 0.2], "high": [0.5, 0.3, 0.2]}, "so that there is no spread"),
    ],
)
def test_weights_that_cannot_be_drawn_are_named(asked, message):
    with pytest.raises(ScenarioError, match=message):
        draw_weights(3, **{"draws": 8, **asked})


def test_a_part_too_thin_to_hit_is_named(monkeypatch):
    monkeypatch.setattr(weight_space, "_TRIES_MAX", 2**14)
    with pytest.raises(ScenarioError, match="leave so few weights that 16392 points hit 0 of the"):
        draw_weights(5, 8, order=[[place] for place in range(5)], low=[0, 0, 0, 0, 0.1999])
