"""Codes of the national grid name squares of EPSG:5179."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from siteopt.errors import LayerError
from siteopt.sources.fetching.national_grid import cells_of

LETTERS = "가나다라마바사아"


@pytest.mark.parametrize(
    ("code", "west_m", "south_m", "side_m"),
    [
        ("다사", 900_000, 1_900_000, 100_000),
        ("다사55", 950_000, 1_950_000, 10_000),
        ("다사5351", 953_000, 1_951_000, 1_000),
        ("다사53a51b", 953_000, 1_951_500, 500),
        ("다사53b51a", 953_500, 1_951_000, 500),
        ("다사539520", 953_900, 1_952_000, 100),
        ("가가0000", 700_000, 1_300_000, 1_000),
        (" 라바9999 ", 1_099_000, 1_899_000, 1_000),
    ],
)
def test_codes_of_all_sizes(code, west_m, south_m, side_m):
    bounds = (west_m, south_m, west_m + side_m, south_m + side_m)
    assert cells_of([code], "a.csv")[0].bounds == bounds


def test_the_town_hall_of_seoul_lies_in_its_cell():
    # 37.5663 N, 126.9779 E is x = 953,892, y = 1,952,010 in EPSG:5179
    import pyproj  # noqa: PLC0415 - of this test alone

    to_metres = pyproj.Transformer.from_crs(4326, 5179, always_xy=True)
    hall = shapely.Point(to_metres.transform(126.9779, 37.5663))
    assert shapely.contains(cells_of(["다사5352"], "a.csv")[0], hall)
    assert shapely.contains(cells_of(["다사538520"], "a.csv")[0], hall)


@given(
    st.sampled_from(LETTERS), st.sampled_from(LETTERS), st.integers(0, 99), st.integers(0, 99),
    st.integers(0, 9), st.integers(0, 9),
)  # fmt: skip
def test_a_smaller_cell_lies_in_the_larger_one(east, north, x, y, finer_x, finer_y):
    one = cells_of([f"{east}{north}{x:02d}{y:02d}"], "a.csv")[0]
    part = cells_of([f"{east}{north}{x:02d}{finer_x}{y:02d}{finer_y}"], "a.csv")[0]
    half = cells_of(
        [f"{east}{north}{x:02d}{'ab'[finer_x > 4]}{y:02d}{'ab'[finer_y > 4]}"], "a.csv"
    )[0]
    assert shapely.covers(one, half)
    assert shapely.covers(half, part)
    assert (one.area, half.area, part.area) == (1e6, 25e4, 1e4)


@pytest.mark.parametrize(
    "code", ["", "서울5351", "다사535", "다사53a5b", "다사53a5", "AB5351", "다사53a512b"]
)
def test_what_is_no_code_is_said_with_its_row(code):
    with pytest.raises(LayerError, match=r"a\.csv: row 2: .* is no code of the national grid"):
        cells_of(["다사5351", code], "a.csv")
