"""Bands of the files of a screening: what each holds of a judged window, and its metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from siteopt.screening.limits import limit_of
from siteopt.screening.margins import ELIGIBLE, NOT_LAND_CODE, MeasuredRules

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from siteopt.scenario import Exclusion
    from siteopt.screening.judging import JudgedWindow, RuleSet

__all__ = ["NOT_LAND", "Band", "bands_of", "beside"]

NOT_LAND: Final = "not_land"
"""Id of the bit after those of the exclusions: the cell does not count as land."""


class Band(NamedTuple):
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


def bands_of(rules: RuleSet, path: Path) -> list[Band]:
    """Return the files of a screening: the reasons first, then what is measured.

    Parameters
    ----------
    rules : RuleSet
        Those that judge the windows.
    path : Path
        File of the reasons.
    """
    exclusions = rules.exclusions
    bits = len(exclusions)
    kind = np.min_scalar_type((1 << (bits + 1)) - 1)

    def codes(judged: JudgedWindow) -> NDArray[Any]:
        cells = judged.reasons.astype(kind)
        cells |= (~judged.land).astype(kind) << kind.type(bits)
        return cells

    def more_codes(cells: NDArray[Any], bits_of_areas: NDArray[np.uint32]) -> NDArray[Any]:
        both: NDArray[Any] = cells | bits_of_areas.astype(kind)
        return both

    bands = [
        Band(
            path, kind, "reasons (bit mask)", _bit_tags(exclusions), None, "nearest", codes,
            more_codes,
        )
    ]  # fmt: skip
    if isinstance(rules, MeasuredRules) and rules.with_nearly:
        bands.append(
            Band(
                beside(path, "nearly"), np.dtype(np.float32), "margin of nearly eligible cells",
                _margin_tags(exclusions), float("nan"), "nearest", lambda judged: judged.nearly,
            )
        )  # fmt: skip
    if isinstance(rules, MeasuredRules) and rules.with_strictest:
        bands.append(
            Band(
                beside(path, "strictest"), np.dtype(np.uint8), "strictest reason",
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


def beside(path: Path, what: str) -> Path:
    """Return the name of a file that goes with another one: ``land-nearly.tif`` of ``land.tif``."""
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
