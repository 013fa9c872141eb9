"""Land that is narrower than a width, by morphological opening with a Euclidean disc.

The disc of diameter *w* around the centre of a cell fits into the land if the centres of all cells
less than *w*/2 away are eligible. A cell is wide enough if it lies less than *w*/2 from the centre
of such a disc (Serra 1982, *Image Analysis and Mathematical Morphology*: erosion, then dilation by
the same disc). Cells beyond the edge of the grid are not eligible. So a strip along rows or columns is
kept if it is at least *w* wide, and taken if it is more than a cell narrower.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.screening.kernel import halo_cells, near_each

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["narrow_cells", "width_halo"]

_LESS: Final = 1.0 - 1e-12
"""Factor that leaves out the limit itself and what rounding makes of it: squared distances in cells
are whole numbers, which lie farther apart up to a radius of 100,000 cells."""


def narrow_cells(
    eligible: NDArray[np.bool_], cell_m: float, widths_m: Sequence[float]
) -> list[NDArray[np.bool_]]:
    """Return the eligible cells where the land is narrower than each of some widths.

    Parameters
    ----------
    eligible : ndarray of bool
        Eligible cells of a grid; all beyond it are taken as not eligible. For a window with a halo
        of :func:`width_halo` the answer is right inside the halo.
    cell_m : float
        Side of a cell in metres.
    widths_m : sequence of float
        Diameters of the disc in metres. One of at most two cells takes none.

    Returns
    -------
    list of ndarray of bool
        In the order of the widths. All cost one distance transform, and each one more.
    """
    radii_m = [width_m / 2.0 * _LESS for width_m in widths_m]
    # The nearest cell beyond the grid is one beside its edge.
    blocked = np.pad(~eligible, 1, constant_values=True)
    core = slice(1, -1)
    found = []
    for radius_m, near in zip(radii_m, near_each(blocked, cell_m, radii_m), strict=True):
        opened = near_each(~near, cell_m, [radius_m])[0]
        found.append(eligible & ~opened[core, core])
    return found


def width_halo(width_m: float, cell_m: float) -> int:
    """Return how many cells beyond a window can decide on the width of the land in it.

    Parameters
    ----------
    width_m : float
        Diameter of the disc in metres.
    cell_m : float
        Side of a cell in metres.
    """
    return 2 * halo_cells(width_m / 2.0, cell_m)
