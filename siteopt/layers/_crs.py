"""Coordinate reference systems: detection in files and transformation to EPSG:5179."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.crs import BoundCRS
from pyproj.crs.coordinate_operation import ToWGS84Transformation
from pyproj.exceptions import CRSError, ProjError
from pyproj.network import set_network_enabled  # type: ignore[attr-defined]

from siteopt.errors import LayerError
from siteopt.lattice import CRS_EPSG

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = [
    "WGS84", "brought_to", "crs_of_code", "crs_of_name", "crs_of_wkt", "moved", "placeable",
]  # fmt: skip

_RIGHT: Final = (
    "write the one its coordinates are in: EPSG:5179, 5186 or 4326, with a Bessel ellipsoid "
    "EPSG:5174, 5173 or 2097"
)
_WKT: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*\s*[\[(]")
_CODE: Final = re.compile(r"EPSG:{1,2}([0-9]{4,6})", re.IGNORECASE)
_CODE_OF_URN: Final = re.compile(
    r"(?:urn:(?:x-)?ogc:def:crs:|https?://www\.opengis\.net/def/crs/)"
    r"(?:EPSG[:/][0-9.]*[:/]([0-9]{4,6})|OGC[:/][0-9.]+[:/](CRS84))",
    re.IGNORECASE,
)
_NAMED_FILES: Final = re.compile(
    r"\+init\s*=|PARAMETERFILE\s*[\[(]|\+(?:[a-z]*grids|file|catalog)\s*=\s*(?!@null\b)",
    re.IGNORECASE,
)
"""Parts of a definition that make PROJ open a file; ``@null`` is the one name that is none."""

_GEOCENTRIC_RADIUS_M: Final = 6_378_137.0
_GEOCENTRIC_FLATTENING: Final = 298.257
_LIKE_GRS80: Final = 0.001
"""Approximate distance of the inverse flattening of GRS 80 and WGS 84 from the above."""

WGS84: Final = CRS.from_epsg(4326)


def crs_of_wkt(text: str, file: str) -> CRS:
    """Return the CRS of a definition in WKT (of any age), or of a bare ``EPSG:5186``.

    Raises
    ------
    LayerError
        If it is anything else (an address, a path, a PROJ string), names a grid file, is not
        known, or cannot be placed on the earth.
    """
    plain = text.strip().strip("\ufeff\0").strip()
    if code := _CODE.fullmatch(plain):
        return crs_of_code(int(code[1]), file)
    if not _WKT.match(plain):
        begins = f"begins with {plain[:20]!r}" if plain else "is empty"
        raise LayerError(f"{file}: {begins}, which is no CRS in WKT; {_RIGHT}")
    if _NAMED_FILES.search(plain):
        raise LayerError(f"{file}: its CRS names a grid or another file; {_RIGHT}")
    try:
        return placeable(CRS.from_wkt(plain), file)
    except CRSError as error:
        raise LayerError(f"{file}: its CRS cannot be understood; {_RIGHT}") from error


def crs_of_code(code: int, file: str) -> CRS:
    """Return the CRS of an EPSG code; LayerError if there is none or it cannot be placed."""
    try:
        return placeable(CRS.from_epsg(code), file)
    except CRSError as error:
        raise LayerError(f"{file}: its CRS EPSG:{code} is not known; {_RIGHT}") from error


def crs_of_name(name: str, file: str) -> CRS:
    """Return the CRS that a GeoJSON names: ``EPSG:5186``, its URN, or that of longitude, latitude.

    Raises
    ------
    LayerError
        If it is another name, not known, or cannot be placed on the earth.
    """
    found = _CODE.fullmatch(name.strip()) or _CODE_OF_URN.fullmatch(name.strip())
    try:
        if found is not None:
            return placeable(CRS.from_epsg(int(found[1])) if found[1] else WGS84, file)
    except CRSError:
        pass
    raise LayerError(
        f"{file}: its CRS {name[:60]!r} is not known; name one such as EPSG:5186, or leave `crs` "
        "out for longitude and latitude"
    )


def placeable(crs: CRS, file: str) -> CRS:
    """Return the horizontal part of a CRS, from which there is a known way to EPSG:5179.

    PROJ falls back on a transformation without a shift of the datum where it knows none: on a
    Bessel ellipsoid that is several hundred metres beside the place. It is not taken.

    Raises
    ------
    LayerError
        If it is no horizontal CRS of the earth, or its datum has no known shift to WGS 84.
    """
    flat = _horizontal(crs)
    what = _name(flat)
    if not (flat.is_geographic or flat.is_projected):
        raise LayerError(
            f"{file}: its CRS ({what}, {flat.type_name}) cannot be placed on the earth; {_RIGHT}"
        )
    if _way(flat, CRS_EPSG) is None:
        bound = _bound_to_wgs84(flat)
        if bound is None or _way(bound, CRS_EPSG) is None:
            raise LayerError(
                f"{file}: its CRS ({what}) has a datum without a known shift to WGS 84"
                f"{_near_code(flat)}; {_RIGHT}"
            )
        return bound
    code = None if flat.is_bound else flat.to_epsg()
    return flat if code is None else CRS.from_epsg(code)


def _horizontal(crs: CRS) -> CRS:
    """Return a CRS without its heights."""
    parts = crs.sub_crs_list
    if crs.is_compound and parts:
        return _horizontal(parts[0])
    return crs.to_2d() if len(crs.axis_info) > 2 and not crs.is_geocentric else crs  # noqa: PLR2004 - axes


def _name(crs: CRS) -> str:
    inner = crs.source_crs if crs.is_bound and crs.source_crs is not None else crs
    return " ".join(inner.name.split())[:60]


def _near_code(crs: CRS) -> str:
    """Return which CRS of EPSG has the same projection, for a message."""
    code = crs.to_epsg()
    return "" if code is None else f" (its projection is that of EPSG:{code})"


def _bound_to_wgs84(crs: CRS) -> CRS | None:
    """Return a CRS on the ellipsoid of WGS 84 or GRS 80 as one whose datum is that of WGS 84.

    The geocentric datums of the world agree with it to about a metre; definitions written from
    ``+ellps=GRS80`` name no datum at all.
    """
    ellipsoid, meridian, geodetic = crs.ellipsoid, crs.prime_meridian, crs.geodetic_crs
    if ellipsoid is None or meridian is None or geodetic is None or crs.is_bound:
        return None
    alike = (
        math.isclose(ellipsoid.semi_major_metre, _GEOCENTRIC_RADIUS_M)
        and abs(ellipsoid.inverse_flattening - _GEOCENTRIC_FLATTENING) < _LIKE_GRS80
        and meridian.longitude == 0
    )
    if not alike:
        return None
    return BoundCRS(
        source_crs=crs, target_crs=WGS84, transformation=ToWGS84Transformation(geodetic)
    )


def _way(crs: CRS, epsg: int) -> Transformer | None:
    return _known_way(crs.srs, epsg)


@lru_cache(maxsize=64)
def _known_way(definition: str, epsg: int) -> Transformer | None:
    """Return the transformation between two CRS, longitude first; None where no shift is known."""
    set_network_enabled(active=False)
    try:
        return Transformer.from_crs(
            CRS.from_user_input(definition), f"EPSG:{epsg}", always_xy=True, allow_ballpark=False
        )
    except (CRSError, ProjError):
        return None


def brought_to(frame: gpd.GeoDataFrame, epsg: int) -> gpd.GeoDataFrame:
    """Return features in another CRS; coordinates that have no place there become infinite.

    The frame has a CRS that is :func:`placeable`.
    """
    shapes = np.asarray(frame.geometry.array, dtype=object)
    return frame.set_geometry(
        type(frame.geometry)(moved(shapes, frame.crs, epsg), index=frame.index, crs=epsg)
    )


def moved(shapes: NDArray[np.object_], crs: CRS, epsg: int) -> NDArray[Any]:
    """Return geometries, given in a placeable CRS, in another."""
    if crs.srs == f"EPSG:{epsg}" or crs == CRS.from_epsg(epsg):
        return shapes
    way = _way(crs, epsg)
    if way is None:
        return shapely.transform(shapes, lambda xy: np.full_like(xy, np.inf))

    def placed(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(way.transform(xy[:, 0], xy[:, 1]))

    return shapely.transform(shapes, placed)
