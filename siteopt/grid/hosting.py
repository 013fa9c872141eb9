"""Hosting capacity: how much more each bus of a grid case can draw, or feed in, in a snapshot.

The plain definition (snapshot ``peak``, security ``none``): the demand of one hour, units free
between 0 and their most, no solar or wind, DC lines and branches within their limits; the largest
further withdrawal at one bus at a time. Hosting capacities of two buses do not add up.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy.sparse.csgraph import depth_first_order

from siteopt._processes import Tally, side_by_side
from siteopt.errors import LayerError
from siteopt.grid._case_files import TABLES
from siteopt.grid.operation import Operation
from siteopt.grid.system import build_system

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from siteopt.grid.case import GridCase
    from siteopt.grid.limits import BranchLimit, Security
    from siteopt.grid.one_bus import OneBus
    from siteopt.grid.snapshots import Snapshot
    from siteopt.grid.system import System
    from siteopt.layers.protocols import LayersLike

__all__ = [
    "HOSTING_COLUMNS",
    "generation_held_back",
    "has_own_case",
    "hosting_capacity",
    "hosting_of_case",
    "injection_capacity",
    "operate",
]

Most = tuple[float, "tuple[BranchLimit, ...]"]
"""The most of a bus in MW, and the limits that stop it."""

_STRAND: Final = 250
"""Buses that one kept program goes along. What comes out hangs on it where limits tie, so it is the
same on every machine; the first bus of a strand costs no more than a far step."""

HOSTING_COLUMNS: Final = ("bus_id", "name_ko", "name_en", "hosting_mw", "binding_branch")


def has_own_case(layers: LayersLike) -> bool:
    """Return whether a table of the grid case is the user's."""
    return any(layers.replaced(name) for name in TABLES)


def hosting_of_case(layers: LayersLike) -> pd.DataFrame | None:
    """Return the ``hosting`` layer, None where it does not tell of the case in use.

    The embedded one tells of the embedded case only; beside a case of the user's own it counts
    where the user gives a hosting table too.
    """
    if "hosting" not in layers.ids or (has_own_case(layers) and not layers.replaced("hosting")):
        return None
    return layers.table("hosting")


def operate(
    case: GridCase, snapshot: Snapshot, security: Security = "none", system: System | None = None
) -> Operation:
    """Return the ways to run a case in a snapshot.

    Parameters
    ----------
    case : GridCase
        Buses with ``solar_mw`` and ``wind_mw``, branches, units, DC lines.
    snapshot : Snapshot
        Demand by bus, and sun and wind where they count.
    security : {"none", "n-1"}
        Whether limits must hold after single outages too.
    system : System, optional
        The case as arrays, where it is at hand (`build_system`).

    Raises
    ------
    LayerError
        If a bus has no demand, or the demand cannot be served even without branch limits.
    """
    demand = snapshot.demand_mw.reindex(case.buses["bus_id"])
    if demand.isna().any():
        bus = demand.index[demand.isna()][0]
        raise LayerError(
            f"snapshot {snapshot.id}: no demand for bus {bus}; every bus of the case needs one"
        )
    available = snapshot.available_mw(case.buses)
    return Operation(
        build_system(case) if system is None else system,
        demand.to_numpy(dtype=np.float64),
        available.to_numpy(dtype=np.float64),
        security,
    )


