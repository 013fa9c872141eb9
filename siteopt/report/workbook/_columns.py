"""Columns of the sheet of all candidates: which, their titles, units and formats; 변수설명."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pandas as pd

from siteopt.criteria import CRITERIA
from siteopt.layers.land_cover import COVER_LAYERS
from siteopt.report.texts import text, texts
from siteopt.report.workbook._book import Head
from siteopt.report.workbook._content import word

if TYPE_CHECKING:
    from siteopt.report.texts import Language
    from siteopt.report.workbook._book import Book, Kind
    from siteopt.report.workbook._content import Content

__all__ = ["column_head", "column_unit", "shown_columns", "write_columns"]

_LEFT_OUT: Final = re.compile(
    "option_id|bus_id|headroom_area_id|second_station_id|stations|[xy]_m|campus_lon_lat"
    "|.*station_name_en|price_.+_krw_kwh|impact_(?!total|applies).+|score_.+|first_year|headroom_more_low_mw|headroom_proof"
)
"""Columns for programs, and parts of sums: ``ranking.csv`` has them."""
_KEPT: Final = frozenset(
    {
        "pue", "elevation_m", "basin_name_ko", "nearest_complex_name_ko", "plant_name_ko",
        "waterworks_state", "land_price_confidence", "headroom_154_confidence", "serviced",
        "area_confidence", "runway_km", "dc_possible_share_pct", *COVER_LAYERS,
    }
)  # fmt: skip
"""Criteria that no score rests on, and that a reader looks for all the same."""
_UNITS: Final = (
    ("bn_krw_per_mw", "workbook.unit_bn_krw_mw"), ("krw_per_mwh_it", "workbook.unit_krw_mwh"),
    ("_krw_kwh", "workbook.unit_krw_kwh"), ("_bn_krw", "workbook.unit_bn_krw"),
    ("_years", "workbook.unit_years"), ("_mw", "unit.mw"), ("_km", "unit.km"), ("_pct", "unit.pct"),
)  # fmt: skip
"""Units by the end of a name, as texts."""
_SIGNS: Final = (("_kv", "kV"), ("_ha", "ha"))
"""Likewise, where the sign is that of every language."""
_CRITERION_UNITS: Final = {"-": "", "°": "°"}
_NUMBERED: Final = re.compile(r"it_mw_([0-9]{4})")
_PARTS: Final = (
    (re.compile(r"cost_(.+)_bn_krw"), "cost_part", "cost"),
    (re.compile(r"price_(.+)_krw_kwh"), "price_part", "price"),
    (re.compile(r"score_(.+)"), "score_part", "criterion"),
)
"""Columns that are called after a part: pattern, title, and the head of the keys of the parts."""
_WITHIN: Final = re.compile(r"within_(.+)_pct")
_WIDE: Final = {"name_ko": 26.0, "name_en": 26.0, "site_id": 15.0, "reason": 18.0, "label": 34.0}
_FIVE: Final = frozenset({"lon", "lat"})
_TWO: Final = frozenset(
    {"pue", "wue_l_kwh", "wue_peak_l_kwh", "pga_g", "rtt_seoul_ms", "rtt_landing_ms"}
)


def shown_columns(content: Content) -> list[str]:
    """Return the columns of the sheet of all candidates; ``ranking.csv`` has them all.

    Left out are those for programs, criteria that no score rests on, and what is empty.
    """
    ranking = content.ranking
    return [
        str(name) for name in ranking.columns
        if _is_for_readers(str(name)) and (name == "site_id" or ranking[name].notna().any())
    ]  # fmt: skip


def _is_for_readers(name: str) -> bool:
    if name in CRITERIA and name not in _KEPT and not CRITERIA[name].scored:
        return False
    return _LEFT_OUT.fullmatch(name) is None


def column_unit(name: str) -> str:
    """Return the unit of a column of the ranking for people; empty where it has none."""
    if name in CRITERIA:
        unit = CRITERIA[name].unit
        known = texts().get(f"criterion_unit.{unit}")
        return known["ko"] if known else _CRITERION_UNITS.get(unit, unit)
    if _NUMBERED.fullmatch(name):
        return "MW"
    if _WITHIN.fullmatch(name):
        return ""
    told = (text(key, "ko") for end, key in _UNITS if name.endswith(end))
    return next(told, None) or next((sign for end, sign in _SIGNS if name.endswith(end)), "")


def _title(name: str, language: Language = "ko") -> str:
    """Return the title of a column; its own name where nobody gave it one."""
    if name in CRITERIA:
        column = CRITERIA[name]
        return column.title_ko if language == "ko" else column.title_en
    if f"column.{name}" in texts():
        return text(f"column.{name}", language)
    if (found := _NUMBERED.fullmatch(name)) is not None:
        return text("column.it_mw_year", language, year=found[1])
    if (found := _WITHIN.fullmatch(name)) is not None:
        return text("column.within_part", language, pct=found[1].replace("_", "."))
    for pattern, key, head in _PARTS:
        found = pattern.fullmatch(name)
        if found is not None:
            known = texts().get(f"{head}.{found[1]}")
            return text(f"column.{key}", language, name=known[language] if known else found[1])
    return name


def column_head(name: str, values: pd.Series | None = None) -> Head:
    """Return the head of a column of the ranking, its unit in the title."""
    unit = column_unit(name)
    title = f"{_title(name)}\n({unit})" if unit else _title(name)
    kind = _kind(name, values)
    return Head(name, title, kind, _WIDE.get(name, 0.0) or Head.of(name, kind).width)


def _kind(name: str, values: pd.Series | None) -> Kind:
    if values is not None and (
        pd.api.types.is_bool_dtype(values) or not pd.api.types.is_numeric_dtype(values)
    ):
        return "text"
    if name in _FIVE:
        return "five"
    if name.endswith(("_year", "rank_low", "rank_high")) or name in {"rank", "tied", "no"}:
        return "plain"
    if name in _TWO or name.endswith("_bn_krw") or name == "bn_krw_per_mw":
        return "two"
    if name.startswith("score_") or name == "suitability":
        return "three"
    return "int" if values is not None and _is_whole(values) else "one"


def _is_whole(values: pd.Series) -> bool:
    known = values.dropna().astype(float)
    return bool((known == known.round()).all()) if len(known) else False


def write_columns(book: Book, content: Content) -> None:
    """Write 변수설명: title, unit, confidence and English title of each column of the ranking."""
    sheet = book.sheet("sheet_columns")
    heads = [
        Head.of("key", width=26), Head.of("title", "wrap", 34), Head.of("unit", width=14),
        Head.of("confidence", width=22), Head.of("criterion", width=14),
        Head.of("title_en", "wrap", 40), Head.of("note", width=18),
    ]  # fmt: skip
    sheet.widths(head.width for head in heads)
    sheet.title(text("workbook.about_columns", "ko"))
    shown = set(shown_columns(content))
    rows = []
    for name in map(str, content.ranking.columns):
        column = CRITERIA.get(name)
        confidence = "" if column is None else column.confidence
        if confidence.startswith("see "):
            confidence = _title(confidence.removeprefix("see "))
        rows.append(
            [
                name, _title(name), column_unit(name), word("confidence", confidence),
                "" if column is None else text(f"criterion.{column.criterion}", "ko"),
                _title(name, "en"), "" if name in shown else text("workbook.columns_only_csv", "ko"),
            ]
        )  # fmt: skip
    first = sheet.row
    sheet.table(heads, rows)
    sheet.head_setup(first, len(heads), len(rows))
