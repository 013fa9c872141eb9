"""Conversion of table values to JSON types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["clean_column", "plain", "records"]


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain values for JSON; what is not known is None.

    Parameters
    ----------
    table : DataFrame
        Any table.
    """
    return [
        {str(name): plain(value) for name, value in zip(table.columns, row, strict=True)}
        for row in table.itertuples(index=False, name=None)
    ]


def plain(value: object) -> Any:  # noqa: ANN401 - whatever JSON has
    """Return a value of a table as JSON has it.

    Parameters
    ----------
    value : object
        Value to convert.
    """
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, np.bool_ | bool):
        return bool(value)
    if isinstance(value, np.integer | int):
        return int(value)
    if isinstance(value, np.floating | float):
        return float(value) if np.isfinite(value) else None
    return str(value)


def clean_column(column: pd.Series[Any]) -> list[Any]:
    """Return the values of a column as plain ones; None where they are not known, or empty.

    Parameters
    ----------
    column : Series
        Values of one column.
    """
    known = column.notna().to_numpy()
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_numeric_dtype(column):
        return _plain_numbers(column, known)
    values = column.to_numpy(dtype=object)  # one by one, strings of Arrow are slow
    return [(value or None) if there else None for value, there in zip(values, known, strict=True)]


def _plain_numbers(column: pd.Series[Any], known: NDArray[np.bool_]) -> list[Any]:
    """Return numbers or truth values of a column as Python has them, all of them in one step."""
    if not isinstance(column.dtype, np.dtype):  # one of pandas' own, with a sign for not known
        cells = column.astype(object).where(known, None)
        return [value.item() if hasattr(value, "item") else value for value in cells]
    values: list[Any] = column.to_numpy().tolist()
    if known.all():
        return values
    return [value if there else None for value, there in zip(values, known.tolist(), strict=True)]
