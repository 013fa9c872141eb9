"""SMAA-2: closed forms of two criteria, sums, dominance in every draw, equal bytes."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from siteopt.errors import ScenarioError
from siteopt.multicriteria import smaa
from siteopt.multicriteria.smaa import acceptability_analysis, pairwise_winning
from siteopt.multicriteria.weight_space import draw_weights

DRAWS = 1024

two_criteria = arrays(
    np.float64, st.tuples(st.integers(2, 6), st.just(2)), elements=st.integers(0, 20).map(float)
)
few_levels = arrays(
    np.float64, st.tuples(st.integers(2, 7), st.integers(2, 4)),
    elements=st.sampled_from([0.0, 0.1, 0.2, 0.3]),
)  # fmt: skip


def breakpoints(values):
    """Return the first weights at which two lines b + w (a - b) cross, with both ends."""
    found = {0.0, 1.0}
    for one in values:
        for other in values:
            slope = (one[0] - one[1]) - (other[0] - other[1])
            if slope:
                found.add((other[1] - one[1]) / slope)
    return sorted(at for at in found if 0.0 <= at <= 1.0)


def closed_form(values):
    """Return acceptabilities and central first weights of two criteria, by the lines' crossings."""
    n = len(values)
    share, moment = np.zeros((n, n)), np.zeros(n)
    ends = breakpoints(values)
    for low, high in itertools.pairwise(ends):
        middle = (low + high) / 2
        scores = values @ np.array([middle, 1 - middle])
        order = np.lexsort((-values[:, 1], -values[:, 0], -scores.round(12)))
        share[order, np.arange(n)] += high - low
        moment[order[0]] += (high - low) * middle
    return share, moment


@given(two_criteria)
def test_two_criteria_have_the_acceptabilities_of_their_lines(values):
    found = acceptability_analysis(values, draw_weights(2, DRAWS))
    share, moment = closed_form(values)
    # one draw stands in every of so many equal parts of the interval
    off = 2 * len(breakpoints(values)) / DRAWS
    assert found.rank_acceptability == pytest.approx(share, abs=off)
    for place in np.flatnonzero(share[:, 0] > 0.1):
        expected = moment[place] / share[place, 0]
        central = found.central_weights[place]
        assert central == pytest.approx([expected, 1 - expected], abs=off / 0.1)


def test_three_alternatives_by_hand():
    """Two that are best in one criterion each, and one between them that is first in the middle."""
    values = np.array([[1.0, 0.0], [0.0, 1.0], [0.7, 0.7]])
    found = acceptability_analysis(values, draw_weights(2, DRAWS))
    assert found.rank_acceptability[:, 0] == pytest.approx([0.3, 0.3, 0.4], abs=0.002)
    assert found.central_weights[:, 0] == pytest.approx([0.85, 0.15, 0.5], abs=0.002)
    assert found.rank_high.tolist() == [3, 3, 2]
    assert found.within(2)[2] == 1.0


@given(few_levels, st.integers(0, 3))
def test_acceptabilities_sum_to_one_by_alternative_and_by_rank(values, seed):
    found = acceptability_analysis(values, draw_weights(values.shape[1], 64, seed=seed))
    n = len(values)
    assert found.rank_acceptability.sum(axis=1) == pytest.approx(np.ones(n))
    assert found.rank_acceptability.sum(axis=0) == pytest.approx(np.ones(n))
    ranks = np.arange(1, n + 1)
    assert found.rank_mean == pytest.approx(found.rank_acceptability @ ranks)


@given(few_levels)
def test_a_dominating_alternative_is_never_below_in_any_draw(values):
    """Levels such as 0.1 + 0.2 are no binary fractions, so that sums are rounded."""
    for weights in draw_weights(values.shape[1], 16):
        rank = acceptability_analysis(values, weights[None, :]).rank_mean
        for one, own in enumerate(values):
            for other, theirs in enumerate(values):
                if (own >= theirs).all() and (own > theirs).any():
                    assert rank[one] < rank[other]


