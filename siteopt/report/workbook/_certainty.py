"""확실성: what stays of the plan when all assumptions move together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from siteopt.report._json_values import records
from siteopt.report.texts import text, texts
from siteopt.report.workbook._book import Head
from siteopt.report.workbook._content import word
from siteopt.report.workbook._inputs import parameter_title

if TYPE_CHECKING:
    from siteopt.report._protocols import RobustnessLike
    from siteopt.report.workbook._book import Book, Sheet
    from siteopt.report.workbook._content import Content

__all__ = ["write_certainty"]

_RISK: Final = ("mean", "sd", "p5", "median", "p95", "cvar95", "in_run")


def write_certainty(book: Book, content: Content) -> None:
    """Write the sheet; a sentence where nothing was drawn."""
    sheet = book.sheet("sheet_certainty")
    sheet.widths([24, 30, 16, *([13] * 10)])
    found = content.tables.robustness
    if found is None:
        sheet.title(text("workbook.none_draws", "ko"))
        return
    sheet.title(text(
        "workbook.certainty_draws", "ko", solved=found.solved, asked=found.asked,
        planned=found.planned, fits=f"{found.fits_pct:.1f}", pct=f"{found.robust_share_pct:g}",
    ))  # fmt: skip
    _classes(sheet, found)
    _risk(sheet, found)
    _places(sheet, content, found)
    _influence(sheet, found)
    _overturn(sheet, content, found)
    sheet.part("certainty_held")
    rows = [[parameter_title(key), key, _held(why)] for key, why in found.held.items()]
    sheet.table([Head.of("input"), Head.of("key"), Head.of("note")], rows)


def _classes(sheet: Sheet, found: RobustnessLike) -> None:
    sheet.line(text("workbook.certainty_classes", "ko"), bold=True)
    counts = found.classes["class"].astype(str).value_counts().sort_index()
    rows = [[word("class", str(name)), str(name), int(count)] for name, count in counts.items()]
    sheet.table([Head.of("class"), Head.of("key"), Head.of("count", "int")], rows)


def _risk(sheet: Sheet, found: RobustnessLike) -> None:
    sheet.part("certainty_risk")
    rows = [
        [_words("workbook.figure", row["figure"]), *(row.get(name) for name in _RISK)]
        for row in records(found.risk)
    ]
    sheet.table([Head.of("figure"), *(Head.of(name, "one") for name in _RISK)], rows)


def _places(sheet: Sheet, content: Content, found: RobustnessLike) -> None:
    sheet.part("certainty_places")
    heads = [
        Head.of("level"), Head.of("place"), Head.of("key"), Head.of("share_pct", "pct"),
        Head.of("low_pct", "pct"), Head.of("high_pct", "pct"), Head.of("class"),
        Head.of("in_plan"), Head.of("mean_it_mw", "one"),
    ]  # fmt: skip
    sheet.table(heads, (
        [
            _words("workbook.level", row["level"]), content.names.of(row["level"], str(row["place"]), "ko"),
            str(row["place"]), row["share_pct"], row["low_pct"], row["high_pct"],
            word("class", row["class"]), row["in_run"], row["it_mw"],
        ]
        for row in records(found.places)
    ))  # fmt: skip


def _influence(sheet: Sheet, found: RobustnessLike) -> None:
    sheet.part("certainty_influence")
    heads = [
        Head.of("figure"), Head.of("input"), Head.of("key"), Head.of("first_order", "three"),
        Head.of("half_interval", "three"), Head.of("correlation", "three"), Head.of("stands_out"),
    ]  # fmt: skip
    sheet.table(heads, (
        [
            _words("workbook.figure", row["figure"]), parameter_title(row["input"]), row["input"],
            row["first_order"], row["confidence"], row["correlation"], bool(row["stands_out"]),
        ]
        for row in records(found.influence)
    ))  # fmt: skip


def _overturn(sheet: Sheet, content: Content, found: RobustnessLike) -> None:
    sheet.part("certainty_overturn")
    heads = [
        Head.of("site_id"), Head.of("name_ko"), Head.of("change"), Head.of("input"),
        Head.of("value", "two"), Head.of("threshold", "two"), Head.of("unit"),
        Head.of("range_share_pct", "pct"), Head.of("verified"),
    ]  # fmt: skip
    known = found.overturn if len(found.overturn) else None
    sheet.table(heads, (
        [
            row["site_id"], content.names.of("site", str(row["site_id"]), "ko"),
            _words("workbook.change", row["change"]), parameter_title(row["input"]), row["value"],
            row["threshold"], row["unit"], row["range_share_pct"], row["verified"],
        ]
        for row in ([] if known is None else records(known))
    ))  # fmt: skip


def _held(why: str) -> str:
    return _known(f"held.{why}", why)


def _words(head: str, value: Any) -> str:  # noqa: ANN401 - a word of a table
    return _known(f"{head}_{value}", str(value))


def _known(key: str, value: str) -> str:
    found = texts().get(key)
    return found["ko"] if found else value
