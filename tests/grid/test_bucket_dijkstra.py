"""The compiled search against scikit-image's MCP_Geometric: the same costs to the last bit."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.graph import MCP_Geometric

from siteopt.grid._bucket_dijkstra import settle
from siteopt.grid._dijkstra import Buckets, least_cost_paths
from tests.examples import examples

KM = 0.25


def rates(seed, values, shape=(23, 31)):
    """Return rates of some kind, a fifth of the cells barred, and a passable start."""
    rng = np.random.default_rng(seed)
    rate = values(rng, shape)
    rate[rng.random(shape) < 0.2] = -1.0
    start = (int(rng.integers(shape[0])), int(rng.integers(shape[1])))
    rate[start] = abs(rate[start])
    return rate, start


KINDS = {
    "few values, many ties": lambda rng, shape: rng.choice([0.5, 1.0, 1.0, 4.0], shape),
    "all different": lambda rng, shape: rng.uniform(0.7, 21.0, shape),
    "orders of magnitude apart": lambda rng, shape: 10.0 ** rng.uniform(-4, 5, shape),
    "all alike": lambda _, shape: np.full(shape, 3.3),
}  # fmt: skip


def reachable(rate, start):
    """Return the cost of each cell by MCP_Geometric, and the cells that can be reached."""
    cost, _ = MCP_Geometric(rate, sampling=(KM, KM)).find_costs([start])
    return cost, np.flatnonzero(np.isfinite(cost.ravel()))


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@examples(40)
@given(seed=st.integers(0, 10**6))
def test_costs_equal_those_of_scikit_image_bit_for_bit(small, kind, seed):
    rate, start = rates(seed, kind)
    cost, ends = reachable(rate, start)
    surface = small.surface_of(rate, cell_m=1000 * KM)
    begin = start[0] * rate.shape[1] + start[1]
    found = least_cost_paths(surface, begin, ends, Buckets.of(surface))
    assert found.cost_bn_krw.tolist() == cost.ravel()[ends].tolist()
    for number in range(0, len(ends), 17):
        path = found.path(number)
        assert (path[0], path[-1]) == (ends[number], begin)
        assert cost_along(rate, path) == pytest.approx(found.cost_bn_krw[number], rel=1e-12)


def cost_along(rate, cells):
    places = [divmod(int(cell), rate.shape[1]) for cell in cells]
    return sum(
        KM * np.hypot(a[0] - b[0], a[1] - b[1]) * (rate[a] + rate[b]) / 2
        for a, b in pairwise(places)
    )


@pytest.mark.parametrize("width", [0.01, 0.125, 3.0, 1e4])
def test_the_width_of_the_buckets_changes_no_path(small, width):
    rate, start = rates(7, KINDS["few values, many ties"])
    _, ends = reachable(rate, start)
    surface = small.surface_of(rate, cell_m=1000 * KM)
    begin = start[0] * rate.shape[1] + start[1]
    plain = least_cost_paths(surface, begin, ends, Buckets.of(surface))
    other = least_cost_paths(surface, begin, ends, Buckets(width, 1 << 12))
    assert plain.cells.tolist() == other.cells.tolist()
    assert plain.first.tolist() == other.first.tolist()


def test_of_two_cheapest_paths_the_one_through_the_cheapest_cell_is_taken(small):
    surface = small.surface_of(np.ones((5, 5)), cell_m=1000 * KM)
    paths = least_cost_paths(surface, 0, np.array([7]), Buckets.of(surface))  # row 1, column 2
    assert paths.path(0).tolist() == [7, 1, 0]  # the side step is cheaper than the diagonal


def test_a_queue_without_room_is_said_and_not_cut_short():
    rate = np.full((12, 12), -1.0)
    rate[1:-1, 1:-1] = 1.0
    sides = np.array([-13, -12, -11, -1, 1, 11, 12, 13])
    half = 0.5 * np.array([2**0.5, 1, 2**0.5, 1, 1, 2**0.5, 1, 2**0.5])
    asked = (rate.ravel(), sides, half, 13, np.array([130]), 1.0, 8)
    assert settle(*asked, 4).size == 0
    assert settle(*asked, 400)[130] == pytest.approx(9 * 2**0.5)
