"""Files become layers of the run with its own schema; what has no match is counted and named."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import siteopt
from siteopt.errors import LayerError
from siteopt.layers import check_layers, open_layers, read_catalogue
from siteopt.layers.schemas import SCHEMAS
from siteopt.sources._frame import NATIONAL
from siteopt.sources.fetching.data_folder import prepare_folder
from siteopt.sources.fetching.fetch import take_file
from siteopt.sources.fetching.file_recipes import Ground, read_by_recipe, read_file_recipe
from siteopt.sources.fetching.recipe_builders import BUILDERS

SOURCES = Path(__file__).parents[4] / "shared" / "sources"
real = pytest.mark.skipif(not SOURCES.is_dir(), reason="no source copies beside the checkout")


@pytest.fixture(scope="module")
def embedded():
    return open_layers()


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fresh") / "data"
    prepare_folder(folder)
    return folder


@pytest.fixture
def folder(fresh, tmp_path):
    # a file that is put into the folder takes the place of the link
    return shutil.copytree(fresh, tmp_path / "data", copy_function=os.link)


GROUND = Ground(shapely.box(700_000, 1_300_000, 1_500_000, 2_100_000))


def built(layers, recipe, path):
    """Return what a builder makes of a file, without a data folder."""
    how = read_file_recipe(recipe)
    return BUILDERS[how.builder](read_by_recipe(path, how, GROUND), layers, path.name)


def taken(folder, recipe, path, **options):
    said = []
    take_file(folder, recipe, path, tell=said.append, **options)
    return said, open_layers(folder=folder)


def test_every_builder_has_a_recipe():
    from siteopt.sources.fetching.file_recipes import recipe_names  # noqa: PLC0415

    used = {read_file_recipe(name).builder for name in recipe_names()}
    assert used - {""} == set(BUILDERS)


def kepco(stations, encoding="cp949"):
    """Return a table in KEPCO's form: names and a column a year, some names of nobody or of two."""
    rows = [f"{name},154kV,100,1.5" for name in stations]
    return "\n".join(["변전소명,전압,2029년,2030년", *rows, "달나라,154kV,5,5", ""]).encode(
        encoding
    )


def test_headroom_by_station_finds_ids_by_name(folder, embedded, tmp_path):
    stations = embedded.vector("stations")
    able = stations[stations["kind"].eq("substation") & stations["circuits_154"].gt(0)]
    names = able["name_ko"].value_counts()
    once, several = names.index[names == 1][:3].tolist(), names.index[names > 1][:1].tolist()
    (tmp_path / "kepco.csv").write_bytes(kepco([*once, *several]))
    said, layers = taken(folder, "station_headroom_kepco", tmp_path / "kepco.csv")
    assert "1 stations of the file are not in the layer of stations: 달나라" in said
    if several:
        assert f"1 names are those of several stations: {several[0]}" in said
    table = layers.table("station_headroom")
    wanted = able.set_index("name_ko").loc[once, "station_id"]
    assert sorted(table["station_id"]) == sorted([*wanted] * 2)
    assert table.set_index(["station_id", "year"])["headroom_mw"][wanted.iloc[0], 2030] == 1.5
    assert set(table["confidence"]) == {"published"}


@pytest.mark.parametrize(
    ("head", "cell", "mw"),
    [
        ("연도,여유용량(MW)", "2029,120", 120), ("연도,여유용량(kW)", "2029,120000", 120),
        ("2029년(kW)", "120000", 120), ("2029", "120", 120), ("여유용량(MW)2029년", '"1,120"', 1120),
    ],
)  # fmt: skip
def test_headroom_in_rows_or_columns_of_years_and_in_kilowatts(embedded, tmp_path, head, cell, mw):
    stations = embedded.vector("stations")
    name = (
        stations.loc[stations["kind"].eq("substation"), "name_ko"]
        .drop_duplicates(keep=False)
        .iloc[0]
    )
    (tmp_path / "a.csv").write_text(f"변전소,{head}\n{name},{cell}\n", encoding="utf-8")
    table = built(embedded, "station_headroom_kepco", tmp_path / "a.csv").content
    assert table[["year", "headroom_mw", "voltage_kv"]].to_numpy().tolist() == [[2029, mw, 154]]


def test_a_table_without_a_known_station_is_refused_and_the_folder_stays(folder, tmp_path):
    (tmp_path / "a.csv").write_text("변전소,2029\n달나라,1\n", encoding="utf-8")
    with pytest.raises(LayerError, match="none of its stations"):
        take_file(folder, "station_headroom_kepco", tmp_path / "a.csv")
    assert "station_headroom" not in read_catalogue(folder)


