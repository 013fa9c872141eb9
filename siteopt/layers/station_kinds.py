"""Station kinds: those that serve customers, and the default of a table without kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

__all__ = ["KIND_NOT_GIVEN", "NO_STATIONS", "STATION_KINDS", "serves_customers", "with_kinds"]

STATION_KINDS: Final = ("substation", "switching", "plant", "tap", "line end", "unknown")
"""What a station of the network can be; only a substation serves a customer."""

NO_STATIONS: Final = ("tap", "line end")
"""Kinds that are no places: points where lines meet or end."""

KIND_NOT_GIVEN: Final = "not given in the table"
"""``kind_rule`` of a station whose kind a table of the user's leaves open."""


def serves_customers(stations: pd.DataFrame) -> pd.Series[bool]:
    """Return which stations can serve a customer.

    These are those of kind ``substation``. A switching station has no transformer and no customer
    bay, a plant or a customer's own yard is private, a tap or a line end is no station, and of an
    ``unknown`` one nothing is known. Where a table of the user's leaves the kind open, the user
    has chosen the stations: they can serve. Without a column ``kind`` all can.
    """
    if "kind" not in stations.columns:
        return stations["station_id"].notna()
    can = stations["kind"] == "substation"
    if "kind_rule" in stations.columns:
        can |= (stations["kind"] == "unknown") & (stations["kind_rule"] == KIND_NOT_GIVEN)
    return can


def with_kinds(stations: gpd.GeoDataFrame, file: str) -> tuple[gpd.GeoDataFrame, str]:
    """Return stations each of which has a kind, and a note on it.

    Parameters
    ----------
    stations : GeoDataFrame
        As checked; ``kind`` may be missing or empty.
    file : str
        Name of the file for the sentence.

    Returns
    -------
    tuple of GeoDataFrame and str
        With ``kind`` and ``kind_rule``; where the kind was left open ``unknown`` and
        :data:`KIND_NOT_GIVEN`. The sentence is empty where all have a kind.
    """
    if "kind" not in stations.columns:
        sentence = (
            f"{file}: no column kind; all {len(stations)} stations are taken as unknown and may be"
        )
        return stations.assign(kind="unknown", kind_rule=KIND_NOT_GIVEN), f"{sentence} connected to"
    out = stations if "kind_rule" in stations.columns else stations.assign(kind_rule="")
    empty = out["kind"].isna()
    if not empty.any():
        return out, ""
    out = out.assign(
        kind=out["kind"].fillna("unknown"), kind_rule=out["kind_rule"].mask(empty, KIND_NOT_GIVEN)
    )
    return out, (
        f"{file}: {int(empty.sum())} station(s) without a kind are taken as unknown and may be "
        "connected to"
    )
