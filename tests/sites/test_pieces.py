"""Pieces found block by block: the same as over the whole grid at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.errors import InfeasibleError
from siteopt.lattice import Lattice
from siteopt.layers.store import open_layers
from siteopt.scenario import load_scenario
from siteopt.screening import screen
from siteopt.sites import pieces as module
from siteopt.sites._tile_grid import TileGrid
from siteopt.sites.pieces import find_pieces
from siteopt.sites.tile_ids import tile_id
from siteopt.sites.tiles import cell_means, find_sites
from tests.examples import examples
from tests.sites.test_tiles import Question, World, eligibility_of

if TYPE_CHECKING:
    from siteopt.screening import Eligibility


def reference(eligibility: Eligibility, layers: Any, scenario: Any) -> list[Any]:
    """Return ids, cells and points by rows and columns of all eligible cells at once."""
    lattice, tile_m = eligibility.lattice, scenario.candidates.tile_m
    rows, cols = np.nonzero((eligibility.reasons == 0) & eligibility.land)
    x, _ = lattice.centres_m(np.zeros(1, np.int64), np.arange(lattice.n_cols))
    _, y = lattice.centres_m(np.arange(lattice.n_rows), np.zeros(1, np.int64))
    east, north = (np.floor(line / tile_m).astype(np.int64) for line in (x, y))
    spread = TileGrid.of(north, east)
    tile = (north[rows] - north.min()) * (np.ptp(east) + 1) + east[cols] - east.min()
    slope = layers.raster("slope").sample(*lattice.centres_m(rows, cols))
    land = module._Land(rows, cols, tile, np.where(np.isfinite(slope), slope, 90.0))
    kept, _ = module._flattest(spread, land, lattice.cell_ha, scenario)
    rows, cols = rows[kept], cols[kept]
    corners = [np.floor(line * tile_m / 500.0).astype(int) for line in (east[cols], north[rows])]
    ids = np.array([tile_id(*corner) for corner in zip(*corners, strict=True)], dtype=np.str_)
    site_ids, site = np.unique(ids, return_inverse=True)
    order = np.argsort(site, kind="stable")
    rows, cols, site = rows[order], cols[order], site[order]
    deepest = module._deepest(spread, rows, cols, site)
    return [site_ids, rows, cols, site, rows[deepest], cols[deepest]]


def parts_of(pieces: module.Pieces) -> list[Any]:
    names = ("site_ids", "rows", "cols", "site", "point_rows", "point_cols")
    return [getattr(pieces, name) for name in names]


def assert_same(pieces: module.Pieces, expected: list[Any]) -> None:
    for got, wanted in zip(parts_of(pieces), expected, strict=True):
        np.testing.assert_array_equal(got, wanted)
    assert pieces.site_ids.dtype == expected[0].dtype


@examples(60)
@given(
    seed=st.integers(0, 2**32 - 1), share=st.floats(0.3, 1.0), tile_m=st.sampled_from([500.0, 700.0, 2_500.0]),
    cell_m=st.sampled_from([90.0, 100.0, 250.0]), cells=st.integers(1, 3_000),
    piece_mw=st.sampled_from([None, 100.0]),
)  # fmt: skip
def test_pieces_do_not_depend_on_the_blocks_they_are_looked_for_in(
    seed: int, share: float, tile_m: float, cell_m: float, cells: int, piece_mw: float | None
) -> None:
    random = np.random.default_rng(seed)
    lattice = Lattice(900.0 * 1_111, 900.0 * 2_222, cell_m, 47, 61)
    eligibility = eligibility_of(random.random(lattice.shape) < share, lattice)
    world: Any = World(lattice)
    world.rasters["slope"] = random.choice([1.0, 2.2, 7.0, 29.0, 50.0, np.nan], lattice.shape)
    question: Any = Question(tile_m, piece_mw, it_min_mw=20, land_ha_per_mw=0.02)
    question.screening = question.screening.model_copy(
        update={"memory_mb": cells * module._BYTES_A_CELL / (1 << 20)}
    )
    try:
        found = find_pieces(eligibility, world, question)
    except InfeasibleError:
        assert not len(reference(eligibility, world, question)[0])
        return
    assert_same(found, reference(eligibility, world, question))


def test_the_least_memory_finds_the_sites_of_the_embedded_country() -> None:
    scenario = load_scenario("national-2035")
    layers = open_layers(scenario)
    eligibility = screen(layers, scenario.screening)
    expected = reference(eligibility, layers, scenario)
    assert len(expected[0]) > 1_000
    tables = []
    for memory_mb in (16.0, 512.0):
        screening = scenario.screening.model_copy(update={"memory_mb": memory_mb})
        asked = scenario.model_copy(update={"screening": screening})
        pieces = find_pieces(eligibility, layers, asked)
        assert_same(pieces, expected)
        tables.append(find_sites(eligibility, layers, asked, pieces))
    assert tables[0].equals(tables[1])


def test_means_of_sites_do_not_depend_on_how_many_are_taken_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    random = np.random.default_rng(3)
    lattice = Lattice(1_000_000.0, 1_900_000.0, 250.0, 60, 60)
    eligibility = eligibility_of(random.random(lattice.shape) < 0.7, lattice)
    world: Any = World(lattice)
    for layer in ("slope", "elevation"):
        world.rasters[layer] = random.random(lattice.shape)
    question: Any = Question(it_min_mw=20)
    pieces = find_pieces(eligibility, world, question)
    x_m, y_m = lattice.centres_m(pieces.rows, pieces.cols)
    site = pieces.site.astype(np.int64)
    at_once = cell_means(site, x_m, y_m, len(pieces.site_ids), world)
    for cells in (1, 40, 100, 10_000):
        monkeypatch.setattr("siteopt.sites.tiles._CELLS_AT_ONCE", cells)
        sites = find_sites(eligibility, world, question, pieces)
        for column, means in at_once.items():
            np.testing.assert_array_equal(sites[column], means)


def test_what_is_missing_is_measured_over_all_blocks() -> None:
    lattice = Lattice(1_000_000.0, 1_900_000.0, 250.0, 60, 60)
    cells = np.zeros(lattice.shape, dtype=bool)
    cells[31, 41:44] = True
    question: Any = Question(it_min_mw=400)
    world: Any = World(lattice)
    question.screening = question.screening.model_copy(update={"memory_mb": 1e-6})
    with pytest.raises(InfeasibleError, match=r"no tile has more than 18\.75 ha"):
        find_pieces(eligibility_of(cells, lattice), world, question)


def test_the_deepest_cell_of_a_piece_of_a_million_cells_is_nearest_to_its_middle() -> None:
    """Offsets times cells, squared, are beyond the whole numbers of 64 bits there."""
    height, length = 21, 60_001
    grid = TileGrid.of(np.zeros(height, dtype=np.int64), np.zeros(length, dtype=np.int64))
    rows, cols = (line.ravel() for line in np.indices((height, length)))
    (deepest,) = module._deepest(grid, rows, cols, np.zeros(len(rows), dtype=np.int64))
    assert (rows[deepest], cols[deepest]) == (height // 2, length // 2)
