"""Digital elevation model (DEM): reading, smoothing of 8 m steps, slope, resampling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import rasterio
from rasterio.features import rasterize
from rasterio.warp import Resampling, reproject
from scipy.ndimage import gaussian_filter

from siteopt.errors import LayerError, LayerFileError
from siteopt.lattice import CRS_EPSG

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from rasterio.transform import Affine

    from siteopt.lattice import Lattice

__all__ = [
    "DEM_FILE",
    "LAND_FILE",
    "STEP_M",
    "Dem",
    "land_mask",
    "on_lattice",
    "read_dem",
    "slope_deg",
    "smooth_steps",
]

DEM_FILE: Final = "elevation/srtm_render_dem_korea_190m.tif"
"""Below the sources folder."""

LAND_FILE: Final = "admin/sigungu_kostat2018.geojson"
"""Below the sources folder: the most detailed coast there is."""

STEP_M: Final = 7.874
"""Height of one step of the source (an 8 bit render; see its row in SOURCES.md)."""

_M_PER_DEG_LAT: Final = 111_132.0
_M_PER_DEG_LON: Final = 111_320.0
"""Mean lengths of a degree (at the equator for longitude), good to 0.3 % at 33-39 N."""


@dataclass(frozen=True, slots=True, eq=False)
class Dem:
    """Heights on a grid of degrees.

    Attributes
    ----------
    height_m : ndarray of float32, shape (n_rows, n_cols)
        Metres; sea and the lowest 4 m of land are 0.
    transform : Affine
        From (column, row) to EPSG:4326 degrees, north up.
    """

    height_m: NDArray[np.float32]
    transform: Affine

    def cell_m(self) -> tuple[NDArray[np.float64], float]:
        """Return cell width by row and cell height, metres."""
        rows = np.arange(self.height_m.shape[0]) + 0.5
        lat = np.deg2rad(self.transform.f + self.transform.e * rows)
        width = _M_PER_DEG_LON * np.cos(lat) * self.transform.a
        return width, _M_PER_DEG_LAT * abs(self.transform.e)


def read_dem(sources: Path) -> Dem:
    """Read the elevation model as it is published.

    Raises
    ------
    LayerFileError
        If the file is missing.
    LayerError
        If it is not a north-up grid of degrees.
    """
    path = sources / DEM_FILE
    if not path.is_file():
        raise LayerFileError(f"{path}: not there; `--sources` must hold {DEM_FILE}")
    with rasterio.open(path) as source:
        if source.crs is None or source.crs.to_epsg() != 4326:  # noqa: PLR2004 - EPSG code
            raise LayerError(f"{path}: CRS is {source.crs}; must be EPSG:4326")
        values = source.read(1).astype(np.float32)
        return Dem(height_m=np.maximum(values, 0.0), transform=source.transform)


def smooth_steps(
    height_m: NDArray[np.float32],
    step_m: float,
    fixed: NDArray[np.bool_] | None = None,
    rounds: int = 30,
) -> NDArray[np.float32]:
    """Return the smoothest surface that the rounding to steps allows on gentle land.

    A height known only to a step may lie half a step higher or lower. The surface is smoothed
    (Gaussian, 1 cell) and put back into that range, again and again (projection onto convex
    sets), so terraces of plains become ramps. Where the land rises more than a quarter step a
    cell the range narrows and is nought from half a step a cell: there are no terraces there and
    ridges must not be lost.

    Parameters
    ----------
    height_m : ndarray, 2-D
        Heights rounded to steps.
    step_m : float
        Height of a step.
    fixed : ndarray of bool, optional
        Cells that must not change (sea).
    rounds : int
        Smoothing rounds.

    Returns
    -------
    ndarray of float32
        At most half a step from ``height_m``.
    """
    gentle, steep = 0.25, 0.5
    gy, gx = np.gradient(gaussian_filter(height_m, 1.0, truncate=3.0))
    rise = np.hypot(gx, gy) / step_m
    room = (step_m / 2.0 * np.clip((steep - rise) / (steep - gentle), 0.0, 1.0)).astype(np.float32)
    if fixed is not None:
        room[fixed] = 0.0
    low = np.maximum(height_m - room, 0.0)
    high = height_m + room
    out = height_m.astype(np.float32)
    for _ in range(rounds):
        out = np.clip(gaussian_filter(out, 1.0, truncate=3.0), low, high)
    return out


def slope_deg(dem: Dem) -> NDArray[np.float32]:
    """Return the slope in degrees, by central differences over two cells.

    Returns
    -------
    ndarray of float32, shape of the heights
    """
    width, height = dem.cell_m()
    gy, gx = np.gradient(dem.height_m)
    rise = np.hypot(gx / width[:, None], gy / height)
    return np.degrees(np.arctan(rise)).astype(np.float32)


def on_lattice(
    values: NDArray[np.float32], transform: Affine, lattice: Lattice
) -> NDArray[np.float32]:
    """Return the area mean of a grid of degrees in each cell of a lattice (NaN outside)."""
    out = np.full(lattice.shape, np.nan, dtype=np.float32)
    reproject(
        values, out, src_transform=transform, src_crs="EPSG:4326",
        dst_transform=lattice.transform, dst_crs=f"EPSG:{CRS_EPSG}",
        dst_nodata=np.nan, resampling=Resampling.average, num_threads=1,
    )  # fmt: skip
    return out


def land_mask(
    sources: Path, shape: tuple[int, int], transform: Affine, epsg: int
) -> NDArray[np.bool_]:
    """Return the cells of a grid that touch South Korean land.

    Parameters
    ----------
    sources : Path
        Source folder.
    shape, transform, epsg
        Grid to fill.

    Raises
    ------
    LayerFileError
        If the district file is missing.
    """
    path = sources / LAND_FILE
    if not path.is_file():
        raise LayerFileError(f"{path}: not there; `--sources` must hold {LAND_FILE}")
    shapes = gpd.read_file(path).to_crs(epsg).geometry
    touched = rasterize(
        shapes, out_shape=shape, transform=transform, all_touched=True, dtype=np.uint8
    )
    return np.asarray(touched, dtype=np.bool_)
