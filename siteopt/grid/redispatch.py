"""Redispatch of one snapshot: security-constrained DC optimal power flow (SCOPF).

Each result is a linear program over generation by bus, DC lines, solar and wind (free to curtail)
and further load: `siteopt.grid.bus_hosting` for one bus at a time, else
`siteopt.grid._load_program`. The programs are built on first use and warm-started afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import highspy
import numpy as np
import pandas as pd

from siteopt.errors import SolverError
from siteopt.grid._island_balance import check_balances
from siteopt.grid._load_program import LoadProgram
from siteopt.grid.bus_hosting import BusHosting, Sources
from siteopt.grid.dispatch import Dispatch, cheapest_dispatch, least_overload
from siteopt.grid.limits import BROKEN_MW, BranchLimit, BranchLimits, Place, Security

if TYPE_CHECKING:
    from siteopt._arrays import Floats, Ints
    from siteopt.grid.system import System


__all__ = ["Redispatch", "Shortfall"]

_LOAD_SLACK_MW: Final = 0.05
"""How far limits may be exceeded where new loads leave no dispatch right within them: a load
counts as served (`siteopt.grid.oracle`) where it lacks less than a hundredth of a MW."""

UNSERVED_TOLERANCE_MW: Final = 1.0
"""Unserved load per bus (MW) tolerated when hosting capacity is maximised."""

_FIRST: Final = 1e3
"""Weight of a MW of unserved load, relative to a MW of further load."""

_ROOM_MW: Final = 1e-4
"""Tolerance (MW) on the least overload of an overloaded branch."""


@dataclass(frozen=True, eq=False)
class Shortfall:
    """Unserved part of new loads, and the Benders feasibility cut that proves it.

    Any loads that can be served have ``price @ load <= most_mw``.
    """

    missing_mw: float
    price: Floats
    """(N,) MW of the binding limits that a MW of load takes, relative to the missing MW."""
    most_mw: float
    limits: tuple[BranchLimit, ...]


class Redispatch:
    """Redispatch programs of one snapshot (security-constrained DC OPF), with warm-started solvers.

    Parameters
    ----------
    system : System
        The case.
    demand_mw, available_mw : ndarray, shape (N,)
        Demand, and available solar and wind, by bus in MW.
    security : {"none", "n-1"}
        Outages under which the limits must hold.

    Raises
    ------
    LayerError
        If the demand of a piece of the network cannot be served even without branch limits.

    Attributes
    ----------
    overloads : Series
        MW above the rating that the snapshot cannot do without, by branch id; those branches
        are allowed that much.
    limits : BranchLimits
        What holds.
    """

    def __init__(
        self,
        system: System,
        demand_mw: Floats,
        available_mw: Floats,
        security: Security = "none",
    ) -> None:
        self.system, self.security = system, security
        self.available_mw = np.maximum(available_mw, 0.0)
        self._last: tuple[tuple[bytes | None, bool], Dispatch] | None = None
        """The last question about the cheapest dispatch, and its answer: a plan is verified by the
        dispatch that is told of it."""
        self._drawn = demand_mw + system.shunt_mw
        check_balances(system, self._drawn, self.available_mw)
        self.limits = BranchLimits(system, self._drawn)
        over, self._places = least_overload(system, self._drawn, self.available_mw, self.limits)
        self.limits.limit_mw += np.where(over > 0, over + _ROOM_MW, 0.0)
        kept = np.flatnonzero(over > BROKEN_MW)
        self.overloads = pd.Series(
            over[kept], index=[str(name) for name in system.net.branch_id[kept]], dtype=np.float64
        )
        if security == "n-1":
            self.limits.secure(self.today.flow_mw)

    def __getstate__(self) -> dict[str, Any]:
        """Return all but the programs, which a copy builds anew: it has no history."""
        state = {**self.__dict__, "_last": None}
        for name in ("_program", "_withdrawals", "_injections"):
            state.pop(name, None)
        return state

    @cached_property
    def _today(self) -> tuple[Dispatch, list[Place]]:
        """The cheapest dispatch without new load, and the limits that it needed."""
        ask = (self.system, self._drawn, self.available_mw, self.limits)
        return cheapest_dispatch(*ask, known=self._places)

    @property
    def today(self) -> Dispatch:
        """The cheapest dispatch without new load and without outages."""
        return self._today[0]

    @cached_property
    def _program(self) -> LoadProgram:
        places = self._today[1]
        return LoadProgram(self.system, self._drawn, self.available_mw, self.limits, places)

    def withdrawals(self) -> BusHosting:
        """Return a new program of the largest further load at a bus."""
        sources = Sources(np.zeros(self.system.buses), self.available_mw)
        return BusHosting(self.system, self._drawn, sources, self.limits, self._places)

    def injections(self) -> BusHosting:
        """Return a new program of the largest further generation at a bus.

        Solar and wind that are used today stay in use; thermal units make room.
        """
        used = np.minimum(self.today.renewable_mw, self.available_mw)
        sources, places = Sources(used, self.available_mw), self._today[1]
        return BusHosting(self.system, self._drawn, sources, self.limits, places, feeds_in=True)

    @cached_property
    def _withdrawals(self) -> BusHosting:
        return self.withdrawals()

    @cached_property
    def _injections(self) -> BusHosting:
        return self.injections()

    def most_withdrawal(self, bus: int) -> tuple[float, tuple[BranchLimit, ...]]:
        """Return the largest further load at a bus in MW, and the binding limits.

        Parameters
        ----------
        bus : int
            Row of the bus.
        """
        return self._withdrawals.most(bus)

    def most_injection(self, bus: int) -> tuple[float, tuple[BranchLimit, ...]]:
        """Return the largest further generation at a bus in MW, and the binding limits.

        Parameters
        ----------
        bus : int
            Row of the bus.
        """
        return self._injections.most(bus)

    def further(self, load_mw: Floats, buses: Ints) -> tuple[float, tuple[BranchLimit, ...]]:
        """Return the largest joint load of some buses in MW beyond new loads, and the binding limits.

        Loads that count as served (`siteopt.grid.oracle`) may lack a fraction of a MW; that is
        made as small as can be first.

        Parameters
        ----------
        load_mw : ndarray of float64
            New loads by bus in MW, shape (N,).
        buses : ndarray of int64
            Rows of the buses.
        """
        open_to = np.zeros(len(load_mw), dtype=np.bool_)
        open_to[buses] = True
        low = np.where(open_to, load_mw, load_mw - UNSERVED_TOLERANCE_MW)
        high = np.where(open_to, highspy.kHighsInf, load_mw)
        program, nothing = self._program, np.zeros(len(load_mw))
        program.set_loads(low, high, np.where(open_to, -1.0, -_FIRST))
        _, dual = program.run()
        drawn = program.loads()
        program.set_loads(nothing, nothing, nothing)
        return max(0.0, float((drawn - load_mw)[buses].sum())), program.binding(dual)

    def shortfall(self, load_mw: Floats) -> Shortfall:
        """Return the unserved part of new loads and the limit that proves it (Benders cut).

        The limit follows from the prices by weak duality in plain arithmetic, so it holds
        however roughly the program was solved.

        Parameters
        ----------
        load_mw : ndarray of float64
            New loads by bus in MW, shape (N,).
        """
        count = len(load_mw)
        program, nothing = self._program, np.zeros(count)
        program.set_loads(np.full(count, -highspy.kHighsInf), load_mw, np.full(count, -1.0))
        value, dual = program.run()
        program.set_loads(nothing, nothing, nothing)
        price, most = program.proof(-dual)
        missing = max(0.0, float(load_mw.sum()) + value)
        return Shortfall(missing, price, most, program.binding(dual))

    def cheapest(self, load_mw: Floats | None = None, *, limited: bool = True) -> Dispatch:
        """Return the economic dispatch with new loads, within all limits or without any.

        Parameters
        ----------
        load_mw : Floats or None, optional
            New loads by bus in MW, shape (N,); none by default.
        limited : bool
            Whether branch limits hold.
        """
        asked = (None if load_mw is None else load_mw.tobytes(), limited)
        if self._last is None or self._last[0] != asked:
            self._last = asked, self._cheapest(load_mw, limited=limited)
        return self._last[1]

    def _cheapest(self, load_mw: Floats | None, *, limited: bool) -> Dispatch:
        known = self._program.places if limited else ()
        ask = (self.system, self._drawn, self.available_mw, self.limits if limited else None)
        try:
            return cheapest_dispatch(*ask, load_mw=load_mw, known=known)[0]
        except SolverError:
            if load_mw is None:
                raise
            return cheapest_dispatch(*ask, load_mw=load_mw, known=known, slack_mw=_LOAD_SLACK_MW)[0]
