"""MATPOWER case files (``.m``, version 2) as the tables of a grid case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt._plain_data import hidden_sign
from siteopt.errors import LayerError, LayerFileError
from siteopt.grid._matlab import MatlabData, MatlabTable, is_number, number, read_matlab

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["read_matpower"]

_TABLES: Final = {"bus": 13, "gen": 10, "branch": 11, "gencost": 5, "dcline": 11}
"""Numeric tables that are read, and the fewest columns of each in version 2."""

_TEXTS: Final = ("bus_name", "genfuel")
_SCALARS: Final = ("version", "baseMVA")
_ENCODINGS: Final = ("utf-8-sig", "cp949")
_ISOLATED: Final = 4
_PIECEWISE, _POLYNOMIAL = 1, 2
_COSTS_FROM: Final = 4
_BRANCH_FLOW: Final = 13
_DC_LOSSES: Final = slice(15, 17)
_WHOLE_MAX: Final = 2**53


def read_matpower(path: Path, cost_unit_krw: float = 1.0) -> tuple[dict[str, pd.DataFrame], float]:
    """Read a MATPOWER case file of version 2.

    Ids are those of the file: bus numbers as text; branches, generators and DC lines by row
    (``L001``, ``G001``, ``D1``). Buses of type 4 (isolated) and what hangs on them are left out,
    as MATPOWER does. ``in_service`` of a generator is whether its GEN_STATUS is above 0; what is
    out of service may be on any bus. Costs: a polynomial up to the second degree as it is; a
    piecewise linear curve (``cost_points`` is its number of points) becomes the straight line
    between its first and last point; rows of reactive cost are passed over; without ``gencost``
    all costs are 0. Names come from ``bus_name``, fuels from ``genfuel``; further fields are
    ignored. The format is that of the MATPOWER User's Manual, appendix B.

    Parameters
    ----------
    path : Path
        The file, UTF-8, CP949 or Latin-1.
    cost_unit_krw : float, optional
        KRW in one unit of the costs of the file, which does not say its currency.

    Returns
    -------
    tables : dict of str to DataFrame
        ``case_buses``, ``case_branches``, ``case_generators``, ``case_dc_lines``.
    base_mva : float

    Raises
    ------
    LayerFileError
        If the file cannot be opened.
    LayerError
        If it is no case of version 2, computes its data, or a table or row is malformed; the
        message names file, line, table and row.
    """
    data = read_matlab(_text(path), path.name, _TABLES, _TEXTS, _SCALARS)
    try:
        base_mva = _base(data)
        tables = {
            "case_buses": _buses(data),
            "case_branches": _branches(data.tables["branch"]),
            "case_generators": _generators(data, cost_unit_krw),
            "case_dc_lines": _dc_lines(data.tables.get("dcline")),
        }
    except LayerError as error:
        raise LayerError(f"{path.name}: {error}") from None
    return _without_isolated(tables), base_mva


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LayerFileError(f"{path}: {error.strerror}; a readable .m file is needed") from error
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _base(data: MatlabData) -> float:
    version = data.scalars.get("version", "missing")
    if version not in {"'2'", '"2"', "2"}:
        version = version.strip("'\"")
        raise LayerError(f"mpc.version is {version}; a MATPOWER case of version 2 is needed")
    for name in ("bus", "gen", "branch"):
        if name not in data.tables:
            raise LayerError(f"mpc.{name} is missing; a case needs bus, gen and branch")
    given = data.scalars.get("baseMVA", "missing")
    base = number(given) if is_number(given) else np.nan
    if not 0 < base < np.inf:
        raise LayerError(f"mpc.baseMVA is {given}; a number above 0, such as 100, is needed")
    return base


def _whole(
    table: MatlabTable,
    column: int,
    what: str,
    low: float = 1,
    among: NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:
    """Return a column; the first cell (among some rows) that is not whole is a LayerError."""
    cells = table.cells[:, column] + 0.0  # no -0
    bad = (cells != np.round(cells)) | ~(cells >= low) | ~(cells < _WHOLE_MAX)
    if among is not None:
        bad &= among
    if bad.any():
        row = int(bad.argmax())
        raise LayerError(
            f"{table.where(row)}: {what} is {cells[row]:g}; a whole number of at least {low:g} "
            "is needed"
        )
    return cells


def _ids(
    table: MatlabTable, column: int, what: str, status: pd.Series[int] | None = None
) -> pd.Series[str]:
    """Return bus numbers as text; those of rows out of service stay as they are."""
    among = None if status is None else (status == 1).to_numpy()
    cells = _whole(table, column, what, among=among)
    return pd.Series([f"{cell:.17g}" for cell in cells], dtype="str")


def _status(table: MatlabTable, column: int) -> pd.Series[int]:
    """Return 1 where in service: MATPOWER counts every status above 0 so."""
    return pd.Series(_whole(table, column, "status", -_WHOLE_MAX) > 0, dtype="int64")


def _texts(data: MatlabData, name: str, count: int) -> pd.Series[str]:
    given = data.texts.get(name, [])
    for row, text in enumerate(given, start=1):
        if sign := hidden_sign(text):
            raise LayerError(
                f"{name} row {row}: holds {sign}, a sign that is not to be seen; remove it"
            )
    return pd.Series(given if len(given) == count else [""] * count, dtype="str")


def _numbered(prefix: str, table: MatlabTable, digits: int) -> pd.Series[str]:
    rows = range(1, len(table.cells) + 1)
    return pd.Series([f"{prefix}{row:0{digits}d}" for row in rows], dtype="str")


def _types(table: MatlabTable) -> NDArray[np.int64]:
    """Return the types of buses: 1 load, 2 generation, 3 reference, 4 isolated."""
    found = _whole(table, 1, "bus type").astype(np.int64)
    odd = np.flatnonzero(found > _ISOLATED)
    if len(odd):
        raise LayerError(
            f"{table.where(int(odd[0]))}: bus type is {found[odd[0]]}; 1, 2, 3 or 4 is needed"
        )
    return found


def _buses(data: MatlabData) -> pd.DataFrame:
    table = data.tables["bus"]
    bus = table.cells
    names = _texts(data, "bus_name", len(bus))
    return pd.DataFrame(
        {
            "bus_id": _ids(table, 0, "bus number"), "name_ko": names, "name_en": names,
            "lon": np.nan, "lat": np.nan, "base_kv": bus[:, 9],
            "solar_mw": 0.0, "wind_mw": 0.0, "hydro_mw": 0.0,
            "type": _types(table),
            "p_load_mw": bus[:, 2], "q_load_mvar": bus[:, 3],
            "g_shunt_mw": bus[:, 4], "b_shunt_mvar": bus[:, 5],
            "voltage_pu": bus[:, 7], "angle_deg": bus[:, 8],
            "voltage_min_pu": bus[:, 12], "voltage_max_pu": bus[:, 11],
        }
    )  # fmt: skip


def _branches(table: MatlabTable) -> pd.DataFrame:
    branch, status = table.cells, _status(table, 10)
    solved = branch.shape[1] > _BRANCH_FLOW
    return pd.DataFrame(
        {
            "branch_id": _numbered("L", table, 3),
            "from_bus": _ids(table, 0, "from bus", status), "to_bus": _ids(table, 1, "to bus", status),
            "r_pu": branch[:, 2], "x_pu": branch[:, 3], "b_pu": branch[:, 4],
            "rate_a_mva": branch[:, 5], "ratio": branch[:, 8], "angle_deg": branch[:, 9],
            "status": status,
            "flow_mw": branch[:, _BRANCH_FLOW] if solved else np.nan,
        }
    )  # fmt: skip


def _generators(data: MatlabData, cost_unit_krw: float) -> pd.DataFrame:
    table = data.tables["gen"]
    gen, status = table.cells, _status(table, 7)
    cost = _costs(data.tables.get("gencost"), len(gen)) * cost_unit_krw
    return pd.DataFrame(
        {
            "generator_id": _numbered("G", table, 3), "bus_id": _ids(table, 0, "bus", status),
            "fuel": _texts(data, "genfuel", len(gen)),
            "p_min_mw": gen[:, 9], "p_max_mw": gen[:, 8],
            "in_service": status, "status": status, "output_mw": gen[:, 1],
            "cost_krw_mw2h": cost[:, 0], "cost_krw_mwh": cost[:, 1], "cost_krw_h": cost[:, 2],
            "cost_points": _points(data.tables.get("gencost"), len(gen)),
        }
    )  # fmt: skip


def _costs(table: MatlabTable | None, count: int) -> NDArray[np.float64]:
    """Return quadratic, linear and constant cost of each generator in the unit of the file."""
    out = np.zeros((count, 3))
    if table is None:
        return out
    if len(table.cells) not in {count, 2 * count}:
        raise LayerError(
            f"gencost has {len(table.cells)} rows; {count} are needed as in gen, or twice as many "
            "with reactive cost"
        )
    for row in range(count):
        out[row] = _cost(table.cells[row], table.where(row))
    return out


def _points(table: MatlabTable | None, count: int) -> NDArray[np.int64]:
    """Return how many points the cost curve of each generator has, 0 for a polynomial."""
    if table is None:
        return np.zeros(count, dtype=np.int64)
    cells = table.cells[:count]
    return np.where(cells[:, 0] == _PIECEWISE, cells[:, 3], 0).astype(np.int64)


def _cost(row: NDArray[np.float64], where: str) -> NDArray[np.float64]:
    model, size = float(row[0]), float(row[3])
    if model not in {_PIECEWISE, _POLYNOMIAL}:
        raise LayerError(f"{where}: model is {model:g}; 1 (piecewise) or 2 (polynomial) is needed")
    least, width = (2, 2) if model == _PIECEWISE else (0, 1)
    if size != np.round(size) or not least <= size <= (len(row) - _COSTS_FROM) / width:
        raise LayerError(
            f"{where}: n is {size:g}; a whole number from {least} to what its {len(row)} columns "
            "hold is needed"
        )
    given = row[_COSTS_FROM : _COSTS_FROM + int(size) * width]
    if not np.isfinite(given).all():
        raise LayerError(f"{where}: a cost is no number; plain numbers are needed")
    if model == _PIECEWISE:
        if not (np.diff(given[::2]) > 0).all():
            raise LayerError(f"{where}: the MW of its points do not rise; each must be larger")
        slope = (given[-1] - given[1]) / (given[-2] - given[0])
        return np.array([0.0, slope, given[1] - slope * given[0]])
    if np.any(given[:-3] != 0):
        raise LayerError(f"{where}: a cost beyond the second degree; at most c2, c1, c0 are read")
    return np.concatenate([np.zeros(3), given])[-3:]


def _dc_lines(given: MatlabTable | None) -> pd.DataFrame:
    table = given or MatlabTable("dcline", np.zeros((0, _TABLES["dcline"])), [])
    line, status = table.cells, _status(table, 2)
    losses = np.zeros((len(line), 2))
    known = line[:, _DC_LOSSES]
    losses[:, : known.shape[1]] = known
    return pd.DataFrame(
        {
            "dc_line_id": _numbered("D", table, 1),
            "from_bus": _ids(table, 0, "from bus", status), "to_bus": _ids(table, 1, "to bus", status),
            "status": status, "flow_mw": line[:, 3],
            "p_min_mw": line[:, 9], "p_max_mw": line[:, 10],
            "loss0_mw": losses[:, 0], "loss1_pu": losses[:, 1],
        }
    )  # fmt: skip


def _without_isolated(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the tables without buses of type 4 and the elements at them."""
    buses = tables["case_buses"]
    gone = set(buses.loc[buses["type"] == _ISOLATED, "bus_id"])
    ends = {
        "case_buses": ["bus_id"], "case_branches": ["from_bus", "to_bus"],
        "case_generators": ["bus_id"], "case_dc_lines": ["from_bus", "to_bus"],
    }  # fmt: skip
    return {
        name: table[~table[ends[name]].isin(gone).any(axis=1)].reset_index(drop=True)
        for name, table in tables.items()
    }
