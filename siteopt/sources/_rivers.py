"""River lines and names from drainage, and their distance from known rivers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import shapely

from siteopt.lattice import CRS_EPSG

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from siteopt.sources._basins import Basin
    from siteopt.sources._flow import Flow

__all__ = ["KnownRiver", "distances_m", "name_streams", "river_lines"]

_TOLERANCE_M: Final = 60.0
"""Douglas-Peucker tolerance of river lines, a third of a source cell."""


@dataclass(frozen=True, slots=True)
class KnownRiver:
    """A river to be found: its names, a point of its lower reach, its whole basin."""

    name_ko: str
    name_en: str
    lon: float
    lat: float
    area_km2: float


def name_streams(  # noqa: PLR0913 - what a name rests on
    flow: Flow,
    streams: NDArray[np.int64],
    mains: Mapping[int, KnownRiver],
    known: Sequence[KnownRiver],
    *,
    reach_m: float,
    tolerance: float,
) -> tuple[dict[int, KnownRiver], list[tuple[KnownRiver, float]]]:
    """Give names to stream cells, from the lower reach up along the largest upstream area.

    A known river is the stream cell within ``reach_m`` of its point whose upstream area is the
    nearest to its own; where that differs by more than ``tolerance`` the name is not used. The
    larger river is named first, so a smaller one that is its upper course takes over from there.

    Parameters
    ----------
    flow : Flow
        Drainage.
    streams : ndarray of int64
        Cells of the drawn network.
    mains : mapping of int to KnownRiver
        Mouth cells of the main rivers.
    known : sequence of KnownRiver
        Rivers to be found.
    reach_m, tolerance : float
        Metres; share of the known area.

    Returns
    -------
    names : dict of int to KnownRiver
        By stream cell.
    found : list of (KnownRiver, float)
        Known rivers that were found with their derived area, km2.
    """
    on_stream = np.zeros(len(flow.down), dtype=np.bool_)
    on_stream[streams] = True
    child = flow.main_child(streams)
    starts = [(float(flow.upstream_km2[cell]), cell, river) for cell, river in mains.items()]
    found = []
    for river in known:
        near = flow.cells_near(river.lon, river.lat, reach_m)
        near = near[on_stream[near]]
        if len(near) == 0:
            continue
        off = np.abs(flow.upstream_km2[near] / river.area_km2 - 1.0)
        best = int(near[np.lexsort((near, off))[0]])
        if off.min() <= tolerance:
            foot = _to_confluence(flow, child, best, river.area_km2 * (1.0 + tolerance))
            area = float(flow.upstream_km2[foot])
            starts.append((area, foot, river))
            found.append((river, area))
    names: dict[int, KnownRiver] = {}
    for _, cell, river in sorted(starts, key=lambda item: (-item[0], item[1])):
        at: int | None = cell
        while at is not None:
            names[at] = river
            at = child.get(at)
    return names, found


def _to_confluence(flow: Flow, child: Mapping[int, int], cell: int, most_km2: float) -> int:
    """Follow a river down to where it meets a larger one or its area would pass ``most_km2``."""
    while True:
        below = int(flow.down[cell])
        too_large = flow.upstream_km2[below] > most_km2
        if below == cell or child.get(below) != cell or too_large:
            return cell
        cell = below


def river_lines(
    flow: Flow,
    streams: NDArray[np.int64],
    names: Mapping[int, KnownRiver],
    basins: Mapping[int, Basin],
    within: shapely.Geometry,
) -> gpd.GeoDataFrame:
    """Return the river network as lines, one a stretch between confluences.

    Parameters
    ----------
    flow, streams, names
        Drainage, its drawn cells, and their names.
    basins : mapping of int to Basin
        By stream cell.
    within : shapely geometry
        EPSG:5179; lines are cut to it.

    Returns
    -------
    GeoDataFrame
        ``river_id`` (row and column of the lowest cell), ``name_ko``, ``name_en``,
        ``upstream_km2`` (at the lower end), ``basin_id``, ``strahler``; EPSG:5179.
    """
    rows, lines = [], []
    for part in flow.segments(streams):
        if len(part.cells) < 2:  # noqa: PLR2004 - a point is no line
            continue
        basin = basins[part.last]
        river = names.get(part.last)
        row, col = divmod(part.last, flow.shape[1])
        rows.append(
            {
                "river_id": f"R{row:04d}-{col:04d}",
                "name_ko": river.name_ko if river else f"{basin.name_ko} 수계 지류",
                "name_en": river.name_en if river else f"Stream of the {basin.name_en} basin",
                "upstream_km2": float(flow.upstream_km2[part.last]),
                "basin_id": basin.id,
                "strahler": part.strahler,
            }
        )
        lines.append(_smoothed(*flow.lonlat(part.cells)))
    frame = gpd.GeoDataFrame(rows, geometry=lines, crs=4326).to_crs(CRS_EPSG)
    frame.geometry = frame.geometry.simplify(_TOLERANCE_M)
    shapely.prepare(within)
    inside = shapely.intersection(frame.geometry.to_numpy(), within)
    frame.geometry = [_only_lines(shape) for shape in inside]
    return frame[~frame.geometry.is_empty].reset_index(drop=True)


def _smoothed(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> shapely.LineString:
    """Return the line through cell centres without its D8 stairs; both ends stay."""
    xy = np.column_stack([lon, lat])
    out = xy.copy()
    if len(xy) > 2:  # noqa: PLR2004 - there is something between the ends
        out[1:-1] = (xy[:-2] + 2.0 * xy[1:-1] + xy[2:]) / 4.0
    return shapely.LineString(out)


def _only_lines(shape: shapely.Geometry) -> shapely.Geometry:
    parts = [p for p in shapely.get_parts(shape) if p.geom_type == "LineString" and not p.is_empty]
    merged: shapely.Geometry = shapely.line_merge(shapely.MultiLineString(parts))
    return merged


def distances_m(reference: gpd.GeoSeries, lines: gpd.GeoSeries) -> NDArray[np.float64]:
    """Return how far points every 500 m along reference lines lie from the nearest line.

    Both EPSG:5179.
    """
    dense = shapely.segmentize(reference.to_numpy(), 500.0)
    points = shapely.points(shapely.get_coordinates(dense))
    tree = shapely.STRtree(lines.to_numpy())
    nearest = tree.nearest(points)
    return np.asarray(shapely.distance(points, lines.to_numpy()[nearest]), dtype=np.float64)
