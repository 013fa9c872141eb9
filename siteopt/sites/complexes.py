"""Industrial complexes as candidate sites, beside the tiles of open land.

How much land a site in a complex can have is not published. The rule here is a bound, never a
measurement::

    size     = area_km2, where known; else the area within its border (``complex_borders``, where
               there); else area_min_km2 (hull of its lots); else complex_area_<type>
    eligible = min(complex_share_pct of size, industrial land of the district that is for sale)

``area_rule`` is which of these bounds a site: ``area``, ``hull``, ``assumed`` or
``for_sale``. Complexes of one district share what is for sale in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siteopt.errors import InfeasibleError, LayerError
from siteopt.layers.complex_types import COMPLEX_TYPES, complex_type
from siteopt.layers.district_codes import DistrictCodes
from siteopt.sites.lots import LOT_REACH_KM, lot_distances_km, lot_hulls_km2
from siteopt.sites.parcels import TOO_SMALL, reasons_at
from siteopt.sites.tiles import SITE_COLUMNS, find_sites, it_max_mw, site_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.layers.store import Layers
    from siteopt.scenario import Candidates, Scenario
    from siteopt.screening import Eligibility

__all__ = [
    "NOT_FOR_SALE",
    "SINGLE_USE",
    "complex_sites",
    "for_sale_ha",
    "judge_complexes",
    "read_complexes",
    "tiles_and_complexes",
]

NOT_FOR_SALE: Final = "not_for_sale"
"""In ``excluded_by``: the district has no industrial land for sale or coming, or too little."""

SINGLE_USE: Final = "single_use"
"""In ``excluded_by``: the complex is one plant, such as a steel works, and lets no land."""

_SHORE_KM: Final = 10.0
"""Reclaimed land reaches no farther out than this."""

_KM2_HA: Final = 100.0
_LAYER: Final = "industrial_complexes"
_LOTS: Final = "industrial_lots"
"""Layer of the user's: points of lots (``complex_id``), instead of the hulls of the register."""
BORDERS_LAYER: Final = "complex_borders"
"""Layer of a data folder: outlines of complexes (``complex_id``), finer than hulls."""
_BORDER_CONFIDENCE: Final = "compiled-low"
"""Of the area within a border: that the ids of two registers are the same is not checked."""

_SUFFIX: Final = {
    "national": ("국가산단", "national industrial complex"),
    "general": ("일반산단", "general industrial complex"),
    "urban_hightech": ("도시첨단산단", "urban high-tech industrial complex"),
    "rural": ("농공단지", "rural industrial complex"),
    "": ("산단", "industrial complex"),
}
_CALLED: Final = ("산단", "단지", "밸리", "파크", "Park", "Valley")
"""Endings of names that say already what the place is."""


def tiles_and_complexes(
    eligibility: Eligibility, layers: Layers, scenario: Scenario
) -> gpd.GeoDataFrame:
    """Return the tiles with enough eligible land and, where enabled, the industrial complexes.

    Parameters
    ----------
    eligibility : Eligibility
        The answer of :func:`siteopt.screening.screen`.
    layers : Layers
        As :func:`siteopt.sites.tiles.find_sites` and :func:`judge_complexes`.
    scenario : Scenario
        ``candidates`` and ``build`` are used.

    Returns
    -------
    GeoDataFrame
        As :func:`siteopt.sites.tiles.find_sites`, sorted by ``site_id``.

    Raises
    ------
    InfeasibleError
        If there is neither a tile nor a complex.
    LayerError
        As :func:`read_complexes`.
    """
    if not scenario.candidates.complexes:
        return find_sites(eligibility, layers, scenario)
    complexes = complex_sites(eligibility, layers, scenario)
    try:
        tiles = find_sites(eligibility, layers, scenario)
    except InfeasibleError:
        if not len(complexes):
            raise
        return complexes
    both = pd.concat([tiles, complexes], ignore_index=True)
    sites = gpd.GeoDataFrame(both, geometry="geometry", crs=tiles.crs)
    sites = sites.sort_values("site_id", kind="stable", ignore_index=True)
    twice = sites["site_id"].duplicated()
    if twice.any():
        raise LayerError(
            f"{_LAYER}: complex_id {sites.loc[twice, 'site_id'].iloc[0]} is also the id of a tile; "
            "give the complex another id"
        )
    return sites


