"""Hosting capacity at the bus of the largest site after any single outage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siteopt.grid.hosting import hosting_of_case

if TYPE_CHECKING:
    from siteopt.layers.protocols import LayersLike
    from siteopt.runs.results import Run

__all__ = ["room_after_outage"]


def room_after_outage(run: Run, layers: LayersLike) -> dict[str, float]:
    """Return what the largest site of a plan draws, and what its bus can host with N-1 security.

    Parameters
    ----------
    run : Run
        The finished run.
    layers : Layers
        ``hosting``: hosting capacity of each bus, one at a time.

    Returns
    -------
    dict
        ``largest_facility_mw``, contract power, and ``largest_n1_mw``, the least over the
        snapshots of the hosting capacity of its bus after any single outage; empty where the
        table is of another case or does not know the bus.
    """
    hosting = hosting_of_case(layers)
    sites = run.portfolio["sites"]
    largest = min(sites, key=lambda site: (-float(site["it_mw"]), str(site["site_id"])))
    if hosting is None:
        return {}
    own = hosting[
        (hosting["security"] == "n-1")
        & (hosting["bus_id"].astype(str) == str(largest.get("bus_id", "")))
    ]
    if own.empty:
        return {}
    return {
        "largest_facility_mw": float(largest["facility_mw"]),
        "largest_n1_mw": float(own["hosting_mw"].min()),
    }
