"""Stations keep their ids where they are the same ones."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.layers import open_layers
from siteopt.sources.fetching.grid_ids import kept_ids, nearest_pairs

X, Y = 1_000_000.0, 1_800_000.0


def frame(rows, **columns):
    """Return points: name, kV, metres east."""
    table = pd.DataFrame(rows, columns=["name_ko", "voltage_max_kv", "east"])
    points = gpd.GeoSeries.from_xy(X + table["east"], [Y] * len(table), crs=5179)
    degrees = points.to_crs(4326)
    table = table.assign(lon=degrees.x, lat=degrees.y, **columns)
    return gpd.GeoDataFrame(table, geometry=points.array, crs=5179)


def known(rows, kinds=None):
    made = frame(rows)
    return made.assign(
        station_id=[f"K{n}" for n in range(len(made))], kind=kinds or "substation",
        name_confidence=["compiled-high" if name else "place" for name in made["name_ko"]],
    )  # fmt: skip


def ids(nodes, others, kinds=None, *, real=True):
    return kept_ids(frame(nodes, real=real), known(others, kinds), 500.0, 1000.0).tolist()


def test_the_nearest_of_the_same_voltage_keeps_its_id():
    assert ids([("", 154, 300)], [("", 154, 0), ("", 154, 400), ("", 345, 300)]) == ["K1"]


def test_a_name_reaches_farther_and_comes_before_the_nearest():
    before = [("새내 (옥천군)", 154, 900), ("한빛", 154, 10)]
    assert ids([("새내", 154, 0), ("", 154, 20)], before) == ["K0", "K1"]


@pytest.mark.parametrize(
    "rows", [[("", 154, 501)], [("새내", 154, 1001)], [("", 345, 0)]], ids=["far", "name", "kv"]
)
def test_another_station_gets_an_id_of_its_place(rows):
    (found,) = ids(rows, [("새내", 154, 0)])
    assert found.startswith("E127")


def test_junctions_are_sought_among_junctions_first():
    before = [("", 154, 0), ("", 154, 100)]
    kinds = ["substation", "tap"]
    assert ids([("", 154, 10)], before, kinds, real=False) == ["K1"]
    assert ids([("", 154, 90)], before, kinds) == ["K0"]
    assert ids([("", 154, 10)], before[:1], ["plant"], real=False) == [
        "K0"
    ]  # a line end at a plant


def test_a_new_id_is_none_that_was_ever_given():
    taken = known([("", 345, 0)])
    nodes = frame([("", 154, 0), ("", 154, 1)], real=True)
    fresh = kept_ids(nodes, taken, 500.0, 1000.0)
    taken["station_id"] = fresh.iloc[0]
    again = kept_ids(nodes, taken, 500.0, 1000.0)
    assert again.tolist() == [fresh.iloc[0] + "b", fresh.iloc[0] + "c"]


def test_embedded_stations_that_are_drawn_anew_keep_their_ids():
    stations = open_layers().vector("stations")
    nodes = stations.assign(
        real=~stations["kind"].isin(["tap", "line end"]),
        name_ko=stations["name_ko"].where(stations["name_confidence"] != "place", ""),
    )
    nodes["name_ko"] = nodes["name_ko"].str.replace(r" \(.*\)$", "", regex=True)
    assert kept_ids(nodes, stations, 500.0, 1000.0).tolist() == stations["station_id"].tolist()
    shaken = nodes.assign(geometry=nodes.translate(7, -7)).sample(frac=1, random_state=1)
    found = kept_ids(shaken, stations, 500.0, 1000.0)
    assert found.tolist() == shaken["station_id"].tolist()


places = st.lists(st.integers(0, 3_000), min_size=0, max_size=12)


@given(places.filter(len), places)
def test_no_id_is_given_twice_and_no_station_is_nearer_than_its_own(nodes, others):
    found = ids([("", 154, east) for east in nodes], [("", 154, east) for east in others])
    assert len(set(found)) == len(found)
    free = [east for n, east in enumerate(others) if f"K{n}" not in found]
    for east, one in zip(nodes, found, strict=True):
        if one.startswith("K"):
            assert abs(others[int(one[1:])] - east) <= 500.5
        else:
            assert all(abs(other - east) > 499.5 for other in free)


def test_pairs_are_the_nearest_first():
    one, other = np.array([[0.0, 0], [10, 0]]), np.array([[6.0, 0], [1, 0]])
    assert nearest_pairs(one, other, 100) == [(0, 1), (1, 0)]
    assert nearest_pairs(one, np.zeros((0, 2)), 100) == []
