"""Parcels of the user as candidate sites."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely

from siteopt.errors import InfeasibleError, LayerError
from siteopt.layers._plausible import LARGEST_PARCEL_HA
from siteopt.layers._rows import shown
from siteopt.layers._signs import same_text
from siteopt.layers.check import checked_vector
from siteopt.layers.land_cover import COVER_LAYERS
from siteopt.layers.rasters import Raster
from siteopt.layers.readers import read_vector
from siteopt.layers.zonal_statistics import zonal_means
from siteopt.sites.tiles import SITE_COLUMNS, it_max_mw, site_rasters, site_table, with_cover

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from siteopt.layers.protocols import LayersLike, RasterLike
    from siteopt.scenario import Scenario
    from siteopt.screening import Eligibility

__all__ = [
    "OUTSIDE_FRAME",
    "TOO_SMALL",
    "judge_parcels",
    "known_complexes",
    "parcel_sites",
    "read_parcels",
    "reasons_at",
]

TOO_SMALL: Final = "too_small"
"""In ``excluded_by``: the parcel's land does not hold the smallest build."""

OUTSIDE_FRAME: Final = "outside_frame"
"""In ``excluded_by``: the parcel is outside the screened frame."""

PARCEL_COLUMNS: Final = (*SITE_COLUMNS[:-1], "area_ha", "excluded_by", "geometry")
"""Columns of a table of parcels, in order."""

_OPTIONAL: Final = {"name_ko": ("name",), "name_en": ("name",), "complex_id": ()}
"""Columns that a file may have, and those that stand in for them."""

_ID: Final = re.compile(r"[\w.-]{1,64}")
_HA_M2: Final = 10_000.0
_FIRST_CSV_ROW: Final = 2


def parcel_sites(
    eligibility: Eligibility, layers: LayersLike, scenario: Scenario
) -> gpd.GeoDataFrame:
    """Return the user's parcels of a scenario as candidate sites.

    Parameters
    ----------
    eligibility : Eligibility
        The answer of :func:`siteopt.screening.screen`.
    layers : LayersLike
        ``districts``, ``slope`` and ``elevation`` are read.
    scenario : Scenario
        ``candidates.parcels`` is the file; where ``candidates.parcels_screened`` is true,
        parcels whose point is excluded are left out, else they are kept with their reasons.
        Parcels too small for ``build.it_min_mw`` are left out either way.

    Returns
    -------
    GeoDataFrame
        As :func:`judge_parcels`, without those left out.

    Raises
    ------
    LayerError, LayerFileError
        As :func:`read_parcels`.
    InfeasibleError
        If no parcel is left; the message has the number that each reason excludes.
    """
    path = scenario.candidates.parcels
    if path is None:
        raise LayerError("candidates.parcels: not set; name a GeoJSON, GeoPackage, .shp or .csv")
    judged = judge_parcels(read_parcels(path), eligibility, layers, scenario)
    kept = judged["it_max_mw"] > 0
    if scenario.candidates.parcels_screened:
        kept &= judged["excluded_by"] == ""
    if not kept.any():
        reasons = judged["excluded_by"].str.split(";").explode().value_counts().sort_index()
        counted = ", ".join(f"{reason} {count}" for reason, count in reasons.items())
        raise InfeasibleError(
            f"{path.name}: no parcel can be a site, of {len(judged)} (left out by {counted}); "
            "loosen screening.exclusions, set candidates.parcels_screened = false or give larger "
            "parcels"
        )
    return judged[kept].reset_index(drop=True)


