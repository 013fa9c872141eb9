"""Road graph of OpenStreetMap by OSMnx: drivable roads, simplified, with travel times.

Ways are filtered before OSMnx sees them: its reader of extracts turns any way into an edge. Each
way belongs to the tile of its first vertex, and the graph is built and simplified tile by tile, so
that memory is bounded by a tile; nodes that ways of two tiles share are kept, so that the parts
join without duplicates. Nodes are known by their place, which an extract and a server tell alike.
"""

from __future__ import annotations

from contextlib import contextmanager
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import quoteattr

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siteopt._temporary import temporary_folder
from siteopt.lattice import CRS_EPSG, DEGREES_EPSG
from siteopt.sources.fetching.recipes import OsmLayer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import networkx as nx
    from numpy.typing import NDArray

    from siteopt.sources.fetching.road_recipes import RoadRecipe

__all__ = ["JUNCTIONS", "WAYS", "road_layers", "road_sources"]

WAYS: Final = "osm_roads"
JUNCTIONS: Final = "osm_junctions"
_TILE_M: Final = 40_000.0
_STEPS_DEGREE: Final = 10_000_000
"""OpenStreetMap stores places to 1e-7 degrees."""
_BITS: Final = 32
_BORDER: Final = "border"
_GATE: Final = "gate"
_WAY_TAGS: Final = ("highway", "oneway", "maxspeed", "junction", _GATE)
_ONE_WAY: Final = "one_way"


def road_sources(recipe: RoadRecipe) -> tuple[OsmLayer, OsmLayer]:
    """Return the features that a road graph is made of: ways and junctions of expressways.

    Parameters
    ----------
    recipe : RoadRecipe
        Classes, and keys that bar a road or its gates.
    """
    tags = dict.fromkeys(
        ["highway", "oneway", "maxspeed", "junction", *recipe.closed, *recipe.no_gate]
    )
    texts = {"title_ko": "", "title_en": "", "good_for": "", "not_good_for": ""}
    ways = OsmLayer(
        id=WAYS, geometry="line", columns=list(tags),
        tags={"highway": [one.highway for one in recipe.classes]}, **texts,
    )  # fmt: skip
    junctions = OsmLayer(
        id=JUNCTIONS, geometry="point", columns=["highway"],
        tags={"highway": ["motorway_junction"]}, **texts,
    )  # fmt: skip
    return ways, junctions


def road_layers(
    ways: gpd.GeoDataFrame, junctions: gpd.GeoDataFrame, recipe: RoadRecipe, tile_m: float = _TILE_M
) -> dict[str, gpd.GeoDataFrame]:
    """Return the road graph of some ways as layers.

    Parameters
    ----------
    ways, junctions : GeoDataFrame
        The features of :func:`road_sources`, EPSG:5179.
    recipe : RoadRecipe
        Classes with their speeds.
    tile_m : float, optional
        Side of the tiles in metres that the graph is built by.

    Returns
    -------
    dict of str to GeoDataFrame
        EPSG:5179. ``road_nodes``: node_id, points. ``road_edges``: edge_id, from_node, to_node,
        highway, one_way, gate (whether a site can have its gate on it), length_m, travel_s (at the
        speed limit), lines from ``from_node`` to ``to_node``. ``interchanges``: interchange_id,
        kind (``entry``, where a road meets an expressway or its ramp that leads away from it;
        ``junction``, a mapped one), node_id of an entry, name_ko.
    """
    drivable = _drivable(ways, recipe)
    if drivable.empty:
        nothing = gpd.GeoDataFrame(geometry=[], crs=CRS_EPSG)
        return {"road_nodes": nothing, "road_edges": nothing, "interchanges": nothing}
    places = _Places(drivable, tile_m)
    parts = [_edges(_tile_graph(drivable, places, tile, recipe)) for tile in np.unique(places.tile)]
    edges = _identified(_paired(pd.concat(parts, ignore_index=True)))
    return {
        "road_nodes": _nodes(edges),
        "road_edges": _in_metres(edges),
        "interchanges": _interchanges(edges, junctions, recipe),
    }


def _drivable(ways: gpd.GeoDataFrame, recipe: RoadRecipe) -> gpd.GeoDataFrame:
    """Return the ways that cars may use, with the tags that OSMnx is given."""
    barred = _with_tag(ways, recipe.closed)
    out = ways[~barred & ways["highway"].isin([one.highway for one in recipe.classes])].copy()
    expressway = [one.highway for one in recipe.classes if one.expressway]
    no_gate = _with_tag(out, recipe.no_gate) | out["highway"].isin(expressway)
    out[_GATE] = np.where(no_gate, "no", "yes")
    implied = out["highway"].isin([one.highway for one in recipe.classes if one.one_way])
    out.loc[implied & out["oneway"].isna(), "oneway"] = "yes"
    return out.sort_values("osm_id", ignore_index=True)


