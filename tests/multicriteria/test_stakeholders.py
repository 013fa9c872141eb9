"""Group decision: least regret against all sets of sites, agreement, losses."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from siteopt.errors import ScenarioError
from siteopt.multicriteria.stakeholders import best_sites, losses, minimax_regret

sites = arrays(
    np.float64, st.tuples(st.integers(3, 8), st.just(3)), elements=st.integers(0, 10).map(float)
).map(lambda drawn: drawn / 10)
people = arrays(
    np.float64, st.tuples(st.integers(1, 3), st.just(3)), elements=st.integers(1, 9).map(float)
).map(lambda drawn: drawn / drawn.sum(axis=1, keepdims=True))


@given(sites, people, st.integers(1, 3))
def test_no_other_sites_have_a_smaller_largest_regret(values, individual, count):
    found = minimax_regret(values, individual, count)
    every = itertools.combinations(range(len(values)), count)
    least = min(losses(values, individual, np.array(chosen)).max() for chosen in every)
    assert found.regret.max() == pytest.approx(least, abs=1e-7)
    assert len(set(found.sites.tolist())) == count
    assert found.weights.sum() == pytest.approx(1.0)
    assert found.voices @ individual == pytest.approx(found.weights)
    if found.margin > 1e-6:
        assert set(best_sites(values, found.weights, count)) == set(found.sites)


def test_one_alone_has_its_way():
    values, own = np.random.default_rng(0).random((40, 3)), np.array([[0.5, 0.3, 0.2]])
    found = minimax_regret(values, own, 5)
    assert found.regret.tolist() == [0.0]
    assert found.weights == pytest.approx(own[0])
    assert set(found.sites) == set(best_sites(values, own[0], 5))


def test_those_who_lose_nothing_have_nothing_to_compromise_on():
    values = np.array([[1.0, 1.0], [0.2, 0.9], [0.9, 0.2]])
    found = minimax_regret(values, np.eye(2), 1)
    assert (found.sites.tolist(), found.regret.tolist()) == ([0], [0.0, 0.0])


def test_more_sites_than_there_are_is_named():
    for count in (0, 4):
        with pytest.raises(ScenarioError, match=f"best = {count}; there are 3 sites"):
            minimax_regret(np.eye(3), np.eye(3), count)
