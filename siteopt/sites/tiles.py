"""Tiles of eligible land as candidate sites with stable ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from siteopt.errors import InfeasibleError, LayerError
from siteopt.lattice import CRS_EPSG
from siteopt.layers.land_cover import COVER_LAYERS, cover_layers
from siteopt.sites._tile_grid import TileGrid
from siteopt.sites.tile_ids import TILE_UNIT_M, tile_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from siteopt.lattice import Lattice
    from siteopt.layers.protocols import LayersLike
    from siteopt.layers.rasters import Raster
    from siteopt.scenario import Build, Scenario
    from siteopt.screening import Eligibility

__all__ = [
    "SLOPE_LADDER_DEG", "Pieces", "cell_means", "find_pieces", "find_sites", "it_max_mw", "locate",
    "mean_by", "site_rasters", "site_table", "with_cover",
]  # fmt: skip

SITE_COLUMNS: Final = (
    "site_id", "x_m", "y_m", "lon", "lat", "province_code", "district_code", "name_ko", "name_en",
    "eligible_ha", "it_max_mw", "slope_mean_deg", "elevation_m", "kind", "complex_id", "area_rule",
    "area_confidence", "geometry",
)  # fmt: skip
"""Columns of a table of sites, in order."""

SLOPE_LADDER_DEG: Final = (
    2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 18.0, 21.0, 25.0, 30.0, np.inf,
)  # fmt: skip
"""Steps of slope at which a tile's piece is looked for, flattest first."""

_VERTICAL_DEG: Final = 90.0
_BLOCK_TOLERANCE: Final = 1e-9
_DEGREE_DECIMALS: Final = 6


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """The contiguous eligible land of each site, cell by cell.

    Attributes
    ----------
    lattice : Lattice
        The screening grid, EPSG:5179.
    site_ids : ndarray of str, shape (n,)
        Sorted; the order of the sites everywhere.
    rows, cols : ndarray of int, shape (m,)
        Cells of all pieces, those of a piece together, in order of the sites.
    site : ndarray of int, shape (m,)
        Place in ``site_ids`` of each cell's site.
    point_rows, point_cols : ndarray of int, shape (n,)
        The cell of each piece that is deepest inside it.
    """

    lattice: Lattice
    site_ids: NDArray[np.str_]
    rows: NDArray[np.int64]
    cols: NDArray[np.int64]
    site: NDArray[np.int64]
    point_rows: NDArray[np.int64]
    point_cols: NDArray[np.int64]

    @property
    def area_ha(self) -> NDArray[np.float64]:
        """Area of each piece in hectares, shape (n,)."""
        return _areas_ha(self.site, self.lattice)

    def raster(self) -> NDArray[np.int32]:
        """Return the place in ``site_ids`` of every cell's site, -1 where there is none."""
        out = np.full(self.lattice.shape, -1, dtype=np.int32)
        out[self.rows, self.cols] = self.site
        return out


def find_sites(
    eligibility: Eligibility,
    layers: LayersLike,
    scenario: Scenario,
    pieces: Pieces | None = None,
) -> gpd.GeoDataFrame:
    """Return one candidate site for every tile with enough contiguous eligible land.

    Parameters
    ----------
    eligibility : Eligibility
        The answer of :func:`siteopt.screening.screen`.
    layers : LayersLike
        ``districts`` (names and codes), ``slope``, ``elevation`` and, where there, layers of land
        cover are read.
    scenario : Scenario
        ``candidates.tile_m`` and ``build`` are used.
    pieces : Pieces, optional
        As :func:`find_pieces` returns them, where the caller needs the cells too.

    Returns
    -------
    GeoDataFrame
        EPSG:5179 points sorted by ``site_id``: ``site_id``; ``x_m``, ``y_m`` of the cell that
        is deepest in the piece (so it is eligible itself); ``lon``, ``lat``;
        ``province_code``, ``district_code``; ``name_ko``, ``name_en``; ``eligible_ha`` of the
        piece; ``it_max_mw``, the largest build in whole blocks that fits; ``slope_mean_deg`` and
        ``elevation_m``, means over the piece (NaN where not known); ``kind`` is ``tile`` and
        ``complex_id`` empty; ``area_rule`` is what ``eligible_ha`` follows from, and
        ``area_confidence`` how far it can be trusted; ``cover_<kind>_pct`` are shares of the
        piece, where there are layers of land cover.

    Raises
    ------
    InfeasibleError
        If no tile has enough contiguous eligible land for the smallest build.
    """
    found = find_pieces(eligibility, layers, scenario) if pieces is None else pieces
    x, y = found.lattice.centres_m(found.point_rows, found.point_cols)
    table = site_table(found.site_ids, x, y, layers)
    table["eligible_ha"] = found.area_ha
    table["it_max_mw"] = it_max_mw(found.area_ha, scenario.build)
    cell_x, cell_y = found.lattice.centres_m(found.rows, found.cols)
    means = cell_means(found.site, cell_x, cell_y, len(found.site_ids), layers)
    table = table.assign(**means)
    table = table.assign(kind="tile", complex_id="", area_rule="tile", area_confidence="model")
    return table[with_cover(SITE_COLUMNS, table)]


