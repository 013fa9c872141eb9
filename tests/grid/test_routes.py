"""Routes against a plain Dijkstra on the same graph, and against closed forms."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from siteopt.grid import _dijkstra, routes
from siteopt.grid.routes import cost_surface, find_routes, join_routes
from tests.examples import examples

STEPS = [(r, c) for r in (-1, 0, 1) for c in (-1, 0, 1) if (r, c) != (0, 0)]
ONE = np.array([[0, 0]])


def by_dijkstra(rate, start, km=1.0):
    """Return the cost of every cell from one: steps cost their length times the mean rate."""
    rows, cols = np.indices(rate.shape)
    tails, heads, costs = [], [], []
    for down, right in STEPS:
        to_row, to_col = rows + down, cols + right
        inside = (to_row >= 0) & (to_row < rate.shape[0])
        inside &= (to_col >= 0) & (to_col < rate.shape[1])
        row, col = rows[inside], cols[inside]
        there = (to_row[inside], to_col[inside])
        free = (rate[row, col] >= 0) & (rate[there] >= 0)
        length = km * np.hypot(down, right)
        tails.append((row * rate.shape[1] + col)[free])
        heads.append((there[0] * rate.shape[1] + there[1])[free])
        costs.append((length * (rate[row, col] + rate[there]) / 2)[free])
    parts = [np.concatenate(part) for part in (costs, tails, heads)]
    graph = coo_array((parts[0], (parts[1], parts[2])), shape=(rate.size, rate.size)).tocsr()
    return dijkstra(graph, indices=start[0] * rate.shape[1] + start[1]).reshape(rate.shape)


def random_rates(seed):
    """Return rates with few values (many ties) and walls, and a passable cell."""
    rng = np.random.default_rng(seed)
    shape = rng.integers(1, 14, 2)
    rate = rng.choice([0.5, 1, 1, 4, -1], shape) if seed % 2 else rng.uniform(0.1, 9, shape)
    rate[rng.random(shape) < 0.2] = -1
    start = tuple(int(rng.integers(0, size)) for size in shape)
    rate[start] = 1.0
    return rng, rate, start


@pytest.fixture
def narrow_windows(monkeypatch):
    """Let windows begin at the ends, so that they have to grow."""
    monkeypatch.setattr(_dijkstra, "_FIRST_REACH", 1.0)
    monkeypatch.setattr(_dijkstra, "_FIRST_MARGIN", 1)


@pytest.mark.usefixtures("narrow_windows")
@pytest.mark.parametrize("seed", range(60))
def test_costs_are_those_of_dijkstra_on_the_same_graph(small, seed):
    _, rate, start = random_rates(seed)
    surface = small.surface_of(rate)
    ends = [tuple(cell) for cell in np.argwhere(rate >= 0)]
    sites = np.array([small.centre(surface, *cell) for cell in ends])
    station = np.array([small.centre(surface, *start)])
    pairs = np.column_stack([np.arange(len(ends)), np.zeros(len(ends), dtype=int)])
    routes = find_routes(surface, sites, station, pairs)
    expected = by_dijkstra(rate, start)[tuple(np.transpose(ends))]
    found = routes.table["found"].to_numpy()
    assert found.tolist() == np.isfinite(expected).tolist()
    assert routes.table["route_bn_krw"][found].to_numpy() == pytest.approx(expected[found])
    assert routes.table.loc[~found, "route_bn_krw"].isna().all()


def test_routes_are_the_same_on_any_number_of_cores(small):
    rng, rate, _ = random_rates(3)
    surface = small.surface_of(rate)
    ends = [tuple(cell) for cell in np.argwhere(rate >= 0)]
    places = np.array([small.centre(surface, *cell) for cell in ends])
    pairs = rng.integers(0, len(ends), (80, 2))
    one, two, many = (find_routes(surface, places, places, pairs, cores) for cores in (1, 2, 50))
    assert one.table["found"].any()
    for other in (two, many):
        assert_frame_equal(one.table, other.table)
        assert one.cells.tolist() == other.cells.tolist()


@examples(60)
@given(st.integers(0, 40), st.integers(0, 40), st.floats(0.1, 9))
def test_uniform_ground_gives_the_octile_distance(small, down, right, rate):
    surface = small.surface_of(np.full((45, 45), rate))
    site = np.array([small.centre(surface, 2 + down, 2 + right)])
    station = np.array([small.centre(surface, 2, 2)])
    row = find_routes(surface, site, station, ONE).table.iloc[0]
    octile = max(down, right) + (np.sqrt(2) - 1) * min(down, right)
    assert row["route_km"] == pytest.approx(octile)
    assert row["route_bn_krw"] == pytest.approx(octile * rate)
    assert row["route_km"] >= np.hypot(down, right) - 1e-9


@pytest.mark.usefixtures("narrow_windows")
def test_a_wall_is_passed_through_its_gap(small):
    rate = np.ones((60, 21))
    rate[:59, 10] = -1  # the gap is the last row
    surface = small.surface_of(rate)
    site, station = small.centre(surface, 0, 9), small.centre(surface, 0, 11)
    routes = find_routes(surface, np.array([site]), np.array([station]), ONE)
    # 58 down, a diagonal into the gap, one out of it, and 58 up
    assert routes.table["route_km"][0] == pytest.approx(2 * (58 + np.sqrt(2)))
    assert {tuple(cell) for cell in np.argwhere(rate < 0)}.isdisjoint(cells_of(routes, 0))


def cells_of(routes, row):
    span = slice(*routes.first[row : row + 2])
    return [tuple(divmod(int(cell), routes.lattice.n_cols)) for cell in routes.cells[span]]


def test_a_corridor_is_used_where_it_pays(small):
    for rate, pays in ((0.5, True), (0.97, False)):
        ground = np.ones((9, 41))
        ground[0] = rate  # four rows beside the straight way
        surface = small.surface_of(ground)
        site, station = small.centre(surface, 4, 0), small.centre(surface, 4, 40)
        routes = find_routes(surface, np.array([site]), np.array([station]), ONE)
        on_it = sum(row == 0 for row, _ in cells_of(routes, 0))
        assert on_it == (33 if pays else 0)
        # four diagonals each way, half a step of the fourth in the corridor's rate
        aslant = 2 * np.sqrt(2) * (3 + (1 + rate) / 2)
        expected = 32 * rate + aslant if pays else 40
        assert routes.table["route_bn_krw"][0] == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(20))
def test_stretches_add_up_and_join_site_and_station(small, seed):
    rng, rate, start = random_rates(2 * seed)
    cable = rng.random(rate.shape) < 0.4
    surface = small.surface_of(rate, cable)
    ends = [tuple(cell) for cell in np.argwhere(rate >= 0)]
    shift = rng.uniform(-499, 499, (len(ends) + 1, 2))  # places are anywhere in their cells
    sites = np.array([small.centre(surface, *cell) for cell in ends]) + shift[1:]
    station = np.array([small.centre(surface, *start)]) + shift[:1]
    pairs = np.column_stack([np.arange(len(ends)), np.zeros(len(ends), dtype=int)])
    routes = find_routes(surface, sites, station, pairs)
    table = routes.table
    for row in np.flatnonzero(table["found"]).tolist():
        lines = routes.stretches([row])
        km = lines.groupby("kind")["length_km"].sum()
        assert km.get("overhead", 0) == pytest.approx(table["route_oh_km"][row])
        assert km.get("underground", 0) == pytest.approx(table["route_ug_km"][row])
        assert table["route_oh_km"][row] + table["route_ug_km"][row] == table["route_km"][row]
        straight = np.hypot(*(sites[row] - station[0])) / 1000
        assert table["route_km"][row] >= straight - 1e-9
        assert lines["stretch"].tolist() == list(range(1, len(lines) + 1))
        points = [np.asarray(line.coords) for line in lines.geometry]
        assert points[0][0] == pytest.approx(sites[row])
        assert points[-1][-1] == pytest.approx(station[0])
        assert all(one[-1] == pytest.approx(other[0]) for one, other in pairwise(points))
        assert (lines["kind"].to_numpy()[1:] != lines["kind"].to_numpy()[:-1]).all()


def test_half_of_each_step_is_of_each_cell_s_kind(small):
    surface = small.surface_of([[1, 7, 7, 1]], [[0, 1, 1, 0]])
    site, station = small.centre(surface, 0, 0), small.centre(surface, 0, 3)
    routes = find_routes(surface, np.array([site]), np.array([station]), ONE)
    row = routes.table.iloc[0]
    assert row[["route_oh_km", "route_ug_km", "route_bn_krw"]].tolist() == [1.0, 2.0, 15.0]
    lines = routes.stretches([0])
    assert lines["kind"].tolist() == ["overhead", "underground", "overhead"]
    assert lines["length_km"].tolist() == [0.5, 2.0, 0.5]
    assert lines.crs.to_epsg() == 5179


def test_within_one_cell_the_line_is_straight(small):
    surface = small.surface_of([[2.0, 2.0]])
    site = np.array([[100.0, 100.0], [700.0, 800.0]])
    routes = find_routes(
        surface, site, np.array([[400.0, 500.0], [700.0, 800.0]]), np.array([[0, 0], [1, 1]])
    )
    assert routes.table["route_km"].tolist() == [0.5, 0.0]
    assert routes.table["route_bn_krw"].tolist() == [1.0, 0.0]
    assert routes.stretches([0])["length_km"].tolist() == [0.5]
    assert routes.stretches([1]).empty  # a site in its station has no line


def test_an_island_without_a_crossing_has_no_route(small):
    rate = np.ones((5, 5))
    rate[:, 2] = -1
    surface = small.surface_of(rate)
    places = np.array([small.centre(surface, 0, 0), small.centre(surface, 4, 4)])
    table = find_routes(surface, places, places[1:], np.array([[0, 0], [1, 0]])).table
    assert table["found"].tolist() == [False, True]
    assert table["route_km"].isna().tolist() == [True, False]


def test_a_place_on_a_barred_cell_starts_at_the_nearest_passable_one_within_a_km(small):
    rate = np.full((20, 20), -1.0)
    rate[:, 10:] = 1.0
    surface = small.surface_of(rate, cell_m=250.0)
    station = np.array([small.centre(surface, 5, 15)])
    sites = np.array([small.centre(surface, 5, 7), small.centre(surface, 5, 5)])
    table = find_routes(surface, sites, station, np.array([[0, 0], [1, 0]])).table
    assert table["found"].tolist() == [True, False]  # 0.75 km and 1.25 km from land
    assert table["route_km"][0] == pytest.approx(8 * 0.25)
    rate[5, 6] = 1.0  # an islet beside the place is no way to the mainland
    islet = small.surface_of(rate, cell_m=250.0)
    assert find_routes(islet, sites[:1], station, ONE).table["found"][0]
    outside = np.array([[-5000.0, -5000.0]])
    assert not find_routes(surface, outside, station, ONE).table["found"][0]


def test_a_route_does_not_depend_on_the_others(small):
    rng, rate, start = random_rates(8)
    surface = small.surface_of(rate)
    ends = np.argwhere(rate >= 0)
    sites = np.array([small.centre(surface, *cell) for cell in ends])
    stations = np.array([small.centre(surface, *start), small.centre(surface, *ends[0])])
    pairs = np.array([(site, station) for site in range(len(ends)) for station in (0, 1)])
    together = find_routes(surface, sites, stations, pairs)
    again = find_routes(surface, sites, stations, pairs)
    assert together.table.equals(again.table)
    assert together.cells.tobytes() == again.cells.tobytes()
    mixed = rng.permutation(len(pairs))
    shuffled = find_routes(surface, sites, stations, pairs[mixed])
    assert shuffled.table.equals(together.take(mixed).table)
    assert shuffled.cells.tobytes() == together.take(mixed).cells.tobytes()
    alone = join_routes([find_routes(surface, sites, stations, pair[None]) for pair in pairs])
    found = together.table["found"]
    assert alone.table["found"].equals(found)
    assert alone.table.loc[found, "route_bn_krw"].to_numpy() == pytest.approx(
        together.table.loc[found, "route_bn_krw"].to_numpy()
    )


def test_a_detour_lengthens_lines_and_their_stretches_alike(small):
    ground = small.ground_of(np.ones((3, 9), dtype=bool), builtup=np.arange(27).reshape(3, 9) < 9)
    ends = np.array([[100.0, 2500.0], [8700.0, 300.0]])
    found = [
        find_routes(
            cost_surface(ground, 154, small.Known(route_detour_factor=f), all_underground=False),
            ends[:1], ends[1:], ONE,
        )
        for f in (1.0, 1.25)
    ]  # fmt: skip
    columns = ["route_km", "route_oh_km", "route_ug_km", "route_bn_krw"]
    plain, longer = (one.table[columns].to_numpy() for one in found)
    assert longer == pytest.approx(1.25 * plain)
    km = found[1].take(np.array([0])).stretches([0])["length_km"].sum()
    assert km == pytest.approx(longer[0, 0])
    assert (plain > 0).all()


FACTORS = [
    "line154_oh_cost", "line154_ug_cost", "route_flat_factor", "route_hill_factor",
    "route_mountain_factor", "route_ug_mountain_factor", "route_park_factor",
    "route_corridor_factor", "route_river_factor", "route_strait_factor", "route_detour_factor",
]  # fmt: skip


@examples(80)
@given(st.integers(0, 10_000), st.sampled_from(FACTORS), st.floats(1.01, 5))
def test_a_dearer_factor_never_makes_a_route_cheaper(small, seed, name, times):
    rng = np.random.default_rng(seed)
    shape = (12, 12)
    passable = rng.random(shape) > 0.1
    passable[0, 0] = passable[-1, -1] = True
    flags = {
        flag: rng.random(shape) < 0.3
        for flag in ("builtup", "park", "river", "corridor", "strait", "cable")
    }
    ground = small.ground_of(passable, relief=rng.integers(0, 3, shape), **flags)

    def cost(known):
        surface = cost_surface(ground, 154, known, all_underground=False)
        ends = np.array([small.centre(surface, 0, 0), small.centre(surface, 11, 11)])
        return find_routes(surface, ends[:1], ends[1:], ONE).table["route_bn_krw"][0]

    before, after = cost(small.Known()), cost(small.Known(**{name: times * small.KNOWN[name]}))
    assert np.isnan(before) == np.isnan(after)
    assert np.isnan(before) or after >= before - 1e-9


def test_routes_are_the_same_in_portions_of_any_size(small, monkeypatch):
    rng, rate, start = random_rates(9)
    surface = small.surface_of(rate)
    ends = np.argwhere(rate >= 0)
    sites = np.array([small.centre(surface, *cell) for cell in ends]) + rng.uniform(-90, 90, 2)
    stations = np.array([small.centre(surface, *start), [-9e6, -9e6]])  # one without a route
    pairs = rng.integers(0, [len(ends), 2], (60, 2))
    rows = rng.integers(0, 60, 200)
    whole = find_routes(surface, sites, stations, pairs)
    monkeypatch.setattr(routes, "_PORTION_CELLS", 7)
    parts = find_routes(surface, sites, stations, pairs)
    assert 0 < whole.table["found"].sum() < 60
    for one, other in ((whole, parts), (whole.take(rows), parts.take(rows))):
        assert one.table.equals(other.table)
        for name in ("first", "cells", "underground", "ends_m"):
            assert getattr(one, name).tobytes() == getattr(other, name).tobytes()
    taken = parts.take(rows)
    for place, row in enumerate(rows.tolist()):
        span = slice(*whole.first[row : row + 2])
        assert (
            taken.cells[slice(*taken.first[place : place + 2])].tolist()
            == whole.cells[span].tolist()
        )
