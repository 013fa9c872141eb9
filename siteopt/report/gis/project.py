"""A project of QGIS as the GeoPackage keeps it: groups, legend, extent, and a page to print.

QGIS keeps a project in the table `qgis_projects` as the hexadecimal text of a `.qgz`, a ZIP
archive of one XML file. Layers are named relative to the GeoPackage: the folder can be moved.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

from pyproj import CRS

from siteopt._file_names import ELIGIBILITY, SITES
from siteopt.lattice import CRS_EPSG
from siteopt.report.gis._layout import PageIds, append_layout
from siteopt.report.gis.fields import column_views
from siteopt.report.gis.qml import QGIS_VERSION, append_style, rgba
from siteopt.report.gis.raster_style import RasterClass, append_raster_style
from siteopt.report.gis.symbology import FillSymbol, LineSymbol, MarkSymbol
from siteopt.report.texts import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt.report.gis.layer import GisLayer
    from siteopt.report.texts import Language

__all__ = ["GROUPS", "ProjectFrame", "project_content", "project_xml"]

GROUPS: Final = ("plan", "candidates", "grid", "energy", "land", "base")
"""Groups of the legend, from the top."""
_ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)
_NAMES: Final = UUID("9a5f0a3e-6f0c-5f0e-9d8e-2f5f6f0b7c11")
"""Name space of the ids of a layout: the same names give the same ids."""
_GEOMETRY: Final = {MarkSymbol: "Point", LineSymbol: "Line", FillSymbol: "Polygon"}
_RASTER: Final = "siteopt_eligibility"


@dataclass(frozen=True, slots=True, eq=False)
class ProjectFrame:
    """What the projects of a run show beside its layers.

    Attributes
    ----------
    title : (str, str)
        Of the scenario, in Korean and English.
    lines : (str, str)
        What stands below it on the page to print: target, cost, how sure.
    credits : str
        Attribution of the data.
    bounds_m : tuple of float
        West, south, east, north of the country, EPSG:5179.
    cells : tuple of RasterClass
        Classes of ``eligibility.tif``.
    """

    title: tuple[str, str]
    lines: tuple[str, str]
    credits: str
    bounds_m: tuple[float, float, float, float]
    cells: tuple[RasterClass, ...] = ()


def project_content(layers: Sequence[GisLayer], frame: ProjectFrame, language: Language) -> bytes:
    """Return a project as a ``.qgz``.

    Parameters
    ----------
    layers : sequence of GisLayer
        The one on top first.
    frame : ProjectFrame
        Title, extent and what the page to print says.
    language : {'ko', 'en'}
        Language of the legend.
    """
    held = BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        name = zipfile.ZipInfo("siteopt.qgs", date_time=_ZIP_DATE)
        name.compress_type = zipfile.ZIP_DEFLATED
        name.external_attr = 0o644 << 16
        archive.writestr(name, project_xml(layers, frame, language).encode())
    return held.getvalue()


def project_xml(layers: Sequence[GisLayer], frame: ProjectFrame, language: Language) -> str:
    """Return a project as the XML of a ``.qgs``; parameters as of :func:`project_content`."""
    place = 0 if language == "ko" else 1
    root = Element("qgis", projectname=frame.title[place], version=QGIS_VERSION)
    SubElement(root, "homePath", path="")
    SubElement(root, "title").text = frame.title[place]
    _crs(SubElement(root, "projectCrs"))
    _tree(root, layers, language)
    canvas = SubElement(root, "mapcanvas", name="theMapCanvas", annotationsVisible="1")
    SubElement(canvas, "units").text = "meters"
    extent = SubElement(canvas, "extent")
    for name, value in zip(("xmin", "ymin", "xmax", "ymax"), frame.bounds_m, strict=True):
        SubElement(extent, name).text = f"{value:.0f}"
    SubElement(canvas, "rotation").text = "0"
    _crs(SubElement(canvas, "destinationsrs"))
    held = SubElement(root, "projectlayers")
    for layer in layers:
        _vector(held, layer, language)
    if frame.cells:
        _raster(held, frame.cells, language)
    order = SubElement(root, "layerorder")
    for name in _ids(layers, frame):
        SubElement(order, "layer", id=name)
    view = SubElement(root, "ProjectViewSettings", UseProjectScales="0", rotation="0")
    west, south, east, north = (f"{value:.0f}" for value in frame.bounds_m)
    whole = SubElement(view, "DefaultViewExtent", xmin=west, ymin=south, xmax=east, ymax=north)
    _crs(whole)
    properties = SubElement(root, "properties")
    SubElement(SubElement(properties, "Paths"), "Absolute", type="bool").text = "false"
    reference = SubElement(properties, "SpatialRefSys")
    SubElement(reference, "ProjectionsEnabled", type="int").text = "1"
    gui = SubElement(properties, "Gui")
    for channel, value in zip("RGB", rgba("#dfeaf2").split(","), strict=False):
        part = {"R": "Red", "G": "Green", "B": "Blue"}[channel]
        SubElement(gui, f"CanvasColor{part}Part", type="int").text = value
    append_layout(root, layers, frame, language, PageIds(layer_id, _uuid))
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + tostring(
        root, encoding="unicode"
    )


def layer_id(name: str) -> str:
    """Return the id of a layer: QGIS replaces one of ten letters or fewer by a random one."""
    return f"siteopt_{name}"


def _ids(layers: Sequence[GisLayer], frame: ProjectFrame) -> list[str]:
    return [*(layer_id(layer.name) for layer in layers), *([_RASTER] if frame.cells else [])]


def _uuid(name: str) -> str:
    return f"{{{uuid5(_NAMES, name)}}}"


def _crs(parent: Element) -> None:
    crs = CRS.from_epsg(CRS_EPSG)
    system = SubElement(parent, "spatialrefsys")
    SubElement(system, "wkt").text = crs.to_wkt()
    SubElement(system, "srsid").text = str(CRS_EPSG)  # only then QGIS reads the authority
    SubElement(system, "srid").text = str(CRS_EPSG)
    SubElement(system, "authid").text = f"EPSG:{CRS_EPSG}"
    SubElement(system, "description").text = crs.name
    SubElement(system, "geographicflag").text = "false"


def _tree(root: Element, layers: Sequence[GisLayer], language: Language) -> None:
    tree = SubElement(root, "layer-tree-group")
    for group in GROUPS:
        members = [layer for layer in layers if layer.group == group]
        raster = group == "land"
        if not members and not raster:
            continue
        element = SubElement(
            tree, "layer-tree-group", name=text(f"gis.group_{group}", language),
            checked="Qt::Checked", expanded="1",
        )  # fmt: skip
        for layer in members:
            SubElement(
                element, "layer-tree-layer", id=layer_id(layer.name), name=layer.title(language),
                source=_source(layer), providerKey="ogr", legend_exp="",
                checked="Qt::Checked" if layer.shown else "Qt::Unchecked",
                expanded="1" if layer.group in {"plan", "grid"} else "0",
            )  # fmt: skip
        if raster:
            SubElement(
                element, "layer-tree-layer", id=_RASTER, name=text("gis.layer_eligibility", language),
                source=f"./{ELIGIBILITY}", providerKey="gdal", legend_exp="",
                checked="Qt::Unchecked", expanded="0",
            )  # fmt: skip


def _source(layer: GisLayer) -> str:
    return f"./{SITES}|layername={layer.name}"


def _vector(held: Element, layer: GisLayer, language: Language) -> None:
    geometry = _GEOMETRY[type(layer.style.rules[0].symbols[0])]
    element = SubElement(
        held, "maplayer", type="vector", geometry=geometry, refreshOnNotifyEnabled="0",
        autoRefreshEnabled="0", styleCategories="AllStyleCategories",
    )  # fmt: skip
    SubElement(element, "id").text = layer_id(layer.name)
    SubElement(element, "datasource").text = _source(layer)
    SubElement(element, "layername").text = layer.title(language)
    SubElement(element, "title").text = layer.title(language)
    SubElement(element, "abstract").text = layer.description(language)
    _crs(SubElement(element, "srs"))
    SubElement(element, "provider", encoding="UTF-8").text = "ogr"
    append_style(element, layer.style, column_views(layer.frame, language), language)


def _raster(held: Element, cells: tuple[RasterClass, ...], language: Language) -> None:
    element = SubElement(held, "maplayer", type="raster", styleCategories="AllStyleCategories")
    SubElement(element, "id").text = _RASTER
    SubElement(element, "datasource").text = f"./{ELIGIBILITY}"
    SubElement(element, "layername").text = text("gis.layer_eligibility", language)
    _crs(SubElement(element, "srs"))
    SubElement(element, "provider").text = "gdal"
    append_raster_style(element, cells, language)
