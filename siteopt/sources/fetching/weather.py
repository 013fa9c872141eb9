"""Weather files of the user's: stations in a data folder, and the cooling maps corrected by them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from siteopt.errors import LayerError
from siteopt.lattice import CRS_EPSG, DEGREES_EPSG
from siteopt.layers import open_layers, read_catalogue
from siteopt.layers.catalogue import Entry, file_hash
from siteopt.sources.fetching.data_folder import prepare_folder, put_layer, put_raster
from siteopt.sources.fetching.epw import read_epw
from siteopt.sources.fetching.era5 import read_netcdf_hours
from siteopt.sources.fetching.recipes import must_be_accepted
from siteopt.sources.fetching.weather_indices import INDICES, joined_stations, of_hours, of_months
from siteopt.sources.fetching.weather_maps import correction
from siteopt.sources.fetching.weather_recipes import read_weather_recipe, read_weather_settings
from siteopt.sources.fetching.weather_tables import read_hourly_table, read_normals_table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from siteopt.layers.store import Layers
    from siteopt.sources.fetching.recipes import SourceTerms
    from siteopt.sources.fetching.station_hours import StationHours
    from siteopt.sources.fetching.weather_recipes import WeatherRecipe, WeatherSettings

__all__ = ["STATIONS", "take_weather"]

STATIONS: Final = "weather_stations"
"""Layer of the stations whose weather was taken."""
_NETCDF: Final = frozenset({".nc", ".nc4", ".netcdf"})
_DECIMALS: Final = {"t_mean_c": 2, "free_cooling_h": 0, "wet_bulb_aug_c": 2, "wet_bulb_hours_h": 0}


def take_weather(  # noqa: PLR0913 - each by its name
    folder: Path,
    recipe: str,
    paths: Sequence[Path],
    *,
    accept: bool = False,
    accept_licence: bool = False,
    warn: Callable[[str], None] | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> list[Entry]:
    """Take weather files into a data folder, and correct its cooling maps by them.

    The stations become the layer ``weather_stations``, beside those taken before. The maps
    ``temperature``, ``free_cooling``, ``wet_bulb`` and ``wet_bulb_hours`` are the embedded ones
    corrected by all of these stations (`siteopt.sources.fetching.weather_maps`).

    Parameters
    ----------
    folder : Path
        A data folder; made with the embedded layers where it is missing.
    recipe : str
        Name of a packaged recipe of weather, or path of one of the user's own.
    paths : sequence of Path
        EPW, CSV or NetCDF files, as the recipe has them.
    accept : bool
        Whether a map may also take the place of one that knows far more cells.
    accept_licence : bool
        Whether terms that forbid passing on or commercial use are accepted.
    warn : callable, optional
        Called with the terms of the source before a file is read; `tell` by default.
    tell : callable, optional
        Called with each line to be said.

    Returns
    -------
    list of Entry
        What the catalogue now says of the stations and the maps.

    Raises
    ------
    LayerError, LayerFileError
        If recipe, file or folder are not as they must be; nothing is changed then.
    """
    how, settings = read_weather_recipe(recipe), read_weather_settings()
    must_be_accepted(how.source, accepted=accept_licence)
    if how.source.warning:
        (warn or tell)(how.source.warning)
    if how.confidence != "published":
        (warn or tell)(f"the recipe is {how.confidence}: look at what came before it is relied on")
    embedded = open_layers()
    parts = []
    for path in paths:
        table = _indices(path, how, settings, embedded, tell)
        terms = how.source
        parts.append(
            table.assign(
                source=terms.source, licence=terms.licence, notice=terms.notice, file=path.name
            )
        )
    taken = joined_stations(parts).round(_DECIMALS)  # as the layer keeps them
    prepare_folder(folder)
    stations = _with_those_before(folder, taken)
    corrected = {one.id: correction(embedded.raster(one.id), stations, one) for one in settings.map}
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    address = f"{how.source.address} ({_named(paths)})"
    entries = [put_layer(folder, _stations_entry(how, address, moment), _points(stations))]
    tell(f"{STATIONS}: {len(stations):,} stations")
    catalogue = read_catalogue()
    for one in settings.map:
        found = corrected[one.id]
        raster = embedded.raster(one.id)
        line = (
            f"{one.id}: corrected by {len(stations):,} stations; RMSE of the map at them "
            f"{found.before_rmse:.3g} {catalogue[one.id].unit}"
        )
        if np.isfinite(found.left_out_rmse):
            line += f", of the corrected one at those left out {found.left_out_rmse:.3g}"
        entry = _map_entry(catalogue[one.id], stations, line, how.source, address, moment)
        entries.append(
            put_raster(folder, entry, found.corrected, raster.lattice, step=one.step, accept=accept)
        )
        tell(line)
    return entries


def _indices(
    path: Path,
    how: WeatherRecipe,
    settings: WeatherSettings,
    layers: Layers,
    tell: Callable[[str], None],
) -> pd.DataFrame:
    """Return the indices of the stations of a file."""
    value = layers.parameters.value
    dry, wet = value("free_cooling_threshold_c"), value("free_cooling_wet_bulb_c")
    positions = layers.vector("climate_stations")
    if how.kind == "normals":
        months = read_normals_table(path, how, positions, settings, tell)
        return of_months(months, settings.months, dry, wet)
    hours = _hours(path, how, settings, layers, tell)
    for one in hours:
        if one.filled:
            tell(f"{path.name}: {one.place.name}: {one.filled} hours filled between neighbours")
    return of_hours(hours, dry, wet)


def _hours(
    path: Path,
    how: WeatherRecipe,
    settings: WeatherSettings,
    layers: Layers,
    tell: Callable[[str], None],
) -> list[StationHours]:
    if how.kind == "epw":
        return [read_epw(path, settings)]
    if path.suffix.lower() in _NETCDF:
        provinces = layers.vector("provinces").to_crs(DEGREES_EPSG)
        return read_netcdf_hours(path, how, provinces.union_all(), settings, tell)
    return read_hourly_table(path, how, layers.vector("climate_stations"), settings, tell)


def _with_those_before(folder: Path, taken: pd.DataFrame) -> pd.DataFrame:
    """Return the stations with those that the folder has; one that is taken again is replaced."""
    if STATIONS not in read_catalogue(folder):
        return taken
    before = pd.DataFrame(open_layers(folder=folder).vector(STATIONS)).drop(columns="geometry")
    missing = [name for name in taken.columns if name not in before]
    if missing:
        raise LayerError(f"{STATIONS}: the layer of the folder has no column {missing[0]}")
    kept = before[~before["station_id"].isin(taken["station_id"])]
    texts = {"source": "", "licence": "", "notice": "", "file": ""}
    both = pd.concat([kept[taken.columns], taken], ignore_index=True).fillna(texts)
    return both.sort_values("station_id", ignore_index=True)


def _points(stations: pd.DataFrame) -> gpd.GeoDataFrame:
    places = gpd.points_from_xy(stations["lon"], stations["lat"], crs=DEGREES_EPSG)
    return gpd.GeoDataFrame(stations, geometry=places).to_crs(CRS_EPSG)


def _named(paths: Sequence[Path]) -> str:
    first = f"{paths[0].name}, sha256 {file_hash(paths[0])}"
    return first if len(paths) == 1 else f"{first}, and {len(paths) - 1} more files"


def _stations_entry(how: WeatherRecipe, address: str, moment: str) -> Entry:
    return Entry(
        id=STATIONS, title_ko="기상 관측 지점(사용자 자료)", title_en="Stations of weather files",
        file="", kind="vector", crs=f"EPSG:{CRS_EPSG}",
        unit="t_mean_c, wet_bulb_aug_c: degC; free_cooling_h, wet_bulb_hours_h: h/year",
        source=how.source.source, licence=how.source.licence, vintage=moment[:10],
        confidence=how.source.confidence, notice=how.source.notice, sha256="", address=address,
        fetched=moment, redistribution=how.source.redistribution,
        commercial=how.source.commercial,
        good_for="What the climate maps of this folder are corrected by: "
        f"{', '.join(INDICES)}, from hours or normals; source by row.",
        not_good_for="Extremes; a single year is not the climate.",
    )  # fmt: skip


def _map_entry(  # noqa: PLR0913, PLR0917 - what an entry is made of
    embedded: Entry,
    stations: pd.DataFrame,
    line: str,
    terms: SourceTerms,
    address: str,
    moment: str,
) -> Entry:
    """Return the entry of a corrected map, with the origins and terms of map and stations."""

    def together(column: str, own: str) -> str:
        return "; ".join(one for one in dict.fromkeys([own, *sorted(set(stations[column]))]) if one)

    sources = sorted(set(stations["source"]))
    return replace(
        embedded,
        file="", source=f"{embedded.source}; corrected by stations of {', '.join(sources)}",
        licence=together("licence", embedded.licence), confidence="model",
        notice=together("notice", embedded.notice),
        vintage=f"{embedded.vintage}, stations as of {moment[:10]}", sha256="",
        good_for=f"{embedded.good_for} {line[0].upper()}{line[1:]} (model estimate).",
        not_good_for=f"{embedded.not_good_for} Heights of stations that differ from the map's.",
        address=address, fetched=moment, redistribution=terms.redistribution,
        commercial=terms.commercial,
    )  # fmt: skip
