"""Recipes of raster sources: tiles by degree, and what becomes a layer of each."""

from __future__ import annotations

import math
import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING, Final, Literal

import shapely
from pydantic import Field, ValidationError

from siteopt.errors import LayerError
from siteopt.sources.fetching.rasters import ClassShare, Mean, MeanSlope
from siteopt.sources.fetching.recipes import SourceTerms, Strict

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.sources.fetching.rasters import Aggregation

__all__ = ["RASTER_SOURCES", "RasterLayer", "RasterRecipe", "read_raster_recipe"]

RASTER_SOURCES: Final = ("copernicus_dem", "worldcover")
"""Packaged recipes."""


class RasterLayer(Strict):
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


class RasterRecipe(Strict):
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
    """Return a packaged recipe, or one of the user's.

    Raises
    ------
    LayerError
        With file and field, if it is not right.
    """
    if path is None:
        text = files("siteopt.sources").joinpath("recipes", f"{name}.toml").read_text("utf-8")
    else:
        name, text = path.name, path.read_text(encoding="utf-8")
    try:
        return RasterRecipe.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise LayerError(f"{name}: no TOML ({error})") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise LayerError(f"{name}: {where}: {first['msg']}") from error
