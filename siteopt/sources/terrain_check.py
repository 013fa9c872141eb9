"""Validation of slope and earthworks against a 30 m window, as two small tables."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio

from siteopt.costs.earthworks import square_cut_m3
from siteopt.errors import LayerFileError
from siteopt.lattice import CRS_EPSG
from siteopt.sources._built import Built, write_csv
from siteopt.sources._frame import NATIONAL
from siteopt.sources._slope import (
    calibrate,
    read_correction,
    read_window,
    require_fitted,
    slope_pairs,
    window_slope_deg,
)
from siteopt.sources.relief import model_slope_deg

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from rasterio.transform import Affine

    from siteopt.sources._slope import Correction, Pairs

__all__ = ["build", "earthworks_check", "peak_cut_m", "slope_check"]

_MODEL_CLASSES_DEG: Final = (0.0, 1.0, 3.0, 7.0, 15.0, 90.0)
_CLASSES_DEG: Final = (0.0, 3.0, 6.0, 10.0, 15.0, 20.0, 90.0)
_SIDES: Final = (3, 4, 5, 7, 8, 11, 16, 23, 33, 36)
"""Sides of levelled squares in cells of 30 m: 0.8 to 117 ha, builds of 40 to 1,000 MW in them."""

_PEAKS: Final = "elevation/ngii_peaks.csv"


def slope_check(pairs: Pairs, correction: Correction) -> pd.DataFrame:
    """Return both slopes and the corrected one by class of slope in the 190 m model.

    Returns
    -------
    DataFrame
        class_from_deg, class_to_deg, cells, model_deg, mean_30m_deg, corrected_deg (means) and
        rmse_deg of the corrected slope of single cells.
    """
    corrected = correction.at(pairs.model_deg)
    rows = []
    for low, high in pairwise(_MODEL_CLASSES_DEG):
        held = (pairs.model_deg >= low) & (pairs.model_deg < high)
        error = corrected[held] - pairs.mean_30m_deg[held]
        rows.append(
            {
                "class_from_deg": low, "class_to_deg": high, "cells": int(held.sum()),
                "model_deg": pairs.model_deg[held].mean(),
                "mean_30m_deg": pairs.mean_30m_deg[held].mean(),
                "corrected_deg": corrected[held].mean(),
                "rmse_deg": np.sqrt(np.mean(error**2)),
            }
        )  # fmt: skip
    return pd.DataFrame(rows).round(3)


def earthworks_check(
    height_m: NDArray[np.float64], transform: Affine, slope_deg: NDArray[np.float64]
) -> pd.DataFrame:
    """Return what levelling squares of a window moves, beside the closed form of a plane.

    The window is cut into squares without gaps; each is levelled at its mean height, so that cut
    and fill are equal. Squares that touch the sea are left out.

    Parameters
    ----------
    height_m : ndarray, shape (r, c)
        Heights in metres on a metric grid.
    transform : Affine
        Of that grid, EPSG:5179.
    slope_deg : ndarray, shape (r, c)
        Corrected slope of the layer at every cell; NaN where not known.

    Returns
    -------
    DataFrame
        One row a side and class of mean slope: side_m, class_from_deg, class_to_deg, squares,
        cut_m3_m2 (numerical, mean), plane_m3_m2 (closed form at the corrected mean slope),
        plane_30m_m3_m2 (at the slope of the 30 m model), rmse_m3_m2 of single squares.
    """
    fine = window_slope_deg(height_m, transform)
    rows = []
    for cells in _SIDES:
        side = cells * transform.a
        ground = _squares(height_m, cells)
        slope = _squares(slope_deg, cells).mean(axis=1)
        known = (ground > 0).all(axis=1) & np.isfinite(slope)
        ground, slope = ground[known], slope[known]
        cut = np.abs(ground - ground.mean(axis=1, keepdims=True)).mean(axis=1) / 2.0
        plane = square_cut_m3(side, slope) / side**2
        plane_fine = square_cut_m3(side, _squares(fine, cells).mean(axis=1)[known]) / side**2
        for low, high in pairwise(_CLASSES_DEG):
            held = (slope >= low) & (slope < high)
            if not held.any():
                continue
            rows.append(
                {
                    "side_m": side, "class_from_deg": low, "class_to_deg": high,
                    "squares": int(held.sum()), "cut_m3_m2": cut[held].mean(),
                    "plane_m3_m2": plane[held].mean(), "plane_30m_m3_m2": plane_fine[held].mean(),
                    "rmse_m3_m2": np.sqrt(np.mean((plane[held] - cut[held]) ** 2)),
                }
            )  # fmt: skip
    return pd.DataFrame(rows).round(4)


def _squares(values: NDArray[np.float64], cells: int) -> NDArray[np.float64]:
    """Return the cells of each square of a grid, one row a square."""
    n_rows, n_cols = values.shape[0] // cells, values.shape[1] // cells
    part = values[: n_rows * cells, : n_cols * cells].reshape(n_rows, cells, n_cols, cells)
    return part.transpose(0, 2, 1, 3).reshape(n_rows * n_cols, cells * cells)


def peak_cut_m(sources: Path, height_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return by how much the elevation layer lies below the official height of summits.

    Parameters
    ----------
    sources : Path
        Source folder.
    height_m : ndarray, shape of ``NATIONAL``
        The elevation layer, NaN where not known; summits there are left out.

    Raises
    ------
    LayerFileError
        If the table of summits is missing.
    """
    path = sources / _PEAKS
    if not path.is_file():
        raise LayerFileError(f"{path}: not there; `--sources` must hold {_PEAKS}")
    table = pd.read_csv(path, encoding="utf-8")
    at = gpd.GeoSeries(gpd.points_from_xy(table["lon"], table["lat"]), crs=4326).to_crs(CRS_EPSG)
    rows, cols = NATIONAL.cells_of(at.x.to_numpy(), at.y.to_numpy())
    inside = NATIONAL.contains(rows, cols)
    cut = table["height_m"].to_numpy(dtype=np.float64)[inside]
    cut = cut - height_m[rows[inside], cols[inside]]
    return np.asarray(cut[np.isfinite(cut)], dtype=np.float64)


