"""Recipes of raster sources: tiles by degree, and what becomes a layer of each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Literal

import shapely
from pydantic import Field

from siteopt.scenario._base import Model
from siteopt.sources.fetching.rasters import ClassShare, Mean, MeanSlope
from siteopt.sources.fetching.recipes import RECIPES, SourceTerms, read_recipe

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.sources.fetching.rasters import Aggregation

__all__ = ["RASTER_SOURCES", "RasterLayer", "RasterRecipe", "read_raster_recipe"]

RASTER_SOURCES: Final = ("copernicus_dem", "worldcover")
"""Packaged recipes."""


class RasterLayer(Model):
    """One layer of a raster source."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title_ko: str
    title_en: str
    unit: str
    how: Literal["mean", "slope", "share"]
    codes: list[int] = Field(default_factory=list)
    """Classes whose share is taken."""
    step: float = Field(gt=0)
    """To which values are rounded."""
    good_for: str
    not_good_for: str

    @property
    def aggregation(self) -> Aggregation:
        """What becomes of the fine cells."""
        if self.how == "share":
            return ClassShare(tuple(self.codes))
        return Mean() if self.how == "mean" else MeanSlope()


class RasterRecipe(Model):
    """How the tiles of a raster source are called and read."""

    id: str
    fine_m: float = Field(gt=0)
    degrees: int = Field(ge=1)
    """Side of a tile; its name has the south-west corner."""
    tile: str
    missing: Literal["sea", "error"]
    source: SourceTerms
    layer: list[RasterLayer]

    def tiles(self, area: shapely.Geometry) -> list[str]:
        """Return the addresses of the tiles that an area in degrees touches, row by row.

        Parameters
        ----------
        area : Geometry
            In EPSG:4326.
        """
        west, south, east, north = shapely.bounds(area)
        side = self.degrees
        corners = [
            (lon * side, lat * side)
            for lat in range(math.floor(south / side), math.floor(north / side) + 1)
            for lon in range(math.floor(west / side), math.floor(east / side) + 1)
        ]
        return [
            self.tile.format(
                ns="N" if lat >= 0 else "S", lat=abs(lat), ew="E" if lon >= 0 else "W", lon=abs(lon)
            )
            for lon, lat in corners
            if shapely.intersects(shapely.box(lon, lat, lon + side, lat + side), area)
        ]


def read_raster_recipe(name: str, path: Path | None = None) -> RasterRecipe:
    """Return a packaged recipe by name, or one of the user's; errors as of `read_recipe`."""
    return read_recipe(RasterRecipe, path or RECIPES / f"{name}.toml")
