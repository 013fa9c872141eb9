"""Aggregation of individual priorities: means of weights."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.elicitation.aggregation import aggregate_weights
from siteopt.errors import ScenarioError

weights = st.tuples(*[st.floats(0.01, 1.0)] * 3).map(
    lambda drawn: dict(zip("abc", [one / sum(drawn) for one in drawn], strict=True))
)


@given(st.lists(weights, min_size=1, max_size=4), st.sampled_from(["arithmetic", "geometric"]))
def test_a_mean_sums_to_one_and_is_what_all_agree_on(individual, mean):
    found = aggregate_weights(individual, mean=mean)
    assert sum(found.values()) == pytest.approx(1.0)
    assert aggregate_weights([individual[0]] * 3, [1, 2, 3], mean) == pytest.approx(individual[0])


def test_the_geometric_mean_keeps_ratios():
    found = aggregate_weights(
        [{"a": 0.5, "b": 0.25, "c": 0.25}, {"a": 0.2, "b": 0.1, "c": 0.7}], mean="geometric"
    )
    assert found["a"] / found["b"] == pytest.approx(2.0)


def test_voices_weigh_and_none_at_all_is_silent():
    one, other = {"a": 1.0}, {"b": 1.0}
    assert aggregate_weights([one, other], [3, 1]) == {"a": 0.75, "b": 0.25}
    assert aggregate_weights([one, other], [1, 0], "geometric") == {"a": 1.0, "b": 0.0}


def test_means_that_cannot_be_are_named():
    with pytest.raises(ScenarioError, match="nobody has a voice"):
        aggregate_weights([{"a": 1.0}], [0])
    with pytest.raises(ScenarioError, match=r'take the arithmetic one .compromise = "arithmetic"'):
        aggregate_weights([{"a": 1.0}, {"b": 1.0}], mean="geometric")
