"""Coordinate reference system of a file by the place of its features.

A file of a Korean office may come without a ``.prj``, or with one of another system. Each system
in use there is tried: the share of the features that fall on land tells which fit, and where the
features bear codes of districts, the share that falls into its own district.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from siteopt.errors import LayerError
from siteopt.lattice import CRS_EPSG, DEGREES_EPSG
from siteopt.layers._crs import crs_of_code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from pyproj import CRS

    from siteopt.layers.district_codes import DistrictCodes

__all__ = ["KOREAN_SYSTEMS", "DistrictShapes", "land_shares", "must_fall_on_land"]

KOREAN_SYSTEMS: Final = (
    5179, 5186, 5181, 5185, 5187, 5180, 5183, 5182, 5174, 5173, 5176, 2097, 2098, 2096, 5178, 4326,
    32652,
)  # fmt: skip
"""EPSG codes in use by Korean offices: UTM-K (GRS 80), the belts about 127, 125 and 129 degrees
with a false northing of 600 and of 500 km (Jeju 550), the belts of the Bessel ellipsoid with and
without the shift of 10.405 seconds, UTM-K on it, degrees, and UTM zone 52."""

_ENOUGH: Final = 0.9
"""Share on land of a file that is in the right system; some features lie on reclaimed land."""
_NEAR: Final = 0.02
"""Systems whose shares are this near the best one cannot be told apart by place."""
_SAMPLE: Final = 2_000
_BESIDE_M: Final = 3_000.0
"""How far beside its district a feature may lie: borders of the layer are generalised."""
_CODED: Final = 0.9
"""Share of the cells of a column that begin with the code of a district, if it holds such codes."""
_APART_M: Final = 1_000.0
"""Systems that place a file less apart differ by their ellipsoid or the shift of 10.405 seconds."""
_DEGREES_MOST: Final = 180.0
"""No coordinate in degrees is larger; in metres, few places of Korea have smaller ones."""
_BESIDE_DEG: Final = 0.6
"""How far beside its belt a system is used: files of a province that two belts share."""
_CODE_LENGTHS: Final = frozenset({5, 8, 10, 19})
"""Digits of the codes of districts, of eup, myeon and dong, of legal areas, and of parcels."""


@dataclass(frozen=True, slots=True)
class DistrictShapes:
    """Districts by which features are placed that bear their codes.

    Attributes
    ----------
    codes : DistrictCodes
        Which districts an official code of any year means.
    shapes : Series
        Geometry in EPSG:5179 by ``district_code``.
    """

    codes: DistrictCodes
    shapes: pd.Series[Any]

    def of_features(self, frame: pd.DataFrame) -> NDArray[np.object_] | None:
        """Return the land of the district of each feature, None where no column holds codes."""
        cells = pd.DataFrame(frame.drop(columns="geometry"))
        for place in range(cells.shape[1]):  # a name may be there twice
            texts = cells.iloc[:, place].map(lambda one: "" if one is None else str(one))
            coded = texts.map(
                lambda one: len(one) in _CODE_LENGTHS and one.isdigit() and one[:5] in self.codes
            )
            if len(texts) and coded.mean() >= _CODED:
                known = {code: self._land(code) for code in sorted(set(texts[coded].str[:5]))}
                return np.array(
                    [known[one[:5]] if ok else None for one, ok in zip(texts, coded, strict=True)],
                    dtype=object,
                )
        return None

    def _land(self, code: str) -> shapely.Geometry:
        parts = [self.shapes[one] for one in self.codes.districts_of(code) if one in self.shapes]
        return shapely.buffer(shapely.union_all(parts), _BESIDE_M)


@dataclass(frozen=True, slots=True)
class _Sample:
    """Points of some features, and the land on which each must fall."""

    points: NDArray[np.float64]
    land: shapely.Geometry
    own: NDArray[np.object_] | None

    def placed(self, crs: CRS) -> NDArray[np.object_]:
        series = gpd.GeoSeries(gpd.points_from_xy(*self.points.T), crs=crs).to_crs(CRS_EPSG)
        xy = np.column_stack([series.x, series.y])
        found = np.full(len(xy), None, dtype=object)
        good = np.isfinite(xy).all(axis=1)
        found[good] = shapely.points(xy[good])
        return found

    def share(self, crs: CRS) -> float:
        """Return the share of the points that fall where they must."""
        there = self.placed(crs)
        inside = shapely.intersects(self.land, there)
        if self.own is not None:
            inside = np.where(
                shapely.is_missing(self.own), inside, shapely.intersects(self.own, there)
            )
        return float(inside.sum()) / max(1, len(there))


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
    return _shares(_Sample(points, land, None), systems)


def _shares(
    sample: _Sample, systems: Sequence[int] = KOREAN_SYSTEMS, enough: float = _ENOUGH
) -> dict[int, float]:
    """Return the shares in the systems that are used where they place the points.

    Where the points fit none of these, all count: whole countries are written in a belt of its edge.
    """
    shapely.prepare(sample.land)
    in_degrees = bool((np.abs(sample.points) <= _DEGREES_MOST).all())
    able = {code: crs_of_code(code, f"EPSG:{code}") for code in systems}
    able = {code: crs for code, crs in able.items() if crs.is_geographic == in_degrees}
    shares = {code: sample.share(crs) for code, crs in able.items()}
    in_use = {
        code: share
        for code, share in shares.items()
        if share >= enough and _in_use(sample.placed(able[code]), able[code])
    }
    return dict.fromkeys(systems, 0.0) | (in_use or shares)


def _in_use(there: NDArray[np.object_], crs: CRS) -> bool:
    """Return whether the middle of the places is where a system is used: a belt, and beside it."""
    xy = shapely.get_coordinates(there)
    use = crs.area_of_use
    if not len(xy) or use is None:
        return use is None
    x, y = np.median(xy, axis=0)
    lon, lat = _to_degrees().transform(x, y)
    inside_lon = use.west - _BESIDE_DEG <= lon <= use.east + _BESIDE_DEG
    return bool(inside_lon and use.south - _BESIDE_DEG <= lat <= use.north + _BESIDE_DEG)


@cache
def _to_degrees() -> Transformer:
    return Transformer.from_crs(CRS_EPSG, DEGREES_EPSG, always_xy=True)


def must_fall_on_land(  # noqa: PLR0913, PLR0917 - what is known of a file
    frame: gpd.GeoDataFrame,
    land: shapely.Geometry,
    file: str,
    crs: CRS | None,
    enough: float = _ENOUGH,
    districts: DistrictShapes | None = None,
) -> str:
    """Return what else a file may be in; raise where it is not in the system it is said to be in.

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
    districts : DistrictShapes, optional
        Districts, where features may bear codes of theirs.

    Returns
    -------
    str
        Other systems in which the file falls on land as well, more than 1 km away; empty where
        there is none, or where codes of districts decided.

    Raises
    ------
    LayerError
        With the system that the file is likely in.
    """
    sample = _sampled(frame, land, districts)
    if not len(sample.points):
        raise LayerError(f"{file}: no feature has a shape; at least one is needed")
    shares = _shares(sample, enough=enough)
    where = "on land" if sample.own is None else "into the district whose code it bears"
    if crs is not None:
        share = sample.share(crs)
        if share >= enough:
            return "" if sample.own is not None else _others(sample, shares, crs, file)
        said = f"in {_name(crs)}, as it says, {share:.0%} of it falls {where}"
    else:
        said = "names no coordinate system"
    best = max(shares.values())
    likely = [code for code, share in shares.items() if share >= best - _NEAR]
    if best < enough:
        raise LayerError(
            f"{file}: {said}, and in none of the systems in use most of it would; is it of Korea?"
        )
    names = " or ".join(f"EPSG:{code}" for code in likely)
    remedy = "give it by --crs" if file.lower().endswith(".shp") else "write the right one into it"
    alike = "; by place alone they cannot be told apart" if len(likely) > 1 else ""
    raise LayerError(f"{file}: {said}; it is likely in {names} ({best:.0%}{alike}): {remedy}")


def _others(sample: _Sample, shares: dict[int, float], crs: CRS, file: str) -> str:
    """Return the sentence on systems that fit as well and place the file elsewhere."""
    here = sample.placed(crs)
    best = max(shares.values())
    names = []
    for code, share in shares.items():
        if share >= best - _NEAR:
            away = shapely.distance(here, sample.placed(crs_of_code(code, f"EPSG:{code}")))
            if np.nanmedian(away.astype(float)) > _APART_M:
                names.append(f"EPSG:{code}")
    if not names:
        return ""
    return (
        f"{file}: taken as {_name(crs)}, as it says; it would fall on land in {', '.join(names)} as "
        "well, so look where it lies"
    )


def _name(crs: CRS) -> str:
    code = crs.to_epsg()
    return f"EPSG:{code}" if code is not None else " ".join(crs.name.split())[:60]


def _sampled(
    frame: gpd.GeoDataFrame, land: shapely.Geometry, districts: DistrictShapes | None
) -> _Sample:
    """Return a point of each feature, of some thousand evenly drawn ones at most."""
    shapes = frame.geometry.to_numpy()
    there = np.flatnonzero(np.isfinite(shapely.bounds(shapes)).all(axis=1))
    drawn = there[:: max(1, len(there) // _SAMPLE)]
    own = None if districts is None else districts.of_features(frame.iloc[drawn])
    return _Sample(shapely.get_coordinates(shapely.point_on_surface(shapes[drawn])), land, own)