def read_parcels(path: Path) -> gpd.GeoDataFrame:
    """Read parcels: GeoJSON, GeoPackage, Shapefile (UTF-8 or CP949), or CSV with lon and lat.

    Columns: ``site_id`` is needed, the user's stable id (letters, digits, ``-``, ``_``, ``.``).
    ``name_ko`` and ``name_en`` are optional, ``name`` replaces either; so is ``complex_id``,
    the industrial complex that the parcel is a lot of, which makes it serviced land. A parcel is a
    polygon, whose area is measured, or a point, which needs ``area_ha`` (hectares).

    Parameters
    ----------
    path : Path
        File of the user.

    Returns
    -------
    GeoDataFrame
        EPSG:5179, sorted by ``site_id``: ``site_id``, ``name_ko``, ``name_en``, ``complex_id``
        (empty where not given), ``area_ha``, ``geometry`` as in the file.

    Raises
    ------
    LayerFileError
        If the file is not there or cannot be opened.
    LayerError
        If the CRS is missing or wrong, lon and lat are swapped, a geometry is empty, not valid
        or no parcel, an id is missing or appears twice, or an area is no positive number; the
        message names file, row and field.
    """
    raw = checked_vector(read_vector(path, "parcels"), "parcels", path).reset_index(drop=True)
    source = _Source(path.name, _FIRST_CSV_ROW if path.suffix.lower() == ".csv" else 1)
    ids = source.ids(raw)
    area_ha = source.areas_ha(raw)
    columns = {"site_id": ids, "area_ha": area_ha}
    for column, others in _OPTIONAL.items():
        given = next((name for name in (column, *others) if name in raw.columns), None)
        names = pd.Series("", index=raw.index) if given is None else raw[given]
        columns[column] = names.where(names.notna(), "").astype(str).to_numpy(dtype=object)
    frame = type(raw)(columns, geometry=raw.geometry.to_numpy(), crs=raw.crs)
    ordered = frame.sort_values("site_id", kind="stable").reset_index(drop=True)
    return ordered[["site_id", *_OPTIONAL, "area_ha", "geometry"]]


@dataclass(frozen=True, slots=True)
class _Source:
    """How rows of the user's file are called in messages, and what they must hold."""

    file: str
    first_row: int

    def row(self, place: int) -> str:
        word = "row" if self.first_row == _FIRST_CSV_ROW else "feature"
        return f"{self.file}: {word} {place + self.first_row}"

    def ids(self, raw: gpd.GeoDataFrame) -> NDArray[np.object_]:
        if "site_id" not in raw.columns:
            columns = ", ".join(str(name) for name in raw.columns if name != raw.geometry.name)
            raise LayerError(
                f"{self.file}: column site_id is missing; every parcel needs a stable id of "
                f"yours (the file has {columns or 'no columns'})"
            )
        ids = [_id_text(value) for value in raw["site_id"].tolist()]
        seen: dict[str, int] = {}
        for place, name in enumerate(ids):
            if not _ID.fullmatch(name):
                found = "empty" if not name else repr(name)
                raise LayerError(
                    f"{self.row(place)}: site_id is {found}; letters, digits, '-', '_' and '.' "
                    "make an id, 64 at most"
                )
            if (wide := _foreign_sign(name)) is not None:
                raise LayerError(
                    f"{self.row(place)}: site_id is {name!r}; U+{ord(wide):04X} is a full-width or "
                    "foreign form of a letter or digit, write the plain one"
                )
            if (same := str(same_text(name))) in seen:
                raise LayerError(
                    f"{self.row(place)}: site_id {name} appears twice (first in "
                    f"{self.row(seen[same]).removeprefix(self.file + ': ')}); ids must be unique"
                )
            seen[same] = place
        return np.array(ids, dtype=object)

    def areas_ha(self, raw: gpd.GeoDataFrame) -> NDArray[np.float64]:
        shapes = np.asarray(raw.geometry.array, dtype=object)
        area_ha = np.asarray(shapely.area(shapes) / _HA_M2, dtype=np.float64)
        dimension = shapely.get_dimensions(shapes)
        kinds = raw.geometry.geom_type.to_numpy()
        is_point = kinds == "Point"
        wrong = np.flatnonzero(~(is_point | (dimension == 2)))  # noqa: PLR2004 - of a polygon
        if len(wrong):
            raise LayerError(
                f"{self.row(wrong[0])}: geometry is a {kinds[wrong[0]]}; a parcel is a polygon, "
                "or a point with area_ha"
            )
        if is_point.any() and "area_ha" not in raw.columns:
            raise LayerError(
                f"{self.file}: column area_ha is missing; a point has no area of its own, give "
                "each the hectares of its parcel"
            )
        if not is_point.any():
            return area_ha
        # As text first: what is true or false, or a date, is no number of hectares.
        cells = raw["area_ha"].astype("str")
        given = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64)
        bad = np.flatnonzero(is_point & ~(np.isfinite(given) & (given > 0)))
        if len(bad):
            found = shown(raw["area_ha"].tolist()[bad[0]])
            raise LayerError(
                f"{self.row(bad[0])}: area_ha is {found}; a number of hectares above 0 is needed"
            )
        large = np.flatnonzero(is_point & (given > LARGEST_PARCEL_HA))
        if len(large):
            raise LayerError(
                f"{self.row(large[0])}: area_ha is {given[large[0]]:.10g}, larger than any parcel "
                f"({LARGEST_PARCEL_HA:,.0f} at most); hectares, not m2?"
            )
        return np.where(is_point, given, area_ha)


