"""What can be wrong with a grid case, each fault in one line that names the rows."""

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

__all__ = ["find_fault"]

_NAMED: Final = 5
"""Rows that a message names."""


def find_fault(
    buses: pd.DataFrame, branches: pd.DataFrame, generators: pd.DataFrame, dc_lines: pd.DataFrame
) -> None:
    """Raise LayerError with the first fault; see :func:`siteopt.grid.case.check_case`."""
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
    known = set(buses["bus_id"])
    _check_ends(branches, "case_branches", "branch_id", ("from_bus", "to_bus"), known)
    _check_ends(generators, "case_generators", "generator_id", ("bus_id",), known)
    _check_ends(dc_lines, "case_dc_lines", "dc_line_id", ("from_bus", "to_bus"), known)
    live = branches[(branches["status"] == 1).to_numpy()]
    _check_branches(live)
    _check_limits(generators, "case_generators", "generator_id")
    _check_limits(dc_lines[(dc_lines["status"] == 1).to_numpy()], "case_dc_lines", "dc_line_id")
    _check_pieces(buses["bus_id"], live)


def _some(names: Iterable[object]) -> str:
    """Return up to five names, and how many more there are."""
    every = [str(name) for name in names]
    more = len(every) - _NAMED
    return ", ".join(every[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _finite(table: pd.DataFrame, column: str) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(table[column].to_numpy(dtype=np.float64)))


def _check(table: pd.DataFrame, name: str, key: str, bad: NDArray[np.bool_], fault: str) -> None:
    """Raise LayerError with the keys of the bad rows; the fault says what would be right."""
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


def _check_branches(live: pd.DataFrame) -> None:
    def check(bad: NDArray[np.bool_], fault: str) -> None:
        _check(live, "case_branches", "branch_id", bad, fault)

    check(
        ~_finite(live, "x_pu") | (live["x_pu"] == 0).to_numpy(),
        "x_pu is 0 or empty; a branch in service needs a reactance",
    )
    check(
        ~(live["rate_a_mva"] > 0).to_numpy(),
        "rate_a_mva is 0, negative or empty; a branch in service needs a rating in MVA (Inf where "
        "no limit is meant)",
    )
    check(
        ~_finite(live, "ratio") | (live["ratio"] < 0).to_numpy(),
        "ratio is negative or empty; a tap ratio, or 0 for none, is needed",
    )
    check(~_finite(live, "angle_deg"), "angle_deg is empty; a phase shift, or 0, is needed")


def _check_limits(table: pd.DataFrame, name: str, key: str) -> None:
    for column in ("p_min_mw", "p_max_mw"):
        _check(table, name, key, ~_finite(table, column), f"{column} is no finite number of MW")
    crossed = (table["p_min_mw"] > table["p_max_mw"]).to_numpy()
    _check(table, name, key, crossed, "p_min_mw is above p_max_mw; it may be at most that")


def _check_pieces(bus_id: pd.Series, live: pd.DataFrame) -> None:
    """Raise LayerError if branches in service do not join all buses."""
    index = pd.Index(bus_id)
    ends = (
        index.get_indexer(pd.Index(live["from_bus"])),
        index.get_indexer(pd.Index(live["to_bus"])),
    )
    graph = coo_array((np.ones(len(live)), ends), shape=(len(index), len(index)))
    count, piece = connected_components(graph, directed=False)
    if count == 1:
        return
    sizes = np.bincount(piece, minlength=count)
    order = np.lexsort((np.arange(count), -sizes))
    small = [f"{sizes[which]} ({_some(index[piece == which])})" for which in order[1 : 1 + _NAMED]]
    more = f" and {count - 1 - _NAMED} more" if count - 1 > _NAMED else ""
    raise LayerError(
        f"case_branches: the network is in {count} pieces: the largest of {sizes[order[0]]}, "
        f"apart from it {', '.join(small)}{more}; branches in service must join all buses (a DC line alone "
        "does not)"
    )
