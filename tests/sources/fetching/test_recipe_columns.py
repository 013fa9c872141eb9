"""Columns come in under our names, in our units, or their first fault is named."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from shapely.geometry import LineString, Point, box

from siteopt.errors import LayerError
from siteopt.sources.fetching.recipe_columns import ColumnRecipe, columns_of


def column(values, name="x", **how):
    found = pd.DataFrame({name: values}, dtype=object)
    found.index += 2
    recipe = ColumnRecipe(**({"names": [name]} | how))
    return columns_of(found, {"out": recipe}, "a.csv")["out"].tolist()


def test_units_follow_the_name_that_the_source_used():
    how = {"names": ["분양가(원/㎡)", "분양가(만원/㎡)"], "factors": {"분양가(만원/㎡)": 10_000}}
    assert column(["30"], "분양가 (만원/㎡)", number=True, **how) == [300_000]
    assert column(["30"], "분양가(원/㎡)", number=True, **how) == [30]


@pytest.mark.parametrize(
    ("cell", "number"),
    [("1,234.5", 1234.5), ("12,345,678", 12_345_678), (" 7 ", 7), ("-1", -1), ("1e3", 1000), ("1 234", 1234)],
)  # fmt: skip
def test_numbers_as_people_write_them(cell, number):
    assert column([cell], number=True) == [number]


@pytest.mark.parametrize("cell", ["about 2", "1,2", "1.2.3", "inf", "100㎡", "=1+1"])
def test_what_is_no_number_is_named_with_its_row(cell):
    with pytest.raises(LayerError, match=r"a\.csv: row 3: x is .*a number is needed"):
        column(["1", cell], number=True)


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e6))
def test_a_factor_multiplies(value, factor):
    assert column([repr(value)], number=True, factor=factor) == [pytest.approx(value * factor)]


@pytest.mark.parametrize("cell", ["", "-", "–", "N/A", "nan", None, float("nan"), "해당없음"])
def test_what_means_that_nothing_is_known(cell):
    assert pd.isna(column([cell, "1"], number=True)[0])
    with pytest.raises(LayerError, match="row 2: x is empty; every row needs a value"):
        column([cell, "1"], filled=True)


def test_words_of_a_source_for_nothing():
    assert column(["비공개"], nothing=["비공개"]) == [None]


def test_codes_have_a_meaning_or_are_refused():
    codes = {"1": "conifers", "2": "broad-leaved"}
    assert column([1, 2.0, "1", None], codes=codes) == [
        "conifers",
        "broad-leaved",
        "conifers",
        None,
    ]
    with pytest.raises(LayerError, match="x has the code '3'; known are 1, 2"):
        column(["3"], codes=codes)


def test_a_pattern_takes_a_part_of_a_cell():
    assert column(["2025-03-01", "20240101"], pattern="((?:19|20)[0-9]{2})", number=True) == [
        2025,
        2024,
    ]
    assert column(["154kV"], pattern="[0-9]+") == ["154"]
    with pytest.raises(LayerError, match="row 2: x is 'once'"):
        column(["once"], pattern="[0-9]+")


def test_ranges_and_single_values():
    with pytest.raises(LayerError, match=r"row 3: x gives 5000; 0 to 500 is right, is its unit"):
        column(["0.1", "5"], number=True, factor=1000, low=0, high=500)
    with pytest.raises(LayerError, match="row 4: x a appears twice"):
        column(["a", "b", "a"], unique=True)
    assert column(["a", None, None], unique=True) == ["a", None, None]


def test_a_prefix_and_a_fixed_value():
    assert column(["211020", None], prefix="C") == ["C211020", None]
    found = columns_of(pd.DataFrame(index=[2, 3]), {"year": ColumnRecipe(value=2029)}, "a.csv")
    assert found["year"].tolist() == [2029, 2029]


def test_two_columns_of_one_name_are_not_guessed_between():
    found = pd.DataFrame([["1", "2"]], columns=["NAME", "name "])
    with pytest.raises(LayerError, match="column NAME appears twice"):
        columns_of(found, {"out": ColumnRecipe(names=["NAME"])}, "a.csv")


def test_shapes_are_measured():
    shapes = gpd.GeoDataFrame(
        {"n": [10, 30]}, geometry=[box(950_000, 1_950_000, 952_000, 1_951_000)] * 2, crs=5179
    )
    made = columns_of(
        shapes,
        {
            "area_km2": ColumnRecipe(geometry="area_km2"), "lon": ColumnRecipe(geometry="lon"),
            "lat": ColumnRecipe(geometry="lat"),
            "people_km2": ColumnRecipe(names=["n"], number=True, per_km2=True),
        },
        "a.shp", 1,
    )  # fmt: skip
    assert made["area_km2"].tolist() == [2.0, 2.0]
    assert made["people_km2"].tolist() == [5.0, 15.0]
    back = gpd.GeoSeries([Point(made["lon"][0], made["lat"][0])], crs=4326).to_crs(5179)[0]
    assert shapes.geometry[0].contains(back)
    road = shapes.assign(geometry=[LineString([(950_000, 0), (953_000, 4_000)])] * 2)
    assert columns_of(road, {"km": ColumnRecipe(geometry="length_km")}, "a")["km"].tolist() == [
        5,
        5,
    ]
    with pytest.raises(LayerError, match="a table has no shapes"):
        columns_of(pd.DataFrame({"n": [1]}), {"km": ColumnRecipe(geometry="length_km")}, "a")


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"names": ["a"], "value": 1},
        {"value": 1, "geometry": "lon"},
        {"names": ["a"], "pattern": "("},
        {"names": ["a"], "factors": {"b": 2}},
        {"names": ["a"], "unit": "km"},
    ],
)
def test_a_column_of_a_recipe_that_is_not_right(wrong):
    with pytest.raises(ValidationError):
        ColumnRecipe(**wrong)
