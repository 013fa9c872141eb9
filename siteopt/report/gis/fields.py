"""Titles of the columns of the GIS files in both languages, with their units."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pandas.api.types import is_float_dtype

from siteopt.criteria import CRITERIA
from siteopt.report.texts import text, texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd
    import pandas as pd

    from siteopt.report.texts import Language

__all__ = ["ColumnView", "column_confidence", "column_title", "column_titles", "column_views"]

_PARTS: Final = (
    (re.compile(r"cost_(.+)_bn_krw"), "column.cost_part", "cost"),
    (re.compile(r"price_(.+)_krw_kwh"), "column.price_part", "price"),
    (re.compile(r"score_(.+)"), "column.score_part", "criterion"),
    (re.compile(r"contracted_(.+)_mw"), "gis.field_contracted_part", "technology"),
)
"""Columns that are called after a part: pattern, title, and the head of the keys of the parts."""
_YEAR: Final = re.compile(r"it_mw_([0-9]{4})")
_WITHIN: Final = re.compile(r"within_(.+)_pct")
_LEVEL: Final = re.compile(r"(headroom|estimate|published|used|injection)_([0-9]+)_(mw|confidence)")
_UNITS: Final = {
    "krw_per_mwh_it": {"ko": "원/MWh", "en": "KRW/MWh"},
    "bn_krw_per_mw": {"ko": "십억 원/MW", "en": "bn KRW/MW"},
    "_krw_kwh": {"ko": "원/kWh", "en": "KRW/kWh"}, "_krw_m2": {"ko": "원/㎡", "en": "KRW/m2"},
    "_bn_krw": {"ko": "십억 원", "en": "bn KRW"}, "_years": {"ko": "년", "en": "years"},
    "_mw": {"ko": "MW", "en": "MW"}, "_gwh": {"ko": "GWh", "en": "GWh"}, "_km": {"ko": "km", "en": "km"},
    "_km2": {"ko": "㎢", "en": "km2"}, "_pct": {"ko": "%", "en": "%"}, "_kv": {"ko": "kV", "en": "kV"},
    "_ha": {"ko": "ha", "en": "ha"}, "_m": {"ko": "m", "en": "m"},
}  # fmt: skip
"""Units by the end of a name, the longer end first."""


_WORDS: Final = (
    (re.compile(r"class|best_class"), ("class.",)),
    (re.compile(r"kind"), ("station_kind.", "kind.", "gis.line_")),
    (re.compile(r".*confidence"), ("confidence.", "gis.confidence_")),
    (re.compile(r"area_rule"), ("area.", "gis.area_")), (re.compile(r"outline"), ("gis.outline_",)),
    (re.compile(r"proof|headroom_proof"), ("gis.proof_",)),
    (re.compile(r"within_.+_pct"), ("level.",)),
    (re.compile(r"contract_area|waterworks_state"), ("value.{name}.",)),
)  # fmt: skip
"""Columns of codes, and the heads of the keys of what their codes are called."""
_CODES_MAX: Final = 40
"""A column with more different texts holds no codes."""


@dataclass(frozen=True, slots=True)
class ColumnView:
    """What people see of a column: its title, whether it is a figure, words for its codes."""

    title: str
    is_figure: bool
    words: dict[str, str]


def column_views(frame: gpd.GeoDataFrame, language: Language) -> dict[str, ColumnView]:
    """Return what people see of the columns of a layer, in order.

    Parameters
    ----------
    frame : GeoDataFrame
        Table of the layer.
    language : {'ko', 'en'}
        Korean or English.
    """
    names = [str(name) for name in frame.columns if name != frame.geometry.name]
    titles = column_titles(names, language)
    return {
        name: ColumnView(
            titles[name], is_float_dtype(frame[name]), _code_words(frame[name], language)
        )
        for name in names
    }


def _code_words(values: pd.Series, language: Language) -> dict[str, str]:
    """Return the words of the codes of a column, by code; empty where it has none."""
    name = str(values.name)
    heads = next((heads for pattern, heads in _WORDS if pattern.fullmatch(name)), ())
    if not heads:
        return {}
    codes = sorted({str(code) for code in values.dropna().unique() if str(code)})[:_CODES_MAX]
    keys = {code: [f"{head.format(name=name)}{code}" for head in heads] for code in codes}
    known = {code: next((key for key in of if key in texts()), "") for code, of in keys.items()}
    return {code: texts()[key][language] for code, key in known.items() if key}


def column_titles(names: Iterable[str], language: Language) -> dict[str, str]:
    """Return the titles of the columns of one table, no two the same.

    Parameters
    ----------
    names : iterable of str
        Columns, in order.
    language : {'ko', 'en'}
        Korean or English.
    """
    found: dict[str, str] = {}
    for name in names:
        title = column_title(name, language)
        found[name] = f"{title} [{name}]" if title in found.values() else title
    return found


def column_title(name: str, language: Language) -> str:
    """Return the title of a column with its unit; its own name where nobody gave it one.

    Parameters
    ----------
    name : str
        Column.
    language : {'ko', 'en'}
        Korean or English.

    Examples
    --------
    >>> column_title("route_km", "en")
    'Length of the line (km)'
    """
    if name in CRITERIA:
        column = CRITERIA[name]
        title, unit = (column.title_ko if language == "ko" else column.title_en), column.unit
        known = texts().get(f"criterion_unit.{unit}")
        unit = known[language] if known else unit
    else:
        title, unit = _title(name, language), _unit(name, language)
    return f"{title} ({unit})" if unit.strip("-") else title


def column_confidence(name: str) -> str:
    """Return how far a column can be trusted in general, empty where that is told elsewhere."""
    return CRITERIA[name].confidence if name in CRITERIA else ""


def _unit(name: str, language: Language) -> str:
    if _WITHIN.fullmatch(name):
        return ""
    bare = "it_mw" if _YEAR.fullmatch(name) else name
    return next((unit[language] for end, unit in _UNITS.items() if bare.endswith(end)), "")


def _title(name: str, language: Language) -> str:
    for head in ("gis.field_", "column."):
        if f"{head}{name}" in texts():
            return text(f"{head}{name}", language)
    if (found := _YEAR.fullmatch(name)) is not None:
        return text("column.it_mw_year", language, year=found[1])
    if (found := _WITHIN.fullmatch(name)) is not None:
        return text("column.within_part", language, pct=found[1].replace("_", "."))
    if (found := _LEVEL.fullmatch(name)) is not None:
        key = f"gis.field_{found[1]}_level" + ("_confidence" if found[3] == "confidence" else "")
        return text(key, language, kv=found[2])
    for pattern, key, head in _PARTS:
        if (found := pattern.fullmatch(name)) is not None:
            known = texts().get(f"{head}.{found[1]}")
            return text(key, language, name=known[language] if known else found[1])
    return name
