"""Conditions on the values of a raster that mark the cells of an exclusion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from siteopt.scenario import Above, Below, InClasses, NotInClasses, OutsideRange, WithinRange

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.scenario import RasterExclusion

__all__ = ["Condition", "Threshold", "ValueClasses", "ValueRange", "condition_of"]


class Threshold(NamedTuple):
    """Values beyond a threshold.

    Attributes
    ----------
    bit : int
        Place of the exclusion.
    above : bool
        Whether values above the threshold are marked, else those below.
    limit : float
        In the unit of the raster.
    distance_m : float
        Euclidean distance from the centres of marked cells, metres.
    """

    bit: int
    above: bool
    limit: float
    distance_m: float

    def marks(self, values: NDArray[Any]) -> NDArray[np.bool_]:
        """Return which values are marked; what has no value may be either."""
        with np.errstate(invalid="ignore"):
            return values > self.limit if self.above else values < self.limit


class ValueRange(NamedTuple):
    """Values in a range whose ends belong to it, or outside of it.

    Attributes
    ----------
    bit : int
        Place of the exclusion.
    inside : bool
        Whether values in the range are marked, else those outside.
    low, high : float
        Ends, in the unit of the raster.
    distance_m : float
        Euclidean distance from the centres of marked cells, metres.
    """

    bit: int
    inside: bool
    low: float
    high: float
    distance_m: float

    def marks(self, values: NDArray[Any]) -> NDArray[np.bool_]:
        """Return which values are marked; what has no value may be either."""
        with np.errstate(invalid="ignore"):
            held: NDArray[np.bool_] = (values >= self.low) & (values <= self.high)
        return held if self.inside else ~held


class ValueClasses(NamedTuple):
    """Values that are one of some classes, or none of them.

    Attributes
    ----------
    bit : int
        Place of the exclusion.
    among : bool
        Whether values among the classes are marked, else all others.
    classes : tuple of int
        Ascending.
    distance_m : float
        Euclidean distance from the centres of marked cells, metres.
    """

    bit: int
    among: bool
    classes: tuple[int, ...]
    distance_m: float

    def marks(self, values: NDArray[Any]) -> NDArray[np.bool_]:
        """Return which values are marked; what has no value may be either."""
        held = np.zeros(values.shape, dtype=np.bool_)
        for one in self.classes:
            held |= values == one
        return held if self.among else ~held


Condition: TypeAlias = Threshold | ValueRange | ValueClasses


def condition_of(exclusion: RasterExclusion, bit: int = 0) -> Condition:
    """Return the condition that an exclusion puts on the values of its raster.

    Parameters
    ----------
    exclusion : RasterExclusion
        One of a scenario.
    bit : int
        Its place.
    """
    match exclusion:
        case Above() | Below():
            above = isinstance(exclusion, Above)
            return Threshold(bit, above, exclusion.threshold, exclusion.buffer_m)
        case WithinRange() | OutsideRange():
            inside = isinstance(exclusion, WithinRange)
            return ValueRange(bit, inside, exclusion.low, exclusion.high, exclusion.buffer_m)
        case InClasses() | NotInClasses():
            among = isinstance(exclusion, InClasses)
            classes = tuple(sorted(exclusion.classes))
            return ValueClasses(bit, among, classes, exclusion.buffer_m)
