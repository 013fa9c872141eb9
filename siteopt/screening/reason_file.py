"""Files of a screening: the reasons of every cell, and by how much cells miss limits.

Cloud Optimized GeoTIFFs, made of a stream of judged windows in bounded memory. They appear under
their names when all of them are whole and have been read back.
"""

from __future__ import annotations

import os
import shutil
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import rasterio
from rasterio.errors import RasterioError

from siteopt._csv import csv_text
from siteopt._files import write_whole
from siteopt.errors import LayerFileError, ScenarioError, why_not_read
from siteopt.screening.cog import check_blocks, to_cog, write_window, written_tiles
from siteopt.screening.judging import MEMORY_MB
from siteopt.screening.limits import limit_of
from siteopt.screening.margin_counts import MarginCounts
from siteopt.screening.margins import ELIGIBLE, NOT_LAND_CODE, MeasuredRules, MeasuredWindow
from siteopt.screening.patch_file import read_window, small_patch_bits
from siteopt.screening.reason_counts import ReasonCounts, count_codes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray
    from rasterio.io import DatasetWriter

    from siteopt.scenario import Exclusion
    from siteopt.screening.judging import JudgedWindow, RuleSet

__all__ = ["NOT_LAND", "ScreenedFile", "write_judged", "write_reasons"]

NOT_LAND: Final = "not_land"
"""Id of the bit after those of the exclusions: the cell does not count as land."""


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


class _Band(NamedTuple):
    """One file of a screening.

    Attributes
    ----------
    path : Path
        Its name in the end.
    dtype : dtype
        Of its values.
    description : str
        Of its band.
    tags : dict
        Metadata.
    nodata : float or None
        Value of cells that have none.
    overviews : str
        How overviews are made: the mode of categories, else the nearest cell, as neither bit masks
        nor margins of different reasons have a mean.
    cells : callable
        What it holds of a judged window.
    with_areas : callable or None
        What it holds where exclusions by area set some bits beside; None where that is the same.
    """

    path: Path
    dtype: np.dtype[Any]
    description: str
    tags: dict[str, str]
    nodata: float | None
    overviews: str
    cells: Callable[[Any], NDArray[Any]]
    with_areas: Callable[[NDArray[Any], NDArray[np.uint32]], NDArray[Any]] | None = None


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
        ``-strictest``; tables of reasons and margins stand beside them as ``.csv``.
    folder : Path
        Folder on the same disk for files that are not whole yet.
    threads : int, optional
        Threads that compress; as many as there are cores by default.

    Raises
    ------
    LayerFileError
        If a file cannot be written, as when the disk is full.
    """
    bands = _bands(rules, path)
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
    rules: RuleSet, bands: list[_Band], folder: Path, counts: ReasonCounts
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


def _tiles(path: Path, rules: RuleSet, band: _Band) -> AbstractContextManager[DatasetWriter]:
    return written_tiles(path, rules.lattice, band.dtype, band.description, band.tags, band.nodata)


def _screened(
    rules: RuleSet, path: Path, counts: ReasonCounts, margins: MarginCounts
) -> ScreenedFile:
    if not isinstance(rules, MeasuredRules):
        return ScreenedFile(path, counts)
    nearly = _beside(path, "nearly") if rules.with_nearly else None
    strictest = _beside(path, "strictest") if rules.with_strictest else None
    return ScreenedFile(path, counts, nearly, strictest, margins if rules.with_nearly else None)


def _tables(written: ScreenedFile, folder: Path) -> list[tuple[Path, Path]]:
    """Write the tables into a folder; return where they are and what their names are."""
    tables = {written.path.with_suffix(".csv"): written.report()}
    if written.nearly is not None:
        tables[written.nearly.with_suffix(".csv")] = written.nearly_report()
    parts = []
    for name, table in tables.items():
        part = folder / name.name
        write_whole(part, csv_text(table).encode("utf-8-sig"))
        parts.append((part, name))
    return parts


def _write_tiles(
    windows: Iterable[JudgedWindow], rules: RuleSet, bands: list[_Band], folder: Path
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


def _bands(rules: RuleSet, path: Path) -> list[_Band]:
    exclusions = rules.exclusions
    bits = len(exclusions)
    kind = np.min_scalar_type((1 << (bits + 1)) - 1)

    def codes(judged: JudgedWindow) -> NDArray[Any]:
        cells = judged.reasons.astype(kind)
        cells |= (~judged.land).astype(kind) << kind.type(bits)
        return cells

    def more_codes(cells: NDArray[Any], bits_of_areas: NDArray[np.uint32]) -> NDArray[Any]:
        return cells | bits_of_areas.astype(kind)

    bands = [
        _Band(
            path, kind, "reasons (bit mask)", _bit_tags(exclusions), None, "nearest", codes,
            more_codes,
        )
    ]  # fmt: skip
    if isinstance(rules, MeasuredRules) and rules.with_nearly:
        bands.append(
            _Band(
                _beside(path, "nearly"), np.dtype(np.float32), "margin of nearly eligible cells",
                _margin_tags(exclusions), float("nan"), "nearest", lambda judged: judged.nearly,
            )
        )  # fmt: skip
    if isinstance(rules, MeasuredRules) and rules.with_strictest:
        bands.append(
            _Band(
                _beside(path, "strictest"), np.dtype(np.uint8), "strictest reason",
                _code_tags(exclusions), None, "mode", lambda judged: judged.strictest, _first_area,
            )
        )  # fmt: skip
    return bands


def _first_area(strictest: NDArray[np.uint8], bits: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Return strictest reasons where exclusions by area, which have no figure, take cells too."""
    found = strictest.copy()
    taken = bits > 0
    lowest = bits[taken] & (~bits[taken] + np.uint32(1))
    found[taken] = np.log2(lowest).astype(np.uint8) + 1
    return found


def _beside(path: Path, what: str) -> Path:
    return path.with_name(f"{path.stem}-{what}{path.suffix}")


def _titles(key: str, exclusion: Exclusion) -> dict[str, str]:
    return {
        key: exclusion.id,
        f"{key}_KO": exclusion.title.ko,
        f"{key}_EN": exclusion.title.en,
    }


def _bit_tags(exclusions: tuple[Exclusion, ...]) -> dict[str, str]:
    tags = {"BIT_COUNT": str(len(exclusions)), "ELIGIBLE": "0"}
    for bit, exclusion in enumerate(exclusions):
        tags |= _titles(f"BIT_{bit:02d}", exclusion)
    tags[f"BIT_{len(exclusions):02d}"] = NOT_LAND
    return tags


def _margin_tags(exclusions: tuple[Exclusion, ...]) -> dict[str, str]:
    tags = {}
    for bit, exclusion in enumerate(exclusions):
        limit = limit_of(exclusion)
        if limit is not None:
            tags[f"BIT_{bit:02d}"] = exclusion.id
            tags[f"BIT_{bit:02d}_LIMIT"] = limit.text
            tags[f"BIT_{bit:02d}_UNIT"] = limit.unit
    return tags


def _code_tags(exclusions: tuple[Exclusion, ...]) -> dict[str, str]:
    tags = {f"CODE_{ELIGIBLE:03d}": "eligible", f"CODE_{NOT_LAND_CODE:03d}": NOT_LAND}
    for bit, exclusion in enumerate(exclusions):
        tags |= _titles(f"CODE_{bit + 1:03d}", exclusion)
    return tags


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
