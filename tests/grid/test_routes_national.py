"""Routes on the embedded layers of the whole country."""

from __future__ import annotations

import time

import numpy as np
import pytest
import shapely
from skimage.graph import MCP_Geometric

from siteopt.grid import connect_sites, station_headroom
from siteopt.grid._dijkstra import Buckets, least_cost_paths
from siteopt.grid.routes import cost_surface, find_routes, read_ground
from siteopt.layers import open_layers
from siteopt.scenario import load_scenario
from siteopt.screening import screen
from siteopt.sites.tiles import find_sites

pytestmark = pytest.mark.national


@pytest.fixture(scope="module")
def asked():
    return load_scenario("national-2035")


@pytest.fixture(scope="module")
def layers(asked):
    return open_layers(asked)


@pytest.fixture(scope="module")
def connected(asked, layers):
    """Return sites, connections, and the processor seconds of the routes."""
    sites = find_sites(screen(layers, asked.screening), layers, asked)
    headroom = station_headroom(layers, asked.target.year)
    begin = time.process_time()
    found = connect_sites(sites, headroom, layers, asked)
    return sites, found, time.process_time() - begin


@pytest.mark.slow
def test_routes_of_a_national_run_take_a_few_seconds_of_one_core(connected):
    assert connected[2] < 12  # 3.4 s, and 1 s for loading or compiling the search


@pytest.mark.slow
def test_costs_are_those_of_scikit_image_bit_for_bit(asked, layers):
    surface = cost_surface(
        read_ground(layers, asked.connection.route_cell_m),
        154,
        layers.parameters,
        all_underground=False,
    )
    rate, n_cols = surface.rate_bn_krw_km, surface.ground.lattice.n_cols
    km = surface.ground.lattice.cell_m / 1000.0
    start = np.unravel_index(
        int(np.flatnonzero(surface.ground.corridor.ravel())[40_000]), rate.shape
    )
    box = tuple(slice(place - 150, place + 151) for place in start)
    finder = MCP_Geometric(rate[box], sampling=(km, km))
    cost, _ = finder.find_costs([(150, 150)])
    near = cost < np.min([cost[0], cost[-1], cost[:, 0], cost[:, -1]])  # no way round is cheaper
    rows, cols = np.nonzero(near)
    ends = (rows + start[0] - 150) * n_cols + cols + start[1] - 150
    some = np.random.default_rng(3).choice(len(ends), 500, replace=False)
    found = least_cost_paths(
        surface, int(start[0] * n_cols + start[1]), ends[some], Buckets.of(surface)
    )
    assert found.cost_bn_krw.tolist() == cost[rows[some], cols[some]].tolist()


@pytest.mark.slow
def test_nearly_every_site_has_a_route_and_none_is_shorter_than_the_crow_flies(connected):
    sites, found, _ = connected
    options = found.options
    assert len(options) > 4 * len(sites)
    # the others have no substation in reach that can supply them, or are on islands
    assert 0.92 < options["site_id"].nunique() / len(sites) < 0.96
    assert (options["route_km"] >= options["distance_km"] - 1e-9).all()
    detour = options["route_km"] / options["distance_km"]
    assert 1.1 < detour.median() < 1.25  # existing lines have 1.2
    assert detour.quantile(0.9) < 1.5
    parts = options["route_oh_km"] + options["route_ug_km"]
    assert np.allclose(parts, options["route_km"], rtol=0, atol=1e-9)


@pytest.mark.slow
def test_costs_per_km_lie_between_the_cheapest_and_the_dearest_cell(connected, layers):
    known = layers.parameters.value
    for voltage, group in connected[1].options.groupby("voltage_kv"):
        least = known("route_flat_factor") * known("route_corridor_factor")
        least *= known(f"line{voltage:g}_oh_cost")
        per_km = group["route_bn_krw"] / group["route_km"]
        assert per_km.min() >= least - 1e-9
        assert 0.7 * known(f"line{voltage:g}_oh_cost") < per_km.median()
        assert per_km.median() < 1.2 * known(f"line{voltage:g}_oh_cost")
        cables = group["route_ug_km"] * known(f"line{voltage:g}_ug_cost")
        assert (group["route_bn_krw"] >= cables - 1e-9).all()


