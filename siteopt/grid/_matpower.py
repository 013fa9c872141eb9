"""MATPOWER case files (`.m`, version 2) as the tables of a grid case.

Only plain numbers are read: a file that computes its own data is refused, so that nothing is
read wrongly. Fields that the tables do not need are ignored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.errors import LayerError, LayerFileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["read_matpower"]

_COLUMNS: Final = {"bus": 13, "gen": 10, "branch": 11, "gencost": 5, "dcline": 11}
"""Numeric tables that are read, and the fewest columns each must have."""

_CELLS: Final = ("bus_name", "genfuel")
_SCALARS: Final = ("version", "baseMVA")
_ENCODINGS: Final = ("utf-8-sig", "cp949", "latin-1")
_ISOLATED: Final = 4
_PIECEWISE, _POLYNOMIAL = 1, 2
_FLOW_AT: Final = 13
_LOSS_AT: Final = 15

_ASSIGN = re.compile(r"\s*(\w+)\.(\w+)\s*=(?!=)\s*(.*)", re.DOTALL)
_COMPUTED = re.compile(
    rf"\s*\w+\.({'|'.join([*_COLUMNS, *_SCALARS])})\s*(\([^=]*\)|\{{[^=]*\}})\s*=(?!=)"
)
_QUOTED = re.compile(r"'((?:[^']|'')*)'|\"((?:[^\"]|\"\")*)\"")


@dataclass(frozen=True, slots=True)
class _Table:
    """A numeric table: values, and the line of the file that each row starts on."""

    values: NDArray[np.float64]
    lines: list[int]


@dataclass(slots=True)
class _Content:
    """What the assignments of a file say."""

    tables: dict[str, _Table] = field(default_factory=dict)
    cells: dict[str, list[str]] = field(default_factory=dict)
    scalars: dict[str, str] = field(default_factory=dict)


def read_matpower(path: Path, cost_unit_krw: float = 1.0) -> tuple[dict[str, pd.DataFrame], float]:
    """Read a MATPOWER case file of version 2.

    Ids are those of the file: the bus numbers as text, branches, generators and DC lines by row
    (``L001``, ``G001``, ``D1``). Buses of type 4 (isolated) and what hangs on them are left out,
    as MATPOWER does. Costs: a polynomial up to the second degree as it stands; a piecewise
    linear curve becomes the straight line between its first and last point; rows of reactive
    cost are ignored; without ``gencost`` all costs are 0.

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
    content = _content(_text(path), path.name)
    base_mva = _base(content, path.name)
    for name in ("bus", "gen", "branch"):
        if name not in content.tables:
            raise LayerError(f"{path.name}: mpc.{name} is missing; a case needs bus, gen, branch")
    buses = _buses(content, path.name)
    tables = {
        "case_buses": buses,
        "case_branches": _branches(content.tables["branch"], path.name),
        "case_generators": _generators(content, cost_unit_krw, path.name),
        "case_dc_lines": _dc_lines(content.tables.get("dcline"), path.name),
    }
    return _without_isolated(tables), base_mva


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LayerFileError(f"{path}: {error.strerror}; a readable .m file is needed") from error
    for encoding in _ENCODINGS[:-1]:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode(_ENCODINGS[-1])


