"""Nearest resampling: the cell of a GeoTIFF that holds the centre of each cell of a lattice.

The way from EPSG:5179 to the cells of the file is computed at nodes of the lattice and interpolated
between them. Nodes are counted from the corner of the lattice, so that a cell finds the same cell
of the file whichever part of the lattice it is asked with.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

import numpy as np
import pyproj
from pyproj.transformer import AreaOfInterest, TransformerGroup

from siteopt.lattice import CRS_EPSG
from siteopt.layers.fields import KOREA

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.layers._raster_frame import Frame

__all__ = ["NearestCells"]

_NODES_M: Final = 1000.0
"""Metres between nodes. Between nodes of 1 km the interpolated place is less than 0.05 m from the
exact one in EPSG:4326, 5186, 32652, 3857 and 5174, all over Korea
(``tests/layers/test_raster_resampling.py``)."""


class NearestCells:
    """Cells of a file below the centres of a lattice in EPSG:5179.

    One operation between the two CRSs, the most exact that PROJ has for Korea, serves the whole
    file. It may be asked from several threads.

    Parameters
    ----------
    frame : Frame
        The part of the file, and the lattice.
    """

    def __init__(self, frame: Frame) -> None:
        self._lattice, self._shape = frame.lattice, (frame.rows, frame.cols)
        self._step = max(int(_NODES_M // frame.lattice.cell_m), 1)
        self._to_cells = ~frame.affine
        self._transformer = _transformer(pyproj.CRS.from_wkt(frame.crs.to_wkt()))
        self._lock = threading.Lock()

    def below(
        self, rows: slice, cols: slice
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        """Return row and column in the part of the file, and whether there is such a cell.

        Parameters
        ----------
        rows, cols : slice
            Cells of the lattice, from and to.

        Returns
        -------
        tuple of ndarray, shape (rows, cols)
            Row and column are 0 where there is no cell.
        """
        row, col = self.places(rows, cols)
        n_rows, n_cols = self._shape
        with np.errstate(invalid="ignore"):
            held = (row >= 0) & (row < n_rows) & (col >= 0) & (col < n_cols)
        row[~held] = 0
        col[~held] = 0
        return row.astype(np.int64), col.astype(np.int64), held

    def places(self, rows: slice, cols: slice) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return row and column of centres as fractions; not finite where the CRS has no place.

        Parameters
        ----------
        rows, cols : slice
            Cells of the lattice, from and to.
        """
        first_row, first_col = rows.start // self._step, cols.start // self._step
        row_nodes = np.arange(first_row, (rows.stop - 1) // self._step + 2) * self._step
        col_nodes = np.arange(first_col, (cols.stop - 1) // self._step + 2) * self._step
        x_m, y_m = np.meshgrid(*self._lattice.centres_m(row_nodes, col_nodes))
        with self._lock, np.errstate(over="ignore", invalid="ignore"):
            x, y = self._transformer.transform(x_m, y_m)
            to = self._to_cells
            nodes = (to.d * x + to.e * y + to.f, to.a * x + to.b * y + to.c)
        row, col = (
            _between(
                _between(one, np.arange(rows.start, rows.stop), self._step, 0),
                np.arange(cols.start, cols.stop), self._step, 1,
            )
            for one in nodes
        )  # fmt: skip
        return row, col


def _between(
    nodes: NDArray[np.float64], places: NDArray[np.int64], step: int, axis: int
) -> NDArray[np.float64]:
    """Return figures between nodes along an axis, of which the first is at or before the places."""
    left = places // step - places[0] // step
    before: NDArray[np.float64] = nodes.take(left, axis=axis)
    if step == 1:
        return before
    share = (places % step) / step
    if axis == 0:
        share = share[:, None]
    with np.errstate(over="ignore", invalid="ignore"):
        found: NDArray[np.float64] = (
            before * (1.0 - share) + nodes.take(left + 1, axis=axis) * share
        )
    return found


def _transformer(crs: pyproj.CRS) -> pyproj.Transformer:
    """Return the most exact operation from EPSG:5179 to a CRS in Korea, without heights."""
    flat = crs.sub_crs_list[0] if crs.is_compound else crs
    ways = TransformerGroup(
        CRS_EPSG, flat, always_xy=True, area_of_interest=AreaOfInterest(*KOREA)
    ).transformers
    if ways:
        return ways[0]
    return pyproj.Transformer.from_crs(CRS_EPSG, flat, always_xy=True)
