"""Network: fibre to build, and round-trip times to Seoul and to the cable landings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pyproj import Transformer

from siteopt.columns import Column
from siteopt.criteria._places import nearest, point_xy, raster_floats, site_frame, site_xy
from siteopt.grid.stations import connectable
from siteopt.lattice import CRS_EPSG

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from siteopt.layers.protocols import LayersLike, ParametersLike
    from siteopt.scenario import Scenario

__all__ = ["COLUMNS", "network", "rtt_ms"]

COLUMNS = (
    Column(
        "fibre_seoul_km", "network", "km", "서울까지 광케이블 경로", "Fibre route to Seoul",
        "model", "low",
    ),
    Column(
        "fibre_landing_km", "network", "km", "해저케이블 육양국까지 경로",
        "Fibre route to the nearest international landing", "model", "low",
    ),
    Column(
        "fibre_build_km", "network", "km", "신설 광케이블", "Fibre to build, one route", "model",
        "low", scored=True,
    ),
    Column(
        "rtt_seoul_ms", "network", "ms", "서울 왕복 지연시간(RTT)", "Round trip to Seoul", "model", "low",
        scored=True,
    ),
    Column(
        "rtt_landing_ms", "network", "ms", "육양국 왕복 지연시간(RTT)", "Round trip to the landing",
        "model", "low", scored=True,
    ),
    Column("landing_id", "network", "", "육양국", "Cable landing", "compiled-medium"),
)  # fmt: skip


def rtt_ms(route_km: NDArray[np.float64], parameters: ParametersLike) -> NDArray[np.float64]:
    """Return round-trip times over fibre routes: 2 x latency_oneway x km + latency_equipment."""
    both_ways_ms = 2.0 * parameters.value("latency_oneway") * np.asarray(route_km) / 1000.0
    out: NDArray[np.float64] = both_ways_ms + parameters.value("latency_equipment")
    return out


def network(sites: gpd.GeoDataFrame, layers: LayersLike, scenario: Scenario) -> pd.DataFrame:
    """Return fibre routes and round-trip times of sites.

    There is no public map of trunk fibre. Routes to Seoul and to the nearest international
    landing are straight lines times ``route_factor``; the fibre to build goes to the nearest
    place that surely has trunk fibre: a town (land of ``town_density`` electors per km2 or
    more) or a substation (ground wires carry fibre).
    """
    del scenario
    out = site_frame(sites)
    xy = site_xy(sites)
    parameters = layers.parameters
    factor = parameters.value("route_factor")
    to_metres = Transformer.from_crs(4326, CRS_EPSG, always_xy=True)
    hub = to_metres.transform(
        parameters.value("latency_hub_lon"), parameters.value("latency_hub_lat")
    )
    out["fibre_seoul_km"] = factor * np.hypot(xy[:, 0] - hub[0], xy[:, 1] - hub[1]) / 1000.0
    landings = layers.vector("cable_landings").sort_values("landing_id")
    landings = landings[landings["international"].astype(bool)]
    km, rows = nearest(xy, point_xy(landings))
    out["fibre_landing_km"] = factor * km
    out["fibre_build_km"] = factor * nearest(xy, _trunk_places(layers))[0]
    for place in ("seoul", "landing"):
        out[f"rtt_{place}_ms"] = rtt_ms(out[f"fibre_{place}_km"].to_numpy(), parameters)
    ids = np.append(landings["landing_id"].astype(str).to_numpy(dtype=object), "")
    out["landing_id"] = ids[rows]
    return out


def _trunk_places(layers: LayersLike) -> NDArray[np.float64]:
    """Return points (EPSG:5179) of towns and substations, shape (n, 2)."""
    electors = layers.raster("electors")
    with np.errstate(invalid="ignore"):
        dense = raster_floats(electors) >= layers.parameters.value("town_density")
    x, y = electors.lattice.centres_m(*np.nonzero(dense))
    return np.concatenate(
        [np.column_stack([x, y]), point_xy(connectable(layers.vector("stations")))]
    )
