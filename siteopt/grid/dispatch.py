"""Economic dispatch: units at least cost, or with least overload, in one snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import clarabel
import highspy
import numpy as np
from scipy import sparse

from siteopt.errors import SolverError
from siteopt.grid._least_norm import Program, least_norm_point, new_settings, null_space
from siteopt.grid.limits import BROKEN_MW
from siteopt.highs import new_highs, run_highs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from siteopt._arrays import Floats
    from siteopt.grid.limits import BranchLimits, Place
    from siteopt.grid.system import System


__all__ = ["Dispatch", "cheapest_dispatch", "least_overload"]

_ROUNDS: Final = 100

_NO_END: Final = "{}: limits are still broken after many rounds; report this"

_TIE: Final = 1e-5
"""Prices and costs that differ by less, of the middle cost of the units, are equal."""

_MAYBE_TIE: Final = 1e-2
"""Distance up to which costs may be a tie at the solver's usual tolerance."""

_SAME_FACTOR: Final = 1e-7
"""What moves no branch by more, per MW, moves none."""

_AT_ONCE: Final = 300
"""Limits that are added at once, the worst: a first guess breaks thousands of a large case, and
most of them hold when these do."""

_EXACT_MW: Final = 1e-6
"""Limits that the least overload breaks by more are added; HiGHS is exact to a tenth of it."""


@dataclass(frozen=True, eq=False)
class Dispatch:
    """One way to run the system."""

    unit_mw: Floats
    """(U,)"""
    link_mw: Floats
    """(D,) from the first end to the second."""
    renewable_mw: Floats
    """(N,) solar and wind that are used."""
    flow_mw: Floats
    """(L,)"""
    cost_krw_h: float
    """Fuel of the units, without what they cost standing by."""
    decided: bool = True
    """Whether costs alone decide what every bus gives; else sources of one cost share it."""

    def of_buses(self, system: System) -> Floats:
        """Return the generation at each bus (N,) in MW.

        Parameters
        ----------
        system : System
            Power system of the case.
        """
        return np.bincount(system.unit_bus, self.unit_mw, system.buses) + self.renewable_mw


@dataclass(frozen=True, eq=False)
class _Columns:
    """Units, DC lines and buses with solar or wind as columns."""

    to_bus: sparse.csc_array[np.float64]
    """(N, columns) what a MW of each puts into each bus."""
    low: Floats
    high: Floats


def _columns(system: System, available_mw: Floats) -> _Columns:
    links = len(system.link_to)
    rows = np.concatenate(
        [system.unit_bus, system.link_to, np.arange(system.buses), system.link_from]
    )
    count = len(system.unit_bus) + links + system.buses
    place = np.concatenate([np.arange(count), len(system.unit_bus) + np.arange(links)])
    sign = np.concatenate([np.ones(count), -np.ones(links)])
    low = np.concatenate(
        [np.zeros(len(system.unit_bus)), system.link_least_mw, np.zeros(system.buses)]
    )
    high = np.concatenate([system.unit_most_mw, system.link_most_mw, available_mw])
    to_bus = sparse.csc_array((sign, (rows, place)), shape=(system.buses, count))
    return _Columns(to_bus, low, high)


def _moving(columns: _Columns) -> _Columns:
    """Return the columns without those that are always 0: sun and wind of most buses."""
    moves = np.flatnonzero((columns.low != 0) | (columns.high != 0))
    return _Columns(columns.to_bus[:, moves], columns.low[moves], columns.high[moves])


