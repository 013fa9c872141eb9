"""Margins: by how much excluded cells miss the limits of their reasons, window by window.

The figure of a cell is what its exclusion compares with the limit: metres to the nearest feature
(``near``, ``far``), to the edge (``outside`` with a strip), to the nearest cell beyond the
threshold (``above``, ``below`` with a buffer), or the value of the raster. It is NaN where no
other limit would let the cell in: inside a feature or beyond the threshold itself, whatever the
buffer, and where a raster has no value.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import partial, singledispatch
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
from scipy.spatial import KDTree

from siteopt.screening.judging import MEMORY_MB, JudgedWindow, RuleSet
from siteopt.screening.kernel import rim
from siteopt.screening.limits import limit_of
from siteopt.screening.margin_counts import MarginCounts, counted
from siteopt.screening.nearest import distances_m
from siteopt.screening.rules import DistanceRules, OutsideRule, RasterRules

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from siteopt.lattice import Lattice
    from siteopt.screening.conditions import Condition
    from siteopt.screening.features import Features
    from siteopt.screening.limits import AnyLimit, Figures
    from siteopt.screening.rules import Band
    from siteopt.screening.windows import Window

__all__ = ["ELIGIBLE", "NOT_LAND_CODE", "MeasuredRules", "MeasuredWindow", "figures_by_bit"]

Cells: TypeAlias = "tuple[NDArray[np.int64], NDArray[np.int64]]"
"""Rows and columns of cells, counted from the corner of their window."""

Measure: TypeAlias = "Callable[[Lattice, Window, Cells], Figures]"
"""Function that measures the figures of cells of a window that an exclusion takes."""

ELIGIBLE: Final = 0
"""Strictest reason of a cell that has none; that of exclusion i is i + 1."""

NOT_LAND_CODE: Final = 255
"""Strictest reason of a cell that is no land."""

_MEMORY_SHARE: Final = 0.5
"""Share of the memory for windows that judging alone takes: places and figures of the cells of a
reason take up to 32 bytes beside its 40."""


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredWindow(JudgedWindow):
    """Reasons of the cells of a window, and by how much they miss limits.

    Attributes
    ----------
    nearly : ndarray of float32 or None
        Margin of land cells that exactly one reason excludes, in the unit of its limit; NaN
        elsewhere, and where there is no figure. None where it was not asked for.
    strictest : ndarray of uint8 or None
        Strictest reason of every cell: ``ELIGIBLE``, place of the exclusion + 1, or
        ``NOT_LAND_CODE``. None where it was not asked for.
    margins : MarginCounts
        Margins counted by reason.
    """

    nearly: NDArray[np.float32] | None
    strictest: NDArray[np.uint8] | None
    margins: MarginCounts


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredRules(RuleSet):
    """Exclusions of a scenario that also measure the margins of cells.

    The strictest reason of a cell is the one whose limit it misses by the largest share of the
    limit (the most violated constraint, normalised); the first in order among equals. A reason
    without a figure is stricter than any with one.

    Attributes
    ----------
    with_nearly, with_strictest : bool
        What to measure.
    """

    with_nearly: bool = True
    with_strictest: bool = False

    @classmethod
    def of(
        cls, rules: RuleSet, *, with_nearly: bool = True, with_strictest: bool = False
    ) -> MeasuredRules:
        """Have exclusions measure margins.

        Parameters
        ----------
        rules : RuleSet
            As :func:`siteopt.screening.exclusions.prepare_rules` returns them.
        with_nearly, with_strictest : bool
            What to measure.
        """
        same = {field.name: getattr(rules, field.name) for field in fields(rules)}
        return cls(**same, with_nearly=with_nearly, with_strictest=with_strictest)

    def largest_side(self, memory_mb: float = MEMORY_MB, workers: int | None = None) -> int:
        """Return the most rows and columns of windows that fit into memory.

        Parameters
        ----------
        memory_mb : float
            Memory that the windows judged at the same time may take.
        workers : int, optional
            Windows judged at the same time; as many as there are cores by default.
        """
        return RuleSet.largest_side(self, memory_mb * _MEMORY_SHARE, workers)

    def judge(self, window: Window) -> MeasuredWindow:
        """Judge the cells of a window and measure their margins.

        Parameters
        ----------
        window : Window
            Cells of the grid.
        """
        judged = RuleSet.judge(self, window)
        nearly = np.full(window.shape, np.nan, dtype=np.float32) if self.with_nearly else None
        strictest = _Strictest(judged) if self.with_strictest else None
        places = np.flatnonzero(judged.land & (judged.reasons != 0))
        codes = judged.reasons.ravel()[places]
        single = (codes & (codes - np.uint32(1))) == 0
        if strictest is None:
            places, codes, single = places[single], codes[single], single[single]
        counts = []
        measures = {bit: how for rule in self.rules for bit, how in figures_by_bit(rule).items()}
        for bit, exclusion in enumerate(self.exclusions):
            limit, has_bit = limit_of(exclusion), (codes & np.uint32(1 << bit)) != 0
            if strictest is not None:
                has_bit &= strictest.open.ravel()[places]
            taken = places[has_bit]
            if limit is None or bit not in measures:
                figures = np.full(len(taken), np.nan)
            else:
                cells = np.divmod(taken, window.n_cols)
                figures = measures[bit](self.lattice, window, cells)
            if strictest is not None:
                strictest.add(bit, taken, _violation(limit, figures))
            if limit is not None and nearly is not None:
                alone = single[has_bit]
                nearly.ravel()[taken[alone]] = limit.margin(figures[alone])
                counts.append(counted(bit, limit, figures[alone]))
        return MeasuredWindow(
            judged.window, judged.reasons, judged.land, judged.unknown_cells, nearly,
            None if strictest is None else strictest.codes, MarginCounts.total(counts),
        )  # fmt: skip


class _Strictest:
    """The strictest reason of cells so far."""

    def __init__(self, judged: JudgedWindow) -> None:
        self.codes = np.where(judged.land, ELIGIBLE, NOT_LAND_CODE).astype(np.uint8)
        self.open = judged.land.copy()
        """Cells whose strictest reason may be one that is not added yet."""
        self._violation = np.full(self.codes.shape, -np.inf, dtype=np.float64)

    def add(self, bit: int, places: NDArray[np.int64], violation: Figures) -> None:
        """Take a reason of some cells, by their places in the flat window, into account."""
        worse = violation > self._violation.ravel()[places]
        places, violation = places[worse], violation[worse]
        self.codes.ravel()[places] = bit + 1
        self._violation.ravel()[places] = violation
        self.open.ravel()[places] = np.isfinite(violation)


def _violation(limit: AnyLimit | None, figures: Figures) -> Figures:
    return np.full(len(figures), np.inf) if limit is None else limit.violation(figures)


@singledispatch
def figures_by_bit(rule: object) -> dict[int, Measure]:
    """Return for each exclusion of a rule how its figures are measured.

    None for a kind of rule that has no figures. A new kind joins by ``figures_by_bit.register``.

    Parameters
    ----------
    rule : Rule
        One of a :class:`siteopt.screening.judging.RuleSet`.
    """
    del rule
    return {}


@figures_by_bit.register(DistanceRules)
def _(rule: DistanceRules) -> dict[int, Measure]:
    return {band.bit: partial(_distance, rule.features, band) for band in rule.bands}


@figures_by_bit.register(OutsideRule)
def _(rule: OutsideRule) -> dict[int, Measure]:
    if rule.coast is None:
        return {}
    return {rule.bit: partial(_from_coast, rule, rule.coast)}


@figures_by_bit.register(RasterRules)
def _(rule: RasterRules) -> dict[int, Measure]:
    return {
        one.bit: partial(_from_marked, rule, one) if one.distance_m > 0 else partial(_value, rule)
        for one in rule.conditions
    }


def _distance(
    features: Features, band: Band, lattice: Lattice, window: Window, cells: Cells
) -> Figures:
    """Return the distance from features of cells in a band; NaN on or inside features."""
    if band.within_m is None:  # they may be anywhere
        return distances_m(features, lattice, window, cells)
    return _short_of(features, band.within_m, lattice, window, cells)


def _short_of(
    features: Features, limit_m: float, lattice: Lattice, window: Window, cells: Cells
) -> Figures:
    """Return the distance from features that are nearer than a limit; NaN on or inside them."""
    away = distances_m(features, lattice, window, cells, reach_m=limit_m + lattice.cell_m)
    away[away == 0] = np.nan
    return away


def _from_coast(
    rule: OutsideRule, coast: Features, lattice: Lattice, window: Window, cells: Cells
) -> Figures:
    """Return the distance of cells inside polygons from their outer edge; NaN outside."""
    away = _short_of(coast, rule.strip_m, lattice, window, cells)
    away[~rule.features.inside(lattice, window)[cells]] = np.nan
    return away


def _value(rule: RasterRules, lattice: Lattice, window: Window, cells: Cells) -> Figures:
    """Return the values of a raster at cells; NaN where it has none."""
    if not len(cells[0]):
        return np.zeros(0)
    part, halo = rule.read(lattice, window), rule.halo(lattice.cell_m)
    # In the raster's own precision, in which the exclusion compares them too.
    floating = np.issubdtype(part.values.dtype, np.floating)
    values = np.full(len(cells[0]), np.nan, dtype=part.values.dtype if floating else np.float64)
    rows, cols = part.rows[cells[0] + halo], part.cols[cells[1] + halo]
    held = part.row_held[cells[0] + halo] & part.col_held[cells[1] + halo]
    held[held] = part.known[rows[held], cols[held]]
    values[held] = part.values[rows[held], cols[held]]
    return values


def _from_marked(
    rule: RasterRules, condition: Condition, lattice: Lattice, window: Window, cells: Cells
) -> Figures:
    """Return the distance to the nearest marked cell; NaN at one, and without a value."""
    away = np.full(len(cells[0]), np.nan)
    if not len(away):
        return away
    part, halo = rule.read(lattice, window), rule.halo(lattice.cell_m)
    marked = part.spread(condition.marks(part.values) & part.known)
    rows, cols = cells[0] + halo, cells[1] + halo
    around = part.spread(part.known)[rows, cols] & ~marked[rows, cols]
    edge = np.column_stack(np.nonzero(rim(marked)))
    if len(edge) and around.any():
        tree = KDTree(edge, balanced_tree=False, compact_nodes=False)
        at = np.column_stack([rows[around], cols[around]])
        _, nearest = tree.query(at)
        step = (edge[nearest] - at).astype(np.float64)
        # The root of a whole number, as the exclusion itself compares it.
        away[around] = np.sqrt((step * step).sum(axis=1)) * lattice.cell_m
    return away
