"""Exact intervals against published figures, closed forms and counted coverage."""

import math

import numpy as np
import pytest
from scipy.stats import binom

from siteopt.backtesting.proportions import proportion


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (0, 20, 0.0, 0.1684), (1, 29, 0.0009, 0.1776)],
)  # fmt: skip
def test_newcombes_examples(hits, trials, low, high):
    """Newcombe (1998), Statistics in Medicine 17(8), 857-872, table I, Clopper-Pearson."""
    found = proportion(hits, trials, 0.5)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_a_published_example_of_another_level():
    """R package GenBinomApps, example of clopper.pearson.ci: 5 of 100,000, 90 % two-sided."""
    found = proportion(5, 100_000, 0.5, 0.9)
    assert found.low == pytest.approx(1.97017e-05, rel=1e-5)
    assert found.high == pytest.approx(0.0001051275, rel=1e-6)


@pytest.mark.parametrize("trials", [1, 2, 7, 40])
def test_none_and_all_have_closed_forms(trials):
    edge = (0.05 / 2) ** (1 / trials)
    none, every = proportion(0, trials, 0.5), proportion(trials, trials, 0.5)
    assert (none.low, none.high) == pytest.approx((0, 1 - edge))
    assert (every.low, every.high) == pytest.approx((edge, 1))


@pytest.mark.parametrize("trials", [3, 11])
def test_the_true_share_is_covered_at_least_at_the_level(trials):
    found = [proportion(hits, trials, 0.5) for hits in range(trials + 1)]
    for true in np.linspace(0.01, 0.99, 50):
        hit = [one.low <= true <= one.high for one in found]
        assert binom.pmf(np.arange(trials + 1), trials, true)[hit].sum() >= 0.95


def test_an_interval_is_beside_chance_or_not():
    assert proportion(9, 10, 0.25).against_chance == "above"
    assert proportion(0, 30, 0.25).against_chance == "below"
    assert proportion(3, 10, 0.25).against_chance == "not told apart"
    edge = proportion(3, 10, proportion(3, 10, 0).low)
    assert edge.against_chance == "not told apart"


def test_nothing_to_count_says_so():
    found = proportion(0, 0, 0.25)
    assert found.against_chance == "no sites"
    assert all(math.isnan(one) for one in (found.share, found.low, found.high))
