"""Elevation and slope of the country on the national 250 m grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import rasterio
from scipy.ndimage import distance_transform_edt

from siteopt.lattice import CRS_EPSG
from siteopt.sources._built import Built, write_raster
from siteopt.sources._dem import (
    STEP_M,
    Dem,
    land_mask,
    on_lattice,
    read_dem,
    slope_deg,
    smooth_steps,
)
from siteopt.sources._frame import NATIONAL
from siteopt.sources._slope import read_correction, read_error_deg

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = [
    "SmoothingCheck", "build", "check_smoothing", "model_slope_deg", "smooth_land",
]  # fmt: skip

_MARGIN_M: Final = 1_000.0
"""Heights are kept this far from land, so that a coast drawn otherwise finds values."""

_ELEVATION_NODATA: Final = -32_768
_SLOPE_NODATA: Final = 255
_MODEL_STEP_DEG: Final = 0.2
"""Slopes of the 190 m model are rounded to this before they are corrected."""

_SLOPE_SCALE: Final = 0.16
"""Degrees of one stored unit: uint8 reaches 40.6 degrees; fine enough to tell all steps apart."""

_SOURCE: Final = (
    "SRTM 1 arc-second (NASA/USGS 2000) as an 8 bit QGIS render, "
    "ThornboroughA/CityGardener 5f01b91, turned back to metres"
)
_WINDOW_SOURCE: Final = (
    "SRTM 1 arc-second of Byeonsan, osgeokr/gistudy BYEONSANBANDO_SRTM.tif 821e02d"
)
_LICENCE: Final = "SRTM: US public domain; none stated for the render"


@dataclass(frozen=True, slots=True)
class SmoothingCheck:
    """Effect of the step smoothing on slope, on the source rounded to three times its step.

    The smoothed source stands for the truth; it is rounded to steps of 3 x 7.9 m and its slope
    computed with and without smoothing those steps.

    Attributes
    ----------
    rmse_raw_deg, rmse_smoothed_deg : float
        Root mean square error of slope over land.
    flat_p95_raw_deg, flat_p95_smoothed_deg : float
        95th percentile of slope where the truth is under 1 degree: the terraces.
    steep_ratio : float
        Mean smoothed over mean true slope where the truth is over 12 degrees: the ridges.
    """

    rmse_raw_deg: float
    rmse_smoothed_deg: float
    flat_p95_raw_deg: float
    flat_p95_smoothed_deg: float
    steep_ratio: float


def check_smoothing(truth: Dem, factor: float = 3.0) -> SmoothingCheck:
    """Measure what :func:`smooth_steps` does on heights rounded to ``factor`` source steps."""
    step = factor * STEP_M
    rounded = (np.round(truth.height_m / step) * step).astype(np.float32)
    right = slope_deg(truth)
    raw = slope_deg(Dem(rounded, truth.transform))
    smoothed = slope_deg(Dem(smooth_steps(rounded, step), truth.transform))
    land = truth.height_m > STEP_M
    flat, steep = land & (right < 1.0), land & (right > 12.0)  # noqa: PLR2004 - degrees
    return SmoothingCheck(
        rmse_raw_deg=_rmse(raw - right, land),
        rmse_smoothed_deg=_rmse(smoothed - right, land),
        flat_p95_raw_deg=float(np.percentile(raw[flat], 95)),
        flat_p95_smoothed_deg=float(np.percentile(smoothed[flat], 95)),
        steep_ratio=float(smoothed[steep].mean() / right[steep].mean()),
    )


def _rmse(error: NDArray[np.float32], where: NDArray[np.bool_]) -> float:
    return float(np.sqrt(np.mean(error[where].astype(np.float64) ** 2)))


def smooth_land(raw: Dem, sources: Path) -> Dem:
    """Return the heights with smoothed steps; the sea stays at nought, low plains need not."""
    on_land = land_mask(sources, raw.height_m.shape, raw.transform, 4326)
    sea = (raw.height_m == 0) & ~on_land
    return Dem(smooth_steps(raw.height_m, STEP_M, fixed=sea), raw.transform)


def build(sources: Path, facts: Path, out: Path) -> list[Built]:  # noqa: ARG001 - one signature
    """Write ``elevation.tif`` and ``slope.tif``, EPSG:5179, 250 m.

    Slopes are those of the smoothed 190 m model, brought to the mean slope at 30 m by the knots
    in ``assumptions_terrain.csv`` of ``out``.

    Parameters
    ----------
    sources, facts, out : Path
        Source data, fact tables (not needed here), folder to write to.
    """
    raw = read_dem(sources)
    smooth = smooth_land(raw, sources)
    slopes = slope_deg(smooth)
    on_land = land_mask(sources, NATIONAL.shape, NATIONAL.transform, CRS_EPSG)
    keep = distance_transform_edt(~on_land) * NATIONAL.cell_m <= _MARGIN_M
    height = on_lattice(smooth.height_m, smooth.transform, NATIONAL)
    slope = on_lattice(slopes, smooth.transform, NATIONAL)
    known = keep & np.isfinite(height)
    _write_elevation(height, known, out)
    correction = read_correction(out)
    model = np.where(known, np.round(slope / _MODEL_STEP_DEG) * _MODEL_STEP_DEG, np.nan)
    _write_slope(correction.at(model), out)
    land = raw.height_m > 0
    terraces = (
        float(np.percentile(slope_deg(raw)[land & (slopes < 1.0)], 95)),
        float(np.percentile(slopes[land & (slopes < 1.0)], 95)),
    )
    return _catalogue(check_smoothing(smooth), terraces, read_error_deg(out))


def model_slope_deg(out: Path) -> NDArray[np.float32]:
    """Return the slopes of the 190 m model, as they were before the correction; NaN not known.

    Parameters
    ----------
    out : Path
        Folder with ``slope.tif`` and ``assumptions_terrain.csv``.
    """
    with rasterio.open(out / "slope.tif") as source:
        stored, scale = source.read(1), float(source.scales[0])
    steps = np.round(read_correction(out).inverse(stored * scale) / _MODEL_STEP_DEG)
    model = steps.astype(np.float32) * np.float32(_MODEL_STEP_DEG)
    return np.where(stored == _SLOPE_NODATA, np.float32(np.nan), model)


def _write_elevation(height_m: NDArray[np.float32], known: NDArray[np.bool_], out: Path) -> None:
    stored = np.where(known, np.round(height_m), _ELEVATION_NODATA).astype(np.int16)
    write_raster(stored, NATIONAL, out / "elevation.tif", nodata=_ELEVATION_NODATA, unit="m")


def _write_slope(slope: NDArray[np.float64], out: Path) -> None:
    scaled = np.clip(np.round(slope / _SLOPE_SCALE), 0, _SLOPE_NODATA - 1)
    stored = np.where(np.isnan(slope), _SLOPE_NODATA, scaled).astype(np.uint8)
    write_raster(
        stored, NATIONAL, out / "slope.tif", nodata=_SLOPE_NODATA, scale=_SLOPE_SCALE,
        unit="degree",
    )  # fmt: skip


def _catalogue(
    check: SmoothingCheck, terraces: tuple[float, float], error_deg: float
) -> list[Built]:
    gap = "No values north of the border, on Ulleungdo and on Dokdo (outside the source)."
    effect = (
        f"The source's steps of {STEP_M:.1f} m are smoothed before the slope: on land flatter "
        f"than 1 degree the 95th percentile falls from {terraces[0]:.1f} to {terraces[1]:.1f} "
        "degrees; tested on three times coarser steps, where the truth is known, from "
        f"{check.flat_p95_raw_deg:.1f} to {check.flat_p95_smoothed_deg:.1f} degrees (RMSE of all "
        f"land {check.rmse_raw_deg:.2f} to {check.rmse_smoothed_deg:.2f}) while slopes over "
        f"12 degrees keep {100 * check.steep_ratio:.1f} % of theirs."
    )
    corrected = (
        "Mean slope at 30 m of a 250 m cell: the slope of the 190 m model corrected by what a "
        "window of 30 x 24 km at 30 m shows (Byeonsan); the error of a cell there, in blocks left "
        f"out of the fit, is {error_deg:.1f} degrees (RMSE)."
    )
    return [
        Built(
            id="elevation", file="elevation.tif", kind="raster",
            title_ko="표고", title_en="Elevation", source=_SOURCE, licence=_LICENCE,
            vintage="2000", crs="EPSG:5179", unit="m", confidence="derived",
            good_for="Mean height of a 250 m cell: lapse rate, terrain, drainage.",
            not_good_for=(
                "Peaks (cut by 40 m or more), heights to better than about 4 m, coastal flooding, "
                f"land reclaimed after 2000. {gap}"
            ),
        ),
        Built(
            id="slope", file="slope.tif", kind="raster",
            title_ko="경사도(30 m 평균으로 보정)", title_en="Slope (corrected to a 30 m mean)",
            source=f"{_SOURCE}; corrected on {_WINDOW_SOURCE}", licence=_LICENCE,
            vintage="2000", crs="EPSG:5179", unit="degree", confidence="derived",
            good_for=f"Screening out mountains and pricing earthworks over hectares. {corrected} {effect}",
            not_good_for=(
                "Slope of a plot: narrow valleys and short steep banks are in the mean only; a survey "
                "must follow. Calibrated in one window, elsewhere an extrapolation; flat land "
                f"shows the speckle of SRTM, about 1.5 degrees. {gap}"
            ),
        ),
    ]  # fmt: skip
