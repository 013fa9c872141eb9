"""Connection options against a search of all pairs on flat ground."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point, box

from siteopt.grid.connections import OPTION_COLUMNS, connect_sites
from siteopt.scenario import Build, Connection, Solver
from tests.examples import examples

CLASSES = [
    {"voltage_kv": 22.9, "station_kv": 154, "facility_max_mw": 40},
    {"voltage_kv": 154, "station_kv": 154, "facility_max_mw": 400},
    {"voltage_kv": 345, "station_kv": 345, "facility_max_mw": 2000},
]


def connection_options(*args):
    return connect_sites(*args).options


def points(column, ids, xy):
    return gpd.GeoDataFrame({column: ids}, geometry=[Point(p) for p in xy], crs=5179)


@pytest.fixture
def layers_of(small):
    return lambda stations, **changed: small.layers_of(stations=stations, **changed)


def scenario_of(k=2, reach=40.0, it_min=40.0, classes=CLASSES, **connection):
    """One feed alone, unless the connection says from what power on there are two."""
    asked = {"second_feed_from_mw": False} | connection
    return SimpleNamespace(
        connection=Connection(options_per_class=k, distance_max_km=reach, classes=classes, **asked),
        build=Build(it_min_mw=it_min, it_max_mw=1000, block_mw=20),
        solver=Solver(threads=1),
    )


def rooms(*rows):
    table = pd.DataFrame(rows, columns=["station_id", "voltage_kv", "headroom_mw"])
    return table.assign(confidence="model", area_id="")


def test_one_site_one_station(layers_of):
    stations = points("station_id", ["A"], [(3125, 4125)])
    sites = points("site_id", ["S1"], [(125, 125)])
    options = connection_options(
        sites, rooms(("A", 154, 100.0)), layers_of(stations), scenario_of()
    )
    assert tuple(options.columns) == OPTION_COLUMNS
    row = options.iloc[0]
    assert len(options) == 1
    assert row["option_id"] == "S1@A-154"
    octile = 4 + 3 * (np.sqrt(2) - 1)
    columns = ["distance_km", "route_km", "route_oh_km", "route_ug_km", "route_bn_krw"]
    assert row[columns].tolist() == pytest.approx([5, octile, octile, 0, octile * 1.3 * 0.6])
    assert row[["facility_min_mw", "facility_max_mw", "headroom_mw"]].tolist() == [40, 400, 100]
    assert row[["lead_time_years", "lead_time_high_years"]].tolist() == [5, 5]
    assert row[["second_station_id", "second_route_km", "second_feed_bn_krw"]].tolist() == [
        "",
        0,
        0,
    ]


def test_only_a_substation_is_an_option(layers_of):
    kinds = ["plant", "tap", "line end", "switching", "unknown", "substation"]
    stations = points("station_id", list("ABCDEF"), [(1000 * i, 0) for i in range(6)])
    layers = layers_of(stations.assign(kind=kinds, kind_rule="a rule"))
    sites = points("site_id", ["S1"], [(0, 0)])
    room = rooms(*((name, 154, 100.0) for name in "ABCDEF"))
    options = connection_options(sites, room, layers, scenario_of())
    assert options["option_id"].tolist() == ["S1@F-154"]


def test_possible_stations_without_headroom_are_no_option(layers_of):
    """Nothing usable among them: no row, and none without a place."""
    possible = points("station_id", ["N1", "N2"], [(500, 0), (900, 0)])
    layers = layers_of(points("station_id", ["A"], [(1000, 0)]), new_stations=possible)
    sites = points("site_id", ["S1"], [(0, 0)])
    asked = scenario_of(new_345_stations=True)
    options = connection_options(sites, rooms(("A", 154, 100.0)), layers, asked)
    assert options["option_id"].tolist() == ["S1@A-154"]


def test_low_voltage_class_serves_when_builds_are_small(layers_of):
    stations = points("station_id", ["A"], [(0, 0)])
    sites = points("site_id", ["S1"], [(0, 0)])
    options = connection_options(
        sites, rooms(("A", 154, 30.0)), layers_of(stations), scenario_of(it_min=20.0)
    )
    assert options["option_id"].tolist() == ["S1@A-22.9"]
    assert options["facility_min_mw"].tolist() == [0]


def test_station_too_weak_for_the_class_is_no_option(layers_of):
    stations = points("station_id", ["A", "B"], [(0, 0), (9000, 0)])
    sites = points("site_id", ["S1"], [(0, 0)])
    headroom = rooms(("A", 345, 399.0), ("B", 345, 401.0), ("A", 154, 0.0))
    options = connection_options(sites, headroom, layers_of(stations), scenario_of())
    assert options["option_id"].tolist() == ["S1@B-345"]


def test_equal_distances_go_by_station_id(layers_of):
    at = [(1000, 0), (-1000, 0), (0, 1000), (0, -1000)]
    stations = points("station_id", ["D", "B", "C", "A"], at)
    headroom = rooms(*((name, 154, 100.0) for name in "ABCD"))
    options = connection_options(
        points("site_id", ["S1"], [(0, 0)]), headroom, layers_of(stations), scenario_of(k=3)
    )
    assert options["station_id"].tolist() == ["A", "B", "C"]


def test_reach_is_inclusive_and_nothing_in_reach_gives_no_row(layers_of):
    stations = points("station_id", ["A"], [(0, 0)])
    sites = points("site_id", ["S1", "S2"], [(40_000, 0), (40_000.01, 0)])
    options = connection_options(
        sites, rooms(("A", 154, 100.0)), layers_of(stations), scenario_of()
    )
    assert options["site_id"].tolist() == ["S1"]


def test_no_headroom_anywhere_gives_an_empty_table(layers_of):
    stations = points("station_id", ["A"], [(0, 0)])
    options = connection_options(
        points("site_id", ["S1"], [(0, 0)]), rooms(), layers_of(stations), scenario_of()
    )
    assert options.empty
    assert tuple(options.columns) == OPTION_COLUMNS


def octile_m(one, other):
    """Return the length of a path over cells; the corners of cells are equally far from centres."""
    across, along = sorted((abs(one.x - other.x), abs(one.y - other.y)))
    return round(along + (np.sqrt(2) - 1) * across, 3)


@examples(50)
@given(st.integers(0, 10_000))
def test_equals_a_search_of_all_pairs(small, seed):
    rng = np.random.default_rng(seed)
    n, m, k = int(rng.integers(1, 12)), int(rng.integers(1, 25)), int(rng.integers(1, 5))
    # a coarse grid makes many ties
    stations = points("station_id", [f"E{i:02d}" for i in rng.permutation(m)],
                      rng.integers(0, 8, (m, 2)) * 5000)  # fmt: skip
    sites = points("site_id", [f"S{i:02d}" for i in range(n)], rng.integers(0, 8, (n, 2)) * 5000)
    headroom = rooms(
        *((f"E{i:02d}", kv, float(rng.integers(0, 900))) for i in range(m) for kv in (154, 345))
    )
    layers = small.layers_of(stations=stations, land=box(-1000, -1000, 40_000, 40_000))
    asked = scenario_of(k=k, reach=15.0, spare_stations=20)
    options = connection_options(sites, headroom, layers, asked)
    expected = []
    at = dict(zip(stations["station_id"], stations.geometry, strict=True))
    for site in sites.itertuples():
        for kv, low in ((154, 40), (345, 400)):
            strong = [
                (round(site.geometry.distance(at[row.station_id]), 6), row.station_id)
                for row in headroom.itertuples()
                if row.voltage_kv == kv and row.headroom_mw > 0 and row.headroom_mw >= low
            ]
            near = [item for item in strong if item[0] <= 15_000]
            cheapest = sorted(near, key=lambda item: (octile_m(site.geometry, at[item[1]]), *item))
            expected += [f"{site.site_id}@{name}-{kv}" for _, name in cheapest[:k]]
    assert options["option_id"].tolist() == expected


def test_a_farther_station_with_a_cheaper_route_takes_the_place_of_a_nearer_one(small, layers_of):
    # a mountain ridge stands between the site and station A, 5 km away; B is 5.5 km away
    slope = np.zeros((200, 200), dtype=np.float32)
    slope[:, 102:118] = 30
    flat = np.zeros((200, 200), dtype=np.float32)
    land = box(0, 0, 50_000, 50_000)
    stations = points("station_id", ["A", "B"], [(30_125, 25_125), (19_625, 25_125)])
    layers = layers_of(
        stations, land=land, slope=small.raster("slope", slope, 0, 50_000),
        electors=small.raster("electors", flat, 0, 50_000),
    )  # fmt: skip
    headroom = rooms(("A", 154, 100.0), ("B", 154, 100.0))
    site = points("site_id", ["S1"], [(25_125, 25_125)])

    def kept(spare):
        asked = scenario_of(k=1, spare_stations=spare)
        return connection_options(site, headroom, layers, asked).iloc[0]

    assert kept(spare=0)["station_id"] == "A"
    assert kept(spare=1)["station_id"] == "B"
    assert kept(spare=1)["route_bn_krw"] == pytest.approx(5.5 * 1.3 * 0.6)
    assert kept(spare=0)["route_bn_krw"] == pytest.approx((1 * 0.6 + 4 * 1.1) * 1.3)


def test_a_station_across_the_sea_is_no_option(layers_of):
    land = box(0, 0, 5000, 5000).union(box(8000, 0, 13_000, 5000))
    stations = points("station_id", ["A"], [(9000, 2000)])
    sites = points("site_id", ["S1", "S2"], [(1000, 2000), (12_000, 2000)])
    headroom = rooms(("A", 154, 100.0))
    cut_off = connection_options(sites, headroom, layers_of(stations, land=land), scenario_of())
    assert cut_off["site_id"].tolist() == ["S2"]
    bridge = gpd.GeoDataFrame(
        {"dc": [False], "underground": [False]},
        geometry=[LineString([(4000, 2000), (9000, 2000)])], crs=5179,
    )  # fmt: skip
    joined = layers_of(stations, land=land, lines=bridge)
    options = connection_options(sites, headroom, joined, scenario_of())
    assert options["site_id"].tolist() == ["S1", "S2"]


def test_underground_everywhere_is_dearer_and_says_so(layers_of):
    stations = points("station_id", ["A"], [(5125, 125)])
    sites = points("site_id", ["S1"], [(125, 125)])
    asked = scenario_of(underground=True)
    row = connection_options(sites, rooms(("A", 154, 100.0)), layers_of(stations), asked).iloc[0]
    assert row[["route_oh_km", "route_ug_km", "route_bn_krw"]].tolist() == pytest.approx([0, 5, 35])


def test_routes_stand_in_the_order_of_the_options(layers_of):
    rng = np.random.default_rng(5)
    stations = points("station_id", list("ABCDE"), rng.uniform(0, 40_000, (5, 2)))
    sites = points("site_id", [f"S{i}" for i in range(6)], rng.uniform(0, 40_000, (6, 2)))
    headroom = rooms(*((name, kv, 900.0) for name in "ABCDE" for kv in (154, 345)))
    found = connect_sites(sites, headroom, layers_of(stations), scenario_of())
    place = {**dict(zip(sites["site_id"], sites.geometry, strict=True)),
             **dict(zip(stations["station_id"], stations.geometry, strict=True))}  # fmt: skip
    lines = found.routes.stretches(range(len(found.options)))
    assert lines["row"].tolist() == list(range(len(found.options)))
    assert lines["length_km"].to_numpy() == pytest.approx(found.options["route_km"].to_numpy())
    for line, option in zip(lines.geometry, found.options.itertuples(), strict=True):
        assert line.coords[0] == pytest.approx(place[option.site_id].coords[0])
        assert line.coords[-1] == pytest.approx(place[option.station_id].coords[0])
    cost = found.options.groupby(["site_id", "voltage_kv"])["route_bn_krw"]
    assert cost.apply(lambda values: values.is_monotonic_increasing).all()


# Stations A, B and C east of the site, 5, 6 and 7 km away; a km of double-circuit line costs 0.78.
THREE = points("station_id", ["A", "B", "C"], [(5125, 125), (6125, 125), (7125, 125)])
HERE = points("site_id", ["S1"], [(125, 125)])
ALL_300 = rooms(*((name, 154, 300.0) for name in "ABC"))
KM = 1.3 * 0.6


def fed(layers_of, small, headroom=ALL_300, k=2, **asked):
    known = small.Known(second_feed_line_factor=0.5, line154_lead_time=(5, 7))
    layers = layers_of(THREE, parameters=known)
    return connect_sites(HERE, headroom, layers, scenario_of(k=k, **asked))


def test_above_a_contract_power_there_is_a_second_feed_from_another_station(small, layers_of):
    options = fed(layers_of, small, second_feed_from_mw=100.0).options.set_index("option_id")
    assert options.index.tolist() == ["S1@A-154", "S1@B-154", "S1@A&B-154", "S1@B&A-154"]
    bounds = options[["facility_min_mw", "facility_max_mw"]].to_numpy().tolist()
    assert bounds == [[40, 100], [40, 100], [100, 400], [100, 400]]
    assert options["second_station_id"].tolist() == ["", "", "B", "A"]
    assert options["second_route_km"].tolist() == pytest.approx([0, 0, 6, 5])
    assert options["second_feed_bn_krw"].tolist() == pytest.approx([0, 0, 3 * KM, 2.5 * KM])
    assert options["lead_time_high_years"].tolist() == [7] * 4


def test_the_second_feed_has_a_route_of_its_own(small, layers_of):
    found = fed(layers_of, small, second_feed_from_mw=100.0)
    drawn = found.second_routes.stretches([2, 3])
    assert drawn["length_km"].tolist() == pytest.approx([6, 5])
    assert drawn.geometry.iloc[0].coords[-1] == (6125, 125)
    assert not found.second_routes.table["found"].iloc[:2].any()


def test_the_second_feed_need_not_be_among_the_options(small, layers_of):
    options = fed(layers_of, small, k=1, second_feed_from_mw=100.0, spare_stations=2).options
    assert options["option_id"].tolist() == ["S1@A-154", "S1@A&B-154"]


def test_without_another_station_in_reach_a_connection_ends_at_that_power(small, layers_of):
    alone = rooms(("A", 154, 300.0))
    options = fed(layers_of, small, alone, second_feed_from_mw=100.0).options
    assert options["option_id"].tolist() == ["S1@A-154"]
    assert options["facility_max_mw"].tolist() == [100]


@pytest.mark.parametrize(("from_mw", "names"), [
    (40.0, ["S1@A&B-154"]), (400.0, ["S1@A-154"]), (30.0, ["S1@A&B-154"]),
])  # fmt: skip
def test_a_class_beyond_the_power_has_one_kind_of_option(small, layers_of, from_mw, names):
    options = fed(layers_of, small, k=1, second_feed_from_mw=from_mw, spare_stations=1).options
    assert options["option_id"].tolist() == names
    assert options[["facility_min_mw", "facility_max_mw"]].to_numpy().tolist() == [[40, 400]]


def test_a_station_that_may_be_built_is_an_option_through_its_works(small):
    new = points("station_id", ["N1", "N2"], [(2125, 125), (3125, 125)])
    layers = small.layers_of(stations=THREE, new_stations=new)
    works = pd.DataFrame({"station_id": ["N1", "N2"], "voltage_kv": 345.0, "relief_mw": 1000.0})
    headroom = pd.concat([ALL_300, rooms(("N1", 345, 0.0), ("N2", 345, 0.0))])
    asked = scenario_of(k=1, new_345_stations=True)
    options = connect_sites(HERE, headroom, layers, asked, works).options.set_index("option_id")
    # its 345/154 kV banks serve both classes, at one level
    assert options.index.tolist() == ["S1@A-154", "S1@N1-154", "S1@N1-345"]
    assert options["station_kv"].tolist() == [154, 345, 345]
    assert options["headroom_mw"].tolist() == [300, 0, 0]
