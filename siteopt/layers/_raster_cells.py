"""Raster cell values: nodata, and suspicious values that resemble nodata."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from siteopt.errors import LayerError
from siteopt.layers.rasters import Raster
from siteopt.layers.schemas import RASTER_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["Cells", "cells_of", "scaled"]

_NO_QUANTITY: Final = 1e20
"""No layer has values as large: netCDF and climate models fill with 1e20 and more (CF conventions),
Esri's float rasters with -3.4e38."""

_FILLS: Final = (
    -999.0, -999.9, -9999.0, -9999.9, -99999.0, -999999.0, -32767.0, -32768.0, -2147483647.0,
    -2147483648.0,
)  # fmt: skip
"""What programs write where they know nothing: a negative number that no measurement comes near."""

_LIKELY_FILLS: Final = (-99.0, 999.0, 9999.0, 99999.0)
"""The same, but also values that may be true."""

_FAR: Final = 10.0
"""Ratio of a fill's distance from 0 to that of any value on its side, at least."""

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

    def strange(self, file: str, layer_id: str) -> Iterator[str]:
        """Yield what looks like "not known" and counts as a value.

        Raises
        ------
        LayerError
            If a value cannot be one of any layer, and the file names no nodata value.
        """
        known = self._known()
        if not known.size:
            return
        ends = (float(known.min()), float(known.max()))
        field = RASTER_FIELDS.get(layer_id)
        for end in ends:
            if field is None and abs(end) >= _NO_QUANTITY:
                raise LayerError(
                    f"{file}: {end:g} fills {_share(known, end, self.values.size)} of the cells; no "
                    "value is that large, so write it into the file as nodata"
                )
        for end, likely in self._fills(known, ends):
            if field is not None and not likely:
                continue  # out of the range of its layer, whose check names the place
            finding = f"{file}: {end:g} fills {_share(known, end, self.values.size)} of the cells"
            if self.tag is None and not likely:
                raise LayerError(
                    f"{finding} and no nodata value is set; write it into the file as nodata "
                    f"(`gdal_edit.py -a_nodata {end:g} {file}`), or another number where it is true"
                )
            why = "no nodata value is set" if self.tag is None else f"nodata is {self.tag:g}"
            if self.tag is None or not likely:
                yield f"{finding} and {why}; it counts as a value"

    def _known(self) -> NDArray[Any]:
        known: NDArray[Any]
        if self.values.dtype.kind == "f":
            known = self.values[~np.isnan(self.values)]
            return known
        if self.nodata is None:
            return self.values.ravel()
        known = self.values[self.values != self.nodata]
        return known

    def _fills(
        self, known: NDArray[Any], ends: tuple[float, float]
    ) -> Iterator[tuple[float, bool]]:
        """Yield the smallest and the largest value where they look like a fill; true: may be one."""
        for end in dict.fromkeys(ends):
            certain = _is_one_of(end, _FILLS)
            likely = _is_one_of(end, _LIKELY_FILLS) or end in _type_ends(self.values.dtype)
            if (certain or likely) and _stands_apart(known, end):
                yield end, not certain


def _is_one_of(value: float, others: tuple[float, ...]) -> bool:
    return any(abs(value - other) <= 1e-6 * abs(other) for other in others)


def _type_ends(dtype: np.dtype[Any]) -> tuple[float, ...]:
    """Return the least (of signed numbers) and largest value of integers."""
    if dtype.kind not in "iu":
        return ()
    limits = np.iinfo(dtype)
    return (float(limits.max), *([float(limits.min)] if limits.min else []))


def _stands_apart(known: NDArray[Any], end: float) -> bool:
    """Return whether a value is far from all others, or there are none."""
    others = known[known != known.dtype.type(end)]
    if not others.size:
        return True
    low, high = float(others.min()), float(others.max())
    near = low if end < low else high
    apart = abs(end - near) > high - low
    return apart or max(near * np.sign(end), 0.0) * _FAR < abs(end)


def _share(known: NDArray[Any], value: float, cells: int) -> str:
    count = np.count_nonzero(known == known.dtype.type(value))
    return f"{100.0 * count / cells:.3g} %"


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
