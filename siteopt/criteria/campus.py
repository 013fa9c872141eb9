"""Criteria of campuses: land prices and charges as means over their parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MEANS", "with_campus_means"]

MEANS: Final = ("land_price_krw_m2", "conversion_krw_m2", "farm_share_pct", "forest_share_pct")
"""Criteria of which a campus has the mean over the power of its parts; it has all others at its
centre."""


def with_campus_means(
    described: pd.DataFrame, parts: pd.DataFrame, sites: pd.DataFrame
) -> pd.DataFrame:
    """Return criteria in which campuses have the means of their parts.

    Parameters
    ----------
    described : DataFrame
        Criteria of all sites by ``site_id``.
    parts : DataFrame
        Criteria of all tiles and complexes by ``site_id``.
    sites : DataFrame
        ``site_id``, ``kind``, ``campus_parts`` and ``campus_parts_mw``, joined by ``;``.

    Returns
    -------
    DataFrame
        ``described``; of a campus :data:`MEANS` are the means over its parts, weighted by the MW
        that each gives.
    """
    out = described.copy()
    own = sites[sites["kind"] == "campus"]
    columns = list(MEANS)
    of_part = parts[columns].astype(np.float64)
    named = zip(own["site_id"], own["campus_parts"], own["campus_parts_mw"], strict=True)
    for site_id, ids, sizes in named:
        weights = np.array([float(mw) for mw in str(sizes).split(";")])
        values = of_part.loc[str(ids).split(";")].to_numpy()
        out.loc[site_id, columns] = weights @ values / weights.sum()
    return out
