"""제약 조건: how far the plan fills each limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from siteopt.report.limit_names import keys_of, limit_name
from siteopt.report.texts import text, texts
from siteopt.report.workbook._book import Head

if TYPE_CHECKING:
    from siteopt.limit_key import LimitKey
    from siteopt.report.workbook._book import Book
    from siteopt.report.workbook._content import Content

__all__ = ["limit_title", "write_limits"]

_PLACES: Final = ("station", "area", "province", "basin", "site")
_WIDE: Final = {
    ("target", ""): "limits.target",
    ("budget", ""): "limits.budget",
    ("budget", "year"): "limits.budget_year",
    ("provinces", ""): "limits.count",
}
"""Limits of the plan as a whole, by family and scope."""


def write_limits(book: Book, content: Content) -> None:
    """Write the sheet."""
    sheet = book.sheet("sheet_limits")
    heads = [
        Head.of("family", width=24), Head.of("limit", "wrap", 44), Head.of("used", "one"),
        Head.of("at_least", "one"), Head.of("at_most", "one"), Head.of("unit", width=9),
        Head.of("slack", "one"), Head.of("binds", width=10), Head.of("year", "plain"),
        Head.of("key", width=28),
    ]  # fmt: skip
    sheet.widths(head.width for head in heads)
    sheet.title(text("workbook.limits_note", "ko"))
    first = sheet.row
    limits = content.plan["limits"]
    keys = keys_of(content.tables.plan.limits)
    rows = [
        [
            _word("family", key.family), limit_title(key, content), row["used"], row["at_least"],
            row["at_most"], _word("unit", row["unit"]), row["slack"], bool(row["binds"]),
            key.year or None, row["limit"],
        ]
        for key, row in zip(keys, limits, strict=True)
    ]  # fmt: skip
    sheet.table(heads, rows)
    sheet.head_setup(first, len(heads), len(rows))


def limit_title(key: LimitKey, content: Content) -> str:
    """Return what a limit is called in Korean."""
    if key.family == "flows":
        return _flow(key, content)
    if key.scope in _PLACES and key.subject:
        return _placed(key, content)
    wide = (key.family, key.scope)
    return text(_WIDE[wide], "ko") if wide in _WIDE else limit_name(key)


def _placed(key: LimitKey, content: Content) -> str:
    """Return what a limit of a place is called: after the place."""
    named = content.names.of(key.scope, key.subject, "ko")
    if key.family == "diversity":
        return text(f"limits.share_{key.scope}", "ko", **{key.scope: named})
    if key.scope != "station":
        return named
    if key.voltage_kv:
        return f"{named} {key.voltage_kv:g} kV"
    return text("limits.whole", "ko", station=named)


def _flow(key: LimitKey, content: Content) -> str:
    """Return the branches of a limit of the grid, and its snapshot."""
    flows = (content.plan.get("grid") or {}).get("flow_limits", [])
    known = next((flow for flow in flows if flow["limit"] == limit_name(key)), None)
    branches = ", ".join(known["branches_ko"]) if known else limit_name(key)
    return f"{branches} ({content.names.of('snapshot', key.snapshot, 'ko')})"


def _word(head: str, value: object) -> str:
    found = texts().get(f"{head}.{value}")
    return found["ko"] if found else str(value)
