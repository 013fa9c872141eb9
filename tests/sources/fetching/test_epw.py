"""EPW files are read as another library reads them, and what is wrong with one is named."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pvlib
import pytest

from siteopt.errors import LayerError, LayerFileError
from siteopt.sources.fetching.epw import read_epw
from siteopt.sources.fetching.weather_recipes import read_weather_settings
from tests.sources.fetching.weather_world import epw_text, temperature, year_of_hours

SETTINGS = read_weather_settings()


@pytest.fixture(scope="module")
def text():
    return epw_text()


def read(tmp_path, text, name="a.epw"):
    (tmp_path / name).write_text(text, encoding="latin-1")
    return read_epw(tmp_path / name, SETTINGS)


def lines_with(text, line, **fields):
    lines = text.splitlines()
    cells = lines[line].split(",")
    for place, value in fields.items():
        cells[int(place[1:])] = value
    lines[line] = ",".join(cells)
    return "\n".join(lines) + "\n"


def test_values_are_those_that_pvlib_reads(tmp_path, text):
    found = read(tmp_path, text)
    with warnings.catch_warnings(action="ignore"):
        other, meta = pvlib.iotools.read_epw(str(tmp_path / "a.epw"))
    hourly = found.hourly
    assert (found.place.lon, found.place.lat) == (meta["longitude"], meta["latitude"])
    assert (found.place.station_id, found.place.name) == ("epw-471330", "Daejeon")
    assert len(hourly) == len(other) == 8_760
    for name, theirs, factor in (
        ("temp_c", "temp_air", 1.0), ("rh_pct", "relative_humidity", 1.0),
        ("pressure_hpa", "atmospheric_pressure", 0.01), ("ghi_w_m2", "ghi", 1.0),
        ("wind_speed_m_s", "wind_speed", 1.0),
    ):  # fmt: skip
        assert hourly[name].to_numpy() == pytest.approx(other[theirs].to_numpy() * factor)
    # pvlib stamps an hour by its beginning, at the offset of the header
    assert (pd.DatetimeIndex(hourly.index) == other.index).all()


def test_the_clock_of_the_header_is_brought_to_kst(tmp_path):
    utc8 = year_of_hours(zone="Etc/GMT-8")
    found = read(tmp_path, epw_text(utc8, zone=8.0, lon=125.0))
    by_hour = found.hourly["temp_c"].groupby(pd.DatetimeIndex(found.hourly.index).hour).mean()
    assert int(by_hour.idxmax()) == 14
    assert found.years == 1


def test_a_leap_year_leaves_out_its_29_february(tmp_path):
    begins = year_of_hours(2024)
    found = read(tmp_path, epw_text(begins))
    index = pd.DatetimeIndex(found.hourly.index)
    assert len(found.hourly) == 8_760
    assert not ((index.month == 2) & (index.day == 29)).any()


def test_months_of_several_years_are_one_typical_year(tmp_path, text):
    lines = text.splitlines()
    mixed = [
        ",".join([str(1990 + int(line.split(",")[1])), *line.split(",")[1:]]) for line in lines[8:]
    ]
    found = read(tmp_path, "\n".join(lines[:8] + mixed) + "\n")
    assert found.hourly["temp_c"].to_numpy() == pytest.approx(
        temperature(year_of_hours()), abs=0.051
    )


def test_codes_are_not_values_and_short_gaps_are_filled(tmp_path, text):
    broken = lines_with(text, 108, _6="99.9", _8="999")
    broken = lines_with(broken, 109, _6="99.9")
    found = read(tmp_path, broken)
    assert found.filled == 2
    true_c = temperature(year_of_hours())
    around = found.hourly["temp_c"].to_numpy()[99:103]
    assert around[1:3] == pytest.approx(np.interp([1, 2], [0, 3], true_c[[99, 102]]), abs=0.06)
    for line in range(108, 113):
        broken = lines_with(broken, line, _6="99.9")
    with pytest.raises(
        LayerError, match=r"temp_c is not known for 5 hours from 2023-01-05 04:00 KST"
    ):
        read(tmp_path, broken)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("LOCATION", "PLACE", 1), r"line 1 is 'PLACE'; an EPW file has LOCATION"),
        (lambda text: "\n".join(text.splitlines()[:5_000]), r"4,992 hours; an EPW year has 8,760"),
        (lambda text: "\n".join([*text.splitlines()[:500], text.splitlines()[500][:30]]), r"fields; an EPW row has 35: is the file whole"),
        (lambda text: text.replace(",9.0,70.0", ",0.0,70.0", 1), r"time zone 0 at longitude 127\.38"),
        (lambda text: text.replace("127.38", "east", 1), r"line 1 has no latitude, longitude"),
        (lambda text: lines_with(text, 50, _1="13"), r"line 51 is no hour of the year"),
        (lambda text: lines_with(text, 50, _3="25"), r"line 51 is no hour of the year"),
        (lambda text: lines_with(text, 51, _3="18"), r"from 2023-01-02 17:00 KST is there twice"),
        (lambda text: lines_with(text, 50, _6="57.0"), r"temp_c: row 43 is 57; a value from -45 to 50 °C"),
        (lambda _: "hello", r"line 1 is 'HELLO'"),
        (lambda _: "", r"line 1 is 'the end'"),
    ],
)  # fmt: skip
def test_bad_files_are_refused_in_one_line(tmp_path, text, change, said):
    with pytest.raises(LayerError, match=said) as raised:
        read(tmp_path, change(text))
    assert "\n" not in str(raised.value)


def test_kelvin_is_named(tmp_path):
    begins = year_of_hours()
    with pytest.raises(LayerError, match=r"said to be in °C.* it is likely in K"):
        read(tmp_path, epw_text(begins, temp_c=temperature(begins) + 273.15))


def test_humidity_as_a_share_is_named(tmp_path):
    begins = year_of_hours()
    text = epw_text(begins).replace(",60,101000", ",0.60,101000")
    with pytest.raises(LayerError, match=r"rh_pct: .* it is likely in share"):
        read(tmp_path, text)


def test_hours_in_utc_under_a_korean_header_are_refused(tmp_path):
    begins = year_of_hours(zone="UTC")
    with pytest.raises(LayerError, match=r"warmest in hour 6 KST.* UTC is 9 hours behind"):
        read(tmp_path, epw_text(begins))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(LayerFileError):
        read_epw(tmp_path / "none.epw", SETTINGS)
