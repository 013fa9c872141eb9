"""Raster cell values: what is not known marked in one way, scale and offset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from siteopt.lattice import Lattice
from siteopt.layers.rasters import Raster

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Cells", "cells_of", "scaled", "scaled_number"]

_ULPS: Final = 4
"""Units in the last place up to which a value is meant to be the nodata value: a file has that in
decimals."""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Cells of a file in its own order.

    Attributes
    ----------
    values : ndarray
        As in the file, before scale and offset; floats are NaN where not known.
    nodata : float or None
        What integers are where not known; NaN for floats.
    tag : float or None
        The nodata value that the file names.
    """

    values: NDArray[Any]
    nodata: float | None
    tag: float | None

    @property
    def known(self) -> NDArray[np.bool_]:
        """Cells that have a value, in the shape of ``values``."""
        if self.values.dtype.kind == "f":
            missing: NDArray[np.bool_] = np.isnan(self.values)
            return ~missing
        if self.nodata is None:
            return np.ones(self.values.shape, dtype=np.bool_)
        known: NDArray[np.bool_] = self.values != self.nodata
        return known

    def part(self, place: tuple[slice, slice]) -> Cells:
        """Return some rows and columns; values are no copy."""
        return Cells(self.values[place], self.nodata, self.tag)


def cells_of(values: NDArray[Any], nodata: float | None, hidden: NDArray[np.bool_] | None) -> Cells:
    """Return cells with what is not known marked in one way.

    Parameters
    ----------
    values : ndarray
        As in the file.
    nodata : float or None
        The value that the file names; one that its numbers cannot have is none.
    hidden : ndarray of bool or None
        Cells that a mask or a transparent band hides.
    """
    tag = None if nodata is None else float(nodata)
    kind = values.dtype
    if kind == np.float16:
        values, kind = values.astype(np.float32), np.dtype(np.float32)
    if kind.kind == "f":
        missing = np.zeros(values.shape, dtype=np.bool_) if hidden is None else hidden
        if tag is not None and not np.isnan(tag):
            missing = missing | _is_meant(values, tag)
        values[missing] = np.nan
        return Cells(values, float("nan"), tag)
    marks = None if nodata is None or not _is_of(kind, nodata) else kind.type(int(nodata))
    if hidden is None and kind.itemsize < np.dtype(np.int64).itemsize:
        return Cells(
            values, None if marks is None else float(marks), None if marks is None else tag
        )
    floats = values.astype(np.promote_types(kind, np.float32))
    if marks is not None:
        floats[values == marks] = np.nan
    if hidden is not None:
        floats[hidden] = np.nan
    return Cells(floats, float("nan"), None if marks is None else tag)


def _is_meant(values: NDArray[Any], tag: float) -> NDArray[np.bool_]:
    """Return where floats are the nodata value but for rounding."""
    with np.errstate(over="ignore", invalid="ignore"):
        meant = values.dtype.type(tag)
        slack = _ULPS * np.finfo(values.dtype).eps * abs(meant)
        near: NDArray[np.bool_] = values == meant
        if np.isfinite(slack):
            near |= np.abs(values - meant) <= slack
    return near


def _is_of(kind: np.dtype[Any], nodata: float) -> bool:
    """Return whether integers of a kind can be the nodata value."""
    limits = np.iinfo(kind)
    return (
        bool(np.isfinite(nodata))
        and nodata == int(nodata)
        and (limits.min <= int(nodata) <= limits.max)
    )


def scaled(raster: Raster, scale: float, offset: float) -> Raster:
    """Return a raster in the unit of its layer; the same one where it is in it already."""
    if (scale, offset) == (1.0, 0.0):
        return raster
    kind = np.promote_types(raster.values.dtype, np.float32)
    values = raster.values.astype(kind)
    values[~raster.known] = np.nan
    with np.errstate(over="ignore"):
        values *= kind.type(scale)
        values += kind.type(offset)
    return Raster(values=values, lattice=raster.lattice, nodata=float("nan"), name=raster.name)


def scaled_number(value: float, kind: np.dtype[Any], scale: float, offset: float) -> float:
    """Return a value of a file in the unit of its layer, rounded as :func:`scaled` rounds it."""
    lattice = Lattice(0.0, 0.0, 1.0, 1, 1)
    raster = Raster(np.array([[value]], dtype=kind), lattice, None, "")
    return float(scaled(raster, scale, offset).values[0, 0])
