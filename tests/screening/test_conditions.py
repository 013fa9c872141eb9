from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from siteopt.scenario import Screening
from siteopt.screening.conditions import Threshold, ValueClasses, ValueRange, condition_of

VALUES = np.array([-5.0, 0.0, 4.9, 5.0, 7.5, 10.0, 10.1, 20.0, 30.0])


def exclusion(kind: str, **figures: Any) -> Any:
    one = {"id": "a", "title": {"ko": "가", "en": "a"}, "kind": kind, "layer": "a", **figures}
    return Screening.model_validate({"exclusions": [one]}).exclusions[0]


@pytest.mark.parametrize(
    ("kind", "figures", "marked"),
    [
        ("above", {"threshold": 5}, [7.5, 10.0, 10.1, 20.0, 30.0]),
        ("below", {"threshold": 5}, [-5.0, 0.0, 4.9]),
        ("within_range", {"low": 5, "high": 10}, [5.0, 7.5, 10.0]),
        ("within_range", {"low": 20, "high": 20}, [20.0]),
        ("outside_range", {"low": 5, "high": 10}, [-5.0, 0.0, 4.9, 10.1, 20.0, 30.0]),
        ("in_classes", {"classes": [30, 0, 11]}, [0.0, 30.0]),
        ("not_in_classes", {"classes": [30, 0, 11]}, [-5.0, 4.9, 5.0, 7.5, 10.0, 10.1, 20.0]),
    ],
)
def test_values_that_a_kind_marks(kind: str, figures: Any, marked: list[float]) -> None:
    condition = condition_of(exclusion(kind, **figures), bit=3)
    assert condition.bit == 3
    assert VALUES[condition.marks(VALUES)].tolist() == marked


def test_outside_a_range_is_below_its_low_end_or_above_its_high_one() -> None:
    below = condition_of(exclusion("below", threshold=5)).marks(VALUES)
    above = condition_of(exclusion("above", threshold=10)).marks(VALUES)
    outside = condition_of(exclusion("outside_range", low=5, high=10)).marks(VALUES)
    np.testing.assert_array_equal(outside, below | above)


def test_whole_numbers_are_compared_as_they_are() -> None:
    values = np.array([0, 10, 20, 255], dtype=np.uint8)
    assert ValueClasses(0, among=True, classes=(10, 300, -1), distance_m=0.0).marks(
        values
    ).tolist() == [False, True, False, False]
    assert ValueRange(0, inside=True, low=-1.0, high=19.5, distance_m=0.0).marks(
        values
    ).tolist() == [True, True, False, False]


def test_the_buffer_is_that_of_the_exclusion() -> None:
    for kind, figures in (
        ("above", {"threshold": 1}),
        ("outside_range", {"low": 1, "high": 2}),
        ("not_in_classes", {"classes": [1]}),
    ):
        assert condition_of(exclusion(kind, buffer_m=70, **figures)).distance_m == 70.0
    assert condition_of(exclusion("above", threshold=1)) == Threshold(0, True, 1.0, 0.0)  # noqa: FBT003 - a field
