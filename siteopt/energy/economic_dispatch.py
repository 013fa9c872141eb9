"""Economic dispatch of each hour without new load: the flows that the country has today.

DC optimal power flow in PTDF form (Wood and Wollenberg, Power Generation, Operation, and Control)
with delayed row generation. Units, DC lines and curtailment by zone are those of the energy
program, sources and storage are not in it: so what it returns is the same for every stock and
target. Limits that the hour cannot do without exceeding are exceeded by as little as can be.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import highspy
import numpy as np
from scipy import sparse

from siteopt.energy.flow_limits import BROKEN_MW
from siteopt.errors import LayerError, SolverError
from siteopt.highs import new_model, solve_warm

if TYPE_CHECKING:
    from siteopt._arrays import Floats
    from siteopt.energy.supply import PtdfNetwork, Supply
    from siteopt.grid.system import System

__all__ = ["flows_today_mw", "secured"]

_ROUNDS: Final = 100

_KRW: Final = 1e3
"""Money of the program in KRW."""


def flows_today_mw(supply: Supply) -> Floats:
    """Return the branch flows (H, L) of the cheapest dispatch without load.

    Parameters
    ----------
    supply : Supply
        Its fleet, demand, what runs today, and the network; outages are not looked at.

    Raises
    ------
    LayerError
        If there is no network.
    SolverError
        If an hour has no dispatch.
    """
    if supply.network is None:
        raise LayerError("clean supply: network is missing; flows need one")
    hourly = _HourlyDispatch(supply, supply.network)
    return np.array([hourly.flow_mw(hour) for hour in range(supply.hours)])


def secured(supply: Supply, system: System) -> Supply:
    """Return a supply whose flow limits hold after single outages too (N-1).

    As in :mod:`siteopt.grid.limits` outages that split the network are left out, and what an
    outage already causes today is no breach.

    Parameters
    ----------
    supply : Supply
        Supply with a network.
    system : System
        The grid case that the network is of.

    Raises
    ------
    SolverError
        If an hour has no dispatch.
    """
    if supply.network is None:
        return supply
    network = replace(supply.network, lodf=system.lodf, today_mw=flows_today_mw(supply))
    return replace(supply, network=network)


class _HourlyDispatch:
    """Dispatch of one hour after the other, with a kept HiGHS handle.

    Columns are units, DC lines, curtailment by zone, and two for what exceeds each flow limit;
    rows the balance and the flow limits that some hour has broken.
    """

    def __init__(self, supply: Supply, network: PtdfNetwork) -> None:
        fleet, zones = supply.fleet, len(supply.zone_share)
        self._supply, self._network, self._units = supply, network, len(fleet.bus)
        lines = fleet.from_bus >= 0
        ends = np.zeros((supply.zone_share.shape[1], self._units))
        np.add.at(ends, (fleet.bus, np.arange(self._units)), 1.0)
        np.add.at(ends, (fleet.from_bus[lines], np.flatnonzero(lines)), -1.0)
        self._to_bus = np.hstack([ends, -supply.zone_share.T])
        self._branches: list[int] = []
        balance = np.concatenate([np.where(lines, 0.0, 1.0), np.full(zones, -1.0)])
        self._highs = new_model(
            cost=np.concatenate([fleet.krw_mwh, np.zeros(zones)]) / _KRW,
            lower=np.concatenate([fleet.least_mw, np.zeros(zones)]),
            upper=np.concatenate([fleet.most_mw, np.zeros(zones)]),
            matrix=sparse.csc_array(balance[None, :]),
            row_lower=np.zeros(1), row_upper=np.zeros(1), solver="simplex",
        )  # fmt: skip

    def flow_mw(self, hour: int) -> Floats:
        """Return the flows (L,) of an hour."""
        supply, highs, network = self._supply, self._highs, self._network
        available = supply.available_mw[hour]
        places = np.arange(self._units, self._units + len(available), dtype=np.int32)
        highs.changeColsBounds(len(places), places, np.zeros(len(places)), available)
        need = float(supply.demand_mw[hour] - available.sum())
        highs.changeRowBounds(0, need, need)
        base, limit = network.base_mw[hour], network.limit_mw[hour]
        for row, branch in enumerate(self._branches, start=1):
            highs.changeRowBounds(row, -limit[branch] - base[branch], limit[branch] - base[branch])
        for _ in range(_ROUNDS):
            solve_warm(highs, f"dispatch of hour {hour + 1}")
            values = np.array(highs.getSolution().col_value)[: self._to_bus.shape[1]]
            flow = base + network.ptdf @ (self._to_bus @ values)
            over = np.abs(flow) - limit
            over[self._branches] = 0.0  # elastic
            fresh = np.flatnonzero(over > BROKEN_MW)
            if not len(fresh):
                return np.asarray(flow)
            for branch in fresh.tolist():
                self._add(branch, base[branch], limit[branch])
        raise SolverError(f"dispatch of hour {hour + 1}: flow limits are still broken; report this")

    def _add(self, branch: int, base_mw: float, limit_mw: float) -> None:
        """Add the limit of a branch as an elastic row."""
        highs, network = self._highs, self._network
        first, none = int(highs.getNumCol()), (np.empty(0, dtype=np.int32), np.empty(0))
        for _ in range(2):
            highs.addCol(self._supply.penalty_krw_mwh / _KRW, 0.0, highspy.kHighsInf, 0, *none)
        columns = np.concatenate([np.arange(self._to_bus.shape[1]), [first, first + 1]])
        values = np.concatenate([network.ptdf[branch] @ self._to_bus, [1.0, -1.0]])
        highs.addRow(
            -limit_mw - base_mw, limit_mw - base_mw, len(columns), columns.astype(np.int32), values
        )
        self._branches.append(branch)
