"""A fetch fills a data folder that a run can use, and leaves it as it was where it fails."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import typer
from shapely.geometry import Point, box

from siteopt.cli import layers_compare, layers_fetch, layers_take
from siteopt.errors import FetchError, LayerError, LayerFileError
from siteopt.lattice import Lattice
from siteopt.layers import check_layers, data_folder, open_layers, read_catalogue
from siteopt.runs.evaluation import check
from siteopt.runs.known_run import fingerprint
from siteopt.scenario import load_scenario
from siteopt.scenario.changes import changed_scenario
from siteopt.sources.fetching.bounds import Bounds
from siteopt.sources.fetching.data_folder import prepare_folder
from siteopt.sources.fetching.fetch import fetch_openstreetmap, fetch_rasters, take_file
from siteopt.sources.fetching.layer_changes import change_between, compare_folders
from siteopt.sources.fetching.raster_recipes import read_raster_recipe
from siteopt.sources.fetching.recipes import RECIPES
from tests.sources.fetching.server import send, serving
from tests.sources.fetching.test_openstreetmap import World
from tests.sources.fetching.test_rasters import plane, written

QUICK = Bounds(connect_s=2.0, silence_s=2.0, total_s=20.0, bytes_max=1_000_000, attempts=1)


@pytest.fixture
def extract(tmp_path):
    made = World()
    for place in range(4):
        x = 3_000 * place
        square = [(x, 0), (x + 1_000, 0), (x + 1_000, 1_000), (x, 1_000)]
        made.way(square, closed=True, natural="water", name=f"못 {place}")
    made.way([(0, 0), (9_000, 9_000)], waterway="river")
    (tmp_path / "place.osm").write_text(made.xml(), encoding="utf-8")
    return tmp_path / "place.osm"


def test_an_extract_becomes_layers_of_a_data_folder(extract, tmp_path):
    said = []
    folder = tmp_path / "data"
    entries = fetch_openstreetmap(
        folder, ["osm_water", "osm_rivers", "osm_schools"], extract=extract, offline=True,
        tell=said.append,
    )  # fmt: skip
    assert [entry.id for entry in entries] == ["osm_water", "osm_rivers"]
    assert said[0] == "ODbL 1.0: what is made of it and given away stays under it"
    assert said[-1] == "osm_schools: nothing of the kind; the folder stays without it"
    entry = read_catalogue(folder)["osm_water"]
    assert entry.address.startswith("place.osm (sha256 ")
    assert entry.fetched.endswith("Z")
    assert entry.notice == "© OpenStreetMap contributors, ODbL 1.0"
    layers = open_layers(folder=folder)
    assert len(layers.vector("osm_water")) == 4
    assert set(read_catalogue().entries) < set(layers.ids)
    assert "osm_water" in [one.id for one in check_layers(folder)]


def test_the_same_extract_gives_the_same_bytes(extract, tmp_path):
    for name in ("one", "two"):
        fetch_openstreetmap(tmp_path / name, ["osm_water"], extract=extract)
    files = [tmp_path / name / "reference/osm_water.gpkg" for name in ("one", "two")]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_the_network_can_be_forbidden(tmp_path):
    with pytest.raises(FetchError, match="forbidden"):
        fetch_openstreetmap(tmp_path / "data", offline=True)
    assert not (tmp_path / "data").exists()


def test_a_layer_that_lost_most_of_it_is_not_taken(extract, tmp_path):
    folder = tmp_path / "data"
    fetch_openstreetmap(folder, ["osm_water"], extract=extract)
    before = (folder / "reference/osm_water.gpkg").read_bytes()
    made = World()
    made.way([(0, 0), (10, 0), (10, 10)], closed=True, natural="water")
    extract.write_text(made.xml(), encoding="utf-8")
    with pytest.raises(LayerError, match="osm_water: the number of features fell from 4 to 1"):
        fetch_openstreetmap(folder, ["osm_water"], extract=extract)
    assert (folder / "reference/osm_water.gpkg").read_bytes() == before
    fetch_openstreetmap(folder, ["osm_water"], extract=extract, accept=True)
    assert len(open_layers(folder=folder).vector("osm_water")) == 1


def test_a_server_that_fails_leaves_the_folder_as_it_was(extract, tmp_path):
    folder = tmp_path / "data"
    fetch_openstreetmap(folder, ["osm_water"], extract=extract)
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    page = b"<html></html>"
    with (
        serving(lambda handler, *_: send(handler, 200, page)) as server,
        pytest.raises(FetchError, match="HTML page"),
    ):
        fetch_openstreetmap(folder, ["osm_water"], server=server.url, bounds=QUICK)
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before


def test_a_whole_country_is_asked_tile_by_tile(tmp_path):
    body = json.dumps({"elements": [{"type": "node", "id": 1, "lon": 127.3, "lat": 36.3, "tags": {"highway": "motorway_junction"}}]}).encode()  # fmt: skip
    with serving(lambda handler, *_: send(handler, 200, body)) as server:
        fetch_openstreetmap(
            tmp_path / "data", ["osm_interchanges"], server=server.url, bounds=QUICK
        )
    assert 60 < len(server.asked) < 160
    assert not (tmp_path / "data/.answers").exists()
    assert read_catalogue(tmp_path / "data")["osm_interchanges"].address == server.url


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("x", encoding="utf-8")
    with pytest.raises(LayerFileError, match=r"is not empty and holds no catalogue\.toml"):
        prepare_folder(tmp_path / "mine")


def test_changes_between_two_states():
    before = gpd.GeoDataFrame(
        {"a_id": ["a", "b", "c"]}, geometry=[Point(0, 0), Point(0, 0), Point(5, 5)], crs=5179
    )
    after = gpd.GeoDataFrame(
        {"a_id": ["b", "c", "d"]}, geometry=[Point(300, 0), Point(6, 5), Point(9_000, 0)], crs=5179
    )
    change = change_between("x", before, after)
    assert (change.before, change.after, change.added, change.removed, change.moved) == (
        3,
        3,
        1,
        1,
        1,
    )
    assert change.extent_km == pytest.approx(8.995)
    assert not change.doubt
    assert change.line() == "x: changed, 3 to 3 rows, 1 added, 1 removed, 1 moved, extent by 9.0 km"
    half = gpd.GeoDataFrame({"a_id": ["a"]}, geometry=[box(0, 0, 1_000, 2_000)], crs=5179)
    assert "number of features fell from 3 to 1" in change_between("x", before, half).doubt
    assert change_between("x", half, half).area_km2 == 0
    smaller = half.assign(geometry=[box(0, 0, 1_000, 900)])
    assert "the area in km2 fell from 2 to 1" in change_between("x", half, smaller).doubt


def test_folders_are_compared_layer_by_layer(extract, tmp_path):
    prepare_folder(tmp_path / "data")
    assert compare_folders(data_folder(), tmp_path / "data") == []
    fetch_openstreetmap(tmp_path / "data", ["osm_water"], extract=extract)
    shutil.copytree(tmp_path / "data", tmp_path / "later")
    (added,) = compare_folders(data_folder(), tmp_path / "data")
    assert (added.layer_id, added.state, added.after) == ("osm_water", "added", 4)
    (gone,) = compare_folders(tmp_path / "later", data_folder())
    assert (gone.state, gone.doubt) == ("removed", "the layer is gone")
    assert added.line() == "osm_water: added, 4 rows"
    assert gone.line() == "osm_water: removed, 4 rows; LOOK: the layer is gone"


def test_a_file_taken_by_a_recipe_becomes_a_layer(tmp_path):
    shapes = [box(1_000_000, 1_800_000, 1_010_000, 1_810_000)]
    park = gpd.GeoDataFrame({"공원명": ["<계룡산>"]}, geometry=shapes, crs=5179).to_crs(5186)
    park.to_file(tmp_path / "park.shp", encoding="CP949")
    said = []
    entry = take_file(
        tmp_path / "data", "national_parks_knps", tmp_path / "park.shp", tell=said.append
    )
    assert said[0].endswith("whether it may be used commercially is not known")
    assert said[1:] == [
        "the recipe is compiled-low: look at what came before it is relied on",
        (
            "park.shp: taken as EPSG:5186, as it says; it would fall on land in EPSG:5181, "
            "EPSG:5174, EPSG:2097 as well, so look where it lies"
        ),
        "national_parks: 1 rows",
    ]
    assert entry.fetched.endswith("Z")
    assert "park.shp, sha256" in entry.address
    layers = open_layers(folder=tmp_path / "data")
    assert layers.vector("national_parks")["name_ko"].tolist() == ["<계룡산>"]
    assert layers.vector("national_parks").area[0] == pytest.approx(1e8, rel=1e-3)


def test_a_table_taken_by_a_recipe_becomes_a_layer(tmp_path):
    prices = tmp_path / "prices.csv"
    prices.write_text("PNU,공시지가\n4711010100100010000,1000\n" * 1, encoding="utf-8")
    take_file(tmp_path / "data", "land_prices", prices)
    table = open_layers(folder=tmp_path / "data").table("land_prices")
    assert table["price_krw_m2"].tolist() == [1_000]


def park_file(folder, name="park.shp"):
    shapes = [box(1_000_000, 1_800_000, 1_010_000, 1_810_000)]
    park = gpd.GeoDataFrame({"공원명": ["계룡산"]}, geometry=shapes, crs=5179).to_crs(5186)
    park.to_file(folder / name, encoding="CP949")
    return folder / name


def zipped(folder, path, *files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for stem in files:
            for part in sorted(folder.glob(f"{stem}.*")):
                if part.suffix != ".zip":
                    out.write(part, f"국립공원/{part.name}")
    return path


def test_a_zipped_shapefile_is_taken_and_one_that_leaves_its_folder_is_not(tmp_path):
    park_file(tmp_path)
    path = zipped(tmp_path, tmp_path / "park.zip", "park")
    entry = take_file(tmp_path / "data", "national_parks_knps", path)
    assert "park.zip, sha256" in entry.address
    layers = open_layers(folder=tmp_path / "data")
    assert layers.vector("national_parks")["name_ko"].tolist() == ["계룡산"]
    before = read_catalogue(tmp_path / "data").entries
    park_file(tmp_path, "other.shp")
    both = zipped(tmp_path, tmp_path / "both.zip", "park", "other")
    with pytest.raises(LayerError, match=r"both\.zip: holds 2 files of .*unpack it and take one"):
        take_file(tmp_path / "data", "national_parks_knps", both)
    with zipfile.ZipFile(path, "a") as out:
        out.writestr("../park.shp", b"x")
    with pytest.raises(FetchError, match="outside its folder"):
        take_file(tmp_path / "data", "national_parks_knps", path)
    assert read_catalogue(tmp_path / "data").entries == before


def test_a_layer_of_the_run_must_have_its_columns(tmp_path):
    recipe = Path(own_recipe(tmp_path, "free", "free"))
    text = recipe.read_text(encoding="utf-8").replace('id = "national_parks"', 'id = "parks"')
    recipe.write_text(text, encoding="utf-8")
    with pytest.raises(LayerError, match="park_id"):
        take_file(tmp_path / "data", str(recipe), park_file(tmp_path))
    assert read_catalogue(tmp_path / "data")["parks"] == read_catalogue()["parks"]


def own_recipe(folder, redistribution, commercial):
    text = (RECIPES / "files/national_parks_knps.toml").read_text(encoding="utf-8")
    for key, word in (("redistribution", redistribution), ("commercial", commercial)):
        text = text.replace(f'{key} = "unknown"', f'{key} = "{word}"')
    (folder / "own.toml").write_text(text, encoding="utf-8")
    return str(folder / "own.toml")


@pytest.mark.parametrize(
    ("redistribution", "commercial", "words"),
    [("forbidden", "free", "must not be given to others"),
     ("free", "forbidden", "must not be used commercially")],
)  # fmt: skip
def test_terms_that_forbid_something_must_be_accepted(tmp_path, redistribution, commercial, words):
    path = park_file(tmp_path)
    recipe = own_recipe(tmp_path, redistribution, commercial)
    with pytest.raises(LayerError, match=f"{words}; `--accept-licence` takes it on these terms"):
        take_file(tmp_path / "data", recipe, path)
    assert not (tmp_path / "data").exists()
    warned, said = [], []
    entry = take_file(
        tmp_path / "data", recipe, path, accept_licence=True, warn=warned.append, tell=said.append
    )
    assert words in warned[0]
    assert said == ["national_parks: 1 rows"]
    assert (entry.redistribution, entry.commercial) == (redistribution, commercial)
    assert entry.bytes == (tmp_path / "data" / entry.file).stat().st_size
    assert read_catalogue(tmp_path / "data")["national_parks"] == entry


def test_free_terms_need_no_word_and_all_terms_go_to_standard_error(tmp_path, capsys):
    path = park_file(tmp_path)
    layers_take(own_recipe(tmp_path, "free", "free"), path, out=tmp_path / "free")
    told = capsys.readouterr()
    assert told.err.startswith("the recipe is compiled-low: look at what came before")
    layers_take("national_parks_knps", path, out=tmp_path / "data")
    told = capsys.readouterr()
    assert "whether it may be given to others is not known" in told.err.splitlines()[0]
    assert told.out == "national_parks: 1 rows\n"


def test_the_commands_say_what_they_did(extract, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    layers_fetch("openstreetmap", ["osm_water"], here=extract)
    assert capsys.readouterr().out.splitlines()[-1] == "1 layers put into layers"
    with pytest.raises(typer.Exit) as left:
        layers_compare(tmp_path / "layers", data_folder())
    assert left.value.exit_code == 1
    assert "osm_water: removed, 4 rows; LOOK: the layer is gone" in capsys.readouterr().out
    layers_compare(data_folder(), tmp_path / "layers")
    assert "1 layers differ" in capsys.readouterr().out


def test_a_run_reads_its_layers_from_the_folder(extract, tmp_path):
    folder = tmp_path / "data"
    fetch_openstreetmap(folder, ["osm_water"], extract=extract)
    plain = load_scenario("national-2035")
    scenario = plain.model_copy(update={"data": folder})
    assert len(open_layers(scenario).vector("osm_water")) == 4
    assert fingerprint(scenario) != fingerprint(plain)
    rule = {
        "id": "water",
        "title": {"ko": "물", "en": "Water"},
        "kind": "near",
        "layer": "osm_water",
    }
    rules = [*scenario.model_dump()["screening"]["exclusions"], rule]
    excluded = changed_scenario(scenario, {"screening.exclusions": rules})
    with pytest.raises(LayerError, match="water: osm_water: no such layer"):
        check(excluded.model_copy(update={"data": None}))


def test_a_scenario_file_names_its_data_folder(tmp_path):
    prepare_folder(tmp_path / "mine")
    text = (data_folder() / "scenarios/national-2035.toml").read_text(encoding="utf-8")
    (tmp_path / "a.toml").write_text('data = "mine"\n' + text, encoding="utf-8")
    assert load_scenario(tmp_path / "a.toml").data == tmp_path / "mine"


def test_tiles_of_a_raster_source_become_layers(tmp_path):
    (tmp_path / "tiles").mkdir()
    written(tmp_path / "tiles/a.tif", plane(), nodata=np.nan)
    lattice = Lattice(1_000_000.0, 1_800_000.0, 250.0, 12, 16)
    said = []
    entries = fetch_rasters(
        tmp_path / "data", "copernicus_dem", tiles=tmp_path / "tiles", lattice=lattice,
        offline=True, accept=True, tell=said.append,
    )  # fmt: skip
    assert [entry.id for entry in entries] == ["elevation", "slope"]
    assert said == ["elevation: 192 cells", "slope: 192 cells"]
    slope = open_layers(folder=tmp_path / "data").raster("slope")
    assert slope.values == pytest.approx(np.degrees(np.arctan(np.hypot(0.1, 0.2))), abs=0.006)
    assert slope.lattice == lattice
    assert "1 files of tiles" in read_catalogue(tmp_path / "data")["slope"].address
    with pytest.raises(LayerError, match="no layer of the recipe; there are elevation, slope"):
        fetch_rasters(tmp_path / "data", "copernicus_dem", ["moon"])
    with pytest.raises(FetchError, match="forbidden"):
        fetch_rasters(tmp_path / "data", "worldcover", offline=True)


def test_a_raster_that_knows_less_is_not_taken(tmp_path):
    (tmp_path / "tiles").mkdir()
    written(tmp_path / "tiles/a.tif", plane(), nodata=np.nan)
    lattice = Lattice(1_000_000.0, 1_800_000.0, 250.0, 12, 16)
    with pytest.raises(LayerError, match=r"number of cells that are known fell from .* to 192"):
        fetch_rasters(
            tmp_path / "data", "copernicus_dem", tiles=tmp_path / "tiles", lattice=lattice
        )


def test_tiles_are_named_by_their_south_west_corner():
    found = read_raster_recipe("worldcover").tiles(box(126.5, 35.5, 127.5, 36.5))
    assert [name[-16:] for name in found] == ["_N33E126_Map.tif", "_N36E126_Map.tif"]
    found = read_raster_recipe("copernicus_dem").tiles(box(126.5, 35.5, 127.5, 35.6))
    assert [name.rsplit("/", 1)[1] for name in found] == [
        "Copernicus_DSM_COG_10_N35_00_E126_00_DEM.tif",
        "Copernicus_DSM_COG_10_N35_00_E127_00_DEM.tif",
    ]
