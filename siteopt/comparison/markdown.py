"""A comparison as Markdown, for a comment on a pull request: short above, details folded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from siteopt._markdown import plain
from siteopt.comparison.result_diff import UNITS
from siteopt.comparison.text import cause_words, headline, method_words, row_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siteopt.comparison.result import Differences

__all__ = ["as_markdown"]

_ROWS: Final = 50
"""Rows of a folded table: a comment has 65,536 signs."""


def as_markdown(found: Differences) -> str:
    """Return a comparison as Markdown, for a pull request or a report.

    Parameters
    ----------
    found : Differences
        From :func:`siteopt.compare_runs` or :func:`siteopt.comparison.compare`.
    """
    parts = [f"### {plain(found.before)} → {plain(found.after)}", "", _head(found), ""]
    parts += _blocks(found)
    return "\n".join(parts).rstrip() + "\n"


def _head(found: Differences) -> str:
    summary = headline(found)
    line = f"**{summary[0].upper()}{summary[1:]}**"
    figures = [
        plain(
            f"{row['figure']} {row['before']:,.1f} → {row['after']:,.1f} {row['unit']} "
            f"({row['difference']:+,.1f}{'' if row['sure'] else ', not told apart by the proofs'})"
        )
        for row in found.figures.to_dict("records")
    ]
    return " · ".join([line, *figures])


def _blocks(found: Differences) -> Iterator[str]:
    yield from _table(_site_rows(found))
    yield from _cost_block(found)
    yield from _folded("Inputs that changed", _input_rows(found), len(found.inputs))
    yield from _folded("Changed rows of layers", _row_rows(found), len(found.rows))
    yield from _folded("Moved in rank (proven in both)", _rank_rows(found), len(found.ranks))
    yield from _folded(
        "Eligible land by province, km²", _province_rows(found), len(found.provinces)
    )
    yield from _folded("Excluded land by reason, km²", _reason_rows(found), len(found.reasons))
    yield from _folded("Opening by year", _opening_rows(found), len(found.opening))
    yield from _folded("Flow limits and new banks of the plans", _grid_rows(found), len(found.grid))
    yield from _notes(found)


def _site_rows(found: Differences) -> list[dict[str, str]]:
    with_cause = not found.causes.empty
    rows = []
    for row in found.sites.to_dict("records"):
        sure = "" if row["sure"] else " (not told apart)"
        cells = {
            "site": f"{row['name_ko']} / {row['name_en']}" if row["name_ko"] else row["name_en"],
            "change": row["change"] + sure,
            "IT MW": f"{row['it_mw_before']:,.0f} → {row['it_mw_after']:,.0f}",
        }
        if found.sites["change"].eq("reconnected").any():
            cells["connection"] = row["option_after"] if row["change"] == "reconnected" else ""
        if found.sites["open_year_after"].notna().any():
            cells["opens"] = f"{_cell(row['open_year_before'])} → {_cell(row['open_year_after'])}"
        if with_cause:
            cells["cause"] = cause_words(found, row["change"], row["site_id"])
        rows.append(cells)
    return rows


def _cost_block(found: Differences) -> Iterator[str]:
    if found.cost_shares.empty:
        return
    unit = str(found.cost_shares["unit"].iloc[0])
    how = method_words(found.cost_method)
    yield plain(
        f"What each input does to the objective, {UNITS.get(unit, unit)}{f': {how}' if how else ''}"
    )
    yield ""
    yield from _table(
        [
            {
                "input": row["input"],
                "difference": f"{row['difference']:+,.1f}",
                "proven between": f"{row['low']:+,.1f} and {row['high']:+,.1f}",
            }
            for row in found.cost_shares.to_dict("records")
        ]
    )


def _input_rows(found: Differences) -> list[dict[str, str]]:
    summaries = found.layers.set_index("layer")["change"]
    idle = set(found.layers.loc[~found.layers["matters"].astype(bool), "layer"])
    rows = []
    for row in found.inputs.to_dict("records"):
        name = str(row["input"])
        change = f"{row['before']} → {row['after']}"
        if row["kind"] == "layer" and name in summaries.index:
            change = str(summaries[name])
            change += " (the answer does not depend on it)" if name in idle else ""
        rows.append({"input": f"{row['kind']} {name}", "change": change})
    listed = set(found.inputs.loc[found.inputs["kind"] == "layer", "input"])
    return rows + [
        {"input": f"layer {name}", "change": str(change)}
        for name, change in summaries.items()
        if name not in listed
    ]


def _row_rows(found: Differences) -> list[dict[str, str]]:
    return [
        {"row": row_words({str(k): v for k, v in row.items()}).replace(" -> ", " → ")}
        for row in found.rows.head(_ROWS).to_dict("records")
    ]


def _rank_rows(found: Differences) -> list[dict[str, str]]:
    rows = []
    for row in found.ranks.head(_ROWS).to_dict("records"):
        cells = {
            "site": f"{row['name_ko']} / {row['name_en']}",
            "rank": f"{row['rank_before']} → {row['rank_after']}",
        }
        if (found.causes["change"] == "rank").any():
            cells["cause"] = cause_words(found, "rank", row["site_id"])
        rows.append(cells)
    return rows


def _province_rows(found: Differences) -> list[dict[str, str]]:
    return [
        {
            "province": f"{row['name_ko']} / {row['name_en']}",
            "before": f"{row['km2_before']:,.1f}",
            "after": f"{row['km2_after']:,.1f}",
            "difference": f"{row['difference']:+,.1f}",
        }
        for row in found.provinces.to_dict("records")
    ]


def _reason_rows(found: Differences) -> list[dict[str, str]]:
    return [
        {
            "reason": f"{row['title_ko']} / {row['title_en']}",
            "excludes": f"{row['km2_before']:,.1f} → {row['km2_after']:,.1f}",
            "alone": f"{row['only_km2_before']:,.1f} → {row['only_km2_after']:,.1f}",
        }
        for row in found.reasons.to_dict("records")
    ]


def _opening_rows(found: Differences) -> list[dict[str, str]]:
    return [
        {
            "year": str(row["year"]),
            "sites": f"{row['sites_before']} → {row['sites_after']}",
            "IT MW": f"{row['it_mw_before']:,.0f} → {row['it_mw_after']:,.0f}",
        }
        for row in found.opening.to_dict("records")
    ]


def _grid_rows(found: Differences) -> list[dict[str, str]]:
    return [
        {
            "run": row["run"],
            "limit": row["limit"],
            "used": f"{round(row['used'], 1) + 0.0:,.1f}" + (" (binds)" if row["binds"] else ""),
        }
        for row in found.grid.head(_ROWS).to_dict("records")
    ]


def _notes(found: Differences) -> Iterator[str]:
    notes = [f"Causes were traced with {found.runs_made} runs."] if found.runs_made else []
    notes += [plain(note) for note in found.notes]
    for note in notes:
        yield f"<sub>{note}</sub>  "


def _folded(title: str, rows: list[dict[str, str]], count: int, below: str = "") -> Iterator[str]:
    if not rows:
        return
    yield f"<details><summary>{title} ({max(count, len(rows)):,})</summary>"
    yield ""
    yield from _table(rows)
    if below:
        yield plain(below)
        yield ""
    if count > len(rows):
        yield f"and {count - len(rows):,} more"
        yield ""
    yield "</details>"
    yield ""


def _table(rows: list[dict[str, str]]) -> Iterator[str]:
    if not rows:
        return
    names = list(rows[0])
    right = {"IT MW", "before", "after", "difference", "rank", "used", "excludes", "alone"}
    yield "| " + " | ".join(names) + " |"
    yield "| " + " | ".join("---:" if name in right else "---" for name in names) + " |"
    for row in rows:
        yield "| " + " | ".join(plain(row[name]) for name in names) + " |"
    yield ""


def _cell(value: Any) -> str:  # noqa: ANN401 - any cell of a table
    return "–" if value is None or pd.isna(value) else f"{value:g}"
