"""Verdicts of the sites in the encoding of the map: columns and shared facts."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from siteopt.report._column_codec import compact
from siteopt.report._room import mark_rooms
from siteopt.report._years import several_years
from siteopt.report.facts import Fact, plain_fact
from siteopt.report.gates import gates, need_fact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from siteopt.report.run_tables import RunTables
    from siteopt.report.verdict import Verdict, Verdicts

__all__ = ["rooms_of_limits", "verdict_payload"]

_GAP = "gap"
"""Placeholder for the sentence on the cost against the rival, whose figures are columns."""
_CUT = "cut"
"""Placeholder for the cut that is known by its lower bound only, which is a column."""
_MONEY_DECIMALS = 5
_PARTS = 2


@dataclass
class _Facts:
    """Facts that many sites share, each once."""

    place: dict[str, int] = field(default_factory=dict)
    facts: list[Any] = field(default_factory=list)

    def words(self, facts: Iterable[Fact]) -> str | None:
        """Return the places of some facts in the table, as one word."""
        found = []
        for fact in facts:
            if fact.key in {"why.dearer", "why.cheaper"}:
                found.append(_GAP)
            elif fact.key == "explain.cut_least":
                found.append(_CUT)
            else:
                found.append(str(self._place(plain_fact(fact))))
        return " ".join(found) or None

    def _place(self, plain: list[Any]) -> int:
        key = json.dumps(plain, ensure_ascii=False)
        if key not in self.place:
            self.place[key] = len(self.facts)
            self.facts.append(plain)
        return self.place[key]


def verdict_payload(verdicts: Verdicts, all_verdicts: list[Verdict], shown: int) -> dict[str, Any]:
    """Return the verdicts of the first sites as the map reads them.

    Parameters
    ----------
    verdicts : Verdicts
        Those of the run.
    all_verdicts : list of Verdict
        Of all sites, best first.
    shown : int
        Number of sites on the map.

    Returns
    -------
    dict
        ``facts``, and columns by site: ``state``, ``figure``, ``rival`` (its row), ``gap`` and
        ``part_<n>``, ``gap_<n>`` (cost against it), and ``causes``, ``gates``, ``changes``: places
        in ``facts``, with ``gap`` and ``cut`` for the two whose figures are columns.
    """
    facts = _Facts()
    rows = {one.site_id: row for row, one in enumerate(all_verdicts[:shown])}
    all_verdicts = all_verdicts[:shown]
    columns: dict[str, list[Any]] = {
        "state": [one.state for one in all_verdicts],
        "figure": [one.figure for one in all_verdicts],
        "causes": [facts.words(one.causes) for one in all_verdicts],
        "gates": [facts.words(_gate_lines(one, verdicts)) for one in all_verdicts],
        "changes": [facts.words(one.changes) for one in all_verdicts],
    }
    for part in range(_PARTS):
        parts = [one.gap.parts[part : part + 1] if one.gap else () for one in all_verdicts]
        columns[f"part_{part}"] = [found[0][0] if found else None for found in parts]
    packed = {name: compact(pd.Series(values, dtype=object)) for name, values in columns.items()}
    rivals = pd.Series([rows.get(one.rival or "", np.nan) for one in all_verdicts], dtype=float)
    packed["rival"] = compact(rivals, 0)
    gaps = pd.Series([one.gap.total if one.gap else np.nan for one in all_verdicts], dtype=float)
    packed["gap"] = compact(gaps, _MONEY_DECIMALS)
    for part in range(_PARTS):
        parts = [one.gap.parts[part : part + 1] if one.gap else () for one in all_verdicts]
        figures = pd.Series([found[0][1] if found else np.nan for found in parts], dtype=float)
        packed[f"gap_{part}"] = compact(figures, _MONEY_DECIMALS)
    return {"facts": facts.facts, "columns": packed}


def _gate_lines(one: Verdict, verdicts: Verdicts) -> list[Fact]:
    found = [gate.line() for gate in gates(one.site_id, verdicts)]
    return [need_fact(one.site_id, verdicts), *found] if found else []


def rooms_of_limits(
    tables: RunTables, limits: list[dict[str, Any]], all_verdicts: list[Verdict]
) -> list[dict[str, Any]]:
    """Return the limits of a plan with what room they have for sites, see `mark_rooms`.

    Parameters
    ----------
    tables : RunTables
        Results of all stages of the run.
    limits : list of dict
        Limits of the plan.
    all_verdicts : list of Verdict
        Verdicts of the sites.
    """
    full = {place for one in all_verdicts if one.state in {"chosen", "must"} for place in one.full}
    short = {place for one in all_verdicts for place in one.full} - full
    if several_years(tables.scenario):  # verdicts of sites are of the last year
        last = tables.scenario.target.year
        kept = {n for n, one in enumerate(limits) if one.get("year") in (None, last)}
        full, short = full & kept, short & kept
    return mark_rooms(limits, full, short)
