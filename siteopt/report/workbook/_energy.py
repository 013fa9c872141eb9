"""시간별 전력: clean energy of the plan, its price, contracts, and supply by the hour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from siteopt.report._json_values import records
from siteopt.report.energy_files import date_of_hour, energy_record, hour_table
from siteopt.report.texts import text, texts
from siteopt.report.workbook._book import Head

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siteopt.report._protocols import CleanPlanLike
    from siteopt.report.workbook._book import Book, Sheet
    from siteopt.report.workbook._content import Content

__all__ = ["write_energy_sheet"]

_SCORES: Final = (
    ("hourly_clean_pct", "energy.hourly"), ("annual_clean_pct", "energy.annual"),
    ("load_mwh", "energy.key_load"), ("used_mwh", "energy.key_used"),
    ("import_mwh", "energy.import"), ("excess_mwh", "energy.excess"),
    ("emission_tco2", "energy.emission"),
)  # fmt: skip
"""Scores with their words; the unit is the end of the key."""
_PRINTED: Final = 7
"""Last column that is printed."""
_UNITS: Final = {"pct": "%", "mwh": "MWh", "tco2": "tCO₂"}


def write_energy_sheet(book: Book, content: Content) -> None:
    """Write the sheet; a sentence where no clean energy is matched."""
    sheet = book.sheet("sheet_energy")
    sheet.widths([22, 18, 18, 16, *([14] * 12)])
    plan = content.tables.energy
    if plan is None:
        sheet.title(text("workbook.none_energy", "ko"))
        return
    record = energy_record(content.tables, plan)
    sheet.title(text("workbook.about_energy", "ko"))
    _scores(sheet, record)
    sheet.part("energy_price")
    parts = record["price_parts_krw_kwh"]
    sheet.table([Head.of("item"), Head.of("key"), Head.of("krw_kwh", "two")], [
        *([_words("price", name), name, value] for name, value in parts.items()),
        [text("workbook.energy_total", "ko"), "price_krw_kwh", record["price_krw_kwh"]],
    ])  # fmt: skip
    sheet.part("energy_stock")
    sheet.table(
        [Head.of("technology"), Head.of("status"), Head.of("mw", "one"), Head.of("contracted_mw", "one")],
        ([_words("technology", row["technology"]), _words("stock", row["status"]), row["mw"],
          row["contracted_mw"]] for row in record["stock"]),
    )  # fmt: skip
    _sources(sheet, record["sources"])
    sheet.raw.print_area(0, 0, sheet.row, _PRINTED)  # the hours would take two hundred pages
    _hours(sheet, plan)


def _scores(sheet: Sheet, record: dict[str, dict[str, float]]) -> None:
    sheet.line(text("workbook.energy_scores", "ko"), bold=True)
    heads = [Head.of("item"), Head.of("unit"), Head.of("typical_days", "one"),
             Head.of("year_replayed", "one")]  # fmt: skip
    sheet.table(heads, (
        [text(key, "ko"), _UNITS[name.rsplit("_", 1)[1]], record["typical_days"].get(name),
         record["year_replayed"].get(name)]
        for name, key in _SCORES
    ))  # fmt: skip


def _sources(sheet: Sheet, sources: list[dict[str, object]]) -> None:
    sheet.part("energy_sources")
    heads = [
        Head.of("technology"), Head.of("status"), Head.of("zone"), Head.of("contracted_mw", "one"),
        Head.of("most_mw", "one"), Head.of("gwh", "one"), Head.of("yield_pct", "pct"),
        Head.of("krw_kwh", "two"),
    ]  # fmt: skip
    sheet.table(heads, (
        [_words("technology", row["technology"]), _words("stock", row["status"]), row["zone"],
         row["mw"], row["most_mw"], row["gwh"], row["yield_pct"], row["krw_kwh"]]
        for row in sources
    ))  # fmt: skip


def _hours(sheet: Sheet, plan: CleanPlanLike) -> None:
    sheet.part("energy_hours")
    table = hour_table(plan)
    names = [str(name) for name in table.columns if name != "hour"]
    heads = [Head.of("hour", "plain"), Head.of("month_day")]
    heads += [Head(name, _title(name), "one", 14) for name in names]

    def rows() -> Iterator[list[object]]:
        for row in records(table):
            hour = int(row["hour"])
            yield [hour, date_of_hour(hour), *(row[name] for name in names)]

    sheet.table(heads, rows())


def _title(name: str) -> str:
    """Return what a flow of the hours is called; its key where it has no words."""
    found = texts().get(f"column.hour_{name}")
    return found["ko"] if found else name


def _words(head: str, value: object) -> str:
    found = texts().get(f"{head}.{value}")
    return found["ko"] if found else str(value)
