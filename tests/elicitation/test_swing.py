"""Swing weighting: points over their sum."""

import pytest

from siteopt.elicitation.swing import swing_weights
from siteopt.errors import ScenarioError


def test_points_become_shares():
    assert swing_weights({"a": 100, "b": 100, "c": 0}) == {"a": 0.5, "b": 0.5, "c": 0.0}


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ({}, "the most points are 0; the swing that matters most has 100"),
        ({"a": 80, "b": 40}, "the most points are 80"),
        ({"a": 100, "b": -1}, "b has -1 points; 0 to 100"),
        ({"a": 120}, "a has 120 points"),
        ({"a": 100, "b": float("nan")}, "b has nan points"),
    ],
)
def test_points_that_cannot_be_are_named(points, message):
    with pytest.raises(ScenarioError, match=message):
        swing_weights(points)
