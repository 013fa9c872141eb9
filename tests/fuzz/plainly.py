"""Plain readings shared by kinds: cells of CSV, numbers, texts, geometry in EPSG:5179."""

from __future__ import annotations

import csv
import math
import re
from functools import cache
from io import StringIO
from typing import Any

import numpy as np
import pyproj
import shapely

from tests.fuzz.kinds import UnknownError, UnsoundError

__all__ = ["csv_rows", "id_text", "number", "placed", "text_of", "words"]

KOREA = (124.0, 32.9, 132.0, 39.0)
HUGE = 1e15
"""No figure of any layer is larger."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_NO_TEXT = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_ID = re.compile(r"[\w.-]{1,64}")
_MISSING = ("", "nan", "NaN")


def text_of(content: bytes) -> str:
    """Return text in UTF-8 or CP949."""
    if b"\0" in content:
        raise UnsoundError("it holds zero bytes")
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnsoundError("it is no text")


def csv_rows(content: bytes) -> list[dict[str, str]]:
    """Return the rows of a CSV table as text."""
    text = text_of(content)
    try:
        rows = [row for row in csv.reader(StringIO(text, newline=""), skipinitialspace=True) if row]
    except csv.Error as error:
        raise UnsoundError(f"it is no CSV: {error}") from error
    if len(rows) < 2:
        raise UnsoundError("it has no rows")
    head = [name.strip() for name in rows[0]]
    if len(set(head)) != len(head):
        raise UnsoundError("two columns have one name")
    if any(len(row) != len(head) for row in rows):
        raise UnsoundError("a row has other cells than the header")
    return [dict(zip(head, row, strict=True)) for row in rows[1:]]


def number(
    cell: Any, *, low: float = -HUGE, high: float = HUGE, empty: bool = False
) -> float | None:
    """Return a cell as a number; UnsoundError where it is none or lies out of bounds."""
    if cell is None or (isinstance(cell, str) and cell.strip() in _MISSING):
        if empty:
            return None
        raise UnsoundError("a number is missing")
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise UnsoundError(f"{cell!r:.40} is no number")
    if isinstance(cell, str) and not _NUMBER.fullmatch(cell.strip()):
        raise UnsoundError(f"{cell!r:.40} is no number")
    try:
        value = float(cell)
    except (OverflowError, ValueError) as error:
        raise UnsoundError("a number is too large") from error
    if not (math.isfinite(value) and low <= value <= high):
        raise UnsoundError(f"{value:g} cannot be")
    return value


def words(cell: Any, *, empty: bool = True) -> str:
    """Return a cell as text; UnsoundError where it holds signs that are none."""
    if cell is None or (isinstance(cell, str) and cell in _MISSING):
        if empty:
            return ""
        raise UnsoundError("a text is missing")
    if isinstance(cell, bool | dict | list):
        raise UnknownError(f"{cell!r:.40} as text")
    said = str(cell)
    if _NO_TEXT.search(said):
        raise UnsoundError("a text holds control signs")
    return said


def id_text(cell: Any) -> str:
    """Return a stable id of a parcel."""
    if cell is None or isinstance(cell, bool | dict | list):
        raise UnsoundError(f"{cell!r:.40} is no id")
    if isinstance(cell, float):
        if not math.isfinite(cell) or abs(cell) >= 2**53:
            raise UnsoundError(f"{cell!r} is no exact id")
        if cell.is_integer():
            cell = int(cell)
    said = str(cell).strip()
    if not _ID.fullmatch(said):
        raise UnsoundError(f"{said!r:.40} is no id")
    return said


@cache
def _to_5179(crs: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(crs, 5179, always_xy=True)


@cache
def _to_degrees(crs: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(crs, 4326, always_xy=True)


def placed(shape: shapely.Geometry, crs: str = "EPSG:4326") -> shapely.Geometry:
    """Return a sound geometry in EPSG:5179; UnsoundError where it is not sound or not in Korea."""
    if shape is None or shape.is_empty:
        raise UnsoundError("a geometry is empty")
    flat = shapely.force_2d(shape)
    xy = shapely.get_coordinates(flat)
    if not np.isfinite(xy).all():
        raise UnsoundError("a coordinate is not finite")
    if not flat.is_valid:
        raise UnsoundError("a geometry is not valid")
    lon, lat = _to_degrees(crs).transform(*xy.T)
    west, south, east, north = KOREA
    if not ((lon >= west - 0.1) & (lon <= east + 0.1) & (lat >= south - 0.1) & (lat <= north + 0.1)).all():  # fmt: skip
        raise UnsoundError("it lies outside Korea")
    return shapely.transform(flat, lambda x, y: _to_5179(crs).transform(x, y), interleaved=False)
