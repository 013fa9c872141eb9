from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from siteopt.proximity import nearest_features, nearest_points
from tests.examples import examples

COORDINATES = st.integers(-12, 12).map(float)
"""Of few values, so that ties are the rule."""


def brute(
    places: np.ndarray, points: np.ndarray, count: int, reach: float
) -> list[tuple[int, int]]:
    """All pairs by distance and row, the first of each place."""
    pairs = []
    for place, (x, y) in enumerate(places):
        metres = np.round(np.hypot(points[:, 0] - x, points[:, 1] - y), 3)
        ranked = sorted(range(len(points)), key=lambda row, far=metres: (far[row], row))
        pairs += [(place, row) for row in ranked if metres[row] <= reach][:count]
    return pairs


@examples(80)
@given(
    places=arrays(np.float64, (5, 2), elements=COORDINATES),
    points=arrays(np.float64, st.tuples(st.integers(0, 40), st.just(2)), elements=COORDINATES),
    count=st.integers(1, 7),
    reach=st.sampled_from([0.0, 3.0, 5.0, 13.0, np.inf]),
)
def test_nearest_points_are_those_of_all_pairs(places, points, count, reach):
    found = nearest_points(places, points, count, reach)
    pairs = list(zip(found.place.tolist(), found.point.tolist(), strict=True))
    assert pairs == brute(places, points, count, reach)
    apart = places[found.place] - points[found.point]
    np.testing.assert_allclose(found.metres, np.hypot(*apart.T), atol=1e-9)


def test_a_tie_of_any_size_is_settled_by_row():
    angle = np.linspace(0, 2 * np.pi, 100, endpoint=False)
    ring = 1000.0 * np.column_stack([np.cos(angle), np.sin(angle)])
    shuffled = np.random.default_rng(3).permutation(ring)
    found = nearest_points(np.zeros((1, 2)), shuffled, 5)
    assert found.point.tolist() == [0, 1, 2, 3, 4]


def test_lines_are_measured_as_whole_geometries():
    rng = np.random.default_rng(5)
    shapes = np.array(
        [
            shapely.LineString(rng.uniform(0, 1e5, (6, 2))),
            shapely.MultiLineString([rng.uniform(0, 1e5, (3, 2)), rng.uniform(0, 1e5, (2, 2))]),
            shapely.LinearRing(rng.uniform(0, 1e5, (4, 2))),
            shapely.box(2e4, 2e4, 3e4, 4e4),
            None,
            shapely.LineString(),
            shapely.Point(9e4, 1e4),
            shapely.GeometryCollection(),
        ],
        dtype=object,
    )
    places = rng.uniform(-1e4, 1.1e5, (300, 2))
    metres, row = nearest_features(places, shapes)
    apart = np.array([shapely.distance(shapely.points(places), shape) for shape in shapes])
    np.testing.assert_array_equal(metres, np.nanmin(apart, axis=0))
    np.testing.assert_array_equal(row, np.nanargmin(apart, axis=0))
    assert len(set(row.tolist())) >= 4


def test_the_first_of_equally_near_features_is_taken_also_where_lines_meet():
    cross = np.array(
        [shapely.LineString([(0, 5), (0, 0), (5, 0)]), shapely.LineString([(0, 0), (0, -5)])]
    )
    places = np.array([[-3.0, 0.0], [-3.0, -1.0]])
    for shapes, rows in ((cross, [0, 1]), (cross[::-1], [0, 0])):
        metres, row = nearest_features(places, shapes)
        assert metres.tolist() == [3.0, 3.0]
        assert row.tolist() == rows


@pytest.mark.parametrize("shapes", [[], [None], [shapely.LineString()]])
def test_no_feature_is_no_distance(shapes):
    metres, row = nearest_features(np.zeros((2, 2)), np.array(shapes, dtype=object))
    assert np.isnan(metres).all()
    assert row.tolist() == [-1, -1]


def test_geopandas_finds_the_same_lines():
    rng = np.random.default_rng(7)
    lines = gpd.GeoDataFrame(
        geometry=[shapely.LineString(rng.uniform(0, 1e5, (9, 2))) for _ in range(40)], crs=5179
    )
    places = rng.uniform(0, 1e5, (200, 2))
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*places.T), crs=5179)
    joined = points.sjoin_nearest(lines, distance_col="metres")
    metres, row = nearest_features(places, lines.geometry.to_numpy())
    np.testing.assert_array_equal(joined["metres"], metres)
    np.testing.assert_array_equal(joined["index_right"], row)
