"""Raster image of eligible and excluded land, decoded by the map."""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
from pyproj import Transformer
from rasterio.transform import array_bounds, from_origin
from rasterio.warp import calculate_default_transform

from siteopt.lattice import CRS_EPSG
from siteopt.report._cells import bands_of, distinct

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from siteopt.lattice import Lattice
    from siteopt.report._protocols import EligibilityLike

    _ValueAt = Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[Any]]
    """Values of the cells of some rows and columns."""

__all__ = ["land_frame", "land_picture"]

_MERCATOR: Final = 3857
_MERCATOR_RADIUS_M: Final = 6_378_137.0
_PIXELS_MAX: Final = 6_000_000
"""Pictures larger than this are thinned: browsers must decode them, and the file stays small."""
_KNOT: Final = 4
"""Pixels between two nodes of the projection, which is linear between them."""
_BYTE: Final = 256


@dataclass(frozen=True)
class _Picture:
    """Pixels of a window of a Mercator frame, and the frame: corner and size of its pixels."""

    pixels: NDArray[np.uint16]
    left_m: float
    top_m: float
    pixel_m: float
    skip: tuple[int, int]
    """Rows and columns of the frame before the window."""

    @property
    def bounds(self) -> list[list[float]]:
        """South-west and north-east corner, latitude and longitude."""
        rows, cols = self.pixels.shape
        top, left = self.skip
        corner = (self.left_m + left * self.pixel_m, self.top_m - top * self.pixel_m)
        west, south, east, north = array_bounds(
            rows, cols, from_origin(*corner, self.pixel_m, self.pixel_m)
        )
        return [_degrees(west, south), _degrees(east, north)]


def land_frame(eligibility: EligibilityLike) -> dict[str, Any]:
    """Return where the picture of :func:`land_picture` lies: a page that has the cells draws it.

    Parameters
    ----------
    eligibility : EligibilityLike
        The screened country.

    Returns
    -------
    dict
        ``bounds`` as there; ``left_m`` and ``top_m`` of a frame in Web Mercator, ``pixel_m``,
        ``skip`` (rows and columns of the frame before the picture), ``shape`` (its rows and columns).
    """
    picture = _in_mercator(lambda rows, cols: eligibility.land[rows, cols], eligibility)
    return {
        "bounds": picture.bounds,
        "left_m": picture.left_m, "top_m": picture.top_m, "pixel_m": picture.pixel_m,
        "skip": list(picture.skip), "shape": list(picture.pixels.shape),
    }  # fmt: skip


def land_picture(eligibility: EligibilityLike) -> dict[str, Any]:
    """Return the land in Web Mercator, where Leaflet shows a picture without distortion.

    Every pixel holds the index of its combination of reasons (red plus 256 times green);
    index 0 is no land. Nearest cell, so that every pixel is as in the screening.

    Parameters
    ----------
    eligibility : EligibilityLike
        The screened country.

    Returns
    -------
    dict
        ``png`` (data URI), ``bounds`` ([[south, west], [north, east]] degrees) and
        ``combinations`` (bit mask of each index; -1 for no land).
    """
    reasons, land = eligibility.reasons, eligibility.land
    on_land = distinct(reasons[rows][land[rows]] for rows in bands_of(len(land)))
    known = np.asarray(on_land, dtype=np.uint32)

    def index(rows: NDArray[np.int64], cols: NDArray[np.int64]) -> NDArray[Any]:
        return np.where(land[rows, cols], np.searchsorted(known, reasons[rows, cols]) + 1, 0)

    picture = _in_mercator(index, eligibility)
    return {
        "png": "data:image/png;base64," + base64.b64encode(_png(picture.pixels)).decode("ascii"),
        "bounds": picture.bounds,
        "combinations": [-1, *on_land],
    }


def _in_mercator(value_at: _ValueAt, eligibility: EligibilityLike) -> _Picture:
    lattice = eligibility.lattice
    transform, width, height = calculate_default_transform(
        f"EPSG:{CRS_EPSG}", f"EPSG:{_MERCATOR}", lattice.n_cols, lattice.n_rows, *lattice.bounds_m
    )
    factor = math.sqrt(max(1.0, width * height / _PIXELS_MAX))
    pixel = transform.a * factor
    shape = (math.ceil(height / factor), math.ceil(width / factor))
    picture = _sampled(value_at, lattice, (transform.c, transform.f, pixel), shape)
    rows, cols = np.nonzero(picture)
    top, left, bottom, right = (
        (int(rows.min()), int(cols.min()), int(rows.max()) + 1, int(cols.max()) + 1)
        if rows.size
        else (0, 0, 1, 1)
    )
    return _Picture(picture[top:bottom, left:right], transform.c, transform.f, pixel, (top, left))


def _sampled(
    value_at: _ValueAt,
    lattice: Lattice,
    frame: tuple[float, float, float],
    shape: tuple[int, int],
) -> NDArray[np.uint16]:
    """Return the value of the cell under the centre of every pixel of a Mercator frame (left, top, pixel).

    GDAL's warp would place cells up to an eighth of a pixel wrongly. Here the projection is
    computed at every :data:`_KNOT`-th pixel and is linear between: within 0.1 m.
    """
    left, top, pixel = frame
    down, across = (np.arange(0, size + _KNOT, _KNOT) for size in shape)
    to_metres = Transformer.from_crs(_MERCATOR, CRS_EPSG, always_xy=True)
    x_knots, y_knots = np.meshgrid(left + (across + 0.5) * pixel, top - (down + 0.5) * pixel)
    x_m, y_m = to_metres.transform(x_knots, y_knots)
    place, part = np.divmod(np.arange(shape[1]), _KNOT)
    share = part / _KNOT
    x_m, y_m = (knots[:, place] * (1 - share) + knots[:, place + 1] * share for knots in (x_m, y_m))
    picture = np.zeros(shape, dtype=np.uint16)
    for row in range(shape[0]):
        knot, below = divmod(row, _KNOT)
        x, y = (side[knot] + (side[knot + 1] - side[knot]) * (below / _KNOT) for side in (x_m, y_m))
        rows, cols = lattice.cells_of(x, y)
        inside = lattice.contains(rows, cols)
        picture[row, inside] = value_at(rows[inside], cols[inside])
    return picture


def _degrees(x_m: float, y_m: float) -> list[float]:
    """Return latitude and longitude of a place in Web Mercator."""
    lat = math.degrees(2 * math.atan(math.exp(y_m / _MERCATOR_RADIUS_M)) - math.pi / 2)
    return [round(lat, 7), round(math.degrees(x_m / _MERCATOR_RADIUS_M), 7)]


def _png(index: NDArray[np.uint16]) -> bytes:
    """Return a picture of one byte a pixel, or of three where there are more combinations."""
    low, high = (index % _BYTE).astype(np.uint8), (index // _BYTE).astype(np.uint8)
    if high.any():
        pixels, how = np.dstack([np.zeros_like(low), high, low]), [cv2.IMWRITE_PNG_COMPRESSION, 6]
    else:  # land is in runs of one byte: smaller than at level 9, in a tenth of the time
        pixels, how = low, [cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE]
    written, picture = cv2.imencode(".png", pixels, how)
    if not written:  # pragma: no cover - OpenCV is built with PNG
        raise RuntimeError("OpenCV could not write the picture of the land as PNG")
    return bytes(picture.tobytes())