def hosting_capacity(
    case: GridCase,
    operation: Operation,
    *,
    buses: Sequence[int] | None = None,
    processes: int = 1,
    progress: Callable[[int], None] | None = None,
) -> pd.DataFrame:
    """Return the largest further withdrawal of each bus, one bus at a time.

    Parameters
    ----------
    case : GridCase
        The case, for its names.
    operation : Operation
        From :func:`operate`.
    buses : sequence of int, optional
        Rows of the buses to look at; all by default.
    processes : int
        Cores to use; the answer does not depend on it.
    progress : callable, optional
        Called with the number of buses that are done.

    Returns
    -------
    DataFrame
        `HOSTING_COLUMNS`, rows as in ``case.buses``. ``binding_branch`` is the limit with the
        highest price where it stops: a branch id, with single outages also which branch is out;
        empty where the units of the whole country stop it.
    """
    rows = sorted(set(range(len(case.buses)) if buses is None else buses))
    found = _along(operation.system, operation.withdrawals, rows, processes, progress)
    named = case.buses.iloc[rows]
    return pd.DataFrame(
        {
            "bus_id": named["bus_id"].to_numpy(),
            "name_ko": named["name_ko"].to_numpy(),
            "name_en": named["name_en"].to_numpy(),
            "hosting_mw": [mw for mw, _ in found],
            "binding_branch": [_dearest(limits) for _, limits in found],
        }
    )


def _along(
    system: System,
    begin: Callable[[], OneBus],
    rows: Sequence[int],
    processes: int = 1,
    progress: Callable[[int], None] | None = None,
) -> list[Most]:
    """Return the most of each bus (row): strands of neighbours, a kept program along each."""
    order = _neighbours_next(system, rows)
    strands = [order[first : first + _STRAND] for first in range(0, len(order), _STRAND)]
    cores = max(1, min(processes, len(strands)))
    tally, here = Tally(cores), os.getpid()

    def tell() -> None:
        if progress is not None and os.getpid() == here:  # a copy of this process has no bar
            progress(tally.done)

    def walk(which: Sequence[int]) -> dict[int, Most]:
        found = {}
        for strand in which:
            program = begin()
            for bus in strands[strand]:
                found[bus] = program.most(bus)
                tally.add()
                tell()
        return found

    every = range(len(strands))
    parts = side_by_side(walk, [(every[core::cores],) for core in range(cores)], cores, tell)
    by_bus = {bus: most for part in parts for bus, most in part.items()}
    return [by_bus[bus] for bus in rows]


def _neighbours_next(system: System, rows: Iterable[int]) -> list[int]:
    """Return rows of buses in an order in which one branch mostly leads to the next: depth first."""
    wanted, order = set(rows), list[int]()
    incidence = system.net.incidence()
    graph = incidence.T @ incidence
    for first in np.unique(system.piece, return_index=True)[1]:
        found = depth_first_order(graph, first, directed=False, return_predecessors=False)
        order += [int(bus) for bus in found if int(bus) in wanted]
    return order


def injection_capacity(case: GridCase, operation: Operation) -> pd.DataFrame:
    """Return the largest further generation of each bus, one bus at a time.

    Units make room, but solar and wind that run in today's cheapest dispatch stay.

    Returns
    -------
    DataFrame
        ``bus_id, injection_mw, injection_branch``, rows as in ``case.buses``.
    """
    found = _along(operation.system, operation.injections, range(len(case.buses)))
    return pd.DataFrame(
        {
            "bus_id": case.buses["bus_id"].to_numpy(),
            "injection_mw": [mw for mw, _ in found],
            "injection_branch": [_dearest(limits) for _, limits in found],
        }
    )


def generation_held_back(case: GridCase, operation: Operation) -> pd.DataFrame:
    """Return generation that lacks an outlet in today's cheapest dispatch.

    Returns
    -------
    DataFrame
        ``bus_id``, ``curtailed_mw`` (solar and wind that could run and do not) and
        ``held_back_mw`` (what units, solar and wind of the bus would give if branches had no
        limits, less what they give), rows as in ``case.buses``.
    """
    system, today = operation.system, operation.today
    free = operation.cheapest(limited=False)
    less = free.of_buses(system) - today.of_buses(system)
    return pd.DataFrame(
        {
            "bus_id": case.buses["bus_id"].to_numpy(),
            "curtailed_mw": np.maximum(operation.available_mw - today.renewable_mw, 0.0),
            "held_back_mw": np.maximum(less, 0.0),
        }
    )


def _dearest(limits: tuple[BranchLimit, ...]) -> str:
    return str(limits[0]) if limits else ""
