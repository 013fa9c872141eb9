"""Features read by GDAL from a sanitised file."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import shapely

from siteopt.errors import LayerError
from siteopt.layers._file_errors import first_words

if TYPE_CHECKING:
    from pathlib import Path

    from pyproj import CRS

__all__ = ["Prepared", "as_digits", "formed"]

# GDAL's own warnings would reach the user as log lines; what matters is raised by the checks.
logging.getLogger("pyogrio").setLevel(logging.ERROR)

_WHOLE: Final = re.compile(r"([+-]?[0-9]+)(?:\.0*)?")
_FRACTION: Final = re.compile(r"[+-]?[0-9]*\.[0-9]+")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file in a private folder, safe to hand to GDAL.

    Attributes
    ----------
    source : str or Path
        What GDAL is given; its reader follows from it alone.
    crs : CRS, optional
        That of the coordinates, as found by us; None if the file has none.
    rows : int
        How many features it must give.
    encodings : tuple of str
        Encodings of its text, to be tried in this order; empty where the format has one.
    options : dict
        Open options of its reader.
    digits : tuple of str
        Columns whose numbers are read as the text in the file.
    """

    source: str | Path
    crs: CRS | None
    rows: int
    encodings: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    digits: tuple[str, ...] = ()


def as_digits(cell: object, where: str) -> str | None:
    """Return an id of a column of numbers as text, without a fraction of zeros.

    Raises
    ------
    LayerError
        If it is written with an exponent, so that its last digits are lost.
    """
    if not isinstance(cell, str):
        return None
    plain = cell.strip()
    whole = _WHOLE.fullmatch(plain)
    if whole is not None:
        return whole[1]
    if plain.strip("*") and not _FRACTION.fullmatch(plain):
        raise LayerError(
            f"{where} is the number {plain}, which need not be exact; make the column text"
        )
    return plain.strip("*") or None


def formed(prepared: Prepared, path: Path) -> gpd.GeoDataFrame:
    """Return the features of a file; the first whose geometry cannot be formed is a LayerError.

    Raises
    ------
    LayerError
        If text is in none of the encodings either.
    """
    for encoding in prepared.encodings or (None,):
        options = prepared.options | ({} if encoding is None else {"encoding": encoding})
        try:
            return _formed(prepared.source, options, path)
        except UnicodeDecodeError:
            continue
    if not prepared.encodings:
        raise LayerError(f"{path.name}: holds text that is not UTF-8; save it as UTF-8")
    raise LayerError(
        f"{path.name}: text is not in {' or '.join(prepared.encodings)}; write the right encoding "
        "into a .cpg file beside it (UTF-8 or CP949)"
    )


def _formed(source: str | Path, options: dict[str, Any], path: Path) -> gpd.GeoDataFrame:
    try:
        return gpd.read_file(source, engine="pyogrio", force_2d=True, **options)
    except shapely.errors.GEOSException as error:
        read = gpd.read_file(
            source, engine="pyogrio", force_2d=True, on_invalid="ignore", **options
        )
        place = int(read.geometry.isna().to_numpy().argmax()) + 1
        reason = first_words(error).removeprefix("IllegalArgumentException: ")
        raise LayerError(
            f"{path.name}: feature {place}: geometry cannot be formed ({reason}); finite "
            "coordinates and closed rings are needed"
        ) from error
