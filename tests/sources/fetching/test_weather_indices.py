"""Indices of stations are counts and means of their hours."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from siteopt.sources._psychrometrics import wet_bulb_c
from siteopt.sources.fetching.station_hours import Place, checked_hours
from siteopt.sources.fetching.weather_indices import joined_stations, of_hours, of_months
from siteopt.sources.fetching.weather_recipes import read_weather_settings
from siteopt.sources.fetching.weather_tables import StationMonths
from tests.sources.fetching.weather_world import RH, temperature, year_of_hours

SETTINGS = read_weather_settings()
HERE = Place("x", "Daejeon", 127.38, 36.35)


def station(mean_c=12.5, place=HERE):
    begins = year_of_hours()
    values = {"temp_c": temperature(begins, mean_c), "rh_pct": np.full(len(begins), RH)}
    return checked_hours(begins, values, place, SETTINGS, "a")


def test_indices_are_counted_from_the_hours():
    begins = year_of_hours()
    dry = temperature(begins)
    wet = wet_bulb_c(dry, RH)
    row = of_hours([station()], 18.0, 12.8).iloc[0]
    assert row["t_mean_c"] == pytest.approx(12.5, abs=0.01)
    assert row["free_cooling_h"] == (dry < 18.0).sum()
    assert row["wet_bulb_hours_h"] == (wet <= 12.8).sum()
    assert row["wet_bulb_aug_c"] == pytest.approx(wet[begins.month == 8].mean())
    assert (row["station_id"], row["years"], row["footprint_km"]) == ("x", 1, 0.0)


def test_a_warmer_place_has_fewer_cool_hours():
    rows = of_hours([station(10.0), station(13.0)], 18.0, 12.8)
    for name, sign in (("free_cooling_h", -1), ("wet_bulb_hours_h", -1), ("wet_bulb_aug_c", 1)):
        assert sign * (rows[name].iloc[1] - rows[name].iloc[0]) > 0


def test_normals_by_month_come_near_to_the_hours_behind_them():
    begins = year_of_hours()
    by_month = pd.Series(temperature(begins)).groupby(begins.month).mean().to_numpy()
    months = StationMonths(HERE, by_month, np.full(12, RH), 30)
    row = of_months([months], SETTINGS.months, 18.0, 12.8).iloc[0]
    exact = of_hours([station()], 18.0, 12.8).iloc[0]
    assert row["t_mean_c"] == pytest.approx(exact["t_mean_c"], abs=0.01)
    assert row["wet_bulb_aug_c"] == pytest.approx(exact["wet_bulb_aug_c"], abs=0.3)
    assert row["free_cooling_h"] == pytest.approx(exact["free_cooling_h"], abs=150)
    assert row["wet_bulb_hours_h"] == pytest.approx(exact["wet_bulb_hours_h"], abs=200)
    assert row["years"] == 30


def test_files_of_one_station_are_joined_by_their_years():
    one = of_hours([station(10.0)], 18.0, 12.8)
    two = of_hours([station(13.0), station(8.0, Place("a", "A", 128.0, 36.0))], 18.0, 12.8)
    two["years"] = [3, 1]
    found = joined_stations([one, two])
    assert found["station_id"].tolist() == ["a", "x"]
    assert found["years"].tolist() == [1, 4]
    assert found["t_mean_c"].iloc[1] == pytest.approx((10.0 + 3 * 13.0) / 4, abs=0.01)
