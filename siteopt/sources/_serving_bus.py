"""Serving bus of a station level in the grid case, along the mapped network.

A bus of the KPG case stands for a region: it sits at a regional office, has one base voltage and
carries the load of all levels below. A level of a station can be served by the buses of at least
its voltage: 345 kV by those of 345 and 765 kV, 154 kV by all. The anchor of a bus at a level is
the nearest station or junction that has the level; one on the largest piece of the mapped network
is preferred up to 5 km farther, as many city stations have cables that are not mapped. A station
belongs to the bus with the shortest way to it:
from the bus to its anchor by air, then along mapped lines of at least the level (154 kV lines do
not feed a 345 kV station), changing voltage inside stations at no length.

Where no way is mapped, or only one that is so long that a line must be missing on the map, the
nearest bus by air is taken. The case has no bus on Jeju, and DC links are no way, so nothing is
served across that sea.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra

from siteopt.lattice import CRS_EPSG

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ISLAND", "LEVELS", "serving_buses"]

LEVELS: Final = (154, 345)
"""Levels at which a load connects; 765 kV only feeds 345 kV."""

ISLAND: Final = "50"
"""Province code of Jeju, which the case does not hold."""

_ALL: Final = (154, 345, 765)
_ANCHOR_SLACK_KM: Final = 5.0
"""An anchor on the largest mapped piece may lie so much farther than the nearest one."""

_MM: Final = 6
"""Digits of kilometres that count: ways equal to a millimetre are equal."""


@dataclass(frozen=True, slots=True)
class _Network:
    """Station levels as nodes, and how they hang together.

    Attributes
    ----------
    nodes : DataFrame
        ``station_id, kv, island``.
    edges : DataFrame
        ``a, b, km, kv``: rows of ``nodes``, length, and the lower voltage of the two.
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame

    def ways_km(self, sources: NDArray[np.int64], lowest_kv: int) -> NDArray[np.float64]:
        """Return the shortest way from some nodes (rows) to all, inf where none is mapped."""
        some = self.edges[self.edges["kv"] >= lowest_kv]
        graph = coo_array(
            # a length of 0 would be no edge
            (np.maximum(some["km"], 10.0**-_MM), (some["a"], some["b"])),
            shape=(len(self.nodes), len(self.nodes)),
        )
        out = dijkstra(graph.tocsr(), directed=False, indices=sources)
        return np.asarray(out, dtype=np.float64)

    def largest_piece(self, lowest_kv: int) -> NDArray[np.bool_]:
        """Return which nodes lie on the largest connected piece at some voltage and above."""
        some = self.edges[self.edges["kv"] >= lowest_kv]
        n = len(self.nodes)
        graph = coo_array((np.ones(len(some)), (some["a"], some["b"])), shape=(n, n))
        label = connected_components(graph, directed=False)[1]
        return np.asarray(label == np.bincount(label).argmax())


def _network(stations: gpd.GeoDataFrame, lines: pd.DataFrame) -> _Network:
    nodes = pd.concat(
        [
            pd.DataFrame(
                {
                    "station_id": at["station_id"], "kv": kv,
                    "island": at["province_code"] == ISLAND,
                    "x_km": at.geometry.x / 1000, "y_km": at.geometry.y / 1000,
                }
            )
            for kv in _ALL
            for at in [stations[stations[f"level_{kv}"]]]
        ],
        ignore_index=True,
    )  # fmt: skip
    place = pd.MultiIndex.from_frame(nodes[["station_id", "kv"]])
    ac = lines[~lines["dc"].astype(bool)]
    ends = [
        place.get_indexer(pd.MultiIndex.from_frame(ac[[end, "voltage_kv"]]))
        for end in ("station_from", "station_to")
    ]
    mapped = pd.DataFrame(
        {"a": ends[0], "b": ends[1], "km": ac["length_km"].to_numpy(dtype=np.float64),
         "kv": ac["voltage_kv"].to_numpy()}
    )  # fmt: skip
    mapped = mapped[(mapped["a"] >= 0) & (mapped["b"] >= 0)]
    levels = nodes[["station_id", "kv"]].reset_index(names="row")
    pairs = levels.merge(levels, on="station_id")
    pairs = pairs[pairs["kv_x"] < pairs["kv_y"]]
    banks = pd.DataFrame({"a": pairs["row_x"], "b": pairs["row_y"], "km": 0.0, "kv": pairs["kv_x"]})
    edges = pd.concat([mapped, banks], ignore_index=True)
    low, high = edges[["a", "b"]].min(axis=1), edges[["a", "b"]].max(axis=1)
    # circuits side by side are one way: the shortest of them
    shortest = edges.assign(a=low, b=high).groupby(["a", "b", "kv"])["km"].min()
    return _Network(nodes, shortest.reset_index())


