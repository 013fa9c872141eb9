"""Predictors of temperature: elevation and distance to the sea, on the 250 m grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import rasterio
from scipy.ndimage import distance_transform_edt, label

from siteopt.errors import LayerFileError
from siteopt.lattice import CRS_EPSG
from siteopt.sources._dem import land_mask, on_lattice, read_dem
from siteopt.sources._frame import NATIONAL, NATIONAL_1KM

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["Terrain", "read_terrain"]


@dataclass(frozen=True, slots=True, eq=False)
class Terrain:
    """What temperature depends on, on the 250 m grid.

    Attributes
    ----------
    height_m : ndarray of float32
        NaN where not known.
    coast_km : ndarray of float32
        Distance to the open sea.
    """

    height_m: NDArray[np.float32]
    coast_km: NDArray[np.float32]

    def at(
        self, x_m: NDArray[np.float64], y_m: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return height and distance to the sea at points (EPSG:5179); NaN outside."""
        rows, cols = NATIONAL.cells_of(x_m, y_m)
        inside = NATIONAL.contains(rows, cols)
        out = np.full((2, len(rows)), np.nan)
        out[0, inside] = self.height_m[rows[inside], cols[inside]]
        out[1, inside] = self.coast_km[rows[inside], cols[inside]]
        return out[0], out[1]

    def blocks(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the means over the cells of the 1 km grid; NaN without a known cell."""
        n = round(NATIONAL_1KM.cell_m / NATIONAL.cell_m)
        return _block_mean(self.height_m, n), _block_mean(self.coast_km, n)


def _block_mean(values: NDArray[np.float32], n: int) -> NDArray[np.float64]:
    rows, cols = values.shape
    parts = values.astype(np.float64).reshape(rows // n, n, cols // n, n)
    known = np.isfinite(parts)
    total = np.where(known, parts, 0.0).sum(axis=(1, 3))
    count = known.sum(axis=(1, 3))
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def read_terrain(sources: Path, out: Path) -> Terrain:
    """Read heights from ``elevation.tif`` in ``out`` and measure the distance to the sea.

    Raises
    ------
    LayerFileError
        If ``elevation.tif`` was not built before.
    """
    path = out / "elevation.tif"
    if not path.is_file():
        raise LayerFileError(f"{path}: not there; the relief builder must run before climate")
    with rasterio.open(path) as source:
        stored = source.read(1)
        height = np.where(stored == source.nodata, np.nan, stored).astype(np.float32)
    raw = read_dem(sources)
    high = on_lattice((raw.height_m > 0).astype(np.float32), raw.transform, NATIONAL)
    land = land_mask(sources, NATIONAL.shape, NATIONAL.transform, CRS_EPSG)
    land |= np.nan_to_num(high) > 0.5  # noqa: PLR2004 - mostly land; the north and Japan too
    waters, _ = label(~land)
    sea = waters == 1 + int(np.argmax(np.bincount(waters.ravel())[1:]))
    coast = distance_transform_edt(~sea) * NATIONAL.cell_m / 1000.0
    return Terrain(height, coast.astype(np.float32))