@pytest.fixture(scope="module")
def borders(embedded):
    """Complexes of the embedded layer as squares of 800 m under the names of a Shapefile."""
    places = embedded.vector("industrial_complexes")
    shapes = shapely.buffer(places.geometry.to_numpy(), 400, cap_style="square")
    columns = {
        "DAN_ID": places["complex_id"].str.removeprefix("C").to_numpy(),
        "DAN_NAME": places["name_ko"].to_numpy(),
        "DANJI_TYPE": (places["type_ko"] + "산업단지").where(places["type"] != "rural", "농공단지").to_numpy(),
    }  # fmt: skip
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=5179)


def test_borders_of_complexes_become_the_layer_of_the_run(folder, embedded, borders, tmp_path):
    half = borders.iloc[:-1]
    parts = pd.concat([half, half.iloc[:1].assign(geometry=half.geometry[:1].translate(5_000))])
    parts.to_crs(5174).to_file(tmp_path / "dam.shp", encoding="CP949")
    said, layers = taken(folder, "industrial_complexes_vworld", tmp_path / "dam.shp")
    found = layers.vector("industrial_complexes").set_index("complex_id")
    before = embedded.vector("industrial_complexes").set_index("complex_id")
    assert f"{len(found)} of {len(found)} complexes are those of the layer" in " ".join(said)
    assert "1 complexes of that layer are not in the file" in " ".join(said)
    assert set(SCHEMAS["industrial_complexes"].fields) <= {"complex_id", *found.columns}
    first = "C" + half["DAN_ID"].iloc[0]
    assert found["area_km2"].drop(first).to_numpy() == pytest.approx(0.64, abs=1e-3)
    assert found.loc[first, "area_km2"] == pytest.approx(1.28, abs=1e-3)  # of two parts
    same = found.index.drop(first)
    for column in ("type", "name_ko", "province_code", "n_lots", "land_price_krw_m2", "single_use"):
        pd.testing.assert_series_equal(
            found.loc[same, column], before.loc[same, column], check_dtype=False
        )
    assert found.geometry.loc[same].distance(before.geometry.loc[same]).max() < 10
    assert set(found.index) == set(before.index) - {"C" + borders["DAN_ID"].iloc[-1]}
    # the same file as borders
    take_file(folder, "complex_borders", tmp_path / "dam.shp")
    assert len(open_layers(folder=folder).vector("complex_borders")) == len(parts)
    check_layers(folder)


def test_types_and_areas_that_cannot_be_right(embedded, borders, tmp_path):
    borders.assign(DANJI_TYPE="공원").to_file(tmp_path / "a.shp", encoding="CP949")
    with pytest.raises(LayerError, match="공원 is no type of a complex; known are 국가"):
        built(embedded, "industrial_complexes_vworld", tmp_path / "a.shp")
    wide = borders.assign(geometry=borders.buffer(900))
    wide.to_file(tmp_path / "b.shp", encoding="CP949")
    with pytest.raises(LayerError, match=r"b\.shp: [0-9,.]+ km2 in all; .* has 0\.01 to 3,000"):
        built(embedded, "industrial_complexes_vworld", tmp_path / "b.shp")


def price_list(rows, head="시도,단지명,지정면적(천㎡),분양가(만원/㎡),기준연도"):
    return "\n".join([head, *rows, ""])


def test_a_list_of_prices_updates_complexes_by_name(folder, embedded, tmp_path):
    before = embedded.vector("industrial_complexes").set_index("complex_id")
    names = before["name_ko"].value_counts()
    name = next(
        one for one in names.index if names[one] == 1 and not one.endswith(("지역", "단지"))
    )
    province = embedded.vector("provinces").set_index("province_code")["name_ko"]
    its = before.index[before["name_ko"] == name][0]
    where = province[before.loc[its, "province_code"]]
    rows = [f"{where},{name} 일반산업단지,1100,30,2025", f"{where},{name},1200,40,2025", "경상북도,없는산단,3,4,2024"]  # fmt: skip
    (tmp_path / "a.csv").write_text(price_list(rows), encoding="utf-8")
    said, layers = taken(folder, "complex_prices_ilis", tmp_path / "a.csv")
    found = layers.vector("industrial_complexes").set_index("complex_id")
    row = found.loc[its]
    assert (row["area_km2"], row["land_price_krw_m2"], row["price_year"]) == (1.2, 350_000, 2025)
    assert "1 complexes of the file are not in the layer by their name: 없는산단" in said
    rest = found.index.drop(its)
    pd.testing.assert_frame_equal(
        found.loc[rest, ["area_km2", "land_price_krw_m2"]],
        before.loc[rest, ["area_km2", "land_price_krw_m2"]], check_dtype=False,
    )  # fmt: skip
    entry = read_catalogue(folder)["industrial_complexes"]
    assert entry.source.startswith(read_catalogue()["industrial_complexes"].source)
    assert entry.redistribution == "unknown"


