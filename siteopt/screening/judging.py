"""Windows of a grid judged by all exclusions, in bounded memory and side by side."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from siteopt._memory import MIB
from siteopt.distribution import TASKS_AHEAD, cluster, in_order
from siteopt.layers.file_identity import file_signature, is_same_file
from siteopt.layers.raster_file import RasterFile
from siteopt.scenario.screening import MEMORY_MB
from siteopt.screening.patches import AreaRule, SmallPatches
from siteopt.screening.width import narrow_cells, width_halo
from siteopt.screening.windows import side_for_memory, side_for_workers, windows_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from siteopt.distribution import ClusterExecutor
    from siteopt.lattice import Lattice
    from siteopt.scenario import Exclusion
    from siteopt.screening.features import Features
    from siteopt.screening.rules import Rule
    from siteopt.screening.windows import Window

__all__ = ["MEMORY_MB", "JudgedWindow", "RuleSet", "WidthRule"]


@dataclass(frozen=True, slots=True, eq=False)
class JudgedWindow:
    """Reasons of the cells of a window.

    Attributes
    ----------
    window : Window
        The cells.
    reasons : ndarray of uint32
        Bit i is set where exclusion i excludes the cell.
    land : ndarray of bool
        Cells that count as land.
    unknown_cells : ndarray of int, shape (exclusions,)
        Land cells that each excludes only because it has no value there.
    """

    window: Window
    reasons: NDArray[np.uint32]
    land: NDArray[np.bool_]
    unknown_cells: NDArray[np.int64]

    @property
    def eligible(self) -> NDArray[np.bool_]:
        """Land cells without any reason."""
        cells: NDArray[np.bool_] = (self.reasons == 0) & self.land
        return cells


class WidthRule(NamedTuple):
    """Exclusion of land that is narrower than a width.

    Attributes
    ----------
    bit : int
        Place of the exclusion.
    width_m : float
        Diameter in metres of the disc that has to fit.
    """

    bit: int
    width_m: float


@dataclass(frozen=True, slots=True, eq=False)
class RuleSet:
    """Exclusions of a scenario, prepared for any window of a grid.

    Attributes
    ----------
    lattice : Lattice
        The whole grid, EPSG:5179.
    exclusions : tuple of Exclusion
        In the order of their bits.
    land : Features
        Polygons of the land.
    land_bit : int or None
        Place of the exclusion that takes all that is no land, and nothing else.
    rules : tuple of Rule
        All other exclusions of the land itself.
    widths : tuple of WidthRule
        Exclusions by the width of the land that those leave.
    areas : tuple of AreaRule
        Exclusions by the area of the patches that all others leave. No window shows how large a
        patch is, so :meth:`judge` sets none of their bits; :meth:`small_patches` does.
    """

    lattice: Lattice
    exclusions: tuple[Exclusion, ...]
    land: Features
    land_bit: int | None
    rules: tuple[Rule, ...]
    widths: tuple[WidthRule, ...] = ()
    areas: tuple[AreaRule, ...] = ()

    def judge(self, window: Window) -> JudgedWindow:
        """Judge the cells of a window; the answer does not depend on where windows meet.

        Parameters
        ----------
        window : Window
            Cells of the grid.
        """
        if not self.widths:
            return self._of_land(window, window)
        grown = window.grown(self._width_halo()).clipped(self.lattice)
        around, core = self._of_land(grown, window), window.within(grown)
        widths_m = [rule.width_m for rule in self.widths]
        narrow = narrow_cells(around.eligible, self.lattice.cell_m, widths_m)
        reasons = around.reasons[core].copy()
        for rule, cells in zip(self.widths, narrow, strict=True):
            reasons |= cells[core].astype(np.uint32) << np.uint32(rule.bit)
        return JudgedWindow(window, reasons, around.land[core].copy(), around.unknown_cells)

    def small_patches(self) -> SmallPatches | None:
        """Return the exclusions by area, to judge all windows in two passes; None for none."""
        if not self.areas:
            return None
        return SmallPatches(self.areas, self.lattice.n_cols, self.lattice.cell_m)

    def _width_halo(self) -> int:
        """Return the width in cells of the halo whose cells decide on widths in a window."""
        return max((width_halo(one.width_m, self.lattice.cell_m) for one in self.widths), default=0)

    def _of_land(self, window: Window, counted: Window) -> JudgedWindow:
        """Judge the cells of a window by the rules of the land itself.

        Cells without a value are counted in ``counted``, a part of the window.
        """
        core = counted.within(window)
        land = self.land.inside(self.lattice, window)
        # Eight reasons a byte: a bit is then set at one byte a cell.
        planes = np.zeros((-(-len(self.exclusions) // 8), *window.shape), dtype=np.uint8)
        unknown_cells = np.zeros(len(self.exclusions), dtype=np.int64)
        if self.land_bit is not None:
            _add(planes, self.land_bit, ~land)
        for rule in self.rules:
            for bit, cells, unknown in rule.take(self.lattice, window):
                if unknown is not None:
                    unknown_cells[bit] = np.count_nonzero((unknown & land & ~cells)[core])
                    cells |= unknown  # noqa: PLW2901 - in place: the array is this rule's own
                _add(planes, bit, cells)
        return JudgedWindow(window, _joined(planes), land, unknown_cells)

    def window_side(self, memory_mb: float = MEMORY_MB, workers: int | None = None) -> int:
        """Return the rows and columns of windows that fit into memory and occupy all workers.

        Parameters
        ----------
        memory_mb : float
            Memory that the windows judged at the same time may take, on each worker of a cluster.
        workers : int, optional
            Windows judged at the same time; as many as there are cores by default. A cluster takes
            as many as its workers have cores.
        """
        most = self.largest_side(memory_mb, workers)
        with cluster() as pool:
            cores = _threads(workers) if pool is None else pool.cores
        return side_for_workers(self.lattice, most, cores)

    def largest_side(self, memory_mb: float = MEMORY_MB, workers: int | None = None) -> int:
        """Return the most rows and columns of windows that fit into memory.

        Parameters
        ----------
        memory_mb : float
            Memory that the windows judged at the same time may take, on each worker of a cluster.
        workers : int, optional
            Windows judged at the same time; as many as there are cores by default. A cluster takes
            as many as its workers have cores.
        """
        with cluster() as pool:
            cores = _threads(workers) if pool is None else pool.cores_of_worker
        return side_for_memory(memory_mb * MIB, self._halo(), cores)

    def _halo(self) -> int:
        """Return the width in cells of the halo whose arrays a window needs."""
        halo = max((rule.halo(self.lattice.cell_m) for rule in self.rules), default=0)
        return halo + self._width_halo()

    def judge_all(
        self, memory_mb: float = MEMORY_MB, workers: int | None = None, side: int | None = None,
        windows: Sequence[Window] | None = None,
    ) -> Iterator[JudgedWindow]:  # fmt: skip
        """Judge all cells, window by window from the north-west, a row of windows at a time.

        Windows go to the workers of a cluster where one is in use (`siteopt.distribution`).

        Parameters
        ----------
        memory_mb : float
            Memory that the windows judged at the same time may take, on each worker of a cluster.
        workers : int, optional
            Windows judged at the same time; as many as there are cores by default. A cluster takes
            as many as its workers have cores.
        side : int, optional
            Rows and columns of a window; what fits into memory by default.
        windows : sequence of Window, optional
            Judge these alone, in this order; `side` is then of no account.

        Yields
        ------
        JudgedWindow
            In the order of :func:`siteopt.screening.windows.windows_of`.
        """
        if windows is None:
            windows = windows_of(self.lattice, side or self.window_side(memory_mb, workers))
        with cluster() as pool:
            if pool is not None:
                yield from _judged_on_cluster(self, pool, windows)
                return
        threads = _threads(workers)
        if threads < 2 or len(windows) < 2:  # noqa: PLR2004 - more than one
            yield from map(self.judge, windows)
            return
        with ThreadPoolExecutor(threads) as local:
            yield from in_order(local, self.judge, windows, threads)


def _threads(workers: int | None) -> int:
    return (os.cpu_count() or 1) if workers is None else workers


def _judged_on_cluster(
    rules: RuleSet, pool: ClusterExecutor, windows: Sequence[Window]
) -> Iterator[JudgedWindow]:
    """Yield judged windows of a cluster; the rules go to each worker once.

    Workers open the file of a raster themselves where all of them have the same one under the same
    path; the cells of other files go with the rules.
    """
    sent = tuple(_for_workers(rule, pool) for rule in rules.rules)
    judge = partial(type(rules).judge, replace(rules, rules=sent))
    yield from in_order(pool, judge, windows, TASKS_AHEAD * pool.cores)


def _for_workers(rule: Any, pool: ClusterExecutor) -> Any:  # noqa: ANN401 - a dataclass of the protocol
    raster = getattr(rule, "raster", None)
    if not isinstance(raster, RasterFile):
        return rule
    path = raster.path.absolute()
    if all(pool.on_every_worker(is_same_file, path, file_signature(path))):
        return rule
    return replace(rule, raster=raster.whole())


def _add(planes: NDArray[np.uint8], bit: int, cells: NDArray[np.bool_]) -> None:
    """Set a bit where cells are taken."""
    planes[bit // 8] |= cells.view(np.uint8) << np.uint8(bit % 8)


def _joined(planes: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Return planes of eight reasons each as one number a cell."""
    reasons: NDArray[np.uint32] = planes[0].astype(np.uint32)
    for place, plane in enumerate(planes[1:], start=1):
        reasons |= plane.astype(np.uint32) << np.uint32(8 * place)
    return reasons
