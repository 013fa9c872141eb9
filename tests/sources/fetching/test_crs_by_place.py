"""The system of a file is found by where its features fall, or all that fit are named."""

from __future__ import annotations

import itertools
import re

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
from pyproj import CRS, Transformer
from shapely.geometry import Point

from siteopt.errors import LayerError
from siteopt.layers import open_layers
from siteopt.layers._crs import crs_of_code
from siteopt.layers.district_codes import DistrictCodes
from siteopt.layers.opening import open_features
from siteopt.sources.fetching.crs_by_place import (
    KOREAN_SYSTEMS,
    DistrictShapes,
    land_shares,
    must_fall_on_land,
)
from siteopt.sources.fetching.file_recipes import FileRecipe, Ground, read_by_recipe

SAME_PLACE = (
    {5179, 5178}, {5186}, {5181, 5174, 2097}, {5185}, {5187}, {5180, 5173, 2098},
    {5183, 5176, 2096}, {5182}, {4326}, {32652},
)  # fmt: skip
"""Systems that place the country within some hundred metres of each other."""


def near(code):
    return next(group for group in SAME_PLACE if code in group)


@pytest.fixture(scope="module")
def country():
    layers = open_layers()
    districts = layers.vector("districts")
    shapes = pd.Series(districts.geometry.to_numpy(), index=districts["district_code"].astype(str))
    land = shapely.union_all(layers.vector("provinces").geometry.to_numpy())
    codes = DistrictCodes(layers.table("district_codes"))
    return land, DistrictShapes(codes, shapes)


def features(districts, code, province="", **columns):
    """Return a point in each district, its coordinates those of a system and no system named."""
    some = districts.shapes[[one for one in districts.shapes.index if one.startswith(province)]]
    points = gpd.GeoSeries(shapely.point_on_surface(some.to_numpy()), crs=5179)
    placed = points.to_crs(crs_of_code(code, "test"))
    data = {name: make(some.index) for name, make in columns.items()}
    return gpd.GeoDataFrame(data, geometry=placed.to_numpy(), index=range(len(some)))


def likely(message):
    return {int(code) for code in re.findall(r"EPSG:([0-9]+)", message.split("likely in")[1])}


@pytest.mark.parametrize("code", KOREAN_SYSTEMS)
def test_every_system_of_a_country_is_found_with_those_that_place_it_alike(country, code):
    land, districts = country
    with pytest.raises(LayerError, match="names no coordinate system") as caught:
        must_fall_on_land(features(districts, code), land, "a.shp", None)
    assert likely(str(caught.value)) == near(code)


@pytest.mark.parametrize(
    ("code", "stated"), list(itertools.permutations((5174, 5179, 5181, 5186, 5187, 2097, 4326), 2))
)
def test_a_wrong_system_is_named_with_the_likely_one(country, code, stated):
    land, districts = country
    frame = features(districts, code)
    crs = crs_of_code(stated, "test")
    if near(code) is near(stated):  # some hundred metres: by place alone nothing is to be said
        assert must_fall_on_land(frame, land, "a.shp", crs) == ""
        return
    with pytest.raises(
        LayerError, match=rf"in EPSG:{stated}, as it says, .* falls on land"
    ) as caught:
        must_fall_on_land(frame, land, "a.shp", crs)
    assert likely(str(caught.value)) == near(code)


def test_a_small_file_inland_may_lie_in_several_belts_and_that_is_said(country):
    land, _ = country
    at = gpd.GeoSeries([Point(1_030_000, 1_850_000).buffer(500)], crs=5179)
    frame = gpd.GeoDataFrame(geometry=at.to_crs(5186).to_numpy())
    with pytest.raises(LayerError, match="by place alone they cannot be told apart") as caught:
        must_fall_on_land(frame, land, "a.shp", None)
    assert {5186, 5181, 5174, 2097} <= likely(str(caught.value))
    said = must_fall_on_land(frame, land, "a.shp", CRS.from_epsg(5186))
    assert said.startswith(
        "a.shp: taken as EPSG:5186, as it says; it would fall on land in EPSG:5181"
    )
    assert "EPSG:5186," not in said.split("fall on land")[1]


def test_at_the_border_of_two_belts_both_are_named(country):
    # 35.9 N, 128.0 E: the edge of the belts about 127 and 129 degrees, as far from either
    land, _ = country
    to_metres = Transformer.from_crs(4326, 5179, always_xy=True)
    points = [Point(to_metres.transform(128.0 + dx, 35.9)).buffer(300) for dx in (-0.01, 0, 0.01)]
    for code in (5186, 5187):
        frame = gpd.GeoDataFrame(geometry=gpd.GeoSeries(points, crs=5179).to_crs(code).to_numpy())
        with pytest.raises(LayerError) as caught:
            must_fall_on_land(frame, land, "a.shp", None)
        assert code in likely(str(caught.value))


