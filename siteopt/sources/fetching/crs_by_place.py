"""Coordinate reference system of a file by the place of its features.

A file of a Korean office may come without a ``.prj``, or with one of another system. Each system
in use there is tried: the share of the features that fall on land tells which fit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import shapely

from siteopt.errors import LayerError
from siteopt.lattice import CRS_EPSG
from siteopt.layers._crs import crs_of_code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyproj import CRS

__all__ = ["KOREAN_SYSTEMS", "land_shares", "must_fall_on_land"]

KOREAN_SYSTEMS: Final = (5179, 5186, 5181, 5185, 5187, 5174, 5173, 2097, 4326, 32652)
"""EPSG codes in use by Korean offices: UTM-K, the belts of GRS 80 with a false northing of 600 and
of 500 km, the belts of the Bessel ellipsoid, degrees, and UTM zone 52."""

_ENOUGH: Final = 0.9
"""Share on land of a file that is in the right system; some features lie on reclaimed land."""
_NEAR: Final = 0.02
"""Systems whose shares are this near the best one cannot be told apart by place."""
_SAMPLE: Final = 2_000


def land_shares(
    points: np.ndarray, land: shapely.Geometry, systems: Sequence[int] = KOREAN_SYSTEMS
) -> dict[int, float]:
    """Return the share of points that fall on land, for each system they may be in.

    Parameters
    ----------
    points : ndarray of float64, shape (n, 2)
        Coordinates as they stand in the file.
    land : Geometry
        In EPSG:5179.
    systems : sequence of int, optional
        EPSG codes.
    """
    shapely.prepare(land)
    shares = {}
    for code in systems:
        crs = crs_of_code(code, f"EPSG:{code}")
        placed = gpd.GeoSeries(gpd.points_from_xy(*points.T), crs=crs).to_crs(CRS_EPSG)
        there = placed.to_numpy()
        coordinates = shapely.get_coordinates(there)
        good = np.isfinite(coordinates).all(axis=1) if len(coordinates) == len(there) else None
        inside = shapely.intersects(land, there[good] if good is not None else there)
        shares[code] = float(inside.sum()) / max(1, len(points))
    return shares


def must_fall_on_land(
    frame: gpd.GeoDataFrame,
    land: shapely.Geometry,
    file: str,
    crs: CRS | None,
    enough: float = _ENOUGH,
) -> None:
    """Raise where the features of a file do not fall on land in the system it is said to be in.

    Parameters
    ----------
    frame : GeoDataFrame
        Coordinates as they stand in the file.
    land : Geometry
        In EPSG:5179.
    file : str
        Its name, for the message.
    crs : CRS, optional
        The system that the file names; None where it names none.
    enough : float, optional
        Share of the features that must fall on land.

    Raises
    ------
    LayerError
        With the system that the file is likely in.
    """
    points = _sample(frame)
    stated = None if crs is None else crs.to_epsg()
    shares = land_shares(points, land)
    if crs is not None:
        placed = frame.set_crs(crs, allow_override=True)
        there = gpd.GeoSeries(gpd.points_from_xy(*points.T), crs=placed.crs).to_crs(CRS_EPSG)
        share = float(shapely.intersects(land, there.to_numpy()).mean())
        if share >= enough:
            return
        said = f"in EPSG:{stated}, as it says, {share:.0%} of it falls on land"
    else:
        said = "names no coordinate system"
    best = max(shares.values())
    likely = [code for code, share in shares.items() if share >= best - _NEAR]
    if best < enough:
        raise LayerError(
            f"{file}: {said}, and in none of the systems in use most of it would; is it of Korea?"
        )
    names = " or ".join(f"EPSG:{code}" for code in likely)
    alike = "; by place alone they cannot be told apart" if len(likely) > 1 else ""
    raise LayerError(
        f"{file}: {said}; it is likely in {names} ({best:.0%}{alike}): give it by --crs"
    )


def _sample(frame: gpd.GeoDataFrame) -> np.ndarray:
    """Return a point of each feature, of some thousand evenly drawn ones at most."""
    shapes = frame.geometry.to_numpy()
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    step = max(1, len(shapes) // _SAMPLE)
    return shapely.get_coordinates(shapely.point_on_surface(shapes[::step]))
