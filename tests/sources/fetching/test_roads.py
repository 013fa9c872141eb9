"""Road graph of OpenStreetMap: what is a road, times, one-way, tiles, extract and server alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import osmnx
import pyproj
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from pydantic import ValidationError

from siteopt.criteria.travel_times import node_minutes, road_graph
from siteopt.errors import LayerError
from siteopt.layers import open_layers
from siteopt.report.texts import texts
from siteopt.sources.fetching.bounds import Bounds
from siteopt.sources.fetching.fetch import fetch_openstreetmap
from siteopt.sources.fetching.openstreetmap import (
    features_from_extract,
    features_from_overpass,
    tiles_of,
)
from siteopt.sources.fetching.overpass_relay import OverpassRelay
from siteopt.sources.fetching.recipes import RECIPES, read_osm_recipe
from siteopt.sources.fetching.road_recipes import RoadRecipe
from siteopt.sources.fetching.roads import JUNCTIONS, WAYS, road_layers, road_sources
from tests.sources.fetching.server import serving
from tests.sources.fetching.test_openstreetmap import World, X, Y, overpass

if TYPE_CHECKING:
    import geopandas as gpd

QUICK = Bounds(connect_s=2.0, silence_s=2.0, total_s=20.0, bytes_max=1_000_000, attempts=1)
SPHERE = pyproj.Geod(a=6_371_009, b=6_371_009)


class RoadWorld(World):
    """A small place whose ways share nodes, at places of 1e-7 degrees as in OpenStreetMap."""

    def node(self, dx: float, dy: float, **tags: str) -> int:
        number = super().node(dx, dy, **tags)
        lon, lat, _ = self.nodes[number]
        self.nodes[number] = (round(lon, 7), round(lat, 7), tags)
        return number

    def join(self, ids: list[int], **tags: str) -> None:
        self.ways[100 + len(self.ways)] = (ids, tags)


def made_roads() -> RoadWorld:
    """Return a lattice of 4 x 3 junctions 5 km apart, an expressway beside it, and no roads."""
    made = RoadWorld()
    at = [[made.node(5_000 * x, 5_000 * y) for y in range(3)] for x in range(4)]
    for column in at:
        made.join(column, highway="primary", maxspeed="60")
    for y in range(3):
        bent = made.node(2_500, 5_000 * y + 100)
        made.join([at[0][y], bent, at[1][y], at[2][y], at[3][y]], highway="tertiary")
    ramp, merge = made.node(16_000, 6_000), made.node(17_000, 7_000)
    made.join([at[3][1], ramp], highway="motorway_link", oneway="yes")
    made.join([merge, ramp], highway="motorway_link", oneway="-1")
    ahead = [merge, made.node(17_000, 12_000), made.node(17_000, 18_000)]
    made.join(ahead, highway="motorway", maxspeed="110", name="한빛고속도로")
    tunnel = [at[0][2], made.node(0, 11_000), made.node(0, 12_000)]
    made.join(tunnel[:2], highway="secondary")
    made.join(tunnel[1:], highway="secondary", tunnel="yes")
    ring = [made.node(-1_000, 0), made.node(-1_500, 500), made.node(-2_000, 0)]
    made.join([at[0][0], ring[0]], highway="primary")
    made.join([*ring, ring[0]], highway="primary", junction="roundabout")
    made.node(17_000, 12_001, highway="motorway_junction", name="한빛 나들목")
    made.join([made.node(100, 100), made.node(200, 100)], highway="footway")
    made.join([at[0][0], made.node(0, -300)], highway="primary", access="private")
    made.join([at[0][0], made.node(300, 300)], power="line")
    made.join([at[0][0], made.node(0, -400), made.node(300, -400)], waterway="river")
    return made


@pytest.fixture(scope="module")
def world() -> RoadWorld:
    return made_roads()


@pytest.fixture(scope="module")
def extract(world: RoadWorld, tmp_path_factory: Any) -> Any:
    path = tmp_path_factory.mktemp("roads") / "place.osm"
    path.write_text(world.xml(), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def features(extract: Any) -> dict[str, gpd.GeoDataFrame]:
    return features_from_extract(road_sources(recipe()), extract)


def recipe() -> RoadRecipe:
    found = read_osm_recipe().roads
    assert found is not None
    return found


@pytest.fixture(scope="module")
def layers(features: dict[str, gpd.GeoDataFrame]) -> dict[str, gpd.GeoDataFrame]:
    return road_layers(features[WAYS], features[JUNCTIONS], recipe())


def test_only_roads_that_cars_may_use_are_edges(layers: dict[str, gpd.GeoDataFrame]) -> None:
    edges = layers["road_edges"]
    assert set(edges["highway"]) == {
        "primary",
        "secondary",
        "tertiary",
        "motorway",
        "motorway_link",
    }
    # south of the lattice lie only a private road and a river
    assert layers["road_nodes"].geometry.y.min() > 1_800_000 - 50
    ends = {*edges["from_node"], *edges["to_node"]}
    assert ends == set(layers["road_nodes"]["node_id"])
    assert edges["edge_id"].is_unique
    assert edges.crs.to_epsg() == 5179
    # a corner is no junction: four streets along x of two bends each, and so on
    assert len(edges[edges["highway"] == "tertiary"]) == 3 * 3


def test_times_are_length_over_speed_limit_or_the_speed_of_the_class(
    layers: dict[str, gpd.GeoDataFrame],
) -> None:
    edges = layers["road_edges"]
    lines = edges.geometry.to_crs(4326)
    on_sphere = [SPHERE.geometry_length(line) for line in lines]
    assert edges["length_m"].tolist() == pytest.approx(on_sphere, abs=0.06)
    mapped = {"primary": 60, "motorway": 110}
    speeds = {one.highway: one.speed_kph for one in recipe().classes} | mapped
    expected = edges["length_m"] / 1000 / edges["highway"].map(speeds) * 3600
    assert edges["travel_s"].tolist() == pytest.approx(expected.tolist(), abs=0.02)


def test_expressways_are_one_way_and_tunnels_have_no_gate(
    layers: dict[str, gpd.GeoDataFrame],
) -> None:
    edges = layers["road_edges"]
    one_way = edges.groupby("highway")["one_way"].all()
    assert one_way[["motorway", "motorway_link"]].all()
    assert not edges.loc[edges["highway"].isin(["secondary", "tertiary"]), "one_way"].any()
    # the roundabout is one-way by itself
    assert edges.loc[edges["highway"] == "primary", "one_way"].sum() == 1
    assert not edges.loc[edges["highway"].str.startswith("motorway"), "gate"].any()
    assert edges.loc[edges["highway"] == "secondary", "gate"].sum() == 1
    assert (edges["highway"] == "secondary").sum() == 2
    # the ramp that is mapped against its direction is driven towards the expressway
    ramp = edges[edges["highway"] == "motorway_link"]
    assert len(ramp) == 1
    start = shapely.get_point(ramp.geometry.iloc[0], 0)
    assert (start.x, start.y) == pytest.approx((1_015_000, 1_805_000), abs=1)


def test_an_entry_is_where_a_road_meets_a_ramp_onto_an_expressway(
    layers: dict[str, gpd.GeoDataFrame],
) -> None:
    found = layers["interchanges"].set_index("kind")
    assert len(found) == 2
    entry = found.loc["entry"]
    assert (entry.geometry.x, entry.geometry.y) == pytest.approx((1_015_000, 1_805_000), abs=1)
    assert entry["node_id"] in set(layers["road_nodes"]["node_id"])
    assert found.loc["junction", "name_ko"] == "한빛 나들목"


def test_tiles_change_no_time_and_make_no_duplicate(
    features: dict[str, gpd.GeoDataFrame], layers: dict[str, gpd.GeoDataFrame]
) -> None:
    small = road_layers(features[WAYS], features[JUNCTIONS], recipe(), tile_m=4_000.0)
    assert len(small["road_nodes"]) >= len(layers["road_nodes"])
    total = [one["road_edges"]["length_m"].sum() for one in (small, layers)]
    assert total[0] == pytest.approx(total[1], abs=1)
    assert (
        small["interchanges"]
        .drop(columns="geometry")
        .equals(layers["interchanges"].drop(columns="geometry"))
    )
    times = []
    for one in (small, layers):
        graph = road_graph(one["road_nodes"], one["road_edges"])
        entry = one["interchanges"]["node_id"].dropna().to_numpy(dtype=np.str_)
        minutes = node_minutes(graph, graph.rows_of(entry))
        times.append(dict(zip(graph.node_id, minutes, strict=True)))
    assert [times[0][node] for node in times[1]] == pytest.approx(list(times[1].values()), abs=0.01)


def test_times_are_those_of_a_graph_that_osmnx_reads_whole(
    layers: dict[str, gpd.GeoDataFrame], world: RoadWorld, tmp_path: Any
) -> None:
    only_roads = RoadWorld()
    only_roads.nodes = world.nodes
    classes = {one.highway for one in recipe().classes}
    only_roads.ways = {
        number: (ids, tags | ({"oneway": "yes"} if tags["highway"] == "motorway" else {}))
        for number, (ids, tags) in world.ways.items()
        if tags.get("highway") in classes and "access" not in tags
    }
    (tmp_path / "whole.osm").write_text(only_roads.xml(), encoding="utf-8")
    whole = osmnx.graph_from_xml(tmp_path / "whole.osm", simplify=False, retain_all=True)
    speeds = {one.highway: one.speed_kph for one in recipe().classes}
    whole = osmnx.routing.add_edge_travel_times(
        osmnx.routing.add_edge_speeds(whole, hwy_speeds=speeds)
    )
    entry = layers["interchanges"].iloc[0]["node_id"]
    graph = road_graph(layers["road_nodes"], layers["road_edges"])
    ours = node_minutes(graph, graph.rows_of(np.array([entry], dtype=np.str_)))
    number = {
        f"{(round(data['x'] * 1e7) << 32) + round(data['y'] * 1e7):016x}": node
        for node, data in whole.nodes(data=True)
    }
    theirs = nx.single_source_dijkstra_path_length(
        whole.reverse(), number[entry], weight="travel_time"
    )
    expected = [theirs.get(number[node], np.inf) / 60 for node in graph.node_id]
    assert np.isinf(expected).any()  # of the expressway nothing leads back
    assert ours.tolist() == pytest.approx(expected, abs=0.005)


def test_an_extract_and_a_server_give_the_same_layers(
    world: RoadWorld, layers: dict[str, gpd.GeoDataFrame], tmp_path: Any
) -> None:
    area = shapely.box(X - 5_000, Y - 5_000, X + 20_000, Y + 20_000)
    with serving(overpass(world)) as server:
        relay = OverpassRelay(server.url, tmp_path / "answers", QUICK)
        ways, junctions = (
            features_from_overpass(source, tiles_of(area, 20_000), relay)
            for source in road_sources(recipe())
        )
    assert len(server.asked) > 2
    there = road_layers(ways, junctions, recipe())
    for name, here in layers.items():
        assert len(here)
        assert_geodataframe_equal(here, there[name])


def test_a_fetched_graph_is_the_layers_of_a_folder_and_the_same_bytes_again(
    extract: Any, layers: dict[str, gpd.GeoDataFrame], tmp_path: Any
) -> None:
    said: list[str] = []
    one, two = tmp_path / "one", tmp_path / "two"
    entries = fetch_openstreetmap(one, ["roads"], extract=extract, offline=True, tell=said.append)
    assert [entry.id for entry in entries] == ["road_nodes", "road_edges", "interchanges"]
    assert said[-1] == "interchanges: 2 features"
    assert entries[0].notice == "© OpenStreetMap contributors, ODbL 1.0"
    fetch_openstreetmap(two, ["osm_rivers", "roads"], extract=extract)
    for name, frame in layers.items():
        here, there = (open_layers(folder=folder) for folder in (one, two))
        assert here.path(name).read_bytes() == there.path(name).read_bytes()
        assert len(here.vector(name)) == len(frame)
    assert "osm_rivers" in there.ids


def test_an_extract_without_roads_leaves_the_graph_that_was_there(
    extract: Any, tmp_path: Any
) -> None:
    out = tmp_path / "out"
    fetch_openstreetmap(out, ["roads"], extract=extract)
    before = (out / "reference/road_edges.gpkg").read_bytes()
    made = World()
    made.way([(0, 0), (100, 100)], highway="footway")
    (tmp_path / "place.osm").write_text(made.xml(), encoding="utf-8")
    said: list[str] = []
    assert not fetch_openstreetmap(out, ["roads"], extract=tmp_path / "place.osm", tell=said.append)
    assert said[-1] == "interchanges: nothing of the kind; the folder stays without it"
    assert (out / "reference/road_edges.gpkg").read_bytes() == before


def test_settings_of_osmnx_are_as_before(features: dict[str, gpd.GeoDataFrame]) -> None:
    names = osmnx.settings.__annotations__
    before = {name: getattr(osmnx.settings, name) for name in names}
    road_layers(features[WAYS], features[JUNCTIONS], recipe())
    assert {name: getattr(osmnx.settings, name) for name in names} == before


def test_a_recipe_without_roads_has_none(tmp_path: Any) -> None:
    text = (RECIPES / "openstreetmap.toml").read_text(encoding="utf-8")
    own = tmp_path / "mine.toml"
    own.write_text(text[: text.index("[roads]")], encoding="utf-8")
    assert read_osm_recipe(own).roads is None
    with pytest.raises(LayerError, match="roads: no layer of the recipe"):
        read_osm_recipe(own).chosen(["roads"])
    content = recipe().model_dump()
    with pytest.raises(ValidationError, match="road_nodes, road_edges and interchanges"):
        RoadRecipe.model_validate(content | {"layer": content["layer"][:2]})


def test_every_class_that_a_gate_can_be_on_has_words() -> None:
    classes = [one.highway for one in recipe().classes if not one.expressway]
    words = {name: texts()[f"value.gate_road_class.{name}"] for name in classes}
    assert all(both["ko"] and both["en"] for both in words.values())
    assert all(one.confidence.startswith("compiled-") and one.source for one in recipe().classes)