def _of_level(
    network: _Network, points: gpd.GeoDataFrame, level: int, detour_max: float
) -> pd.DataFrame:
    """Return the serving bus of every station with one level; none on Jeju."""
    nodes = network.nodes
    at = np.flatnonzero(nodes["kv"] == level)
    able = points[points["base_kv"] >= level]
    bus_xy = np.column_stack([able.geometry.x, able.geometry.y]) / 1000
    apart = bus_xy[:, None, :] - nodes.loc[at, ["x_km", "y_km"]].to_numpy()[None, :, :]
    air = np.linalg.norm(apart, axis=2)
    island = nodes["island"].to_numpy()[at]
    ashore = np.where(island, np.inf, air)
    handicap = np.where(network.largest_piece(level)[at], 0.0, _ANCHOR_SLACK_KM)
    anchor = (ashore + handicap).argmin(axis=1)
    anchor_km = air[np.arange(len(able)), anchor]
    ways = network.ways_km(at[anchor], level)[:, at] + anchor_km[:, None]
    ways = np.round(ways, _MM)
    column = np.arange(len(at))
    by_way, by_air = ways.argmin(axis=0), air.argmin(axis=0)
    way_km, air_km = ways[by_way, column], air[by_air, column]
    is_anchor = anchor[by_way] == column
    mapped = np.isfinite(way_km) & (way_km <= detour_max * air_km)
    rule = np.select(
        [island, mapped & is_anchor, mapped, np.isfinite(way_km)],
        ["none", "anchor", "network", "detour"], "air",
    )  # fmt: skip
    bus = able["bus_id"].to_numpy()[np.where(mapped, by_way, by_air)]
    return pd.DataFrame(
        {
            "station_id": nodes["station_id"].to_numpy()[at], "voltage_kv": level,
            "bus_id": pd.Series(bus).mask(island), "bus_rule": rule,
            "bus_km": np.where(island, np.nan, np.where(mapped, way_km, air_km)),
        }
    )  # fmt: skip


def serving_buses(
    stations: gpd.GeoDataFrame, lines: pd.DataFrame, buses: pd.DataFrame, detour_max: float
) -> pd.DataFrame:
    """Return the bus that serves each station at 154 and at 345 kV.

    Parameters
    ----------
    stations : GeoDataFrame
        EPSG:5179 points: ``station_id, province_code, level_154, level_345, level_765``.
    lines : DataFrame
        ``station_from, station_to, voltage_kv, length_km, dc``.
    buses : DataFrame
        ``bus_id, base_kv, lon, lat`` (degrees).
    detour_max : float
        A mapped way longer than so many times the distance by air to the nearest bus does not
        count: a line must be missing on the map.

    Returns
    -------
    DataFrame
        ``station_id, voltage_kv, bus_id, bus_rule, bus_km``, levels in order, stations as given.
        ``bus_rule`` is ``anchor`` (the station stands for the bus), ``network`` (shortest mapped
        way), ``detour`` (the way is too long: nearest by air), ``air`` (no mapped way: nearest by
        air) or ``none`` (Jeju: no bus, ``bus_id`` missing). ``bus_km`` is the way from the bus,
        the stretch to its anchor included. Of buses equally far the smallest id serves. Levels
        above all buses are left out.
    """
    ordered = buses.sort_values("bus_id", kind="stable", ignore_index=True)
    at = gpd.GeoSeries.from_xy(ordered["lon"], ordered["lat"], crs=4326).to_crs(CRS_EPSG)
    points = gpd.GeoDataFrame(ordered[["bus_id", "base_kv"]], geometry=at.array, crs=CRS_EPSG)
    network = _network(stations, lines)
    levels = [
        _of_level(network, points, level, detour_max)
        for level in LEVELS
        if (network.nodes["kv"] == level).any() and (points["base_kv"] >= level).any()
    ]
    return pd.concat(levels, ignore_index=True)
