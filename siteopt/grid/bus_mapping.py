"""Bus mapping: the bus of the grid case that serves a station level."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.spatial import cKDTree

from siteopt.grid.new_stations import points_of_stations

if TYPE_CHECKING:
    import pandas as pd

    from siteopt.layers.store import Layers

__all__ = ["nearest_buses", "with_buses"]

_KEY: Final = ["station_id", "station_kv"]
_ISLAND: Final = "50"
"""Province code of Jeju, which the case does not hold."""


def with_buses(options: pd.DataFrame, layers: Layers) -> pd.DataFrame:
    """Return connection options with ``bus_id``, the bus that serves the station level.

    It is that of the embedded headroom table. A station of the user's own or one that may be
    built, which the table does not know, hangs on the nearest bus, and so does one whose bus a
    case of the user's own lacks.
    Empty on Jeju: the case has no bus there.

    Parameters
    ----------
    options : DataFrame
        ``station_id, station_kv``.
    layers : Layers
        ``headroom`` (embedded), ``stations``, ``new_stations``, ``case_buses``.
    """
    known = layers.embedded("headroom")
    table = known.assign(station_kv=known["voltage_kv"].astype(float))[[*_KEY, "bus_id"]]
    keys = options[_KEY].astype({"station_kv": float, "station_id": str})
    found = keys.merge(table.astype({"station_id": str}), on=_KEY, how="left", validate="m:1")
    listed = set(table["station_id"].astype(str))
    bus = found["bus_id"].astype("Int64").astype("string").fillna("").to_numpy(dtype=object)
    in_case = set(layers.vector("case_buses")["bus_id"].astype(str))
    lost = np.array([name != "" and name not in in_case for name in bus], dtype=np.bool_)
    strange = np.flatnonzero((~keys["station_id"].isin(listed) & (bus == "")) | lost)
    if strange.size:
        bus[strange] = nearest_buses(keys["station_id"].iloc[strange], layers)
    return options.assign(bus_id=bus)


def nearest_buses(station_id: pd.Series[str], layers: Layers) -> list[str]:
    """Return the bus nearest to each station, one that may be built too; empty on Jeju.

    Parameters
    ----------
    station_id : Series of str
        Ids of stations, existing or candidate.
    layers : Layers
        ``stations``, ``new_stations`` and ``case_buses``, in EPSG:5179.
    """
    stations = points_of_stations(layers).loc[station_id]
    buses = layers.vector("case_buses")
    tree = cKDTree(np.column_stack([buses.geometry.x, buses.geometry.y]))
    at = tree.query(np.column_stack([stations.geometry.x, stations.geometry.y]))[1]
    near = buses["bus_id"].astype(str).to_numpy()[at]
    on_island = stations["province_code"].astype(str).to_numpy() == _ISLAND
    return [str(bus) for bus in np.where(on_island, "", near)]
