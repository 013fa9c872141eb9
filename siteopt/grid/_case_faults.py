"""Fault checks of a grid case: one line a fault, with the rows concerned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from siteopt.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

__all__ = ["MOST_MW", "check_base", "find_fault", "in_service"]

_REFERENCE: Final = 3
"""Type of a reference bus in MATPOWER."""

_NAMED: Final = 5
"""Rows that a message names."""

MOST_MW: Final = 1e6
"""No bus, unit or line is larger: the largest power system there is, China's, drew 1,450 GW at its
peak of 2024 (National Energy Administration), and a case has many buses."""

_X_PU: Final = (1e-9, 1e6)
_RATIO: Final = (1e-2, 1e2)
_TURN_DEG: Final = 360.0
_MOST_COST: Final = 1e12
_BASE_MVA: Final = (1e-3, 1e6)
"""Beyond these a number is no property of a grid, whatever its units, and double precision does
not carry it through a power flow."""


def find_fault(
    buses: pd.DataFrame, branches: pd.DataFrame, generators: pd.DataFrame, dc_lines: pd.DataFrame
) -> None:
    """Raise LayerError with the first fault; see :func:`siteopt.grid.case.check_case`.

    Parameters
    ----------
    buses : DataFrame
        Table of buses.
    branches : DataFrame
        Table of AC branches.
    generators : DataFrame
        Table of units.
    dc_lines : DataFrame
        Table of DC lines.
    """
    if buses.empty:
        raise LayerError("case_buses: no bus; a case needs at least one")
    _check_keys(buses, "case_buses", "bus_id")
    _check_keys(branches, "case_branches", "branch_id")
    _check_keys(generators, "case_generators", "generator_id")
    _check_keys(dc_lines, "case_dc_lines", "dc_line_id")
    for column in ("p_load_mw", "g_shunt_mw"):
        _check(
            buses, "case_buses", "bus_id", ~_finite(buses, column),
            f"{column} is no number; every bus needs one, 0 where it draws nothing",
        )  # fmt: skip
        _check_size(buses, "case_buses", "bus_id", column)
    known = set(buses["bus_id"])
    live, units, links = in_service(branches), in_service(generators), in_service(dc_lines)
    _check_ends(live, "case_branches", "branch_id", ("from_bus", "to_bus"), known)
    _check_ends(units, "case_generators", "generator_id", ("bus_id",), known)
    _check_ends(links, "case_dc_lines", "dc_line_id", ("from_bus", "to_bus"), known)
    _check_branches(live)
    _check_limits(units, "case_generators", "generator_id")
    _check_costs(units)
    _check_limits(links, "case_dc_lines", "dc_line_id")
    _check_pieces(buses, live, links)


def in_service(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows in service: of generators by ``in_service``, of lines by ``status``.

    The ``status`` of a generator is its commitment in one solved state and takes it out of
    nothing.
    """
    column = "in_service" if "generator_id" in table else "status"
    return table[(table[column] == 1).to_numpy()] if column in table else table


def check_base(base_mva: float) -> None:
    """Raise LayerError if the base of the per-unit values is none."""
    low, high = _BASE_MVA
    if not low <= base_mva <= high:
        raise LayerError(
            f"base_mva is {base_mva:g}; {low:g} to {high:,.0f} MVA, such as 100, is needed"
        )


