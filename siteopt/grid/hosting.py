"""Hosting capacity: how much more each bus of a grid case can draw, or feed in, in a snapshot.

The plain definition (snapshot ``peak``, security ``none``): the demand of one hour, units free
between 0 and their most, no solar or wind, DC lines and branches within their limits; the largest
further withdrawal at one bus at a time. Hosting capacities of two buses do not add up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
import pandas as pd

from siteopt.errors import LayerError
from siteopt.grid._case_files import TABLES
from siteopt.grid.operation import Operation
from siteopt.grid.system import build_system

if TYPE_CHECKING:
    from siteopt.grid.case import GridCase
    from siteopt.grid.limits import BranchLimit, Security
    from siteopt.grid.snapshots import Snapshot
    from siteopt.grid.system import System

__all__ = [
    "HOSTING_COLUMNS",
    "generation_held_back",
    "has_own_case",
    "hosting_capacity",
    "hosting_of_case",
    "injection_capacity",
    "operate",
]

HOSTING_COLUMNS: Final = ("bus_id", "name_ko", "name_en", "hosting_mw", "binding_branch")


class CaseLayers(Protocol):
    """The layers of a run, as far as they tell of the grid case."""

    @property
    def ids(self) -> list[str]:
        """Ids of all layers."""
        ...

    def replaced(self, layer_id: str) -> bool:
        """Return whether the user's file stands in for an embedded layer."""
        ...

    def table(self, layer_id: str) -> pd.DataFrame:
        """Return a table."""
        ...


def has_own_case(layers: CaseLayers) -> bool:
    """Return whether a table of the grid case is the user's."""
    return any(layers.replaced(name) for name in TABLES)


def hosting_of_case(layers: CaseLayers) -> pd.DataFrame | None:
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


def hosting_capacity(case: GridCase, operation: Operation) -> pd.DataFrame:
    """Return the largest further withdrawal of each bus, one bus at a time.

    Parameters
    ----------
    case : GridCase
        The case, for its names.
    operation : Operation
        From :func:`operate`.

    Returns
    -------
    DataFrame
        `HOSTING_COLUMNS`, rows as in ``case.buses``. ``binding_branch`` is the limit with the
        highest price where it stops: a branch id, with single outages also which branch is out;
        empty where the units of the whole country stop it.
    """
    found = [operation.most_withdrawal(row) for row in range(len(case.buses))]
    return pd.DataFrame(
        {
            "bus_id": case.buses["bus_id"].to_numpy(),
            "name_ko": case.buses["name_ko"].to_numpy(),
            "name_en": case.buses["name_en"].to_numpy(),
            "hosting_mw": [mw for mw, _ in found],
            "binding_branch": [_dearest(limits) for _, limits in found],
        }
    )


def injection_capacity(case: GridCase, operation: Operation) -> pd.DataFrame:
    """Return the largest further generation of each bus, one bus at a time.

    Units make room, but solar and wind that run in today's cheapest dispatch stay.

    Returns
    -------
    DataFrame
        ``bus_id, injection_mw, injection_branch``, rows as in ``case.buses``.
    """
    found = [operation.most_injection(row) for row in range(len(case.buses))]
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
