"""Limits of exclusions, and by how much a figure misses one.

An exclusion has a limit where it compares a figure of a cell (metres to a feature, the value of a
raster) with a number of the scenario. One that asks whether a cell lies in a feature has none.
"""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from siteopt.scenario import (
    Above,
    Below,
    DistanceBand,
    Far,
    InClasses,
    Near,
    NotInClasses,
    Outside,
    OutsideRange,
    WithinRange,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["METRES", "AnyLimit", "Figures", "Limit", "RangeLimit", "limit_of"]

Figures: TypeAlias = "NDArray[np.floating[Any]]"
"""What an exclusion compares with its limit, a figure a cell; NaN where there is nothing."""

METRES = "m"
"""Unit of distances."""


class Limit(NamedTuple):
    """Number that an exclusion compares a figure with.

    Attributes
    ----------
    value : float
        In `unit`.
    unit : str
        ``m``, or the unit of a layer.
    rises : bool
        Whether a larger limit excludes fewer cells (``far``, ``above``), else a smaller one does.
    held_out : bool
        Whether a figure that is the limit itself excludes the cell.
    """

    value: float
    unit: str
    rises: bool
    held_out: bool

    @property
    def text(self) -> str:
        """The number as text, for metadata."""
        return repr(self.value)

    def margin(self, figures: Figures) -> Figures:
        """Return by how much figures of excluded cells miss the limit, in its unit.

        Parameters
        ----------
        figures : ndarray of float
            In the unit of the limit; NaN stays NaN.
        """
        missed = figures - self.value if self.rises else self.value - figures
        margins: Figures = np.maximum(missed, 0.0)
        return margins

    def violation(self, figures: Figures) -> Figures:
        """Return margins as shares of the limit: its normalised constraint violation.

        Parameters
        ----------
        figures : ndarray of float
            In the unit of the limit. NaN, for a cell that no other limit lets in, and any margin
            beyond a limit of 0 give infinity.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            share = self.margin(figures) / abs(self.value)
        return np.where(np.isnan(share), np.inf, share)

    def lets_in(self, figures: Figures, share: float) -> NDArray[np.bool_]:
        """Return which cells a relaxed limit does not exclude any more.

        Parameters
        ----------
        figures : ndarray of float
            In the unit of the limit; a cell without a figure (NaN) stays excluded.
        share : float
            Share of itself by which the limit is relaxed; 0.1 makes 500 m 450 m, or 15 degrees
            16.5.
        """
        step = share * abs(self.value)
        if self.rises:
            relaxed = self.value + step
            return figures < relaxed if self.held_out else figures <= relaxed
        relaxed = self.value - step
        return figures > relaxed if self.held_out else figures >= relaxed


class RangeLimit(NamedTuple):
    """Two numbers between which, or outside of which, an exclusion takes a figure.

    Attributes
    ----------
    low, high : float
        In `unit`.
    unit : str
        ``m``, or the unit of a layer.
    inside : bool
        Whether figures between the two are excluded, else those outside.
    low_held_out : bool
        Whether a figure that is the low end itself excludes the cell; the high end does so where
        figures between are excluded.
    """

    low: float
    high: float
    unit: str
    inside: bool
    low_held_out: bool

    @property
    def value(self) -> float:
        """NaN: there is no single one."""
        return float("nan")

    @property
    def text(self) -> str:
        """Both numbers as text, for metadata."""
        return f"{self.low!r} {self.high!r}"

    def margin(self, figures: Figures) -> Figures:
        """Return by how much figures of excluded cells miss the nearest end, in its unit.

        Parameters
        ----------
        figures : ndarray of float
            In the unit of the limit; NaN stays NaN.
        """
        if self.inside:
            missed = np.minimum(figures - self.low, self.high - figures)
        else:
            missed = np.maximum(self.low - figures, figures - self.high)
        margins: Figures = np.maximum(missed, 0.0)
        return margins

    def violation(self, figures: Figures) -> Figures:
        """Return margins as shares of the end that they miss by the least share.

        Parameters
        ----------
        figures : ndarray of float
            In the unit of the limit. NaN, for a cell that no other limit lets in, and any margin
            beyond an end of 0 alone give infinity.
        """
        sign = 1.0 if self.inside else -1.0
        with np.errstate(divide="ignore", invalid="ignore"):
            of_low = sign * (figures - self.low) / abs(self.low)
            of_high = sign * (self.high - figures) / abs(self.high)
        # Within a range one end has to give way, the easier one; outside only one is missed.
        share = np.fmin(of_low, of_high) if self.inside else np.fmax(of_low, of_high)
        return np.where(np.isnan(figures) | np.isnan(share), np.inf, np.maximum(share, 0.0))

    def lets_in(self, figures: Figures, share: float) -> NDArray[np.bool_]:
        """Return which cells a range with both ends relaxed does not exclude any more.

        Parameters
        ----------
        figures : ndarray of float
            In the unit of the limit; a cell without a figure (NaN) stays excluded.
        share : float
            Share of itself by which each end is relaxed.
        """
        step_low, step_high = share * abs(self.low), share * abs(self.high)
        if not self.inside:
            return (figures >= self.low - step_low) & (figures <= self.high + step_high)
        low, high = self.low + step_low, self.high - step_high
        below = figures < low if self.low_held_out else figures <= low
        return below | (figures > high)


AnyLimit: TypeAlias = "Limit | RangeLimit"


@singledispatch
def limit_of(exclusion: object) -> AnyLimit | None:
    """Return the limit of an exclusion; None for a kind that has none.

    A new kind joins by ``limit_of.register``.

    Parameters
    ----------
    exclusion : Exclusion
        One of a scenario.
    """
    del exclusion
    return None


@limit_of.register(Near)
@limit_of.register(Outside)
def _(exclusion: Near | Outside) -> Limit | None:
    return _around(exclusion.buffer_m)


@limit_of.register(Far)
def _(exclusion: Far) -> Limit:
    return Limit(exclusion.distance_m, METRES, rises=True, held_out=False)


@limit_of.register(Above)
@limit_of.register(Below)
def _(exclusion: Above | Below) -> Limit | None:
    unit = f"unit of {exclusion.layer}"
    rises = isinstance(exclusion, Above)
    return _around(exclusion.buffer_m) or Limit(exclusion.threshold, unit, rises, held_out=False)


@limit_of.register(DistanceBand)
def _(exclusion: DistanceBand) -> RangeLimit:
    return RangeLimit(exclusion.from_m, exclusion.to_m, METRES, inside=True, low_held_out=False)


@limit_of.register(WithinRange)
@limit_of.register(OutsideRange)
def _(exclusion: WithinRange | OutsideRange) -> Limit | RangeLimit:
    inside = isinstance(exclusion, WithinRange)
    unit = f"unit of {exclusion.layer}"
    return _around(exclusion.buffer_m) or RangeLimit(
        exclusion.low, exclusion.high, unit, inside, low_held_out=inside
    )


@limit_of.register(InClasses)
@limit_of.register(NotInClasses)
def _(exclusion: InClasses | NotInClasses) -> Limit | None:
    return _around(exclusion.buffer_m)


def _around(buffer_m: float) -> Limit | None:
    """Return the limit of a buffer: its distance is excluded too."""
    return Limit(buffer_m, METRES, rises=False, held_out=True) if buffer_m > 0 else None
