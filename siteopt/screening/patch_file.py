"""Exclusions by the area of patches, judged on a written file of the reasons of all other rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import rasterio
from rasterio.windows import Window as RasterioWindow

from siteopt.screening.windows import windows_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from rasterio.io import DatasetReader

    from siteopt.screening.judging import RuleSet
    from siteopt.screening.windows import Window

__all__ = ["read_window", "small_patch_bits"]

_SIDE: Final = 1024
"""Side of a window: whole tiles of the file, and some 30 MB for its cells and their labels."""


def small_patch_bits(rules: RuleSet, reasons: Path) -> Iterator[tuple[Window, NDArray[np.uint32]]]:
    """Yield the bits of the exclusions by area of every cell, window by window.

    The file is read twice, so that windows may have been written in any order.

    Parameters
    ----------
    rules : RuleSet
        The exclusions; without one by area nothing is yielded.
    reasons : Path
        GeoTIFF of the bits of all other rules and of cells that are no land; 0 is eligible land.
    """
    patches = rules.small_patches()
    if patches is None:
        return
    with rasterio.open(reasons, driver="GTiff") as file:
        for window in windows_of(rules.lattice, _SIDE):
            patches.add(window, read_window(file, window) == 0)
        for window in patches.windows:
            yield window, patches.reasons(window, read_window(file, window) == 0)


def read_window(file: DatasetReader, window: Window) -> NDArray[Any]:
    """Return the cells of a window of the grid."""
    at = RasterioWindow(window.col, window.row, window.n_cols, window.n_rows)
    cells: NDArray[Any] = file.read(1, window=at)
    return cells
