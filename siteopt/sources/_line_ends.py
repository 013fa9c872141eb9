"""Endpoints of mapped lines: at stations, at each other, at a point along another line.

A way of OpenStreetMap is a piece of line drawn in one go. Each of its two ends lies

- at a station, if one of at least its voltage stands within 500 m (lines end at gantries, the
  point of a station is its middle);
- else at a junction, together with the ends of other ways of the same voltage within 60 m;
- else, alone, on a way of the same voltage that passes within 60 m: a branch;
- else nowhere: a dead end.

A station that no end of its voltage reaches is joined to a way that passes within 150 m (the way is
cut there), else to a dead end within 1 km (the last stretch is a cable that is not mapped).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from siteopt.sources._substations import AC_KV

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["Meeting", "meet"]

_END_M: Final = 500.0
_JUNCTION_M: Final = 60.0
_PASSING_M: Final = 150.0
_ASSUMED_M: Final = 1_000.0


@dataclass(frozen=True, slots=True, eq=False)
class Meeting:
    """Nodes of the map and where the ways touch them.

    Attributes
    ----------
    ends : ndarray of int64, shape (n ways, 2)
        Node at the start and at the end of each way. Nodes below the number of stations are
        stations; the others are junctions and dead ends.
    cuts : DataFrame
        ``way, at_m, node``: ways that are cut between their ends, and where, from the start.
    nodes_m : ndarray, shape (n nodes, 2)
        EPSG:5179.
    joined : DataFrame
        ``node, kv, rule``: how each station level is joined: ``line end``, ``passing line`` or
        ``near dead end``.
    """

    ends: NDArray[np.int64]
    cuts: pd.DataFrame
    nodes_m: NDArray[np.float64]
    joined: pd.DataFrame


def _at_stations(
    ends_m: NDArray[np.float64], ends_kv: NDArray[np.int64], stations: gpd.GeoDataFrame
) -> NDArray[np.int64]:
    """Return the station (row) of each end, -1 for none."""
    xy = _xy(stations)
    out = np.full(len(ends_m), -1, dtype=np.int64)
    strong = stations["tag_kv"].to_numpy(dtype=np.int64)
    # The tag of a power plant often tells only the voltage of its own supply.
    strong = np.where(stations["kind"] == "plant", max(AC_KV), strong)
    for kv in AC_KV:
        able = np.flatnonzero(strong >= kv)
        asked = np.flatnonzero(ends_kv == kv)
        if len(able) and len(asked):
            away, row = (np.asarray(part) for part in cKDTree(xy[able]).query(ends_m[asked]))
            near = away <= _END_M
            out[asked[near]] = able[row[near]]
    return out


def _xy(points: gpd.GeoDataFrame) -> NDArray[np.float64]:
    return np.column_stack([points.geometry.x, points.geometry.y]).astype(np.float64)


def _junctions(
    ends_m: NDArray[np.float64], ends_kv: NDArray[np.int64], free: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the junction number of each of the ends ``free``, from 0; one voltage a junction."""
    pairs = [
        free[at[np.array(sorted(cKDTree(ends_m[free[at]]).query_pairs(_JUNCTION_M)), dtype=np.int64)
                .reshape(-1, 2)]]
        for kv in AC_KV
        for at in [np.flatnonzero(ends_kv[free] == kv)]
        if len(at)
    ]  # fmt: skip
    place = np.full(len(ends_m), -1, dtype=np.int64)
    place[free] = np.arange(len(free))
    every = place[np.concatenate([np.zeros((0, 2), dtype=np.int64), *pairs])]
    graph = coo_array(
        (np.ones(len(every)), (every[:, 0], every[:, 1])), shape=(len(free), len(free))
    )
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _branches(
    nodes_m: NDArray[np.float64], dead: pd.DataFrame, ways: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Return cuts of the ways that a dead end (``node, way, kv``) lies on."""
    shapes = ways.geometry.to_numpy()
    rows: list[tuple[int, float, int]] = []
    tree = shapely.STRtree(shapes)
    points = shapely.points(nodes_m[dead["node"].to_numpy(dtype=np.int64)])
    hits = tree.query(points, predicate="dwithin", distance=_JUNCTION_M)
    kv = ways["kv"].to_numpy()
    best: dict[int, tuple[float, int]] = {}
    for end, way in hits.T.tolist():
        if way == dead["way"].iloc[end] or kv[way] != dead["kv"].iloc[end]:
            continue
        found = (round(float(shapely.distance(points[end], shapes[way])), 3), way)
        best[end] = min(best.get(end, found), found)
    for end, (_, way) in sorted(best.items()):
        at = float(shapely.line_locate_point(shapes[way], points[end]))
        rows.append((way, at, int(dead["node"].iloc[end])))
    return pd.DataFrame(rows, columns=["way", "at_m", "node"])


def _passing(
    stations: gpd.GeoDataFrame, lacking: pd.DataFrame, ways: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Return cuts of the ways that pass a station level (``node, kv``) which no end reaches."""
    rows: list[tuple[int, float, int]] = []
    points = stations.geometry.to_numpy()
    for kv, part in lacking.groupby("kv"):
        at_level = np.flatnonzero(ways["kv"] == kv)
        shapes = ways.geometry.to_numpy()[at_level]
        nodes = part["node"].to_numpy(dtype=np.int64)
        hits = shapely.STRtree(shapes).query(
            points[nodes], predicate="dwithin", distance=_PASSING_M
        )
        for node, way in hits.T.tolist():
            at = float(shapely.line_locate_point(shapes[way], points[nodes[node]]))
            rows.append((int(at_level[way]), at, int(nodes[node])))
    return pd.DataFrame(rows, columns=["way", "at_m", "node"]).sort_values(["node", "way"])


def _nearest_dead_ends(
    nodes_m: NDArray[np.float64], lacking: pd.DataFrame, dead: pd.DataFrame
) -> pd.DataFrame:
    """Return ``node, dead``: station levels and the dead end of their voltage within 1 km."""
    found = []
    for kv, part in lacking.groupby("kv"):
        some = dead.loc[dead["kv"] == kv, "node"].to_numpy(dtype=np.int64)
        if len(some) == 0:
            continue
        nodes = part["node"].to_numpy(dtype=np.int64)
        away, row = (np.asarray(item) for item in cKDTree(nodes_m[some]).query(nodes_m[nodes]))
        near = away <= _ASSUMED_M
        found.append(
            pd.DataFrame(
                {"node": nodes[near], "kv": kv, "dead": some[row[near]], "away": away[near]}
            )
        )
    if not found:
        return pd.DataFrame(columns=["node", "kv", "dead", "away"])
    every = pd.concat(found).sort_values(["away", "node"])
    return every.drop_duplicates("dead")


def _lacking(stations: gpd.GeoDataFrame, joined: pd.DataFrame) -> pd.DataFrame:
    """Return the tagged station levels that nothing reaches: ``node, kv``."""
    levels = pd.DataFrame(
        [(row, kv) for kv in AC_KV for row in np.flatnonzero(stations[f"level_{kv}"]).tolist()],
        columns=["node", "kv"],
    )
    known = pd.MultiIndex.from_frame(joined[["node", "kv"]])
    return levels[~pd.MultiIndex.from_frame(levels).isin(known)]


def meet(ways: gpd.GeoDataFrame, stations: gpd.GeoDataFrame) -> Meeting:
    """Return where ways meet stations and one another.

    Parameters
    ----------
    ways : GeoDataFrame
        EPSG:5179 lines of alternating current with ``kv``.
    stations : GeoDataFrame
        EPSG:5179 points from :func:`siteopt.sources._substations.merge_rows`.

    Returns
    -------
    Meeting
    """
    n = len(ways)
    shapes = ways.geometry.to_numpy()
    ends_m = shapely.get_coordinates(
        np.concatenate([shapely.get_point(shapes, 0), shapely.get_point(shapes, -1)])
    )
    ends_kv = np.tile(ways["kv"].to_numpy(dtype=np.int64), 2)
    node = _at_stations(ends_m, ends_kv, stations)
    free = np.flatnonzero(node < 0)
    junction = _junctions(ends_m, ends_kv, free)
    node[free] = len(stations) + junction
    centre = pd.DataFrame(ends_m[free]).groupby(junction).mean().to_numpy().reshape(-1, 2)
    nodes_m = np.concatenate([_xy(stations), centre])
    at = node < len(stations)
    joined = pd.DataFrame({"node": node[at], "kv": ends_kv[at]}).drop_duplicates()
    joined["rule"] = "line end"

    counts = np.bincount(node, minlength=len(nodes_m))
    lonely = free[counts[node[free]] == 1]
    dead = pd.DataFrame({"node": node[lonely], "way": lonely % max(n, 1), "kv": ends_kv[lonely]})
    branches = _branches(nodes_m, dead, ways)
    passing = _passing(stations, _lacking(stations, joined), ways)
    reached = passing.assign(kv=ways["kv"].to_numpy()[passing["way"].to_numpy(dtype=np.int64)])
    reached = reached[["node", "kv"]].drop_duplicates().assign(rule="passing line")
    joined = pd.concat([joined, reached], ignore_index=True)

    dead = dead[~dead["node"].isin(branches["node"])]
    assumed = _nearest_dead_ends(nodes_m, _lacking(stations, joined), dead)
    moved = dict(zip(assumed["dead"].tolist(), assumed["node"].tolist(), strict=True))
    node = np.array([moved.get(one, one) for one in node.tolist()], dtype=np.int64)
    taken = assumed[["node", "kv"]].assign(rule="near dead end")
    joined = pd.concat([joined, taken], ignore_index=True).astype({"node": int, "kv": int})
    cuts = pd.concat([branches, passing], ignore_index=True).astype({"way": int, "node": int})
    return Meeting(
        node.reshape(2, n).T, cuts, nodes_m,
        joined.sort_values(["node", "kv"], ignore_index=True),
    )  # fmt: skip
