"""Linear program of clean supply: contracts, storage and dispatch that feed given loads at least cost.

Capacity expansion with 24/7 carbon-free matching (Riepin and Brown 2022) over a DC power flow with
shift factors, on typical days. The loads stand on the right side alone, so that one factorised
program answers load after load, and its cost is a convex function of them (linear programming
duality): :meth:`EnergyProgram.cut` gives the cost and its subgradient, a Benders optimality cut.

With hours h of weight w, contracted capacity C of sources k with hourly yield f, storage, units
and curtailment of the grid case, and the total load L::

    contracts_h = sum f_hk C_k - curtailed_h + discharge_h - charge_h = used_h + excess_h
    import_h    = L - used_h,  0 <= used_h <= L
    units_h + available_h - curtailed_h + new output_h = demand_h + L
    lower <= flow of each branch <= upper           (rows are added where a solution breaks them)
    hourly:  sum w (used_h + g_h import_h)            + missing >= target * sum w L
    annual:  sum w (used_h + excess_h + g_h import_h) + missing >= target * sum w L

``g`` is the clean share of the grid's own generation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

import highspy
import numpy as np
from scipy import sparse

from siteopt.errors import SolverError
from siteopt.highs import new_highs

if TYPE_CHECKING:
    from siteopt._arrays import Bools, Floats, Ints, Texts

__all__ = ["EnergyCost", "EnergyProgram", "Matching", "Network", "Plant", "Supply"]

Matching = Literal["annual", "hourly"]
"""Whether clean supply has to match the load over the year or in every hour."""

_ROUNDS: Final = 40
_ROWS_A_ROUND: Final = 400
_BROKEN_MW: Final = 1e-3
"""A flow limit that is exceeded by more is broken."""
_NO_FACTOR: Final = 1e-9
"""Coefficients below are float dust."""
_DAY_H: Final = 24


@dataclass(frozen=True, eq=False)
class Network:
    """Branches as rows over buses: L branches, N buses.

    Attributes
    ----------
    ptdf : ndarray, shape (L, N)
        Shift factors.
    base_mw : ndarray, shape (H, L)
        Flow of each hour with all that is fixed: demand, shunts, phase shifts, available sun and
        wind.
    limit_mw : ndarray, shape (H, L)
        Most MW either way.
    """

    ptdf: Floats
    base_mw: Floats
    limit_mw: Floats


@dataclass(frozen=True, eq=False)
class Plant:
    """Dispatchable capacity of the grid case: U units or groups of units at a bus.

    Attributes
    ----------
    bus : ndarray of int, shape (U,)
        Row of the bus; of a line from bus to bus the end that it feeds.
    from_bus : ndarray of int, shape (U,)
        Row of the bus that it draws from: -1 for a unit, the other end for a DC line.
    least_mw, most_mw, krw_mwh : ndarray, shape (U,)
        Bounds and fuel cost.
    """

    bus: Ints
    from_bus: Ints
    least_mw: Floats
    most_mw: Floats
    krw_mwh: Floats


@dataclass(frozen=True, eq=False)
class Supply:
    """All that the program knows: H hours, N buses, K sources, Z zones of curtailment, S storages.

    Attributes
    ----------
    weight_h : ndarray, shape (H,)
        Hours of the year that each hour stands for; whole days of 24 hours, one after the other.
    demand_mw : ndarray, shape (H,)
        Demand of the country beside the loads, shunts included.
    available_mw : ndarray, shape (H, Z)
        Sun and wind that run today, by zone.
    zone_share : ndarray, shape (Z, N)
        How a zone's curtailment is spread over its buses; each row adds up to 1.
    plant : Plant
        Units and DC lines.
    source_name : ndarray of str, shape (K,)
        Name of each source.
    source_zone : ndarray of int, shape (K,)
        Zone that its output can be curtailed in.
    source_share : ndarray, shape (K, N)
        How its output is spread over the buses.
    source_runs : ndarray of bool, shape (K,)
        Whether its plants run today already: then ``available_mw`` holds their output, and a
        contract is a claim alone.
    source_yield : ndarray, shape (H, K)
        Output per MW contracted.
    source_krw_mwh, source_most_mw : ndarray, shape (K,)
        Price of what it yields, and how much there is.
    groups : dict of str to tuple
        Joint limits: members (indices of sources) and MW.
    storage_share : ndarray, shape (S, N)
        How each storage is spread over the buses.
    storage_krw_mw_year, storage_krw_mwh_year : float
        Yearly cost of its power and of its energy.
    storage_efficiency : float
        Round trip.
    grid_clean : ndarray, shape (H,)
        Clean share of the grid's own generation, 0 to 1.
    grid_krw_mwh : float
        What an imported MWh costs, its carbon included.
    adder_krw_mwh : float
        What a MWh under contract costs on its way.
    excess_krw_mwh : float
        What a MWh of excess earns.
    excess_most : float
        Most excess as a share of the load's energy.
    target : float
        Clean share of the load's energy, 0 to 1.
    missing_krw_mwh : float
        Penalty for each MWh below the target; far above any price.
    network : Network, optional
        Flow limits; none for a copper plate.
    market_krw_mwh : ndarray, shape (H,), optional
        What the next MWh of the country costs in each hour (merit order without a network). With
        it the program counts redispatch: fuel beyond what the net import costs at these prices.
        Without it fuel costs do not count.
    """

    weight_h: Floats
    demand_mw: Floats
    available_mw: Floats
    zone_share: Floats
    plant: Plant
    source_name: Texts
    source_zone: Ints
    source_share: Floats
    source_runs: Bools
    source_yield: Floats
    source_krw_mwh: Floats
    source_most_mw: Floats
    storage_share: Floats
    storage_krw_mw_year: float
    storage_krw_mwh_year: float
    storage_efficiency: float
    grid_clean: Floats
    grid_krw_mwh: float
    adder_krw_mwh: float
    excess_krw_mwh: float
    excess_most: float
    target: float
    missing_krw_mwh: float
    groups: dict[str, tuple[Ints, float]] = field(default_factory=dict)
    network: Network | None = None
    market_krw_mwh: Floats | None = None

    @property
    def hours(self) -> int:
        """Number of hours."""
        return len(self.weight_h)


@dataclass(frozen=True, eq=False)
class EnergyCost:
    """Cost of feeding loads, its subgradient and the plan behind it.

    Attributes
    ----------
    krw_year : float
        Yearly cost.
    price_krw_mw_year : ndarray, shape (N,)
        Subgradient: what a further MW of steady load costs a year at each bus.
    source_mw : ndarray, shape (K,)
        Contracted capacity.
    storage_mw, storage_mwh : ndarray, shape (S,)
        Power and energy of storage.
    used_mw, excess_mw, import_mw, charge_mw, discharge_mw, curtailed_mw : ndarray, shape (H,)
        Hourly operation.
    missing_mwh : float
        What lacks of the target, at a penalty in the cost.
    overload_mw : float
        How far flow limits are exceeded in all hours together, at the same penalty.
    parts_krw_year : dict of str to float
        What the cost is the sum of: ``contracts``, ``adders``, ``grid``, ``storage``, ``excess``
        (below 0: it earns), ``redispatch`` and ``penalty``.
    """

    krw_year: float
    price_krw_mw_year: Floats
    source_mw: Floats
    storage_mw: Floats
    storage_mwh: Floats
    used_mw: Floats
    excess_mw: Floats
    import_mw: Floats
    charge_mw: Floats
    discharge_mw: Floats
    curtailed_mw: Floats
    missing_mwh: float
    overload_mw: float
    parts_krw_year: dict[str, float]


class _Columns:
    """Places of the columns: capacities, then blocks of H rows of hourly ones."""

    def __init__(self, supply: Supply) -> None:
        hours = supply.hours
        zones, storages = supply.available_mw.shape[1], len(supply.storage_share)
        self.source = np.arange(len(supply.source_name))
        self.count = len(self.source)
        self.power, self.energy = self._many(storages), self._many(storages)
        self.used, self.excess = self._hourly(hours, 1)[:, 0], self._hourly(hours, 1)[:, 0]
        self.shed = self._hourly(hours, 1)[:, 0]
        self.unit = self._hourly(hours, len(supply.plant.bus))
        self.idle = self._hourly(hours, zones)
        self.cut_off = self._hourly(hours, zones)
        self.charge = self._hourly(hours, storages)
        self.discharge = self._hourly(hours, storages)
        self.level = self._hourly(hours, storages)
        self.missing = int(self._many(1)[0])

    def _many(self, count: int) -> Ints:
        self.count += count
        return np.arange(self.count - count, self.count)

    def _hourly(self, hours: int, count: int) -> Ints:
        return self._many(hours * count).reshape(hours, count)


class _Rows:
    """Rows of a program as they are put together."""

    def __init__(self) -> None:
        self.row: list[Ints] = []
        self.column: list[Ints] = []
        self.value: list[Floats] = []
        self.lower: list[Floats] = []
        self.upper: list[Floats] = []
        self.count = 0

    def add(self, lower: Floats | float, upper: Floats | float, count: int) -> Ints:
        """Add rows; return their numbers."""
        self.lower.append(np.broadcast_to(np.asarray(lower, dtype=np.float64), (count,)))
        self.upper.append(np.broadcast_to(np.asarray(upper, dtype=np.float64), (count,)))
        self.count += count
        return np.arange(self.count - count, self.count)

    def put(self, row: Ints, column: Ints, value: Floats | float) -> None:
        """Put entries into rows; all three are broadcast against each other."""
        rows, columns, values = np.broadcast_arrays(row, column, np.asarray(value, np.float64))
        self.row.append(rows.ravel())
        self.column.append(columns.ravel())
        self.value.append(values.ravel())

    def matrix(self, columns: int) -> sparse.csc_array[np.float64]:
        """Return the coefficients."""
        entries = np.concatenate(self.value)
        places = (np.concatenate(self.row), np.concatenate(self.column))
        found = sparse.csc_array((entries, places), shape=(self.count, columns))
        found.eliminate_zeros()
        return found


class EnergyProgram:
    """The program of a supply, with a kept HiGHS handle.

    Parameters
    ----------
    supply : Supply
        What there is, at what price.
    matching : {'annual', 'hourly'}
        What the target counts.
    threads : int
        Processor cores.
    """

    def __init__(self, supply: Supply, matching: Matching = "hourly", threads: int = 1) -> None:
        self.supply, self.matching = supply, matching
        self._at = _Columns(supply)
        self._new = np.flatnonzero(~supply.source_runs)
        self._flow_rows: list[tuple[int, int]] = []
        self._highs = self._start(threads)
        self._idle_krw_year = 0.0
        if supply.market_krw_mwh is not None:
            # Fuel and redispatch of the country without the loads are nobody's cost here.
            idle = self.cut(np.zeros(supply.zone_share.shape[1]))
            self._idle_krw_year = idle.krw_year

    def _start(self, threads: int) -> highspy.Highs:
        at, rows = self._at, _Rows()
        self._capacity_rows(rows)
        self._balance_rows(rows)
        self._storage_rows(rows)
        matrix = rows.matrix(at.count)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = at.count, rows.count
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = self._cost(), *self._bounds()
        lp.row_lower_, lp.row_upper_ = np.concatenate(rows.lower), np.concatenate(rows.upper)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_ = matrix.indptr, matrix.indices
        lp.a_matrix_.value_ = matrix.data
        self._base_rows = rows.count
        highs = new_highs(threads=threads, solver="simplex", presolve="on")
        highs.passModel(lp)
        return highs

    def _capacity_rows(self, rows: _Rows) -> None:
        """Add the target, the limit on excess and the joint limits of sources."""
        supply, at, weight = self.supply, self._at, self.supply.weight_h
        (self._target,) = rows.add(0.0, np.inf, 1)
        rows.put(self._target, at.used, weight * (1.0 - supply.grid_clean))
        if self.matching == "annual":
            rows.put(self._target, at.excess, weight)
        rows.put(self._target, np.array(at.missing), 1.0)
        (self._excess,) = rows.add(-np.inf, 0.0, 1)
        rows.put(self._excess, at.excess, weight)
        for members, most in supply.groups.values():
            row = rows.add(-np.inf, most, 1)
            rows.put(row, at.source[members], 1.0)

    def _balance_rows(self, rows: _Rows) -> None:
        """Add the balances of contracts and of the country, and what can be curtailed."""
        supply, at, new, hours = self.supply, self._at, self._new, self.supply.hours
        zones = supply.available_mw.shape[1]
        contract = rows.add(0.0, 0.0, hours)
        self._system = rows.add(0.0, 0.0, hours)
        of_zone = rows.add(0.0, np.inf, hours * zones).reshape(hours, zones)
        rows.put(contract[:, None], at.source[None, :], supply.source_yield)
        rows.put(self._system[:, None], at.source[None, new], supply.source_yield[:, new])
        rows.put(
            of_zone[:, supply.source_zone[new]], at.source[None, new], supply.source_yield[:, new]
        )
        rows.put(of_zone, at.cut_off, -1.0)
        for row in (contract, self._system):
            rows.put(row[:, None], at.cut_off, -1.0)
            rows.put(row[:, None], at.discharge, 1.0)
            rows.put(row[:, None], at.charge, -1.0)
        rows.put(contract, at.used, -1.0)
        rows.put(contract, at.excess, -1.0)
        units = np.flatnonzero(supply.plant.from_bus < 0)
        rows.put(self._system[:, None], at.unit[:, units], 1.0)
        rows.put(self._system[:, None], at.idle, -1.0)
        rows.put(self._system, at.shed, 1.0)

    def _storage_rows(self, rows: _Rows) -> None:
        """Add the level of storage, the same at both ends of each day, and its bounds."""
        supply, at = self.supply, self._at
        hours, storages = at.level.shape
        if not storages:
            return
        one_way = float(np.sqrt(supply.storage_efficiency))
        day = np.arange(hours).reshape(-1, _DAY_H)
        before = np.roll(day, 1, axis=1).ravel()
        row = rows.add(0.0, 0.0, hours * storages).reshape(hours, storages)
        rows.put(row, at.level, 1.0)
        rows.put(row, at.level[before], -1.0)
        rows.put(row, at.charge, -one_way)
        rows.put(row, at.discharge, 1.0 / one_way)
        for column, most in (
            (at.charge, at.power),
            (at.discharge, at.power),
            (at.level, at.energy),
        ):
            row = rows.add(0.0, np.inf, hours * storages).reshape(hours, storages)
            rows.put(row, most[None, :], 1.0)
            rows.put(row, column, -1.0)

    def _cost(self) -> Floats:
        supply, at, weight = self.supply, self._at, self.supply.weight_h
        cost = np.zeros(at.count)
        yearly = weight @ supply.source_yield
        cost[at.source] = supply.source_krw_mwh * yearly
        cost[at.power], cost[at.energy] = supply.storage_krw_mw_year, supply.storage_krw_mwh_year
        cost[at.used] = weight * (supply.adder_krw_mwh - supply.grid_krw_mwh)
        cost[at.excess] = -weight * supply.excess_krw_mwh
        cost[at.shed] = weight * supply.missing_krw_mwh
        cost[at.missing] = supply.missing_krw_mwh
        if supply.market_krw_mwh is not None:
            market = weight * supply.market_krw_mwh
            cost[at.unit] = weight[:, None] * supply.plant.krw_mwh
            new = self._new
            cost[at.source[new]] += market @ supply.source_yield[:, new]
            cost[at.cut_off] -= market[:, None]
            cost[at.discharge] += market[:, None]
            cost[at.charge] -= market[:, None]
        return cost

    def _bounds(self) -> tuple[Floats, Floats]:
        supply, at = self.supply, self._at
        lower, upper = np.zeros(at.count), np.full(at.count, np.inf)
        upper[at.source] = supply.source_most_mw
        lower[at.unit], upper[at.unit] = supply.plant.least_mw, supply.plant.most_mw
        upper[at.idle] = supply.available_mw
        return lower, upper

    def cut(self, load_mw: Floats) -> EnergyCost:
        """Return the least cost of feeding loads, and what a further MW costs at each bus.

        For the cost V of any other loads ``other``,
        ``V(other) >= krw_year + price_krw_mw_year @ (other - load_mw)``.

        Parameters
        ----------
        load_mw : ndarray, shape (N,)
            Steady load by bus.

        Raises
        ------
        SolverError
            If HiGHS ends without an optimum.
        """
        self._feed(load_mw)
        for _ in range(_ROUNDS):
            self._run()
            values = np.array(self._highs.getSolution().col_value)
            if not self._add_broken(values, load_mw):
                return self._cost_of(values, load_mw)
        raise SolverError(f"energy program: flow limits are still broken after {_ROUNDS} rounds")

    def _run(self) -> None:
        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            self._highs.clearSolver()  # the warm-start basis is singular: solve from scratch
            self._highs.run()
        status = self._highs.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            name = self._highs.modelStatusToString(status)
            raise SolverError(f"energy program: {name}; an optimal value was expected")

    def _feed(self, load_mw: Floats) -> None:
        """Set the right sides to some loads."""
        supply, highs, at = self.supply, self._highs, self._at
        total = float(load_mw.sum())
        highs.changeRowBounds(int(self._target), self._target_per_mw * total, highspy.kHighsInf)
        highs.changeRowBounds(int(self._excess), -highspy.kHighsInf, self._excess_per_mw * total)
        fixed = supply.demand_mw - supply.available_mw.sum(axis=1)
        for row, value in zip(self._system.tolist(), (fixed + total).tolist(), strict=True):
            highs.changeRowBounds(row, value, value)
        for column in at.used.tolist():
            highs.changeColBounds(column, 0.0, total)
        for place, (hour, branch) in enumerate(self._flow_rows):
            highs.changeRowBounds(self._base_rows + place, *self._sides(hour, branch, load_mw))

    @property
    def _target_per_mw(self) -> float:
        """What the target row asks for per MW of load: the part that the grid's share does not meet."""
        weight = self.supply.weight_h
        return float(self.supply.target * weight.sum() - weight @ self.supply.grid_clean)

    @property
    def _excess_per_mw(self) -> float:
        """MWh of excess that each MW of load allows."""
        return float(self.supply.excess_most * self.supply.weight_h.sum())

    def _sides(self, hour: int, branch: int, load_mw: Floats) -> tuple[float, float]:
        network = self.supply.network
        if network is None:
            raise SolverError("energy program: a flow limit without a network; this is a defect")
        limit = float(network.limit_mw[hour, branch])
        fixed = float(network.base_mw[hour, branch] - network.ptdf[branch] @ load_mw)
        return -limit - fixed, limit - fixed

    def _injection(self, values: Floats, hour: int) -> Floats:
        """Return what the solution puts into each bus in an hour, beyond what is fixed."""
        supply, at, new = self.supply, self._at, self._new
        plant, buses = supply.plant, supply.zone_share.shape[1]
        put = np.zeros(buses)
        running = values[at.unit[hour]]
        np.add.at(put, plant.bus, running)
        lines = np.flatnonzero(plant.from_bus >= 0)
        np.add.at(put, plant.from_bus[lines], -running[lines])
        put -= (values[at.idle[hour]] + values[at.cut_off[hour]]) @ supply.zone_share
        put += (values[at.source[new]] * supply.source_yield[hour, new]) @ supply.source_share[new]
        put += (values[at.discharge[hour]] - values[at.charge[hour]]) @ supply.storage_share
        return put

    def _add_broken(self, values: Floats, load_mw: Floats) -> int:
        """Add rows for flow limits that a solution breaks, the most broken of each hour first."""
        network = self.supply.network
        if network is None:
            return 0
        put = np.array([self._injection(values, hour) for hour in range(self.supply.hours)])
        flow = network.base_mw + (put - load_mw) @ network.ptdf.T
        over = np.abs(flow) - network.limit_mw
        for hour, branch in self._flow_rows:
            over[hour, branch] = 0.0
        hours, branches = np.nonzero(over > _BROKEN_MW)
        worst = np.argsort(-over[hours, branches], kind="stable")[:_ROWS_A_ROUND]
        for hour, branch in zip(hours[worst].tolist(), branches[worst].tolist(), strict=True):
            self._add_flow_row(hour, branch, load_mw)
        return len(worst)

    def _add_flow_row(self, hour: int, branch: int, load_mw: Floats) -> None:
        """Add the limit of a branch in an hour, elastic at the penalty of the target."""
        supply, at, new, highs = self.supply, self._at, self._new, self._highs
        network = supply.network
        if network is None:
            return
        factor, plant = network.ptdf[branch], supply.plant
        of_unit = factor[plant.bus] - np.where(plant.from_bus >= 0, factor[plant.from_bus], 0.0)
        of_zone, of_storage = supply.zone_share @ factor, supply.storage_share @ factor
        of_source = supply.source_yield[hour, new] * (supply.source_share[new] @ factor)
        first = int(highs.getNumCol())
        penalty = float(supply.weight_h[hour] * supply.missing_krw_mwh)
        none = (np.empty(0, dtype=np.int32), np.empty(0))
        for _ in range(2):
            highs.addCol(penalty, 0.0, highspy.kHighsInf, 0, *none)
        columns = np.concatenate([
            at.unit[hour], at.idle[hour], at.cut_off[hour], at.source[new],
            at.discharge[hour], at.charge[hour], [first, first + 1],
        ])  # fmt: skip
        values = np.concatenate(
            [of_unit, -of_zone, -of_zone, of_source, of_storage, -of_storage, [1.0, -1.0]]
        )
        used = np.flatnonzero(np.abs(values) > _NO_FACTOR)
        lower, upper = self._sides(hour, branch, load_mw)
        highs.addRow(lower, upper, len(used), columns[used].astype(np.int32), values[used])
        self._flow_rows.append((hour, branch))

    def _cost_of(self, values: Floats, load_mw: Floats) -> EnergyCost:
        """Return a solution with its subgradient."""
        supply, at, weight = self.supply, self._at, self.supply.weight_h
        solution = self._highs.getSolution()
        dual, reduced = np.array(solution.row_dual), np.array(solution.col_dual)
        total = float(load_mw.sum())
        steady = supply.grid_krw_mwh * weight.sum()
        if supply.market_krw_mwh is not None:
            steady -= float(weight @ supply.market_krw_mwh)
        full = np.minimum(reduced[at.used], 0.0)  # at the upper bound, which is the load
        price = steady + float(full.sum()) + float(dual[self._system].sum())
        price += float(dual[self._target]) * self._target_per_mw
        price += float(dual[self._excess]) * self._excess_per_mw
        prices = np.full(supply.zone_share.shape[1], price)
        if supply.network is not None and self._flow_rows:
            branches = np.array([branch for _, branch in self._flow_rows])
            prices += dual[self._base_rows :] @ supply.network.ptdf[branches]
        objective = float(self._highs.getInfo().objective_function_value)
        used = values[at.used]
        return EnergyCost(
            krw_year=objective + steady * total - self._idle_krw_year,
            price_krw_mw_year=prices,
            source_mw=values[at.source],
            storage_mw=values[at.power],
            storage_mwh=values[at.energy],
            used_mw=used,
            excess_mw=values[at.excess],
            import_mw=total - used,
            charge_mw=values[at.charge].sum(axis=1),
            discharge_mw=values[at.discharge].sum(axis=1),
            curtailed_mw=values[at.cut_off].sum(axis=1),
            missing_mwh=float(values[at.missing]),
            overload_mw=float(values[at.count :].sum()),
            parts_krw_year=self._parts(values, total),
        )

    def _parts(self, values: Floats, total_mw: float) -> dict[str, float]:
        """Return what the cost of a solution is the sum of."""
        supply, at, weight = self.supply, self._at, self.supply.weight_h
        used = float(weight @ values[at.used])
        storage = supply.storage_krw_mw_year * float(values[at.power].sum())
        storage += supply.storage_krw_mwh_year * float(values[at.energy].sum())
        parts = {
            "contracts": float(
                (supply.source_krw_mwh * (weight @ supply.source_yield)) @ values[at.source]
            ),
            "adders": supply.adder_krw_mwh * used,
            "grid": supply.grid_krw_mwh * (total_mw * float(weight.sum()) - used),
            "storage": storage,
            "excess": -supply.excess_krw_mwh * float(weight @ values[at.excess]),
            "redispatch": self._redispatch(values, total_mw),
            "penalty": supply.missing_krw_mwh * self._violated_mwh(values),
        }
        return {name: value + 0.0 for name, value in parts.items()}

    def _redispatch(self, values: Floats, total_mw: float) -> float:
        """Return fuel beyond what the net import costs at market prices, less that of no load."""
        supply, at, weight = self.supply, self._at, self.supply.weight_h
        if supply.market_krw_mwh is None:
            return 0.0
        fuel = float((weight[:, None] * supply.plant.krw_mwh * values[at.unit]).sum())
        given = supply.source_yield[:, self._new] @ values[at.source[self._new]]
        given = given - values[at.cut_off].sum(axis=1)
        given = given + values[at.discharge].sum(axis=1) - values[at.charge].sum(axis=1)
        bought = float((weight * supply.market_krw_mwh) @ (total_mw - given))
        return fuel - bought - self._idle_krw_year

    def _violated_mwh(self, values: Floats) -> float:
        """Return the MWh a year that the penalty is paid for."""
        at, weight = self._at, self.supply.weight_h
        hours = np.repeat(np.array([hour for hour, _ in self._flow_rows], dtype=np.int64), 2)
        over = float(weight[hours] @ values[at.count :]) if len(hours) else 0.0
        return float(values[at.missing]) + float(weight @ values[at.shed]) + over
