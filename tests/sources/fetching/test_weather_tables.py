"""Tables of stations are read by recipe: Korean columns, codes, positions, months."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from siteopt.errors import LayerError
from siteopt.sources.fetching.weather_recipes import (
    is_weather_recipe,
    read_weather_recipe,
    read_weather_settings,
    weather_recipe_names,
)
from siteopt.sources.fetching.weather_tables import read_hourly_table, read_normals_table
from tests.sources.fetching.weather_world import RH, asos_text, temperature, year_of_hours

SETTINGS = read_weather_settings()
POSITIONS = pd.DataFrame(
    {"station_id": ["133", "184"], "name_ko": ["대전", "제주"], "lon": [127.372, 126.53], "lat": [36.372, 33.514]}
)  # fmt: skip
ASOS = read_weather_recipe("kma_asos_hourly")
NORMALS = read_weather_recipe("kma_normals")


def hours(tmp_path, text, recipe=ASOS, encoding="utf-8"):
    (tmp_path / "a.csv").write_text(text, encoding=encoding)
    return read_hourly_table(tmp_path / "a.csv", recipe, POSITIONS, SETTINGS)


def months(tmp_path, text):
    (tmp_path / "n.csv").write_text(text, encoding="utf-8")
    return read_normals_table(tmp_path / "n.csv", NORMALS, POSITIONS, SETTINGS)


def normals_text(stations=(133,), months=range(1, 13)):
    lines = ["지점번호,지점명,월,평균기온(°C),평균상대습도(%)"]
    for number in stations:
        lines += [f"{number},역{number},{month},{month * 2 - 1},{50 + month}" for month in months]
        lines.append(f"{number},역{number},연,12.0,57")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_hours_of_kma_stations_in_either_encoding(tmp_path, encoding):
    text = asos_text(((184, "제주", 16.0), (133, "대전", 12.5)))
    one, two = hours(tmp_path, text, encoding=encoding)
    assert (one.place.station_id, one.place.name) == ("kma_asos_hourly-133", "대전")
    assert (two.place.lon, two.place.lat) == (126.53, 33.514)
    begins = year_of_hours()
    assert one.hourly["temp_c"].to_numpy() == pytest.approx(temperature(begins), abs=0.006)
    assert two.hourly["temp_c"].mean() == pytest.approx(16.0, abs=0.01)
    assert (one.hourly["rh_pct"] == RH).all()


def test_faults_of_hourly_tables_are_named(tmp_path):
    text = asos_text()
    with pytest.raises(
        LayerError, match=r"기온.*: has a mean of 285.6 and is said to be in °C.* likely in K"
    ):
        hours(tmp_path, asos_text(kelvin=True))
    with pytest.raises(LayerError, match="station 999 has no longitude and latitude"):
        hours(tmp_path, text.replace("133,", "999,"))
    with pytest.raises(LayerError, match="no column 일시 or 관측일시 for time; there are 지점"):
        hours(tmp_path, text.replace("일시", "시각"))
    with pytest.raises(LayerError, match="no column 지점"):
        hours(tmp_path, text.replace("지점", "곳"))
    with pytest.raises(LayerError, match="for temp_c"):
        hours(tmp_path, text.replace("기온", "온도"))
    rows = text.splitlines()
    cells = rows[40].split(",")
    cells[3] = "결측"
    broken = "\n".join([*rows[:40], ",".join(cells), *rows[41:]]) + "\n"
    with pytest.raises(LayerError, match=r"row 41: .* is '결측'; a number is needed"):
        hours(tmp_path, broken)


def test_codes_of_the_recipe_are_not_values(tmp_path):
    rows = asos_text().splitlines()
    cells = rows[40].split(",")
    cells[3] = "-99.0"
    (found,) = hours(tmp_path, "\n".join([*rows[:40], ",".join(cells), *rows[41:]]) + "\n")
    assert found.filled == 1
    assert found.hourly["temp_c"].min() > -20


def test_a_recipe_of_the_users_names_columns_units_and_clock(tmp_path):
    (tmp_path / "own.toml").write_text(
        'id = "own"\nkind = "hourly"\ntitle_ko = "내 것"\ntitle_en = "Mine"\nconfidence = "user"\n'
        'time = ["when"]\nstamp = "begin"\nutc_offset_h = 0.0\nlon = ["x"]\nlat = ["y"]\n'
        '[source]\naddress = "a"\nsource = "mine"\nlicence = "own"\nnotice = ""\n'
        'redistribution = "free"\nconfidence = "user"\n'
        '[columns]\ntemp_c = { names = ["t"], unit = "K" }\nrh_pct = { names = ["h"], unit = "share" }\n',
        encoding="utf-8",
    )
    assert is_weather_recipe(str(tmp_path / "own.toml"))
    begins = year_of_hours(zone="UTC")
    table = pd.DataFrame(
        {"when": begins.strftime("%Y-%m-%d %H:%M"), "x": 127.0, "y": 36.5,
         "t": temperature(begins) + 273.15, "h": 0.6}
    )  # fmt: skip
    table.to_csv(tmp_path / "a.csv", index=False)
    (found,) = read_hourly_table(
        tmp_path / "a.csv", read_weather_recipe(str(tmp_path / "own.toml")), POSITIONS, SETTINGS
    )
    assert found.hourly["temp_c"].mean() == pytest.approx(12.5, abs=0.01)
    assert found.hourly["rh_pct"].to_numpy() == pytest.approx(60.0)
    assert (found.place.lon, found.place.lat) == (127.0, 36.5)


def test_points_of_a_reanalysis_come_from_a_csv_as_well(tmp_path):
    begins = year_of_hours(zone="UTC")
    parts = [
        pd.DataFrame({
            "valid_time": begins.strftime("%Y-%m-%dT%H:%M:%S"), "latitude": lat, "longitude": 127.0,
            "t2m": temperature(begins) + 273.15, "d2m": temperature(begins) + 273.15 - 8.0,
        })
        for lat in (36.0, 36.25)
    ]  # fmt: skip
    pd.concat(parts).to_csv(tmp_path / "a.csv", index=False)
    found = read_hourly_table(tmp_path / "a.csv", read_weather_recipe("era5"), POSITIONS, SETTINGS)
    assert [one.place.station_id for one in found] == ["era5-127.0-36.0", "era5-127.0-36.25"]
    assert found[0].place.footprint_km == 25.0


def test_normals_by_month_in_any_order(tmp_path):
    one, two = months(tmp_path, normals_text((184, 133), months=[12, *range(1, 12)]))
    assert one.place.station_id == "kma_normals-133"
    assert one.temp_c.tolist() == [month * 2 - 1 for month in range(1, 13)]
    assert one.rh_pct.tolist() == [50 + month for month in range(1, 13)]
    assert one.years == two.years == 30


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("133,역133,7,13,57\n", ""), "month 7 is missing"),
        (lambda text: text.replace(",7,13,57", ",6,13,57"), "month 7 is missing"),
        (lambda text: text + "133,역133,7,13,57\n", "a month is there twice"),
        (lambda text: text.replace(",7,13", ",칠,13"), "월 is '칠'; a month from 1 to 12"),
        (lambda text: text.replace("평균상대습도(%)", "습기"), "neither humidity nor dew point"),
        (lambda text: text.replace(",13,57", ",,57"), "a month has no temperature"),
    ],
)
def test_faults_of_normals_are_named(tmp_path, change, said):
    with pytest.raises(LayerError, match=said):
        months(tmp_path, change(normals_text()))


def test_packaged_recipes_are_whole():
    assert weather_recipe_names() == ["epw", "era5", "kma_asos_hourly", "kma_normals"]
    for name in weather_recipe_names():
        recipe = read_weather_recipe(name)
        assert recipe.id == name
        for quantity, column in recipe.columns.items():
            assert SETTINGS.of(quantity).unit(column.unit, name)
    assert not is_weather_recipe("land_prices")
    with pytest.raises(LayerError, match="no such recipe of weather; there are epw, era5"):
        read_weather_recipe("nonsense")
    assert np.isfinite([one.error for one in SETTINGS.map]).all()


def test_a_station_with_a_fault_is_left_out_and_the_others_stay(tmp_path):
    text = asos_text(((184, "제주", 16.0), (133, "대전", 12.5)))
    rows = text.splitlines()
    (tmp_path / "a.csv").write_text("\n".join(rows[:500] + rows[600:]) + "\n", encoding="utf-8")
    said = []
    (one,) = read_hourly_table(tmp_path / "a.csv", ASOS, POSITIONS, SETTINGS, said.append)
    assert one.place.name == "대전"
    assert len(said) == 1
    assert said[0].startswith("left out: a.csv: 제주: temp_c is not known for 100 hours")
    short = normals_text((133, 184)).replace("184,역184,7,13,57\n", "")
    (tmp_path / "n.csv").write_text(short, encoding="utf-8")
    (kept,) = read_normals_table(tmp_path / "n.csv", NORMALS, POSITIONS, SETTINGS, said.append)
    assert kept.place.station_id == "kma_normals-133"
    assert (
        said[1] == "left out: n.csv: 역184: month 7 is missing; each of the twelve is needed once"
    )
