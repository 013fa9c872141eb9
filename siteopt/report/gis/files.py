"""GIS files of a run, written together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siteopt._file_names import ELIGIBILITY_STYLE, SITES, SITES_PARQUET
from siteopt.report.gis.candidates import candidate_layers, placed_sites
from siteopt.report.gis.geopackage import write_geopackage
from siteopt.report.gis.geoparquet import write_geoparquet
from siteopt.report.gis.land import land_layers
from siteopt.report.gis.layer import GisInputs
from siteopt.report.gis.metadata import attribution
from siteopt.report.gis.network import clean_layers, network_layers
from siteopt.report.gis.project import GROUPS, ProjectFrame
from siteopt.report.gis.raster_style import raster_classes, raster_qml
from siteopt.report.tables import value_unit
from siteopt.report.texts import LANGUAGES, money, text

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

    from siteopt.report.gis.layer import GisLayer
    from siteopt.report.run_tables import RunTables
    from siteopt.report.texts import Language

__all__ = ["gis_layers", "write_gis"]


def gis_layers(tables: RunTables, ranking: pd.DataFrame, lines: gpd.GeoDataFrame) -> list[GisLayer]:
    """Return the layers of the GeoPackage, the one that lies on top first.

    Parameters
    ----------
    tables : RunTables
        The finished run.
    ranking : DataFrame
        Its `ranking_table`.
    lines : GeoDataFrame
        Its `connection_lines`.
    """
    inputs = tables.gis or GisInputs()
    found = [
        *candidate_layers(tables, ranking, lines, inputs),
        *network_layers(tables, inputs),
        *clean_layers(tables, inputs),
        *land_layers(tables, ranking),
    ]
    return sorted(found, key=lambda layer: GROUPS.index(layer.group))


def write_gis(
    tables: RunTables, ranking: pd.DataFrame, lines: gpd.GeoDataFrame, folder: Path
) -> None:
    """Write ``sites.gpkg``, ``sites.parquet`` and ``eligibility.qml`` into a folder.

    Parameters
    ----------
    tables, ranking, lines
        As of :func:`gis_layers`.
    folder : Path
        Takes the files.
    """
    layers = gis_layers(tables, ranking, lines)
    used = tables.layers.used
    cells = raster_classes(tables.eligibility)
    frame = ProjectFrame(
        title=(tables.scenario.title.ko, tables.scenario.title.en),
        lines=(_lines(tables, "ko"), _lines(tables, "en")),
        credits=attribution(
            one for one in used if any(one.id in layer.sources for layer in layers)
        ),
        bounds_m=_bounds(tables),
        cells=cells,
    )
    write_geopackage(layers, frame, used, folder / SITES)
    write_geoparquet(placed_sites(tables, ranking), used, folder / SITES_PARQUET)
    style = raster_qml(cells, LANGUAGES[0])
    (folder / ELIGIBILITY_STYLE).write_text(style, encoding="utf-8", newline="\n")


def _lines(tables: RunTables, language: Language) -> str:
    """Return what the page to print says below its title: the answer, and how sure it is."""
    plan, target = tables.plan, tables.scenario.target
    said = text("gis.answer", language).format(
        mw=f"{target.it_mw:,.0f}", year=target.year, n=len(plan.chosen),
        status=text(f"status.{plan.status}", language),
    )  # fmt: skip
    if value_unit(tables.ranking) != "bn_krw":
        return said
    cost = float(plan.chosen["cost_bn_krw"].sum()) + plan.energy_bn_krw
    return said + " · " + text("head.cost", language) + " " + money(cost, language)


def _bounds(tables: RunTables) -> tuple[float, float, float, float]:
    """Return where the country is, with a margin; the screened frame where no borders are known."""
    if "provinces" in tables.layers.ids:
        west, south, east, north = tables.layers.vector("provinces").total_bounds
    else:
        west, south, east, north = tables.eligibility.lattice.bounds_m
    margin = 0.02 * max(east - west, north - south)
    return float(west - margin), float(south - margin), float(east + margin), float(north + margin)
