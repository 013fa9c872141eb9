from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import binary_opening
from skimage.morphology import opening

from siteopt.screening.width import narrow_cells, width_halo
from tests.examples import examples


def land(seed: int, shape: tuple[int, int], share: float) -> Any:
    """Return a made land of rectangles and single cells."""
    random = np.random.default_rng(seed)
    cells = random.random(shape) < share
    for _ in range(4):
        row, col = random.integers(0, shape[0]), random.integers(0, shape[1])
        cells[row : row + random.integers(1, 9), col : col + random.integers(1, 9)] = True
    return cells


def disc(radius_cells: float) -> Any:
    """Return a footprint of the cells whose centre lies less than a radius from the middle one."""
    reach = int(np.ceil(radius_cells))
    rows, cols = np.indices((2 * reach + 1, 2 * reach + 1)) - reach
    return rows**2 + cols**2 < radius_cells**2


def brute_force(cells: Any, radius_cells: float) -> Any:
    """Return the eligible cells in no disc that fits, by the definition itself."""
    at = np.argwhere(cells)
    beside = np.pad(~cells, 1, constant_values=True)
    blocked = np.argwhere(beside) - 1
    squared = ((at[:, None] - blocked) ** 2).sum(axis=2)
    middles = at[(squared >= radius_cells**2).all(axis=1)]
    held = ((at[:, None] - middles) ** 2).sum(axis=2) < radius_cells**2
    narrow = np.zeros_like(cells)
    narrow[tuple(at[~held.any(axis=1)].T)] = True
    return narrow


widths = st.one_of(st.integers(1, 12), st.floats(0.5, 12.0, allow_nan=False))


@examples(150)
@given(
    st.integers(0, 2**32 - 1), st.tuples(st.integers(1, 24), st.integers(1, 24)),
    st.floats(0.3, 1.0), widths,
)  # fmt: skip
def test_a_cell_is_wide_enough_in_some_disc_of_eligible_cells(
    seed: int, shape: tuple[int, int], share: float, width: float
) -> None:
    cells = land(seed, shape, share)
    (found,) = narrow_cells(cells, 250.0, [250.0 * width])
    np.testing.assert_array_equal(found, brute_force(cells, width / 2))


@pytest.mark.parametrize("width", [3, 4, 5.5, 9, 14])
def test_other_libraries_open_the_land_alike(width: float) -> None:
    cells = land(5, (90, 110), 0.97)
    (found,) = narrow_cells(cells, 30.0, [30.0 * width])
    footprint = disc(width / 2)
    rim = len(footprint)
    # beyond the grid nothing is eligible
    padded = np.pad(cells, rim)
    core = (slice(rim, -rim), slice(rim, -rim))
    kept = binary_opening(padded, footprint)
    np.testing.assert_array_equal(cells & ~found, kept[core])
    np.testing.assert_array_equal(
        cells & ~found, opening(padded.astype(np.uint8), footprint)[core] == 1
    )
    assert 0 < np.count_nonzero(found) < np.count_nonzero(cells)


@pytest.mark.parametrize("wide", range(1, 10))
@pytest.mark.parametrize("width", [2.5, 3, 4, 5, 6.5, 8])
def test_strips_of_the_width_are_kept_and_those_more_than_a_cell_narrower_taken(
    wide: int, width: float
) -> None:
    cells = np.zeros((40, 40), dtype=bool)
    cells[10 : 10 + wide] = True
    (found,) = narrow_cells(cells, 100.0, [100.0 * width])
    middle = found[:, 15:25]  # the ends of the strip lie at the edge of the grid
    if wide >= width:
        assert not middle.any()
    if wide < width - 1:
        assert middle[10 : 10 + wide].all()


def test_several_widths_are_judged_as_each_alone() -> None:
    cells = land(8, (60, 70), 0.98)
    widths_m = [90.0, 400.0, 30.0, 150.0]
    for width_m, found in zip(widths_m, narrow_cells(cells, 30.0, widths_m), strict=True):
        np.testing.assert_array_equal(found, narrow_cells(cells, 30.0, [width_m])[0])


def test_discs_of_two_cells_take_nothing_and_larger_than_the_grid_all() -> None:
    cells = land(3, (20, 20), 0.5)
    assert not narrow_cells(cells, 250.0, [500.0])[0].any()
    np.testing.assert_array_equal(narrow_cells(cells, 250.0, [1e6])[0], cells)
    assert not narrow_cells(np.zeros((3, 3), dtype=bool), 250.0, [1_000.0])[0].any()


def test_opening_again_takes_nothing_more() -> None:
    cells = land(11, (80, 80), 0.99)
    (first,) = narrow_cells(cells, 50.0, [333.0])
    assert first.any()
    assert not narrow_cells(cells & ~first, 50.0, [333.0])[0].any()


def test_the_halo_is_twice_the_radius() -> None:
    assert width_halo(500.0, 250.0) == 2
    assert width_halo(510.0, 250.0) == 4
    assert width_halo(1_000.0, 30.0) == 34
