"""Profiles of sun and wind come from the hours of an EPW file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pvlib
import pytest

from siteopt.energy.weather import PvPlant, WindPlant, solar_profile, wind_profile
from siteopt.errors import LayerError
from siteopt.sources.fetching.epw import read_epw
from siteopt.sources.fetching.weather_profiles import profile_weather
from siteopt.sources.fetching.weather_recipes import read_weather_settings
from tests.sources.fetching.weather_world import epw_text, year_of_hours


@pytest.fixture(scope="module")
def station(tmp_path_factory):
    path = tmp_path_factory.mktemp("profiles") / "a.epw"
    begins = year_of_hours()
    middle = begins.shift(30, freq="min")
    zenith = pvlib.solarposition.get_solarposition(middle, 36.35, 127.38)["apparent_zenith"]
    ghi = pvlib.clearsky.haurwitz(zenith)["ghi"].to_numpy() * 0.6
    lines = epw_text().splitlines()
    for i, value in enumerate(ghi):
        cells = lines[8 + i].split(",")
        cells[13] = f"{value:.1f}"
        lines[8 + i] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n", encoding="latin-1")
    return read_epw(path, read_weather_settings())


def test_an_epw_year_gives_profiles_of_sun_and_wind(station):
    weather = profile_weather(station, wind_height_m=10.0, roughness_m=0.1)
    sun = solar_profile(weather, PvPlant(tilt_deg=30, loss_pct=14, temperature_pct_k=-0.4))
    assert sun.shape == (8_760,)
    assert 0.1 < sun.mean() < 0.3
    assert int(sun.reshape(-1, 24).mean(axis=0).argmax()) in {11, 12, 13}
    wind = wind_profile(weather, WindPlant("V126/3450", hub_m=117, loss_pct=10))
    speed_m_s = 3.0 * np.log(117 / 0.1) / np.log(10 / 0.1)  # logarithmic profile
    assert wind.std() < 0.02  # nearly steady wind: only the density of the air changes
    assert 0 < wind.mean() < 0.9 * (speed_m_s / 9.0) ** 3


def test_several_years_are_refused(station):
    with pytest.raises(LayerError, match="Daejeon: 2 years; profiles are of one"):
        profile_weather(replace(station, years=2), wind_height_m=10.0, roughness_m=0.1)
