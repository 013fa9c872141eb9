"""Extremes of raster cells, joined over parts, and the suspicious ones that resemble nodata."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from siteopt.errors import LayerError
from siteopt.layers.schemas import RASTER_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from siteopt.layers._raster_cells import Cells

__all__ = ["Extremes", "extremes_of", "joined", "strange"]

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


@dataclass(frozen=True, slots=True)
class Extremes:
    """Least and largest known values of some cells, and those next to them.

    Attributes
    ----------
    cells, known : int
        Number of cells, and of those that have a value.
    low, high : float
        Least and largest value; NaN where none is known.
    low_cells, high_cells : int
        Cells that have them.
    next_low, next_high : float
        Least and largest value of the cells other than those; NaN where there are none.
    """

    cells: int
    known: int
    low: float
    high: float
    low_cells: int
    high_cells: int
    next_low: float
    next_high: float

    @classmethod
    def of_none(cls, cells: int) -> Extremes:
        """Return the extremes of cells of which none is known."""
        nan = float("nan")
        return cls(cells, 0, nan, nan, 0, 0, nan, nan)


def extremes_of(cells: Cells) -> Extremes:
    """Return the extremes of cells.

    Parameters
    ----------
    cells : Cells
        Of any shape.
    """
    some = cells.values[cells.known]
    if not some.size:
        return Extremes.of_none(cells.values.size)
    low, high = some.min(), some.max()
    return Extremes(
        cells=cells.values.size, known=some.size, low=float(low), high=float(high),
        low_cells=int(np.count_nonzero(some == low)),
        high_cells=int(np.count_nonzero(some == high)),
        next_low=_end(some[some != low], least=True),
        next_high=_end(some[some != high], least=False),
    )  # fmt: skip


def _end(values: NDArray[Any], *, least: bool) -> float:
    if not values.size:
        return float("nan")
    return float(values.min() if least else values.max())


def joined(one: Extremes, other: Extremes) -> Extremes:
    """Return the extremes of the cells of both."""
    if not (one.known and other.known):
        some = one if one.known else other
        return replace(some, cells=one.cells + other.cells)
    seen = {
        value
        for part in (one, other)
        for value in (part.low, part.next_low, part.high, part.next_high)
        if not np.isnan(value)
    }
    ordered = sorted(seen)
    low, high = ordered[0], ordered[-1]
    single = len(ordered) == 1
    return Extremes(
        cells=one.cells + other.cells, known=one.known + other.known, low=low, high=high,
        low_cells=sum(part.low_cells for part in (one, other) if part.low == low),
        high_cells=sum(part.high_cells for part in (one, other) if part.high == high),
        next_low=float("nan") if single else ordered[1],
        next_high=float("nan") if single else ordered[-2],
    )  # fmt: skip


def strange(
    found: Extremes, dtype: np.dtype[Any], tag: float | None, file: str, layer_id: str
) -> Iterator[str]:
    """Yield what looks like "not known" and counts as a value.

    Parameters
    ----------
    found : Extremes
        Of all cells, as the file has them.
    dtype : dtype
        Of the file.
    tag : float or None
        The nodata value that the file names.
    file, layer_id : str
        For messages.

    Raises
    ------
    LayerError
        If a value cannot be one of any layer, or the file names no nodata value.
    """
    if not found.known:
        return
    field = RASTER_FIELDS.get(layer_id)
    for end, share in _ends(found):
        if field is None and abs(end) >= _NO_QUANTITY:
            raise LayerError(
                f"{file}: {end:g} fills {share} of the cells; no "
                "value is that large, so write it into the file as nodata"
            )
    for end, share in _ends(found):
        certain = _is_one_of(end, _FILLS)
        likely = _is_one_of(end, _LIKELY_FILLS) or end in _type_ends(dtype)
        if not ((certain or likely) and _stands_apart(found, end)):
            continue
        if field is not None and certain:
            continue  # out of the range of its layer, whose check names the place
        finding = f"{file}: {end:g} fills {share} of the cells"
        if tag is None and certain:
            raise LayerError(
                f"{finding} and no nodata value is set; write it into the file as nodata "
                f"(`gdal_edit.py -a_nodata {end:g} {file}`), or another number where it is true"
            )
        why = "no nodata value is set" if tag is None else f"nodata is {tag:g}"
        if tag is None or certain:
            yield f"{finding} and {why}; it counts as a value"


def _ends(found: Extremes) -> Iterator[tuple[float, str]]:
    """Yield the least and the largest value, each with its share of the cells in words."""
    yield found.low, f"{100.0 * found.low_cells / found.cells:.3g} %"
    if found.high != found.low:
        yield found.high, f"{100.0 * found.high_cells / found.cells:.3g} %"


def _is_one_of(value: float, others: tuple[float, ...]) -> bool:
    return any(abs(value - other) <= 1e-6 * abs(other) for other in others)


def _type_ends(dtype: np.dtype[Any]) -> tuple[float, ...]:
    """Return the least (of signed numbers) and largest value of integers."""
    if dtype.kind not in "iu":
        return ()
    limits = np.iinfo(dtype)
    return (float(limits.max), *([float(limits.min)] if limits.min else []))


def _stands_apart(found: Extremes, end: float) -> bool:
    """Return whether the least or largest value is far from all others, or there are none."""
    if np.isnan(found.next_low):
        return True
    low, high, near = (
        (found.next_low, found.high, found.next_low)
        if end == found.low
        else (found.low, found.next_high, found.next_high)
    )
    apart = abs(end - near) > high - low
    return apart or max(near * np.sign(end), 0.0) * _FAR < abs(end)
