"""입지 제외 and 자료: exclusions with thresholds and areas, and where everything comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siteopt.report._names import Names
from siteopt.report._not_known import criteria_not_known, not_known_words
from siteopt.report._rules import rule_fact
from siteopt.report._sources import source_row
from siteopt.report._terms import of_fetched, restrictions, terms_words
from siteopt.report.facts import say
from siteopt.report.texts import text
from siteopt.report.workbook._book import Head
from siteopt.report.workbook._content import word
from siteopt.scenario import ShapeExclusion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siteopt.layers.provenance import Provenance
    from siteopt.report.workbook._book import Book
    from siteopt.report.workbook._content import Content
    from siteopt.scenario import Exclusion

__all__ = ["write_exclusions", "write_sources"]


def write_exclusions(book: Book, content: Content) -> None:
    """Write 입지 제외."""
    sheet = book.sheet("sheet_exclusions")
    eligibility, tables = content.tables.eligibility, content.tables
    heads = [
        Head.of("reason_title", "wrap", 30), Head.of("rule", "wrap", 60),
        Head.of("area_km2", "one", title=_km2("area_km2")),
        Head.of("only_km2", "one", title=_km2("only_km2")),
        Head.of("land_pct", "pct", title=f"{text('column.land_pct', 'ko')}\n(%)"),
        Head.of("layer", "wrap", 24), Head.of("key", width=18), Head.of("title_en", "wrap", 30),
    ]  # fmt: skip
    sheet.widths(head.width for head in heads)
    share = 100.0 * eligibility.eligible_km2 / eligibility.land_km2 if eligibility.land_km2 else 0.0
    note = text(
        "workbook.exclusions_note", "ko", land=f"{eligibility.land_km2:,.0f}",
        eligible=f"{eligibility.eligible_km2:,.0f}", pct=f"{share:.1f}",
    )  # fmt: skip
    unknown = not_known_words(tables.scenario, eligibility, "ko")
    sheet.title(" ".join([note, unknown, *criteria_not_known(tables.layers.ids, "ko")]).strip())
    first = sheet.row
    report = eligibility.report().set_index("reason")
    titles = {one.id: (one.title_ko, one.title_en) for one in tables.layers.used}
    rows = [
        [
            rule.title.ko, say(rule_fact(rule.model_dump(mode="json"), titles), "ko", Names()),
            report["area_km2"][rule.id], report["only_km2"][rule.id], report["land_pct"][rule.id],
            _layer_title(rule, titles), rule.id, rule.title.en,
        ]
        for rule in eligibility.exclusions
    ]  # fmt: skip
    sheet.table(heads, rows)
    sheet.head_setup(first, len(heads), len(rows))


def _layer_title(rule: Exclusion, titles: Mapping[str, tuple[str, str]]) -> str | None:
    """Return the Korean title of the layer that an exclusion reads; None where it reads none."""
    if isinstance(rule, ShapeExclusion):
        return None
    return titles.get(rule.layer, (rule.layer,))[0]


def _told(one: Provenance) -> list[object]:
    """Return publisher, source as it was given, licence and vintage, in Korean where there are words."""
    publisher, licence, vintage = source_row(one)[9:12]
    return [publisher, one.source, licence or one.licence, vintage or one.vintage]


def _received(one: Provenance) -> list[object]:
    """Return terms, address, time and size of a layer that was fetched, else empty cells."""
    if not one.fetched:
        return [None] * 4
    terms = terms_words(
        {name: getattr(one, name) for name in ("redistribution", "commercial")}, "ko"
    )
    return [terms, one.address, one.fetched, one.bytes or None]


def _km2(key: str) -> str:
    return f"{text(f'column.{key}', 'ko')}\n({text('unit.km2', 'ko')})"


def write_sources(book: Book, content: Content) -> None:
    """Write 자료."""
    sheet = book.sheet("sheet_sources")
    heads = [
        Head.of("layer", "wrap", 28), Head.of("key", width=20), Head.of("publisher", "wrap", 26), Head.of("source", "wrap", 56),
        Head.of("licence", "wrap", 24), Head.of("vintage", "wrap", 16),
        Head.of("confidence", "wrap", 20), Head.of("notice", "wrap", 36), Head.of("replaced", width=12),
        Head.of("file", "wrap", 30), Head.of("sha256", width=20), Head.of("title_en", "wrap", 28),
    ]  # fmt: skip
    fetched = of_fetched(content.tables.layers.used)
    if fetched:
        heads += [
            Head.of("terms", "wrap", 28), Head.of("address", "wrap", 40),
            Head.of("fetched", "wrap", 20), Head.of("bytes", "int", 14),
        ]  # fmt: skip
    sheet.widths(head.width for head in heads)
    sheet.title(text("workbook.about_sources", "ko"), *restrictions(fetched, "ko"))
    first = sheet.row
    rows = [
        [
            one.title_ko, one.id, *_told(one),
            word("confidence", one.confidence), one.notice, one.replaced, one.file, one.sha256,
            one.title_en, *(_received(one) if fetched else ()),
        ]
        for one in content.tables.layers.used
    ]  # fmt: skip
    sheet.table(heads, rows)
    sheet.head_setup(first, len(heads), len(rows), frozen=1)
