"""Hours are whole years in KST and in the units that they are said to be in."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.errors import LayerError
from siteopt.sources.fetching.station_hours import (
    Place,
    checked_hours,
    humidity_pct,
    in_unit,
    unit_doubt,
)
from siteopt.sources.fetching.weather_recipes import read_weather_settings
from tests.sources.fetching.weather_world import RH, temperature, year_of_hours

SETTINGS = read_weather_settings()
HERE = Place("x", "Daejeon", 127.38, 36.35)


def checked(begins, **more):
    values = {"temp_c": temperature(begins), "rh_pct": np.full(len(begins), RH)} | more
    return checked_hours(begins, values, HERE, SETTINGS, "a.csv")


@pytest.mark.parametrize(
    ("temp_c", "dew_point_c", "rh_pct"),
    # ASHRAE Handbook of Fundamentals, psychrometric chart: saturation pressures 2339, 1228, 4246,
    # 611 and 1706 Pa at 20, 10, 30, 0 and 15 degC
    [(20.0, 10.0, 52.5), (30.0, 20.0, 55.1), (20.0, 20.0, 100.0), (10.0, 0.0, 49.8), (30.0, 15.0, 40.2)],
)  # fmt: skip
def test_humidity_is_that_of_published_saturation_pressures(temp_c, dew_point_c, rh_pct):
    assert humidity_pct(np.array([temp_c]), np.array([dew_point_c]))[0] == pytest.approx(
        rh_pct, abs=0.3
    )


@given(st.floats(-30, 45), st.floats(0, 30))
def test_humidity_falls_with_the_spread_and_never_exceeds_100(temp_c, spread):
    dry, wet = humidity_pct(
        np.array([temp_c] * 2), np.array([temp_c - spread - 0.1, temp_c - spread])
    )
    assert 0 < dry < wet <= 100


def test_dew_point_stands_in_for_humidity():
    begins = year_of_hours()
    temp_c = temperature(begins)
    found = checked_hours(
        begins, {"temp_c": temp_c, "dew_point_c": temp_c - 8.0}, HERE, SETTINGS, "a.csv"
    )
    assert found.hourly["rh_pct"].to_numpy() == pytest.approx(humidity_pct(temp_c, temp_c - 8.0))
    with pytest.raises(LayerError, match="neither humidity nor dew point"):
        checked_hours(begins, {"temp_c": temp_c}, HERE, SETTINGS, "a.csv")


@pytest.mark.parametrize("zone", ["Asia/Seoul", "UTC"])
@pytest.mark.parametrize("years", [(2023,), (2024,), (2022, 2023, 2024)])
def test_whole_years_of_any_clock_are_counted(zone, years):
    begins = pd.DatetimeIndex(np.concatenate([year_of_hours(year, zone) for year in years]))
    found = checked(begins.tz_localize("UTC") if begins.tz is None else begins)
    assert found.years == len(years)
    assert len(found.hourly) == 8_760 * len(years)
    assert found.filled == 0


def test_rows_out_of_order_are_sorted():
    begins = year_of_hours()
    mixed = begins[np.random.default_rng(1).permutation(len(begins))]
    pd.testing.assert_frame_equal(checked(mixed).hourly, checked(begins).hourly, check_freq=False)


def test_missing_rows_are_found():
    begins = year_of_hours()
    filled = checked(begins.delete([700, 701]))
    assert filled.filled == 2
    assert len(filled.hourly) == 8_760
    assert filled.hourly["temp_c"].iloc[700] == pytest.approx(temperature(begins)[700], abs=0.7)
    with pytest.raises(
        LayerError, match=r"temp_c is not known for 24 hours from 2023-01-31 00:00 KST"
    ):
        checked(begins.delete(range(720, 744)))
    with pytest.raises(
        LayerError, match=r"1 whole years have 8,760: the first that is missing is hour 8001"
    ):
        checked(begins[:8_000])


def test_hours_that_are_there_twice_are_named():
    begins = year_of_hours()
    with pytest.raises(
        LayerError, match=r"from 2023-01-01 05:00 KST is there twice \(1 such hours\)"
    ):
        checked(begins.insert(9, begins[5]))


def test_a_clock_in_utc_is_named():
    begins = year_of_hours()
    with pytest.raises(LayerError, match="warmest in hour 6 KST"):
        checked(begins, temp_c=temperature(begins + pd.Timedelta(hours=9)))


@pytest.mark.parametrize("quantity", [one.id for one in SETTINGS.quantity])
def test_units_are_told_apart_by_their_means(quantity):
    of = SETTINGS.of(quantity)
    for i, one in enumerate(of.units):
        for other in of.units[i + 1 :]:
            assert one.most < other.least or other.most < one.least
        middle = (one.least + one.most) / 2
        assert unit_doubt(middle, of, one.unit) == ""
        for other in of.units:
            if other is not one:
                assert f"it is likely in {one.unit}" in unit_doubt(middle, of, other.unit)


@pytest.mark.parametrize(
    ("quantity", "unit", "value", "own"),
    [
        ("temp_c", "K", 285.65, 12.5), ("temp_c", "°F", 54.5, 12.5), ("rh_pct", "share", 0.6, 60.0),
        ("pressure_hpa", "Pa", 101_325.0, 1_013.25), ("pressure_hpa", "kPa", 101.325, 1_013.25),
        ("ghi_w_m2", "MJ/m2 an hour", 0.6, 166.6667), ("ghi_w_m2", "J/m2 an hour", 600_000.0, 166.6667),
    ],
)  # fmt: skip
def test_units_are_converted(quantity, unit, value, own):
    found = in_unit(np.array([value, np.nan]), SETTINGS.of(quantity), unit, "x")
    assert found[0] == pytest.approx(own)
    assert np.isnan(found[1])


def test_values_that_cannot_be_are_refused():
    with pytest.raises(LayerError, match=r"a\.csv: temp: row 3 is 87; a value from -45 to 50 °C"):
        in_unit(
            np.array([1.0, 2.0, 87.0, 3.0] + [0.0] * 96), SETTINGS.of("temp_c"), "°C", "a.csv: temp"
        )
    with pytest.raises(LayerError, match="unit 'R' of temp_c is not known; there are °C, K, °F"):
        in_unit(np.array([1.0]), SETTINGS.of("temp_c"), "R", "x")
    with pytest.raises(LayerError, match="has no value"):
        in_unit(np.array([np.nan]), SETTINGS.of("temp_c"), "°C", "x")
    with pytest.raises(LayerError, match="no quantity of weather"):
        SETTINGS.of("snow_cm")
