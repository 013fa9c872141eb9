"""Row labels in messages, and the first faulty row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import ArrayLike

    from siteopt.layers.schemas import LayerSchema

__all__ = ["first_true", "row_namer", "seen", "shown"]

_ROW_OF_CSV: Final = 2
"""The first row below the header is line 2 of a CSV file."""


def row_namer(frame: pd.DataFrame, schema: LayerSchema | None, path: Path) -> Callable[[int], str]:
    """Return how a row is called in messages: its place in the file and its key."""
    csv = path.suffix.lower() == ".csv"
    keys = [key for key in (schema.key if schema else ()) if key in frame]

    def name(place: int) -> str:
        where = f"row {frame.index[place] + _ROW_OF_CSV}" if csv else f"feature {place + 1}"
        if not keys:
            return where
        values = ", ".join(f"{key} {frame[key].iloc[place]}" for key in keys)
        return f"{where} ({seen(values)})"

    return name


def seen(text: str) -> str:
    """Return a text of a file as a message shows it, in one line and without hidden signs."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def first_true(bad: ArrayLike) -> int | None:
    """Return the first place where ``bad`` is true."""
    places = np.flatnonzero(bad)
    return int(places[0]) if len(places) else None


def shown(cell: object) -> str:
    """Return a cell as messages show it: 'empty', a plain number, or quoted text."""
    plain = cell.item() if isinstance(cell, np.generic) else cell
    if isinstance(plain, list | tuple | dict | np.ndarray):  # of a GeoJSON
        return repr(plain.tolist() if isinstance(plain, np.ndarray) else plain)
    return "empty" if plain is None or plain is pd.NA or plain != plain else repr(plain)  # noqa: PLR0124
