"""Travel times by road from sites: a way to the nearest gate, then the shortest time to a target.

The road graph is that of the layers ``road_nodes`` and ``road_edges`` (`siteopt layers fetch
openstreetmap roads`). Times of all nodes to the nearest of many targets are one search by Dijkstra
from all targets at once over the reversed graph, so that one-way roads are heeded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from siteopt.errors import LayerError

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from siteopt.layers.protocols import LayersLike

__all__ = [
    "ROAD_LAYERS",
    "Gates",
    "RoadGraph",
    "has_roads",
    "nearest_gates",
    "node_minutes",
    "road_graph",
    "site_minutes",
]

ROAD_LAYERS: Final = ("road_edges", "road_nodes", "interchanges")
"""Layers that travel times need, all of them."""

_LEAST_MINUTES: Final = 1e-9
"""Of an edge: a stored zero would be no edge."""
_SECONDS: Final = 60.0


@dataclass(frozen=True, eq=False)
class RoadGraph:
    """Directed graph of roads with travel times.

    Attributes
    ----------
    node_id : ndarray of str, shape (n,)
        Nodes in order of id.
    node_xy : ndarray of float64, shape (n, 2)
        EPSG:5179 metres.
    start, end : ndarray of int64, shape (m,)
        Rows of the nodes of each edge.
    minutes : ndarray of float64, shape (m,)
        Travel time along each edge.
    one_way, gate : ndarray of bool, shape (m,)
        Whether an edge leads from ``start`` to ``end`` only; whether a site can have a gate on it.
    highway : ndarray of str, shape (m,)
        Class of each edge.
    line : ndarray of LineString, shape (m,)
        From ``start`` to ``end``, EPSG:5179.
    """

    node_id: NDArray[np.str_]
    node_xy: NDArray[np.float64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    minutes: NDArray[np.float64]
    one_way: NDArray[np.bool_]
    gate: NDArray[np.bool_]
    highway: NDArray[np.str_]
    line: NDArray[np.object_]

    def rows_of(self, node_ids: NDArray[np.str_]) -> NDArray[np.int64]:
        """Return the rows of nodes by their ids; ids that are no node are left out."""
        place = np.searchsorted(self.node_id, node_ids)
        inside = place < len(self.node_id)
        found = place[inside]
        return np.unique(found[self.node_id[found] == node_ids[inside]])


@dataclass(frozen=True, eq=False)
class Gates:
    """The nearest road of each site that it can have a gate on.

    Attributes
    ----------
    edge : ndarray of int64, shape (n,)
        Row of the edge; -1 where the graph has none.
    distance_m : ndarray of float64, shape (n,)
        Distance by air; NaN where there is none.
    along : ndarray of float64, shape (n,)
        Where on the edge the gate is: 0 at its start, 1 at its end.
    xy : ndarray of float64, shape (n, 2)
        The gates in EPSG:5179 metres; NaN where there is none.
    """

    edge: NDArray[np.int64]
    distance_m: NDArray[np.float64]
    along: NDArray[np.float64]
    xy: NDArray[np.float64]


def has_roads(layers: LayersLike) -> bool:
    """Return whether all layers of a road graph are there.

    Parameters
    ----------
    layers : LayersLike
        Layers of the run.
    """
    return all(layer_id in layers.ids for layer_id in ROAD_LAYERS)


def road_graph(nodes: gpd.GeoDataFrame, edges: gpd.GeoDataFrame) -> RoadGraph:
    """Return the graph of the layers ``road_nodes`` and ``road_edges``.

    Parameters
    ----------
    nodes, edges : GeoDataFrame
        EPSG:5179.

    Raises
    ------
    LayerError
        If an edge begins or ends at a node that is not there.
    """
    nodes = nodes.sort_values("node_id", ignore_index=True)
    edges = edges.sort_values("edge_id", ignore_index=True)
    node_id = nodes["node_id"].to_numpy(dtype=np.str_)
    ends = []
    for column in ("from_node", "to_node"):
        wanted = edges[column].to_numpy(dtype=np.str_)
        row = np.searchsorted(node_id, wanted)
        known = row < len(node_id)
        known[known] = node_id[row[known]] == wanted[known]
        if not known.all():
            edge = edges["edge_id"].iloc[int(np.argmin(known))]
            raise LayerError(
                f"road_edges: {column} of {edge} is no node of road_nodes; fetch both layers "
                "together"
            )
        ends.append(row.astype(np.int64))
    seconds = edges["travel_s"].to_numpy(dtype=np.float64)
    return RoadGraph(
        node_id=node_id,
        node_xy=shapely.get_coordinates(nodes.geometry.to_numpy()),
        start=ends[0],
        end=ends[1],
        minutes=np.maximum(seconds / _SECONDS, _LEAST_MINUTES),
        one_way=edges["one_way"].to_numpy(dtype=np.bool_),
        gate=edges["gate"].to_numpy(dtype=np.bool_),
        highway=edges["highway"].to_numpy(dtype=np.str_),
        line=edges.geometry.to_numpy(),
    )


def node_minutes(graph: RoadGraph, targets: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the shortest travel time of every node to the nearest target.

    Parameters
    ----------
    graph : RoadGraph
        Graph of roads with n nodes.
    targets : ndarray of int64
        Rows of nodes.

    Returns
    -------
    ndarray of float64, shape (n,)
        Minutes; infinite where no target can be reached.
    """
    count = len(graph.node_id)
    if len(targets) == 0:
        return np.full(count, np.inf)
    both = ~graph.one_way
    # reversed: from the end of an edge to its start
    tail = np.concatenate([graph.end, graph.start[both]])
    head = np.concatenate([graph.start, graph.end[both]])
    minutes = np.concatenate([graph.minutes, graph.minutes[both]])
    # of parallel edges the quickest counts; a sparse array would add them up
    order = np.lexsort([minutes, head, tail])
    tail, head, minutes = tail[order], head[order], minutes[order]
    first = np.ones(len(tail), dtype=bool)
    first[1:] = (np.diff(tail) != 0) | (np.diff(head) != 0)
    matrix = csr_array((minutes[first], (tail[first], head[first])), shape=(count, count))
    return np.asarray(dijkstra(matrix, indices=np.unique(targets), min_only=True))


