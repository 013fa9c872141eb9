"""Which ranks of a ranking are proven, and which may still change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["proven_ranks"]

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
