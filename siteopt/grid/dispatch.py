"""Dispatch: which units run, at least cost or with least overload, in one snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import clarabel
import highspy
import numpy as np
from scipy import sparse

from siteopt.errors import SolverError
from siteopt.highs import new_highs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from siteopt.grid.limits import BranchLimits, Place
    from siteopt.grid.system import System

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Dispatch", "cheapest_dispatch", "least_overload"]

_ROUNDS: Final = 100

_NO_END: Final = "{}: limits are still broken after many rounds; report this"

_EXACT_MW: Final = 1e-6
"""Limits that the least overload breaks by more are looked at; HiGHS is exact to a tenth of it."""


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

    def of_buses(self, system: System) -> Floats:
        """Return what units, solar and wind give at each bus (N,) in MW."""
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

    Parameters
    ----------
    system : System
        The case.
    drawn_mw, available_mw : ndarray, shape (N,)
        What buses draw (shunts included), and what solar and wind can give at most.
    limits : BranchLimits, optional
        Limits to keep; without them units run wherever they stand.
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
    columns = _columns(system, available_mw)
    load = np.zeros(system.buses) if load_mw is None else load_mw
    units, links = len(system.unit_bus), len(system.link_to)
    places = list(known)
    flow = np.full(system.branches, np.nan)
    for _ in range(_ROUNDS):
        values = _quadratic(system, columns, limits, places, drawn_mw, load, slack_mw)
        if limits is None:
            break
        flow = limits.flows(columns.to_bus @ values - load)
        fresh = [place for place in limits.broken(flow) if place not in places]
        if not fresh:
            break
        places += fresh
    else:
        raise SolverError(_NO_END.format("cheapest dispatch"))
    power = values[:units]
    cost = float(system.unit_krw_mwh @ power + system.unit_krw_mw2h @ power**2)
    used = values[units + links :]
    return Dispatch(power, values[units : units + links], used, flow, cost), places


def _quadratic(  # noqa: PLR0913, PLR0917 - the parts of one program
    system: System,
    columns: _Columns,
    limits: BranchLimits | None,
    places: list[Place],
    drawn_mw: Floats,
    load_mw: Floats,
    slack_mw: float,
) -> Floats:
    """Return the columns of the cheapest dispatch within some limits.

    By Clarabel, an interior-point solver: the active-set one of HiGHS 1.15 may not end here.
    """
    rows = [] if limits is None else [limits.row(place) for place in places]
    count = columns.to_bus.shape[1]
    matrix = sparse.csc_array((0, count), dtype=np.float64)
    if rows:
        matrix = sparse.csc_array(np.array([row for row, _, _ in rows]) @ columns.to_bus)
    moved = np.array([float(row @ load_mw) for row, _, _ in rows])
    low = np.array([item for _, item, _ in rows]) + moved - slack_mw
    high = np.array([item for _, _, item in rows]) + moved + slack_mw
    balance = sparse.csc_array(system.by_piece(columns.to_bus))
    one = sparse.eye_array(count)
    sides = sparse.vstack([balance, matrix, -matrix, one, -one])
    must = system.by_piece(drawn_mw) + system.by_piece(load_mw)
    right = np.concatenate([must, high, -low, columns.high, -columns.low])
    slope, curve = np.zeros(count), np.zeros(count)
    units = len(system.unit_bus)
    slope[:units], curve[:units] = system.unit_krw_mwh, 2.0 * system.unit_krw_mw2h
    scale = 1.0 / max(float(np.abs(slope).max(initial=0.0)), 1.0)
    settings = clarabel.DefaultSettings()
    settings.verbose, settings.max_threads = False, 1
    cones = [clarabel.ZeroConeT(len(must)), clarabel.NonnegativeConeT(len(right) - len(must))]
    found = clarabel.DefaultSolver(
        sparse.csc_matrix(sparse.diags_array(curve * scale)),
        slope * scale,
        sparse.csc_matrix(sides),
        right,
        cones,
        settings,
    ).solve()
    if found.status not in (clarabel.SolverStatus.Solved, clarabel.SolverStatus.AlmostSolved):
        raise SolverError(f"cheapest dispatch: {found.status}; an optimal one was expected")
    values: Floats = np.clip(np.array(found.x), columns.low, columns.high)
    return values


def least_overload(
    system: System, drawn_mw: Floats, available_mw: Floats, limits: BranchLimits
) -> tuple[Floats, list[Place]]:
    """Return how far branches (L,) must exceed their limits, in MW, whatever is done.

    The sum over all branches is the least there is; 0 where a snapshot can be run within them.
    Also returns the limits that were looked at.
    """
    columns = _columns(system, available_mw)
    to_bus = columns.to_bus
    count = to_bus.shape[1]
    highs = new_highs(threads=1)
    for low, high in zip(columns.low, columns.high, strict=True):
        highs.addVar(float(low), float(high))
    for weights, drawn in zip(system.by_piece(to_bus), system.by_piece(drawn_mw), strict=True):
        index = np.flatnonzero(weights)
        highs.addRow(drawn, drawn, len(index), index.astype(np.int32), weights[index])
    slack: dict[Place, int] = {}
    values = np.zeros(count)
    for _ in range(_ROUNDS):
        highs.run()
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            name = highs.modelStatusToString(highs.getModelStatus())
            raise SolverError(f"least overload: {name}; an optimal value was expected")
        values = np.array(highs.getSolution().col_value)
        broken = limits.broken(limits.flows(np.asarray(to_bus @ values[:count])), _EXACT_MW)
        fresh = [place for place in broken if place not in slack]
        if not fresh:
            break
        for place in fresh:
            slack[place] = _elastic_row(highs, limits.row(place), to_bus)
    else:
        raise SolverError(_NO_END.format("least overload"))
    over = np.zeros(system.branches)
    for place, column in slack.items():
        over[place.branch] = values[column : column + 2].sum()
    return np.where(over > _EXACT_MW, over, 0.0), list(slack)


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
