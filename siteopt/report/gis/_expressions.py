"""Conditions of rules as QGIS expressions and as OGC filters."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from siteopt.report.gis.symbology import Condition

__all__ = ["expression", "identifier", "ogc_filter", "without_markup"]

_COMPARISONS = {
    "=": "PropertyIsEqualTo", "<>": "PropertyIsNotEqualTo", "<": "PropertyIsLessThan",
    "<=": "PropertyIsLessThanOrEqualTo", ">": "PropertyIsGreaterThan",
    ">=": "PropertyIsGreaterThanOrEqualTo",
}  # fmt: skip


def identifier(field: str) -> str:
    """Return a column as a QGIS expression names it."""
    return '"' + field.replace('"', '""') + '"'


def without_markup(of: str) -> str:
    """Return the expression of a text that no HTML reads as a tag: names are not ours."""
    text = f"to_string(coalesce({of}, ''))"
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = f"replace({text}, '{sign}', '{entity}')"
    return text


def expression(conditions: Iterable[Condition]) -> str:
    """Return conditions as a QGIS expression, empty where there are none."""
    return " AND ".join(_compared(one) for one in conditions)


def _compared(one: Condition) -> str:
    field = identifier(one.field)
    match one.operator:
        case "null":
            return f"{field} IS NULL"
        case "not null":
            return f"{field} IS NOT NULL"
        case "in":
            values = one.value if isinstance(one.value, tuple) else (one.value,)
            return f"{field} IN ({', '.join(_literal(value) for value in values)})"
        case operator:
            return f"{field} {operator} {_literal(one.value)}"


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return f"{value:g}"


def ogc_filter(conditions: tuple[Condition, ...]) -> Element | None:
    """Return conditions as an ``ogc:Filter``, None where there are none."""
    if not conditions:
        return None
    top = Element("ogc:Filter")
    holder = top if len(conditions) == 1 else SubElement(top, "ogc:And")
    for one in conditions:
        _compared_by_ogc(holder, one)
    return top


def _compared_by_ogc(holder: Element, one: Condition) -> None:
    match one.operator:
        case "null":
            null = SubElement(holder, "ogc:PropertyIsNull")
            SubElement(null, "ogc:PropertyName").text = one.field
        case "not null":
            null = SubElement(SubElement(holder, "ogc:Not"), "ogc:PropertyIsNull")
            SubElement(null, "ogc:PropertyName").text = one.field
        case "in":
            values = one.value if isinstance(one.value, tuple) else (one.value,)
            any_of = holder if len(values) == 1 else SubElement(holder, "ogc:Or")
            for value in values:
                _equal(any_of, "PropertyIsEqualTo", one.field, value)
        case operator:
            _equal(holder, _COMPARISONS[operator], one.field, one.value)


def _equal(holder: Element, kind: str, field: str, value: object) -> None:
    compared = SubElement(holder, f"ogc:{kind}")
    SubElement(compared, "ogc:PropertyName").text = field
    word = str(value).lower() if isinstance(value, bool) else f"{value}"
    SubElement(compared, "ogc:Literal").text = word
