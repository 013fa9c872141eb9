"""A file is read as what it is: nothing that it names is opened, and nothing of it is lost."""

import json
import os
import socket
import threading
import zipfile

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from siteopt.errors import LayerError, LayerFileError
from siteopt.layers import opening
from siteopt.layers.opening import content_of, files_of, open_features, reading
from siteopt.layers.readers import read_table, read_vector
from siteopt.sites.parcels import read_parcels

SQUARE = shapely.box(127.0, 36.0, 127.02, 36.02)


def squares(count=2):
    return [shapely.box(127.0 + 0.1 * n, 36.0, 127.02 + 0.1 * n, 36.02) for n in range(count)]


def frame(crs=4326, **columns):
    columns = columns or {"site_id": ["a", "b"]}
    count = len(next(iter(columns.values())))
    return gpd.GeoDataFrame(columns, geometry=squares(count), crs=4326).to_crs(crs)


def collection(*features, **members):
    return {"type": "FeatureCollection", **members, "features": list(features)}


def feature(geometry=None, **properties):
    return {
        "type": "Feature", "properties": properties,
        "geometry": geometry or shapely.geometry.mapping(SQUARE),
    }  # fmt: skip


def written(path, content):
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def refused(path, layer_id="mine"):
    with pytest.raises((LayerError, LayerFileError)) as caught:
        read_vector(path, layer_id)
    message = str(caught.value)
    assert "\n" not in message
    assert path.stem in message
    return message


@pytest.fixture
def listener():
    """Return the port of a server on the loopback, and the list of what was sent to it."""
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen():
            while True:
                try:
                    heard.append(server.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield server.getsockname()[1], heard
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
    for connection in heard:
        connection.close()


VRT = "<OGRVRTDataSource><OGRVRTLayer name='o'><SrcDataSource>{}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"


@pytest.mark.parametrize("suffix", [".geojson", ".json", ".gpkg", ".shp"])
@pytest.mark.parametrize("start", ["", "\ufeff", "  \n", "<?xml version='1.0'?>\n"])
def test_a_vrt_under_any_suffix_opens_no_other_file(tmp_path, suffix, start):
    other = written(tmp_path / "other.geojson", collection(feature(told="s")))
    frame().to_file(tmp_path / "mine.shp")
    path = written(tmp_path / f"mine{suffix}", start + VRT.format(other))
    message = refused(path)
    assert {".gpkg": "not a GeoPackage", ".shp": "not a Shapefile"}.get(
        suffix, "OGR VRT"
    ) in message


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("<OGRWFSDataSource><URL>http://127.0.0.1:9/</URL></OGRWFSDataSource>", "a WFS address"),
        ("<kml><Document/></kml>", "KML"),
        ("<!DOCTYPE html><html></html>", "a web page"),
        ({"type": "Topology", "objects": {}, "arcs": []}, "TopoJSON"),
        ({"geometryType": "esriGeometryPoint", "features": []}, "ESRI JSON"),
        ({"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline"}, "GDALG"),
        ({"type": "FeatureCollection"}, "without its list of features"),
        ({"a": 1}, "some other JSON"),
        ('{"type":"Feature"}\n{"type":"Feature"}\n', "a JSON text a line"),
        ("WFS:http://127.0.0.1:9/wfs", "begins with 'WFS:http://1'"),
        ("[1]", "begins with '[1]'"),
        ('{"type": "FeatureCollection", "features": [', "is the file whole"),
        ('{"a":' * 50_000, "nested too deep"),
    ],
)
def test_other_formats_are_called_by_their_name(tmp_path, content, what):
    assert what in refused(written(tmp_path / "mine.geojson", content))


def test_binary_files_are_called_by_their_name(tmp_path):
    for content, what in (
        (b"SQLite format 3\0" + b"\0" * 100, "a SQLite database"),
        (b"PK\x03\x04....", "a zip archive"),
        (b"\x1f\x8b\x08", "packed with gzip"),
        ("{}".encode("utf-16"), "UTF-16"),
        (b'{"a": "\xff\xff"}', "neither UTF-8 nor CP949"),
    ):
        (tmp_path / "mine.geojson").write_bytes(content)
        assert what in refused(tmp_path / "mine.geojson")


LINK = {"type": "link", "properties": {"href": "http://127.0.0.1:{port}/x", "type": "proj4"}}


