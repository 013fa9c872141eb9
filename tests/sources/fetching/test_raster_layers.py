"""Files of atlases become layers in one unit, from a folder, an archive or a server."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest
from shapely.geometry import box

from siteopt.errors import FetchError, LayerError
from siteopt.lattice import Lattice
from siteopt.layers import check_layers, open_layers, read_catalogue
from siteopt.sources.fetching.bounds import Bounds
from siteopt.sources.fetching.fetch import fetch_rasters
from siteopt.sources.fetching.raster_layers import layer_values, raster_files
from siteopt.sources.fetching.raster_recipes import RASTER_SOURCES, read_raster_recipe
from tests.sources.fetching.server import send, serving
from tests.sources.fetching.test_counts import degrees, people
from tests.sources.fetching.test_rasters import written

INLAND = Lattice(1_000_000.0, 1_800_000.0, 250.0, 12, 16)
LAND = box(*INLAND.bounds_m)
QUICK = Bounds(connect_s=2.0, silence_s=2.0, total_s=20.0, bytes_max=1_000_000, attempts=1)


def flat(path, value):
    values = np.full((40, 60), value, dtype=np.float32)
    return written(path, values, west=999_000.0, north=1_801_000.0, side=250.0, nodata=np.nan)


def fetched(folder, source, given, **more):
    return fetch_rasters(
        folder, source, tiles=given, lattice=INLAND, offline=True, accept=True, **more
    )


@pytest.mark.parametrize("name", RASTER_SOURCES)
def test_each_source_says_whose_it_is(name):
    recipe = read_raster_recipe(name)
    assert recipe.id == name
    assert recipe.source.licence
    assert recipe.source.notice
    assert all(layer.unit and recipe.addresses(layer, box(126.6, 35.1, 126.7, 35.2)) for layer in recipe.layer)  # fmt: skip


def test_the_wind_atlas_becomes_three_layers(tmp_path):
    (tmp_path / "gwa").mkdir()
    flat(tmp_path / "gwa/KOR_wind-speed_100m.tif", 6.25)
    flat(tmp_path / "gwa/KOR_power-density_100m.tif", 310.0)
    flat(tmp_path / "gwa/KOR_capacity-factor_IEC2.tif", 0.287)
    said = []
    entries = fetched(tmp_path / "data", "global_wind_atlas", tmp_path / "gwa", tell=said.append)
    assert [entry.id for entry in entries] == [
        "wind_speed", "wind_power_density", "wind_capacity_factor",
    ]  # fmt: skip
    layers = open_layers(folder=tmp_path / "data")
    assert layers.raster("wind_speed").as_float() == pytest.approx(6.25)
    assert layers.raster("wind_power_density").as_float() == pytest.approx(310.0)
    assert layers.raster("wind_capacity_factor").as_float() == pytest.approx(28.7)
    assert "wind_capacity_factor: read as share of rated power, times 100 %" in said
    assert {"wind_speed", "wind_capacity_factor"} < {
        one.id for one in check_layers(tmp_path / "data")
    }
    assert (
        "Technical University of Denmark" in read_catalogue(tmp_path / "data")["wind_speed"].notice
    )


def test_a_day_of_sun_becomes_a_year(tmp_path):
    for name, value in (("day", 3.9), ("year", 3.9 * 365.25)):
        (tmp_path / name).mkdir()
        flat(tmp_path / name / "PVOUT.tif", value)
        flat(tmp_path / name / "PVOUT_01.tif", value / 12)
        fetch_rasters(
            tmp_path / f"data-{name}", "global_solar_atlas", ["solar_yield"],
            tiles=tmp_path / name, lattice=INLAND, offline=True,
        )  # fmt: skip
        raster = open_layers(folder=tmp_path / f"data-{name}").raster("solar_yield")
        assert raster.as_float() == pytest.approx(1_424.0)


@pytest.mark.parametrize("value", [3.9 * 30, 0.0039])
def test_values_of_no_known_unit_are_refused(tmp_path, value):
    flat(tmp_path / "PVOUT.tif", value)
    with pytest.raises(FetchError, match=r"median of solar_yield .* known unit .*kWh/kWp a day"):
        fetch_rasters(
            tmp_path / "data", "global_solar_atlas", ["solar_yield"],
            tiles=tmp_path / "PVOUT.tif", lattice=INLAND, offline=True,
        )  # fmt: skip
    assert "solar_yield" not in read_catalogue(tmp_path / "data")


def test_an_archive_is_read_like_its_files(tmp_path):
    flat(tmp_path / "PVOUT.tif", 1_400.0)
    flat(tmp_path / "GHI.tif", 1_500.0)
    with zipfile.ZipFile(tmp_path / "gsa.zip", "w") as out:
        out.write(tmp_path / "PVOUT.tif", "South-Korea/PVOUT.tif")
        out.write(tmp_path / "GHI.tif", "South-Korea/GHI.tif")
        out.writestr("South-Korea/readme.pdf", b"%PDF")
    entries = fetched(tmp_path / "data", "global_solar_atlas", tmp_path / "gsa.zip")
    assert [entry.id for entry in entries] == ["solar_yield", "solar_irradiation"]
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as out:
        out.writestr("../PVOUT.tif", b"II*\0")
    with pytest.raises(FetchError, match="outside its folder"):
        fetched(tmp_path / "data", "global_solar_atlas", tmp_path / "bad.zip")


def test_files_that_are_not_the_layers_are_named(tmp_path):
    flat(tmp_path / "other.tif", 1.0)
    with pytest.raises(FetchError, match=r"wind_speed: no file like .* \(other\.tif\)"):
        fetched(tmp_path / "data", "global_wind_atlas", tmp_path / "other.tif")
    (tmp_path / "empty").mkdir()
    with pytest.raises(FetchError, match="holds no GeoTIFF"):
        fetched(tmp_path / "data", "global_wind_atlas", tmp_path / "empty")
    with pytest.raises(FetchError, match="not there"):
        fetched(tmp_path / "data", "global_wind_atlas", tmp_path / "nowhere")


def test_whole_files_are_downloaded_once_and_kept_until_all_came(tmp_path):
    tile = flat(tmp_path / "a.tif", 1_400.0)
    with zipfile.ZipFile(tmp_path / "gsa.zip", "w") as out:
        out.write(tile, "PVOUT.tif")
        out.write(tile, "GHI.tif")
    content = (tmp_path / "gsa.zip").read_bytes()
    recipe = read_raster_recipe("global_solar_atlas")
    with serving(lambda handler, *_: send(handler, 200, content)) as server:
        own = recipe.model_copy(
            update={
                "layer": [
                    one.model_copy(update={"tile": f"{server.url}/gsa.zip"}) for one in recipe.layer
                ]
            }
        )
        with raster_files(own, None, LAND, tmp_path / "answers", QUICK) as files:
            names = [files.of(layer) for layer in own.layer]
            assert len(server.asked) == 1
            assert [name[0].rsplit("/", 1)[1] for name in names] == ["PVOUT.tif", "GHI.tif"]
            values, _ = layer_values(own, own.layer[0], names[0], INLAND, LAND)
            assert values == pytest.approx(1_400.0)
        with raster_files(own, None, LAND, tmp_path / "answers", QUICK) as files:
            files.of(own.layer[0])  # a fetch that was stopped goes on
            assert len(server.asked) == 1
            files.forget()
        assert not (tmp_path / "answers").exists()


def test_a_page_in_place_of_a_raster_is_refused(tmp_path):
    recipe = read_raster_recipe("global_wind_atlas")
    with serving(
        lambda handler, *_: send(handler, 200, b"<html><title>Log in</title></html>")
    ) as server:
        layer = recipe.layer[0].model_copy(update={"tile": f"{server.url}/wind-speed/100"})
        with (
            raster_files(recipe, None, LAND, tmp_path / "answers", QUICK) as files,
            pytest.raises(FetchError, match="HTML page"),
        ):
            files.of(layer)


def test_people_are_kept_from_pixels_to_the_folder(tmp_path):
    values = people()
    values[:20] = -99_999.0  # no building
    degrees(tmp_path / "kor_ppp_2020_constrained.tif", values)
    lattice = Lattice(940_000.0, 1_830_000.0, 250.0, 120, 120)
    said = []
    (entry,) = fetch_rasters(
        tmp_path / "data", "worldpop", tiles=tmp_path / "kor_ppp_2020_constrained.tif",
        lattice=lattice, offline=True, tell=said.append,
    )  # fmt: skip
    assert entry.unit == "people/km2"
    assert "sha256" in entry.address
    raster = open_layers(folder=tmp_path / "data").raster("population")
    total = float(np.nansum(raster.as_float())) * 0.0625
    assert total == pytest.approx(values[values > 0].sum(), rel=1e-3)  # rounded to 1 a km2
    inland = raster.as_float()[40:60, 40:60]
    assert np.isfinite(inland).all()
    assert said[0].startswith(f"population: {values[values > 0].sum():,.0f} in all; 0 on cells")


def test_a_dense_cell_does_not_overflow(tmp_path):
    values = np.zeros((40, 40), dtype=np.float32)
    values[20, 20] = 4_000.0  # 64,000 people a km2
    degrees(tmp_path / "kor_ppp_2020.tif", values, west=127.0, north=36.3)
    lattice = Lattice(950_000.0, 1_815_000.0, 250.0, 40, 40)
    fetch_rasters(
        tmp_path / "data", "worldpop", tiles=tmp_path / "kor_ppp_2020.tif", lattice=lattice,
        offline=True,
    )  # fmt: skip
    raster = open_layers(folder=tmp_path / "data").raster("population")
    assert np.nansum(raster.as_float()) * 0.0625 == pytest.approx(4_000.0, rel=1e-3)
    assert np.nanmax(raster.as_float()) > 32_767


def test_a_density_in_place_of_counts_is_refused(tmp_path):
    values = np.full((30, 40), 5_000.0, dtype=np.float32)
    written(tmp_path / "kor_ppp.tif", values, west=980_000.0, north=1_820_000.0, side=1_000.0)
    with pytest.raises(FetchError, match=r"adds up to 6\.0 million; from 40 to 60 million"):
        fetch_rasters(tmp_path / "data", "worldpop", tiles=tmp_path / "kor_ppp.tif", offline=True)


def test_a_recipe_without_an_address_is_refused(tmp_path):
    text = (
        'id = "x"\nfine_m = 25.0\nmissing = "error"\n[source]\naddress = "a"\nsource = "s"\n'
        'licence = "l"\nnotice = "n"\nredistribution = "free"\nconfidence = "published"\n'
        '[[layer]]\nid = "y"\ntitle_ko = "y"\ntitle_en = "y"\nunit = "m"\nhow = "mean"\nstep = 1.0\n'
        'good_for = "g"\nnot_good_for = "n"\n'
    )
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    with pytest.raises(LayerError, match=r"own\.toml: .*layer y has no address"):
        read_raster_recipe("x", tmp_path / "own.toml")