def cell_means(
    site: NDArray[np.int64],
    x_m: NDArray[np.float64],
    y_m: NDArray[np.float64],
    count: int,
    layers: LayersLike,
) -> dict[str, NDArray[np.float64]]:
    """Return means over the cells of sites: slope, elevation and, where there, land cover.

    Parameters
    ----------
    site : ndarray of int, shape (m,)
        Site of each cell, from 0.
    x_m, y_m : ndarray of float64, shape (m,)
        Centres of the cells, EPSG:5179.
    count : int
        Number of sites.
    layers : LayersLike
        ``slope``, ``elevation`` and layers of land cover.

    Returns
    -------
    dict of str to ndarray of float64, shape (count,)
        ``slope_mean_deg``, ``elevation_m`` and ``cover_<kind>_pct`` of the layers that there are;
        NaN where no cell of a site is known.
    """
    return {
        column: (100.0 if column in COVER_LAYERS else 1.0)
        * mean_by(site, raster.sample(x_m, y_m), count)
        for column, raster in site_rasters(layers).items()
    }


def site_rasters(layers: LayersLike) -> dict[str, Raster]:
    """Return the rasters of which sites have means, by column; of land cover as shares of 1.

    Parameters
    ----------
    layers : LayersLike
        ``slope``, ``elevation`` and layers of land cover.
    """
    named = {"slope_mean_deg": "slope", "elevation_m": "elevation", **cover_layers(layers)}
    return {column: layers.raster(layer) for column, layer in named.items()}


def with_cover(columns: Sequence[str], table: pd.DataFrame) -> list[str]:
    """Return columns of sites with those of land cover that a table has, before the last.

    Parameters
    ----------
    columns : sequence of str
        Such as :data:`SITE_COLUMNS`; the geometry is the last.
    table : DataFrame
        Sites.
    """
    return [*columns[:-1], *(name for name in COVER_LAYERS if name in table), columns[-1]]


