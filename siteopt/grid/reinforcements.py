"""Grid reinforcements that sites may pay for: transformer banks and new stations.

What KEPCO publishes is the headroom of a year that is near. Beyond it there are works, each with
what it adds, costs and takes (parameters ``grid_bank_345_154_*``, ``works_station154_*``,
``works_station345_*``, with their ranges):

- ``banks1``, ``banks2`` ...: further 345/154 kV banks at a station with both voltages;
- ``station154``: a new 154 kV station beside one that has no 345 kV side, fed by a double
  circuit from the nearest 345 kV station;
- ``station345``: a new 345 kV station looped into an existing 345 kV line, at a place of the
  ``new_stations`` layer.

Works are done for the site that needs them, so the whole of what they add counts, but no more
than the bus of the grid case can host (for a user's own headroom row there is no such figure and
no cap).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from siteopt.grid.bus_mapping import nearest_buses
from siteopt.grid.connections import Connections
from siteopt.grid.new_stations import NEW_STATION_KV, new_stations
from siteopt.grid.published import UNCERTAIN_ZERO
from siteopt.layers.station_kinds import serves_customers

if TYPE_CHECKING:
    import geopandas as gpd

    from siteopt.layers.store import Layers
    from siteopt.scenario import Scenario

__all__ = ["TO_BE_BUILT", "WORKS_COLUMNS", "station_works", "with_new_stations", "with_works"]

WORKS_COLUMNS: Final = (
    "station_id", "voltage_kv", "works", "relief_mw", "works_bn_krw", "works_lead_years",
    "works_lead_high_years",
)  # fmt: skip

TO_BE_BUILT: Final = "to-be-built"
"""Confidence of the headroom of a station that does not stand yet."""

_LOW_KV: Final = 154.0
_KEY: Final = ["station_id", "voltage_kv"]
_ISLAND: Final = "50"
"""Province code of Jeju, which no alternating-current line joins to the mainland."""

_LEAST_MW: Final = 1.0
"""Relief below is not worth the works."""


def station_works(headroom: pd.DataFrame, layers: Layers, scenario: Scenario) -> pd.DataFrame:
    """Return what works can add to the headroom of stations.

    Parameters
    ----------
    headroom : DataFrame
        In force (:func:`siteopt.grid.headroom.station_headroom`): ``station_id, voltage_kv,
        headroom_mw, confidence, bus_id``.
    layers : Layers
        ``stations``, ``new_stations``, ``hosting`` and the parameters of works.
    scenario : Scenario
        ``connection.banks_max``, ``new_154_stations``, ``new_345_stations``, ``zero_headroom``.

    Returns
    -------
    DataFrame
        ``WORKS_COLUMNS``: one row a station level and kind of works, with the MW that they add
        in all, what they cost and the years they take (usual and at most); only where they add
        something.
    """
    settings = scenario.connection
    low = headroom[np.isclose(headroom["voltage_kv"].astype(float), _LOW_KV)]
    if settings.zero_headroom == "closed":
        low = low[low["confidence"] != UNCERTAIN_ZERO]
    stations = layers.vector("stations").set_index("station_id")
    has_345 = low["station_id"].map(stations["circuits_345"] > 0).fillna(value=False).astype(bool)
    parts = [_banks(low[has_345], layers, settings.banks_max)]
    if settings.new_154_stations:
        parts.append(_new_154(low[~has_345], stations, layers))
    if settings.new_345_stations:
        places = new_stations(layers)["station_id"].astype(str)
        fresh = np.isclose(headroom["voltage_kv"].astype(float), NEW_STATION_KV)
        parts.append(_new_345(headroom[fresh & headroom["station_id"].isin(places)], layers))
    every = pd.concat(parts, ignore_index=True)
    capped = np.minimum(every["adds_mw"], _free_at_bus(every, layers))
    every["relief_mw"] = np.where(every["confidence"] == "user", every["adds_mw"], capped)
    every = every.sort_values([*_KEY, "works"], ignore_index=True)
    gained = every["relief_mw"] - every.groupby(_KEY)["relief_mw"].shift(fill_value=0.0)
    return every.loc[gained >= _LEAST_MW, list(WORKS_COLUMNS)].reset_index(drop=True)


def with_new_stations(headroom: pd.DataFrame, layers: Layers) -> pd.DataFrame:
    """Return headroom with a row of 0 MW for every station that may be built.

    Parameters
    ----------
    headroom : DataFrame
        In force (:func:`siteopt.grid.headroom.station_headroom`).
    layers : Layers
        ``new_stations``, ``case_buses``.
    """
    places = new_stations(layers)["station_id"].astype(str)
    rows = pd.DataFrame(
        {
            "station_id": places, "voltage_kv": NEW_STATION_KV, "headroom_mw": 0.0,
            "year": int(headroom["year"].min()), "method": "a station that may be built",
            "confidence": TO_BE_BUILT, "injection_confidence": "unknown",
            "bus_id": nearest_buses(places, layers), "bus_rule": "air",
        }
    ).reindex(columns=headroom.columns)  # fmt: skip
    rows["bus_id"] = rows["bus_id"].astype(headroom["bus_id"].dtype)
    keys = ["station_id", "voltage_kv", "year"]
    return pd.concat([headroom, rows], ignore_index=True).sort_values(keys, ignore_index=True)


def _work(rows: pd.DataFrame, name: str, layers: Layers, key: str, times: int = 1) -> pd.DataFrame:
    """Return rows with the cost and the years of a kind of works (parameters ``<key>_*``)."""
    lead = layers.parameters.row(f"{key}_lead_time")
    return rows.assign(
        works=name,
        works_bn_krw=times * layers.parameters.value(f"{key}_cost"),
        works_lead_years=lead.value,
        works_lead_high_years=lead.value if lead.high is None else max(lead.high, lead.value),
    )


def _banks(rows: pd.DataFrame, layers: Layers, most: int) -> pd.DataFrame:
    known = layers.parameters
    bank_mw = known.value("grid_bank_345_154_mva") * known.value("grid_power_factor")
    found = [
        _work(rows, f"banks{banks}", layers, "grid_bank_345_154", banks).assign(
            adds_mw=banks * bank_mw
        )
        for banks in range(1, max(most, 1) + 1)
    ]
    every = pd.concat(found, ignore_index=True)
    return every if most else every.head(0)


def _new_154(rows: pd.DataFrame, stations: gpd.GeoDataFrame, layers: Layers) -> pd.DataFrame:
    """Return new 154 kV stations, with the line that feeds each from the nearest 345 kV station.

    A station without any 345 kV station on its island (Jeju) gets none.
    """
    known = layers.parameters
    feeds = stations[serves_customers(stations.reset_index()).to_numpy()]
    feeds = feeds[feeds["circuits_345"] > 0]
    work = _work(rows, "station154", layers, "works_station154")
    if rows.empty or feeds.empty:
        return work.head(0).assign(adds_mw=0.0)
    at = stations.loc[work["station_id"]].geometry
    tree = cKDTree(np.column_stack([feeds.geometry.x, feeds.geometry.y]))
    metres, _ = tree.query(np.column_stack([at.x, at.y]))
    line_bn_krw = known.value("line154_oh_cost") * known.value("route_detour_factor")
    work["works_bn_krw"] += line_bn_krw * metres / 1000.0
    work["adds_mw"] = known.value("works_station154_mw")
    # a station that no mapped line reaches is a component of its own: the sea parts, not the map
    ashore = (feeds["province_code"].astype(str) == _ISLAND).unique()
    here = stations["province_code"].loc[work["station_id"]].astype(str) == _ISLAND
    served: pd.DataFrame = work[here.isin(ashore).to_numpy()]
    return served


def _new_345(rows: pd.DataFrame, layers: Layers) -> pd.DataFrame:
    work = _work(rows, "station345", layers, "works_station345")
    return work.assign(adds_mw=layers.parameters.value("works_station345_mw"))


def _free_at_bus(rows: pd.DataFrame, layers: Layers) -> pd.Series[float]:
    """Return what the bus of each row can host beyond its headroom, at the peak, in MW.

    All branches in service; the flow limits of the program look at all sites together. Jeju,
    which has no bus, has its assumed figure.
    """
    hosting = layers.table("hosting")
    peak = hosting[(hosting["snapshot_id"] == "peak") & (hosting["security"] == "none")]
    by_bus = peak.set_index(peak["bus_id"].astype(str))["hosting_mw"].astype(float)
    bus = rows["bus_id"].astype("Int64").astype("string").fillna("")
    room = bus.map(by_bus).astype(float)
    room = room.fillna(layers.parameters.value("grid_jeju_hosting_mw"))
    return (room - rows["headroom_mw"].astype(float)).clip(lower=0.0)


def with_works(connections: Connections, works: pd.DataFrame, scenario: Scenario) -> Connections:
    """Return connections with a further option for every kind of works that helps.

    The option with works adds ``relief_mw`` to its station level; its id ends in ``+<works>``,
    and it takes as long as its line or its works, whichever is longer. It helps where the
    headroom alone is less than what all sites at the level may draw together; there any of them
    may be the one that pays.

    Parameters
    ----------
    connections : Connections
        Options (one row each) and their routes.
    works : DataFrame
        From :func:`station_works`.
    scenario : Scenario
        ``build``: options that cannot carry the smallest build even so are left out.

    Returns
    -------
    Connections
        In the same order, each option followed by those with works; also with ``works`` (empty
        without), ``works_bn_krw`` and ``relief_mw`` (0 without).
    """
    options = connections.options.assign(works="", works_bn_krw=0.0, relief_mw=0.0)
    row = np.arange(len(options))
    level = ["station_id", "station_kv"]
    largest = options.groupby([*level, "site_id"], as_index=False)["facility_max_mw"].max()
    together = largest.groupby(level)["facility_max_mw"].sum().rename("most_mw")
    most = options.join(together, on=level)["most_mw"]
    offered = works.rename(columns={"voltage_kv": "station_kv"})
    pairs = options[[*level, "headroom_mw"]].assign(row=row).merge(offered, on=level)
    pairs = pairs[pairs["headroom_mw"] < most.loc[pairs["row"]].to_numpy()]
    more = options.iloc[pairs["row"]].reset_index(drop=True)
    for name in ("works", "works_bn_krw", "relief_mw"):
        more[name] = pairs[name].to_numpy()
    # As texts: an empty column of no kind cannot be added where pandas keeps texts by pyarrow.
    more["option_id"] = more["option_id"].astype(str) + "+" + more["works"].astype(str)
    for name, of_works in (
        ("lead_time_years", "works_lead_years"),
        ("lead_time_high_years", "works_lead_high_years"),
    ):
        more[name] = np.maximum(more[name].to_numpy(float), pairs[of_works].to_numpy(float))
    every = pd.concat([options, more], ignore_index=True)
    added_to = pairs["row"].to_numpy(dtype=np.int64)
    at = np.concatenate([row, added_to])
    # Works that a larger site pays for may leave up to half of the headroom to another one.
    relief = np.zeros(len(options))
    np.maximum.at(relief, added_to, pairs["relief_mw"].to_numpy(dtype=np.float64))
    alone = options["headroom_mw"].to_numpy(dtype=np.float64)
    with_works_mw = np.asarray(more["headroom_mw"] + more["relief_mw"], dtype=np.float64)
    room = np.concatenate([np.maximum(alone, (alone + relief) / 2.0), with_works_mw])
    above = every["facility_min_mw"].to_numpy(dtype=np.float64)
    least = np.maximum(above, scenario.build.it_min_mw)
    order = np.lexsort((every["works"].astype(str).to_numpy(), at))
    order = order[(room >= least)[order]]
    kept = at[order]
    return Connections(
        every.iloc[order].reset_index(drop=True),
        connections.routes.take(kept),
        connections.second_routes.take(kept),
    )
