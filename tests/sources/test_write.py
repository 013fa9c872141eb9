import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

from siteopt.errors import LayerError
from siteopt.lattice import Lattice
from siteopt.sources._built import write_bytes, write_csv, write_geojson, write_raster


def test_csv_is_sorted_rounded_and_plain(tmp_path):
    table = pd.DataFrame(
        {"id": ["b", "a"], "x": [1.123456789, np.nan], "flag": [True, False], "n": [1e-5, 3.0]}
    )
    write_csv(table, tmp_path / "t.csv", "id", {"x": 2})
    assert (tmp_path / "t.csv").read_bytes() == b"id,x,flag,n\na,,false,3\nb,1.12,true,0.00001\n"


def test_csv_does_not_depend_on_the_order_of_rows(tmp_path):
    table = pd.DataFrame({"id": list("dacb"), "x": [4.0, 1.0, 3.0, 2.0]})
    write_csv(table, tmp_path / "1.csv", "id")
    write_csv(table.sample(frac=1, random_state=3), tmp_path / "2.csv", "id")
    assert (tmp_path / "1.csv").read_bytes() == (tmp_path / "2.csv").read_bytes()


def test_rows_that_cannot_be_told_apart_are_an_error(tmp_path):
    table = pd.DataFrame({"id": ["a", "a"]})
    with pytest.raises(LayerError, match=r"t.csv: .*appears twice"):
        write_csv(table, tmp_path / "t.csv", "id")
    assert not list(tmp_path.iterdir())


def test_geojson_has_one_feature_a_line_in_order(tmp_path):
    frame = gpd.GeoDataFrame(
        {"id": ["b", "a"], "n": [1.0, None]},
        geometry=[shapely.Point(127.123456789, 36.0), shapely.Point(128.0, 37.0)], crs=4326,
    )  # fmt: skip
    write_geojson(frame, tmp_path / "f.geojson", "id")
    lines = (tmp_path / "f.geojson").read_text().splitlines()
    assert len(lines) == 4
    features = [json.loads(line.rstrip(",")) for line in lines[1:3]]
    assert [item["properties"] for item in features] == [
        {"id": "a", "n": None},
        {"id": "b", "n": 1},
    ]
    assert features[1]["geometry"]["coordinates"] == [127.12346, 36.0]


def test_shared_borders_stay_shared_to_the_last_digit(tmp_path):
    rng = np.random.default_rng(5)
    middle = np.column_stack([127 + rng.random(20) * 1e-3, np.linspace(36, 36.1, 20)])
    left = shapely.Polygon([*middle, (126.9, 36.1), (126.9, 36)])
    right = shapely.Polygon([*middle, (127.1, 36.1), (127.1, 36)])
    frame = gpd.GeoDataFrame({"id": ["l", "r"]}, geometry=[left, right], crs=4326)
    write_geojson(frame, tmp_path / "f.geojson", "id")
    read = gpd.read_file(tmp_path / "f.geojson")
    assert shapely.coverage_is_valid(read.geometry.array)
    assert all(shape.exterior.is_ccw for shape in read.geometry)


def test_a_feature_that_vanishes_in_rounding_is_named(tmp_path):
    tiny = shapely.box(127, 36, 127.000001, 36.000001)
    frame = gpd.GeoDataFrame({"id": ["islet"]}, geometry=[tiny], crs=4326)
    with pytest.raises(LayerError, match=r"f.geojson: islet is empty or invalid after rounding"):
        write_geojson(frame, tmp_path / "f.geojson", "id")


def test_raster_is_the_same_bytes_twice_and_reads_back(tmp_path):
    lattice = Lattice(745_000.0, 2_070_000.0, 250.0, 30, 40)
    values = np.arange(1200, dtype=np.uint16).reshape(30, 40)
    for name in ("1.tif", "2.tif"):
        write_raster(values, lattice, tmp_path / name, nodata=0, scale=0.5, unit="degree")
    assert (tmp_path / "1.tif").read_bytes() == (tmp_path / "2.tif").read_bytes()
    with rasterio.open(tmp_path / "1.tif") as source:
        np.testing.assert_array_equal(source.read(1), values)
        assert source.crs.to_epsg() == 5179
        assert (source.nodata, source.scales, source.units) == (0.0, (0.5,), ("degree",))
        assert source.bounds == (745_000.0, 2_062_500.0, 755_000.0, 2_070_000.0)
        assert source.tags(ns="IMAGE_STRUCTURE").get("LAYOUT") == "COG"


def test_raster_of_another_shape_is_an_error(tmp_path):
    with pytest.raises(LayerError, match="does not fit lattice"):
        write_raster(np.zeros((2, 2)), Lattice(0.0, 0.0, 1.0, 3, 3), tmp_path / "r.tif")


def test_a_failed_write_leaves_nothing_behind(tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(b"old")
    monkeypatch.setattr("pathlib.Path.replace", _fail)
    with pytest.raises(OSError, match="no space"):
        write_bytes(tmp_path / "a", b"new")
    assert [item.name for item in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"


def _fail(*_):
    raise OSError("no space")
