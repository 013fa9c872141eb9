"""Criteria beside a list: direction and strength of each (AUC), and the criterion to blame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy.stats import mannwhitneyu

from siteopt.backtesting.percentiles import mid_ranks, weighted_median
from siteopt.backtesting.proportions import CONFIDENCE
from siteopt.criteria import CRITERION_NAMES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.backtesting.candidate_land import CandidateLand

__all__ = ["LEAST_SITES", "blamed", "compare_criteria", "goodness"]

LEAST_SITES: Final = 5
"""Below so many campuses no interval is given: a bootstrap of fewer has hardly any values."""

_DRAWS: Final = 9_999
_BLOCK: Final = 1_000_000
"""Figures drawn at once, so that a long list needs no more memory than a short one."""

_MIDDLE: Final = 0.5
_WHOLE: Final = 100.0
_EPSILON: Final = 1e-12


def goodness(land: CandidateLand) -> pd.DataFrame:
    """Return what is better where it is more, by ``site_id``: criteria, suitability, cost.

    Parameters
    ----------
    land : CandidateLand
        Candidate sites.

    Returns
    -------
    DataFrame
        ``grid``, ... (scores 0 to 1), ``suitability``, ``cost`` (minus bn KRW per MW; minus
        infinity where a site has no possible connection, so that it is the dearest).
    """
    sites = land.sites.set_index("site_id")
    out = pd.DataFrame({name: sites[f"score_{name}"] for name in CRITERION_NAMES})
    out["suitability"] = sites["suitability"]
    out["cost"] = (-sites["bn_krw_per_mw"]).fillna(-np.inf)
    return out


def blamed(candidates: list[str], land: CandidateLand) -> pd.DataFrame:
    """Return for each candidate the criterion that costs it most suitability against the median.

    The criterion with the largest ``weight * (median of eligible land - score)``, where that is
    above 0; the median is that of eligible land.

    Parameters
    ----------
    candidates : list of str
        Site ids; an empty one has no criterion.
    land : CandidateLand
        Candidate sites and weights.

    Returns
    -------
    DataFrame
        In the order of ``candidates``: ``blamed`` (empty where no score is below its median)
        and ``blamed_points``, what it costs of suitability (0 to 1).
    """
    scores = goodness(land)[list(CRITERION_NAMES)]
    medians = np.array(
        [weighted_median(scores[name].to_numpy(), land.weight_ha) for name in CRITERION_NAMES]
    )
    weights = np.array([land.weights[name] for name in CRITERION_NAMES])
    known = scores.reindex(candidates).to_numpy(dtype=np.float64)
    lost = np.nan_to_num(weights * (medians - known), nan=0.0)
    worst = lost.argmax(axis=1)
    points = lost[np.arange(len(lost)), worst]
    below = points > _EPSILON
    names = np.array(CRITERION_NAMES, dtype=object)[worst]
    return pd.DataFrame(
        {"blamed": np.where(below, names, ""), "blamed_points": np.where(below, points, np.nan)}
    )


def compare_criteria(candidates: list[str], land: CandidateLand, seed: int) -> pd.DataFrame:
    """Return how each criterion tells the list from eligible land.

    ``auc`` is the chance that the candidate of a listed campus is better than a place drawn at
    random from eligible land, ties counted by half: the area under the ROC curve,
    which is the common-language effect size (McGraw and Wong 1992), and the mean percentile rank of
    the campuses over 100. ``rank_biserial`` is ``2 auc - 1`` (Kerby 2014). The interval is a
    percentile bootstrap over campuses (Efron and Tibshirani 1993); eligible land is known whole
    and is not drawn again. ``p_value`` is of the two-sided test of Mann and Whitney (1947),
    in which every candidate site counts once.

    Parameters
    ----------
    candidates : list of str
        The candidate site of each campus.
    land : CandidateLand
        Candidate sites.
    seed : int
        Seed of the bootstrap.

    Returns
    -------
    DataFrame
        One row a criterion, then ``suitability`` and ``cost``: ``criterion``, ``weight``
        (share in suitability; NaN for the last two), ``campuses``, ``auc``, ``auc_low``,
        ``auc_high`` (NaN with fewer than five campuses, or where all have one rank), ``rank_biserial``, ``p_value``,
        ``direction``: ``as scored`` (listed campuses are better), ``against`` (worse), where both
        interval and test say so; else ``not told apart`` from eligible land, ``no spread`` where
        all land has one value, ``too few``.
    """
    better = goodness(land)
    return pd.DataFrame(
        [
            {
                "criterion": name,
                "weight": land.weights.get(name, np.nan),
                "campuses": len(candidates),
                **_compared(better[name], candidates, land.weight_ha, seed),
            }
            for name in map(str, better.columns)
        ]
    )


def _compared(
    better: pd.Series[float], candidates: list[str], weight_ha: NDArray[np.float64], seed: int
) -> dict[str, object]:
    """Return AUC, interval, test and direction of one criterion."""
    values = np.asarray(better.to_numpy(), dtype=np.float64)
    listed = better.index.get_indexer(pd.Index(candidates, dtype=object))
    own = np.sort(mid_ranks(values, weight_ha)[listed]) / _WHOLE
    auc = float(own.mean()) if len(own) else np.nan
    low, high = _interval(own, seed)
    told = {"auc": auc, "auc_low": low, "auc_high": high, "rank_biserial": 2.0 * auc - 1.0}
    if len(np.unique(values)) == 1:
        return {**told, "p_value": np.nan, "direction": "no spread"}
    p_value = np.nan
    if len(own):
        test = mannwhitneyu(values[listed], values, alternative="two-sided")
        p_value = float(test.pvalue)
    return {**told, "p_value": p_value, "direction": _direction(low, high, p_value)}


def _interval(own: NDArray[np.float64], seed: int) -> tuple[float, float]:
    """Return the bootstrap interval of a mean, NaN where there are too few or all are equal."""
    if len(own) < LEAST_SITES:
        return np.nan, np.nan
    if np.ptp(own) <= _EPSILON:  # one value drawn again and again says nothing of its spread
        return np.nan, np.nan
    rng, block = np.random.default_rng(seed), max(1, _BLOCK // len(own))
    means = np.concatenate(
        [
            own[rng.integers(len(own), size=(min(block, _DRAWS - begin), len(own)))].mean(axis=1)
            for begin in range(0, _DRAWS, block)
        ]
    )
    tail = (1.0 - CONFIDENCE) / 2.0
    low, high = np.quantile(means, [tail, 1.0 - tail])
    return float(low), float(high)


def _direction(low: float, high: float, p_value: float) -> str:
    if np.isnan(low):
        return "too few"
    if p_value >= 1.0 - CONFIDENCE or low <= _MIDDLE <= high:
        return "not told apart"
    return "as scored" if low > _MIDDLE else "against"
