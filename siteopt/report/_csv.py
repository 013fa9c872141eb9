"""Tables as CSV that Excel, pandas and QGIS read the same way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["significant", "write_csv"]

_DIGITS: Final = 9
"""Significant digits of a figure, unless told otherwise."""

_FORMULA: Final = re.compile(r"[=@\t\r]|[+-](?![0-9.])")
"""How a text begins that a spreadsheet would compute."""

_COORDINATES: Final = {"lon": "CoordX", "lat": "CoordY"}


def write_csv(table: pd.DataFrame, path: Path, *, digits: int = _DIGITS) -> None:
    """Write a table, and beside it ``.csvt`` with the types of its columns.

    UTF-8 with a byte order mark: Excel in Korean reads a file without one as CP949. What is not
    known is empty. A text that a spreadsheet would take for a formula gets an apostrophe. QGIS
    and GDAL read the types, so that ``0012`` stays text and ``lon``, ``lat`` become a point.

    Parameters
    ----------
    table : DataFrame
        Without infinities.
    path : Path
        Ends in ``.csv``.
    digits : int
        Significant digits of a figure.
    """
    short = table.copy()
    for name in table.columns:
        if table.dtypes[name] == np.float64:
            short[name] = significant(table[name].to_numpy(), digits)
        elif _is_text(table[name]):
            short[name] = table[name].map(_harmless, na_action="ignore")
    short.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
    types = ",".join(f'"{_gdal_type(str(name), table[name])}"' for name in table.columns)
    path.with_suffix(".csvt").write_text(types + "\n", encoding="ascii", newline="\n")


def _is_text(column: pd.Series) -> bool:
    return not pd.api.types.is_numeric_dtype(column)


def _harmless(text: object) -> object:
    return f"'{text}" if isinstance(text, str) and _FORMULA.match(text) else text


def _gdal_type(name: str, column: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(column) or _is_text(column):
        return "String"
    if name in _COORDINATES:
        return _COORDINATES[name]
    return "Integer" if pd.api.types.is_integer_dtype(column) else "Real"


def significant(figures: NDArray[np.float64], digits: int) -> NDArray[np.float64]:
    """Round to so many significant digits."""
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.floor(np.log10(np.abs(figures)))
    decimals = np.where(np.isfinite(size), digits - 1 - size, 0).astype(np.int64)
    rounded = figures.copy()
    for places in np.unique(decimals):
        rounded[decimals == places] = np.round(figures[decimals == places], int(places))
    return rounded
