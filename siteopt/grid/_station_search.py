"""Stations that may feed a site: of those that were tried the ones with the cheapest routes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from siteopt.grid.routes import Routes

__all__ = ["cheapest", "points_xy", "second_feeds"]

_COST_DECIMALS: Final = 6
"""Routes whose costs agree to a thousand won cost the same."""


def second_feeds(
    site: NDArray[np.int64],
    station: NDArray[np.int64],
    stands: NDArray[np.bool_],
    tried: Routes,
    kept: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return for each kept pair the row of the cheapest route to another existing station.

    -1 where no other station is in reach. The two cheapest of a site are enough to know.
    """
    rows = np.flatnonzero(tried.table["found"].to_numpy(dtype=np.bool_) & stands)
    cost = np.round(tried.table["route_bn_krw"].to_numpy(dtype=np.float64)[rows], _COST_DECIMALS)
    rows = rows[np.lexsort((rows, cost, site[rows]))]
    place = np.arange(len(rows)) - np.searchsorted(site[rows], site[rows], side="left")
    best = np.full((2, int(site.max(initial=0)) + 1), -1, dtype=np.int64)
    for rank in (0, 1):
        there = rows[place == rank]
        best[rank, site[there]] = there
    first, other = best[:, site[kept]]
    own = (first >= 0) & (station[first] == station[kept])
    second: NDArray[np.int64] = np.where(own, other, first)
    return second


def cheapest(
    site: NDArray[np.int64],
    group: NDArray[np.int64],
    routed: pd.DataFrame,
    counts: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return the rows of the cheapest routes of each site and group, nearest first among equals.

    Rows come ordered by site, group and distance; pairs without a route are left out.
    """
    rows = np.flatnonzero(routed["found"])
    cost = np.round(routed["route_bn_krw"].to_numpy()[rows], _COST_DECIMALS)
    rows = rows[np.lexsort((rows, cost, group[rows], site[rows]))]
    key = site[rows] * len(counts) + group[rows]
    place = np.arange(len(rows)) - np.searchsorted(key, key, side="left")
    return rows[place < counts[group[rows]]]


def points_xy(frame: gpd.GeoDataFrame) -> NDArray[np.float64]:
    return np.column_stack([frame.geometry.x, frame.geometry.y]).astype(np.float64)
