from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from siteopt.lattice import Lattice
from siteopt.layers.rasters import Raster
from siteopt.screening.conditions import Condition, ValueClasses, ValueRange
from siteopt.screening.features import Features
from siteopt.screening.kernel import coast_features
from siteopt.screening.rules import Band, DistanceRules, OutsideRule, RasterRules, Rule, Threshold
from siteopt.screening.windows import (
    Window,
    side_for_memory,
    side_for_workers,
    whole_window,
    windows_of,
)
from tests.examples import examples

# a cell size whose multiples are no binary fractions: centres must not depend on the window
LATTICE = Lattice(1_000_010.1, 1_900_000.3, 33.3, 61, 47)
SIDES = (5, 16, 33)

unit = st.floats(-0.4, 1.4, allow_nan=False)
whole_cells = st.integers(-20, 80).map(lambda n: (n + 0.5) / 61)
coordinates = st.one_of(unit, whole_cells)
places = st.tuples(coordinates, coordinates).map(
    lambda at: (
        LATTICE.x_min_m + at[0] * 61 * LATTICE.cell_m,
        LATTICE.y_max_m - at[1] * 61 * LATTICE.cell_m,
    )
)
polygons = (
    st.lists(places, min_size=3, max_size=8)
    .map(lambda xy: shapely.make_valid(shapely.Polygon(xy)))
    .filter(lambda shape: shape.area > 1.0)
)
lines = st.lists(places, min_size=2, max_size=6).map(shapely.LineString)
shapes = st.lists(st.one_of(places.map(shapely.Point), lines, polygons), min_size=1, max_size=4)
reach = st.one_of(st.sampled_from([0.0, 33.3, 66.6, 33.3 * 5**0.5]), st.floats(0.0, 1_500.0))
reaches = st.lists(reach, min_size=1, max_size=3)


def taken(rule: Rule, lattice: Lattice, windows: list[Window]) -> dict[int, Any]:
    """Return the cells that each exclusion takes, put together of windows."""
    whole: dict[int, Any] = {}
    for window in windows:
        for bit, cells, unknown in rule.take(lattice, window):
            both = cells.astype(np.int8) + (0 if unknown is None else 2 * unknown)
            whole.setdefault(bit, np.full(lattice.shape, -1, np.int8))[window.slices] = both
    return whole


def agree_everywhere(rule: Rule, lattice: Lattice = LATTICE) -> dict[int, Any]:
    expected = taken(rule, lattice, [whole_window(lattice)])
    for side in SIDES:
        found = taken(rule, lattice, windows_of(lattice, side))
        assert found.keys() == expected.keys()
        for bit, cells in expected.items():
            np.testing.assert_array_equal(found[bit], cells, err_msg=f"windows of {side} cells")
    return expected


@examples(60)
@given(shapes, reaches)
def test_distances_have_no_seams(found: list[Any], distances_m: list[float]) -> None:
    far = tuple(bit % 2 == 1 for bit in range(len(distances_m)))
    bands = [
        Band(bit, distance_m, None) if far[bit] else Band(bit, None, distance_m)
        for bit, distance_m in enumerate(distances_m)
    ]
    rule = DistanceRules(Features.of(found), tuple(bands))
    expected = agree_everywhere(rule)
    rows, cols = np.indices(LATTICE.shape)
    centres = shapely.points(*LATTICE.centres_m(rows, cols))
    away = np.min([shapely.distance(centres, shape) for shape in found], axis=0)
    for bit, distance_m in enumerate(distances_m):
        np.testing.assert_array_equal(expected[bit] == 1, (away <= distance_m) != far[bit])


@examples(40)
@given(
    shapes, st.lists(st.tuples(reach, reach).filter(lambda ends: ends[0] != ends[1]), max_size=3)
)
def test_bands_of_distance_have_no_seams(found: list[Any], ends: list[tuple[float, float]]) -> None:
    bands = [Band(bit, min(pair), max(pair)) for bit, pair in enumerate(ends)]
    bands += [Band(len(ends), None, 100.0), Band(len(ends) + 1, 500.0, None)]
    expected = agree_everywhere(DistanceRules(Features.of(found), tuple(bands)))
    rows, cols = np.indices(LATTICE.shape)
    centres = shapely.points(*LATTICE.centres_m(rows, cols))
    away = np.min([shapely.distance(centres, shape) for shape in found], axis=0)
    for bit, (begin, end) in enumerate(ends):
        between = (away > min(begin, end)) & (away <= max(begin, end))
        np.testing.assert_array_equal(expected[bit] == 1, between)


@examples(30)
@given(st.lists(polygons, min_size=1, max_size=3), st.floats(0.0, 500.0))
def test_the_strip_along_the_coast_has_no_seams(found: list[Any], strip_m: float) -> None:
    features = Features.of(found)
    coast = coast_features(features) if strip_m > 0 else None
    agree_everywhere(OutsideRule(0, features, coast, strip_m))