def _id_text(value: object) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return ""
    return str(value).strip()


def _foreign_sign(name: str) -> str | None:
    """Return the first full-width letter or digit, or digit of another script; None for none."""
    if name.isascii():
        return None
    for sign in name:
        if unicodedata.east_asian_width(sign) == "F" or (sign.isdigit() and not sign.isascii()):
            return sign
    return None


def judge_parcels(
    parcels: gpd.GeoDataFrame, eligibility: Eligibility, layers: LayersLike, scenario: Scenario
) -> gpd.GeoDataFrame:
    """Return all parcels in the form of candidate sites, with the reasons against them.

    A parcel's point is a point on its surface; the cell of the point decides whether the parcel
    is excluded. Its eligible hectares are those of its polygon on eligible cells, its slope,
    elevation and land cover means over the polygon, each cell weighted by the share of it that the
    polygon covers (:func:`siteopt.layers.zonal_statistics.zonal_means`). A parcel that is a point
    takes the cell that holds it for all of its ``area_ha``.

    Parameters
    ----------
    parcels : GeoDataFrame
        As :func:`read_parcels` returns them.
    eligibility : Eligibility
        The answer of :func:`siteopt.screening.screen`.
    layers : LayersLike
        ``districts``, ``slope`` and ``elevation`` are read.
    scenario : Scenario
        ``build`` and ``candidates.parcels_screened`` are used.

    Returns
    -------
    GeoDataFrame
        The columns of :func:`siteopt.sites.tiles.find_sites`, points in EPSG:5179, and
        ``area_ha``, the whole parcel; ``excluded_by``, ids of reasons joined by ``;``, empty for
        none. ``it_max_mw`` is of the eligible hectares, of the whole parcel where parcels are
        not screened, and 0 where the smallest build does not fit.
    """
    shapes = np.asarray(parcels.geometry.array, dtype=object)
    xy = shapely.get_coordinates(np.asarray(shapely.point_on_surface(shapes)))
    ids = parcels["site_id"].to_numpy(dtype=np.str_)
    table = site_table(ids, xy[:, 0], xy[:, 1], layers)
    for column in ("name_ko", "name_en"):
        own = parcels[column].to_numpy(dtype=object)
        table[column] = np.where(own == "", table[column].to_numpy(dtype=object), own)
    area_ha = parcels["area_ha"].to_numpy(dtype=np.float64)
    found = _means(shapes, xy, eligibility, layers)
    table["area_ha"] = area_ha
    table["eligible_ha"] = area_ha * found.pop("eligible")
    screened = scenario.candidates.parcels_screened
    usable_ha = table["eligible_ha"].to_numpy(dtype=np.float64) if screened else area_ha
    table["it_max_mw"] = it_max_mw(usable_ha, scenario.build)
    table = table.assign(**found)
    reasons = reasons_at(xy, eligibility)
    for place in np.flatnonzero(table["it_max_mw"].to_numpy() == 0):
        reasons[place] = [*reasons[place], TOO_SMALL]
    table["excluded_by"] = [";".join(names) for names in reasons]
    table = table.assign(kind="parcel", area_rule="parcel", area_confidence="user")
    table["complex_id"] = known_complexes(parcels["complex_id"], layers)
    return table[with_cover(PARCEL_COLUMNS, table)]


