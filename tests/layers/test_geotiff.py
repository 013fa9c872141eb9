"""GeoTIFF files of strangers: odd ones are read right, wrong ones are refused in one line."""

import http.server
import struct
import subprocess
import sys
import threading
import warnings

import numpy as np
import pytest
import rasterio
from pyproj import Transformer
from rasterio.control import GroundControlPoint
from rasterio.transform import Affine

from siteopt.errors import LayerError, LayerFileError
from siteopt.lattice import Lattice
from siteopt.layers import _geotiff
from siteopt.layers._geotiff import open_geotiff
from siteopt.layers.catalogue import read_catalogue
from siteopt.layers.raster_reading import read_raster
from siteopt.layers.store import Layers

WEST, NORTH, CELL = 1_000_000.0, 1_900_000.0, 1000.0
NORTH_UP = Affine(CELL, 0, WEST, 0, -CELL, NORTH)
VALUES = np.arange(30, dtype=np.float32).reshape(5, 6)

MIDDLE = "+proj=tmerc +lat_0=38 +lon_0=127 +k=1 +x_0=200000 +y_0=600000 +units=m"
OLD_DATUM = (
    'GEOGCS["x",DATUM["mine",SPHEROID["Bessel 1841",6377397.155,299.1528128]],'
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]'
)


def write(path, values=VALUES, transform=NORTH_UP, crs="EPSG:5179", mask=None, tags=None, **more):
    values = np.asarray(values)
    bands = values if values.ndim == 3 else values[None]
    place = {} if transform is None else {"transform": transform}
    with warnings.catch_warnings(action="ignore"), rasterio.open(
        path, "w", driver="GTiff", width=bands.shape[2], height=bands.shape[1],
        count=len(bands), dtype=bands.dtype, crs=crs, **place, **more,
    ) as file:  # fmt: skip
        file.write(bands)
        if mask is not None:
            file.write_mask(mask)
        for domain, items in (tags or {}).items():
            file.update_tags(ns=domain, **items)
    return path


@pytest.fixture
def tif(tmp_path):
    return tmp_path / "r.tif"


