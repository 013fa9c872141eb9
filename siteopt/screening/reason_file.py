"""Files of a screening: the reasons of every cell, and by how much cells miss limits.

Cloud Optimized GeoTIFFs, made of a stream of judged windows in bounded memory. They appear under
their names when all of them are whole and have been read back.
"""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import rasterio
from rasterio.errors import RasterioError

from siteopt._csv import csv_text
from siteopt._files import write_whole
from siteopt.errors import LayerFileError, ScenarioError, why_not_read
from siteopt.screening.cog import check_blocks, to_cog, write_window, written_tiles
from siteopt.screening.file_bands import bands_of, beside
from siteopt.screening.judging import MEMORY_MB
from siteopt.screening.margin_counts import MarginCounts
from siteopt.screening.margins import MeasuredRules, MeasuredWindow
from siteopt.screening.patch_file import read_window, small_patch_bits
from siteopt.screening.reason_counts import ReasonCounts, count_codes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import pandas as pd
    from rasterio.io import DatasetWriter

    from siteopt.screening.file_bands import Band
    from siteopt.screening.judging import JudgedWindow, RuleSet

__all__ = ["ScreenedFile", "write_judged", "write_reasons"]


@dataclass(frozen=True, slots=True, eq=False)
class ScreenedFile:
    """Files of a screening, and the areas in them.

    Attributes
    ----------
    path : Path
        Reasons of every cell. Bit i is exclusion i; the bit after the last marks cells that are
        no land; 0 is eligible land. Tags ``BIT_00``, ``BIT_01``, ... name them.
    counts : ReasonCounts
        Areas of land by reason.
    nearly : Path or None
        Margins of nearly eligible cells (float32): by how much a cell that exactly one reason
        excludes misses its limit, in the unit of the limit; NaN elsewhere and where no other limit
        would let the cell in.
    strictest : Path or None
        Strictest reason of every cell (uint8): 0 eligible, i + 1 exclusion i, 255 no land.
    margins : MarginCounts or None
        Margins by reason; None unless they were measured.
    """

    path: Path
    counts: ReasonCounts
    nearly: Path | None = None
    strictest: Path | None = None
    margins: MarginCounts | None = None

    def report(self) -> pd.DataFrame:
        """Return what each reason takes, as :meth:`siteopt.Eligibility.report` describes it."""
        return self.counts.report()

    def nearly_report(self) -> pd.DataFrame:
        """Return what each reason alone excludes, by how much, and what relaxing it would win.

        Returns
        -------
        DataFrame
            One row a reason, as
            :meth:`siteopt.screening.margin_counts.MarginCounts.table` describes it.

        Raises
        ------
        ScenarioError
            If margins were not measured.
        """
        if self.margins is None:
            raise ScenarioError(
                f"{self.path}: margins were not measured; screen with nearly=True (--nearly)"
            )
        return self.margins.table(self.counts.exclusions, self.counts)


def write_reasons(
    rules: RuleSet, path: Path, memory_mb: float = MEMORY_MB, workers: int | None = None,
    side: int | None = None,
) -> ScreenedFile:  # fmt: skip
    """Judge all cells of a grid and write their reasons to a GeoTIFF.

    Parameters
    ----------
    rules : RuleSet
        As :func:`siteopt.screening.exclusions.prepare_rules` returns them; those that measure
        margins have files for them written beside it.
    path : Path
        The file; replaced where there is one.
    memory_mb : float
        Memory that the windows judged at the same time may take; the grid itself is never in
        memory.
    workers : int, optional
        Windows judged at the same time; as many as there are cores by default.
    side : int, optional
        Rows and columns of a window, a multiple of 256; what fits into memory by default.

    Raises
    ------
    LayerFileError
        If the file cannot be written, as when the disk is full; none is left then.
    """
    folder = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with _errors_name(path):
            folder.mkdir(mode=0o700)
        return write_judged(rules.judge_all(memory_mb, workers, side), rules, path, folder, workers)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_judged(
    windows: Iterable[JudgedWindow], rules: RuleSet, path: Path, folder: Path,
    threads: int | None = None,
) -> ScreenedFile:  # fmt: skip
    """Write judged windows, which cover a grid once, to Cloud Optimized GeoTIFFs.

    Parameters
    ----------
    windows : iterable of JudgedWindow
        In any order; of rules that measure margins, measured windows.
    rules : RuleSet
        Those that judged them.
    path : Path
        File of the reasons. Margins and strictest reasons get its name with ``-nearly`` and
        ``-strictest``, tables of areas and margins ``-reasons.csv`` and ``-nearly.csv``.
    folder : Path
        Folder on the same disk for files that are not whole yet.
    threads : int, optional
        Threads that compress; as many as there are cores by default.

    Raises
    ------
    LayerFileError
        If a file cannot be written, as when the disk is full.
    """
    bands = bands_of(rules, path)
    with _errors_name(path):
        counts, margins = _write_tiles(windows, rules, bands, folder)
        if rules.areas:
            counts = _judge_areas(rules, bands, folder, counts)
        whole = []
        for band in bands:
            tiles, copy = folder / band.path.name, folder / f"cog-{band.path.name}"
            check_blocks(tiles)
            to_cog(tiles, copy, band.overviews, threads or os.cpu_count() or 1)
            tiles.unlink()
            whole.append((copy, band.path))
        written = _screened(rules, path, counts, margins)
        whole += _tables(written, folder)
        for part, name in reversed(whole):  # the reasons last
            part.replace(name)
    return written