def complex_sites(eligibility: Eligibility, layers: Layers, scenario: Scenario) -> gpd.GeoDataFrame:
    """Return the complexes that can be sites; a table without rows where none can.

    Parameters, columns and errors as :func:`judge_complexes`, without those that are excluded.
    """
    judged = judge_complexes(eligibility, layers, scenario)
    kept = judged[judged["excluded_by"] == ""].reset_index(drop=True)
    return kept[list(SITE_COLUMNS)]


def judge_complexes(
    eligibility: Eligibility, layers: Layers, scenario: Scenario
) -> gpd.GeoDataFrame:
    """Return all complexes of the selected types in the form of candidate sites, with reasons.

    Parameters
    ----------
    eligibility : Eligibility
        The answer of :func:`siteopt.screening.screen`.
    layers : Layers
        ``industrial_complexes``, ``industrial_land``, ``district_codes``, ``districts``,
        ``elevation`` and the parameters are read.
    scenario : Scenario
        ``candidates`` (all that begins with ``complex``) and ``build`` are used.

    Returns
    -------
    GeoDataFrame
        The columns of :func:`siteopt.sites.tiles.find_sites`, points in EPSG:5179, sorted by
        ``site_id``, which is the ``complex_id``; ``kind`` is ``complex``; ``slope_mean_deg`` is 0,
        serviced lots being level; ``excluded_by``: ids of reasons joined by ``;``. The cell of the
        point decides on the exclusions, as for parcels; those of ``candidates.complex_exempt`` do
        not count.

    Raises
    ------
    LayerError
        As :func:`read_complexes`.
    """
    settings = scenario.candidates
    table = read_complexes(layers)
    # a complex of unknown type is none of the selected types, unless all are selected
    wanted = set(settings.complex_types) | (
        {""} if len(settings.complex_types) == len(COMPLEX_TYPES) else set()
    )
    table = table[table["type"].isin(wanted)].reset_index(drop=True)
    xy = shapely.get_coordinates(np.asarray(table.geometry.array))
    ids = table["complex_id"].to_numpy(dtype=np.str_)
    sites = site_table(ids, xy[:, 0], xy[:, 1], layers)
    for place, column in enumerate(("name_ko", "name_en")):
        sites[column] = _names(table, sites[column], place)
    bounds = _bounds(table, sites["district_code"], layers, settings)
    sites["eligible_ha"] = bounds["eligible_ha"].to_numpy()
    sites["it_max_mw"] = it_max_mw(bounds["eligible_ha"].to_numpy(), scenario.build)
    sites["slope_mean_deg"] = 0.0
    sites["elevation_m"] = layers.raster("elevation").sample(xy[:, 0], xy[:, 1])
    sites["kind"] = "complex"
    sites["complex_id"] = ids.astype(object)
    for column in ("area_rule", "area_confidence"):
        sites[column] = bounds[column].to_numpy(dtype=object)
    reasons = _reasons(xy, eligibility, set(settings.complex_exempt))
    small = sites["it_max_mw"].to_numpy() == 0
    bounded = bounds["area_rule"].to_numpy() == "for_sale"
    single = table["single_use"].to_numpy() != ""
    for names, too_small, by_sale, one_plant in zip(reasons, small, bounded, single, strict=True):
        if too_small:
            names.append(NOT_FOR_SALE if by_sale else TOO_SMALL)
        if one_plant:
            names.append(SINGLE_USE)
    sites["excluded_by"] = [";".join(names) for names in reasons]
    return sites[[*SITE_COLUMNS[:-1], "excluded_by", "geometry"]]


def _reasons(
    xy: NDArray[np.float64], eligibility: Eligibility, exempt: set[str]
) -> list[list[str]]:
    """Return the reasons against each complex that are not exempt.

    A complex off the land of the layer, on reclaimed land, meets the gates of the nearest land
    too: its own cell is in no province, and so in none that is excluded.
    """
    at_point = reasons_at(xy, eligibility)
    at_shore = reasons_at(_nearest_land(xy, eligibility), eligibility)
    return [
        [name for name in dict.fromkeys([*own, *shore]) if name not in exempt]
        for own, shore in zip(at_point, at_shore, strict=True)
    ]


