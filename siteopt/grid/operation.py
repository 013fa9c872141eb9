"""How the grid can be run in one snapshot: what more it can serve, take in, or cannot.

A linear program over what buses can generate, DC lines, solar and wind (free to curtail) and
further load. It has one row for the balance and one for each branch limit that a solution has
broken: limits are added until none is broken, so a few hundred of the 142,000 that single outages
make are enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import highspy
import numpy as np
import pandas as pd

from siteopt.errors import LayerError, SolverError
from siteopt.grid.dispatch import Dispatch, cheapest_dispatch, least_overload
from siteopt.grid.limits import BROKEN_MW, BranchLimit, BranchLimits, Place, Security
from siteopt.highs import new_highs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.grid.system import System

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Operation", "Shortfall"]

_NO_PRICE: Final = 1e-7
_ROUNDS: Final = 400
_ROUNDING: Final = 1e-9

_MOST_ROWS: Final = 250
"""Above so many rows those that do not bind are dropped before the next question: each costs time
in every step of the simplex method, and is back soon where it matters."""

_LOAD_SLACK_MW: Final = 0.05
"""How far limits may be exceeded where new loads leave no dispatch right within them: a load
counts as served (`siteopt.grid.siting`) where it lacks less than a hundredth of a MW."""

_TRIFLE_MW: Final = 1.0
"""At most so much of a load at a bus may be lacking where further loads are asked for."""

_FIRST: Final = 1e3
"""What a lacking MW counts, against one of further load."""

_ROOM_MW: Final = 1e-4
"""What an overloaded branch is allowed above the least overload, so that rounding has room."""


@dataclass(frozen=True, eq=False)
class Shortfall:
    """How much of new loads cannot be served, and the limit on loads that proves it.

    Any loads that can be served have ``price @ load <= most_mw``.
    """

    missing_mw: float
    price: Floats
    """(N,) MW of the binding limits that a MW of load takes, relative to the missing MW."""
    most_mw: float
    limits: tuple[BranchLimit, ...]


class Operation:
    """All ways to run the grid in one snapshot, with a kept HiGHS handle.

    Parameters
    ----------
    system : System
        The case.
    demand_mw, available_mw : ndarray, shape (N,)
        What buses draw, and what solar and wind can give at most.
    security : {"none", "n-1"}
        Which outages the limits must hold for.

    Raises
    ------
    LayerError
        If the demand cannot be served even without branch limits.

    Attributes
    ----------
    overloads : Series
        MW above the rating that the snapshot cannot do without, by branch id; those branches
        are allowed that much.
    today : Dispatch
        The cheapest dispatch without new load and without outages.
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
        self._drawn = demand_mw + system.shunt_mw
        self._check_supply()
        self.limits = BranchLimits(system, self._drawn)
        over, places = least_overload(system, self._drawn, self.available_mw, self.limits)
        self.limits.limit_mw += np.where(over > 0, over + _ROOM_MW, 0.0)
        kept = np.flatnonzero(over > BROKEN_MW)
        self.overloads = pd.Series(
            over[kept], index=[str(name) for name in system.net.branch_id[kept]], dtype=np.float64
        )
        self.today, places = cheapest_dispatch(
            system, self._drawn, self.available_mw, self.limits, known=places
        )
        if security == "n-1":
            self.limits.secure(self.today.flow_mw)
        self._places: list[Place] = []
        self._known: set[Place] = set()
        self._build()
        self._add(places)

    def _check_supply(self) -> None:
        most, drawn = self.system.unit_most_mw.sum() + self.available_mw.sum(), self._drawn.sum()
        if most < drawn:
            raise LayerError(
                f"grid case: units, solar and wind give at most {most:,.0f} MW, but "
                f"{drawn:,.0f} MW are drawn; check case_generators and the demand"
            )
        if drawn < 0:
            raise LayerError(
                f"grid case: loads sum to {drawn:,.0f} MW, which nothing can take in; give what "
                "feeds in as rows of case_generators, not as negative load"
            )

    # The kept program. Columns: units of a bus together, DC lines, solar and wind, new load.

    def _build(self) -> None:
        """Begin the program: columns and the balance."""
        system, buses = self.system, self.system.buses
        capacity = np.bincount(system.unit_bus, system.unit_most_mw, buses)
        with_units, sources = np.flatnonzero(capacity), np.flatnonzero(self.available_mw)
        units, links = np.eye(buses)[:, with_units], np.zeros((buses, len(system.link_to)))
        place = np.arange(len(system.link_to))
        np.add.at(links, (system.link_to, place), 1.0)
        np.add.at(links, (system.link_from, place), -1.0)
        self._to_bus = np.hstack([units, links, np.eye(buses)[:, sources], -np.eye(buses)])
        self._first_load = self._to_bus.shape[1] - buses
        self._sources, self._first_source = sources, self._first_load - len(sources)
        idle, none = np.zeros(buses), np.zeros(len(sources))
        self._low = np.concatenate([np.zeros(len(with_units)), system.link_least_mw, none, idle])
        self._high = np.concatenate(
            [capacity[with_units], system.link_most_mw, self.available_mw[sources], idle]
        )
        self._highs = new_highs(threads=1)
        for low, high in zip(self._low, self._high, strict=True):
            self._highs.addVar(float(low), float(high))
        self._matrix: list[Floats] = []
        self._sides: list[tuple[float, float]] = []
        drawn = float(self._drawn.sum())
        self._add_row(self._to_bus.sum(axis=0), drawn, drawn)

    def _add_row(self, weights: Floats, low: float, high: float) -> None:
        index = np.flatnonzero(weights)
        self._highs.addRow(low, high, len(index), index.astype(np.int32), weights[index])
        self._matrix.append(weights)
        self._sides.append((low, high))

    def _add(self, places: list[Place]) -> int:
        """Add the limits that are not there yet; return how many."""
        fresh = [place for place in places if place not in self._known]
        for place in fresh:
            row, low, high = self.limits.row(place)
            self._add_row(np.asarray(row @ self._to_bus), low, high)
        self._places.extend(fresh)
        self._known.update(fresh)
        return len(fresh)

    def _drop_slack_rows(self) -> None:
        """Drop the limits that did not bind in the last answer; the basis stays valid."""
        basic = highspy.HighsBasisStatus.kBasic
        slack = [status == basic for status in self._highs.getBasis().row_status]
        slack[0] = False  # the balance
        index = np.flatnonzero(slack).astype(np.int32)
        self._highs.deleteRows(len(index), index)
        keep = np.flatnonzero(~np.array(slack))
        self._matrix = [self._matrix[row] for row in keep]
        self._sides = [self._sides[row] for row in keep]
        self._places = [self._places[row - 1] for row in keep[1:]]
        self._known = set(self._places)

    def _run(self) -> tuple[float, Floats]:
        """Solve until no limit is broken; return the value and the prices of the rows."""
        highs = self._highs
        if len(self._matrix) > _MOST_ROWS:
            self._drop_slack_rows()
        for _ in range(_ROUNDS):
            highs.run()
            if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                highs.clearSolver()  # a basis that has lost its way; from scratch it finds one
                highs.run()
            if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                name = highs.modelStatusToString(highs.getModelStatus())
                raise SolverError(f"grid program: {name}; an optimal value was expected")
            solution = highs.getSolution()
            put_in = self._to_bus @ np.array(solution.col_value)
            if not self._add(self.limits.broken(self.limits.flows(put_in))):
                value = float(highs.getInfo().objective_function_value)
                return value, np.array(solution.row_dual)
        raise SolverError("grid program: limits are still broken after many rounds; report this")

    def _binding(self, dual: Floats) -> tuple[BranchLimit, ...]:
        """Return the limits with a price, dearest first."""
        prices: dict[Place, float] = {}
        for place, price in zip(self._places, np.abs(dual[1:]), strict=True):
            if price > _NO_PRICE:
                name = self.limits.first_of_twins(place)
                prices[name] = prices.get(name, 0.0) + float(price)
        found = [self.limits.told(place, price) for place, price in prices.items()]
        return tuple(
            sorted(found, key=lambda item: (-round(item.price, 6), item.branch_id, item.outage_id))
        )

    def _set_load(self, bus: int, low: float, high: float, cost: float = 0.0) -> None:
        column = self._first_load + int(bus)
        self._highs.changeColBounds(column, float(low), float(high))
        self._highs.changeColCost(column, cost)

    def _set_loads(self, low: Floats, high: Floats, cost: Floats) -> None:
        count = len(cost)
        columns = (self._first_load + np.arange(count)).astype(np.int32)
        self._highs.changeColsBounds(count, columns, low, high)
        self._highs.changeColsCost(count, columns, cost)

    # Questions.

    def most_withdrawal(self, bus: int) -> tuple[float, tuple[BranchLimit, ...]]:
        """Return the largest further load at a bus (its row) in MW, and the limits that stop it."""
        self._set_load(bus, 0.0, highspy.kHighsInf, -1.0)
        value, dual = self._run()
        self._set_load(bus, 0.0, 0.0)
        return max(-value, 0.0), self._binding(dual)

    def most_injection(self, bus: int) -> tuple[float, tuple[BranchLimit, ...]]:
        """Return the largest further generation at a bus in MW, and the limits that stop it.

        Solar and wind that are used today stay in use; thermal units make room.
        """
        used = np.minimum(self.today.renewable_mw, self.available_mw)[self._sources]
        for place, least in enumerate(used):
            self._set_source(place, float(least))
        self._set_load(bus, -highspy.kHighsInf, 0.0, 1.0)
        value, dual = self._run()
        self._set_load(bus, 0.0, 0.0)
        for place in range(len(used)):
            self._set_source(place, 0.0)
        return max(-value, 0.0), self._binding(dual)

    def _set_source(self, place: int, least: float) -> None:
        column = self._first_source + place
        self._highs.changeColBounds(column, least, float(self._high[column]))

    def further(self, load_mw: Floats, buses: Ints) -> tuple[float, tuple[BranchLimit, ...]]:
        """Return the most MW that some buses together can draw beyond new loads (N,).

        Loads that count as served (`siteopt.grid.siting`) may lack a trifle somewhere; that is
        made as small as can be first.
        """
        open_to = np.zeros(len(load_mw), dtype=np.bool_)
        open_to[buses] = True
        low = np.where(open_to, load_mw, load_mw - _TRIFLE_MW)
        high = np.where(open_to, highspy.kHighsInf, load_mw)
        self._set_loads(low, high, np.where(open_to, -1.0, -_FIRST))
        _, dual = self._run()
        drawn = np.array(self._highs.getSolution().col_value)[self._first_load :]
        nothing = np.zeros(len(load_mw))
        self._set_loads(nothing, nothing, nothing)
        return max(float((drawn - load_mw)[buses].sum()), 0.0), self._binding(dual)

    def shortfall(self, load_mw: Floats) -> Shortfall:
        """Return how much of new loads (N,) cannot be served, and what limit proves it.

        The limit follows from the prices by weak duality in plain arithmetic, so it holds
        however roughly the program was solved.
        """
        count = len(load_mw)
        self._set_loads(np.full(count, -highspy.kHighsInf), load_mw, np.full(count, -1.0))
        value, dual = self._run()
        nothing = np.zeros(count)
        self._set_loads(nothing, nothing, nothing)
        price, most = self._proof(-dual)
        missing = max(float(load_mw.sum()) + value, 0.0)
        return Shortfall(missing, price, most, self._binding(dual))

    def _proof(self, dual: Floats) -> tuple[Floats, float]:
        """Return the price of load at each bus and what loads at these prices cannot exceed.

        For any y, ``y matrix x <= sum of max(y low, y high)`` for all x that meet the rows, and
        the columns that are no new load take at least their least part of the left side.
        """
        weight = dual @ np.array(self._matrix)
        low, high = np.array(self._sides).T
        first = self._first_load
        least = np.minimum(weight[:first] * self._low[:first], weight[:first] * self._high[:first])
        most = float(np.maximum(dual * low, dual * high).sum() - least.sum())
        return weight[first:], most + _ROUNDING * abs(most)

    def cheapest(self, load_mw: Floats | None = None, *, limited: bool = True) -> Dispatch:
        """Return the cheapest dispatch with new loads (N,), within all limits or without any."""
        known = self._places if limited else ()
        ask = (self.system, self._drawn, self.available_mw, self.limits if limited else None)
        try:
            return cheapest_dispatch(*ask, load_mw=load_mw, known=known)[0]
        except SolverError:
            if load_mw is None:
                raise
            return cheapest_dispatch(*ask, load_mw=load_mw, known=known, slack_mw=_LOAD_SLACK_MW)[0]
