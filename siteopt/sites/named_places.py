"""Sites that a scenario names by a place: coordinates, a complex, a district, or a name.

A place is looked up among the candidates of the run, so that what it stands for is known after
sites are found. ``must`` and ``begun`` want one candidate; ``must_not`` takes all of a district or
province.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from pydantic import ValidationError
from pyproj import Transformer

from siteopt.errors import ScenarioError
from siteopt.lattice import CRS_EPSG, DEGREES_EPSG
from siteopt.scenario import SiteRules, first_fault
from siteopt.sites.tile_ids import TILE_UNIT_M, cell_of_id, tile_id

if TYPE_CHECKING:
    from collections.abc import Collection

    import geopandas as gpd
    import pandas as pd

    from siteopt.layers.protocols import LayersLike

__all__ = ["check_place", "coordinates_of", "resolve_rules"]

_NUMBER: Final = r"[-+]?\d+(?:\.\d+)?"
_COORDINATES: Final = re.compile(rf"\s*({_NUMBER})\s*,\s*({_NUMBER})\s*")
_DEGREES: Final = ((124.0, 132.0), (32.5, 39.0))
_METRES: Final = ((600_000.0, 1_500_000.0), (1_300_000.0, 2_200_000.0))
_LEAST_REACH_M: Final = 250.0
"""A point this near to a candidate's is in it, however small its land."""
_HA_M2: Final = 10_000.0
_LISTED: Final = 5


def coordinates_of(place: str, key: str) -> tuple[float, float] | None:
    """Return the EPSG:5179 metres that a text gives as ``LON,LAT`` or as metres; None for names.

    Parameters
    ----------
    place : str
        As the scenario has it.
    key : str
        Key of the scenario, for the message.

    Raises
    ------
    ScenarioError
        If both are numbers and lie in neither range of Korea.
    """
    found = _COORDINATES.fullmatch(place)
    if found is None:
        return None
    first, second = float(found[1]), float(found[2])
    if _within(first, second, _DEGREES):
        to_metres = Transformer.from_crs(DEGREES_EPSG, CRS_EPSG, always_xy=True)
        x_m, y_m = to_metres.transform(first, second)
        return float(x_m), float(y_m)
    if _within(first, second, _METRES):
        return first, second
    swapped = _within(second, first, _DEGREES) or _within(second, first, _METRES)
    raise ScenarioError(
        f"{key}: {place} is not in Korea"
        + ("; the two look swapped" if swapped else "")
        + "; give LON,LAT such as 126.45,34.77 or metres of EPSG:5179 such as 932000,1644000"
    )


def _within(
    first: float, second: float, box: tuple[tuple[float, float], tuple[float, float]]
) -> bool:
    return box[0][0] <= first <= box[0][1] and box[1][0] <= second <= box[1][1]


@dataclass(frozen=True, slots=True)
class _Area:
    """A district or province with a name."""

    column: str
    code: str
    name: str


def _plain(name: object) -> str:
    return " ".join(unicodedata.normalize("NFC", str(name)).casefold().split())


def _areas(layers: LayersLike) -> dict[str, list[_Area]]:
    """Return districts and provinces by their names; a district also after its province."""
    provinces: dict[str, list[str]] = {}
    found: dict[str, list[_Area]] = {}

    def note(name: str, area: _Area) -> None:
        known = found.setdefault(_plain(name), [])
        if all((one.column, one.code) != (area.column, area.code) for one in known):
            known.append(area)

    for row in layers.vector("provinces")[["province_code", "name_ko", "name_en"]].itertuples():
        provinces[str(row.province_code)] = [str(row.name_ko), str(row.name_en)]
        for name in provinces[str(row.province_code)]:
            note(name, _Area("province_code", str(row.province_code), str(row.name_ko)))
    columns = ["district_code", "province_code", "name_ko", "name_en"]
    for row in layers.vector("districts")[columns].itertuples():
        ko, en = provinces.get(str(row.province_code), ["", ""])
        area = _Area("district_code", str(row.district_code), f"{ko} {row.name_ko}".strip())
        for name in (row.name_ko, row.name_en, f"{ko} {row.name_ko}", f"{en} {row.name_en}"):
            note(str(name), area)
    return found


def check_place(place: str, key: str, layers: LayersLike, named: Collection[str]) -> None:
    """Raise an error if nothing can have the name of a place, before sites are found.

    Parameters
    ----------
    place : str
        As the scenario has it, and no id of a candidate.
    key : str
        Key of the scenario, for the message.
    layers : LayersLike
        ``provinces`` and ``districts`` are read.
    named : collection of str
        Names of complexes or parcels that may be candidates.

    Raises
    ------
    ScenarioError
        If no candidate can be meant.
    """
    if coordinates_of(place, key) is not None:
        return
    names = {_plain(name): str(name) for name in named}
    areas = _areas(layers)
    if _plain(place) in names or _plain(place) in areas:
        return
    raise _unknown(place, key, [*names, *areas])


def _unknown(place: str, key: str, names: Collection[str]) -> ScenarioError:
    near = difflib.get_close_matches(_plain(place), names, n=1, cutoff=0.7)
    hint = f"; did you mean {near[0]}?" if near else ""
    return ScenarioError(
        f"{key}: {place} is no candidate site; take an id from ranking.csv, the name of a complex "
        f"or district, or LON,LAT{hint}"
    )