@examples(40)
@given(
    st.integers(0, 2**32 - 1), st.sampled_from([10.0, 33.3, 100.0, 250.0]), reaches, st.floats(0, 1),
)  # fmt: skip
def test_values_of_a_raster_have_no_seams(
    seed: int, raster_m: float, distances_m: list[float], share: float
) -> None:
    random = np.random.default_rng(seed)
    size = int(1_500 / raster_m)
    values = random.random((size, size + 3)).astype(np.float32)
    values[random.random(values.shape) < 0.1] = np.nan
    frame = Lattice(LATTICE.x_min_m + 120.0, LATTICE.y_max_m - 70.0, raster_m, *values.shape)
    raster = Raster(values, frame, float("nan"), "made")
    limits = (1.0 - share / 20, share / 20)
    conditions: list[Condition] = [
        Threshold(bit, bit % 2 == 0, limits[bit % 2], distance_m)
        for bit, distance_m in enumerate(distances_m)
    ]
    conditions += [
        ValueRange(len(limits) + bit, bit % 2 == 0, limits[1], limits[0], distance_m)
        for bit, distance_m in enumerate(distances_m, start=1)
    ]
    rule = RasterRules(raster, tuple(conditions))
    expected = agree_everywhere(rule)
    rows, cols = np.indices(LATTICE.shape)
    at = raster.sample(*LATTICE.centres_m(rows, cols))
    np.testing.assert_array_equal(expected[0] >= 2, np.isnan(at))
    assert (expected[0][at > limits[0]] % 2 == 1).all()


@examples(40)
@given(
    st.integers(0, 2**32 - 1), st.sampled_from([10.0, 33.3, 100.0, 250.0]), reaches,
    st.lists(st.integers(-1, 6), min_size=1, max_size=4, unique=True),
)  # fmt: skip
def test_classes_of_a_raster_have_no_seams(
    seed: int, raster_m: float, distances_m: list[float], classes: list[int]
) -> None:
    size = int(1_500 / raster_m)
    values = np.random.default_rng(seed).integers(0, 6, (size, size + 3)).astype(np.uint8)
    frame = Lattice(LATTICE.x_min_m + 120.0, LATTICE.y_max_m - 70.0, raster_m, *values.shape)
    raster = Raster(values, frame, 5, "made")
    conditions = [
        ValueClasses(2 * bit + other, not other, tuple(sorted(classes)), distance_m)
        for bit, distance_m in enumerate([0.0, *distances_m])
        for other in (0, 1)
    ]
    expected = agree_everywhere(RasterRules(raster, tuple(conditions)))
    rows, cols = np.indices(LATTICE.shape)
    at = raster.sample(*LATTICE.centres_m(rows, cols))
    known = ~np.isnan(at)
    np.testing.assert_array_equal(expected[0][known], np.isin(at, classes)[known])
    np.testing.assert_array_equal(expected[1][known], ~np.isin(at, classes)[known])
    # no value: unknown, and no class of its own
    assert (expected[0][~known] == 2).all()
    assert (expected[1][~known] == 2).all()


@pytest.mark.parametrize("side", [256, 1_000])
def test_large_windows_agree_with_the_whole(side: int) -> None:
    random = np.random.default_rng(7)
    lattice = Lattice(0.0, 33_000.0, 30.0, 1_100, 1_300)
    middle = shapely.points(random.random((60, 2)) * [39_000, 33_000])
    features = Features.of(shapely.buffer(middle, random.uniform(100, 2_000, 60), quad_segs=4))
    rules: list[Rule] = [
        DistanceRules(features, (Band(0, None, 0.0), Band(1, None, 500.0), Band(2, 2_000.0, None))),
        OutsideRule(3, features, coast_features(features), 300.0),
    ]
    slope = Raster(
        random.gamma(2.0, 6.0, (400, 450)).astype(np.float32), Lattice(0.0, 33_000.0, 90.0, 400, 450),
        None, "slope",
    )  # fmt: skip
    rules.append(
        RasterRules(
            slope,
            (
                Threshold(4, above=True, limit=40.0, distance_m=200.0),
                Threshold(5, above=True, limit=12.0, distance_m=0.0),
            ),
        )
    )
    for rule in rules:
        expected = taken(rule, lattice, [whole_window(lattice)])
        found = taken(rule, lattice, windows_of(lattice, side))
        for bit, cells in expected.items():
            assert 0 < np.count_nonzero(cells == 1) < cells.size
            np.testing.assert_array_equal(found[bit], cells)


def test_windows_cover_a_grid_once() -> None:
    covered = np.zeros(LATTICE.shape, dtype=np.int64)
    for window in windows_of(LATTICE, 16):
        covered[window.slices] += 1
        assert window.shape == covered[window.slices].shape
    assert (covered == 1).all()


@given(st.integers(1, 20_000), st.integers(1, 20_000), st.integers(1, 16))
def test_all_workers_have_windows_of_equal_work(rows: int, cols: int, workers: int) -> None:
    lattice = Lattice(0.0, 0.0, 10.0, rows, cols)
    side = side_for_workers(lattice, 2_048, workers)
    assert side % 256 == 0
    assert 256 <= side <= 2_048
    windows = windows_of(lattice, side)
    if workers == 1:
        assert side == 2_048
    elif side > 256:  # else the grid is too small to keep all busy
        cells = sorted(window.n_rows * window.n_cols for window in windows)
        assert sum(cells) >= 1.5 * workers * cells[-1]


def test_more_memory_gives_larger_windows_within_bounds() -> None:
    sides = [side_for_memory(mb * 2**20, 0, 2) for mb in (16, 64, 256, 1_024, 100_000)]
    assert sides == sorted(sides)
    assert {side % 256 for side in sides} == {0}
    assert (sides[0], sides[-1]) == (256, 2_048)
    assert side_for_memory(2**28, 300, 2) < side_for_memory(2**28, 0, 2)
