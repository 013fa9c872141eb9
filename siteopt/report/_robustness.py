"""Robustness of a plan for the page: classes, probabilities, what drives and what would overturn it."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from siteopt.report._column_codec import compact
from siteopt.report._json_values import plain, records

if TYPE_CHECKING:
    import pandas as pd

    from siteopt.report.run_tables import RunTables

__all__ = ["input_titles", "robustness_payload"]

_LEVELS: Final = ("station", "district", "province")
_PLACES_MAX: Final = 15
"""Most places of a level that the page lists."""
_INPUTS_MAX: Final = 10
"""Most inputs of a figure that the page lists."""
_OVERTURN_MAX: Final = 3
"""Most thresholds of a site on its card."""


@cache
def input_titles() -> dict[str, tuple[str, str]]:
    """Return the titles of inputs in Korean and English, by key."""
    table = files("siteopt.report").joinpath("input_titles.csv").read_text(encoding="utf-8")
    return {row["key"]: (row["ko"], row["en"]) for row in csv.DictReader(table.splitlines())}


def robustness_payload(tables: RunTables, ranking: pd.DataFrame) -> dict[str, Any] | None:
    """Return what the page shows of the robustness of the plan; None where nothing was drawn.

    Parameters
    ----------
    tables : RunTables
        Results of all stages of the run.
    ranking : DataFrame
        The sites that the page shows, with their class.

    Returns
    -------
    dict
        ``draws`` and the rule, the spread of cost (``risk``), ``convergence``, ``places`` of each
        level, ``influence`` by figure, what is ``held``, by site of the ranking ``class`` and
        ``in_plan_pct`` with its interval, and the thresholds that ``overturn`` a site.
    """
    found = tables.robustness
    if found is None:
        return None
    titles = input_titles()
    return {
        "draws": {
            "asked": found.asked, "solved": found.solved, "planned": found.planned,
            "fits_pct": plain(found.fits_pct), "robust_pct": plain(found.robust_share_pct),
        },
        "risk": {row["figure"]: row for row in records(found.risk)},
        "convergence": records(found.settling),
        "places": {level: _places(found.places, level) for level in _LEVELS},
        "influence": {
            figure: _influence(found.influence, figure) for figure in ("cost", "choice")
        },
        "inputs": len(found.inputs["input"].unique()),
        "titles": {
            name: list(titles.get(name, (name, name)))
            for name in sorted({*found.inputs["input"], *found.overturn["input"]})
        },
        "held": [[key, why] for key, why in found.held.items()],
        "class": compact(ranking["class"]),
        "in_plan_pct": compact(ranking["in_plan_pct"], 1),
        "low_pct": compact(ranking["in_plan_low_pct"], 1),
        "high_pct": compact(ranking["in_plan_high_pct"], 1),
        "overturn": _overturn(found.overturn, ranking),
        "pairs": _pairs(found.swaps, ranking),
    }  # fmt: skip


def _places(places: pd.DataFrame, level: str) -> list[list[Any]]:
    """Return id, share, interval, size, class, and whether the run's plan has it, by share."""
    own = places[places["level"] == level].head(_PLACES_MAX)
    columns = ["place", "share_pct", "low_pct", "high_pct", "it_mw", "class", "in_run"]
    return [[plain(row[name]) for name in columns] for row in records(own[columns])]


def _influence(table: pd.DataFrame, figure: str) -> list[list[Any]]:
    """Return input, share of the variance, its half interval and the correlation."""
    own = table[(table["figure"] == figure) & table["stands_out"].astype(bool)].head(_INPUTS_MAX)
    columns = ["input", "first_order", "confidence", "correlation"]
    return [[plain(row[name]) for name in columns] for row in records(own[columns])]


def _overturn(table: pd.DataFrame, ranking: pd.DataFrame) -> list[list[Any]]:
    """Return row of the site and its nearest thresholds, by site."""
    rows = {str(name): place for place, name in enumerate(ranking["site_id"])}
    own = table[table["site_id"].isin(rows)].groupby("site_id", sort=False).head(_OVERTURN_MAX)
    columns = [
        "change", "input", "side", "value", "threshold", "unit", "range_share_pct", "verified",
    ]  # fmt: skip
    return [
        [rows[str(row["site_id"])], *(plain(row[name]) for name in columns)]
        for row in records(own[["site_id", *columns]])
    ]


def _pairs(table: pd.DataFrame, ranking: pd.DataFrame) -> list[list[Any]]:
    """Return row of the site, row of its rival, and the change that swaps them."""
    rows = {str(name): place for place, name in enumerate(ranking["site_id"])}
    known = table[table["site_id"].isin(rows) & table["other_site_id"].isin(rows)]
    columns = ["input", "side", "value", "threshold", "unit", "range_share_pct"]
    return [
        [rows[row["site_id"]], rows[row["other_site_id"]], *(plain(row[name]) for name in columns)]
        for row in records(known)
    ]
