"""Every kind of bad input gives one line that names file, row, field and what is right."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely

from siteopt.errors import LayerError
from siteopt.layers.catalogue import read_catalogue
from siteopt.layers.store import Layers

HEAD = "complex_id,name_ko,province_code,lon,lat,area_km2,land_price_krw_m2,price_year,confidence\n"
ROW = "a,가,46,126.5,34.8,10,,,low\n"


def fault(folder, layer_id, path):
    """Return the message of the fault of a user's layer; it must be one line."""
    layers = Layers(read_catalogue(folder), {layer_id: path})
    with pytest.raises(LayerError) as caught:
        getattr(layers, layers.kind(layer_id))(layer_id)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(path.name)
    return message


def points_fault(folder, tmp_path, text):
    path = tmp_path / "mine.csv"
    path.write_text(text, encoding="utf-8")
    return fault(folder, "industrial_complexes", path)


def parks(shape, crs=5179, **changes):
    columns = {
        "park_id": ["x"], "name_ko": ["엑스"], "area_km2": [1.0], "approximate": [True],
        "confidence": ["low"],
    }  # fmt: skip
    return gpd.GeoDataFrame(columns | changes, geometry=[shape], crs=crs)


def parks_fault(folder, tmp_path, frame, name="mine.gpkg"):
    path = tmp_path / name
    frame.to_file(path)
    return fault(folder, "parks", path)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (ROW.replace("126.5,34.8", "34.8,126.5"),
         ("mine.csv: row 2 (complex_id a): lon 34.800 and lat 126.500 look swapped; lon is 124 to "
         "132, lat 32.9 to 39")),
        (ROW.replace("126.5", "nan"), "mine.csv: row 2: lon is empty; a number in degrees"),
        (ROW.replace("126.5", "east"), "mine.csv: row 2: lon is east; a number in degrees"),
        (ROW.replace("126.5,34.8", "945000,1850000"),
         ("mine.csv: row 2 (complex_id a): coordinates (945000.0, 1850000.0) are metres, but the "
         "CRS says degrees")),
        (ROW.replace("126.5", "139.7"), ("row 2 (complex_id a): lies at lon 139.700, lat 34.800, "
         "outside lon 124 to 132, lat 32.9 to 39")),
        (ROW.replace(",10,", ",-10,"),
         "row 2 (complex_id a): area_km2 is -10.0; a number of at least 0.01 and at most 500 is"),
        (ROW.replace(",10,", ",ten,"), "area_km2 is 'ten'; a number of at least 0.01 and at most 500 is needed"),
        (ROW.replace(",46,", ",4,"), "province_code is '4'; text that matches [0-9]{2} is needed"),
        (ROW.replace("가", ""), "row 2 (complex_id a): name_ko is empty; text is needed"),
        (ROW + ROW, "row 3 (complex_id a): appears twice; complex_id must tell rows apart"),
        ("", "no rows below the column names"),
    ],
)  # fmt: skip
def test_bad_rows_of_points(folder, tmp_path, row, message):
    assert message in points_fault(folder, tmp_path, HEAD + row)


def test_the_first_bad_row_is_the_one_named(folder, tmp_path):
    good = ROW
    bad = ROW.replace("a,", "b,", 1).replace(",10,", ",-1,")
    assert "row 3 (complex_id b)" in points_fault(folder, tmp_path, HEAD + good + bad)


def test_a_missing_column_is_named_with_those_needed(folder, tmp_path):
    text = (HEAD + ROW).replace("area_km2", "area")
    message = points_fault(folder, tmp_path, text)
    assert "column area_km2 is missing; the layer needs complex_id, name_ko" in message
    assert "column lat is missing" in points_fault(
        folder, tmp_path, (HEAD + ROW).replace("lat,", "latitude,")
    )


def test_a_column_twice_and_an_empty_file(folder, tmp_path):
    twice = HEAD.replace("name_ko", "lon") + ROW
    assert "column lon appears twice" in points_fault(folder, tmp_path, twice)


def test_negative_headroom(folder, tmp_path):
    path = tmp_path / "headroom.csv"
    path.write_text("station_id,voltage_kv,headroom_mw,year\nS1,154,-5,2030\n")
    assert (
        fault(folder, "headroom", path)
        == "headroom.csv: row 2 (station_id S1, voltage_kv 154, year 2030): "
        "headroom_mw is -5.0; a number of at least 0 is needed"
    )


def test_whole_numbers_and_infinite_ones(folder, tmp_path):
    path = tmp_path / "headroom.csv"
    head = "station_id,voltage_kv,headroom_mw,year,method,confidence\n"
    path.write_text(head + "S1,154,5,2030.5,k,o\n")
    assert "year is 2030.5; a whole number of at least 2000" in fault(folder, "headroom", path)
    path.write_text(head + "S1,154,inf,2030,k,o\n")
    assert "headroom_mw is inf; a number of at least 0" in fault(folder, "headroom", path)
    path.write_text(head + "S1,154,,2030,k,o\n")
    assert "headroom_mw is empty; a number of at least 0" in fault(folder, "headroom", path)


