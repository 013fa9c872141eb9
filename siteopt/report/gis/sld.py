"""SLD 1.1 (Styled Layer Descriptor, OGC 05-078r4) of a layer, for GeoServer, ArcGIS and others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, SubElement, tostring

from siteopt.report.gis._expressions import ogc_filter
from siteopt.report.gis.symbology import LineSymbol, MarkSymbol
from siteopt.report.texts import LANGUAGES

if TYPE_CHECKING:
    from siteopt.report.gis.symbology import FillSymbol, Labels, Rule, Style, Symbol
    from siteopt.report.texts import Language

__all__ = ["sld"]

_NAMESPACES: Final = {
    "xmlns": "http://www.opengis.net/sld", "xmlns:se": "http://www.opengis.net/se",
    "xmlns:ogc": "http://www.opengis.net/ogc", "xmlns:xlink": "http://www.w3.org/1999/xlink",
}  # fmt: skip
_PIXELS_PER_MM: Final = 1 / 0.28
"""The standard pixel of SLD is 0.28 mm."""


def sld(name: str, title: str, style: Style, language: Language) -> str:
    """Return the style of a layer as SLD.

    Parameters
    ----------
    name, title : str
        Of the layer: its table, and what people call it.
    style : Style
        Rules and labels.
    language : {'ko', 'en'}
        Language of the legend and of the labels.
    """
    root = Element("StyledLayerDescriptor", _NAMESPACES | {"version": "1.1.0"})
    layer = SubElement(root, "NamedLayer")
    SubElement(layer, "se:Name").text = name
    description = SubElement(layer, "se:Description")
    SubElement(description, "se:Title").text = title
    user = SubElement(layer, "UserStyle")
    SubElement(user, "se:Name").text = name
    type_style = SubElement(user, "se:FeatureTypeStyle")
    for rule in style.rules:
        _rule(type_style, rule, language)
    if style.labels is not None:
        _labels(type_style, style.labels, language)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode")


def _rule(parent: Element, rule: Rule, language: Language) -> None:
    element = SubElement(parent, "se:Rule")
    title = rule.title[LANGUAGES.index(language)]
    SubElement(element, "se:Name").text = title
    SubElement(SubElement(element, "se:Description"), "se:Title").text = title
    wanted = ogc_filter(rule.conditions)
    if wanted is not None:
        element.append(wanted)
    if rule.nearer_than:
        SubElement(element, "se:MaxScaleDenominator").text = f"{rule.nearer_than:.0f}"
    for part in rule.symbols:
        _symbol(element, part)


def _symbol(rule: Element, part: Symbol) -> None:
    if isinstance(part, MarkSymbol):
        graphic = SubElement(SubElement(rule, "se:PointSymbolizer"), "se:Graphic")
        mark = SubElement(graphic, "se:Mark")
        known = {"diamond": "square", "cross2": "x"}
        SubElement(mark, "se:WellKnownName").text = known.get(part.shape, part.shape)
        _parameters(mark, "se:Fill", {"fill": part.colour})
        _parameters(
            mark, "se:Stroke", {"stroke": part.outline, "stroke-width": _pixels(part.outline_mm)}
        )
        SubElement(graphic, "se:Size").text = _pixels(part.size_mm)
        if part.shape == "diamond":
            rotation = SubElement(graphic, "se:Rotation")
            SubElement(rotation, "ogc:Literal").text = "45"
    elif isinstance(part, LineSymbol):
        if part.casing:
            _stroke(rule, part.casing, part.width_mm + 0.8, ())
        _stroke(rule, part.colour, part.width_mm, part.dash_mm)
    else:
        _polygon(rule, part)


def _stroke(rule: Element, colour: str, width_mm: float, dash_mm: tuple[float, ...]) -> None:
    values = {"stroke": colour, "stroke-width": _pixels(width_mm), "stroke-linecap": "round"}
    if dash_mm:
        values["stroke-dasharray"] = " ".join(_pixels(length) for length in dash_mm)
    _parameters(SubElement(rule, "se:LineSymbolizer"), "se:Stroke", values)


def _polygon(rule: Element, part: FillSymbol) -> None:
    polygon = SubElement(rule, "se:PolygonSymbolizer")
    if part.colour:
        _parameters(polygon, "se:Fill", {"fill": part.colour, "fill-opacity": f"{part.opacity:g}"})
    if part.outline:
        values = {"stroke": part.outline, "stroke-width": _pixels(part.outline_mm)}
        if part.outline_dash:
            values["stroke-dasharray"] = "4 2"
        _parameters(polygon, "se:Stroke", values)
    if part.hatch:
        hatched = SubElement(rule, "se:PolygonSymbolizer")
        graphic = SubElement(
            SubElement(SubElement(hatched, "se:Fill"), "se:GraphicFill"), "se:Graphic"
        )
        mark = SubElement(graphic, "se:Mark")
        SubElement(mark, "se:WellKnownName").text = "horline"
        _parameters(mark, "se:Stroke", {"stroke": part.hatch, "stroke-width": "1"})
        SubElement(graphic, "se:Size").text = _pixels(part.hatch_gap_mm)
        SubElement(SubElement(graphic, "se:Rotation"), "ogc:Literal").text = f"{part.hatch_angle:g}"


def _labels(parent: Element, labels: Labels, language: Language) -> None:
    rule = SubElement(parent, "se:Rule")
    wanted = ogc_filter(labels.conditions)
    if wanted is not None:
        rule.append(wanted)
    if labels.nearer_than:
        SubElement(rule, "se:MaxScaleDenominator").text = f"{labels.nearer_than:.0f}"
    text = SubElement(rule, "se:TextSymbolizer")
    label = SubElement(text, "se:Label")
    SubElement(label, "ogc:PropertyName").text = labels.fields[LANGUAGES.index(language)]
    _parameters(
        text, "se:Font",
        {"font-size": f"{labels.size_pt:g}", "font-weight": "bold" if labels.bold else "normal"},
    )  # fmt: skip
    if labels.around:
        point = SubElement(SubElement(text, "se:LabelPlacement"), "se:PointPlacement")
        anchor = SubElement(point, "se:AnchorPoint")
        SubElement(anchor, "se:AnchorPointX").text = "0"
        SubElement(anchor, "se:AnchorPointY").text = "0"
    halo = SubElement(text, "se:Halo")
    SubElement(halo, "se:Radius").text = "2"
    _parameters(halo, "se:Fill", {"fill": "#ffffff", "fill-opacity": "0.9"})
    _parameters(text, "se:Fill", {"fill": labels.colour})


def _parameters(parent: Element, kind: str, values: dict[str, str]) -> None:
    element = SubElement(parent, kind)
    for name, value in values.items():
        SubElement(element, "se:SvgParameter", name=name).text = value


def _pixels(length_mm: float) -> str:
    return f"{length_mm * _PIXELS_PER_MM:.2f}"
