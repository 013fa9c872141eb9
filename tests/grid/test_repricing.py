"""Repriced routes: the price of a path, against the routes of that surface."""

from __future__ import annotations

import numpy as np
import pytest

from siteopt.grid.repricing import route_lengths
from siteopt.grid.routes import cost_surface, find_routes
from tests.grid.conftest import Known, ground_of

PAIRS = np.array([[0, 0], [1, 0], [2, 1], [0, 0]])


@pytest.fixture
def country():
    """Ground of all kinds, and the routes of four options over it."""
    rng = np.random.default_rng(4)
    shape = (30, 30)
    marks = {
        name: rng.random(shape) < 0.2
        for name in ("builtup", "cable", "park", "river", "corridor", "strait")
    }
    ground = ground_of(
        np.ones(shape, dtype=bool), relief=rng.integers(0, 3, shape).astype(np.uint8), **marks
    )
    x_min, y_min, x_max, y_max = ground.lattice.bounds_m
    place = rng.uniform(0.05, 0.95, (5, 2)) * [x_max - x_min, y_max - y_min] + [x_min, y_min]
    return ground, place[:3], place[3:]


def routes_of(country, known):
    ground, sites, stations = country
    surface = cost_surface(ground, 154.0, known, all_underground=False)
    return find_routes(surface, sites, stations, PAIRS)


def priced(country, routes, known):
    lengths = route_lengths(routes, np.full(len(PAIRS), 154.0), country[0])
    return lengths.price_bn_krw(154.0, known, all_underground=False)[lengths.row]


def test_with_the_same_prices_a_route_costs_what_it_cost(country):
    known = Known(route_detour_factor=1.1)
    routes = routes_of(country, known)
    assert priced(country, routes, known) == pytest.approx(
        routes.table["route_bn_krw"].to_numpy(dtype=float), rel=1e-12
    )


def test_options_with_one_route_share_its_lengths(country):
    lengths = route_lengths(routes_of(country, Known()), np.full(4, 154.0), country[0])
    assert lengths.row.tolist()[0] == lengths.row.tolist()[3]
    assert lengths.km.shape[0] == 3
    apart = route_lengths(
        routes_of(country, Known()), np.array([154.0, 154.0, 154.0, 345.0]), country[0]
    )
    assert apart.km.shape[0] == 4


def test_with_other_prices_the_path_costs_no_less_than_the_route_found_anew(country):
    routes = routes_of(country, Known())
    for changed in (
        Known(line154_ug_cost=2.0), Known(route_park_factor=5.0),
        Known(route_mountain_factor=2.0, route_detour_factor=1.2),
    ):  # fmt: skip
        anew = routes_of(country, changed).table["route_bn_krw"].to_numpy(dtype=float)
        assert (priced(country, routes, changed) >= anew * (1 - 1e-12)).all()


def test_prices_are_linear_in_what_a_km_costs(country):
    routes = routes_of(country, Known())
    twice = Known(line154_oh_cost=2.6, line154_ug_cost=14.0)
    assert priced(country, routes, twice) == pytest.approx(2 * priced(country, routes, Known()))
