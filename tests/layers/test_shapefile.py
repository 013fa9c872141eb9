"""Shapefiles: their parts belong together, their text is decoded as it was written."""

import struct

import geopandas as gpd
import pytest
import shapely

from siteopt.errors import LayerError
from siteopt.layers._shapefile import encodings_of
from siteopt.layers.opening import open_features
from siteopt.layers.readers import read_vector
from siteopt.stages.keys import file_token

NAMES = ["뷁마을", "똠방", "펲시"]


@pytest.fixture
def shapefile(tmp_path):
    """Return a Shapefile of three squares with names in CP949 and no .cpg."""
    path = tmp_path / "p.shp"
    shapes = [shapely.box(127 + n / 10, 36, 127.02 + n / 10, 36.02) for n in range(3)]
    gpd.GeoDataFrame(
        {"site_id": ["a", "b", "c"], "name": NAMES}, geometry=shapes, crs=4326
    ).to_file(path, encoding="cp949")
    path.with_suffix(".cpg").unlink(missing_ok=True)
    return path


def refused(path, layer_id="mine"):
    with pytest.raises(LayerError) as caught:
        read_vector(path, layer_id)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "cpg",
    ["EUC-KR", "euckr", "euc_kr", "KS_C_5601-1987", "51949", "949", "UHC", "MS949", "ANSI 949",
     "windows-949", " cp949\r\n", "CP949\0", "\ufeffEUC-KR", None, ""],
)  # fmt: skip
def test_every_name_of_the_korean_encoding_means_cp949(shapefile, cpg):
    if cpg is not None:
        shapefile.with_suffix(".cpg").write_text(cpg, encoding="utf-8")
    assert read_vector(shapefile, "parcels")["name"].tolist() == NAMES


@pytest.mark.parametrize(
    "cpg", ["hex", "rot13", "utf-16", "idna", "unicode_escape", "undefined", "KS-XYZ", "../x"]
)
def test_an_encoding_that_no_table_has_is_named(shapefile, cpg):
    shapefile.with_suffix(".cpg").write_text(cpg)
    assert refused(shapefile).startswith("p.cpg: encoding ")


def test_the_language_driver_of_the_table_says_the_encoding():
    head = bytearray(32)
    for driver, first in (
        (0x4E, "cp949"),
        (0x79, "cp949"),
        (0x13, "cp932"),
        (0x57, "utf-8"),
        (0, "utf-8"),
    ):
        head[29] = driver
        assert encodings_of(None, bytes(head), "p.cpg")[0] == first


def test_text_in_another_encoding_than_said_is_one_line(shapefile):
    shapefile.with_suffix(".cpg").write_text("UTF-8")
    assert "text is not in utf-8" in refused(shapefile)


@pytest.mark.parametrize("part", [".shp", ".shx"])
def test_what_is_no_part_of_a_shapefile_is_named(shapefile, part):
    shapefile.with_suffix(part).write_bytes(b"<OGRVRTDataSource>" + b" " * 200)
    assert f"p{part}: not a Shapefile (it begins with '<OGRVRTDataS')" in refused(shapefile)


@pytest.mark.parametrize("part", [".shp", ".shx", ".dbf"])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_part_cut_short_is_one_line(shapefile, part, share):
    content = shapefile.with_suffix(part).read_bytes()
    shapefile.with_suffix(part).write_bytes(content[: int(len(content) * share)])
    assert f"p{part}: " in refused(shapefile)


def test_parts_of_different_files_are_named(shapefile):
    table = bytearray(shapefile.with_suffix(".dbf").read_bytes())
    struct.pack_into("<I", table, 4, 2)
    shapefile.with_suffix(".dbf").write_bytes(table)
    assert "p.shp: 3 shapes, but 2 rows in p.dbf" in refused(shapefile)


def test_a_deleted_row_is_left_out(shapefile):
    table = bytearray(shapefile.with_suffix(".dbf").read_bytes())
    head, length = struct.unpack_from("<HH", table, 8)
    table[head + length] = ord("*")
    shapefile.with_suffix(".dbf").write_bytes(table)
    assert open_features(shapefile)["site_id"].tolist() == ["a", "c"]


def test_a_changed_part_is_another_input(shapefile):
    seen = {file_token(shapefile)}
    for part in (".dbf", ".shx", ".prj"):
        content = shapefile.with_suffix(part).read_bytes()
        shapefile.with_suffix(part).write_bytes(content + b" ")
        seen.add(file_token(shapefile))
    shapefile.with_suffix(".cpg").write_text("949")
    seen.add(file_token(shapefile))
    assert len(seen) == 5


