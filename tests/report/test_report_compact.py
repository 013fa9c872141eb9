from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.report._column_codec import compact, signs, zigzag


def read(text: str) -> list[int]:
    """Read signs the slow way, as Google describes its polylines."""
    numbers, value, shift = [], 0, 0
    for sign in text:
        bits = ord(sign) - 63
        value |= (bits & 31) << shift
        shift += 5
        if bits < 32:
            numbers.append(value)
            value = shift = 0
    return numbers


def column(packed: dict[str, Any]) -> list[Any]:
    steps = read(packed["signs"])
    if "words" in packed:
        return [None if step == 0 else packed["words"][step - 1] for step in steps]
    scale = 10.0 ** packed["decimals"]
    return [None if step == 0 else (packed["least"] + step - 1) / scale for step in steps]


def test_signs_are_those_of_googles_example() -> None:
    points = np.array([[38.5, -120.2], [40.7, -120.95], [43.252, -126.453]])
    whole = np.rint(points * 1e5).astype(np.int64)
    steps = np.diff(whole, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    assert signs(zigzag(steps.ravel())) == "_p~iF~ps|U_ulLnnqC_mqNvxq`@"


@given(st.lists(st.integers(0, 2**40)))
def test_whole_numbers_come_back(numbers: list[int]) -> None:
    assert read(signs(np.array(numbers, dtype=np.int64))) == numbers


@given(st.lists(st.none() | st.floats(-1e6, 1e6), min_size=1), st.integers(-2, 4))
def test_figures_come_back_to_the_decimals_kept(figures: list[float | None], decimals: int) -> None:
    packed = compact(pd.Series(figures, dtype=np.float64), decimals)
    for given_figure, found in zip(figures, column(packed), strict=True):
        if given_figure is None:
            assert found is None
        else:
            assert math.isclose(
                found, given_figure, rel_tol=1e-9, abs_tol=0.5 * 10.0**-decimals + 1e-9
            )


@given(st.lists(st.none() | st.text(max_size=4)))
def test_texts_come_back(words: list[str | None]) -> None:
    assert column(compact(pd.Series(words, dtype=object))) == words


def test_truth_values_stay_truth_values() -> None:
    assert column(compact(pd.Series([True, None, False], dtype="boolean"))) == [True, None, False]


@pytest.mark.parametrize(
    ("figures", "decimals"),
    [
        ([0.1123, 0.2], 4),
        ([1.25, 1.31], 3),
        ([120.5, 90.2], 1),
        ([155_000.0, 160_000.0], -2),
        ([3.0, 7.0], 0),
    ],
)
def test_four_digits_of_the_median_are_kept(figures: list[float], decimals: int) -> None:
    assert compact(pd.Series(figures))["decimals"] == decimals
