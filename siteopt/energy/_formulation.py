"""Capacity expansion with 24/7 carbon-free matching as arrays (Riepin and Brown 2022).

Equations and symbols: :mod:`siteopt.energy.program`. All but the flow limits, which
:class:`siteopt.energy.program.EnergyProgram` adds where a solution breaks them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import sparse

from siteopt.energy.supply import DAY_H

if TYPE_CHECKING:
    from siteopt._arrays import Floats, Ints
    from siteopt.energy.supply import Supply

__all__ = ["Columns", "Formulation", "Matching", "formulate"]

Matching = Literal["annual", "hourly"]
"""Whether clean supply has to match the load over the year or in every hour."""


class Columns:
    """Numbers of the variables: capacities, then hourly ones as (H, ...) blocks.

    Parameters
    ----------
    supply : Supply
        Data of the program.
    """

    def __init__(self, supply: Supply) -> None:
        hours = supply.hours
        zones, storages = supply.available_mw.shape[1], len(supply.storage_share)
        self.count = 0
        self.source = self._numbers(len(supply.source_name))
        self.power, self.energy = self._numbers(storages), self._numbers(storages)
        self.shortfall = int(self._numbers(1)[0])
        self.used, self.excess = self._numbers(hours), self._numbers(hours)
        self.shift = self._numbers(hours if supply.flexible_share > 0 else 0)  # all buses together
        self.unit = self._hourly(hours, len(supply.fleet.bus))
        self.spill = self._hourly(hours, zones)  # curtailment of what runs today
        self.curtail = self._hourly(hours, zones)  # curtailment of new sources
        self.charge = self._hourly(hours, storages)
        self.discharge = self._hourly(hours, storages)
        self.level = self._hourly(hours, storages)
        year = 0 if supply.day_order is None else len(supply.day_order)
        days = hours // DAY_H if year else 0
        self.state = self._hourly(year, storages)  # of storage, where a day of the year begins
        self.highest, self.lowest = self._hourly(days, storages), self._hourly(days, storages)

    def _numbers(self, count: int) -> Ints:
        self.count += count
        return np.arange(self.count - count, self.count)

    def _hourly(self, hours: int, count: int) -> Ints:
        return self._numbers(hours * count).reshape(hours, count)


class _Rows:
    """Rows under construction."""

    def __init__(self) -> None:
        self.count = 0
        self._entries: list[tuple[Ints, Ints, Floats]] = []
        self._sides: list[tuple[Floats, Floats]] = []

    def add(self, lower: float, upper: float, *shape: int) -> Ints:
        """Add rows of the same sides; return their numbers in a shape."""
        count = int(np.prod(shape))
        self._sides.append((np.full(count, lower), np.full(count, upper)))
        self.count += count
        return np.arange(self.count - count, self.count).reshape(shape)

    def put(self, row: Ints, column: Ints | int, value: Floats | float) -> None:
        """Put entries into rows; all three are broadcast against each other."""
        rows, columns, values = np.broadcast_arrays(row, column, np.asarray(value, np.float64))
        self._entries.append((rows.ravel(), columns.ravel(), values.ravel()))

    def matrix(self, columns: int) -> sparse.csc_array[np.float64]:
        """Return the coefficients."""
        row, column, value = zip(*self._entries, strict=True)
        places = (np.concatenate(row), np.concatenate(column))
        found = sparse.csc_array((np.concatenate(value), places), shape=(self.count, columns))
        found.eliminate_zeros()
        return found

    def sides(self) -> tuple[Floats, Floats]:
        """Return lower and upper sides."""
        lower, upper = zip(*self._sides, strict=True)
        return np.concatenate(lower), np.concatenate(upper)


@dataclass(frozen=True, eq=False)
class Formulation:
    """The program without flow limits, for no load.

    Attributes
    ----------
    columns : Columns
        Numbers of the variables.
    cost, lower, upper : ndarray, shape (columns,)
        Costs and bounds of the variables; ``used`` is at most the load where that is steady.
    matrix : csc_array, shape (rows, columns)
        Coefficients.
    row_lower, row_upper : ndarray, shape (rows,)
        Sides of the rows.
    system : ndarray of int, shape (H,)
        Rows of the country's balance: equal to `fixed_mw` and the load.
    target, excess : int
        Rows of the target and of the limit on excess: at least ``target_per_mw``, at most
        ``excess_per_mw`` times the load.
    shift : ndarray of int, shape (H,)
        Rows of the shift of all buses together, less that of each; none where the load is steady.
    used : ndarray of int, shape (H,)
        Rows of what is used less the shift: at most the load; none where the load is steady.
    fixed_mw : ndarray, shape (H,)
        Demand less what is available.
    target_per_mw : float
        MWh a year that the target asks of contracts per MW of load: the rest is the grid's share.
    excess_per_mw : float
        MWh a year of excess that each MW of load allows.
    krw_per_mw : float
        Cost of a MW of load that does not depend on the plan: all of it imported, less the same
        at market prices where redispatch counts.
    """

    columns: Columns
    cost: Floats
    lower: Floats
    upper: Floats
    matrix: sparse.csc_array[np.float64]
    row_lower: Floats
    row_upper: Floats
    system: Ints
    target: int
    excess: int
    shift: Ints
    used: Ints
    fixed_mw: Floats
    target_per_mw: float
    excess_per_mw: float
    krw_per_mw: float


def formulate(supply: Supply, matching: Matching) -> Formulation:
    """Return the program of a supply without flow limits.

    Parameters
    ----------
    supply : Supply
        Data of the program.
    matching : {'annual', 'hourly'}
        What counts towards the target.
    """
    at, rows, weight = Columns(supply), _Rows(), supply.weight_h
    target = _target_row(rows, at, supply, matching)
    excess = rows.add(-np.inf, 0.0, 1)
    rows.put(excess, at.excess, weight)
    for members, most in supply.groups.values():
        rows.put(rows.add(-np.inf, most, 1), at.source[members], 1.0)
    system = _balance_rows(rows, at, supply)
    _storage_rows(rows, at, supply)
    shift, used = _shift_rows(rows, at, supply, system)
    row_lower, row_upper = rows.sides()
    lower, upper = _bounds(at, supply)
    krw_per_mw = supply.grid_krw_mwh * float(weight.sum())
    if supply.market_krw_mwh is not None:
        krw_per_mw -= float(weight @ supply.market_krw_mwh)
    return Formulation(
        columns=at,
        cost=_cost(at, supply),
        lower=lower,
        upper=upper,
        matrix=rows.matrix(at.count),
        row_lower=row_lower,
        row_upper=row_upper,
        system=system,
        target=target,
        excess=int(excess[0]),
        shift=shift,
        used=used,
        fixed_mw=supply.demand_mw - supply.available_mw.sum(axis=1),
        target_per_mw=float(supply.target * weight.sum() - weight @ supply.grid_clean),
        excess_per_mw=float(supply.excess_most * weight.sum()),
        krw_per_mw=krw_per_mw,
    )


def _target_row(rows: _Rows, at: Columns, supply: Supply, matching: Matching) -> int:
    """Add the target; return its row."""
    weight, clean = supply.weight_h, supply.grid_clean
    row = rows.add(0.0, np.inf, 1)
    rows.put(row, at.used, weight * (1.0 - clean))
    rows.put(row, at.shortfall, 1.0)
    if supply.flexible_share > 0:
        rows.put(row, at.shift, weight * clean)  # it is imported, but for what is used of it
    if matching == "annual":
        # Excess takes the place of an import at another hour, whose clean share counts already.
        rows.put(row, at.excess, weight * (1.0 - float(weight @ clean / weight.sum())))
    return int(row[0])


def _balance_rows(rows: _Rows, at: Columns, supply: Supply) -> Ints:
    """Add the balances of contracts and of the country, and the most that can be curtailed."""
    new, hours, zones = ~supply.source_runs, supply.hours, supply.available_mw.shape[1]
    given, of_new = supply.source_yield, supply.source_yield[:, new]
    contract, system = rows.add(0.0, 0.0, hours), rows.add(0.0, 0.0, hours)
    rows.put(contract[:, None], at.source, given)
    rows.put(system[:, None], at.source[new], of_new)
    for row in (contract, system):
        rows.put(row[:, None], at.curtail, -1.0)
        rows.put(row[:, None], at.discharge, 1.0)
        rows.put(row[:, None], at.charge, -1.0)
    # What is discharged is used or excess at once: else one storage would charge another, and
    # carry power of the country past a full branch, even without load.
    direct = rows.add(0.0, np.inf, hours)
    rows.put(direct[:, None], at.discharge, -1.0)
    for row, sign in ((contract, -1.0), (direct, 1.0)):
        rows.put(row, at.used, sign)
        rows.put(row, at.excess, sign)
    units = supply.fleet.from_bus < 0
    rows.put(system[:, None], at.unit[:, units], 1.0)
    rows.put(system[:, None], at.spill, -1.0)
    zone = rows.add(0.0, np.inf, hours, zones)
    rows.put(zone[:, supply.source_zone[new]], at.source[new], of_new)
    rows.put(zone, at.curtail, -1.0)
    return system


def _shift_rows(rows: _Rows, at: Columns, supply: Supply, system: Ints) -> tuple[Ints, Ints]:
    """Add the shift of all buses together; return its rows and those of what is used of the load.

    :class:`siteopt.energy._load_shift.LoadShift` adds the shift of each bus.
    """
    hours = len(at.shift)
    shift, used = rows.add(0.0, 0.0, hours), rows.add(-np.inf, 0.0, hours)
    if hours:
        rows.put(shift, at.shift, 1.0)
        rows.put(used, at.used, 1.0)
        rows.put(used, at.shift, -1.0)
        rows.put(system, at.shift, -1.0)
        if supply.flexible_between:
            kept = rows.add(0.0, 0.0, hours // DAY_H)
            rows.put(kept[:, None], at.shift.reshape(-1, DAY_H), 1.0)
    return shift, used


def _storage_rows(rows: _Rows, at: Columns, supply: Supply) -> None:
    """Add the level of storage and its bounds."""
    hours, storages = at.level.shape
    one_way = float(np.sqrt(supply.storage_efficiency))
    row = rows.add(0.0, 0.0, hours, storages)
    rows.put(row, at.level, 1.0)
    rows.put(row, at.charge, -one_way)
    rows.put(row, at.discharge, 1.0 / one_way)
    before = np.roll(np.arange(hours).reshape(-1, DAY_H), 1, axis=1)
    bounded = [(at.charge, at.power), (at.discharge, at.power)]
    if supply.day_order is None:
        rows.put(row, at.level[before.ravel()], -1.0)  # the same at both ends of each day
        bounded.append((at.level, at.energy))
    else:
        later = np.arange(hours).reshape(-1, DAY_H)[:, 1:].ravel()
        rows.put(row[later], at.level[later - 1], -1.0)  # each day begins at 0
        _state_rows(rows, at, supply.day_order)
    for column, most in bounded:
        row = rows.add(0.0, np.inf, hours, storages)
        rows.put(row, most, 1.0)
        rows.put(row, column, -1.0)


def _state_rows(rows: _Rows, at: Columns, day_order: Ints) -> None:
    """Add the level of storage from day to day of the year, around it, and its bounds.

    Storage level superposition (Kotzur, Markewitz, Robinius and Stolten 2018, Time series
    aggregation for energy system design: modeling seasonal storage): the level is the state
    where the day begins plus the level within its typical day, which may be below 0.
    """
    days, storages = at.highest.shape
    by_day = at.level.reshape(days, DAY_H, storages)
    for column, sign in ((at.highest, 1.0), (at.lowest, -1.0)):
        row = rows.add(0.0, np.inf, *by_day.shape)
        rows.put(row, column[:, None, :], sign)
        rows.put(row, by_day, -sign)
    row = rows.add(0.0, 0.0, *at.state.shape)
    rows.put(row, np.roll(at.state, -1, axis=0), 1.0)
    rows.put(row, at.state, -1.0)
    rows.put(row, by_day[day_order, -1], -1.0)
    row = rows.add(0.0, np.inf, *at.state.shape)
    rows.put(row, at.energy, 1.0)
    rows.put(row, at.state, -1.0)
    rows.put(row, at.highest[day_order], -1.0)
    row = rows.add(0.0, np.inf, *at.state.shape)
    rows.put(row, at.state, 1.0)
    rows.put(row, at.lowest[day_order], 1.0)


def _cost(at: Columns, supply: Supply) -> Floats:
    """Return the yearly cost of the variables."""
    cost, weight = np.zeros(at.count), supply.weight_h
    cost[at.source] = supply.source_krw_mwh * (weight @ supply.source_yield)
    cost[at.power], cost[at.energy] = supply.storage_krw_mw_year, supply.storage_krw_mwh_year
    cost[at.used] = weight * (supply.adder_krw_mwh - supply.grid_krw_mwh)
    cost[at.excess] = -weight * supply.excess_krw_mwh
    cost[at.shortfall] = supply.penalty_krw_mwh
    if supply.market_krw_mwh is not None:
        # Fuel of all units, less what the net import (load less new supply) costs at the market.
        market, new = weight * supply.market_krw_mwh, ~supply.source_runs
        cost[at.unit] = weight[:, None] * supply.fleet.krw_mwh
        cost[at.source[new]] += market @ supply.source_yield[:, new]
        cost[at.curtail] -= market[:, None]
        cost[at.discharge] += market[:, None]
        cost[at.charge] -= market[:, None]
        if supply.flexible_share > 0:
            cost[at.shift] = -market
    return cost


def _bounds(at: Columns, supply: Supply) -> tuple[Floats, Floats]:
    """Return the bounds of the variables, for no load."""
    lower, upper = np.zeros(at.count), np.full(at.count, np.inf)
    upper[at.source] = supply.source_most_mw
    if supply.flexible_share > 0:
        lower[at.shift] = -np.inf
    else:
        upper[at.used] = 0.0
    lower[at.unit], upper[at.unit] = supply.fleet.least_mw, supply.fleet.most_mw
    upper[at.spill] = supply.available_mw
    if supply.day_order is not None:
        for relative in (at.level, at.highest, at.lowest):
            lower[relative] = -np.inf
    return lower, upper
