"""Ids of stations over time: a station that is known keeps its id, a new one gets one of its place.

What hangs on an id (headroom, published figures, a user's table) stays with the station.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from siteopt.layers.station_kinds import NO_STATIONS
from siteopt.sources.grid_network import station_id

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["base_name", "kept_ids", "nearest_pairs"]


def base_name(names: pd.Series) -> pd.Series:
    """Return names without the place in brackets that tells two of one name apart."""
    return names.fillna("").astype(str).str.replace(r" \(.*\)$", "", regex=True)


def nearest_pairs(
    one: NDArray[np.float64], other: NDArray[np.float64], reach_m: float
) -> list[tuple[int, int]]:
    """Return pairs of points within reach, each point in one pair at most, the nearest first.

    Parameters
    ----------
    one, other : ndarray, shape (n, 2) and (m, 2)
        In metres.
    reach_m : float
        Largest distance of a pair.

    Examples
    --------
    >>> nearest_pairs(np.array([[0.0, 0], [5, 0]]), np.array([[4.0, 0], [90, 0]]), 10)
    [(1, 0)]
    """
    if not len(one) or not len(other):
        return []
    near = cKDTree(one).sparse_distance_matrix(cKDTree(other), reach_m, output_type="ndarray")
    # a matrix without order; millimetres, so that equal distances are equal everywhere
    order = np.lexsort((near["j"], near["i"], np.round(near["v"], 3)))
    taken: tuple[set[int], set[int]] = (set(), set())
    pairs = []
    for i, j in zip(near["i"][order].tolist(), near["j"][order].tolist(), strict=True):
        if i not in taken[0] and j not in taken[1]:
            taken[0].add(i)
            taken[1].add(j)
            pairs.append((i, j))
    return pairs


def kept_ids(
    nodes: gpd.GeoDataFrame, known: gpd.GeoDataFrame, same_place_m: float, same_name_m: float
) -> pd.Series:
    """Return the id of each node of a network: that of the station that is known there, or a new one.

    Stations are sought among stations and junctions among junctions, of the same highest voltage:
    first those of the same name, then the nearest; then what is left among all that is left.

    Parameters
    ----------
    nodes : GeoDataFrame
        EPSG:5179 points: ``real`` (a station, no junction), ``name_ko`` (its own, empty for none),
        ``voltage_max_kv``, ``lon``, ``lat``.
    known : GeoDataFrame
        EPSG:5179 points of the layer ``stations``.
    same_place_m, same_name_m : float
        Largest distance from a known station, and from one of the same name.

    Returns
    -------
    Series of str
        By the index of ``nodes``. A new id follows from the place
        (:func:`siteopt.sources.grid_network.station_id`) and is none that was ever known.
    """
    nodes = nodes.reset_index(drop=True)
    known = known.reset_index(drop=True)
    found = pd.Series([None] * len(nodes), dtype=object)
    free = pd.Series(data=True, index=known.index)
    junction = known["kind"].isin(NO_STATIONS)
    own_name = nodes["name_ko"].fillna("").astype(str)
    known_name = base_name(known["name_ko"])
    if "name_confidence" in known:
        known_name = known_name.mask(known["name_confidence"] == "place", "")

    def pair(rows: NDArray[np.int64], among: NDArray[np.int64], reach_m: float) -> None:
        xy = (_xy(nodes.iloc[rows]), _xy(known.iloc[among]))
        for i, j in nearest_pairs(*xy, reach_m):
            found.iloc[rows[i]] = known["station_id"].iloc[among[j]]
            free.iloc[among[j]] = False

    for kv in sorted(set(nodes["voltage_max_kv"])):
        of_kv = nodes["voltage_max_kv"] == kv
        known_kv = np.isclose(known["voltage_max_kv"].astype(float), float(kv))
        stations = known_kv & ~junction
        for name in sorted(set(own_name[of_kv & nodes["real"]]) - {""}):
            rows = np.flatnonzero(of_kv & nodes["real"] & (own_name == name))
            pair(rows, np.flatnonzero(stations & (known_name == name)), same_name_m)
        of_class = nodes["real"]
        # a line end beside a plant is of kind plant: what is left is sought among all
        for rows, among in (
            (of_class, stations), (~of_class, known_kv & junction), (of_kv, known_kv),
        ):  # fmt: skip
            left = np.flatnonzero(of_kv & rows & found.isna())
            pair(left, np.flatnonzero(among & free), same_place_m)
    return _with_new_ids(found, nodes, set(known["station_id"].astype(str))).set_axis(nodes.index)


def _with_new_ids(found: pd.Series, nodes: pd.DataFrame, used: set[str]) -> pd.Series:
    """Return ids with those of the place for nodes that have none; none is given twice."""
    place = station_id(nodes["lon"], nodes["lat"]).str.replace(r"[a-z]+$", "", regex=True)
    out = found.copy()
    for row in np.flatnonzero(found.isna()).tolist():
        base, number = place.iloc[row], 0
        while (name := base + (chr(ord("a") + number) if number else "")) in used:
            number += 1
        used.add(name)
        out.iloc[row] = name
    return out


def _xy(points: gpd.GeoDataFrame) -> NDArray[np.float64]:
    return np.column_stack([points.geometry.x, points.geometry.y]).astype(np.float64)
