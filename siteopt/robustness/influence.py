"""Influence of inputs: first-order sensitivity indices of the cost and of the choice.

Share of the variance that an input explains alone, from draws as they are (random balance designs:
Tarantola, Gatelli and Mara 2006; for any sample Plischke 2010), by SALib. The sign is that of
Spearman's rank correlation. With few draws the indices of weak inputs are noise about 0, which their
intervals show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy import stats

if TYPE_CHECKING:
    from siteopt.robustness.draws import Draws

__all__ = ["FIGURES", "influence"]

FIGURES: Final = ("cost", "choice")
"""The cost of the best plan, and the share of the run's sites that it has."""

_RESAMPLES: Final = 100
_CHANCE: Final = 0.05
_HARMONICS: Final = 10
"""Of the random balance design; twice as many draws are the least that it can use."""


def influence(draws: Draws, inputs: pd.DataFrame, in_plan: set[str], seed: int) -> pd.DataFrame:
    """Return the influence of every input on cost and choice.

    Parameters
    ----------
    draws : Draws
        Plans of all draws.
    inputs : DataFrame
        `DrawnInputs.table`: one row a draw, one column an input.
    in_plan : set of str
        Sites of the plan of the run.
    seed : int
        Of the resampling that intervals come from.

    Returns
    -------
    DataFrame
        ``figure`` (`FIGURES`), ``input``, ``first_order`` (share of the variance), ``confidence``
        (half width of its 95 % interval), ``correlation`` (Spearman's) and ``stands_out``: whether
        both lie beyond what chance gives (Bonferroni's bound over all inputs, 5 %), by figure and
        falling share; empty with too few draws, or where a figure does not vary.
    """
    columns = ["figure", "input", "first_order", "confidence", "correlation", "stands_out"]
    known = draws.table[draws.table["status"].isin(["optimal", "feasible"])].set_index("draw")
    if len(known) <= 2 * _HARMONICS or inputs.empty:
        return pd.DataFrame(columns=columns)
    values = inputs.loc[known.index]
    moved = values.columns[np.ptp(values.to_numpy(dtype=np.float64), axis=0) > 0]
    rows = []
    for figure, figures in (
        ("cost", known["cost_bn_krw"].astype(float)),
        ("choice", _kept(draws, in_plan).reindex(known.index)),
    ):
        if np.ptp(figures.to_numpy()) == 0 or not len(moved):
            continue
        rows += _indices(figure, values[moved], figures, seed)
    table = pd.DataFrame(rows, columns=columns)
    order = table["figure"].map({name: place for place, name in enumerate(FIGURES)})
    return (
        table.assign(order=order)
        .sort_values(["order", "first_order", "input"], ascending=[True, False, True])
        .drop(columns="order")
        .reset_index(drop=True)
    )


def _indices(
    figure: str, values: pd.DataFrame, figures: pd.Series[float], seed: int
) -> list[tuple[str, str, float, float, float, bool]]:
    from SALib.analyze import rbd_fast  # noqa: PLC0415 - takes a second to load

    names = values.columns.astype(str).tolist()
    problem = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    table, out = values.to_numpy(dtype=np.float64), figures.to_numpy(dtype=np.float64)
    found = rbd_fast.analyze(problem, table, out, M=_HARMONICS, num_resamples=_RESAMPLES, seed=seed)
    rows = []
    for place, name in enumerate(names):
        first, wide = float(found["S1"][place]), float(found["S1_conf"][place])
        rank = stats.spearmanr(table[:, place], out)
        beyond = bool(first > wide and rank.pvalue * len(names) < _CHANCE)
        rows.append((figure, name, first, wide, float(rank.statistic), beyond))
    return rows


def _kept(draws: Draws, in_plan: set[str]) -> pd.Series[float]:
    """Return the share of the run's sites that the plan of each draw has."""
    own = draws.chosen[draws.chosen["site_id"].isin(in_plan)]
    count = own.groupby("draw")["site_id"].nunique()
    return count.reindex(draws.table["draw"], fill_value=0).astype(float) / max(len(in_plan), 1)
