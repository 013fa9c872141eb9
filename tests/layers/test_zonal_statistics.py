from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from siteopt.lattice import Lattice
from siteopt.layers.rasters import Raster
from siteopt.layers.zonal_statistics import zonal_means
from tests.examples import examples

LATTICE = Lattice(0.0, 1000.0, 100.0, 10, 10)
ROWS, COLS = np.indices(LATTICE.shape)
X, Y = LATTICE.centres_m(ROWS, COLS)


def raster(values: np.ndarray, nodata: float | None = None, lattice: Lattice = LATTICE) -> Raster:
    return Raster(values, lattice, nodata, "made")


def mean(shape: shapely.Geometry, of: Raster) -> float:
    return float(zonal_means(np.array([shape]), [of])[0][0])


def test_shares_of_cells_by_hand():
    # a quarter of one cell, half of the next, all of the third
    values = np.zeros(LATTICE.shape)
    values[9, :3] = [4.0, 8.0, 20.0]
    shape = shapely.union_all(
        [shapely.box(0, 0, 50, 50), shapely.box(100, 0, 150, 100), shapely.box(200, 0, 300, 100)]
    )
    assert mean(shape, raster(values)) == (4 * 0.25 + 8 * 0.5 + 20 * 1.0) / 1.75
    triangle = shapely.Polygon([(0, 0), (200, 0), (0, 100)])  # 3/4 and 1/4 of two cells
    assert mean(triangle, raster(values)) == pytest.approx((4 * 0.75 + 8 * 0.25) / 1.0)


@examples(60)
@given(
    corner=st.tuples(st.floats(0, 600), st.floats(0, 600)),
    sides=st.tuples(st.floats(1, 400), st.floats(1, 400)),
    turn=st.floats(0, 90),
)
def test_the_mean_is_that_of_the_areas_of_intersections(corner, sides, turn):
    values = np.random.default_rng(1).uniform(-50, 50, LATTICE.shape)
    shape = shapely.affinity.rotate(
        shapely.box(*corner, corner[0] + sides[0], corner[1] + sides[1]), turn
    ).intersection(shapely.box(0, 0, 1000, 1000))
    cells = shapely.box(X - 50, Y - 50, X + 50, Y + 50)
    share = shapely.area(shapely.intersection(cells, shape))
    expected = float((share * values).sum() / share.sum())
    assert mean(shape, raster(values)) == pytest.approx(expected, abs=1e-4)


def test_the_mean_of_a_plane_over_whole_cells_is_its_value_at_the_centroid():
    plane = 3.0 + 0.02 * X - 0.05 * Y
    shape = shapely.Polygon(
        [(200, 200), (700, 200), (700, 500), (400, 500), (400, 900), (200, 900)]
    )
    at = shape.centroid
    expected = 3.0 + 0.02 * at.x - 0.05 * at.y
    assert mean(shape, raster(plane)) == pytest.approx(expected, rel=1e-12)


def test_a_step_of_a_plane_is_followed_by_a_polygon_within_a_cell():
    # half of it in one cell, half in the next: cell centres would give one of the two
    values = np.where(X < 500, 2.0, 10.0)
    assert mean(shapely.box(480, 110, 520, 150), raster(values)) == 6.0


def test_what_is_not_known_does_not_count():
    values = np.full(LATTICE.shape, 7, dtype=np.int16)
    values[:, 5:] = -32768
    across = shapely.box(400, 100, 600, 300)
    assert mean(across, raster(values, -32768.0)) == 7.0
    assert np.isnan(mean(shapely.box(700, 100, 800, 300), raster(values, -32768.0)))
    floats = np.where(X < 500, 7.0, np.nan).astype(np.float32)
    assert mean(across, raster(floats, float("nan"))) == 7.0
    assert mean(across, raster(values, float("nan"))) == pytest.approx((7 - 32768) / 2)
    assert np.isnan(mean(shapely.box(2000, 0, 2100, 100), raster(floats)))


def test_rasters_on_any_lattices_and_of_truths_come_in_the_order_given():
    fine = Lattice(0.0, 1000.0, 50.0, 20, 20)
    shapes = np.array([shapely.box(110, 110, 190, 190), shapely.box(0, 0, 1000, 1000)])
    found = zonal_means(
        shapes,
        [
            raster(X),
            raster(np.full(fine.shape, 4.0, dtype=np.float32), lattice=fine),
            raster(X < 500),
            raster(Y),
        ],
    )
    assert [one.tolist() for one in found] == [[150, 500], [4, 4], [1, 0.5], [150, 500]]


def test_heights_of_polygons_are_ignored_and_parts_are_added_up():
    shape = shapely.force_3d(
        shapely.MultiPolygon([shapely.box(0, 0, 100, 100), shapely.box(300, 0, 400, 100)])
    )
    assert mean(shape, raster(X)) == 200.0


def test_the_means_do_not_depend_on_order_nor_on_the_other_polygons():
    rng = np.random.default_rng(2)
    values = rng.uniform(0, 1, LATTICE.shape)
    shapes = shapely.buffer(shapely.points(rng.uniform(0, 1000, (50, 2))), 70)
    whole = zonal_means(shapes, [raster(values)])[0]
    order = rng.permutation(50)
    np.testing.assert_array_equal(zonal_means(shapes[order], [raster(values)])[0], whole[order])
    np.testing.assert_array_equal(zonal_means(shapes[:7], [raster(values)])[0], whole[:7])


def test_no_polygon_and_no_raster_are_nothing():
    assert zonal_means(np.array([], dtype=object), [raster(X)])[0].tolist() == []
    assert zonal_means(np.array([shapely.box(0, 0, 1, 1)]), []) == []
