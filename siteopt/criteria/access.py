"""Access: towns and expressways, by road where there is a road graph, else by air."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely

from siteopt.columns import Column
from siteopt.criteria._places import line_km, nearest, raster_floats, site_frame, site_xy
from siteopt.criteria.people import electors_within
from siteopt.criteria.travel_times import (
    ROAD_LAYERS,
    has_roads,
    nearest_gates,
    node_minutes,
    road_graph,
    site_minutes,
)

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from siteopt.criteria.travel_times import Gates
    from siteopt.lattice import Lattice
    from siteopt.layers.protocols import LayersLike, ParametersLike
    from siteopt.scenario import Scenario

__all__ = ["COLUMNS", "REPLACED_COLUMNS", "access", "air_reach_km"]

REPLACED_COLUMNS: Final = {"interchange_minutes": "expressway_km_most"}
"""Scored columns of the road graph, and the approximate ones that they are scored in place of."""

COLUMNS = (
    Column(
        "town_electors", "access", "people", "생활권 선거인 수(환산 45분 안)",
        "Electors within a travel time (from the distance by air)", "model", "high", scored=True,
    ),
    Column(
        "town_km", "access", "km", "최근접 시가지 직선거리", "Distance to the nearest town", "model",
        "low",
    ),
    Column(
        "expressway_km_most", "access", "km", "고속도로까지 거리(상한)",
        "Distance to an expressway (at most)", "compiled-medium", "low", scored=True,
        one_sided=True,
    ),
    Column(
        "interchange_minutes", "access", "min", "고속도로 진입점까지 도로 주행시간",
        "Time by road to the nearest interchange", "compiled-low", "low", scored=True,
        layers=ROAD_LAYERS,
    ),
    Column(
        "town_minutes", "access", "min", "최근접 시가지까지 도로 주행시간",
        "Time by road to the nearest town", "compiled-low", "low",
        layers=ROAD_LAYERS,
    ),
    Column(
        "gate_km", "access", "km", "진출입 도로까지 직선거리",
        "Distance to the nearest road for a gate", "compiled-medium", "low",
        layers=ROAD_LAYERS,
    ),
    Column(
        "gate_road_class", "access", "", "진출입 도로의 등급", "Class of the road for a gate",
        "compiled-medium", layers=ROAD_LAYERS,
    ),
)  # fmt: skip


def air_reach_km(parameters: ParametersLike) -> float:
    """Return the straight-line distance in km within the travel time of a town.

    By air also where there is a road graph: ``town_travel_time / 60 * road_speed / road_detour``.

    Parameters
    ----------
    parameters : ParametersLike
        Values of the ``parameters`` layer.
    """
    value = parameters.value
    return value("town_travel_time") / 60.0 * value("road_speed") / value("road_detour")


def access(sites: gpd.GeoDataFrame, layers: LayersLike, scenario: Scenario) -> pd.DataFrame:
    """Return people within reach, the nearest town, and an upper bound of the way to an expressway.

    ``town_electors`` counts the electors within :func:`air_reach_km`, also across water and
    mountains. ``town_km`` is the distance by air to the nearest land of ``town_density``.
    ``expressway_km_most`` is the distance by air to the nearest expressway that is drawn: two
    thirds of the network, without interchanges, so the true one may be nearer.
    With a road graph (`siteopt.criteria.travel_times`) ``interchange_minutes`` and
    ``town_minutes`` are times by car at the speed limit, ``gate_km`` the distance by air to the
    nearest road of the graph that a gate can be on, ``gate_road_class`` its class; without one they
    are not known.

    Parameters
    ----------
    sites : GeoDataFrame
        ``site_id`` and points in EPSG:5179.
    layers : LayersLike
        Layers of the run.
    scenario : Scenario
        Scenario of the run.
    """
    del scenario
    out = site_frame(sites)
    xy = site_xy(sites)
    raster = layers.raster("electors")
    density = raster_floats(raster)
    out["town_electors"] = electors_within(xy, density, raster, air_reach_km(layers.parameters))
    with np.errstate(invalid="ignore"):
        dense = density >= layers.parameters.value("town_density")
    out["town_km"] = nearest(xy, np.column_stack(raster.lattice.centres_m(*np.nonzero(dense))))[0]
    out["expressway_km_most"] = line_km(xy, layers.vector("expressways"))
    return out.join(_by_road(out.index, xy, layers, dense))


def _by_road(
    index: pd.Index, xy: NDArray[np.float64], layers: LayersLike, dense: NDArray[np.bool_]
) -> pd.DataFrame:
    """Return times and gates by the road graph; not known where there is none.

    Times begin at the nearest road that leads to a target. The way to it is the distance by air
    times ``road_detour`` at ``local_road_speed``; a road farther than ``gate_max_km``, or on another
    island, gives no time. ``dense`` are the cells of towns.
    """
    out = pd.DataFrame(
        {
            "interchange_minutes": np.nan, "town_minutes": np.nan, "gate_km": np.nan,
            "gate_road_class": "",
        },
        index=index,
    )  # fmt: skip
    if not has_roads(layers):
        return out
    graph = road_graph(layers.vector("road_nodes"), layers.vector("road_edges"))
    gates = nearest_gates(graph, xy)
    there = gates.edge >= 0
    out["gate_km"] = gates.distance_m / 1000.0
    out.loc[there, "gate_road_class"] = graph.highway[gates.edge[there]]
    interchanges = layers.vector("interchanges")
    entries = interchanges.loc[interchanges["kind"] == "entry", "node_id"].to_numpy(dtype=np.str_)
    lattice = layers.raster("electors").lattice
    land = _landmasses(layers.vector("provinces"))
    for column, targets in (
        ("interchange_minutes", graph.rows_of(entries)),
        ("town_minutes", np.flatnonzero(_cells_at(dense, lattice, graph.node_xy))),
    ):
        minutes = node_minutes(graph, targets)
        gates = nearest_gates(graph, xy, minutes)
        leg_minutes = _leg_minutes(xy, gates, land, layers.parameters)
        out[column] = site_minutes(graph, gates, minutes, leg_minutes)
    out.loc[_cells_at(dense, lattice, xy), "town_minutes"] = 0.0
    return out


def _landmasses(provinces: gpd.GeoDataFrame) -> shapely.STRtree:
    """Return the mainland and every island by itself."""
    return shapely.STRtree(shapely.get_parts(shapely.union_all(provinces.geometry.to_numpy())))


def _leg_minutes(
    xy: NDArray[np.float64], gates: Gates, land: shapely.STRtree, parameters: ParametersLike
) -> NDArray[np.float64]:
    """Return the time from sites to their gates; NaN where too far, or over water."""
    value = parameters.value
    out = gates.distance_m / 1000.0 * value("road_detour") / value("local_road_speed") * 60.0
    out[gates.distance_m > 1000.0 * value("gate_max_km")] = np.nan
    known = np.flatnonzero(~np.isnan(out))
    own, of_gate = (land.nearest(shapely.points(places[known])) for places in (xy, gates.xy))
    out[known[own != of_gate]] = np.nan
    return out


def _cells_at(
    cells: NDArray[np.bool_], lattice: Lattice, xy: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return the cells at some places; False outside."""
    rows, cols = lattice.cells_of(xy[:, 0], xy[:, 1])
    found = np.asarray(lattice.contains(rows, cols))
    found[found] = cells[rows[found], cols[found]]
    return found
