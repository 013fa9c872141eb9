"""Files of Korean offices come in under our names, or are refused with the likely remedy."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
import shapely.affinity
from pydantic import ValidationError
from shapely.geometry import Point, box

from siteopt.errors import LayerError, LayerFileError
from siteopt.sources.fetching.file_recipes import (
    FileRecipe,
    Ground,
    PlaceRecipe,
    UnpivotRecipe,
    read_by_recipe,
    read_file_recipe,
    recipe_names,
)
from siteopt.sources.fetching.recipe_columns import ColumnRecipe
from siteopt.sources.fetching.recipes import SourceTerms

LAND = Ground(box(950_000, 1_700_000, 1_150_000, 2_000_000))
TERMS = SourceTerms(
    address="x", source="x", licence="x", notice="", redistribution="free", confidence="published"
)


def recipe(**given):
    made = {
        "id": "zones", "title_ko": "구역", "title_en": "Zones", "kind": "area", "source": TERMS,
        "confidence": "published", "good_for": "", "not_good_for": "",
        "columns": {
            "name_ko": {"names": ["명칭", "NAME"]},
            "area_ha": {"names": ["AREA"], "number": True, "factor": 1e-4},
            "grade": {"names": ["GRADE"], "codes": {"1": "first", "2": "second"}},
        },
    }  # fmt: skip
    return FileRecipe.model_validate(made | given)


def zones(crs, where=(1_000_000, 1_800_000)):
    x, y = where
    shapes = [box(x + 2_000 * n, y, x + 2_000 * n + 1_000, y + 1_000) for n in range(3)]
    columns = {"NAME": ["가", "나", "다"], "AREA": [1e6, 1e6, 1e6], "GRADE": ["1", "2", "1"]}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=5179).to_crs(crs)


def written(path, frame, **options):
    pyogrio.write_dataframe(frame, path, **options)
    return path


@pytest.mark.parametrize("crs", [5179, 5181, 5186, 5174, 4326])
def test_a_shapefile_in_cp949_comes_in_whatever_its_system(tmp_path, crs):
    path = written(tmp_path / "zones.shp", zones(crs), encoding="CP949")
    found = read_by_recipe(path, recipe(), LAND)
    assert list(found.columns) == ["name_ko", "area_ha", "grade", "geometry"]
    assert found["name_ko"].tolist() == ["가", "나", "다"]
    assert found["area_ha"].tolist() == [100.0, 100.0, 100.0]
    assert found["grade"].tolist() == ["first", "second", "first"]
    assert found.crs.to_epsg() == 5179
    assert found.geometry[0].hausdorff_distance(zones(5179).geometry[0]) < 1.5


@pytest.mark.parametrize(
    ("crs", "likely"), [(5179, "EPSG:5179"), (5186, "EPSG:5186"), (4326, "EPSG:4326")]
)
def test_without_a_prj_the_likely_system_is_named(tmp_path, crs, likely):
    path = written(tmp_path / "zones.shp", zones(crs))
    path.with_suffix(".prj").unlink()
    with pytest.raises(LayerError, match=f"names no coordinate system; it is likely in .*{likely}"):
        read_by_recipe(path, recipe(), LAND)
    found = read_by_recipe(path, recipe(), LAND, crs=crs)
    assert found.geometry[0].hausdorff_distance(zones(5179).geometry[0]) < 0.1
    assert read_by_recipe(path, recipe(crs=crs), LAND).equals(found)


def test_a_wrong_prj_is_found_out_by_where_the_features_fall(tmp_path):
    path = written(tmp_path / "zones.shp", zones(5186))
    wrong = written(tmp_path / "wrong.shp", zones(5179)).with_suffix(".prj")
    path.with_suffix(".prj").write_text(wrong.read_text())
    with pytest.raises(
        LayerError, match=r"in EPSG:5179, as it says, 0% of it falls on land; .*5186"
    ):
        read_by_recipe(path, recipe(), LAND)
    assert len(read_by_recipe(path, recipe(), LAND, crs=5186)) == 3


def test_systems_that_differ_by_metres_are_both_named(tmp_path):
    path = written(tmp_path / "zones.shp", zones(5181))
    path.with_suffix(".prj").unlink()
    with pytest.raises(LayerError, match=r"EPSG:5181 or EPSG:5174.*cannot be told apart"):
        read_by_recipe(path, recipe(), LAND)


def test_a_file_of_another_country_is_said(tmp_path):
    away = gpd.GeoDataFrame(
        {"NAME": ["a"], "AREA": [1.0], "GRADE": ["1"]},
        geometry=[Point(2.3, 48.8).buffer(0.1)],
        crs=4326,
    )
    with pytest.raises(LayerError, match="is it of Korea"):
        read_by_recipe(written(tmp_path / "a.gpkg", away), recipe(), LAND)


def test_a_system_is_given_to_a_shapefile_only(tmp_path):
    path = written(tmp_path / "a.gpkg", zones(5179))
    with pytest.raises(LayerError, match="names its own system"):
        read_by_recipe(path, recipe(), LAND, crs=5186)


def test_columns_codes_and_numbers_are_checked(tmp_path):
    path = written(tmp_path / "a.gpkg", zones(5179).drop(columns="AREA"))
    with pytest.raises(LayerError, match=r"a\.gpkg: no column AREA for area_ha; there are NAME"):
        read_by_recipe(path, recipe(), LAND)
    path = written(tmp_path / "b.gpkg", zones(5179).assign(GRADE=["1", "9", "1"]))
    with pytest.raises(LayerError, match=r"GRADE has the code '9'; known are 1, 2"):
        read_by_recipe(path, recipe(), LAND)
    path = written(tmp_path / "c.gpkg", zones(5179).assign(AREA=["1", "about two", "3"]))
    with pytest.raises(LayerError, match=r"row 2: AREA is 'about two'; a number is needed"):
        read_by_recipe(path, recipe(), LAND)
    path = written(tmp_path / "d.gpkg", zones(5179))
    with pytest.raises(LayerError, match="3 rows; Zones has 16 at least"):
        read_by_recipe(path, recipe(rows_min=16), LAND)
    loose = recipe(columns={"note": {"names": ["NOTE"], "needed": False}})
    assert list(read_by_recipe(path, loose, LAND).columns) == ["geometry"]


def test_broken_rings_are_mended(tmp_path):
    bow = shapely.Polygon([(0, 0), (1_000, 1_000), (1_000, 0), (0, 1_000)])
    moved = shapely.affinity.translate(bow, 1_000_000, 1_800_000)
    frame = zones(5179).iloc[:1].assign(geometry=[moved])
    found = read_by_recipe(written(tmp_path / "a.gpkg", frame), recipe(), LAND)
    assert found.geometry.is_valid.all()
    assert found.area[0] == pytest.approx(500_000)


def test_a_table_in_cp949_comes_in(tmp_path):
    path = tmp_path / "prices.csv"
    path.write_bytes("고유번호,공시지가\n4711010100100010000,152000\n".encode("cp949"))
    found = read_by_recipe(path, read_file_recipe("land_prices"), LAND)
    assert isinstance(found, pd.DataFrame)
    assert found["pnu"].tolist() == ["4711010100100010000"]
    assert found["price_krw_m2"].tolist() == [152_000]


@pytest.mark.parametrize("name", recipe_names())
def test_packaged_recipes_are_right(name):
    found = read_file_recipe(name)
    assert found.title_ko
    assert found.source.licence
    assert found.confidence.startswith(("published", "compiled-"))


def test_recipes_that_are_not_there_or_not_right(tmp_path):
    with pytest.raises(LayerError, match=r"moon: no such recipe; there are .*land_prices"):
        read_file_recipe("moon")
    with pytest.raises(LayerFileError):
        read_file_recipe(str(tmp_path / "a.toml"))
    (tmp_path / "a.toml").write_text("id = 'a'\nkind = 'circle'\n", encoding="utf-8")
    with pytest.raises(LayerError, match=r"a\.toml: title_ko: missing; it has no default"):
        read_file_recipe(str(tmp_path / "a.toml"))


def test_a_recipe_that_is_no_text_is_said(tmp_path):
    (tmp_path / "a.toml").write_bytes(b"id = '\xff\xfe'")
    with pytest.raises(LayerFileError, match=r"a\.toml"):
        read_file_recipe(str(tmp_path / "a.toml"))


MANUAL = (Path(__file__).parents[3] / "docs/how-to/fetch.md").read_text(encoding="utf-8")


def recipe_of_the_manual(folder):
    (folder / "mine.toml").write_text(
        next(
            block
            for block in re.findall(r"```toml\n(.*?)```", MANUAL, re.DOTALL)
            if "quiet" in block
        ),
        encoding="utf-8",
    )
    return read_file_recipe(str(folder / "mine.toml"))


def test_the_recipe_of_the_manual_takes_a_file(tmp_path):
    frame = zones(5186).rename(columns={"NAME": "명칭", "GRADE": "등급", "AREA": "면적(천㎡)"})
    path = written(tmp_path / "quiet.gpkg", frame.assign(**{"면적(천㎡)": ["1,000", "2", "3"]}))
    found = read_by_recipe(path, recipe_of_the_manual(tmp_path), LAND)
    assert found["name_ko"].tolist() == ["가", "다"]  # of the first grade alone
    assert found["area_ha"].tolist() == [100.0, pytest.approx(0.3)]


def test_the_manual_names_every_recipe_and_every_key():
    for name in recipe_names():
        assert f"`{name}`" in MANUAL, name
    for model in (FileRecipe, ColumnRecipe, PlaceRecipe, UnpivotRecipe):
        for key in model.model_fields:
            assert re.search(rf"\b{key}\b", MANUAL), key


def test_tables_with_coordinates_and_with_columns_of_years(tmp_path):
    where = {"x": ["경도"], "y": ["위도"]}
    placed = recipe(kind="point", place=where, columns={"name_ko": {"names": ["이름"]}})
    path = tmp_path / "a.csv"
    path.write_text("이름,경도,위도\n가,127.5,36.5\n나,128.0,36.6\n", encoding="utf-8")
    found = read_by_recipe(path, placed, LAND)
    assert isinstance(found, gpd.GeoDataFrame)
    assert found.crs.to_epsg() == 5179
    assert found.to_crs(4326).geometry[0].distance(Point(127.5, 36.5)) < 1e-9
    path.write_text("이름,경도,위도\n가,127.5,없음\n", encoding="utf-8")
    with pytest.raises(LayerError, match="row 2: 위도 is '없음'; a number is needed"):
        read_by_recipe(path, placed, LAND)
    path.write_text("이름,경도,위도\n가,36.5,127.5\n", encoding="utf-8")
    with pytest.raises(LayerError, match=r"in EPSG:4326, as it says, 0% of it falls on land"):
        read_by_recipe(path, placed, LAND)


def test_tables_have_bounds(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("NAME,GRADE\n가,1\n나,2\n다,1\n", encoding="utf-8")
    columns = {
        "name_ko": {"names": ["NAME"], "unique": True},
        "grade": {"names": ["GRADE"], "codes": {"1": "first", "2": "second"}},
    }
    table = recipe(kind="table", columns=columns, only={"grade": ["first"]})
    assert read_by_recipe(path, table, LAND)["name_ko"].tolist() == ["가", "다"]
    few = recipe(kind="table", columns=columns, rows_max=2)
    with pytest.raises(LayerError, match="more than 2 rows; keep a part of them by `only`"):
        read_by_recipe(path, few, LAND)


def test_a_value_that_may_stand_once_is_looked_for_in_all_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr("siteopt.sources.fetching.table_files._PIECE_ROWS", 2)
    path = tmp_path / "a.csv"
    path.write_text("NAME\na\nb\nc\na\n", encoding="utf-8")
    once = recipe(kind="table", columns={"name": {"names": ["NAME"], "unique": True}})
    with pytest.raises(LayerError, match="name a appears twice"):
        read_by_recipe(path, once, LAND)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"only": {"moon": ["x"]}}, "only: moon is none of the columns"),
        ({"builder": "moon"}, "builder: moon is none of complex_prices"),
        ({"place": {"x": ["a"]}}, "a place has x and y, or grid"),
    ],
)
def test_recipes_that_do_not_fit_together(given, said):
    with pytest.raises(ValidationError, match=said):
        recipe(**given)
