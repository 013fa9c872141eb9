"""TOPSIS: published examples, and criteria without a spread.

The published figures are those that the tests of pyrepo-mcda quote.
"""

import numpy as np
import pytest

from siteopt.errors import ScenarioError
from siteopt.multicriteria.topsis import topsis
from tests.multicriteria.test_promethee import PLACES, WEIGHTS


def test_published_places_for_a_facility():
    """Papathanasiou, J. and Ploskas, N. (2018), Multiple Criteria Decision Aid, chapter 1."""
    found = topsis(PLACES, WEIGHTS)
    assert found.round(3).tolist() == [0.387, 0.327, 0.391, 0.615, 0.868, 0.493]


def test_published_choice_of_equipment_with_costs():
    """Ersoy, Y. (2021), "Equipment selection for an e-commerce company", LogForum 17(3)."""
    values = np.array(
        [
            [256, 8, 41, 1.6, 1.77, 7347.16], [256, 8, 32, 1.0, 1.8, 6919.99],
            [256, 8, 53, 1.6, 1.9, 8400], [256, 8, 41, 1.0, 1.75, 6808.9],
            [512, 8, 35, 1.6, 1.7, 8479.99], [256, 4, 35, 1.6, 1.7, 7499.99],
        ]
    )  # fmt: skip
    found = topsis(
        values, [0.405, 0.221, 0.134, 0.199, 0.007, 0.034], better=["high"] * 4 + ["low"] * 2
    )
    assert found == pytest.approx([0.308, 0.254, 0.327, 0.263, 0.857, 0.192], abs=0.006)


def test_a_criterion_without_spread_changes_nothing():
    flat = np.column_stack([PLACES, np.zeros(len(PLACES))])
    assert topsis(flat, [*WEIGHTS, 0.0]) == pytest.approx(topsis(PLACES, WEIGHTS))
    assert np.isfinite(topsis(flat, [*WEIGHTS, 0.5])).all()


def test_the_best_in_everything_is_the_ideal():
    assert topsis(np.array([[1.0, 2.0], [3.0, 5.0], [2.0, 2.0]]), [1, 1])[1] == 1.0


@pytest.mark.parametrize(
    ("values", "weights", "message"),
    [
        ([[1.0, 2.0], [1.0, 2.0]], [1, 1], "no criterion with a weight tells the alternatives"),
        ([[1.0, 2.0], [1.0, 3.0]], [1, 0], "there must be a spread"),
        ([[1.0, 2.0], [1.0, 3.0]], [1], "weights: one for each criterion"),
    ],
)
def test_what_cannot_be_is_named(values, weights, message):
    with pytest.raises(ScenarioError, match=message):
        topsis(np.array(values), weights)
