import geopandas as gpd
import numpy as np
import pytest
import shapely

from siteopt.errors import LayerError
from siteopt.sources.admin import _english, _generalised, crosswalk, current_code


def frames(shift=0.0):
    left = gpd.GeoDataFrame(
        {"code": ["01", "02"], "name": ["가구", "나구"]},
        geometry=[shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)], crs=5179,
    )  # fmt: skip
    right = gpd.GeoDataFrame(
        {"sgg_code": ["b", "a"], "sigungu": ["새구", "가구"]},
        geometry=[shapely.box(10 + shift, 0, 20, 10), shapely.box(0, 0, 10 + shift, 10)], crs=5179,
    )  # fmt: skip
    return left, right


def test_crosswalk_takes_the_largest_overlap_and_tells_renamed_units():
    links = crosswalk(*frames(shift=2.0))
    assert links[["code", "sgg_code", "same_name"]].values.tolist() == [
        ["01", "a", True],
        ["02", "b", False],
    ]
    np.testing.assert_allclose(links["share"], [1.0, 0.8])


def test_units_that_split_are_an_error():
    left, right = frames()
    more = gpd.GeoDataFrame(
        {"sgg_code": ["a", "b", "c"], "sigungu": list("xyz")},
        geometry=[*right.geometry, shapely.box(20, 0, 30, 10)], crs=5179,
    )  # fmt: skip
    with pytest.raises(LayerError, match="do not match one to one"):
        crosswalk(left, more)


@pytest.mark.parametrize(
    ("old", "new"),
    [("42110", "51110"), ("45113", "52113"), ("47720", "27720"), ("47750", "47750")],
)
def test_codes_of_renamed_provinces_and_of_gunwi(old, new):
    assert current_code(old) == new


@pytest.mark.parametrize(
    ("code", "ko", "source", "expected"),
    [
        ("11010", "종로구", "Jongno-gu", "Jongno-gu"),
        ("31240", "화성시", "Hwaseongsi", "Hwaseong-si"),
        ("31250", "광주시", "Gwangju", "Gwangju-si"),
        ("31101", "고양시덕양구", "Goyangsideogyanggu", "Goyang Deogyang-gu"),
        ("37011", "포항시남구", "Nam-gu", "Pohang Nam-gu"),
        ("38113", "창원시마산합포구", "Masanhappogu", "Changwon Masanhappo-gu"),
        ("32360", "철원군", "Gongju-si", "Cheorwon-gun"),
    ],
)
def test_english_names_are_of_one_style(code, ko, source, expected):
    assert _english(code, ko, source) == expected


def test_generalising_keeps_borders_shared_and_drops_islets_only():
    wiggle = np.column_stack([np.linspace(0, 20_000, 400), 40 * np.sin(np.arange(400))])
    lower = shapely.Polygon([*wiggle, (20_000, -9_000), (0, -9_000)])
    upper = shapely.Polygon([*wiggle, (20_000, 9_000), (0, 9_000)])
    islet, island = shapely.box(50_000, 0, 50_100, 100), shapely.box(60_000, 0, 60_900, 900)
    frame = gpd.GeoDataFrame(
        {"district_code": ["1", "2"]},
        geometry=[shapely.MultiPolygon([lower, islet]), shapely.MultiPolygon([upper, island])],
        crs=5179,
    )
    out = _generalised(frame)
    assert shapely.coverage_is_valid(shapely.get_parts(np.asarray(out.geometry.array)))
    assert [len(shapely.get_parts(shape)) for shape in out.geometry] == [1, 2]
    assert shapely.get_num_coordinates(np.asarray(out.geometry.array)).sum() < 0.4 * 800
    assert out.geometry[0].hausdorff_distance(lower) < 100
