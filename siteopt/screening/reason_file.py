"""GeoTIFF of the reasons of every cell, written window by window in bounded memory.

The file is a Cloud Optimized GeoTIFF without overviews: tiled, its directory in front. It appears
under its name when it is whole and has been read back; nothing stands there before.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import rasterio
from rasterio.errors import RasterioError
from rasterio.windows import Window as RasterioWindow

from siteopt.errors import LayerFileError, why_not_read
from siteopt.lattice import CRS_EPSG
from siteopt.screening.judging import MEMORY_MB
from siteopt.screening.reason_counts import ReasonCounts, count_codes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rasterio.io import DatasetWriter

    from siteopt.screening.judging import JudgedWindow, RuleSet
    from siteopt.screening.windows import Window

__all__ = ["NOT_LAND", "ScreenedFile", "write_reasons"]

NOT_LAND: Final = "not_land"
"""Id of the bit after those of the exclusions: the cell does not count as land."""

_BLOCK: Final = 256
_CACHE_MB: Final = 64
"""Memory of GDAL for blocks that are not on disk yet."""


@dataclass(frozen=True, slots=True, eq=False)
class ScreenedFile:
    """A written GeoTIFF of reasons, and what is in it.

    Attributes
    ----------
    path : Path
        Where it is. Bit i of a cell is exclusion i; the bit after the last marks cells that are
        no land; 0 is eligible land.
    counts : ReasonCounts
        Areas of land by reason.
    """

    path: Path
    counts: ReasonCounts


def write_reasons(
    rules: RuleSet, path: Path, memory_mb: float = MEMORY_MB, workers: int | None = None,
    side: int | None = None,
) -> ScreenedFile:  # fmt: skip
    """Judge all cells of a grid and write their reasons to a GeoTIFF.

    Parameters
    ----------
    rules : RuleSet
        As :func:`siteopt.screening.exclusions.prepare_rules` returns them.
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
    bits = len(rules.exclusions) + 1
    kind = np.min_scalar_type((1 << bits) - 1)
    parts, unknown = [], np.zeros(bits - 1, dtype=np.int64)
    with _whole_file(path) as part:
        with _created(part, rules, kind) as file:
            for judged in rules.judge_all(memory_mb, workers, side):
                file.write(_codes(judged, bits - 1, kind), 1, window=_in_file(judged.window))
                parts.append(count_codes(judged.reasons[judged.land], bits - 1))
                unknown += judged.unknown_cells
        _read_back(part)
    counts = ReasonCounts.total(rules.exclusions, parts, unknown.tolist(), rules.lattice.cell_ha)
    return ScreenedFile(path, counts)


def _codes(judged: JudgedWindow, not_land_bit: int, kind: np.dtype[Any]) -> Any:  # noqa: ANN401 - an array
    codes = judged.reasons.astype(kind)
    codes |= (~judged.land).astype(kind) << kind.type(not_land_bit)
    return codes


def _in_file(window: Window) -> RasterioWindow:
    return RasterioWindow(window.col, window.row, window.n_cols, window.n_rows)


@contextmanager
def _whole_file(path: Path) -> Iterator[Path]:
    """Give a name beside a file, which takes its place at the end; it is gone after an error."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with rasterio.Env(GDAL_CACHEMAX=_CACHE_MB, GDAL_PAM_ENABLED="NO"):
            yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
    except (OSError, RasterioError) as error:
        raise LayerFileError(
            f"{path}: cannot be written ({why_not_read(error)}); is there room on the disk, and is "
            "the folder yours to write?"
        ) from error
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _created(part: Path, rules: RuleSet, kind: np.dtype[Any]) -> Iterator[DatasetWriter]:
    lattice = rules.lattice
    profile = {
        "driver": "GTiff", "height": lattice.n_rows, "width": lattice.n_cols, "count": 1,
        "dtype": kind.name, "crs": f"EPSG:{CRS_EPSG}", "transform": lattice.transform,
        "tiled": True, "blockxsize": _BLOCK, "blockysize": _BLOCK, "compress": "DEFLATE",
        "zlevel": 1, "bigtiff": "IF_SAFER",
    }  # fmt: skip
    tags = {"BIT_COUNT": str(len(rules.exclusions)), "ELIGIBLE": "0"}
    for bit, exclusion in enumerate(rules.exclusions):
        tags[f"BIT_{bit:02d}"] = exclusion.id
        tags[f"BIT_{bit:02d}_KO"] = exclusion.title.ko
        tags[f"BIT_{bit:02d}_EN"] = exclusion.title.en
    tags[f"BIT_{len(rules.exclusions):02d}"] = NOT_LAND
    with rasterio.open(part, "w", **profile) as file:
        file.set_band_description(1, "reasons (bit mask)")
        file.update_tags(**tags)
        yield file


def _read_back(part: Path) -> None:
    """Raise OSError if a block does not lie in the file as a whole.

    GDAL writes blocks when it needs their memory or closes the file, and what fails then is not
    always raised.
    """
    size = part.stat().st_size
    with rasterio.open(part, driver="GTiff") as file:
        for row in range(-(-file.height // _BLOCK)):
            for col in range(-(-file.width // _BLOCK)):
                offset, length = (
                    file.get_tag_item(f"BLOCK_{what}_{col}_{row}", "TIFF", bidx=1)
                    for what in ("OFFSET", "SIZE")
                )
                if offset is None or int(offset) + int(length or 0) > size:
                    raise OSError(f"the block in row {row}, column {col} is not there")
