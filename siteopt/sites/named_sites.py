"""Site ids of a scenario, checked against the candidates as far as these are known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from siteopt.lattice import Lattice
    from siteopt.scenario import BegunSite, SiteRules

__all__ = ["TILE_UNIT_M", "TileIds", "no_connection", "require_candidates", "tile_id"]

TILE_UNIT_M: Final = 500.0
"""Ids count the corner of a tile in these metres; tiles are never smaller."""

_TILE: Final = re.compile(r"S(-?[0-9]{4,})-(-?[0-9]{4,})")


def tile_id(west: int, south: int) -> str:
    """Return the id of a tile by its south-west corner in units of 500 m.

    Examples
    --------
    >>> tile_id(1874, 3125)
    'S1874-3125'

    Parameters
    ----------
    west : int
        Easting of the corner in units of 500 m (EPSG:5179).
    south : int
        Northing of the corner in units of 500 m (EPSG:5179).
    """
    return f"S{west:04d}-{south:04d}"


class TileIds:
    """The ids of all tiles that meet the screened frame, with land or not.

    Parameters
    ----------
    lattice : Lattice
        The screened frame.
    tile_m : float
        Side of a tile in metres.
    """

    def __init__(self, lattice: Lattice, tile_m: float) -> None:
        west, south, east, north = lattice.bounds_m
        self._west = _corners(west, east, tile_m)
        self._south = _corners(south, north, tile_m)

    def __contains__(self, name: object) -> bool:
        """Return whether there is such a tile."""
        found = _TILE.fullmatch(str(name))
        if found is None:
            return False
        west, south = int(found[1]), int(found[2])
        return west in self._west and south in self._south and tile_id(west, south) == name


def _corners(low_m: float, high_m: float, tile_m: float) -> frozenset[int]:
    """Return the corners of the tiles between two places, in the unit of ids."""
    numbers = np.arange(np.floor(low_m / tile_m), np.ceil(high_m / tile_m))
    return frozenset(np.floor(numbers * tile_m / TILE_UNIT_M).astype(np.int64).tolist())


def require_candidates(
    rules: SiteRules, there: Collection[str], tiles: TileIds | None = None
) -> list[str]:
    """Raise an error at the first site that the rules name and that is no candidate.

    Parameters
    ----------
    rules : SiteRules
        Sites that must, cannot be, or are being built.
    there : collection of str
        Ids of candidates.
    tiles : TileIds, optional
        Tiles that may become candidates.

    Returns
    -------
    list of str
        The sites that are tiles and may turn out to be none.

    Raises
    ------
    ScenarioError
        If a site is neither.
    """
    known, open_ones = set(there), dict[str, None]()
    for field, name in _named(rules):
        if name in known:
            continue
        if tiles is None or name not in tiles:
            raise ScenarioError(
                f"sites.{field}: {name} is no candidate site; take an id from ranking.csv"
            )
        open_ones[name] = None
    return list(open_ones)


def _named(rules: SiteRules) -> Iterator[tuple[str, str]]:
    yield from (("must", name) for name in rules.must)
    yield from (("must_not", name) for name in rules.must_not)
    yield from (("begun", site.site_id) for site in rules.begun)


def no_connection(site: BegunSite) -> ScenarioError:
    """Return the error of a begun site whose station cannot feed it."""
    return ScenarioError(
        f"sites.begun: {site.site_id} has no connection to station {site.station_id}; take a "
        "station_id of options near it, or leave it out"
    )
