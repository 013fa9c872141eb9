"""Columns of the tables of earlier stages as arrays, with an error where one cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from siteopt.errors import LayerError

if TYPE_CHECKING:
    import pandas as pd

    from siteopt._arrays import Floats, Ints, Texts


__all__ = ["floats", "index_of", "need", "texts"]


def need(table: pd.DataFrame, name: str, *columns: str) -> None:
    for column in columns:
        if column not in table.columns:
            raise LayerError(f"table {name}: column {column} is missing; the program needs it")


def texts(values: pd.Series[Any]) -> Texts:
    return np.asarray(values.astype(str).to_numpy(dtype=object), dtype=np.str_)


def floats(table: pd.DataFrame, column: str) -> Floats:
    values = np.asarray(table[column].to_numpy(), dtype=np.float64)
    wrong = np.flatnonzero(~np.isfinite(values))
    if wrong.size:
        raise LayerError(
            f"table column {column}, row {wrong[0] + 1}: {values[wrong[0]]} is not a number; "
            "give a finite one"
        )
    return values


def index_of(values: Texts, within: Texts) -> Ints:
    """Return the place of each value in a sorted array, -1 where it is not there."""
    if not within.size:
        return np.full(values.shape, -1, dtype=np.int64)
    place = np.minimum(np.searchsorted(within, values), len(within) - 1)
    return np.where(within[place] == values, place, -1).astype(np.int64)