def test_a_name_of_two_provinces_needs_its_province(folder, embedded, tmp_path):
    complexes = embedded.vector("industrial_complexes")
    twice = complexes[complexes["name_ko"].duplicated(keep=False)]
    apart = twice.groupby("name_ko")["province_code"].nunique()
    name = apart.index[apart == 2][0]
    some = twice[twice["name_ko"] == name]
    one = some[~some["province_code"].duplicated(keep=False)].iloc[0]
    province = embedded.vector("provinces").set_index("province_code")["name_ko"][one["province_code"]]  # fmt: skip
    other = next(n for n in complexes["name_ko"] if (complexes["name_ko"] == n).sum() == 1)
    bare = [f",{name},100,5,2025", f",{other},100,5,2025"]
    (tmp_path / "a.csv").write_text(price_list(bare), encoding="utf-8")
    said, _ = taken(folder, "complex_prices_ilis", tmp_path / "a.csv")
    assert f"1 names are those of several complexes: {name}" in said
    (tmp_path / "b.csv").write_text(price_list([f"{province},{name},100,5,2025"]), encoding="utf-8")
    _, layers = taken(folder, "complex_prices_ilis", tmp_path / "b.csv")
    found = layers.vector("industrial_complexes").set_index("complex_id")
    assert found.loc[one["complex_id"], "land_price_krw_m2"] == 50_000


def test_prices_need_a_year_and_a_plausible_unit(embedded, tmp_path):
    head = "단지명,분양가(만원/㎡)"
    (tmp_path / "a.csv").write_text(price_list(["마곡,30"], head), encoding="utf-8")
    with pytest.raises(LayerError, match="the price of 마곡 has no year"):
        built(embedded, "complex_prices_ilis", tmp_path / "a.csv")
    (tmp_path / "b.csv").write_text(price_list(["마곡,300000"], head), encoding="utf-8")
    with pytest.raises(LayerError, match=r"gives 3e\+09; 1000 to 1e\+07 is right, is its unit"):
        built(embedded, "complex_prices_ilis", tmp_path / "b.csv")


def grid_file(path, rows):
    path.write_text(
        "".join(f"2021^{code}^{item}^{n}\n" for code, item, n in rows), encoding="utf-8"
    )
    return path


@pytest.mark.parametrize(
    "codes", [["다사5351", "라바0000"], ["다사53a51b", "다사53b51b"], ["다사535512", "다사536513"]]
)
def test_people_of_a_grid_are_kept_whole_in_the_national_cells(embedded, tmp_path, codes):
    rows = [
        (codes[0], "to_in_001", 1_600),
        (codes[1], "to_in_001", 3_200),
        (codes[0], "to_in_007", 9),
    ]
    path = grid_file(tmp_path / "a.txt", rows)
    found = built(embedded, "population_grid_sgis", path)
    assert found.notes == ("4,800 people in 2 cells",)
    people = found.content.sum() * (NATIONAL.cell_m / 1_000) ** 2
    assert people == pytest.approx(4_800, rel=1e-3)


