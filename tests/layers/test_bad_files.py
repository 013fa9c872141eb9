"""Files that are not what their suffix says, or are damaged: one line that says what to do."""

import json
import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

from siteopt.errors import LayerError, LayerFileError
from siteopt.layers.catalogue import read_catalogue
from siteopt.layers.raster_reading import read_raster
from siteopt.layers.readers import kind_of_file, read_table, read_vector
from siteopt.layers.store import Layers

HEAD = "station_id,voltage_kv,headroom_mw,year\n"
SQUARE = shapely.box(127.0, 36.0, 127.1, 36.1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04rest of a workbook",
         "t.csv: an Excel workbook or a zip archive, not text; in Excel save it as 'CSV UTF-8'"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "t.csv: an old Excel workbook"),
        (HEAD.encode("utf-16"), "t.csv: UTF-16 text, or no text; save it as UTF-8"),
        (b"\0\0\0\0", "t.csv: holds zero bytes, so it is no text"),
        (b"", "t.csv: empty; a CSV file starts with a line of column names"),
        (b"\n\n", "t.csv: empty"),
        (HEAD.replace(",", ";").encode() + b"S1;154;1,5;2030\n",
         "t.csv: row 1: semicolons between cells; commas are needed there, and points in numbers"),
        (HEAD.replace(",", "\t").encode(), "t.csv: row 1: tabs between cells"),
        (HEAD.encode() + b"S1,154,5,2030\nS2,154,1,200,2030\n",
         "t.csv: row 3: 5 cells below 4 column names; a cell for each"),
        (HEAD.encode() + b"S1,154,5\n", "t.csv: row 2: 3 cells below 4 column names"),
        (HEAD.encode(), "t.csv: no rows below the column names"),
    ],
)  # fmt: skip
def test_what_is_no_csv_says_what_it_is(tmp_path, content, message):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(LayerError) as caught:
            read_table(path, "headroom")
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_windows_line_ends_a_byte_order_mark_and_quoted_commas_are_fine(tmp_path):
    path = tmp_path / "t.csv"
    text = 'complex_id,name_ko,note\r\n01,가,"땅, 물\r\n그리고 전기"\r\n\r\n02,나,없음\r\n'
    path.write_bytes(text.encode("utf-8-sig"))
    read = read_table(path, "industrial_complexes")
    assert read["complex_id"].tolist() == ["01", "02"]
    assert read["note"].tolist() == ["땅, 물\r\n그리고 전기", "없음"]


