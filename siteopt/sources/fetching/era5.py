"""Grids of hourly weather in NetCDF, such as ERA5, read by GDAL's netCDF driver."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import rasterio
import shapely
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from siteopt.errors import LayerError
from siteopt.layers._file_errors import must_be_file
from siteopt.sources.fetching.station_hours import Place, checked_hours, in_unit, sound_ones

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray
    from rasterio.io import DatasetReader

    from siteopt.sources.fetching.station_hours import StationHours
    from siteopt.sources.fetching.weather_recipes import WeatherRecipe, WeatherSettings

__all__ = ["HourlyGrid", "read_netcdf_hours", "read_variable"]

_DRIVER: Final = "netCDF"
_SIGNS: Final = (b"CDF", b"\x89HDF")
_VALUES_MAX: Final = 400_000_000
"""Values of a variable: 15 years of hours on the 3,000 points of a degree about Korea."""
_SECONDS: Final = {"seconds": 1.0, "minutes": 60.0, "hours": 3_600.0, "days": 86_400.0}
"""Units of time of the CF conventions."""


def read_netcdf_hours(
    path: Path,
    recipe: WeatherRecipe,
    land: shapely.Geometry,
    settings: WeatherSettings,
    tell: Callable[[str], None] = lambda _: None,
) -> list[StationHours]:
    """Return the hours of the grid points of a NetCDF file that lie on land.

    Parameters
    ----------
    path : Path
        Variables of dimensions time, latitude and longitude.
    recipe : WeatherRecipe
        Names of the variables, their units, stamp and clock.
    land : Geometry
        EPSG:4326.
    settings : WeatherSettings
        Checks.
    tell : callable, optional
        Called with a line for each point that is left out, such as those without values.

    Returns
    -------
    list of StationHours
        By row and column of the grid.

    Raises
    ------
    LayerFileError
        If the file cannot be opened.
    LayerError
        If it is no NetCDF file, a variable or the time is missing, it is too large, no point is on
        land, or as of `checked_hours`.
    """
    must_be_file(path)
    with path.open("rb") as opened:
        if not opened.read(4).startswith(_SIGNS):
            raise LayerError(f"{path.name}: is no NetCDF file; .nc of the Climate Data Store is")
    fields, grid = {}, None
    for quantity, how in recipe.columns.items():
        for name in how.names:
            read = read_variable(path, name)
            if read is None:
                continue
            if grid is not None and not read[0].is_like(grid):
                raise LayerError(f"{path.name}: {name} is on another grid or other hours")
            grid = read[0]
            fields[quantity] = (read[1], how.unit, name)
            break
    if grid is None or "temp_c" not in fields:
        raise LayerError(
            f"{path.name}: no variable {' or '.join(recipe.columns['temp_c'].names)}; it is needed"
        )
    begins = grid.begins(recipe)

    def read_point(row: int, col: int, place: Place) -> StationHours:
        where = f"{path.name}: {place.name}"
        values = {
            quantity: in_unit(
                field[:, row, col].astype(np.float64), settings.of(quantity), unit,
                f"{where}: {name}",
            )
            for quantity, (field, unit, name) in fields.items()
        }  # fmt: skip
        return checked_hours(begins, values, place, settings, path.name)

    found = sound_ones([partial(read_point, *one) for one in grid.points(land, recipe)], tell)
    if not found:
        raise LayerError(f"{path.name}: no point of its grid is on land of Korea")
    return found


@dataclass(frozen=True, slots=True, eq=False)
class HourlyGrid:
    """Places and hours of a variable.

    Attributes
    ----------
    transform : Affine
        From column and row to longitude and latitude.
    shape : tuple of int
        Rows and columns.
    times : DatetimeIndex
        As the file has them, without a zone.
    """

    transform: rasterio.Affine
    shape: tuple[int, int]
    times: pd.DatetimeIndex

    def is_like(self, other: HourlyGrid) -> bool:
        """Return whether another grid has the same points and hours.

        Parameters
        ----------
        other : HourlyGrid
            The other one.
        """
        return (
            bool(self.transform.almost_equals(other.transform))
            and self.shape == other.shape
            and self.times.equals(other.times)
        )

    def begins(self, recipe: WeatherRecipe) -> pd.DatetimeIndex:
        """Return when each hour begins.

        Parameters
        ----------
        recipe : WeatherRecipe
            Its clock, and the end of an hour that a time names.
        """
        back_h = recipe.utc_offset_h + (1.0 if recipe.stamp == "end" else 0.0)
        return (self.times - pd.Timedelta(hours=back_h)).tz_localize("UTC")

    def points(self, land: shapely.Geometry, recipe: WeatherRecipe) -> list[tuple[int, int, Place]]:
        """Return row, column and place of the points on land.

        Parameters
        ----------
        land : Geometry
            EPSG:4326.
        recipe : WeatherRecipe
            Names the points.
        """
        rows, cols = np.indices(self.shape)
        lon, lat = self.transform @ (cols.ravel() + 0.5, rows.ravel() + 0.5)
        lon = np.where(lon > 180.0, lon - 360.0, lon)  # noqa: PLR2004 - degrees from 0 to 360
        shapely.prepare(land)
        inside = np.flatnonzero(shapely.contains_xy(land, lon, lat))
        return [
            (
                int(rows.ravel()[i]), int(cols.ravel()[i]),
                Place(
                    f"{recipe.id}-{lon[i]:.3f}-{lat[i]:.3f}", f"{lat[i]:.2f}N {lon[i]:.2f}E",
                    float(lon[i]), float(lat[i]), recipe.footprint_km,
                ),
            )
            for i in inside
        ]  # fmt: skip


def read_variable(path: Path, name: str) -> tuple[HourlyGrid, NDArray[np.float32]] | None:
    """Return grid and values of a variable, shape (hours, rows, columns); None where there is none.

    Parameters
    ----------
    path : Path
        NetCDF file.
    name : str
        Of the variable; packed values are unpacked, and NaN where not known.

    Raises
    ------
    LayerError
        If the file is broken, has no time, or is too large.
    """
    try:
        with rasterio.open(f'NETCDF:"{path}":{name}', driver=_DRIVER) as source:
            if source.count * source.height * source.width > _VALUES_MAX:
                raise LayerError(
                    f"{path.name}: {name} has {source.count:,} hours on {source.height} x "
                    f"{source.width} points; cut it to Korea and some years"
                )
            times = _times(source, path, name)
            read = source.read(masked=True)
            scale = np.array(source.scales, dtype=np.float32)[:, None, None]
            offset = np.array(source.offsets, dtype=np.float32)[:, None, None]
            values = np.ma.filled(read.astype(np.float32) * scale + offset, np.nan)
            grid = HourlyGrid(source.transform, (source.height, source.width), times)
    except RasterioError as error:
        if "not a valid NETCDF" in str(error) or "is not recognized" in str(error):
            raise LayerError(f"{path.name}: GDAL cannot read NetCDF here ({error})") from error
        if _has_variables(path, name):
            raise LayerError(f"{path.name}: {name} is broken or was cut off ({error})") from error
        return None
    return grid, values


def _has_variables(path: Path, name: str) -> bool:
    """Return whether a file has a variable of a name; LayerError where it cannot be read at all."""
    try:
        with (
            warnings.catch_warnings(action="ignore", category=NotGeoreferencedWarning),
            rasterio.open(path, driver=_DRIVER) as source,
        ):
            names = [one.rsplit(":", 1)[-1] for one in source.subdatasets]
            return name in names or any(tag.startswith(f"{name}#") for tag in source.tags())
    except RasterioError as error:
        raise LayerError(
            f"{path.name}: cannot be read as NetCDF ({error}); is the file whole?"
        ) from error


def _times(source: DatasetReader, path: Path, name: str) -> pd.DatetimeIndex:
    """Return the times of the bands by the units of their dimension (CF conventions)."""
    tags = source.tags()
    units = next(
        (
            (key.removesuffix("#units"), value)
            for key, value in tags.items()
            if key.endswith("#units") and " since " in value
        ),
        None,
    )
    if units is None:
        raise LayerError(f"{path.name}: {name} has no time; hours along a dimension are needed")
    dimension, text = units
    unit, _, start = text.partition(" since ")
    if unit.strip().lower() not in _SECONDS:
        raise LayerError(f"{path.name}: time is in {text[:40]!r}; hours or seconds since a date")
    steps = [source.tags(band).get(f"NETCDF_DIM_{dimension}") for band in source.indexes]
    if any(step is None for step in steps):
        raise LayerError(f"{path.name}: {name} is no field of {dimension}, latitude and longitude")
    numbers = np.array([float(step or "nan") for step in steps]) * _SECONDS[unit.strip().lower()]
    first = pd.Timestamp(start.strip()).tz_localize(None)
    return pd.DatetimeIndex(first + pd.to_timedelta(np.rint(numbers), unit="s"))