@given(few_levels, st.integers(0, 3))
def test_a_dominating_alternative_is_never_below_where_values_are_drawn(values, seed):
    low = np.concatenate([values + 0.3, values])
    high = np.concatenate([values + 0.4, values + 0.3])
    assert (low[: len(values)] >= high[len(values) :]).all()
    for weights in draw_weights(values.shape[1], 8, seed=seed):
        found = acceptability_analysis(low, weights[None, :], values_high=high, seed=seed)
        for one in range(len(values)):
            assert found.rank_mean[one] < found.rank_mean[len(values) + one]


def test_the_parts_of_the_work_do_not_show(monkeypatch):
    generator = np.random.default_rng(0)
    values = generator.random((50, 4))
    high = values + 0.2 * (generator.random((50, 4)) < 0.3)
    weights = draw_weights(4, 100)
    whole = acceptability_analysis(values, weights, values_high=high, seed=3)
    monkeypatch.setattr(smaa, "_CHUNK", 350)
    parts = acceptability_analysis(values, weights, values_high=high, seed=3)
    for name in ("rank_acceptability", "rank_low", "rank_high", "confidence_factor"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name), equal_nan=True)
    again = acceptability_analysis(values, weights, values_high=high, seed=3)
    assert again.rank_acceptability.tobytes() == parts.rank_acceptability.tobytes()
    assert again.central_weights == pytest.approx(whole.central_weights, nan_ok=True)


def test_confidence_is_the_share_of_values_that_keep_it_first():
    low = np.array([[0.5], [0.0]])
    high = np.array([[0.5], [0.8]])  # first in 3/8 of its values
    weights = np.ones((4096, 1))
    found = acceptability_analysis(low, weights, values_high=high)
    assert found.rank_acceptability[:, 0] == pytest.approx([5 / 8, 3 / 8], abs=0.03)
    assert found.confidence_factor == pytest.approx([5 / 8, 3 / 8], abs=0.03)
    known = acceptability_analysis(low, weights)
    assert known.confidence_factor[0] == 1.0
    assert np.isnan(known.confidence_factor[1])


def test_one_that_wins_only_by_luck_has_little_confidence():
    """Central weights favour it, but with them it is first in few draws of its values."""
    low = np.array([[0.9, 0.0], [0.0, 0.0]])
    high = np.array([[0.9, 0.0], [1.0, 0.0]])
    found = acceptability_analysis(low, draw_weights(2, 2048), values_high=high)
    assert found.confidence_factor == pytest.approx([0.9, 0.1], abs=0.03)


def test_first_ranks_alone_are_the_first_columns_of_all():
    values, weights = np.random.default_rng(1).random((30, 3)), draw_weights(3, 128)
    whole = acceptability_analysis(values, weights)
    first = acceptability_analysis(values, weights, ranks=4)
    assert np.array_equal(first.rank_acceptability, whole.rank_acceptability[:, :4])
    assert first.standard_error() == pytest.approx(whole.standard_error()[:, :4])
    assert first.standard_error().max() <= 0.5 / np.sqrt(128)


@given(two_criteria)
def test_pairwise_winning_is_the_share_of_weights_above(values):
    weights = draw_weights(2, 256)
    won = pairwise_winning(values, weights)
    scores = weights[:, :1] * values[:, 0] + weights[:, 1:] * values[:, 1]
    expected = (scores[:, :, None] > scores[:, None, :]).mean(axis=0)
    assert np.array_equal(won, expected)
    assert (won + won.T <= 1.0).all()


@pytest.mark.parametrize(
    ("values", "high", "message"),
    [
        ([[0.5, 0.5]], [[0.4, 0.5]], "value of alternative 1 in criterion 1 is 0.5 to 0.4"),
        ([[0.5, np.nan]], None, "value of alternative 1 in criterion 2 is nan"),
        ([[0.5]], None, "one column a criterion is needed"),
        (np.zeros((0, 2)), None, "no alternative"),
    ],
)
def test_values_that_cannot_be_are_named(values, high, message):
    high = None if high is None else np.array(high)
    for analysis in (acceptability_analysis, pairwise_winning):
        with pytest.raises(ScenarioError, match=message):
            analysis(np.array(values), draw_weights(2, 8), values_high=high)