def _judge_areas(
    rules: RuleSet, bands: list[Band], folder: Path, counts: ReasonCounts
) -> ReasonCounts:
    """Write anew the tiles that exclusions by area change; return what is in them then."""
    changing = [band for band in bands if band.with_areas is not None]
    parts = [(counts.codes, counts.cells)]
    with ExitStack() as stack:
        before = [
            stack.enter_context(rasterio.open(folder / band.path.name, driver="GTiff"))
            for band in changing
        ]
        after = [
            stack.enter_context(_tiles(folder / f"areas-{band.path.name}", rules, band))
            for band in changing
        ]
        for window, bits in small_patch_bits(rules, folder / bands[0].path.name):
            for old, new, band in zip(before, after, changing, strict=True):
                if band.with_areas is not None:
                    write_window(new, window, band.with_areas(read_window(old, window), bits))
            codes, cells = count_codes(bits[bits > 0], len(rules.exclusions))
            parts += [(codes, cells), (np.zeros_like(codes), -cells)]  # they were eligible
    for band in changing:
        (folder / f"areas-{band.path.name}").replace(folder / band.path.name)
    return ReasonCounts.total(rules.exclusions, parts, counts.unknown_cells, counts.cell_ha)


@contextmanager
def _tiles(path: Path, rules: RuleSet, band: Band) -> Iterator[DatasetWriter]:
    with written_tiles(path, rules.lattice, band.dtype, band.tags, band.nodata) as file:
        file.set_band_description(1, band.description)
        yield file


def _screened(
    rules: RuleSet, path: Path, counts: ReasonCounts, margins: MarginCounts
) -> ScreenedFile:
    if not isinstance(rules, MeasuredRules):
        return ScreenedFile(path, counts)
    nearly = beside(path, "nearly") if rules.with_nearly else None
    strictest = beside(path, "strictest") if rules.with_strictest else None
    return ScreenedFile(path, counts, nearly, strictest, margins if rules.with_nearly else None)


def _tables(written: ScreenedFile, folder: Path) -> list[tuple[Path, Path]]:
    """Write the tables into a folder; return where they are and what their names are."""
    tables = {beside(written.path, "reasons").with_suffix(".csv"): written.report()}
    if written.nearly is not None:
        tables[written.nearly.with_suffix(".csv")] = written.nearly_report()
    parts = []
    for name, table in tables.items():
        part = folder / name.name
        write_whole(part, csv_text(table).encode("utf-8-sig"))
        parts.append((part, name))
    return parts


def _write_tiles(
    windows: Iterable[JudgedWindow], rules: RuleSet, bands: list[Band], folder: Path
) -> tuple[ReasonCounts, MarginCounts]:
    """Write all files as tiles without overviews; return what is in them."""
    bits = len(rules.exclusions)
    parts, margins = [], MarginCounts.total([])
    unknown = np.zeros(bits, dtype=np.int64)
    with ExitStack() as stack:
        files = [
            stack.enter_context(_tiles(folder / band.path.name, rules, band)) for band in bands
        ]
        for judged in windows:
            for file, band in zip(files, bands, strict=True):
                write_window(file, judged.window, band.cells(judged))
            parts.append(count_codes(judged.reasons[judged.land], bits))
            unknown += judged.unknown_cells
            if isinstance(judged, MeasuredWindow):
                margins = MarginCounts.total([margins, judged.margins])
    cell_ha = rules.lattice.cell_ha
    return ReasonCounts.total(rules.exclusions, parts, unknown.tolist(), cell_ha), margins


@contextmanager
def _errors_name(path: Path) -> Iterator[None]:
    """Name the file in errors of writing it; those of layers name their own."""
    try:
        yield
    except LayerFileError:
        raise
    except (OSError, RasterioError) as error:
        raise LayerFileError(
            f"{path}: cannot be written ({why_not_read(error)}); is there room on the disk, and is "
            "the folder yours to write?"
        ) from error