def resolve_rules(
    rules: SiteRules, sites: gpd.GeoDataFrame, layers: LayersLike, tile_m: float
) -> tuple[SiteRules, dict[str, list[str]]]:
    """Return rules by ids alone, and what each place in them stands for.

    Parameters
    ----------
    rules : SiteRules
        As the scenario has them.
    sites : GeoDataFrame
        All candidates.
    layers : LayersLike
        ``provinces`` and ``districts`` are read where a name is no candidate's.
    tile_m : float
        Side of the tiles in metres.

    Raises
    ------
    ScenarioError
        If a place has no candidate, or several where one is wanted.
    """
    there = set(sites["site_id"].astype(str))
    meant: dict[str, list[str]] = {}

    def ids(place: str, key: str, *, one: bool) -> list[str]:
        if place in there:
            return [place]
        found = _candidates(place, key, sites, layers, tile_m)
        if one and len(found) > 1:
            listed = ", ".join(found[:_LISTED]) + (", ..." if len(found) > _LISTED else "")
            raise ScenarioError(
                f"{key}: {place} has {len(found)} candidate sites ({listed}); name one of them"
            )
        meant[place] = found
        return found

    given = rules.model_dump()
    given["must"] = [ids(one, "sites.must", one=True)[0] for one in rules.must]
    given["must_not"] = [
        name for one in rules.must_not for name in ids(one, "sites.must_not", one=False)
    ]
    for begun in given["begun"]:
        begun["site_id"] = ids(begun["site_id"], "sites.begun", one=True)[0]
    for key in ("must", "must_not"):
        given[key] = list(dict.fromkeys(given[key]))
    try:
        return SiteRules.model_validate(given), meant
    except ValidationError as error:
        raise ScenarioError(f"sites: {first_fault(error)}") from error


def _candidates(
    place: str, key: str, sites: gpd.GeoDataFrame, layers: LayersLike, tile_m: float
) -> list[str]:
    """Return the candidates that a place stands for, one at least."""
    point = coordinates_of(place, key)
    if point is not None:
        return _at_point(place, key, point, sites, tile_m)
    cell = cell_of_id(place)
    if cell is not None and (sites["kind"] == "tile").any():
        return [_of_other_tile(place, key, cell, sites, tile_m)]
    wanted = _plain(place)
    own = np.zeros(len(sites), dtype=np.bool_)
    for column in ("name_ko", "name_en"):
        names = sites[column].map(_plain)
        own |= ((names == wanted) | _of_complex(names, sites, wanted)).to_numpy()
    if own.any():
        return sorted(sites.loc[own, "site_id"].astype(str))
    areas = _areas(layers)
    meant = areas.get(wanted, [])
    if not meant:
        raise _unknown(place, key, [*areas, *sites["name_ko"].map(_plain)])
    if len(meant) > 1:
        raise ScenarioError(
            f"{key}: {place} is the name of {len(meant)} districts "
            f"({', '.join(one.name for one in meant[:_LISTED])}); give the province too"
        )
    inside = sites[sites[meant[0].column].astype(str) == meant[0].code]
    if inside.empty:
        raise ScenarioError(f"{key}: {place} ({meant[0].name}) has no candidate site")
    return sorted(inside["site_id"].astype(str))


def _of_complex(names: pd.Series[str], sites: gpd.GeoDataFrame, wanted: str) -> pd.Series[bool]:
    """Return which sites are a complex whose name, without its district, is meant."""
    tails = names.str.split(" ", n=1).str[-1]
    found: pd.Series[bool] = (tails == wanted) & (sites["kind"] == "complex")
    return found


def _of_other_tile(
    place: str, key: str, cell: tuple[float, float], sites: gpd.GeoDataFrame, tile_m: float
) -> str:
    """Return the candidate of the tile that holds the tile, or the corner, of an id.

    An id is the cell of 500 m at the corner of its tile, so it names a place at any tile size.
    """
    east, north = (int(np.floor(metres / tile_m)) for metres in cell)
    holder = tile_id(*(int(np.floor(at * tile_m / TILE_UNIT_M)) for at in (east, north)))
    if holder not in set(sites["site_id"].astype(str)):
        raise ScenarioError(
            f"{key}: {place} is no candidate site; the tile of candidates.tile_m ({tile_m:g} m) "
            f"that holds it is {holder}, which has no candidate"
        )
    return holder


def _at_point(
    place: str, key: str, point: tuple[float, float], sites: gpd.GeoDataFrame, tile_m: float
) -> list[str]:
    """Return the candidates whose land holds a point: its tile's, or a complex or parcel there."""
    x_m, y_m = point
    site_x, site_y = (sites[name].to_numpy(dtype=np.float64) for name in ("x_m", "y_m"))
    offset_m = np.hypot(site_x - x_m, site_y - y_m)
    is_tile = (sites["kind"] == "tile").to_numpy()
    same = (np.floor(site_x / tile_m) == np.floor(x_m / tile_m)) & (
        np.floor(site_y / tile_m) == np.floor(y_m / tile_m)
    )
    reach_m = np.sqrt(sites["eligible_ha"].to_numpy(dtype=np.float64) * _HA_M2 / np.pi)
    holds = np.where(is_tile, same, offset_m <= np.maximum(reach_m, _LEAST_REACH_M))
    if not holds.any():
        nearest = int(np.argmin(offset_m))
        raise ScenarioError(
            f"{key}: {place} is in no candidate site; the nearest is "
            f"{sites['site_id'].iloc[nearest]}, {offset_m[nearest] / 1000:.1f} km away"
        )
    # a lot or a complex is more exactly meant than the tile around it
    exact = holds & ~is_tile
    kept = np.flatnonzero(exact if exact.any() else holds)
    return sorted(sites["site_id"].iloc[kept].astype(str))
