"""Hosting capacity bus by bus: a linear program with lazy branch limits, warm-started.

The most that one bus can draw, or feed in, with one load that is moved from bus to bus. A kept
program over what the units of each bus give, DC lines, solar and wind and a single
load; a row for the balance of each piece of the network and one for each branch limit that an
answer has broken, so a few dozen of thousands. At the next bus only the column of the load differs.
As nothing else has a cost, the prices of one bus keep their signs at another where a load
there has a value. So the dual simplex method is warm-started from the last basis, and where the
same limits stop both buses it has nothing to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import highspy
import numpy as np
from scipy.sparse import csr_array

from siteopt.errors import SolverError
from siteopt.highs import new_highs, solve_warm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt._arrays import Floats
    from siteopt.grid.limits import BranchLimit, BranchLimits, Place
    from siteopt.grid.system import System


__all__ = ["BusHosting", "Sources"]

_ROUNDS: Final = 400

_BROKEN_MW: Final = 1e-5
"""A limit that is exceeded by more is broken; HiGHS is exact to a hundredth of it."""

_MOST_ROWS: Final = 120
"""Number of rows above which those that do not bind are dropped before the next bus: each costs
time in every step of the simplex method, and is back soon where it matters."""


_LATE_ROWS: Final = 1000
"""Rows of limits that are kept for when they come back."""


class Sources(NamedTuple):
    """What solar and wind of each bus can give (N,), in MW."""

    least_mw: Floats
    most_mw: Floats


class _Row(NamedTuple):
    """A row of the program."""

    of_buses: Floats
    """MW of it per MW put in at each bus (N,)."""
    low: float
    high: float
    of_columns: Floats
    """Per MW of each column but the load."""


class BusHosting:
    """The most of one bus after the other, with a kept HiGHS handle.

    Parameters
    ----------
    system : System
        The case.
    drawn_mw : ndarray, shape (N,)
        What buses draw, shunts included.
    sources : Sources
        Solar and wind.
    limits : BranchLimits
        What holds.
    places : sequence of Place
        Limits that are likely to bind.
    feeds_in : bool
        Whether the capacity is that of further generation, not of further load.
    """

    def __init__(  # noqa: PLR0913 - the grid, its hour, and the question
        self,
        system: System,
        drawn_mw: Floats,
        sources: Sources,
        limits: BranchLimits,
        places: Sequence[Place] = (),
        *,
        feeds_in: bool = False,
    ) -> None:
        self._system, self._limits = system, limits
        self._sign = 1.0 if feeds_in else -1.0
        self._to_bus, low, high = _columns(system, sources)
        self._load = len(low)
        self._highs = new_highs(threads=1)
        for least, most in zip([*low, 0.0], [*high, highspy.kHighsInf], strict=True):
            self._highs.addVar(float(least), float(most))
        self._highs.changeColCost(self._load, -1.0)
        self._rows: list[Floats] = []
        """Rows of the program as MW per MW put in at each bus (N,)."""
        self._places: list[Place] = []
        self._known: set[Place] = set()
        self._late: dict[Place, _Row] = {}
        for number, drawn in enumerate(system.by_piece(drawn_mw)):
            row = (system.piece == number).astype(np.float64)
            self._add_rows([_Row(row, drawn, drawn, row @ self._to_bus)], bus=0)
        self._add(places, bus=0)

    def _add(self, places: Sequence[Place], bus: int) -> int:
        """Add the limits that are not there yet; return how many."""
        fresh = [place for place in places if place not in self._known]
        if fresh:
            self._add_rows([self._limit(place) for place in fresh], bus)
        self._places.extend(fresh)
        self._known.update(fresh)
        return len(fresh)

    def _limit(self, place: Place) -> _Row:
        """Return the row of a limit; those of late are kept, for many come back soon."""
        made = self._late.pop(place, None)
        if made is None:
            row, low, high = self._limits.row(place)
            made = _Row(row, low, high, row @ self._to_bus)
            if len(self._late) >= _LATE_ROWS:
                del self._late[next(iter(self._late))]
        self._late[place] = made
        return made

    def _add_rows(self, rows: Sequence[_Row], bus: int) -> None:
        of_load = self._sign * np.array([row.of_buses[bus] for row in rows])
        weights = np.column_stack([np.array([row.of_columns for row in rows]), of_load])
        at, index = np.nonzero(weights)
        starts = np.searchsorted(at, np.arange(len(rows)))
        low, high = np.array([row.low for row in rows]), np.array([row.high for row in rows])
        self._highs.addRows(
            len(rows), low, high, len(index), starts.astype(np.int32), index.astype(np.int32),
            weights[at, index],
        )  # fmt: skip
        self._rows.extend(row.of_buses for row in rows)

    def _drop_slack_rows(self) -> None:
        """Drop the limits that did not bind in the last answer; the basis stays valid."""
        balances, basic = self._system.pieces, highspy.HighsBasisStatus.kBasic
        status = self._highs.getBasis().row_status
        slack = [row for row in range(balances, len(self._rows)) if status[row] == basic]
        self._highs.deleteRows(len(slack), np.array(slack, dtype=np.int32))
        gone = set(slack)
        kept = [row for row in range(len(self._rows)) if row not in gone]
        self._places = [self._places[row - balances] for row in kept[balances:]]
        self._rows = [self._rows[row] for row in kept]
        self._known = set(self._places)

    def most(self, bus: int) -> tuple[float, tuple[BranchLimit, ...]]:
        """Return the hosting capacity of a bus in MW and its binding limits, largest dual first.

        Parameters
        ----------
        bus : int
            Row of the bus.

        Raises
        ------
        SolverError
            If HiGHS finds no answer.
        """
        if len(self._rows) > _MOST_ROWS:
            self._drop_slack_rows()
        for place, row in enumerate(self._rows):
            self._highs.changeCoeff(place, self._load, self._sign * float(row[bus]))
        for _ in range(_ROUNDS):
            solve_warm(self._highs, "one bus")
            solution = self._highs.getSolution()
            values = np.array(solution.col_value)
            put_in = self._to_bus @ values[:-1]
            put_in[bus] += self._sign * values[-1]
            if not self._add(self._limits.broken(self._limits.flows(put_in), _BROKEN_MW), bus):
                prices = np.array(solution.row_dual)[self._system.pieces :]
                # 0.0 first: of two zeros Python takes that, and not -0.0
                return max(0.0, float(values[-1])), self._limits.binding(self._places, prices)
        raise SolverError("one bus: limits are still broken after many rounds; report this")


def _columns(system: System, sources: Sources) -> tuple[csr_array, Floats, Floats]:
    """Return what a MW of each column puts into each bus (N, K), and the columns' ranges (K,)."""
    capacity = np.bincount(system.unit_bus, system.unit_most_mw, system.buses)
    with_units, with_sources = np.flatnonzero(capacity), np.flatnonzero(sources.most_mw)
    units, links = len(with_units), len(system.link_to)
    link = units + np.arange(links)
    source = units + links + np.arange(len(with_sources))
    rows = np.concatenate([with_units, system.link_to, system.link_from, with_sources])
    columns = np.concatenate([np.arange(units), link, link, source])
    signs = np.ones(len(rows))
    signs[units + links : units + 2 * links] = -1.0
    shape = (system.buses, units + links + len(source))
    least, most = sources.least_mw[with_sources], sources.most_mw[with_sources]
    low = np.concatenate([np.zeros(units), system.link_least_mw, least])
    high = np.concatenate([capacity[with_units], system.link_most_mw, most])
    return csr_array((signs, (rows, columns)), shape=shape), low, high
