"""Content of a workbook: a run, its ranking and its plan."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from siteopt._csv import significant
from siteopt.report._names import names_of_run
from siteopt.report.tables import components, value_unit
from siteopt.report.texts import texts
from siteopt.report.works import works_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from siteopt.report._names import Names
    from siteopt.report.places.answer import PlaceAnswer
    from siteopt.report.run_tables import RunTables

__all__ = ["Content", "word", "worded"]

_SHORTLIST: Final = 500
"""Candidates whose costs are live formulas; the sheet of all candidates has the others."""
_DIGITS: Final = 9
"""Significant digits, as ``ranking.csv`` has them."""
_WORDS: Final[Mapping[str, str]] = {
    "class": "class", "kind": "kind", "area_rule": "area", "proof": "workbook.proof",
    "contract_area": "value.contract_area", "waterworks_state": "value.waterworks_state",
    "station_kind": "station_kind",
}  # fmt: skip
"""Columns whose values have words, with the first part of the keys of these."""


@dataclass(frozen=True)
class Content:
    """A finished run for the sheets.

    Attributes
    ----------
    tables : RunTables
        The run.
    ranking : DataFrame
        Its `ranking_table`, figures as ``ranking.csv`` has them.
    plan : dict
        Its ``portfolio.json``.
    places : sequence of PlaceAnswer
        Answers on the places that the scenario names.
    """

    tables: RunTables
    ranking: pd.DataFrame
    plan: dict[str, Any]
    places: Sequence[PlaceAnswer] = ()

    @classmethod
    def of(
        cls, tables: RunTables, ranking: pd.DataFrame, plan: dict[str, Any],
        places: Sequence[PlaceAnswer] = (),
    ) -> Content:  # fmt: skip
        """Return the content with the figures of the ranking as its file has them."""
        short = ranking.copy()
        for name in ranking.columns:
            if ranking.dtypes[name] == np.float64:
                short[name] = significant(ranking[name].to_numpy(), _DIGITS)
        return cls(tables, short, plan, places)

    @cached_property
    def unit(self) -> str:
        """Unit of the values of sites: ``bn_krw`` or ``suitable_mw``."""
        return value_unit(self.tables.ranking)

    @cached_property
    def components(self) -> list[str]:
        """Cost components of the ranking."""
        named = components(self.tables.options)
        return [name for name in named if f"cost_{name}_bn_krw" in self.ranking]

    @cached_property
    def chosen(self) -> pd.DataFrame:
        """Rows of the sites of the plan."""
        return self.ranking[self.ranking["chosen"].astype(bool)]

    @cached_property
    def names(self) -> Names:
        """What ids are called."""
        return names_of_run(self.ranking, self.plan)

    @cached_property
    def shortlist(self) -> pd.DataFrame:
        """Sites with costs: those of the plan, then the best ranked."""
        costed = self.ranking[self.ranking["cost_bn_krw"].notna()]
        first = costed["chosen"].astype(bool)
        return pd.concat([costed[first], costed[~first]]).head(max(_SHORTLIST, int(first.sum())))

    @cached_property
    def divisor(self) -> str:
        """Column that costs per MW are told by: discounted MW in a plan of several years."""
        several = "discounted_it_mw" in self.ranking.columns
        return "discounted_it_mw" if several else "it_mw"


def word(column: str, value: object) -> object:
    """Return a value of a column in Korean words where it is a code that has some."""
    if not isinstance(value, str) or not value:
        return value
    if column.startswith("within_"):
        return _known(
            f"further.{'none_of' if value == 'none' else 'open_of' if value == 'open' else value}",
            value,
        )
    if column.endswith("confidence"):
        return _known(f"confidence.{value}", value)
    if column == "works":
        return works_words(value, "ko")
    head = _WORDS.get(column)
    return (
        value
        if head is None
        else _known(f"{head}{'_' if head == 'workbook.proof' else '.'}{value}", value)
    )


def _known(key: str, value: str) -> str:
    found = texts().get(key)
    return found["ko"] if found else value


def worded(column: pd.Series[Any], name: str) -> list[object]:
    """Return the values of a column as cells have them: words for codes, None for what is not known."""
    if name == "rank_proven":
        words = {True: _known("workbook.proven", ""), False: _known("workbook.provisional", "")}
        return [None if pd.isna(value) else words[bool(value)] for value in column]
    known = column.notna().to_numpy()
    if pd.api.types.is_bool_dtype(column):
        words = {True: _known("workbook.yes", ""), False: _known("workbook.no", "")}
        return [words[bool(v)] if there else None for v, there in zip(column, known, strict=True)]
    if pd.api.types.is_numeric_dtype(column):
        figures = column.astype(object).where(known, None).tolist()
        return [None if v is None or not np.isfinite(v) else float(v) for v in figures]
    codes = {value: word(name, str(value)) for value in column[known].unique()}
    return [(codes[v] or None) if there else None for v, there in zip(column, known, strict=True)]
