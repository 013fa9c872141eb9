"""Connection options against a search of all pairs."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from siteopt.errors import ScenarioError
from siteopt.grid.connections import OPTION_COLUMNS, connection_options
from siteopt.scenario import Build, Connection

KNOWN = {
    "route_factor": 1.5, "line22.9_lead_time": 2, "line154_lead_time": 5, "line345_lead_time": 9,
}  # fmt: skip
CLASSES = [
    {"voltage_kv": 22.9, "station_kv": 154, "facility_max_mw": 40},
    {"voltage_kv": 154, "station_kv": 154, "facility_max_mw": 400},
    {"voltage_kv": 345, "station_kv": 345, "facility_max_mw": 2000},
]


def points(column, ids, xy):
    return gpd.GeoDataFrame({column: ids}, geometry=[Point(p) for p in xy], crs=5179)


def layers_of(stations):
    return SimpleNamespace(
        vector=lambda _: stations, parameters=SimpleNamespace(value=KNOWN.__getitem__)
    )


def scenario_of(k=2, reach=40.0, it_min=40.0, classes=CLASSES):
    return SimpleNamespace(
        connection=Connection(options_per_class=k, distance_max_km=reach, classes=classes),
        build=Build(it_min_mw=it_min, it_max_mw=1000, block_mw=20),
    )


def rooms(*rows):
    return pd.DataFrame(rows, columns=["station_id", "voltage_kv", "headroom_mw"])


def test_one_site_one_station():
    stations = points("station_id", ["A"], [(3000, 4000)])
    sites = points("site_id", ["S1"], [(0, 0)])
    options = connection_options(
        sites, rooms(("A", 154, 100.0)), layers_of(stations), scenario_of()
    )
    assert tuple(options.columns) == OPTION_COLUMNS
    row = options.iloc[0]
    assert len(options) == 1
    assert row["option_id"] == "S1@A-154"
    assert row[["distance_km", "route_km"]].tolist() == pytest.approx([5, 7.5])
    assert row[["facility_min_mw", "facility_max_mw", "headroom_mw"]].tolist() == [40, 400, 100]
    assert row["lead_time_years"] == 5


def test_low_voltage_class_serves_when_builds_are_small():
    stations = points("station_id", ["A"], [(0, 0)])
    sites = points("site_id", ["S1"], [(0, 0)])
    options = connection_options(
        sites, rooms(("A", 154, 30.0)), layers_of(stations), scenario_of(it_min=20.0)
    )
    assert options["option_id"].tolist() == ["S1@A-22.9"]
    assert options["facility_min_mw"].tolist() == [0]


def test_station_too_weak_for_the_class_is_no_option():
    stations = points("station_id", ["A", "B"], [(0, 0), (9000, 0)])
    sites = points("site_id", ["S1"], [(0, 0)])
    headroom = rooms(("A", 345, 399.0), ("B", 345, 401.0), ("A", 154, 0.0))
    options = connection_options(sites, headroom, layers_of(stations), scenario_of())
    assert options["option_id"].tolist() == ["S1@B-345"]


def test_equal_distances_go_by_station_id():
    at = [(1000, 0), (-1000, 0), (0, 1000), (0, -1000)]
    stations = points("station_id", ["D", "B", "C", "A"], at)
    headroom = rooms(*((name, 154, 100.0) for name in "ABCD"))
    options = connection_options(
        points("site_id", ["S1"], [(0, 0)]), headroom, layers_of(stations), scenario_of(k=3)
    )
    assert options["station_id"].tolist() == ["A", "B", "C"]


def test_reach_is_inclusive_and_nothing_in_reach_gives_no_row():
    stations = points("station_id", ["A"], [(0, 0)])
    sites = points("site_id", ["S1", "S2"], [(40_000, 0), (40_000.01, 0)])
    options = connection_options(
        sites, rooms(("A", 154, 100.0)), layers_of(stations), scenario_of()
    )
    assert options["site_id"].tolist() == ["S1"]


def test_no_headroom_anywhere_gives_an_empty_table():
    stations = points("station_id", ["A"], [(0, 0)])
    options = connection_options(
        points("site_id", ["S1"], [(0, 0)]), rooms(), layers_of(stations), scenario_of()
    )
    assert options.empty
    assert tuple(options.columns) == OPTION_COLUMNS


def test_a_voltage_twice_is_refused():
    twice = [CLASSES[1], CLASSES[1] | {"facility_max_mw": 500}]
    with pytest.raises(ScenarioError, match="voltage_kv 154 appears twice"):
        connection_options(
            points("site_id", ["S1"], [(0, 0)]), rooms(),
            layers_of(points("station_id", ["A"], [(0, 0)])), scenario_of(classes=twice),
        )  # fmt: skip


@settings(derandomize=True, deadline=None, max_examples=50)
@given(st.integers(0, 10_000))
def test_equals_a_search_of_all_pairs(seed):
    rng = np.random.default_rng(seed)
    n, m, k = int(rng.integers(1, 12)), int(rng.integers(1, 25)), int(rng.integers(1, 5))
    # a coarse grid makes many ties
    stations = points("station_id", [f"E{i:02d}" for i in rng.permutation(m)],
                      rng.integers(0, 8, (m, 2)) * 5000)  # fmt: skip
    sites = points("site_id", [f"S{i:02d}" for i in range(n)], rng.integers(0, 8, (n, 2)) * 5000)
    headroom = rooms(
        *((f"E{i:02d}", kv, float(rng.integers(0, 900))) for i in range(m) for kv in (154, 345))
    )
    options = connection_options(sites, headroom, layers_of(stations), scenario_of(k=k, reach=15.0))
    expected = []
    at = dict(zip(stations["station_id"], stations.geometry, strict=True))
    for site in sites.itertuples():
        for kv, low in ((154, 40), (345, 400)):
            strong = [
                (round(site.geometry.distance(at[row.station_id]), 6), row.station_id)
                for row in headroom.itertuples()
                if row.voltage_kv == kv and row.headroom_mw > 0 and row.headroom_mw >= low
            ]
            near = sorted(item for item in strong if item[0] <= 15_000)[:k]
            expected += [f"{site.site_id}@{name}-{kv}" for _, name in near]
    assert options["option_id"].tolist() == expected
