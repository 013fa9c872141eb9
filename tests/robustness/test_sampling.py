"""Quasi-random draws in replicates."""

from __future__ import annotations

import numpy as np
import pytest

from siteopt.robustness.sampling import replicate_of, standard_error, unit_draws


@pytest.mark.parametrize("method", ["sobol", "latin"])
@pytest.mark.parametrize(("count", "dimensions"), [(64, 3), (10, 2), (1, 1), (3, 2)])
def test_draws_lie_in_the_unit_cube_and_hang_on_the_seed(
    method: str, count: int, dimensions: int
) -> None:
    found = unit_draws(count, dimensions, 7, method)  # type: ignore[arg-type]
    assert found.shape == (count, dimensions)
    assert ((found >= 0) & (found <= 1)).all()
    assert np.array_equal(found, unit_draws(count, dimensions, 7, method))  # type: ignore[arg-type]
    assert not np.array_equal(found, unit_draws(count, dimensions, 8, method))  # type: ignore[arg-type]


@pytest.mark.parametrize("method", ["sobol", "latin"])
def test_every_replicate_is_stratified_in_every_dimension(method: str) -> None:
    found = unit_draws(64, 5, 3, method)  # type: ignore[arg-type]
    which = replicate_of(64)
    for replicate in range(4):
        own = found[which == replicate]
        for dimension in range(5):  # one point in each sixteenth
            assert sorted((own[:, dimension] * 16).astype(int)) == list(range(16))


def test_no_draws_or_no_dimensions_are_none() -> None:
    assert unit_draws(0, 3, 1).shape == (0, 3)
    assert unit_draws(5, 0, 1).shape == (5, 0)


def test_the_standard_error_is_that_of_replicate_means() -> None:
    values = np.array([1.0, 2.0, 3.0, 4.0, 3.0, 4.0, 5.0, 6.0])
    means = np.array([2.0, 3.0, 4.0, 5.0])  # draws 0 and 4, 1 and 5, 2 and 6, 3 and 7
    assert standard_error(values) == pytest.approx(means.std(ddof=1) / 2)
    assert np.isnan(standard_error(values[:3]))


def test_a_spread_sample_errs_less_than_an_independent_one() -> None:
    # The mean of a smooth function of two inputs; the independent error is sd / sqrt(n).
    unit = unit_draws(256, 2, 11)
    figures = unit[:, 0] + unit[:, 1] ** 2
    assert float(standard_error(figures)) < figures.std() / 16 / 4
    assert figures.mean() == pytest.approx(0.5 + 1 / 3, abs=2e-3)
