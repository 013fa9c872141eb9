"""Layers of the candidates: points, land, industrial complexes, connections and steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from siteopt.lattice import CRS_EPSG
from siteopt.report._years import several_years, steps_table
from siteopt.report.gis import styles
from siteopt.report.gis.layer import GisLayer
from siteopt.report.texts import text, texts

if TYPE_CHECKING:
    from siteopt.report.gis.layer import GisInputs
    from siteopt.report.run_tables import RunTables

__all__ = ["candidate_layers", "placed_sites"]

_OF_SITES: Final = ("districts", "slope", "elevation")
_OF_LINES: Final = ("lines", "stations", "new_stations")
_LAND_COLUMNS: Final = (
    "site_id", "rank", "chosen", "name_ko", "name_en", "class", "kind", "it_mw", "it_max_mw",
    "eligible_ha", "outline", "area_rule", "area_confidence",
)  # fmt: skip
_COMPLEX_COLUMNS: Final = (
    "complex_id", "name_ko", "name_en", "province_code", "district_code", "is_site", "eligible_ha",
    "it_max_mw", "area_rule", "area_confidence", "excluded_by", "excluded_ko", "excluded_en",
)  # fmt: skip


def placed_sites(tables: RunTables, ranking: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the ranking with the point of each site, EPSG:5179, in the order of the ranks.

    Parameters
    ----------
    tables : RunTables
        The finished run.
    ranking : DataFrame
        Its `ranking_table`.
    """
    placed = tables.sites[["site_id", "geometry"]].merge(ranking, on="site_id", how="inner")
    columns = [*ranking.columns, "geometry"]
    placed = placed.sort_values(["rank", "site_id"], na_position="last")[columns]
    return gpd.GeoDataFrame(
        placed.reset_index(drop=True), geometry="geometry", crs=tables.sites.crs
    )


def candidate_layers(
    tables: RunTables, ranking: pd.DataFrame, lines: gpd.GeoDataFrame, inputs: GisInputs
) -> list[GisLayer]:
    """Return the layers of the candidates, those that lie on top first.

    Parameters
    ----------
    tables : RunTables
        The finished run.
    ranking : DataFrame
        Its `ranking_table`.
    lines : GeoDataFrame
        Its `connection_lines`.
    inputs : GisInputs
        Outlines and complexes, where they are known.
    """
    sites = _labelled(placed_sites(tables, ranking))
    with_class = "class" in sites
    figures = {"n": f"{len(sites):,}", "chosen": f"{int(sites['chosen'].sum()):,}"}
    found = [
        GisLayer(
            "sites",
            "plan",
            sites,
            styles.site_style(with_class=with_class),
            _OF_SITES,
            figures=figures,
        )
    ]
    if several_years(tables.scenario):
        found.append(
            GisLayer("steps", "plan", _steps(tables), styles.step_style(), _OF_SITES, shown=False)
        )
    found.append(GisLayer("connections", "plan", lines, styles.connection_style(), _OF_LINES))
    if inputs.outlines is not None:
        land = _land(sites, inputs.outlines)
        figures = {"n": f"{len(land):,}", "without": f"{len(sites) - len(land):,}"}
        found.append(
            GisLayer(
                "site_areas", "candidates", land, styles.outline_style(), _OF_SITES, figures=figures
            )
        )
    if inputs.complexes is not None:
        complexes = _complexes(tables, inputs.complexes)
        sources = ("industrial_complexes", "industrial_land")
        figures = {"n": f"{len(complexes):,}", "sites": f"{int(complexes['is_site'].sum()):,}"}
        found.append(
            GisLayer(
                "complexes",
                "candidates",
                complexes,
                styles.complex_style(),
                sources,
                figures=figures,
            )
        )
    return found


def _labelled(sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the sites with what a map writes beside the chosen ones: rank, name and size."""
    for language in ("ko", "en"):
        size = [
            f"{rank}. {_place(name, site)} {mw:,.0f} MW" if chosen and pd.notna(rank) else None
            for rank, name, site, mw, chosen in zip(
                sites["rank"], sites[f"name_{language}"], sites["site_id"], sites["it_mw"],
                sites["chosen"], strict=True,
            )
        ]  # fmt: skip
        sites[f"label_{language}"] = np.array(size, dtype=object)
    last = sites.pop("geometry")
    return gpd.GeoDataFrame(sites, geometry=last, crs=CRS_EPSG)


def _place(name: object, site: object) -> str:
    """Return a name without the id at its end: a tile is called after its district and its id."""
    return str(name).removesuffix(str(site)).strip() or str(site)


def _steps(tables: RunTables) -> gpd.GeoDataFrame:
    """Return the place of a chosen site once for each year in which blocks begin to run there."""
    steps = tables.sites[["site_id", "geometry"]].merge(steps_table(tables), on="site_id")
    steps = steps.sort_values(["year", "site_id"], ignore_index=True)
    for language in ("ko", "en"):
        steps[f"label_{language}"] = [
            text("gis.label_step", language).format(year=year, mw=f"{mw:,.0f}")
            for year, mw in zip(steps["year"], steps["it_mw_after"], strict=True)
        ]
    return gpd.GeoDataFrame(steps, geometry="geometry", crs=tables.sites.crs)


def _land(sites: gpd.GeoDataFrame, outlines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    table = pd.DataFrame(sites.drop(columns="geometry")).merge(
        pd.DataFrame(outlines), on="site_id", how="inner"
    )
    columns = [name for name in _LAND_COLUMNS if name in table]
    return gpd.GeoDataFrame(table[columns], geometry=table["geometry"].to_numpy(), crs=CRS_EPSG)


def _complexes(tables: RunTables, judged: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    titles = {item.id: item.title for item in tables.scenario.screening.exclusions}
    table = judged.assign(is_site=judged["excluded_by"].to_numpy() == "")
    for language in ("ko", "en"):
        table[f"excluded_{language}"] = [
            "; ".join(_reason(name, titles, language) for name in str(names).split(";") if name)
            for names in table["excluded_by"]
        ]
    table = table.sort_values("complex_id", kind="stable", ignore_index=True)
    return gpd.GeoDataFrame(
        table[list(_COMPLEX_COLUMNS)], geometry=table.geometry.to_numpy(), crs=CRS_EPSG
    )


def _reason(name: str, titles: dict[str, Any], language: Any) -> str:  # noqa: ANN401 - a Language
    if name in titles:
        return str(getattr(titles[name], language))
    known = texts().get(f"excluded.{name}")
    return known[language] if known else name
