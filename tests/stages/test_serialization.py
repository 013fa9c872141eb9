import importlib
import io
import json
import math
import pickle
import pkgutil
import re
import struct
from contextlib import suppress

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import siteopt
from siteopt.grid.routes import Routes
from siteopt.lattice import Lattice
from siteopt.runs import pipeline  # noqa: F401 - registers the classes of results
from siteopt.scenario import load_scenario
from siteopt.screening import Eligibility
from siteopt.stages import serialization
from siteopt.stages.serialization import (
    DamagedValueError,
    decode,
    decode_parts,
    encode,
    encode_parts,
    handed,
)

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
plain = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def same(a, b):
    if isinstance(a, float) and math.isnan(a):
        return type(b) is float and math.isnan(b)
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    return type(a) is type(b) and a == b


@given(plain)
def test_plain_values_come_back_as_they_were(value):
    content = encode(value)
    assert same(decode(content), value)
    assert encode(decode(content)) == content


COLUMNS = {
    "whole": np.array([3, 1, 2], dtype=np.int32),
    "float": [0.1, np.nan, -0.0],
    "flag": [True, False, True],
    "text": ["가", None, "나"],
    "mixed": pd.Series(["x", None, float("nan")], dtype=object),
    "lists": pd.Series([[1, 2], [], ["a"]], dtype=object),
    "count": pd.array([1, None, 3], dtype="Int64"),
    "maybe": pd.array([True, None, False], dtype="boolean"),
    "real": pd.array([1.5, None, 2.5], dtype="Float64"),
    "string": pd.array(["p", None, "q"], dtype="string"),
    "sort": pd.Categorical(["b", "a", None], categories=["b", "a"], ordered=True),
    "time": pd.to_datetime(["2020-01-01", None, "2021-05-06"]),
}


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("index", [None, pd.Index(["u", "v", "w"], name="site_id"), [5, 3, 1]])
def test_every_kind_of_column_comes_back_with_its_type(name, index):
    frame = pd.DataFrame({name: COLUMNS[name], "n": 1})
    if index is not None:
        frame.index = index
    back = decode(encode(frame))
    pd.testing.assert_frame_equal(back, frame, check_exact=True, check_index_type="exact")
    assert [type(x) for x in back[name]] == [type(x) for x in frame[name]]
    assert encode(back) == encode(frame)
    if frame[name].dtype == float:
        assert np.signbit(back[name].to_numpy()).tolist() == np.signbit(frame[name]).tolist()


def test_features_come_back_with_place_and_crs():
    shapes = [shapely.Point(1.1, 2.2), None, shapely.box(0, 0, 1, 1), shapely.Point()]
    frame = gpd.GeoDataFrame({"a": range(4)}, geometry=shapes, crs=5179).rename_geometry("place")
    back = decode(encode(frame))
    assert back.crs == frame.crs
    assert back.geometry.name == "place"
    assert back.geometry.to_wkb().tolist() == frame.geometry.to_wkb().tolist()
    assert encode(back) == encode(frame)


def test_own_classes_come_back_whole():
    lattice = Lattice(0.0, 100.0, 10.0, 3, 4)
    scenario = load_scenario("national-2035")
    cells = np.arange(12, dtype=np.uint32).reshape(3, 4)
    rules = tuple(scenario.screening.exclusions)
    screened = Eligibility(lattice, cells, cells > 3, rules, (0,) * len(rules))
    back = decode(encode(screened))
    assert back.lattice == lattice
    assert back.exclusions == rules
    np.testing.assert_array_equal(back.reasons, cells)
    routes = decode(encode(Routes.none(lattice)))
    assert routes.first.dtype == np.int64
    assert routes.cells.dtype == np.int32


def test_the_same_value_gives_the_same_bytes_however_it_lies_in_memory():
    array = np.arange(12.0).reshape(3, 4)
    assert encode(np.asfortranarray(array)) == encode(array)
    assert encode(array[:, ::2]) == encode(array[:, ::2].copy())
    masked = pd.array([1, 2, 3], dtype="Int64")
    masked[1] = None
    assert encode(pd.Series(masked)) == encode(pd.Series(pd.array([1, None, 3], dtype="Int64")))


