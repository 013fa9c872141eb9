"""``siteopt backtest``: the plausibility check computed, written, and fitted to the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from siteopt._files import check_folder
from siteopt.backtesting.backtest import backtest
from siteopt.backtesting.page import write_backtest
from siteopt.backtesting.summary import campus_lines, summary

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["check_plausibility"]


def check_plausibility(  # noqa: PLR0913 - one for each option of the command
    sites: Path,
    *,
    scenario: str | None,
    run: Path | None,
    by_criterion: bool,
    plan: bool,
    since: str | None,
    campus_km: float,
    reach_km: float,
    out: Path | None,
    cache: Path | None,
) -> tuple[str, pd.DataFrame | None]:
    """Compare the list, write the requested files, and return what to print.

    Parameters
    ----------
    sites, scenario, run, by_criterion, plan, since, campus_km, reach_km, cache
        As of `siteopt.backtest`.
    out : Path, optional
        Folder for the files.

    Returns
    -------
    str
        What becomes of each campus, and the summary.
    DataFrame, optional
        The criteria, fitted to a screen.

    Raises
    ------
    LayerFileError
        If the folder cannot be written to; nothing is computed then.
    """
    if out is not None:
        check_folder(out)
    found = backtest(
        sites, scenario, run=run, by_criterion=by_criterion, plan=plan, since=since,
        campus_km=campus_km, reach_km=reach_km, cache=cache,
    )  # fmt: skip
    told = f"{campus_lines(found)}\n\n{summary(found)}"
    if out is not None:
        told += "\nwritten: " + ", ".join(map(str, write_backtest(found, out)))
    return told, None if found.criteria is None else _criteria(found.criteria)


def _criteria(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "criterion": table["criterion"],
            "auc": _shown(table["auc"], ".2f"),
            "low": _shown(table["auc_low"], ".2f"),
            "high": _shown(table["auc_high"], ".2f"),
            "rank-biserial": _shown(table["rank_biserial"], "+.2f"),
            "p": _shown(table["p_value"], ".3f"),
            "direction": table["direction"],
        }
    )


def _shown(column: pd.Series[float], form: str) -> pd.Series[str]:
    return column.map(lambda value: "" if pd.isna(value) else format(value, form))