@pytest.fixture
def asked():
    """A server on the loopback, and what it was asked for."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_GET  # noqa: N815 - the name that the server calls

        def log_message(self, *words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join()


def fault(path, layer_id="mine"):
    with pytest.raises(LayerError) as caught:
        read_raster(path, layer_id)
    message = str(caught.value)
    assert "\n" not in message
    assert path.name in message
    return message


# What a file is


def test_a_service_description_is_no_geotiff_and_asks_nobody(tif, asked):
    url, requests = asked
    tif.write_text(
        f'<GDAL_WMS><Service name="TMS"><ServerUrl>{url}/${{z}}/${{x}}/${{y}}.png</ServerUrl>'
        "</Service><DataWindow><UpperLeftX>800000</UpperLeftX><UpperLeftY>2100000</UpperLeftY>"
        "<LowerRightX>1300000</LowerRightX><LowerRightY>1500000</LowerRightY></DataWindow>"
        "<Projection>EPSG:5179</Projection><BandsCount>1</BandsCount></GDAL_WMS>"
    )
    assert "its first bytes are not those of a TIFF" in fault(tif)
    assert requests == []


def test_other_formats_under_the_name_of_a_geotiff_are_refused(tif, tmp_path):
    other = write(tmp_path / "other.tif")
    vrt = f'<VRTDataset rasterXSize="6" rasterYSize="5"><SRS>EPSG:5179</SRS><VRTRasterBand \
dataType="Float32" band="1"><SimpleSource><SourceFilename>{other}</SourceFilename></SimpleSource>\
</VRTRasterBand></VRTDataset>'
    png = tmp_path / "p.png"
    with (
        warnings.catch_warnings(action="ignore"),
        rasterio.open(png, "w", driver="PNG", width=2, height=2, count=1, dtype="uint8") as file,
    ):
        file.write(np.zeros((1, 2, 2), np.uint8))
    for content in (vrt.encode(), png.read_bytes(), b"", b"II*", b"ncols 2\nnrows 2\n", b"CDF\x01"):
        tif.write_bytes(content)
        assert "cannot be read as a GeoTIFF" in fault(tif)


@pytest.mark.parametrize("content", [b"II*\0" + b"\xff" * 60, b"MM\0*\0\0\0\x08\xff\xff", b"II+\0"])
def test_what_only_begins_as_a_tiff_is_one_line_and_no_log(tif, content, capfd):
    tif.write_bytes(content)
    assert "cannot be read as a GeoTIFF" in fault(tif)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("big", ["NO", "YES"])
def test_directories_beyond_the_end_of_the_file_are_one_line_and_no_log(tif, big, capfd):
    whole = write(tif, BIGTIFF=big).read_bytes()
    wide = 8 if big == "YES" else 4
    count = 8 if big == "YES" else 2
    (at,) = struct.unpack("<Q" if wide == 8 else "<I", whole[wide : 2 * wide])
    entry = at + count
    for place, length in ((wide, wide), (at, count), (entry + 4, wide), (entry + 4 + wide, wide)):
        changed = bytearray(whole)
        changed[entry : entry + 8] = struct.pack("<HHI", 33550, 12, 3)  # a tag of three doubles
        changed[place : place + length] = b"\x7f" * length
        tif.write_bytes(changed)
        assert "beyond the end" in fault(tif)
    tif.write_bytes(whole[: at + 5])
    assert "beyond the end" in fault(tif)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("how", [{"BIGTIFF": "YES"}, {"ENDIANNESS": "BIG"}, {"tiled": True}])
def test_all_forms_of_a_tiff_are_read(tif, how):
    np.testing.assert_array_equal(read_raster(write(tif, **how), "mine").values, VALUES)


def test_a_folder_and_no_file_are_one_line(tmp_path):
    with pytest.raises(LayerFileError, match="no such file"):
        read_raster(tmp_path / "none.tif", "mine")
    (tmp_path / "f.tif").mkdir()
    with pytest.raises(LayerFileError, match="is a folder"):
        read_raster(tmp_path / "f.tif", "mine")


# What stands beside a file, or in its metadata


def test_files_beside_a_geotiff_are_not_read(tif, tmp_path):
    write(tif)
    (tmp_path / "r.tfw").write_text("1\n0\n0\n-1\n0\n0\n")
    (tmp_path / "r.tif.ovr").write_bytes(b"not a tiff")
    (tmp_path / "r.tif.aux.xml").write_text(
        "<PAMDataset><SRS>EPSG:4326</SRS><GeoTransform>127,1,0,37,0,-1</GeoTransform>"
        '<PAMRasterBand band="1"><NoDataValue>7</NoDataValue></PAMRasterBand></PAMDataset>'
    )
    write(tmp_path / "r.tif.msk", np.zeros((5, 6), np.uint8))
    told = []
    raster = read_raster(tif, "mine", told.append)
    np.testing.assert_array_equal(raster.values, VALUES)
    assert raster.known.all()
    assert raster.lattice == Lattice(WEST, NORTH, CELL, 5, 6)
    assert [line.split(":")[1].split()[0] for line in told] == ["r.tif.aux.xml", "r.tif.msk"]


def test_a_place_that_stands_beside_the_file_alone_is_asked_for(tif, tmp_path):
    write(tif, transform=None)
    (tmp_path / "r.tfw").write_text("1000\n0\n0\n-1000\n1000500\n1899500\n")
    assert "no place; write origin and cell size into the GeoTIFF itself" in fault(tif)


def test_metadata_that_point_elsewhere_are_not_followed(tif, asked):
    url, requests = asked
    elsewhere = f"/vsicurl/{url}/other.tif"
    write(tif, tags={
        "OVERVIEWS": {"OVERVIEW_FILE": elsewhere},
        "GEOLOCATION": {"X_DATASET": elsewhere, "Y_DATASET": elsewhere, "X_BAND": "1", "Y_BAND": "1"},
        "xml:VRT": {"xml:VRT": f"<VRTDataset><SourceFilename>{elsewhere}</SourceFilename></VRTDataset>"},
        "ProxyOverviewRequest": {"FILENAME": elsewhere},
    })  # fmt: skip
    with rasterio.open(tif) as file:  # else this would prove nothing
        assert file.tags(ns="OVERVIEWS") == {"OVERVIEW_FILE": elsewhere}
    turned = Affine(CELL, 0, WEST, 0, CELL / 2, NORTH)
    for place in (NORTH_UP, turned):
        with rasterio.open(tif, "r+") as file:
            file.transform = place
        requests.clear()
        read_raster(tif, "mine")
        assert requests == []


# Which way rows and columns run


@pytest.mark.parametrize("down", [True, False])
@pytest.mark.parametrize("right", [True, False])
def test_rows_and_columns_may_run_either_way(tif, down, right):
    place = Affine(
        CELL if right else -CELL, 0, WEST + (0 if right else 6 * CELL),
        0, -CELL if down else CELL, NORTH - (0 if down else 5 * CELL),
    )  # fmt: skip
    stored = VALUES[:: 1 if down else -1, :: 1 if right else -1]
    raster = read_raster(write(tif, stored, place), "mine")
    np.testing.assert_array_equal(raster.values, VALUES)
    assert raster.lattice == Lattice(WEST, NORTH, CELL, 5, 6)


def lying_at(place, crs, values):
    """Return x and y (EPSG:5179) of the centres of the cells of a file, and their values."""
    rows, cols = np.indices(values.shape)
    x, y = place * (cols.ravel() + 0.5, rows.ravel() + 0.5)
    to_metres = Transformer.from_crs(crs, 5179, always_xy=True)
    return *to_metres.transform(x, y), values.ravel()


@pytest.mark.parametrize(
    ("place", "crs"),
    [
        (Affine.translation(WEST, NORTH) * Affine.rotation(30) * Affine.scale(CELL, -CELL), 5179),
        (Affine(CELL, 300, WEST, -200, -CELL, NORTH), 5179),
        (Affine(0, CELL, WEST, -CELL, 0, NORTH), 5179),
        (Affine(3 * CELL, 0, WEST, 0, -CELL, NORTH), 5179),
        (Affine(0.1, 0, 126, 0, -0.1, 36), 4326),
        (Affine(0.01, 0, 127, 0, 0.01, 36), 4326),
        (Affine(-0.01, 0, 127, 0, -0.01, 36), 4326),
        (Affine(0.01, 0, 127, 0, -0.01, 36), 4326),
        (Affine(1000, 0, 300_000, 0, 1000, 4_000_000), 32652),
        (Affine(1250, 0, 14_100_000, 0, -1250, 4_400_000), 3857),
        (Affine(500, 0, 200_000, 0, -500, 500_000), 5186),
    ],
)  # fmt: skip
def test_turned_sheared_and_foreign_grids_lie_where_they_are(tif, place, crs):
    values = np.arange(600, dtype=np.float32).reshape(20, 30)
    raster = read_raster(write(tif, values, place, f"EPSG:{crs}"), "mine")
    x, y, said = lying_at(place, crs, values)
    found = raster.sample(x, y)
    # The cell of the lattice that holds a centre has its own centre up to 0.71 cells away.
    rows, cols = (index.ravel() for index in np.indices(values.shape))
    inside = (rows > 0) & (rows < 19) & (cols > 0) & (cols < 29)
    near = (np.abs(rows - found // 30) <= 1) & (np.abs(cols - found % 30) <= 1)
    assert near[inside].all()
    assert (near | np.isnan(found)).all()
    assert (found == said).mean() > 0.4


@pytest.mark.parametrize(
    "crs",
    [
        "EPSG:9000",
        "EPSG:5186+5193",
        f"{MIDDLE} +ellps=GRS80",
        f"{MIDDLE} +ellps=bessel +towgs84=-115.8,474.99,674.11,1.16,-2.31,-1.63,6.43",
    ],
)
def test_a_datum_with_a_known_way_is_taken(tif, crs):
    place = Affine(0.01, 0, 127, 0, -0.01, 36)
    if crs != "EPSG:9000":
        place = Affine(CELL, 0, 200_000, 0, -CELL, 500_000)
    x, y, _ = lying_at(place, crs, VALUES)
    found = read_raster(write(tif, transform=place, crs=crs), "mine").sample(x, y)
    inside = np.zeros_like(VALUES, dtype=bool)
    inside[1:-1, 1:-1] = True
    assert np.abs(found - VALUES.ravel())[inside.ravel()].max() <= 7


def test_pixel_is_point_means_the_centre_of_the_first_cell(tif):
    write(tif, tags={"": {"AREA_OR_POINT": "Point"}})
    raster = read_raster(tif, "mine")
    assert raster.lattice == Lattice(WEST, NORTH, CELL, 5, 6)


def test_the_environment_changes_no_place(tif, monkeypatch):
    write(tif, tags={"": {"AREA_OR_POINT": "Point"}})
    monkeypatch.setenv("GTIFF_POINT_GEO_IGNORE", "TRUE")
    assert read_raster(tif, "mine").lattice == Lattice(WEST, NORTH, CELL, 5, 6)


def test_control_points_alone_are_no_place(tif):
    points = [
        GroundControlPoint(row, col, 127 + col / 10, 37 - row / 10)
        for row, col in ((0, 0), (0, 5), (4, 0), (4, 5))
    ]
    write(tif, transform=None, crs=None)
    with warnings.catch_warnings(action="ignore"), rasterio.open(tif, "r+") as file:
        file.gcps = (points, rasterio.crs.CRS.from_epsg(4326))
    assert "placed by control points alone; `gdalwarp" in fault(tif)


@pytest.mark.parametrize(
    ("crs", "place", "said"),
    [
        (None, NORTH_UP, "no CRS; write EPSG:5179"),
        ("EPSG:5179", None, "no place"),
        ("EPSG:5179", Affine(CELL, CELL, WEST, CELL, CELL, NORTH), "no place"),
        ("EPSG:4326", Affine(0.01, 0, 2, 0, -0.01, 48), r"lies at lon 2.0 to 2.1, lat 48.0 to 48.0"),
        ("EPSG:5179", Affine(0.01, 0, 127, 0, -0.01, 36), "outside Korea"),
        ("EPSG:4326", NORTH_UP, "outside Korea"),
        ("EPSG:32733", NORTH_UP, "outside Korea"),
        ('LOCAL_CS["site",UNIT["metre",1]]', NORTH_UP, "no way is known from its CRS"),
        (OLD_DATUM, Affine(0.01, 0, 127, 0, -0.01, 36), "no way is known from its CRS"),
    ],
)  # fmt: skip
def test_a_place_that_cannot_be_is_one_line(tif, crs, place, said):
    assert said in fault(write(tif, transform=place, crs=crs))


@pytest.mark.parametrize(
    ("place", "crs"),
    [
        (Affine(1e6, 0, 0, 0, -1e6, 3e6), 5179),
        (Affine(4e5, 0, 4e5, 0, -4e5, 2.4e6), 5179),
        (Affine(10, 0, 120, 0, -10, 40), 4326),
        (Affine(1e-3, 0, WEST, 0, -1e-3, NORTH), 5179),
        (Affine(1e-9, 0, 127, 0, -1e-9, 36), 4326),
        (Affine(1e6, 0, 0, 0, -1e-3, NORTH), 5179),
    ],
)
def test_cells_of_a_millimetre_or_of_a_country_are_refused(tif, place, crs):
    assert "can be right, so is its CRS" in fault(write(tif, transform=place, crs=f"EPSG:{crs}"))


def test_of_the_world_only_korea_is_read(tif):
    values = np.zeros((180, 360), np.uint8)
    values[90 - 37 : 90 - 36, 180 + 127] = 9  # 127 to 128 E, 36 to 37 N
    raster = read_raster(write(tif, values, Affine(1, 0, -180, 0, -1, 90), "EPSG:4326"), "mine")
    to_metres = Transformer.from_crs(4326, 5179, always_xy=True)
    assert raster.sample(*to_metres.transform(127.5, 36.5)) == 9
    assert raster.sample(*to_metres.transform(126.5, 36.5)) == 0
    assert raster.values.size < 500_000


# What is not known


@pytest.mark.parametrize("kind", ["float32", "float64", "int16", "int32"])
def test_a_fill_without_a_nodata_value_is_refused_with_its_share(tif, kind):
    values = VALUES.astype(kind)
    values[:, :3] = -9999
    told = fault(write(tif, values))
    assert "-9999 fills 50 % of the cells and no nodata value is set" in told
    assert "gdal_edit.py -a_nodata -9999 r.tif" in told
    assert read_raster(write(tif, values, nodata=-9999), "mine").known.sum() == 15
    told = []
    assert read_raster(write(tif, values, nodata=-1), "mine", told.append).known.all()
    assert told == ["r.tif: -9999 fills 50 % of the cells and nodata is -1; it counts as a value"]


@pytest.mark.parametrize("fill", [-3.4028235e38, 1e20, 9.96921e36, np.inf, -np.inf])
def test_no_value_is_that_large(tif, fill):
    values = VALUES.copy()
    values[0, 0] = fill
    assert "no value is that large" in fault(write(tif, values))
    assert "no value is that large" in fault(write(tif, values, nodata=-9999))
    assert read_raster(write(tif, values, nodata=fill), "mine").known.sum() == 29


@pytest.mark.parametrize("fill", [-999, -32768, -32767, -2147483648, -99999])
def test_other_fills_are_refused_too(tif, fill):
    values = VALUES.astype(np.int32)
    values[0] = fill
    assert f"{fill:g} fills 20 %" in fault(write(tif, values))


def test_a_raster_of_nothing_but_a_fill_is_refused(tif):
    assert "-9999 fills 100 %" in fault(write(tif, np.full((5, 6), -9999, np.int16)))


def test_true_values_near_a_fill_are_values(tif):
    depth = np.linspace(-11_000, 500, 30).reshape(5, 6)
    depth[2, 2] = -9999
    told = []
    assert read_raster(write(tif, depth), "mine", told.append).known.all()
    assert told == []


@pytest.mark.parametrize(
    ("kind", "fill"),
    [("uint8", 255), ("uint16", 65535), ("int16", 32767), ("int8", -128), ("float32", 9999),
     ("uint32", 4294967295), ("float32", -99)],
)  # fmt: skip
def test_what_may_be_a_fill_is_told_and_counts(tif, kind, fill):
    values = np.arange(30).reshape(5, 6).astype(kind)
    values[0, :3] = fill
    told = []
    assert read_raster(write(tif, values), "mine", told.append).known.all()
    assert told == [
        f"r.tif: {fill:g} fills 10 % of the cells and no nodata value is set; it counts as a value"
    ]


def test_what_is_told_of_rasters_is_among_the_notes_of_the_layers(tif):
    values = np.zeros((5, 6), np.uint8)
    values[0, :3] = 255
    layers = Layers(read_catalogue(), {"mine": write(tif, values)})
    assert layers.notes == [
        "r.tif: 255 fills 10 % of the cells and no nodata value is set; it counts as a value"
    ]


@pytest.mark.parametrize("nodata", [-9999.9, 0.1, np.nan, -3.4028234663852886e38])
def test_a_nodata_value_is_met_in_the_precision_of_the_values(tif, nodata):
    values = VALUES + 1
    values[1, 1] = nodata
    raster = read_raster(write(tif, values, nodata=nodata), "mine")
    assert np.argwhere(~raster.known).tolist() == [[1, 1]]
    x, y = raster.lattice.centres_m(np.array([1, 0]), np.array([1, 0]))
    assert np.isnan(raster.sample(x, y)).tolist() == [True, False]


def test_a_nodata_value_but_for_rounding_is_meant(tif):
    values = VALUES + 1
    values[1, 1] = np.nextafter(np.float32(-9999.9), np.float32(0))
    assert read_raster(write(tif, values, nodata=-9999.9), "mine").known.sum() == 29


@pytest.mark.parametrize("nodata", [b"0.5", b"nan", b"300"])
def test_a_nodata_value_that_no_cell_can_have_means_nothing(tif, nodata):
    content = write(tif, VALUES.astype(np.uint8), nodata=77).read_bytes()
    assert content.count(b"77\0") == 1
    tif.write_bytes(content.replace(b"77\0", nodata))
    assert read_raster(tif, "mine").known.all()


@pytest.mark.parametrize("kind", ["uint8", "int16", "float32", "int32"])
def test_a_mask_hides_cells(tif, kind):
    mask = np.full((5, 6), 255, np.uint8)
    mask[2] = 0
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK="YES"):
        write(tif, VALUES.astype(kind), mask=mask)
    raster = read_raster(tif, "mine")
    np.testing.assert_array_equal(raster.known, mask > 0)
    np.testing.assert_array_equal(raster.values[raster.known], VALUES[mask > 0])


def test_a_transparent_band_hides_cells(tif):
    alpha = np.full((5, 6), 255, np.uint8)
    alpha[:, 0] = 0
    write(tif, np.stack([VALUES.astype(np.uint8), alpha]), ALPHA="YES")
    raster = read_raster(tif, "mine")
    np.testing.assert_array_equal(raster.known, alpha > 0)


# How values are written


@pytest.mark.parametrize(
    "kind", ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32",
             "float64"],
)  # fmt: skip
@pytest.mark.parametrize("crs", ["EPSG:5179", "EPSG:5186"])
def test_all_real_numbers_are_read(tif, kind, crs):
    place = NORTH_UP if crs == "EPSG:5179" else Affine(CELL, 0, 200_000, 0, -CELL, 500_000)
    values = VALUES.astype(kind)
    raster = read_raster(write(tif, values, place, crs, nodata=7), "mine")
    known = raster.values[raster.known]
    assert set(np.unique(known)) <= set(range(30)) - {7}
    if crs == "EPSG:5179":
        assert known.size == 29


def test_half_precision_and_single_bits_are_read(tif):
    raster = read_raster(write(tif, VALUES, nbits=16), "mine")
    np.testing.assert_array_equal(raster.values, VALUES)
    bits = (VALUES % 2).astype(np.uint8)
    np.testing.assert_array_equal(read_raster(write(tif, bits, nbits=1), "mine").values, bits)


def test_colours_are_no_values(tif):
    write(tif, VALUES.astype(np.uint8), photometric="palette")
    with rasterio.open(tif, "r+") as file:
        file.write_colormap(1, {value: (value, 0, 0, 255) for value in range(30)})
    np.testing.assert_array_equal(read_raster(tif, "mine").values, VALUES)


def test_scale_and_offset_are_applied_and_unknown_stays_unknown(tif):
    values = np.arange(30, dtype=np.int32).reshape(5, 6) + 16_777_217
    write(tif, values, nodata=16_777_217)
    with rasterio.open(tif, "r+") as file:
        file.scales, file.offsets = (0.5,), (-3.0,)
    raster = read_raster(tif, "mine")
    assert np.isnan(raster.values[0, 0])
    np.testing.assert_array_equal(raster.values.flat[1:], values.flat[1:] * 0.5 - 3)


@pytest.mark.parametrize("scale", [0.0, np.nan, np.inf])
def test_a_scale_that_leaves_nothing_is_refused(tif, scale):
    write(tif, tags={"": {"SCALE": "1"}})
    with rasterio.open(tif, "r+") as file:
        file.scales = (scale,)
    assert "finite numbers are needed, and a scale that is not 0" in fault(tif)


def test_complex_numbers_several_bands_and_several_images_are_refused(tif):
    assert "holds complex numbers" in fault(write(tif, VALUES.astype(np.complex64)))
    assert "3 bands; a raster layer has one" in fault(write(tif, np.stack([VALUES] * 3)))
    write(tif)
    with rasterio.open(f"GTIFF_DIR:1:{tif}"):  # the first image; another is added behind it
        pass
    with rasterio.open(
        tif, "w", driver="GTiff", width=6, height=5, count=1, dtype="float32", crs="EPSG:5179",
        transform=NORTH_UP, APPEND_SUBDATASET="NO",
    ) as file:  # fmt: skip
        file.write(VALUES, 1)
    with rasterio.open(
        tif, "w", driver="GTiff", width=6, height=5, count=1, dtype="float32", crs="EPSG:5179",
        transform=NORTH_UP, APPEND_SUBDATASET="YES",
    ) as file:  # fmt: skip
        file.write(VALUES, 1)
    assert "2 images; a raster layer is one" in fault(tif)


# How much memory a file asks for


def sparse(path, cells, cell_m, **more):
    with rasterio.open(
        path, "w", driver="GTiff", width=cells, height=cells, count=1, crs="EPSG:5179",
        transform=Affine(cell_m, 0, 900_000, 0, -cell_m, 1_950_000), SPARSE_OK=True, tiled=True,
        **{"dtype": "uint8", "blockxsize": 4096, "blockysize": 4096} | more,
    ):  # fmt: skip
        return path


def test_a_small_file_of_many_cells_is_refused_before_it_is_read(tif):
    sparse(tif, 100_000, 1.0)
    assert tif.stat().st_size < 200_000
    told = fault(tif)
    assert "100,000 x 100,000 cells of 1 m take 37.3 GB of memory, but" in told
    assert "cut it to Korea, or use larger cells" in told


def test_the_limit_is_what_the_machine_has_free(tif, monkeypatch):
    sparse(tif, 2000, 10.0)
    assert read_raster(tif, "mine").values.size == 4_000_000
    monkeypatch.setattr(_geotiff, "free_bytes", lambda: 32 << 20)
    assert "of the 0.03 GB of memory that are free a layer may take 0.006 GB" in fault(tif)
    monkeypatch.setattr(_geotiff, "free_bytes", lambda: None)
    assert read_raster(tif, "mine").values.size == 4_000_000


def test_one_block_may_not_take_all_memory_either(tif, monkeypatch):
    sparse(tif, 64, 10.0, blockxsize=8192, blockysize=8192)
    monkeypatch.setattr(_geotiff, "free_bytes", lambda: 64 << 20)
    assert "of memory, but" in fault(tif)


def test_what_the_file_becomes_counts_too(tif, monkeypatch):
    oblong = Affine(1000.0, 0, 900_000, 0, -1.0, 1_950_000)
    write(tif, np.zeros((4000, 50), np.uint8), oblong)
    monkeypatch.setattr(_geotiff, "free_bytes", lambda: 256 << 20)
    assert "of memory, but" in fault(tif)  # 4,000 x 50,000 squares of 1 m


def test_a_memory_error_on_the_way_is_one_line(tif):
    write(tif)
    with pytest.raises(LayerError, match=r"r.tif: does not fit into memory"), open_geotiff(tif):
        raise MemoryError


def test_a_file_of_many_cells_takes_no_memory_to_refuse(tif):
    resource = pytest.importorskip("resource")
    assert resource
    sparse(tif, 100_000, 1.0)
    program = (
        "import resource, sys\nfrom pathlib import Path\n"
        "from siteopt.layers.raster_reading import read_raster\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try:\n    read_raster(Path(sys.argv[1]), 'mine')\nexcept ValueError:\n    pass\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run(  # noqa: S603 - this Python with a program written here
        [sys.executable, "-c", program, str(tif)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 60_000  # kB