@pytest.mark.parametrize("cell", ["-1", "dark", "", "1.5"])
def test_bad_cells_in_the_columns_of_buses(folder, tmp_path, cell):
    path = tmp_path / "profiles_solar.csv"
    path.write_text(f"day_id,hour,1,2\nd1,1,0.5,0\nd1,2,0.5,{cell}\n")
    message = fault(folder, "profiles_solar", path)
    assert message.startswith("profiles_solar.csv: row 3 (day_id d1, hour 2): 2 is ")
    assert message.endswith("a number of at least 0 and at most 1.1 is needed")


def test_missing_crs(folder, tmp_path):
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        message = parks_fault(
            folder, tmp_path, parks(shapely.box(1e6, 1.8e6, 1.01e6, 1.81e6), None)
        )
    assert message.startswith("mine.gpkg: no CRS; give the file its CRS")


def test_shapefile_without_prj(folder, tmp_path):
    path = tmp_path / "mine.shp"
    frame = parks(shapely.box(1e6, 1.8e6, 1.01e6, 1.81e6)).rename(columns={"confidence": "c"})
    frame.rename(columns={"approximate": "approx"}).to_file(path, encoding="utf-8")
    path.with_suffix(".prj").unlink()
    assert "no CRS" in fault(folder, "parks", path)


@pytest.mark.parametrize(
    ("shape", "crs", "message"),
    [
        (shapely.box(127, 36, 127.1, 36.1), 5179,
         ("feature 1 (park_id x): coordinates (127.000, 36.000) are degrees, but the CRS is "
         "EPSG:5179; set it to EPSG:4326")),
        (shapely.box(1e6, 1.8e6, 1.01e6, 1.81e6), 4326, "are metres, but the CRS says degrees"),
        (shapely.box(1e6, 1.8e6, 1.01e6, 1.81e6), 32652, "is the CRS (EPSG:32652) right?"),
        (shapely.box(36, 127, 36.1, 127.1), 4326, "look swapped"),
        (shapely.Polygon([(127, 36), (127.1, 36.1), (127.1, 36), (127, 36.1)]), 4326,
         "feature 1 (park_id x): geometry is not valid (Self-intersection"),
        (shapely.Polygon(), 4326, "feature 1 (park_id x): geometry is empty"),
        (None, 4326, "feature 1 (park_id x): geometry is empty"),
        (shapely.Point(127, 36), 4326,
         "geometry is a Point; this layer needs Polygon or MultiPolygon"),
    ],
)  # fmt: skip
def test_bad_crs_and_geometry(folder, tmp_path, shape, crs, message):
    assert message in parks_fault(folder, tmp_path, parks(shape, crs))


def test_nan_inside_a_geometry(folder, tmp_path):
    with np.errstate(invalid="ignore"):
        bad = shapely.Polygon([(127, 36), (127.1, np.nan), (127.1, 36.1), (127, 36)])
        message = parks_fault(folder, tmp_path, parks(bad, 4326))
    assert "NaN or infinite coordinates" in message


def test_duplicate_feature_ids(folder, tmp_path):
    frame = parks(shapely.box(1e6, 1.8e6, 1.01e6, 1.81e6))
    twice = gpd.GeoDataFrame(
        {name: list(frame[name]) * 2 for name in frame.columns if name != "geometry"},
        geometry=list(frame.geometry) * 2, crs=5179,
    )  # fmt: skip
    message = parks_fault(folder, tmp_path, twice)
    assert "feature 2 (park_id x): appears twice" in message


def test_a_flag_that_is_none(folder, tmp_path):
    frame = parks(shapely.box(1e6, 1.8e6, 1.01e6, 1.81e6), approximate=["perhaps"])
    assert "approximate is 'perhaps'; true or false" in parks_fault(folder, tmp_path, frame)


def test_rasters_without_crs_with_bands_or_elsewhere(folder, tmp_path):
    path = tmp_path / "mine.tif"

    def write(crs, bands=1, x=1e6, y=1.8e6):
        place = rasterio.transform.Affine(100.0, 0.0, x, 0.0, -100.0, y)
        with rasterio.open(
            path, "w", driver="GTiff", width=4, height=4, count=bands, dtype="uint8", crs=crs,
            transform=place,
        ) as target:  # fmt: skip
            target.write(np.ones((bands, 4, 4), dtype=np.uint8))

    write(None)
    assert fault(folder, "slope", path).startswith("mine.tif: no CRS; write EPSG:5179")
    write("EPSG:5179", bands=3)
    assert "3 bands; a raster layer has one" in fault(folder, "slope", path)
    write("EPSG:5179", x=5e6)
    assert "outside Korea" in fault(folder, "slope", path)
    path.write_bytes(b"no tiff")
    assert "cannot be read as a GeoTIFF" in fault(folder, "slope", path)


@pytest.mark.parametrize("end", [",price_year\n", "\n"])
def test_a_price_without_a_year_is_named_with_its_row(tmp_path, end):
    path = tmp_path / "assumptions.csv"
    year = "" if end == "\n" else ","
    head = "key,value,low,high,unit,kind,source,confidence" + end
    rows = f"share,1,,,%,assumption,s,c{year}\nfiber,60,,,M KRW/km,cost,s,c{year}\n"
    path.write_text(head + rows, encoding="utf-8")
    with pytest.raises(LayerError) as caught:
        Layers(read_catalogue(), {"assumptions": path}).table("assumptions")
    assert str(caught.value) == (
        "assumptions.csv: row 3 (key fiber): price_year is empty; the value is in M KRW/km, and "
        "every price has the year of its money"
    )
