from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import label as scipy_label
from skimage.measure import label as skimage_label
from skimage.morphology import remove_small_objects

from siteopt.lattice import Lattice
from siteopt.screening.patches import AreaRule, PatchSizes, SmallPatches
from siteopt.screening.windows import windows_of
from tests.examples import examples

ROUND = {4: None, 8: np.ones((3, 3))}


def sizes_by_windows(cells: Any, side: int, connectivity: int) -> Any:
    windows = windows_of(Lattice(0.0, 1e6, 100.0, *cells.shape), side)
    patches = PatchSizes(cells.shape[1], connectivity)
    for window in windows:
        patches.add(window, cells[window.slices])
    found = np.full(cells.shape, -1, dtype=np.int64)
    for window in reversed(windows):  # the second pass may go in any order
        found[window.slices] = patches.sizes(window, cells[window.slices])
    return found


def sizes_at_once(cells: Any, connectivity: int) -> Any:
    labels, count = scipy_label(cells, ROUND[connectivity])
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    sizes[0] = 0
    return sizes[labels]


@examples(200)
@given(
    st.integers(0, 2**32 - 1), st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.floats(0.2, 0.8), st.integers(1, 12), st.sampled_from([4, 8]),
)  # fmt: skip
def test_patches_across_windows_are_those_of_the_whole(
    seed: int, shape: tuple[int, int], share: float, side: int, connectivity: int
) -> None:
    cells = np.random.default_rng(seed).random(shape) < share
    np.testing.assert_array_equal(
        sizes_by_windows(cells, side, connectivity), sizes_at_once(cells, connectivity)
    )


@pytest.mark.parametrize("connectivity", [4, 8])
@pytest.mark.parametrize("side", [64, 256, 1_000])
def test_large_windows_agree_with_another_library(side: int, connectivity: int) -> None:
    cells = np.random.default_rng(4).random((1_100, 1_300)) < 0.58
    label: Any = skimage_label  # has no types
    labels = label(cells, connectivity=1 if connectivity == 4 else 2)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    found = sizes_by_windows(cells, side, connectivity)
    np.testing.assert_array_equal(found, sizes[labels])
    kept = remove_small_objects(cells, max_size=40, connectivity=1 if connectivity == 4 else 2)
    np.testing.assert_array_equal(found > 40, kept)
    assert 0 < np.count_nonzero(kept) < np.count_nonzero(cells)


def test_a_spiral_through_all_windows_is_one_patch() -> None:
    cells = np.zeros((33, 33), dtype=bool)
    row, col, step = 0, 0, (0, 1)
    cells[0, 0] = True
    while True:
        ahead = (row + step[0], col + step[1])
        beyond = (ahead[0] + step[0], ahead[1] + step[1])
        inside = 0 <= ahead[0] < 33 and 0 <= ahead[1] < 33
        clear = not (0 <= beyond[0] < 33 and 0 <= beyond[1] < 33) or not cells[beyond]
        if inside and clear and not cells[ahead]:
            row, col = ahead
            cells[ahead] = True
            continue
        step = (step[1], -step[0])
        beside = (row + 2 * step[0], col + 2 * step[1])
        if not (0 <= beside[0] < 33 and 0 <= beside[1] < 33) or cells[beside]:
            break
    assert np.count_nonzero(cells) > 500
    for side in (1, 4, 7):
        found = sizes_by_windows(cells, side, 4)
        assert set(found[cells]) == {np.count_nonzero(cells)}


def test_corners_join_patches_only_where_asked() -> None:
    cells = np.eye(12, dtype=bool)
    for side in (1, 3, 5, 12):
        assert set(sizes_by_windows(cells, side, 4)[cells]) == {1}
        assert set(sizes_by_windows(cells, side, 8)[cells]) == {12}
        turned = np.ascontiguousarray(cells[:, ::-1])
        assert set(sizes_by_windows(turned, side, 8)[turned]) == {12}


def test_a_patch_of_just_the_area_is_kept() -> None:
    """10 cells of 30 m are 0.9 ha: 10 x 0.09 is less in binary fractions."""
    cells = np.zeros((4, 12), dtype=bool)
    cells[0, :10] = cells[2, :9] = True
    (window,) = windows_of(Lattice(0.0, 1e6, 30.0, *cells.shape), 100)
    rules = [AreaRule(2, 0.9, 4), AreaRule(5, 0.82, 4), AreaRule(7, 100.0, 8)]
    patches = SmallPatches(rules, 12, 30.0)
    patches.add(window, cells)
    found = patches.reasons(window, cells)
    assert set(found[0, :10]) == {1 << 7}
    assert set(found[2, :9]) == {1 << 2 | 1 << 5 | 1 << 7}
    assert not found[~cells].any()
    assert patches.windows == [window]


def test_windows_out_of_order_are_refused() -> None:
    windows = windows_of(Lattice(0.0, 1e6, 100.0, 6, 6), 3)
    cells = np.ones((3, 3), dtype=bool)
    for order in ((1,), (0, 2), (0, 1, 3), (0, 0)):
        patches = PatchSizes(6)
        for place in order[:-1]:
            patches.add(windows[place], cells)
        with pytest.raises(ValueError, match=r"window at row \d, column \d came, where row \d"):
            patches.add(windows[order[-1]], cells)