@pytest.mark.parametrize("kind", ["u1", "<i4", "<f8", "<U3", "<M8[s]"])
def test_a_large_frozen_array_is_shared_and_has_the_bytes_of_a_copy(kind):
    array = np.arange(1_500_000).astype(kind).reshape(1_000, 1_500).copy()
    copied, written_to = encode(array), encode_parts(array)
    array.flags.writeable = False
    parts = encode_parts({"frozen": array, "view": array[:900]})
    assert b"".join(encode_parts(array)) == copied
    assert decode(b"".join(parts)).keys() == decode_parts(parts).keys()
    for back, rows in zip(decode_parts(parts).values(), (1_000, 900), strict=True):
        assert np.shares_memory(back, array)
        assert not back.flags.writeable
        np.testing.assert_array_equal(back, array[:rows])
    assert not np.shares_memory(decode_parts(written_to), array)


def test_an_array_that_another_can_write_to_is_copied():
    owner = np.zeros(2_000_000, dtype=np.uint8)
    view = owner[:]
    view.flags.writeable = False
    back = decode_parts(encode_parts(view))
    owner[:] = 1
    assert not back.any()
    strided = np.zeros((2_000, 2_000), dtype=np.uint8)
    strided.flags.writeable = False
    assert encode(strided[:, ::2]) == encode(np.zeros((2_000, 1_000), dtype=np.uint8))
    assert encode(strided.T) == encode(strided)


def test_parts_that_do_not_fit_their_header_are_an_error():
    head, *rest = encode_parts({"a": np.arange(5), "b": np.arange(6)})
    with pytest.raises(ValueError, match="another length"):
        decode_parts([head, *reversed(rest)])


@given(st.integers(min_value=0, max_value=400), st.integers(min_value=0, max_value=255))
def test_bytes_that_are_no_value_are_an_error_and_nothing_else(cut, byte):
    content = encode({"table": pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]}), "n": [1, 2]})
    with pytest.raises(DamagedValueError):
        decode(content[: min(cut, len(content) - 1)])
    flipped = bytearray(content)
    flipped[cut % len(content)] = byte
    with suppress(DamagedValueError):
        decode(bytes(flipped))


def written(value):
    """Return bytes that hold a value in any form, as a stranger would write them."""
    buffer = []

    def header(item):
        if type(item) is bytes:
            buffer.append(item)
            return ["bytes", len(item)]
        if type(item) in {list, tuple}:
            return [type(item).__name__, *map(header, item)]
        if type(item) is dict:
            return ["dict", header([*item]), header([*item.values()])]
        return [*map(header, item.parts)] if type(item) is Form else item

    return whole(json.dumps(header(value)).encode(), *buffer)


def whole(header, *buffer):
    return b"".join([struct.pack("<Q", len(header)), header, *buffer])


class Form:
    def __init__(self, *parts):
        self.parts = parts


def test_what_a_stranger_writes_can_be_a_value():
    array = Form("array", "<f8", [1], bytes(8))
    back = decode(written({"a": Form("series", array, Form("range", 0, 1, 1, None), "n")}))
    pd.testing.assert_series_equal(back["a"], pd.Series([0.0], name="n"))


NO_CLASSES = (
    "Popen", "eval", "main", "Store", "Scenario", "Workshop", "Lattice.__init__", "np", "",
    "siteopt.lattice:Lattice", "__class__", 5, None,
)  # fmt: skip


@pytest.mark.parametrize("name", NO_CLASSES)
@pytest.mark.parametrize("form", ["instance", "model"])
def test_no_class_of_anothers_choosing_is_made(name, form):
    with pytest.raises(DamagedValueError):
        decode(written(Form(form, name, {} if form == "instance" else "{}")))


class Runs:
    """Code that runs when a pickle of it is read."""

    def __init__(self, *reduced):
        self.reduced = reduced

    def __reduce__(self):
        return self.reduced


MARK = []


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    "value",
    [
        Runs(MARK.append, (1,)),
        Runs(exec, ("raise SystemExit",)),
        Runs(Lattice, (0.0, 100.0, 10.0, 3, 4)),
        Runs(Lattice.__new__, (Lattice,), {"rows": 1}),
        np.arange(3),
        pd.DataFrame({"a": [1]}),
        Lattice,
        decode,
        {1, 2},
        bytearray(b"x"),
    ],
)
def test_bytes_name_no_class_and_call_no_function(value, protocol):
    with pytest.raises(DamagedValueError):
        decode(pickle.dumps(value, protocol))
    assert MARK == []


