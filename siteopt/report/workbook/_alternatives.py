"""대안: other plans that cost a little more, levels of the candidates, trade-offs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from siteopt.report.texts import text, texts
from siteopt.report.workbook._book import Head
from siteopt.report.workbook._content import word

if TYPE_CHECKING:
    from siteopt.report.workbook._book import Book, Kind, Sheet
    from siteopt.report.workbook._content import Content

__all__ = ["write_alternatives"]

_LEVELS: Final = ("must", "some", "none", "open")
_PLAN: Final[tuple[tuple[str, Kind], ...]] = (
    ("sites", "int"), ("shared", "int"), ("shared_stations", "int"), ("shared_districts", "int"),
    ("nearest_km", "one"), ("nearest_median_km", "one"),
)  # fmt: skip


def write_alternatives(book: Book, content: Content) -> None:
    """Write the sheet; a sentence where nothing was asked for."""
    sheet = book.sheet("sheet_alternatives")
    sheet.widths([16, 12, 16, 26, *([14] * 8)])
    plan = content.plan
    if not plan.get("alternatives") and not plan.get("tradeoffs") and not plan.get("levels"):
        sheet.title(text("workbook.none_alternatives", "ko"))
        return
    sheet.title(text("workbook.about_alternatives", "ko"))
    _plans(sheet, content)
    _sites(sheet, content)
    sheet.part("alternatives_levels")
    heads = [Head.of("within_pct", title=_within()), *(Head.of(name, "int") for name in _LEVELS)]
    sheet.table(heads, (
        [_pct(name), *(counts.get(one, 0) for one in _LEVELS)]
        for name, counts in plan["levels"].items()
    ))  # fmt: skip
    sheet.part("alternatives_tradeoffs")
    heads = [Head.of("measure"), Head.of("point", "int"), Head.of("proof"),
             Head.of("cost_bn_krw", "one"), Head.of("figure", "one"), Head.of("unit")]  # fmt: skip
    sheet.table(heads, (
        [_words("measure", row["measure"]), row["point"], word("proof", row["proof"]),
         row["cost_bn_krw"], row["figure"], _words("measure_unit", row["unit"])]
        for row in plan["tradeoffs"]
    ))  # fmt: skip


def _within() -> str:
    return f"{text('column.within_pct', 'ko')}\n({text('unit.pct', 'ko')})"


def _pct(column: str) -> float:
    """Return the level of a column: ``within_0_5_pct`` is 0.5."""
    return float(column.removeprefix("within_").removesuffix("_pct").replace("_", "."))


def _plans(sheet: Sheet, content: Content) -> None:
    sheet.line(text("workbook.alternatives_plans", "ko"), bold=True)
    unit = text("workbook.unit_bn_krw" if content.unit == "bn_krw" else "unit.mw", "ko")
    heads = [
        Head.of("within_pct", "plain", title=_within()), Head.of("plan", "plain"), Head.of("proof"),
        Head.of("extra", "two", title=f"{text('column.extra', 'ko')}\n({unit})"),
        Head.of("extra_pct", "three", title=f"{text('column.extra_pct', 'ko')}\n(%)"),
        *(Head.of(name, kind) for name, kind in _PLAN),
    ]  # fmt: skip
    sheet.table(heads, (
        [row["within_pct"], row["plan"], word("proof", row["proof"]), row[f"extra_{content.unit}"],
         row["extra_pct"], len(row["in_plan"]), *(row.get(name) for name, _ in _PLAN[1:])]
        for row in content.plan["alternatives"]
    ))  # fmt: skip


def _sites(sheet: Sheet, content: Content) -> None:
    sheet.part("alternatives_sites")
    heads = [
        Head.of("within_pct", "plain", title=_within()), Head.of("plan", "plain"),
        Head.of("site_id"), Head.of("name_ko"), Head.of("it_mw", "one"), Head.of("same_site"),
        Head.of("same_station"), Head.of("same_district"), Head.of("nearest_km", "one"),
    ]  # fmt: skip
    sheet.table(heads, (
        [plan["within_pct"], plan["plan"], site["site_id"],
         content.names.of("site", site["site_id"], "ko"), site["it_mw"], site["in_best"],
         site["station_in_best"], site["district_in_best"], site["nearest_km"]]
        for plan in content.plan["alternatives"] for site in plan["in_plan"]
    ))  # fmt: skip


def _words(head: str, value: object) -> str:
    found = texts().get(f"{head}.{value}") or texts().get(f"unit.{value}")
    return found["ko"] if found else str(value)
