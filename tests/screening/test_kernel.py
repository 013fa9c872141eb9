from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import distance_transform_edt

from siteopt.lattice import Lattice
from siteopt.screening import distances
from siteopt.screening.kernel import near_cells, outside, within, zones
from tests.examples import examples

EXACT = examples(150)
LATTICE = Lattice(1_000_000.0, 2_000_000.0, 250.0, 14, 17)


def centres(lattice: Lattice) -> np.ndarray[Any, Any]:
    rows, cols = np.indices(lattice.shape)
    return shapely.points(*lattice.centres_m(rows, cols))


def brute_force(shapes: list[Any], lattice: Lattice, distance_m: float) -> Any:
    points = centres(lattice)
    return np.any([shapely.distance(points, shape) <= distance_m for shape in shapes], axis=0)


# Coordinates in cells of the grid, some on whole and half cells, some far outside of it.
cell_units = st.one_of(
    st.integers(-40, 60).map(lambda n: n / 2), st.floats(-20.0, 30.0, allow_nan=False)
)
places = st.tuples(cell_units, cell_units).map(
    lambda xy: (LATTICE.x_min_m + 250.0 * xy[0], LATTICE.y_max_m - 250.0 * xy[1])
)
points = places.map(shapely.Point)
lines = st.lists(places, min_size=2, max_size=6).map(shapely.LineString)
polygons = (
    st.lists(places, min_size=3, max_size=7)
    .map(lambda xy: shapely.make_valid(shapely.Polygon(xy)))
    .filter(lambda shape: shape.area > 1.0)
)
holed = st.tuples(places, st.floats(300, 4000), st.floats(0.1, 0.9)).map(
    lambda a: shapely.Point(a[0]).buffer(a[1]) - shapely.Point(a[0]).buffer(a[1] * a[2])
)
shapes = st.lists(st.one_of(points, lines, polygons, holed), min_size=1, max_size=4)
limits = st.one_of(
    st.sampled_from([0.0, 125.0, 250.0, 500.0, 250.0 * 2**0.5, 250.0 * 5**0.5]),
    st.floats(0.0, 8_000.0),
)


@EXACT
@given(shapes, limits)
def test_every_cell_agrees_with_shapely_distance(found: list[Any], distance_m: float) -> None:
    got = within(found, LATTICE, distance_m)
    expected = brute_force(found, LATTICE, distance_m)
    np.testing.assert_array_equal(got, expected)


@EXACT
@given(st.lists(st.one_of(polygons, holed), min_size=1, max_size=3), limits)
def test_the_strip_is_the_distance_to_what_lies_outside(found: list[Any], strip_m: float) -> None:
    union = shapely.union_all(found)
    sea = shapely.box(*LATTICE.bounds_m).buffer(9e4) - union
    cells = centres(LATTICE)
    expected = shapely.distance(cells, sea) <= strip_m if strip_m else ~shapely.covers(union, cells)
    # On the very edge shapely's union may move by a rounding; such cells are not judged.
    edge = shapely.distance(cells, union.boundary)
    clear = (np.abs(edge - strip_m) > 1e-6) & (edge > 1e-6)
    np.testing.assert_array_equal(outside(found, LATTICE, strip_m)[clear], expected[clear])


def test_a_buffer_is_round_not_an_octagon() -> None:
    lattice = Lattice(0.0, 10_000.0, 100.0, 100, 100)
    centre = shapely.Point(5_050.0, 5_050.0)
    got = within([centre], lattice, 1_000.0)
    rows, cols = np.indices(lattice.shape)
    np.testing.assert_array_equal(got, (rows - 49) ** 2 + (cols - 50) ** 2 <= 100)
    # 7.07 cells along the diagonal belong to it; repeated dilation would stop short or overshoot.
    assert got[49 + 7, 50 + 7]
    assert not got[49 + 8, 50 + 8]
    assert got.sum() == 317  # Gauss's circle problem for radius 10


def test_cells_agree_with_a_shapely_buffer_away_from_its_facets() -> None:
    line = shapely.LineString([(1_000, 1_000), (4_000, 7_000), (9_000, 7_500)])
    lattice = Lattice(0.0, 10_000.0, 50.0, 200, 200)
    buffer = line.buffer(800.0, quad_segs=256)
    cells = centres(lattice)
    clear = shapely.distance(cells, buffer.boundary) > 0.1
    assert clear.mean() > 0.99
    got = within([line], lattice, 800.0)
    np.testing.assert_array_equal(got[clear], shapely.covers(buffer, cells)[clear])


