"""Raster in memory: values on a lattice in EPSG:5179."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from rasterio.enums import Resampling
from rasterio.warp import reproject

from siteopt.errors import LayerError
from siteopt.lattice import CRS_EPSG, Lattice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

__all__ = ["Raster", "known_of"]


def known_of(values: NDArray[Any], nodata: float | None) -> NDArray[np.bool_]:
    """Return which values are known, in their shape.

    Parameters
    ----------
    values : ndarray
        Of any shape.
    nodata : float or None
        Value that means "not known"; NaN does too.
    """
    if np.issubdtype(values.dtype, np.floating):
        missing: NDArray[np.bool_] = np.isnan(values)
    else:
        missing = np.zeros(values.shape, dtype=np.bool_)
    if nodata is not None and not np.isnan(nodata):
        missing |= values == nodata
    return ~missing


@dataclass(frozen=True, slots=True, eq=False)
class Raster:
    """Values on a lattice, in the unit of their layer.

    Attributes
    ----------
    values : ndarray, shape ``lattice.shape``
        Physical values (a scale of the file is applied already).
    lattice : Lattice
        Where the cells lie, EPSG:5179.
    nodata : float or None
        Value that means "not known"; NaN for float rasters.
    name : str
        Layer id, for messages.
    """

    values: NDArray[Any]
    lattice: Lattice
    nodata: float | None
    name: str

    def __post_init__(self) -> None:
        if self.values.shape != self.lattice.shape:
            raise LayerError(
                f"{self.name}: {self.values.shape} cells do not fit a lattice of "
                f"{self.lattice.shape}"
            )

    @property
    def known(self) -> NDArray[np.bool_]:
        """Cells that have a value, shape ``lattice.shape``."""
        return known_of(self.values, self.nodata)

    def as_float(self) -> NDArray[np.float32]:
        """Return the values as float32 with NaN where not known."""
        out = self.values.astype(np.float32)
        out[~self.known] = np.nan
        return out

    def value_range(self) -> tuple[float, float] | None:
        """Return the least and the largest known value; None where no cell is known."""
        some = self.values[self.known]
        return (float(some.min()), float(some.max())) if some.size else None

    def parts(self) -> Iterator[tuple[slice, slice]]:
        """Yield rows and columns of parts that cover the raster once: the whole."""
        yield slice(0, self.lattice.n_rows), slice(0, self.lattice.n_cols)

    def part(self, rows: slice, cols: slice) -> Raster:
        """Return a part of the raster; its values are no copy.

        Parameters
        ----------
        rows, cols : slice
            From and to; not empty.
        """
        lattice = self.lattice.part(rows, cols)
        return Raster(self.values[rows, cols], lattice, self.nodata, self.name)

    def sample(self, x_m: ArrayLike, y_m: ArrayLike) -> NDArray[np.float64]:
        """Return the values of the cells that hold points.

        Parameters
        ----------
        x_m, y_m : array_like
            EPSG:5179 metres, same shape.

        Returns
        -------
        ndarray of float64
            NaN outside the lattice, where not known, and where a coordinate is NaN.

        Examples
        --------
        >>> import numpy as np
        >>> from siteopt.lattice import Lattice
        >>> from siteopt.layers import Raster
        >>> lattice = Lattice(x_min_m=0.0, y_max_m=500.0, cell_m=250.0, n_rows=2, n_cols=2)
        >>> slope = Raster(np.array([[1.0, 2.0], [3.0, np.nan]]), lattice, None, "slope")
        >>> slope.sample([100.0, 400.0, 900.0], [400.0, 100.0, 100.0])
        array([ 1., nan, nan])
        """
        x = np.asarray(x_m, dtype=np.float64)
        y = np.asarray(y_m, dtype=np.float64)
        finite = np.isfinite(x) & np.isfinite(y)
        rows, cols = self.lattice.cells_of(np.where(finite, x, -1e12), np.where(finite, y, -1e12))
        inside = self.lattice.contains(rows, cols)
        out = np.full(x.shape, np.nan)
        found = self.values[rows[inside], cols[inside]].astype(np.float64)
        if self.nodata is not None and not np.isnan(self.nodata):
            found[found == self.nodata] = np.nan
        out[inside] = found
        return out

    def on(self, lattice: Lattice, how: Literal["nearest", "average"] = "nearest") -> Raster:
        """Return the raster on another lattice.

        Parameters
        ----------
        lattice : Lattice
            Target cells; those without a source cell are not known (NaN).
        how : {'nearest', 'average'}
            The value of the cell that holds the centre, or the area-weighted mean of the known
            cells (also the choice for a coarser lattice).

        Returns
        -------
        Raster
            Of float32 with NaN where not known; this raster itself where the lattice is the same.
        """
        if lattice == self.lattice:
            return self
        out = np.full(lattice.shape, np.nan, dtype=np.float32)
        crs = f"EPSG:{CRS_EPSG}"
        reproject(
            self.as_float(), out, src_transform=self.lattice.transform, src_crs=crs,
            dst_transform=lattice.transform, dst_crs=crs, src_nodata=np.nan, dst_nodata=np.nan,
            resampling=Resampling.nearest if how == "nearest" else Resampling.average,
        )  # fmt: skip
        return Raster(values=out, lattice=lattice, nodata=float("nan"), name=self.name)