def cheapest_dispatch(  # noqa: PLR0913 - what is drawn, what there is, what holds
    system: System,
    drawn_mw: Floats,
    available_mw: Floats,
    limits: BranchLimits | None = None,
    *,
    load_mw: Floats | None = None,
    known: Sequence[Place] = (),
    slack_mw: float = 0.0,
) -> tuple[Dispatch, list[Place]]:
    """Return the cheapest dispatch (quadratic costs, units free between 0 and their most).

    Where several cost the same, sources of one cost run at one share of their most, as far as
    limits let them: the least sum of squares over most, which only one dispatch has.

    Parameters
    ----------
    system : System
        The case.
    drawn_mw, available_mw : ndarray, shape (N,)
        What buses draw (shunts included), and what solar and wind can give at most.
    limits : BranchLimits, optional
        Limits to keep; without them branch flows are unlimited.
    load_mw : ndarray, shape (N,), optional
        New loads; they must be possible.
    known : sequence of Place
        Limits that are likely to bind.
    slack_mw : float
        How far limits may be exceeded.

    Returns
    -------
    Dispatch
        The cheapest one.
    list of Place
        The limits that were needed.

    Raises
    ------
    SolverError
        If there is none.
    """
    load = np.zeros(system.buses) if load_mw is None else load_mw
    program = _Cheapest(system, available_mw, drawn_mw, load, limits, list(known), slack_mw)
    values = program.run()
    decided = True
    if program.tied(_MAYBE_TIE):
        program.run(tight=True)
        decided = not program.tied(_TIE)
        values = values if decided else program.even()
    return program.dispatch(values, decided=decided), program.places