def _with_link(port, place):
    link = json.loads(json.dumps(LINK).replace("{port}", str(port)))
    inside = shapely.geometry.mapping(SQUARE) | {"crs": link}
    nested = {"type": "GeometryCollection", "geometries": [inside]}
    return {
        "collection": collection(feature(n=1), crs=link),
        "geometry": collection(feature(inside, n=1)),
        "feature": collection(feature(n=1) | {"crs": link}),
        "nested": collection(feature(nested, n=1)),
        "bare": inside,
    }[place]


@pytest.mark.parametrize("place", ["collection", "geometry", "feature", "nested", "bare"])
@pytest.mark.parametrize("escaped", [False, True])
def test_a_crs_that_is_a_link_is_not_followed(tmp_path, listener, place, escaped):
    port, heard = listener
    text = json.dumps(_with_link(port, place))
    text = text.replace('"crs"', '"\\u0063rs"') if escaped else text
    path = written(tmp_path / "mine.geojson", text)
    if place in {"collection", "bare"}:
        assert "by a link, which is not followed" in refused(path)
    else:
        assert len(open_features(path)) == 1
    assert heard == []


@pytest.mark.parametrize(
    "name",
    ["http://127.0.0.1:{port}/x", "/etc/passwd", "+init=epsg:5186", "+proj=longlat +nadgrids=@/x",
     "EPSG:99999", "urn:ogc:def:crs:EPSG::99999", "PROJCS[", "IGNF:LAMB93", "EPSG:4978", ""],
)  # fmt: skip
def test_a_crs_by_name_is_a_code_and_nothing_else(tmp_path, listener, name):
    port, heard = listener
    crs = {"type": "name", "properties": {"name": name.replace("{port}", str(port))}}
    message = refused(written(tmp_path / "mine.geojson", collection(feature(n=1), crs=crs)))
    assert "its CRS" in message
    assert heard == []


def test_heights_and_measures_are_not_read(tmp_path):
    ring = [[127.0, 36.0, 1.0], [127.02, 36.0, float("nan")], [127.02, 36.02, 3], [127.0, 36.0, 2]]
    ends = [[127.0, 36.0, float("nan")], *ring[1:3], [127.0, 36.0, float("nan")]]
    shapes = [{"type": "Polygon", "coordinates": [corners]} for corners in (ring, ends)]
    path = written(
        tmp_path / "mine.geojson",
        collection(feature(shapes[0], site_id="a"), feature(shapes[1], site_id="b")),
    )
    parcels = read_parcels(path)
    assert parcels["site_id"].tolist() == ["a", "b"]
    assert not shapely.has_z(parcels.geometry.to_numpy()).any()
    assert parcels["area_ha"].to_numpy() == pytest.approx([200.0] * 2, rel=0.01)
    deep = frame().set_geometry(shapely.force_3d(frame().geometry.to_numpy(), 5.0), crs=4326)
    for name in ("deep.gpkg", "deep.shp"):
        deep.to_file(tmp_path / name)
        assert not shapely.has_z(open_features(tmp_path / name).geometry.to_numpy()).any()