def test_features_beyond_the_frame_reach_into_it() -> None:
    far = shapely.Point(LATTICE.x_min_m - 1_000.0, LATTICE.y_max_m - 125.0)
    got = within([far], LATTICE, 1_400.0)
    assert got[0].tolist() == [True, True] + [False] * 15
    assert not within([far], LATTICE, 1_000.0).any()


def test_a_polygon_around_the_whole_frame_fills_it() -> None:
    country = shapely.box(0, 0, 3e6, 3e6)
    assert within([country], LATTICE).all()
    assert within([country.boundary], LATTICE, 500.0).sum() == 0
    assert not outside([country], LATTICE, 500.0).any()


def test_missing_and_empty_geometry_is_passed_over() -> None:
    assert not within([None, shapely.Point(), shapely.Polygon()], LATTICE, 500.0).any()
    assert not within([], LATTICE, 500.0).any()
    assert outside([], LATTICE).all()


def test_nested_collections_are_taken_apart() -> None:
    inner = shapely.MultiPoint([(LATTICE.x_min_m + 125, LATTICE.y_max_m - 125)])
    nested = shapely.GeometryCollection([shapely.GeometryCollection([inner])])
    assert within([nested], LATTICE).sum() == 1


def test_borders_shared_by_two_polygons_are_no_edge() -> None:
    x, y = LATTICE.x_min_m, LATTICE.y_max_m
    west, east = (
        shapely.box(x, y - 3_500, x + 2_000, y),
        shapely.box(x + 2_000, y - 3_500, x + 4_250, y),
    )
    got = outside([west, east], LATTICE, 300.0)
    rim = np.ones(LATTICE.shape, dtype=bool)
    rim[1:-1, 1:-1] = False
    np.testing.assert_array_equal(got, rim)


@EXACT
@given(
    st.integers(1, 30), st.integers(1, 30), st.integers(0, 2**32 - 1),
    st.one_of(st.integers(0, 60).map(lambda n: 250.0 * n**0.5), st.floats(0.0, 5_000.0)),
)  # fmt: skip
def test_near_cells_agrees_with_all_pairs(
    n_rows: int, n_cols: int, seed: int, distance_m: float
) -> None:
    random = np.random.default_rng(seed)
    cells = random.random((n_rows, n_cols)) < 0.05
    # an area of marked cells, whose inner ones are far from its rim
    row, col = random.integers(0, n_rows), random.integers(0, n_cols)
    cells[row : row + random.integers(0, 20), col : col + random.integers(0, 20)] = True
    rows, cols = np.indices(cells.shape)
    at = np.argwhere(cells)
    squared = (rows[..., None] - at[:, 0]) ** 2 + (cols[..., None] - at[:, 1]) ** 2
    expected = (250.0 * np.sqrt(squared) <= distance_m).any(axis=-1)
    np.testing.assert_array_equal(near_cells(cells, 250.0, distance_m), expected)


def test_near_cells_beyond_the_precision_of_float32() -> None:
    cells = np.zeros((1, 3_000), dtype=bool)
    cells[0, 0] = True
    for limit in (999, 1_000, 1_001, 2_500):
        got = near_cells(cells, 30.0, 30.0 * limit)
        assert got.sum() == limit + 1


def test_opencv_distances_stay_within_the_slack_of_the_bracket() -> None:
    unmarked = np.ones((40, 6_000), dtype=np.uint8)
    unmarked[3, 7] = unmarked[30, 2_500] = 0
    exact = distance_transform_edt(unmarked)
    error = np.abs(cv2.distanceTransform(unmarked, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) - exact)
    assert (error <= distances._SLACK + distances._FLOAT32_SLACK * exact).all()


def test_zones_give_the_first_polygon_that_holds_the_centre() -> None:
    x, y = LATTICE.x_min_m, LATTICE.y_max_m
    first = shapely.box(x, y - 500, x + 500, y)
    second = shapely.box(x, y - 1_000, x + 1_000, y)
    got = zones([None, first, second], LATTICE)
    assert got[:5, :5].tolist() == [
        [1, 1, 2, 2, -1],
        [1, 1, 2, 2, -1],
        [2, 2, 2, 2, -1],
        [2, 2, 2, 2, -1],
        [-1, -1, -1, -1, -1],
    ]
    assert (zones([], LATTICE) == -1).all()
