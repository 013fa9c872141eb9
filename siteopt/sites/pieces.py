"""Pieces of eligible land: the flattest sufficient one of every tile, in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from siteopt._memory import MIB
from siteopt.errors import InfeasibleError
from siteopt.sites._build_sizes import it_max_mw
from siteopt.sites._tile_blocks import TileLines
from siteopt.sites._tile_grid import TileGrid
from siteopt.sites.tile_ids import TILE_UNIT_M, tile_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from siteopt.lattice import Lattice
    from siteopt.layers.protocols import LayersLike, RasterLike
    from siteopt.scenario import Scenario
    from siteopt.screening import Eligibility

__all__ = ["SLOPE_LADDER_DEG", "Pieces", "find_pieces"]

SLOPE_LADDER_DEG: Final = (
    2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 18.0, 21.0, 25.0, 30.0, np.inf,
)  # fmt: skip
"""Steps of slope at which a tile's piece is looked for, flattest first."""

_VERTICAL_DEG: Final = 90.0

_BYTES_A_CELL: Final = 120.0
"""Memory that a cell of a block takes while its pieces are looked for. Measured on 6 million cells
of 30 and of 100 m with slopes at random: 80 bytes where 6 in 10 are eligible, 109 where all are."""


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """The contiguous eligible land of each site, cell by cell.

    Attributes
    ----------
    lattice : Lattice
        The screening grid, EPSG:5179.
    site_ids : ndarray of str, shape (n,)
        Sorted; the order of the sites everywhere.
    rows, cols : ndarray of int32, shape (m,)
        Cells of all pieces, those of a piece together, in order of the sites.
    site : ndarray of int32, shape (m,)
        Place in ``site_ids`` of each cell's site.
    point_rows, point_cols : ndarray of int32, shape (n,)
        The cell of each piece that is deepest inside it.
    """

    lattice: Lattice
    site_ids: NDArray[np.str_]
    rows: NDArray[np.int32]
    cols: NDArray[np.int32]
    site: NDArray[np.int32]
    point_rows: NDArray[np.int32]
    point_cols: NDArray[np.int32]

    @property
    def cell_counts(self) -> NDArray[np.int64]:
        """Cells of each piece, shape (n,)."""
        counts: NDArray[np.int64] = np.bincount(self.site, minlength=len(self.site_ids))
        return counts

    @property
    def area_ha(self) -> NDArray[np.float64]:
        """Area of each piece in hectares, shape (n,)."""
        return self.cell_counts.astype(np.float64) * self.lattice.cell_ha

    def raster(self) -> NDArray[np.int32]:
        """Return the place in ``site_ids`` of every cell's site, -1 where there is none."""
        out = np.full(self.lattice.shape, -1, dtype=np.int32)
        out[self.rows, self.cols] = self.site
        return out


def find_pieces(eligibility: Eligibility, layers: LayersLike, scenario: Scenario) -> Pieces:
    """Return the flattest contiguous eligible piece of every tile that holds enough.

    Tiles lie on multiples of ``candidates.tile_m`` in EPSG:5179 and a cell belongs to the tile of
    its centre, so neither a piece nor its id depends on the extent of a run. Cells are contiguous
    across their sides. Enough is the largest build that the tile's largest piece holds, up to
    ``candidates.piece_mw`` (``build.it_max_mw`` where empty). A piece is looked for on land up to
    2 degrees, then up to 2.5 and so on to 30 degrees and any (:data:`SLOPE_LADDER_DEG`), and the
    first step at which a piece holds enough is taken. Of several such pieces the one with the
    least mean slope is taken, then the largest, then the one that reaches farthest north, then
    west. Land whose slope is not known counts as the steepest. An id is ``S`` and the south-west
    corner of the tile in units of 500 m, east then north: it is the same place at every tile size.

    Parameters
    ----------
    eligibility : Eligibility
        Result of screening.
    layers : LayersLike
        ``slope`` is read.
    scenario : Scenario
        ``candidates`` and ``build`` are used, and ``screening.memory_mb``, which bounds the blocks
        of tiles that are searched one after another and changes no piece.

    Raises
    ------
    InfeasibleError
        If no piece is large enough.
    """
    tiles = TileLines.of(eligibility.lattice, scenario.candidates.tile_m)
    slope, largest = layers.raster("slope"), 0
    blocks: list[_Block] = []
    for rows, cols in tiles.blocks(scenario.screening.memory_mb * MIB / _BYTES_A_CELL):
        block, cells = _pieces_of_block(eligibility, slope, tiles, (rows, cols), scenario)
        largest = max(largest, cells)
        if block is not None:
            blocks.append(block)
    if not blocks:
        raise _no_site(largest, eligibility.lattice, scenario)
    return _joined(eligibility.lattice, blocks)


