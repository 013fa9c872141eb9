"""Windows of a grid judged by all exclusions, in bounded memory and side by side."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final, TypeGuard

import numpy as np

from siteopt.distribution import cluster, in_order
from siteopt.layers.raster_file import RasterFile, is_same_file
from siteopt.screening.windows import side_for_memory, side_for_workers, windows_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from siteopt.distribution import ClusterExecutor
    from siteopt.lattice import Lattice
    from siteopt.scenario import Exclusion
    from siteopt.screening.features import Features
    from siteopt.screening.rules import Rule, ThresholdRules
    from siteopt.screening.windows import Window

__all__ = ["MEMORY_MB", "JudgedWindow", "RuleSet"]

MEMORY_MB: Final = 512.0
"""Memory in MB that the windows judged at the same time may take, if nothing else is given."""

_MIB: Final = 1 << 20

_AHEAD: Final = 2
"""Windows of a cluster under way or waiting to be taken, for each of its cores."""


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
        All other exclusions.
    """

    lattice: Lattice
    exclusions: tuple[Exclusion, ...]
    land: Features
    land_bit: int | None
    rules: tuple[Rule, ...]

    def judge(self, window: Window) -> JudgedWindow:
        """Judge the cells of a window; the answer does not depend on where windows meet.

        Parameters
        ----------
        window : Window
            Cells of the grid.
        """
        land = self.land.inside(self.lattice, window)
        # Eight reasons a byte: a bit is then set at one byte a cell.
        planes = np.zeros((-(-len(self.exclusions) // 8), *window.shape), dtype=np.uint8)
        unknown_cells = np.zeros(len(self.exclusions), dtype=np.int64)
        if self.land_bit is not None:
            _add(planes, self.land_bit, ~land)
        for rule in self.rules:
            for bit, cells, unknown in rule.take(self.lattice, window):
                if unknown is not None:
                    unknown_cells[bit] = np.count_nonzero(unknown & land & ~cells)
                    cells |= unknown  # noqa: PLW2901 - in place: the array is this rule's own
                _add(planes, bit, cells)
        return JudgedWindow(window, _joined(planes), land, unknown_cells)

    def judge_all(
        self, memory_mb: float = MEMORY_MB, workers: int | None = None, side: int | None = None
    ) -> Iterator[JudgedWindow]:
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

        Yields
        ------
        JudgedWindow
            In the order of :func:`siteopt.screening.windows.windows_of`.
        """
        halo = max((rule.halo(self.lattice.cell_m) for rule in self.rules), default=0)
        with cluster() as pool:
            if pool is not None:
                yield from _judge_on_cluster(self, pool, memory_mb, side, halo)
                return
        threads = (os.cpu_count() or 1) if workers is None else workers
        windows = windows_of(self.lattice, side or side_for_memory(memory_mb * _MIB, halo, threads))
        if threads < 2 or len(windows) < 2:  # noqa: PLR2004 - more than one
            yield from map(self.judge, windows)
            return
        with ThreadPoolExecutor(threads) as local:
            yield from in_order(local, self.judge, windows, threads)


def _judge_on_cluster(
    rules: RuleSet, pool: ClusterExecutor, memory_mb: float, side: int | None, halo: int
) -> Iterator[JudgedWindow]:
    """Yield judged windows of a cluster; the rules go to each worker once.

    Workers open the files of rasters themselves where all of them have the same file under the same
    path. Values of other files are read here and sent window by window.
    """
    if side is None:
        most = side_for_memory(memory_mb * _MIB, halo, pool.cores_of_worker)
        side = side_for_workers(rules.lattice, most, pool.cores)
    here = [rule for rule in rules.rules if _is_only_here(rule, pool)]
    there = replace(rules, rules=tuple(rule for rule in rules.rules if rule not in here))
    tasks = (
        (window, tuple(rule.cut(rules.lattice, window) for rule in here))
        for window in windows_of(rules.lattice, side)
    )
    yield from in_order(pool, partial(_judge_with, there), tasks, _AHEAD * pool.cores)


def _is_only_here(rule: Rule, pool: ClusterExecutor) -> TypeGuard[ThresholdRules]:
    """Return whether a rule reads a file that some worker does not have."""
    raster = getattr(rule, "raster", None)
    if not isinstance(raster, RasterFile):
        return False
    return not all(pool.on_every_worker(is_same_file, raster.path, raster.signature))


def _judge_with(rules: RuleSet, task: tuple[Window, tuple[Rule, ...]]) -> JudgedWindow:
    """Judge a window by shared rules, and by others that came with it."""
    window, more = task
    return replace(rules, rules=(*rules.rules, *more)).judge(window)


def _add(planes: NDArray[np.uint8], bit: int, cells: NDArray[np.bool_]) -> None:
    """Set a bit where cells are taken."""
    planes[bit // 8] |= cells.view(np.uint8) << np.uint8(bit % 8)


def _joined(planes: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Return planes of eight reasons each as one number a cell."""
    reasons: NDArray[np.uint32] = planes[0].astype(np.uint32)
    for place, plane in enumerate(planes[1:], start=1):
        reasons |= plane.astype(np.uint32) << np.uint32(8 * place)
    return reasons
