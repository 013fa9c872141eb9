"""Counts of pixels become counts of cells: the total is kept, and where it falls is right."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from shapely.geometry import Point, Polygon

from siteopt.errors import FetchError
from siteopt.lattice import Lattice
from siteopt.sources.fetching.counts import sum_counts
from tests.sources.fetching.server import serving
from tests.sources.fetching.test_rasters import X, Y, ranges, written

SIDE = 1 / 1_200
"""Three arc seconds in degrees, the pixel of WorldPop."""
WIDE = Lattice(940_000.0, 1_830_000.0, 250.0, 120, 120)
"""Holds the pixels of `degrees` with room about them."""


def degrees(path, values, *, west=126.9, north=36.4, **more):
    return written(
        path, values, west=west, north=north, side=SIDE, crs=4326,
        **({"nodata": -99_999.0} | more),
    )  # fmt: skip


def people(rows=200, cols=220, seed=5):
    drawn = np.random.default_rng(seed).gamma(0.3, 20.0, (rows, cols)).astype(np.float32)
    drawn[drawn < 1.0] = 0.0
    return drawn


def test_all_people_of_the_pixels_are_in_the_cells(tmp_path):
    values = people()
    values[:, :30] = -99_999.0
    found = sum_counts([degrees(tmp_path / "a.tif", values)], WIDE, 31.25)
    assert np.nansum(found.count) == pytest.approx(values[values >= 0].sum(dtype=np.float64))
    assert found.outside == 0
    assert np.isnan(found.count).any()


@settings(max_examples=15, deadline=None)
@given(
    x=st.floats(-8_000, 8_000), y=st.floats(-8_000, 8_000), fine_m=st.sampled_from([20.0, 50.0, 400.0])
)  # fmt: skip
def test_what_is_read_is_inside_or_said_to_be_outside(tmp_path_factory, x, y, fine_m):
    folder = tmp_path_factory.mktemp("counts")
    values = people(60, 60)
    tile = degrees(folder / "a.tif", values)
    small = Lattice(985_000.0 + x, 1_818_000.0 + y, 250.0, 20, 20)
    found = sum_counts([tile], small, fine_m)
    whole = sum_counts([tile], WIDE, fine_m)
    assert np.nansum(found.count) + found.outside <= values.sum() * (1 + 1e-6)
    assert np.nansum(whole.count) == pytest.approx(values.sum(dtype=np.float64))


def test_a_pixel_falls_where_it_lies(tmp_path):
    values = np.zeros((200, 220), dtype=np.float32)
    values[150, 40] = 8.0
    found = sum_counts([degrees(tmp_path / "a.tif", values)], WIDE, 10.0).count
    to_metres = Transformer.from_crs(4326, 5179, always_xy=True).transform
    west, north = 126.9 + 40 * SIDE, 36.4 - 150 * SIDE
    corners = [
        (west, north),
        (west + SIDE, north),
        (west + SIDE, north - SIDE),
        (west, north - SIDE),
    ]
    pixel = Polygon([to_metres(*corner) for corner in corners])
    rows, cols = np.nonzero(np.nan_to_num(found))
    centres = WIDE.centres_m(rows, cols)
    for x, y, count in zip(*centres, found[rows, cols], strict=True):
        cell = Point(x, y).buffer(125.0, cap_style="square")
        share = cell.intersection(pixel).area / pixel.area
        assert count == pytest.approx(8.0 * share, abs=0.5)
    assert found[rows, cols].sum() == pytest.approx(8.0)


def test_pixels_of_the_lattice_are_taken_as_they_are(tmp_path):
    values = people(24, 24)
    tile = written(tmp_path / "a.tif", values, west=X, north=Y, side=125.0, nodata=-1.0)
    found = sum_counts([tile], Lattice(X, Y, 250.0, 12, 12), 31.25)
    assert found.count == pytest.approx(values.reshape(12, 2, 12, 2).sum(axis=(1, 3)), rel=1e-6)


def test_tiles_side_by_side_leave_no_seam(tmp_path):
    values = people()
    whole = sum_counts([degrees(tmp_path / "a.tif", values)], WIDE, 31.25)
    left = degrees(tmp_path / "l.tif", values[:, :128])
    right = degrees(tmp_path / "r.tif", values[:, 128:], west=126.9 + 128 * SIDE)
    found = sum_counts([right, left], WIDE, 31.25)
    assert np.nan_to_num(found.count) == pytest.approx(np.nan_to_num(whole.count), rel=1e-6, abs=1e-6)  # fmt: skip


def test_tiles_that_overlap_are_refused(tmp_path):
    values = people()
    one = degrees(tmp_path / "kor_ppp_2019.tif", values)
    two = degrees(tmp_path / "kor_ppp_2020.tif", values)
    with pytest.raises(FetchError, match=r"kor_ppp_2020\.tif: overlaps .*counted twice"):
        sum_counts([one, two], WIDE, 31.25)
    metres = written(tmp_path / "m.tif", values, west=X, north=Y, side=100.0, nodata=-1.0)
    with pytest.raises(FetchError, match="another CRS"):
        sum_counts([one, metres], WIDE, 31.25)


def test_a_count_below_nothing_is_refused(tmp_path):
    values = people()
    values[3, 4] = -99_999.0
    with pytest.raises(FetchError, match="holds -99999; a count is at least 0"):
        sum_counts([degrees(tmp_path / "a.tif", values, nodata=None)], WIDE, 31.25)


def test_a_tile_elsewhere_adds_nothing(tmp_path):
    far = degrees(tmp_path / "far.tif", people(), west=10.0, north=50.0)
    assert np.isnan(sum_counts([far], WIDE, 31.25).count).all()


def test_a_broken_tile_is_named(tmp_path):
    degrees(tmp_path / "a.tif", people(), compress="deflate")
    content = (tmp_path / "a.tif").read_bytes()
    (tmp_path / "cut.tif").write_bytes(content[: len(content) // 2])
    with pytest.raises(FetchError, match=r"cut\.tif: (is broken|cannot be read)"):
        sum_counts([str(tmp_path / "cut.tif")], WIDE, 31.25)


def test_only_the_pixels_that_are_needed_are_asked_for(tmp_path):
    values = people(3_000, 3_000)
    tile = degrees(
        tmp_path / "a.tif", values, tiled=True, blockxsize=256, blockysize=256, compress="deflate"
    )
    content = (tmp_path / "a.tif").read_bytes()
    asked: list[int] = []
    small = Lattice(985_000.0, 1_818_000.0, 250.0, 20, 20)
    with serving(ranges(content, asked)) as server:
        found = sum_counts([f"{server.url}/a.tif"], small, 31.25)
    assert np.array_equal(found.count, sum_counts([tile], small, 31.25).count, equal_nan=True)
    assert 0 < sum(asked) < 0.2 * len(content)
