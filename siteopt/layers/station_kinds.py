"""Kinds of stations, and what a table of the user's without them is taken for."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["KIND_NOT_GIVEN", "STATION_KINDS", "with_kinds"]

STATION_KINDS: Final = ("substation", "switching", "plant", "tap", "line end", "unknown")
"""What a station of the network can be; only a substation serves a customer."""

KIND_NOT_GIVEN: Final = "not given in the table"
"""``kind_rule`` of a station whose kind a table of the user's leaves open."""

_LOG: Final = logging.getLogger(__name__)


def with_kinds(stations: gpd.GeoDataFrame, file: str) -> gpd.GeoDataFrame:
    """Return stations each of which has a kind; what has none is ``unknown``, and that is said.

    Parameters
    ----------
    stations : GeoDataFrame
        As checked; ``kind`` may be missing or empty.
    file : str
        Name of the file for the message.

    Returns
    -------
    GeoDataFrame
        With ``kind`` and ``kind_rule`` (:data:`KIND_NOT_GIVEN` where the kind was left open: such
        stations may be connected to, see :func:`siteopt.grid.stations.connectable`).
    """
    if "kind" not in stations.columns:
        _LOG.warning(
            "%s: no column kind; all %d stations are taken as unknown and may be connected to",
            file, len(stations),
        )  # fmt: skip
        return stations.assign(kind="unknown", kind_rule=KIND_NOT_GIVEN)
    rules = stations.get("kind_rule")
    out = stations if rules is not None else stations.assign(kind_rule="")
    empty = out["kind"].isna()
    if empty.any():
        _LOG.warning(
            "%s: %d station(s) without a kind are taken as unknown and may be connected to",
            file, int(empty.sum()),
        )  # fmt: skip
        out = out.assign(
            kind=out["kind"].fillna("unknown"),
            kind_rule=out["kind_rule"].mask(empty, KIND_NOT_GIVEN),
        )
    return out
