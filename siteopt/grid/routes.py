"""Connection routes: least-cost paths from stations to sites over the cost surface."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siteopt.distribution import executor
from siteopt.grid._cost_surface import Ground, Surface, cost_surface, read_ground
from siteopt.grid._dijkstra import Buckets, CellPaths, least_cost_paths
from siteopt.lattice import CRS_EPSG

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from siteopt.lattice import Lattice

    _Sweep = tuple[int, NDArray[np.int64]]
    _T = TypeVar("_T", bound=np.generic)

__all__ = [
    "STRETCH_COLUMNS", "Ground", "Routes", "Surface", "cost_surface", "find_routes", "join_routes",
    "read_ground",
]  # fmt: skip

STRETCH_COLUMNS: Final = ("row", "stretch", "kind", "length_km")
"""Columns of :meth:`Routes.stretches` beside the geometry."""

_ROUTE_COLUMNS: Final = ("found", "route_km", "route_oh_km", "route_ug_km", "route_bn_krw")

_SNAP_M: Final = 1000.0
"""A place on a barred cell (a station on the generalised coast) starts at a passable one so near."""

_PORTION_CELLS: Final = 1_000_000
"""Cells of paths that are worked on at a time, in some 100 MB."""

_DRAWN_CELLS: Final = 0.5
"""Tolerance of drawn lines, in cells from the path; the steps of the lattice go."""


@dataclass(frozen=True, slots=True, eq=False)
class Routes:
    """Routes of options, one a row of ``table``, with the cells that they pass.

    Attributes
    ----------
    table : DataFrame
        ``found`` (whether there is a route at all), ``route_km``, ``route_oh_km``,
        ``route_ug_km``, ``route_bn_krw`` (double-circuit line); NaN where none is found.
    lattice : Lattice
        What the cells lie on, EPSG:5179.
    ends_m : ndarray, shape (n, 4)
        x and y of the site, x and y of the station.
    first : ndarray of int64, shape (n + 1,)
        Where the cells of each row begin in ``cells``.
    cells : ndarray of int32
        Flat cell indices, from the site to the station.
    underground : ndarray of bool
        For each of the cells, whether the line in it is a cable.
    detour : float
        km of line for a km of path, see :class:`Surface`.
    """

    table: pd.DataFrame
    lattice: Lattice
    ends_m: NDArray[np.float64]
    first: NDArray[np.int64]
    cells: NDArray[np.int32]
    underground: NDArray[np.bool_]
    detour: float = 1.0

    @classmethod
    def none(cls, lattice: Lattice) -> Routes:
        """Return a table of no routes."""
        table = pd.DataFrame(columns=list(_ROUTE_COLUMNS))
        whole = np.zeros(1, dtype=np.int64)
        cells = np.zeros(0, dtype=np.int32)
        return cls(table, lattice, np.zeros((0, 4)), whole, cells, cells.astype(np.bool_))

    @classmethod
    def unrouted(cls, lattice: Lattice, count: int, detour: float) -> Routes:
        """Return rows without a route.

        Parameters
        ----------
        lattice : Lattice
            Lattice of EPSG:5179.
        count : int
            Number of rows.
        detour : float
            Length of a route relative to the straight line.
        """
        table = pd.DataFrame({"found": np.zeros(count, dtype=np.bool_)}).reindex(
            columns=list(_ROUTE_COLUMNS)
        )
        first = np.zeros(count + 1, dtype=np.int64)
        cells = np.zeros(0, dtype=np.int32)
        ends = np.full((count, 4), np.nan)
        return cls(table, lattice, ends, first, cells, cells.astype(np.bool_), detour)

    def take(self, rows: NDArray[np.int64]) -> Routes:
        """Return the routes of some rows, in the order of ``rows``.

        Parameters
        ----------
        rows : ndarray of int64
            Rows, in the order of the result.
        """
        first, begin = _spans(self.first, rows)
        return Routes(
            self.table.iloc[rows].reset_index(drop=True), self.lattice, self.ends_m[rows], first,
            _gathered(self.cells, first, begin), _gathered(self.underground, first, begin),
            self.detour,
        )  # fmt: skip

    def stretches(self, rows: Sequence[int]) -> gpd.GeoDataFrame:
        """Return the lines of some rows, one row a stretch of one kind.

        Parameters
        ----------
        rows : sequence of int
            Rows of ``table``, each with a route.

        Returns
        -------
        GeoDataFrame
            EPSG:5179, in the order of ``rows`` and then from the site to the station: ``row``,
            ``stretch`` (1, 2, ...), ``kind`` (``overhead`` or ``underground``), ``length_km`` of
            the route, and the line, generalised to half a cell.
        """
        records = []
        for row in rows:
            for number, (is_cable, points) in enumerate(self._parts(row), start=1):
                km = self.detour * float(np.hypot(*np.diff(points, axis=0).T).sum()) / 1000.0
                kind = "underground" if is_cable else "overhead"
                records.append((row, number, kind, km, shapely.LineString(points)))
        frame = pd.DataFrame(records, columns=[*STRETCH_COLUMNS, "geometry"])
        lines = shapely.simplify(
            frame.pop("geometry").to_numpy(), _DRAWN_CELLS * self.lattice.cell_m
        )
        return gpd.GeoDataFrame(frame, geometry=lines, crs=CRS_EPSG)

    def _parts(self, row: int) -> list[tuple[bool, NDArray[np.float64]]]:
        """Return the points of each stretch: it changes its kind half-way between two cells."""
        span = slice(*self.first[row : row + 2])
        kinds = self.underground[span]
        site, station = self.ends_m[row, None, :2], self.ends_m[row, None, 2:]
        if len(kinds) == 1:
            points = np.vstack([site, station])
            return [(bool(kinds[0]), points)] if (site != station).any() else []
        centres = np.column_stack(
            self.lattice.centres_m(*np.divmod(self.cells[span], self.lattice.n_cols))
        )
        changes = np.flatnonzero(kinds[1:] != kinds[:-1]) + 1
        borders = (centres[changes - 1] + centres[changes]) / 2.0
        parts = []
        for number, (begin, end) in enumerate(pairwise([0, *changes.tolist(), len(kinds)])):
            head = site if number == 0 else borders[number - 1 : number]
            tail = station if end == len(kinds) else borders[number : number + 1]
            parts.append((bool(kinds[begin]), np.vstack([head, centres[begin:end], tail])))
        return parts


def find_routes(
    surface: Surface,
    sites_m: NDArray[np.float64],
    stations_m: NDArray[np.float64],
    pairs: NDArray[np.int64],
    threads: int = 1,
) -> Routes:
    """Return the least-cost routes between pairs of sites and stations.

    One sweep per station serves all its sites. A path goes from centre to centre of neighbouring
    cells; the ends are joined to the centres of their cells by straight lines at the rate of the
    cell. A pair within one cell is joined directly.

    Parameters
    ----------
    surface : Surface
        What a km of line costs in each cell.
    sites_m, stations_m : ndarray, shape (n, 2)
        x and y, EPSG:5179 metres. A place on a barred cell starts at the nearest passable one
        within 1 km (of the largest part of the ground there).
    pairs : ndarray of int64, shape (m, 2)
        Rows of ``sites_m`` and ``stations_m``.
    threads : int
        Cores to use where no cluster is in use; the routes are the same for any number.

    Returns
    -------
    Routes
        In the order of ``pairs``; not found where the two places are on different parts of the
        ground (an island without a crossing), or on none.
    """
    site_cell = _cells(surface.ground, sites_m)[pairs[:, 0]]
    station_cell = _cells(surface.ground, stations_m)[pairs[:, 1]]
    part = surface.ground.part.ravel()
    linked = (site_cell >= 0) & (station_cell >= 0)
    linked &= part[site_cell] == part[station_cell]
    rows = np.flatnonzero(linked)
    rows = rows[np.argsort(station_cell[rows], kind="stable")]
    groups = np.split(rows, np.flatnonzero(np.diff(station_cell[rows])) + 1) if len(rows) else []
    ends = [np.unique(site_cell[group], return_inverse=True) for group in groups]
    sweeps = [
        (int(station_cell[group[0]]), cells) for group, (cells, _) in zip(groups, ends, strict=True)
    ]
    found = _joined_paths(_sweeps(surface, sweeps, threads))
    # the last of the paths has no cell: that of pairs without a route
    path_of = np.full(len(pairs), len(found.cost_bn_krw) - 1, dtype=np.int64)
    before = 0
    for group, (cells, which) in zip(groups, ends, strict=True):
        path_of[group] = before + which
        before += len(cells)
    first, begin = _spans(found.first, path_of)
    ends_m = np.hstack([sites_m[pairs[:, 0]], stations_m[pairs[:, 1]]])
    paths = CellPaths(found.cost_bn_krw[path_of], first, _gathered(found.cells, first, begin))
    return _measured(surface, ends_m, paths)


def _sweeps(surface: Surface, sweeps: list[_Sweep], threads: int) -> list[CellPaths]:
    """Return the paths of many sweeps; the compiled search leaves the interpreter to others."""
    with executor(threads) as pool:
        return list(pool.map(partial(_paths, surface, Buckets.of(surface)), sweeps))


def _paths(surface: Surface, buckets: Buckets, sweep: _Sweep) -> CellPaths:
    return least_cost_paths(surface, *sweep, buckets)


def _joined_paths(some: list[CellPaths]) -> CellPaths:
    """Return paths one after another, and at the end one of no cell and no known cost."""
    lengths = [np.zeros(1, dtype=np.int64), *(np.diff(one.first) for one in some), np.zeros(1, int)]
    return CellPaths(
        np.concatenate([*(one.cost_bn_krw for one in some), [np.nan]]),
        np.cumsum(np.concatenate(lengths)),
        np.concatenate([np.zeros(0, dtype=np.int32), *(one.cells for one in some)]),
    )


def _spans(
    first: NDArray[np.int64], rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where the spans of some rows begin one after another, and where they did before."""
    lengths = first[rows + 1] - first[rows]
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)]), first[rows]


