"""Annual mean temperature and free-cooling hours of the country on the 1 km grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from siteopt._data import data_folder
from siteopt.errors import LayerError, LayerFileError
from siteopt.lattice import CRS_EPSG
from siteopt.sources._built import Built, write_csv, write_raster
from siteopt.sources._climate_model import (
    ColdHours,
    HourlyYears,
    Normals,
    hours_from_days,
    left_out,
    warp_exponent,
)
from siteopt.sources._frame import NATIONAL_1KM
from siteopt.sources._terrain import Terrain, read_terrain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["build", "read_assumptions", "read_epw_hours", "terrain_predictors"]

_NODATA: Final = -32_768
_TEMPERATURE_SCALE: Final = 0.1
_ASSUMPTIONS: Final = ("assumptions_climate.csv", "assumptions.csv")
_KEYS: Final = (
    "free_cooling_threshold_c", "climate_tmin_hour", "climate_tmax_hour", "climate_coast_km",
    "climate_residual_range_km", "climate_residual_sd_c", "climate_sigma_high_c",
    "climate_sigma_medium_c", "climate_sigma_low_c",
)  # fmt: skip
_MARKS: Final = {"H": "high", "M": "medium", "L": "low"}


def read_assumptions(out: Path, keys: tuple[str, ...]) -> dict[str, float]:
    """Return values of the assumption tables; those in ``out`` rule.

    Raises
    ------
    LayerError
        If a key is in no table.
    """
    values: dict[str, float] = {}
    for folder in (data_folder() / "reference", out):
        for name in reversed(_ASSUMPTIONS):
            if (folder / name).is_file():
                table = pd.read_csv(folder / name).set_index("key")["value"]
                values |= {key: float(table[key]) for key in keys if key in table.index}
    missing = [key for key in keys if key not in values]
    if missing:
        raise LayerError(f"{_ASSUMPTIONS[0]}: no row {missing[0]}; the climate layers need it")
    return values


def _points(table: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    places = gpd.GeoSeries(gpd.points_from_xy(table["lon"], table["lat"]), crs=4326)
    places = places.to_crs(CRS_EPSG)
    return places.x.to_numpy(), places.y.to_numpy()


def _stations(facts: Path, terrain: Terrain) -> pd.DataFrame:
    """Return the stations that have a normal, with their height and distance to the sea."""
    path = facts / "asos_stations.csv"
    if not path.is_file():
        raise LayerFileError(f"{path}: not there; `--facts` must hold asos_stations.csv")
    raw = pd.read_csv(path, dtype={"stn_id": str})
    raw = raw[raw["t_mean_c_1991_2020"].notna()].reset_index(drop=True)
    marks = raw["t_conf"].map(_MARKS)
    if marks.isna().any():
        row = int(np.flatnonzero(marks.isna())[0])
        raise LayerError(
            f"{path}: station {raw['stn_id'].iloc[row]}: t_conf is {raw['t_conf'].iloc[row]!r}; "
            f"must be one of {', '.join(_MARKS)}"
        )
    x, y = _points(raw)
    height, coast = terrain.at(x, y)
    return pd.DataFrame(
        {
            "station_id": raw["stn_id"], "name_ko": raw["name_ko"], "lon": raw["lon"],
            "lat": raw["lat"], "elevation_m": height, "t_mean_c": raw["t_mean_c_1991_2020"],
            "confidence": "compiled-" + marks, "source": raw["source"],
            "x_m": x, "y_m": y, "coast_km": coast, "mark": marks,
        }
    )  # fmt: skip


def terrain_predictors(
    height_m: NDArray[np.float64], y_m: NDArray[np.float64], coast_km: NDArray[np.float64],
    reach_km: float,
) -> NDArray[np.float64]:  # fmt: skip
    """Return height in km, northing in 100 km, nearness to the sea (1 at the shore)."""
    return np.column_stack([height_m / 1e3, y_m / 1e5 - 18.0, np.exp(-coast_km / reach_km)])


def _normals(stations: pd.DataFrame, values: Mapping[str, float]) -> Normals:
    known = stations[stations["elevation_m"].notna()]
    return Normals(
        xy_km=known[["x_m", "y_m"]].to_numpy() / 1e3,
        predictors=terrain_predictors(
            known["elevation_m"].to_numpy(), known["y_m"].to_numpy(),
            known["coast_km"].to_numpy(), values["climate_coast_km"],
        ),
        mean_c=known["t_mean_c"].to_numpy(),
        error_c=known["mark"].map(lambda mark: values[f"climate_sigma_{mark}_c"]).to_numpy(),
        sd_c=values["climate_residual_sd_c"],
        range_km=values["climate_residual_range_km"],
    )  # fmt: skip


def read_epw_hours(path: Path) -> tuple[str, float, float, NDArray[np.float64]]:
    """Return name, latitude, longitude and the hourly dry bulb temperature of an EPW file.

    Raises
    ------
    LayerError
        If it does not hold 8,760 hours.
    """
    lines = path.read_text(encoding="latin-1").splitlines()
    head = lines[0].split(",")
    hours = np.array([float(line.split(",")[6]) for line in lines[8:] if line])
    if len(hours) != 8760:  # noqa: PLR2004 - hours of a year
        raise LayerError(f"{path}: {len(hours)} hours; an EPW year must hold 8760")
    return head[1].title(), float(head[6]), float(head[7]), hours


def _hourly_places(
    sources: Path, terrain: Terrain, values: Mapping[str, float]
) -> tuple[list[HourlyYears], NDArray[np.float64]]:
    """Return the places with hours, and the error of hours made from days at the EPW places."""
    low, high = values["climate_tmin_hour"], values["climate_tmax_hour"]
    threshold = values["free_cooling_threshold_c"]
    found: list[tuple[str, float, float, NDArray[np.float64]]] = []
    off = []
    for path in sorted((sources / "climate/epw").glob("*.epw")):
        name, lat, lon, hours = read_epw_hours(path)
        days = hours.reshape(-1, 24)
        least, most = days.min(axis=1), days.max(axis=1)
        bent = warp_exponent(least, most, float(hours.mean()), low, high)
        made = hours_from_days(least, most, bent, low, high)
        off.append(float((made < threshold).sum() - (hours < threshold).sum()))
        found.append((f"{name} EPW", lat, lon, hours))
    daily = pd.read_csv(sources / "climate/openmeteo_daily_12_cities_2016_2025.csv")
    for city, days_of in daily.sort_values("date").groupby("city", sort=True):
        least, most = days_of["tmin_c"].to_numpy(), days_of["tmax_c"].to_numpy()
        bent = warp_exponent(least, most, float(days_of["tavg_c"].mean()), low, high)
        made = hours_from_days(least, most, bent, low, high)
        where = days_of.iloc[0]
        found.append((str(city), float(where["lat"]), float(where["lon"]), made))
    table = pd.DataFrame({"lat": [f[1] for f in found], "lon": [f[2] for f in found]})
    x, y = _points(table)
    spread = _spread_predictors(y, terrain.at(x, y)[1], values["climate_coast_km"])
    places = [HourlyYears(f[0], f[3], spread[i]) for i, f in enumerate(found)]
    return places, np.array(off)


def _spread_predictors(
    y_m: NDArray[np.float64], coast_km: NDArray[np.float64], reach_km: float
) -> NDArray[np.float64]:
    return np.column_stack([y_m / 1e5 - 18.0, np.exp(-coast_km / reach_km)])


def build(sources: Path, facts: Path, out: Path) -> list[Built]:
    """Write ``temperature.tif``, ``free_cooling.tif`` (1 km) and ``climate_stations.csv``.

    Parameters
    ----------
    sources, facts, out : Path
        Source data, fact tables, folder to write to; ``elevation.tif`` must be in it.
    """
    values = read_assumptions(out, _KEYS)
    terrain = read_terrain(sources, out)
    stations = _stations(facts, terrain)
    normals = _normals(stations, values)
    places, off_days = _hourly_places(sources, terrain, values)
    mean, cold = _maps(terrain, normals, ColdHours.fit(places), values)
    _write(mean, "temperature.tif", "degC", _TEMPERATURE_SCALE, out)
    _write(cold, "free_cooling.tif", "hours/year", 1.0, out)
    columns = ["station_id", "name_ko", "lon", "lat", "elevation_m", "t_mean_c", "confidence",
               "source"]  # fmt: skip
    write_csv(
        stations[columns], out / "climate_stations.csv", "station_id",
        {"elevation_m": 0, "t_mean_c": 1},
    )  # fmt: skip
    errors = _Errors(
        lapse_c_km=float(normals.coefficients()[1]),
        station_rmse_c=_rmse(normals.leave_one_out()),
        n_stations=len(normals.mean_c),
        reanalysis=_against_reanalysis(facts, mean),
        places_h=left_out(places, values["free_cooling_threshold_c"]),
        days_h=off_days,
        threshold_c=values["free_cooling_threshold_c"],
        by_degree_h=_by_degree(mean, cold),
    )
    return _catalogue(errors)


def _maps(
    terrain: Terrain, normals: Normals, model: ColdHours, values: Mapping[str, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return annual mean and cold hours on the 1 km grid, NaN where not known."""
    height, coast = terrain.blocks()
    rows, cols = np.nonzero(np.isfinite(height))
    x, y = NATIONAL_1KM.centres_m(rows, cols)
    reach = values["climate_coast_km"]
    mean = normals.predict(
        np.column_stack([x, y]) / 1e3,
        terrain_predictors(height[rows, cols], y, coast[rows, cols], reach),
    )
    cold = model.hours(
        mean, _spread_predictors(y, coast[rows, cols], reach), values["free_cooling_threshold_c"]
    )
    maps = np.full((2, *NATIONAL_1KM.shape), np.nan)
    maps[0, rows, cols], maps[1, rows, cols] = mean, cold
    return maps[0], maps[1]