@pytest.mark.parametrize("make", [
    lambda codes: codes, lambda codes: [f"{one}00000" for one in codes],
    lambda codes: [f"{one}1010010001000{n % 10}" for n, one in enumerate(codes)],
])  # fmt: skip
def test_codes_of_districts_tell_belts_apart_that_land_does_not(country, make):
    land, districts = country
    frame = features(districts, 5186, "43", COL_ADM_SE=make, NAME=lambda codes: ["x"] * len(codes))
    assert must_fall_on_land(frame, land, "a.shp", CRS.from_epsg(5186), districts=districts) == ""
    # North Chungcheong moved by 100 km to the north is land too
    share = land_shares(shapely.get_coordinates(frame.geometry.to_numpy()), land, [5181])[5181]
    assert share > 0.9
    with pytest.raises(LayerError, match="into the district whose code it bears") as caught:
        must_fall_on_land(frame, land, "a.shp", CRS.from_epsg(5181), districts=districts)
    assert likely(str(caught.value)) == {5186}


def test_numbers_that_are_no_codes_do_not_count(country):
    land, districts = country
    frame = features(
        districts, 5186, "43", N=lambda codes: [str(10_000 + n) for n in range(len(codes))]
    )
    assert districts.of_features(frame) is None
    must_fall_on_land(frame, land, "a.shp", CRS.from_epsg(5186), districts=districts)


def test_a_shapefile_with_two_columns_of_one_name_is_not_guessed_at(tmp_path, country):
    land, districts = country
    path = tmp_path / "a.shp"
    frame = features(districts, 5179, NAME=list, NAMX=list).set_crs(5179)
    pyogrio.write_dataframe(frame, path)
    table = path.with_suffix(".dbf")
    table.write_bytes(table.read_bytes().replace(b"NAMX", b"NAME", 1))
    terms = {"address": "x", "source": "x", "licence": "x", "notice": "", "redistribution": "free", "confidence": "x"}  # fmt: skip
    recipe = FileRecipe(
        id="a", title_ko="가", title_en="A", kind="point", confidence="published", source=terms,
        columns={"name_ko": {"names": ["NAME"]}}, good_for="", not_good_for="",
    )  # fmt: skip
    with pytest.raises(LayerError, match=r"a\.shp: column NAME appears twice"):
        read_by_recipe(path, recipe, Ground(land, districts))


def test_a_file_without_shapes(country):
    land, _ = country
    frame = gpd.GeoDataFrame(geometry=[None, shapely.Polygon()])
    with pytest.raises(LayerError, match="no feature has a shape"):
        must_fall_on_land(frame, land, "a.shp", None)


TOWGS84 = {
    "seven parameters": (-115.8, 474.99, 674.11, 1.16, -2.31, -1.63, 6.43),
    "three parameters": (-146.43, 507.89, 681.46, 0, 0, 0, 0),
}


@pytest.mark.parametrize("encoding", ["CP949", "UTF-8"])
@pytest.mark.parametrize("with_cpg", [True, False])
@pytest.mark.parametrize("shift", TOWGS84.values(), ids=TOWGS84)
def test_the_shift_that_a_prj_names_is_the_one_that_is_taken(tmp_path, shift, encoding, with_cpg):
    there = Point(1_000_000, 1_850_000)
    plain = CRS.from_epsg(5174).to_wkt("WKT1_GDAL")
    words = ",".join(f"{one:g}" for one in shift)
    # a shift stands in the datum, behind its ellipsoid
    ellipsoid = 'AUTHORITY["EPSG","7004"]]'
    wkt = plain.replace(ellipsoid, f"{ellipsoid},TOWGS84[{words}]", 1)
    assert "TOWGS84" in wkt
    proj = f"+proj=tmerc +lat_0=38 +lon_0=127.0028902777778 +k=1 +x_0=200000 +y_0=500000 +ellps=bessel +towgs84={words}"
    way = Transformer.from_crs("EPSG:5179", proj, always_xy=True)
    path = tmp_path / "a.shp"
    frame = gpd.GeoDataFrame(
        {"NAME": ["가나다"]}, geometry=[Point(way.transform(there.x, there.y))]
    )
    pyogrio.write_dataframe(frame.set_crs(5174), path, encoding=encoding)
    path.with_suffix(".prj").write_text(wkt, encoding="ascii")
    if not with_cpg:
        path.with_suffix(".cpg").unlink()
    found = open_features(path)
    assert found["NAME"].tolist() == ["가나다"]
    assert found.to_crs(5179).geometry[0].distance(there) < 0.05
    # the two shifts in use differ by metres; the name of the system alone means the first
    bare = found.set_crs(5174, allow_override=True).to_crs(5179).geometry[0].distance(there)
    assert bare < 1 if shift[3] else 1 < bare < 10