def find_pieces(eligibility: Eligibility, layers: LayersLike, scenario: Scenario) -> Pieces:
    """Return the flattest contiguous eligible piece of every tile that holds enough.

    Tiles lie on multiples of ``candidates.tile_m`` in EPSG:5179 and a cell belongs to the tile of
    its centre, so neither a piece nor its id depends on the extent of a run. Cells are contiguous
    across their sides. Enough is the largest build that the tile's largest piece holds, up to
    ``candidates.piece_mw`` (``build.it_max_mw`` where empty). A piece is looked for on land up to
    2 degrees, then up to 2.5 and so on to 30 degrees and any (:data:`SLOPE_LADDER_DEG`), and the
    first step at which a piece holds enough is taken. Of several such pieces the one with the least mean slope is taken, then the largest,
    then the one that reaches farthest north, then west. Land whose slope is not known counts as
    the steepest. An id is ``S`` and the south-west corner of the tile in units of 500 m, east then
    north: it is the same place at every tile size.

    Parameters
    ----------
    eligibility : Eligibility
        Result of screening.
    layers : LayerSource
        Layers of the run.
    scenario : Scenario
        Scenario of the run.

    Raises
    ------
    InfeasibleError
        If no piece is large enough.
    """
    lattice, tile_m = eligibility.lattice, scenario.candidates.tile_m
    rows, cols = np.nonzero(eligibility.eligible)
    x, _ = lattice.centres_m(np.zeros(1, np.int64), np.arange(lattice.n_cols))
    _, y = lattice.centres_m(np.arange(lattice.n_rows), np.zeros(1, np.int64))
    tile_east = np.floor(x / tile_m).astype(np.int64)
    tile_north = np.floor(y / tile_m).astype(np.int64)
    spread = TileGrid.of(tile_north, tile_east)
    tile = (tile_north[rows] - tile_north.min()) * (np.ptp(tile_east) + 1)
    tile += tile_east[cols] - tile_east.min()
    slope = layers.raster("slope").sample(*lattice.centres_m(rows, cols))
    slope = np.where(np.isfinite(slope), slope, _VERTICAL_DEG)
    kept = _flattest(spread, _Land(rows, cols, tile, slope), lattice.cell_ha, scenario)
    if not len(kept):
        _no_site(spread, rows, cols, lattice, scenario)
    rows, cols = rows[kept], cols[kept]
    ids = _ids(tile_east[cols] * tile_m, tile_north[rows] * tile_m)
    site_ids, site = np.unique(ids, return_inverse=True)
    cells = np.argsort(site, kind="stable")
    rows, cols, site = rows[cells], cols[cells], site[cells].astype(np.int64)
    deepest = _deepest(spread, rows, cols, site)
    return Pieces(lattice, site_ids, rows, cols, site, rows[deepest], cols[deepest])


def it_max_mw(area_ha: NDArray[np.float64], build: Build) -> NDArray[np.float64]:
    """Return the largest build (MW of IT load, whole blocks) on areas; 0 where none fits.

    Parameters
    ----------
    area_ha : ndarray
        Hectares.
    build : Build
        Land per MW, block, smallest and largest build of the scenario.
    """
    blocks = np.floor(area_ha / (build.land_ha_per_mw * build.block_mw) + _BLOCK_TOLERANCE)
    largest = np.minimum(blocks * build.block_mw, build.it_max_mw)
    return np.where(largest >= build.it_min_mw * (1.0 - _BLOCK_TOLERANCE), largest, 0.0)


def site_table(
    site_ids: NDArray[np.str_], x_m: NDArray[np.float64], y_m: NDArray[np.float64],
    layers: LayersLike,
) -> gpd.GeoDataFrame:  # fmt: skip
    """Return sites with their place: coordinates, codes of province and district, names.

    Parameters
    ----------
    site_ids : ndarray of str
        Ids of the sites.
    x_m, y_m : ndarray
        EPSG:5179 metres.
    layers : LayersLike
        ``districts`` is read.
    """
    points = shapely.points(x_m, y_m)
    to_degrees = Transformer.from_crs(CRS_EPSG, 4326, always_xy=True)
    lon, lat = to_degrees.transform(x_m, y_m)
    district = locate(x_m, y_m, layers)
    columns = {
        "site_id": site_ids.astype(object),
        "x_m": x_m,
        "y_m": y_m,
        "lon": np.round(lon, _DEGREE_DECIMALS),
        "lat": np.round(lat, _DEGREE_DECIMALS),
        "province_code": district["province_code"].to_numpy(),
        "district_code": district["district_code"].to_numpy(),
        "name_ko": (district["name_ko"] + " ").to_numpy() + site_ids.astype(object),
        "name_en": (district["name_en"] + " ").to_numpy() + site_ids.astype(object),
    }
    return gpd.GeoDataFrame(columns, geometry=points, crs=CRS_EPSG)


