"""Slope of a 190 m elevation model, scaled to that of a 30 m model.

A smoothed 190 m model cuts banks, spurs and small valleys, so its slopes are too gentle. In one
window of 30 x 24 km there is a 30 m model as well; a monotone function of the model's slope is
fitted there to the mean slope at 30 m, cell by cell of 250 m. Its knots are kept by hand in
``assumptions_terrain.csv``; :func:`calibrate` makes them again from the sources.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import rasterio
from rasterio.warp import Resampling, reproject
from scipy.ndimage import binary_erosion
from scipy.optimize import nnls

from siteopt.errors import LayerError, LayerFileError
from siteopt.lattice import CRS_EPSG
from siteopt.sources._dem import land_mask
from siteopt.sources._frame import NATIONAL

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from rasterio.transform import Affine

__all__ = [
    "KNOTS_DEG", "WINDOW_FILE", "Calibration", "Correction", "Pairs", "calibrate",
    "read_correction", "read_error_deg", "read_window", "require_fitted", "slope_pairs",
    "window_slope_deg",
]  # fmt: skip

WINDOW_FILE: Final = "elevation/byeonsan_srtm1_30m.tif"
"""Below the sources folder: SRTM 1 arc-second, EPSG:5179, 30 m."""

KNOTS_DEG: Final = (0.0, 2.0, 6.0, 12.0, 24.0)
"""Knots in degrees of the 190 m model: more of them lower the error by less than 0.01 degrees."""

_BLOCK_CELLS: Final = 20
"""Side of the blocks that are left out one by one: 5 km, wider than hills of the window."""

_DRAWS: Final = 400
_NINE: Final = np.ones((3, 3), dtype=np.bool_)
_TABLE: Final = "assumptions_terrain.csv"
_KEY: Final = "slope_30m_at_{:g}_deg"
_ERROR_KEY: Final = "slope_30m_rmse"
_KEPT_WITHIN_DEG: Final = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Correction:
    """A piecewise linear, strictly rising function of slope, degrees to degrees.

    Attributes
    ----------
    model_deg : ndarray, shape (k,)
        Knots in slopes of the 190 m model, rising from 0.
    mean_30m_deg : ndarray, shape (k,)
        Mean slope at 30 m of a 250 m cell at each knot. The last piece goes on beyond its end.
    """

    model_deg: NDArray[np.float64]
    mean_30m_deg: NDArray[np.float64]

    def __post_init__(self) -> None:
        if not (np.diff(self.model_deg) > 0).all() or not (np.diff(self.mean_30m_deg) > 0).all():
            raise LayerError(
                f"{_TABLE}: the knots slope_30m_at_*_deg must rise with the slope of the model, "
                f"but are {', '.join(f'{value:g}' for value in self.mean_30m_deg)}"
            )

    def at(self, model_deg: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the mean slope at 30 m of cells with a slope in the 190 m model; NaN stays."""
        return _piecewise(model_deg, self.model_deg, self.mean_30m_deg)

    def inverse(self, mean_30m_deg: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the slope of the 190 m model that :meth:`at` maps to a mean slope at 30 m."""
        return _piecewise(mean_30m_deg, self.mean_30m_deg, self.model_deg)


def _piecewise(
    values: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.float64]:
    values = np.asarray(values, dtype=np.float64)
    beyond = np.maximum(values - x[-1], 0.0) * (y[-1] - y[-2]) / (x[-1] - x[-2])
    return np.asarray(np.interp(values, x, y) + beyond, dtype=np.float64)


def read_correction(reference: Path) -> Correction:
    """Read the knots from ``assumptions_terrain.csv`` of a folder of layer files.

    Raises
    ------
    LayerFileError
        If the table is not there.
    LayerError
        If a knot is missing or the knots do not rise.
    """
    table = _values(reference)
    keys = [_KEY.format(knot) for knot in KNOTS_DEG]
    missing = [key for key in keys if key not in table.index]
    if missing:
        raise LayerError(f"{_TABLE}: key {missing[0]} is missing; there must be one a knot")
    values: NDArray[np.float64] = np.asarray(table.loc[keys], dtype=np.float64)
    return Correction(np.array(KNOTS_DEG), values)


def read_error_deg(reference: Path) -> float:
    """Return the root mean square error of a corrected cell as the table has it, degrees."""
    table = _values(reference)
    if _ERROR_KEY not in table.index:
        raise LayerError(f"{_TABLE}: key {_ERROR_KEY} is missing; `calibrate` measures it")
    return float(table[_ERROR_KEY])


def require_fitted(correction: Correction, measured: Calibration) -> None:
    """Raise an error if the knots of the table are not those that the sources give.

    Raises
    ------
    LayerError
        If a knot is off by more than 0.02 degrees.
    """
    for knot, kept, fitted in zip(
        KNOTS_DEG, correction.mean_30m_deg, measured.correction.mean_30m_deg, strict=True
    ):
        if abs(kept - fitted) > _KEPT_WITHIN_DEG:
            raise LayerError(
                f"{_TABLE}: {_KEY.format(knot)} is {kept:g}, but the 30 m window gives "
                f"{fitted:.2f}; write that value"
            )


def _values(reference: Path) -> pd.Series[float]:
    path = reference / _TABLE
    if not path.is_file():
        raise LayerFileError(f"{path}: not there; it holds the knots of the slope correction")
    values: pd.Series[float] = pd.read_csv(path, encoding="utf-8").set_index("key")["value"]
    return values


def read_window(sources: Path) -> tuple[NDArray[np.float64], Affine]:
    """Read the heights (m) and the transform (EPSG:5179) of the 30 m window.

    Raises
    ------
    LayerFileError
        If the file is missing.
    LayerError
        If it is not in EPSG:5179.
    """
    path = sources / WINDOW_FILE
    if not path.is_file():
        raise LayerFileError(f"{path}: not there; `--sources` must hold {WINDOW_FILE}")
    with rasterio.open(path) as source:
        if source.crs is None or source.crs.to_epsg() != CRS_EPSG:
            raise LayerError(f"{path}: CRS is {source.crs}; must be EPSG:{CRS_EPSG}")
        return source.read(1).astype(np.float64), source.transform


def window_slope_deg(height_m: NDArray[np.float64], transform: Affine) -> NDArray[np.float64]:
    """Return slopes in degrees of a metric grid, by central differences over two cells."""
    gy, gx = np.gradient(height_m, -transform.e, transform.a)
    return np.asarray(np.degrees(np.arctan(np.hypot(gx, gy))), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Slopes of the same 250 m cells in both models; all of shape (n,).

    Attributes
    ----------
    model_deg, mean_30m_deg : ndarray of float
        Mean slope in the 190 m model and at 30 m.
    block : ndarray of int
        Number of the 5 km block of each cell.
    """

    model_deg: NDArray[np.float64]
    mean_30m_deg: NDArray[np.float64]
    block: NDArray[np.int64]


def slope_pairs(sources: Path, model_deg: NDArray[np.float64]) -> Pairs:
    """Return both slopes of the cells that lie in the window and, with all neighbours, on land.

    Parameters
    ----------
    sources : Path
        Source folder.
    model_deg : ndarray, shape of ``NATIONAL``
        Slopes of the 190 m model, NaN where not known.
    """
    height, transform = read_window(sources)
    fine = np.full(NATIONAL.shape, np.nan, dtype=np.float32)
    reproject(
        window_slope_deg(height, transform).astype(np.float32), fine,
        src_transform=transform, src_crs=f"EPSG:{CRS_EPSG}",
        dst_transform=NATIONAL.transform, dst_crs=f"EPSG:{CRS_EPSG}",
        dst_nodata=np.nan, resampling=Resampling.average, num_threads=1,
    )  # fmt: skip
    covered = binary_erosion(np.isfinite(fine), _NINE)  # the rim is covered in part
    land = land_mask(sources, NATIONAL.shape, NATIONAL.transform, CRS_EPSG)
    inland = binary_erosion(land, _NINE)
    rows, cols = np.nonzero(covered & inland & np.isfinite(model_deg))
    return Pairs(
        model_deg[rows, cols].astype(np.float64), fine[rows, cols].astype(np.float64),
        (rows // _BLOCK_CELLS) * NATIONAL.n_cols + cols // _BLOCK_CELLS,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """A fitted correction and its error.

    Attributes
    ----------
    correction : Correction
        Least squares over all cells.
    low_deg, high_deg : ndarray, shape (k,)
        5th and 95th percentile of each knot over draws of whole blocks with replacement.
    rmse_deg : float
        Root mean square error of cells of blocks that were left out of the fit.
    block_rmse_deg : float
        The same of the means of those blocks.
    rmse_before_deg : float
        Root mean square error of the slopes as they were.
    """

    correction: Correction
    low_deg: NDArray[np.float64]
    high_deg: NDArray[np.float64]
    rmse_deg: float
    block_rmse_deg: float
    rmse_before_deg: float


def calibrate(pairs: Pairs, seed: int = 20350101) -> Calibration:
    """Fit the correction by least squares and measure its error block by block.

    Parameters
    ----------
    pairs : Pairs
        Of :func:`slope_pairs`.
    seed : int
        Of the draws of blocks.
    """
    blocks, number = np.unique(pairs.block, return_inverse=True)
    design = _design(pairs.model_deg)
    fitted = _knot_values(design, pairs.mean_30m_deg)
    error = np.empty(len(number))
    block_error = np.empty(len(blocks))
    for block in range(len(blocks)):
        out = number == block
        knots = _knot_values(design[~out], pairs.mean_30m_deg[~out])
        error[out] = _piecewise(pairs.model_deg[out], np.array(KNOTS_DEG), knots)
        error[out] -= pairs.mean_30m_deg[out]
        block_error[block] = error[out].mean()
    generator = np.random.default_rng(seed)
    members = [np.flatnonzero(number == block) for block in range(len(blocks))]
    drawn = np.empty((_DRAWS, len(KNOTS_DEG)))
    for draw in range(_DRAWS):
        cells = np.concatenate(
            [members[b] for b in generator.integers(len(blocks), size=len(blocks))]
        )
        drawn[draw] = _knot_values(design[cells], pairs.mean_30m_deg[cells])
    low, high = np.percentile(drawn, [5, 95], axis=0)
    return Calibration(
        Correction(np.array(KNOTS_DEG), fitted), low, high, _rms(error), _rms(block_error),
        _rms(pairs.model_deg - pairs.mean_30m_deg),
    )  # fmt: skip


def _rms(values: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.mean(values**2)))


def _design(model_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far each slope has come on each piece; the last piece has no end."""
    knots = np.array(KNOTS_DEG)
    ends = np.append(knots[1:-1], np.inf)
    pieces = np.clip(model_deg[:, None] - knots[:-1], 0.0, ends - knots[:-1])
    return np.column_stack([np.ones(len(model_deg)), pieces])


def _knot_values(design: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the values at the knots of the best rising function (non-negative least squares)."""
    rise, _ = nnls(design, y)
    steps = np.concatenate([rise[:1], rise[1:] * np.diff(KNOTS_DEG)])
    return np.asarray(np.cumsum(steps), dtype=np.float64)
