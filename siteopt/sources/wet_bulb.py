"""August wet bulb and wet-bulb free-cooling hours on the 1 km grid, with validation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from scipy.stats import spearmanr

from siteopt.lattice import CRS_EPSG
from siteopt.sources._built import Built, write_csv, write_raster
from siteopt.sources._climate_model import Normals
from siteopt.sources._district_tables import gathered, read_district_table
from siteopt.sources._frame import NATIONAL, NATIONAL_1KM
from siteopt.sources._humid_stations import hourly_wet_bulb, low_ground_m, station_normals
from siteopt.sources._terrain import read_terrain
from siteopt.sources.climate import read_assumptions, terrain_predictors

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from siteopt.sources._humid_stations import HourlyWetBulb
    from siteopt.sources._terrain import Terrain

__all__ = ["build", "by_district", "measured"]

_MEASURED: Final = "climate/free_cooling_hours_2024_2025_by_district.csv"
_SHARES: Final = {
    "wet_bulb_share_pct": "share_hours_wetbulb_le_12_8c",
    "hot_summer_share_pct": "share_summer_hours_hot",
}
_NODATA: Final = -32_768
_JEJU: Final = "50"
_HOURS: Final = 8760.0
_MAPS: Final = {"wet_bulb": "wet_bulb_aug_c", "wet_bulb_hours": "wet_bulb_hours"}
_SCALE: Final = {"wet_bulb": 0.1, "wet_bulb_hours": 1.0}
_UNIT: Final = {"wet_bulb": "degC", "wet_bulb_hours": "hours/year"}
_KEYS: Final = (
    "free_cooling_wet_bulb_c", "climate_coast_km", "climate_residual_range_km",
    "wet_bulb_residual_sd_c", "wet_bulb_error_c", "wet_bulb_hours_residual_sd_h",
    "wet_bulb_hours_error_h",
)  # fmt: skip
_DEVIATIONS: Final = {
    "wet_bulb": ("wet_bulb_residual_sd_c", "wet_bulb_error_c"),
    "wet_bulb_hours": ("wet_bulb_hours_residual_sd_h", "wet_bulb_hours_error_h"),
}


class _Check(NamedTuple):
    """How the map of hours agrees with the districts that are measured."""

    districts: int
    correlation: float
    rank_correlation: float
    bias_h: float
    spread_h: float
    jeju_bias_h: float


def measured(sources: Path, out: Path) -> pd.DataFrame:
    """Return measured shares of hours by district, in percent.

    Returns
    -------
    DataFrame
        Columns district_code, wet_bulb_share_pct (of all hours, wet bulb of 12.8 degC or less),
        hot_summer_share_pct (of the hours of June to August, dry bulb of 33 or wet bulb of 25
        degC or more), confidence.
    """
    path = sources / _MEASURED
    table = read_district_table(path, dict.fromkeys(_SHARES.values(), (0.0, 1.0)))
    rows = gathered(table, dict.fromkeys(_SHARES.values(), "mean"), out, path.name)
    shares = {name: 100.0 * rows[source] for name, source in _SHARES.items()}
    return pd.DataFrame(
        {"district_code": rows["district_code"], **shares, "confidence": "published"}
    )


def by_district(values: NDArray[np.float64], out: Path) -> pd.Series:
    """Return means of a 1 km map over the electors of each district, by district code.

    Where people live is where the stations of a district stand, not on its mountains.

    Parameters
    ----------
    values : ndarray
        On the national 1 km grid, NaN where not known.
    out : Path
        Folder of the layer files: ``electors.tif`` and ``districts.geojson`` are read.
    """
    with rasterio.open(out / "electors.tif") as source:
        people = source.read(1).astype(np.float64)
    rows, cols = np.nonzero(people > 0)
    x, y = NATIONAL.centres_m(rows, cols)
    at = values[NATIONAL_1KM.cells_of(x, y)]
    known = np.isfinite(at)
    districts = gpd.read_file(out / "districts.geojson").to_crs(CRS_EPSG)
    cells = gpd.GeoDataFrame(
        {"value": at[known], "people": people[rows, cols][known]},
        geometry=gpd.points_from_xy(x[known], y[known]),
        crs=CRS_EPSG,
    )
    joined = cells.sjoin(districts[["district_code", "geometry"]], predicate="within")
    joined["product"] = joined["value"] * joined["people"]
    sums = joined.groupby("district_code")[["product", "people"]].sum()
    means: pd.Series = sums["product"] / sums["people"]
    return means


def build(sources: Path, facts: Path, out: Path) -> list[Built]:
    """Write ``wet_bulb.tif``, ``wet_bulb_hours.tif``, ``climate_normals.csv`` and the check table.

    Parameters
    ----------
    sources, facts, out : Path
        Folders of the source copies, of the fact tables (not used), and of the layer files;
        ``elevation.tif``, ``electors.tif``, ``districts.geojson`` and ``district_codes.csv`` must
        be in the last.
    """
    del facts
    values = read_assumptions(out, _KEYS)
    threshold = values["free_cooling_wet_bulb_c"]
    hourly = hourly_wet_bulb(sources / "climate" / "epw", threshold)
    terrain = read_terrain(sources, out)
    stations = _placed(station_normals(sources, hourly, threshold), terrain)
    maps, errors = {}, {}
    for name, column in _MAPS.items():
        model = _model(stations, column, _DEVIATIONS[name], values)
        maps[name] = _map(model, terrain, values["climate_coast_km"])
        errors[name] = model.leave_one_out()
        stored = np.where(
            np.isfinite(maps[name]), np.round(maps[name] / _SCALE[name]), _NODATA
        ).astype(np.int16)
        write_raster(
            stored, NATIONAL_1KM, out / f"{name}.tif", nodata=_NODATA, scale=_SCALE[name],
            unit=_UNIT[name],
        )  # fmt: skip
    columns = ["station_id", "name_ko", "lon", "lat", "place_radius_km", "elevation_m", "t_mean_c",
               "rh_pct", "wet_bulb_aug_c", "wet_bulb_hours"]  # fmt: skip
    decimals = {
        "elevation_m": 0,
        "t_mean_c": 2,
        "rh_pct": 1,
        "wet_bulb_aug_c": 2,
        "wet_bulb_hours": 0,
    }
    write_csv(
        stations[columns].assign(confidence="derived"), out / "climate_normals.csv", "station_id",
        decimals,
    )  # fmt: skip
    told = measured(sources, out)
    write_csv(told, out / "free_cooling_measured.csv", "district_code", dict.fromkeys(_SHARES, 2))
    check = _check(by_district(maps["wet_bulb_hours"], out), told)
    return _entries(threshold, hourly, len(stations), errors, check)


def _placed(stations: pd.DataFrame, terrain: Terrain) -> pd.DataFrame:
    """Return the stations with place, height of the low ground and distance to the sea."""
    points = gpd.GeoSeries(gpd.points_from_xy(stations["lon"], stations["lat"]), crs=4326)
    points = points.to_crs(CRS_EPSG)
    x, y = points.x.to_numpy(), points.y.to_numpy()
    height = low_ground_m(x, y, stations["place_radius_km"].to_numpy(), terrain)
    placed = stations.assign(x_m=x, y_m=y, elevation_m=height, coast_km=terrain.at(x, y)[1])
    return placed[np.isfinite(height)].reset_index(drop=True)


def _model(
    stations: pd.DataFrame, column: str, keys: tuple[str, str], values: dict[str, float]
) -> Normals:
    return Normals(
        xy_km=stations[["x_m", "y_m"]].to_numpy() / 1e3,
        predictors=terrain_predictors(
            stations["elevation_m"].to_numpy(), stations["y_m"].to_numpy(),
            stations["coast_km"].to_numpy(), values["climate_coast_km"],
        ),
        mean_c=stations[column].to_numpy(),
        error_c=np.full(len(stations), values[keys[1]]),
        sd_c=values[keys[0]],
        range_km=values["climate_residual_range_km"],
    )  # fmt: skip


def _map(model: Normals, terrain: Terrain, coast_reach_km: float) -> NDArray[np.float64]:
    height, coast = terrain.blocks()
    rows, cols = np.nonzero(np.isfinite(height))
    x, y = NATIONAL_1KM.centres_m(rows, cols)
    out = np.full(NATIONAL_1KM.shape, np.nan)
    out[rows, cols] = model.predict(
        np.column_stack([x, y]) / 1e3,
        terrain_predictors(height[rows, cols], y, coast[rows, cols], coast_reach_km),
    )
    return out


def _check(modelled_h: pd.Series, told: pd.DataFrame) -> _Check:
    hours = told.set_index("district_code")["wet_bulb_share_pct"] / 100.0 * _HOURS
    both = pd.DataFrame({"model": modelled_h, "measured": hours}).dropna()
    off = both["model"] - both["measured"]
    return _Check(
        districts=len(both),
        correlation=float(both["model"].corr(both["measured"])),
        rank_correlation=float(spearmanr(both["model"], both["measured"]).statistic),
        bias_h=float(off.mean()),
        spread_h=float(off.std()),
        jeju_bias_h=float(off[off.index.str.startswith(_JEJU)].mean()),
    )


def _rmse(error: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.mean(error**2)))


def _entries(
    threshold: float, hourly: HourlyWetBulb, n_stations: int,
    errors: dict[str, NDArray[np.float64]], check: _Check,
) -> list[Built]:  # fmt: skip
    source = (
        "Rural Development Administration stations, monthly 2015-2024, in "
        "jjii-nu/Solar-Site-Selection (863f815); wet bulb by Stull (2011)"
    )
    licence = "none stated (RDA/KMA open data)"
    stated = (
        f"{n_stations} stations, elevation, latitude and distance to the sea, residuals kriged. "
        "Leave-one-out RMSE"
    )
    limits = (
        "Summits, cities, a single year, the climate of the 2030s. Stations are known by eup, myeon "
        "or dong only (the lower third of its ground stands for their height); none on Jeju, which "
        "is extrapolated from the south coast. No value on Ulleungdo and Dokdo."
    )
    return [
        Built(
            id="wet_bulb", file="wet_bulb.tif", kind="raster",
            title_ko="8월 평균 습구온도", title_en="Mean wet bulb of August",
            source=f"{source}; heights: SRTM", licence=licence, vintage="2015-2024",
            crs="EPSG:5179", unit="degC", confidence="model",
            good_for=f"Comparing places in the season that sizes cooling: {stated} "
            f"{_rmse(errors['wet_bulb']):.2f} K (half of them within "
            f"{np.median(np.abs(errors['wet_bulb'])):.2f} K).",
            not_good_for=f"Design extremes: it is a mean of days and nights. {limits}",
        ),
        Built(
            id="wet_bulb_hours", file="wet_bulb_hours.tif", kind="raster",
            title_ko=f"습구온도 {threshold:g}℃ 이하 시간",
            title_en=f"Hours with a wet bulb of {threshold:g} degC or less",
            source=f"{source}; spread within a month from hourly IWEC years of 4 places "
            "(bauman79/arch_view a49a2bd); heights: SRTM",
            licence=f"{licence}; IWEC: ASHRAE, free for simulation use", vintage="2015-2024",
            crs="EPSG:5179", unit="hours/year", confidence="model",
            good_for=f"Hours in which evaporative cooling needs no chiller: {stated} "
            f"{_rmse(errors['wet_bulb_hours']):.0f} h (half of them within "
            f"{np.median(np.abs(errors['wet_bulb_hours'])):.0f} h); hours made from monthly means are "
            f"off by {_rmse(hourly.error_h):.0f} h at the hourly places. Against "
            f"{check.districts} districts measured in 2024-2025: correlation "
            f"{check.correlation:.2f} (ranks {check.rank_correlation:.2f}), bias {check.bias_h:+.0f} h, "
            f"standard deviation {check.spread_h:.0f} h.",
            not_good_for=f"Another threshold without building the layer again. {limits} The years "
            "2024 and 2025 were warmer than these normals, most of the bias; on Jeju it is "
            f"{check.jeju_bias_h:+.0f} h, so there the map is far too high.",
        ),
        Built(
            id="climate_normals", file="climate_normals.csv", kind="vector",
            title_ko="농업기상관측소 평년값(2015~2024)", title_en="Normals of rural stations, 2015-2024",
            source=source, licence=licence, vintage="2015-2024", crs="EPSG:4326",
            unit="t_mean_c, wet_bulb_aug_c: degC; rh_pct: %; wet_bulb_hours: h/year; elevation_m: m",
            confidence="derived",
            good_for="Temperature, humidity and wet bulb outside the cities; what the two wet-bulb "
            "maps are made from.",
            not_good_for="Exact places (place_radius_km), single stations (some drift), wind. "
            "wet_bulb_hours is made from monthly means.",
        ),
        Built(
            id="free_cooling_measured", file="free_cooling_measured.csv", kind="table",
            title_ko="시군구 외기냉방 시간(실측 2024~2025)",
            title_en="Measured free-cooling hours by district, 2024-2025",
            source="KMA ASOS and AWS, one station a district, in jinuuuuuuuuuuu/kdata-datarecipe "
            "(1489e88)",
            licence="none stated (KMA open data)", vintage="2024-2025", crs="",
            unit="% of hours", confidence="published",
            good_for="A check of the wet-bulb map: share of hours with a wet bulb of 12.8 degC or "
            "less, and of hot summer hours (dry bulb 33 or wet bulb 25 degC or more).",
            not_good_for="Normals: two warm years. Mountains and plains of a district have one value; "
            "ten districts have thin data or a high station (Taebaek). No criterion uses it.",
        ),
    ]  # fmt: skip
