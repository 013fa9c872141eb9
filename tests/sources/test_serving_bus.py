"""Which bus serves a station: hand-made networks, every path by hand, and the embedded table."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt._data import data_folder
from siteopt.sources._serving_bus import serving_buses
from tests.examples import examples

REFERENCE = data_folder() / "reference"
X0, Y0 = 1_000_000.0, 1_800_000.0


def stations(*rows):
    """Return stations from rows of id, x in km, levels; on a line through the country."""
    table = pd.DataFrame(
        [(name, "46", *(kv in levels for kv in (154, 345, 765))) for name, _, levels in rows],
        columns=["station_id", "province_code", "level_154", "level_345", "level_765"],
    )
    points = gpd.points_from_xy([X0 + 1000 * x for _, x, _ in rows], [Y0] * len(rows))
    return gpd.GeoDataFrame(table, geometry=points, crs=5179)


def buses(*rows):
    """Return buses from rows of id, x in km, base voltage; 0.3 km off the line of stations."""
    at = gpd.GeoSeries.from_xy(
        [X0 + 1000 * x for _, x, _ in rows], [Y0 + 300] * len(rows), crs=5179
    ).to_crs(4326)
    return pd.DataFrame(
        {"bus_id": [row[0] for row in rows], "base_kv": [row[2] for row in rows], "lon": at.x,
         "lat": at.y}
    )  # fmt: skip


def lines(*rows, dc=False):
    columns = ["station_from", "station_to", "voltage_kv", "length_km"]
    return pd.DataFrame(rows, columns=columns).assign(dc=dc)


def served(places, wires, nodes, detour_max=5.0):
    table = serving_buses(places, wires, nodes, detour_max)
    return {
        (row.station_id, row.voltage_kv): (row.bus_id, row.bus_rule) for row in table.itertuples()
    }


def test_the_mapped_line_decides_and_not_the_air():
    # C is nearer to bus 2 by air, but hangs on bus 1 by a line
    places = stations(("A", 0, [154]), ("B", 30, [154]), ("C", 18, [154]))
    table = served(places, lines(("A", "C", 154, 20)), buses((1, 0, 154), (2, 30, 154)))
    assert table == {
        ("A", 154): (1, "anchor"), ("B", 154): (2, "anchor"), ("C", 154): (1, "network"),
    }  # fmt: skip


def test_the_shorter_of_two_ways_counts_the_stretch_to_the_anchor():
    # bus 1 lies 4 km from its anchor A: 4 + 10 > 12
    places = stations(("A", 0, [154]), ("B", 22, [154]), ("C", 10, [154]))
    wires = lines(("A", "C", 154, 10), ("B", "C", 154, 12))
    assert served(places, wires, buses((1, -4, 154), (2, 22, 154)))["C", 154] == (2, "network")
    assert served(places, wires, buses((1, 0, 154), (2, 22, 154)))["C", 154] == (1, "network")


def test_parallel_circuits_are_one_way_and_not_a_longer_one():
    places = stations(("A", 0, [154]), ("B", 21, [154]), ("C", 10, [154]))
    wires = lines(("A", "C", 154, 10), ("C", "A", 154, 10.5), ("B", "C", 154, 11))
    assert served(places, wires, buses((1, 0, 154), (2, 21, 154)))["C", 154] == (1, "network")


def test_a_345_kv_level_asks_only_buses_and_lines_of_its_voltage():
    # 154 kV leads from C to A in 5 km, 345 kV to B in 40 km
    places = stations(("A", 5, [154, 345]), ("B", 40, [345]), ("C", 0, [154, 345]))
    wires = lines(("A", "C", 154, 5), ("B", "C", 345, 40))
    table = served(places, wires, buses((1, 5, 154), (2, 40, 345), (3, 90, 345)))
    assert table["C", 154] == (1, "network")
    assert table["C", 345] == (2, "network")


def test_banks_join_the_levels_of_a_station():
    # from bus 1 at 154 kV by A's bank and the 345 kV line to C's 154 kV side
    places = stations(("A", 0, [154, 345]), ("B", 60, [154]), ("C", 35, [154, 345]))
    wires = lines(("A", "C", 345, 36))
    assert served(places, wires, buses((1, 0, 154), (2, 60, 154)))["C", 154] == (1, "network")


def test_a_station_without_a_line_goes_by_air():
    places = stations(("A", 0, [154]), ("B", 30, [154]), ("C", 18, [154]))
    table = served(places, lines(), buses((1, 0, 154), (2, 30, 154)))
    assert table["C", 154] == (2, "air")


def test_an_anchor_on_the_mapped_network_is_preferred_up_to_5_km_farther():
    # U has no mapped line (a city cable); the bus beside it still feeds the network 4 km on
    places = stations(("U", 0, [154]), ("A", 4, [154]), ("C", 30, [154]))
    wires = lines(("A", "C", 154, 26))
    table = served(places, wires, buses((1, 0, 154), (2, 90, 154)))
    assert table == {
        ("U", 154): (1, "air"), ("A", 154): (1, "anchor"), ("C", 154): (1, "network"),
    }  # fmt: skip
    far = stations(("U", 0, [154]), ("A", 6, [154]), ("C", 30, [154]))
    assert served(far, wires, buses((1, 0, 154), (2, 90, 154)))["U", 154] == (1, "anchor")


@pytest.mark.parametrize(("most", "expected"), [(3, (2, "detour")), (6, (1, "network"))])
def test_a_way_too_long_means_a_missing_line(most, expected):
    places = stations(("A", 0, [154]), ("B", 26, [154]), ("C", 20, [154]))
    table = served(places, lines(("A", "C", 154, 21)), buses((1, 0, 154), (2, 26, 154)), most)
    assert table["C", 154] == expected


def test_jeju_has_no_bus_and_its_cable_is_no_way():
    places = stations(("A", 0, [154]), ("J", 20, [154]), ("K", 21, [154]))
    places.loc[places["station_id"].isin(["J", "K"]), "province_code"] = "50"
    wires = pd.concat([lines(("A", "J", 154, 20), dc=True), lines(("J", "K", 154, 1))])
    # bus 2 lies nearer to J than to A, but anchors on the mainland
    table = served(places, wires, buses((1, 0, 154), (2, 19, 154)))
    assert table["A", 154] == (1, "anchor")
    assert pd.isna(table["J", 154][0])
    assert table["K", 154][1] == "none"


def test_of_equal_buses_the_smallest_id_serves():
    places = stations(("A", 0, [154]), ("B", 20, [154]), ("C", 10, [154]))
    wires = lines(("A", "C", 154, 10), ("B", "C", 154, 10))
    nodes = buses((7, 0, 154), (3, 20, 154))
    assert served(places, wires, nodes)["C", 154] == (3, "network")
    assert served(places, wires, nodes.iloc[::-1])["C", 154] == (3, "network")


@examples(40)
@given(st.integers(0, 10_000), st.integers(3, 8))
def test_ways_are_the_shortest_of_all_simple_paths(seed, n):
    """On random trees of 154 kV the way is unique and can be walked by hand."""
    rng = np.random.default_rng(seed)
    places = stations(*((f"S{i}", float(5 * i), [154]) for i in range(n)))
    parent = [int(rng.integers(0, i)) for i in range(1, n)]
    length = rng.uniform(1, 9, n - 1)
    wires = lines(*((f"S{i}", f"S{p}", 154, length[i - 1]) for i, p in enumerate(parent, 1)))
    nodes = buses((1, 0, 154), (2, 5.0 * (n - 1), 154))
    km = np.full((n, n), np.inf)
    np.fill_diagonal(km, 0)
    for i, p in enumerate(parent, 1):
        km[i, :i] = km[:i, i] = length[i - 1] + km[p, :i]
    table = serving_buses(places, wires, nodes, detour_max=1e9)
    best = km[[0, n - 1]]
    assert table["bus_km"].tolist() == pytest.approx((best.min(axis=0) + 0.3).tolist(), abs=1e-3)
    clear = np.abs(best[0] - best[1]) > 1e-3
    assert (table["bus_id"].to_numpy()[clear] == np.where(best[0] < best[1], 1, 2)[clear]).all()


@pytest.fixture(scope="module")
def embedded():
    table = pd.read_csv(REFERENCE / "headroom.csv")
    names = pd.read_csv(REFERENCE / "stations.csv").set_index("station_id")["name_ko"]
    nodes = pd.read_csv(REFERENCE / "case_buses.csv").set_index("bus_id")
    return table.assign(
        station=table["station_id"].map(names), bus=table["bus_id"].map(nodes["name_ko"]),
        base_kv=table["bus_id"].map(nodes["base_kv"]),
    )  # fmt: skip


def test_no_345_kv_level_hangs_on_a_154_kv_bus(embedded):
    assert (embedded.loc[embedded["voltage_kv"] == 345, "base_kv"] >= 345).all()


@pytest.mark.parametrize(
    ("station", "kv", "bus"),
    [
        ("신서산", 345, "당진"), ("신강진", 154, "강진"), ("태백", 154, "태백"), ("가야", 154, "함안"),
        ("진주", 154, "진주"), ("태안", 154, "태안"), ("삼천포", 154, "사천"), ("영광", 154, "영광"),
        ("신온산", 154, "울산"), ("신김제", 345, "김제"),
        # the nearest bus is the 154 kV one of Gyeongju, which has no 345 kV
        ("울주", 345, "서울산"),
    ],
)  # fmt: skip
def test_stations_known_by_name_hang_where_a_planner_would_hang_them(embedded, station, kv, bus):
    row = embedded[(embedded["station"] == station) & (embedded["voltage_kv"] == kv)]
    assert row["bus"].tolist() == [bus]
