"""Upstream tables by si, gun and gu: read, checked, and brought to the embedded districts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.errors import LayerError, LayerFileError
from siteopt.layers.district_codes import DistrictCodes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from siteopt.layers.district_codes import How

__all__ = ["gathered", "percentile_rank", "read_district_table"]

_CODE: Final = "sgg_code_2026"


def read_district_table(path: Path, numbers: Mapping[str, tuple[float, float]]) -> pd.DataFrame:
    """Read an upstream table whose rows are districts of 2026.

    Parameters
    ----------
    path : Path
        CSV file with ``sgg_code_2026``.
    numbers : mapping
        Columns of numbers and the range that their values must lie in; empty cells are allowed.

    Raises
    ------
    LayerFileError
        If the file is not there.
    LayerError
        If a column is missing, a code appears twice, or a cell is no number or out of its range.
    """
    if not path.is_file():
        raise LayerFileError(f"{path}: not there; `--sources` must hold {path.name}")
    table = pd.read_csv(path, dtype=str, encoding="utf-8")
    for name in (_CODE, *numbers):
        if name not in table.columns:
            raise LayerError(f"{path.name}: column {name} is missing; it has one row a district")
    twice = table[_CODE].duplicated()
    if twice.any():
        row = int(np.flatnonzero(twice)[0])
        raise LayerError(
            f"{path.name}: row {row + 2}: {_CODE} {table[_CODE].iloc[row]} appears twice; one row "
            "a district is needed"
        )
    for name, (low, high) in numbers.items():
        values = pd.to_numeric(table[name], errors="coerce")
        wrong = table[name].notna() & ~values.between(low, high)
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise LayerError(
                f"{path.name}: row {row + 2}: {name} is {table[name].iloc[row]}; a number from "
                f"{low:g} to {high:g} or an empty cell is needed"
            )
        table[name] = values
    return table


def gathered(table: pd.DataFrame, how: Mapping[str, How], out: Path, file: str) -> pd.DataFrame:
    """Return a table with one row an embedded district, by the layer ``district_codes``.

    Parameters
    ----------
    table : DataFrame
        As :func:`read_district_table` returns it.
    how : mapping
        What becomes of the values of units that are one district here.
    out : Path
        Folder of the layer files; ``district_codes.csv`` must be in it.
    file : str
        What to call the table in errors.
    """
    path = out / "district_codes.csv"
    if not path.is_file():
        raise LayerFileError(f"{path}: not there; the district_codes builder must run before")
    codes = DistrictCodes(pd.read_csv(path, dtype=str))
    return codes.gather(table, how, _CODE, file=file)


def percentile_rank(score: pd.Series) -> pd.Series:
    """Return the share of the other known values that are lower, in percent; NaN stays.

    The lowest value has 0 and a highest that nobody shares has 100; equal values share the rank.

    Examples
    --------
    >>> percentile_rank(pd.Series([0.0, 0.0, 0.3, 0.1, None])).tolist()
    [0.0, 0.0, 100.0, 66.66666666666667, nan]
    """
    others = max(int(score.notna().sum()) - 1, 1)
    return 100.0 * (score.rank(method="min") - 1.0) / others
