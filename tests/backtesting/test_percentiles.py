"""Percentile ranks against counting all pairs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.backtesting.percentiles import (
    mid_ranks,
    percentiles_by_group,
    share_at_or_above,
    weighted_median,
)

LAND = st.lists(
    st.tuples(st.integers(-3, 3), st.integers(0, 4)), min_size=1, max_size=12
).filter(lambda rows: any(weight for _, weight in rows))  # fmt: skip


def arrays(rows):
    values, weights = zip(*rows, strict=True)
    return np.array(values, dtype=float), np.array(weights, dtype=float)


@given(LAND)
def test_a_rank_is_what_counting_hectare_by_hectare_gives(rows):
    values, weights = arrays(rows)
    hectares = np.repeat(values, weights.astype(int))
    for value, rank in zip(values, mid_ranks(values, weights), strict=True):
        counted = ((hectares < value).sum() + (hectares == value).sum() / 2) / len(hectares)
        assert rank == pytest.approx(100 * counted)


@given(LAND)
def test_chance_has_a_mean_rank_of_fifty(rows):
    values, weights = arrays(rows)
    assert np.average(mid_ranks(values, weights), weights=weights) == pytest.approx(50)


@given(LAND, st.floats(0, 100))
def test_the_share_above_a_rank_is_counted(rows, least):
    values, weights = arrays(rows)
    ranks = mid_ranks(values, weights)
    above = sum(weight for rank, weight in zip(ranks, weights, strict=True) if rank >= least - 1e-9)
    assert share_at_or_above(ranks, weights, least) == pytest.approx(above / weights.sum())


@given(LAND)
def test_the_median_is_that_of_every_hectare(rows):
    values, weights = arrays(rows)
    hectares = np.sort(np.repeat(values, weights.astype(int)))
    assert weighted_median(values, weights) == hectares[(len(hectares) - 1) // 2]


def test_what_cannot_be_served_is_the_worst():
    ranks = mid_ranks(np.array([-np.inf, 1.0, -np.inf, 2.0]), np.ones(4))
    assert ranks.tolist() == [25.0, 62.5, 25.0, 87.5]


def test_groups_are_ranked_by_themselves():
    values, group = np.array([1.0, 2.0, 5.0, 9.0]), np.array(["a", "b", "a", "b"], dtype=object)
    assert percentiles_by_group(values, np.ones(4), group).tolist() == [25.0, 25.0, 75.0, 75.0]


def test_without_any_land_there_is_no_rank():
    assert np.isnan(mid_ranks(np.array([1.0]), np.zeros(1))).all()
