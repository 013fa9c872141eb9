"""Grids in NetCDF are read by place and hour, in their own units and clock."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.io import netcdf_file
from shapely.geometry import box

from siteopt.errors import LayerError
from siteopt.sources.fetching.era5 import read_netcdf_hours, read_variable
from siteopt.sources.fetching.weather_recipes import read_weather_recipe, read_weather_settings
from tests.sources.fetching.weather_world import temperature, year_of_hours

SETTINGS = read_weather_settings()
ERA5 = read_weather_recipe("era5")
LAND = box(126.9, 35.9, 127.6, 36.6)
LATS, LONS = np.array([36.75, 36.5, 36.25, 36.0]), np.array([126.75, 127.0, 127.25])


def made(
    path, *, lats=LATS, units="seconds since 1970-01-01", kelvin=273.15, packed=False, begins=None
):
    """Write a file of ERA5's form: a degree of latitude is 5 K, one of longitude 2 K."""
    begins = year_of_hours(zone="UTC") if begins is None else begins
    place = 12.5 + 5.0 * (36.25 - lats)[:, None] + 2.0 * (LONS - 127.0)
    temp_c = temperature(begins, 0.0)[:, None, None] + place
    per = {"seconds": 1.0, "hours": 3_600.0}[units.split()[0]]
    start = pd.Timestamp(units.split(" since ")[1], tz="UTC")
    with netcdf_file(path, "w") as out:
        for name, values, unit in (
            ("valid_time", ((begins - start) / pd.Timedelta(seconds=per)).to_numpy(), units),
            ("latitude", lats, "degrees_north"), ("longitude", LONS, "degrees_east"),
        ):  # fmt: skip
            out.createDimension(name, len(values))
            variable = out.createVariable(name, "f8", (name,))
            variable[:] = values
            variable.units = unit
        for name, off in (("t2m", 0.0), ("d2m", -8.0)):
            kind = "i2" if packed else "f4"
            variable = out.createVariable(name, kind, ("valid_time", "latitude", "longitude"))
            values = temp_c + kelvin + off
            if packed:
                variable.scale_factor, variable.add_offset = 0.01, 280.0
                values = np.rint((values - 280.0) / 0.01)
            variable[:] = values
            variable.units = "K"
    return path


def read(path):
    return read_netcdf_hours(path, ERA5, LAND, SETTINGS)


@pytest.fixture(scope="module")
def few():
    """Return the first hours of a year: enough where the file is refused before it is whole."""
    return year_of_hours(zone="UTC")[:200]


def test_points_on_land_have_their_own_hours(tmp_path):
    hours = read(made(tmp_path / "a.nc"))
    found = {(one.place.lat, one.place.lon): one for one in hours}
    assert set(found) == {(lat, lon) for lat in (36.0, 36.25, 36.5) for lon in (127.0, 127.25)}
    for (lat, lon), one in found.items():
        mean = 12.5 + 5.0 * (36.25 - lat) + 2.0 * (lon - 127.0)
        assert one.hourly["temp_c"].mean() == pytest.approx(mean, abs=0.02)
        assert (one.years, one.filled) == (1, 0)
        assert one.place.footprint_km == 25.0
        by_hour = one.hourly["temp_c"].groupby(pd.DatetimeIndex(one.hourly.index).hour).mean()
        assert int(by_hour.idxmax()) == 14  # half past two in KST
        assert one.hourly["rh_pct"].between(40, 70).all()


def test_rows_from_the_south_packed_values_and_hours_are_read_alike(tmp_path, few):
    south = LATS[::-1].copy()
    plain, values = read_variable(made(tmp_path / "a.nc", begins=few), "t2m")
    for name, more in {
        "south": {"lats": south},
        "packed": {"packed": True},
        "hours": {"units": "hours since 1900-01-01"},
    }.items():
        grid, other = read_variable(made(tmp_path / f"{name}.nc", begins=few, **more), "t2m")
        assert grid.is_like(plain)
        assert other == pytest.approx(values, abs=0.006)
    assert plain.begins(ERA5)[0] == few[0]
    assert read_variable(tmp_path / "a.nc", "sst") is None


def test_faults_are_named(tmp_path, few):
    with pytest.raises(LayerError, match=r"t2m: has a mean of .* said to be in K.* likely in °C"):
        read(made(tmp_path / "celsius.nc", kelvin=0.0, begins=few))
    short = made(tmp_path / "a.nc", begins=few)
    with pytest.raises(LayerError, match="no point of its grid is on land"):
        read_netcdf_hours(short, ERA5, box(10, 50, 11, 51), SETTINGS)
    with pytest.raises(LayerError, match="the first that is missing is hour"):
        read(short)
    (tmp_path / "page.nc").write_text("<html></html>", encoding="utf-8")
    with pytest.raises(LayerError, match=r"page\.nc: is no NetCDF file"):
        read(tmp_path / "page.nc")
    content = short.read_bytes()
    (tmp_path / "cut.nc").write_bytes(content[:200])
    with pytest.raises(LayerError, match=r"cut\.nc: "):
        read(tmp_path / "cut.nc")
    other = ERA5.model_copy(
        update={"columns": {"temp_c": ERA5.columns["temp_c"].model_copy(update={"names": ["sst"]})}}
    )
    with pytest.raises(LayerError, match="no variable sst"):
        read_netcdf_hours(short, other, LAND, SETTINGS)
