"""Station upgrades: new 345/154 kV transformer banks that a site may pay for.

Only a station with both voltages can take one: the 154 kV side then draws more from its 345 kV
side. A bank is built for the site that asks for it, so its whole firm capacity counts, but what
the bus of the grid case can host still caps the level (for a user's own headroom row there is no
such figure and no cap).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.grid.connections import Connections

if TYPE_CHECKING:
    from siteopt.layers.store import Layers
    from siteopt.scenario import Scenario

__all__ = ["UPGRADE_COLUMNS", "station_upgrades", "with_upgrades"]

UPGRADE_COLUMNS: Final = ("station_id", "voltage_kv", "banks", "relief_mw")

_LOW_KV: Final = 154.0
_KEY: Final = ["station_id", "voltage_kv"]
_LEAST_MW: Final = 1.0
"""Relief below is not worth a bank."""


def station_upgrades(headroom: pd.DataFrame, layers: Layers, scenario: Scenario) -> pd.DataFrame:
    """Return what new banks can add to the headroom of stations.

    Parameters
    ----------
    headroom : DataFrame
        In force (`siteopt.grid.station_headroom`): ``station_id, voltage_kv, headroom_mw,
        confidence``.
    layers : Layers
        ``stations``, the embedded ``headroom`` with its parts, and the parameters
        ``grid_bank_345_154_mva`` and ``grid_power_factor``.
    scenario : Scenario
        ``connection.banks_max``.

    Returns
    -------
    DataFrame
        ``UPGRADE_COLUMNS``: one row a station level and number of banks (1 to the most), with
        the MW that they add in all; only where they add something.
    """
    known = layers.parameters
    stations = layers.vector("stations")
    both = stations[(stations["circuits_345"] > 0) & (stations["circuits_154"] > 0)]
    low = headroom[np.isclose(headroom["voltage_kv"].astype(float), _LOW_KV)]
    low = low[low["station_id"].isin(both["station_id"])]
    parts = layers.embedded("headroom")[[*_KEY, "own_mw", "bus_share_mw"]]
    table = low.merge(parts.astype({"voltage_kv": float}), on=_KEY, how="left")
    model = (table["confidence"] == "model").to_numpy()
    own = np.where(model, table["own_mw"], table["headroom_mw"])
    cap = np.where(model, table["bus_share_mw"], np.inf)
    bank_mw = known.value("grid_bank_345_154_mva") * known.value("grid_power_factor")
    found = []
    for banks in range(1, scenario.connection.banks_max + 1):
        relief = np.minimum(own + banks * bank_mw, cap) - table["headroom_mw"].to_numpy()
        found.append(table[_KEY].assign(banks=banks, relief_mw=relief))
    if not found:
        return pd.DataFrame(columns=list(UPGRADE_COLUMNS))
    every = pd.concat(found, ignore_index=True).sort_values([*_KEY, "banks"], ignore_index=True)
    gained = every["relief_mw"] - every.groupby(_KEY)["relief_mw"].shift(fill_value=0.0)
    return every[gained >= _LEAST_MW].reset_index(drop=True)


def with_upgrades(
    connections: Connections, upgrades: pd.DataFrame, layers: Layers, scenario: Scenario
) -> Connections:
    """Return connections with a further option for every number of new banks that helps.

    The option with ``banks`` banks adds ``relief_mw`` to its station level; its id ends in
    ``+<banks>``, and it takes as long as its line or its bank, whichever is longer. It helps
    where the headroom alone is less than what all sites at the level may draw together; there
    any of them may be the one that pays.

    Parameters
    ----------
    connections : Connections
        Options (one row each) and their routes.
    upgrades : DataFrame
        From :func:`station_upgrades`.
    layers : Layers
        The parameter ``grid_bank_345_154_lead_time``.
    scenario : Scenario
        ``build``: options that cannot carry the smallest build even so are left out.

    Returns
    -------
    Connections
        In the same order, each option followed by its upgraded ones; also with ``banks`` and
        ``relief_mw`` (0 without).
    """
    options = connections.options.assign(banks=0, relief_mw=0.0)
    row = np.arange(len(options))
    level = ["station_id", "station_kv"]
    largest = options.groupby([*level, "site_id"], as_index=False)["facility_max_mw"].max()
    together = largest.groupby(level)["facility_max_mw"].sum().rename("most_mw")
    most = options.join(together, on=level)["most_mw"]
    offered = upgrades.rename(columns={"voltage_kv": "station_kv"})
    pairs = options[[*level, "headroom_mw"]].assign(row=row).merge(offered, on=level)
    pairs = pairs[pairs["headroom_mw"] < most.loc[pairs["row"]].to_numpy()]
    more = options.iloc[pairs["row"]].reset_index(drop=True)
    more["banks"], more["relief_mw"] = pairs["banks"].to_numpy(), pairs["relief_mw"].to_numpy()
    more["option_id"] += "+" + more["banks"].astype(str)
    if len(more):
        lead = layers.parameters.value("grid_bank_345_154_lead_time")
        more["lead_time_years"] = more["lead_time_years"].clip(lower=lead)
    every = pd.concat([options, more], ignore_index=True)
    added_to = pairs["row"].to_numpy(dtype=np.int64)
    at = np.concatenate([row, added_to])
    # Banks that a larger site pays for may leave up to half of the headroom to another one.
    relief = np.zeros(len(options))
    np.maximum.at(relief, added_to, pairs["relief_mw"].to_numpy(dtype=np.float64))
    alone = options["headroom_mw"].to_numpy(dtype=np.float64)
    with_banks = np.asarray(more["headroom_mw"] + more["relief_mw"], dtype=np.float64)
    room = np.concatenate([np.maximum(alone, (alone + relief) / 2.0), with_banks])
    above = every["facility_min_mw"].to_numpy(dtype=np.float64)
    least = np.maximum(above, scenario.build.it_min_mw)
    fits = room >= least
    order = np.lexsort((every["banks"].to_numpy(), at))
    order = order[fits[order]]
    return Connections(every.iloc[order].reset_index(drop=True), connections.routes.take(at[order]))