def _nearest_land(xy: NDArray[np.float64], eligibility: Eligibility) -> NDArray[np.float64]:
    """Return the centre of the nearest land cell of points off the land, other points as given.

    Points without land within ``_SHORE_KM`` stay where they are.
    """
    lattice, out = eligibility.lattice, xy.copy()
    rows, cols = lattice.cells_of(xy[:, 0], xy[:, 1])
    held = lattice.contains(rows, cols)
    held[held] = ~eligibility.land[rows[held], cols[held]]
    reach = int(_SHORE_KM * 1000.0 / lattice.cell_m)
    for place in np.flatnonzero(held):
        top, left = max(rows[place] - reach, 0), max(cols[place] - reach, 0)
        window = eligibility.land[top : rows[place] + reach + 1, left : cols[place] + reach + 1]
        x, y = lattice.centres_m(*(np.nonzero(window) + np.array([[top], [left]])))
        if len(x):
            nearest = np.argmin(np.hypot(x - xy[place, 0], y - xy[place, 1]))
            out[place] = x[nearest], y[nearest]
    return out


def read_complexes(layers: Layers) -> gpd.GeoDataFrame:
    """Return the complexes of the layer, their types and districts known.

    Parameters
    ----------
    layers : Layers
        Layers of the run.

    Returns
    -------
    GeoDataFrame
        Sorted by ``complex_id``; ``type`` is one of
        :data:`siteopt.layers.complex_types.COMPLEX_TYPES` or empty; ``area_min_km2``,
        ``area_confidence``, ``single_use`` and ``name_en`` are there, empty where the table has
        none.

    Raises
    ------
    LayerError
        If a complex has an unknown type, district or no position, or an id is there twice; the
        message names file, row and field.
    """
    table = layers.vector(_LAYER).reset_index(drop=True)
    if layers.replaced(_LAYER):
        _check_districts(table, layers)
    types = table["type"] if "type" in table.columns else pd.Series("", index=table.index)
    table["type"] = [complex_type(str(name)) or "" for name in types.fillna("")]
    if "area_min_km2" not in table.columns:
        table["area_min_km2"] = np.nan
    for column in ("area_confidence", "single_use", "name_en"):
        table[column] = table[column].fillna("") if column in table.columns else ""
    if _LOTS in layers.ids:
        hulls = _own_hulls(table, layers)
        table["area_min_km2"] = table["complex_id"].map(hulls).fillna(table["area_min_km2"])
    if BORDERS_LAYER in layers.ids:
        km2 = _border_km2(table, layers)
        filled = table["area_km2"].isna() & km2.notna()
        table["area_km2"] = table["area_km2"].fillna(km2)
        table.loc[filled, "area_confidence"] = _BORDER_CONFIDENCE
    return table.sort_values("complex_id", kind="stable", ignore_index=True)


def _border_km2(table: gpd.GeoDataFrame, layers: Layers) -> pd.Series[float]:
    """Return the area within the border of each complex in km2, NaN where none is drawn.

    A border of a complex that the table does not have counts for nothing; one that lies far from
    its complex is a LayerError, since the ids then mean different complexes.
    """
    borders, file = layers.vector(BORDERS_LAYER), layers.path(BORDERS_LAYER).name
    if "complex_id" not in borders.columns:
        raise LayerError(f"{file}: no column complex_id; every border names its complex")
    drawn = borders.dissolve(by=borders["complex_id"].astype(str)).geometry
    own = table.set_index(table["complex_id"].astype(str)).geometry
    drawn = drawn[drawn.index.isin(own.index)]
    away_km = drawn.distance(own.loc[drawn.index]) / 1000.0
    for name, km in away_km.items():
        if km > LOT_REACH_KM:
            raise LayerError(
                f"{file}: the border of complex_id {name} lies {km:,.1f} km from its complex; "
                f"borders lie within {LOT_REACH_KM:g} km, so the ids are of another register"
            )
    km2: pd.Series[float] = table["complex_id"].astype(str).map(drawn.area / 1e6)
    return km2


def _own_hulls(table: gpd.GeoDataFrame, layers: Layers) -> pd.Series[float]:
    """Return the hulls of the user's lots by complex, km2; every lot must lie at its complex."""
    lots = layers.vector(_LOTS)
    file, of_lot = layers.path(_LOTS).name, lots["complex_id"].astype(str)
    xy = shapely.get_coordinates(np.asarray(lots.geometry.array))
    home = pd.DataFrame(
        shapely.get_coordinates(np.asarray(table.geometry.array)),
        index=pd.Index(table["complex_id"]), columns=["x_m", "y_m"],
    )  # fmt: skip
    away_km = lot_distances_km(of_lot, xy, home)
    for name, km in zip(of_lot, away_km, strict=True):
        if np.isnan(km):
            raise LayerError(
                f"{file}: complex_id {name} is no complex of {layers.path(_LAYER).name}; give the "
                "lot the id of its complex"
            )
        if km > LOT_REACH_KM:
            raise LayerError(
                f"{file}: a lot of complex_id {name} lies {km:,.1f} km from its complex; lots lie "
                f"within {LOT_REACH_KM:g} km, so correct the lot or its complex_id"
            )
    return lot_hulls_km2(of_lot, xy)


