"""Unserved load: a warm-started linear program of one snapshot with new loads at many buses.

Over what buses can generate, DC lines, solar and wind (free to curtail) and a load at each bus. It
has a row for the balance of each piece and one for each branch limit that a solution has broken:
limits are added until none is broken, so a few hundred of the 142,000 that single outages make are
enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import highspy
import numpy as np

from siteopt.errors import SolverError
from siteopt.highs import new_highs, solve_warm

if TYPE_CHECKING:
    from siteopt._arrays import Floats
    from siteopt.grid.limits import BranchLimit, BranchLimits, Place
    from siteopt.grid.system import System


__all__ = ["LoadProgram"]

_ROUNDS: Final = 400
_ROUNDING: Final = 1e-9

_MOST_ROWS: Final = 250
"""Number of rows above which those that do not bind are dropped before the next solve: each costs
time in every step of the simplex method, and is back soon where it matters."""


class LoadProgram:
    """The program, with a kept HiGHS handle.

    Parameters
    ----------
    system : System
        The case.
    drawn_mw, available_mw : ndarray, shape (N,)
        What buses draw, shunts included, and what solar and wind can give at most.
    limits : BranchLimits
        What holds.
    places : list of Place
        Limits that are likely to bind.
    """

    def __init__(
        self,
        system: System,
        drawn_mw: Floats,
        available_mw: Floats,
        limits: BranchLimits,
        places: list[Place],
    ) -> None:
        self.system, self.limits = system, limits
        self.places: list[Place] = []
        self._known: set[Place] = set()
        self._build(drawn_mw, available_mw)
        self._add(places)

    def _build(self, drawn_mw: Floats, available_mw: Floats) -> None:
        """Begin the program: columns and the balances."""
        system, buses = self.system, self.system.buses
        capacity = np.bincount(system.unit_bus, system.unit_most_mw, buses)
        with_units, sources = np.flatnonzero(capacity), np.flatnonzero(available_mw)
        units, links = np.eye(buses)[:, with_units], np.zeros((buses, len(system.link_to)))
        place = np.arange(len(system.link_to))
        np.add.at(links, (system.link_to, place), 1.0)
        np.add.at(links, (system.link_from, place), -1.0)
        self._to_bus = np.hstack([units, links, np.eye(buses)[:, sources], -np.eye(buses)])
        self._first_load = self._to_bus.shape[1] - buses
        idle, none = np.zeros(buses), np.zeros(len(sources))
        self._low = np.concatenate([np.zeros(len(with_units)), system.link_least_mw, none, idle])
        self._high = np.concatenate(
            [capacity[with_units], system.link_most_mw, available_mw[sources], idle]
        )
        self._highs = new_highs(threads=1)
        for low, high in zip(self._low, self._high, strict=True):
            self._highs.addVar(float(low), float(high))
        self._matrix: list[Floats] = []
        self._sides: list[tuple[float, float]] = []
        balances = zip(system.by_piece(self._to_bus), system.by_piece(drawn_mw), strict=True)
        for weights, drawn in balances:
            self._add_row(weights, float(drawn), float(drawn))

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
        self.places.extend(fresh)
        self._known.update(fresh)
        return len(fresh)

    def _drop_slack_rows(self) -> None:
        """Drop the limits that did not bind in the last answer; the basis stays valid."""
        basic = highspy.HighsBasisStatus.kBasic
        slack = [status == basic for status in self._highs.getBasis().row_status]
        balances = self.system.pieces
        slack[:balances] = [False] * balances
        index = np.flatnonzero(slack).astype(np.int32)
        self._highs.deleteRows(len(index), index)
        keep = np.flatnonzero(~np.array(slack))
        self._matrix = [self._matrix[row] for row in keep]
        self._sides = [self._sides[row] for row in keep]
        self.places = [self.places[row - balances] for row in keep[balances:]]
        self._known = set(self.places)

    def run(self) -> tuple[float, Floats]:
        """Solve until no limit is broken; return the value and the prices of the rows."""
        highs = self._highs
        if len(self._matrix) > _MOST_ROWS:
            self._drop_slack_rows()
        for _ in range(_ROUNDS):
            solve_warm(highs, "grid program")
            solution = highs.getSolution()
            put_in = self._to_bus @ np.array(solution.col_value)
            if not self._add(self.limits.broken(self.limits.flows(put_in))):
                value = float(highs.getInfo().objective_function_value)
                return value, np.array(solution.row_dual)
        raise SolverError("grid program: limits are still broken after many rounds; report this")

    def binding(self, dual: Floats) -> tuple[BranchLimit, ...]:
        """Return the limits with a price in the duals of the rows, dearest first.

        Parameters
        ----------
        dual : ndarray of float64
            Duals of all rows.
        """
        return self.limits.binding(self.places, dual[self.system.pieces :])

    def loads(self) -> Floats:
        """Return the new loads (N,) of the last answer."""
        return np.array(self._highs.getSolution().col_value)[self._first_load :]

    def set_loads(self, low: Floats, high: Floats, cost: Floats) -> None:
        """Set the range and the cost of the load at each bus (N,).

        Parameters
        ----------
        low : ndarray of float64
            Lower bounds in MW.
        high : ndarray of float64
            Upper bounds in MW.
        cost : ndarray of float64
            Cost per MW.
        """
        count = len(cost)
        columns = (self._first_load + np.arange(count)).astype(np.int32)
        self._highs.changeColsBounds(count, columns, low, high)
        self._highs.changeColsCost(count, columns, cost)

    def proof(self, dual: Floats) -> tuple[Floats, float]:
        """Return the price of load at each bus (N,) and the bound on loads at these prices.

        Weak duality in plain arithmetic: valid for any dual.

        For any y, ``y matrix x <= sum of max(y low, y high)`` for all x that meet the rows, and
        the columns that are no new load take at least their least part of the left side.

        Parameters
        ----------
        dual : ndarray of float64
            Duals of all rows.
        """
        weight = dual @ np.array(self._matrix)
        low, high = np.array(self._sides).T
        first = self._first_load
        least = np.minimum(weight[:first] * self._low[:first], weight[:first] * self._high[:first])
        most = float(np.maximum(dual * low, dual * high).sum() - least.sum())
        return weight[first:], most + _ROUNDING * abs(most)
