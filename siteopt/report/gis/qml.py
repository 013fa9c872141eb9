"""QML, the style files of QGIS: renderer, labels, aliases and map tip of a layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, SubElement, tostring

from siteopt.report.gis._expressions import expression, identifier, without_markup
from siteopt.report.gis.symbology import FillSymbol, LineSymbol, MarkSymbol
from siteopt.report.texts import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siteopt.report.gis.fields import ColumnView
    from siteopt.report.gis.symbology import Labels, Style, Symbol
    from siteopt.report.texts import Language

__all__ = ["FONT", "QGIS_VERSION", "append_style", "options", "qml", "rgba", "text_style"]

QGIS_VERSION: Final = "3.22.0"
"""The release whose format is written; later ones read it."""

FONT: Final = "Malgun Gothic"
"""Comes with every Windows; elsewhere QGIS takes the font of the machine in its place."""
_SYMBOL_TYPES: Final = {MarkSymbol: "marker", LineSymbol: "line", FillSymbol: "fill"}
_AROUND_POINT, _OVER_POINT, _HORIZONTAL = "6", "1", "4"
"""Kinds of placement of labels."""
_TIP_DECIMALS: Final = 2
_FARTHEST: Final = "100000000"


def qml(style: Style, columns: Mapping[str, ColumnView], language: Language) -> str:
    """Return the style of a layer as QML.

    Parameters
    ----------
    style : Style
        Rules, labels and tip.
    columns : mapping
        What people see of each column, in order.
    language : {'ko', 'en'}
        Language of legend, labels and tip.
    """
    root = Element("qgis", version=QGIS_VERSION, styleCategories="AllStyleCategories")
    append_style(root, style, columns, language)
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + tostring(
        root, encoding="unicode"
    )


def append_style(
    root: Element, style: Style, columns: Mapping[str, ColumnView], language: Language
) -> None:
    """Write the style of a layer into an element: a QML file, or a layer of a project."""
    attributes = {
        "labelsEnabled": "1" if style.labels else "0", "hasScaleBasedVisibilityFlag": "0",
        "minScale": _FARTHEST, "maxScale": "0", "simplifyDrawingHints": "1", "simplifyDrawingTol": "1",
        "simplifyMaxScale": "1", "simplifyAlgorithm": "0", "simplifyLocal": "1", "readOnly": "0",
        "symbologyReferenceScale": "-1",
    }  # fmt: skip
    for name, value in attributes.items():
        root.set(name, value)
    flags = SubElement(root, "flags")
    for name, value in (("Identifiable", "1"), ("Removable", "1"), ("Searchable", "1")):
        SubElement(flags, name).text = value
    _renderer(root, style, language)
    if style.labels is not None:
        _labeling(root, style.labels, language)
    SubElement(root, "blendMode").text = "0"
    SubElement(root, "featureBlendMode").text = "0"
    SubElement(root, "layerOpacity").text = f"{style.opacity:g}"
    _fields(root, columns)
    tip = [name for name in style.tip if name in columns]
    if tip:
        SubElement(root, "previewExpression").text = identifier(tip[0])
        SubElement(root, "mapTip").text = _tip(tip, columns)


def _fields(root: Element, columns: Mapping[str, ColumnView]) -> None:
    """Write words for codes, which QGIS shows in tables and forms, and titles."""
    configured = SubElement(root, "fieldConfiguration")
    for name, column in columns.items():
        if not column.words:
            continue
        field = SubElement(configured, "field", name=name, configurationFlags="None")
        widget = SubElement(field, "editWidget", type="ValueMap")
        top = SubElement(SubElement(widget, "config"), "Option", type="Map")
        listed = SubElement(top, "Option", name="map", type="List")
        for code, word in column.words.items():
            one = SubElement(listed, "Option", type="Map")
            SubElement(one, "Option", name=word, type="QString", value=code)
    named = SubElement(root, "aliases")
    for place, (name, column) in enumerate(columns.items()):
        SubElement(named, "alias", index=str(place), field=name, name=column.title)


def _renderer(root: Element, style: Style, language: Language) -> None:
    renderer = SubElement(
        root, "renderer-v2", type="RuleRenderer", forceraster="0", symbollevels="0",
        enableorderby="1" if style.order else "0", referencescale="-1",
    )  # fmt: skip
    top = SubElement(renderer, "rules", key="{rules}")
    symbols = SubElement(renderer, "symbols")
    for place, rule in enumerate(style.rules):
        given = {"key": f"{{rule-{place}}}", "symbol": str(place)}
        given["label"] = rule.title[LANGUAGES.index(language)]
        if rule.conditions:
            given["filter"] = expression(rule.conditions)
        if rule.nearer_than:
            given |= {"scalemindenom": "1", "scalemaxdenom": f"{rule.nearer_than:.0f}"}
        SubElement(top, "rule", given)
        append_symbol(symbols, rule.symbols, str(place))
    if style.order is not None:
        name, lowest_first = style.order
        by = {"asc": "1" if lowest_first else "0", "nullsFirst": "1"}
        clause = SubElement(SubElement(renderer, "orderby"), "orderByClause", by)
        clause.text = identifier(name)


def append_symbol(parent: Element, parts: tuple[Symbol, ...], name: str) -> None:
    """Write a symbol of one or more parts into an element, under a name."""
    kind = _SYMBOL_TYPES[type(parts[0])]
    symbol = SubElement(
        parent, "symbol", type=kind, name=name, alpha="1", clip_to_extent="1", force_rhr="0"
    )
    for part in parts:
        if isinstance(part, MarkSymbol):
            _mark(symbol, part)
        elif isinstance(part, LineSymbol):
            _line(symbol, part)
        else:
            _fill(symbol, part, f"@{name}@{len(symbol)}")


def _mark(symbol: Element, part: MarkSymbol) -> None:
    values = {
        "name": part.shape, "size": f"{part.size_mm:g}", "size_unit": "MM",
        "scale_method": "diameter", "color": rgba(part.colour), "outline_color": rgba(part.outline),
        "outline_width": f"{part.outline_mm:g}", "outline_width_unit": "MM",
        "outline_style": "solid", "joinstyle": "miter", "angle": "0", "offset": "0,0",
    }  # fmt: skip
    options(_part(symbol, "SimpleMarker"), values)


def _line(symbol: Element, part: LineSymbol) -> None:
    if part.casing:
        options(_part(symbol, "SimpleLine"), _stroke(part.casing, part.width_mm + 0.8, ()))
    options(_part(symbol, "SimpleLine"), _stroke(part.colour, part.width_mm, part.dash_mm))


def _stroke(colour: str, width_mm: float, dash_mm: tuple[float, ...]) -> dict[str, str]:
    return {
        "line_color": rgba(colour), "line_width": f"{width_mm:g}", "line_width_unit": "MM",
        "line_style": "solid", "capstyle": "round", "joinstyle": "round",
        "use_custom_dash": "1" if dash_mm else "0", "customdash_unit": "MM",
        "customdash": ";".join(f"{length:g}" for length in dash_mm) or "5;2",
    }  # fmt: skip


def _fill(symbol: Element, part: FillSymbol, name: str) -> None:
    values = {
        "color": rgba(part.colour or "#ffffff", part.opacity),
        "style": "solid" if part.colour else "no", "outline_color": rgba(part.outline or "#ffffff"),
        "outline_style": ("dash" if part.outline_dash else "solid") if part.outline else "no",
        "outline_width": f"{part.outline_mm:g}", "outline_width_unit": "MM", "joinstyle": "round",
    }  # fmt: skip
    options(_part(symbol, "SimpleFill"), values)
    if part.hatch:
        hatching = _part(symbol, "LinePatternFill")
        values = {
            "angle": f"{part.hatch_angle:g}", "distance": f"{part.hatch_gap_mm:g}",
            "distance_unit": "MM", "color": rgba(part.hatch), "line_width": "0.2",
            "line_width_unit": "MM", "offset": "0", "offset_unit": "MM",
        }  # fmt: skip
        options(hatching, values)
        append_symbol(hatching, (LineSymbol(part.hatch, 0.2),), name)


def _part(symbol: Element, kind: str) -> Element:
    part = {"class": kind, "enabled": "1", "locked": "0", "pass": "0"}
    return SubElement(symbol, "layer", part)


def options(parent: Element, values: Mapping[str, str]) -> None:
    """Write values as QGIS keeps them."""
    top = SubElement(parent, "Option", type="Map")
    for name, value in values.items():
        SubElement(top, "Option", name=name, type="QString", value=value)


def rgba(colour: str, opacity: float = 1.0) -> str:
    """Return a colour as ``red,green,blue,alpha``.

    Examples
    --------
    >>> rgba("#c62828")
    '198,40,40,255'
    """
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"{red},{green},{blue},{round(255 * opacity)}"


def text_style(parent: Element, size_pt: float, colour: str, *, bold: bool = False) -> Element:
    """Write how letters look."""
    return SubElement(
        parent, "text-style", fontFamily=FONT, fontSize=f"{size_pt:g}", fontSizeUnit="Point",
        textColor=rgba(colour), fontWeight="75" if bold else "50", namedStyle="",
        fontItalic="0", fontUnderline="0", fontStrikeout="0", textOpacity="1", blendMode="0",
        multilineHeight="1", textOrientation="horizontal", allowHtml="0", fontKerning="1",
    )  # fmt: skip


def _labeling(root: Element, labels: Labels, language: Language) -> None:
    labeling = SubElement(root, "labeling", type="rule-based")
    rules = SubElement(labeling, "rules", key="{labels}")
    given = {"key": "{label-0}"}
    if labels.conditions:
        given["filter"] = expression(labels.conditions)
    if labels.nearer_than:
        given |= {"scalemindenom": "1", "scalemaxdenom": f"{labels.nearer_than:.0f}"}
    rule = SubElement(rules, "rule", given)
    settings = SubElement(rule, "settings", calloutType="simple")
    style = text_style(settings, labels.size_pt, labels.colour, bold=labels.bold)
    style.set("fieldName", labels.fields[LANGUAGES.index(language)])
    style.set("isExpression", "0")
    SubElement(
        style, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferSizeUnits="MM",
        bufferColor=rgba("#ffffff"), bufferOpacity="0.9", bufferNoFill="1", bufferJoinStyle="128",
        bufferBlendMode="0",
    )  # fmt: skip
    SubElement(
        settings, "placement", placement=_AROUND_POINT if labels.around else _HORIZONTAL,
        predefinedPositionOrder="TR,TL,BR,BL,R,L,TSR,BSR", dist="0.8", distUnits="MM",
        offsetType="1", quadOffset="4", priority=str(labels.priority), placementFlags="10",
        centroidWhole="1", centroidInside="1", fitInPolygonOnly="0", polygonPlacementFlags="2",
    )  # fmt: skip
    SubElement(
        settings, "rendering", drawLabels="1", displayAll="0", obstacle="1", obstacleFactor="1",
        obstacleType="1", scaleVisibility="0", fontMinPixelSize="3", fontMaxPixelSize="10000",
        upsidedownLabels="0", maxNumLabels="2000", minFeatureSize="0", mergeLines="0",
        labelPerPart="0", limitNumLabels="0", zIndex=str(labels.priority),
    )  # fmt: skip


def _tip(names: list[str], columns: Mapping[str, ColumnView]) -> str:
    """Return the map tip: the first column as head, the others a line each, those unknown left out."""
    lines = [
        f"[% if({identifier(name)} IS NULL OR to_string({identifier(name)}) = '', '', "
        f"'<br>{_escaped(columns[name].title)}: ' || {_value(name, columns[name])}) %]"
        for name in names[1:]
    ]
    return f"<b>[% {without_markup(identifier(names[0]))} %]</b>" + "".join(lines)


def _value(name: str, column: ColumnView) -> str:
    if column.is_figure:
        return f"to_string(round({identifier(name)}, {_TIP_DECIMALS}))"
    if column.words:
        return without_markup(f"represent_value({identifier(name)})")
    return without_markup(identifier(name))


def _escaped(title: str) -> str:
    """Return a title inside a quoted text of an expression, read as HTML."""
    html = title.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return html.replace("\\", "\\\\").replace("'", "''").replace("%]", "% ]")
