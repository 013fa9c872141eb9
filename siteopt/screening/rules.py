"""Exclusion rules prepared for windows: what each takes of a window, and what it cannot judge.

Rules on the same features or the same marked cells of a raster stand together, so that several
distances of one layer cost one distance transform.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

import numpy as np

from siteopt.layers.rasters import known_of
from siteopt.screening.conditions import Condition, Threshold
from siteopt.screening.distances import BLOCK
from siteopt.screening.kernel import halo_cells, near_each

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from siteopt.lattice import Lattice
    from siteopt.layers.rasters import Raster
    from siteopt.screening.features import Features
    from siteopt.screening.windows import Window

__all__ = [
    "Band",
    "DistanceRules",
    "OutsideRule",
    "RasterLike",
    "RasterRules",
    "RasterWindow",
    "Rule",
    "Taken",
    "Threshold",
]


_ROWS_AT_ONCE: Final = 256
"""Rows of a window for which a finer raster is read at once."""


class Taken(NamedTuple):
    """Cells of a window that one exclusion takes.

    Attributes
    ----------
    bit : int
        Place of the exclusion.
    cells : ndarray of bool
        Excluded, in the shape of the window.
    unknown : ndarray of bool or None
        Excluded because there is no value; None where that cannot be.
    """

    bit: int
    cells: NDArray[np.bool_]
    unknown: NDArray[np.bool_] | None


class RasterLike(Protocol):
    """A raster in memory or in a file, of which parts are read."""

    @property
    def lattice(self) -> Lattice:
        """Where the cells lie, EPSG:5179."""
        ...

    def part(self, rows: slice, cols: slice) -> Raster:
        """Return some rows and columns; neither is empty."""
        ...


class Rule(Protocol):
    """One or several exclusions that are judged together."""

    def take(self, lattice: Lattice, window: Window) -> Iterator[Taken]:
        """Yield the cells of a window that each exclusion takes."""
        ...

    def halo(self, cell_m: float) -> int:
        """Return the width in cells of the halo whose arrays a window needs."""
        ...


class Band(NamedTuple):
    """Distances from features at which one exclusion takes cells.

    Attributes
    ----------
    bit : int
        Place of the exclusion.
    beyond_m : float or None
        Cells farther than this are taken, EPSG:5179 metres; None for all.
    within_m : float or None
        Of these the ones within this distance, the limit included; None for all. One of both is
        set at least.
    """

    bit: int
    beyond_m: float | None
    within_m: float | None

    @property
    def limits_m(self) -> tuple[float, ...]:
        """Those of both that are set."""
        return tuple(one for one in (self.beyond_m, self.within_m) if one is not None)


@dataclass(frozen=True, slots=True, eq=False)
class DistanceRules:
    """Exclusions by the distance from features: near, far, or between two distances.

    Attributes
    ----------
    features : Features
        The features of all of them.
    bands : tuple of Band
        The exclusions; all limits cost one distance transform.
    """

    features: Features
    bands: tuple[Band, ...]

    def take(self, lattice: Lattice, window: Window) -> Iterator[Taken]:
        """Yield the cells of a window that each exclusion takes."""
        limits_m = sorted({one for band in self.bands for one in band.limits_m})
        within = dict(zip(limits_m, self.features.within(lattice, window, limits_m), strict=True))
        for bit, beyond_m, within_m in self.bands:
            if beyond_m is None and within_m is not None:
                yield Taken(bit, within[within_m], None)
            elif beyond_m is not None:
                cells = ~within[beyond_m]
                if within_m is not None:
                    cells &= within[within_m]
                yield Taken(bit, cells, None)

    def halo(self, cell_m: float) -> int:
        """Return the width in cells of the halo whose arrays a window needs."""
        # Beyond the window there are blocks of cells only.
        farthest_m = max(one for band in self.bands for one in band.limits_m)
        return halo_cells(farthest_m, cell_m) // BLOCK + 1


@dataclass(frozen=True, slots=True, eq=False)
class OutsideRule:
    """Exclusion outside polygons, and of a strip along their outer edge.

    Attributes
    ----------
    bit : int
        Place of the exclusion.
    features : Features
        The polygons.
    coast : Features or None
        Their outer edge; None without a strip.
    strip_m : float
        Width of the strip in metres.
    """

    bit: int
    features: Features
    coast: Features | None
    strip_m: float

    def take(self, lattice: Lattice, window: Window) -> Iterator[Taken]:
        """Yield the cells of a window that the exclusion takes."""
        cells = ~self.features.inside(lattice, window)
        if self.coast is not None:
            cells |= self.coast.within(lattice, window, [self.strip_m])[0]
        yield Taken(self.bit, cells, None)

    def halo(self, cell_m: float) -> int:
        """Return the width in cells of the halo whose arrays a window needs."""
        return halo_cells(self.strip_m, cell_m) // BLOCK + 1


@dataclass(frozen=True, slots=True, eq=False)
class RasterRules:
    """Exclusions by the values of one raster.

    Attributes
    ----------
    raster : RasterLike
        The values.
    conditions : tuple of Condition
        The exclusions; those that mark the same cells cost one distance transform.
    """

    raster: RasterLike
    conditions: tuple[Condition, ...]

    def take(self, lattice: Lattice, window: Window) -> Iterator[Taken]:
        """Yield the cells of a window that each exclusion takes."""
        rim = self.halo(lattice.cell_m)
        part = self.read(lattice, window)
        core = (slice(rim, rim + window.n_rows), slice(rim, rim + window.n_cols))
        unknown = ~part.spread(part.known)[core]
        for alike in _alike(self.conditions):
            marked = part.spread(alike[0].marks(part.values) & part.known)
            found = near_each(marked, lattice.cell_m, [one.distance_m for one in alike])
            for one, cells in zip(alike, found, strict=True):
                yield Taken(one.bit, cells[core], unknown)

    def halo(self, cell_m: float) -> int:
        """Return the width in cells of the halo whose arrays a window needs."""
        return halo_cells(max(one.distance_m for one in self.conditions), cell_m)

    def read(self, lattice: Lattice, window: Window) -> RasterWindow:
        """Return the raster below a window and its halo.

        Parameters
        ----------
        lattice : Lattice
            The whole grid.
        window : Window
            Cells to judge, without the halo.
        """
        return RasterWindow.of(self.raster, lattice, window.grown(self.halo(lattice.cell_m)))


def _alike(conditions: tuple[Condition, ...]) -> list[list[Condition]]:
    """Return the conditions that mark the same cells together: but for bit and distance."""
    found: dict[tuple[Any, ...], list[Condition]] = {}
    for one in conditions:
        key = (type(one), one._replace(bit=0, distance_m=0.0))
        found.setdefault(key, []).append(one)
    return list(found.values())


@dataclass(frozen=True, slots=True, eq=False)
class RasterWindow:
    """The cells of a raster that hold the centres of the cells of a window.

    Attributes
    ----------
    values : ndarray
        The part of the raster around them.
    known : ndarray of bool
        Where the part has a value.
    rows, cols : ndarray of int
        Row and column in the part of each row and column of the window.
    row_held, col_held : ndarray of bool
        Whether they lie on the raster.
    """

    values: NDArray[Any]
    known: NDArray[np.bool_]
    rows: NDArray[np.int64]
    cols: NDArray[np.int64]
    row_held: NDArray[np.bool_]
    col_held: NDArray[np.bool_]

    @classmethod
    def of(cls, raster: RasterLike, lattice: Lattice, window: Window) -> RasterWindow:
        """Find the cells of a raster below a window, which may reach beyond the grid."""
        x, y = window.centres_m(lattice)
        rows, _ = raster.lattice.cells_of(np.full(len(y), raster.lattice.x_min_m), y)
        _, cols = raster.lattice.cells_of(x, np.full(len(x), raster.lattice.y_max_m))
        row_held = (rows >= 0) & (rows < raster.lattice.n_rows)
        col_held = (cols >= 0) & (cols < raster.lattice.n_cols)
        row_from, rows, row_to = _span(rows, row_held)
        col_from, cols, col_to = _span(cols, col_held)
        if row_from == row_to or col_from == col_to:
            nothing = np.zeros((0, 0), dtype=np.bool_)
            return cls(nothing, nothing, rows, cols, row_held, col_held)
        columns = slice(col_from, col_to)
        if row_to - row_from <= 2 * len(rows):
            part = raster.part(slice(row_from, row_to), columns)
            return cls(part.values, part.known, rows, cols, row_held, col_held)
        # Of finer cells only those below a centre are kept, so some rows are read at a time.
        values, known = [], []
        for begin in range(0, len(rows), _ROWS_AT_ONCE):
            wanted = rows[begin : begin + _ROWS_AT_ONCE]
            low = int(wanted.min())
            part = raster.part(slice(row_from + low, row_from + int(wanted.max()) + 1), columns)
            # Rows first: of those that are left fewer cells are moved.
            values.append(part.values.take(wanted - low, axis=0).take(cols, axis=1))
            known.append(known_of(values[-1], part.nodata))
        own_rows, own_cols = np.arange(len(rows)), np.arange(len(cols))
        whole = np.concatenate(values)
        return cls(whole, np.concatenate(known), own_rows, own_cols, row_held, col_held)

    def spread(self, cells: NDArray[Any]) -> NDArray[Any]:
        """Return figures of the part of the raster at every cell of the window.

        Parameters
        ----------
        cells : ndarray
            In the shape of ``values``; cells of the window off the raster get 0.
        """
        if not cells.size:
            return np.zeros((len(self.rows), len(self.cols)), dtype=cells.dtype)
        at_rows = _run(self.rows, self.row_held, cells.shape[0])
        at_cols = _run(self.cols, self.col_held, cells.shape[1])
        if at_rows is not None and at_cols is not None:
            shifted = np.zeros((len(self.rows), len(self.cols)), dtype=cells.dtype)
            shifted[at_rows, at_cols] = cells
            return shifted
        # Two steps of one axis each are several times faster than one of both.
        found = _taken(_taken(cells, self.cols, 1), self.rows, 0)
        found = found.copy() if found is cells else found
        found[~self.row_held] = 0
        found[:, ~self.col_held] = 0
        return found


def _run(places: NDArray[np.int64], held: NDArray[np.bool_], count: int) -> slice | None:
    """Return where places are held, if they are 0 to ``count`` - 1 in a row; else None."""
    (at,) = np.nonzero(held)
    first = int(at[0])
    together = len(at) == int(at[-1]) - first + 1 == count
    if together and np.array_equal(places[first : first + count], np.arange(count)):
        return slice(first, first + count)
    return None


def _taken(cells: NDArray[Any], places: NDArray[np.int64], axis: int) -> NDArray[Any]:
    """Return rows or columns by their places; the same array where they are all in order."""
    if np.array_equal(places, np.arange(cells.shape[axis])):
        return cells
    return cells.take(places, axis=axis)


def _span(places: NDArray[np.int64], held: NDArray[np.bool_]) -> tuple[int, NDArray[np.int64], int]:
    """Return the first place that is held, all places counted from it, and the end."""
    some = places[held]
    if not len(some):
        return 0, np.zeros(len(places), dtype=np.int64), 0
    low, high = int(some.min()), int(some.max())
    return low, np.where(held, places - low, 0), high + 1