def locate(x_m: NDArray[np.float64], y_m: NDArray[np.float64], layers: LayersLike) -> pd.DataFrame:
    """Return the district that holds each place, else the nearest; one row a place.

    On a shared border the lowest district code is taken.

    Parameters
    ----------
    x_m : ndarray of float64
        Eastings in metres (EPSG:5179).
    y_m : ndarray of float64
        Northings in metres (EPSG:5179).
    layers : LayerSource
        Layers of the run.

    Raises
    ------
    LayerError
        If the districts lack a code or a name.
    """
    wanted = ["district_code", "province_code", "name_ko", "name_en"]
    districts = layers.vector("districts")
    for column in wanted:
        if column not in districts.columns:
            raise LayerError(f"districts: column {column} is missing; it has {wanted} at least")
    districts = districts.sort_values("district_code", kind="stable").reset_index(drop=True)
    shapes = np.asarray(districts.geometry.array, dtype=object)
    shapely.prepare(shapes)
    tree, points = shapely.STRtree(shapes), np.asarray(shapely.points(x_m, y_m))
    point, district = tree.query(points)
    held = shapely.intersects_xy(shapes[district], x_m[point], y_m[point])
    holder = np.full(len(x_m), len(shapes), dtype=np.int64)
    np.minimum.at(holder, point[held], district[held])
    lost = np.flatnonzero(holder == len(shapes))
    if len(lost):
        near_point, near = tree.query_nearest(points[lost])
        np.minimum.at(holder, lost[near_point], near)
    return pd.DataFrame(districts.loc[holder, wanted]).reset_index(drop=True)


def _areas_ha(number: NDArray[np.int64], lattice: Lattice) -> NDArray[np.float64]:
    return np.bincount(number).astype(np.float64) * lattice.cell_ha


def _ids(west_m: NDArray[Any], south_m: NDArray[Any]) -> NDArray[np.str_]:
    """Return the ids of tiles by their south-west corners."""
    east, north = (np.floor(corner / TILE_UNIT_M).astype(np.int64) for corner in (west_m, south_m))
    return np.array([tile_id(*place) for place in zip(east, north, strict=True)], dtype=np.str_)


@dataclass(frozen=True, slots=True, eq=False)
class _Land:
    """Eligible cells, by row and column, with their tile and slope."""

    rows: NDArray[np.int64]
    cols: NDArray[np.int64]
    tile: NDArray[np.int64]
    slope_deg: NDArray[np.float64]

    def take(self, at: NDArray[np.int64]) -> _Land:
        return _Land(self.rows[at], self.cols[at], self.tile[at], self.slope_deg[at])


def _flattest(grid: TileGrid, land: _Land, cell_ha: float, scenario: Scenario) -> NDArray[np.int64]:
    """Return the places of the cells of the chosen pieces; tiles without room have none."""
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
    return np.sort(np.concatenate(chosen))


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
    and column. All comparisons are of whole numbers.
    """
    count = np.bincount(site)
    begin = np.cumsum(count) - count
    row, col = rows - rows[begin][site], cols - cols[begin][site]
    off_row = row * count[site] - np.add.reduceat(row, begin)[site]
    off_col = col * count[site] - np.add.reduceat(col, begin)[site]
    off = off_row * off_row + off_col * off_col
    order = np.lexsort((cols, rows, off, -spread.depth_squared(rows, cols), site))
    deepest: NDArray[np.int64] = order[begin]
    return deepest


def mean_by(
    group: NDArray[np.int64], values: NDArray[np.float64], n_groups: int
) -> NDArray[np.float64]:
    """Return the mean of the known values of each group, NaN where none is known.

    Parameters
    ----------
    group : ndarray of int64
        Group of each value.
    values : ndarray of float64
        Values; NaN where not known.
    n_groups : int
        Number of groups.
    """
    known = np.isfinite(values)
    count = np.bincount(group[known], minlength=n_groups)
    total = np.bincount(group[known], weights=values[known], minlength=n_groups)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _no_site(
    spread: TileGrid, rows: NDArray[np.int64], cols: NDArray[np.int64], lattice: Lattice,
    scenario: Scenario,
) -> None:  # fmt: skip
    build = scenario.build
    needed = build.it_min_mw * build.land_ha_per_mw
    sizes = np.bincount(spread.contiguous(rows, cols), minlength=1)
    largest = float(sizes.max()) * lattice.cell_ha
    raise InfeasibleError(
        f"no candidate site: the smallest build (build.it_min_mw {build.it_min_mw:g} MW) needs "
        f"{needed:g} ha of contiguous eligible land, but no tile has more than {largest:g} ha; "
        "loosen screening.exclusions or lower build.land_ha_per_mw"
    )
