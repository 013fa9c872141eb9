"""Campuses on the map: lines from the centre of each to its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from siteopt.report._base import encoded

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["campus_payload"]


def campus_payload(ranking: pd.DataFrame) -> dict[str, Any]:
    """Return ``campuses`` of the map's data: by row the way from the centre to each part and back.

    Empty where the run has no campuses. A way is text as :func:`siteopt.report._base.encoded`
    writes it; every second point is the centre.

    Parameters
    ----------
    ranking : DataFrame
        The rows that the map shows, in order.
    """
    if "campus_lon_lat" not in ranking.columns:
        return {}
    ways: dict[str, str] = {}
    for row, points in enumerate(ranking["campus_lon_lat"].fillna("").astype(str)):
        if points:
            parts = np.array([point.split() for point in points.split(";")], dtype=np.float64)
            way = np.repeat(parts[:1], 2 * len(parts) - 1, axis=0)
            way[1::2] = parts[1:]
            ways[str(row)] = encoded(way)
    return {"campuses": ways}
