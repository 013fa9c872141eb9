"""Major river basins and coasts: drainage divides as polygons without gaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely
from rasterio.features import rasterize, shapes
from rasterio.warp import Resampling, reproject
from scipy.ndimage import distance_transform_edt

from siteopt.lattice import CRS_EPSG

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from siteopt.lattice import Lattice
    from siteopt.sources._flow import Flow

__all__ = ["Basin", "basin_areas_km2", "basin_polygons", "basins_on_lattice", "label_points"]

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Basin:
    """A major basin (named by its mouths) or a coast (everything else that ends there).

    Attributes
    ----------
    id, name_ko, name_en : str
        Identity.
    published_km2 : float or None
        Area in the South Korean statistics, where there is one to compare with.
    rivers : tuple of str
        River names that the dam table uses for it.
    boxes : tuple of tuple
        ``(west, south, east, north)`` in degrees: a river that ends in one belongs here.
    """

    id: str
    name_ko: str
    name_en: str
    published_km2: float | None
    rivers: tuple[str, ...]
    boxes: tuple[Box, ...]

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Basin:
        """Read one table of ``water.toml``."""
        boxes = raw.get("mouths", raw.get("coasts"))
        return cls(
            id=raw["id"],
            name_ko=raw["name_ko"],
            name_en=raw["name_en"],
            published_km2=raw.get("published_km2"),
            rivers=tuple(raw["rivers"]),
            boxes=tuple((box[0], box[1], box[2], box[3]) for box in boxes or ()),
        )


def label_points(
    lon: NDArray[np.float64], lat: NDArray[np.float64], basins: Sequence[Basin]
) -> NDArray[np.uint8]:
    """Return 1 + the place of the first basin that has the point in a box; 0 where none has."""
    labels = np.zeros(lon.shape, dtype=np.uint8)
    for number, basin in enumerate(basins, start=1):
        for west, south, east, north in basin.boxes:
            inside = (lon >= west) & (lon < east) & (lat >= south) & (lat < north)
            labels[(labels == 0) & inside] = number
    return labels


def basins_on_lattice(
    flow: Flow, basins: Sequence[Basin], lattice: Lattice, wanted: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """Return the basin number (1 + place in ``basins``) of the wanted cells, 0 elsewhere.

    A cell takes the basin of its river's mouth; one without heights takes that of the nearest
    cell that has some within 5 km, else the coast it lies at.

    Parameters
    ----------
    flow : Flow
        Drainage.
    basins : sequence of Basin
        In order of precedence.
    lattice : Lattice
        Target cells.
    wanted : ndarray of bool, shape ``lattice.shape``
        Cells that must have a basin.
    """
    land = flow.mouth >= 0
    mouths, which = np.unique(flow.mouth[land], return_inverse=True)
    by_cell = np.zeros(len(flow.mouth), dtype=np.uint8)
    by_cell[land] = label_points(*flow.lonlat(mouths), basins)[which]
    found = np.zeros(lattice.shape, dtype=np.uint8)
    reproject(
        by_cell.reshape(flow.shape), found, src_transform=flow.transform, src_crs="EPSG:4326",
        dst_transform=lattice.transform, dst_crs=f"EPSG:{CRS_EPSG}", src_nodata=0, dst_nodata=0,
        resampling=Resampling.nearest, num_threads=1,
    )  # fmt: skip
    away, (rows, cols) = distance_transform_edt(found == 0, return_indices=True)
    out = np.where(wanted, found[rows, cols], 0).astype(np.uint8)
    remote = wanted & (away * lattice.cell_m > 5_000.0)  # noqa: PLR2004 - as documented
    x, y = lattice.centres_m(*np.nonzero(remote))
    places = gpd.GeoSeries(gpd.points_from_xy(x, y), crs=CRS_EPSG).to_crs(4326)
    out[remote] = label_points(places.x.to_numpy(), places.y.to_numpy(), basins)
    return out


def basin_areas_km2(
    labels: NDArray[np.uint8], land: gpd.GeoSeries, lattice: Lattice, n: int
) -> NDArray[np.float64]:
    """Return the land area of each basin: cells whose centre lies on land.

    Parameters
    ----------
    labels : ndarray of uint8
        From :func:`basins_on_lattice`.
    land : GeoSeries
        Polygons of the land, EPSG:5179.
    lattice : Lattice
        Of the labels.
    n : int
        Number of basins.
    """
    inside = rasterize(
        land, out_shape=lattice.shape, transform=lattice.transform, dtype=np.uint8
    ).astype(np.bool_)
    cells = np.bincount(labels[inside], minlength=n + 1)[1 : n + 1]
    return np.asarray(cells * lattice.cell_ha / 100.0, dtype=np.float64)


def basin_polygons(
    labels: NDArray[np.uint8], basins: Sequence[Basin], lattice: Lattice, tolerance_m: float
) -> gpd.GeoDataFrame:
    """Return the basins as polygons whose shared borders stay shared after generalising.

    Returns
    -------
    GeoDataFrame
        ``basin_id, name_ko, name_en``, EPSG:5179, in the order of ``basins``; a basin without a
        cell is left out.
    """
    pieces: dict[int, list[shapely.Geometry]] = {}
    for shape, value in shapes(labels, mask=labels > 0, transform=lattice.transform):
        pieces.setdefault(int(value), []).append(shapely.geometry.shape(shape))
    numbers = sorted(pieces)
    whole = [shapely.union_all(pieces[number]) for number in numbers]
    simple = shapely.coverage_simplify(whole, tolerance_m)
    rows = [basins[number - 1] for number in numbers]
    return gpd.GeoDataFrame(
        {
            "basin_id": [row.id for row in rows],
            "name_ko": [row.name_ko for row in rows],
            "name_en": [row.name_en for row in rows],
        },
        geometry=[shapely.make_valid(shape) for shape in simple],
        crs=CRS_EPSG,
    )