class _Block(NamedTuple):
    """Chosen pieces of a block: ids, cells of each, all cells piece by piece, deepest cells."""

    ids: NDArray[np.str_]
    counts: NDArray[np.int64]
    rows: NDArray[np.int32]
    cols: NDArray[np.int32]
    point_rows: NDArray[np.int32]
    point_cols: NDArray[np.int32]


def _pieces_of_block(
    eligibility: Eligibility, slope: RasterLike, tiles: TileLines, part: tuple[slice, slice],
    scenario: Scenario,
) -> tuple[_Block | None, int]:  # fmt: skip
    """Return the pieces of the tiles of a block, and the cells of its largest piece, chosen or not."""
    lattice = eligibility.lattice
    north, east = tiles.north[part[0]], tiles.east[part[1]]
    grid = TileGrid.of(north, east)
    rows, cols = np.nonzero(eligibility.eligible_in(*part))
    tile = (north[0] - north)[rows] * (east[-1] - east[0] + 1) + (east - east[0])[cols]
    angle = slope.sample(*lattice.centres_m(rows + part[0].start, cols + part[1].start))
    land = _Land(rows, cols, tile, np.where(np.isfinite(angle), angle, _VERTICAL_DEG))
    kept, largest = _flattest(grid, land, lattice.cell_ha, scenario)
    if not len(kept):
        return None, largest
    rows, cols, tile = rows[kept], cols[kept], tile[kept]
    order = np.argsort(tile, kind="stable")
    rows, cols, tile = rows[order], cols[order], tile[order]
    _, first, site, counts = np.unique(
        tile, return_index=True, return_inverse=True, return_counts=True
    )
    ids = _ids(east[cols[first]], north[rows[first]], scenario.candidates.tile_m)
    deepest = _deepest(grid, rows, cols, site)
    rows, cols = (
        (line + part.start).astype(np.int32) for line, part in zip((rows, cols), part, strict=True)
    )
    return _Block(ids, counts, rows, cols, rows[deepest], cols[deepest]), largest


def _ids(east: NDArray[np.int64], north: NDArray[np.int64], tile_m: float) -> NDArray[np.str_]:
    """Return the ids of tiles by their numbers."""
    west_u, south_u = (
        np.floor(number * tile_m / TILE_UNIT_M).astype(np.int64).tolist()
        for number in (east, north)
    )
    return np.array([tile_id(*place) for place in zip(west_u, south_u, strict=True)], dtype=np.str_)


