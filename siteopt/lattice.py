"""The raster frame that every stage shares: square cells in EPSG:5179 metres."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from siteopt.errors import LayerError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from rasterio.transform import Affine

__all__ = ["CRS_EPSG", "DEGREES_EPSG", "Lattice"]

CRS_EPSG: Final = 5179
"""Korea 2000 / Unified CS, metres: the one CRS inside siteopt."""

DEGREES_EPSG: Final = 4326
"""WGS 84, longitude and latitude in degrees: the CRS of files and maps for people."""


@dataclass(frozen=True, slots=True)
class Lattice:
    """A north-up grid of square cells in EPSG:5179.

    Rows count from the north, columns from the west. The corner lies on a multiple of the cell
    size, so that the same place falls into the same cell whatever the extent of a run.

    Attributes
    ----------
    x_min_m, y_max_m : float
        North-west corner of the grid, EPSG:5179 metres.
    cell_m : float
        Side of a cell in metres.
    n_rows, n_cols : int
        Shape of the grid.

    Examples
    --------
    >>> grid = Lattice.covering((1_000_100.0, 1_800_100.0, 1_000_900.0, 1_800_400.0), cell_m=250)
    >>> grid.bounds_m
    (1000000.0, 1800000.0, 1001000.0, 1800500.0)
    >>> grid.shape
    (2, 4)
    """

    x_min_m: float
    y_max_m: float
    cell_m: float
    n_rows: int
    n_cols: int

    def __post_init__(self) -> None:
        if self.cell_m <= 0 or self.n_rows <= 0 or self.n_cols <= 0:
            raise LayerError(
                f"lattice: cell_m={self.cell_m}, n_rows={self.n_rows}, n_cols={self.n_cols}; "
                "all three must be positive"
            )

    @classmethod
    def covering(
        cls, bounds_m: tuple[float, float, float, float], cell_m: float, snap_m: float | None = None
    ) -> Lattice:
        """Return the smallest grid that covers ``bounds_m`` with corners on ``snap_m``.

        Parameters
        ----------
        bounds_m : tuple of float
            ``(x_min, y_min, x_max, y_max)`` in EPSG:5179 metres.
        cell_m : float
            Side of a cell in metres.
        snap_m : float, optional
            Corners lie on multiples of this many metres; the cell size by default.
        """
        snap = cell_m if snap_m is None else snap_m
        x_min = math.floor(bounds_m[0] / snap) * snap
        y_min = math.floor(bounds_m[1] / snap) * snap
        x_max = math.ceil(bounds_m[2] / snap) * snap
        y_max = math.ceil(bounds_m[3] / snap) * snap
        return cls(
            x_min_m=float(x_min),
            y_max_m=float(y_max),
            cell_m=float(cell_m),
            n_rows=round((y_max - y_min) / cell_m),
            n_cols=round((x_max - x_min) / cell_m),
        )

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns, as numpy wants them."""
        return (self.n_rows, self.n_cols)

    @property
    def transform(self) -> Affine:
        """Affine transform from (column, row) to EPSG:5179 metres, as rasterio wants it."""
        from rasterio.transform import from_origin  # noqa: PLC0415 - a frame alone needs no GDAL

        return from_origin(self.x_min_m, self.y_max_m, self.cell_m, self.cell_m)

    @property
    def bounds_m(self) -> tuple[float, float, float, float]:
        """``(x_min, y_min, x_max, y_max)`` in EPSG:5179 metres."""
        return (
            self.x_min_m,
            self.y_max_m - self.n_rows * self.cell_m,
            self.x_min_m + self.n_cols * self.cell_m,
            self.y_max_m,
        )

    @property
    def cell_ha(self) -> float:
        """Area of a cell in hectares."""
        return self.cell_m * self.cell_m / 10_000.0

    def part(self, rows: slice, cols: slice) -> Lattice:
        """Return the cells of some rows and columns as a grid of their own.

        Parameters
        ----------
        rows, cols : slice
            From and to; not empty.
        """
        return Lattice(
            x_min_m=self.x_min_m + cols.start * self.cell_m,
            y_max_m=self.y_max_m - rows.start * self.cell_m,
            cell_m=self.cell_m,
            n_rows=rows.stop - rows.start,
            n_cols=cols.stop - cols.start,
        )

    def centres_m(
        self, rows: NDArray[np.integer], cols: NDArray[np.integer]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return x and y (EPSG:5179 metres) of the centres of cells."""
        import numpy as np  # noqa: PLC0415 - a frame alone needs no arrays

        x = self.x_min_m + (np.asarray(cols, dtype=np.float64) + 0.5) * self.cell_m
        y = self.y_max_m - (np.asarray(rows, dtype=np.float64) + 0.5) * self.cell_m
        return x, y

    def cells_of(
        self, x_m: NDArray[np.float64], y_m: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return row and column of the cells that hold the points; may lie outside the grid."""
        import numpy as np  # noqa: PLC0415

        cols = np.floor((np.asarray(x_m) - self.x_min_m) / self.cell_m).astype(np.int64)
        rows = np.floor((self.y_max_m - np.asarray(y_m)) / self.cell_m).astype(np.int64)
        return rows, cols

    def contains(self, rows: NDArray[np.int64], cols: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return where row and column lie inside the grid."""
        return (rows >= 0) & (rows < self.n_rows) & (cols >= 0) & (cols < self.n_cols)
