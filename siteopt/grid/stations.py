"""Which stations a customer can be connected to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siteopt.layers.station_kinds import KIND_NOT_GIVEN

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["connectable"]


def connectable(stations: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the stations that can serve a customer.

    These are those of kind ``substation``. A switching station has no transformer and no customer
    bay, a plant or a customer's own yard is private, a tap or a line end is no station, and of an
    ``unknown`` one nothing is known. Where a table of the user's leaves the kind open, the user
    has chosen the stations: they may be connected to.

    Parameters
    ----------
    stations : GeoDataFrame
        The layer ``stations``; without a column ``kind`` all rows are returned.

    Returns
    -------
    GeoDataFrame
        Some of the rows, in their order.
    """
    if "kind" not in stations.columns:
        return stations
    left_open = stations["kind"] == "unknown"
    if "kind_rule" in stations.columns:
        left_open &= stations["kind_rule"] == KIND_NOT_GIVEN
    else:
        left_open &= False
    return stations[(stations["kind"] == "substation") | left_open]
