"""The user's list of places: names, and coordinates where a name is not enough."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from siteopt.errors import LayerError
from siteopt.layers._rows import seen
from siteopt.layers._text import header_of, read_text

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["NamedPlace", "read_named_places"]

_MOST: Final = 1000
"""Places of a list: each is answered in full on the page."""
_LONGEST: Final = 200
"""Signs of a name or note; longer ones are no names."""
_PAIRS: Final = (("lon", "lat"), ("x", "y"))


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A row of the list.

    Attributes
    ----------
    row : int
        Row of the file, the header being 1.
    name : str
        As it is to be told.
    degrees : tuple of float or None
        Longitude and latitude.
    metres : tuple of float or None
        x and y, EPSG:5179.
    note : str
        The user's own.
    """

    row: int
    name: str
    degrees: tuple[float, float] | None
    metres: tuple[float, float] | None
    note: str


def read_named_places(path: Path) -> list[NamedPlace]:
    """Return the rows of a list of places.

    Parameters
    ----------
    path : Path
        CSV (UTF-8 or CP949) with ``name`` and, where wanted, ``lon, lat`` or ``x, y``, and ``note``;
        other columns are passed over.

    Raises
    ------
    LayerFileError
        If the file cannot be opened.
    LayerError
        If it is no CSV with a column ``name``, a row has no name, or a coordinate is no number.
    """
    text = read_text(path)
    header = header_of(text, path)
    if "name" not in header:
        raise LayerError(
            f"{path.name}: column name is missing; a list of places has name, and where wanted lon, "
            "lat (degrees) or x, y (EPSG:5179), and note"
        )
    rows = list(csv.reader(io.StringIO(text, newline="")))[1:]
    found = [
        _place(dict(zip(header, (cell.strip() for cell in row), strict=True)), number, path.name)
        for number, row in enumerate(rows, start=2)
        if any(cell.strip() for cell in row)
    ]
    if not found:
        raise LayerError(f"{path.name}: no places below the column names; at least one is needed")
    if len(found) > _MOST:
        raise LayerError(
            f"{path.name}: {len(found):,} places; at most {_MOST:,} are answered, give a shorter list"
        )
    return found


def _place(cells: dict[str, str], row: int, file: str) -> NamedPlace:
    name, note = cells["name"], cells.get("note", "")
    if not name:
        raise LayerError(f"{file}: row {row}: name is empty; every place needs one")
    for column, text in (("name", name), ("note", note)):
        if len(text) > _LONGEST:
            raise LayerError(
                f"{file}: row {row}: {column} has {len(text)} signs; at most {_LONGEST} are told"
            )
        hidden = next((sign for sign in text if not sign.isprintable()), None)
        if hidden is not None:
            raise LayerError(
                f"{file}: row {row}: {column} ({seen(text)}) holds U+{ord(hidden):04X}, a sign that is "
                "not to be seen; write it anew"
            )
    degrees, metres = (_pair(cells, pair, row, file) for pair in _PAIRS)
    return NamedPlace(row, name, degrees, metres, note)


def _pair(
    cells: dict[str, str], pair: tuple[str, str], row: int, file: str
) -> tuple[float, float] | None:
    given = [cells.get(column, "") for column in pair]
    if not any(given):
        return None
    numbers = []
    for column, text in zip(pair, given, strict=True):
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            shown = seen(repr(text)) if text else "empty"
            raise LayerError(
                f"{file}: row {row}: {column} is {shown}; a number is needed, or nothing in both "
                f"{pair[0]} and {pair[1]}"
            )
        numbers.append(number)
    return numbers[0], numbers[1]
