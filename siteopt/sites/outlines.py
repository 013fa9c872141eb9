"""Outlines of the candidate sites: the land that each was measured on, where it is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import shapely
from rasterio.features import shapes as raster_shapes
from shapely.geometry import shape

from siteopt.errors import InfeasibleError
from siteopt.lattice import CRS_EPSG
from siteopt.sites.campuses import CAMPUS, PARTS
from siteopt.sites.parcels import read_parcels
from siteopt.sites.pieces import find_pieces

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from siteopt.lattice import Lattice
    from siteopt.layers.protocols import LayersLike
    from siteopt.scenario import Scenario
    from siteopt.screening import Eligibility
    from siteopt.sites.pieces import Pieces

__all__ = ["OUTLINE_RULES", "site_outlines"]

OUTLINE_RULES: Final = ("piece", "parcel", "lots", "parts")
"""What an outline follows from: cells of a tile's piece, the user's parcel, lots, parts."""

_LOTS: Final = "industrial_lots"
_LEAST_CORNERS: Final = 3
_PIECES_AT_ONCE: Final = 256
"""Pieces that are drawn in one image: some megabytes at the finest cells and usual tiles."""


def site_outlines(
    sites: gpd.GeoDataFrame, eligibility: Eligibility, layers: LayersLike, scenario: Scenario
) -> gpd.GeoDataFrame:
    """Return the outlines of those sites whose land is known as an area.

    Parameters
    ----------
    sites : GeoDataFrame
        Candidates: ``site_id``, ``kind`` and, with campuses, ``campus_parts``.
    eligibility : Eligibility
        The answer of :func:`siteopt.screening.screen`.
    layers : LayersLike
        ``slope`` and, where the user has them, ``industrial_lots`` are read.
    scenario : Scenario
        ``candidates`` and ``build`` are used.

    Returns
    -------
    GeoDataFrame
        EPSG:5179, sorted by ``site_id``: ``site_id``, ``outline`` and a MultiPolygon. ``outline``
        is ``piece`` (the cells of a tile's contiguous eligible land), ``parcel`` (the user's
        polygon), ``lots`` (the hull of the user's lots of a complex) or ``parts`` (what is known
        of the parts of a campus, together). A complex of which no lot is known has no outline,
        nor has a parcel that is a point: none is drawn rather than a made-up one.
    """
    path = scenario.candidates.parcels
    known = _parcels(path) if path is not None else _land(eligibility, layers, scenario)
    own = known[known["site_id"].isin(sites["site_id"])]
    if "campus_parts" in sites.columns:
        campuses = sites[sites["kind"] == CAMPUS]
        own = _stacked(own, _campuses(campuses, known))
    return own.sort_values("site_id", kind="stable", ignore_index=True)


def _land(eligibility: Eligibility, layers: LayersLike, scenario: Scenario) -> gpd.GeoDataFrame:
    """Return the outlines of tiles and of complexes whose lots are known."""
    try:
        tiles = _pieces(find_pieces(eligibility, layers, scenario))
    except InfeasibleError:  # complexes alone are sites then
        tiles = _frame([], [], "piece")
    return _stacked(tiles, _lots(layers)) if _LOTS in layers.ids else tiles


def _pieces(pieces: Pieces) -> gpd.GeoDataFrame:
    ends = np.cumsum(pieces.cell_counts)
    outlines: list[Any] = []
    for first in range(0, len(ends), _PIECES_AT_ONCE):
        last = min(first + _PIECES_AT_ONCE, len(ends))
        cells = slice(int(ends[first - 1]) if first else 0, int(ends[last - 1]))
        site = pieces.site[cells].astype(np.int64) - first
        outlines += _drawn(pieces.rows[cells], pieces.cols[cells], site, pieces.lattice)
    return _frame(list(map(str, pieces.site_ids)), outlines, "piece")


def _drawn(
    rows: NDArray[np.int32], cols: NDArray[np.int32], site: NDArray[np.int64], lattice: Lattice
) -> list[Any]:
    """Return the outlines of pieces, drawn side by side in one image no larger than they are."""
    begin = np.flatnonzero(np.diff(site, prepend=-1))
    top, left = np.minimum.reduceat(rows, begin), np.minimum.reduceat(cols, begin)
    wide = np.maximum.reduceat(cols, begin) - left + 2  # an empty column between two
    shift = np.cumsum(wide) - wide
    image = np.full((int((rows - top[site]).max()) + 1, int(wide.sum())), -1, dtype=np.int32)
    image[rows - top[site], cols - left[site] + shift[site]] = site
    found: list[list[Any]] = [[] for _ in begin]
    for polygon, place in raster_shapes(image, mask=image >= 0, connectivity=4):
        found[int(place)].append(shape(polygon))
    # corners are whole columns and rows: the same place wherever an image begins
    return [
        _placed(parts, lattice, int(down), int(across))
        for parts, down, across in zip(found, top, left - shift, strict=True)
    ]


def _placed(parts: list[Any], lattice: Lattice, row: int, col: int) -> Any:  # noqa: ANN401 - a MultiPolygon; shapely says it or an array
    """Return polygons of an image, whose corner is at a row and column of the grid, in metres."""

    def metres(corners: NDArray[np.float64]) -> NDArray[np.float64]:
        x = lattice.x_min_m + (corners[:, 0] + col) * lattice.cell_m
        y = lattice.y_max_m - (corners[:, 1] + row) * lattice.cell_m
        return np.column_stack([x, y])

    return shapely.transform(shapely.multipolygons(parts), metres)


def _parcels(path: Path) -> gpd.GeoDataFrame:
    parcels = read_parcels(path)
    drawn = parcels[shapely.get_dimensions(parcels.geometry.to_numpy()) == 2]  # noqa: PLR2004 - areas
    outlines: list[Any] = [
        shapely.multipolygons([part for part in shapely.get_parts(one) if part.area > 0])
        for one in shapely.force_2d(drawn.geometry.to_numpy())
    ]
    return _frame(drawn["site_id"].astype(str).tolist(), outlines, "parcel")


def _lots(layers: LayersLike) -> gpd.GeoDataFrame:
    lots = layers.vector(_LOTS)
    hulls = {
        str(name): shapely.convex_hull(shapely.union_all(group.geometry.to_numpy()))
        for name, group in lots.groupby(lots["complex_id"].astype(str))
        if len(group) >= _LEAST_CORNERS
    }
    drawn = {name: hull for name, hull in hulls.items() if hull.area > 0}
    return _frame(list(drawn), [shapely.multipolygons([hull]) for hull in drawn.values()], "lots")


def _campuses(campuses: gpd.GeoDataFrame, known: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    of_part = dict(zip(known["site_id"], known.geometry, strict=True))
    names, outlines = [], []
    for name, listed in zip(campuses["site_id"], campuses["campus_parts"], strict=True):
        parts = [of_part[part] for part in str(listed).split(PARTS) if part in of_part]
        if parts:
            names.append(str(name))
            outlines.append(shapely.multipolygons(shapely.get_parts(np.array(parts))))
    return _frame(names, outlines, "parts")


def _frame(names: list[str], outlines: list[Any], rule: str) -> gpd.GeoDataFrame:
    columns = {"site_id": np.array(names, dtype=object), "outline": rule}
    return gpd.GeoDataFrame(columns, index=range(len(names)), geometry=outlines, crs=CRS_EPSG)


def _stacked(one: gpd.GeoDataFrame, other: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    columns = {
        name: np.concatenate([one[name].to_numpy(object), other[name].to_numpy(object)])
        for name in ("site_id", "outline")
    }
    shapes = [*one.geometry, *other.geometry]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS_EPSG)
