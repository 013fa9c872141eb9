"""One layer of the GIS files: its table, where it comes from, how it is drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from siteopt.report.texts import text

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from siteopt.report.gis.symbology import Style
    from siteopt.report.texts import Language

__all__ = ["GisInputs", "GisLayer"]


@dataclass(frozen=True, slots=True, eq=False)
class GisInputs:
    """What the GIS files show beside what page and tables need.

    Attributes
    ----------
    outlines : GeoDataFrame, optional
        Of :func:`siteopt.sites.outlines.site_outlines`.
    complexes : GeoDataFrame, optional
        Of :func:`siteopt.sites.complexes.judge_complexes`.
    headroom : DataFrame, optional
        Of :func:`siteopt.grid.headroom.station_headroom`.
    clean_zones : dict of str to int, optional
        The zone of clean supply of each bus of the grid case, by ``bus_id``.
    """

    outlines: gpd.GeoDataFrame | None = None
    complexes: gpd.GeoDataFrame | None = None
    headroom: pd.DataFrame | None = None
    clean_zones: dict[str, int] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class GisLayer:
    """A table of the GeoPackage.

    Attributes
    ----------
    name : str
        Of the table; English, stable.
    group : str
        Group of the legend: ``plan``, ``candidates``, ``grid``, ``energy``, ``land``, ``base``.
    frame : GeoDataFrame
        EPSG:5179.
    style : Style
        How it is drawn.
    sources : tuple of str
        Ids of the layers of the run that it is made from.
    shown : bool
        Whether it is on when the project opens.
    figures : dict
        Of the description of the layer.
    """

    name: str
    group: str
    frame: gpd.GeoDataFrame
    style: Style
    sources: tuple[str, ...] = ()
    shown: bool = True
    figures: dict[str, Any] = field(default_factory=dict)

    def title(self, language: Language) -> str:
        """Return what people call the layer."""
        return text(f"gis.layer_{self.name}", language)

    def description(self, language: Language) -> str:
        """Return what the layer is, and how far it can be trusted."""
        return text(f"gis.about_{self.name}", language).format(**self.figures)
