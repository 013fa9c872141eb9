"""What cells are to a line, and what a line costs in them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from shapely import LineString, box

from siteopt.errors import LayerError
from siteopt.grid.routes import cost_surface, read_ground
from siteopt.layers.store import open_layers
from siteopt.scenario import load_scenario
from siteopt.sources.relief import model_slope_deg

REFERENCE = Path(__file__).parents[2] / "data" / "reference"


def at(ground, flags, x, y):
    rows, cols = ground.lattice.cells_of(np.array([x]), np.array([y]))
    return flags[rows[0], cols[0]]


def test_sea_is_barred_but_for_existing_crossings(small):
    west, east = box(0, 0, 5000, 5000), box(8000, 0, 13_000, 5000)
    lines = small.vector(
        [LineString([(4000, 2100), (9000, 2100)]), LineString([(4000, 4100), (9000, 4100)]),
         LineString([(4000, 600), (9000, 600)])],
        dc=[False, False, True], underground=[False, True, False],
    )  # fmt: skip
    whole = small.raster("slope", np.zeros((20, 52), dtype=np.float32), 0, 5000)
    layers = small.layers_of(
        land=west.union(east), lines=lines, slope=whole,
        electors=small.raster("electors", np.zeros((20, 52), dtype=np.float32), 0, 5000),
    )  # fmt: skip
    ground = read_ground(layers, 250)
    assert at(ground, ground.part, 6000, 3000) == 0
    assert at(ground, ground.part, 6000, 600) == 0  # direct current is no crossing
    assert at(ground, ground.strait, 6000, 2100)
    assert at(ground, ground.part, 1000, 1000) == at(ground, ground.part, 12_000, 1000) > 0
    assert not at(ground, ground.cable, 6000, 2100)
    assert at(ground, ground.cable, 6000, 4100)
    assert at(ground, ground.corridor, 4500, 2100)
    assert not at(ground, ground.corridor, 4500, 4100)


def test_lines_without_the_direct_current_column_are_alternating(small):
    line = small.vector([LineString([(1000, 1000), (4000, 1000)])], underground=[False])
    ground = read_ground(small.layers_of(land=box(0, 0, 5000, 5000), lines=line), 250)
    assert at(ground, ground.corridor, 2000, 1000)


def test_cells_are_judged_by_their_centres_and_by_thresholds(small):
    slope = np.zeros((20, 20), dtype=np.float32)
    slope[0, :4] = [0.99, 1.0, 4.99, 5.0]
    slope[1, 0] = np.nan
    electors = np.zeros((20, 20), dtype=np.float32)
    electors[2, :2] = [1999, 2000]
    layers = small.layers_of(
        land=box(0, 0, 5000, 5000),
        slope=small.raster("slope", slope, 0, 5000),
        electors=small.raster("electors", electors, 0, 5000),
        parks=small.vector([box(0, 0, 600, 600)]),
        rivers=small.vector([LineString([(0, 2600), (5000, 2700)])]),
    )
    ground = read_ground(layers, 250)
    assert ground.relief[0, :4].tolist() == [0, 1, 1, 2]
    assert ground.part[1, 0] == 0  # nobody knows its slope
    assert ground.builtup[2, :2].tolist() == [False, True]
    assert ground.park.sum() == 4  # the centres at 125 and 375, not at 625
    assert ground.river.any(axis=0).all()


def test_a_river_has_no_diagonal_gap(small):
    river = small.vector([LineString([(-10, 900), (4100, 5200)])])
    ground = read_ground(small.layers_of(land=box(0, 0, 5000, 5000), rivers=river), 250)
    # on cells that share a side, a path that steps diagonally cannot slip through
    rows, cols = np.nonzero(ground.river)
    side = {(row, col) for row, col in zip(rows.tolist(), cols.tolist(), strict=True)}
    for row, col in side - {min(side), max(side)}:
        assert {(row - 1, col), (row + 1, col), (row, col - 1), (row, col + 1)} & side


def test_rates_are_cost_times_the_factors_that_apply(small):
    one = np.zeros((1, 8), dtype=bool)
    cells = {
        name: np.arange(8)[None] == place
        for place, name in enumerate(("builtup", "park", "river", "corridor", "strait", "cable"))
    }
    passable = ~one
    passable[0, 7] = False
    relief = np.zeros((1, 8))
    relief[0, :3] = [2, 2, 1]
    surface = cost_surface(
        small.ground_of(passable, relief=relief, **cells), 154, small.Known(), all_underground=False
    )
    assert surface.rate_bn_krw_km[0] == pytest.approx(
        [7 * 1.2, 1.3 * 1.1 * 2, 1.3 * 0.8 * 1.5, 1.3 * 0.6 * 0.9, 1.3 * 0.6 * 3, 7, 1.3 * 0.6, -1]
    )
    assert surface.underground[0].tolist() == [True, *[False] * 4, True, False, False]


def test_cables_everywhere_have_no_use_for_a_corridor(small):
    corridor = np.array([[True, False]])
    ground = small.ground_of(np.ones((1, 2), dtype=bool), corridor=corridor)
    surface = cost_surface(ground, 345, small.Known(), all_underground=True)
    assert surface.underground.all()
    assert surface.rate_bn_krw_km[0].tolist() == [25, 25]


def test_a_detour_below_one_is_refused(small):
    ground = small.ground_of(np.ones((2, 2), dtype=bool))
    with pytest.raises(LayerError, match=r"route_detour_factor is 0\.9; .* 1 or more"):
        cost_surface(ground, 154, small.Known(route_detour_factor=0.9), all_underground=False)


@pytest.mark.parametrize("key", ["line154_oh_cost", "route_park_factor"])
def test_what_costs_nothing_is_refused(small, key):
    ground = small.ground_of(np.ones((2, 2), dtype=bool))
    with pytest.raises(LayerError, match=f"{key} is 0; what a line costs must be positive"):
        cost_surface(ground, 154, small.Known(**{key: 0}), all_underground=False)


@pytest.mark.national
def test_hills_and_mountains_of_routes_are_those_of_before_the_slopes_were_corrected() -> None:
    """Route factors were calibrated on slopes of the 190 m model, 1.15 and 4.57 degrees."""
    layers = open_layers(load_scenario("national-2035"))
    model = model_slope_deg(REFERENCE)
    steps = np.where(np.isnan(model), 255, np.minimum(np.round(model / 0.2), 180))
    # The slope layer of the revision before the correction, in steps of 0.2 degrees up to 36.
    former = "bdb82fd09a41d4d673863f77e334347cbfefe71c187342bb63e3ab7224c45ee3"
    assert hashlib.sha256(steps.astype(np.uint8).tobytes()).hexdigest() == former
    raster, known = layers.raster("slope"), layers.parameters
    corrected = np.where(raster.values == raster.nodata, np.nan, raster.values)
    with np.errstate(invalid="ignore"):
        for key, model_deg in (("route_hill_slope", 1.15), ("route_mountain_slope", 4.57)):
            np.testing.assert_array_equal(corrected >= known.value(key), model >= model_deg)
