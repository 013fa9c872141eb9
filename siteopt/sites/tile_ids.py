"""Ids of the square tiles that are candidate sites."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from siteopt.lattice import Lattice

__all__ = ["TILE_UNIT_M", "TileIds", "cell_of_id", "tile_id"]

TILE_UNIT_M: Final = 500.0
"""Ids count the corner of a tile in these metres; tiles are never smaller."""

_TILE: Final = re.compile(r"S(-?[0-9]{4,})-(-?[0-9]{4,})")


def tile_id(west: int, south: int) -> str:
    """Return the id of a tile by its south-west corner in units of 500 m.

    Examples
    --------
    >>> tile_id(1874, 3125)
    'S1874-3125'
    """
    return f"S{west:04d}-{south:04d}"


def cell_of_id(name: str) -> tuple[float, float] | None:
    """Return the middle of the 500 m cell that an id names, EPSG:5179; None for other ids.

    It is the same place whatever the size of the tiles.

    Parameters
    ----------
    name : str
        Such as ``S1874-3125``.

    Examples
    --------
    >>> cell_of_id("S1874-3125")
    (937250.0, 1562750.0)
    >>> cell_of_id("C247800") is None
    True
    """
    found = _TILE.fullmatch(name)
    if found is None:
        return None
    west, south = int(found[1]), int(found[2])
    return (west + 0.5) * TILE_UNIT_M, (south + 0.5) * TILE_UNIT_M


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
    numbers = range(math.floor(low_m / tile_m), math.ceil(high_m / tile_m))
    return frozenset(math.floor(number * tile_m / TILE_UNIT_M) for number in numbers)
