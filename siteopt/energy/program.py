"""Linear program of clean supply: contracts, storage and dispatch that feed loads at least cost.

Capacity expansion with 24/7 carbon-free matching (Riepin and Brown 2022, System-level impacts of
24/7 carbon-free electricity procurement in Europe) over a DC power flow in PTDF form (Wood and
Wollenberg), on typical days. The loads are on the right side alone, so one handle answers load
after load from its last basis, and the least cost is a convex function V of them:
:meth:`EnergyProgram.cut` gives the cost and its subgradient, an optimality cut (Benders 1962).

With hours h of weight w, contracted capacity C of sources k with hourly yield f, storage, units
and curtailment of the grid case, the total load L, and the clean share g of the grid's own
generation (its mean over the year is G)::

    contracts_h = sum f_hk C_k - curtailed_h + discharge_h - charge_h = used_h + excess_h
    discharge_h <= used_h + excess_h
    import_h    = L - used_h,  0 <= used_h <= L
    units_h + available_h - spilled_h + new output_h = demand_h + L
    lower <= flow of each branch <= upper, also after single outages where the network says so
                                                  (rows are generated where a solution breaks them)
    hourly:  sum w (used_h + g_h import_h)                   + shortfall >= target * sum w L
    annual:  sum w (used_h + g_h import_h + (1 - G) excess_h) + shortfall >= target * sum w L

On typical days storage begins and ends each day at the same level; with an order of the days of
the year its level carries over from day to day (Kotzur et al. 2018), see
:mod:`siteopt.energy._formulation`.

Where load is flexible, L above, but not in the target's energy, is the load of the hour: each bus
may shift a share of its load within the day (:mod:`siteopt.energy._load_shift`).

Storage is charged by contracts alone: ``charge_h`` is at most what these give, since what is
discharged is at most ``used_h + excess_h``; so none is built without load.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

import highspy
import numpy as np

from siteopt.energy._formulation import Matching, formulate
from siteopt.energy._load_shift import LoadShift
from siteopt.energy.flow_limits import FlowLimits
from siteopt.energy.supply import DAY_H
from siteopt.errors import InfeasibleError, LayerError, SolverError
from siteopt.highs import new_model, solve_warm

if TYPE_CHECKING:
    from siteopt._arrays import Floats
    from siteopt.energy.supply import Supply

__all__ = ["CHANGEABLE", "EnergyCost", "EnergyProgram", "Matching"]

_ROUNDS: Final = 40
_ROWS_A_ROUND: Final = 400
_MOST_ROWS_AN_HOUR: Final = 30
"""Flow limits in the program per hour above which those that do not bind are dropped before the
next load: each costs time in every step of the simplex method, and is back soon where it matters."""

_KRW: Final = 1e6
"""Money of the program in KRW: with costs in KRW the dual simplex method loses its dual values."""

_NO_FACTOR: Final = 1e-9
"""Coefficients below are float dust."""


CHANGEABLE: Final = (
    "target", "source_krw_mwh", "storage_krw_mw_year", "storage_krw_mwh_year", "grid_krw_mwh",
    "adder_krw_mwh", "excess_krw_mwh",
)  # fmt: skip
"""Fields of a supply that are in the costs and in the right side of the target alone."""


@dataclass(frozen=True, eq=False)
class EnergyCost:
    """Optimality cut of the energy cost (Benders 1962), and the plan behind it.

    Attributes
    ----------
    krw_year : float
        Yearly cost, less that of no load.
    price_krw_mw_year : ndarray, shape (N,)
        Subgradient: yearly cost of a further MW of steady load at each bus.
    source_mw : ndarray, shape (K,)
        Contracted capacity.
    storage_mw, storage_mwh : ndarray, shape (S,)
        Power and energy of storage.
    spilled_mw : ndarray, shape (H, Z)
        Curtailment of the sun and wind that run today, by zone.
    used_mw, excess_mw, import_mw, charge_mw, discharge_mw, curtailed_mw : ndarray, shape (H,)
        Hourly operation; ``curtailed_mw`` is that of new sources.
    put_in_mw : ndarray, shape (H, N)
        What the plan puts into each bus: units, DC lines, new sources and storage less curtailment
        and loads; demand and what sun and wind could give come on top.
    shift_mw : ndarray, shape (H, N)
        Load of each hour beyond the steady load, by bus.
    shortfall_mwh : float
        MWh a year below the target, at a penalty in the cost.
    overload_mwh : float
        MWh a year above flow limits of the branches, at the same penalty.
    parts_krw_year : dict of str to float
        Sum of the cost: ``contracts``, ``adders``, ``grid``, ``storage``, ``excess`` (below 0: it
        earns), ``redispatch`` and ``penalty``.
    """

    krw_year: float
    price_krw_mw_year: Floats
    source_mw: Floats
    storage_mw: Floats
    storage_mwh: Floats
    spilled_mw: Floats
    used_mw: Floats
    excess_mw: Floats
    import_mw: Floats
    charge_mw: Floats
    discharge_mw: Floats
    curtailed_mw: Floats
    put_in_mw: Floats
    shift_mw: Floats
    shortfall_mwh: float
    overload_mwh: float
    parts_krw_year: dict[str, float]


class EnergyProgram:
    """Program of a supply, with a kept HiGHS handle (delayed row generation of flow limits).

    Limits that the country exceeds without any load, at least by as much as it must, are raised
    to what it needs: no load is charged for them.

    Parameters
    ----------
    supply : Supply
        Data of the program.
    matching : {'annual', 'hourly'}
        What counts towards the target.
    threads : int
        Processor cores.

    Raises
    ------
    InfeasibleError
        If units cannot serve the demand.
    SolverError
        If HiGHS ends without an optimum.
    """

    def __init__(self, supply: Supply, matching: Matching = "hourly", threads: int = 1) -> None:
        self.supply, self.matching = supply, matching
        self._form = form = formulate(supply, matching)
        self._at = form.columns
        self._new = np.flatnonzero(~supply.source_runs)
        self._highs = new_model(
            cost=form.cost / _KRW, lower=form.lower, upper=form.upper, matrix=form.matrix,
            row_lower=form.row_lower, row_upper=form.row_upper, threads=threads, solver="simplex",
        )  # fmt: skip
        self._limits = None if supply.network is None else FlowLimits(supply.network)
        self._flow_rows: list[int] = []
        """Row of each flow limit in the program."""
        self._flow_columns: list[int] = []
        """The first of the two columns by which it may be exceeded."""
        self._spare_columns: list[int] = []
        """Those of limits that were dropped."""
        self._shift = LoadShift(supply, form, self._highs)
        self._no_load_krw_year = self._without_load()

    def _without_load(self) -> float:
        """Raise the limits that are exceeded without load; return the cost without load."""
        nothing = np.zeros(self.supply.zone_share.shape[1])
        over = self._overload_mw(self._solve(nothing))
        if self._limits is not None and over.any():
            for place, above in zip(self._limits.places, over.tolist(), strict=True):
                if above > 0:
                    self._limits.lift(place, above)
            self._solve(nothing)
        return _KRW * float(self._highs.getInfo().objective_function_value)

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns, the flow limits generated so far included."""
        return int(self._highs.getNumRow()), int(self._highs.getNumCol())

    @property
    def limit_mw(self) -> Floats | None:
        """Flow limits (H, L), raised where the country exceeds them without any load."""
        return None if self._limits is None else self._limits.raised_mw

    def cut(self, load_mw: Floats) -> EnergyCost:
        """Return the optimality cut at some loads.

        For the cost V of any other loads ``other``,
        ``V(other) >= krw_year + price_krw_mw_year @ (other - load_mw)``.

        Parameters
        ----------
        load_mw : ndarray, shape (N,)
            Steady load by bus, none below 0.

        Raises
        ------
        InfeasibleError
            If units cannot serve the demand and the loads.
        SolverError
            If HiGHS ends without an optimum.
        """
        return self._cost_of(self._solve(load_mw), load_mw)

    def set_supply(self, supply: Supply) -> None:
        """Go on, from the last basis, with a supply of another target or of other prices.

        Parameters
        ----------
        supply : Supply
            The supply as it is, but for `CHANGEABLE`.

        Raises
        ------
        LayerError
            If anything else of it is another.
        """
        for item in fields(supply):
            if item.name not in CHANGEABLE and not _same(supply, self.supply, item.name):
                raise LayerError(
                    f"energy program: {item.name} is another; only {', '.join(CHANGEABLE)} may be"
                )
        self.supply, self._form = supply, formulate(supply, self.matching)
        cost = self._form.cost / _KRW
        self._highs.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)

    def _solve(self, load_mw: Floats) -> Floats:
        """Return the variables of an optimum that breaks no flow limit."""
        if len(self._flow_rows) > _MOST_ROWS_AN_HOUR * self.supply.hours:
            self._drop_slack_rows()
        self._set_load(load_mw)
        for _ in range(_ROUNDS):
            try:
                solve_warm(self._highs, "energy program")
            except SolverError as error:
                self._explain_infeasible(float(load_mw.sum()), error)
                raise
            values = np.array(self._highs.getSolution().col_value)
            if not self._add_broken(values, load_mw):
                return values
        raise SolverError(f"energy program: flow limits are still broken after {_ROUNDS} rounds")

    def _drop_slack_rows(self) -> None:
        """Drop the flow limits that did not bind in the last optimum; the basis stays valid."""
        basic = highspy.HighsBasisStatus.kBasic
        status = self._highs.getBasis().row_status
        slack = [place for place, row in enumerate(self._flow_rows) if status[row] == basic]
        if self._limits is None or not slack:
            return
        gone = np.array([self._flow_rows[place] for place in slack], dtype=np.int32)
        self._spare_columns += [self._flow_columns[place] for place in slack]
        kept = sorted(set(range(len(self._flow_rows))) - set(slack))
        self._highs.deleteRows(len(gone), gone)
        rows = np.array([self._flow_rows[place] for place in kept], dtype=np.int64)
        self._flow_rows = (rows - np.searchsorted(gone, rows)).tolist()
        self._flow_columns = [self._flow_columns[place] for place in kept]
        self._limits.keep(kept)

    def _explain_infeasible(self, total_mw: float, error: SolverError) -> None:
        """Raise an error that names the hour or day in which units lack most, if they lack."""
        fleet, share = self.supply.fleet, self.supply.flexible_share
        spare = fleet.most_mw[fleet.from_bus < 0].sum() - self._form.fixed_mw - total_mw
        hour = int(spare.argmin())
        lack, where = -spare[hour] - share * total_mw, f"MW in hour {hour + 1}"
        if lack <= 0:  # every hour alone is served; the energy of a day may not be
            by_day = np.minimum(spare, share * total_mw).reshape(-1, DAY_H).sum(axis=1)
            lack, where = -by_day.min(), f"MWh in day {int(by_day.argmin()) + 1}"
        if lack > 0:
            raise InfeasibleError(
                f"energy program: units lack {lack:,.0f} {where} to serve the demand and "
                f"{total_mw:,.0f} MW of load; less load or more units are needed"
            ) from error

    def _set_load(self, load_mw: Floats) -> None:
        """Set the right sides to some loads."""
        form, highs, total = self._form, self._highs, float(load_mw.sum())
        highs.changeRowBounds(form.target, form.target_per_mw * total, highspy.kHighsInf)
        highs.changeRowBounds(form.excess, -highspy.kHighsInf, form.excess_per_mw * total)
        for row, fixed in zip(form.system.tolist(), form.fixed_mw.tolist(), strict=True):
            highs.changeRowBounds(row, fixed + total, fixed + total)
        for row in form.used.tolist():
            highs.changeRowBounds(row, -highspy.kHighsInf, total)
        if self.supply.flexible_share <= 0:
            for column in self._at.used.tolist():
                highs.changeColBounds(column, 0.0, total)
        self._shift.set_load(load_mw, self._limits, self._flow_rows)
        if self._limits is None:
            return
        low, high = self._limits.sides(self._limits.places, load_mw)
        for row, least, most in zip(self._flow_rows, low.tolist(), high.tolist(), strict=True):
            highs.changeRowBounds(row, least, most)

    def _put_in_mw(self, values: Floats) -> Floats:
        """Return what a solution puts into each bus (H, N), beyond what is fixed."""
        supply, at, new, fleet = self.supply, self._at, self._new, self.supply.fleet
        hours, buses = supply.hours, supply.zone_share.shape[1]
        running, lines = values[at.unit], fleet.from_bus >= 0
        put = np.zeros((buses, hours))
        np.add.at(put, fleet.bus, running.T)
        np.add.at(put, fleet.from_bus[lines], -running[:, lines].T)
        of_new = supply.source_yield[:, new] * values[at.source[new]]
        curtailed = values[at.spill] + values[at.curtail]
        stored = values[at.discharge] - values[at.charge]
        of_shares = of_new @ supply.source_share[new] - curtailed @ supply.zone_share
        return np.asarray(put.T + of_shares + stored @ supply.storage_share)

    def _add_broken(self, values: Floats, load_mw: Floats) -> int:
        """Add the flow limits that a solution breaks, the most broken first."""
        network, limits = self.supply.network, self._limits
        if network is None or limits is None:
            return 0
        drawn = load_mw + self._shift.by_bus_mw(values, load_mw)
        flow = network.base_mw + (self._put_in_mw(values) - drawn) @ network.ptdf.T
        broken = limits.broken(flow, _ROWS_A_ROUND)
        for place, low, high in zip(broken, *limits.sides(broken, load_mw), strict=True):
            self._add_flow_row(place.hour, limits.factor(place), (float(low), float(high)))
            limits.add(place)
        return len(broken)

    def _add_flow_row(self, hour: int, factor: Floats, sides: tuple[float, float]) -> None:
        """Add a flow limit of an hour as an elastic row."""
        supply, at, new, highs = self.supply, self._at, self._new, self._highs
        fleet = supply.fleet
        of_unit = factor[fleet.bus] - np.where(fleet.from_bus >= 0, factor[fleet.from_bus], 0.0)
        of_zone, of_storage = supply.zone_share @ factor, supply.storage_share @ factor
        of_source = supply.source_yield[hour, new] * (supply.source_share[new] @ factor)
        first = self._elastic_columns(float(supply.weight_h[hour] * supply.penalty_krw_mwh))
        shifts, of_shifts = self._shift.entries(hour, factor)
        columns = np.concatenate([
            at.unit[hour], at.spill[hour], at.curtail[hour], at.source[new],
            at.discharge[hour], at.charge[hour], [first, first + 1], shifts,
        ])  # fmt: skip
        values = np.concatenate(
            [
                of_unit,
                -of_zone,
                -of_zone,
                of_source,
                of_storage,
                -of_storage,
                [1.0, -1.0],
                of_shifts,
            ]
        )
        used = np.flatnonzero(np.abs(values) > _NO_FACTOR)
        self._flow_rows.append(int(highs.getNumRow()))
        self._flow_columns.append(first)
        highs.addRow(*sides, len(used), columns[used].astype(np.int32), values[used])

    def _elastic_columns(self, penalty_krw_mw: float) -> int:
        """Return the first of two columns by which a flow limit may be exceeded."""
        if self._spare_columns:
            first = self._spare_columns.pop()
            for column in (first, first + 1):
                self._highs.changeColCost(column, penalty_krw_mw / _KRW)
            return first
        first, none = int(self._highs.getNumCol()), (np.empty(0, dtype=np.int32), np.empty(0))
        for _ in range(2):
            self._highs.addCol(penalty_krw_mw / _KRW, 0.0, highspy.kHighsInf, 0, *none)
        return first

    def _overload_mw(self, values: Floats) -> Floats:
        """Return how far a solution exceeds each flow limit in the program."""
        first = np.array(self._flow_columns, dtype=np.int64)
        above: Floats = values[first] + values[first + 1]
        return above

    def _prices(self) -> Floats:
        """Return the subgradient: duals times what a MW of load moves of each right side."""
        form, limits = self._form, self._limits
        solution = self._highs.getSolution()
        dual, reduced = _KRW * np.array(solution.row_dual), _KRW * np.array(solution.col_dual)
        at_most = np.minimum(reduced[self._at.used], 0.0)  # at the upper bound, which is the load
        if len(form.used):
            at_most = dual[form.used]
        price = form.krw_per_mw + float(at_most.sum()) + float(dual[form.system].sum())
        price += float(dual[form.target]) * form.target_per_mw
        price += float(dual[form.excess]) * form.excess_per_mw
        of_flows = np.zeros((self.supply.hours, self.supply.zone_share.shape[1]))
        if limits is not None and self._flow_rows:
            np.add.at(of_flows, limits.hours(), dual[self._flow_rows][:, None] * limits.factors())
        prices = price + np.asarray(of_flows.sum(axis=0))
        if self.supply.flexible_share > 0:
            prices += self._shift.prices(dual, of_flows)
        return prices

    def _cost_of(self, values: Floats, load_mw: Floats) -> EnergyCost:
        """Return a solution with its subgradient."""
        at, weight = self._at, self.supply.weight_h
        used, above = values[at.used], self._overload_mw(values)
        total_mw, shift_mw = float(load_mw.sum()), self._shift.by_bus_mw(values, load_mw)
        hours = np.empty(0, dtype=np.int64) if self._limits is None else self._limits.hours()
        objective = _KRW * float(self._highs.getInfo().objective_function_value)
        overload_mwh = float(weight[hours] @ above) if len(hours) else 0.0
        shortfall_mwh = float(values[at.shortfall])
        return EnergyCost(
            krw_year=objective + self._form.krw_per_mw * total_mw - self._no_load_krw_year,
            price_krw_mw_year=self._prices(),
            source_mw=np.maximum(values[at.source], 0.0),  # rounding is no sale
            storage_mw=np.maximum(values[at.power], 0.0),
            storage_mwh=np.maximum(values[at.energy], 0.0),
            spilled_mw=values[at.spill],
            used_mw=used,
            excess_mw=values[at.excess],
            import_mw=total_mw + shift_mw.sum(axis=1) - used,
            charge_mw=values[at.charge].sum(axis=1),
            discharge_mw=values[at.discharge].sum(axis=1),
            curtailed_mw=values[at.curtail].sum(axis=1),
            put_in_mw=self._put_in_mw(values) - load_mw - shift_mw,
            shift_mw=shift_mw,
            shortfall_mwh=shortfall_mwh,
            overload_mwh=overload_mwh,
            parts_krw_year=self._parts(values, total_mw)
            | {"penalty": self.supply.penalty_krw_mwh * (shortfall_mwh + overload_mwh)},
        )

    def _parts(self, values: Floats, total_mw: float) -> dict[str, float]:
        """Return the parts of the cost but the penalty."""
        supply, at, weight = self.supply, self._at, self.supply.weight_h
        used = float(weight @ values[at.used])
        contracts = supply.source_krw_mwh * (weight @ supply.source_yield)
        storage = supply.storage_krw_mw_year * values[at.power].sum()
        storage += supply.storage_krw_mwh_year * values[at.energy].sum()
        return {
            "contracts": float(contracts @ values[at.source]),
            "adders": supply.adder_krw_mwh * used,
            "grid": supply.grid_krw_mwh * (total_mw * float(weight.sum()) - used),
            "storage": float(storage),
            "excess": 0.0 - supply.excess_krw_mwh * float(weight @ values[at.excess]),
            "redispatch": self._redispatch(values, total_mw),
        }

    def _redispatch(self, values: Floats, total_mw: float) -> float:
        """Return fuel beyond what the net import costs at market prices, less that of no load."""
        supply, at, new, weight = self.supply, self._at, self._new, self.supply.weight_h
        if supply.market_krw_mwh is None:
            return 0.0
        fuel = float((weight[:, None] * supply.fleet.krw_mwh * values[at.unit]).sum())
        supplied = supply.source_yield[:, new] @ values[at.source[new]]
        supplied = supplied - values[at.curtail].sum(axis=1)
        supplied = supplied + (values[at.discharge] - values[at.charge]).sum(axis=1)
        if supply.flexible_share > 0:
            supplied = supplied - values[at.shift]
        at_market = float((weight * supply.market_krw_mwh) @ (total_mw - supplied))
        return fuel - at_market - self._no_load_krw_year


def _same(supply: Supply, other: Supply, name: str) -> bool:
    """Return whether a field of two supplies is the same: the object, or the array or number."""
    one, two = getattr(supply, name), getattr(other, name)
    return one is two or (isinstance(one, np.ndarray | float) and np.array_equal(one, two))
