"""Flow routing on an elevation model: upstream area, river segments, mouths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from rasterio.transform import Affine

    from siteopt.sources._dem import Dem

__all__ = ["Flow", "Segment", "route"]


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of river from its head or a confluence to the next confluence or the sea.

    Attributes
    ----------
    cells : list of int
        Linear cell numbers downstream, the cell of the confluence last.
    last : int
        The last cell above the confluence; what is upstream of the segment is upstream of it.
    strahler : int
        Strahler order in the drawn network.
    """

    cells: list[int]
    last: int
    strahler: int


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """Drainage of a grid.

    Attributes
    ----------
    down : ndarray of int64, shape (n_cells,)
        Linear number of the next cell downstream; a mouth points at itself, sea is -1.
    upstream_km2 : ndarray of float32, shape (n_cells,)
        Area that drains through a cell, itself included; -9999 in the sea.
    mouth : ndarray of int64, shape (n_cells,)
        Linear number of the mouth that a cell drains to, -1 in the sea.
    shape : tuple of int
        Rows and columns of the grid.
    transform : Affine
        From (column, row) to degrees.
    """

    down: NDArray[np.int64]
    upstream_km2: NDArray[np.float32]
    mouth: NDArray[np.int64]
    shape: tuple[int, int]
    transform: Affine

    def lonlat(
        self, cells: NDArray[np.integer] | list[int]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return longitude and latitude of the centres of cells, degrees."""
        rows, cols = np.divmod(np.asarray(cells, dtype=np.int64), self.shape[1])
        lon = self.transform.c + self.transform.a * (cols + 0.5)
        lat = self.transform.f + self.transform.e * (rows + 0.5)
        return lon, lat

    def cells_near(self, lon: float, lat: float, reach_m: float) -> NDArray[np.int64]:
        """Return the land cells whose centres lie within a distance of a point."""
        width = 111_320.0 * np.cos(np.deg2rad(lat))
        n = int(np.ceil(reach_m / (self.transform.a * width))) + 1
        col = int((lon - self.transform.c) / self.transform.a)
        row = int((lat - self.transform.f) / self.transform.e)
        rows = np.arange(max(row - n, 0), min(row + n + 1, self.shape[0]))
        cols = np.arange(max(col - n, 0), min(col + n + 1, self.shape[1]))
        cells = (rows[:, None] * self.shape[1] + cols[None, :]).ravel()
        cells = cells[self.down[cells] >= 0]
        cell_lon, cell_lat = self.lonlat(cells)
        far = np.hypot((cell_lon - lon) * width, (cell_lat - lat) * 111_132.0)
        return np.asarray(cells[far <= reach_m], dtype=np.int64)

    def main_child(self, streams: NDArray[np.int64]) -> dict[int, int]:
        """Return for each stream cell the stream cell above it with the most upstream area."""
        order = np.lexsort((streams, -self.upstream_km2[streams]))
        child: dict[int, int] = {}
        for cell in streams[order]:
            below = int(self.down[cell])
            if below != cell:
                child.setdefault(below, int(cell))
        return child

    def streams(self, from_km2: float) -> NDArray[np.int64]:
        """Return the cells with at least this upstream area, by rising upstream area."""
        cells = np.flatnonzero(self.upstream_km2 >= from_km2)
        return cells[np.argsort(self.upstream_km2[cells], kind="stable")]

    def segments(self, streams: NDArray[np.int64]) -> list[Segment]:
        """Cut the streams at their confluences; segments in the order of their first cells."""
        above = _count_above(self.down, streams)
        heads = [int(c) for c in np.sort(streams) if above[int(c)] != 1]
        ends = [self._walk(head, above) for head in heads]
        order = self._strahler(heads, ends)
        return [
            Segment(cells, cells[-2] if _meets(above, cells) else cells[-1], rank)
            for cells, rank in zip(ends, order, strict=True)
        ]

    def _walk(self, head: int, above: dict[int, int]) -> list[int]:
        cells = [head]
        while True:
            below = int(self.down[cells[-1]])
            if below == cells[-1]:
                return cells
            cells.append(below)
            if above[below] != 1:
                return cells

    def _strahler(self, heads: list[int], ends: list[list[int]]) -> list[int]:
        """Order of each segment: 1 at a head, one more where two of the same order meet."""
        ranks = dict.fromkeys(heads, 1)
        feeders: dict[int, list[int]] = {}
        rising = sorted(range(len(heads)), key=lambda i: (self.upstream_km2[heads[i]], heads[i]))
        for i in rising:
            given = sorted(feeders.get(heads[i], []), reverse=True)
            if given:
                twice = len(given) > 1 and given[0] == given[1]
                ranks[heads[i]] = given[0] + int(twice)
            feeders.setdefault(ends[i][-1], []).append(ranks[heads[i]])
        return [ranks[head] for head in heads]


def _count_above(down: NDArray[np.int64], streams: NDArray[np.int64]) -> dict[int, int]:
    above = dict.fromkeys((int(c) for c in streams), 0)
    for cell in streams:
        below = int(down[cell])
        if below != cell:
            above[below] += 1
    return above


def _meets(above: dict[int, int], cells: list[int]) -> bool:
    """Whether a segment ends in a confluence rather than in the sea."""
    return len(cells) > 1 and above[cells[-1]] > 1


def route(dem: Dem, sea: NDArray[np.bool_]) -> Flow:
    """Fill depressions and lead every land cell to the sea or the edge of the grid.

    Priority flood and D8 as in pyflwdir: every cell drains to the lowest of its eight neighbours
    on the filled surface, flats towards their outlet.

    Parameters
    ----------
    dem : Dem
        Heights; degrees.
    sea : ndarray of bool
        Cells that water leaves to.
    """
    import pyflwdir  # noqa: PLC0415 - compiles at import, and only builds need it

    missing = -9999.0
    heights = np.where(sea, missing, dem.height_m).astype(np.float32)
    ways = pyflwdir.from_dem(
        heights, nodata=missing, transform=dem.transform, latlon=True, outlets="edge"
    )
    down = np.where(sea.ravel(), -1, ways.idxs_ds).astype(np.int64)
    upstream = np.asarray(ways.upstream_area("km2"), dtype=np.float32).ravel()
    return Flow(down, upstream, _mouths(down), dem.height_m.shape, dem.transform)


def _mouths(down: NDArray[np.int64]) -> NDArray[np.int64]:
    """Follow every cell to its mouth by doubling the steps."""
    sea = down < 0
    at = np.where(sea, np.arange(len(down)), down)
    for _ in _doublings(len(down)):
        further = at[at]
        if np.array_equal(further, at):
            break
        at = further
    return np.where(sea, -1, at)


def _doublings(n: int) -> Iterator[int]:
    return iter(range(int(np.ceil(np.log2(max(n, 2)))) + 1))
