"""The grid of OpenStreetMap takes the place of the embedded one, and a run reads it."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import typer
from shapely.geometry import box

import siteopt
from siteopt.cli import layers_compare, layers_fetch
from siteopt.errors import FetchError, LayerError
from siteopt.grid.headroom import station_headroom
from siteopt.layers import check_layers, data_folder, open_layers, read_catalogue
from siteopt.sources.fetching import fetch
from siteopt.sources.fetching.bounds import Bounds
from siteopt.sources.fetching.fetch import fetch_openstreetmap
from tests.sources.fetching.grid_world import embedded_as_extract, small_grid
from tests.sources.fetching.server import send, serving

QUICK = Bounds(connect_s=2.0, silence_s=2.0, total_s=20.0, bytes_max=1_000_000, attempts=1)
GRID = ["stations", "lines", "power_plants", "osm_data_centres"]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A folder with the small grid in place of the embedded one, and what was said."""
    home = tmp_path_factory.mktemp("small")
    (home / "grid.osm").write_text(small_grid().xml(), encoding="utf-8")
    said = []
    fetch_openstreetmap(
        home / "data", GRID, extract=home / "grid.osm", offline=True, accept=True, tell=said.append
    )
    return home, said


@pytest.fixture(scope="module")
def country(made_once):
    """A folder with the embedded grid as OpenStreetMap would have it."""

    def fill(home):
        (home / "grid.osm").write_text(embedded_as_extract(), encoding="utf-8")
        said = []
        fetch_openstreetmap(
            home / "data", ["stations"], extract=home / "grid.osm", offline=True, tell=said.append
        )
        (home / "said.json").write_text(json.dumps(said), encoding="utf-8")

    return made_once("osm_grid", fill) / "data"


def test_stations_lines_and_what_hangs_on_them_are_put_together(small):
    home, said = small
    layers = open_layers(folder=home / "data")
    ids = set(layers.vector("stations")["station_id"])
    lines = layers.vector("lines")
    assert set(lines["station_from"]) | set(lines["station_to"]) <= ids
    assert set(layers.table("headroom")["station_id"]) <= ids
    assert layers.vector("new_stations")["line_id"].isin(lines["line_id"]).all()
    listed = layers.table("generation_headroom")["station_id"].dropna()
    assert set(listed) <= ids
    assert "stations: 7 rows" in said
    assert "osm_data_centres: nothing of the kind; the folder stays without it" in said
    assert len(check_layers(home / "data")) == len(read_catalogue())
    entry = read_catalogue(home / "data")["stations"]
    assert entry.address.startswith("grid.osm (sha256 ")
    assert entry.notice == "© OpenStreetMap contributors, ODbL 1.0"
    for name in ("stations", "lines", "headroom", "new_stations"):
        put = read_catalogue(home / "data")[name]
        assert (put.redistribution, put.commercial) == ("share alike", "free"), name
    assert "Computed by siteopt" in read_catalogue(home / "data")["headroom"].source


def test_files_have_the_columns_of_the_embedded_layers(small):
    home, _ = small
    for name in ("stations", "power_plants", "headroom", "new_stations", "generation_headroom"):
        embedded, fetched = (
            pd.read_csv(folder / "reference" / f"{name}.csv", nrows=0).columns.tolist()
            for folder in (data_folder(), home / "data")
        )
        assert fetched == embedded, name


def test_plants_are_counted_once_and_those_without_an_output_left_out(small):
    home, said = small
    plants = open_layers(folder=home / "data").vector("power_plants").set_index("plant_id")
    assert plants.index.tolist() == ["hanbit-power", "saenaeyangsu"]
    assert plants[["fuel", "mw"]].to_numpy().tolist() == [["coal", 1000], ["hydro", 300]]
    assert plants["name_en"].tolist() == ["Hanbit Power", "Saenaeyangsu"]
    assert "1 plants without a mapped output or source are left out" in said


def test_a_server_gives_the_same_files_as_an_extract(small, tmp_path, monkeypatch):
    home, _ = small
    tiles = [box(x, 1_799_000, x + 45_000, 1_844_000) for x in (999_000, 1_044_000)]
    monkeypatch.setattr(fetch, "tiles_of", lambda *_: tiles)
    body = json.dumps(small_grid().overpass()).encode()
    with serving(lambda handler, *_: send(handler, 200, body)) as server:
        with pytest.raises(LayerError, match="stations: the number of features fell"):
            fetch_openstreetmap(tmp_path / "data", ["lines"], server=server.url, bounds=QUICK)
        asked = len(server.asked)
        fetch_openstreetmap(
            tmp_path / "data", ["lines"], server=server.url, bounds=QUICK, accept=True
        )
        assert len(server.asked) == asked == 4  # answers were kept: two tiles, two kinds
    assert not list((tmp_path / "data").glob(".answers/*"))
    for name in ("stations.csv", "lines.geojson", "headroom.csv"):
        files = [folder / "reference" / name for folder in (home / "data", tmp_path / "data")]
        assert files[0].read_bytes() == files[1].read_bytes(), name


