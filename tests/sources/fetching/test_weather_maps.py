"""Maps are drawn to stations near by as far as errors of both say, and left alone far away."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from siteopt.errors import LayerError
from siteopt.lattice import Lattice
from siteopt.layers import Raster
from siteopt.sources.fetching.weather_maps import correction
from siteopt.sources.fetching.weather_recipes import read_weather_settings

LATTICE = Lattice(900_000.0, 1_900_000.0, 1_000.0, 200, 200)
TEMPERATURE = next(one for one in read_weather_settings().map if one.id == "temperature")
TO_DEGREES = Transformer.from_crs(5179, 4326, always_xy=True)


def plain(value=12.0):
    return Raster(np.full(LATTICE.shape, value, dtype=np.float32), LATTICE, None, "temperature")


def stations(rows):
    table = pd.DataFrame(rows, columns=["x_m", "y_m", "t_mean_c", "years", "footprint_km"])
    table["lon"], table["lat"] = TO_DEGREES.transform(table["x_m"], table["y_m"])
    return table.assign(name=[f"S{i}" for i in range(len(table))])


def centre(row, col):
    return 900_500.0 + 1_000.0 * col, 1_899_500.0 - 1_000.0 * row


@given(
    off=st.floats(-3, 3), years=st.integers(1, 30), row=st.integers(0, 199), col=st.integers(0, 199)
)
def test_one_station_draws_by_the_weight_of_its_error(off, years, row, col):
    x, y = centre(100, 100)
    found = correction(plain(), stations([(x, y, 12.0 + off, years, 0.0)]), TEMPERATURE)
    weight = TEMPERATURE.error**2 / (TEMPERATURE.error**2 + TEMPERATURE.year_error**2 / years)
    away_km = np.hypot(row - 100, col - 100)
    drawn = off * weight * np.exp(-away_km / TEMPERATURE.range_km)
    assert found.corrected[row, col] == pytest.approx(12.0 + drawn, abs=1e-3)
    assert found.before_rmse == pytest.approx(abs(off), abs=1e-5)
    assert np.isnan(found.left_out_rmse)


def test_stations_that_agree_with_the_map_change_nothing():
    spots = [(*centre(r, c), 12.0, 1, 0.0) for r, c in ((10, 10), (90, 150), (180, 40))]
    found = correction(plain(), stations(spots), TEMPERATURE)
    assert found.corrected == pytest.approx(12.0)
    assert found.left_out_rmse == pytest.approx(0.0, abs=1e-9)


def test_an_error_that_all_share_is_found_where_a_station_is_left_out():
    spots = [(*centre(r, c), 13.0, 30, 0.0) for r in range(60, 141, 20) for c in range(60, 141, 20)]
    found = correction(plain(), stations(spots), TEMPERATURE)
    assert found.before_rmse == pytest.approx(1.0, abs=1e-5)
    assert found.left_out_rmse < 0.35
    assert found.corrected[100, 100] == pytest.approx(13.0, abs=0.05)


def test_a_point_of_a_coarse_grid_is_compared_with_the_mean_under_it():
    values = 12.0 + 0.1 * np.indices(LATTICE.shape)[0].astype(np.float32)
    values[100, 100] = 30.0  # one hot cell under the point
    raster = Raster(values, LATTICE, None, "temperature")
    x, y = centre(100, 100)
    mean = float(values[88:113, 88:113].mean())
    wide = correction(raster, stations([(x, y, mean, 1, 25.0)]), TEMPERATURE)
    assert wide.before_rmse == pytest.approx(0.0, abs=1e-4)
    narrow = correction(raster, stations([(x, y, mean, 1, 0.0)]), TEMPERATURE)
    assert narrow.before_rmse > 7


def test_bounds_hold_and_unknown_cells_stay_unknown():
    values = np.full(LATTICE.shape, 8_700.0, dtype=np.float32)
    values[:50] = np.nan
    hours = next(one for one in read_weather_settings().map if one.id == "free_cooling")
    x, y = centre(120, 100)
    table = stations([(x, y, 0.0, 30, 0.0)]).assign(free_cooling_h=12_000.0)
    found = correction(Raster(values, LATTICE, None, "free_cooling"), table, hours)
    assert np.isnan(found.corrected[:50]).all()
    assert np.nanmax(found.corrected) == 8_760.0


def test_a_station_on_the_shore_is_that_of_the_nearest_land_and_one_abroad_is_refused():
    values = plain().as_float()
    values[:, :50] = np.nan
    raster = Raster(values, LATTICE, None, "temperature")
    near = correction(raster, stations([(*centre(100, 45), 13.0, 1, 0.0)]), TEMPERATURE)
    assert near.before_rmse == pytest.approx(1.0)
    with pytest.raises(LayerError, match=r"S0 \(.*\) is 20 km from the land of the map"):
        correction(raster, stations([(*centre(100, 30), 13.0, 1, 0.0)]), TEMPERATURE)