def _some(names: Iterable[object]) -> str:
    """Return up to five names, and how many more there are."""
    every = [str(name) for name in names]
    more = len(every) - _NAMED
    return ", ".join(every[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _finite(table: pd.DataFrame, column: str) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(table[column].to_numpy(dtype=np.float64)))


def _check(table: pd.DataFrame, name: str, key: str, bad: NDArray[np.bool_], fault: str) -> None:
    """Raise LayerError with the keys of the bad rows; the fault names the expected value."""
    if bad.any():
        raise LayerError(f"{name}: {_some(table.loc[bad, key])}: {fault}")


def _check_keys(table: pd.DataFrame, name: str, key: str) -> None:
    twice = table.duplicated(key, keep=False).to_numpy()
    if twice.any():
        rows = np.flatnonzero(twice) + 1
        raise LayerError(
            f"{name}: {key} {_some(pd.unique(table.loc[twice, key]))} appears more than once (rows "
            f"{_some(rows)}); each row needs an id of its own"
        )


def _check_ends(
    table: pd.DataFrame, name: str, key: str, columns: Sequence[str], known: set[object]
) -> None:
    for column in columns:
        lost = ~table[column].isin(known).to_numpy()
        if lost.any():
            named = [f"{row[key]} on bus {row[column]}" for _, row in table.loc[lost].iterrows()]
            raise LayerError(
                f"{name}: {_some(named)}, which case_buses lacks; {column} must be one of its "
                "bus_id"
            )
    if len(columns) > 1:
        same = (table[columns[0]] == table[columns[1]]).to_numpy()
        _check(table, name, key, same, "from a bus to itself; two buses are needed")


def _check_size(table: pd.DataFrame, name: str, key: str, column: str) -> None:
    large = (table[column].abs() > MOST_MW).to_numpy()
    _check(table, name, key, large, f"{column} is above {MOST_MW:,.0f} MW; no grid has that")


def _check_branches(live: pd.DataFrame) -> None:
    def check(bad: NDArray[np.bool_], fault: str) -> None:
        _check(live, "case_branches", "branch_id", bad, fault)

    check(
        ~_finite(live, "x_pu") | (live["x_pu"] == 0).to_numpy(),
        "x_pu is 0 or empty; a branch in service needs a reactance",
    )
    check(
        ~live["x_pu"].abs().between(*_X_PU).to_numpy(),
        f"x_pu is not within {_X_PU[0]:g} and {_X_PU[1]:g}; no branch has such a reactance",
    )
    check(
        ~(live["rate_a_mva"] >= 0).to_numpy(),
        "rate_a_mva is negative or empty; a branch in service needs a rating in MVA (0 or Inf "
        "where it has no limit)",
    )
    check(
        ~_finite(live, "ratio") | (live["ratio"] < 0).to_numpy(),
        "ratio is negative or empty; a tap ratio, or 0 for none, is needed",
    )
    check(
        ((live["ratio"] != 0) & ~live["ratio"].between(*_RATIO)).to_numpy(),
        f"ratio is not within {_RATIO[0]:g} and {_RATIO[1]:g}; 0 stands for no tap",
    )
    check(~_finite(live, "angle_deg"), "angle_deg is empty; a phase shift, or 0, is needed")
    check(
        (live["angle_deg"].abs() > _TURN_DEG).to_numpy(),
        f"angle_deg is not within a turn of {_TURN_DEG:g} degrees",
    )


def _check_limits(table: pd.DataFrame, name: str, key: str) -> None:
    for column in ("p_min_mw", "p_max_mw"):
        _check(table, name, key, ~_finite(table, column), f"{column} is no finite number of MW")
        _check_size(table, name, key, column)
    crossed = (table["p_min_mw"] > table["p_max_mw"]).to_numpy()
    _check(table, name, key, crossed, "p_min_mw is above p_max_mw; it may be at most that")


def _check_costs(units: pd.DataFrame) -> None:
    for column in ("cost_krw_mw2h", "cost_krw_mwh"):
        if column in units:
            bad = ~(units[column].abs() <= _MOST_COST).to_numpy()
            fault = (
                f"{column} is empty or beyond {_MOST_COST:g}; a cost of that size has no meaning"
            )
            _check(units, "case_generators", "generator_id", bad, fault)


def _check_pieces(buses: pd.DataFrame, live: pd.DataFrame, links: pd.DataFrame) -> None:
    """Raise LayerError if branches and DC lines in service leave buses apart.

    A part with a reference bus of its own is apart on purpose.
    """
    index = pd.Index(buses["bus_id"])
    ends = [
        np.concatenate([index.get_indexer(pd.Index(table[end])) for table in (live, links)])
        for end in ("from_bus", "to_bus")
    ]
    graph = coo_array((np.ones(len(ends[0])), tuple(ends)), shape=(len(index), len(index)))
    count, piece = connected_components(graph, directed=False)
    sizes = np.bincount(piece, minlength=count)
    order = np.lexsort((np.arange(count), -sizes))
    stands = np.zeros(count, dtype=np.bool_)
    if "type" in buses:
        stands[piece[(buses["type"] == _REFERENCE).to_numpy()]] = True
    lost = [which for which in order[1:] if not stands[which]]
    if not lost:
        return
    small = [f"{sizes[which]} ({_some(index[piece == which])})" for which in lost[:_NAMED]]
    more = f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
    raise LayerError(
        f"case_branches: the network is in {count} pieces: the largest of {sizes[order[0]]}, "
        f"apart from it {', '.join(small)}{more}; branches or DC lines in service must join all "
        "buses, or a part needs a reference bus (type 3) of its own"
    )