def test_a_grid_that_lost_most_of_its_stations_stops(small, tmp_path, capsys, monkeypatch):
    home, _ = small
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LayerError, match=r"stations: the number of features fell from 1,411 to 7"):
        layers_fetch("openstreetmap", ["stations"], here=home / "grid.osm", offline=True)
    assert open_layers(folder=tmp_path / "layers").sha256("stations") == open_layers().sha256("stations")  # fmt: skip
    with pytest.raises(typer.Exit) as left:
        layers_compare(data_folder(), home / "data")
    assert left.value.exit_code == 1
    said = capsys.readouterr().out
    assert "stations: changed, 1,411 to 7 rows, 7 added, 1,411 removed" in said
    assert "LOOK: the number of features fell from 1,411 to 7" in said


def test_an_extract_without_a_grid_leaves_the_folder_as_it_was(tmp_path):
    made = small_grid()
    made.ways = {n: way for n, way in made.ways.items() if way[1].get("power") not in {"line", "cable"}}  # fmt: skip
    (tmp_path / "a.osm").write_text(made.xml(), encoding="utf-8")
    with pytest.raises(FetchError, match="no line of 154, 345 or 765 kV"):
        fetch_openstreetmap(tmp_path / "data", ["stations"], extract=tmp_path / "a.osm")
    assert read_catalogue(tmp_path / "data")["stations"] == read_catalogue()["stations"]


@pytest.mark.national
def test_the_embedded_grid_comes_back_under_its_ids(country):
    before, after = (open_layers(folder=folder).vector("stations").set_index("station_id") for folder in (None, country))  # fmt: skip
    real = before[~before["kind"].isin(["tap", "line end"])].index
    kept = real.intersection(after.index)
    assert len(kept) > 0.99 * len(real)
    columns = ["name_ko", "name_en", "voltage_max_kv", "province_code", "district_code"]
    assert after.loc[kept, columns].equals(before.loc[kept, columns])
    circuits = ["circuits_154", "circuits_345", "circuits_765"]
    same = (after.loc[kept, circuits] == before.loc[kept, circuits]).all(axis=1)
    assert same.mean() > 0.97


@pytest.mark.national
def test_headroom_is_made_anew_and_published_figures_stay_with_their_stations(country):
    key = ["station_id", "voltage_kv"]
    before, after = (station_headroom(open_layers(folder=folder)).set_index(key) for folder in (None, country))  # fmt: skip
    both = before.index.intersection(after.index)
    assert len(both) > 0.99 * len(before)
    assert after.loc[both, "published_mw"].equals(before.loc[both, "published_mw"])
    near = np.isclose(after.loc[both, "estimate_mw"], before.loc[both, "estimate_mw"], equal_nan=True)  # fmt: skip
    assert near.mean() > 0.9


@pytest.mark.national
def test_stations_that_moved_came_and_went_are_counted(country, tmp_path, capsys):
    layers_compare(data_folder(), country)
    (line,) = [
        text for text in capsys.readouterr().out.splitlines() if text.startswith("stations:")
    ]
    assert "removed" in line
    assert "LOOK" not in line
    moved = open_layers(folder=country)
    table = pd.read_csv(country / "reference" / "stations.csv", dtype=str)
    table.loc[:4, "lat"] = (table.loc[:4, "lat"].astype(float) + 0.01).astype(str)
    folder = tmp_path / "moved"
    (folder / "reference").mkdir(parents=True)
    (folder / "reference/stations.csv").write_text(table.to_csv(index=False), encoding="utf-8")
    entry = (country / "catalogue.toml").read_text(encoding="utf-8")
    only = next(part for part in entry.split("[[layer]]") if 'id = "stations"' in part)
    (folder / "catalogue.toml").write_text(
        "[[layer]]" + only.replace(moved.sha256("stations"), "0" * 64), encoding="utf-8"
    )
    with pytest.raises(typer.Exit):  # the other layers are gone
        layers_compare(country, folder)
    assert "stations: changed, " in (said := capsys.readouterr().out)
    assert ", 5 moved" in said


@pytest.mark.national
@pytest.mark.slow
def test_a_run_finds_its_plan_on_the_fetched_grid(country, small_scenario_text, tmp_path):
    (tmp_path / "small.toml").write_text(
        f"data = {str(country)!r}\n{small_scenario_text}", encoding="utf-8"
    )
    run = siteopt.run(tmp_path / "small.toml", tmp_path / "run", brief=True)
    assert run.portfolio["status"] == "optimal"
    used = {one["sha256"] for one in run.record["inputs"] if one["id"] == "stations"}
    assert used == {open_layers(folder=country).sha256("stations")}
