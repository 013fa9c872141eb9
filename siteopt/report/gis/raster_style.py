"""Colours of ``eligibility.tif``: a class for each combination of reasons, as a QML beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, SubElement, tostring

from siteopt.report._cells import CellCodes, distinct
from siteopt.report.texts import LANGUAGES, text

if TYPE_CHECKING:
    from siteopt.report._protocols import EligibilityLike
    from siteopt.report.texts import Language

__all__ = ["RasterClass", "append_raster_style", "raster_classes", "raster_qml"]

_ELIGIBLE: Final = "#8fc79a"
_BY_COUNT: Final = ("#d9cfc0", "#b5a48c", "#8a7860", "#5f5140")
"""Excluded by one, two, three, and four or more reasons."""
_MOST: Final = 4096
"""Combinations that have a name; a country has some hundred."""


@dataclass(frozen=True, slots=True)
class RasterClass:
    """A value of the raster, its colour (none for what is no land), and what it means."""

    value: int
    colour: str
    alpha: int
    title: tuple[str, str]


def raster_classes(eligibility: EligibilityLike) -> tuple[RasterClass, ...]:
    """Return the classes of all values of the raster, eligible land first.

    Parameters
    ----------
    eligibility : EligibilityLike
        The screened country.
    """
    codes = CellCodes(eligibility)
    pairs = distinct(codes.pairs(rows) for rows in codes.bands)
    on_land = {pair // 2 for pair in pairs if pair % 2}
    names = [(one.title.ko, one.title.en) for one in eligibility.exclusions]
    beyond = (text("gis.class_no_land", "ko"), text("gis.class_no_land", "en"))
    found = []
    for code in sorted({pair // 2 for pair in pairs})[:_MOST]:
        reasons = [
            names[bit] if bit < len(names) else beyond for bit in range(32) if code >> bit & 1
        ]
        if code == 0:
            title = (text("gis.class_eligible", "ko"), text("gis.class_eligible", "en"))
            found.append(RasterClass(0, _ELIGIBLE, 255, title))
            continue
        title = (" + ".join(one[0] for one in reasons), " + ".join(one[1] for one in reasons))
        colour = _BY_COUNT[min(len(reasons), len(_BY_COUNT)) - 1]
        found.append(RasterClass(code, colour, 255 if code in on_land else 0, title))
    return tuple(found)


def raster_qml(cells: tuple[RasterClass, ...], language: Language) -> str:
    """Return the style of the raster as QML, which QGIS takes from beside the file.

    Parameters
    ----------
    cells : tuple of RasterClass
        Of :func:`raster_classes`.
    language : {'ko', 'en'}
        Language of the legend.
    """
    root = Element("qgis", version="3.22.0", styleCategories="AllStyleCategories")
    append_raster_style(root, cells, language)
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + tostring(
        root, encoding="unicode"
    )


def append_raster_style(root: Element, cells: tuple[RasterClass, ...], language: Language) -> None:
    """Write the style of the raster into an element: a QML file, or a layer of a project."""
    pipe = SubElement(root, "pipe")
    renderer = SubElement(
        pipe, "rasterrenderer", type="paletted", band="1", opacity="0.7", alphaBand="-1",
        nodataColor="",
    )  # fmt: skip
    SubElement(renderer, "rasterTransparency")
    palette = SubElement(renderer, "colorPalette")
    place = LANGUAGES.index(language)
    for one in cells:
        SubElement(
            palette, "paletteEntry", value=str(one.value), color=one.colour, alpha=str(one.alpha),
            label=one.title[place],
        )  # fmt: skip
    SubElement(root, "blendMode").text = "0"
