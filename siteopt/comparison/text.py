"""A comparison as plain text, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from siteopt.comparison.causes import cause_of
from siteopt.comparison.result_diff import CHANGES, UNITS
from siteopt.report.texts import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siteopt.comparison.result import Differences

__all__ = ["SAME", "as_text", "cause_words", "cost_words", "headline", "method_words"]

SAME: Final = "no change in the answer"
NAMED: Final = 20
"""Rows of a list in the text; the tables have them all."""


def headline(found: Differences) -> str:
    """Return what became of the answer in one line.

    Parameters
    ----------
    found : Differences
        The comparison.
    """
    if found.is_same:
        return SAME
    counts = found.sites.loc[found.sites["sure"].astype(bool), "change"].value_counts()
    parts = [f"{counts[name]} {name}" for name in CHANGES if name in counts]
    return "the answer changes: " + (", ".join(parts) if parts else "the same sites are chosen")


def cause_words(found: Differences, change: str, subject: str) -> str:
    """Return the cause of a change, and how it brings it about; nothing where it was not sought.

    Parameters
    ----------
    found : Differences
        The comparison.
    change : str
        Kind of change, such as ``entered``.
    subject : str
        Site id, or empty.
    """
    row = cause_of(found.causes, change, subject)
    if not row:
        return ""
    how = text(f"comparison.how.{row['how']}", "en")
    return f"{row['cause']} ({how})" if row["cause"] else how


def cost_words(row: dict[str, Any]) -> str:
    """Return the share of an input in the difference of the objective.

    Parameters
    ----------
    row : dict
        Row of a table of the comparison.
    """
    unit = UNITS.get(row["unit"], row["unit"])
    return f"{row['difference']:+,.1f} {unit} (proven {row['low']:+,.1f} to {row['high']:+,.1f})"


def method_words(method: str) -> str:
    """Return how the difference of the objective was shared.

    Parameters
    ----------
    method : str
        ``Differences.cost_method``.
    """
    return {
        "shapley": "mean over all orders of switching the inputs (Shapley)",
        "in order": "each input switched after those above it",
    }.get(method, "")


def as_text(found: Differences) -> str:
    """Return a comparison as plain text, the headline of its result first.

    Parameters
    ----------
    found : Differences
        From :func:`siteopt.compare_runs` or :func:`siteopt.comparison.compare`.
    """
    return "\n".join(_lines(found))


def _lines(found: Differences) -> Iterator[str]:
    """Return the comparison line by line, what became of the answer first."""
    yield f"{found.before} -> {found.after}: {headline(found)}"
    yield from _figure_lines(found)
    yield from _site_lines(found)
    yield from _cost_lines(found)
    yield from _rank_lines(found)
    yield from _land_lines(found)
    for row in found.grid.to_dict("records"):
        binds = " (binds)" if row["binds"] else ""
        used = round(row["used"], 1) + 0.0  # no minus before a zero
        yield f"  {row['run']}: {row['limit']}: {used:,.1f}{binds}"
    yield from _input_lines(found)
    if found.runs_made:
        yield f"  causes: {found.runs_made} runs with inputs switched"
    for note in found.notes:
        yield f"  note: {note}"


def _figure_lines(found: Differences) -> Iterator[str]:
    for row in found.figures.to_dict("records"):
        sure = "" if row["sure"] else " (not told apart by the proofs)"
        cause = _because(cause_words(found, row["figure"], ""))
        yield (
            f"  {row['figure']}: {row['before']:,.1f} -> {row['after']:,.1f} {row['unit']} "
            f"({row['difference']:+,.1f}){sure}{cause}"
        )


def _site_lines(found: Differences) -> Iterator[str]:
    for row in found.sites.to_dict("records"):
        more = f", now {row['option_after']}" if row["change"] == "reconnected" else ""
        if row["change"] == "rescheduled":
            more = f", {row['open_year_before']} -> {row['open_year_after']}"
        sure = "" if row["sure"] else " (not told apart by the proofs)"
        cause = _because(cause_words(found, row["change"], row["site_id"]))
        yield (
            f"  {row['change']}: {row['site_id']} {row['name_en']}, "
            f"{row['it_mw_before']:,.0f} -> {row['it_mw_after']:,.0f} MW IT{more}{sure}{cause}"
        )
    for row in found.opening.to_dict("records"):
        yield (
            f"  opening in {row['year']}: {row['it_mw_before']:,.0f} -> {row['it_mw_after']:,.0f} "
            f"MW IT at {row['sites_before']} -> {row['sites_after']} sites"
        )


def _cost_lines(found: Differences) -> Iterator[str]:
    if found.cost_shares.empty:
        return
    how = method_words(found.cost_method)
    yield "  the difference of the objective by input" + (f", {how}:" if how else ":")
    for row in found.cost_shares.to_dict("records"):
        yield f"    {row['input']}: {cost_words({str(k): v for k, v in row.items()})}"


def _rank_lines(found: Differences) -> Iterator[str]:
    for row in found.ranks.head(NAMED).to_dict("records"):
        cause = _because(cause_words(found, "rank", row["site_id"]))
        yield f"  rank {row['rank_before']} -> {row['rank_after']}: {row['site_id']}{cause}"
    yield from _more(found.ranks, "sites moved in rank")


def _land_lines(found: Differences) -> Iterator[str]:
    for row in found.provinces.to_dict("records"):
        yield (
            f"  eligible in {row['name_en']}: {row['km2_before']:,.1f} -> {row['km2_after']:,.1f} "
            f"km2 ({row['difference']:+,.1f})"
        )
    for row in found.reasons.to_dict("records"):
        yield (
            f"  excluded by {row['title_en']}: {row['km2_before']:,.1f} -> {row['km2_after']:,.1f} "
            f"km2 (alone {row['only_km2_before']:,.1f} -> {row['only_km2_after']:,.1f})"
        )


def _input_lines(found: Differences) -> Iterator[str]:
    summaries = found.layers.set_index("layer")
    for row in found.inputs.to_dict("records"):
        if row["kind"] != "layer" or row["input"] not in summaries.index:
            yield f"  {row['kind']} {row['input']}: {row['before']} -> {row['after']}"
    for row in found.layers.to_dict("records"):
        idle = "" if row["matters"] else " (the answer does not depend on it)"
        yield f"  layer {row['layer']}: {row['change']}{idle}"
    for row in found.rows.head(NAMED).to_dict("records"):
        yield f"    {row_words({str(key): value for key, value in row.items()})}"
    yield from _more(found.rows, "changed values of layers")


def row_words(row: dict[str, Any]) -> str:
    """Return a changed row of a layer.

    Parameters
    ----------
    row : dict
        Row of a table of the comparison.
    """
    head = f"{row['layer']}: {row['row']}"
    if row["change"] == "changed":
        return f"{head}: {row['column']} {row['before'] or '-'} -> {row['after'] or '-'}"
    far = "" if pd.isna(row["distance_m"]) else f" by {row['distance_m']:,.1f} m"
    return f"{head}: {row['change']}{far}"


def _because(cause: str) -> str:
    return f"; cause: {cause}" if cause else ""


def _more(table: pd.DataFrame, what: str) -> Iterator[str]:
    if len(table) > NAMED:
        yield f"  and {len(table) - NAMED} more {what}"
