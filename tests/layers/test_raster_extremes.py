"""Extremes of parts together are those of the whole."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.layers._raster_cells import Cells
from siteopt.layers._raster_extremes import Extremes, extremes_of, joined

NUMBERS = st.lists(st.sampled_from([np.nan, -9999.0, -1.0, 0.0, 2.0, 7.0, 255.0]), max_size=12)


def of(values: list[float]) -> Extremes:
    return extremes_of(Cells(np.array(values, dtype=np.float64), float("nan"), None))


@given(st.lists(NUMBERS, min_size=1, max_size=5))
def test_parts_joined_are_the_whole(parts: list[list[float]]) -> None:
    whole = of([value for part in parts for value in part])
    found = Extremes.of_none(0)
    for part in parts:
        found = joined(found, of(part))
    assert repr(found) == repr(whole)


@given(NUMBERS)
def test_extremes_are_those_of_sorted_values(values: list[float]) -> None:
    known = sorted(value for value in values if not np.isnan(value))
    found = of(values)
    assert (found.cells, found.known) == (len(values), len(known))
    if known:
        assert (found.low, found.high) == (known[0], known[-1])
        assert found.low_cells == known.count(known[0])
        assert found.high_cells == known.count(known[-1])
        others = sorted(set(known))[1:]
        assert found.next_low == (
            pytest.approx(others[0]) if others else pytest.approx(np.nan, nan_ok=True)
        )
