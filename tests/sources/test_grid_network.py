"""Stations and lines: the rules on made-up rows, the promises on the embedded layers."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from siteopt._data import data_folder
from siteopt.errors import LayerError, LayerFileError
from siteopt.sources._grid_names import name_stations, read_admin
from siteopt.sources.grid_network import (
    clean_voltage_kv,
    components,
    known_circuits,
    station_id,
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
    assert known_circuits(conductors).tolist() == [0, 0, 1, 2, 2, 3, 4]


def test_ids_come_from_the_place():
    assert station_id(pd.Series([129.026]), pd.Series([35.2372])).tolist() == ["E129026N35237"]


def test_stations_in_one_thousandth_of_a_degree_have_ids_of_their_own():
    lon = pd.Series([129.0261, 129.0259, 129.0260, 129.027])
    found = station_id(lon, pd.Series([35.2372] * 4)).tolist()
    assert found == ["E129026N35237", "E129026N35237b", "E129026N35237c", "E129027N35237"]


def test_components_are_numbered_by_size_then_id():
    ids = pd.Index(list("ABCDEFG"))
    found = components(ids, pd.Series(list("BCF")), pd.Series(list("CDG")))
    assert found.to_dict() == {"B": 1, "C": 1, "D": 1, "F": 2, "G": 2, "A": 3, "E": 4}


def named(tmp_path, rows, places):
    """Return names of nodes: own name, kind, kV and km east; one name of a plant is known at 0."""
    (tmp_path / "ehv_nodes_osm.csv").write_text(
        "bus_id,name_ko,name_conf,kv,lat,lon\n0,한빛 원전,H,345,36.5,127.5\n1,,,345,36.5,127.6\n",
        encoding="utf-8",
    )
    table = pd.DataFrame(rows, columns=["name_ko", "kind", "voltage_max_kv", "km"])
    at = gpd.GeoSeries.from_xy(127.5 + table["km"] / 89.2, [36.5] * len(table), crs=4326)
    nodes = gpd.GeoDataFrame(table, geometry=at.to_crs(5179))
    places_of_nodes = pd.DataFrame(places, columns=["place_ko", "place_en"])
    return name_stations(nodes, places_of_nodes, tmp_path)


def test_own_names_first_then_known_plants_then_places(tmp_path):
    names = named(
        tmp_path,
        [("신옥천", "substation", 345, 0), ("", "plant", 345, 2), ("", "plant", 345, 1),
         ("", "tap", 345, 0.5), ("", "plant", 345, 4), ("안좌개폐소", "switching", 154, 9)],
        [("옥천군 옥천읍", "Okcheon-eup, Okcheon-gun")] * 6,
    )  # fmt: skip
    assert names["name_ko"].tolist() == [
        "신옥천", "옥천군 옥천읍", "한빛 원전", "옥천군 옥천읍 2", "옥천군 옥천읍 3", "안좌개폐소",
    ]  # fmt: skip
    assert names["name_en"].tolist()[:3] == [
        "Sinokcheon", "Okcheon-eup, Okcheon-gun", "Hanbit Nuclear",
    ]  # fmt: skip
    assert names["name_en"].iloc[-1] == "Anjwa switching station"
    assert names["name_confidence"].tolist() == [
        "compiled-high", "place", "compiled-high", "place", "place", "compiled-high",
    ]  # fmt: skip


def test_stations_of_one_name_bear_district_or_town(tmp_path):
    names = named(
        tmp_path,
        [("송정", "substation", 154, 0), ("송정", "substation", 154, 9),
         ("옥천", "substation", 154, 0), ("옥천", "substation", 154, 5)],
        [("군포시 대야동", "Daeya-dong, Gunpo-si"), ("광주 광산구 송정동", "Songjeong-dong, Gwangsan-gu, Gwangju"),
         ("옥천군 이원면", "Iwon-myeon, Okcheon-gun"), ("옥천군 옥천읍", "Okcheon-eup, Okcheon-gun")],
    )  # fmt: skip
    assert names["name_ko"].tolist() == [
        "송정 (군포시)", "송정 (광주 광산구)", "옥천 (이원면)", "옥천 (옥천읍)",
    ]  # fmt: skip
    assert names["name_en"].tolist() == [
        "Songjeong (Gunpo-si)", "Songjeong (Gwangsan-gu)", "Okcheon (Iwon-myeon)",
        "Okcheon (Okcheon-eup)",
    ]  # fmt: skip


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
    assert (number == 1).sum() > 1000
    jeju = stations["province_code"] == "50"
    joined = stations["line_join"] != "none"
    assert set(stations.loc[jeju & joined, "component"]) == {2}


def test_embedded_stations_have_names_of_their_own(stations):
    assert stations["station_id"].is_unique
    assert stations["name_ko"].is_unique
    known = stations[stations["name_confidence"] != "place"]
    assert len(known) > 730
    assert known["name_en"].str.fullmatch(r"[A-Za-z0-9 ()/-]+").all()


def test_embedded_lines_are_small(lines):
    assert (REFERENCE / "lines.geojson").stat().st_size < 1_000_000
    assert set(lines.loc[lines["dc"], "voltage_kv"]) == {180, 250}
