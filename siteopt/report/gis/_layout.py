"""The page to print of a project: title, map, legend, scale bar, notice and attribution on A3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, SubElement

from siteopt.report.gis.qml import FONT, text_style
from siteopt.report.texts import LANGUAGES, text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from siteopt.report.gis.layer import GisLayer
    from siteopt.report.gis.project import ProjectFrame
    from siteopt.report.texts import Language

__all__ = ["PageIds", "append_layout"]

_PAGE_MM: Final = (420.0, 297.0)
_MARGIN_MM: Final = 10.0
_HEAD_MM: Final = 24.0
_FOOT_MM: Final = 22.0
_LEGEND_MM: Final = 152.0
_PAGE, _MAP, _LABEL, _LEGEND, _SCALE_BAR = "65638", "65639", "65641", "65642", "65646"
"""Kinds of items, as QGIS numbers them."""


@dataclass(frozen=True, slots=True)
class PageIds:
    """Ids by name: of layers of the project, and of items of the page."""

    layer: Callable[[str], str]
    item: Callable[[str], str]


Box = tuple[float, float, float, float]
"""Left, top, width, height in mm."""


def append_layout(
    root: Element,
    layers: Sequence[GisLayer],
    frame: ProjectFrame,
    language: Language,
    ids: PageIds,
) -> None:
    """Write the page to print into a project; parameters as of `project_xml`, ids by name."""
    uuid = ids.item
    place = LANGUAGES.index(language)
    layout = SubElement(
        SubElement(root, "Layouts"), "Layout", name=text("gis.layout", language), units="mm",
        printResolution="300", worldFileMap="",
    )  # fmt: skip
    pages = SubElement(layout, "PageCollection")
    _item(pages, _PAGE, (0.0, 0.0, *_PAGE_MM), uuid("page"))
    wide, high = _PAGE_MM
    top, bottom = _MARGIN_MM + _HEAD_MM, high - _MARGIN_MM - _FOOT_MM
    of_map: Box = (_MARGIN_MM, top, wide - 3 * _MARGIN_MM - _LEGEND_MM, bottom - top)
    _map(layout, of_map, frame, uuid("map"))
    title: Box = (_MARGIN_MM, _MARGIN_MM, wide - 2 * _MARGIN_MM, 11.0)
    _label(layout, title, frame.title[place], 20.0, uuid("title"), bold=True)
    below: Box = (_MARGIN_MM, _MARGIN_MM + 12.0, wide - 2 * _MARGIN_MM, 10.0)
    _label(layout, below, frame.lines[place], 11.0, uuid("lines"))
    legend: Box = (wide - _MARGIN_MM - _LEGEND_MM, top, _LEGEND_MM, bottom - top)
    _legend(layout, legend, layers, language, ids)
    _scale_bar(layout, (_MARGIN_MM + 4.0, bottom - 14.0, 80.0, 12.0), uuid)
    foot: Box = (_MARGIN_MM, bottom + 3.0, wide - 2 * _MARGIN_MM, _FOOT_MM - 3.0)
    said = f"{text('page.notice', language)}\n{text('gis.credits', language)} {frame.credits}"
    _label(layout, foot, said, 7.0, uuid("credits"))


def _item(parent: Element, kind: str, box: Box, uuid: str, **others: str) -> Element:
    left, top, wide, high = box
    item = SubElement(
        parent, "LayoutItem", type=kind, uuid=uuid, templateUuid=uuid, id="",
        position=f"{left:g},{top:g},mm", positionOnPage=f"{left:g},{top:g},mm",
        size=f"{wide:g},{high:g},mm", referencePoint="0", visibility="1", opacity="1",
        itemRotation="0", blendMode="0", excludeFromExports="0", positionLock="false",
        frame=others.pop("frame", "false"), background=others.pop("background", "true"),
        outlineWidthM="0.2,mm", frameJoinStyle="miter", groupUuid="", **others,
    )  # fmt: skip
    SubElement(item, "FrameColor", red="140", green="150", blue="160", alpha="255")
    SubElement(item, "BackgroundColor", red="255", green="255", blue="255", alpha="255")
    return item


def _map(layout: Element, box: Box, frame: ProjectFrame, uuid: str) -> None:
    item = _item(
        layout, _MAP, box, uuid, zValue="1", frame="true", mapRotation="0", keepLayerSet="false",
        followPreset="false", drawCanvasItems="true", labelMargin="0,mm", mapFlags="1",
    )  # fmt: skip
    item.find("BackgroundColor").attrib.update(red="223", green="234", blue="242")  # type: ignore[union-attr]
    west, south, east, north = _fitted(frame.bounds_m, box[2] / box[3])
    SubElement(
        item, "Extent", xmin=f"{west:.0f}", ymin=f"{south:.0f}", xmax=f"{east:.0f}",
        ymax=f"{north:.0f}",
    )  # fmt: skip
    SubElement(item, "LayerSet")
    SubElement(item, "AtlasMap", atlasDriven="0", scalingMode="2", margin="0.1")


def _fitted(bounds: Box, shape: float) -> Box:
    """Return bounds widened about their middle to a shape (width by height)."""
    west, south, east, north = bounds
    wide, high = east - west, north - south
    more_wide, more_high = max(0.0, high * shape - wide) / 2, max(0.0, wide / shape - high) / 2
    return west - more_wide, south - more_high, east + more_wide, north + more_high


def _label(  # noqa: PLR0913 - each by its place on the page
    layout: Element, box: Box, said: str, size_pt: float, uuid: str, *, bold: bool = False
) -> None:
    item = _item(
        layout, _LABEL, box, uuid, zValue="2", background="false", labelText=said, htmlState="0",
        halign="1", valign="32", marginX="0", marginY="0",
    )  # fmt: skip
    _font(SubElement(item, "LabelFont"), size_pt, bold=bold)
    SubElement(item, "FontColor", red="28", green="39", blue="51", alpha="255")
    text_style(item, size_pt, "#1c2733", bold=bold)


def _font(element: Element, size_pt: float, *, bold: bool = False) -> None:
    element.set("description", f"{FONT},{size_pt:g},-1,5,{75 if bold else 50},0,0,0,0,0")
    element.set("style", "")


def _legend(
    layout: Element, box: Box, layers: Sequence[GisLayer], language: Language, ids: PageIds
) -> None:
    uuid = ids.item
    item = _item(
        layout, _LEGEND, box, uuid("legend"), zValue="3", background="false",
        title=text("gis.legend", language), titleAlignment="1", columnCount="2",
        columnSpace="3", equalColumnWidth="0", splitLayer="1", symbolWidth="6", symbolHeight="3",
        boxSpace="1", lineSpacing="1", wrapChar="", fontColor="#1c2733", map_uuid=uuid("map"),
        resizeToContents="0", legendFilterByAtlas="0", symbolAlignment="1", rasterBorder="1",
    )  # fmt: skip
    styles = SubElement(item, "styles")
    for name, size, above, bold in (
        ("title", 14.0, 0.0, True), ("group", 12.0, 4.0, True), ("subgroup", 10.0, 2.4, True),
        ("symbol", 9.0, 1.2, False), ("symbolLabel", 9.0, 1.2, False),
    ):  # fmt: skip
        style = SubElement(
            styles, "style", name=name, alignment="1", indent="0", marginTop=f"{above:g}",
            marginBottom="1", marginLeft="1.5" if name == "symbolLabel" else "0",
        )  # fmt: skip
        _font(SubElement(style, "styleFont"), size, bold=bold)
        text_style(style, size, "#1c2733", bold=bold)
    _legend_tree(item, layers, language, ids)


def _legend_tree(
    item: Element, layers: Sequence[GisLayer], language: Language, ids: PageIds
) -> None:
    """Write the groups of the legend: the layers that are on, without the raster."""
    tree = SubElement(item, "layer-tree-group")
    for group in dict.fromkeys(layer.group for layer in layers):
        element = SubElement(
            tree, "layer-tree-group", name=text(f"gis.group_{group}", language),
            checked="Qt::Checked", expanded="1",
        )  # fmt: skip
        for layer in layers:
            if layer.group == group and layer.shown:
                SubElement(
                    element, "layer-tree-layer", id=ids.layer(layer.name), name=layer.title(language),
                    source="", providerKey="ogr", checked="Qt::Checked", expanded="1",
                )  # fmt: skip


def _scale_bar(layout: Element, box: Box, uuid: Callable[[str], str]) -> None:
    item = _item(
        layout, _SCALE_BAR, box, uuid("scale"), zValue="4", background="false", style="Single Box",
        mapUuid=uuid("map"), unitType="km", unitLabel="km", numMapUnitsPerScaleBarUnit="1",
        numUnitsPerSegment="50", numSegments="2", numSegmentsLeft="0", segmentSizeMode="0",
        height="2", labelBarSpace="1.5", boxContentSpace="1", alignment="0",
        labelVerticalPlacement="0", labelHorizontalPlacement="0", outlineWidth="0.2",
        lineJoinStyle="miter", lineCapStyle="square", minBarWidth="20", maxBarWidth="80",
        segmentMillimeters="30",
    )  # fmt: skip
    text_style(item, 8.0, "#1c2733")
