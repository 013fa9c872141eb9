"""Hulls of lots against areas worked out by hand, and lots that are not where they should be."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.sites.lots import lot_distances_km, lot_hulls_km2
from tests.examples import examples


def hull(points):
    return lot_hulls_km2(pd.Series(["a"] * len(points)), np.array(points, dtype=np.float64))


def test_the_hull_of_lots_and_complexes_without_one():
    square = [(0, 0), (2_000, 0), (2_000, 1_000), (0, 1_000), (500, 500)]
    assert hull(square)["a"] == 2.0
    assert hull([(0, 0), (1_000, 0)]).empty  # two points
    assert hull([(0, 0), (1_000, 0), (2_000, 0)]).empty  # in a line
    both = lot_hulls_km2(
        pd.Series(["b", "a", "b", "b"]), np.array([(0, 0), (9e5, 9e5), (1_000, 0), (0, 1_000)])
    )
    assert both.to_dict() == {"b": 0.5}


@examples(50)
@given(st.lists(st.tuples(st.floats(0, 4_000), st.floats(0, 3_000)), min_size=3, max_size=30))
def test_a_hull_of_points_inside_a_convex_complex_is_no_larger_than_it(points):
    found = hull(points)
    assert found.empty or 0 < found["a"] <= 12.0


def test_distances_from_the_complex_and_a_lot_of_none():
    home = pd.DataFrame({"x_m": [0.0], "y_m": [0.0]}, index=["a"])
    km = lot_distances_km(pd.Series(["a", "z"]), np.array([(3_000.0, 4_000.0), (0.0, 0.0)]), home)
    assert km[0] == pytest.approx(5)
    assert np.isnan(km[1])
