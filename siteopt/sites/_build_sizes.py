"""Sizes of builds: MW of IT load that fit on an area, in whole blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.scenario import Build

__all__ = ["it_max_mw"]

_BLOCK_TOLERANCE: Final = 1e-9


def it_max_mw(area_ha: NDArray[np.float64], build: Build) -> NDArray[np.float64]:
    """Return the largest build (MW of IT load, whole blocks) on areas; 0 where none fits.

    Parameters
    ----------
    area_ha : ndarray
        Hectares.
    build : Build
        Land per MW, block, smallest and largest build of the scenario.
    """
    blocks = np.floor(area_ha / (build.land_ha_per_mw * build.block_mw) + _BLOCK_TOLERANCE)
    largest = np.minimum(blocks * build.block_mw, build.it_max_mw)
    return np.where(largest >= build.it_min_mw * (1.0 - _BLOCK_TOLERANCE), largest, 0.0)
