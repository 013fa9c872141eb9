"""Travel times by road: closed forms on a grid of roads, and OSMnx's own answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import osmnx
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, box

from siteopt.criteria import describe_sites
from siteopt.criteria.travel_times import (
    ROAD_LAYERS,
    nearest_gates,
    node_minutes,
    road_graph,
    site_minutes,
)
from siteopt.errors import LayerError
from tests.criteria.conftest import X0, Y0, at, frame, make_sites
from tests.examples import examples

if TYPE_CHECKING:
    import geopandas as gpd

MINUTE_S = 60.0


def nodes_of(places: dict[str, tuple[float, float]]) -> gpd.GeoDataFrame:
    return frame([{"node_id": name, "geometry": at(*place)} for name, place in places.items()])


def edges_of(
    places: dict[str, tuple[float, float]], edges: list[dict[str, Any]]
) -> gpd.GeoDataFrame:
    rows = []
    for number, edge in enumerate(edges):
        start, end = edge["ends"]
        given = {"highway": "primary", "one_way": False, "gate": True, **edge}
        line = LineString([at(*places[start]), at(*places[end])])
        given |= {
            "edge_id": f"{start}-{end}-{number}", "from_node": start, "to_node": end,
            "length_m": line.length, "travel_s": edge["minutes"] * MINUTE_S, "geometry": line,
        }  # fmt: skip
        rows.append(
            {name: value for name, value in given.items() if name not in {"ends", "minutes"}}
        )
    return frame(rows)


# a lattice of 5 x 4 nodes 2 km apart: a minute along x, two along y
GRID = {f"{x}{y}": (2.0 * x - 4.0, 2.0 * y - 4.0) for x in range(5) for y in range(4)}
STREETS = [
    *({"ends": (f"{x}{y}", f"{x + 1}{y}"), "minutes": 1.0} for x in range(4) for y in range(4)),
    *({"ends": (f"{x}{y}", f"{x}{y + 1}"), "minutes": 2.0} for x in range(5) for y in range(3)),
]


def rows(graph: Any, *names: str) -> Any:
    return graph.rows_of(np.array(names, dtype=np.str_))


def test_times_over_a_lattice_are_those_of_the_taxi() -> None:
    graph = road_graph(nodes_of(GRID), edges_of(GRID, STREETS))
    found = node_minutes(graph, rows(graph, "00"))
    expected = [int(name[0]) + 2 * int(name[1]) for name in graph.node_id]
    assert found.tolist() == pytest.approx(expected)
    both = node_minutes(graph, rows(graph, "00", "43"))
    mirrored = [(4 - int(name[0])) + 2 * (3 - int(name[1])) for name in graph.node_id]
    assert both.tolist() == pytest.approx(np.minimum(expected, mirrored))


def test_one_way_roads_are_driven_one_way() -> None:
    ring = {"a": (0.0, 0.0), "b": (2.0, 0.0), "c": (2.0, 2.0)}
    turns = [
        {"ends": pair, "minutes": 3.0, "one_way": True}
        for pair in (("a", "b"), ("b", "c"), ("c", "a"))
    ]
    graph = road_graph(nodes_of(ring), edges_of(ring, turns))
    # to a: b has to go round by c
    assert node_minutes(graph, rows(graph, "a")).tolist() == pytest.approx([0, 6, 3])
    # a site in the middle of a-b cannot turn back
    gates = nearest_gates(graph, np.array([[X0 + 1000.0, Y0]]))
    found = site_minutes(graph, gates, node_minutes(graph, rows(graph, "a")), np.zeros(1))
    assert found.tolist() == pytest.approx([1.5 + 6])


def test_what_no_road_leads_from_is_not_known() -> None:
    apart = {**GRID, "i": (30.0, 0.0), "j": (31.0, 0.0)}
    graph = road_graph(
        nodes_of(apart), edges_of(apart, [*STREETS, {"ends": ("i", "j"), "minutes": 1.0}])
    )
    minutes = node_minutes(graph, rows(graph, "00"))
    assert np.isinf(minutes[rows(graph, "i", "j")]).all()
    gates = nearest_gates(graph, np.array([[X0 + 30_500.0, Y0 + 400.0], [X0, Y0]]))
    assert gates.distance_m.tolist() == pytest.approx([400.0, 0.0])
    found = site_minutes(graph, gates, minutes, np.array([0.5, np.nan]))
    assert np.isnan(found).all()  # on an island; with no gate near enough
    assert np.isinf(node_minutes(graph, rows(graph, "nowhere"))).all()


def test_of_parallel_roads_the_quickest_counts_and_no_gate_is_on_an_expressway() -> None:
    two = {"a": (0.0, 0.0), "b": (4.0, 0.0)}
    roads = [
        {"ends": ("a", "b"), "minutes": 5.0},
        {"ends": ("a", "b"), "minutes": 2.0, "gate": False, "highway": "motorway"},
    ]
    graph = road_graph(nodes_of(two), edges_of(two, roads))
    assert node_minutes(graph, rows(graph, "b")).tolist() == pytest.approx([2, 0])
    gates = nearest_gates(graph, np.array([[X0 + 1000.0, Y0 + 300.0]]))
    assert graph.highway[gates.edge].tolist() == ["primary"]
    assert gates.along.tolist() == pytest.approx([0.25])
    # ahead: 3.75 minutes to b; back: 1.25 to a and 2 by the expressway
    found = site_minutes(graph, gates, node_minutes(graph, rows(graph, "b")), np.zeros(1))
    assert found.tolist() == pytest.approx([3.25])
    bare = road_graph(nodes_of(two), edges_of(two, roads[1:]))
    assert nearest_gates(bare, np.array([[X0, Y0]])).edge.tolist() == [-1]


def test_an_edge_without_its_node_is_an_error() -> None:
    edges = edges_of(GRID, STREETS)
    few = nodes_of(GRID).iloc[:-1]
    with pytest.raises(LayerError, match=r"to_node of .* is no node of road_nodes"):
        road_graph(few, edges)


@examples(25)
@given(seed=st.integers(0, 10_000))
def test_times_are_those_of_osmnx_pair_by_pair(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = 12
    places = {f"{n:02d}": tuple(rng.uniform(-9, 9, 2)) for n in range(count)}
    pairs = rng.integers(0, count, (24, 2))
    roads = [
        {"ends": (f"{a:02d}", f"{b:02d}"), "minutes": float(m), "one_way": bool(one_way)}
        for (a, b), m, one_way in zip(
            pairs, rng.integers(1, 30, 24), rng.random(24) < 0.5, strict=True
        )
        if a != b
    ]
    graph = road_graph(nodes_of(places), edges_of(places, roads))
    targets = rng.choice(count, 3, replace=False)
    found = node_minutes(graph, targets)
    theirs = nx.MultiDiGraph(crs="EPSG:5179")
    for row, (x, y) in enumerate(graph.node_xy):
        theirs.add_node(row, x=x, y=y)
    for start, end, minutes, one_way in zip(
        graph.start, graph.end, graph.minutes, graph.one_way, strict=True
    ):
        theirs.add_edge(int(start), int(end), travel_time=minutes)
        if not one_way:
            theirs.add_edge(int(end), int(start), travel_time=minutes)
    for row in range(count):
        lengths = []
        for target in targets.tolist():
            route = osmnx.routing.shortest_path(theirs, row, target, weight="travel_time")
            if route is not None:
                lengths.append(
                    nx.path_weight(theirs, route, "travel_time") if len(route) > 1 else 0
                )
        assert found[row] == pytest.approx(min(lengths, default=np.inf))


def with_roads(layers: Any, edges: list[dict[str, Any]], *, entries: tuple[str, ...]) -> Any:
    layers.vectors["road_nodes"] = nodes_of(GRID)
    layers.vectors["road_edges"] = edges_of(GRID, edges)
    layers.vectors["interchanges"] = frame(
        [
            *({"interchange_id": name, "kind": "entry", "node_id": name, "name_ko": None,
               "geometry": at(*GRID[name])} for name in entries),
            {"interchange_id": "node/1", "kind": "junction", "node_id": None, "name_ko": "한빛",
             "geometry": at(0, 0)},
        ]
    )  # fmt: skip
    return layers


def test_sites_have_times_where_the_layers_are_there(layers: Any, scenario: Any) -> None:
    sites = make_sites([(-3.5, -3.7), (0.0, 0.0), (17.0, 17.0)])
    without = describe_sites(sites, layers, scenario)
    assert without[["interchange_minutes", "town_minutes", "gate_km"]].isna().all(axis=None)
    assert without["gate_road_class"].eq("").all()
    electors = layers.rasters["electors"]
    x, y = electors.lattice.centres_m(*np.indices(electors.lattice.shape))
    town = at(*GRID["42"])
    electors.values = np.where(np.hypot(x - town.x, y - town.y) < 500, 5000.0, 10.0)
    found = describe_sites(sites, with_roads(layers, STREETS, entries=("33",)), scenario)
    # 300 m by air are 390 m by road, at 39 km/h 0.6 minutes; then a quarter of the way to 10
    assert found["gate_km"].tolist()[:2] == pytest.approx([0.3, 0.0])
    assert found["gate_road_class"].tolist() == ["primary"] * 3
    assert found["interchange_minutes"].iloc[0] == pytest.approx(0.6 + 0.75 + 2 + 6)
    assert found["town_minutes"].iloc[0] == pytest.approx(0.6 + 0.75 + 3 + 4)
    assert found["interchange_minutes"].iloc[1] == pytest.approx(1 + 2)
    # a road 15 km off is no gate for a time, but its distance is known
    assert found["gate_km"].iloc[2] == pytest.approx(np.hypot(13, 15), abs=1e-6)
    assert found[["interchange_minutes", "town_minutes"]].iloc[2].isna().all()
    columns = ["interchange_minutes", "town_minutes", "gate_km", "gate_road_class"]
    pd.testing.assert_frame_equal(found.drop(columns=columns), describe_sites(
        sites, _without_roads(layers), scenario).drop(columns=columns))  # fmt: skip


def _without_roads(layers: Any) -> Any:
    for name in ROAD_LAYERS:
        del layers.vectors[name]
    return layers


def test_a_piece_of_road_that_nothing_joins_is_a_gate_and_gives_no_time(
    layers: Any, scenario: Any
) -> None:
    layers = with_roads(layers, STREETS, entries=("33",))
    pieces = {"p": (0.4, 1.0), "q": (1.2, 1.0)}
    layers.vectors["road_nodes"] = nodes_of({**GRID, **pieces})
    piece = {"ends": ("p", "q"), "minutes": 1.0, "highway": "tertiary"}
    layers.vectors["road_edges"] = edges_of({**GRID, **pieces}, [*STREETS, piece])
    found = describe_sites(make_sites([(0.8, 0.9)]), layers, scenario).iloc[0]
    assert (found["gate_road_class"], found["gate_km"]) == ("tertiary", pytest.approx(0.1))
    # 800 m by air to the street along y, 1.1 of its 2 km up, then one along
    assert found["interchange_minutes"] == pytest.approx(0.8 * 1.3 / 39 * 60 + 1.1 + 1)


def test_no_time_begins_on_another_island(layers: Any, scenario: Any) -> None:
    layers = with_roads(layers, STREETS, entries=("33",))
    near_shore = make_sites([(-5.0, 0.0)])
    assert describe_sites(near_shore, layers, scenario)["interchange_minutes"].notna().all()
    strait = box(*at(-4.6, -60).coords[0], *at(-4.3, 60).coords[0])
    provinces = layers.vectors["provinces"]
    layers.vectors["provinces"] = provinces.assign(geometry=provinces.geometry.difference(strait))
    found = describe_sites(near_shore, layers, scenario)
    assert found["interchange_minutes"].isna().all()
    assert found["gate_km"].tolist() == pytest.approx([1.0])


def test_a_site_in_a_town_needs_no_road_to_it(layers: Any, scenario: Any) -> None:
    found = describe_sites(
        make_sites([(8.0, 0.0)]), with_roads(layers, STREETS, entries=()), scenario
    )
    assert found["town_minutes"].tolist() == [0]
    assert found["interchange_minutes"].isna().all()


def test_a_folder_with_a_part_of_the_graph_is_one_without(layers: Any, scenario: Any) -> None:
    del with_roads(layers, STREETS, entries=("33",)).vectors["interchanges"]
    found = describe_sites(make_sites([(0.0, 0.0)]), layers, scenario)
    assert found["gate_km"].isna().all()
