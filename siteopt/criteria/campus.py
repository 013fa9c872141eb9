"""Criteria of campuses: land as a mean over their parts, water from the basins of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.layers.land_cover import COVER_LAYERS

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MEANS", "describe_campuses"]

MEANS: Final = (
    "land_price_krw_m2", "conversion_krw_m2", "farm_share_pct", "forest_share_pct", *COVER_LAYERS,
)  # fmt: skip
"""Criteria of which a campus has the mean over the power of its parts; it has all others at its
centre."""


def describe_campuses(
    described: pd.DataFrame, parts: pd.DataFrame, sites: pd.DataFrame
) -> pd.DataFrame:
    """Return criteria in which campuses have the means and the basins of their parts.

    Parameters
    ----------
    described : DataFrame
        Criteria of all sites by ``site_id``.
    parts : DataFrame
        Criteria of all tiles and complexes by ``site_id``.
    sites : DataFrame
        ``site_id``, ``kind``, ``campus_parts`` and ``campus_part_sizes``, joined by ``;``.

    Returns
    -------
    DataFrame
        ``described``; of a campus :data:`MEANS` are the means over its parts, weighted by the MW
        that each gives. ``basin_shares`` is what each basin gives of a campus's water, as
        ``A=0.6;B=0.4``: every part is watered by its own basin. Empty of any other site.
    """
    out = described.copy()
    own = sites[sites["kind"] == "campus"]
    columns = list(MEANS)
    of_part = parts[columns].astype(np.float64)
    out["basin_shares"] = ""
    named = zip(own["site_id"], own["campus_parts"], own["campus_part_sizes"], strict=True)
    for site_id, ids, sizes in named:
        weights = np.array([float(mw) for mw in str(sizes).split(";")])
        members = str(ids).split(";")
        out.loc[site_id, columns] = weights @ of_part.loc[members].to_numpy() / weights.sum()
        by_basin = dict.fromkeys(sorted(parts.loc[members, "basin_id"].astype(str)), 0.0)
        for basin, mw in zip(parts.loc[members, "basin_id"].astype(str), weights, strict=True):
            by_basin[basin] += float(mw)
        total = float(weights.sum())
        shares = [f"{basin}={mw / total!r}" for basin, mw in by_basin.items()]
        out.loc[site_id, "basin_shares"] = ";".join(shares)
    return out
