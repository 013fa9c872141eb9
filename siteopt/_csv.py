"""Tables as CSV that Excel, pandas and QGIS read the same way: the one writer of all that leaves.

A text that a spreadsheet would compute has a mark (:mod:`siteopt._formula_marks`), which
:func:`read_csv` takes away again.
"""

from __future__ import annotations

import csv
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from siteopt._formula_marks import MARK, harmless, is_marked, without_mark

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["csv_text", "harmless", "read_csv", "significant", "write_csv"]

_DIGITS: Final = 9
"""Significant digits of a figure, unless told otherwise."""

_CHUNK_ROWS: Final = 20_000
"""Rows that pandas formats at a time: few rows of many columns cost more in its own work."""

_COORDINATES: Final = {"lon": "CoordX", "lat": "CoordY"}


def write_csv(table: pd.DataFrame, path: Path, *, digits: int = _DIGITS) -> None:
    """Write a table, and beside it ``.csvt`` with the types of its columns.

    UTF-8 with a byte order mark: Excel in Korean reads a file without one as CP949. What is not
    known is empty. QGIS and GDAL read the types, so that ``0012`` stays text and ``lon``, ``lat``
    become a point.

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
    path.write_bytes(csv_text(short).encode("utf-8-sig"))
    types = ",".join(f'"{_gdal_type(str(name), table[name])}"' for name in table.columns)
    path.with_suffix(".csvt").write_bytes(f"{types}\n".encode("ascii"))


def csv_text(table: pd.DataFrame, *, float_format: str | None = None) -> str:
    """Return a table as CSV, without its index; no text in it, nor the name of a column, computes.

    Parameters
    ----------
    table : DataFrame
        Any table.
    float_format : str, optional
        How figures are written; all their digits by default.
    """
    told = table.rename(columns=harmless)
    for place, name in enumerate(told.columns):
        if _is_text(table.iloc[:, place]):
            told[name] = _harmless_column(table.iloc[:, place])
    # A lone carriage return ends a line for most readers, and the csv module does not quote it.
    returns = any("\r" in text for text in _texts(told))
    return told.to_csv(
        index=False, lineterminator="\n", float_format=float_format,
        quoting=csv.QUOTE_NONNUMERIC if returns else csv.QUOTE_MINIMAL, chunksize=_CHUNK_ROWS,
    )  # fmt: skip


def _harmless_column(column: pd.Series) -> pd.Series:
    """Return a column of texts in which none computes; a text that repeats is looked at once."""
    cells = column.astype(object)
    texts = {cell: harmless(cell) for cell in {one for one in cells if isinstance(one, str)}}
    if all(text == told for text, told in texts.items()):
        return cells
    return cells.map(lambda cell: texts[cell] if isinstance(cell, str) else cell, "ignore")


def read_csv(content: bytes, dtype: Any = None) -> pd.DataFrame:  # noqa: ANN401 - as pandas has it
    """Return a table from what :func:`write_csv` wrote, its texts as they were.

    Parameters
    ----------
    content : bytes
        The file.
    dtype : dtype or dict, optional
        Types of columns by name, as of `pandas.read_csv`.
    """
    # Read as a whole: by parts, a text column that is empty at first has mixed types.
    table = pd.read_csv(BytesIO(content), dtype=dtype, encoding="utf-8-sig", low_memory=False)
    for name in table.columns:
        if _is_text(table[name]):
            cells = table[name].astype(object).tolist()
            if any(isinstance(cell, str) and cell[:1] == MARK for cell in cells):
                marked = [is_marked(cell) for cell in cells]
                table.loc[marked, name] = table.loc[marked, name].str[1:]
    return table.rename(columns=without_mark)


def _is_text(column: pd.Series) -> bool:
    return not pd.api.types.is_numeric_dtype(column)


def _texts(table: pd.DataFrame) -> list[str]:
    columns = (table.iloc[:, place] for place in range(table.shape[1]))
    cells = [cell for column in columns if _is_text(column) for cell in column.dropna()]
    return [str(cell) for cell in [*table.columns, *cells]]


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