def _portions(first: NDArray[np.int64]) -> Iterator[slice]:
    """Yield rows of spans one after another, some millions of cells at a time (bounds the memory)."""
    row, rows = 0, len(first) - 1
    while row < rows:
        last = int(np.searchsorted(first, first[row] + _PORTION_CELLS, side="right")) - 1
        yield slice(row, max(last, row + 1))
        row = max(last, row + 1)


def _gathered(
    values: NDArray[_T], first: NDArray[np.int64], begin: NDArray[np.int64]
) -> NDArray[_T]:
    """Return spans of values, which begin at ``begin``, one after another, then at ``first``."""
    out = np.empty(first[-1], dtype=values.dtype)
    for rows in _portions(first):
        own = slice(first[rows.start], first[rows.stop])
        lengths = np.diff(first[rows.start : rows.stop + 1])
        shift = np.repeat(begin[rows] - first[:-1][rows], lengths)
        out[own] = values[shift + np.arange(own.start, own.stop)]
    return out


def join_routes(some: Sequence[Routes]) -> Routes:
    """Concatenate routes on one lattice with one detour factor.

    Parameters
    ----------
    some : sequence of Routes
        At least one table of routes.
    """
    starts = np.cumsum([0, *(len(one.cells) for one in some)])
    first = [one.first[:-1] + start for one, start in zip(some, starts, strict=False)]
    return Routes(
        pd.concat([one.table for one in some], ignore_index=True), some[0].lattice,
        np.vstack([one.ends_m for one in some]), np.concatenate([*first, starts[-1:]]),
        np.concatenate([one.cells for one in some]),
        np.concatenate([one.underground for one in some]), some[0].detour,
    )  # fmt: skip


