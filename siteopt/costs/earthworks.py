"""Earthworks: what it takes to level benches on sloping ground, from slope to money.

Ground is a plane of slope theta. A bench of width b along its fall is level at the height of its
middle, so that what is cut on the upper half fills the lower half (balanced; swell and shrinkage
left out). Cut and fill end in faces with a run of n for a rise of 1. Cut per metre of bench is the
area of the textbook's cross-section part in cut, part in fill, with no height at the centre::

    area = (b / 2)^2 tan(theta) / (2 (1 - n tan(theta)))

(Uren and Price, Surveying for Engineers, and Schofield and Breach, Engineering Surveying, the
chapters on earthworks; from general knowledge, not checked against the books). Without faces
(n = 0) and for one square of side s this is the closed form s^3 tan(theta) / 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from siteopt.layers.protocols import ParametersLike

__all__ = [
    "bench_cut_m3_m2", "earthworks_krw_m2", "face_land_m2_m2", "face_m2_m2", "plane_share", "square_cut_m3",
]  # fmt: skip


def square_cut_m3(side_m: ArrayLike, slope_deg: ArrayLike) -> NDArray[np.float64]:
    """Return the cut of a level square on a plane that falls along a side: s^3 tan(theta) / 8.

    Parameters
    ----------
    side_m : array_like
        Side s of the square, metres.
    slope_deg : array_like
        Slope theta of the plane, degrees.

    Examples
    --------
    A hectare on a slope of 10 %.

    >>> round(float(square_cut_m3(100.0, 5.7106)))
    12500
    """
    side = np.asarray(side_m, dtype=np.float64)
    return np.asarray(side**3 * _tangent(slope_deg) / 8.0, dtype=np.float64)


def bench_cut_m3_m2(
    slope_deg: ArrayLike, width_m: float, batter_run: float = 0.0
) -> NDArray[np.float64]:
    """Return the cut per m2 of benches on a plane: b tan(theta) / (8 (1 - n tan(theta))).

    Parameters
    ----------
    slope_deg : array_like
        Slope theta of the plane, degrees; less than that of the faces.
    width_m : float
        Width b of a bench along the fall, metres.
    batter_run : float
        Run n of cut and fill faces for a rise of 1; 0 for upright ones.
    """
    tangent = _tangent(slope_deg)
    return np.asarray(width_m * tangent / (8.0 * (1.0 - batter_run * tangent)), dtype=np.float64)


def face_m2_m2(slope_deg: ArrayLike, batter_run: float) -> NDArray[np.float64]:
    """Return the area of cut and fill faces per m2 of bench, whatever its width.

    Each face runs d = (b / 2) n tan(theta) / (1 - n tan(theta)) in plan, one on either side of a
    bench, and is sqrt(1 + n^2) / n times as long along the face.

    Parameters
    ----------
    slope_deg : array_like
        Slope of the plane, degrees; less than that of the faces.
    batter_run : float
        Run n of the faces for a rise of 1.
    """
    tangent = _tangent(slope_deg)
    along = np.hypot(1.0, batter_run) * tangent / (1.0 - batter_run * tangent)
    return np.asarray(along, dtype=np.float64)


def face_land_m2_m2(slope_deg: ArrayLike, batter_run: float) -> NDArray[np.float64]:
    """Return the land beneath cut and fill faces per m2 of bench: n tan / (1 - n tan).

    Parameters
    ----------
    slope_deg : array_like
        Slope of the plane, degrees; less than that of the faces.
    batter_run : float
        Run n of the faces for a rise of 1.
    """
    run = batter_run * _tangent(slope_deg)
    return np.asarray(run / (1.0 - run), dtype=np.float64)


def plane_share(side_m: ArrayLike, plane_length_m: float, exponent: float) -> NDArray[np.float64]:
    """Return what real ground takes of the volume on a plane of the same mean slope.

    1 / (1 + (s / length)^exponent): nearly all for a short side, ever less for a long one,
    because ground does not rise on for ever. Fitted to squares levelled on a 30 m model.

    Parameters
    ----------
    side_m : array_like
        Side of the level square or width of the bench, metres.
    plane_length_m, exponent : float
        ``earth_plane_length`` and ``earth_plane_exponent``.
    """
    ratio = np.asarray(side_m, dtype=np.float64) / plane_length_m
    return np.asarray(1.0 / (1.0 + ratio**exponent), dtype=np.float64)


def earthworks_krw_m2(
    slope_deg: ArrayLike, parameters: ParametersLike, land_price_krw_m2: ArrayLike = 0.0
) -> NDArray[np.float64]:
    """Return the cost of levelling land, KRW per m2 of platform.

    Cut of benches of ``earth_bench_width`` at the mean price of soil and rock (haul, filling and
    compaction on the site included), drains and planting of the faces, and the land beneath them.

    Parameters
    ----------
    slope_deg : array_like
        Mean slope at 30 m, degrees; taken as ``earth_batter_max_deg`` where it is more.
    parameters : Parameters
        The ``earth_*`` parameters.
    land_price_krw_m2 : array_like
        Price of the land beneath the faces, KRW per m2.
    """
    value = parameters.value
    slope = np.minimum(np.asarray(slope_deg, dtype=np.float64), value("earth_batter_max_deg"))
    width, run = value("earth_bench_width"), value("earth_batter_run")
    rock = value("earth_rock_share") / 100.0
    krw_m3 = (1.0 - rock) * value("earth_soil_cost") + rock * value("earth_rock_cost")
    share = plane_share(width, value("earth_plane_length"), value("earth_plane_exponent"))
    cut = bench_cut_m3_m2(slope, width, run) * share
    faces = face_m2_m2(slope, run) * share
    land = face_land_m2_m2(slope, run) * share * np.asarray(land_price_krw_m2, dtype=np.float64)
    return np.asarray(cut * krw_m3 + faces * value("earth_batter_cost") + land, dtype=np.float64)


def _tangent(slope_deg: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(np.tan(np.radians(np.asarray(slope_deg, dtype=np.float64))))
