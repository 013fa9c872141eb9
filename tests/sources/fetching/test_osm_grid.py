"""The power grid of OpenStreetMap: what tags become, and the network that they make."""

from __future__ import annotations

import geopandas as gpd
import pytest

from siteopt.errors import FetchError
from siteopt.layers import open_layers
from siteopt.sources.fetching.openstreetmap import features_from_extract
from siteopt.sources.fetching.osm_grid import (
    network_of_features,
    substation_rows,
    ways_of_features,
)
from siteopt.sources.fetching.osm_grid_recipe import read_osm_grid_recipe
from siteopt.sources.grid_network import station_id
from tests.sources.fetching.grid_world import small_grid

RECIPE = read_osm_grid_recipe()


@pytest.fixture(scope="module")
def features(tmp_path_factory):
    extract = tmp_path_factory.mktemp("osm") / "grid.osm"
    extract.write_text(small_grid().xml(), encoding="utf-8")
    return features_from_extract([RECIPE.substations, RECIPE.ways], extract)


@pytest.fixture(scope="module")
def network(features):
    layers = open_layers()
    none = layers.vector("stations").iloc[:0]
    return network_of_features(
        features[RECIPE.substations.id], features[RECIPE.ways.id], RECIPE, layers, none
    )


def station(network, name):
    (found,) = network.stations[network.stations["name_ko"] == name].to_dict("records")
    return found


def line(network, *names):
    ids = {station(network, name)["station_id"] for name in names}
    ends = network.lines[["station_from", "station_to"]]
    return network.lines[ends.isin(ids).all(axis=1)]


def test_a_way_of_two_voltages_is_two_and_shares_its_conductors(features):
    ways, notes = ways_of_features(features[RECIPE.ways.id], RECIPE)
    two = ways[ways["way_id"].str.startswith("105-") | ways["way_id"].str.endswith("-2")]
    assert two[["kv", "circuits"]].to_numpy().tolist() == [[345, 2], [154, 2]]
    assert notes == ["2 ways are no transmission and left out: 22.9 kV (1), no voltage (1)"]
    assert ways["dc"].sum() == 3
    assert set(ways.loc[ways["dc"], "kv"]) == {180}


def test_each_part_of_a_way_in_pieces_counts(features):
    frame = features[RECIPE.ways.id]
    plain = frame[frame["voltage"] == "154000"].iloc[:2]
    joined = plain.iloc[:1].assign(geometry=[plain.geometry.union_all()])
    assert joined.geom_type.tolist() == ["MultiLineString"]
    ways, _ = ways_of_features(joined, RECIPE)
    number = joined["osm_id"].iloc[0].removeprefix("way/")
    assert sorted(ways["way_id"]) == [f"{number}-1", f"{number}p2-1"]
    assert ways.length.sum() == pytest.approx(plain.length.sum())


def test_what_a_way_of_alternating_current_at_a_voltage_of_links_is_nobody_knows(features):
    frame = features[RECIPE.ways.id].iloc[:1].assign(voltage="180000", frequency="60")
    ways, notes = ways_of_features(frame, RECIPE)
    assert ways.empty
    assert notes == ["1 ways are no transmission and left out: 180 kV (1)"]


def test_stations_have_a_row_for_each_level(features):
    ways, _ = ways_of_features(features[RECIPE.ways.id], RECIPE)
    rows, notes = substation_rows(features[RECIPE.substations.id], ways, RECIPE)
    assert sorted(rows.loc[rows["name_ko"] == "한빛변전소", "kv"]) == [154, 345]
    assert rows.loc[rows["name_ko"] == "끝말", "kv"].tolist() == [154]
    assert rows.loc[rows["tag_rule"] == "customer: railway (tag)", "tag_kind"].tolist() == ["plant"]
    reasons = "at most 23 kV (1), no voltage, and no line ends there (1)"
    assert notes == [f"2 substations are no transmission and left out: {reasons}"]


def test_kinds_follow_names_then_tags(network):
    kinds = network.stations.set_index("name_ko")[["kind", "kind_rule"]]
    assert kinds.loc["한빛"].tolist() == ["substation", "named substation"]
    assert kinds.loc["한빛변환소", "kind"] == "switching"
    by_rule = network.stations.set_index("kind_rule")["kind"]
    assert by_rule["substation of KEPCO (tags)"] == "substation"
    assert by_rule["customer: railway (tag)"] == "plant"


def test_circuits_levels_and_cables(network):
    hanbit = station(network, "한빛")
    assert (hanbit["voltage_max_kv"], hanbit["circuits_345"], hanbit["circuits_154"]) == (345, 2, 4)
    assert hanbit["level_154"]
    assert hanbit["level_345"]
    (joined,) = line(network, "한빛", "새내").itertuples()
    assert (joined.circuits, joined.underground, joined.dc) == (2, False, False)
    assert joined.length_km == pytest.approx(20, rel=0.01)
    assert station(network, "끝말")["circuits_154"] == 1
    assert network.lines["underground"].sum() == 3  # two cables and the link


def test_ways_of_a_link_are_one_line_between_converter_stations(network):
    (link,) = line(network, "한빛변환소", "서해변환소").itertuples()
    assert (link.voltage_kv, link.dc, link.underground) == (180, True, True)
    assert "1 direct-current lines end at no station and are left out" in network.notes


def test_ids_follow_from_the_stored_place(network):
    real = network.stations[network.stations["kind"].isin(["substation", "switching"])]
    assert real["station_id"].tolist() == station_id(real["lon"], real["lat"]).tolist()
    assert network.stations["station_id"].is_unique
    assert set(network.lines["station_from"]) <= set(network.stations["station_id"])


def test_every_station_has_a_place_and_names_in_both_languages(network):
    stations = network.stations
    assert stations["district_code"].str.fullmatch("[0-9]{5}").all()
    assert (stations["name_ko"].str.len() > 1).all()
    unnamed = stations[stations["name_confidence"] == "place"]
    assert len(unnamed)
    assert unnamed["name_en"].str.contains(r"-(?:eup|myeon|dong|ga)", regex=True).all()


def test_an_extract_without_a_grid_is_refused(features):
    layers = open_layers()
    known = layers.vector("stations")
    stations, ways = features[RECIPE.substations.id], features[RECIPE.ways.id]
    with pytest.raises(FetchError, match="no line of 154, 345 or 765 kV was found"):
        network_of_features(stations, ways.iloc[:0], RECIPE, layers, known)
    with pytest.raises(FetchError, match="no substation of 154"):
        network_of_features(stations.iloc[:0], ways, RECIPE, layers, known)
    abroad = [frame.assign(geometry=frame.translate(3e6, 0)) for frame in (stations, ways)]
    with pytest.raises(FetchError, match="nothing of the extract lies in South Korea"):
        network_of_features(*abroad, RECIPE, layers, known)


def test_the_order_of_features_does_not_matter(features, network):
    layers = open_layers()
    again = network_of_features(
        *(features[name].iloc[::-1] for name in (RECIPE.substations.id, RECIPE.ways.id)),
        RECIPE, layers, layers.vector("stations").iloc[:0],
    )  # fmt: skip
    assert isinstance(again.stations, gpd.GeoDataFrame)
    columns = ["station_id", "name_ko", "kind", "circuits_154", "component"]
    assert again.stations[columns].equals(network.stations[columns])
    assert again.lines["line_id"].tolist() == network.lines["line_id"].tolist()
