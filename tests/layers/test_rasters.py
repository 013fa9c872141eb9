import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.errors import LayerError
from siteopt.lattice import Lattice
from siteopt.layers.rasters import Raster
from tests.examples import examples

LATTICE = Lattice(1_000_000.0, 2_000_000.0, 100.0, 4, 6)


def raster(values, nodata=None):
    return Raster(values=np.asarray(values), lattice=LATTICE, nodata=nodata, name="r")


def test_sample_reads_the_cell_that_holds_the_point():
    r = raster(np.arange(24).reshape(4, 6))
    x, y = LATTICE.centres_m(np.array([0, 3, 2]), np.array([0, 5, 1]))
    assert r.sample(x, y).tolist() == [0, 23, 13]


def test_sample_is_nan_outside_where_not_known_and_for_nan():
    values = np.zeros((4, 6), dtype=np.int16)
    values[0, 0] = -9
    x, y = LATTICE.centres_m(np.array([0, -1, 0, 4]), np.array([0, 0, 6, 0]))
    out = raster(values, nodata=-9).sample([*x, np.nan, 1_000_150.0], [*y, 0.0, 1_999_950.0])
    assert np.isnan(out).tolist() == [True, True, True, True, True, False]


def test_average_on_coarser_cells_is_the_mean_of_the_known():
    values = np.arange(24, dtype=np.float32).reshape(4, 6)
    values[0, 0] = np.nan
    coarse = Lattice(LATTICE.x_min_m, LATTICE.y_max_m, 200.0, 2, 3)
    out = raster(values, nodata=float("nan")).on(coarse, how="average")
    expected = np.nanmean(values.reshape(2, 2, 3, 2), axis=(1, 3))
    np.testing.assert_allclose(out.values, expected, rtol=1e-6)


def test_nearest_on_finer_cells_repeats_and_leaves_the_outside_unknown():
    values = np.arange(24, dtype=np.uint8).reshape(4, 6)
    fine = Lattice(LATTICE.x_min_m - 100, LATTICE.y_max_m, 50.0, 8, 14)
    out = raster(values).on(fine)
    assert np.isnan(out.values[:, :2]).all()
    np.testing.assert_array_equal(out.values[:, 2:], np.kron(values, np.ones((2, 2))))


@examples(40)
@given(st.integers(0, 3), st.integers(0, 5), st.floats(0, 0.999), st.floats(0.001, 0.999))
def test_sample_agrees_with_on_at_any_point(row, col, dx, dy):
    values = np.random.default_rng(1).random((4, 6)).astype(np.float32)
    x = LATTICE.x_min_m + (col + dx) * 100
    y = LATTICE.y_max_m - (row + dy) * 100
    assert raster(values).sample(x, y) == pytest.approx(float(values[row, col]))


def test_values_that_do_not_fit_the_lattice_are_an_error():
    with pytest.raises(LayerError, match=r"r: \(2, 2\) cells do not fit a lattice of \(4, 6\)"):
        raster(np.zeros((2, 2)))
