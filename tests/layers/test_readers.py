import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely

from siteopt.errors import LayerError, LayerFileError
from siteopt.layers.raster_reading import read_raster
from siteopt.layers.readers import kind_of_file, read_table, read_vector

SQUARE = shapely.box(1e6, 1.8e6, 1.01e6, 1.81e6)


@pytest.mark.parametrize(
    ("encoding", "cpg"),
    [("cp949", None), ("cp949", "949"), ("cp949", "EUC-KR"), ("utf-8", None), ("utf-8", "UTF-8")],
)
def test_shapefile_names_in_both_encodings_with_and_without_cpg(tmp_path, encoding, cpg):
    path = tmp_path / "mine.shp"
    frame = gpd.GeoDataFrame({"이름": ["영광군 백수읍"]}, geometry=[SQUARE], crs=5179)
    frame.to_file(path, encoding=encoding)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if cpg is not None:
        path.with_suffix(".cpg").write_text(cpg)
    read = read_vector(path, "mine")
    assert read["이름"].tolist() == ["영광군 백수읍"]
    assert read.crs.to_epsg() == 5179


def test_an_unknown_cpg_is_named(tmp_path):
    path = tmp_path / "mine.shp"
    gpd.GeoDataFrame({"n": ["a"]}, geometry=[SQUARE], crs=5179).to_file(path)
    path.with_suffix(".cpg").write_text("KS-XYZ")
    with pytest.raises(LayerError, match=r"mine.cpg: encoding 'ks-xyz' is not known"):
        read_vector(path, "mine")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_csv_in_every_encoding_of_korean_offices(tmp_path, encoding):
    path = tmp_path / "mine.csv"
    path.write_bytes("이름,lon,lat\n영광,126.5,35.3\n".encode(encoding))
    assert kind_of_file(path) == "vector"
    read = read_vector(path, "mine")
    assert read["이름"].tolist() == ["영광"]
    assert (read.geometry.x[0], read.geometry.y[0]) == (126.5, 35.3)


def test_codes_keep_their_zeros_and_digits_with_a_schema_and_without(tmp_path):
    path = tmp_path / "headroom.csv"
    path.write_text("station_id,voltage_kv,pnu\n007,154,4682025021100010001\n8,0154,\n")
    read = read_table(path, "headroom")
    assert read["station_id"].tolist() == ["007", "8"]
    assert read["voltage_kv"].tolist() == [154, 154]
    other = read_table(path, "other")
    assert other["station_id"].tolist() == ["007", "8"]
    assert other["pnu"].tolist()[0] == "4682025021100010001"


def test_files_that_are_none(tmp_path):
    (tmp_path / "a.geojson").write_text("{not json")
    with pytest.raises(LayerError, match=r"a.geojson: cannot be read as geojson"):
        read_vector(tmp_path / "a.geojson", "a")
    (tmp_path / "b.csv").write_bytes(b"a\xff\xff\xff")
    with pytest.raises(LayerError, match=r"b.csv: neither UTF-8 nor CP949"):
        read_table(tmp_path / "b.csv", "b")
    (tmp_path / "c.csv").write_text("")
    with pytest.raises(LayerError, match=r"c.csv: empty"):
        read_table(tmp_path / "c.csv", "c")
    with pytest.raises(LayerFileError, match=r"gone.csv: no such file"):
        read_table(tmp_path / "gone.csv", "c")
    with pytest.raises(LayerError, match=r"x.kmz: suffix .kmz is not known"):
        kind_of_file(tmp_path / "x.kmz")


def test_a_geopackage_with_two_layers_is_named(tmp_path):
    path = tmp_path / "two.gpkg"
    frame = gpd.GeoDataFrame(geometry=[SQUARE], crs=5179)
    frame.to_file(path, layer="b")
    frame.to_file(path, layer="a")
    with pytest.raises(LayerError, match=r"holds 2 layers \(a, b\); a layer file holds one"):
        read_vector(path, "two")


def test_a_raster_in_degrees_is_brought_to_5179(tmp_path):
    path = tmp_path / "mine.tif"
    place = rasterio.transform.Affine(0.01, 0.0, 127.0, 0.0, -0.01, 36.5)
    values = np.arange(50 * 50, dtype=np.float32).reshape(50, 50)
    with rasterio.open(
        path, "w", driver="GTiff", width=50, height=50, count=1, dtype="float32", crs=4326,
        transform=place, nodata=-1,
    ) as target:  # fmt: skip
        target.write(values, 1)
    raster = read_raster(path, "mine")
    rows, cols = np.array([10, 25, 40]), np.array([5, 25, 45])
    points = gpd.GeoSeries(
        gpd.points_from_xy(127.0 + (cols + 0.5) * 0.01, 36.5 - (rows + 0.5) * 0.01), crs=4326
    ).to_crs(5179)
    out = raster.sample(points.x, points.y)
    # nearest: at most one cell off in each direction
    assert (np.abs(out // 50 - rows) <= 1).all()
    assert (np.abs(out % 50 - cols) <= 1).all()
    assert 800 < raster.lattice.cell_m < 1200