def test_the_mean_existing_line_costs_what_the_parameters_say(layers):
    """The relief factors are those of other countries over their mean on the lines of Korea."""
    ground = read_ground(layers, 250)
    lines = layers.vector("lines")
    lines = lines[~lines["dc"] & ~lines["underground"] & lines["voltage_kv"].isin([154, 345])]
    factor = np.array(
        [layers.parameters.value(f"route_{name}_factor") for name in ("flat", "hill", "mountain")]
    )
    points = np.vstack(
        [
            shapely.get_coordinates(shapely.line_interpolate_point(line, np.arange(50, km, 100)))
            for line, km in zip(lines.geometry, lines.geometry.length, strict=True)
        ]
    )
    rows, cols = ground.lattice.cells_of(points[:, 0], points[:, 1])
    assert factor[ground.relief[rows, cols]].mean() == pytest.approx(1, abs=0.02)


def test_existing_lines_are_as_long_as_routes_between_their_ends(layers):
    """The detour factor is the length of existing lines over that of least-cost paths."""

    class Plain:
        """The parameters without the corridors, which are the lines themselves."""

        @staticmethod
        def value(key):
            plain = {"route_corridor_factor": 1.0, "route_detour_factor": 1.0}
            return plain.get(key) or layers.parameters.value(key)

    lines = layers.vector("lines")
    lines = lines[~lines["dc"] & ~lines["underground"] & (lines["voltage_kv"] == 345)]
    ends = np.array([[*line.coords[0][:2], *line.coords[-1][:2]] for line in lines.geometry])
    far = np.hypot(*(ends[:, :2] - ends[:, 2:]).T) > 3000
    ends, real_km = ends[far], lines.geometry.length.to_numpy()[far] / 1000
    surface = cost_surface(read_ground(layers, 250), 345, Plain(), all_underground=False)
    pairs = np.repeat(np.arange(len(ends))[:, None], 2, axis=1)
    path_km = find_routes(surface, ends[:, :2], ends[:, 2:], pairs).table["route_km"]
    known = layers.parameters.value("route_detour_factor")
    assert real_km.sum() / path_km.sum() == pytest.approx(known, abs=0.02)


def test_routes_of_one_region_are_no_shorter_than_the_crow_flies(layers):
    """Substations of Gangwon to each other: the kind of proof of the slow tests, in one region."""
    provinces = layers.vector("provinces")
    region = provinces.geometry[provinces["name_en"].str.startswith("Gangwon")].union_all()
    places = layers.vector("stations").geometry
    places = places[places.within(region)]
    ends = np.column_stack([places.x, places.y])
    apart = np.hypot(*(ends[:, None] - ends[None]).transpose(2, 0, 1))
    pairs = np.argwhere(np.triu((apart > 3000) & (apart < 30_000)))
    assert len(pairs) > 10
    known, ground = layers.parameters, read_ground(layers, 1000)
    found = find_routes(cost_surface(ground, 345, known, all_underground=False), ends, ends, pairs)
    table = found.table
    assert table["route_km"].notna().mean() > 0.9
    table, pairs = table[table["route_km"].notna()], pairs[table["route_km"].notna()]
    crow_km = apart[pairs[:, 0], pairs[:, 1]] / 1000
    assert (table["route_km"] >= crow_km - 2).all()  # each end is put on the centre of a cell
    least = known.value("route_flat_factor") * known.value("route_corridor_factor")
    least *= known.value("line345_oh_cost")
    per_km = table["route_bn_krw"] / table["route_km"]
    assert (per_km >= least - 1e-9).all()


@pytest.mark.slow
def test_dearer_mountains_make_no_national_route_cheaper(connected, asked, layers):
    sites, found, _ = connected

    class Dearer:
        """The parameters with one factor higher."""

        @staticmethod
        def value(key):
            return layers.parameters.value(key) * (1.3 if key == "route_mountain_factor" else 1)

    some = found.options[found.options["voltage_kv"] == 345].iloc[::400].reset_index(drop=True)
    stations = layers.vector("stations").set_index("station_id").geometry[some["station_id"]]
    places = sites.set_index("site_id").geometry[some["site_id"]]
    ends = [np.column_stack([at.x, at.y]) for at in (places, stations)]
    pairs = np.repeat(np.arange(len(some))[:, None], 2, axis=1)
    ground = read_ground(layers, asked.connection.route_cell_m)
    cost = [
        find_routes(cost_surface(ground, 345, known, all_underground=False), *ends, pairs)
        .table["route_bn_krw"].to_numpy()
        for known in (layers.parameters, Dearer())
    ]  # fmt: skip
    assert cost[0] == pytest.approx(some["route_bn_krw"].to_numpy())
    assert (cost[1] >= cost[0] - 1e-9).all()
    assert cost[1].sum() > cost[0].sum()