class _Cheapest:
    """The program of the cheapest dispatch, by Clarabel, an interior-point solver.

    The active-set one of HiGHS 1.15 may not end here.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of one program
        self,
        system: System,
        available_mw: Floats,
        drawn_mw: Floats,
        load_mw: Floats,
        limits: BranchLimits | None,
        places: list[Place],
        slack_mw: float,
    ) -> None:
        self.system, self.limits, self.places = system, limits, places
        self.load_mw, self.slack_mw = load_mw, slack_mw
        self.columns = _columns(system, available_mw)
        self.balance = system.by_piece(self.columns.to_bus)
        self.drawn_mw = system.by_piece(drawn_mw) + system.by_piece(load_mw)
        count, units = self.columns.to_bus.shape[1], len(system.unit_bus)
        self.slope, self.curve = np.zeros(count), np.zeros(count)
        self.slope[:units] = system.unit_krw_mwh
        self.curve[:units] = 2.0 * system.unit_krw_mw2h
        self.scale = 1.0 / max(float(np.abs(self.slope).max(initial=0.0)), 1.0)
        dear = np.abs(self.slope[self.slope != 0])
        self.middle = min(float(np.median(dear)) * self.scale if len(dear) else 1.0, 1.0)
        self.values = np.zeros(count)
        self.price, self.row_price = np.zeros(count), np.zeros(0)

    def run(self, *, tight: bool = False) -> Floats:
        """Return the columns of a cheapest dispatch, limits added until none is broken."""
        for _ in range(_ROUNDS):
            self._solve(tight=tight)
            if not self._add_broken(self.values, BROKEN_MW):
                return self.values
        raise SolverError(_NO_END.format("cheapest dispatch"))

    def _flows(self, values: Floats) -> Floats:
        if self.limits is None:
            return np.full(self.system.branches, np.nan)
        return self.limits.flows(self.columns.to_bus @ values - self.load_mw)

    def _add_broken(self, values: Floats, beyond_mw: float) -> bool:
        if self.limits is None:
            return False
        broken = self.limits.broken(self._flows(values), beyond_mw)
        fresh = [place for place in broken if place not in self.places]
        self.places += fresh
        return bool(fresh)

    def _rows(self) -> tuple[Floats, Floats, Floats]:
        """Return coefficients and both sides of the limits in the program."""
        rows = [] if self.limits is None else [self.limits.row(place) for place in self.places]
        matrix = np.array([row for row, _, _ in rows]).reshape(len(rows), self.system.buses)
        moved = np.array([float(row @ self.load_mw) for row, _, _ in rows])
        low = np.array([item for _, item, _ in rows]) + moved - self.slack_mw
        high = np.array([item for _, _, item in rows]) + moved + self.slack_mw
        return np.asarray(matrix @ self.columns.to_bus), low, high

    def _solve(self, *, tight: bool) -> None:
        """Solve within the limits in the program; keep values and prices."""
        columns = self.columns
        count = columns.to_bus.shape[1]
        matrix, low, high = self._rows()
        balance, pieces = sparse.csc_array(self.balance), len(self.balance)
        one = sparse.eye_array(count)
        rows = sparse.csc_array(matrix)
        sides = sparse.vstack([balance, rows, -rows, one, -one])
        right = np.concatenate([self.drawn_mw, high, -low, columns.high, -columns.low])
        scale = self.scale
        found = clarabel.DefaultSolver(
            sparse.csc_matrix(sparse.diags_array(self.curve * scale)),
            self.slope * scale,
            sparse.csc_matrix(sides),
            right,
            [clarabel.ZeroConeT(pieces), clarabel.NonnegativeConeT(len(right) - pieces)],
            new_settings(tight=tight),
        ).solve()
        if found.status not in {clarabel.SolverStatus.Solved, clarabel.SolverStatus.AlmostSolved}:
            if tight:
                return  # the answer of before is as good, to fewer digits
            raise SolverError(f"cheapest dispatch: {found.status}; an optimal one was expected")
        self.values = np.clip(np.array(found.x), columns.low, columns.high)
        prices = np.array(found.z)[pieces:]
        half = 2 * len(low)
        self.row_price = np.maximum(prices[: len(low)], prices[len(low) : half])
        self.price = np.maximum(prices[half : half + count], prices[half + count :])

    def _free(self, tie: float) -> NDArray[np.bool_]:
        """Return which columns can move without cost: linear ones that no bound has a price for."""
        room = self.columns.high > self.columns.low
        return np.asarray((self.curve == 0) & room & (self.price <= tie * self.middle))

    def tied(self, tie: float) -> bool:
        """Return whether another dispatch costs the same and gives other MW at some bus."""
        free = self._free(tie)
        if not free.any():
            return False
        priced = self._rows()[0][self.row_price > tie * self.middle]
        ways = null_space(np.vstack([self.balance, priced])[:, free], _SAME_FACTOR)
        moved = np.asarray(self.columns.to_bus @ _spread(ways, free))
        return bool((np.abs(moved) > _SAME_FACTOR).any())

    def even(self) -> Floats:
        """Return the cheapest dispatch in which sources of one cost run at one share of their most."""
        columns = self.columns
        most = np.maximum(np.abs(columns.low), np.abs(columns.high))
        pairs = zip(self.places, self.row_price, strict=True)
        priced = {place for place, price in pairs if price > _TIE * self.middle}

        def build() -> tuple[Program, NDArray[np.bool_]]:
            program = Program(columns.low, columns.high, self.balance, self.drawn_mw, *self._rows())
            return program, np.array([place in priced for place in self.places], dtype=np.bool_)

        def more(point: Floats) -> bool:
            return self._add_broken(point, _EXACT_MW)

        weight = 1.0 / np.maximum(most, _EXACT_MW)
        return least_norm_point(build, self.values, self._free(_TIE), weight, more)

    def dispatch(self, values: Floats, *, decided: bool) -> Dispatch:
        """Return columns as a dispatch."""
        units, links = len(self.system.unit_bus), len(self.system.link_to)
        power = values[:units]
        cost = float(self.slope[:units] @ power + self.curve[:units] @ power**2 / 2.0)
        return Dispatch(
            power, values[units : units + links], values[units + links :], self._flows(values),
            cost, decided,
        )  # fmt: skip


def _spread(ways: Floats, free: NDArray[np.bool_]) -> Floats:
    """Return directions of the free columns as directions of all."""
    out = np.zeros((len(free), ways.shape[1]))
    out[free] = ways
    return out


def least_overload(
    system: System, drawn_mw: Floats, available_mw: Floats, limits: BranchLimits
) -> tuple[Floats, list[Place]]:
    """Return the least overload (L,) in MW that no redispatch avoids.

    The sum over all branches is the least there is, shared among them by their ratings as far as
    can be; 0 where a snapshot can be run within them. Also returns the limits in the program.

    Parameters
    ----------
    system : System
        Power system of the case.
    drawn_mw : ndarray of float64
        Demand by bus with shunts in MW, shape (N,).
    available_mw : ndarray of float64
        Available solar and wind by bus in MW, shape (N,).
    limits : BranchLimits
        Branch limits of the snapshot.
    """
    columns = _moving(_columns(system, available_mw))
    to_bus, count = columns.to_bus, len(columns.low)
    highs = new_highs(threads=1)
    for low, high in zip(columns.low, columns.high, strict=True):
        highs.addVar(float(low), float(high))
    balance = system.by_piece(to_bus)
    for weights, drawn in zip(balance, system.by_piece(drawn_mw), strict=True):
        index = np.flatnonzero(weights)
        highs.addRow(drawn, drawn, len(index), index.astype(np.int32), weights[index])
    slack: dict[Place, int] = {}
    values = np.zeros(count)
    for _ in range(_ROUNDS):
        run_highs(highs)
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            name = highs.modelStatusToString(highs.getModelStatus())
            raise SolverError(f"least overload: {name}; an optimal value was expected")
        values = np.array(highs.getSolution().col_value)
        broken = limits.broken(limits.flows(np.asarray(to_bus @ values[:count])), _EXACT_MW)
        fresh = [place for place in broken if place not in slack]
        if not fresh:
            break
        for place in fresh[:_AT_ONCE]:
            slack[place] = _elastic_row(highs, limits.row(place), to_bus)
    else:
        raise SolverError(_NO_END.format("least overload"))
    over = np.zeros(system.branches)
    if values[count:].sum() > _EXACT_MW:
        values = _even_overload(highs, columns, balance, limits, list(slack))
    for place, column in slack.items():
        over[place.branch] = values[column : column + 2].sum()
    return np.where(over > _EXACT_MW, over, 0.0), list(slack)


def _even_overload(
    highs: highspy.Highs,
    columns: _Columns,
    balance: Floats,
    limits: BranchLimits,
    elastic: list[Place],
) -> Floats:
    """Return the columns of a least overload in which branches share it by their ratings.

    ``elastic`` are the limits that may be exceeded, in the order of their columns.
    """
    solution = highs.getSolution()
    point, count = np.array(solution.col_value), columns.to_bus.shape[1]
    places, extra = list(elastic), 2 * len(elastic)
    low = np.concatenate([columns.low, np.zeros(extra)])
    high = np.concatenate([columns.high, np.full(extra, np.inf)])
    free = (np.abs(np.array(solution.col_dual)) <= _TIE) & (high > low)
    tied = np.abs(np.array(solution.row_dual)[len(balance) :]) > _TIE
    balance = np.hstack([balance, np.zeros((len(balance), extra))])
    give = np.kron(np.eye(len(elastic)), np.array([[1.0, -1.0]]))
    right = balance @ point

    def build() -> tuple[Program, NDArray[np.bool_]]:
        rows = [limits.row(place) for place in places]
        matrix = np.zeros((len(rows), count + extra))
        matrix[:, :count] = np.array([row for row, _, _ in rows]) @ columns.to_bus
        matrix[: len(elastic), count:] = give
        sides = (np.array([item for _, item, _ in rows]), np.array([item for *_, item in rows]))
        program = Program(low, high, balance, right, matrix, *sides)
        return program, np.concatenate([tied, np.zeros(len(rows) - len(tied), dtype=np.bool_)])

    def more(point: Floats) -> bool:
        flows = limits.flows(np.asarray(columns.to_bus @ point[:count]))
        fresh = [place for place in limits.broken(flows, _EXACT_MW) if place not in places]
        places.extend(fresh)
        return bool(fresh)

    rate = np.repeat(limits.limit_mw[[place.branch for place in elastic]], 2)
    weight = np.concatenate([np.zeros(count), 1.0 / np.maximum(rate, _EXACT_MW)])
    return least_norm_point(build, point, free, weight, more)


def _elastic_row(
    highs: highspy.Highs, row: tuple[Floats, float, float], to_bus: sparse.csc_array[np.float64]
) -> int:
    """Add a limit that may be exceeded on either side at a cost; return the first new column."""
    first = int(highs.getNumCol())
    none = (np.empty(0, dtype=np.int32), np.empty(0))
    highs.addCol(1.0, 0.0, highspy.kHighsInf, 0, *none)
    highs.addCol(1.0, 0.0, highspy.kHighsInf, 0, *none)
    vector, low, high = row
    weights = np.asarray(vector @ to_bus)
    index = np.flatnonzero(weights)
    columns = np.concatenate([index, [first, first + 1]]).astype(np.int32)
    highs.addRow(low, high, len(columns), columns, np.concatenate([weights[index], [1.0, -1.0]]))
    return first
