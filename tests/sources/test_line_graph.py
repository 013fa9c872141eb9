"""Lines from ways: where they meet stations and one another, by hand and on random trees."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point

from siteopt._data import data_folder
from siteopt.sources._line_ends import meet
from siteopt.sources._line_graph import Line, contract, pieces
from tests.examples import examples

REFERENCE = data_folder() / "reference"
X0, Y0 = 1_000_000.0, 1_800_000.0


def at(x, y=0.0):
    """Return metres from km."""
    return (X0 + 1000 * x, Y0 + 1000 * y)


def stations(*some):
    """Return stations from rows of x, y in km, highest kV; kind substation unless a 4th says so."""
    table = pd.DataFrame(
        [
            {"name_ko": f"S{i}", "kind": row[3] if len(row) > 3 else "substation",
             "tag_kv": row[2], **{f"level_{kv}": kv == row[2] for kv in (154, 345, 765)}}
            for i, row in enumerate(some)
        ]
    )  # fmt: skip
    return gpd.GeoDataFrame(table, geometry=[Point(at(*row[:2])) for row in some], crs=5179)


def ways(*some, kv=154, circuits=2):
    """Return ways from lists of points in km."""
    shapes = [LineString([at(*point) for point in way]) for way in some]
    return gpd.GeoDataFrame(
        {"way_id": [f"{i}" for i in range(len(some))], "kv": kv, "circuits": circuits,
         "underground": False},
        geometry=shapes, crs=5179,
    )  # fmt: skip


def network(wires, places):
    """Return lines as a sorted list of ends, circuits and km, and how stations are joined."""
    meeting = meet(wires, places)
    lines = contract(pieces(wires, meeting), len(places))
    found = sorted(
        (*sorted((line.a, line.b)), line.kv, line.circuits, round(line.length_m / 1000, 3))
        for line in lines
    )
    joined = {(row.node, row.kv): row.rule for row in meeting.joined.itertuples()}
    return found, joined


def test_a_way_ends_at_the_stations_near_its_ends():
    found, joined = network(ways([(0.3, 0), (9.6, 0)]), stations((0, 0, 154), (10, 0, 154)))
    assert found == [(0, 1, 154, 2, 9.3)]
    assert set(joined.values()) == {"line end"}


def test_a_strong_line_does_not_end_at_a_weaker_station_but_at_a_plant():
    wire = ways([(0, 0), (10, 0)], kv=345)
    weak, _ = network(wire, stations((0, 0, 154), (10, 0, 345)))
    assert weak[0][0] == 1
    assert weak[0][1] > 1
    plant, _ = network(wire, stations((0, 0, 154, "plant"), (10, 0, 345)))
    assert plant == [(0, 1, 345, 2, 10)]


def test_ways_end_to_end_are_one_line_with_the_fewer_circuits_known():
    wires = ways([(0, 0), (4, 0)], [(4.03, 0), (7, 0)], [(10, 0), (7, 0)])
    wires["circuits"] = [2, 0, 4]
    found, _ = network(wires, stations((0, 0, 154), (10, 0, 154)))
    assert found == [(0, 1, 154, 2, 9.97)]


def test_ways_of_two_voltages_do_not_meet_outside_a_station():
    wires = ways([(0, 0), (5, 0)], [(5, 0), (10, 0)])
    wires["kv"] = [154, 345]
    found, _ = network(wires, stations((0, 0, 154), (10, 0, 345)))
    assert len(found) == 2
    assert all(second > 1 for _, second, *_ in found)


def test_a_station_on_a_passing_line_splits_it():
    found, joined = network(
        ways([(0, 0), (10, 0)]), stations((0, 0, 154), (10, 0, 154), (4, 0.1, 154))
    )
    assert found == [(0, 2, 154, 2, 4), (1, 2, 154, 2, 6)]
    assert joined[2, 154] == "passing line"


def test_a_line_that_passes_a_station_with_ends_of_its_own_is_left_alone():
    places = stations((0, 0, 154), (10, 0, 154), (4, 0.1, 154), (4, 5, 154))
    found, joined = network(ways([(0, 0), (10, 0)], [(4, 0.1), (4, 5)]), places)
    assert found == [(0, 1, 154, 2, 10), (2, 3, 154, 2, 4.9)]
    assert joined[2, 154] == "line end"


def test_a_line_that_passes_at_a_distance_or_at_another_voltage_is_left_alone():
    places = stations((0, 0, 154), (10, 0, 154), (4, 0.2, 154), (6, 0.1, 345))
    found, joined = network(ways([(0, 0), (10, 0)]), places)
    assert found == [(0, 1, 154, 2, 10)]
    assert set(joined) == {(0, 154), (1, 154)}


def test_a_dead_end_near_a_station_without_lines_is_its_cable():
    places = stations((0, 0, 154), (10, 0, 154), (6, 0, 154))
    found, joined = network(ways([(0, 0), (5.2, 0)]), places)
    assert found == [(0, 2, 154, 2, 5.2)]
    assert joined[2, 154] == "near dead end"


def test_a_branch_makes_a_node_and_three_lines():
    found, _ = network(
        ways([(0, 0), (10, 0)], [(5, 0.02), (5, 4)]),
        stations((0, 0, 154), (10, 0, 154), (5, 4, 154)),
    )
    assert len(found) == 3
    tap = found[0][1]
    assert tap >= 3
    assert {line[0] for line in found} == {0, 1, 2}
    assert sum(line[4] for line in found) == pytest.approx(13.98)


def test_circuits_side_by_side_add_up_and_a_detour_stays_apart():
    places = stations((0, 0, 154), (10, 0, 154))
    beside = ways([(0, 0), (10, 0)], [(0, 0.04), (5, 0.04), (10, 0.04)])
    assert network(beside, places)[0] == [(0, 1, 154, 4, 10)]
    around = ways([(0, 0), (10, 0)], [(0, 0), (5, 9), (10, 0)])
    assert [line[3] for line in network(around, places)[0]] == [2, 2]


def test_short_stubs_go_and_long_dead_ends_stay():
    places = stations((0, 0, 154), (10, 0, 154))
    stub = ways([(0, 0), (10, 0)], [(5, 0), (5, 0.4)])
    assert network(stub, places)[0] == [(0, 1, 154, 2, 10)]
    spur = ways([(0, 0), (10, 0)], [(5, 0), (5, 3)])
    assert len(network(spur, places)[0]) == 3


@examples(50)
@given(st.integers(0, 100_000), st.integers(2, 12), st.integers(0, 15))
def test_contraction_keeps_ways_between_stations_and_asks_no_order(seed, n, more):
    """Stations reach one another before and after, at the same shortest length in a tree."""
    rng = np.random.default_rng(seed)
    total = n + more
    lines = [
        Line((f"{i:03d}", 0), int(rng.integers(0, i)), i, 154, int(rng.integers(0, 5)),
             float(rng.uniform(600, 9000)), 0.0, np.zeros((2, 2)))
        for i in range(1, total)
    ]  # fmt: skip
    found = contract(lines, n)
    shuffled = [lines[i].turned() if i % 2 else lines[i] for i in rng.permutation(len(lines))]
    again = contract(shuffled, n)
    assert [(one.name, {one.a, one.b}, one.circuits) for one in found] == [
        (one.name, {one.a, one.b}, one.circuits) for one in again
    ]
    assert _ways(found, total, n) == pytest.approx(_ways(lines, total, n))
    degree = np.bincount([node for one in found for node in (one.a, one.b)], minlength=total)
    assert not (degree[n:] == 2).any()


def _ways(lines, total, n):
    """Return the shortest lengths between the first n nodes (Floyd and Warshall)."""
    km = np.full((total, total), np.inf)
    np.fill_diagonal(km, 0)
    for one in lines:
        km[one.a, one.b] = km[one.b, one.a] = min(km[one.a, one.b], one.length_m)
    for k in range(total):
        km = np.minimum(km, km[:, k, None] + km[None, k, :])
    return km[:n, :n].ravel().tolist()


@pytest.mark.parametrize(
    ("kv", "published_km", "low", "high"),
    [(765, 1_024, 0.97, 1.03), (345, 10_070, 0.85, 1.0), (154, 24_270, 0.65, 0.8)],
)
def test_embedded_circuit_km_are_near_the_published_ones(kv, published_km, low, high):
    """KEPCO at the end of 2024 (grid_facts_3.csv); 154 kV there counts lower voltages too."""
    lines = gpd.read_file(REFERENCE / "lines.geojson")
    some = lines[lines["voltage_kv"] == kv]
    share = (some["circuits"] * some["length_km"]).sum() / published_km
    assert low < share < high