def _check_districts(table: gpd.GeoDataFrame, layers: Layers) -> None:
    """Raise LayerError if a complex names a district that there is not."""
    if "district_code" not in table.columns:
        return
    codes = DistrictCodes(layers.table("district_codes"))
    for name, code in zip(table["complex_id"], table["district_code"].fillna(""), strict=True):
        if not code:
            continue
        try:
            codes.districts_of(code)
        except LayerError as error:
            file = layers.path(_LAYER).name
            raise LayerError(f"{file}: complex_id {name}: {error}") from error


def for_sale_ha(
    district_code: pd.Series[str], layers: Layers, land: list[str] | tuple[str, ...]
) -> NDArray[np.float64]:
    """Return the industrial land of each district that is for sale or coming, in hectares.

    Parameters
    ----------
    district_code : Series of str
        Our codes.
    layers : Layers
        ``industrial_land`` is read.
    land : list of str
        What counts: ``unsold``, ``under_development``.

    Returns
    -------
    ndarray
        NaN where the statistics do not list the district.
    """
    table = layers.table("industrial_land").set_index("district_code")
    kinds = table[[f"{kind}_ha" for kind in land]]
    total = kinds.sum(axis=1, min_count=1)
    return np.asarray(district_code.astype(str).map(total).to_numpy(dtype=np.float64))


def _bounds(
    table: gpd.GeoDataFrame, district_code: pd.Series[str], layers: Layers, settings: Candidates
) -> pd.DataFrame:
    """Return what land a site in each complex can have, by which rule, how far to be trusted."""
    known = table["area_km2"].to_numpy(dtype=np.float64)
    hull = table["area_min_km2"].to_numpy(dtype=np.float64)
    assumed = (
        _assumed_km2(table["type"], layers)
        if settings.complex_area_assumed
        else np.zeros(len(table))
    )
    has_area, has_hull = ~np.isnan(known), ~np.isnan(hull)
    km2 = np.where(has_area, known, np.where(has_hull, hull, assumed))
    rule = np.where(has_area, "area", np.where(has_hull, "hull", "assumed")).astype(object)
    stated = table["area_confidence"].to_numpy(dtype=object)
    of_area = np.where(stated == "", "user" if layers.replaced(_LAYER) else "compiled-low", stated)
    confidence = np.where(has_area, of_area, np.where(has_hull, "lower-bound", "assumption"))
    eligible = km2 * _KM2_HA * settings.complex_share_pct / 100.0
    if settings.complex_land:
        sale = for_sale_ha(district_code, layers, list(settings.complex_land))
        bound = sale < eligible  # not listed (NaN) bounds nothing
        eligible = np.where(bound, sale, eligible)
        rule = np.where(bound, "for_sale", rule)
        confidence = np.where(bound, "upper-bound", confidence)
    return pd.DataFrame({"eligible_ha": eligible, "area_rule": rule, "area_confidence": confidence})


def _assumed_km2(types: pd.Series[str], layers: Layers) -> NDArray[np.float64]:
    """Return the size that a complex of unknown area is taken to have; general where no type."""
    value = layers.parameters.value
    by_type = {kind: value(f"complex_area_{kind}") for kind in COMPLEX_TYPES}
    by_type[""] = by_type["general"]
    return np.asarray(types.map(by_type).to_numpy(dtype=np.float64))


def _names(table: gpd.GeoDataFrame, placed: pd.Series[str], place: int) -> list[str]:
    """Return district and name of each complex, in Korean (0) or English (1)."""
    out = []
    for name, english, kind, site_id, where in zip(
        table["name_ko"], table["name_en"], table["type"], table["complex_id"], placed, strict=True
    ):
        district = str(where).removesuffix(f" {site_id}")
        suffix = _SUFFIX[kind][place]
        if place == 0:
            label = name if str(name).endswith(_CALLED) else f"{name} {suffix}"
            out.append(f"{district} {label}")
        else:
            label = english or f"{suffix} {site_id}"
            out.append(f"{district}, {label}")
    return out
