"""Weather files become stations and maps of a data folder, the same whatever the order."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest

from siteopt import Study
from siteopt.cli import layers_take
from siteopt.errors import LayerError
from siteopt.lattice import Lattice
from siteopt.layers import check_layers, open_layers, read_catalogue
from siteopt.scenario import load_scenario
from siteopt.sources.fetching.fetch import fetch_rasters
from siteopt.sources.fetching.weather import STATIONS, take_weather
from siteopt.sources.fetching.weather_recipes import read_weather_settings
from tests.sources.fetching.test_rasters import written
from tests.sources.fetching.weather_world import asos_text, epw_text, temperature, year_of_hours

MAPS = [one.id for one in read_weather_settings().map]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weather")
    begins = year_of_hours()
    for name, lat, lon, mean_c in (
        ("471330", 36.35, 127.38, 14.5),
        ("471560", 35.17, 126.89, 15.0),
    ):
        text = epw_text(lat=lat, lon=lon, wmo=name, temp_c=temperature(begins, mean_c))
        (folder / f"{name}.epw").write_text(text, encoding="latin-1")
    (folder / "asos.csv").write_text(asos_text(((133, "대전", 13.5),)), encoding="cp949")
    return folder


@pytest.fixture(scope="module")
def taken(files, tmp_path_factory):
    folder = tmp_path_factory.mktemp("taken") / "data"
    said, terms = [], []
    entries = take_weather(
        folder, "epw", sorted(files.glob("*.epw")), tell=said.append, warn=terms.append
    )
    assert len(terms) == 1
    assert terms[0].startswith("that of the files: whether it may be given to others is not known")
    return folder, entries, said


def test_epw_files_become_stations_and_four_maps(taken):
    folder, entries, said = taken
    assert [entry.id for entry in entries] == [STATIONS, *MAPS]
    assert said[0] == "weather_stations: 2 stations"
    assert said[1].startswith("temperature: corrected by 2 stations; RMSE of the map at them ")
    layers, embedded = open_layers(folder=folder), open_layers()
    stations = layers.vector(STATIONS)
    assert stations["station_id"].tolist() == ["epw-471330", "epw-471560"]
    assert stations["t_mean_c"].tolist() == pytest.approx([14.5, 15.0], abs=0.02)
    x, y = stations.geometry.x.to_numpy(), stations.geometry.y.to_numpy()
    for name in MAPS:
        new, old = layers.raster(name), embedded.raster(name)
        assert (new.known == old.known).all()
        moved = new.as_float() - old.as_float()
        assert np.nanmax(np.abs(moved)) > 0.4
    was, now = (one.raster("temperature").sample(x, y) for one in (embedded, layers))
    assert (np.abs(now - stations["t_mean_c"]) < np.abs(was - stations["t_mean_c"])).all()
    far = embedded.vector("climate_stations").set_index("station_id").geometry["101"]  # Chuncheon
    assert layers.raster("temperature").sample([far.x], [far.y]) == pytest.approx(
        embedded.raster("temperature").sample([far.x], [far.y]), abs=0.31
    )


def test_the_catalogue_says_of_what_and_on_which_terms(taken):
    folder, _, _ = taken
    entry = read_catalogue(folder)["wet_bulb_hours"]
    assert "corrected by stations of hourly weather of EPW files" in entry.source
    assert "that of the files" in entry.licence
    assert "and 1 more files" in entry.address
    assert "model estimate" in entry.good_for
    assert {STATIONS, *MAPS} < {one.id for one in check_layers(folder)}


def test_stations_taken_later_are_added_and_order_does_not_matter(files, taken, tmp_path):
    epw = sorted(files.glob("*.epw"))
    take_weather(tmp_path / "a", "epw", epw)
    take_weather(tmp_path / "a", "kma_asos_hourly", [files / "asos.csv"])
    take_weather(tmp_path / "b", "kma_asos_hourly", [files / "asos.csv"])
    take_weather(tmp_path / "b", "epw", epw[::-1])
    for name in MAPS:
        one, two = ((tmp_path / side / f"reference/{name}.tif").read_bytes() for side in "ab")
        assert one == two
    assert len(open_layers(folder=tmp_path / "b").vector(STATIONS)) == 3
    take_weather(tmp_path / "a", "epw", epw)  # the same ones again
    assert len(open_layers(folder=tmp_path / "a").vector(STATIONS)) == 3
    folder, _, _ = taken
    first = (folder / "reference/temperature.tif").read_bytes()
    assert first != (tmp_path / "a/reference/temperature.tif").read_bytes()


def test_a_bad_file_changes_nothing(files, tmp_path):
    (tmp_path / "bad.epw").write_text("hello", encoding="utf-8")
    with pytest.raises(LayerError, match=r"bad\.epw"):
        take_weather(tmp_path / "data", "epw", [*files.glob("*.epw"), tmp_path / "bad.epw"])
    assert not (tmp_path / "data").exists()


def test_the_command_takes_many_files_of_weather_and_one_of_anything_else(files, tmp_path, capsys):
    layers_take("epw", sorted(files.glob("*.epw")), out=tmp_path / "data")
    assert capsys.readouterr().out.splitlines()[0] == "weather_stations: 2 stations"
    with pytest.raises(LayerError, match="land_prices: takes one file, 2 are given"):
        layers_take("land_prices", sorted(files.glob("*.epw")), out=tmp_path / "data")


def test_a_study_reads_the_maps_and_an_atlas_with_no_change_in_its_scenario(
    small_run, taken, tmp_path
):
    folder, cache = tmp_path / "data", tmp_path / "cache"
    shutil.copytree(taken[0], folder)
    shutil.copytree(small_run.cache, cache)
    wind = np.full((60, 60), 6.5, dtype=np.float32)
    written(
        tmp_path / "KOR_wind-speed_100m.tif", wind, west=960_000.0, north=1_830_000.0,
        side=1_000.0, nodata=np.nan,
    )  # fmt: skip
    area = Lattice(960_000.0, 1_830_000.0, 250.0, 240, 240)
    fetch_rasters(
        folder, "global_wind_atlas", ["wind_speed"], tiles=tmp_path, lattice=area, offline=True
    )
    plain = load_scenario(small_run.scenario_file)
    before = Study(plain, cache=cache).criteria
    after = Study(plain.model_copy(update={"data": folder}), cache=cache).criteria
    assert before.index.equals(after.index)
    assert before["wind_speed_m_s"].isna().all()
    known = after["wind_speed_m_s"].dropna()
    assert 5 < len(known) < len(after)
    assert known.to_numpy() == pytest.approx(6.5)
    assert (after["t_mean_c"] > before["t_mean_c"] - 0.051).all()  # the stations are warmer
    assert (after["t_mean_c"] > before["t_mean_c"] + 0.3).any()
    assert (after["wet_bulb_h"] != before["wet_bulb_h"]).any()
    assert (after["pue"] != before["pue"]).any()
    same = ["solar_cf_pct", "wind_cf_pct", "wind_contract_cf_pct", "solar_contract_cf_pct"]
    pd.testing.assert_frame_equal(after[same], before[same])
