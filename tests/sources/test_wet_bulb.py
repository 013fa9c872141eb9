"""Wet bulb: the published formula, months to hours, low ground, the embedded maps."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st

from siteopt.errors import LayerError, LayerFileError
from siteopt.layers import open_layers
from siteopt.sources._frame import NATIONAL, NATIONAL_1KM
from siteopt.sources._humid_stations import (
    MONTH_HOURS,
    HourlyWetBulb,
    hourly_wet_bulb,
    low_ground_m,
    station_normals,
)
from siteopt.sources._psychrometrics import hours_below, wet_bulb_c
from siteopt.sources._terrain import Terrain
from siteopt.sources.wet_bulb import by_district

REFERENCE = Path(__file__).parents[2] / "data" / "reference"
CALM = HourlyWetBulb(np.full(12, 3.0), np.zeros(12), np.zeros(2))


def _psychrometer(t: float, rh: float) -> float:
    """Solve the psychrometer equation at sea level by bisection (Magnus, A = 6.62e-4 / K)."""

    def saturated_hpa(c: float) -> float:
        return 6.112 * float(np.exp(17.62 * c / (243.12 + c)))

    low, high = -40.0, t
    for _ in range(60):
        middle = (low + high) / 2
        vapour = saturated_hpa(middle) - 6.62e-4 * 1013.25 * (t - middle)
        low, high = (middle, high) if vapour < rh / 100 * saturated_hpa(t) else (low, middle)
    return low


def test_wet_bulb_of_the_paper_and_of_saturated_air() -> None:
    assert wet_bulb_c(20.0, 50.0) == pytest.approx(13.7, abs=0.05)  # Stull (2011), his example
    t = np.array([0.0, 10.0, 25.0, 35.0])
    assert wet_bulb_c(t, 99.0) == pytest.approx(t, abs=0.45)


@given(st.floats(0, 38), st.floats(25, 98))
def test_wet_bulb_is_that_of_the_psychrometer(t: float, rh: float) -> None:
    # the paper's error is -1.0 to +0.65 K
    assert -1.1 < float(wet_bulb_c(t, rh)) - _psychrometer(t, rh) < 0.8


@given(st.floats(-5, 30), st.floats(0.5, 6))
def test_hours_of_a_normal_month_are_half_at_its_mean(mean: float, spread: float) -> None:
    means, spreads = np.full((2, 12), mean), np.full(12, spread)
    means[1] += 1.0
    at_mean, warmer = hours_below(means, spreads, MONTH_HOURS, mean)
    assert at_mean == pytest.approx(4380)
    assert 0 <= warmer < at_mean


def _epw(path: Path, rng: np.random.Generator, hours: int = 8760) -> None:
    day = np.arange(hours) / 24
    t = 13 - 12 * np.cos(2 * np.pi * day / 365) + rng.normal(0, 3, hours)
    rows = [f"1,2,3,4,5,6,{value:.2f},0,70.0,0" for value in t]
    path.write_text("LOCATION\n" * 8 + "\n".join(rows) + "\n", encoding="latin-1")


def test_months_of_a_normal_year_give_back_its_hours(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    for name in "ab":
        _epw(tmp_path / f"{name}.epw", rng)
    hourly = hourly_wet_bulb(tmp_path, 12.8)
    assert hourly.spread_c.shape == (12,)
    assert np.abs(hourly.error_h).max() < 60
    (tmp_path / "b.epw").unlink()
    with pytest.raises(LayerFileError, match="1 EPW files; at least two"):
        hourly_wet_bulb(tmp_path, 12.8)
    _epw(tmp_path / "c.epw", rng, hours=100)
    with pytest.raises(LayerError, match=r"c\.epw: 100 hours; an EPW year must hold 8760"):
        hourly_wet_bulb(tmp_path, 12.8)


def _stations(folder: Path, monthly: pd.DataFrame) -> Path:
    (folder / "climate").mkdir(exist_ok=True)
    pd.DataFrame(
        {"station": [1, 2], "sigungu": ["목포시", "강릉시"], "emd": ["", "왕산면"], "lon": [126.4, 128.8],
         "lat": [34.8, 37.6], "place_radius_km": [1.0, 8.8]}
    ).to_csv(folder / "climate/rda_stations.csv", index=False)  # fmt: skip
    monthly.to_csv(folder / "climate/rda_stations_monthly_2015_2025.csv", index=False)
    return folder


def _monthly() -> pd.DataFrame:
    index = pd.MultiIndex.from_product([[1, 2], range(2015, 2019), range(1, 13)])
    table = index.to_frame(index=False, name=["station", "year", "month"])
    table["t_mean_c"] = np.where(table["month"] == 8, 20.0, 5.0)
    table["rh_pct"] = 50.0
    return table


def test_a_station_needs_every_month_of_four_years(tmp_path: Path) -> None:
    monthly = _monthly()
    monthly.loc[(monthly["station"] == 2) & (monthly["year"] == 2016), "rh_pct"] = np.nan
    out = station_normals(_stations(tmp_path, monthly), CALM, 12.8)
    assert out["station_id"].tolist() == ["RDA-001"]
    assert out["name_ko"].tolist() == ["목포시"]
    assert out["wet_bulb_aug_c"].iloc[0] == pytest.approx(13.7, abs=0.05)
    assert out["t_mean_c"].iloc[0] == pytest.approx((334 * 5 + 31 * 20) / 365)
    assert out["wet_bulb_hours"].iloc[0] < 8760 - 372 / 2


def test_impossible_humidity_and_no_station_are_said(tmp_path: Path) -> None:
    monthly = _monthly()
    monthly.loc[5, "rh_pct"] = 140.0
    with pytest.raises(LayerError, match="row 7: rh_pct is 140; from 5 to 100, or empty"):
        station_normals(_stations(tmp_path, monthly), CALM, 12.8)
    few = _monthly().query("year < 2017")
    with pytest.raises(LayerError, match="no station has all months of 4 years"):
        station_normals(_stations(tmp_path, few), CALM, 12.8)


def test_low_ground_is_the_lower_third_around_a_place() -> None:
    height = np.full(NATIONAL.shape, np.nan, dtype=np.float32)
    height[100:103, 100:103] = np.arange(9).reshape(3, 3) * 100
    terrain = Terrain(height, np.zeros_like(height))
    x, y = NATIONAL.centres_m(np.array([101, 101, 5]), np.array([101, 101, 5]))
    low = low_ground_m(x, y, np.array([0.3, 0.0, 0.3]), terrain)
    assert low[:2].tolist() == [100.0, 400.0]  # the mean of 0, 100, 200; its own cell
    assert np.isnan(low[2])


def _map(name: str) -> np.ndarray:
    with rasterio.open(REFERENCE / f"{name}.tif") as source:
        assert source.transform == NATIONAL_1KM.transform
        stored = source.read(1)
        return np.where(stored == source.nodata, np.nan, stored * source.scales[0])


@pytest.mark.national
@pytest.mark.slow
def test_embedded_hours_rank_districts_as_measured() -> None:
    told = pd.read_csv(REFERENCE / "free_cooling_measured.csv", dtype={"district_code": str})
    measured = told.set_index("district_code")["wet_bulb_share_pct"] * 87.6
    both = pd.DataFrame(
        {
            "wet": by_district(_map("wet_bulb_hours"), REFERENCE),
            "dry": by_district(_map("free_cooling"), REFERENCE),
            "measured": measured,
        }
    ).dropna()
    assert len(both) >= 245
    rank = both.corr(method="spearman")["measured"]
    assert rank["wet"] > 0.78
    assert rank["wet"] > rank["dry"] + 0.05  # the wet bulb tells more than the dry one
    # 2024 and 2025 were warm: the same stations had 306 h less than normal in 2024
    mainland = both[~both.index.str.startswith("50")]
    assert 250 < (mainland["wet"] - mainland["measured"]).mean() < 450
    assert (mainland["wet"] - mainland["measured"]).std() < 180


@pytest.mark.national
def test_embedded_maps_meet_their_stations() -> None:
    stations = open_layers().vector("climate_normals")
    assert len(stations) == 161
    rows, cols = NATIONAL_1KM.cells_of(
        *gpd.GeoSeries(stations.geometry).get_coordinates().to_numpy().T
    )
    hours, wet = _map("wet_bulb_hours"), _map("wet_bulb")
    assert np.array_equal(np.isnan(hours), np.isnan(wet))
    off = wet[rows, cols] - stations["wet_bulb_aug_c"].to_numpy()
    # cells are higher than the low ground on which the stations stand
    assert np.nanmedian(np.abs(off)) < 0.7
    assert 4000 < np.nanmin(hours) < np.nanmax(hours) < 8760
    known = np.isfinite(hours)
    assert np.corrcoef(hours[known], wet[known])[0, 1] < -0.9
