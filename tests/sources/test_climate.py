"""Temperature and cold hours: closed forms, what is recovered exactly, the embedded layers."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from siteopt.errors import LayerError, LayerFileError
from siteopt.sources import climate
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
from tests.examples import examples

REFERENCE = Path(__file__).parents[2] / "data" / "reference"
RNG = np.random.default_rng(7)
XY_KM = RNG.uniform(0, 400, (30, 2))
HEIGHT_KM = RNG.uniform(0, 0.8, (30, 1))


def _normals(mean_c: np.ndarray, error_c: float = 0.2) -> Normals:
    return Normals(XY_KM, HEIGHT_KM, mean_c, np.full(30, error_c), sd_c=0.4, range_km=80.0)


def test_a_lapse_rate_plane_is_recovered_exactly() -> None:
    model = _normals(14.2 - 6.5 * HEIGHT_KM[:, 0])
    assert model.coefficients() == pytest.approx([14.2, -6.5])
    assert model.leave_one_out() == pytest.approx(np.zeros(30), abs=1e-9)
    there = model.predict(np.array([[900.0, -50.0]]), np.array([[1.9]]))
    assert there == pytest.approx([14.2 - 6.5 * 1.9])


def test_stations_without_error_are_met_and_with_error_are_smoothed() -> None:
    mean = 14.2 - 6.5 * HEIGHT_KM[:, 0] + RNG.normal(0, 0.4, 30)
    exact = _normals(mean, error_c=0.0)
    assert exact.predict(XY_KM, HEIGHT_KM) == pytest.approx(mean, abs=1e-6)
    vague = _normals(mean, error_c=0.7)
    off = np.abs(vague.predict(XY_KM, HEIGHT_KM) - mean)
    assert off.max() > 0.1


def test_far_from_all_stations_only_the_predictors_count() -> None:
    mean = 14.2 - 6.5 * HEIGHT_KM[:, 0] + RNG.normal(0, 0.4, 30)
    model = _normals(mean)
    constant, lapse = model.coefficients()
    far = model.predict(np.array([[1e5, 1e5]]), np.array([[0.5]]))
    assert far == pytest.approx([constant + 0.5 * lapse])


def test_leave_one_out_is_fitting_without_the_station() -> None:
    mean = 14.2 - 6.5 * HEIGHT_KM[:, 0] + RNG.normal(0, 0.4, 30)
    rest = np.arange(30) != 4
    others = Normals(XY_KM[rest], HEIGHT_KM[rest], mean[rest], np.full(29, 0.2), 0.4, 80.0)
    told = others.predict(XY_KM[4:5], HEIGHT_KM[4:5])[0] - mean[4]
    assert _normals(mean).leave_one_out()[4] == pytest.approx(told)


@examples(40)
@given(st.integers(0, 10_000), st.floats(0.5, 3))
def test_hours_pass_through_the_extremes_and_never_leave_them(seed: int, exponent: float) -> None:
    rng = np.random.default_rng(seed)
    low = rng.normal(8, 5, 6)
    high = low + rng.uniform(1, 12, 6)
    hours = hours_from_days(low, high, exponent, 6, 15).reshape(6, 24)
    assert hours[:, 6] == pytest.approx(low)
    assert hours[:, 15] == pytest.approx(high)
    assert hours.min() >= low.min() - 1e-9
    assert hours.max() <= high.max() + 1e-9
    assert (np.diff(hours[:, 6:16], axis=1) >= -1e-9).all()


def test_the_exponent_keeps_the_mean() -> None:
    days = np.arange(365)
    low = 8 - 11 * np.cos(2 * np.pi * days / 365)
    high = low + 9.0
    plain = hours_from_days(low, high, 1.0, 6, 15).mean()
    assert plain == pytest.approx((low.mean() + high.mean()) / 2, abs=0.05)
    exponent = warp_exponent(low, high, plain - 0.3, 6, 15)
    assert exponent > 1
    assert hours_from_days(low, high, exponent, 6, 15).mean() == pytest.approx(plain - 0.3)


def _gaussian(mean_c: float, spread_c: float, name: str = "place") -> HourlyYears:
    hours = mean_c + spread_c * norm.ppf((np.arange(8760) + 0.5) / 8760)
    return HourlyYears(name, hours, np.array([spread_c]))


def test_normal_temperatures_give_the_hours_of_the_normal_distribution() -> None:
    places = [_gaussian(12.0, 11.0), _gaussian(14.0, 9.0), _gaussian(13.0, 10.0)]
    model = ColdHours.fit(places)
    mean, spread = np.array([5.0, 12.0, 16.5]), np.array([11.5, 10.5, 9.5])
    hours = model.hours(mean, spread[:, None], 18.0)
    assert hours == pytest.approx(8760 * norm.cdf((18 - mean) / spread), abs=8)
    assert np.abs(left_out(places, 18.0)).max() < 8


def test_hours_fall_with_the_mean_and_rise_with_the_threshold() -> None:
    places = [
        HourlyYears(str(i), RNG.normal(10 + i, 8 + i / 2, 8760), np.array([float(i)]))
        for i in range(5)
    ]
    model = ColdHours.fit(places)
    mean = np.linspace(2, 18, 40)
    middle = np.full((40, 1), 2.0)
    assert (np.diff(model.hours(mean, middle, 18.0)) <= 0).all()
    warm, cold = model.hours(mean, middle, 22.0), model.hours(mean, middle, 15.0)
    assert (warm > cold).all()
    assert model.spread_c(np.array([[2.0]])) == pytest.approx([9.0], abs=0.2)


def test_blocks_are_means_of_the_known_cells() -> None:
    height = np.full((2460, 2600), np.nan, dtype=np.float32)
    height[0, :3] = [100, 200, 600]
    terrain = Terrain(height, np.ones_like(height))
    mean, coast = terrain.blocks()
    assert mean.shape == NATIONAL_1KM.shape
    assert mean[0, 0] == 300
    assert np.isnan(mean[0, 1])
    assert coast[0, 1] == 1


def test_a_short_epw_year_and_a_missing_elevation_are_said(tmp_path: Path) -> None:
    path = tmp_path / "short.epw"
    path.write_text("LOCATION,TOWN,-,KOR,x,1,35.5,129.3,9,33\n" + "x\n" * 7 + "1,2,3,4,5,6,7.5\n")
    with pytest.raises(LayerError, match=r"short\.epw: 1 hours; an EPW year must hold 8760"):
        climate.read_epw_hours(path)
    with pytest.raises(LayerFileError, match="the relief builder must run before climate"):
        read_terrain(tmp_path, tmp_path)


def test_an_unknown_confidence_of_a_station_is_said(tmp_path: Path) -> None:
    (tmp_path / "asos_stations.csv").write_text(
        "stn_id,name_ko,lat,lon,capital_region,t_mean_c_1991_2020,t_conf,source\n"
        "90,속초,38.25,128.56,0,12.5,X,s\n",
        encoding="utf-8",
    )
    nothing = np.full((2460, 2600), np.nan, dtype=np.float32)
    with pytest.raises(LayerError, match="station 90: t_conf is 'X'; must be one of H, M, L"):
        climate._stations(tmp_path, Terrain(nothing, nothing))


def _embedded(name: str) -> np.ma.MaskedArray:
    with rasterio.open(REFERENCE / f"{name}.tif") as source:
        assert source.transform == NATIONAL_1KM.transform
        assert source.shape == NATIONAL_1KM.shape
        return source.read(1, masked=True) * source.scales[0]


@pytest.mark.national
def test_embedded_cold_hours_follow_the_temperature() -> None:
    mean, cold = _embedded("temperature"), _embedded("free_cooling")
    assert np.array_equal(mean.mask, cold.mask)
    assert 0 < mean.min() < mean.max() < 18
    assert 4000 < cold.min() < cold.max() < 8760
    warmth, hours = mean.compressed(), cold.compressed()
    assert np.corrcoef(warmth, hours)[0, 1] < -0.95
    # Seoul's daily series gives 5,600 h at 11.9 degC
    assert np.median(hours[np.abs(warmth - 11.9) < 0.1]) == pytest.approx(5_650, abs=150)


@pytest.mark.national
def test_embedded_temperature_meets_its_stations() -> None:
    stations = pd.read_csv(REFERENCE / "climate_stations.csv")
    assert stations["station_id"].is_unique
    assert stations["confidence"].isin({"compiled-high", "compiled-medium", "compiled-low"}).all()
    known = stations.dropna(subset=["elevation_m"])
    assert len(known) >= len(stations) - 1  # Ulleungdo lies outside the elevation model
    places = gpd.GeoSeries(gpd.points_from_xy(known["lon"], known["lat"]), crs=4326).to_crs(5179)
    rows, cols = NATIONAL_1KM.cells_of(places.x.to_numpy(), places.y.to_numpy())
    error = _embedded("temperature")[rows, cols] - known["t_mean_c"].to_numpy()
    assert np.sqrt((error**2).mean()) < 0.6
    assert abs(error.mean()) < 0.15


@pytest.mark.national
def test_assumptions_of_the_climate_are_whole() -> None:
    table = pd.read_csv(REFERENCE / "assumptions_climate.csv")
    assert table["key"].is_unique
    assert table.notna().all(axis=None)
    assert table["value"].between(table["low"], table["high"]).all()