@pytest.mark.parametrize(
    "content",
    [
        b"cos\nsystem\n(S'true'\ntR.",  # pickles
        b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.",
        whole(b"5", b"x"),
        whole(b"5")[:-1],
        whole(b"5 6"),
        whole(b""),
        whole(b"{}"),
        whole(b"[]"),
        whole(b"[5]"),
        whole(b"[[]]"),
        whole(b'["bytes"]'),
        whole(b'["bytes", 5]', b"four"),
        whole(b'["bytes", -4]', b"four") + b"more",
        whole(b'["bytes", 4000000000000000000]', b"four"),
        whole(b'["bytes", "4"]', b"four"),
        whole(b'["bytes", 4.0]', b"four"),
        whole(b'["text", ["bytes", 1]]', b"\xff"),
        whole(b'["__class__"]'),
        struct.pack("<Q", 2**64 - 1) + b"5",
        struct.pack("<Q", 0) + b"5",
        b"N" * 5,
        b"",
    ],
)
def test_a_header_that_is_none_is_damaged(content):
    with pytest.raises(DamagedValueError):
        decode(content)


def test_more_items_than_any_value_has_are_damaged(monkeypatch):
    monkeypatch.setattr(serialization, "_ITEMS_MAX", 100)
    assert decode(encode([1] * 50)) == [1] * 50
    with pytest.raises(DamagedValueError):
        decode(encode([1] * 150))
    with pytest.raises(DamagedValueError):
        decode(whole(b"[" + b"[]," * 60 + b"5]"))


@pytest.mark.parametrize("text", ["가" * 2000, "\ud800" * 2000, "\ud800", "x" * 1000, "x" * 1001])
def test_long_texts_come_back(text):
    assert decode(encode({"text": [text]})) == {"text": [text]}


def test_every_class_that_results_are_made_of_can_be_kept():
    """The fields of the classes name each other: none that can be in a result is left out."""
    found = {}
    for module in pkgutil.walk_packages(siteopt.__path__, "siteopt."):
        if not module.name.endswith("__main__") and ".sources" not in module.name:
            for name, kind in vars(importlib.import_module(module.name)).items():
                if isinstance(kind, type) and kind.__module__ == module.name:
                    found.setdefault(name, []).append(kind)
    todo = sorted(serialization._classes)
    assert {"OptimalPlan", "Problem", "Near", "Assessment"} <= {*todo}
    for name in todo:
        assert found[name] == [serialization._classes.get(name)]
        (kind,) = found[name]
        if not hasattr(kind, "model_fields"):  # those of a scenario hold texts and figures alone
            told = " ".join(str(hint) for hint in kind.__annotations__.values())
            fields = [word for word in re.findall(r"\w+", told) if word in found]
            todo += [word for word in fields if word not in todo and word != "Exclusion"]


EIGHT = bytes(8)
RANGE = Form("range", 0, 1, 1, None)


@pytest.mark.parametrize(
    "value",
    [
        Form("array", "O", [1], EIGHT),
        Form("array", "f8,O", [1], EIGHT * 2),
        Form("array", "V8", [1], EIGHT),
        Form("array", "<f8", [1 << 60], EIGHT),
        Form("array", "<f8", [2], EIGHT),
        Form("array", ["<f8"], [1], EIGHT),
        Form("series", Form("masked", "datetime64[ns, dateutil//etc/x]", ["a"]), RANGE, None),
        Form("series", Form("masked", "category", ["a"]), RANGE, None),
        Form("series", Form("masked", "Int64", ["a"]), RANGE, None),
        Form("series", Form("masked", "Int64", [[1]]), RANGE, None),
        Form("series", Form("masked", "str", {"a": 1}), RANGE, None),
        Form("series", Form("array", "<f8", [], EIGHT), Form("range", 0, 1 << 40, 1, None), None),
        Form("series", Form("range", 0, 1 << 50, 1, None), Form("range", 0, 1 << 50, 1, None), None),
        Form("table", [Form("range", 0, 1 << 50, 1, None)], RANGE, Form("range", 0, 1 << 50, 1, None)),
        Form("categories", Form("range", 0, 1 << 50, 1, None), RANGE, None),
        Form("masked", "Int64", Form("range", 0, 1 << 50, 1, None)),
        Form("masked", "boolean", 5),
        Form("list", Form("masked", ["Int64"], [1])),
        Form("objects", [3], [1]),
        Form("objects", [1], 5),
        Form("no such form"),
        Form(),
        Form("array"),
        Form("geometries", ["x"], None),
    ],
)  # fmt: skip
def test_what_would_read_run_or_spread_is_damaged(value):
    with pytest.raises(DamagedValueError):
        decode(written(value))


