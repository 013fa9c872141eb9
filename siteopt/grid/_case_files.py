"""CSV form of a grid case: a folder of ``case_*.csv`` with the columns of our layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.errors import LayerError, LayerFileError
from siteopt.layers._columns import typed
from siteopt.layers.readers import read_table
from siteopt.layers.schemas import Field, LayerSchema

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["TABLES", "complete", "empty_table", "read_tables"]

TABLES: Final = ("case_buses", "case_branches", "case_generators", "case_dc_lines")

_ID: Final = Field("text", pattern=r"\S+")
_NEEDED: Final = Field("number")
_BLANK: Final = Field("number", nullable=True, required=False)
_NUMBER: Final = Field("number", required=False)
_STATUS: Final = Field("whole", 0, 1, required=False)
_TEXT: Final = Field("text", nullable=True, required=False)

_SCHEMAS: Final = {
    "case_buses": LayerSchema(
        ("bus_id",),
        {
            "bus_id": _ID, "name_ko": _TEXT, "name_en": _TEXT, "base_kv": _BLANK, "lon": _BLANK,
            "lat": _BLANK, "type": Field("whole", 1, 3, required=False), "p_load_mw": _NEEDED,
            "g_shunt_mw": _NUMBER, "solar_mw": _NUMBER, "wind_mw": _NUMBER, "hydro_mw": _NUMBER,
        },
    ),
    "case_branches": LayerSchema(
        ("branch_id",),
        {
            "branch_id": _ID, "from_bus": _ID, "to_bus": _ID, "r_pu": _NUMBER, "x_pu": _BLANK,
            "b_pu": _NUMBER, "rate_a_mva": _BLANK, "ratio": _NUMBER, "angle_deg": _NUMBER,
            "status": _STATUS, "flow_mw": _BLANK,
        },
    ),
    "case_generators": LayerSchema(
        ("generator_id",),
        {
            "generator_id": _ID, "bus_id": _ID, "name_ko": _TEXT, "name_en": _TEXT, "fuel": _TEXT,
            "p_min_mw": _NUMBER, "p_max_mw": _NEEDED, "in_service": _STATUS, "status": _STATUS, "output_mw": _BLANK,
            "cost_krw_mw2h": _NUMBER, "cost_krw_mwh": _NUMBER, "cost_krw_h": _NUMBER,
        },
    ),
    "case_dc_lines": LayerSchema(
        ("dc_line_id",),
        {
            "dc_line_id": _ID, "from_bus": _ID, "to_bus": _ID, "status": _STATUS,
            "flow_mw": _BLANK, "p_min_mw": _NEEDED, "p_max_mw": _NEEDED, "loss0_mw": _NUMBER,
            "loss1_pu": _NUMBER,
        },
    ),
}  # fmt: skip
"""What each table of the CSV form holds; what is not required may be missing."""

_ALSO_NEEDED: Final = {"case_branches": ("x_pu", "rate_a_mva")}
"""Columns that must be there although single cells of branches out of service may be empty."""


def complete(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return a table with every column of the case: in service, 0 or empty where missing.

    Parameters
    ----------
    table : DataFrame
        Table of a case as read.
    name : str
        Name of the table, such as ``branches``.
    """
    out = table.copy(deep=False)
    for column, item in _SCHEMAS[name].fields.items():
        if column in out:
            continue
        if item == _STATUS:
            out[column] = 1
        elif item.kind == "text":
            out[column] = ""
        elif item.kind == "number":
            out[column] = np.nan if item.nullable else 0.0
    return out


def empty_table(name: str) -> pd.DataFrame:
    """Return a table of a case without rows; LayerError where every case needs some."""
    if name != "case_dc_lines":
        raise LayerError(f"{name}: no such layer; a grid case needs buses, branches and generators")
    kinds = {"text": "str", "number": "float64", "whole": "int64"}
    return pd.DataFrame(
        {key: pd.Series(dtype=kinds[item.kind]) for key, item in _SCHEMAS[name].fields.items()}
    )


def _has_rows(path: Path) -> bool:
    """Return whether a file is there and holds more than column names."""
    return path.is_file() and sum(bool(line.strip()) for line in path.read_bytes().splitlines()) > 1


def _read(folder: Path, name: str) -> pd.DataFrame:
    path = folder / f"{name}.csv"
    if name == "case_dc_lines" and not _has_rows(path):
        return empty_table(name)
    if not path.is_file():
        raise LayerFileError(
            f"{path}: not there; a case folder holds one .m file, or case_buses.csv, "
            "case_branches.csv and case_generators.csv (case_dc_lines.csv if there are any)"
        )
    schema = _SCHEMAS[name]
    table = read_table(path, name)
    for column in _ALSO_NEEDED.get(name, ()):
        if column not in table:
            raise LayerError(f"{path.name}: column {column} is missing; every case needs it")
    return complete(typed(table, schema, path), name)


def read_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Read the CSV form; tables by name, columns as in :class:`siteopt.grid.case.GridCase`.

    Needed are ``bus_id, p_load_mw`` of buses; ``branch_id, from_bus, to_bus, x_pu, rate_a_mva``
    of branches; ``generator_id, bus_id, p_max_mw`` of generators; ``dc_line_id, from_bus,
    to_bus, p_min_mw, p_max_mw`` of DC lines (the file may be missing). ``in_service`` 0 takes a
    generator out of service, ``status`` 0 a branch or DC line; the ``status`` of a generator is
    whether it ran in the hour that the case was solved for.

    Parameters
    ----------
    folder : Path
        Folder of the ``case_*.csv`` files.

    Raises
    ------
    LayerFileError
        If a file is missing.
    LayerError
        If a column or cell cannot be right; the message names file, row and column.
    """
    return {name: _read(folder, name) for name in TABLES}
