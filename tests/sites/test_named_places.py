"""Sites named by coordinates, name, district or the id of another tile size."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from siteopt.errors import LayerError, ScenarioError
from siteopt.layers import open_layers
from siteopt.scenario import SiteRules, load_scenario
from siteopt.scenario.changes import changed_scenario
from siteopt.sites.named_places import check_place, coordinates_of, resolve_rules
from siteopt.sites.tile_ids import cell_of_id, tile_id

TILE_M = 2500.0
# 제천시 (43150) with one tile and one complex, 충주시 (43130) with two tiles
ROWS = [
    ("S2130-3810", "제천시 S2130-3810", "Jecheon-si S2130-3810", "tile", "43", "43150", 1065.9e3, 1906.1e3, 50.0),
    ("C1", "제천시 왕암 일반산단", "Jecheon-si Wangam", "complex", "43", "43150", 1070.0e3, 1906.0e3, 60.0),
    ("S2080-3800", "충주시 S2080-3800", "Chungju-si S2080-3800", "tile", "43", "43130", 1041.0e3, 1901.0e3, 50.0),
    ("S2085-3800", "충주시 S2085-3800", "Chungju-si S2085-3800", "tile", "43", "43130", 1043.0e3, 1901.0e3, 50.0),
    ("S2300-3500", "나주시 S2300-3500", "Naju-si S2300-3500", "tile", "46", "46170", 1150.5e3, 1750.5e3, 50.0),
]  # fmt: skip
COLUMNS = ["site_id", "name_ko", "name_en", "kind", "province_code", "district_code", "x_m", "y_m", "eligible_ha"]  # fmt: skip


@pytest.fixture(scope="module")
def layers():
    return open_layers()


@pytest.fixture(scope="module")
def sites():
    table = gpd.GeoDataFrame(ROWS, columns=COLUMNS)
    return table.set_geometry(gpd.points_from_xy(table["x_m"], table["y_m"]), crs=5179)


def must(place, sites, layers):
    rules, meant = resolve_rules(SiteRules(must=[place]), sites, layers, TILE_M)
    return rules.must[0], meant


@pytest.mark.parametrize(
    ("place", "site"),
    [
        ("1066000,1906200", "S2130-3810"),  # another corner of its tile
        ("1070100,1906100", "C1"),
        ("제천시 왕암 일반산단", "C1"),
        ("왕암  일반산단", "C1"),
        ("jecheon-si wangam", "C1"),
        ("충주시 S2080-3800", "S2080-3800"),
        ("나주시", "S2300-3500"),
        ("전라남도 나주시", "S2300-3500"),
        ("Naju-si", "S2300-3500"),
        ("S2131-3812", "S2130-3810"),  # of a tile of 500 m
    ],
)
def test_a_place_stands_for_one_candidate(place, site, sites, layers):
    found, meant = must(place, sites, layers)
    assert found == site
    assert meant == {place: [site]}


def test_degrees_are_brought_to_metres(sites, layers):
    point = gpd.GeoSeries([shapely.Point(1066e3, 1906.2e3)], crs=5179).to_crs(4326).iloc[0]
    assert must(f"{point.x:.6f}, {point.y:.6f}", sites, layers)[0] == "S2130-3810"
    x_m, y_m = coordinates_of(f"{point.x},{point.y}", "k")
    assert np.hypot(x_m - 1066e3, y_m - 1906.2e3) < 0.01
    assert coordinates_of("나주시", "k") is None


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (
            "충주시",
            r"sites.must: 충주시 has 2 candidate sites \(S2080-3800, S2085-3800\); name one",
        ),
        ("제천시", r"has 2 candidate sites \(C1, S2130-3810\)"),
        ("해남군", r"sites.must: 해남군 \(전라남도 해남군\) has no candidate site"),
        ("중구", r"중구 is the name of \d districts \(.*\); give the province too"),
        ("945000,1650000", r"is in no candidate site; the nearest is S\d+-\d+, [\d.]+ km away"),
        ("S1900-3400", r"the tile of candidates.tile_m \(2500 m\) that holds it is S1900-3400"),
        ("나주군시", r"나주군시 is no candidate site; .*did you mean 나주시\?"),
        ("34.7,126.7", "34.7,126.7 is not in Korea; the two look swapped"),
        ("3,4", "is not in Korea; give LON,LAT"),
    ],
)
def test_a_place_without_one_candidate_is_told_in_one_line(place, message, sites, layers):
    with pytest.raises(ScenarioError, match=message) as told:
        must(place, sites, layers)
    assert "\n" not in str(told.value)


def test_must_not_takes_all_of_a_district_or_province(sites, layers):
    rules = SiteRules(must=["C1"], must_not=["충주시", "전라남도", "S2080-3800"])
    found, meant = resolve_rules(rules, sites, layers, TILE_M)
    assert found.must_not == ["S2080-3800", "S2085-3800", "S2300-3500"]
    assert meant == {"충주시": ["S2080-3800", "S2085-3800"], "전라남도": ["S2300-3500"]}


def test_places_that_clash_are_refused(sites, layers):
    with pytest.raises(ScenarioError, match="S2300-3500 is in must_not and has to be built"):
        resolve_rules(SiteRules(must=["나주시"], must_not=["전라남도"]), sites, layers, TILE_M)


def test_begun_sites_are_named_by_place_too(sites, layers):
    begun = [{"site_id": "나주시", "it_mw": 40, "year": 2030}]
    found, _ = resolve_rules(SiteRules(begun=begun), sites, layers, TILE_M)
    assert found.begun[0].site_id == "S2300-3500"


def test_names_are_checked_before_sites_are_found(layers):
    for place in ("나주시", "전라남도", "126.7,34.9", "왕암"):
        check_place(place, "sites.must", layers, ["왕암"])
    with pytest.raises(ScenarioError, match="왕왕 is no candidate site"):
        check_place("왕왕", "sites.must", layers, ["왕암"])


def test_points_of_a_frame_are_places(sites, layers):
    ready = load_scenario("national-2035")
    points = sites.iloc[[0, 4]].drop(columns="site_id").to_crs(4326)
    changed = changed_scenario(ready, {"sites.must": points})
    found, _ = resolve_rules(changed.sites, sites, layers, TILE_M)
    assert found.must == ["S2130-3810", "S2300-3500"]
    assert changed_scenario(ready, {"sites.must_not": sites}).sites.must_not == sites["site_id"].tolist()  # fmt: skip
    with pytest.raises((ScenarioError, LayerError), match="no CRS"):
        changed_scenario(ready, {"sites.must": points.set_crs(None, allow_override=True)})


@pytest.mark.parametrize(("fine_m", "coarse_m"), [(2500.0, 5000.0), (500.0, 2500.0), (2500.0, 7500.0)])  # fmt: skip
def test_ids_of_two_tile_sizes_are_shared_where_the_corner_is_the_same_place(fine_m, coarse_m):
    def corners(tile_m):
        steps = np.arange(0, 60_000, tile_m)
        return {
            tile_id(int(x // 500), int(y // 500)): (x, y)
            for x in 900_000 - 900_000 % tile_m + steps
            for y in 1_800_000 - 1_800_000 % tile_m + steps
        }

    fine, coarse = corners(fine_m), corners(coarse_m)
    both = set(fine) & set(coarse)
    assert both
    for name in both:
        assert fine[name] == coarse[name]
    same = set(fine.values()) & set(coarse.values())
    assert same == {fine[name] for name in both}
    for name, (x, y) in fine.items():
        middle = cell_of_id(name)
        assert x <= middle[0] < x + fine_m
        assert y <= middle[1] < y + fine_m


def test_a_site_that_must_be_chosen_survives_another_tile_size(layers):
    coarse = gpd.GeoDataFrame(
        [("S2130-3810", *ROWS[0][1:6], 1067.0e3, 1908.0e3, 200.0)], columns=COLUMNS,
        geometry=[shapely.Point(1067.0e3, 1908.0e3)], crs=5179,
    )  # fmt: skip
    for old in ("S2130-3810", "S2135-3815", "S2135-3810"):  # its four tiles of 2,500 m
        rules, _ = resolve_rules(SiteRules(must=[old]), coarse, layers, 5000.0)
        assert rules.must == ["S2130-3810"]
    with pytest.raises(
        ScenarioError, match=r"\(5000 m\) that holds it is S2120-3810, which has no"
    ):
        resolve_rules(SiteRules(must=["S2125-3815"]), coarse, layers, 5000.0)