@pytest.mark.parametrize("depth", [200, 100_000])
@pytest.mark.parametrize(
    ("opened", "closed"),
    [
        (b'["list",', b"]"),
        (b'["dict",["list","a"],["list",', b"]]"),
        (b'["objects",["list",1],["list",', b"]]"),
        (b'["instance","Plan",', b"]"),
        (b"[", b"]"),
        (b'{"a":', b"}"),
    ],
)
def test_values_inside_values_without_end_are_damaged(opened, closed, depth):
    """Python ends a process whose stack its own calls fill, also when arrays are let go."""
    with pytest.raises(DamagedValueError):
        decode(whole(opened * depth + b"null" + closed * depth))


@pytest.mark.parametrize(
    "crs", ["+init=/etc/passwd:x", "/etc/passwd", "https://x.kr/y.wkt", "proj=longlat", ""]
)
def test_a_crs_is_a_code_or_says_itself_what_it_is(crs, monkeypatch):
    asked = []
    monkeypatch.setattr(pyproj, "CRS", Spy(asked, pyproj.CRS))
    hostile = written(Form("geometries", [shapely.to_wkb(shapely.Point(1, 2))], crs))
    with pytest.raises(DamagedValueError):
        decode(hostile)
    assert asked == []


class Spy:
    """CRS that notes which text PROJ would take for whatever it looks like."""

    def __init__(self, asked, real):
        self.asked, self.from_wkt, self.from_user_input = asked, real.from_wkt, real.from_user_input

    def __call__(self, text):
        self.asked.append(text)
        raise AssertionError(text)


def test_an_odd_crs_comes_back_by_its_own_words():
    crs = pyproj.CRS("+proj=tmerc +lat_0=38 +lon_0=127 +ellps=GRS80 +units=m")
    back = decode(encode(gpd.GeoSeries([shapely.Point(1, 2)], crs=crs)))
    assert back.array.crs == crs


NESTED = [
    struct.pack("<BII", 1, 7, 1) * 100_000 + shapely.to_wkb(shapely.Point(1, 2)),
    struct.pack("<BII", 1, 4, 1) * 100_000 + shapely.to_wkb(shapely.Point(1, 2)),
    struct.pack(">BII", 0, 1007, 1) * 100_000,
    struct.pack("<BIII", 1, 0x20000007, 5179, 1) * 100_000,
    struct.pack("<BII", 1, 12, 1) * 100_000,
    # the way down may lie behind a part that is fine
    (struct.pack("<BII", 1, 7, 2) + shapely.to_wkb(shapely.box(0, 0, 1, 1))) * 50_000,
    struct.pack("<BII", 1, 6, 0xFFFFFFFF),
    struct.pack("<BII", 1, 2, 0xFFFFFFFF),
    b"\x01",
    b"\x02\x01\x00\x00\x00",
]


@pytest.mark.parametrize("place", range(len(NESTED)))
def test_no_geometry_takes_the_process_with_it(place):
    """GEOS ends a process whose stack its own calls fill: it is not asked."""
    wkb = NESTED[place]
    for form in (Form("geometry", wkb), Form("geometries", [None, wkb], None)):
        with pytest.raises(DamagedValueError):
            decode(written(form))


