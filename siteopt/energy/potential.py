"""Technical potential of solar and wind on eligible land, by bus of the grid case.

Eligible area times the share of it that is built on times power density: the GIS method reviewed
by McKenna et al. (2022, Renewable Energy 182: 659-684) for onshore wind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np

from siteopt.errors import LayerError, ScenarioError, SiteoptError
from siteopt.lattice import CRS_EPSG, DEGREES_EPSG
from siteopt.scenario import Screening
from siteopt.screening import screen
from siteopt.screening.kernel import zones

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from siteopt._arrays import Floats, Ints
    from siteopt.layers.protocols import LayersLike
    from siteopt.scenario import Exclusion

__all__ = ["eligible_km2", "nearest_rows", "places_m", "potential_mw"]

_PROVINCES: Final = "provinces"
_HA_PER_KM2: Final = 100.0


def potential_mw(  # noqa: PLR0913 - a technology's rules, resolution, share and density
    layers: LayersLike,
    case_buses: pd.DataFrame,
    rules: Sequence[Exclusion],
    *,
    cell_m: float,
    share: float,
    mw_per_km2: float,
) -> Floats:
    """Return the technical potential at each bus: eligible km2 x share x MW per km2.

    Plants that stand already are not taken off: the share is of land for new ones.

    Parameters
    ----------
    layers : LayersLike
        ``provinces`` and what the rules name.
    case_buses : DataFrame
        N buses: ``lon``, ``lat`` (EPSG:4326; not a number where unknown), ``province_code``.
    rules : sequence of Exclusion
        What excludes a cell for this technology, capital region and islands included.
    cell_m : float
        Side of a cell in metres.
    share : float
        Part of the eligible land that is built on, 0 to 1.
    mw_per_km2 : float
        Power density of a plant in MW per km2 of its land.

    Returns
    -------
    ndarray, shape (N,)
        MW; 0 at a bus without a place.

    Raises
    ------
    ScenarioError
        If the share or density is out of range, or a rule cannot be applied.
    LayerError
        If a layer is missing, or no bus has a place.
    """
    if not 0.0 <= share <= 1.0:
        raise ScenarioError(f"potential of land: share is {share:g}; a part of 0 to 1 is needed")
    if not (np.isfinite(mw_per_km2) and mw_per_km2 >= 0.0):
        raise ScenarioError(
            f"potential of land: mw_per_km2 is {mw_per_km2:g}; a finite number of at least 0 is "
            "needed"
        )
    return eligible_km2(layers, case_buses, rules, cell_m=cell_m) * (share * mw_per_km2)


def eligible_km2(
    layers: LayersLike, case_buses: pd.DataFrame, rules: Sequence[Exclusion], *, cell_m: float
) -> Floats:
    """Return the eligible land of each bus: of all cells that are nearest to it.

    A cell belongs to the nearest bus of its own province, and to the nearest of all where it lies
    in no province or its province has no bus.

    Parameters
    ----------
    layers, case_buses, rules, cell_m
        As of :func:`potential_mw`.

    Returns
    -------
    ndarray, shape (N,)
        Km2 of whole cells; together they are the eligible land of the screening.
    """
    buses_m = places_m(case_buses)
    try:
        eligibility = screen(layers, Screening(cell_m=cell_m, exclusions=list(rules)))
    except SiteoptError as error:
        raise type(error)(f"potential of land: {error}") from error
    provinces = layers.vector(_PROVINCES).sort_values("province_code", kind="stable")
    code = provinces["province_code"].astype(str).tolist()
    bus_zone = [code.index(own) if own in code else -1 for own in case_buses["province_code"]]
    rows, cols = np.nonzero(eligibility.eligible)
    cell_zone = zones(provinces.geometry.to_numpy(), eligibility.lattice)[rows, cols]
    centres = np.column_stack(eligibility.lattice.centres_m(rows, cols))
    row = nearest_rows(centres, cell_zone.astype(np.int64), buses_m, np.array(bus_zone))
    cells = np.bincount(row, minlength=len(case_buses)).astype(np.float64)
    return cells * (eligibility.lattice.cell_ha / _HA_PER_KM2)


def nearest_rows(points_m: Floats, point_zone: Ints, buses_m: Floats, bus_zone: Ints) -> Ints:
    """Return the nearest bus of each point: of its zone if that has one, else of all.

    Parameters
    ----------
    points_m : ndarray, shape (C, 2)
        Places in EPSG:5179 metres.
    point_zone : ndarray of int, shape (C,)
        Zone (province) of each point; -1 where it lies in none.
    buses_m : ndarray, shape (N, 2)
        Places of the buses; rows that are not finite are passed over.
    bus_zone : ndarray of int, shape (N,)
        Zone of each bus; -1 where unknown.

    Returns
    -------
    ndarray of int, shape (C,)
        Rows of ``buses_m``; the first of those at one distance.
    """
    placed = np.isfinite(buses_m).all(axis=1)
    rows = np.zeros(len(points_m), dtype=np.int64)
    for zone in np.unique(point_zone):
        own = np.flatnonzero(placed & (bus_zone == zone) & (zone >= 0))
        among = own if own.size else np.flatnonzero(placed)
        members = np.flatnonzero(point_zone == zone)
        rows[members] = among[_nearest(points_m[members], buses_m[among])]
    return rows


def _nearest(points_m: Floats, buses_m: Floats) -> Ints:
    """Return the row of the nearest bus of each point, the first of several."""
    best = np.zeros(len(points_m), dtype=np.int64)
    least = np.full(len(points_m), np.inf)
    # Bus by bus, so that memory stays that of the points; a province has some twelve.
    for row, (x, y) in enumerate(buses_m):
        squared = (points_m[:, 0] - x) ** 2 + (points_m[:, 1] - y) ** 2
        nearer = squared < least
        best[nearer] = row
        least[nearer] = squared[nearer]
    return best


def places_m(case_buses: pd.DataFrame) -> Floats:
    """Return places of the buses in EPSG:5179, not a number where unknown.

    Parameters
    ----------
    case_buses : DataFrame
        ``lon``, ``lat`` (EPSG:4326) and ``province_code``.

    Returns
    -------
    ndarray, shape (N, 2)
        Metres.

    Raises
    ------
    LayerError
        If a column is missing, or no bus has a place.
    """
    missing = [name for name in ("lon", "lat", "province_code") if name not in case_buses]
    if missing:
        raise LayerError(
            f"case_buses: column {missing[0]} is missing; lon, lat and province_code are needed to "
            "assign land to buses"
        )
    lon, lat = (case_buses[name].to_numpy(dtype=np.float64) for name in ("lon", "lat"))
    placed = np.isfinite(lon) & np.isfinite(lat)
    if not placed.any():
        raise LayerError("case_buses: no bus has a place; lon and lat of at least one are needed")
    points = gpd.GeoSeries(gpd.points_from_xy(lon[placed], lat[placed]), crs=DEGREES_EPSG)
    in_metres = points.to_crs(CRS_EPSG)
    places = np.full((len(case_buses), 2), np.nan)
    places[placed] = np.column_stack([in_metres.x, in_metres.y])
    return places
