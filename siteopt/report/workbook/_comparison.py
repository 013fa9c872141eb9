"""입지 비교: up to four candidates side by side, picked from a list, by INDEX and MATCH."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from xlsxwriter.utility import xl_col_to_name

from siteopt.criteria import CRITERIA
from siteopt.report.texts import text
from siteopt.report.workbook._book import Head

if TYPE_CHECKING:
    from siteopt.report.workbook._book import Book, Kind, Sheet
    from siteopt.report.workbook._candidates import Candidates
    from siteopt.report.workbook._content import Content

__all__ = ["write_comparison"]

_SITES: Final = 4
_FRONT: Final = (
    "site_id", "name_ko", "province_ko", "district_ko", "kind", "chosen", "rank", "rank_proven",
    "class", "in_plan_pct", "proof", "reason", "it_mw", "facility_mw", "it_max_mw", "eligible_ha",
    "value_bn_krw", "regret_bn_krw", "lower_bn_krw", "upper_bn_krw", "value_suitable_mw",
    "regret_suitable_mw", "lower_suitable_mw", "upper_suitable_mw", "cost_bn_krw", "bn_krw_per_mw",
    "krw_per_mwh_it",
)  # fmt: skip
_CONNECTION: Final = (
    "station_name_ko", "second_station_name_ko", "voltage_kv", "route_km", "second_route_km",
    "headroom_mw", "station_headroom_confidence", "works", "works_bn_krw", "lead_time_years",
    "lead_time_high_years", "lead_time_tight", "suitability", "impact_total_min",
    "impact_total_max",
)  # fmt: skip


def write_comparison(book: Book, content: Content, candidates: Candidates) -> None:
    """Write the sheet: what is compared of each site, and differences against the first."""
    sheet = book.sheet("sheet_comparison")
    titles = [
        *(text("workbook.compare_place", "ko", n=n) for n in range(1, _SITES + 1)),
        *(text("workbook.compare_difference", "ko", n=n) for n in range(2, _SITES + 1)),
    ]
    heads = [Head.of("item", width=34), Head.of("key", width=22)]
    heads += [
        Head(f"site_{n}" if n <= _SITES else f"difference_{n - _SITES + 1}", title, "text", 22)
        for n, title in enumerate(titles, 1)
    ]
    sheet.widths(head.width for head in heads)
    sheet.title(text("workbook.compare_note", "ko"))
    if not len(candidates):
        sheet.line(text("workbook.none_rows", "ko"))
        return
    first = sheet.row
    sheet.heads(heads)
    picked = _picked(content)
    _write_picks(sheet, candidates, picked)
    places = _write_places(sheet, candidates, picked)
    by_key = {head.key: head for head in candidates.columns}
    for key in _compared(content, candidates):
        _write_row(sheet, candidates, by_key[key], picked, places)
    sheet.head_setup(first, len(heads), sheet.row - first, frozen=2)


def _picked(content: Content) -> list[int]:
    """Return the first picks: two chosen sites, and the two best of the others; rows from 0."""
    chosen = content.ranking["chosen"].astype(bool).to_numpy().nonzero()[0].tolist()
    others = (~content.ranking["chosen"].astype(bool)).to_numpy().nonzero()[0].tolist()
    half = _SITES // 2
    found = [*chosen[:half], *others[:half]]
    rest = [*chosen[half:], *others[half:]][: _SITES - len(found)]
    return sorted([*found, *rest])[:_SITES]


def _compared(content: Content, candidates: Candidates) -> list[str]:
    """Return the keys that are compared: what is decided, costs, the connection, criteria."""
    there = {head.key for head in candidates.columns}
    costs = [f"cost_{name}_bn_krw" for name in content.components]
    criteria = [name for name, column in CRITERIA.items() if column.scored or name == "pue"]
    wanted = dict.fromkeys([*_FRONT, *costs, *_CONNECTION, *criteria])
    return [key for key in wanted if key in there]


def _write_picks(sheet: Sheet, candidates: Candidates, picked: list[int]) -> None:
    """Write the cells in which sites are picked."""
    sheet.put(0, text("workbook.compare_pick", "ko"), "wrap", "sum")
    sheet.put(1, "label", "text", "sum")
    labels = candidates.values["label"]
    for place in range(_SITES):
        told = labels[picked[place]] if place < len(picked) else None
        sheet.put(2 + place, told, "wrap", "input")
    sheet.raw.data_validation(
        sheet.row, 2, sheet.row, 1 + _SITES,
        {
            "validate": "list", "source": f"={candidates.reference('label')}",
            "show_error": False,  # a number alone does as well
        },
    )  # fmt: skip
    sheet.row += 1


def _write_places(sheet: Sheet, candidates: Candidates, picked: list[int]) -> list[str]:
    """Write which row of the candidates each pick is, 0 for none; return the cells.

    A number is looked up and not a text: MATCH takes * and ? in texts for wildcards.
    """
    pick = sheet.row
    sheet.put(0, text("workbook.compare_row", "ko"), "text")
    sheet.put(1, "row", "text")
    cells = []
    numbers = candidates.reference("no")
    for place in range(_SITES):
        cell = f"{xl_col_to_name(2 + place)}{pick}"
        number = f'VALUE(LEFT({cell},FIND(" ",{cell}&" ")-1))'
        value = picked[place] + 1 if place < len(picked) else 0
        sheet.formula(2 + place, f"IFERROR(MATCH({number},{numbers},0),0)", value, "plain")
        cells.append(f"{xl_col_to_name(2 + place)}${pick + 1}")
    sheet.row += 1
    return cells


def _write_row(
    sheet: Sheet, candidates: Candidates, head: Head, picked: list[int], places: list[str]
) -> None:
    """Write one property of the picked sites, and how much more of it each has than the first."""
    cells, values = candidates.reference(head.key), candidates.values[head.key]
    sheet.put(0, head.title.replace("\n", " "), "text")
    sheet.put(1, head.key, "text")
    told: list[Any] = []
    for place, row in enumerate(places):
        value = values[picked[place]] if place < len(picked) else None
        value = "" if value is None else value
        told.append(value)
        found = f"INDEX({cells},{row})"
        sheet.formula(2 + place, f'IF({row}=0,"",IF({found}="","",{found}))', value, head.kind)
    if any(isinstance(value, float) for value in values) and head.key != "rank":
        _write_differences(sheet, told, head.kind)
    sheet.row += 1


def _write_differences(sheet: Sheet, told: list[Any], kind: Kind) -> None:
    base = f"{xl_col_to_name(2)}{sheet.row + 1}"
    for place in range(1, _SITES):
        cell = f"{xl_col_to_name(2 + place)}{sheet.row + 1}"
        both = isinstance(told[0], float) and isinstance(told[place], float)
        value = told[place] - told[0] if both else ""
        formula = f'IF(OR({base}="",{cell}=""),"",{cell}-{base})'
        sheet.formula(1 + _SITES + place, formula, value, kind)
