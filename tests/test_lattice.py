import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.errors import LayerError
from siteopt.lattice import Lattice

BOUNDS = st.tuples(
    st.floats(7e5, 1e6), st.floats(1.4e6, 1.7e6), st.floats(1.1e6, 1.4e6), st.floats(1.8e6, 2.1e6)
)


@given(bounds=BOUNDS, cell_m=st.sampled_from([100.0, 250.0, 500.0]))
def test_covering_holds_the_bounds_and_no_spare_row_or_column(bounds, cell_m):
    lattice = Lattice.covering(bounds, cell_m, snap_m=2500)
    x_min, y_min, x_max, y_max = lattice.bounds_m
    assert x_min <= bounds[0] < x_min + 2500
    assert y_min <= bounds[1] < y_min + 2500
    assert x_max - 2500 < bounds[2] <= x_max
    assert y_max - 2500 < bounds[3] <= y_max
    assert x_min % 2500 == 0
    assert y_max % 2500 == 0


@given(row=st.integers(0, 39), col=st.integers(0, 59))
def test_a_centre_lies_in_its_own_cell(row, col):
    lattice = Lattice(x_min_m=1000.0, y_max_m=9000.0, cell_m=250.0, n_rows=40, n_cols=60)
    x_m, y_m = lattice.centres_m(np.array([row]), np.array([col]))
    rows, cols = lattice.cells_of(x_m, y_m)
    assert (rows[0], cols[0]) == (row, col)
    assert lattice.contains(rows, cols)[0]


def test_a_point_outside_is_not_contained():
    lattice = Lattice(x_min_m=0.0, y_max_m=100.0, cell_m=10.0, n_rows=10, n_cols=10)
    rows, cols = lattice.cells_of(np.array([-0.1, 100.0, 50.0]), np.array([50.0, 50.0, -0.1]))
    assert not lattice.contains(rows, cols).any()


def test_transform_agrees_with_centres():
    lattice = Lattice(x_min_m=750_000.0, y_max_m=2_000_000.0, cell_m=250.0, n_rows=4, n_cols=4)
    x_m, y_m = lattice.centres_m(np.array([2]), np.array([3]))
    transform = lattice.transform
    assert transform.c + 3.5 * transform.a == x_m[0]
    assert transform.f + 2.5 * transform.e == y_m[0]


def test_an_empty_lattice_is_refused():
    with pytest.raises(LayerError, match="must be positive"):
        Lattice(x_min_m=0.0, y_max_m=0.0, cell_m=0.0, n_rows=1, n_cols=1)