SHAPES = [
    "POINT EMPTY", "POINT Z (1 2 3)", "LINESTRING M (0 0 1, 1 1 2)", "POLYGON EMPTY",
    "MULTIPOINT (1 2, 3 4)", "MULTILINESTRING ((0 0, 1 1), (2 2, 3 3))",
    "MULTIPOLYGON ZM (((0 0 1 1, 1 0 1 1, 1 1 1 1, 0 0 1 1)))",
    "MULTIPOLYGON (((0 0, 9 0, 9 9, 0 0), (5 1, 6 1, 6 2, 5 1)), ((20 0, 21 0, 21 1, 20 0)))",
    "GEOMETRYCOLLECTION (POINT (1 2), GEOMETRYCOLLECTION (LINESTRING Z (0 0 0, 1 1 1)))",
]  # fmt: skip


@pytest.mark.parametrize("text", SHAPES)
@pytest.mark.parametrize("srid", [0, 5179])
def test_every_kind_of_geometry_is_kept(text, srid):
    shape = shapely.set_srid(shapely.from_wkt(text), srid)
    back = decode(encode(shape))
    assert shapely.to_wkt(back) == shapely.to_wkt(shape)
    assert shapely.get_srid(back) == srid


@pytest.mark.parametrize("value", [{1, 2}, object(), io.StringIO(), 1j, {"a": [lambda: 0]}])
def test_what_cannot_be_kept_is_a_defect_that_says_so(value):
    with pytest.raises(TypeError, match="a stage returned"):
        encode(value)


def test_handed_out_tables_are_the_callers():
    frame = pd.DataFrame({"a": [1, 2]})
    value = {"t": frame, "l": [frame]}
    got = handed(value)
    got["t"].loc[0, "a"] = 9
    got["l"][0]["b"] = 1
    got["l"].append(0)
    assert frame.to_dict("list") == {"a": [1, 2]}
    assert len(value["l"]) == 1


@pytest.mark.parametrize("dtype", [object, "str", "string"])
def test_texts_that_repeat_are_in_the_header_once(dtype):
    texts = ["E127123N36987@station", None, "가"] * 10_000
    frame = pd.DataFrame({"station_id": pd.Series(texts, dtype=dtype)})
    content = encode(frame)
    (length,) = struct.unpack_from("<Q", content)
    assert length < 1000
    found = decode(content)
    pd.testing.assert_frame_equal(found, frame)
    assert encode(found) == content


@pytest.mark.parametrize("dtype", [object, "str", "string"])
@pytest.mark.parametrize("strange", ["가나", "", "\U0001f5fa\ufe0f", "a\x00b", "é"])
def test_many_texts_are_in_the_buffer_and_come_back(dtype, strange):
    texts = [f"P{number:06d}@{strange}" for number in range(3000)]
    texts[5:1500:7] = [None] * len(texts[5:1500:7])
    texts[10] = strange
    frame = pd.DataFrame({"option_id": pd.Series(texts, dtype=dtype)})
    content = encode(frame)
    (length,) = struct.unpack_from("<Q", content)
    assert length < 1000
    found = decode(content)
    pd.testing.assert_frame_equal(found, frame)
    assert [type(one) for one in found["option_id"]] == [type(one) for one in frame["option_id"]]
    assert encode(found) == content


def test_surrogates_among_many_texts_come_back():
    texts = np.array([f"{number}\udc80" for number in range(2000)], dtype=object)
    assert decode(encode(texts)).tolist() == texts.tolist()


@pytest.mark.parametrize("lengths", [[1, 1], [1, 3], [-2, 2], [2**31 - 1, -1]])
def test_many_texts_of_another_length_are_damaged(lengths):
    array, letters = np.array(lengths, dtype=np.int32), "가나다".encode()
    header = ["joined", ["array", "<i4", [2], ["bytes", 8]], ["bytes", len(letters)]]
    told = json.dumps(header).encode()
    with pytest.raises(DamagedValueError):
        decode(struct.pack("<Q", len(told)) + told + array.tobytes() + letters)


def test_a_place_of_a_text_that_is_not_there_is_damaged():
    for places in ([0, 2], [0, -1]):
        array = np.array(places, dtype=np.int32)
        header = ["repeated", ["array", "<i4", [2], ["bytes", 8]], ["list", "a", "b"]]
        told = json.dumps(header).encode()
        with pytest.raises(DamagedValueError):
            decode(struct.pack("<Q", len(told)) + told + array.tobytes())