def test_a_file_of_another_kind_is_named_by_its_suffix(tmp_path):
    path = tmp_path / "a.geojson"
    path.write_text("{}")
    with pytest.raises(LayerError, match=r"a.geojson: suffix .geojson is no table; headroom is a"):
        read_table(path, "headroom")
    with pytest.raises(LayerError, match=r"a.geojson: suffix .geojson is no raster; slope is a"):
        read_raster(path, "slope")


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".shp", ".csv", ".tif"])
def test_a_folder_is_no_layer(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    path.mkdir()
    read = {".tif": read_raster}.get(suffix, read_vector)
    with pytest.raises(LayerFileError, match=rf"a{suffix}: is a folder; a layer is a file"):
        read(path, "mine")
    with pytest.raises(LayerFileError, match=rf"layers.mine: .*a{suffix} is a folder"):
        Layers(read_catalogue(), {"mine": path})


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg"])
@pytest.mark.parametrize("content", [b"", b"hello", b'{"type": "FeatureCollection", "fea'])
def test_a_damaged_file_is_one_line_without_gdal_settings(tmp_path, suffix, content):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    with pytest.raises(LayerError, match=rf"a{suffix}: cannot be read as") as caught:
        read_vector(path, "mine")
    assert "\n" not in str(caught.value)
    assert "driver" not in str(caught.value)


@pytest.mark.parametrize("part", [".shx", ".dbf"])
def test_a_shapefile_without_its_parts_names_them(tmp_path, part):
    path = tmp_path / "a.shp"
    gpd.GeoDataFrame({"n": [1]}, geometry=[SQUARE], crs=4326).to_file(path)
    path.with_suffix(part).unlink()
    with pytest.raises(LayerError, match=rf"a.shp: a{part} is missing beside it"):
        read_vector(path, "mine")


def _geojson(path, ring, crs=None):
    feature = {"type": "Feature", "properties": {"n": 1}}
    good = [[127.0, 36.0], [127.1, 36.0], [127.1, 36.1], [127.0, 36.0]]
    shapes = [{"type": "Polygon", "coordinates": [corners]} for corners in (good, ring)]
    content = {
        "type": "FeatureCollection",
        "features": [{**feature, "geometry": shape} for shape in shapes],
    }
    if crs is not None:
        content["crs"] = {"type": "name", "properties": {"name": crs}}
    path.write_text(json.dumps(content))


def test_nan_in_a_geojson_names_the_feature_and_nothing_else_is_printed(tmp_path):
    path = tmp_path / "a.geojson"
    _geojson(path, [[127.0, float("nan")], [127.1, 36.0], [127.1, 36.1], [127.0, 36.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(LayerError, match=r"a.geojson: feature 2: geometry cannot be formed"):
            read_vector(path, "mine")


def test_an_unknown_crs_of_a_geojson_is_not_taken_for_degrees(tmp_path):
    path = tmp_path / "a.geojson"
    ring = [[127.0, 36.0], [127.1, 36.0], [127.1, 36.1], [127.0, 36.0]]
    _geojson(path, ring, "urn:ogc:def:crs:EPSG::99999")
    with pytest.raises(LayerError, match=r"a.geojson: its CRS 'urn:ogc:def:crs:EPSG::99999' is"):
        read_vector(path, "mine")
    for known in ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::5186"):
        _geojson(path, ring, known)
        assert len(read_vector(path, "mine")) == 2


def _slope(path, values, nodata=None):
    place = rasterio.transform.Affine(250.0, 0.0, 1e6, 0.0, -250.0, 1.8e6)
    with rasterio.open(
        path, "w", driver="GTiff", width=values.shape[1], height=values.shape[0], count=1,
        dtype=values.dtype, crs="EPSG:5179", transform=place, nodata=nodata,
    ) as target:  # fmt: skip
        target.write(values, 1)
    return Layers(read_catalogue(), {"slope": path})


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (-9999.0, ("cell at x 1000625, y 1799625 (EPSG:5179): slope is -9999; a number of at "
                   "least 0 and at most 90 is needed; where it means 'not known', write it")),
        (91.0, "slope is 91; a number of at least 0 and at most 90 is needed"),
        (np.inf, "slope is inf; a number"),
    ],
)  # fmt: skip
def test_values_out_of_the_range_of_a_raster_are_named_with_their_place(tmp_path, value, message):
    values = np.full((4, 4), 3.0, dtype=np.float32)
    values[1, 2] = value
    with pytest.raises(LayerError) as caught:
        _slope(tmp_path / "s.tif", values).raster("slope")
    assert message in str(caught.value)
    if np.isfinite(value):
        assert _slope(tmp_path / "s.tif", values, nodata=value).raster("slope").known.sum() == 15


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.full((4, 4), np.nan, dtype=np.float32), "s.tif: no cell has a value"),
        (np.zeros((4, 4), dtype=np.complex64), "s.tif: holds complex numbers"),
    ],
)
def test_rasters_without_any_real_value(tmp_path, values, message):
    with pytest.raises(LayerError, match=message):
        _slope(tmp_path / "s.tif", values).raster("slope")


def test_half_a_tiff_is_one_line(tmp_path):
    values = np.random.default_rng(1).random((200, 200)).astype(np.float32)
    path = tmp_path / "s.tif"
    _slope(path, values)
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(LayerError, match=r"s.tif: cannot be read as a GeoTIFF \(.*is the file wh"):
        Layers(read_catalogue(), {"slope": path}).raster("slope")


def test_a_csv_of_points_is_known_by_its_columns(tmp_path):
    path = tmp_path / "mine.csv"
    pd.DataFrame({"lon": [127.0], "lat": [36.0]}).to_csv(path, index=False)
    assert kind_of_file(path) == "vector"
    path.write_text("lon;lat\n127,0;36,0\n")
    with pytest.raises(LayerError, match="semicolons between cells"):
        kind_of_file(path)