def _write(values: NDArray[np.float64], name: str, unit: str, scale: float, out: Path) -> None:
    stored = np.where(np.isfinite(values), np.round(values / scale), _NODATA).astype(np.int16)
    write_raster(stored, NATIONAL_1KM, out / name, nodata=_NODATA, scale=scale, unit=unit)


def _rmse(error: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.mean(error**2)))


def _by_degree(mean: NDArray[np.float64], cold: NDArray[np.float64]) -> float:
    """Return the hours by which a degree warmer mean shortens the cold, over the country."""
    known = np.isfinite(mean)
    return float(-np.polyfit(mean[known], cold[known], 1)[0])


def _against_reanalysis(facts: Path, mean: NDArray[np.float64]) -> tuple[float, float]:
    """Return bias and RMSE of the map against the reanalysis means of the check table."""
    check = pd.read_csv(facts / "climate_check_openmeteo_2016_2025.csv")
    rows, cols = NATIONAL_1KM.cells_of(*_points(check))
    error = mean[rows, cols] - check["t_mean_c"].to_numpy()
    return float(error.mean()), _rmse(error)


@dataclass(frozen=True, slots=True)
class _Errors:
    """What the checks found, for the catalogue."""

    lapse_c_km: float
    station_rmse_c: float
    n_stations: int
    reanalysis: tuple[float, float]
    places_h: NDArray[np.float64]
    days_h: NDArray[np.float64]
    threshold_c: float
    by_degree_h: float


