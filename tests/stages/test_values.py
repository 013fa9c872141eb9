import io
import math
import pickle
from contextlib import suppress

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from siteopt.grid.routes import Routes
from siteopt.grid.siting import FlowLimit
from siteopt.lattice import Lattice
from siteopt.layers.parameters import Parameter
from siteopt.scenario import load_scenario
from siteopt.screening import Eligibility
from siteopt.stages.values import DamagedValueError, decode, encode, handed

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
    limit = decode(encode(FlowLimit("x", np.array([0.5, 1.0]), 7.0)))
    assert isinstance(limit, FlowLimit)
    assert limit.price.tolist() == [0.5, 1.0]
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


@given(st.integers(min_value=0, max_value=400), st.integers(min_value=0, max_value=255))
def test_bytes_that_are_no_value_are_an_error_and_nothing_else(cut, byte):
    content = encode({"table": pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]}), "n": [1, 2]})
    try:
        decode(content[: min(cut, len(content) - 1)])
    except DamagedValueError:
        pass
    else:
        pytest.fail("a part was taken for the whole")
    flipped = bytearray(content)
    flipped[cut % len(content)] = byte
    with suppress(DamagedValueError):
        decode(bytes(flipped))


def test_no_code_of_others_runs():
    with pytest.raises(DamagedValueError):
        decode(pickle.dumps({"a": 1}))
    content = encode(Parameter("k", 1.0, None, None, "", "", "", ""))
    for foreign in (
        "subprocess:Popen........",
        "siteopt.cli:main........",
        "siteopt.cli:app.x.......",
    ):
        changed = content.replace(
            b"siteopt.layers.parameters:Parameter", foreign.ljust(35).encode()
        )
        with pytest.raises(DamagedValueError):
            decode(changed)


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
