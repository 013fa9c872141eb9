"""Acceptability of sites and places over draws, and the value at risk of the plan.

Rank acceptability and pairwise winning index as in SMAA-2 (Lahdelma and Salminen 2001), with the
ranks of the program instead of a weighted sum: chosen sites first, the others by what the
relaxation says that they cost. Shares have exact intervals (Clopper and Pearson 1934), those of
independent draws: spread ones settle faster, as their standard errors from replicates show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy import stats

from siteopt.robustness.sampling import standard_error

if TYPE_CHECKING:
    from siteopt._arrays import Floats, Ints
    from siteopt.robustness.draws import Draws

__all__ = [
    "LEVELS", "RANK_BANDS", "convergence", "inclusion", "pairwise_winning", "rank_acceptability",
    "shortlist", "value_at_risk",
]  # fmt: skip

LEVELS: Final = ("site", "station", "district", "province")
"""Places, from the smallest to the largest, of which a plan has a part or not."""

RANK_BANDS: Final = (1, 3, 5, 10, 20, 50)
"""Last rank of each band but the last one, which has all further sites."""

_CONFIDENCE: Final = 0.95
_TAIL: Final = 0.05


def inclusion(draws: Draws, places: pd.DataFrame) -> pd.DataFrame:
    """Return the probability of places to have a part in the plan.

    Parameters
    ----------
    draws : Draws
        Plans of all draws.
    places : DataFrame
        Indexed by ``option_id``: the places of an option, a column for each of `LEVELS`.

    Returns
    -------
    DataFrame
        One row a level and place that some plan has: ``level``, ``place``, ``draws`` with it,
        ``share_pct`` of the draws with a plan, its exact 95 % interval ``low_pct`` and
        ``high_pct``, ``standard_error_pct`` from replicates, and ``it_mw``, its mean size in plans
        that have it; by level, then share.
    """
    planned = _planned(draws)
    count = len(planned)
    known = draws.chosen.join(places, on="option_id")
    rows = []
    for level in LEVELS:
        sizes = known.pivot_table(
            index="draw", columns=level, values="it_mw", aggfunc="sum", fill_value=0.0
        ).reindex(planned, fill_value=0.0)
        there = sizes.to_numpy(dtype=np.float64) > 0
        errors = standard_error(there.astype(np.float64))
        for place, name in enumerate(sizes.columns.astype(str)):
            hits = int(there[:, place].sum())
            low, high = exact_interval(hits, count)
            mean_mw = float(sizes.to_numpy()[there[:, place], place].mean())
            rows.append(
                (level, name, hits, 100.0 * hits / count, 100.0 * low, 100.0 * high,
                 100.0 * float(errors[place]), mean_mw)
            )  # fmt: skip
    columns = [
        "level", "place", "draws", "share_pct", "low_pct", "high_pct", "standard_error_pct", "it_mw",
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    order = table["level"].map({level: place for place, level in enumerate(LEVELS)})
    return (
        table.assign(order=order)
        .sort_values(["order", "draws", "place"], ascending=[True, False, True], ignore_index=True)
        .drop(columns="order")
    )


def exact_interval(hits: int, count: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a share (Clopper and Pearson 1934).

    Parameters
    ----------
    hits : int
        Draws in which something holds.
    count : int
        All draws.
    """
    if not count:
        return 0.0, 1.0
    found = stats.binomtest(hits, count).proportion_ci(_CONFIDENCE, method="exact")
    return float(found.low), float(found.high)


def shortlist(draws: Draws, size: int = 30) -> list[str]:
    """Return the sites that are in some plan or stand best in the mean, at most ``size`` of these.

    Parameters
    ----------
    draws : Draws
        Plans of all draws.
    size : int
        Number of sites by mean rank beside those in plans.
    """
    ranks = _ranks(draws)
    best = pd.Series(ranks.mean(axis=0), index=draws.standing.columns)
    chosen = set(draws.chosen["site_id"].astype(str))
    order = best.reset_index(name="rank").sort_values(["rank", "index"])["index"].astype(str)
    first = set(order.iloc[:size])
    return [name for name in order if name in chosen or name in first]


def rank_acceptability(draws: Draws) -> pd.DataFrame:
    """Return the share of draws in which a site has a rank of each band.

    Parameters
    ----------
    draws : Draws
        Plans of all draws.

    Returns
    -------
    DataFrame
        Indexed by ``site_id``, all candidates: ``rank_1_pct``, ``rank_2_3_pct`` ... and
        ``rank_further_pct``, which sum to 100 by site, and ``mean_rank``.
    """
    ranks = _ranks(draws)
    ends = (0, *RANK_BANDS, np.inf)
    names = [
        f"rank_{first + 1}_pct" if first + 1 == last else f"rank_{first + 1}_{last}_pct"
        for first, last in zip(ends, RANK_BANDS, strict=False)
    ]
    columns = {
        name: 100.0 * ((ranks > low) & (ranks <= high)).mean(axis=0)
        for name, low, high in zip([*names, "rank_further_pct"], ends, ends[1:], strict=False)
    }
    index = pd.Index(draws.standing.columns, name="site_id")
    return pd.DataFrame({**columns, "mean_rank": ranks.mean(axis=0)}, index=index)


