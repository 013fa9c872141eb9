"""Proven ranks, and rank intervals where bounds overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from siteopt._arrays import Floats


__all__ = ["proven_ranks", "rank_intervals"]

_UNITS: Final = ("bn_krw", "suitable_mw")


def proven_ranks(ranking: pd.DataFrame) -> pd.Series[bool]:
    """Return which sites of a ranking have a proven rank.

    Their own figure is known, and no site whose figure is only bounded could stand before them: a
    chosen one by a higher value, any other one by a lower regret.

    Parameters
    ----------
    ranking : DataFrame
        ``proof``, ``chosen``, and value, regret, lower and upper bound in one unit, as
        ``ranking.csv`` has them; without bounds every known figure counts.
    """
    known = ranking["proof"].isin(["exact", "indispensable"])
    bounded = ranking["proof"] == "bounded"
    unit = next((unit for unit in _UNITS if f"lower_{unit}" in ranking), None)
    if unit is None or "chosen" not in ranking:
        return known
    chosen = ranking["chosen"].astype(bool)
    lowest = ranking.loc[bounded & ~chosen, f"lower_{unit}"].min()  # NaN where there is none
    highest = ranking.loc[bounded & chosen, f"upper_{unit}"].fillna(np.inf).max()
    late = ~chosen & (ranking[f"regret_{unit}"] > lowest)
    early = chosen & (ranking[f"value_{unit}"] < highest)
    proven: pd.Series[bool] = known & ~late & ~early
    return proven


def rank_intervals(ranking: pd.DataFrame) -> pd.DataFrame:
    """Return the best and the worst rank that each site can have by what is proven.

    A site with an exact figure has its place, one with bounds any place between them; without
    an upper bound it may be last. A proven rank is both ends, and no interval leaves out ``rank``.

    Parameters
    ----------
    ranking : DataFrame
        As for `proven_ranks`, with bounds and ``rank``.

    Returns
    -------
    DataFrame
        ``rank_low`` (best) and ``rank_high`` (worst), whole numbers; empty for sites without a
        rank.
    """
    unit = next(unit for unit in _UNITS if f"lower_{unit}" in ranking)
    chosen = ranking["chosen"].to_numpy(dtype=np.bool_)
    exact = ranking["proof"].isin(["exact", "indispensable"]).to_numpy()
    column = {
        name: ranking[f"{name}_{unit}"].to_numpy(dtype=np.float64, na_value=np.nan)
        for name in ("value", "regret", "lower", "upper")
    }
    figure = np.where(chosen, column["value"], column["regret"])
    figure = np.where(exact & np.isnan(figure), np.inf, figure)  # indispensable: beyond all others
    least = np.where(exact, figure, np.nan_to_num(column["lower"], nan=0.0))
    most = np.where(exact, figure, np.nan_to_num(column["upper"], nan=np.inf))
    most = np.maximum(least, most)
    there = ranking["rank"].notna().to_numpy()
    rank = ranking["rank"].to_numpy(dtype=np.float64, na_value=np.nan)
    low, high = np.full(len(ranking), np.nan), np.full(len(ranking), np.nan)
    # A chosen site is before others by a higher value, any other one by a lower regret.
    of_plan, others = there & chosen, there & ~chosen
    low[of_plan], high[of_plan] = _ranks_between(-most[of_plan], -least[of_plan], 0)
    ahead = int(np.count_nonzero(of_plan))
    low[others], high[others] = _ranks_between(least[others], most[others], ahead)
    proven = proven_ranks(ranking).to_numpy(dtype=np.bool_)
    low = np.where(proven, rank, np.fmin(low, rank))
    high = np.where(proven, rank, np.fmax(high, rank))
    both = {"rank_low": low, "rank_high": high}
    return pd.DataFrame(
        {
            name: pd.Series(ends, index=ranking.index).where(there).astype("Int64")
            for name, ends in both.items()
        }
    )


def _ranks_between(first: Floats, last: Floats, before: int) -> tuple[Floats, Floats]:
    """Return the least and the most rank of figures between two ends each, lower ones first."""
    low = before + 1 + np.searchsorted(np.sort(last), first, side="left")
    ahead = np.searchsorted(np.sort(first), last, side="left")
    itself = first < last
    return low.astype(np.float64), (before + 1 + ahead - itself).astype(np.float64)
