"""Tables of weather by a recipe: hourly rows of stations or points, and normals by month."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from siteopt.energy._hours import hour_begins
from siteopt.errors import LayerError
from siteopt.layers.readers import read_table
from siteopt.sources.fetching.station_hours import (
    Place,
    checked_hours,
    humidity_pct,
    in_unit,
    sound_ones,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from siteopt.sources.fetching.station_hours import StationHours
    from siteopt.sources.fetching.weather_recipes import WeatherRecipe, WeatherSettings

__all__ = ["StationMonths", "read_hourly_table", "read_normals_table"]

_MONTHS: Final = 12


@dataclass(frozen=True, slots=True, eq=False)
class StationMonths:
    """Normals of a station by month.

    Attributes
    ----------
    place : Place
        Where it is.
    temp_c, rh_pct : ndarray, shape (12,)
        Means of the months.
    years : int
        Years that they are means of.
    """

    place: Place
    temp_c: NDArray[np.float64]
    rh_pct: NDArray[np.float64]
    years: int


def read_hourly_table(
    path: Path,
    recipe: WeatherRecipe,
    positions: pd.DataFrame,
    settings: WeatherSettings,
    tell: Callable[[str], None] = lambda _: None,
) -> list[StationHours]:
    """Return the hours of each station of a CSV table.

    Parameters
    ----------
    path : Path
        UTF-8 or CP949.
    recipe : WeatherRecipe
        Of kind ``hourly``.
    positions : DataFrame
        ``station_id``, ``name_ko``, ``lon``, ``lat`` of known stations, for files without.
    settings : WeatherSettings
        Checks.
    tell : callable, optional
        Called with a line for each station that is left out.

    Returns
    -------
    list of StationHours
        In order of station id.

    Raises
    ------
    LayerFileError
        If the file cannot be opened.
    LayerError
        If a column is missing, a station has no position, or no station is as of
        `checked_hours`.
    """
    table = read_table(path, recipe.id)
    time = _column(table, recipe.time, "time", path)

    def read(place: Place, rows: pd.Index[Any]) -> StationHours:
        where = f"{path.name}: {place.name}"
        begins = hour_begins(
            table.loc[rows, time].reset_index(drop=True), where, recipe.stamp, recipe.utc_offset_h
        )
        values = _values(table.loc[rows], recipe, settings, where)
        return checked_hours(begins, values, place, settings, path.name)

    stations = _stations(table, recipe, positions, path)
    return sound_ones([partial(read, *one) for one in stations], tell)


def read_normals_table(
    path: Path,
    recipe: WeatherRecipe,
    positions: pd.DataFrame,
    settings: WeatherSettings,
    tell: Callable[[str], None] = lambda _: None,
) -> list[StationMonths]:
    """Return the normals of each station of a CSV table with a row for each month.

    Parameters
    ----------
    path, positions, settings, tell
        As of `read_hourly_table`.
    recipe : WeatherRecipe
        Of kind ``normals``.

    Raises
    ------
    LayerFileError
        If the file cannot be opened.
    LayerError
        If a column or a month is missing, a month is there twice, a station has no position, or
        a value is in another unit.
    """
    table = read_table(path, recipe.id)
    column = _column(table, recipe.month, "month", path)
    text = table[column].astype(str).str.strip().str.removesuffix("월").str.removesuffix(".0")
    kept = ~text.isin(recipe.skip_months)
    table, month = table[kept], pd.to_numeric(text[kept], errors="coerce")
    bad = month.index[~month.isin(range(1, _MONTHS + 1))]
    if len(bad):
        raise LayerError(
            f"{path.name}: row {bad[0] + 2}: {column} is {text[bad[0]][:40]!r}; a month from 1 to "
            "12 is needed"
        )

    def read(place: Place, rows: pd.Index[Any]) -> StationMonths:
        where = f"{path.name}: {place.name}"
        of_station = month[rows].astype(int)
        missing = sorted(set(range(1, _MONTHS + 1)) - set(of_station))
        if missing or len(of_station) != _MONTHS:
            fault = f"month {missing[0]} is missing" if missing else "a month is there twice"
            raise LayerError(f"{where}: {fault}; each of the twelve is needed once")
        values = _values(table.loc[rows], recipe, settings, where)
        order = np.argsort(of_station.to_numpy())
        temp_c, rh_pct = values["temp_c"][order], _humidity(values, where)[order]
        if not (np.isfinite(temp_c).all() and np.isfinite(rh_pct).all()):
            raise LayerError(f"{where}: a month has no temperature or humidity; all are needed")
        return StationMonths(place, temp_c, rh_pct, recipe.years)

    stations = _stations(table, recipe, positions, path)
    return sound_ones([partial(read, *one) for one in stations], tell)


def _humidity(values: dict[str, NDArray[np.float64]], where: str) -> NDArray[np.float64]:
    if "rh_pct" in values:
        return np.minimum(values["rh_pct"], 100.0)
    if "dew_point_c" in values:
        return humidity_pct(values["temp_c"], values["dew_point_c"])
    raise LayerError(f"{where}: neither humidity nor dew point; one of them is needed")


def _column(table: pd.DataFrame, names: list[str], what: str, path: Path) -> str:
    found = next((name for name in names if name in table.columns), None)
    if found is None:
        there = ", ".join(map(str, table.columns[:20]))
        raise LayerError(
            f"{path.name}: no column {' or '.join(names) or '(none in the recipe)'} for {what}; "
            f"there are {there}"
        )
    return found


def _optional(table: pd.DataFrame, names: list[str]) -> str | None:
    return next((name for name in names if name in table.columns), None)


def _stations(
    table: pd.DataFrame, recipe: WeatherRecipe, positions: pd.DataFrame, path: Path
) -> Iterator[tuple[Place, pd.Index[Any]]]:
    """Yield the stations of a table with the labels of their rows, in order of id."""
    lon, lat = _optional(table, recipe.lon), _optional(table, recipe.lat)
    station, name = _optional(table, recipe.station), _optional(table, recipe.name)
    if station is not None:
        key = table[station].astype(str).str.strip().str.removesuffix(".0")
    elif lon is not None and lat is not None:
        key = table[lon].astype(str) + "," + table[lat].astype(str)
    else:
        raise LayerError(
            f"{path.name}: no column {' or '.join([*recipe.station, *recipe.lon])} for the station"
        )
    known = positions.assign(station_id=positions["station_id"].astype(str))
    known = known.drop_duplicates("station_id")
    position = dict(
        zip(known["station_id"], known[["lon", "lat"]].to_numpy(dtype=np.float64), strict=True)
    )
    for one, rows in sorted((str(one), rows) for one, rows in table.groupby(key).groups.items()):
        first = table.loc[rows[0]]
        if lon is not None and lat is not None:
            place = _numbers(first[lon], first[lat], f"{path.name}: {one}")
        elif one in position:
            place = (float(position[one][0]), float(position[one][1]))
        else:
            raise LayerError(
                f"{path.name}: station {one} has no longitude and latitude, and is not in the "
                "layer climate_stations; add both as columns"
            )
        shown = str(first[name]) if name is not None else one
        station_id = f"{recipe.id}-{one.replace(',', '-')}"
        yield Place(station_id, shown, *place, recipe.footprint_km), pd.Index(rows)


def _numbers(lon: object, lat: object, where: str) -> tuple[float, float]:
    found = pd.to_numeric(pd.Series([lon, lat]), errors="coerce").to_numpy(dtype=np.float64)
    if not np.isfinite(found).all():
        raise LayerError(f"{where}: longitude or latitude is no number; degrees are needed")
    return float(found[0]), float(found[1])


def _values(
    rows: pd.DataFrame, recipe: WeatherRecipe, settings: WeatherSettings, where: str
) -> dict[str, NDArray[np.float64]]:
    """Return the quantities of a station in their own units, those that the table has."""
    found: dict[str, NDArray[np.float64]] = {}
    for quantity, how in recipe.columns.items():
        column = _optional(rows, how.names)
        if column is None:
            continue
        numbers = pd.to_numeric(rows[column], errors="coerce")
        bad = rows.index[numbers.isna() & rows[column].notna() & (rows[column].astype(str) != "")]
        if len(bad):
            cell = str(rows.loc[bad[0], column])[:40]
            raise LayerError(f"{where}: row {bad[0] + 2}: {column} is {cell!r}; a number is needed")
        read = numbers.to_numpy(dtype=np.float64)
        read = np.where(np.isin(read, recipe.nodata), np.nan, read)
        found[quantity] = in_unit(read, settings.of(quantity), how.unit, f"{where}: {column}")
    if "temp_c" not in found:
        names = recipe.columns["temp_c"].names if "temp_c" in recipe.columns else ["temp_c"]
        raise LayerError(f"{where}: no column {' or '.join(names)} for temp_c")
    return found
