import hashlib

import geopandas as gpd
import numpy as np
import pytest
import shapely

from siteopt.errors import LayerError, LayerFileError
from siteopt.layers.catalogue import read_catalogue
from siteopt.layers.check import find_faults
from siteopt.layers.store import Layers, check_layers, list_layers, open_layers
from siteopt.scenario import load_scenario
from siteopt.stages.keys import Keys


def test_every_kind_is_read_typed_and_in_5179(folder):
    layers = open_layers(folder=folder)
    parks = layers.vector("parks")
    assert parks.crs.to_epsg() == 5179
    assert parks["approximate"].dtype == bool
    np.testing.assert_allclose(parks.area, np.pi * 1e6, rtol=0.01)
    points = layers.vector("industrial_complexes")
    assert points["province_code"].tolist() == ["46", "47"]
    assert points.to_crs(4326).geometry.x.tolist() == pytest.approx([126.5, 128.5])
    assert layers.table("headroom")["headroom_mw"].tolist() == [120.0]
    slope = layers.raster("slope")
    assert slope.values[0, 1] == 0.5
    assert np.isnan(slope.values[0, 0])


def test_a_caller_cannot_change_the_kept_layer(folder):
    layers = open_layers(folder=folder)
    mine = layers.vector("parks")
    mine["area_km2"] = 0.0
    mine.loc[0, "name_ko"] = "?"
    assert layers.vector("parks")["area_km2"].tolist() == [3.1, 3.1]
    assert layers.vector("parks")["name_ko"].tolist() == ["엑스", "와이"]


def test_a_layer_of_another_kind_is_an_error(folder):
    with pytest.raises(LayerError, match="parks: a vector layer, but a raster layer is wanted"):
        open_layers(folder=folder).raster("parks")


def test_used_lists_what_was_read_and_marks_replacements(folder, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(
        "station_id,voltage_kv,headroom_mw,year,method,confidence\nS9,154,7,2030,k,own\n"
    )
    layers = Layers(read_catalogue(folder), {"headroom": path})
    assert layers.used == []
    assert layers.table("headroom")["headroom_mw"].tolist() == [7.0]
    layers.vector("parks")
    assert [(item.id, item.file, item.replaced) for item in layers.used] == [
        ("headroom", "mine.csv", True),
        ("parks", "reference/parks.geojson", False),
    ]
    assert layers.used[0].licence == ""


def test_a_new_layer_of_the_user_is_read_by_its_name(folder, tmp_path):
    path = tmp_path / "keepout.gpkg"
    zone = gpd.GeoDataFrame(geometry=[shapely.box(1e6, 1.8e6, 1.01e6, 1.81e6)], crs=5179)
    zone.to_file(path)
    layers = Layers(read_catalogue(folder), {"keepout": path})
    assert layers.vector("keepout").area.sum() == pytest.approx(1e8)
    assert "keepout" in layers.ids
    assert layers.entry("keepout").confidence == "user"


def test_a_file_that_is_not_there_is_named_at_once(folder, tmp_path):
    with pytest.raises(LayerFileError, match=r"layers.parks: .*gone.gpkg is not there"):
        Layers(read_catalogue(folder), {"parks": tmp_path / "gone.gpkg"})


def test_a_changed_file_fails_its_hash_with_the_command_that_mends_it(folder):
    path = folder / "reference" / "headroom.csv"
    path.write_text(path.read_text().replace("120", "121"))
    with pytest.raises(
        LayerError, match=r"headroom.csv: not the file of the catalogue .*`siteopt layers hash /"
    ):
        open_layers(folder=folder).table("headroom")


def test_check_finds_one_fault_per_layer_and_reads_the_rest(folder):
    for name in ("headroom.csv", "industrial_complexes.csv"):
        (folder / "reference" / name).unlink()
    findings = find_faults(open_layers(folder=folder))
    assert [item.layer for item in findings] == ["headroom", "industrial_complexes"]
    assert all("\n" not in item.message for item in findings)
    with pytest.raises(LayerError, match=r"headroom.csv: .* \(and faults in industrial_c"):
        check_layers(folder)


def test_check_is_empty_for_sound_layers(folder):
    seen = []
    assert find_faults(open_layers(folder=folder), seen.append) == []
    assert seen == ["headroom", "industrial_complexes", "parks", "slope"]
    assert [item.id for item in check_layers(folder)] == seen


def test_list_has_a_row_a_layer_with_its_size(folder):
    table = list_layers(folder)
    assert table["id"].tolist() == ["headroom", "industrial_complexes", "parks", "slope"]
    assert set(table["not_good_for"]) == {"n"}
    assert (table["size_kb"] >= 0).all()


def test_the_parts_of_a_shapefile_are_recorded_with_their_hashes(folder, tmp_path):
    path = tmp_path / "keepout.shp"
    zone = gpd.GeoDataFrame(
        {"n": [1]}, geometry=[shapely.box(1e6, 1.8e6, 1.01e6, 1.81e6)], crs=5179
    )
    zone.to_file(path)
    layers = Layers(read_catalogue(folder), {"keepout": path})
    layers.vector("keepout")
    [used] = layers.used
    assert [name for name, _ in used.beside] == [
        "keepout.shx", "keepout.dbf", "keepout.prj", "keepout.cpg"
    ]  # fmt: skip
    for name, sha256 in used.beside:
        assert sha256 == hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()


def test_a_changed_part_of_a_shapefile_is_read_anew(folder, tmp_path):
    path = tmp_path / "keepout.shp"
    shapes = [shapely.box(1e6, 1.8e6, 1.01e6, 1.81e6)]
    tokens = []
    for name in ("a", "b"):
        gpd.GeoDataFrame({"n": [name]}, geometry=shapes, crs=5179).to_file(path)
        layers = Layers(read_catalogue(folder), {"keepout": path})
        tokens.append(Keys(load_scenario("national-2035"), layers).layer_token("keepout"))
    assert len({*tokens}) == 2
