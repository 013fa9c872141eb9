"""The benchmark of criteria: made sites, stations, lines and parcels."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from benchmarks import criteria
from benchmarks._parcels import LARGEST_HA, SMALLEST_HA, made_parcels
from benchmarks.results import Results, page
from siteopt.lattice import Lattice
from siteopt.layers import Raster, open_layers
from siteopt.scenario import load_scenario

LATTICE = Lattice(0.0, 10_000.0, 250.0, 40, 40)
RNG = np.random.default_rng(4)


def test_both_sides_find_the_same_stations_and_lines():
    xy, points = RNG.uniform(0, 1e5, (60, 2)), RNG.uniform(0, 1e5, (12, 2))
    paths = shapely.linestrings(RNG.uniform(0, 1e5, (9, 4, 2)))
    for found in (criteria._stations(xy, points), criteria._lines(xy, paths)):
        assert found.apart < 1e-9
        assert found.features == found.sample == 60
        assert found.ours.cpu >= 0


def test_a_plain_loop_is_off_where_parcels_are_smaller_than_cells():
    slope, elevation = (
        Raster(RNG.uniform(0, 20, LATTICE.shape), LATTICE, None, name)
        for name in ("slope", "elevation")
    )
    shapes = shapely.buffer(shapely.points(RNG.uniform(1e3, 9e3, (40, 2))), 180)
    parcels = gpd.GeoDataFrame(geometry=shapes, crs=5179)
    exact, loop = criteria._zones(parcels, [slope, elevation], 10)
    assert exact.apart < 1e-5
    assert loop.apart > 0.1
    assert (exact.sample, loop.sample) == (40, 10)


def test_a_loop_over_centres_by_hand():
    east = Raster(np.tile(np.arange(40.0), (40, 1)), LATTICE, None, "east")
    shapes = np.array([shapely.box(1, 251, 749, 749), shapely.box(10, 10, 20, 20)])
    np.testing.assert_array_equal(criteria._by_centres(shapes, east), [1.0, np.nan])


def test_kept_figures_become_a_section_of_the_page(tmp_path):
    timed = criteria.Timed(1.5, 1.25)
    found = criteria.Compared("nearest", "plain", timed, criteria.Timed(5.0, 2.5), 100, 50, 0.25)
    assert "4.0 times" in "".join(criteria.lines(found))
    results = Results(tmp_path / "figures.json")
    results.keep_criteria(found)
    run = {
        "parcels": 3000, "sites": 2950, "brief": True, "wall": 12.25, "cpu": 20.5,
        "peak_mb": 900.0, "timings_s": {"layers": 1.5, "portfolio": 9.0},
    }  # fmt: skip
    results.keep_parcels(run)
    assert "2,950 sites" in "".join(criteria.run_lines(run))
    told = page(Results(tmp_path / "figures.json").figures)
    assert "| nearest | 100 | 1.50 s | 1.25 s | plain | 50 | 2.50 s | 2.5e-01 |" in told
    assert "| 3,000 | 2,950 | brief | 1.5 s | 9.0 s | 12.2 s | 20.5 s | 900 MB |" in told
    header = next(line for line in told.splitlines() if line.startswith("| parcels |"))
    rule = told.splitlines()[told.splitlines().index(header) + 1]
    assert header.count("|") == rule.count("|") == 10


@pytest.mark.national
def test_parcels_are_valid_of_the_sizes_that_were_asked_for_and_the_same_again():
    scenario = load_scenario(criteria.SCENARIO)
    layers = open_layers(scenario)
    parcels = made_parcels(scenario, layers, 200)
    assert parcels.is_valid.all()
    assert parcels["site_id"].is_unique
    hectares = parcels.area / 1e4
    assert SMALLEST_HA - 1e-6 <= hectares.min() < hectares.max() <= LARGEST_HA + 1e-6
    assert parcels.equals(made_parcels(scenario, layers, 200))
