"""Stations and lines: the rules on made-up rows, the promises on the embedded layers."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from siteopt.errors import LayerError, LayerFileError
from siteopt.layers.catalogue import data_folder
from siteopt.sources._grid_names import name_stations, read_admin
from siteopt.sources.grid_network import (
    clean_voltage_kv,
    components,
    station_id,
    true_circuits,
)

REFERENCE = data_folder() / "reference"


def test_voltages_are_cleaned():
    tags = pd.Series([154, 145, 345, 354, 380, 765, 180, 250]) * 1000
    assert clean_voltage_kv(tags).tolist() == [154, 154, 345, 345, 345, 765, 180, 250]


def test_a_foreign_voltage_is_an_error():
    with pytest.raises(LayerError, match="voltage 500 kV is not known"):
        clean_voltage_kv(pd.Series([500_000.0]))


def test_circuits_are_conductors_over_three():
    conductors = pd.Series([1.0, 2, 3, 6, 8, 9, 12])
    assert true_circuits(conductors).tolist() == [1, 1, 1, 2, 2, 3, 4]


def test_ids_come_from_the_place():
    assert station_id(pd.Series([129.026]), pd.Series([35.2372])).tolist() == ["E12903N3524"]


def test_components_are_numbered_by_size_then_id():
    ids = pd.Index(list("ABCDEFG"))
    found = components(ids, pd.Series(list("BCF")), pd.Series(list("CDG")))
    assert found.to_dict() == {"B": 1, "C": 1, "D": 1, "F": 2, "G": 2, "A": 3, "E": 4}


def test_a_known_name_goes_to_the_nearest_strong_station(tmp_path):
    (tmp_path / "ehv_nodes_osm.csv").write_text(
        "bus_id,name_ko,name_conf,kv,lat,lon\n0,신옥천,H,345,36.5,127.5\n1,,,345,36.5,127.6\n",
        encoding="utf-8",
    )
    at = gpd.GeoSeries.from_xy([127.5, 127.51, 127.53], [36.5] * 3, crs=4326).to_crs(5179)
    stations = gpd.GeoDataFrame({"voltage_max_kv": [154, 345, 345]}, geometry=at)
    places = pd.DataFrame({"place_ko": ["옥천군 옥천읍"] * 3, "place_en": ["Okcheon"] * 3})
    names = name_stations(stations, places, tmp_path)
    assert names["name_ko"].tolist() == ["옥천군 옥천읍", "신옥천", "옥천군 옥천읍 2"]
    assert names["name_en"].tolist() == ["Okcheon", "Sinokcheon", "Okcheon 2"]
    assert names["name_confidence"].tolist() == ["place", "compiled-high", "place"]


def test_missing_districts_are_named(tmp_path):
    with pytest.raises(LayerFileError, match="built after provinces and districts"):
        read_admin(tmp_path / "districts.geojson")


@pytest.fixture(scope="module")
def stations():
    return pd.read_csv(REFERENCE / "stations.csv", dtype={"province_code": str})


@pytest.fixture(scope="module")
def lines():
    return gpd.read_file(REFERENCE / "lines.geojson")


def test_embedded_line_ends_lie_on_their_stations(stations, lines):
    at = stations.set_index("station_id")[["lon", "lat"]]
    for end, column in ((0, "station_from"), (-1, "station_to")):
        point = shapely.get_coordinates(shapely.get_point(lines.geometry, end))
        assert np.abs(point - at.loc[lines[column]].to_numpy()).max() < 2e-5


def test_embedded_circuits_are_those_of_the_lines(stations, lines):
    for kv in (154, 345, 765):
        some = lines[lines["voltage_kv"] == kv]
        ends = pd.concat(
            [some.set_index(end)["circuits"] for end in ("station_from", "station_to")]
        )
        total = ends.groupby(level=0).sum().reindex(stations["station_id"]).fillna(0)
        assert (total.to_numpy() == stations[f"circuits_{kv}"]).all()


def test_embedded_components_hold_under_a_walk_of_the_lines(stations, lines):
    links: dict[str, set[str]] = {name: set() for name in stations["station_id"]}
    ac = lines[~lines["dc"]]
    for a, b in zip(ac["station_from"], ac["station_to"], strict=True):
        links[a].add(b)
        links[b].add(a)
    number = stations.set_index("station_id")["component"]
    for start in number.groupby(number).idxmin():
        seen, todo = {start}, [start]
        while todo:
            fresh = links[todo.pop()] - seen
            seen |= fresh
            todo += fresh
        assert seen == set(number.index[number == number[start]])
    assert (number == 1).sum() == 483
    jeju = stations.loc[stations["province_code"] == "50", "component"]
    assert set(jeju) == {2}


def test_embedded_stations_have_names_of_their_own(stations):
    assert stations["station_id"].is_unique
    assert stations["name_ko"].is_unique
    known = stations[stations["name_confidence"] != "place"]
    assert (known["voltage_max_kv"] >= 345).all()
    assert known["name_en"].str.fullmatch(r"[A-Za-z0-9 ()/]+").all()


def test_embedded_lines_are_small(lines):
    assert (REFERENCE / "lines.geojson").stat().st_size < 1_000_000
    assert set(lines.loc[lines["dc"], "voltage_kv"]) == {180, 250}