def nearest_gates(
    graph: RoadGraph, xy: NDArray[np.float64], minutes: NDArray[np.float64] | None = None
) -> Gates:
    """Return the nearest road of each site that is no expressway, tunnel or bridge.

    Parameters
    ----------
    graph : RoadGraph
        Graph of roads.
    xy : ndarray of float64, shape (n, 2)
        Sites in EPSG:5179 metres.
    minutes : ndarray of float64, optional
        Of every node, of :func:`node_minutes`: only roads that lead to a target are taken then, as
        the classes of the graph leave pieces of road that nothing joins.
    """
    edge = np.full(len(xy), -1, dtype=np.int64)
    distance, along = np.full(len(xy), np.nan), np.full(len(xy), np.nan)
    place = np.full((len(xy), 2), np.nan)
    taken = graph.gate
    if minutes is not None:
        leads = np.isfinite(minutes)
        taken = taken & (leads[graph.end] | (leads[graph.start] & ~graph.one_way))
    own = np.flatnonzero(taken)
    if len(own) and len(xy):
        points = np.asarray(shapely.points(xy))
        tree = shapely.STRtree(graph.line[own])
        (site, found), metres = tree.query_nearest(points, return_distance=True)
        order = np.lexsort([found, site])  # the first of edges that are equally near
        site, first = np.unique(site[order], return_index=True)
        edge[site] = own[found[order][first]]
        distance[site] = metres[order][first]
        along[site] = shapely.line_locate_point(
            graph.line[edge[site]], points[site], normalized=True
        )
        at_gate = shapely.line_interpolate_point(
            graph.line[edge[site]], along[site], normalized=True
        )
        place[site] = shapely.get_coordinates(at_gate)
    return Gates(edge, distance, along, place)


def site_minutes(
    graph: RoadGraph, gates: Gates, minutes: NDArray[np.float64], leg_minutes: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the travel time of sites to the target that node times lead to.

    From the gate a car goes to the end of its road, or, where that is not one-way, to its start.

    Parameters
    ----------
    graph : RoadGraph
        Graph of roads.
    gates : Gates
        Nearest roads of n sites.
    minutes : ndarray of float64
        Of every node, of :func:`node_minutes`.
    leg_minutes : ndarray of float64, shape (n,)
        Time from each site to its gate; NaN where the gate is too far to count.

    Returns
    -------
    ndarray of float64, shape (n,)
        Minutes; NaN where there is no gate or no target can be reached.
    """
    out = np.full(len(gates.edge), np.nan)
    there = np.flatnonzero((gates.edge >= 0) & ~np.isnan(leg_minutes))
    edge, along = gates.edge[there], gates.along[there]
    ahead = (1.0 - along) * graph.minutes[edge] + minutes[graph.end[edge]]
    back = along * graph.minutes[edge] + minutes[graph.start[edge]]
    back[graph.one_way[edge]] = np.inf
    total = leg_minutes[there] + np.minimum(ahead, back)
    out[there] = np.where(np.isinf(total), np.nan, total)
    return out