def test_a_cell_of_a_kilometre_is_parted_evenly(folder, tmp_path):
    _, layers = taken(folder, "population_grid_sgis", grid_file(tmp_path / "a.txt", [("다사5351", "to_in_001", 1_600)]))  # fmt: skip
    raster = layers.raster("population")
    assert raster.lattice == NATIONAL
    cells = raster.values  # noqa: PD011 - an array of ours
    rows, cols = np.nonzero(np.nan_to_num(cells))
    assert len(rows) == 16
    assert set(cells[rows, cols]) == {1_600}
    x, y = NATIONAL.centres_m(rows, cols)
    assert (x.min(), x.max(), y.min(), y.max()) == (953_125, 953_875, 1_951_125, 1_951_875)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("다사5351", "to_in_001", 1), ("다사53a51b", "to_in_001", 1)], "cells of 500 m, 1000 m; take"),
        ([("다사5351", "to_in_001", 1)] * 2, "a cell appears twice"),
        ([("다사5351", "to_in_999", 1)], "item has the code 'to_in_999'"),
        ([("서울5351", "to_in_001", 1)], "row 1: '서울5351' is no code"),
        ([("다사5351", "to_in_001", -1)], "gives -1; 0 to 200000"),
    ],
)  # fmt: skip
def test_grids_that_are_refused(embedded, tmp_path, rows, said):
    with pytest.raises(LayerError, match=said):
        built(embedded, "population_grid_sgis", grid_file(tmp_path / "a.txt", rows))


@real
def test_real_heads_give_the_embedded_layers_back(folder, embedded):
    for recipe, file, layer in (
        ("supply_headroom_kepco", "grid/kepco_supply_headroom_2029_by_district.csv", "supply_headroom"),
        ("generation_headroom_kepco", "grid/kepco_generation_headroom_low_2026-09.csv", "generation_headroom"),
        ("industrial_land_ilis", "land/ilis_industrial_land_2026-05_by_district.csv", "industrial_land"),
        ("land_category_molit", "land/land_category_2025_by_district.csv", "land_category"),
    ):  # fmt: skip
        _, layers = taken(folder, recipe, SOURCES / file)
        pd.testing.assert_frame_equal(
            layers.table(layer),
            embedded.table(layer),
            check_exact=False,
            atol=0.0011,
            check_like=True,
        )


@real
def test_the_real_border_of_a_park_comes_in(folder):
    _, layers = taken(
        folder, "national_parks_knps", SOURCES / "land" / "byeonsan_national_park_knps.geojson"
    )
    parks = layers.vector("national_parks")
    assert parks["name_ko"].tolist() == ["변산반도국립공원"]
    assert parks.area[0] / 1e6 == pytest.approx(154.2, abs=0.5)


@pytest.mark.national
@pytest.mark.slow
def test_a_run_reads_what_was_taken_and_says_on_what_terms(
    folder, embedded, borders, small_scenario_text, tmp_path
):
    borders.to_crs(5174).to_file(tmp_path / "dam.shp", encoding="CP949")
    stations = embedded.vector("stations")
    names = stations.loc[stations["kind"].eq("substation"), "name_ko"]
    once = names[~names.duplicated(keep=False)]
    (tmp_path / "kepco.csv").write_bytes(
        "".join(["변전소명,2029년\n", *(f"{name},345.5\n" for name in once)]).encode("cp949")
    )
    belt = gpd.GeoDataFrame(
        {"uname": ["개발제한구역"]},
        geometry=[shapely.box(1_000_000, 1_800_000, 1_060_000, 1_860_000)],
        crs=5179,
    )
    belt.to_crs(5186).to_file(tmp_path / "belt.shp", encoding="CP949")
    for recipe, file in (
        ("industrial_complexes_vworld", "dam.shp"), ("station_headroom_kepco", "kepco.csv"),
        ("greenbelt_vworld", "belt.shp"),
    ):  # fmt: skip
        take_file(folder, recipe, tmp_path / file)
    rule = '[[screening.exclusions]]\nid = "green"\ntitle = { ko = "개발제한구역", en = "Greenbelt" }\nkind = "near"\nlayer = "greenbelt"\noptional = true\n'  # fmt: skip
    (tmp_path / "s.toml").write_text(
        f'data = "data"\n{small_scenario_text}\n{rule}', encoding="utf-8"
    )
    run = siteopt.run(tmp_path / "s.toml", tmp_path / "run", brief=True, report=False)
    fetched = {one["id"]: one for one in run.record["inputs"] if one.get("fetched")}
    assert set(fetched) == {"greenbelt", "industrial_complexes", "station_headroom"}
    assert all(one["commercial"] == "unknown" and one["bytes"] for one in fetched.values())
    assert any("whose terms were not read were used" in note for note in run.record["notes"])
    green = next(row for row in run.record["screening"] if row["reason"] == "green")
    assert green["area_km2"] == pytest.approx(3_600, rel=0.02)
    ranking = pd.read_csv(tmp_path / "run/ranking.csv")
    by_station = ranking[ranking["station_headroom_confidence"] == "published"]
    assert len(by_station)
    assert set(by_station["headroom_mw"]) == {345.5}
