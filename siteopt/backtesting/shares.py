"""Shares of campuses that are eligible or above a percentile, by class and period."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.backtesting.by_criterion import goodness
from siteopt.backtesting.percentiles import mid_ranks, share_at_or_above
from siteopt.backtesting.proportions import proportion

if TYPE_CHECKING:
    from siteopt.backtesting.candidate_land import CandidateLand

__all__ = ["MEASURES", "TOPS_PCT", "count_shares", "groups_of"]

TOPS_PCT: Final = (25.0, 50.0)
"""Best parts of eligible land in which campuses are counted, in per cent."""

MEASURES: Final = ("suitability", "cost")
"""What land is put in order by."""

_WHOLE: Final = 100.0
_TOLERANCE: Final = 1e-9


def groups_of(campuses: pd.DataFrame, since: str | None) -> dict[str, pd.Series[bool]]:
    """Return the groups that shares are counted in, as masks of the campuses.

    Parameters
    ----------
    campuses : DataFrame
        ``class`` and, where ``since`` is given, ``period``.
    since : str, optional
        The date at which the list is divided.
    """
    everything = pd.Series(data=True, index=campuses.index)
    groups = {"all": everything}
    for name in sorted(set(campuses["class"])):
        groups[f"class {name}"] = campuses["class"] == name
    if since is not None:
        groups[f"since {since}"] = campuses["period"] == "since"
        groups[f"before {since}"] = campuses["period"] == "before"
    return groups


def count_shares(campuses: pd.DataFrame, land: CandidateLand, since: str | None) -> pd.DataFrame:
    """Return the shares with exact intervals, beside what chance would give.

    Parameters
    ----------
    campuses : DataFrame
        One row a campus, those that are counted apart left out: ``class``, ``eligible``,
        ``candidate``, ``<measure>_percentile``.
    land : CandidateLand
        Eligible land.
    since : str, optional
        The date at which the list is divided.

    Returns
    -------
    DataFrame
        ``group``; ``measure``: ``eligible`` (all campuses; chance is the eligible share of land),
        or ``suitability``, ``cost`` (campuses with a candidate; chance is the land at or above
        that percentile); ``top_pct`` (NaN for ``eligible``); ``hits``,
        ``campuses``; ``share_pct``, ``low_pct``, ``high_pct``, ``chance_pct``;
        ``against_chance``.
    """
    better, weight_ha = goodness(land), land.weight_ha
    chances = {("eligible", np.nan): land.eligible_share()}
    for measure in MEASURES:
        ranks = mid_ranks(better[measure].to_numpy(dtype=np.float64), weight_ha)
        for top in TOPS_PCT:
            chances[measure, top] = share_at_or_above(ranks, weight_ha, _WHOLE - top)
    rows = []
    for group, mask in groups_of(campuses, since).items():
        own = campuses[mask]
        for (measure, top), chance in chances.items():
            if measure == "eligible":
                hits, trials = int(own["eligible"].sum()), len(own)
            else:
                ranks = own.loc[own["candidate"] != "", f"{measure}_percentile"].to_numpy()
                hits, trials = int((ranks >= _WHOLE - top - _TOLERANCE).sum()), len(ranks)
            rows.append({"group": group, "measure": measure, "top_pct": top,
                         **_row(hits, trials, chance)})  # fmt: skip
    return pd.DataFrame(rows)


def _row(hits: int, trials: int, chance: float) -> dict[str, object]:
    found = proportion(hits, trials, chance)
    return {
        "hits": hits,
        "campuses": trials,
        "share_pct": _WHOLE * found.share,
        "low_pct": _WHOLE * found.low,
        "high_pct": _WHOLE * found.high,
        "chance_pct": _WHOLE * chance,
        "against_chance": found.against_chance,
    }
