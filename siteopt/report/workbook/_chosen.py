"""최적안 입지: the sites of the plan with place, size, connection, cost and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from siteopt.report.facts import say
from siteopt.report.texts import text
from siteopt.report.verdict import Verdicts
from siteopt.report.workbook._book import Head
from siteopt.report.workbook._columns import column_head
from siteopt.report.workbook._content import worded

if TYPE_CHECKING:
    from siteopt.report.workbook._book import Book
    from siteopt.report.workbook._content import Content

__all__ = ["write_chosen"]

_BEFORE: Final = ("rank", "rank_proven", "site_id", "name_ko")
_AFTER: Final = (
    "open_year", "it_mw", "facility_mw", "voltage_kv", "station_name_ko",
    "station_headroom_confidence", "route_km", "second_station_name_ko", "works",
    "lead_time_years", "cost_bn_krw", "bn_krw_per_mw", "value_bn_krw", "value_suitable_mw",
    "class", "in_plan_pct", "kind", "pue",
)  # fmt: skip


def write_chosen(book: Book, content: Content) -> None:
    """Write the sheet."""
    sheet = book.sheet("sheet_chosen")
    chosen = content.chosen
    there = [
        [name for name in names if name in chosen and chosen[name].notna().any()]
        for names in (_BEFORE, _AFTER)
    ]
    places = [kind for kind in ("province", "district") if f"{kind}_code" in chosen]
    heads = [column_head(name, chosen[name]) for name in there[0]]
    heads += [Head.of(f"{kind}_ko", width=14) for kind in places]
    heads += [column_head(name, chosen[name]) for name in there[1]]
    heads.append(Head.of("why", "wrap", 60))
    sheet.widths(head.width for head in heads)
    sheet.title(text("workbook.about_chosen", "ko"), text("workbook.rank_words", "ko"))
    first = sheet.row
    columns = [worded(chosen[name], name) for name in there[0]]
    columns += [
        [content.names.of(kind, str(code), "ko") for code in chosen[f"{kind}_code"]]
        for kind in places
    ]
    columns += [worded(chosen[name], name) for name in there[1]]
    columns.append(_reasons(content))
    count = sheet.table(heads, zip(*columns, strict=True))
    sheet.head_setup(first, len(heads), count, frozen=min(4, len(there[0])))


def _reasons(content: Content) -> list[object]:
    """Return in a sentence or two why each site of the plan is in it, and at its size."""
    scenario = content.tables.scenario.model_dump(mode="json")
    verdicts = Verdicts(content.chosen, content.plan, {"scenario": scenario})
    found: list[object] = []
    for site in content.chosen["site_id"].astype(str):
        verdict = verdicts.of(site)
        said = [say(one, "ko", content.names) for one in (verdict.sentence, *verdict.causes)]
        found.append(" ".join(said))
    return found
