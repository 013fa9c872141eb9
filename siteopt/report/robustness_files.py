"""Robustness of a plan as files: ``robustness.json`` and its tables.

A run that draws nothing has none of these files.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from siteopt._csv import write_csv
from siteopt._file_names import (
    ROBUSTNESS,
    ROBUSTNESS_DRAWS,
    ROBUSTNESS_INPUTS,
    ROBUSTNESS_OVERTURN,
    ROBUSTNESS_PAIRS,
    ROBUSTNESS_PLACES,
    ROBUSTNESS_RANKS,
    ROBUSTNESS_SWAPS,
)
from siteopt.report._json_values import records

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from siteopt.report._protocols import RobustnessLike

__all__ = [
    "certainty_record",
    "classes_of",
    "inputs_table",
    "robustness_record",
    "write_robustness",
]

_DIGITS: Final = 7
"""Significant digits of a figure that comes of an optimum."""


def write_robustness(found: RobustnessLike | None, folder: Path) -> None:
    """Write the files of the robustness of a plan; none where nothing was drawn.

    Parameters
    ----------
    found : RobustnessLike, optional
        Of the run.
    folder : Path
        Takes ``robustness.json`` and ``robustness_{places,draws,inputs,ranks,pairs,overturn,swaps}.csv`` (and
        their types, ``.csvt``).
    """
    if found is None:
        return
    told = json.dumps(robustness_record(found), ensure_ascii=False, allow_nan=False, indent=1)
    (folder / ROBUSTNESS).write_text(told + "\n", encoding="utf-8", newline="\n")
    write_csv(found.places, folder / ROBUSTNESS_PLACES, digits=_DIGITS)
    write_csv(found.draws, folder / ROBUSTNESS_DRAWS, digits=_DIGITS)
    write_csv(inputs_table(found), folder / ROBUSTNESS_INPUTS, digits=_DIGITS)
    write_csv(found.ranks.reset_index(), folder / ROBUSTNESS_RANKS, digits=_DIGITS)
    write_csv(found.pairs.reset_index(), folder / ROBUSTNESS_PAIRS, digits=_DIGITS)
    write_csv(found.overturn, folder / ROBUSTNESS_OVERTURN, digits=_DIGITS)
    write_csv(found.swaps, folder / ROBUSTNESS_SWAPS, digits=_DIGITS)


def robustness_record(found: RobustnessLike) -> dict[str, Any]:
    """Return ``robustness.json``: how many draws, what is robust, the spread of cost, what is held.

    Parameters
    ----------
    found : RobustnessLike
        Of the run.
    """
    places = found.places
    robust = places[places["class"] == "robust"]
    return {
        "draws": {
            "asked": found.asked,
            "solved": found.solved,
            "with_a_plan": found.planned,
            "plan_of_the_run_fits_pct": found.fits_pct,
        },
        "robust_share_pct": found.robust_share_pct,
        "robust": {
            level: robust.loc[robust["level"] == level, "place"].astype(str).tolist()
            for level in dict.fromkeys(places["level"].astype(str))
        },
        "classes": {
            str(name): int(count)
            for name, count in found.classes["class"].value_counts().sort_index().items()
        },
        "value_at_risk_bn_krw": records(found.risk),
        "convergence": records(found.settling),
        "plans_compared": found.pool,
        "held": found.held,
    }


def certainty_record(found: RobustnessLike | None) -> dict[str, Any]:
    """Return the entry ``certainty`` of ``portfolio.json``; empty where nothing was drawn.

    Parameters
    ----------
    found : RobustnessLike, optional
        Of the run.
    """
    if found is None:
        return {}
    told = robustness_record(found)
    risk = {row["figure"]: row for row in told["value_at_risk_bn_krw"]}
    committed = risk.get("committed")
    return {
        "certainty": {
            "draws": found.planned,
            "robust_share_pct": found.robust_share_pct,
            "robust": told["robust"],
            **(
                {}
                if committed is None
                else {
                    "committed_mean_bn_krw": committed["mean"],
                    "committed_p95_bn_krw": committed["p95"],
                }
            ),
        }
    }


def inputs_table(found: RobustnessLike) -> pd.DataFrame:
    """Return the ranges of all that is drawn, with the indices of cost and choice.

    Parameters
    ----------
    found : RobustnessLike
        Of the run.

    Returns
    -------
    DataFrame
        ``RobustnessLike.inputs`` with ``first_order_cost``, ``first_order_choice``, the half widths
        ``interval_cost`` and ``interval_choice`` of their 95 % intervals, and whether each
        ``stands_out`` of chance.
    """
    table = found.inputs
    for figure in ("cost", "choice"):
        own = found.influence[found.influence["figure"] == figure].set_index("input")
        for name, column in (
            ("first_order", "first_order"), ("interval", "confidence"), ("stands_out", "stands_out"),
        ):  # fmt: skip
            table = table.assign(**{f"{name}_{figure}": table["input"].map(own[column])})
    return table


def classes_of(found: RobustnessLike | None) -> pd.DataFrame | None:
    """Return class and probability by ``site_id`` as columns of the ranking; None without draws.

    Parameters
    ----------
    found : RobustnessLike, optional
        Of the run.
    """
    return None if found is None else found.classes
