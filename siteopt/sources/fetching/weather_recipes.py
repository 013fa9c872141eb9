"""Recipes of weather: how files of stations and points are read, checked and used for maps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field

from siteopt._plain_data import read_toml
from siteopt.errors import LayerError
from siteopt.scenario._base import Model
from siteopt.sources.fetching.recipes import RECIPES, SourceTerms, read_recipe

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "MapSettings", "MonthSettings", "Quantity", "QuantityUnit", "WeatherColumn", "WeatherRecipe",
    "WeatherSettings", "is_weather_recipe", "read_weather_recipe", "read_weather_settings",
    "weather_recipe_names",
]  # fmt: skip

_FOLDER: Final = RECIPES / "weather"
_KINDS: Final = ("epw", "hourly", "normals")
_Twelve = Annotated[list[float], Field(min_length=12, max_length=12)]


class QuantityUnit(Model):
    """A unit of a quantity, and the means by which it is known."""

    unit: str
    factor: float = 1.0
    """Value in the quantity's own unit: this unit's times the factor, plus the offset."""
    offset: float = 0.0
    least: float
    most: float
    """Range of the mean over a year at a place of Korea, in this unit."""


class Quantity(Model):
    """A quantity of weather: bounds of single values, and the units that files have it in."""

    id: str
    low: float
    high: float
    units: list[QuantityUnit] = Field(min_length=1)
    """The quantity's own unit first."""

    def unit(self, name: str, where: str) -> QuantityUnit:
        """Return a unit by its name.

        Parameters
        ----------
        name : str
            As in the settings.
        where : str
            What messages call the column.

        Raises
        ------
        LayerError
            If there is none of this name.
        """
        for one in self.units:
            if one.unit == name:
                return one
        known = ", ".join(one.unit for one in self.units)
        raise LayerError(f"{where}: unit {name!r} of {self.id} is not known; there are {known}")


class MapSettings(Model):
    """How a map is corrected by stations."""

    id: str
    index: str
    """Column of the stations' indices that it is a map of."""
    step: float = Field(gt=0)
    error: float = Field(gt=0)
    """Standard deviation of the error of the map."""
    year_error: float = Field(gt=0)
    """Standard deviation between the years of a place."""
    range_km: float = Field(gt=0)
    low: float
    high: float


class MonthSettings(Model):
    """Spread of hours within each month, for normals by month."""

    temp_spread_c: _Twelve
    wet_bulb_spread_c: _Twelve
    wet_bulb_shift_c: _Twelve


class WeatherSettings(Model):
    """Checks of weather and settings of the maps."""

    gap_max_h: int = Field(ge=0)
    warmest_hours: tuple[int, int]
    quantity: list[Quantity]
    map: list[MapSettings]
    months: MonthSettings

    def of(self, quantity_id: str) -> Quantity:
        """Return a quantity; LayerError where there is none of this id."""
        for one in self.quantity:
            if one.id == quantity_id:
                return one
        known = ", ".join(one.id for one in self.quantity)
        raise LayerError(f"{quantity_id}: no quantity of weather; there are {known}")


class WeatherColumn(Model):
    """Where a quantity comes from."""

    names: list[str] = Field(min_length=1)
    """Names that the source has used, newest first."""
    unit: str


class WeatherRecipe(Model):
    """How the weather files of one source are read."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: Literal["epw", "hourly", "normals"]
    title_ko: str
    title_en: str
    confidence: str
    """Of the recipe itself: whether the names of columns were read in the source."""
    source: SourceTerms
    time: list[str] = Field(default_factory=list)
    stamp: Literal["begin", "end"] = "end"
    """Whether a time names the beginning or the end of its hour."""
    utc_offset_h: float = 9.0
    month: list[str] = Field(default_factory=list)
    """Column of the month, 1 to 12, of normals."""
    skip_months: list[str] = Field(default_factory=list)
    """Rows that are no month, such as the year's."""
    station: list[str] = Field(default_factory=list)
    name: list[str] = Field(default_factory=list)
    lon: list[str] = Field(default_factory=list)
    lat: list[str] = Field(default_factory=list)
    nodata: list[float] = Field(default_factory=list)
    """Values that mean "not known"."""
    columns: dict[str, WeatherColumn] = Field(default_factory=dict)
    footprint_km: float = Field(default=0.0, ge=0)
    """Side of the square that a value is the mean of; 0 for a station."""
    years: int = Field(default=1, ge=1)
    """Years that normals are means of."""


def weather_recipe_names() -> list[str]:
    """Return the names of the packaged recipes of weather."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


def is_weather_recipe(name: str) -> bool:
    """Return whether a name or a file of the user's is a recipe of weather.

    Parameters
    ----------
    name : str
        Name of a packaged recipe, or path of a ``.toml`` file.

    Raises
    ------
    LayerFileError
        If the file cannot be read.
    """
    if not name.endswith(".toml"):
        return name in weather_recipe_names()
    return read_toml(Path(name)).get("kind") in _KINDS


def read_weather_recipe(name: str) -> WeatherRecipe:
    """Return a packaged recipe by name, or one of the user's by path.

    Parameters
    ----------
    name : str
        As of `is_weather_recipe`.

    Raises
    ------
    LayerError, LayerFileError
        If there is none, or as of `read_recipe`.
    """
    if name.endswith(".toml"):
        return read_recipe(WeatherRecipe, Path(name))
    _must_be_among(name, weather_recipe_names())
    return read_recipe(WeatherRecipe, _FOLDER / f"{name}.toml")


def _must_be_among(name: str, names: Iterable[str]) -> None:
    if name not in names:
        raise LayerError(f"{name}: no such recipe of weather; there are {', '.join(names)}")


def read_weather_settings() -> WeatherSettings:
    """Return the packaged checks of weather and settings of the maps."""
    return read_recipe(WeatherSettings, RECIPES / "weather.toml")