def _joined(lattice: Lattice, blocks: Sequence[_Block]) -> Pieces:
    """Return the pieces of all blocks in the order of their ids."""
    ids, counts, rows, cols, point_rows, point_cols = (
        np.concatenate(parts) for parts in zip(*blocks, strict=True)
    )
    order = np.argsort(ids, kind="stable")
    begins = (np.cumsum(counts) - counts)[order]
    counts = counts[order]
    # where each cell comes from: steps of one within a piece, a jump to the begin of the next
    source = np.repeat(begins - (np.cumsum(counts) - counts), counts)
    source += np.arange(len(source))
    return Pieces(
        lattice, ids[order], rows[source], cols[source],
        np.repeat(np.arange(len(ids), dtype=np.int32), counts),
        point_rows[order], point_cols[order],
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Land:
    """Eligible cells of a block, by row and column in it, with their tile and slope."""

    rows: NDArray[np.int64]
    cols: NDArray[np.int64]
    tile: NDArray[np.int64]
    slope_deg: NDArray[np.float64]

    def take(self, at: NDArray[np.int64]) -> _Land:
        return _Land(self.rows[at], self.cols[at], self.tile[at], self.slope_deg[at])


def _flattest(
    grid: TileGrid, land: _Land, cell_ha: float, scenario: Scenario
) -> tuple[NDArray[np.int64], int]:
    """Return the places of the cells of the chosen pieces, and the cells of the largest piece.

    Tiles without room have none.
    """
    build = scenario.build
    whole = _PiecesOf.of(grid, land)
    wanted_mw = np.zeros(int(land.tile.max(initial=-1)) + 1)
    np.maximum.at(wanted_mw, whole.tile, it_max_mw(whole.size * cell_ha, build))
    open_tile = wanted_mw > 0
    wanted_mw = np.minimum(wanted_mw, scenario.candidates.piece_mw or build.it_max_mw)
    chosen: list[NDArray[np.int64]] = [np.zeros(0, dtype=np.int64)]
    for limit in SLOPE_LADDER_DEG:
        at = np.flatnonzero((land.slope_deg <= limit) & open_tile[land.tile])
        if not len(at):
            continue
        found = _PiecesOf.of(grid, land.take(at))
        held_mw = it_max_mw(found.size * cell_ha, build)
        best = found.best_by_tile(held_mw >= wanted_mw[found.tile])
        chosen.append(at[np.isin(found.piece, best)])
        open_tile[found.tile[best]] = False
    return np.sort(np.concatenate(chosen)), int(whole.size.max(initial=0))


@dataclass(frozen=True, slots=True, eq=False)
class _PiecesOf:
    """Contiguous pieces of cells: their number by cell and, by number, tile, cells and slope."""

    piece: NDArray[np.int64]
    tile: NDArray[np.int64]
    size: NDArray[np.float64]
    mean_slope_deg: NDArray[np.float64]

    @classmethod
    def of(cls, grid: TileGrid, land: _Land) -> _PiecesOf:
        piece = grid.contiguous(land.rows, land.cols)
        size = np.bincount(piece).astype(np.float64)
        home = np.zeros(len(size), dtype=np.int64)
        home[piece] = land.tile
        total = np.bincount(piece, weights=land.slope_deg)
        return cls(piece, home, size, total / np.maximum(size, 1.0))

    def best_by_tile(self, fit: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return of each tile's fit pieces the flattest, of equal ones the largest, the first."""
        number = np.flatnonzero(fit)
        order = np.lexsort(
            (number, -self.size[number], self.mean_slope_deg[number], self.tile[number])
        )
        number = number[order]
        begins = np.ones(len(number), dtype=np.bool_)
        begins[1:] = self.tile[number][1:] != self.tile[number][:-1]
        return number[begins]


def _deepest(
    spread: TileGrid, rows: NDArray[np.int64], cols: NDArray[np.int64], site: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return for each site the place of its deepest cell.

    Of equally deep cells the nearest to the middle of the piece is taken, then the first by row
    and column. Squares of offsets are whole numbers that float64 holds exactly up to 2**53 (tiles of
    10 km in cells of 30 m); beyond, int64 would overflow where float64 rounds.
    """
    count = np.bincount(site)
    begin = np.cumsum(count) - count
    row, col = rows - rows[begin][site], cols - cols[begin][site]
    off_row = (row * count[site] - np.add.reduceat(row, begin)[site]).astype(np.float64)
    off_col = (col * count[site] - np.add.reduceat(col, begin)[site]).astype(np.float64)
    off = off_row * off_row + off_col * off_col
    order = np.lexsort((cols, rows, off, -spread.depth_squared(rows, cols), site))
    deepest: NDArray[np.int64] = order[begin]
    return deepest


def _no_site(largest_cells: int, lattice: Lattice, scenario: Scenario) -> InfeasibleError:
    build = scenario.build
    needed = build.it_min_mw * build.land_ha_per_mw
    largest = float(largest_cells) * lattice.cell_ha
    return InfeasibleError(
        f"no candidate site: the smallest build (build.it_min_mw {build.it_min_mw:g} MW) needs "
        f"{needed:g} ha of contiguous eligible land, but no tile has more than {largest:g} ha; "
        "loosen screening.exclusions or lower build.land_ha_per_mw"
    )