def _bare(line: str) -> str:
    """Return a line without its comment; a % inside quotes is no comment."""
    quote = ""
    for at, sign in enumerate(line):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in {"'", '"'}:
            quote = sign
        elif sign == "%":
            return line[:at]
    return line


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield number and text of the lines, comments gone, continued lines in one piece."""
    depth, start, held = 0, 0, ""
    for number, raw in enumerate(text.splitlines(), start=1):
        if raw.strip() in {"%{", "%}"}:
            depth += 1 if raw.strip() == "%{" else -1 if depth else 0
            continue
        if depth:
            continue
        line = _bare(raw)
        start = start if held else number
        before, dots, _ = line.partition("...")
        held += before + (" " if dots else "")
        if not dots:
            yield start, held
            held = ""
    if held:
        yield start, held


def _content(text: str, file: str) -> _Content:
    out = _Content()
    lines = _lines(text)
    for number, line in lines:
        if computed := _COMPUTED.match(line):
            raise LayerError(
                f"{file}: line {number} computes mpc.{computed[1]}; only plain numbers are read, "
                "so save the case with MATPOWER's savecase first"
            )
        found = _ASSIGN.match(line)
        if not found:
            continue
        name, rest = found[2], found[3]
        if name in _SCALARS:
            out.scalars[name] = rest.split(";")[0].strip().strip("'\"")
        elif name in _COLUMNS:
            out.tables[name] = _table(name, number, rest, lines, file)
        elif name in _CELLS:
            out.cells[name] = _strings(number, rest, lines, file)
    return out


def _rows(
    opening: str, closing: str, number: int, rest: str, lines: Iterator[tuple[int, str]], where: str
) -> Iterator[tuple[int, str]]:
    """Yield line and text of the rows between brackets; rows end with ``;`` or the line."""
    if not rest.lstrip().startswith(opening):
        raise LayerError(
            f"{where}: line {number} is no list of numbers in [ ]; only plain numbers are read"
        )
    at, text = number, rest.lstrip()[1:]
    while True:
        inside, end, after = text.partition(closing)
        for row in inside.split(";"):
            if row.strip():
                yield at, row
        if end:
            if after.strip(" \t;,"):
                raise LayerError(
                    f"{where}: line {at} goes on after {closing}; only plain numbers are read"
                )
            return
        following = next(lines, None)
        if following is None:
            raise LayerError(
                f"{where}: the {opening} of line {number} is never closed; {closing}; is needed"
            )
        at, text = following


def _table(
    name: str, number: int, rest: str, lines: Iterator[tuple[int, str]], file: str
) -> _Table:
    values: list[list[float]] = []
    at: list[int] = []
    for line, row in _rows("[", "]", number, rest, lines, f"{file}: {name}"):
        where = f"{file}: line {line}: {name} row {len(values) + 1}"
        numbers = [_number(word, where) for word in row.replace(",", " ").split()]
        if values and len(numbers) != len(values[0]):
            raise LayerError(
                f"{where} has {len(numbers)} numbers, the rows above {len(values[0])}; all rows "
                "need as many"
            )
        if len(numbers) < _COLUMNS[name]:
            raise LayerError(
                f"{where} has {len(numbers)} numbers; version 2 has at least {_COLUMNS[name]}"
            )
        values.append(numbers)
        at.append(line)
    width = len(values[0]) if values else _COLUMNS[name]
    return _Table(np.array(values, dtype=np.float64).reshape(-1, width), at)


def _number(word: str, where: str) -> float:
    try:
        return float(word.replace("D", "e").replace("d", "e"))
    except ValueError:
        raise LayerError(f"{where}: {word!r} is no plain number such as 1.5, 1e-3 or Inf") from None


def _strings(number: int, rest: str, lines: Iterator[tuple[int, str]], file: str) -> list[str]:
    rows = [row for _, row in _rows("{", "}", number, rest, lines, file)]
    found = [_QUOTED.search(row) for row in rows]
    return [(one[1] or one[2] or "").strip() if one else "" for one in found]


def _base(content: _Content, file: str) -> float:
    version = content.scalars.get("version")
    if version != "2":
        raise LayerError(
            f"{file}: mpc.version is {version or 'missing'}; version 2 of the MATPOWER case format "
            "is needed"
        )
    try:
        base = float(content.scalars.get("baseMVA", ""))
    except ValueError:
        base = 0.0
    if not 0 < base < np.inf:
        raise LayerError(f"{file}: mpc.baseMVA must be a number above 0, such as 100")
    return base


def _whole(table: _Table, column: int, what: str, file: str) -> pd.Series:
    values = table.values[:, column]
    bad = ~np.isfinite(values) | (values != np.round(values))
    if bad.any():
        row = int(bad.argmax())
        raise LayerError(
            f"{file}: line {table.lines[row]}: {what} of row {row + 1} is {values[row]:g}; "
            "a whole number is needed"
        )
    return pd.Series(values.astype(np.int64))


def _bus_ids(table: _Table, column: int, what: str, file: str) -> pd.Series:
    return _whole(table, column, what, file).astype("str")


def _buses(content: _Content, file: str) -> pd.DataFrame:
    table = content.tables["bus"]
    bus = table.values
    names = content.cells.get("bus_name", [])
    named = names if len(names) == len(bus) else [""] * len(bus)
    return pd.DataFrame(
        {
            "bus_id": _bus_ids(table, 0, "bus number", file),
            "name_ko": pd.Series(named, dtype="str"), "name_en": pd.Series(named, dtype="str"),
            "lon": np.nan, "lat": np.nan, "base_kv": bus[:, 9],
            "solar_mw": 0.0, "wind_mw": 0.0, "hydro_mw": 0.0,
            "type": _whole(table, 1, "bus type", file),
            "p_load_mw": bus[:, 2], "q_load_mvar": bus[:, 3],
            "g_shunt_mw": bus[:, 4], "b_shunt_mvar": bus[:, 5],
            "voltage_pu": bus[:, 7], "angle_deg": bus[:, 8],
            "voltage_min_pu": bus[:, 12], "voltage_max_pu": bus[:, 11],
        }
    )  # fmt: skip


def _numbered(prefix: str, count: int, digits: int) -> list[str]:
    return [f"{prefix}{row:0{digits}d}" for row in range(1, count + 1)]


def _branches(table: _Table, file: str) -> pd.DataFrame:
    branch = table.values
    solved = branch.shape[1] > _FLOW_AT
    return pd.DataFrame(
        {
            "branch_id": _numbered("L", len(branch), 3),
            "from_bus": _bus_ids(table, 0, "branch: from bus", file),
            "to_bus": _bus_ids(table, 1, "branch: to bus", file),
            "r_pu": branch[:, 2], "x_pu": branch[:, 3], "b_pu": branch[:, 4],
            "rate_a_mva": branch[:, 5], "ratio": branch[:, 8], "angle_deg": branch[:, 9],
            "status": (branch[:, 10] > 0).astype(np.int64),
            "flow_mw": branch[:, _FLOW_AT] if solved else np.nan,
        }
    )  # fmt: skip


def _generators(content: _Content, unit_krw: float, file: str) -> pd.DataFrame:
    table = content.tables["gen"]
    gen = table.values
    fuels = content.cells.get("genfuel", [])
    cost = _costs(content.tables.get("gencost"), len(gen), file) * unit_krw
    return pd.DataFrame(
        {
            "generator_id": _numbered("G", len(gen), 3),
            "bus_id": _bus_ids(table, 0, "gen: bus", file),
            "fuel": pd.Series(fuels if len(fuels) == len(gen) else [""] * len(gen), dtype="str"),
            "p_min_mw": gen[:, 9], "p_max_mw": gen[:, 8],
            "status": (gen[:, 7] > 0).astype(np.int64), "output_mw": gen[:, 1],
            "cost_krw_mw2h": cost[:, 0], "cost_krw_mwh": cost[:, 1], "cost_krw_h": cost[:, 2],
        }
    )  # fmt: skip


def _costs(table: _Table | None, count: int, file: str) -> NDArray[np.float64]:
    """Return quadratic, linear and constant cost of each generator in the unit of the file."""
    out = np.zeros((count, 3))
    if table is None:
        return out
    if len(table.values) not in {count, 2 * count}:
        raise LayerError(
            f"{file}: gencost has {len(table.values)} rows; {count} are needed, as gen has (or "
            "twice as many with reactive cost)"
        )
    for row in range(count):
        where = f"{file}: line {table.lines[row]}: gencost row {row + 1}"
        out[row] = _cost_of(table.values[row], where)
    return out


def _cost_of(row: NDArray[np.float64], where: str) -> NDArray[np.float64]:
    model, size = row[0], row[3]
    width = 2 if model == _PIECEWISE else 1
    if model not in {_PIECEWISE, _POLYNOMIAL}:
        raise LayerError(f"{where}: model is {model:g}; 1 (piecewise) or 2 (polynomial) is needed")
    least = 2 if model == _PIECEWISE else 0
    if size != np.round(size) or not least <= size <= (len(row) - 4) / width:
        raise LayerError(f"{where}: n is {size:g}, which does not fit its {len(row)} numbers")
    given = row[4 : 4 + int(size) * width]
    if model == _PIECEWISE:
        reach = given[-2] - given[0]
        if not reach > 0:
            raise LayerError(f"{where}: the points of a piecewise cost must rise in MW")
        slope = (given[-1] - given[1]) / reach
        return np.array([0.0, slope, given[1] - slope * given[0]])
    if np.any(given[:-3] != 0):
        raise LayerError(f"{where}: a cost beyond the second degree; at most c2, c1, c0 are read")
    return np.concatenate([np.zeros(3), given])[-3:]


def _dc_lines(table: _Table | None, file: str) -> pd.DataFrame:
    line = table or _Table(np.zeros((0, _COLUMNS["dcline"])), [])
    values = line.values
    losses = values[:, _LOSS_AT : _LOSS_AT + 2]
    losses = losses if losses.shape[1] == 2 else np.zeros((len(values), 2))  # noqa: PLR2004 - loss0, loss1
    return pd.DataFrame(
        {
            "dc_line_id": pd.Series(_numbered("D", len(values), 1), dtype="str"),
            "from_bus": _bus_ids(line, 0, "dcline: from bus", file),
            "to_bus": _bus_ids(line, 1, "dcline: to bus", file),
            "status": (values[:, 2] > 0).astype(np.int64), "flow_mw": values[:, 3],
            "p_min_mw": values[:, 9], "p_max_mw": values[:, 10],
            "loss0_mw": losses[:, 0], "loss1_pu": losses[:, 1],
        }
    )  # fmt: skip


def _without_isolated(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    buses = tables["case_buses"]
    gone = set(buses.loc[buses["type"] == _ISOLATED, "bus_id"])
    if not gone:
        return tables
    ends = {
        "case_buses": ["bus_id"], "case_branches": ["from_bus", "to_bus"],
        "case_generators": ["bus_id"], "case_dc_lines": ["from_bus", "to_bus"],
    }  # fmt: skip
    return {
        name: table[~table[ends[name]].isin(gone).any(axis=1)].reset_index(drop=True)
        for name, table in tables.items()
    }