def build(sources: Path, facts: Path, out: Path) -> list[Built]:  # noqa: ARG001 - one signature
    """Write ``slope_check.csv`` and ``earthworks_check.csv``; needs the relief layers in ``out``.

    Parameters
    ----------
    sources, facts, out : Path
        Source data, fact tables (not needed here), folder of the layer files.
    """
    correction = read_correction(out)
    model = model_slope_deg(out).astype(np.float64)
    pairs = slope_pairs(sources, model)
    measured = calibrate(pairs)
    require_fitted(correction, measured)
    write_csv(slope_check(pairs, correction), out / "slope_check.csv", "class_from_deg")
    height, transform = read_window(sources)
    rows, cols = np.indices(height.shape)
    x, y = transform * (cols.ravel() + 0.5, rows.ravel() + 0.5)
    at = NATIONAL.cells_of(x, y)
    slope = correction.at(model)[at].reshape(height.shape)
    table = earthworks_check(height, transform, slope)
    table.insert(
        0, "check_id", [f"{row.side_m:g}-{row.class_from_deg:g}" for row in table.itertuples()]
    )
    write_csv(table, out / "earthworks_check.csv", "check_id")
    with rasterio.open(out / "elevation.tif") as source:
        stored = source.read(1).astype(np.float64)
        stored[stored == source.nodata] = np.nan
    return _catalogue(measured.rmse_deg, peak_cut_m(sources, stored))


_WINDOW: Final = "SRTM 1 arc-second of Byeonsan, osgeokr/gistudy BYEONSANBANDO_SRTM.tif 821e02d"


def _catalogue(rmse_deg: float, peaks_m: NDArray[np.float64]) -> list[Built]:
    return [
        Built(
            id="slope_check", file="slope_check.csv", kind="table",
            title_ko="경사도 보정 검증", title_en="Check of the slope correction",
            source=f"{_WINDOW}; slope layer", licence="SRTM: US public domain", vintage="2000",
            crs="", unit="degree", confidence="derived",
            good_for="How far the corrected slope agrees with a 30 m model by class of slope; "
            f"a cell in blocks left out of the fit is off by {rmse_deg:.1f} degrees (RMSE).",
            not_good_for="The rest of the country: one window of 30 x 24 km. Of the elevation "
            f"itself, {len(peaks_m)} summits of the NGII 1:1,200,000 map lie "
            f"{np.median(peaks_m):.0f} m above it in the median.",
        ),
        Built(
            id="earthworks_check", file="earthworks_check.csv", kind="table",
            title_ko="토공량 산식 검증", title_en="Check of the earthworks formula",
            source=f"{_WINDOW}; slope layer", licence="SRTM: US public domain", vintage="2000",
            crs="", unit="side_m metres; volumes in m3 per m2", confidence="derived",
            good_for="Cut of squares of 0.8 to 117 ha levelled at their mean height, beside the "
            "closed form of a plane of the same mean slope.",
            not_good_for="Earth on a real site: no soil, rock or water is in it, and the noise of "
            "SRTM (about 1 m) moves earth on flat land that is not there.",
        ),
    ]  # fmt: skip
