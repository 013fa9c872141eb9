"""Recipes of raster sources: tiles or files of a country, and the layers made of them."""

from __future__ import annotations

import math
from pathlib import PurePath
from typing import TYPE_CHECKING, Final, Literal, Self

import numpy as np
import shapely
from pydantic import Field, model_validator

from siteopt.errors import FetchError
from siteopt.scenario._base import Model
from siteopt.sources.fetching.rasters import ClassShare, Mean, MeanSlope
from siteopt.sources.fetching.recipes import RECIPES, SourceTerms, read_recipe

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from siteopt.sources.fetching.rasters import Aggregation

__all__ = ["RASTER_SOURCES", "RasterLayer", "RasterRecipe", "RasterUnit", "read_raster_recipe"]

RASTER_SOURCES: Final = (
    "copernicus_dem", "global_solar_atlas", "global_wind_atlas", "worldcover", "worldpop",
)  # fmt: skip
"""Packaged recipes."""


class RasterUnit(Model):
    """A unit that a source has its values in, known by their median."""

    unit: str
    factor: float = Field(gt=0)
    """From this unit to that of the layer."""
    least: float
    most: float
    """Range of the median over the land in this unit."""


class RasterLayer(Model):
    """One layer of a raster source."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title_ko: str
    title_en: str
    unit: str
    how: Literal["mean", "slope", "share", "density"]
    """``density``: counts of pixels become a density a km2, their total kept."""
    codes: list[int] = Field(default_factory=list)
    """Classes whose share is taken."""
    tile: str = ""
    """Address of the layer's own file, where the source has one for each."""
    files: list[str] = Field(default_factory=lambda: ["*.tif", "*.tiff"])
    """Patterns of its files in a folder of downloads, the first that fits ruling."""
    units: list[RasterUnit] = Field(default_factory=list)
    """Units that the source may have; none where it has one only."""
    total: tuple[float, float] | None = None
    """Range of the whole country's total, of a density."""
    nodata_is_zero: bool = False
    """Whether a pixel without a value counts nothing, of a density."""
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

    def chosen_files(self, paths: Sequence[Path]) -> list[Path]:
        """Return the files of a folder of downloads that hold the layer, in order of name.

        Parameters
        ----------
        paths : sequence of Path
            GeoTIFFs.

        Raises
        ------
        FetchError
            If there is none.
        """
        for pattern in self.files:
            found = sorted(path for path in paths if _fits(path, pattern))
            if found:
                return found
        there = ", ".join(sorted(path.name for path in paths)[:5]) or "no GeoTIFF"
        raise FetchError(
            f"{self.id}: no file like {' or '.join(self.files)} among the files given ({there})"
        )

    def in_own_unit(
        self, values: NDArray[np.float32], name: str
    ) -> tuple[NDArray[np.float32], RasterUnit | None]:
        """Return values in the unit of the layer, and the unit that they were found in.

        Parameters
        ----------
        values : ndarray of float32
            As the source has them, NaN where not known.
        name : str
            What messages call the source.

        Raises
        ------
        FetchError
            If the median is that of no unit of the recipe.
        """
        if not self.units:
            return values, None
        median = float(np.nanmedian(values)) if np.isfinite(values).any() else math.nan
        for one in self.units:
            if one.least <= median <= one.most:
                return values * np.float32(one.factor), one
        known = "; ".join(f"{one.unit}: {one.least:g} to {one.most:g}" for one in self.units)
        raise FetchError(
            f"{name}: the median of {self.id} over the land is {median:.4g}, and that of a known "
            f"unit is needed ({known})"
        )


def _fits(path: Path, pattern: str) -> bool:
    return PurePath(path.name.lower()).match(pattern.lower())


class RasterRecipe(Model):
    """How the tiles of a raster source are called and read."""

    id: str
    fine_m: float = Field(gt=0)
    degrees: int = Field(default=1, ge=1)
    """Side of a tile; its name has the south-west corner."""
    tile: str = ""
    """Address of a tile; empty where each layer has a file of its own."""
    access: Literal["windows", "file", "zip"] = "windows"
    """Blocks by range requests, a whole GeoTIFF, or a ZIP archive of them."""
    missing: Literal["sea", "error"]
    source: SourceTerms
    layer: list[RasterLayer]

    @model_validator(mode="after")
    def _has_addresses(self) -> Self:
        for layer in self.layer:
            if not (self.tile or layer.tile):
                raise ValueError(f"layer {layer.id} has no address: tile is missing")
        return self

    def addresses(self, layer: RasterLayer, area: shapely.Geometry) -> list[str]:
        """Return the addresses that a layer is made of, the layer's own file or its tiles.

        Parameters
        ----------
        layer : RasterLayer
            Of the recipe.
        area : Geometry
            In EPSG:4326.
        """
        return [layer.tile] if layer.tile else self.tiles(area)

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