def _catalogue(errors: _Errors) -> list[Built]:
    position = "KMA station table (DDonghyeo/Waither-BE d20f14d)"
    normals = f"Station normals 1991-2020: general knowledge; positions: {position}"
    bias, off = errors.reanalysis
    from_mean_h = errors.by_degree_h * errors.station_rmse_c
    return [
        Built(
            id="temperature", file="temperature.tif", kind="raster",
            title_ko="연평균 기온", title_en="Annual mean temperature",
            source=f"{normals}; heights: SRTM", licence="none stated (KMA open data)",
            vintage="1991-2020", crs="EPSG:5179", unit="degC", confidence="model",
            good_for=(
                f"Comparing places: {errors.n_stations} stations, elevation "
                f"({errors.lapse_c_km:.1f} degC per km), latitude and distance to the sea, "
                f"residuals kriged. Leave-one-out RMSE {errors.station_rmse_c:.2f} degC; against "
                f"reanalysis of 12 cities 2016-2025 bias {bias:+.2f}, RMSE {off:.2f} degC."
            ),
            not_good_for=(
                "Summits above 800 m (no station is that high), cold air pools, the heat of "
                "cities, a single year, the climate of the 2030s. The "
                "station normals are not checked against the KMA tables. No value on Ulleungdo "
                "and Dokdo."
            ),
        ),
        Built(
            id="free_cooling", file="free_cooling.tif", kind="raster",
            title_ko=f"외기냉방 시간({errors.threshold_c:.0f}℃ 미만)",
            title_en=f"Free-cooling hours (below {errors.threshold_c:.0f} degC)",
            source=(
                "temperature layer; hourly IWEC years of 4 places (bauman79/arch_view a49a2bd); "
                "daily Open-Meteo reanalysis of 12 cities (kyjzzang81/d-day-weather-web)"
            ),
            licence="Open-Meteo CC BY 4.0; IWEC: ASHRAE, free for simulation use",
            vintage="distribution 1982-2025 on means of 1991-2020", crs="EPSG:5179",
            unit="hours/year", confidence="model",
            good_for=(
                f"Hours a year with dry bulb below {errors.threshold_c:.0f} degC, to compare "
                f"places. A place left out is met with RMSE {_rmse(errors.places_h):.0f} h (worst "
                f"{np.abs(errors.places_h).max():.0f} h) where its mean temperature is known; the "
                f"error of that mean adds about {from_mean_h:.0f} h. Hours made from daily "
                f"extremes are off by {_rmse(errors.days_h):.0f} h at the hourly places."
            ),
            not_good_for=(
                "Wet-bulb or dew-point limits (humid summers), another threshold without building "
                "the layer again, mountains far above the 16 places, which all lie below "
                "140 m. No value on Ulleungdo and Dokdo."
            ),
            notice="Weather data by Open-Meteo.com, CC BY 4.0, changed",
        ),
        Built(
            id="climate_stations", file="climate_stations.csv", kind="vector",
            title_ko="기후 관측소", title_en="Climate stations", source=normals,
            licence="none stated (KMA open data)", vintage="1991-2020", crs="EPSG:4326",
            unit="t_mean_c: degC; elevation_m: m", confidence="per row",
            good_for=(
                "Where temperature is known. Error of t_mean_c by confidence: compiled-high 0.2, "
                "compiled-medium 0.4, compiled-low 0.7 degC."
            ),
            not_good_for=(
                "Station heights (elevation_m is that of the 250 m cell; none on Ulleungdo), "
                "extremes, humidity."
            ),
        ),
    ]  # fmt: skip
