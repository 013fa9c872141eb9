"""Plans side by side: one hub, several campuses or many sites for the same targets.

Everything is read from the files of finished runs. Money is the present value in the first year
of the plans, as the runs have it; the worth of earlier power is what the objective is below the
cost by. The loss of a place is that of the largest site: both its feeds come from different
stations, so that of one station takes no site with two feeds away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from siteopt._markdown import plain
from siteopt.errors import ScenarioError
from siteopt.report.texts import page_texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from siteopt.report.texts import Language
    from siteopt.runs.results import Run

__all__ = ["Matches", "markdown", "side_by_side"]

Matches = dict[str, float]
"""Scores of the clean energy of a fixed plan, by column of :func:`side_by_side`."""

_CAMPUS: Final = "campus"
_FEW: Final = 100.0
"""Amounts below have one decimal."""
_SAME: Final = ("target.it_mw", "target.year", "target.works_begin", "target.it_mw_by_year",
                "target.early_worth_bn_krw_per_mw_year", "objective.kind")  # fmt: skip
"""What plans that are compared have in common."""


def side_by_side(runs: Sequence[Run], matches: Mapping[str, Matches] | None = None) -> pd.DataFrame:
    """Return one row a plan: what it costs, when its power comes, who pays, what a loss takes.

    Parameters
    ----------
    runs : sequence of Run
        Finished runs with the same targets, the one that the others are compared with first.
    matches : mapping of str to dict, optional
        Scores of clean energy by name of the scenario (:mod:`siteopt.comparison.fixed_match`).

    Returns
    -------
    DataFrame
        ``scenario``, ``title_ko``, ``title_en``, ``sites``, ``campuses``, ``provinces``,
        ``it_mw``; ``objective_bn_krw`` = ``cost_bn_krw`` - ``early_worth_bn_krw``, and how much
        more it is than the first one's (``more_bn_krw``, ``more_pct``); ``cost_<part>_bn_krw``;
        ``it_mw_<year>``; ``first_power_year``, ``full_power_year`` and ``full_power_latest_year``
        with the longest lead time; ``works_<payer>_bn_krw`` where the scenario has a rule of
        payment; ``largest_site``, ``largest_it_mw``, ``largest_pct``; ``loss_bn_krw_per_year``,
        the worth of a year without it; ``saving_to_tie_pct``, the part of the building cost that
        a plan of campuses would have to save to cost as little as the cheapest; and the columns
        of ``matches``.

    Raises
    ------
    ScenarioError
        If there are fewer than two plans, or their targets differ.

    Examples
    --------
    >>> import siteopt
    >>> runs = [siteopt.open_run(f"runs/{name}") for name in ("sites", "hub")]  # doctest: +SKIP
    >>> siteopt.side_by_side(runs)["largest_pct"]  # doctest: +SKIP
    """
    if len(runs) < 2:  # noqa: PLR2004 - side by side
        raise ScenarioError("side by side: give two finished runs or more")
    for run in runs[1:]:
        _check_same(runs[0], run)
    rows = [_row(run) | (matches or {}).get(_name(run), {}) for run in runs]
    table = pd.DataFrame(rows)
    first, least = rows[0]["objective_bn_krw"], table["objective_bn_krw"].min()
    table.insert(8, "more_bn_krw", table["objective_bn_krw"] - first)
    table.insert(9, "more_pct", 100.0 * table["more_bn_krw"] / first)
    building = table["cost_building_bn_krw"]
    saving = 100.0 * (table["objective_bn_krw"] - least) / building
    table["saving_to_tie_pct"] = saving.where(table["campuses"] == table["sites"])
    return table


def _name(run: Run) -> str:
    return str(run.portfolio["scenario"])


def _setting(run: Run, key: str) -> object:
    at: Any = run.record["scenario"]
    for part in key.split("."):
        at = at.get(part) if isinstance(at, dict) else None
    return at


def _check_same(one: Run, other: Run) -> None:
    """Raise ScenarioError if two plans do not answer the same question."""
    for key in _SAME:
        here, there = _setting(one, key), _setting(other, key)
        if here != there:
            raise ScenarioError(
                f"side by side: {key} is {here} in {_name(one)} and {there} in {_name(other)}; "
                "plans are compared for the same targets"
            )


def _row(run: Run) -> dict[str, Any]:
    """Return what the files of a run say of its plan."""
    plan, sites = run.portfolio, pd.DataFrame(run.portfolio["sites"])
    early = float(plan.get("early_worth_bn_krw", 0.0))
    cost = float(plan["cost_bn_krw"])
    campuses = int((sites["kind"] == _CAMPUS).sum())
    parts = [name for name in map(str, sites) if name.startswith("cost_")]
    parts.remove("cost_bn_krw")
    largest = sites.sort_values(["it_mw", "site_id"], ascending=[False, True]).iloc[0]
    total = float(sites["it_mw"].sum())
    worth = float(str(_setting(run, "target.early_worth_bn_krw_per_mw_year") or 0.0))
    paid = plan.get("payment", {}).get("total_bn_krw", {})
    return {
        "scenario": _name(run),
        "title_ko": plan["title"]["ko"],
        "title_en": plan["title"]["en"],
        "sites": len(sites),
        "campuses": campuses,
        "provinces": int(sites["province_code"].nunique()),
        "it_mw": total,
        "objective_bn_krw": float(plan["objective_bn_krw"]),
        "cost_bn_krw": cost,
        "early_worth_bn_krw": early,
        **{name: float(sites[name].sum()) for name in parts},
        **{f"it_mw_{year['year']}": float(year["it_mw"]) for year in plan.get("years", [])},
        **_times(run, sites),
        **{f"works_{payer}_bn_krw": float(cost) for payer, cost in paid.items()},
        "largest_site": str(largest["site_id"]),
        "largest_it_mw": float(largest["it_mw"]),
        "largest_pct": 100.0 * float(largest["it_mw"]) / total,
        "loss_bn_krw_per_year": float(largest["it_mw"]) * worth,
    }


def _times(run: Run, sites: pd.DataFrame) -> dict[str, int]:
    """Return when the first and all power comes, and when all of it if works take longest."""
    begin, last = int(str(_setting(run, "target.works_begin"))), int(run.portfolio["year"])
    opens = sites["open_year"].astype(int) if "open_year" in sites else last + 0 * sites.index
    longest = sites["lead_time_high_years"].astype(float) if "lead_time_high_years" in sites else 0
    years = [year["year"] for year in run.portfolio.get("years", [])]
    runs = {year["year"]: year["it_mw"] for year in run.portfolio.get("years", [])}
    full = next((year for year in years if runs[year] >= runs[years[-1]]), last)
    late = (begin + pd.Series(longest, sites.index)).max()
    return {
        "first_power_year": int(min(opens)),
        "full_power_year": int(full),
        "full_power_latest_year": max(int(full), int(-(-late // 1))),
    }


def markdown(table: pd.DataFrame, language: Language) -> str:
    """Return the table with a row a measure and a column a plan, as Markdown.

    Parameters
    ----------
    table : DataFrame
        Of :func:`side_by_side`.
    language : {'ko', 'en'}
        Korean or English.
    """
    words = page_texts("hubs")
    title = f"title_{language}"
    lines = [
        "| " + " | ".join(["", *map(plain, table[title])]) + " |",
        "|---|" + "---:|" * len(table),
    ]
    for name in map(str, table.columns):
        label = _label(name, language)
        if label is None:
            continue
        cells = [plain(_shown(value)) for value in table[name]]
        lines.append("| " + " | ".join([plain(label), *cells]) + " |")
    notes = [words[key][language] for key in ("note.money", "note.loss", "note.clean")]
    return "\n".join([*lines, "", *notes, ""])


def _label(name: str, language: Language) -> str | None:
    """Return what a column is called; None for one that is not shown."""
    words, costs = page_texts("hubs"), page_texts()
    part = name.removeprefix("cost_").removesuffix("_bn_krw")
    if name.startswith("it_mw_"):
        return words["it_mw_year"][language].format(year=name.removeprefix("it_mw_"))
    if name != "cost_bn_krw" and name.startswith("cost_") and f"cost.{part}" in costs:
        return words["cost_part"][language].format(part=costs[f"cost.{part}"][language])
    return words[name][language] if name in words else None


def _shown(value: object) -> str:
    if isinstance(value, float):
        if pd.isna(value):
            return "–"
        return f"{value:,.1f}" if abs(value) >= _FEW else f"{value:,.2f}"
    return str(value)
