"""What a node of the network is: each rule by hand, and what the embedded layer promises."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

from siteopt._data import data_folder
from siteopt.layers.station_kinds import STATION_KINDS
from siteopt.sources._station_kinds import kinds

REFERENCE = data_folder() / "reference"
FARM = np.array([[1_000_000.0, 1_800_000.0]])
PLANT = np.array([[1_100_000.0, 1_800_000.0]])
NONE = np.zeros((0, 2))


def kind_of(x_km=500.0, **changed):
    row = {
        "real": False, "kind": "unknown", "kind_rule": "", "voltage_max_kv": 154, "n_lines": 1,
        "n_circuits": 2, "cable_head": False, "line_join": "line end", **changed,
    }  # fmt: skip
    nodes = gpd.GeoDataFrame([row], geometry=[Point(1e6 + 1000 * x_km, 1.8e6)], crs=5179)
    return tuple(kinds(nodes, FARM, PLANT).iloc[0])


def test_a_junction_is_a_tap_and_a_dead_end_a_line_end():
    assert kind_of(n_lines=3)[0] == "tap"
    assert kind_of(n_lines=1)[0] == "line end"


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({}, "plant"), ({"real": True}, "plant"), ({"x_km": 5.1}, "line end"),
        ({"n_circuits": 4}, "line end"), ({"n_lines": 2}, "tap"),
        ({"voltage_max_kv": 345}, "line end"),
        ({"real": True, "kind": "substation", "kind_rule": "named substation"}, "substation"),
    ],
)  # fmt: skip
def test_a_single_dead_end_beside_a_wind_farm_is_its_collector(changed, kind):
    found = kind_of(**{"x_km": 3.0, **changed})
    assert found[0] == kind
    assert ("collector" in found[1]) == (kind == "plant")


def test_only_a_strong_node_beside_a_large_plant_is_the_plant():
    assert kind_of(x_km=98, voltage_max_kv=345)[0] == "plant"
    assert kind_of(x_km=98, voltage_max_kv=345, real=True)[0] == "plant"
    assert kind_of(x_km=98)[0] == "line end"
    assert kind_of(x_km=97, voltage_max_kv=345)[0] == "line end"


def test_an_unnamed_substation_is_a_cable_head_or_unknown():
    assert kind_of(real=True, n_lines=2, cable_head=True)[:2] == (
        "tap", "cable head: overhead line and cable meet, no name",
    )  # fmt: skip
    assert kind_of(real=True, n_lines=2)[0] == "unknown"
    assert kind_of(real=True)[2] == "compiled-low"


def test_a_name_decides_and_a_mapped_line_makes_it_surer():
    named = {"real": True, "kind": "substation", "kind_rule": "named substation"}
    assert kind_of(**named) == ("substation", "named substation", "compiled-high")
    assert kind_of(**named, line_join="none")[2] == "compiled-medium"
    assert kind_of(**named, cable_head=True)[0] == "substation"


def test_without_farms_and_plants_the_rest_holds():
    row = {"real": [False], "kind": ["unknown"], "kind_rule": [""], "voltage_max_kv": [345],
           "n_lines": [1], "n_circuits": [2], "cable_head": [False], "line_join": ["line end"]}  # fmt: skip
    nodes = gpd.GeoDataFrame(row, geometry=[Point(1e6, 1.8e6)], crs=5179)
    assert kinds(nodes, NONE, NONE)["kind"].tolist() == ["line end"]


@pytest.fixture(scope="module")
def stations():
    return pd.read_csv(REFERENCE / "stations.csv")


def test_embedded_kinds_have_a_rule_and_a_confidence(stations):
    assert set(stations["kind"]) == set(STATION_KINDS)
    assert stations[["kind_rule", "kind_confidence"]].notna().all().all()


def test_embedded_named_stations_are_of_the_map(stations):
    named = stations[stations["kind"].isin(["substation", "switching"])]
    assert (named["name_confidence"] != "place").all()
    assert not named["name_ko"].str.endswith("변전소").any()
    # no tap or line end bears the name of a station
    bare = stations[stations["kind"].isin(["tap", "line end"])]
    assert set(bare["name_confidence"]) == {"place"}


@pytest.mark.parametrize(
    ("name", "kind", "kv"),
    [
        ("신태백", "substation", 765), ("신안성", "substation", 765), ("신옥천", "substation", 345),
        ("안좌개폐소", "switching", 154), ("진도변환소", "switching", 154), ("포스코", "plant", 345),
        ("청송양수", "plant", 345), ("한빛 원전", "plant", 345), ("태안화력", "plant", 345),
    ],
)  # fmt: skip
def test_embedded_stations_that_everybody_knows(stations, name, kind, kv):
    row = stations[stations["name_ko"] == name]
    assert row[["kind", "voltage_max_kv"]].to_numpy().tolist() == [[kind, kv]]


def test_embedded_substations_are_nearly_as_many_as_kepco_counts(stations):
    """788 of 154 kV and more in 2026-07, of these 657 of 154 kV (grid_facts_2.csv)."""
    own = stations.loc[stations["kind"] == "substation", "voltage_max_kv"]
    assert 0.9 * 788 < len(own) <= 788
    assert 0.95 * 657 < (own == 154).sum() <= 657


def test_embedded_headroom_is_at_substations_alone(stations):
    headroom = pd.read_csv(REFERENCE / "headroom.csv")
    kind = stations.set_index("station_id")["kind"]
    assert set(headroom["station_id"].map(kind)) == {"substation"}
