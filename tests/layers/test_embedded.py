"""The layers that siteopt carries: whole, sound, small, and as the world is."""

import numpy as np
import pytest
import shapely

from siteopt.lattice import Lattice
from siteopt.layers import check_layers, data_folder, list_layers, open_layers

pytestmark = pytest.mark.national


@pytest.fixture(scope="module")
def layers():
    return open_layers()


def test_every_embedded_layer_is_sound_and_says_where_it_comes_from():
    assert [item.id for item in check_layers()] == list_layers()["id"].tolist()
    table = list_layers()
    for column in ("title_ko", "title_en", "source", "licence", "vintage", "confidence"):
        assert (table[column] != "").all(), column
    assert (table["not_good_for"].str.len() > 30).all()


def test_layers_from_openstreetmap_and_kpg_carry_the_odbl_notice():
    table = list_layers().set_index("id")
    for layer_id in ("stations", "lines", "case_buses", "case_branches", "headroom", "snapshots",
                     "snapshot_buses"):  # fmt: skip
        assert "Open Database License" in table.loc[layer_id, "notice"]


def test_data_is_under_15_mb():
    size = sum(path.stat().st_size for path in data_folder().rglob("*") if path.is_file())
    assert size < 15_000_000


def test_provinces_are_the_union_of_their_districts(layers):
    districts, provinces = layers.vector("districts"), layers.vector("provinces")
    assert (len(districts), len(provinces)) == (250, 17)
    assert shapely.coverage_is_valid(districts.to_crs(4326).geometry.array)
    joined = districts.dissolve("province_code", method="coverage").geometry
    for row in provinces.itertuples():
        assert joined[row.province_code].symmetric_difference(row.geometry).area < 1.0


def test_codes_and_names_of_today(layers):
    districts = layers.vector("districts").set_index("district_code")
    assert districts.loc["27720", ["name_ko", "province_code"]].tolist() == ["군위군", "27"]
    assert districts.loc["51780", "name_en"] == "Cheorwon-gun"
    provinces = layers.vector("provinces").set_index("province_code")
    assert provinces.loc[["51", "52"], "name_ko"].tolist() == ["강원특별자치도", "전북특별자치도"]
    assert sorted(provinces.index[provinces["capital_region"]]) == ["11", "28", "41"]
    # Gunwi is 614 km2
    assert provinces.loc["27"].geometry.area / 1e6 == pytest.approx(1499, rel=0.02)


def test_dokdo_is_on_the_map(layers):
    ulleung = layers.vector("districts").set_index("district_code").loc["47940"]
    assert ulleung.geometry.bounds[2] > 1_380_000


def test_province_areas_agree_with_the_published_ones(layers):
    provinces = layers.vector("provinces")
    ratio = provinces.area / 1e6 / provinces["area_km2"]
    # land reclaimed since 2018 and borders at sea: Incheon and Jeonnam differ most
    assert ratio.between(0.95, 1.05).all()


def test_electors_keep_the_sum_of_the_country_and_live_on_land(layers):
    raster = layers.raster("electors")
    districts = layers.vector("districts")
    assert raster.values.sum(dtype=np.int64) / 16 == districts["electors"].sum() == 44_197_692
    # Jongno-gu alone, cells of the border apart
    jongno = districts.set_index("district_code").loc["11110"]
    rows, cols = np.nonzero(raster.values)
    x, y = raster.lattice.centres_m(rows, cols)
    inside = shapely.contains_xy(jongno.geometry, x, y)
    assert raster.values[rows[inside], cols[inside]].sum() / 16 == pytest.approx(
        jongno["electors"], rel=0.15
    )


def test_rasters_share_one_frame(layers):
    frames = {
        name: layers.raster(name).lattice
        for name in ("elevation", "slope", "electors", "temperature", "free_cooling")
    }
    assert len({lattice.bounds_m for lattice in frames.values()}) == 1
    assert frames["slope"] == Lattice(745_000.0, 2_070_000.0, 250.0, 2460, 2600)


def test_points_lie_in_the_province_they_name(layers):
    provinces = layers.vector("provinces").set_index("province_code").geometry
    for layer_id in ("industrial_complexes", "stations"):
        points = layers.vector(layer_id)
        home = provinces.loc[points["province_code"]]
        apart = shapely.distance(np.asarray(points.geometry.array), np.asarray(home.array))
        assert apart.max() < 3_000, layer_id


def test_strong_earthquakes_are_there(layers):
    quakes = layers.vector("earthquakes")
    strongest = quakes.nlargest(3, "magnitude").set_index("date")["magnitude"]
    assert strongest.to_dict()["2016-09-12"] == 5.8
    assert strongest.to_dict()["2017-11-15"] == 5.4


def test_tables_refer_to_each_other(layers):
    stations = set(layers.vector("stations")["station_id"])
    assert set(layers.table("headroom")["station_id"]) <= stations
    buses = set(layers.vector("case_buses")["bus_id"])
    assert set(layers.table("case_generators")["bus_id"]) <= buses
    headroom = layers.table("headroom")
    assert set(headroom["bus_id"].dropna()) <= buses
    hours = layers.table("snapshot_buses")
    assert set(hours["bus_id"]) == buses
    assert set(hours["snapshot_id"]) == set(layers.table("snapshots")["snapshot_id"])
    branches = layers.table("case_branches")
    assert set(branches["from_bus"]) | set(branches["to_bus"]) <= buses
    basins = set(layers.vector("basins")["basin_id"])
    assert set(layers.vector("rivers")["basin_id"]) <= basins
    assert set(layers.vector("stations")["district_code"]) <= set(
        layers.vector("districts")["district_code"]
    )


def test_every_parameter_has_a_source_and_a_confidence(layers):
    table = layers.parameters.frame()
    assert (table["source"] != "").all()
    assert (table["confidence"] != "").all()
    ordered = table.dropna(subset=["low", "high"])
    assert (ordered["low"] <= ordered["high"]).all()


def test_land_by_category_is_that_of_the_country(layers):
    table = layers.table("land_category").set_index("district_code")
    assert set(table.index) == set(layers.vector("districts")["district_code"])
    # cadastral statistics of 2025-12-31: 100,472.4 km2, of which 63,281 forest, 10,853 paddy
    assert table["area_km2"].sum() == pytest.approx(100_472.4, rel=1e-4)
    assert table["forest_km2"].sum() == pytest.approx(63_281, rel=1e-3)
    assert table["paddy_km2"].sum() == pytest.approx(10_853, rel=1e-3)
    assert table["factory_km2"].sum() == pytest.approx(1_131, rel=2e-3)
    assert (table["farm_share"] + table["forest_share"]).max() <= 1
    assert table.loc["51760", "forest_share"] > 0.8  # Pyeongchang
    assert table.loc["52210", "farm_share"] > 0.4  # Gimje


def test_industrial_land_is_that_of_the_statistics(layers):
    table = layers.table("industrial_land").set_index("district_code")
    assert set(table.index) < set(layers.vector("districts")["district_code"])
    # ILIS 2026-05: 16.3 km2 unsold, 70.2 under development, a city with gu counted once
    for column, km2 in (("unsold_ha", 16.3), ("under_development_ha", 70.2)):
        assert (table[column] / table["shared_by"]).sum() / 100 == pytest.approx(km2, rel=0.01)
    assert table["unsold_ha"].idxmax() == "44270"  # Dangjin
