"""Lots of industrial complexes: least size of a complex, and lots outside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LOT_REACH_KM", "lot_distances_km", "lot_hulls_km2"]

LOT_REACH_KM: Final = 15.0
"""Lots farther from the point of their complex are not its own: the largest complexes (Gwangyang,
Ulsan-Mipo) reach 10.6 km."""

_HULL_POINTS: Final = 3
"""Fewer points have no area."""

_M2_KM2: Final = 1e-6
_DECIMALS: Final = 3


def lot_hulls_km2(complex_id: pd.Series[str], xy_m: NDArray[np.float64]) -> pd.Series[float]:
    """Return the area of the convex hull of the lots of each complex that has three or more, km2.

    The points lie inside the lots, so the hull is smaller than a complex of one convex piece; it
    can be larger than one of several pieces or of a bent shape.

    Parameters
    ----------
    complex_id : Series of str
        Complex of each lot.
    xy_m : ndarray, shape (n, 2)
        EPSG:5179 metres, a point inside each lot.

    Returns
    -------
    Series
        By complex; those whose hull has no area (to 1,000 m2) are left out.
    """
    points = pd.Series(np.asarray(shapely.points(xy_m), dtype=object), index=complex_id.index)
    areas = {
        str(name): float(shapely.area(shapely.convex_hull(shapely.multipoints(own.to_numpy()))))
        for name, own in points.groupby(complex_id, sort=True)
        if len(own) >= _HULL_POINTS
    }
    hulls = (pd.Series(areas, dtype=np.float64) * _M2_KM2).round(_DECIMALS)
    return hulls[hulls > 0]


def lot_distances_km(
    complex_id: pd.Series[str], xy_m: NDArray[np.float64], complex_xy_m: pd.DataFrame
) -> NDArray[np.float64]:
    """Return how far each lot is from the point of its complex, km; NaN where there is none.

    Parameters
    ----------
    complex_id : Series of str
        Complex of each lot.
    xy_m : ndarray, shape (n, 2)
        EPSG:5179 metres.
    complex_xy_m : DataFrame
        ``x_m``, ``y_m`` of the complexes, indexed by ``complex_id``.
    """
    home = complex_xy_m[["x_m", "y_m"]].reindex(complex_id).to_numpy(dtype=np.float64)
    apart = xy_m - home
    return np.asarray(np.hypot(apart[:, 0], apart[:, 1]) / 1000.0, dtype=np.float64)