def _with_tag(ways: gpd.GeoDataFrame, tags: dict[str, list[str]]) -> pd.Series[bool]:
    found = pd.Series(data=False, index=ways.index)
    for key, values in tags.items():
        found |= ways[key].isin(values)
    return found


class _Places:
    """Vertices of ways, known by their place, and the tile of each way.

    Attributes
    ----------
    way : ndarray of int, shape (n,)
        Row of the way of each vertex.
    node : ndarray of int64, shape (n,)
        Number of each vertex: its longitude and latitude in steps of 1e-7 degrees.
    tile : ndarray of int64, shape (ways,)
        Number of the tile of each way.
    shared : ndarray of int64
        Numbers of the vertices that ways of several tiles share, in order.
    """

    def __init__(self, ways: gpd.GeoDataFrame, tile_m: float) -> None:
        degrees = ways.geometry.to_crs(DEGREES_EPSG).to_numpy()
        lonlat, self.way = shapely.get_coordinates(degrees, return_index=True)
        steps = np.rint(lonlat * _STEPS_DEGREE).astype(np.int64)
        self.node = (steps[:, 0] << _BITS) + steps[:, 1]
        first = shapely.get_coordinates(shapely.get_point(ways.geometry.to_numpy(), 0))
        cell = np.floor(first / tile_m).astype(np.int64)
        self.tile = (cell[:, 1] << _BITS) + cell[:, 0]
        pairs = np.unique(np.column_stack([self.node, self.tile[self.way]]), axis=0)
        node, count = np.unique(pairs[:, 0], return_counts=True)
        self.shared = node[count > 1]


