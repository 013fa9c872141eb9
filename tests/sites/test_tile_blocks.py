from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from siteopt.lattice import Lattice
from siteopt.sites._tile_blocks import TileLines
from tests.examples import examples


@examples(200)
@given(
    st.integers(1, 60), st.integers(1, 60), st.sampled_from([30.0, 90.0, 250.0, 1_000.0]),
    st.sampled_from([500.0, 700.0, 2_500.0]), st.integers(1, 4_000),
)  # fmt: skip
def test_blocks_cover_the_grid_once_with_whole_tiles(
    n_rows: int, n_cols: int, cell_m: float, tile_m: float, cells: int
) -> None:
    lattice = Lattice(cell_m * 7, cell_m * 5, cell_m, n_rows, n_cols)
    tiles = TileLines.of(lattice, tile_m)
    met, owner = np.zeros(lattice.shape, dtype=int), np.full(lattice.shape, -1)
    for place, (rows, cols) in enumerate(tiles.blocks(cells)):
        met[rows, cols] += 1
        owner[rows, cols] = place
        tile = (len(set(tiles.north[rows])), len(set(tiles.east[cols])))
        assert met[rows, cols].size <= cells or tile == (1, 1)
    assert (met == 1).all()
    home = (tiles.north[:, None] - tiles.north.min()) * 10_000 + tiles.east - tiles.east.min()
    for tile in np.unique(home):
        assert len(np.unique(owner[home == tile])) == 1


def test_a_block_is_as_large_as_its_cells_allow() -> None:
    tiles = TileLines.of(Lattice(0.0, 40_000.0, 250.0, 80, 120), 2_500.0)
    assert list(tiles.blocks(1e9)) == [(slice(0, 80), slice(0, 120))]
    assert list(tiles.blocks(40 * 120)) == [
        (slice(0, 40), slice(0, 120)), (slice(40, 80), slice(0, 120)),
    ]  # fmt: skip
    assert len(list(tiles.blocks(1))) == 8 * 12


def test_a_cell_belongs_to_the_tile_of_its_centre() -> None:
    tiles = TileLines.of(Lattice(900.0, 1_100.0, 300.0, 3, 4), 1_000.0)
    assert tiles.east.tolist() == [1, 1, 1, 1]  # centres at 1050, 1350, 1650 and 1950 m
    assert tiles.north.tolist() == [0, 0, 0]  # at 950, 650 and 350 m