def pairwise_winning(draws: Draws, sites: list[str]) -> pd.DataFrame:
    """Return the share of draws in which one site stands before another.

    Parameters
    ----------
    draws : Draws
        Plans of all draws.
    sites : list of str
        Sites that are compared; ties count half.

    Returns
    -------
    DataFrame
        ``sites`` by ``sites``, in percent: the row before the column; 50 of a site with itself.
    """
    standing = _standing(draws)[sites].to_numpy(dtype=np.float64)
    one, two = standing[:, :, None], standing[:, None, :]
    with np.errstate(invalid="ignore"):
        wins = (one < two).mean(axis=0) + 0.5 * (one == two).mean(axis=0)
    return pd.DataFrame(100.0 * wins, index=pd.Index(sites, name="site_id"), columns=sites)


def value_at_risk(draws: Draws, cost_bn_krw: float) -> pd.DataFrame:
    """Return the spread of the cost of the best plan, and of what committing to the sites costs.

    Value at risk at 95 % is the cost that one draw in twenty exceeds, the conditional one its mean
    in those (expected shortfall; Rockafellar and Uryasev 2000).

    Parameters
    ----------
    draws : Draws
        Plans of all draws.
    cost_bn_krw : float
        Cost of the plan of the run.

    Returns
    -------
    DataFrame
        One row a ``figure`` (``best_plan``; ``committed``: what the best plan with all sites of the
        run's plan that can be built costs more than the best one), in bn KRW: ``draws``, ``mean``,
        ``standard_error``, ``sd``, ``p5``, ``median``, ``p95`` (value at risk), ``cvar95`` and
        ``in_run``.
    """
    table = draws.table
    rows = []
    for name, values, in_run in (
        ("best_plan", table["cost_bn_krw"], cost_bn_krw),
        ("committed", table["committed_bn_krw"] - table["cost_bn_krw"], 0.0),
    ):
        known = values.dropna().to_numpy(dtype=np.float64)
        if not len(known):
            continue
        low, middle, high = np.quantile(known, [_TAIL, 0.5, 1.0 - _TAIL])
        rows.append(
            (name, len(known), known.mean(), float(standard_error(known)), known.std(), low, middle,
             high, known[known >= high].mean(), in_run)
        )  # fmt: skip
    columns = [
        "figure", "draws", "mean", "standard_error", "sd", "p5", "median", "p95", "cvar95", "in_run",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def convergence(draws: Draws, places: pd.DataFrame, names: int = 10) -> pd.DataFrame:
    """Return how shares and cost settle as draws are added.

    Parameters
    ----------
    draws : Draws
        Plans of all draws.
    places : DataFrame
        As of `inclusion`.
    names : int
        Number of districts, those most often in the plan.

    Returns
    -------
    DataFrame
        One row a number of draws (a quarter, a half, all): ``draws``, ``cost_bn_krw`` (mean),
        ``cost_standard_error_bn_krw``, and ``largest_change_pct``: the largest difference of the
        share of one of the districts from that of all draws.
    """
    planned = _planned(draws)
    known = draws.chosen.join(places["district"], on="option_id")
    there = pd.crosstab(known["draw"], known["district"]).reindex(planned, fill_value=0) > 0
    shares = there.mean().sort_values(ascending=False, kind="stable").head(names)
    cost = draws.table.set_index("draw")["cost_bn_krw"].reindex(planned)
    rows = []
    for part in (0.25, 0.5, 1.0):
        count = max(round(part * len(planned)), 1)
        far = (there[shares.index].iloc[:count].mean() - shares).abs().max()
        some = cost.iloc[:count].to_numpy(dtype=np.float64)
        rows.append((count, some.mean(), float(standard_error(some)), 100.0 * far))
    columns = ["draws", "cost_bn_krw", "cost_standard_error_bn_krw", "largest_change_pct"]
    return pd.DataFrame(rows, columns=columns)


def _planned(draws: Draws) -> Ints:
    """Return the draws that have a plan."""
    table = draws.table
    known = table["status"].isin(["optimal", "feasible"])
    return table.loc[known, "draw"].to_numpy(dtype=np.int64)


def _standing(draws: Draws) -> pd.DataFrame:
    return draws.standing.loc[_planned(draws)]


def _ranks(draws: Draws) -> Floats:
    """Return the rank (draws, sites) of every site in every draw, from 1; ties by the site's id."""
    standing = _standing(draws).to_numpy(dtype=np.float64)
    order = np.argsort(standing, axis=1, kind="stable")
    ranks = np.empty(standing.shape)
    np.put_along_axis(ranks, order, np.arange(1.0, standing.shape[1] + 1)[None, :], axis=1)
    return ranks
