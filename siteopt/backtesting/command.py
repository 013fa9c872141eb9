"""``siteopt backtest``: the plausibility check computed, written, and fitted to the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from siteopt._files import check_folder
from siteopt.backtesting.backtest import backtest
from siteopt.backtesting.page import summary, write_backtest

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.backtesting.backtest import Backtest

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
) -> tuple[str, dict[str, pd.DataFrame]]:
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
        The summary.
    dict of str to DataFrame
        Tables that fit a screen, by title.

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
    told = summary(found)
    if out is not None:
        files = write_backtest(found, out)
        told += "\nwritten: " + ", ".join(map(str, files))
    return told, _tables(found)


def _tables(found: Backtest) -> dict[str, pd.DataFrame]:
    tables = {"Where each row falls (percentiles: 100 is best)": _rows(found)}
    if found.criteria is not None:
        tables["Criteria beside the list (no basis for weights)"] = _criteria(found.criteria)
    return tables


def _rows(found: Backtest) -> pd.DataFrame:
    rows = found.rows
    return pd.DataFrame(
        {
            "name": rows["name"],
            "campus": rows["campus"].map(str),
            "district": rows["district"] + ", " + rows["province"],
            "not eligible by": rows["reasons"].str.replace(";", " "),
            "judged by": rows["candidate"],
            "km": _shown(rows["candidate_km"], ".1f"),
            "cost": _shown(rows["cost_percentile"], ".0f"),
            "suitability": _shown(rows["suitability_percentile"], ".0f"),
            "chosen km": _shown(rows["chosen_km"], ".0f"),
            "blamed": rows["blamed"],
        }
    )


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
