"""Data of the energy program: sources, storage, units and network by hour, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.errors import LayerError

if TYPE_CHECKING:
    from siteopt._arrays import Bools, Floats, Ints, Texts

__all__ = ["DAY_H", "Fleet", "PtdfNetwork", "Supply"]

DAY_H: Final = 24
"""Hours of a day."""

_LARGEST: Final = np.finfo(np.float64).max
"""A finite number is needed."""

_RANGES: Final = (
    ("weight_h", 0.0, _LARGEST), ("demand_mw", 0.0, _LARGEST), ("available_mw", 0.0, _LARGEST),
    ("source_yield", 0.0, 1.0), ("source_krw_mwh", 0.0, _LARGEST),
    ("source_most_mw", 0.0, np.inf), ("grid_clean", 0.0, 1.0), ("target", 0.0, 1.0),
    ("storage_efficiency", np.finfo(np.float64).tiny, 1.0),
    ("storage_krw_mw_year", 0.0, _LARGEST), ("storage_krw_mwh_year", 0.0, _LARGEST),
    ("grid_krw_mwh", 0.0, _LARGEST), ("adder_krw_mwh", 0.0, _LARGEST),
    ("excess_krw_mwh", 0.0, _LARGEST), ("excess_most", 0.0, _LARGEST),
    ("penalty_krw_mwh", 0.0, _LARGEST), ("flexible_share", 0.0, 1.0),
    ("market_krw_mwh", 0.0, _LARGEST),
)  # fmt: skip
"""Least and most of what a supply is made of; not a number is outside of all."""


@dataclass(frozen=True, eq=False)
class PtdfNetwork:
    """DC power flow in PTDF form: L branches, N buses of one synchronous area.

    Wood and Wollenberg, Power Generation, Operation, and Control.

    Attributes
    ----------
    ptdf : ndarray, shape (L, N)
        Shift factors.
    base_mw : ndarray, shape (H, L)
        Flow of each hour with all that is fixed: demand, shunts, phase shifts, available sun and
        wind.
    limit_mw : ndarray, shape (H, L)
        Most MW either way.
    lodf : ndarray, shape (L, L), optional
        What the outage of each branch puts on each other one, 0 in the column of an outage that
        is not considered. Limits then hold after single outages too (N-1).
    today_mw : ndarray, shape (H, L), optional
        Flows of the cheapest dispatch without load: what an outage already causes in them is no
        breach of a limit. Without it limits after outages are raised as those before them.
    """

    ptdf: Floats
    base_mw: Floats
    limit_mw: Floats
    lodf: Floats | None = None
    today_mw: Floats | None = None

    @cached_property
    def considered(self) -> Bools:
        """(L,) whether the outage of a branch is considered."""
        if self.lodf is None:
            return np.zeros(len(self.ptdf), dtype=np.bool_)
        return np.asarray(self.lodf.any(axis=0))


@dataclass(frozen=True, eq=False)
class Fleet:
    """Dispatchable units and DC lines: U of them, units of one bus and fuel together or apart.

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
    """Data of the program: H hours, N buses, K sources, Z zones of curtailment, S storages.

    Attributes
    ----------
    weight_h : ndarray, shape (H,)
        Hours of the year that each hour represents; whole days of 24 hours, one after the other.
    demand_mw : ndarray, shape (H,)
        Demand of the country beside the loads, shunts included.
    available_mw : ndarray, shape (H, Z)
        Sun and wind that run today, by zone.
    zone_share : ndarray, shape (Z, N)
        How a zone's curtailment is spread over its buses; each row adds up to 1.
    fleet : Fleet
        Units and DC lines.
    source_name : ndarray of str, shape (K,)
        Name of each source.
    source_zone : ndarray of int, shape (K,)
        Zone that its output can be curtailed in.
    source_share : ndarray, shape (K, N)
        How its output is spread over the buses.
    source_runs : ndarray of bool, shape (K,)
        Whether its plants run today already: then ``available_mw`` holds their output, a contract
        is a claim alone, and what the country curtails is not taken off it.
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
    penalty_krw_mwh : float
        Penalty for each MWh below the target and each MWh above a flow limit; far above any
        price. The last MWh of a target of 100 % may cost more than a MWh of storage a year, filled
        for one lull: below a few times ``storage_krw_mwh_year`` a shortfall would be cheaper.
    network : PtdfNetwork, optional
        Flow limits; none for a copper plate, on which all buses are one.
    market_krw_mwh : ndarray, shape (H,), optional
        What the next MWh of the country costs in each hour (merit order without a network). With
        it the program counts redispatch: fuel beyond what the net import costs at these prices.
        Without it fuel costs do not count.
    day_order : ndarray of int, shape (days of the year,), optional
        Index of the typical day that stands for each day of the year, in order; then storage
        carries over from day to day, around the year, and ``weight_h`` of a typical day is the
        number of days that it stands for. Without it the level of storage is the same at both
        ends of each typical day.
    flexible_share : float
        Share of the load, 0 to 1, by which it may fall and rise in any hour; the load's energy
        of each day is kept.
    flexible_between : bool
        Whether load may shift between buses too: then the energy of each day is kept over all
        buses together, not at each.
    """

    weight_h: Floats
    demand_mw: Floats
    available_mw: Floats
    zone_share: Floats
    fleet: Fleet
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
    penalty_krw_mwh: float
    groups: dict[str, tuple[Ints, float]] = field(default_factory=dict)
    network: PtdfNetwork | None = None
    market_krw_mwh: Floats | None = None
    day_order: Ints | None = None
    flexible_share: float = 0.0
    flexible_between: bool = False

    @property
    def hours(self) -> int:
        """Number of hours."""
        return len(self.weight_h)

    def __post_init__(self) -> None:
        """Refuse what no program can be made of.

        Raises
        ------
        LayerError
            If a shape does not fit, a value is not a number or outside of its range, a source
            has no price, or the days of the year are not those that the hours have weights for.
        """
        self._check_shapes()
        self._check_ranges()
        if self.day_order is not None:
            self._check_days(self.day_order)
        if self.flexible_share > 0:
            self._check_weights()

    def _check_shapes(self) -> None:
        hours, sources = len(self.weight_h), len(self.source_name)
        zones, buses = self.zone_share.shape
        wanted: dict[str, tuple[int, ...]] = {
            "weight_h": (hours,), "demand_mw": (hours,), "available_mw": (hours, zones),
            "source_zone": (sources,), "source_share": (sources, buses), "source_runs": (sources,),
            "source_yield": (hours, sources), "source_krw_mwh": (sources,),
            "source_most_mw": (sources,), "storage_share": (len(self.storage_share), buses),
            "grid_clean": (hours,),
        }  # fmt: skip
        if self.market_krw_mwh is not None:
            wanted["market_krw_mwh"] = (hours,)
        found = {name: getattr(self, name).shape for name in wanted}
        if self.network is not None:
            branches = len(self.network.ptdf)
            wanted |= {
                "ptdf": (branches, buses),
                "base_mw": (hours, branches),
                "limit_mw": (hours, branches),
            }
            if self.network.lodf is not None:
                wanted["lodf"] = (branches, branches)
            if self.network.today_mw is not None:
                wanted["today_mw"] = (hours, branches)
            names = wanted.keys() - found.keys()
            found |= {name: getattr(self.network, name).shape for name in names}
        for name, shape in wanted.items():
            if found[name] != shape:
                raise LayerError(f"clean supply: {name} has shape {found[name]}; {shape} is needed")
        if hours == 0 or hours % DAY_H:
            raise LayerError(
                f"clean supply: {hours} hours are no whole days; a multiple of {DAY_H} is needed"
            )

    def _check_ranges(self) -> None:
        for name, least, most in _RANGES:
            value = getattr(self, name)
            if value is not None:
                self._check_range(name, np.asarray(value, dtype=np.float64), least, most)
        zones, buses = self.zone_share.shape
        for name, value, most in (
            ("source_zone", self.source_zone, zones), ("fleet.bus", self.fleet.bus, buses),
        ):  # fmt: skip
            self._check_range(name, value.astype(np.float64), 0.0, most - 1.0)
        for name in ("zone_share", "source_share", "storage_share"):
            sums = getattr(self, name).sum(axis=1)
            if not np.allclose(sums, 1.0):
                row = int(np.abs(sums - 1.0).argmax())
                raise LayerError(
                    f"clean supply: {name} of row {row} adds up to {sums[row]:g}; 1 is needed"
                )

    def _check_days(self, day_order: Ints) -> None:
        """Raise an error where a typical day has another weight than the days it stands for."""
        days = self.hours // DAY_H
        self._check_range("day_order", day_order.astype(np.float64), 0.0, days - 1.0)
        count = np.bincount(day_order, minlength=days)
        wrong = np.flatnonzero(~np.isclose(self.weight_h, np.repeat(count, DAY_H)))
        if len(wrong):
            hour, day = int(wrong[0]), int(wrong[0]) // DAY_H
            raise LayerError(
                f"clean supply: weight_h [{hour}] is {self.weight_h[hour]:g}; {count[day]}, the "
                f"days of day_order that typical day {day} stands for, is needed"
            )

    def _check_weights(self) -> None:
        """Raise an error where hours of a day weigh differently: no energy of a day is kept then."""
        by_day = self.weight_h.reshape(-1, DAY_H)
        wrong = np.flatnonzero(~np.isclose(by_day, by_day[:, :1]).ravel())
        if len(wrong):
            hour = int(wrong[0])
            raise LayerError(
                f"clean supply: weight_h [{hour}] is {self.weight_h[hour]:g}; "
                f"{by_day[hour // DAY_H, 0]:g}, as in the first hour of its day, is needed for "
                "load that shifts within the day"
            )

    def _check_range(self, name: str, value: Floats, least: float, most: float) -> None:
        """Raise an error that names the first value outside of a range, by hour and source."""
        wrong = np.argwhere(~((value >= least) & (value <= most)))
        if not len(wrong):
            return
        at = tuple(int(place) for place in wrong[0])
        where = f" {list(at)}" if at else ""
        if name.startswith("source_"):
            where = f" of {self.source_name[at[-1]]}"
            where += f", hour {at[0] + 1}" if len(at) > 1 else ""
        raise LayerError(
            f"clean supply: {name}{where} is {float(value[at]):g}; a value from {least:g} to "
            f"{most:g} is needed"
        )