def _cells(ground: Ground, places_m: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the flat index of the cell where a line to each place ends, -1 for none."""
    lattice = ground.lattice
    reach = int(np.ceil(_SNAP_M / lattice.cell_m))
    around = np.arange(-reach, reach + 1)
    out = np.full(len(places_m), -1, dtype=np.int64)
    rows, cols = lattice.cells_of(places_m[:, 0], places_m[:, 1])
    inside = lattice.contains(rows, cols)
    flat = np.where(inside, rows * lattice.n_cols + cols, 0)
    good = inside & (ground.part.ravel()[flat] > 0)
    out[good] = flat[good]
    size = np.bincount(ground.part.ravel())
    size[0] = 0
    for place in np.flatnonzero(~good):
        near_rows, near_cols = (
            grid.ravel()
            for grid in np.meshgrid(rows[place] + around, cols[place] + around, indexing="ij")
        )
        held = lattice.contains(near_rows, near_cols)
        near_rows, near_cols = near_rows[held], near_cols[held]
        x, y = lattice.centres_m(near_rows, near_cols)
        away = np.hypot(x - places_m[place, 0], y - places_m[place, 1])
        land = np.where(away <= _SNAP_M, size[ground.part[near_rows, near_cols]], 0)
        if land.any():  # the mainland before an islet that is nearer
            nearest = int(np.argmin(np.where(land == land.max(), away, np.inf)))
            out[place] = near_rows[nearest] * lattice.n_cols + near_cols[nearest]
    return out


def km_in_cells(
    lattice: Lattice,
    cells: NDArray[np.integer[Any]],
    owner: NDArray[np.int64],
    lengths: NDArray[np.int64],
    ends_m: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the km of path in each cell, and of the straight ends at the site and at the station.

    Half of every step is in each of its two cells; a path within one cell is its straight line.

    Parameters
    ----------
    lattice : Lattice
        What the cells lie on.
    cells, owner : ndarray, shape (cells of all paths,)
        Flat index of each cell, and its path.
    lengths : ndarray, shape (paths,)
        Cells of each path; one of none has no ends.
    ends_m : ndarray, shape (paths, 4)
        x and y of site and station, EPSG:5179.
    """
    centres = np.column_stack(lattice.centres_m(*np.divmod(cells, lattice.n_cols)))
    step_km = np.hypot(*np.diff(centres, axis=0).T) / 1000.0
    step_km[owner[1:] != owner[:-1]] = 0.0
    km = np.zeros(len(cells))
    km[:-1] += step_km / 2.0
    km[1:] += step_km / 2.0
    found = lengths > 0
    tail = np.cumsum(lengths)[found] - 1
    head, ends = tail - lengths[found] + 1, ends_m[found]
    one = head == tail
    straight = np.hypot(ends[:, 0] - ends[:, 2], ends[:, 1] - ends[:, 3]) / 1000.0
    at_site = np.hypot(*(ends[:, :2] - centres[head]).T) / 1000.0
    at_station = np.hypot(*(ends[:, 2:] - centres[tail]).T) / 1000.0
    at_site, at_station = np.where(one, straight, at_site), np.where(one, 0.0, at_station)
    km[head] += at_site
    km[tail] += at_station
    return km, at_site, at_station


def _measured(surface: Surface, ends_m: NDArray[np.float64], paths: CellPaths) -> Routes:
    """Return routes with their lengths by kind and their cost, ends included."""
    lattice, first, cells = surface.ground.lattice, paths.first, paths.cells
    rate, underground = surface.rate_bn_krw_km.ravel(), surface.underground.ravel()[cells]
    found = np.diff(first) > 0
    total, km = paths.cost_bn_krw.copy(), np.full((2, len(found)), np.nan)
    for rows in _portions(first):
        own, has = slice(first[rows.start], first[rows.stop]), found[rows]
        lengths = np.diff(first[rows.start : rows.stop + 1])
        owner = np.repeat(np.arange(len(lengths)), lengths)
        in_cell_km, at_site, at_station = km_in_cells(
            lattice, cells[own], owner, lengths, ends_m[rows]
        )
        tail = np.cumsum(lengths)[has] - 1
        head = tail - lengths[has] + 1
        ends_bn_krw = at_site * rate[cells[own][head]] + at_station * rate[cells[own][tail]]
        total[rows][has] += ends_bn_krw  # of a view
        in_cell_km *= surface.detour
        for kind, which in zip(km, (~underground[own], underground[own]), strict=True):
            kind[rows][has] = np.bincount(owner, in_cell_km * which, len(lengths))[has]
    oh_km, ug_km = km
    table = pd.DataFrame(
        {
            "found": found, "route_km": oh_km + ug_km, "route_oh_km": oh_km,
            "route_ug_km": ug_km, "route_bn_krw": total * surface.detour,
        }
    )  # fmt: skip
    return Routes(table, lattice, ends_m, first, cells, underground, surface.detour)