def with_numbers(path, width, decimals, cells, kind=b"N"):
    """Write a table with one column of numbers over that of a Shapefile."""
    head = struct.pack("<4BIHH20x", 3, 124, 1, 1, len(cells), 65, 1 + width)
    field = b"site_id".ljust(11, b"\0") + kind + b"\0" * 4 + bytes([width, decimals]) + b"\0" * 14
    rows = b"".join(b" " + cell.rjust(width).encode() for cell in cells)
    path.with_suffix(".dbf").write_bytes(head + field + b"\r" + rows + b"\x1a")


@pytest.mark.parametrize(
    ("width", "decimals", "cells", "ids"),
    [
        (19, 0, ["4682025021100010001", "4682025021100010002", "4682025021100010003"], None),
        (9, 0, ["1", "12", "7"], None),
        (19, 3, ["1.000", "12.000", "7.500"], ["1", "12", "7.500"]),
        (20, 0, ["46820250211000100012", "", "********************"], ["46820250211000100012", None, None]),
    ],
)  # fmt: skip
def test_ids_in_columns_of_numbers_are_their_digits(shapefile, width, decimals, cells, ids):
    with_numbers(shapefile, width, decimals, cells)
    read = read_vector(shapefile, "parcels")["site_id"]
    assert [None if cell != cell else cell for cell in read.tolist()] == (ids or cells)  # noqa: PLR0124 - NaN


def test_an_id_with_an_exponent_is_refused(shapefile):
    with_numbers(shapefile, 24, 15, ["4.682025021100010e+018"] * 3, b"F")
    assert "feature 1: site_id is the number 4.682" in refused(shapefile, "parcels")


@pytest.mark.parametrize(
    "text", ["/etc/passwd", "http://127.0.0.1:9/x", "+init=epsg:5186", "PROJCS["]
)
def test_a_prj_that_names_something_else_is_one_line(shapefile, text):
    shapefile.with_suffix(".prj").write_text(text)
    assert refused(shapefile).startswith("p.prj: ")


def test_only_the_parts_are_read(shapefile):
    want = open_features(shapefile)
    for part, content in (
        (".qix", b"x"),
        (".sbn", b"x"),
        (".shp.xml", b"<x/>"),
        (".qpj", b"+init=/x"),
        (".idm", b"x"),
    ):
        shapefile.with_suffix(part).write_bytes(content)
    assert open_features(shapefile).equals(want)


def test_a_text_that_does_not_decode_is_not_lost_in_silence(shapefile):
    table = shapefile.with_suffix(".dbf")
    content = table.read_bytes()
    shapefile.with_suffix(".cpg").write_text("CP949")
    table.write_bytes(content.replace("똠방".encode("cp949"), b"\xe2\x80\xa8 "))
    assert "p.dbf: text is not in cp949" in refused(shapefile)


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_a_text_cut_in_the_middle_of_its_last_sign_is_read(tmp_path, encoding):
    """Many tools cut names to the width of their column, whatever that cuts."""
    path = tmp_path / "p.shp"
    shapes = [shapely.box(127, 36, 127.02, 36.02)]
    gpd.GeoDataFrame({"name": ["A"]}, geometry=shapes, crs=4326).to_file(path, encoding=encoding)
    path.with_suffix(".cpg").write_text(encoding)
    table = path.with_suffix(".dbf")
    content = bytearray(table.read_bytes())
    head, length = struct.unpack_from("<HH", content, 8)
    width = length - 1
    name = "A" * (width % 2 + 1) + "가" * width
    if len("가".encode(encoding)) == 3 and (width - len("A" * (width % 2 + 1))) % 3 == 0:
        name = f"A{name}"
    content[head + 1 : head + length] = name.encode(encoding)[:width]
    table.write_bytes(bytes(content))
    read = read_vector(path, "mine")["name"][0]
    assert read == name.encode(encoding)[:width].decode(encoding, "ignore")
    assert len(read.encode(encoding)) < width


def test_a_shape_of_another_kind_than_the_file_says_is_named(shapefile):
    content = bytearray(shapefile.read_bytes())
    struct.pack_into("<i", content, 108, 11)
    shapefile.write_bytes(bytes(content))
    assert "p.shp: feature 1: a shape of kind 11 in a file of kind 5" in refused(shapefile)


def test_columns_that_do_not_make_up_a_row_are_named(shapefile):
    table = shapefile.with_suffix(".dbf")
    content = bytearray(table.read_bytes())
    content[32 + 16] += 1
    table.write_bytes(bytes(content))
    assert "its columns take" in refused(shapefile)
