"""Material of a report: the tables and records of a run, with their words in one language."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from siteopt._shown import shown
from siteopt.layers.gazetteer import gazetteer_of
from siteopt.report._against import component_costs
from siteopt.report.facts import Fact, number_text, say
from siteopt.report.input_hash import data_date, shown_hash
from siteopt.report.texts import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from siteopt.layers.gazetteer import Gazetteer
    from siteopt.report.document.blocks import PlaceText
    from siteopt.report.run_tables import RunTables
    from siteopt.report.texts import Language
    from siteopt.report.verdict import Verdicts

__all__ = ["DASH", "Material"]

DASH: Final = "–"
_NAME_MAX: Final = 60
_PER_MW_DIGITS: Final = 3
"""Decimals of bn KRW a MW; of hundred millions, in Korean, one fewer."""
Row = dict[str, Any]


def _clipped(name: str) -> str:
    """Return a name of a length that a table can hold."""
    return name if len(name) <= _NAME_MAX else f"{name[: _NAME_MAX - 1]}…"


@dataclass(frozen=True)
class Material:
    """All that the sections of a report are written from.

    Attributes
    ----------
    tables : RunTables
        The finished run.
    ranking : DataFrame
        ``ranking.csv``.
    plan : dict
        ``portfolio.json``.
    record : dict
        ``run.json`` without versions and seconds.
    verdicts : Verdicts
        The verdict on every site.
    language : {'ko', 'en'}
        Of the report.
    version : str
        Of siteopt.
    places : sequence of PlaceText
        Answers on places that the scenario names.
    pictures : frozenset of str
        Names of the pictures that could be drawn.
    """

    tables: RunTables
    ranking: pd.DataFrame
    plan: dict[str, Any]
    record: dict[str, Any]
    verdicts: Verdicts
    language: Language
    version: str
    places: Sequence[PlaceText] = ()
    pictures: frozenset[str] = field(default_factory=frozenset)

    def word(self, key: str, **figures: object) -> str:
        """Return a text of the report, by its key without ``report.``."""
        return text(f"report.{key}", self.language, **figures)

    def shared(self, key: str, **figures: object) -> str:
        """Return a text that the map has too, by its whole key."""
        return text(key, self.language, **figures)

    def said(self, fact: Fact) -> str:
        """Return a fact in words."""
        return say(fact, self.language, self.verdicts.names)

    def money(self, value_bn_krw: float | None, *, signed: bool = False) -> str:
        """Return an amount as the map has it; a dash where it is not known."""
        if value_bn_krw is None:
            return DASH
        return self.said(
            Fact("report.value", {"x": ("signed" if signed else "money", value_bn_krw)})
        )

    def per_mw(self, value_bn_krw: float | None) -> str:
        """Return a cost per MW in the unit of its column, as cards have it: sites differ little."""
        if value_bn_krw is None:
            return DASH
        return self.said(Fact("report.value", {"x": ("unit", value_bn_krw, _PER_MW_DIGITS, False)}))

    def number(self, value: float | None, digits: int = 0) -> str:
        """Return a number with up to so many decimals; a dash where it is not known."""
        return DASH if value is None else number_text(value, digits)

    def name(self, kind: str, place: object) -> str:
        """Return what a place is called."""
        return _clipped(self.verdicts.names.of(kind, str(place), self.language))

    def one_of(self, head: str, word: object) -> str:
        """Return the text of a word of the data, the word itself where there is none."""
        return self.said(Fact("report.value", {"x": ("text", f"{head}.{word}")}))

    @property
    def place(self) -> int:
        """Place of the language in a pair (ko, en)."""
        return 0 if self.language == "ko" else 1

    @cached_property
    def gazetteer(self) -> Gazetteer | None:
        """Names of eup, myeon and dong; None where the run has not the layers."""
        return gazetteer_of(self.tables.layers)

    def area_name(self, row: Row) -> str:
        """Return the eup, myeon or dong at the point of a site, in Korean; empty where not known."""
        if self.gazetteer is None or row.get("x_m") is None:
            return ""
        found = self.gazetteer.area_at(row["x_m"], row["y_m"])
        return "" if found is None else self.gazetteer.areas[found].name

    @cached_property
    def chosen(self) -> list[Row]:
        """Rows of the chosen sites, best first."""
        return [row for row in self.verdicts.rows.values() if row["chosen"]]

    @cached_property
    def median_costs(self) -> dict[str, float]:
        """Median of each cost component over all sites that have a cost, bn KRW a MW of IT load."""
        known: dict[str, list[float]] = {}
        for row in self.verdicts.rows.values():
            for name, value in component_costs(row).items():
                known.setdefault(name, []).append(value)
        return {name: median(values) for name, values in known.items()}

    @property
    def is_of_cost(self) -> bool:
        """Whether the plan costs least, rather than being the most suitable."""
        return self.verdicts.unit == "bn_krw"

    @cached_property
    def input_hash(self) -> str:
        """The first signs of ``input_sha256`` of ``run.json``, enough to tell runs apart."""
        return shown_hash(self.record)

    @property
    def date(self) -> str:
        """Date of the newest input."""
        return data_date(self.record)

    def site_name(self, row: Row) -> str:
        """Return the name of a site without its id, which stands in its sheet."""
        name = str(row.get(f"name_{self.language}") or row["site_id"])
        return _clipped(shown(name.replace(str(row["site_id"]), "").strip() or name))

    def site_label(self, row: Row) -> str:
        """Return the name of a site with its id, where others may have the same name."""
        name, site = self.site_name(row), str(row["site_id"])
        return name if name == site else f"{name} ({site})"

    def amount(self, row: Row) -> str:
        """Return what the plan loses without a chosen site or with any other, with its bounds."""
        verdict = self.verdicts.of(row["site_id"])
        if verdict.figure in {"unknown", "indispensable", "impossible"}:
            return self.shared(f"site.value_{verdict.figure}")
        if verdict.figure == "zero":
            return self.shared("site.near_zero")
        if verdict.figure == "exact":
            return self.worth(verdict.amount)
        a, b = self.worth(verdict.least), self.worth(verdict.most)
        return self.shared(f"site.value_{verdict.figure}", a=a, b=b)

    def worth(self, value: float | None) -> str:
        """Return an amount in the unit of the objective."""
        if self.is_of_cost or value is None:
            return self.money(value)
        return self.word("suitable_mw", mw=self.number(value, 1))