def _degrees_of(nodes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return longitude and latitude of nodes, shape (n, 2)."""
    steps = np.column_stack([nodes >> _BITS, nodes & ((1 << _BITS) - 1)])
    return steps / _STEPS_DEGREE


def _tile_graph(
    ways: gpd.GeoDataFrame, places: _Places, tile: np.int64, recipe: RoadRecipe
) -> nx.MultiDiGraph:
    """Return the simplified graph of the ways of a tile, with travel times."""
    import osmnx  # noqa: PLC0415 - loads networkx and much else

    with _osmnx_settings(), temporary_folder() as folder:
        path = folder / "roads.osm"
        _write_xml(path, ways, places, tile)
        graph = osmnx.graph_from_xml(path, simplify=False, retain_all=True)
        nodes = np.fromiter(graph.nodes, dtype=np.int64)
        for node in np.intersect1d(places.shared, nodes).tolist():
            graph.nodes[node][_BORDER] = True
        # a road ends where its class or its limit does, so that every time is exact
        graph = osmnx.simplify_graph(
            graph, node_attrs_include=[_BORDER], edge_attrs_differ=["highway", "maxspeed", _GATE]
        )
        speeds = {one.highway: one.speed_kph for one in recipe.classes}
        graph = osmnx.routing.add_edge_speeds(graph, hwy_speeds=speeds)
        return osmnx.routing.add_edge_travel_times(graph)


def _write_xml(path: Path, ways: gpd.GeoDataFrame, places: _Places, tile: np.int64) -> None:
    """Write the ways of a tile as OSM XML, nothing but what OSMnx is to read."""
    own = np.flatnonzero(places.tile[places.way] == tile)
    nodes = np.unique(places.node[own])
    starts = np.flatnonzero(np.diff(places.way[own], prepend=-1))
    tags = ways[list(_WAY_TAGS)].to_dict("records")
    with path.open("w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">\n')
        for node, (lon, lat) in zip(nodes.tolist(), _degrees_of(nodes).tolist(), strict=True):
            file.write(f'<node id="{node}" lon="{lon!r}" lat="{lat!r}"/>\n')
        for refs in np.split(own, starts[1:]):
            row = int(places.way[refs[0]])
            file.write(f'<way id="{row}">')
            file.writelines(f'<nd ref="{node}"/>' for node in places.node[refs].tolist())
            for key, value in tags[row].items():
                if isinstance(value, str):
                    file.write(f'<tag k="{key}" v={quoteattr(value)}/>')
            file.write("</way>\n")
        file.write("</osm>\n")


@contextmanager
def _osmnx_settings() -> Iterator[None]:
    """Let OSMnx keep the tags of roads; its settings are as before afterwards."""
    import osmnx  # noqa: PLC0415 - loads networkx and much else

    settings = osmnx.settings
    before = {name: deepcopy(getattr(settings, name)) for name in settings.__annotations__}
    try:
        settings.useful_tags_way = list(_WAY_TAGS)
        settings.useful_tags_node = []
        settings.all_oneway = False
        yield
    finally:
        for name, value in before.items():
            setattr(settings, name, value)


_EDGE_COLUMNS: Final = ("from", "to", "highway", _GATE, "length_m", "travel_s", "geometry")


def _edges(graph: nx.MultiDiGraph) -> pd.DataFrame:
    """Return the directed edges of a graph, geometry in degrees."""
    x, y = graph.nodes(data="x"), graph.nodes(data="y")
    rows = []
    for start, end, data in graph.edges(data=True):
        line = data.get("geometry")
        if line is None:
            line = shapely.LineString([(x[start], y[start]), (x[end], y[end])])
        rows.append(
            (start, end, data["highway"], data[_GATE] == "yes", data["length"],
             data["travel_time"], line)
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(_EDGE_COLUMNS))


def _paired(edges: pd.DataFrame) -> pd.DataFrame:
    """Return one row a road: the two directions of a two-way road are the same line, reversed."""
    lines = edges["geometry"].to_numpy()
    forward = [line.wkb for line in lines]
    backward = [line.wkb for line in shapely.reverse(lines)]
    # of two directions the one with the smaller start stands first, of a loop the smaller line
    turned = np.array(
        [
            (end, back) < (start, ahead)
            for start, end, ahead, back in zip(
                edges["from"], edges["to"], forward, backward, strict=True
            )
        ],
        dtype=bool,
    )
    keys = pd.Series(np.where(turned, backward, forward), index=edges.index, dtype=object)
    out = edges.assign(key=keys, turned=turned)
    out = out.sort_values(["key", "turned", "travel_s"], kind="stable", ignore_index=True)
    directions = out.groupby("key", sort=False)["turned"].transform("nunique")
    out[_ONE_WAY] = directions.eq(1)
    # of a two-way road the direction that is not turned is kept, of a one-way road its own
    return out.drop_duplicates("key", ignore_index=True)


def _node_id(nodes: Iterable[int]) -> list[str]:
    return [f"{node:016x}" for node in nodes]


def _identified(edges: pd.DataFrame) -> pd.DataFrame:
    """Return edges with ids of their own, in order of them."""
    out = edges.assign(from_node=_node_id(edges["from"]), to_node=_node_id(edges["to"]))
    out = out.sort_values(["from_node", "to_node", "key"], ignore_index=True)
    place = out.groupby(["from_node", "to_node"]).cumcount().astype(str)
    out["edge_id"] = out["from_node"] + "-" + out["to_node"] + "-" + place
    return out


def _in_metres(edges: pd.DataFrame) -> gpd.GeoDataFrame:
    columns = [
        "edge_id",
        "from_node",
        "to_node",
        "highway",
        _ONE_WAY,
        _GATE,
        "length_m",
        "travel_s",
    ]
    rounded = edges[columns].assign(
        length_m=edges["length_m"].astype(float).round(1),
        travel_s=edges["travel_s"].astype(float).round(2),
    )
    lines = gpd.GeoSeries(edges["geometry"].to_numpy(), crs=DEGREES_EPSG).to_crs(CRS_EPSG)
    return gpd.GeoDataFrame(rounded, geometry=lines.to_numpy(), crs=CRS_EPSG)


def _points(nodes: NDArray[np.int64]) -> Any:  # noqa: ANN401 - an array of geometries
    lonlat = shapely.points(_degrees_of(nodes))
    return gpd.GeoSeries(lonlat, crs=DEGREES_EPSG).to_crs(CRS_EPSG).to_numpy()


def _nodes(edges: pd.DataFrame) -> gpd.GeoDataFrame:
    nodes = np.unique(edges[["from", "to"]].to_numpy(dtype=np.int64))
    return gpd.GeoDataFrame({"node_id": _node_id(nodes)}, geometry=_points(nodes), crs=CRS_EPSG)


def _interchanges(
    edges: pd.DataFrame, junctions: gpd.GeoDataFrame, recipe: RoadRecipe
) -> gpd.GeoDataFrame:
    """Return the nodes by which a car gets from a road onto an expressway, and mapped junctions."""
    on = edges["highway"].isin([one.highway for one in recipe.classes if one.expressway])
    both = ~edges[_ONE_WAY].astype(bool)
    leaves = {*edges.loc[on, "from"], *edges.loc[on & both, "to"]}
    arrives = {*edges.loc[~on, "to"], *edges.loc[~on & both, "from"]}
    nodes = np.array(sorted(leaves & arrives), dtype=np.int64)
    entries = gpd.GeoDataFrame(
        {
            "interchange_id": _node_id(nodes), "kind": "entry", "node_id": _node_id(nodes),
            "name_ko": None,
        },
        geometry=_points(nodes), crs=CRS_EPSG,
    )  # fmt: skip
    mapped = gpd.GeoDataFrame(
        {
            "interchange_id": junctions["osm_id"], "kind": "junction", "node_id": None,
            "name_ko": junctions["name"],
        },
        geometry=junctions.geometry.to_numpy(), crs=CRS_EPSG,
    )  # fmt: skip
    parts = [part for part in (entries, mapped) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else entries