def known_complexes(said: pd.Series[str], layers: LayersLike) -> NDArray[np.object_]:
    """Return the complexes that parcels name; one that there is not is a LayerError."""
    named = said[said != ""]
    if len(named):
        there = set(layers.vector("industrial_complexes")["complex_id"].astype(str))
        for name in named:
            if name not in there:
                raise LayerError(
                    f"parcels: complex_id {name} is no complex of the layer industrial_complexes; "
                    "give one of it, or leave the cell empty for raw land"
                )
    return said.to_numpy(dtype=object)


def reasons_at(xy: NDArray[np.float64], eligibility: Eligibility) -> list[list[str]]:
    """Return the ids of the reasons against each place, shape (n, 2) in EPSG:5179 metres.

    Parameters
    ----------
    xy : ndarray of float64
        Site coordinates in metres (EPSG:5179), shape (n, 2).
    eligibility : Eligibility
        Result of screening.
    """
    lattice = eligibility.lattice
    rows, cols = lattice.cells_of(xy[:, 0], xy[:, 1])
    held = lattice.contains(rows, cols)
    at = np.where(held, rows, 0), np.where(held, cols, 0)
    masks = np.where(held, eligibility.reasons[at], 0)
    # few combinations of reasons are met: each is put into words once
    found, which = np.unique(masks, return_inverse=True)
    names = [eligibility.reasons_of(mask) for mask in found]
    outside = (masks == 0) & ~(held & eligibility.land[at])
    return [
        [OUTSIDE_FRAME] if out else list(names[place])
        for out, place in zip(outside.tolist(), which.tolist(), strict=True)
    ]


def _means(
    shapes: NDArray[np.object_],
    xy: NDArray[np.float64],
    eligibility: Eligibility,
    layers: LayersLike,
) -> dict[str, NDArray[np.float64]]:
    """Return the eligible share of parcels, and the means of the layers that sites have.

    Of a polygon by the exact share of each cell, of a point that of the cell that holds it.
    """
    rasters: dict[str, RasterLike | _EligibleCells] = {
        "eligible": _EligibleCells(eligibility), **site_rasters(layers),
    }  # fmt: skip
    drawn = np.flatnonzero(shapely.get_dimensions(shapes) == 2)  # noqa: PLR2004 - of an area
    means = {name: raster.sample(xy[:, 0], xy[:, 1]) for name, raster in rasters.items()}
    for name, mean in zip(means, zonal_means(shapes[drawn], list(rasters.values())), strict=True):
        means[name][drawn] = mean
    frame = shapely.box(*eligibility.lattice.bounds_m)
    share = np.nan_to_num(means["eligible"])
    share[drawn] *= _share_within(shapes[drawn], frame)
    cover = {name: 100.0 * means[name] for name in means if name in COVER_LAYERS}
    return {**means, **cover, "eligible": share}


class _EligibleCells:
    """Eligible land as cells of 1 and 0, made part by part."""

    def __init__(self, eligibility: Eligibility) -> None:
        self._of, self.lattice = eligibility, eligibility.lattice

    def part(self, rows: slice, cols: slice, /) -> Raster:
        cells = self._of.eligible_in(rows, cols).view(np.uint8)
        return Raster(cells, self.lattice.part(rows, cols), None, "eligible")

    def sample(self, x_m: NDArray[np.float64], y_m: NDArray[np.float64], /) -> NDArray[np.float64]:
        rows, cols = self.lattice.cells_of(x_m, y_m)
        held = self.lattice.contains(rows, cols)
        at = np.where(held, rows, 0), np.where(held, cols, 0)
        free = (self._of.reasons[at] == 0) & self._of.land[at]
        return np.where(held & free, 1.0, 0.0)


def _share_within(shapes: NDArray[np.object_], frame: shapely.Polygon) -> NDArray[np.float64]:
    """Return the share of each area that is within a frame; what is outside is not eligible."""
    share = np.ones(len(shapes))
    part = np.flatnonzero(~shapely.covers(frame, shapes))
    share[part] = shapely.area(shapely.intersection(shapes[part], frame)) / shapely.area(
        shapes[part]
    )
    return share
