from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from siteopt.lattice import Lattice
from siteopt.screening.features import Features
from siteopt.screening.nearest import distances_m
from siteopt.screening.windows import Window

FRAME = Lattice(1_000_000.0, 1_900_000.0, 30.0, 80, 90)


def all_cells(window: Window) -> tuple[np.ndarray, np.ndarray]:
    rows, cols = np.divmod(np.arange(window.n_rows * window.n_cols), window.n_cols)
    return rows, cols


def shapes_of(seed: int) -> list[shapely.Geometry]:
    draw = np.random.default_rng(seed)

    def places(count: int) -> np.ndarray:
        return draw.random((count, 2)) * [4_000, -4_000] + [1_000_000 - 700, 1_900_000 + 700]

    walk = places(1) + np.cumsum(draw.normal(0, 15, (200, 2)), axis=0)
    return [
        shapely.Point(places(1)[0]), shapely.LineString(places(3)), shapely.LineString(walk),
        shapely.Point(places(1)[0]).buffer(draw.uniform(20, 900)), shapely.Polygon(places(3)),
        shapely.Point(FRAME.x_min_m + 15.0, FRAME.y_max_m - 15.0),
    ]  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 100_000), count=st.integers(1, 6))
def test_distances_are_those_of_shapely(seed: int, count: int) -> None:
    shapes = list(np.random.default_rng(seed).permutation(np.array(shapes_of(seed)))[:count])
    window = Window(7, 11, 40, 50)
    rows, cols = all_cells(window)
    x, y = FRAME.centres_m(rows + window.row, cols + window.col)
    centres = np.asarray(shapely.points(x, y))[:, None]
    expected = shapely.distance(centres, np.array(shapes)).min(axis=1)
    found = distances_m(Features.of(shapes), FRAME, window, (rows, cols))
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-6)
    reached = distances_m(Features.of(shapes), FRAME, window, (rows, cols), reach_m=200.0)
    near = expected <= 200.0
    np.testing.assert_allclose(reached[near], expected[near], rtol=1e-9, atol=1e-6)
    assert (reached[~near] >= expected[~near] - 1e-6).all()


def test_a_crowd_of_edges_is_searched() -> None:
    fan = [
        shapely.LineString([(1_000_600.0, 1_899_000.0), (1_000_600.0 + k, 1_899_400.0)])
        for k in range(-200, 200)
    ]
    window = Window(0, 0, 60, 60)
    rows, cols = all_cells(window)
    x, y = FRAME.centres_m(rows, cols)
    expected = shapely.distance(shapely.points(x, y), shapely.union_all(fan))
    found = distances_m(Features.of(fan), FRAME, window, (rows, cols))
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-6)


def test_nothing_within_reach_is_infinitely_far() -> None:
    far = Features.of([shapely.Point(0.0, 0.0)])
    rows = cols = np.zeros(1, dtype=np.int64)
    window = Window(0, 0, 1, 1)
    assert distances_m(far, FRAME, window, (rows, cols), reach_m=500.0).tolist() == [np.inf]
    away = distances_m(far, FRAME, window, (rows, cols))[0]
    assert away == pytest.approx(np.hypot(1_000_015.0, 1_899_985.0))
    nowhere = Features.of([])
    assert distances_m(nowhere, FRAME, window, (rows, cols)).tolist() == [np.inf]
    assert not len(distances_m(far, FRAME, window, (rows[:0], cols[:0])))