def test_what_is_no_feature_is_not_lost_in_silence(tmp_path):
    for item in (None, 3, {"type": "Foo"}, feature({"type": "Circle", "coordinates": [1, 2]})):
        path = written(tmp_path / "mine.geojson", collection(feature(n=1), item))
        assert "feature 2: " in refused(path)
    path = written(tmp_path / "mine.geojson", collection(feature(n=1)))
    path.write_text(path.read_text()[:-1] + ', "features": []}')
    assert "no features" in refused(path) or "1 of its 0 features" in refused(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_a_geojson_in_every_encoding_of_korean_offices(tmp_path, encoding):
    path = tmp_path / "mine.geojson"
    text = json.dumps(collection(feature(이름="뷁마을")), ensure_ascii=False)
    path.write_bytes(text.encode(encoding))
    assert open_features(path)["이름"].tolist() == ["뷁마을"]


def test_a_geojson_says_its_crs_by_code_or_urn(tmp_path):
    shape = shapely.geometry.mapping(frame(5186).geometry[0])
    for name in (
        "EPSG:5186",
        "urn:ogc:def:crs:EPSG::5186",
        "http://www.opengis.net/def/crs/EPSG/0/5186",
    ):
        crs = {"type": "name", "properties": {"name": name}}
        path = written(tmp_path / "mine.geojson", collection(feature(shape, n=1), crs=crs))
        read = open_features(path)
        assert read.crs.to_epsg() == 5186
        assert read.to_crs(4326).geometry[0].equals_exact(SQUARE, 1e-9)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("4682025021100010001", "4682025021100010001"),
        ("12345678901234567890123", "12345678901234567890123"),
        ("9007199254740993", "9007199254740993"), ("12", "12"), ("12.0", "12"), ("12.5", "12.5"),
        ('"0012"', "0012"), ('"2024-01-15"', "2024-01-15"), ('"12.0"', "12.0"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("other", ["null", '"x"', "7"])
def test_ids_of_a_geojson_are_the_digits_that_stand_there(tmp_path, raw, text, other):
    content = json.dumps(collection(feature(site_id="@1"), feature(site_id="@2")))
    content = content.replace('"@1"', raw).replace('"@2"', other)
    read = read_vector(written(tmp_path / "mine.geojson", content), "parcels")
    assert read["site_id"].iloc[0] == text


@pytest.mark.parametrize("raw", ["4682025021100010001.0", "4.682e18", "1e3000"])
def test_an_id_that_would_not_stay_exact_is_refused(tmp_path, raw):
    content = json.dumps(collection(feature(site_id="@"))).replace('"@"', raw)
    message = refused(written(tmp_path / "mine.geojson", content), "parcels")
    assert "site_id" in message


@pytest.mark.parametrize(
    "name",
    [
        "a|layername=x.geojson",
        "a#b?c.geojson",
        "한글 %20.geojson",
        "http:a.geojson",
        "a.zip.geojson",
    ],
)
def test_odd_names_are_names(tmp_path, name):
    path = written(tmp_path / name, collection(feature(site_id="a")))
    assert len(open_features(path)) == 1
    package = tmp_path / f"{name}.gpkg"
    frame().to_file(tmp_path / "plain.gpkg")
    (tmp_path / "plain.gpkg").rename(package)
    assert len(open_features(package)) == 2


def test_a_path_is_no_command_to_gdal(tmp_path, monkeypatch):
    inner = written(tmp_path / "in.geojson", collection(feature(n=1)))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(inner, "in.geojson")
    monkeypatch.chdir(tmp_path)
    for name in (
        "/vsizip/a.zip/in.geojson",
        "/vsicurl/http://127.0.0.1:9/x.geojson",
        "zip:a.zip!in.geojson",
    ):
        with pytest.raises(LayerFileError, match="no such file"):
            open_features(type(inner)(name))


def test_a_link_to_a_file_is_the_file(tmp_path):
    (tmp_path / "link.geojson").symlink_to(
        written(tmp_path / "mine.geojson", collection(feature(n=1)))
    )
    assert len(open_features(tmp_path / "link.geojson")) == 1
    os.mkfifo(tmp_path / "pipe.geojson")
    assert "no such file" in refused(tmp_path / "pipe.geojson")


def test_settings_of_gdal_are_as_before(tmp_path):
    pyogrio.set_gdal_config_options({"CPL_VSIL_CURL_ALLOWED_FILENAME": "mine"})
    try:
        open_features(written(tmp_path / "mine.geojson", collection(feature(n=1))))
        refused(written(tmp_path / "mine.geojson", "{"))
        assert pyogrio.get_gdal_config_option("CPL_VSIL_CURL_ALLOWED_FILENAME") == "mine"
    finally:
        pyogrio.set_gdal_config_options({"CPL_VSIL_CURL_ALLOWED_FILENAME": None})


def test_all_files_that_are_read_are_named(tmp_path):
    for name in ("mine.shp", "mine.gpkg"):
        frame().to_file(tmp_path / name)
    names = [part.name for part in files_of(tmp_path / "mine.shp")]
    assert names == ["mine.shp", "mine.shx", "mine.dbf", "mine.prj", "mine.cpg"]
    assert files_of(tmp_path / "mine.gpkg") == (tmp_path / "mine.gpkg",)
    assert files_of(tmp_path / "a.csv") == (tmp_path / "a.csv",)


@pytest.mark.parametrize(
    "error",
    [MemoryError(), OSError(28, "No space left on device"), ValueError("bad\nvalue"),
     OverflowError("too large"), pd.errors.ParserError("x"), shapely.errors.GEOSException("g")],
)  # fmt: skip
def test_what_libraries_raise_is_one_line_with_the_file(tmp_path, error):
    with (
        pytest.raises((LayerError, LayerFileError), match=r"^mine.csv: [^\n]+$"),
        reading(tmp_path / "mine.csv", "csv"),
    ):
        raise error


def test_a_defect_of_ours_keeps_its_traceback(tmp_path):
    with pytest.raises(AttributeError), reading(tmp_path / "mine.csv", "csv"):
        raise AttributeError


@pytest.mark.parametrize("name", ["mine.geojson", "mine.gpkg", "mine.shp"])
def test_a_full_folder_of_temporary_files_is_one_line(tmp_path, monkeypatch, name):
    frame().to_file(tmp_path / name)

    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(opening.tempfile, "TemporaryDirectory", full)
    assert "No space left on device" in refused(tmp_path / name)


def test_a_file_too_large_is_refused_before_it_is_read(tmp_path, monkeypatch):
    path = written(tmp_path / "mine.csv", "a\n1\n")
    monkeypatch.setattr(opening, "_LARGEST_BYTES", 3)
    with pytest.raises(LayerError, match=r"mine.csv: .* GB; a layer file of at most"):
        read_table(path, "mine")
    with pytest.raises(LayerError, match="give the part"):
        content_of(path)


@pytest.mark.parametrize(
    "odd",
    [
        [127.1],
        [127.1, "36.1"],
        [127.1, None],
        [True, 36.1],
        [127.1, 36.1, "3"],
        {"x": 127.1},
        127.1,
    ],
)
def test_a_ring_with_a_position_that_is_none_is_not_left_out(tmp_path, odd):
    ring = [[127.0, 36.0], [127.1, 36.0, 5.0], [127.1, 36.1], [127.0, 36.0]]
    other = [[128.0, 36.0], [128.1, 36.0], odd, [128.0, 36.0]]
    shape = {"type": "MultiPolygon", "coordinates": [[ring], [other]]}
    path = tmp_path / "a.geojson"
    path.write_text(
        json.dumps(collection({"type": "Feature", "properties": {}, "geometry": shape}))
    )
    assert "a.geojson: feature 1: a position is no pair of numbers" in refused(path)
    other[2] = [128.1, 36.1, 7.5]
    path.write_text(
        json.dumps(collection({"type": "Feature", "properties": {}, "geometry": shape}))
    )
    assert len(read_vector(path, "mine").geometry[0].geoms) == 2


@pytest.mark.parametrize("odd", [5, "text", [1]])
def test_properties_are_an_object(tmp_path, odd):
    point = {"type": "Point", "coordinates": [127.0, 36.0]}
    path = tmp_path / "a.geojson"
    path.write_text(
        json.dumps(collection({"type": "Feature", "properties": odd, "geometry": point}))
    )
    assert "a.geojson: feature 1: properties are no object" in refused(path)


@pytest.mark.parametrize("values", [(50, True), (True, 50), (0.5, False)])
def test_true_is_no_number_among_numbers(tmp_path, values):
    rows = [feature(area_ha=value) for value in values]
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps(collection(*rows)))
    assert "a.geojson: feature 2: area_ha is" in refused(path)


def test_a_list_for_a_number_is_shown(tmp_path):
    point = {"type": "Point", "coordinates": [127.0, 36.0]}
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps(collection(feature(point, site_id="a", area_ha=[127.1, 36.1]))))
    with pytest.raises(LayerError, match=r"a\.geojson: feature 1: area_ha is .*127\.1"):
        read_parcels(path)


def test_coordinates_as_large_as_numbers_can_be_are_one_line(tmp_path):
    ring = [[127.0, 36.0], [1e308, 36.0], [127.1, 1e308], [127.05, -1e308], [127.0, 36.0]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps(collection(feature(shape, site_id="a"))))
    with pytest.raises(LayerError, match=r"a\.geojson: feature 1"):
        read_parcels(path)


def test_a_geometry_under_another_spelling_is_none(tmp_path):
    odd = feature(site_id="a")
    odd["geomeTry"] = odd.pop("geometry")
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps(collection(odd)))
    assert "a.geojson: feature 1: has no geometry" in refused(path)


def test_a_crs_whose_type_is_an_object_is_one_line(tmp_path):
    path = tmp_path / "a.geojson"
    crs = {"type": {"type": "name"}, "properties": {"name": "EPSG:4326"}}
    path.write_text(json.dumps(collection(crs=crs)))
    assert "a.geojson: its CRS is given in a way that is not known" in refused(path)
